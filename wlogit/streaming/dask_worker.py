"""What runs where the data are: one pass over the rows of a partition, and sums of what it gives.

Nothing here needs dask. The functions are called by name on the workers, where wlogit is installed.
"""

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn, Protocol

import numpy as np
import pandas as pd
import patsy

from wlogit.core.blocksum import beside_others
from wlogit.errors import DesignError
from wlogit.formula.design import as_frame
from wlogit.streaming.sites import Tree
from wlogit.streaming.sources import Piece, Places, check_there
from wlogit.weights.columns import column_kind

# What the kinds of entries are called in messages.
_WORDS = {
    "number": "numbers",
    "boolean": "true and false",
    "label": "text",
    "date": "dates",
    "complex": "complex numbers",
}


class Part(Protocol):
    """Rows that are read by one task."""

    def frames(self, columns: Sequence[Any], size: int) -> Iterator[tuple[pd.DataFrame, Places]]:
        """Some columns of the rows, in frames of at most `size` rows."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """A partition of a dask DataFrame.

    Attributes
    ----------
    frame : DataFrame
    number : int
        As in ``ddf.partitions[number]``.
    """

    frame: pd.DataFrame
    number: int

    def frames(self, columns: Sequence[Any], size: int) -> Iterator[tuple[pd.DataFrame, Places]]:
        """Some columns of the rows, in frames of at most `size` rows."""
        where = f"partition {self.number}"
        check_there(where, columns, self.frame.columns)
        for start in range(0, len(self.frame), size):
            part = self.frame.iloc[start : start + size]
            yield part.loc[:, list(columns)], Places(where, part.index)


@dataclass(frozen=True, slots=True, eq=False)
class FilePart:
    """Rows of a file, which the worker opens.

    Attributes
    ----------
    rows : RowGroups or ArrowSource
    path : str
    """

    rows: Any
    path: str

    def frames(self, columns: Sequence[Any], size: int) -> Iterator[tuple[pd.DataFrame, Places]]:
        """Some columns of the rows, in frames of at most `size` rows."""
        try:
            yield from self.rows.frames(columns, size)
        except OSError as error:
            self.refuse(error)

    def sizes(self) -> list[int]:
        """Rows of each row group."""
        try:
            found: list[int] = self.rows.sizes()
        except OSError as error:
            self.refuse(error)
        return found

    def refuse(self, error: OSError) -> NoReturn:
        """Say that the file cannot be read where this runs."""
        raise DesignError(
            f"a worker cannot read {self.path}: {error}. Every worker must see the files, by the "
            "same paths."
        ) from error


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One pass: what is summed, and what is read for it.

    Attributes
    ----------
    task : PieceTask
    columns : tuple
    size : int
        Rows of a piece.
    kinds : dict
        What the entries of columns are, where that is known.
    only_first : bool
        Whether the first piece is enough.
    """

    task: Any
    columns: tuple[Any, ...]
    size: int
    kinds: dict[Any, str]
    only_first: bool = False

    def pieces(self, number: int, part: Any) -> Iterator[Piece]:
        """Read a part."""
        rows: Part = part if hasattr(part, "frames") else Partition(as_frame(part), number)
        at = 0
        for frame, places in rows.frames(self.columns, self.size):
            check_kinds(frame, self.kinds, places.where)
            if len(frame):
                yield Piece(frame, places, (number, at))
                at += 1

    def total(self, number: int, part: Any) -> Any:
        """The sum over a part; None if it has no rows."""
        tree: Tree[Any] = Tree(self.task)
        for piece in self.pieces(number, part):
            tree.add(self.task(piece))
            if self.only_first:
                break
        return tree.total()

    def fold(self, number: int, part: Any, before: Any) -> Any:
        """What the task knows after a part, which comes after others."""
        for piece in self.pieces(number, part):
            before = self.task(piece) if before is None else self.task.after(before)(piece)
        return before

    def combine(self, partials: Sequence[Any]) -> Any:
        """The sum of partial sums, in their order; None if there are none."""
        tree: Tree[Any] = Tree(self.task)
        for partial in partials:
            if partial is not None:
                tree.add(partial)
        return tree.total()


# A worker reads a job once, not once for each of its tasks.
@lru_cache(maxsize=4)
def _job(shipped: bytes) -> Job:
    job: Job = pickle.loads(shipped)  # noqa: S301  sent by the client of this cluster
    return job


def total_of_part(shipped: bytes, number: int, part: Any) -> Any:
    """Run a job on a part."""
    return _run(shipped, lambda job: job.total(number, part))


def fold_part(shipped: bytes, number: int, part: Any, before: Any) -> Any:
    """Run a job on a part after those before it."""
    return _run(shipped, lambda job: job.fold(number, part, before))


def combine_parts(shipped: bytes, *partials: Any) -> Any:
    """Add what a job has found in several parts."""
    return _run(shipped, lambda job: job.combine(partials))


def columns_of(part: Any) -> list[Any]:
    """Names of the columns that a partition really has."""
    return list(part.columns)


def sizes_of(part: "FilePart") -> list[int]:
    """Rows of each row group of a file."""
    return part.sizes()


def _run(shipped: bytes, what: Any) -> Any:
    try:
        with beside_others():
            return what(_job(shipped))
    except patsy.PatsyError as error:
        # Its pointer into the formula cannot be sent back.
        raise patsy.PatsyError(str(error)) from None


def check_kinds(frame: pd.DataFrame, kinds: dict[Any, str], where: str) -> None:
    """Refuse a column that holds something else than the source says.

    Raises
    ------
    DesignError
        Naming the partition or file, and the column.
    """
    for name, expected in kinds.items():
        if name not in frame.columns:
            continue
        column = frame[name]
        found = kind_of(column)
        allowed = {expected, None} | ({"boolean"} if expected == "number" else set())
        if found not in allowed and column.notna().any():
            raise DesignError(
                f"{where} has {_WORDS.get(found or '', found)} in the column {name!r} (of type "
                f"{column.dtype}), which holds {_WORDS.get(expected, expected)} by the types of "
                "the source; make it of one kind in all partitions."
            )


def kind_of(column: "pd.Series[Any]") -> str | None:
    """What the entries of a column are; None if that cannot be said."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        # dask's own mark of categories that are not known yet is a text.
        if list(column.cat.categories) == ["__UNKNOWN_CATEGORIES__"]:
            return None
        column = pd.Series(column.cat.categories)
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "O":
        column = column.dropna()
        if not len(column):
            return None
    if column.dtype.kind in "mM":
        return "date"
    return "label" if isinstance(column.dtype, pd.StringDtype) else column_kind(column)
