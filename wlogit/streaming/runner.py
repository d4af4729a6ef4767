"""A sum over chunks of rows: a picklable function of a chunk, brought to where the rows are."""

from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from wlogit._typing import Array
from wlogit.errors import DesignError
from wlogit.streaming.chunks import Chunk, ChunkReader
from wlogit.streaming.sites import Site
from wlogit.streaming.sources import Piece
from wlogit.weights.resolve import total_over_rows

T = TypeVar("T")


class Task(Protocol[T]):
    """A sum over chunks; picklable."""

    def __call__(self, chunk: Chunk) -> T:
        """What a chunk adds."""
        ...

    def combine(self, first: T, second: T) -> T:
        """The sum over the chunks of both, of which those of `first` came before."""
        ...


class Runner(Protocol):
    """Where a sum over chunks runs."""

    def run(self, task: Task[T], what: str) -> T:
        """The sum over all chunks; `what` names it on a progress bar."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Found(Generic[T]):
    """What one reading finds.

    Attributes
    ----------
    n_rows : int
    sums : ndarray, shape (6,)
        Sums of what is read.
    partial : object
        What the task adds up.
    """

    n_rows: int
    sums: Array
    partial: T


@dataclass(frozen=True, slots=True, eq=False)
class Reading(Generic[T]):
    """A sum over chunks as one over pieces."""

    reader: ChunkReader
    task: Any

    def __call__(self, piece: Piece) -> Found[T]:
        """That of a piece."""
        chunk = self.reader(piece)
        return Found(len(piece.frame), sums_of(chunk), self.task(chunk))

    def combine(self, first: Found[T], second: Found[T]) -> Found[T]:
        """That of both."""
        partial = self.task.combine(first.partial, second.partial)
        return Found(first.n_rows + second.n_rows, first.sums + second.sums, partial)


@dataclass(slots=True, eq=False)
class ChunkRunner:
    """Brings sums over chunks to where the rows are.

    Attributes
    ----------
    site : Site
    reader : ChunkReader
    size : int
        Rows of a chunk.
    n_rows : int or None
        Rows of the source, once they have been counted: a later pass must find as many.
    sums : dict
        From the columns that are fitted to sums over the first reading of them, which tell
        whether a later pass reads the same numbers.
    """

    site: Site
    reader: ChunkReader
    size: int
    n_rows: int | None = None
    sums: dict[tuple[int, ...] | None, Array] = field(default_factory=dict)

    def run(self, task: Task[T], what: str) -> T:
        """The sum over all chunks."""
        reading: Reading[T] = Reading(self.reader, task)
        found = self.site.total(reading, self.reader.columns, self.size, what, self.n_rows)
        n = 0 if found is None else found.n_rows
        if found is None or n != (n if self.n_rows is None else self.n_rows):
            raise DesignError(
                f"the source gave {self.n_rows} rows when it was read first, and {n} now; the "
                "data must stay the same while they are read."
            )
        self.n_rows = n
        first = self.sums.setdefault(self.reader.kept, found.sums)
        if not np.allclose(found.sums, first, rtol=1e-9, atol=0.0, equal_nan=True):
            raise DesignError(
                "the source gave other numbers when it was read first (outcome, weights, offset "
                "or design); the data must stay the same while they are read. Fit again."
            )
        return found.partial


def sums_of(chunk: Chunk) -> Array:
    """Sums of what is read of a chunk, shape (6,)."""
    n, outcome = len(chunk), chunk.outcome
    offset = 0.0 if chunk.offset is None else np.abs(chunk.offset).sum()
    # In the order of memory there is no copy.
    entries = chunk.values.ravel(order="K")
    # Of weights near the largest number the sum is infinite, every time.
    with np.errstate(over="ignore"):
        return np.array(
            [
                np.dot(entries, entries),
                offset,
                total_over_rows(n, np.asarray(outcome.values)),
                total_over_rows(n, np.asarray(outcome.trials)),
                total_over_rows(n, chunk.frequency),
                total_over_rows(n, chunk.sampling),
            ]
        )
