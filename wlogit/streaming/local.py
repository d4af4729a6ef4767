"""Rows that are read in this process, one chunk after the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from wlogit._optional import require
from wlogit.streaming.sites import Folding, PieceTask, Tree
from wlogit.streaming.sources import Piece, Source, pieces

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class LocalSite:
    """Rows that this process reads.

    Attributes
    ----------
    source : Source
    progress : bool
        Show a progress bar for each reading.
    columns : tuple
        Names of the columns.
    """

    source: Source
    progress: bool = False
    columns: tuple[Any, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", self.source.columns)

    def total(
        self, task: PieceTask[T], columns: Sequence[Any], size: int, what: str, n_rows: int | None
    ) -> T | None:
        """The sum over all pieces of at most `size` rows; None if there are no rows."""
        tree: Tree[T] = Tree(task)
        for piece in self._read(columns, size, what, n_rows):
            tree.add(task(piece))
        return tree.total()

    def first(self, task: PieceTask[T], columns: Sequence[Any], size: int) -> T | None:
        """What the task makes of the first piece; None if there are no rows."""
        for piece in pieces(self.source, columns, size):
            return task(piece)
        return None

    def fold(self, task: Folding[T], columns: Sequence[Any], size: int, what: str) -> T | None:
        """As `total`, for a task that knows what came before."""
        partial: T | None = None
        for piece in self._read(columns, size, what, None):
            partial = task(piece) if partial is None else task.after(partial)(piece)
        return partial

    def _read(
        self, columns: Sequence[Any], size: int, what: str, n_rows: int | None
    ) -> Iterable[Piece]:
        return with_progress(pieces(self.source, columns, size), what, n_rows, shown=self.progress)


def with_progress(
    read: Iterable[Piece], what: str, n_rows: int | None, *, shown: bool
) -> Iterable[Piece]:
    """Pieces as they are read, with a bar of the rows if one is to be shown."""
    if not shown:
        yield from read
        return
    with require("tqdm", extra="progress").tqdm(total=n_rows, desc=what, unit=" rows") as bar:
        for piece in read:
            yield piece
            bar.update(len(piece.frame))
