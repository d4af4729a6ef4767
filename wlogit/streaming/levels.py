"""What has to be known of all rows before one can be read: levels, labels and their number."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from wlogit.errors import OutcomeError
from wlogit.streaming.sources import Piece
from wlogit.weights.columns import column_kind
from wlogit.weights.outcome import Outcome, OutcomeKind, called, read_outcome

# Distinct labels of an outcome beyond which no more are collected: it has too many in any case.
_MANY = 100


@dataclass(slots=True)
class Levels:
    """The levels of one column over all pieces.

    Attributes
    ----------
    declared : Index or None
        Categories, as long as all pieces declare the same ones.
    found : dict
        Distinct entries that are not missing, in order of appearance.
    """

    declared: pd.Index | None = None
    found: dict[Any, None] = field(default_factory=dict)
    differing: bool = False
    floating: bool = False

    def add(self, column: "pd.Series[Any]") -> None:
        """Take in the entries of one piece."""
        if isinstance(column.dtype, pd.CategoricalDtype):
            categories = column.cat.categories
            if self.declared is None and not self.found:
                self.declared = categories
            elif self.declared is None or not categories.equals(self.declared):
                self.differing = True
            codes = pd.unique(column.cat.codes.to_numpy())
            self.found.update(dict.fromkeys(categories[codes[codes >= 0]].tolist()))
            return
        entries = pd.unique(column.dropna())
        if self.declared is not None:
            self.differing = self.differing or len(entries) > 0
        # A whole number has another name among fractions or beside missing entries.
        masked = pd.api.types.is_integer_dtype(column.dtype) and column.hasnans
        self.floating = self.floating or column.dtype.kind == "f" or masked
        self.found.update(dict.fromkeys(np.asarray(entries).tolist()))

    def __add__(self, other: "Levels") -> "Levels":
        """Those of both, of which these came first."""
        floating = self.floating or other.floating
        if self.declared is None and not self.found:
            return Levels(other.declared, other.found, other.differing, floating)
        differing = self.differing or other.differing or self._unlike(other)
        return Levels(self.declared, {**self.found, **other.found}, differing, floating)

    def _unlike(self, other: "Levels") -> bool:
        """Whether others declare other categories, or declare none and have entries."""
        if other.declared is None:
            return self.declared is not None and bool(other.found)
        return self.declared is None or not self.declared.equals(other.declared)

    @property
    def in_order(self) -> list[Any]:
        """As declared, if that is once and for all; else sorted, if they can be."""
        if self.declared is not None and not self.differing:
            return list(self.declared)
        levels = list(self.found)
        if self.floating and all(float(level) == level for level in levels):
            levels = [float(level) for level in levels]
        try:
            return sorted(levels)
        except TypeError:
            return levels


@dataclass(slots=True)
class OutcomeLevels:
    """What the outcome is, and its labels, over all pieces.

    Attributes
    ----------
    name : str
    event : label or None
    """

    name: str
    event: Any
    kinds: set[str] = field(default_factory=set)
    labels: Levels = field(default_factory=Levels)
    plain: OutcomeKind | None = None
    boolean: bool = False

    def add(self, values: Any, places: Any) -> None:
        """Take in the outcome of one piece."""
        if isinstance(values, pd.DataFrame) or getattr(values, "ndim", 1) == 2:
            self._add_plain(values, places)
            self.kinds.add("counts")
            return
        column = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values))
        if not column.notna().any():
            return
        kind = column_kind(column)
        if self.event is None and kind in ("number", "boolean", "complex", "date"):
            self.kinds.add(kind)
            self._add_plain(values, places)
            return
        self.kinds.add("label")
        if len(self.labels.found) <= _MANY:
            self.labels.add(column)

    def _add_plain(self, values: Any, places: Any) -> None:
        outcome = read_outcome(values, event=self.event, name=self.name, index=places)
        if self.plain != "fraction":
            self.plain = outcome.kind
        self.boolean = self.boolean or outcome.labels[1] is True

    def __add__(self, other: "OutcomeLevels") -> "OutcomeLevels":
        """Those of both."""
        plain = self.plain if self.plain == "fraction" or other.plain is None else other.plain
        return OutcomeLevels(
            self.name,
            self.event,
            self.kinds | other.kinds,
            self.labels if len(self.labels.found) > _MANY else self.labels + other.labels,
            plain,
            self.boolean or other.boolean,
        )

    def reader(self) -> "OutcomeReader":
        """How the outcome of a piece is read.

        Raises
        ------
        OutcomeError
            More than two labels, or fewer; entries of different kinds.
        """
        if len(self.kinds) > 1:
            raise OutcomeError(
                f"{called(self.name)} holds "
                f"{' in some rows and '.join(f'{kind}s' for kind in sorted(self.kinds))} in "
                "others; an outcome has one kind of entry."
            )
        if self.kinds != {"label"}:
            labels: Any = (False, True) if self.boolean else (0, 1)
            return OutcomeReader(self.name, labels, self.plain or "binary", coded=False)
        known = read_outcome(self._distinct(), event=self.event, name=self.name)
        return OutcomeReader(self.name, known.labels, "binary", coded=True)

    def _distinct(self) -> "pd.Series[Any]":
        """Every label once, as a column that says what their order is."""
        levels = self.labels
        if levels.declared is not None and not levels.differing:
            return pd.Series(pd.Categorical(list(levels.declared), categories=levels.declared))
        return pd.Series(list(levels.found))


@dataclass(frozen=True, slots=True)
class OutcomeReader:
    """Reads the outcome of a piece as that of all rows is read; picklable.

    Attributes
    ----------
    name : str
    labels : tuple
        Of non-events and events.
    kind : "binary", "counts" or "fraction"
    coded : bool
        Whether the entries are labels, of which each piece may hold one only.
    """

    name: str
    labels: tuple[Any, Any]
    kind: OutcomeKind
    coded: bool

    def __call__(self, values: Any, places: Any) -> Outcome:
        """The outcome of the rows of a piece."""
        if not self.coded:
            outcome = read_outcome(values, name=self.name, index=places)
            trials = outcome.trials
            return Outcome(outcome.values, trials, self.kind, self.labels, self.name)
        column = pd.Series(np.asarray(values, dtype=object))
        codes = pd.Index(list(self.labels), dtype=object).get_indexer(column)
        values = np.where(codes < 0, np.nan, codes.astype(np.float64))
        unseen = np.flatnonzero((codes < 0) & column.notna().to_numpy())
        if unseen.size:
            row = int(unseen[0])
            raise OutcomeError(
                f"{called(self.name)} is {column[row]!r} in row {places[row]!r}, which it was not "
                "when the labels were read; the data must stay the same while they are read."
            )
        return Outcome(values, np.ones(()), "binary", self.labels, self.name)


@dataclass(frozen=True, slots=True)
class DistinctLabels:
    """The task that finds the distinct entries of a column, in order of appearance.

    Attributes
    ----------
    name : label
    """

    name: Any

    def __call__(self, piece: Piece) -> pd.Index:
        """Those of a piece."""
        return pd.Index(pd.unique(plain_labels(piece.frame[self.name]).dropna()))

    def combine(self, first: pd.Index, second: pd.Index) -> pd.Index:
        """Those of both."""
        if not len(first) or not len(second):
            return first if len(first) else second
        if first.dtype != second.dtype:
            # Of numbers of two types pandas would make floats, among which large ones collapse.
            first, second = first.astype(object), second.astype(object)
        return first.append(second).unique()


def plain_labels(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of labels without categories, which may differ from chunk to chunk."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(column.cat.categories.dtype)
    return column
