"""What sums over chunks rest on: rows that can be read again, and expressions of one row each."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import AnyArray
from wlogit.errors import DesignError

# Rows that show it.
_FEW = 100


def refuse_functions_of_all_rows(
    name: str, value: Callable[[Any], Any], data: "Mapping[Any, pd.Series[Any]] | pd.DataFrame"
) -> None:
    """Refuse an expression that half of some rows change, as means, ranks and lags are.

    Parameters
    ----------
    name : str
        The expression.
    value : callable
        From rows numbered from 0 to its entries.
    data : mapping or DataFrame
        Columns of some rows.

    Raises
    ------
    DesignError
    """
    there = {column: data[column].iloc[:_FEW] for column in data}
    n = max((len(column) for column in there.values()), default=0)
    whole = _entries(value(_like(data, there)))
    for rows in (slice(0, None, 2), slice(1, None, 2)) if n > 1 else ():
        part = {column: held.iloc[rows].reset_index(drop=True) for column, held in there.items()}
        expected = whole[rows] if whole.shape[:1] == (n,) else whole
        if not _same(lambda part=part: value(_like(data, part)), expected):  # type: ignore[misc]
            raise DesignError(
                f"{name!r} is another number where only some of the rows are read, as a mean, a "
                "rank or a lag is; write center(x), standardize(x) or bs(x), which learn from all "
                "rows, or put the result into the data."
            )


def _like(data: Any, columns: dict[Any, "pd.Series[Any]"]) -> Any:
    return pd.DataFrame(columns) if isinstance(data, pd.DataFrame) else columns


def _entries(value: Any) -> AnyArray:
    held = value.data if type(value).__module__ == "patsy.categorical" else value
    return np.asarray(held)


def _same(value: Callable[[], Any], expected: AnyArray) -> bool:
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = _entries(value())
    except Exception:  # noqa: BLE001  whatever the user's function makes of fewer rows
        return False
    if found.shape != expected.shape:
        return False
    if found.dtype.kind in "fiub" and expected.dtype.kind in "fiub":
        return bool(np.allclose(found, expected, rtol=1e-9, atol=0.0, equal_nan=True))
    missing = pd.isna(found)
    return bool(np.array_equal(missing, pd.isna(expected))) and bool(
        np.all((found == expected)[~missing])
    )


def refuse_to_repeat(frames: object, read: Callable[[], object]) -> None:
    """Refuse a function that gives one iterator each time, which can be read once only.

    Parameters
    ----------
    frames : iterable
        What it has given.
    read : callable
        The function.

    Raises
    ------
    DesignError
    """
    if isinstance(frames, Iterator) and read() is frames:
        raise DesignError(
            "the function of the source gives the same iterator each time, of which the rows can "
            "be read once only; it must make it anew each time."
        )
