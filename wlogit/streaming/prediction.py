"""Predictions of any number of rows, written as they are made."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wlogit._optional import require
from wlogit.errors import DesignError
from wlogit.streaming.building import CHUNK_ROWS
from wlogit.streaming.sources import Source, check_there, is_read, open_source, pieces, refuse_empty

PREDICTED = "predicted"


def predict_to_parquet(
    results: Any,
    path: Any,
    source: Any,
    which: str | None,
    prevalence: float | None,
    keep: Sequence[Any],
    chunk_rows: int | None,
) -> int:
    """Predict in chunks; see `StreamedLogitResults.predict_to_parquet`."""
    rows: Source = results.model.site.source if source is None else open_source(source)
    kept = [keep] if isinstance(keep, str) else list(keep)
    if PREDICTED in kept:
        raise DesignError(f"keep= has {PREDICTED!r}, the name of the predictions; rename it.")
    arrow = require("pyarrow", extra="streaming")
    parquet = require("pyarrow.parquet", extra="streaming")
    target = Path(path)
    for read in (rows, results.model.site.source):
        refuse_to_replace(read, target)
    part = target.with_name(target.name + ".part")
    writer, n = None, 0
    try:
        for frame in _predicted(results, rows, which, prevalence, kept, chunk_rows or CHUNK_ROWS):
            schema = None if writer is None else writer.schema
            table = arrow.Table.from_pandas(frame, schema=schema, preserve_index=False)
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


def _predicted(
    results: Any,
    source: Source,
    which: str | None,
    prevalence: float | None,
    keep: list[Any],
    size: int,
) -> Iterator[pd.DataFrame]:
    """The columns to keep, and the predictions, of each piece."""
    model, there = results.model, source.columns
    offset = [] if model.offset_name is None else [model.offset_name]
    used = [name for name in there if name in model.formula_columns or name in offset]
    check_there("the source", [*keep, *offset], there)
    for piece in pieces(source, tuple(dict.fromkeys([*used, *keep])), size):
        predicted = results.predict(piece.frame, which=which, prevalence=prevalence)
        frame = piece.frame[keep].reset_index(drop=True)
        yield frame.assign(**{PREDICTED: np.asarray(predicted, dtype=np.float64)})


def refuse_to_replace(source: Source, target: Path) -> None:
    """Refuse to write over a file that the source reads."""
    if is_read(source, target):
        raise DesignError(
            f"{target} is one of the files that rows are read from, and would be replaced; "
            "write the predictions to another file."
        )
