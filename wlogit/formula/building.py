"""The design of some rows from patsy's description: what patsy builds, column by column.

patsy walks text entry by entry and copies the design several times, which counts where it is built
once in every reading of the rows.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import patsy
from patsy.categorical import categorical_to_int

from wlogit._typing import Array, IntArray
from wlogit.errors import DesignError
from wlogit.formula.texts import MISSING


def build_design(
    info: patsy.DesignInfo, columns: Mapping[Any, "pd.Series[Any]"], n_rows: int
) -> Array:
    """The design of some rows.

    Parameters
    ----------
    info : patsy.DesignInfo
    columns : mapping
        The columns of the formula by name, text as categories.
    n_rows : int

    Returns
    -------
    ndarray, shape (n, k)
        One column after the other in memory. Rows with a missing value have missing entries.

    Raises
    ------
    DesignError
        A factor that is not what it was when its levels were read.
    """
    subterms = [one for coded in info.term_codings.values() for one in coded]
    return side_by_side(subterms, info.factor_infos, factor_values(info, columns, n_rows), n_rows)


def side_by_side(
    subterms: Sequence[Any],
    described: Mapping[Any, Any],
    values: Mapping[Any, Any],
    n_rows: int,
) -> Array:
    """The columns of some subterms, one after the other in memory.

    Parameters
    ----------
    subterms : sequence of patsy.SubtermInfo
    described : mapping of factors to patsy.FactorInfo
    values : mapping
        As of `factor_values`.
    n_rows : int
    """
    design = np.empty((sum(subterm.num_columns for subterm in subterms), n_rows)).T
    start = 0
    for subterm in subterms:
        stop = start + subterm.num_columns
        _fill(design[:, start:stop], subterm, described, values)
        start = stop
    return design


def factor_values(
    info: patsy.DesignInfo, columns: Mapping[Any, "pd.Series[Any]"], n_rows: int
) -> dict[Any, Any]:
    """Numbers of each factor, shape (n, columns), or the codes of its levels, -1 if missing.

    Parameters
    ----------
    info, columns, n_rows
        As in `build_design`.
    """
    return {
        factor: _value(factor, described, columns, n_rows)
        for factor, described in info.factor_infos.items()
    }


def _value(
    factor: Any, described: Any, columns: Mapping[Any, "pd.Series[Any]"], n_rows: int
) -> Any:
    name = factor.name()
    value = columns[name] if name in columns else factor.eval(described.state, columns)
    if described.type == "categorical":
        return _codes(value, described.categories, factor)
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "fiub":
        numbers = _as_numbers(value, name)
    numbers = numbers.reshape(n_rows, -1) if numbers.ndim else np.full((n_rows, 1), numbers)
    if numbers.shape[1] != described.num_columns:
        raise DesignError(
            f"{name!r} has {numbers.shape[1]} columns in some rows and {described.num_columns} in "
            "others."
        )
    return numbers


def _as_numbers(value: Any, name: str) -> Array:
    if np.asarray(value).dtype.kind in "mM":
        raise DesignError(
            f"{name!r} holds dates or times: divide a difference by its unit, as in "
            "(t - start) / np.timedelta64(1, 'D')."
        )
    try:
        # Complex numbers would lose a part without a word.
        numbers = None if np.asarray(value).dtype.kind == "c" else np.asarray(value, np.float64)
    except (TypeError, ValueError):
        numbers = None
    if numbers is None:
        raise DesignError(f"{name!r} is no number in some of the rows.")
    return numbers


def _codes(value: Any, categories: tuple[Any, ...], factor: Any) -> IntArray:
    # What C() puts around a column, patsy takes off before it walks along the entries.
    boxed = type(value).__module__ == "patsy.categorical" and value.levels is None
    held = value.data if boxed else value
    coded = isinstance(held, pd.Series) and isinstance(held.dtype, pd.CategoricalDtype)
    if coded and tuple(held.cat.categories) == tuple(categories):
        return np.asarray(held.cat.codes, dtype=np.intp)
    return np.asarray(categorical_to_int(value, categories, MISSING, factor), dtype=np.intp)


def _fill(
    out: Array, subterm: Any, described: Mapping[Any, Any], values: Mapping[Any, Any]
) -> None:
    """One block of columns: the products of the columns of its factors."""
    parts = []
    for factor in subterm.factors:
        value = values[factor]
        if described[factor].type == "categorical":
            contrast = subterm.contrast_matrices[factor].matrix
            # The code -1 of a missing level is that of the last row.
            coding = np.vstack([contrast, np.full((1, contrast.shape[1]), np.nan)])
            parts.append([coding[:, j][value] for j in range(contrast.shape[1])])
        else:
            parts.append([value[:, j] for j in range(value.shape[1])])
    # The columns of the first factor vary fastest.
    for j, chosen in enumerate(product(*reversed(parts))):
        column = out[:, j]
        column[:] = chosen[-1] if chosen else 1.0
        for other in reversed(chosen[:-1]):
            column *= other
