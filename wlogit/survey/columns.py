"""Columns of a survey design, by name or as arrays, put in step with its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit.errors import DesignError, WeightError
from wlogit.weights.align import Labels, align_column, align_labels
from wlogit.weights.columns import read_columns, row_name


@dataclass(frozen=True, slots=True, eq=False)
class DesignRows:
    """The rows that a design describes.

    Attributes
    ----------
    n_rows : int
    index : Index or None
        Their labels; None for plain arrays.
    frame : DataFrame or None
        Where columns are looked up by name.
    counts : ndarray, shape (n,), or None
        How many rows of the data each of them stands for; None for one.
    """

    n_rows: int
    index: pd.Index | None
    frame: pd.DataFrame | None
    counts: Array | None = None

    @classmethod
    def of(cls, data: Any, columns: Sequence[Any]) -> "DesignRows":
        """Rows of a table, or of the first of some columns.

        Parameters
        ----------
        data : DataFrame, mapping of columns, anything with ``to_pandas``, or None
        columns : sequence
            What the design was given besides, None for what it was not.

        Raises
        ------
        DesignError
            Neither a table nor a column, or names without a table.
        """
        if data is not None:
            if hasattr(data, "to_pandas"):
                data = data.to_pandas()
            frame = pd.DataFrame(data, copy=False) if not isinstance(data, pd.DataFrame) else data
            # Shallow: a later sort or a new column of the user's frame does not reach it.
            return cls(len(frame), frame.index, frame.copy(deep=False))
        given = [column for column in columns if column is not None]
        names = [column for column in given if isinstance(column, str)]
        if names:
            raise DesignError(
                f"{names[0]!r} names a column, but there is no table to find it in: pass the table "
                "first, SurveyDesign(data, ...)."
            )
        tables = [read_columns(column, "design", DesignError) for column in given]
        if not tables:
            raise DesignError("a design needs data, or arrays of weights, strata, psu or fpc.")
        labeled = [table.index for table in tables if table.index is not None]
        return cls(tables[0].n_rows, labeled[0] if labeled else None, None)

    def name(self, row: int) -> str:
        """How a message names a row, by its label."""
        return row_name(self.index, row)

    def labels(self, value: Any, role: str) -> Labels:
        """Labels of the rows, as codes.

        Raises
        ------
        DesignError
            A row has none.
        """
        found = self.any_labels(value, role)
        missing = np.flatnonzero(found.codes < 0)
        if missing.size:
            self._refuse_missing(role, missing)
        return found

    def any_labels(self, value: Any, role: str) -> Labels:
        """Labels of the rows, as codes; -1 where missing."""
        return align_labels(value, role=role, error=DesignError, **self._place())

    def numbers(self, value: Any, role: str, error: type[ValueError] = DesignError) -> Array:
        """Numbers of the rows, none missing.

        Raises
        ------
        DesignError or WeightError
            A row has none.
        """
        numbers = self.any_numbers(value, role, error)
        missing = np.flatnonzero(np.isnan(numbers))
        if missing.size and error is not WeightError:
            self._refuse_missing(role, missing)
        return numbers

    def any_numbers(self, value: Any, role: str, error: type[ValueError] = DesignError) -> Array:
        """Numbers of the rows, NaN where missing."""
        return align_column(value, role=role, error=error, **self._place())

    def _place(self) -> dict[str, Any]:
        return {"frame": self.frame, "index": self.index, "n_rows": self.n_rows}

    def _refuse_missing(self, role: str, missing: Any) -> None:
        count = missing.size if self.counts is None else int(self.counts[missing].sum())
        raise DesignError(
            f"{role} is missing in row {self.name(int(missing[0]))} ({count} rows in all); "
            "every row of a design has one. Rows with missing outcomes or covariates may stay: "
            "they count as outside the domain."
        )


def per_stage(value: Any, n_rows: int, *, numbers: bool = False) -> list[Any]:
    """What was given for each stage: a list of columns, or the columns of a table; one otherwise.

    Parameters
    ----------
    value : column name, array_like, table, number, list of these, or None
    n_rows : int
        A list of this length is one column.
    numbers : bool
        Whether a stage may have one number for all rows.
    """
    if value is None:
        return []
    if isinstance(value, pd.DataFrame):
        return [value.iloc[:, j] for j in range(value.shape[1])]
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return list(value.T)
    is_list = isinstance(value, list | tuple) and len(value) != n_rows
    if is_list and (numbers or any(isinstance(one, str) or np.ndim(one) > 0 for one in value)):
        return list(value)
    return [value]


def name_of(value: Any) -> str | None:
    """The name that a column was given by, or has."""
    if isinstance(value, str):
        return value
    name = getattr(value, "name", None)
    return None if name is None else str(name)


def is_scalar(value: Any) -> bool:
    """Whether one number was given for all rows."""
    return isinstance(value, Real) and not isinstance(value, bool)
