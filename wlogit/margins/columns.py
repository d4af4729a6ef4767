"""Effects of the columns of a design, as statsmodels' `DiscreteMargins` takes them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.inference.margins import (
    ChangedDesign,
    Contrast,
    Effect,
    weighted_mean,
    weighted_median,
)
from wlogit.margins.request import MarginRequest


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Rows that effects are taken at.

    Attributes
    ----------
    design : ChangedDesign
    offset : ndarray, shape (n,), or float
    mass : ndarray, shape (n,)
    """

    design: ChangedDesign
    offset: Array | float
    mass: Array


@dataclass(frozen=True, slots=True, eq=False)
class ColumnKinds:
    """Which columns vary, and which of them are 0/1 or counts; on the rows with mass.

    Attributes
    ----------
    varying : ndarray of bool, shape (k,)
    dummies, counts : ndarray of int
    """

    varying: BoolArray
    dummies: IntArray
    counts: IntArray

    @classmethod
    def of(cls, design: Array, mass: Array) -> "ColumnKinds":
        """Look at each column of the rows with mass, shape (n, k)."""
        return cls.between(*ranges(design, mass))

    @classmethod
    def between(cls, low: Array, high: Array, whole: BoolArray) -> "ColumnKinds":
        """From what `ranges` finds."""
        dummies = whole & (low == 0.0) & (high == 1.0)
        counts = whole & (low >= 0.0) & (low != high) & ~dummies
        return cls(low != high, np.flatnonzero(dummies), np.flatnonzero(counts))


def ranges(design: Array, mass: Array) -> tuple[Array, Array, BoolArray]:
    """Smallest and largest entry of each column, and if all are whole; on the rows with mass.

    Parameters
    ----------
    design : ndarray, shape (n, k)
    mass : ndarray, shape (n,)
    """
    rows = mass > 0.0
    inside = design if rows.all() else design[rows]
    low, high = inside.min(axis=0, initial=np.inf), inside.max(axis=0, initial=-np.inf)
    return low, high, np.array([bool(np.all(column % 1.0 == 0.0)) for column in inside.T])


def place(model: Any, mass: Array, at: str, atexog: Any, constant: BoolArray) -> Place:
    """The rows that are asked for.

    Parameters
    ----------
    model : WeightedLogit
    mass : ndarray, shape (n,)
    at : {"overall", "all", "mean", "median", "zero"}
        Means and medians are weighted by mass. At zero the columns that do not vary keep their
        value, and so do those of `atexog`.
    atexog : mapping or ndarray, optional
        Values of columns, by position or name; or of all columns.
    constant : ndarray of bool, shape (k,)
        Columns that do not vary.

    Raises
    ------
    ValueError
        A column that is not there, or the wrong number of values.
    """
    offset = offset_of(model)
    columns, values = given_columns(list(model.exog_names), len(mass), atexog)
    design = ChangedDesign(np.asarray(model.exog, dtype=np.float64), columns, values)
    if at in ("overall", "all"):
        return Place(design, offset, mass)
    offsets = np.broadcast_to(np.asarray(offset), mass.shape)
    summarize = weighted_median if at == "median" else _mean
    row, usual = np.zeros(len(constant)), 0.0
    if at == "zero":
        row[constant] = model.exog[np.argmax(mass), constant]
    else:
        for j in range(len(row)):
            column = np.broadcast_to(design.column(j), mass.shape)
            row[j] = summarize(column, mass)
        usual = summarize(offsets, mass)
    for j, column in zip(columns, values.T, strict=True):
        if at == "zero":
            row[j] = _mean(np.broadcast_to(column, mass.shape), mass)
    return Place(ChangedDesign(row[np.newaxis, :]), usual, np.ones(1))


def offset_of(model: Any) -> Array | float:
    """The offset of the rows of a model; zero without one."""
    offset = getattr(model, "offset", None)
    return 0.0 if offset is None else offset


def _mean(values: Array, mass: Array) -> float:
    return float(weighted_mean(values, mass))


def given_columns(names: list[Any], n: int, atexog: Any) -> tuple[IntArray, Array]:
    """Columns that are replaced, and by what.

    Parameters
    ----------
    names : list
        Of the columns.
    n : int
        Rows.
    atexog : mapping or ndarray, optional
    """
    k = len(names)
    if atexog is None:
        atexog = {}
    if isinstance(atexog, np.ndarray):
        values = np.atleast_2d(np.asarray(atexog, dtype=np.float64))
        if values.shape[1] != k or len(values) not in (1, n):
            raise ValueError(
                f"atexog has shape {values.shape}; it needs a value for each of the {k} columns, "
                f"in one row or in {n} rows."
            )
        return np.arange(k, dtype=np.intp), values
    if not isinstance(atexog, Mapping):
        raise ValueError(  # noqa: TRY004  as statsmodels' callers expect
            "atexog must be a dictionary from columns, by position or name, to values."
        )
    columns = [_position(names, key) for key in atexog]
    given = [_column_values(key, value, n) for key, value in atexog.items()]
    longest = max((len(value) for value in given), default=1)
    values = np.zeros((longest, len(columns)))
    for j, value in enumerate(given):
        values[:, j] = value
    return np.array(columns, dtype=np.intp), values


def _position(names: list[Any], key: Any) -> int:
    if isinstance(key, int | np.integer) and -len(names) <= key < len(names):
        return int(key) % len(names)
    if key in names:
        return names.index(key)
    raise ValueError(f"atexog has {key!r}, which is no column of the design: {names}.")


def _column_values(key: Any, value: Any, n: int) -> Array:
    values = np.atleast_1d(np.asarray(value, dtype=np.float64))
    if values.shape not in ((1,), (n,)):
        raise ValueError(
            f"atexog has {values.size} values for {key!r}; give one, or one for each of {n} rows."
        )
    return values


def changed(design: ChangedDesign, j: int, value: Array) -> ChangedDesign:
    """A design with one more column replaced."""
    others = design.columns != j
    kept = design.values[:, others]
    rows = max(len(kept), len(value))
    values = np.empty((rows, kept.shape[1] + 1))
    values[:, :-1], values[:, -1] = kept, value
    return ChangedDesign(design.base, np.append(design.columns[others], j), values)


@dataclass(frozen=True, slots=True, eq=False)
class VaryingColumns:
    """The columns of a design that are not constant, and how their effects are taken.

    Attributes
    ----------
    names : list of str
    columns : ndarray of int
    where : Place
    method : {"dydx", "eyex", "dyex", "eydx"}
    dummies, counts : ndarray of int or None
        Columns of 0/1, and of counts, whose changes are discrete.
    """

    names: list[str]
    columns: IntArray
    where: Place
    method: str
    dummies: IntArray | None
    counts: IntArray | None

    @classmethod
    def of(cls, model: Any, mass: Array, request: MarginRequest) -> "VaryingColumns":
        """Of a model, on its rows with mass.

        Parameters
        ----------
        model : WeightedLogit or WeightedMNLogit
        mass : ndarray, shape (n,)
        request : MarginRequest
        """
        kinds = ColumnKinds.of(np.asarray(model.exog, dtype=np.float64), mass)
        columns = np.flatnonzero(kinds.varying)
        return cls(
            names=[str(model.exog_names[j]) for j in columns],
            columns=columns,
            where=place(model, mass, request.at, request.atexog, ~kinds.varying),
            method=request.method,
            dummies=kinds.dummies if request.dummy and kinds.dummies.size else None,
            counts=kinds.counts if request.count and kinds.counts.size else None,
        )

    @property
    def of_logarithm(self) -> bool:
        """Whether effects are on the logarithm of a probability."""
        return self.method.startswith("ey")

    def effects(
        self,
        slope: Callable[[int, Array | float], Effect],
        prediction: Callable[[ChangedDesign], Effect],
    ) -> Iterator[Effect]:
        """The effect of each column.

        Parameters
        ----------
        slope : callable
            The derivative in a column, times a factor, of the rows of `where`.
        prediction : callable
            The prediction of the rows of another design.
        """
        design, elasticity = self.where.design, self.method.endswith("ex")
        for j in self.columns.tolist():
            change = self._change(j)
            if change is None:
                yield slope(j, design.column(j) if elasticity else 1.0)
                continue
            lower, upper, divisor = change
            low, high = (prediction(changed(design, j, value)) for value in (lower, upper))
            yield Contrast(high, low, divisor)

    def _change(self, j: int) -> tuple[Array, Array, float] | None:
        """Ends of a discrete change of a column, and what the difference is divided by."""
        if self.dummies is not None and j in self.dummies:
            return np.zeros(1), np.ones(1), 1.0
        if self.counts is not None and j in self.counts:
            own = self.where.design.column(j)
            return own - 1.0, own + 1.0, 2.0
        return None
