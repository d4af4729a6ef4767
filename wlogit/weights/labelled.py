"""An outcome of any number of labels, in an order of their own."""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wlogit._typing import AnyArray, Array, BoolArray, IntArray
from wlogit.errors import OutcomeError
from wlogit.weights.columns import as_floats, column_kind, listed, read_columns, row_name
from wlogit.weights.outcome import called, observed_labels

# Distinct numbers from which they are a measurement, not labels.
MANY = 100


@dataclass(frozen=True, slots=True)
class LabelledOutcome:
    """What happened in each row.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
        Position of the label; -1 where missing.
    labels : tuple
        The labels that occur, in categorical or sorted order; the first is the reference.
    name : str or None
        Column it came from.
    """

    codes: IntArray
    labels: tuple[Hashable, ...]
    name: str | None = None

    @property
    def missing(self) -> BoolArray:
        """Rows without an outcome."""
        return np.asarray(self.codes < 0)

    @property
    def values(self) -> Array:
        """The codes as numbers."""
        return self.codes.astype(np.float64)

    @property
    def called(self) -> str:
        """How messages name the outcome."""
        return called(self.name)

    def take(self, rows: AnyArray | slice) -> "LabelledOutcome":
        """The outcome of some rows."""
        return replace(self, codes=self.codes[rows])


def read_labels(
    endog: object, *, name: str | None = None, index: pd.Index | None = None
) -> LabelledOutcome:
    """Read a column of labels: text, numbers, booleans or categories.

    Parameters
    ----------
    endog : Series, array or list
    name : str, optional
        By default the name of the column.
    index : Index, optional
        Row labels for messages; by default those of `endog`.

    Raises
    ------
    OutcomeError
        More than one column, no rows, one label, dates, or numbers that are a measurement.
    """
    table = read_columns(endog, "endog", OutcomeError)
    if len(table.columns) != 1:
        raise OutcomeError(
            f"endog has {len(table.columns)} columns; a multinomial logit needs one column that "
            "holds the labels. Counts of labels go in one row each, with freq_weights=."
        )
    if table.n_rows == 0:
        raise OutcomeError("endog is empty; a fit needs rows.")
    column = table.columns[0]
    if name is None and column.name is not None:
        name = str(column.name)
    kind = column_kind(column)
    if kind in ("complex", "date"):
        held = "complex numbers" if kind == "complex" else "dates or times"
        raise OutcomeError(f"{called(name)} holds {held}; a multinomial logit needs labels.")
    infinite = np.flatnonzero(np.isinf(as_floats(column))) if kind == "number" else np.zeros(0)
    if infinite.size:
        row = row_name(table.index if index is None else index, int(infinite[0]))
        raise OutcomeError(f"{called(name)} is infinite in row {row}; a label must be finite.")
    codes, labels = observed_labels(column, kind)
    used, position = np.unique(codes[codes >= 0], return_inverse=True)
    codes = codes.copy()
    codes[codes >= 0] = position
    labels = [bool(labels[i]) if kind == "boolean" else labels[i] for i in used]
    if kind == "number" and len(labels) > MANY:
        raise OutcomeError(
            f"{called(name)} has {len(labels)} different numbers, which are no labels of a "
            "multinomial logit; group them first."
        )
    if len(labels) < 2:
        has = f"only the label {listed(labels)}" if labels else "no labels"
        raise OutcomeError(f"{called(name)} has {has}; a logit needs at least two.")
    return LabelledOutcome(codes, tuple(labels), name)
