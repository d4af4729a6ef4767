"""Where a sum over chunks of rows runs: a picklable function of a chunk, and how partials add up.

A task maps a chunk to partial sums; a runner brings the tasks to the chunks and adds what they
return, pairwise in the order of the chunks. Another runner of the same tasks may send them to where
the data are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from wlogit._optional import require
from wlogit._typing import Array
from wlogit.errors import DesignError
from wlogit.streaming.chunks import Chunk, ChunkReader
from wlogit.streaming.sources import Source, pieces
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


@dataclass(slots=True)
class Tree(Generic[T]):
    """Adds partial sums pairwise, holding one for each level of the tree.

    The order, and so the rounding, depends on the sequence of chunks alone, and the rounding does
    not grow with their number.
    """

    task: Any
    held: list[T | None] = field(default_factory=list)

    def add(self, partial: T) -> None:
        """Take in the next partial sum."""
        for level, waiting in enumerate(self.held):
            if waiting is None:
                self.held[level] = partial
                return
            partial, self.held[level] = self.task.combine(waiting, partial), None
        self.held.append(partial)

    def total(self) -> T:
        """The sum of all that was taken in."""
        waiting = [partial for partial in self.held if partial is not None]
        total = waiting[0]
        for partial in waiting[1:]:
            total = self.task.combine(partial, total)
        return total


@dataclass(slots=True, eq=False)
class LocalRunner:
    """Reads the chunks one after the other in this process.

    Attributes
    ----------
    source : Source
    reader : ChunkReader
    size : int
        Rows of a chunk.
    progress : bool
        Show a progress bar for each pass.
    n_rows : int or None
        Rows of the source, once they have been counted: a later pass must find as many.
    sums : dict
        From the columns that are fitted to sums over the first reading of them, which tell
        whether a later pass reads the same numbers.
    """

    source: Source
    reader: ChunkReader
    size: int
    progress: bool = False
    n_rows: int | None = None
    sums: dict[tuple[int, ...] | None, Array] = field(default_factory=dict)

    def run(self, task: Task[T], what: str) -> T:
        """The sum over all chunks."""
        tree: Tree[T] = Tree(task)
        n, sums = 0, np.zeros(6)
        read = pieces(self.source, self.reader.columns, self.size)
        for piece in with_progress(read, what, self.n_rows, shown=self.progress):
            n += len(piece.frame)
            chunk = self.reader(piece)
            sums += _sums(chunk)
            tree.add(task(chunk))
        if self.n_rows is not None and n != self.n_rows:
            raise DesignError(
                f"the source gave {self.n_rows} rows when it was read first, and {n} now; the "
                "data must stay the same while they are read."
            )
        self.n_rows = n
        first = self.sums.setdefault(self.reader.kept, sums)
        if not np.allclose(sums, first, rtol=1e-9, atol=0.0, equal_nan=True):
            raise DesignError(
                "the source gave other numbers when it was read first (outcome, weights, offset "
                "or design); the data must stay the same while they are read. Fit again."
            )
        return tree.total()


def _sums(chunk: Chunk) -> Array:
    """Sums of what is read of a chunk, shape (6,)."""
    n, outcome = len(chunk), chunk.outcome
    offset = 0.0 if chunk.offset is None else np.abs(chunk.offset).sum()
    # Of weights near the largest number the sum is infinite, every time.
    with np.errstate(over="ignore"):
        return np.array(
            [
                np.abs(chunk.values).sum(),
                offset,
                total_over_rows(n, np.asarray(outcome.values)),
                total_over_rows(n, np.asarray(outcome.trials)),
                total_over_rows(n, chunk.frequency),
                total_over_rows(n, chunk.sampling),
            ]
        )


def with_progress(
    read: Iterable[Any], what: str, n_rows: int | None, *, shown: bool
) -> Iterable[Any]:
    """Pieces as they are read, with a bar of the rows if one is to be shown."""
    if not shown:
        yield from read
        return
    with require("tqdm", extra="progress").tqdm(total=n_rows, desc=what, unit=" rows") as bar:
        for piece in read:
            yield piece
            bar.update(len(piece.frame))
