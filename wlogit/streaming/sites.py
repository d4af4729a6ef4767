"""Where rows are, how a picklable function is brought to them, and how what it returns adds up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from wlogit.streaming.sources import Piece

T = TypeVar("T")


class PieceTask(Protocol[T]):
    """A sum over rows as they are read; picklable."""

    def __call__(self, piece: Piece) -> T:
        """What a piece adds."""
        ...

    def combine(self, first: T, second: T) -> T:
        """The sum over the pieces of both, of which those of `first` came before."""
        ...


class Folding(PieceTask[T], Protocol[T]):
    """A sum that needs to know what came before."""

    def after(self, before: T) -> "Folding[T]":
        """The same after some rows."""
        ...


class Site(Protocol):
    """Where the rows are, and where functions of them run."""

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of the columns."""
        ...

    def total(
        self, task: PieceTask[T], columns: Sequence[Any], size: int, what: str, n_rows: int | None
    ) -> T | None:
        """The sum over all pieces of at most `size` rows; None if there are no rows.

        `what` and `n_rows` are for a progress bar.
        """
        ...

    def first(self, task: PieceTask[T], columns: Sequence[Any], size: int) -> T | None:
        """What the task makes of the first piece; None if there are no rows."""
        ...

    def fold(self, task: Folding[T], columns: Sequence[Any], size: int, what: str) -> T | None:
        """As `total`, from the first piece to the last."""
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

    def total(self) -> T | None:
        """The sum of all that was taken in; None of nothing."""
        waiting = [partial for partial in self.held if partial is not None]
        if not waiting:
            return None
        total = waiting[0]
        for partial in waiting[1:]:
            total = self.task.combine(partial, total)
        return total
