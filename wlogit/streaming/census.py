"""What the first reading of all rows counts: cases, weights, moments of the design, a sample."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.linalg import Rank, rank_and_aliases
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import cross
from wlogit.streaming.chunks import Chunk
from wlogit.weights.resolve import check_range, sorts_of_cases, total_over_rows
from wlogit.weights.weights import ClassFactors, Totals, is_binary

# Pivots of the scaled normal equations above which no column is a combination of others.
_CLEARLY_FREE = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Sums over cases, before any class weights.

    Attributes
    ----------
    nobs, class_sizes, class_masses
        As in `Totals`.
    squares : ndarray, shape (3,)
        Sums of ``m a^2`` times ``(1-y)^2``, ``y (1-y)`` and ``y^2``.
    occurring : ndarray of bool, shape (2,)
        Whether some row, of whatever weight, has a share of the class.
    fractional : bool
        Whether a case with weight is neither an event nor a non-event.
    positive : ndarray of bool, shape (2,)
        Whether some frequency, and some sampling weight, is not zero.
    """

    nobs: float
    class_sizes: Array
    class_masses: Array
    squares: Array
    occurring: BoolArray
    fractional: bool
    positive: BoolArray

    @classmethod
    def of(cls, chunk: Chunk) -> "Counts":
        """Those of a chunk."""
        n = len(chunk)
        sizes, masses, squares, nobs = np.zeros(2), np.zeros(2), np.zeros(3), 0.0
        with np.errstate(over="ignore"):  # an infinite sum is refused
            unweighted = sorts_of_cases(
                chunk.outcome, chunk.frequency, chunk.sampling, ClassFactors()
            )
            for sort in unweighted:
                m, a, y = sort.multiplicity, sort.sampling, sort.outcome
                rest, counted = np.asarray(1.0 - y), np.asarray(m * (a > 0.0))
                nobs += total_over_rows(n, counted)
                sizes += [total_over_rows(n, counted, rest), total_over_rows(n, counted, y)]
                masses += [total_over_rows(n, m, a, rest), total_over_rows(n, m, a, y)]
                squares += [
                    total_over_rows(n, m, a, a, np.asarray(pair))
                    for pair in (rest * rest, y * rest, y * y)
                ]
        outcome = chunk.outcome
        occurring = np.array([np.any(outcome.failures > 0.0), np.any(outcome.successes > 0.0)])
        weights = (chunk.frequency, chunk.sampling)
        positive = np.array([np.any(weight > 0.0) for weight in weights])
        return cls(nobs, sizes, masses, squares, occurring, _fractional(chunk), positive)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.nobs + other.nobs,
            self.class_sizes + other.class_sizes,
            self.class_masses + other.class_masses,
            self.squares + other.squares,
            self.occurring | other.occurring,
            self.fractional or other.fractional,
            self.positive | other.positive,
        )

    def totals(self, factors: ClassFactors) -> Totals:
        """The same as `Totals` under class weights."""
        c0, c1 = factors.values
        masses = (float(self.class_masses[0]), float(self.class_masses[1]))
        weight = c0 * masses[0] + c1 * masses[1]
        check_range(weight)
        squared = float(np.array([c0 * c0, 2.0 * c0 * c1, c1 * c1]) @ self.squares)
        sizes = (float(self.class_sizes[0]), float(self.class_sizes[1]))
        return Totals(self.nobs, weight, weight * (weight / squared), sizes, masses)


def _fractional(chunk: Chunk) -> bool:
    if chunk.outcome.kind != "fraction":
        return False
    return not is_binary(chunk.outcome.values[chunk.present > 0.0])


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Sums over the rows with weight.

    Attributes
    ----------
    size : float
        Number of the rows.
    sums, largest : ndarray, shape (k,)
        Sums of the columns, and largest sizes of their entries.
    gram : ndarray, shape (k, k)
        ``X'X``.
    head : ndarray, shape (k,)
        The first row read, of whatever weight.
    constant : ndarray of bool, shape (k,)
        Whether a column holds the same number in all rows read.
    """

    size: float
    sums: Array
    largest: Array
    gram: Array
    head: Array
    constant: BoolArray

    @classmethod
    def of(cls, chunk: Chunk) -> "Moments | None":
        """Those of a chunk; None if it has no rows."""
        if not len(chunk):
            return None
        values, present = chunk.values, chunk.present > 0.0
        everywhere = bool(present.all())

        def kernel(rows: slice) -> tuple[Array, ...]:
            part = values[rows] if everywhere else values[rows][present[rows]]
            return cross(part, part), part.sum(axis=0)

        gram, sums = sum_over_blocks(kernel, len(values), width=values.shape[1])
        kept = values if everywhere else values[present]
        largest = np.maximum(kept.max(axis=0, initial=0.0), -kept.min(axis=0, initial=0.0))
        constant = np.all(values == values[0], axis=0)
        return cls(float(present.sum()), sums, largest, gram, values[0].copy(), constant)

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            self.size + other.size,
            self.sums + other.sums,
            np.maximum(self.largest, other.largest),
            self.gram + other.gram,
            self.head,
            self.constant & other.constant & (self.head == other.head),
        )

    @property
    def constant_column(self) -> int | None:
        """The first column that holds one non-zero number throughout."""
        found = np.flatnonzero(self.constant & (self.head != 0.0))
        return int(found[0]) if found.size else None


@dataclass(frozen=True, slots=True, eq=False)
class Census:
    """Everything that the first reading finds; partial sums add up.

    Attributes
    ----------
    counts : Counts
    moments : Moments or None
    dropped : mapping
        Rows left out, by cause.
    n_rows : int
        Complete rows.
    sample : tuple of Chunk
        A few rows of each chunk.
    """

    counts: Counts
    moments: Moments | None
    dropped: Mapping[str, int]
    n_rows: int
    sample: tuple[Chunk, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class TakeCensus:
    """The task of the first reading.

    Attributes
    ----------
    share : float
        Share of the rows that are kept as a sample, the same ones every time.
    """

    share: float

    def __call__(self, chunk: Chunk) -> Census:
        """That of a chunk."""
        kept = np.arange(len(chunk))
        if self.share < 1.0:
            kept = np.flatnonzero(
                np.random.default_rng(chunk.number).random(len(chunk)) < self.share
            )
        few = rows_of(chunk, kept)
        return Census(
            Counts.of(chunk),
            Moments.of(chunk),
            chunk.dropped,
            len(chunk),
            (few,) if len(few) else (),
        )

    def combine(self, first: Census, second: Census) -> Census:
        """The census of both."""
        found = [moments for moments in (first.moments, second.moments) if moments is not None]
        causes = (*first.dropped, *second.dropped)
        return Census(
            first.counts + second.counts,
            found[0] + found[1] if len(found) == 2 else found[0] if found else None,
            {c: first.dropped.get(c, 0) + second.dropped.get(c, 0) for c in causes},
            first.n_rows + second.n_rows,
            first.sample + second.sample,
        )


def rows_of(chunk: Chunk, rows: IntArray) -> Chunk:
    """Some rows of a chunk, as a copy."""

    def take(values: Array) -> Array:
        return values[rows] if values.ndim else values

    return replace(
        chunk,
        values=chunk.values[rows],
        outcome=chunk.outcome.take(rows),
        frequency=take(chunk.frequency),
        sampling=take(chunk.sampling),
        offset=None if chunk.offset is None else chunk.offset[rows],
        groups={},
        units=np.zeros(0, dtype=np.intp),
        places=chunk.places[rows],
        dropped={},
    )


def skeleton(mean: Array, factor: Array) -> Array:
    """Few rows that have every linear relation that all rows have.

    Parameters
    ----------
    mean : ndarray, shape (k,)
    factor : ndarray, shape (r, k)
        R with ``R'R`` proportional to the covariance of the columns.
    """
    scaled = factor * np.sqrt(float(len(factor)))
    return np.vstack([mean + scaled, mean - scaled])


def rank_from_moments(moments: Moments) -> Rank | None:
    """The rank, if the normal equations leave no doubt that it is full; else None."""
    constant = moments.constant_column
    k = len(moments.sums)
    others = np.arange(k) != (-1 if constant is None else constant)
    mean = moments.sums / moments.size
    centered = moments.gram / moments.size - np.outer(mean, mean)
    spread, length = np.diag(centered)[others], np.diag(moments.gram)[others] / moments.size
    if np.any(spread <= 1e-5 * length) or not np.isfinite(centered).all():
        return None
    scale = 1.0 / np.sqrt(spread)
    scaled = centered[np.ix_(others, others)] * scale * scale[:, None]
    values, vectors = np.linalg.eigh(scaled)
    if values.size and values[0] < _CLEARLY_FREE:
        return None
    factor = np.zeros((len(values), k))
    factor[:, others] = (np.sqrt(values) * vectors).T / scale
    return rank_of_skeleton(mean, factor, moments)


def rank_of_skeleton(mean: Array, factor: Array, moments: Moments) -> Rank:
    """The rank and the aliased columns of all rows, found in few."""
    constant = moments.constant_column
    rows = skeleton(mean, factor) if len(factor) else mean[np.newaxis]
    if constant is not None:
        rows[:, constant] = moments.head[constant]
    return rank_and_aliases(ModelMatrix(rows, constant=constant), np.asarray(1.0))
