"""One number for each column of the design, as users give them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array


def numbers_of_columns(
    names: list[Any], given: Any, role: str, *, others: float | None = None
) -> Array:
    """Numbers in the order of the columns, from an array, a mapping or a Series by name.

    Parameters
    ----------
    names : list
        The columns.
    given : array_like, shape (k,), mapping or Series
        Finite, not negative.
    role : str
        What the numbers are called in a message.
    others : float, optional
        What columns get that a mapping leaves out; by default it must name them all.

    Raises
    ------
    ValueError
        Naming the column.
    """
    if isinstance(given, Mapping | pd.Series):
        given = _by_name(names, given, role, others)
    values = np.array(given, dtype=np.float64)
    if values.shape != (len(names),):
        raise ValueError(
            f"{role} has shape {values.shape}; it needs one number for each of the {len(names)} "
            f"columns, or a mapping by name: {names}."
        )
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0.0)))
    if wrong.size:
        raise ValueError(
            f"{role} of {names[wrong[0]]!r} is {values[wrong[0]]:g}; it must be a finite number, "
            "not negative. Zero leaves a column without penalty."
        )
    return values


def _by_name(names: list[Any], given: Any, role: str, others: float | None) -> list[Any]:
    keys = list(given.keys())
    wrong = [key for key in keys if key not in names or keys.count(key) > 1]
    if wrong:
        how = "more than once" if wrong[0] in names else "which is no column of the design"
        listed = ", ".join(map(str, names))
        raise ValueError(f"{role} names {wrong[0]!r}, {how}; its columns are {listed}.")
    left_out = [name for name in names if name not in keys]
    if left_out and others is None:
        raise ValueError(f"{role} has no number for {left_out[0]!r}; it needs one for each column.")
    return [given[name] if name in keys else others for name in names]
