"""Where the rows come from: files read by pyarrow, or frames that a function yields."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Protocol

import numpy as np
import pandas as pd

from wlogit._optional import require
from wlogit._typing import IntArray
from wlogit.errors import DesignError
from wlogit.formula.design import as_frame
from wlogit.streaming.rowwise import refuse_to_repeat
from wlogit.weights.columns import plain, shorten

FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".csv.gz": "csv",
    ".csv.bz2": "csv",
    ".feather": "feather",
    ".arrow": "feather",
}
# Batches that are decoded ahead: enough to keep a second processor busy, few enough for memory.
_READ_AHEAD = 2
# Whole numbers from here on are no longer all numbers of pandas' columns with missing entries.
_EXACT = 2.0**53
# Bytes of each column of a file that are read at a time.
_BUFFER = 2**16


@dataclass(frozen=True, slots=True)
class Place:
    """A row, as messages name it."""

    row: object
    where: str

    def __repr__(self) -> str:
        return f"{plain(self.row)!r} of {self.where}"


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where the rows of a chunk are; indexed like the labels of a frame.

    Attributes
    ----------
    where : str
        The file, or the number of the frame.
    labels : Index
        Of the rows: their number in the file, or the label in the frame.
    """

    where: str
    labels: pd.Index

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: "int | IntArray") -> Any:
        if isinstance(rows, int | np.integer):
            return Place(self.labels[rows], self.where)
        return Places(self.where, self.labels[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Some consecutive rows as read.

    Attributes
    ----------
    frame : DataFrame
    places : Places
    number : int or tuple of int
        Tells the piece from all others, the same in every reading.
    """

    frame: pd.DataFrame
    places: Places
    number: int | tuple[int, int]


class Source(Protocol):
    """Rows that can be read any number of times, always in the same order."""

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of the columns."""
        ...

    def frames(self, columns: Sequence[Any], size: int) -> Iterator[tuple[pd.DataFrame, Places]]:
        """Some columns of all rows, in frames of at most `size` rows."""
        ...


def pieces(source: Source, columns: Sequence[Any], size: int) -> Iterator[Piece]:
    """Read all rows once; frames without rows are left out."""
    number = 0
    for frame, places in source.frames(columns, size):
        if len(frame):
            yield Piece(frame, places, number)
            number += 1


def open_source(source: Any) -> Source:
    """What the user has passed as a source.

    Parameters
    ----------
    source : str, path, list of paths, pyarrow dataset or table, or callable
        A path of a Parquet, CSV or Feather file, of a folder of these, or a pattern as in
        ``"data/part-*.parquet"``; a callable gives, each time that it is called, the frames of
        all rows from the start.

    Raises
    ------
    DesignError
        No such file, a format that is not known, or something that can be read only once.
    """
    if isinstance(source, str | Path):
        return _files(_paths(source))
    if (
        isinstance(source, list | tuple)
        and source
        and all(isinstance(path, str | Path) for path in source)
    ):
        return _files([found for path in source for found in _paths(path)])
    if type(source).__module__.partition(".")[0] == "pyarrow":
        arrow = require("pyarrow.dataset", extra="streaming")
        known = source if isinstance(source, arrow.Dataset) else arrow.dataset(source)
        return ArrowSource(known)
    if isinstance(source, pd.DataFrame):
        raise DesignError(
            "the source is a DataFrame, which is in memory already: use WeightedLogit."
        )
    if callable(source):
        return FrameSource(source)
    raise DesignError(
        f"the source is {shorten(source)}; it must be the path of a file, a pattern, a pyarrow "
        "dataset, or a function that yields frames. The rows are read several times: a generator "
        "must be wrapped in a function that makes it anew."
    )


def check_there(where: str, columns: Iterable[Any], there: Collection[Any]) -> None:
    """Refuse a file or a frame that lacks a column."""
    for name in columns:
        if name not in there:
            raise DesignError(f"{where} has no column {name!r}.")


def refuse_rows(file: str, error: Exception) -> NoReturn:
    """Say why pyarrow does not read on."""
    raise DesignError(
        f"after rows of {file}, the rows cannot be read: {error}. The type of a column is taken "
        "from its first rows; pyarrow.dataset.dataset(..., schema=...) sets it."
    ) from error


def refuse_empty() -> NoReturn:
    """Refuse a source without rows."""
    raise DesignError("the source has no rows.")


def _paths(path: str | Path) -> list[str]:
    """The files or the folder that a path or pattern stands for."""
    text = str(path)
    if Path(text).exists():
        return [text]
    pattern = Path(text)
    below = pattern.relative_to(pattern.anchor)
    found = sorted(str(file) for file in Path(pattern.anchor).glob(str(below)))
    if not found:
        raise DesignError(f"there is no file {text!r}.")
    return found


def _files(paths: list[str]) -> Source:
    """The rows of files, or of all files in a folder."""
    refuse_repeated(paths)
    kind = _format(paths)
    arrow = require("pyarrow.dataset", extra="streaming")
    options: Any = kind
    if kind == "csv":
        convert = require("pyarrow.csv", extra="streaming").ConvertOptions(strings_can_be_null=True)
        options = arrow.CsvFileFormat(convert_options=convert)
    if len(paths) == 1:
        dataset = arrow.dataset(paths[0], format=options, partitioning="hive")
    else:
        dataset = arrow.dataset(paths, format=options)
    return ParquetSource(dataset) if kind == "parquet" else ArrowSource(dataset)


def refuse_repeated(paths: list[str]) -> None:
    """Refuse a file that is listed, or matched by patterns, more than once."""
    twice = [path for path, count in Counter(map(_resolved, paths)).items() if count > 1]
    if twice:
        raise DesignError(f"the file {twice[0]} is given twice: its rows would count twice.")


def _resolved(path: str) -> str:
    return str(Path(path).resolve())


def is_read(source: Source, path: Path) -> bool:
    """Whether a file is among those that a source reads."""
    files = getattr(getattr(source, "dataset", None), "files", ())
    return _resolved(str(path)) in map(_resolved, files)


def _format(paths: list[str]) -> str:
    """The one format of all files, from how their names end."""
    files = paths
    if len(paths) == 1 and Path(paths[0]).is_dir():
        files = [str(file) for file in sorted(Path(paths[0]).rglob("*")) if file.is_file()]
        files = [file for file in files if not Path(file).name.startswith((".", "_"))]
        if not files:
            raise DesignError(f"there are no files in {paths[0]!r}.")
    kinds = {_format_of(file) for file in files}
    if len(kinds) > 1:
        raise DesignError(f"the files are of several formats: {', '.join(sorted(kinds))}.")
    return kinds.pop()


def _format_of(file: str) -> str:
    for ending, kind in FORMATS.items():
        if file.lower().endswith(ending):
            return kind
    raise DesignError(
        f"the format of {Path(file).name!r} is not known; names end in {', '.join(FORMATS)}. "
        "Anything else that pyarrow reads can be passed as pyarrow.dataset.dataset(...)."
    )


@dataclass(frozen=True, slots=True, eq=False)
class ArrowSource:
    """A pyarrow dataset; rows are numbered from 0 in each of its files.

    Attributes
    ----------
    dataset : pyarrow.dataset.Dataset
    """

    dataset: Any

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of the columns."""
        return tuple(self.dataset.schema.names)

    def frames(self, columns: Sequence[Any], size: int) -> Iterator[tuple[pd.DataFrame, Places]]:
        """Some columns of all rows, in frames of at most `size` rows."""
        file, start = "", 0
        for batch, here in self._batches(list(columns), size):
            if here != file:
                file, start = here, 0
            n = batch.num_rows
            places = Places(file, pd.RangeIndex(start, start + n))
            start += n
            yield _frame(batch), places

    def _batches(self, columns: list[str], size: int) -> Iterator[tuple[Any, str]]:
        arrow = require("pyarrow", extra="streaming")
        file = "the first file"
        try:
            for tagged in self._scanner(columns, size).scan_batches():
                file = Path(getattr(tagged.fragment, "path", "") or "the table").name
                yield tagged.record_batch, file
        except arrow.ArrowInvalid as error:
            refuse_rows(file, error)

    def _scanner(self, columns: list[str], size: int) -> Any:
        return self.dataset.scanner(
            columns=columns, batch_size=size, batch_readahead=_READ_AHEAD, fragment_readahead=1
        )


def _frame(batch: Any) -> pd.DataFrame:
    """A batch as a table of pandas; large whole numbers beside missing ones stay what they are."""
    frame: pd.DataFrame = batch.to_pandas(split_blocks=True)
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if column.null_count and str(column.type) in ("int64", "uint64"):
            found = frame[name]
            if found.abs().max() >= _EXACT:
                dtype = pd.Int64Dtype() if str(column.type) == "int64" else pd.UInt64Dtype()
                frame[name] = column.to_pandas(types_mapper={column.type: dtype}.get)
    return frame


@dataclass(frozen=True, slots=True, eq=False)
class ParquetSource:
    """Parquet files, read page by page: the memory does not depend on the size of row groups.

    Attributes
    ----------
    dataset : pyarrow.dataset.Dataset
        Of all rows of the files; columns may be in the names of folders, as in ``year=2020``.
    """

    dataset: Any

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of the columns."""
        return tuple(self.dataset.schema.names)

    def frames(self, columns: Sequence[Any], size: int) -> Iterator[tuple[pd.DataFrame, Places]]:
        """Some columns of all rows, in frames of at most `size` rows."""
        for fragment in self.dataset.get_fragments():
            yield from RowGroups(fragment).frames(columns, size)


@dataclass(frozen=True, slots=True, eq=False)
class RowGroups:
    """Rows of one Parquet file; picklable.

    Attributes
    ----------
    fragment : pyarrow.dataset.ParquetFileFragment
    groups : tuple of int or None
        Consecutive row groups; None for all.
    start : int
        Rows before them.
    """

    fragment: Any
    groups: tuple[int, ...] | None = None
    start: int = 0

    def frames(self, columns: Sequence[Any], size: int) -> Iterator[tuple[pd.DataFrame, Places]]:
        """Some columns of the rows, in frames of at most `size` rows."""
        arrow = require("pyarrow.dataset", extra="streaming")
        name, start = Path(self.fragment.path).name, self.start
        of_folder = arrow.get_partition_keys(self.fragment.partition_expression)
        file = self._file()
        own = [column for column in columns if column not in of_folder]
        check_there(name, own, file.schema_arrow.names)
        groups = None if self.groups is None else list(self.groups)
        for batch in file.iter_batches(batch_size=size, columns=own, row_groups=groups):
            frame = _frame(batch)
            if len(own) < len(columns):
                frame = frame.assign(**{c: of_folder[c] for c in columns if c in of_folder})
            n = len(frame)
            yield frame, Places(name, pd.RangeIndex(start, start + n))
            start += n

    def sizes(self) -> list[int]:
        """Rows of each row group of the file."""
        metadata = self._file().metadata
        return [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]

    def _file(self) -> Any:
        parquet = require("pyarrow.parquet", extra="streaming")
        return parquet.ParquetFile(self.fragment.open(), buffer_size=_BUFFER, pre_buffer=False)


@dataclass(frozen=True, slots=True, eq=False)
class FrameSource:
    """Frames that a function gives, each time that it is called, from the first row on.

    Attributes
    ----------
    read : callable
        Without arguments; returns an iterable of DataFrames, or of what makes one.
    """

    read: Callable[[], Iterable[Any]]

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of the columns of the first frame."""
        frames = self.read()
        refuse_to_repeat(frames, self.read)
        for frame in self._of(frames):
            return tuple(frame.columns)
        refuse_empty()

    def frames(self, columns: Sequence[Any], size: int) -> Iterator[tuple[pd.DataFrame, Places]]:
        """Some columns of all rows, in frames of at most `size` rows."""
        for number, frame in enumerate(self._of(self.read()), 1):
            check_there(f"frame {number} of the source", columns, frame.columns)
            for start in range(0, len(frame), size):
                part = frame.iloc[start : start + size]
                yield part.loc[:, list(columns)], Places(f"frame {number}", part.index)

    def _of(self, frames: Any) -> Iterator[pd.DataFrame]:
        if isinstance(frames, pd.DataFrame) or not isinstance(frames, Iterable):
            raise DesignError(
                f"the function of the source gives {type(frames).__name__}; it must give an "
                "iterable of frames."
            )
        for frame in frames:
            yield as_frame(frame)
