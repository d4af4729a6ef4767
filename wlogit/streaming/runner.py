"""A sum over chunks of rows: a picklable function of a chunk, brought to where the rows are."""

from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from wlogit._typing import Array
from wlogit.core.blas import one_blas_thread
from wlogit.errors import DesignError
from wlogit.streaming.chunks import Chunk, ChunkReader
from wlogit.streaming.sites import Site
from wlogit.streaming.sources import Piece
from wlogit.weights.resolve import total_over_rows

T = TypeVar("T")

# Clusters are told apart by their number up to multiples of this.
_CODES = 1021
# Sums that are not of columns.
_OF_ROWS = 6


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
    sums : ndarray
        Sums of what is read; see `sums_of`.
    units : ndarray
        Those of clusters and sampling units.
    partial : object
        What the task adds up.
    """

    n_rows: int
    sums: Array
    units: Array
    partial: T


@dataclass(frozen=True, slots=True, eq=False)
class Reading(Generic[T]):
    """A sum over chunks as one over pieces; the first one squares what it reads."""

    reader: ChunkReader
    task: Any
    first: bool = True

    def __call__(self, piece: Piece) -> Found[T]:
        """That of a piece."""
        chunk = self.reader(piece)
        return Found(len(piece.frame), *sums_of(chunk, squares=self.first), self.task(chunk))

    def combine(self, first: Found[T], second: Found[T]) -> Found[T]:
        """That of both."""
        partial = self.task.combine(first.partial, second.partial)
        n_rows, units = first.n_rows + second.n_rows, first.units + second.units
        return Found(n_rows, first.sums + second.sums, units, partial)


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
        From the columns that are fitted, and from those of clusters, to sums over the first
        reading of them, which tell whether a later pass reads the same.
    """

    site: Site
    reader: ChunkReader
    size: int
    n_rows: int | None = None
    sums: dict[Any, Array] = field(default_factory=dict)

    def run(self, task: Task[T], what: str) -> T:
        """The sum over all chunks."""
        kept, units = self.reader.kept, (tuple(self.reader.groups), self.reader.units is not None)
        reading: Reading[T] = Reading(self.reader, task, first=kept not in self.sums)
        found = self.site.total(reading, self.reader.columns, self.size, what, self.n_rows)
        n = 0 if found is None else found.n_rows
        if found is None or n != (n if self.n_rows is None else self.n_rows):
            raise DesignError(
                f"the source gave {self.n_rows} rows when it was read first, and {n} now; the "
                "data must stay the same while they are read."
            )
        self.n_rows = n
        first = self.sums.setdefault(kept, found.sums)
        if not agree(found.sums, first):
            raise DesignError(
                "the source gave other numbers when it was read first (outcome, weights, offset "
                "or design); the data must stay the same while they are read. Fit again."
            )
        if not np.allclose(found.units, self.sums.setdefault(units, found.units), rtol=1e-9):
            raise DesignError(
                "the source gave other clusters or sampling units when it was read first; the "
                "data must stay the same while they are read. Fit again."
            )
        return found.partial


def agree(sums: Array, first: Array) -> bool:
    """Whether two readings have the same sums but for rounding, which the order of rows changes."""
    k = (len(first) - _OF_ROWS) // 2
    # A sum of products is no larger than this, and may cancel.
    bound = np.sqrt(first[k : 2 * k] * first[2 * k])
    crossed = np.abs(sums[:k] - first[:k]) <= 1e-9 * bound
    unknown = ~(np.isfinite(sums[:k]) & np.isfinite(first[:k]) & np.isfinite(bound))
    rest = np.allclose(sums[2 * k :], first[2 * k :], rtol=1e-9, atol=0.0, equal_nan=True)
    return bool(np.all(crossed | unknown)) and rest


def sums_of(chunk: Chunk, *, squares: bool = True) -> tuple[Array, Array]:
    """Sums of what is read of a chunk: of the rows, and of their clusters and units.

    The first are the products of each column with a mark of the rows, in which outcome, weights and
    offset are bounded; the squares of each column, or zeros; those of the mark; and outcome,
    weights and offset themselves. So a column, a weight or an outcome that is paired with other
    rows shows.
    """
    n, outcome, values = len(chunk), chunk.outcome, chunk.values
    offset = np.zeros(()) if chunk.offset is None else chunk.offset
    # Of weights near the largest number the sum is infinite, every time.
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        mark = np.full(n, 1.0)
        for number, entries in enumerate((outcome.values, chunk.frequency, chunk.sampling, offset)):
            mark += (number + 1.0) * entries / (1.0 + np.abs(entries))
        codes = [*chunk.groups.values(), *([chunk.units] if len(chunk.units) else [])]
        sums = [
            mark @ values,
            np.einsum("ij,ij->j", values, values) if squares else np.zeros(values.shape[1]),
            [
                mark @ mark,
                np.broadcast_to(np.abs(offset), (n,)).sum(),
                total_over_rows(n, np.asarray(outcome.values)),
                total_over_rows(n, np.asarray(outcome.trials)),
                total_over_rows(n, chunk.frequency),
                total_over_rows(n, chunk.sampling),
            ],
        ]
        return np.concatenate(sums), np.array([mark @ (code % _CODES) for code in codes])
