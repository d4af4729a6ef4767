"""The outcome as the user has it (labels, booleans, counts, fractions) as shares of events."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn

import numpy as np
import pandas as pd

from wlogit._typing import AnyArray, Array, BoolArray, IntArray
from wlogit.errors import OutcomeError
from wlogit.weights.columns import (
    WHOLE,
    ColumnKind,
    Columns,
    as_floats,
    coded,
    column_kind,
    listed,
    not_whole,
    plain,
    read_columns,
    row_name,
    same,
    shorten,
)
from wlogit.weights.weights import is_binary

OutcomeKind = Literal["binary", "counts", "fraction"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened in each row.

    Attributes
    ----------
    values : ndarray, shape (n,)
        y, the share of events; NaN where missing, 0.5 in a row of counts without cases.
    trials : ndarray, shape (n,) or ()
        Cases in a row of counts; one otherwise.
    kind : str
        "binary", "counts" or "fraction".
    labels : tuple
        The user's labels for non-events and events.
    name : str or None
        Column it came from.
    """

    values: Array
    trials: Array
    kind: OutcomeKind
    labels: tuple[Hashable, Hashable]
    name: str | None = None

    @property
    def missing(self) -> BoolArray:
        """Rows without an outcome."""
        return np.isnan(self.values)

    @property
    def successes(self) -> Array:
        """Events in each row; shape (n,)."""
        return np.rint(self.values * self.trials) if self.kind == "counts" else self.values

    @property
    def failures(self) -> Array:
        """Non-events in each row; shape (n,)."""
        return self.trials - self.successes

    @property
    def called(self) -> str:
        """How messages name the outcome."""
        return called(self.name)

    def take(self, rows: AnyArray | slice) -> "Outcome":
        """The outcome of some rows."""
        trials = self.trials if self.trials.ndim == 0 else self.trials[rows]
        return replace(self, values=self.values[rows], trials=trials)


def read_outcome(
    endog: object,
    *,
    event: Hashable | None = None,
    name: str | None = None,
    index: pd.Index | None = None,
) -> Outcome:
    """Read 0/1 numbers, booleans, two labels, two columns of counts, or fractions.

    Parameters
    ----------
    endog : Series, DataFrame, array or list
        Two columns are (successes, failures).
    event : label, optional
        The label that counts as the event; by default 1, True, or the last label in categorical,
        else in sorted, order. Needed for two numbers other than 0 and 1.
    name : str, optional
        By default the name of the column.
    index : Index, optional
        Row labels for messages; by default those of `endog`.
    """
    if type(endog) is np.ndarray and endog.ndim == 1 and endog.dtype.kind in "fiu" and endog.size:
        values: Array = endog.astype(np.float64)
        if event is None and is_binary(values):
            return Outcome(values, np.ones(()), "binary", (0, 1), name)
    table = read_columns(endog, "endog", OutcomeError)
    index = table.index if index is None else index
    if len(table.columns) not in (1, 2):
        raise OutcomeError(
            f"endog has {len(table.columns)} columns; give one column of outcomes, "
            "or two of counts (successes, failures)."
        )
    if table.n_rows == 0:
        raise OutcomeError("endog is empty; a fit needs rows.")
    if len(table.columns) == 2:
        if event is not None:
            raise OutcomeError(
                "event= names a label, but endog is two columns of counts; "
                "the first column counts the events."
            )
        return _counts(table, index, name)
    column = table.columns[0]
    if name is None and column.name is not None:
        name = str(column.name)
    return _one_column(column, event, index, name)


def _one_column(
    column: pd.Series, event: Hashable | None, index: pd.Index | None, name: str | None
) -> Outcome:
    kind = column_kind(column)
    if kind in ("complex", "date"):
        held = "complex numbers" if kind == "complex" else "dates or times"
        raise OutcomeError(
            f"{called(name)} holds {held}; an outcome is 0/1, two labels, counts or fractions."
        )
    if event is None and kind == "boolean":
        return Outcome(as_floats(column), np.ones(()), "binary", (False, True), name)
    if event is None and kind == "number":
        return _numbers(as_floats(column), index, name)
    codes, found = observed_labels(column, kind)
    labels = _two_labels(found, event, name)
    values = np.where(codes < 0, np.nan, (codes == found.index(labels[1])).astype(np.float64))
    return Outcome(values, np.ones(()), "binary", labels, name)


def _numbers(values: Array, index: pd.Index | None, name: str | None) -> Outcome:
    if is_binary(values) or is_binary(present := values[~np.isnan(values)]):
        return Outcome(values, np.ones(()), "binary", (0, 1), name)
    nearest = np.rint(present)
    if is_binary(nearest) and np.all(np.abs(present - nearest) <= WHOLE):
        row = int(np.flatnonzero(~np.isnan(values))[np.argmax(present != nearest)])
        raise OutcomeError(
            f"{called(name)} is {values[row].item()!r} in row {row_name(index, row)}: 0 or 1 but "
            "for rounding. Round it first, with numpy.rint."
        )
    outside = np.flatnonzero(~np.isnan(values) & ~((values >= 0.0) & (values <= 1.0)))
    if outside.size:
        _refuse_number(values, int(outside[0]), index, name)
    return Outcome(values, np.ones(()), "fraction", (0, 1), name)


def _refuse_number(values: Array, row: int, index: pd.Index | None, name: str | None) -> NoReturn:
    found = [tidy(number) for number in np.unique(values[~np.isnan(values)]).tolist()]
    if 2 < len(found) <= 5 and all(isinstance(number, int) for number in found):
        _refuse_labels(found, name)
    if len(found) == 2 and np.isfinite(found).all():
        low, high = found
        raise OutcomeError(
            f"{called(name)} has the values {low} and {high}; pass event={high} "
            f"(or event={low}) to say which one is the event."
        )
    raise OutcomeError(
        f"{called(name)} is {tidy(values[row].item())} in row {row_name(index, row)}; "
        "numbers must be 0 and 1, or fractions between them. Counts go in two columns, "
        "(successes, failures)."
    )


def observed_labels(column: pd.Series, kind: ColumnKind) -> tuple[IntArray, list[Hashable]]:
    """Codes into the labels that occur, these in categorical or sorted order; -1 if missing."""
    if kind == "category":
        codes = column.cat.codes.to_numpy().astype(np.intp)
        labels = [plain(label) for label in column.cat.categories]
        used = np.unique(codes[codes >= 0]).tolist()
        # Two declared categories stay two, so that a message can name the one that is absent.
        order = used if len(labels) != 2 else [0, 1]
    else:
        codes, levels = coded(column, "endog", OutcomeError)
        labels = [tidy(label) for label in levels.tolist()]
        if kind != "label" and len(labels) == 1 and labels[0] in (0, 1):
            labels.append(type(labels[0])(1 - labels[0]))
        order = _sorted_positions(labels)
    rank = np.full(len(labels) + 1, -1, dtype=np.intp)
    rank[order] = np.arange(len(order))
    return rank[codes], [labels[i] for i in order]


def _sorted_positions(labels: list[Any]) -> list[int]:
    try:
        return sorted(range(len(labels)), key=labels.__getitem__)
    except TypeError:
        return list(range(len(labels)))


def _two_labels(
    found: list[Any], event: Hashable | None, name: str | None
) -> tuple[Hashable, Hashable]:
    if len(found) != 2:
        _refuse_labels(found, name)
    if event is None:
        if _unordered(found):
            raise OutcomeError(
                f"{called(name)} has the labels {listed(found)}, which have no order; "
                "pass event= to say which one is the event."
            )
        return found[0], found[1]
    matches = [label for label in found if isinstance(event, Hashable) and same(label, event)]
    if len(matches) != 1:
        raise OutcomeError(
            f"event={shorten(event)} is not a label of {called(name)}; "
            f"its labels are {listed(found)}."
        )
    other = found[0] if matches[0] is found[1] else found[1]
    return other, matches[0]


def _refuse_labels(found: list[Any], name: str | None) -> NoReturn:
    if len(found) > 2:
        raise OutcomeError(
            f"{called(name)} has {len(found)} labels, {listed(found)}, but a logit has two: "
            "combine labels, or leave rows out."
        )
    has = f"only the label {listed(found)}" if found else "no labels"
    raise OutcomeError(f"{called(name)} has {has}; a logit needs both classes.")


def _unordered(labels: list[Any]) -> bool:
    try:
        return not (labels[0] < labels[1] or labels[1] < labels[0])
    except TypeError:
        return True


def _counts(table: Columns, index: pd.Index | None, name: str | None) -> Outcome:
    successes, failures = (_count_column(c, i, index) for i, c in enumerate(table.columns))
    trials = successes + failures
    values = np.divide(
        successes, trials, out=np.where(np.isnan(trials), np.nan, 0.5), where=trials > 0
    )
    if name is None and all(column.name is not None for column in table.columns):
        name = " + ".join(str(column.name) for column in table.columns)
    return Outcome(values, np.where(np.isnan(trials), 0.0, trials), "counts", (0, 1), name)


def _count_column(column: pd.Series, position: int, index: pd.Index | None) -> Array:
    what = ("successes", "failures")[position]
    if column_kind(column) != "number":
        raise OutcomeError(
            f"two columns of endog must be counts (successes, failures), but the {what} are not "
            "numbers; for two labels pass the one column that holds them."
        )
    counts = as_floats(column)
    wrong = (counts < 0.0) | not_whole(counts)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise OutcomeError(
            f"the {what} of endog must be whole numbers >= 0; row {row_name(index, row)} has "
            f"{tidy(counts[row].item())}. For shares pass fractions, with freq_weights= the trials."
        )
    return np.rint(counts)


def tidy(label: object) -> Any:
    """A whole float as an int, so that messages and tables print 1 and not 1.0."""
    return int(label) if isinstance(label, float) and label.is_integer() else label


def called(name: str | None) -> str:
    """How messages name the outcome."""
    return "endog" if name is None else f"endog {name!r}"
