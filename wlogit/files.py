"""Tables in files, as the command line reads them."""

import sys
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from wlogit._optional import require
from wlogit.errors import DesignError

# Numbers as Python reads them: pandas 2 may be off by the last bit unless told, later ones are not.
_EXACT: dict[str, Any] = (
    {"float_precision": "round_trip"} if pd.__version__.startswith("2.") else {}
)


def read_table(path: str) -> pd.DataFrame:
    """The table in a file.

    Parameters
    ----------
    path : str
        CSV unless it ends in ``.tsv``, ``.parquet`` or ``.pq``; ``-`` is CSV from standard input.

    Raises
    ------
    OSError, ValueError, ImportError
        No such file, no such table in it, or no pyarrow for Parquet.
    """
    if path == "-":
        return _read_text(sys.stdin.buffer, "standard input", ",")
    file = Path(path)
    if not file.is_file():
        file.open("rb").close()
    if file.suffix.lower() in (".parquet", ".pq"):
        require("pyarrow", extra="streaming")
        return pd.read_parquet(file, engine="pyarrow")
    return _read_text(file, path, "\t" if ".tsv" in file.suffixes else ",")


def _read_text(source: Any, name: str, separator: str) -> pd.DataFrame:
    options = {"sep": separator, "low_memory": False, "index_col": False, **_EXACT}
    try:
        with warnings.catch_warnings():
            # Rows longer than the header: pandas would drop what is beyond it.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame: pd.DataFrame = pd.read_csv(source, **options)
    except (ValueError, OSError, pd.errors.ParserWarning) as error:
        raise ValueError(f"{name} cannot be read as a table: {error}") from error
    if frame.shape[1] == 1 and any(mark in str(frame.columns[0]) for mark in ";\t|"):
        raise DesignError(
            f"{name} has one column, {frame.columns[0]!r}: its columns must be separated by commas "
            "(or by tabs in a file named .tsv)."
        )
    return frame
