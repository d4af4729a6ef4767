"""Designs of formulas with large factors: levels by index beside a few dense columns.

Names, order and coding of the columns are patsy's; only its matrix, of which nearly all entries
would be zero, is never built.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import patsy

from wlogit._typing import Array, IntArray
from wlogit.core.sides import Coded, CodedColumns
from wlogit.exog import CompactExog
from wlogit.formula.building import factor_values, side_by_side

# Bytes of the dense design, and columns of a part of a term, beyond which they are held by index.
LARGE_DESIGN, MANY_COLUMNS = 2**26, 32
# Rows from which patsy's walk over the entries of a column of numbers takes long.
_MANY_ROWS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class _Indicators:
    """A factor whose every level has an entry in at most one column.

    Attributes
    ----------
    column : ndarray of int, shape (levels,)
        -1 for a level without an entry.
    entry : ndarray, shape (levels,)
    """

    column: IntArray
    entry: Array

    @classmethod
    def of(cls, contrast: Array) -> "_Indicators | None":
        """From the coding of the levels; None where some level has several entries."""
        filled = contrast != 0.0
        if np.any(filled.sum(axis=1) > 1):
            return None
        some = filled.any(axis=1)
        column = np.where(some, filled.argmax(axis=1), -1)
        return cls(column, np.where(some, contrast[np.arange(len(contrast)), column], 0.0))


def compact_design(info: patsy.DesignInfo, columns: Any, n_rows: int) -> CompactExog | None:
    """The design of some rows, if it is large and mostly zero; otherwise None.

    Parameters
    ----------
    info : patsy.DesignInfo
    columns : DataFrame or mapping
        The columns of the formula by name, text as categories.
    n_rows : int

    Returns
    -------
    CompactExog or None
        Rows with a missing value have missing entries.
    """
    if 8 * n_rows * len(info.column_names) <= LARGE_DESIGN:
        return None
    starts, wide = 0, []
    for subterms in info.term_codings.values():
        for subterm in subterms:
            if subterm.num_columns > MANY_COLUMNS and _indicators(subterm):
                wide.append((starts, subterm))
            starts += subterm.num_columns
    if not wide:
        return None
    values = factor_values(info, columns, n_rows)
    parts, places = [], []
    for start, subterm in wide:
        for coded, where in _coded_parts(subterm, info.factor_infos, values, n_rows):
            parts.append(coded)
            places.append(start + where)
    rest = np.setdiff1d(np.arange(starts), np.concatenate(places))
    dense = _dense_part(info, values, [subterm for _, subterm in wide], n_rows)
    return CompactExog(dense, rest, CodedColumns(parts), np.concatenate(places))


def _indicators(subterm: Any) -> dict[Any, _Indicators]:
    """The factors of a subterm that are coded by indicators."""
    coded = {
        factor: _Indicators.of(contrast.matrix)
        for factor, contrast in subterm.contrast_matrices.items()
    }
    return {factor: found for factor, found in coded.items() if found is not None}


def _dense_part(
    info: patsy.DesignInfo, values: Mapping[Any, Any], wide: Sequence[Any], n_rows: int
) -> Array:
    """The columns of all other subterms, in order."""
    others = [
        subterm
        for subterms in info.term_codings.values()
        for subterm in subterms
        if not any(subterm is one for one in wide)
    ]
    return side_by_side(others, info.factor_infos, values, n_rows)


def _coded_parts(
    subterm: Any, described: Mapping[Any, Any], values: Mapping[Any, Any], n_rows: int
) -> list[tuple[Coded, IntArray]]:
    """The columns of a subterm by index: one part for each product of its other columns.

    With each part come the positions of its columns in the subterm, of which those of the first
    factor vary fastest.
    """
    indicators = _indicators(subterm)
    codes: IntArray = np.zeros(n_rows, dtype=np.intp)
    entries: Array | None = None
    places, absent = np.zeros(1, dtype=np.intp), np.zeros(n_rows, dtype=np.bool_)
    stride, others = 1, []
    for factor in subterm.factors:
        value = values[factor]
        if factor in indicators:
            found, size = indicators[factor], subterm.contrast_matrices[factor].matrix.shape[1]
            own, entry = found.column[value], np.where(value < 0, np.nan, found.entry[value])
            absent |= (own < 0) & (value >= 0)
            codes += np.maximum(own, 0) * len(places)
            places = (places + stride * np.arange(size)[:, np.newaxis]).ravel()
            if np.any(entry[~absent] != 1.0):
                entries = entry if entries is None else entries * entry
        else:
            columns = _columns_of(factor, subterm, value, described)
            size = len(columns)
            others.append([(stride * j, column) for j, column in enumerate(columns)])
        stride *= size
    narrow = np.where(absent, len(places), codes).astype(np.int32)
    parts = []
    for chosen in product(*others):
        values_here = entries
        for _, column in chosen:
            values_here = column if values_here is None else values_here * column
        where = places + sum(offset for offset, _ in chosen)
        parts.append((Coded(narrow, len(places), _clean(values_here, absent)), where))
    return parts


def _columns_of(factor: Any, subterm: Any, value: Any, described: Mapping[Any, Any]) -> list[Array]:
    """The columns of a factor that is no indicator: numbers, or the codes of a contrast."""
    if described[factor].type != "categorical":
        return [np.asarray(value[:, j], dtype=np.float64) for j in range(value.shape[1])]
    contrast = subterm.contrast_matrices[factor].matrix
    coding = np.vstack([contrast, np.full((1, contrast.shape[1]), np.nan)])
    return [coding[:, j][value] for j in range(contrast.shape[1])]


def _clean(entries: Array | None, absent: Any) -> Array | None:
    """Entries of the rows that have one, but missing values of the others as well."""
    if entries is None:
        return None
    return np.where(absent & ~np.isnan(entries), 0.0, entries)


def with_categories(
    frame: pd.DataFrame, terms: Sequence[patsy.Term], levels: Mapping[Any, Any] | None = None
) -> pd.DataFrame:
    """Columns of numbers that the terms take as categories only, as categories.

    Parameters
    ----------
    frame : DataFrame
    terms : sequence of patsy.Term
        Of both sides of a formula.
    levels : mapping of factors to tuples, optional
        The levels that a fit has seen; others are left to patsy.
    """
    if len(frame) < _MANY_ROWS:
        return frame
    factors = {factor for term in terms for factor in term.factors}
    codes = {factor: ast.parse(factor.code, mode="eval").body for factor in factors}
    columns = {}
    for factor, code in codes.items():
        name = _categorized(code)
        if name not in frame.columns or frame[name].dtype.kind not in "iubf":
            continue
        if any(other != factor and _reads(tree, name) for other, tree in codes.items()):
            continue
        column = frame[name]
        if levels is None:
            columns[name] = column.astype("category")
        elif column.isin(known := list(levels.get(factor, ()))).all():
            columns[name] = column.astype(pd.CategoricalDtype(known))
    return frame.assign(**columns) if columns else frame


def _categorized(code: ast.expr) -> Any:
    """The column in ``C(column)``, with or without a contrast."""
    match code:
        case ast.Call(func=ast.Name(id="C"), args=[ast.Name(id=name), *_], keywords=keywords):
            given = {keyword.arg for keyword in keywords}
            return name if given <= {"contrast"} and len(code.args) < 3 else None
    return None


def _reads(code: ast.expr, name: str) -> bool:
    """Whether an expression may use a column."""
    return any(
        (isinstance(node, ast.Name) and node.id == name)
        or (isinstance(node, ast.Constant) and node.value == name)
        for node in ast.walk(code)
    )
