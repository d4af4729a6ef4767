"""Where a sum over chunks of rows runs: a picklable function of a chunk, and how partials add up.

A task maps a chunk to partial sums; a runner brings the tasks to the chunks and adds what they
return, pairwise in the order of the chunks. Another runner of the same tasks may send them to where
the data are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from wlogit._optional import require
from wlogit.errors import DesignError
from wlogit.streaming.chunks import Chunk, ChunkReader
from wlogit.streaming.sources import Source, pieces

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
    """

    source: Source
    reader: ChunkReader
    size: int
    progress: bool = False
    n_rows: int | None = None

    def run(self, task: Task[T], what: str) -> T:
        """The sum over all chunks."""
        tree: Tree[T] = Tree(task)
        n = 0
        read = pieces(self.source, self.reader.columns, self.size)
        for piece in with_progress(read, what, self.n_rows, shown=self.progress):
            n += len(piece.frame)
            tree.add(task(self.reader(piece)))
        if self.n_rows is not None and n != self.n_rows:
            raise DesignError(
                f"the source gave {self.n_rows} rows when it was read first, and {n} now; the "
                "data must stay the same while they are read."
            )
        self.n_rows = n
        return tree.total()


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
