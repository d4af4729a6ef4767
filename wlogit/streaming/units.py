"""The sampling units of rows that are read in chunks: each once, whatever the number of its rows.

A design asks of the rows which strata and units there are, how many rows they have and what weight.
All of it is in a table with one entry for each unit of the last stage, or for each stratum where
the rows themselves are the units.
"""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.errors import DesignError, WeightError
from wlogit.rows import Rows
from wlogit.streaming.levels import plain_labels
from wlogit.streaming.sources import Piece, Place
from wlogit.survey.building import AGREE
from wlogit.survey.columns import DesignRows
from wlogit.weights.resolve import check_each_weight


@dataclass(frozen=True, slots=True)
class UnitColumns:
    """Columns that tell the units of rows.

    Attributes
    ----------
    labels : tuple
        Of strata and units.
    fpc : tuple
        Of finite population corrections.
    weights : object or None
        Of sampling weights.
    """

    labels: tuple[Any, ...]
    fpc: tuple[Any, ...]
    weights: Any

    @property
    def all(self) -> tuple[Any, ...]:
        """What has to be read; the source has at least one column."""
        weights = () if self.weights is None else (self.weights,)
        return tuple(dict.fromkeys((*self.labels, *self.fpc, *weights)))


@dataclass(frozen=True, slots=True, eq=False)
class UnitTable:
    """Units in order of appearance; those of parts of the rows add up.

    Attributes
    ----------
    labels : DataFrame
        One row for each unit; where a correction varies within a unit, two.
    fpc : ndarray, shape (G, stages)
    counts, weights : ndarray, shape (G,)
        Number of the rows of a unit, and their weight.
    where, row : ndarray, shape (G,)
        File or frame, and label, of the first of these rows.
    """

    labels: pd.DataFrame
    fpc: Array
    counts: Array
    weights: Array
    where: "np.ndarray[Any, Any]"
    row: "np.ndarray[Any, Any]"

    @classmethod
    def of(cls, piece: Piece, columns: UnitColumns) -> "UnitTable":
        """The units of the rows of a piece.

        Raises
        ------
        DesignError, WeightError
            A correction or a weight that is no number, by row.
        """
        places: Any = piece.places
        n = len(piece.frame)
        rows = Rows(n, places, piece.frame)
        fpc = [np.asarray(rows.numbers(name, "fpc", DesignError)) for name in columns.fpc]
        weights = np.ones(n)
        if columns.weights is not None:
            found = rows.numbers(columns.weights, "sampling_weights", WeightError)
            weights = np.asarray(found)
            check_each_weight(weights, "sampling_weights", places)
        labels = {name: plain_labels(piece.frame[name]).array for name in columns.labels}
        return cls(
            pd.DataFrame(labels, index=pd.RangeIndex(n)),
            np.column_stack([np.zeros((n, 0)), *fpc]),
            np.ones(n),
            weights,
            np.full(n, places.where, dtype=object),
            np.asarray(places.labels),
        ).distinct()

    def __add__(self, other: "UnitTable") -> "UnitTable":
        return UnitTable(
            _joined(self.labels, other.labels),
            np.vstack([self.fpc, other.fpc]),
            np.concatenate([self.counts, other.counts]),
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.where, other.where]),
            np.concatenate([self.row, other.row]),
        ).distinct()

    def distinct(self) -> "UnitTable":
        """Every unit once, and a second time with the first correction that is not its own."""
        codes, first = _distinct(self.labels)
        kept = np.zeros(len(codes), dtype=np.bool_)
        kept[first] = True
        apart = _apart(self.fpc, self.fpc[first][codes])
        if apart.any():
            others = np.flatnonzero(apart)
            kept[others[np.unique(codes[others], return_index=True)[1]]] = True
        counts, weights = np.zeros(len(codes)), np.zeros(len(codes))
        counts[first] = np.bincount(codes, self.counts)
        weights[first] = np.bincount(codes, self.weights)
        return UnitTable(
            self.labels[kept].reset_index(drop=True),
            self.fpc[kept],
            counts[kept],
            weights[kept],
            self.where[kept],
            self.row[kept],
        )


def _joined(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Both; large numbers of two types do not become floats, among which they would collapse."""
    apart = [name for name in first.columns if first[name].dtype != second[name].dtype]
    parts = [part.astype(dict.fromkeys(apart, object)) for part in (first, second)]
    return pd.concat(parts, ignore_index=True)


def _apart(fpc: Array, own: Array) -> BoolArray:
    """Rows whose corrections are not those of the first row of their unit."""
    differ = (fpc != own) & ~(np.isnan(fpc) & np.isnan(own))
    differ[differ] = ~np.isclose(fpc[differ], own[differ], rtol=AGREE, atol=0.0)
    return np.asarray(differ.any(axis=1), dtype=np.bool_)


def _distinct(labels: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Number of the combination of each row, in order of appearance, and its first row."""
    codes = np.zeros(len(labels), dtype=np.int64)
    for name in labels.columns:
        own, levels = pd.factorize(labels[name])
        codes = np.asarray(pd.factorize(codes * (len(levels) + 1) + own + 1)[0])
    first = np.unique(codes, return_index=True)[1]
    return codes, first


@dataclass(frozen=True, slots=True, eq=False)
class UnitRows(DesignRows):
    """The entries of a table of units, named by the first of their rows.

    Attributes
    ----------
    table : UnitTable or None
    """

    table: UnitTable | None = None

    @classmethod
    def in_table(cls, table: UnitTable) -> "UnitRows":
        """All of them."""
        return cls(len(table.counts), None, table.labels, table.counts, table)

    def name(self, row: int) -> str:
        """How a message names the first row of a unit."""
        table = cast("UnitTable", self.table)
        return repr(Place(table.row[row], table.where[row]))


@dataclass(frozen=True, slots=True, eq=False)
class UnitReader:
    """Finds the unit of each row of a piece; picklable.

    Attributes
    ----------
    columns : tuple
        Of labels.
    levels : tuple of Index
        The distinct labels of each column.
    keys : tuple of ndarray of int
        After each column, the different pairs of the number before and the label, in order.
    positions : ndarray of int, shape (G,)
        Entry of the table of units for each of the last numbers.
    weights : ndarray or None
        Weight of a row of each entry, where it follows from the design.
    """

    columns: tuple[Any, ...]
    levels: tuple[pd.Index, ...]
    keys: tuple[IntArray, ...]
    positions: IntArray
    weights: Array | None = None

    @classmethod
    def of(cls, labels: pd.DataFrame, weights: Array | None = None) -> "UnitReader":
        """For the units of a table.

        Parameters
        ----------
        labels : DataFrame
        weights : ndarray or None
        """
        codes = np.zeros(len(labels), dtype=np.int64)
        levels, keys = [], []
        for name in labels.columns:
            own = pd.Index(pd.unique(labels[name]))
            pairs = codes * len(own) + own.get_indexer(pd.Index(labels[name]))
            different, codes = np.unique(pairs, return_inverse=True)
            levels.append(own)
            keys.append(np.asarray(different, dtype=np.int64))
        positions = np.unique(codes, return_index=True)[1]
        return cls(tuple(labels.columns), tuple(levels), tuple(keys), positions, weights)

    def __call__(self, frame: pd.DataFrame) -> IntArray:
        """The entry of each row.

        Raises
        ------
        DesignError
            A unit that was not there when the units were read.
        """
        codes = np.zeros(len(frame), dtype=np.int64)
        for name, levels, keys in zip(self.columns, self.levels, self.keys, strict=True):
            own = levels.get_indexer(pd.Index(plain_labels(frame[name])))
            pairs = codes * len(levels) + own
            codes = np.minimum(np.searchsorted(keys, pairs), len(keys) - 1)
            if np.any((keys[codes] != pairs) | (own < 0)):
                raise DesignError(
                    f"column {name!r} has strata or units that were not there when they were read "
                    "first; the data must stay the same while they are read."
                )
        return np.asarray(self.positions[codes], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class TakeUnits:
    """The task of reading units: what a piece adds, and how tables add up.

    Attributes
    ----------
    columns : UnitColumns
    """

    columns: UnitColumns

    def __call__(self, piece: Piece) -> UnitTable:
        """The units of a piece."""
        return UnitTable.of(piece, self.columns)

    def combine(self, first: UnitTable, second: UnitTable) -> UnitTable:
        """Those of both."""
        return first + second
