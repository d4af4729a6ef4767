"""From rows as read to the rows of a fit: design, outcome and weights of one chunk."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array, IntArray
from wlogit.errors import DesignError, WeightError
from wlogit.inputs import Table, complete_rows
from wlogit.rows import Rows
from wlogit.streaming.formula import FormulaReader
from wlogit.streaming.levels import plain_labels
from wlogit.streaming.sources import Piece, Places
from wlogit.streaming.units import UnitReader
from wlogit.weights.outcome import Outcome
from wlogit.weights.resolve import check_each_weight, shared, sorts_of_cases, whole_numbers
from wlogit.weights.weights import Weights

_ONE = np.ones(())
_NO_UNITS = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """The complete rows of a piece, as the sums read them.

    Attributes
    ----------
    values : ndarray, shape (n, k)
        The design.
    outcome : Outcome
    frequency, sampling : ndarray, shape (n,) or ()
    offset : ndarray, shape (n,) or None
    groups : mapping
        From each column of clusters to the code of the cluster of each row, shape (n,).
    units : ndarray of int, shape (n,) or (0,)
        Entry of each row in the table of sampling units, where it is asked for.
    places : Places
        Of these rows.
    number : int or tuple of int
        Of the piece.
    dropped : mapping
        Rows left out, by cause.
    """

    values: Array
    outcome: Outcome
    frequency: Array
    sampling: Array
    offset: Array | None
    groups: Mapping[Any, IntArray]
    units: IntArray
    places: Places
    number: int | tuple[int, int]
    dropped: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.values)

    def weights(self, known: Weights) -> Weights:
        """Weights of these rows, with the totals and class weights of all rows.

        Parameters
        ----------
        known : Weights
            Of the fit, without cases.
        """
        cases = sorts_of_cases(self.outcome, self.frequency, self.sampling, known.factors)
        return replace(known, n_rows=len(self), cases=cases, shares=self.outcome.values)

    @property
    def present(self) -> Array:
        """One for each row that stands for a case, zero for the others; shape (n,)."""
        weight = self.frequency * self.sampling * self.outcome.trials
        return np.asarray(np.broadcast_to(weight > 0.0, (len(self),)), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class ChunkReader:
    """Makes chunks of pieces; picklable.

    Attributes
    ----------
    formula : FormulaReader
    roles : mapping
        Columns of "freq_weights", "sampling_weights" and "offset", where there are any.
    groups : mapping
        From each column of clusters to its distinct labels.
    missing : "drop" or "raise"
    kept : tuple of int or None
        Columns of the design that are fitted; None for all.
    units : UnitReader or None
        What finds the sampling unit of each row, where it is asked for.
    """

    formula: FormulaReader
    roles: Mapping[str, Any]
    groups: Mapping[Any, pd.Index] = field(default_factory=dict)
    missing: str = "drop"
    kept: tuple[int, ...] | None = None
    units: UnitReader | None = None

    @property
    def columns(self) -> tuple[Any, ...]:
        """What has to be read."""
        units = () if self.units is None else self.units.columns
        names = [*self.formula.columns, *self.roles.values(), *self.groups, *units]
        return tuple(dict.fromkeys(names))

    def __call__(self, piece: Piece) -> Chunk:
        """The complete rows of a piece."""
        places: Any = piece.places
        frame = piece.frame.set_axis(pd.RangeIndex(len(piece.frame)), axis=0)
        read = self.formula(frame, places)
        rows = Rows(len(frame), places, frame)
        on_rows = {
            role: rows.numbers(name, role, ValueError if role == "offset" else WeightError)
            for role, name in self.roles.items()
        }
        table = Table(read.design, None, self.formula.names)
        inputs = complete_rows(read.outcome, table, rows, on_rows.get("offset"), self.missing)
        kept = inputs.rows
        values = inputs.table.values
        units = _NO_UNITS if self.units is None else kept.take(self.units(frame))
        return Chunk(
            values if self.kept is None else values[:, list(self.kept)],
            inputs.outcome,
            _checked(kept, on_rows.get("freq_weights"), "freq_weights"),
            self._sampling(kept, on_rows.get("sampling_weights"), units),
            inputs.offset,
            {name: self._codes(name, kept, frame) for name in self.groups},
            units,
            places if kept.kept is None else places[kept.kept],
            piece.number,
            inputs.dropped,
        )

    def _sampling(self, rows: Rows, given: Array | None, units: IntArray) -> Array:
        """Sampling weights from a column, or as they follow from the design."""
        if self.units is not None and self.units.weights is not None:
            return shared(self.units.weights[units])
        return _checked(rows, given, "sampling_weights")

    def _codes(self, name: Any, rows: Rows, frame: pd.DataFrame) -> IntArray:
        """The cluster of each row of the fit."""
        codes = rows.take(self.groups[name].get_indexer(pd.Index(plain_labels(frame[name]))))
        absent = rows.take(frame[name].isna().to_numpy())
        missing, unseen = np.flatnonzero(absent), np.flatnonzero((codes < 0) & ~absent)
        if unseen.size:
            raise DesignError(
                f"column {name!r} has another cluster in row {rows.name(int(unseen[0]))} than when "
                "the clusters were read; the data must stay the same while they are read."
            )
        if missing.size:
            raise DesignError(
                f"groups is missing in row {rows.name(int(missing[0]))} (column {name!r}, "
                f"{missing.size} rows around it); every row of the fit needs a cluster id."
            )
        return np.asarray(codes, dtype=np.intp)


def _checked(rows: Rows, weights: Array | None, role: str) -> Array:
    """Weights of the rows of the fit, of which some may be zero."""
    if weights is None:
        return _ONE
    kept, labels = np.asarray(rows.take(weights)), rows.labels
    check_each_weight(kept, role, labels)
    return shared(whole_numbers(kept, labels) if role == "freq_weights" else kept)


def check_columns(columns: tuple[Any, ...], roles: Mapping[str, Any]) -> None:
    """Refuse weights or an offset that are not columns of the source."""
    for role, name in roles.items():
        check_column(columns, role, name)


def check_groups(columns: tuple[Any, ...], groups: tuple[Any, ...]) -> None:
    """Refuse clusters that are not columns of the source."""
    for name in groups:
        check_column(columns, "groups", name)


def check_column(columns: tuple[Any, ...], role: str, name: Any) -> None:
    """Refuse what is not the name of a column of the source."""
    if not isinstance(name, str):
        raise DesignError(
            f"{role} must be the name of a column for rows that are read in chunks, not of type "
            f"{type(name).__name__}."
        )
    if name not in columns:
        raise DesignError(
            f"{role}={name!r} is not a column of the source; its columns are "
            f"{', '.join(map(str, columns[:10]))}{', ...' if len(columns) > 10 else ''}."
        )
