"""What a cluster reads: partitions of a dask DataFrame, or parts of files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from wlogit._optional import require
from wlogit.errors import DesignError
from wlogit.streaming.dask_worker import FilePart, columns_of, kind_of
from wlogit.streaming.sources import (
    ArrowSource,
    ParquetSource,
    RowGroups,
    Source,
    check_there,
)

# Rows of row groups that are read by one task, unless a row group has more.
PART_ROWS = 2**19

# Computes delayed values one by one; an exception is returned in place of a value.
Attempt = Callable[[list[Any]], Iterable[Any]]


class Parts(Protocol):
    """Rows in parts, each of which one task reads."""

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of the columns."""
        ...

    @property
    def kinds(self) -> dict[Any, str]:
        """What the entries of columns are, where that is known."""
        ...

    def parts(self, columns: Sequence[Any]) -> list[Any]:
        """With some columns: parts that can be pickled, or delayed ones."""
        ...

    def blame(self, columns: Sequence[Any], attempt: Attempt) -> DesignError | None:
        """Which part cannot be read, if it is that."""
        ...


@dataclass(slots=True, eq=False)
class Partitions:
    """The partitions of a dask DataFrame.

    Attributes
    ----------
    frame : dask.dataframe.DataFrame
    columns : tuple
    kinds : dict
        What the entries of columns are, by the types that dask knows.
    """

    frame: Any
    columns: tuple[Any, ...] = field(init=False)
    kinds: dict[Any, str] = field(init=False)
    _known: dict[tuple[Any, ...], list[Any]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = tuple(self.frame.columns)
        self.kinds = kinds_of(self.frame.dtypes)

    def parts(self, columns: Sequence[Any]) -> list[Any]:
        """Those with some columns, of which alone dask reads where it can."""
        wanted = tuple(columns)
        if wanted not in self._known:
            self._known[wanted] = self.frame[list(wanted)].to_delayed()
        return self._known[wanted]

    def blame(self, columns: Sequence[Any], attempt: Attempt) -> DesignError | None:
        """The first partition that cannot be made, or that lacks a column."""
        delayed = require("dask", extra="dask").delayed
        whole = [delayed(columns_of, traverse=False)(part) for part in self.frame.to_delayed()]
        for number, there in enumerate(attempt(whole)):
            where = f"partition {number}"
            if isinstance(there, BaseException):
                return unreadable(where, there)
            try:
                check_there(where, columns, there)
            except DesignError as error:
                return error
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Files:
    """Files, the large ones in parts.

    Attributes
    ----------
    items : list of FilePart
    columns : tuple
    kinds : dict
        What the entries of columns are, by the schema.
    """

    items: list[FilePart]
    columns: tuple[Any, ...]
    kinds: dict[Any, str]

    def parts(self, columns: Sequence[Any]) -> list[Any]:
        """The parts, whatever the columns."""
        del columns
        return self.items

    def blame(self, columns: Sequence[Any], attempt: Attempt) -> DesignError | None:
        """None: a part says itself what cannot be read."""
        del columns, attempt
        return None


def unreadable(where: str, error: BaseException) -> DesignError:
    """Why a partition cannot be read."""
    found = DesignError(f"{where} cannot be read: {type(error).__name__}: {error}")
    found.__cause__ = error
    return found


def files_of(source: Source) -> list[FilePart]:
    """The files of a source.

    Raises
    ------
    DesignError
        A source without files, or of which only some rows are taken.
    """
    dataset: Any = getattr(source, "dataset", None)
    try:
        fragments = list(dataset.get_fragments()) if hasattr(dataset, "files") else []
    except ValueError:
        fragments = []
    if dataset is None or not fragments:
        raise DesignError(
            "client= is for a dask DataFrame, or for files that the workers open: a function, a "
            "table in memory or a filtered dataset cannot be split among them. Make it a dask "
            "DataFrame, as by dask.dataframe.from_map."
        )
    if isinstance(source, ParquetSource):
        return [FilePart(RowGroups(fragment), fragment.path) for fragment in fragments]
    arrow = require("pyarrow.dataset", extra="streaming")
    single = [
        arrow.FileSystemDataset([fragment], dataset.schema, dataset.format, dataset.filesystem)
        for fragment in fragments
    ]
    paths = [fragment.path for fragment in fragments]
    return [FilePart(ArrowSource(one), path) for one, path in zip(single, paths, strict=True)]


def split(file: FilePart, sizes: list[int]) -> list[FilePart]:
    """A Parquet file in parts of consecutive row groups."""
    found: list[FilePart] = []
    groups: list[int] = []
    start = rows = 0
    for group, size in enumerate(sizes):
        groups.append(group)
        rows += size
        if rows >= PART_ROWS or group == len(sizes) - 1:
            part = RowGroups(file.rows.fragment, tuple(groups), start)
            found.append(FilePart(part, file.path))
            groups, start, rows = [], start + rows, 0
    return found


def kinds_of(dtypes: Mapping[Any, Any]) -> dict[Any, str]:
    """What the entries of columns of some types are, where the type says so."""
    found = {name: kind_of(pd.Series([], dtype=dtype)) for name, dtype in dtypes.items()}
    return {name: kind for name, kind in found.items() if kind is not None}


def kinds_of_schema(schema: Any) -> dict[Any, str]:
    """The same of a schema of pyarrow."""
    types = require("pyarrow", extra="streaming").types
    dtypes = schema.empty_table().to_pandas().dtypes.to_dict()
    texts = {field.name for field in schema if types.is_string(field.type)}
    return {**kinds_of(dtypes), **dict.fromkeys(texts, "label")}
