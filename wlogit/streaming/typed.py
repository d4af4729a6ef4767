"""The columns of a formula in the types that they have over all rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wlogit.errors import DesignError
from wlogit.formula.columns import converted_column, widened
from wlogit.streaming.sources import Piece
from wlogit.weights.columns import shorten


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """Reads some columns of a piece; picklable.

    Attributes
    ----------
    columns : tuple
    levels : mapping
        The levels of every column of text or categories.
    """

    columns: tuple[Any, ...]
    levels: Mapping[Any, pd.CategoricalDtype]

    def __call__(self, piece: Piece) -> dict[Any, "pd.Series[Any]"]:
        """The columns of the rows of a piece, numbered from 0."""
        frame = piece.frame.set_axis(pd.RangeIndex(len(piece.frame)), axis=0)
        return with_levels(frame, self.columns, self.levels, piece.places)


def with_levels(
    frame: pd.DataFrame,
    columns: tuple[Any, ...],
    levels: Mapping[Any, pd.CategoricalDtype],
    places: Any,
) -> dict[Any, "pd.Series[Any]"]:
    """The columns of a formula in the types that they have over all rows.

    Raises
    ------
    DesignError
        An entry that is none of the levels, or text in a column of numbers.
    """
    typed = {}
    for name in columns:
        column = frame[name]
        if name in levels:
            typed[name] = _coded(name, column, levels[name], places)
            continue
        dtype = column.dtype
        if pd.api.types.is_object_dtype(dtype) and not column.notna().any():
            # Nothing says what it would hold; in other pieces it holds numbers.
            column = pd.Series(np.nan, column.index)
        else:
            column = converted_column(column)
            if isinstance(column.dtype, pd.CategoricalDtype):
                _refuse_entry(name, column, column.notna().to_numpy(), places)
        typed[name] = widened(column)
    return typed


def _coded(
    name: Any, column: "pd.Series[Any]", levels: pd.CategoricalDtype, places: Any
) -> "pd.Series[Any]":
    """A column as one of categories, those of all rows."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        coded = column.array.set_categories(levels.categories, ordered=False)
    else:
        codes = levels.categories.get_indexer(pd.Index(column))
        coded = pd.Categorical.from_codes(codes, dtype=levels)
    unseen = coded.codes < 0
    if unseen.any():
        _refuse_entry(name, column, unseen & column.notna().to_numpy(), places)
    return pd.Series(coded)


def _refuse_entry(name: Any, column: "pd.Series[Any]", wrong: Any, places: Any) -> None:
    rows = np.flatnonzero(wrong)
    if not rows.size:
        return
    row = int(rows[0])
    raise DesignError(
        f"{name!r} is {shorten(column.iloc[row])} in row {places[row]!r}, which no row was when "
        "its levels were read; a column must be of one kind, and stay the same while it is read."
    )
