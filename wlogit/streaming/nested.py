"""Nested streamed fits: whether they are of the same rows, and the fit without some columns."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array, BoolArray, IntArray
from wlogit._warn import silent
from wlogit.core.factors import tsqr
from wlogit.core.model_matrix import ModelMatrix
from wlogit.errors import ConvergenceWarning, DesignError, InferenceWarning, OutcomeError
from wlogit.nested import ActiveRows, nested_hypothesis, require_maximum
from wlogit.same_cases import check_class_weights, refuse_other
from wlogit.streaming.chunks import Chunk, ChunkReader
from wlogit.streaming.runner import agree, sums_of
from wlogit.streaming.sources import Piece, Places

QUANTITIES = ("outcome", "multiplicity", "sampling")


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Where two fits of the same source differ, and how their designs lie to each other.

    Attributes
    ----------
    upper : ndarray, shape (p, p)
        R of the columns of both and their offsets, on the rows with weight.
    counts : ndarray of int, shape (5,)
        Rows with weight of each fit, and rows that differ in each of `QUANTITIES`.
    first : tuple
        The first row that only one fit has, and those that differ; None where there is none.
    sums : tuple of ndarray
        Of each fit: what tells whether these are the data that the fits have read.
    """

    upper: Array
    counts: IntArray
    first: tuple[Any, ...]
    sums: tuple[Array, Array]


@dataclass(frozen=True, slots=True, eq=False)
class CompareFits:
    """The task that reads the rows of both fits side by side; picklable.

    Attributes
    ----------
    readers : tuple of ChunkReader
    units : tuple of float
        By which the sampling weights of each fit are divided.
    """

    readers: tuple[ChunkReader, ChunkReader]
    units: tuple[float, float]

    def __call__(self, piece: Piece) -> Agreement:
        """That of a piece."""
        n = len(piece.frame)
        numbered = replace(piece, places=Places(piece.places.where, pd.RangeIndex(n)))
        ours, theirs = (reader(numbered) for reader in self.readers)
        here, there = _positions(ours), _positions(theirs)
        common, apart = np.intersect1d(here, there), np.setxor1d(here, there)
        differ = [common[rows] for rows in self._differing((ours, theirs), common)]
        first = tuple(
            piece.places[int(rows[0])] if rows.size else None for rows in (apart, *differ)
        )
        counts = np.array([len(rows) for rows in (here, there, *differ)])
        stacked = np.column_stack(
            [part for chunk in (ours, theirs) for part in _columns(chunk, common)]
        )
        sums = (sums_of(ours)[0], sums_of(theirs)[0])
        return Agreement(tsqr(ModelMatrix(stacked), np.ones(())), counts, first, sums)

    def _differing(self, chunks: tuple[Chunk, Chunk], rows: IntArray) -> list[BoolArray]:
        """Which of some rows differ in each quantity."""
        found = []
        for values in zip(*map(self._cases, chunks, self.units), strict=True):
            ours, theirs = (
                np.broadcast_to(value, (len(chunk),))[_at(chunk, rows)]
                for value, chunk in zip(values, chunks, strict=True)
            )
            found.append(~np.isclose(ours, theirs, rtol=1e-9, atol=0.0))
        return found

    def _cases(self, chunk: Chunk, unit: float) -> tuple[Array, Array, Array]:
        outcome = chunk.outcome
        return outcome.values, chunk.frequency * outcome.trials, chunk.sampling / unit

    def combine(self, first: Agreement, second: Agreement) -> Agreement:
        """That of both."""
        upper = np.linalg.qr(np.vstack([first.upper, second.upper]), mode="r")
        places = zip(first.first, second.first, strict=True)
        return Agreement(
            np.asarray(upper),
            first.counts + second.counts,
            tuple(b if a is None else a for a, b in places),
            (first.sums[0] + second.sums[0], first.sums[1] + second.sums[1]),
        )


def _positions(chunk: Chunk) -> IntArray:
    """Rows with weight, by their number in the piece."""
    return np.asarray(chunk.places.labels, dtype=np.intp)[chunk.present > 0.0]


def _at(chunk: Chunk, rows: IntArray) -> IntArray:
    """Where some rows of the piece are in the chunk."""
    return np.searchsorted(np.asarray(chunk.places.labels, dtype=np.intp), rows)


def _columns(chunk: Chunk, rows: IntArray) -> tuple[Array, Array]:
    at = _at(chunk, rows)
    offset = np.zeros(len(rows)) if chunk.offset is None else chunk.offset[at]
    return chunk.values[at], offset


def hypothesis_of(results: Any, other: Any) -> tuple[Array, Array]:
    """L and c of the hypothesis ``L b = c`` that a streamed fit of the same rows is.

    Parameters
    ----------
    results, other : StreamedLogitResults

    Raises
    ------
    TypeError
        The other is a fit in memory.
    DesignError, OutcomeError, WeightError
        Other data, rows, outcomes or weights; or a fit that is not nested.

    Notes
    -----
    The rows of both are read once, side by side, from the source of `results`. What the designs
    have to do with each other is in R of their columns, which has few rows.
    """
    model, second = results.model, other.model
    if type(model) is not type(second):
        raise TypeError(
            f"a fit by {type(model).__name__} and one by {type(second).__name__} cannot be "
            "compared: fit both alike."
        )
    if model.weights.labels != second.weights.labels:
        raise OutcomeError(
            f"the fits have other outcomes: {list(model.weights.labels)} here, "
            f"{list(second.weights.labels)} in the restricted fit."
        )
    found = _compared(model, second)
    check_class_weights(model.weights, second.weights)
    k, both = len(model.exog_names), found.upper.shape[1]
    ours = ActiveRows(found.upper[:, :k], found.upper[:, k])
    theirs = ActiveRows(found.upper[:, k + 1 : both - 1], found.upper[:, both - 1])
    return nested_hypothesis(results, other, ours, theirs)


def _compared(model: Any, second: Any) -> Agreement:
    """Both fits on the rows of the first one's source."""
    ours, theirs = model.runner(), second.runner()
    columns = tuple(dict.fromkeys((*ours.reader.columns, *theirs.reader.columns)))
    found: Agreement | None = None
    if set(columns) <= set(model.site.columns):
        units = [sum(each.weights.totals.class_masses) for each in (model, second)]
        task = CompareFits((ours.reader, theirs.reader), (units[0], units[1]))
        found = model.site.total(task, columns, ours.size, "nested fits", ours.n_rows)
    read = [each.sums[each.reader.kept] for each in (ours, theirs)]
    if found is None or not all(map(agree, found.sums, read)):
        raise DesignError(
            "the fits are of different data: what the restricted fit has read is not in the "
            "source of this fit. Fit both from one source."
        )
    _check_agreement(found)
    return found


def _check_agreement(found: Agreement) -> None:
    apart, *differ = found.first
    if apart is not None:
        raise DesignError(
            f"the fits are of different rows: {found.counts[0]} here and {found.counts[1]} in the "
            f"restricted fit; row {apart} is in one only. Leave out the rows that are missing in "
            "either before both are fitted."
        )
    for name, count, place in zip(QUANTITIES, found.counts[2:], differ, strict=True):
        if count:
            refuse_other(name, int(count), place)


def without_columns(results: Any, columns: IntArray) -> Any:
    """The same streamed fit without some columns, its covariance of the same type.

    Parameters
    ----------
    results : StreamedLogitResults
    columns : ndarray of int
        Positions of the columns to leave out.
    """
    request = results.request
    with silent(InferenceWarning):
        fitted = results.model.without(columns).fit(
            disp=False, cov_type=request.cov_type, cov_kwds=request.keywords, use_t=results.use_t
        )
    return fitted._results


def value_without(results: Any, columns: IntArray) -> float:
    """The maximum of the log-likelihood without some columns, in the weights as given.

    Parameters
    ----------
    results : StreamedLogitResults
    columns : ndarray of int
        Their positions.
    """
    model = results.model
    if len(columns) == len(model.exog_names):
        return float(model.loglike(np.zeros(len(columns))))
    with silent(InferenceWarning), silent(ConvergenceWarning):
        reduced = model.without(columns)
        fitted = reduced.fit(disp=False, maxiter=200, cov_type="nonrobust")._results
    require_maximum(fitted, "the fit without the tested terms")
    return float(fitted.llf)
