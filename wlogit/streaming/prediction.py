"""Predictions of any number of rows, written as they are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd

from wlogit._optional import require
from wlogit.errors import DesignError
from wlogit.streaming.building import CHUNK_ROWS
from wlogit.streaming.local import LocalSite
from wlogit.streaming.opening import open_site
from wlogit.streaming.sites import Site
from wlogit.streaming.sources import Piece, Source, check_there, is_read, pieces, refuse_empty

PREDICTED = "predicted"


@dataclass(frozen=True, slots=True, eq=False)
class Predict:
    """The columns to keep, and the predictions, of the rows of a piece; picklable.

    Attributes
    ----------
    results : StreamedLogitResults
    which : str or None
    prevalence : float or None
    keep : list
    """

    results: Any
    which: str | None
    prevalence: float | None
    keep: list[Any]

    def __call__(self, piece: Piece) -> pd.DataFrame:
        """Those of a piece."""
        options = {"which": self.which, "prevalence": self.prevalence}
        predicted = self.results.predict(piece.frame, **options)
        frame = piece.frame[self.keep].reset_index(drop=True)
        return frame.assign(**{PREDICTED: np.asarray(predicted, dtype=np.float64)})

    def columns(self, there: Sequence[Any]) -> tuple[Any, ...]:
        """What has to be read."""
        model = self.results.model
        offset = [] if model.offset_name is None else [model.offset_name]
        used = [name for name in there if name in model.formula_columns or name in offset]
        check_there("the source", [*self.keep, *offset], there)
        return tuple(dict.fromkeys([*used, *self.keep]))


@dataclass(frozen=True, slots=True, eq=False)
class WriteFiles:
    """Writes the predictions of each piece to a file of its own; returns how many.

    Attributes
    ----------
    predict : Predict
    folder : Path
    """

    predict: Predict
    folder: Path

    def __call__(self, piece: Piece) -> int:
        """Write those of a piece."""
        part, at = piece.number if isinstance(piece.number, tuple) else (0, piece.number)
        frame = self.predict(piece)
        file = self.folder / f"part-{part:06d}-{at:04d}.parquet"
        # A worker that is lost in the middle leaves no half of a file.
        unfinished = file.with_suffix(f".{uuid4().hex}")
        self.folder.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(unfinished, engine="pyarrow", index=False)
        unfinished.replace(file)
        return len(frame)

    def combine(self, first: int, second: int) -> int:
        """How many in both."""
        return first + second


def predict_to_parquet(predict: Predict, path: Any, source: Any, chunk_rows: int | None) -> int:
    """Predict in chunks; see `StreamedLogitResults.predict_to_parquet`."""
    known: Site = predict.results.model.site
    client = getattr(known, "client", None)
    site = known if source is None else open_site(source, client, progress=False)
    if PREDICTED in predict.keep:
        raise DesignError(f"keep= has {PREDICTED!r}, the name of the predictions; rename it.")
    target, size = Path(path), chunk_rows or CHUNK_ROWS
    for read in (site, known):
        if isinstance(read, LocalSite):
            refuse_to_replace(read.source, target)
    if isinstance(site, LocalSite):
        return _to_file(predict, site, target, size)
    return _to_folder(predict, site, target, size)


def _to_file(predict: Predict, site: LocalSite, target: Path, size: int) -> int:
    """Write one file, all of it or nothing."""
    parquet = require("pyarrow.parquet", extra="streaming")
    part = target.with_name(target.name + ".part")
    writer, n = None, 0
    try:
        for piece in pieces(site.source, predict.columns(site.columns), size):
            frame = predict(piece)
            schema = None if writer is None else writer.schema
            table = _table(frame, schema)
            if writer is None:
                writer = parquet.ParquetWriter(part, table.schema)
            writer.write_table(table)
            n += len(frame)
    except BaseException:
        if writer is not None:
            writer.close()
            part.unlink()
        raise
    if writer is None:
        refuse_empty()
    writer.close()
    part.replace(target)
    return n


def _table(frame: pd.DataFrame, schema: Any) -> Any:
    """The rows in the types of those that were written first."""
    arrow = require("pyarrow", extra="streaming")
    try:
        return arrow.Table.from_pandas(frame, schema=schema, preserve_index=False)
    except arrow.ArrowException as error:
        raise DesignError(
            f"a column of keep= is not of one type in all rows: {'; '.join(map(str, error.args))}. "
            "Give it one in the source, or join it to the predictions, which are in its order."
        ) from error


def _to_folder(predict: Predict, site: Site, target: Path, size: int) -> int:
    """Write a folder of files, each by the worker that has the rows."""
    part = target.with_name(target.name + ".part").absolute()
    refuse_folders_there(target, part)
    try:
        task = WriteFiles(predict, part)
        n = site.total(task, predict.columns(site.columns), size, "predictions", None)
        if n is None:
            refuse_empty()
        refuse_unseen(part)
        part.replace(target)
    except BaseException:
        rmtree(part, ignore_errors=True)
        raise
    return n


def refuse_to_replace(source: Source, target: Path) -> None:
    """Refuse to write over a file that the source reads."""
    if is_read(source, target):
        raise DesignError(
            f"{target} is one of the files that rows are read from, and would be replaced; "
            "write the predictions to another file."
        )


def refuse_folders_there(*folders: Path) -> None:
    """Refuse to write into a folder, or over a file, that is there."""
    for folder in folders:
        if folder.exists():
            raise DesignError(
                f"{folder} is there already; the workers write a new folder, one file for each "
                "part of the rows. Remove it, or choose another name."
            )


def refuse_unseen(folder: Path) -> None:
    """Refuse a folder that the workers have, and this process has not."""
    if not folder.exists():
        raise DesignError(
            f"the workers have written to {folder}, which this process does not see; write to a "
            "folder that all of them share."
        )
