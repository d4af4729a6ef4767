"""Arrays and tables as the user passed them, checked and brought to the rows of the model."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, Self, TypeVar, cast

import numpy as np
import pandas as pd

from wlogit._typing import AnyArray, Array, BoolArray, IntArray
from wlogit.core.rowblocks import column_bounds
from wlogit.errors import DesignError, MissingValueError
from wlogit.exog import CompactExog, dense_columns, is_sparse, read_sparse, read_sparse_columns
from wlogit.rows import Rows
from wlogit.weights.outcome import Outcome, read_outcome

Bounds = tuple[Array, Array]
# Columns whose largest entry lies outside have squares beyond double precision.
SMALLEST, LARGEST = 1e-140, 1e140
REFUSED_KINDS = {"c": "complex", "M": "datetime", "m": "timedelta"}


class RowOutcome(Protocol):
    """What happened in each row, as far as missing rows are concerned."""

    @property
    def missing(self) -> BoolArray:
        """Rows without an outcome."""
        ...

    def take(self, rows: AnyArray | slice) -> Self:
        """The outcome of some rows."""
        ...


OutcomeT = TypeVar("OutcomeT", bound=RowOutcome)


@dataclass(frozen=True, slots=True)
class Table:
    """The design as floats, with the labels it came with.

    Attributes
    ----------
    values : ndarray or CompactExog, shape (n, k)
        The user's own memory wherever it is already of double or single precision.
    index : Index or None
    columns : list or None
    bounds : tuple of ndarray, shape (k,), or None
        Smallest and largest entry of every column, once they are known.
    """

    values: Array
    index: pd.Index | None
    columns: list[Any] | None
    bounds: Bounds | None = None

    def take(self, positions: AnyArray) -> "Table":
        """Some of the rows."""
        index = None if self.index is None else self.index[positions]
        return replace(self, values=self.values[positions], index=index, bounds=None)

    def select(self, columns: tuple[int, ...]) -> "Table":
        """Some of the columns."""
        names = None if self.columns is None else [self.columns[j] for j in columns]
        chosen, bounds = list(columns), self.bounds
        if bounds is not None:
            bounds = bounds[0][chosen], bounds[1][chosen]
        return replace(self, values=self.values[:, chosen], columns=names, bounds=bounds)

    def measured(self) -> "Table":
        """The same table, its bounds known unless it is compact."""
        known = self.bounds is not None or self.compact is not None
        return self if known else replace(self, bounds=column_bounds(self.values))

    def dense(self) -> "Table":
        """The same table of an array.

        Raises
        ------
        NotAvailableError
            A sparse design that would be too large.
        """
        return replace(self, values=np.asarray(self.values))

    def name(self, column: int) -> str:
        """How messages call a column."""
        return f"column {self.columns[column] if self.columns is not None else column!r}"

    @property
    def compact(self) -> CompactExog | None:
        """The design, if it is no array."""
        values: object = self.values
        return values if isinstance(values, CompactExog) else None

    def as_exog(self) -> pd.DataFrame | Array:
        """What statsmodels is given: a DataFrame where there are labels, without a copy.

        Of a compact design, which the model takes over itself, the shape only.
        """
        if self.compact is not None:
            return np.broadcast_to(np.zeros(()), self.compact.shape)
        if self.columns is None:
            return self.values
        return pd.DataFrame(self.values, index=self.index, columns=self.columns, copy=False)


def read_table(exog: object) -> Table:
    """Read the covariates.

    Raises
    ------
    DesignError
        Text, dates, complex numbers or a wrong shape, naming the column.
    """
    if hasattr(exog, "to_pandas"):
        exog = exog.to_pandas()
    if isinstance(exog, pd.Series):
        exog = exog.to_frame(name=exog.name if exog.name is not None else "x1")
    if isinstance(exog, pd.DataFrame):
        columns = _flat_names(exog.columns)
        if is_sparse(exog):
            design = read_sparse_columns(exog, lambda part: _frame_values(part, list(part.columns)))
            return Table(cast("Array", design), exog.index, columns)
        return Table(_frame_values(exog, columns), exog.index, columns)
    if is_sparse(exog):
        return Table(cast("Array", read_sparse(exog)), None, None)
    values = _numbers(_filled(exog), "exog")
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim == 2 and values.shape[1] == 0:
        raise DesignError("exog has no columns; give it at least a constant.")
    if values.ndim != 2:
        raise DesignError(f"exog has {values.ndim} dimensions; it needs rows and columns.")
    return Table(values, None, None)


def _filled(values: object) -> AnyArray:
    if isinstance(values, np.ma.MaskedArray):
        return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
    try:
        return np.asarray(values)
    except ValueError as error:
        raise DesignError(f"exog is not a rectangle of numbers: {error}") from None


def _numbers(values: AnyArray, what: str) -> Array:
    if values.dtype.kind in REFUSED_KINDS:
        raise DesignError(
            f"{what} holds {REFUSED_KINDS[values.dtype.kind]} values; it needs numbers."
        )
    if values.dtype.kind in "OUS":
        if values.dtype.kind != "O" or any(isinstance(v, str | bytes) for v in values.ravel()):
            raise DesignError(
                f"{what} holds text; use a formula (categories become indicator columns there) or "
                "pandas.get_dummies."
            )
        try:
            values = np.where(pd.isna(values), np.nan, values).astype(np.float64)
        except (TypeError, ValueError) as error:
            raise DesignError(f"{what} cannot be read as numbers: {error}") from None
    # Of single precision, every block of rows is widened when it is read.
    return values if values.dtype == np.float32 else np.asarray(values, dtype=np.float64)


def _frame_values(frame: pd.DataFrame, columns: list[Any]) -> Array:
    if any(all(dtype == kind for dtype in frame.dtypes) for kind in (np.float64, np.float32)):
        return np.asarray(frame)
    values = np.empty(frame.shape)
    for j, name in enumerate(columns):
        column = frame.iloc[:, j]
        if isinstance(column.dtype, pd.CategoricalDtype):
            raise DesignError(f"column {name!r} is categorical; use a formula, where it is coded.")
        plain = not pd.api.types.is_numeric_dtype(column.dtype) or column.dtype.kind == "c"
        array = column.to_numpy() if plain else column.to_numpy(np.float64, na_value=np.nan)
        values[:, j] = _numbers(array, f"column {name!r}")
    return values


def _flat_names(columns: pd.Index) -> list[Any]:
    if isinstance(columns, pd.MultiIndex):
        return ["_".join(str(level) for level in levels if level) for levels in columns]
    return list(columns)


@dataclass(frozen=True, slots=True)
class Inputs(Generic[OutcomeT]):
    """Outcome, design and offset on the kept rows."""

    outcome: OutcomeT
    table: Table
    offset: Array | None
    rows: Rows
    dropped: dict[str, int]


def read_arrays(
    endog: object, exog: object, offset: object, event: Any, n_trials: Array | None
) -> tuple[Outcome, Table, Rows, Array | None]:
    """Read the three inputs that missing values are looked for in, on the rows as passed."""
    table = read_table(exog)
    index = common_index(endog, table)
    if n_trials is not None:
        outcome = Outcome(np.asarray(endog, dtype=np.float64), n_trials, "counts", (0, 1))
    else:
        outcome = read_outcome(endog, event=event, index=index)
    rows = rows_of(outcome.values.shape[0], table, index)
    return outcome, table, rows, rows.numbers(offset, "offset", ValueError)


def read_domain(
    endog: Any,
    exog: Any,
    offset: object,
    read: Callable[..., OutcomeT],
    domain: Callable[[Rows], BoolArray],
) -> tuple[OutcomeT, Table, Rows, Array | None]:
    """As `read_arrays`, of the rows in a domain alone; outside of it any entry will do.

    Parameters
    ----------
    endog, exog, offset
    read : callable
        Reads the outcome from its values and their row labels.
    domain : callable
        From the rows as passed to a mask, shape (n,).
    """
    table = read_table(exog)
    index = common_index(endog, table)
    rows = rows_of(len(endog), table, index)
    positions = np.flatnonzero(domain(rows))
    on_all_rows = rows.numbers(offset, "offset", ValueError)
    labels = None if index is None else index[positions]
    outcome = read(rows_at(endog, positions), index=labels)
    offset_there = None if on_all_rows is None else on_all_rows[positions]
    return outcome, table.take(positions), replace(rows, kept=positions), offset_there


def rows_at(value: Any, positions: IntArray) -> Any:
    """Some rows of a column or table of any kind.

    Parameters
    ----------
    value : DataFrame, Series, array or list
    positions : ndarray of int
    """
    if isinstance(value, pd.DataFrame | pd.Series):
        return value.iloc[positions]
    if isinstance(value, list | tuple):
        return [value[i] for i in positions]
    return value[positions] if isinstance(value, np.ndarray) else np.asarray(value)[positions]


def common_index(endog: object, table: Table) -> pd.Index | None:
    """Row labels of outcome and covariates, which must be the same where both have some."""
    index = endog.index if isinstance(endog, pd.Series | pd.DataFrame) else None
    if index is not None and table.index is not None and not index.equals(table.index):
        raise DesignError(
            "The indices for endog and exog are not aligned: give both the same row labels in the "
            "same order (endog.reindex(exog.index))."
        )
    return table.index if table.index is not None else index


def rows_of(n_rows: int, table: Table, index: pd.Index | None) -> Rows:
    """The rows of arrays, of which outcome and covariates must have the same number."""
    if table.values.shape[0] != n_rows:
        raise DesignError(
            f"endog has {n_rows} rows but exog has {table.values.shape[0]}: both need the same."
        )
    return Rows(n_rows, index)


def drop_missing(
    outcome: OutcomeT, table: Table, rows: Rows, offset: Array | None, missing: str
) -> Inputs[OutcomeT]:
    """Apply ``missing=`` to outcome, design and offset, all on the kept rows of `rows`.

    Raises
    ------
    MissingValueError
        Under ``missing="raise"``, naming the first row and column; infinite values always.
    """
    inputs = complete_rows(outcome, table, rows, offset, missing)
    if inputs.table.values.shape[0] == 0:
        causes = ", ".join(f"{count} {cause}" for cause, count in inputs.dropped.items())
        missing_here = f" (missing: {causes})" if causes else ""
        raise DesignError(
            f"no rows are left to fit: every row is missing or left out{missing_here}."
        )
    return inputs


def complete_rows(
    outcome: OutcomeT, table: Table, rows: Rows, offset: Array | None, missing: str
) -> Inputs[OutcomeT]:
    """As `drop_missing`, for a part of the rows, of which none need be complete."""
    table = table.measured()
    gone_x = missing_rows(table, rows)
    gone_y = outcome.missing
    gone_o = np.zeros(gone_y.shape, dtype=bool) if offset is None else np.isnan(offset)
    if offset is not None and np.any(np.isinf(offset)):
        row = rows.name(int(np.flatnonzero(np.isinf(offset))[0]))
        raise MissingValueError(f"offset is infinite in row {row}; it must be finite.")
    gone = gone_x | gone_y | gone_o
    if not gone.any():
        return Inputs(outcome, table, offset, rows, {})
    causes = {"outcome": gone_y, "covariates": gone_x, "offset": gone_o}
    if missing != "drop":
        _raise_missing(table, rows, causes)
    dropped, counted = {}, np.zeros(gone.shape, dtype=bool)
    for cause, mask in causes.items():
        # A row missing for several causes counts under the first.
        if new := int(np.sum(mask & ~counted)):
            dropped[cause] = new
        counted |= mask
    positions = np.flatnonzero(~gone)
    outcome, table = outcome.take(positions), table.take(positions)
    offset = None if offset is None else offset[positions]
    rows = rows.keep(~gone)
    return Inputs(outcome, table, offset, rows, dropped)


def missing_rows(table: Table, rows: Rows) -> BoolArray:
    """Rows with a missing covariate; an infinite one is an error.

    Raises
    ------
    MissingValueError
        Naming the row and column of an infinite value.
    """
    values = table.values
    gone = np.zeros(values.shape[0], dtype=bool)
    compact = table.compact
    if _all_usual(table.bounds) if compact is None else _compact_is_usual(compact):
        return gone
    for j in range(values.shape[1]):
        infinite = np.flatnonzero(np.isinf(values[:, j]))
        if infinite.size:
            row = rows.name(int(infinite[0]))
            raise MissingValueError(
                f"exog contains inf or nans: {table.name(j)} is infinite in row {row} "
                f"({infinite.size} rows in all). Take those rows out or transform the column."
            )
        gone |= np.isnan(values[:, j])
        largest = np.abs(values[~gone, j]).max(initial=0.0)
        if not (largest == 0.0 or SMALLEST < largest < LARGEST):
            raise DesignError(
                f"{table.name(j)} has values near {largest:.0e}, whose variances are beyond "
                "double precision: rescale it."
            )
    return gone


def _all_usual(bounds: Bounds | None) -> bool:
    """Whether nothing is missing, infinite, or so large or small that its square is not."""
    if bounds is None:
        return False
    largest = np.maximum(np.abs(bounds[0]), np.abs(bounds[1]))
    return bool(np.all((largest == 0.0) | (largest > SMALLEST) & (largest < LARGEST)))


def _compact_is_usual(compact: CompactExog) -> bool:
    """As `_all_usual`, of a design that is no array."""
    entries = np.abs(np.concatenate([np.ones(1), *compact.side.entry_values()]))
    usual = bool(np.all(entries < LARGEST) and entries[entries > 0.0].min() > SMALLEST)
    return usual and (not compact.dense.size or _all_usual(column_bounds(compact.dense)))


def find_constant(values: Array, bounds: Bounds | None = None) -> int | None:
    """The first column that holds one non-zero number throughout."""
    values, positions = dense_columns(values)
    low, high = column_bounds(values) if bounds is None else bounds
    constant = np.flatnonzero((low == high) & (low != 0.0))
    return int(positions[constant[0]]) if constant.size else None


def _raise_missing(table: Table, rows: Rows, causes: dict[str, BoolArray]) -> None:
    cause, mask = next((cause, mask) for cause, mask in causes.items() if mask.any())
    first = int(np.flatnonzero(mask)[0])
    where = f"the {cause}"
    if cause == "covariates":
        gone = np.flatnonzero(np.isnan(table.values[first]))
        whole = gone.size == table.values.shape[1] and gone.size > 1
        where = "exog contains inf or nans: " + (
            "a covariate" if whole else table.name(int(gone[0]))
        )
    raise MissingValueError(
        f"{where} is missing in row {rows.name(first)} ({int(mask.sum())} rows in all). "
        'Use missing="drop" to leave such rows out.'
    )
