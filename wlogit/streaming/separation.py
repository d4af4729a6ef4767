"""Whether the outcome of rows that are read in chunks is separated, and by what.

A direction that separates all rows separates any of them: rows in memory that overlap prove that
all do. A direction that separates those in memory is tried on all rows, and those on its wrong side
are added, until it separates all or the rows in memory overlap.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import qr

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.recession import ZERO, outcome_sign
from wlogit.core.separation import Kind, Separation, separation
from wlogit.streaming.chunks import Chunk
from wlogit.streaming.runner import Runner
from wlogit.streaming.sums import RowSums

# Rows in memory, and rows that are added in one reading, for each column.
_IN_MEMORY, _ADDED = 200, 20
_READINGS = 50


@dataclass(frozen=True, slots=True, eq=False)
class SignedRows:
    """Rows of the design and which outcome they have.

    Attributes
    ----------
    values : ndarray, shape (n, k)
        In the user's coordinates.
    sign : ndarray, shape (n,)
        1 for events, -1 for non-events, 0 for both.
    """

    values: Array
    sign: Array

    def __add__(self, other: "SignedRows") -> "SignedRows":
        values = np.vstack([self.values, other.values])
        return SignedRows(values, np.concatenate([self.sign, other.sign]))

    def take(self, rows: IntArray) -> "SignedRows":
        """Some of them."""
        return SignedRows(self.values[rows], self.sign[rows])


def signed_rows(sums: RowSums, chunk: Chunk) -> SignedRows:
    """The rows of a chunk with weight."""
    present = chunk.present > 0.0
    response = chunk.weights(sums.weights).row_response
    return SignedRows(chunk.values[present], outcome_sign(response[present]))


@dataclass(frozen=True, slots=True, eq=False)
class Witnesses(RowSums):
    """As many rows as there are columns, no row a combination of the others."""

    def __call__(self, chunk: Chunk) -> SignedRows:
        """Those of a chunk."""
        return self._independent(signed_rows(self, chunk))

    def combine(self, first: SignedRows, second: SignedRows) -> SignedRows:
        """Those among both."""
        return self._independent(first + second)

    def _independent(self, rows: SignedRows) -> SignedRows:
        if len(rows.values) <= self.frame.n_params:
            return rows
        work = replace(self.frame, values=rows.values).block(slice(None))
        order = qr(work.T, mode="r", pivoting=True)[1]
        return rows.take(np.sort(order[: self.frame.n_params]))


@dataclass(frozen=True, slots=True, eq=False)
class Violations(RowSums):
    """Rows on the wrong side of a direction, the worst ones.

    Attributes
    ----------
    slopes : ndarray, shape (k,)
        In the user's coordinates.
    least : float
        Changes of a linear predictor below this are rounding.
    """

    slopes: Array
    least: float

    def __call__(self, chunk: Chunk) -> tuple[SignedRows, Array, BoolArray]:
        """Those of a chunk, how far they are on the wrong side, and if all rows are on the right.

        The last is for rows strictly on the right side.
        """
        rows = signed_rows(self, chunk)
        change = rows.values @ self.slopes
        gains = np.where(rows.sign == 0.0, -np.abs(change), rows.sign * change)
        worst = np.flatnonzero(gains < -self.least)
        worst = worst[np.argsort(gains[worst], kind="stable")[: self._most]]
        return rows.take(worst), gains[worst], np.asarray(np.all(gains > self.least))

    def combine(
        self,
        first: tuple[SignedRows, Array, BoolArray],
        second: tuple[SignedRows, Array, BoolArray],
    ) -> tuple[SignedRows, Array, BoolArray]:
        """The worst of both."""
        rows, gains = first[0] + second[0], np.concatenate([first[1], second[1]])
        worst = np.argsort(gains, kind="stable")[: self._most]
        return rows.take(worst), gains[worst], np.asarray(first[2] & second[2])

    @property
    def _most(self) -> int:
        return _ADDED * self.frame.n_params


@dataclass(frozen=True, slots=True)
class StreamedVerdict:
    """Whether the outcome is separated.

    Attributes
    ----------
    kind : "complete", "quasi" or "none"
    directions : ndarray, shape (k,)
        inf or -inf for the coefficients of a direction that separates, 0 for the others.
    """

    kind: Kind
    directions: Array

    @property
    def separated(self) -> bool:
        """Whether no finite maximum-likelihood estimate exists."""
        return self.kind != "none"


def streamed_separation(
    sums: RowSums, runner: Runner, sample: tuple[Chunk, ...]
) -> StreamedVerdict | None:
    """The verdict for all rows; None where too many readings did not settle it.

    Parameters
    ----------
    sums : RowSums
    runner : Runner
    sample : tuple of Chunk
        Rows in memory.
    """
    k = sums.frame.n_params
    rows = runner.run(Witnesses(sums.frame, sums.weights), "separation")
    for chunk in sample:
        rows = rows + signed_rows(sums, chunk)
    rows = _few(rows, k)
    for _ in range(_READINGS):
        found = _of_rows(sums.frame, rows)
        if not found.separated:
            return StreamedVerdict("none", np.zeros(k))
        change = float(np.abs(rows.values @ found.slopes).max())
        task = Violations(sums.frame, sums.weights, found.slopes, ZERO * change)
        violating, _, strictly = runner.run(task, "separation")
        if not len(violating.values):
            directions = np.where(found.slopes == 0.0, 0.0, np.copysign(np.inf, found.slopes))
            return StreamedVerdict("complete" if strictly else "quasi", directions)
        rows = rows + violating
    return None


def _few(rows: SignedRows, k: int) -> SignedRows:
    """The witnesses, which come first, and some of the others."""
    n, most = len(rows.values), _IN_MEMORY * k
    if n <= most:
        return rows
    return rows.take(np.r_[np.arange(k), np.linspace(k, n - 1, most - k).astype(np.intp)])


def _of_rows(frame: ModelMatrix, rows: SignedRows) -> Separation:
    return separation(replace(frame, values=rows.values), rows.sign)
