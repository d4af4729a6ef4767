"""Per-row inputs (weights, offset, groups) put in step with the rows of the data as passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn, TypeGuard

import pandas as pd

from wlogit._typing import Array, IntArray
from wlogit.errors import WeightError
from wlogit.weights.columns import (
    Columns,
    as_floats,
    check_one_kind,
    coded,
    column_kind,
    is_number,
    listed,
    read_columns,
    row_name,
    shorten,
)

_BEFORE = "one entry per row of the data as passed, before subset and missing rows are taken out"


@dataclass(frozen=True, slots=True)
class Labels:
    """A grouping of the rows.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
        Position of each row's label in `levels`; -1 where it is missing.
    levels : Index
        Distinct labels, in order of first appearance.
    name : str or None
        Column or Series it came from.
    """

    codes: IntArray
    levels: pd.Index
    name: str | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    """The rows of the data as passed, to which inputs are aligned.

    Attributes
    ----------
    frame : DataFrame or None
        Where column names are looked up.
    index : Index or None
        Row labels; None when the data are plain arrays.
    """

    frame: pd.DataFrame | None
    index: pd.Index | None
    n_rows: int


def align_column(
    value: object,
    *,
    role: str,
    frame: pd.DataFrame | None,
    index: pd.Index | None,
    n_rows: int,
    error: type[ValueError] | None = None,
) -> Array:
    """Numbers per row as a new float array, NaN where missing.

    Parameters
    ----------
    value : str, Series, one-column DataFrame, array or list
        A string names a column of `frame`.
    role : str
        Name of the argument, for messages. Only ``"freq_weights"`` may be boolean.
    error : exception class, optional
        By default `WeightError` for a role that ends in "weights", else ``ValueError``.

    Returns
    -------
    ndarray, shape (n_rows,)
        One entry per row of the data as passed, before subset and missing rows are taken out.
    """
    error = error or _error_of(role)
    target = _target(frame, index, n_rows)
    column = _one_aligned(value, target, role, error)
    kind = column_kind(column)
    if kind != "number" and not (kind == "boolean" and role == "freq_weights"):
        _refuse_kind(column, kind, target.index, role, error)
    return as_floats(column)


def align_labels(
    value: object,
    *,
    role: str,
    frame: pd.DataFrame | None,
    index: pd.Index | None,
    n_rows: int,
    error: type[ValueError] | None = None,
) -> Labels:
    """Labels per row (a grouping, strata) as codes; arguments as in `align_column`."""
    error = error or _error_of(role)
    return _coded(_one_aligned(value, _target(frame, index, n_rows), role, error), role, error)


def align_groups(
    value: object,
    *,
    role: str = "groups",
    frame: pd.DataFrame | None,
    index: pd.Index | None,
    n_rows: int,
    error: type[ValueError] | None = None,
) -> tuple[Labels, ...]:
    """One grouping or several: a list or tuple of them, or the columns of a table."""
    error = error or _error_of(role)
    rows = _target(frame, index, n_rows)
    parts = value if _is_several(value, rows) else (value,)
    columns = [column for part in parts for column in _aligned(part, rows, role, error)]
    return tuple(_coded(column, role, error) for column in columns)


def _error_of(role: str) -> type[ValueError]:
    return WeightError if role.endswith("weights") else ValueError


def _target(frame: pd.DataFrame | None, index: pd.Index | None, n_rows: int) -> _Target:
    return _Target(frame, frame.index if index is None and frame is not None else index, n_rows)


def _is_several(value: object, rows: _Target) -> TypeGuard[Sequence[object]]:
    if not isinstance(value, list | tuple) or len(value) == rows.n_rows:
        return False
    return any(
        isinstance(part, str | list | tuple) or getattr(part, "ndim", 0) > 0 for part in value
    )


def _one_aligned(value: object, rows: _Target, role: str, error: type[ValueError]) -> pd.Series:
    columns = _aligned(value, rows, role, error)
    if len(columns) != 1:
        raise error(f"{role} has {len(columns)} columns; it needs one.")
    return columns[0]


def _aligned(
    value: object, rows: _Target, role: str, error: type[ValueError]
) -> tuple[pd.Series, ...]:
    if isinstance(value, str):
        return (_named(value, rows.frame, role, error),)
    table = read_columns(value, role, error)
    if table.index is None:
        _check_length(table, rows, role, error)
        return table.columns
    order = _order(table.index, rows, role, error)
    return tuple(c if order is None else c.iloc[order] for c in table.columns)


def _named(name: str, frame: pd.DataFrame | None, role: str, error: type[ValueError]) -> pd.Series:
    if frame is None:
        raise error(
            f"{role}={name!r} names a column, but there is no data frame to find it in: "
            "pass the values, or use from_formula with data=."
        )
    if name not in frame.columns:
        near = get_close_matches(name, [str(c) for c in frame.columns], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"its columns are {listed(frame.columns)}."
        raise error(f"{role}={name!r} is not a column of the data; {hint}")
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise error(f"{role}={name!r} names {column.shape[1]} columns of the data; rename them.")
    return column


def _check_length(table: Columns, rows: _Target, role: str, error: type[ValueError]) -> None:
    if table.n_rows != rows.n_rows:
        raise error(
            f"{role} has {table.n_rows} entries, the data {rows.n_rows} rows; it needs {_BEFORE}."
        )


def _order(labels: pd.Index, rows: _Target, role: str, error: type[ValueError]) -> IntArray | None:
    """Position of each row of the data among the labels, None when they are in step already."""
    if rows.index is None:
        if not labels.equals(pd.RangeIndex(rows.n_rows)):
            raise error(
                f"{role} has row labels ({listed(labels, 3)}) but the data have none to match "
                f"them to; if its rows are in the order of the data, pass {role}.to_numpy()."
            )
        return None
    if labels.equals(rows.index):
        return None
    for index, whose in ((labels, role), (rows.index, "the data")):
        if not index.is_unique:
            repeated = index[index.duplicated()].unique()
            raise error(
                f"{role} cannot be matched to the data by row label: {whose} has duplicate labels "
                f"({listed(repeated, 3)}). If its rows are in the order of the data, pass "
                f"{role}.to_numpy(); else make the labels unique."
            )
    order = labels.get_indexer(rows.index)
    if len(labels) != rows.n_rows or (order < 0).any():
        _refuse_labels(labels, rows.index, role, error)
    return order


def _refuse_labels(
    labels: pd.Index, wanted: pd.Index, role: str, error: type[ValueError]
) -> NoReturn:
    lacking = wanted[labels.get_indexer(wanted) < 0]
    extra = labels[wanted.get_indexer(labels) < 0]
    found = [f"none for {listed(lacking, 3)}"] if len(lacking) else []
    found += [f"labels not in the data: {listed(extra, 3)}"] if len(extra) else []
    raise error(
        f"{role} does not have the row labels of the data: {'; '.join(found)}. It needs {_BEFORE}; "
        "select or relabel its rows, or, if they are in the order of the data, pass "
        f"{role}.to_numpy()."
    )


def _coded(column: pd.Series, role: str, error: type[ValueError]) -> Labels:
    codes, levels = coded(column, role, error)
    if column.dtype == object:
        check_one_kind(levels, role, error)
    name = None if column.name is None else str(column.name)
    return Labels(codes, pd.Index(levels), name)


def _refuse_kind(
    column: pd.Series, kind: str, index: pd.Index | None, role: str, error: type[ValueError]
) -> NoReturn:
    reason = {
        "boolean": "is True/False; use .astype(float) if 1 and 0 are meant.",
        "category": "is categorical; use .astype(float) if its categories are numbers.",
        "date": "holds dates or times.",
        "complex": "holds complex numbers.",
    }
    if kind in reason:
        raise error(f"{role} must be numbers, but {reason[kind]}")
    position = next(
        i for i, entry in enumerate(column) if not pd.isna(entry) and not is_number(entry)
    )
    raise error(
        f"{role} must be numbers; row {row_name(index, position)} has "
        f"{shorten(column.iloc[position])}. Convert text with pandas.to_numeric first."
    )
