"""Replicate weights as the user gives them: a table, names of columns, or a pattern for these."""

import re
from collections.abc import Hashable, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.errors import DataWarning, DesignError, WeightError
from wlogit.survey.columns import DesignRows
from wlogit.weights.columns import Columns, as_floats, column_kind, listed, plain, read_columns

_ROLE = "replicate_weights"
# As svrepdesign(): weights whose mean lies beyond this are taken to be no factors.
_LARGEST_MEAN_FACTOR = 5.0


def is_names(value: Any) -> bool:
    """Whether replicate weights are given by the names of columns, or a pattern for them."""
    if isinstance(value, str):
        return True
    is_list = isinstance(value, list | tuple) and len(value) > 0
    return is_list and all(isinstance(one, str) for one in value)


def rows_of(data: Any, weights: Any, replicate_weights: Any) -> DesignRows:
    """The rows that a replicate design describes.

    Parameters
    ----------
    data : DataFrame, mapping of columns, or None
    weights, replicate_weights
        As given.

    Raises
    ------
    DesignError
        No weights, no rows, or names without a table.
    """
    if weights is None:
        raise DesignError(
            "a replicate design needs weights=, the sampling weights of the full sample."
        )
    if data is None and (isinstance(weights, str) or is_names(replicate_weights)):
        raise DesignError(
            "weights= and replicate_weights= name columns, but there is no table to find them in: "
            "pass the table first, ReplicateDesign(data, ...)."
        )
    rows = DesignRows.of(data, [weights])
    if rows.n_rows == 0:
        raise DesignError("the data have no rows: a design needs a sample.")
    return rows


def read_replicates(
    value: Any, rows: DesignRows, weights_name: str | None
) -> tuple[Array, tuple[str, ...]]:
    """Replicate weights of the rows, shape (n, R), and what the replicates are called.

    Parameters
    ----------
    value : str, list of str, DataFrame or array_like, shape (n, R)
    rows : DesignRows
    weights_name : str or None
        Column of the sampling weights, which is no replicate.

    Raises
    ------
    DesignError
        Names that are not there, a pattern that matches nothing, or another number of rows.
    WeightError
        A missing, infinite or negative weight, by row and column.
    """
    if is_names(value):
        value = _named(value, rows, weights_name)
    table = read_columns(value, _ROLE, DesignError)
    if len(table.columns) < 2:
        raise DesignError(
            f"replicate_weights has {len(table.columns)} column: it needs one for each replicate, "
            "and at least two."
        )
    table = _in_step(table, rows)
    names = _names(table, value)
    _check_numbers(table, names)
    weights = np.column_stack([as_floats(column) for column in table.columns])
    _check_weights(weights, names, rows)
    return weights, names


def columns_named(rows: DesignRows, weights: Any, replicate_weights: Any) -> tuple[str, ...]:
    """Columns of the data that weights and replicate weights were given by, once they are read.

    Parameters
    ----------
    rows : DesignRows
    weights, replicate_weights
        As given.
    """
    names = [weights] if isinstance(weights, str) else []
    if is_names(replicate_weights):
        names += list(_named(replicate_weights, rows, None).columns)
    return tuple(names)


def _named(value: Any, rows: DesignRows, weights_name: str | None) -> pd.DataFrame:
    """The columns of the data that a pattern, or a list, names."""
    frame = cast(pd.DataFrame, rows.frame)  # names without a table were refused before
    columns = list(frame.columns)
    if not isinstance(value, str):
        absent = [name for name in value if name not in columns]
        if absent:
            raise DesignError(
                f"replicate_weights={absent[0]!r} is not a column of the data ({len(absent)} of "
                f"{len(value)} are not)."
            )
        return frame[list(value)]
    try:
        pattern = re.compile(value)
    except re.error as error:
        raise DesignError(
            f"replicate_weights={value!r} is no regular expression: {error}."
        ) from None
    found = [name for name in columns if pattern.search(str(name))]
    if not found:
        raise DesignError(
            f"replicate_weights={value!r} matches no column of the data; its columns are "
            f"{listed(columns)}."
        )
    if weights_name in found:
        raise DesignError(
            f"replicate_weights={value!r} also matches {weights_name!r}, the sampling weights, "
            "which are no replicate: narrow the pattern, as with '^rep[0-9]+$'."
        )
    return frame[found]


def _in_step(table: Columns, rows: DesignRows) -> Columns:
    """The columns in the order of the rows of the design."""
    if table.n_rows != rows.n_rows:
        raise DesignError(
            f"replicate_weights has {table.n_rows} rows, the design {rows.n_rows}; it needs one "
            "row for each row of the data, and one column for each replicate."
        )
    if table.index is None or rows.index is None or table.index.equals(rows.index):
        return table
    positions = pd.Series(np.arange(table.n_rows), index=table.index)
    order = rows.numbers(positions, _ROLE).astype(np.intp)
    return Columns(tuple(column.iloc[order] for column in table.columns), rows.index)


def _names(table: Columns, value: Any) -> tuple[str, ...]:
    labels: Sequence[Hashable] = range(1, len(table.columns) + 1)
    if isinstance(value, pd.DataFrame) and not isinstance(value.columns, pd.RangeIndex):
        labels = [plain(label) for label in value.columns]
    return tuple(str(label) for label in labels)


def _check_numbers(table: Columns, names: tuple[str, ...]) -> None:
    for column, name in zip(table.columns, names, strict=True):
        kind = column_kind(column)
        if kind != "number":
            raise WeightError(
                f"replicate weights must be numbers, but column {name} holds "
                f"{'True/False' if kind == 'boolean' else f'a {kind}'}."
            )


def _check_weights(weights: Array, names: tuple[str, ...], rows: DesignRows) -> None:
    for wrong, problem in (
        (np.isnan(weights), "is missing"),
        (np.isinf(weights), "is infinite"),
        (weights < 0.0, "is negative"),
    ):
        if wrong.any():
            row, column = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
            count = int(wrong.sum())
            raise WeightError(
                f"the replicate weight in row {rows.name(int(row))}, column {names[column]} "
                f"{problem}{f' ({count} in all)' if count > 1 else ''}; every row of a design has "
                "a weight in every replicate, zero where it is left out."
            )
    empty = np.flatnonzero(~weights.any(axis=0))
    if empty.size:
        raise WeightError(
            f"replicate {names[empty[0]]} has no row with a positive weight; leave it out."
        )


def warn_if_mistaken(replicates: Array, weights: Array, *, combined: bool) -> None:
    """Warn where replicate weights look like factors and are said to be weights, or the reverse.

    By the means, as ``svrepdesign`` of R's survey does.

    Parameters
    ----------
    replicates : ndarray, shape (n, R)
    weights : ndarray, shape (n,)
        Sampling weights.
    combined : bool
        Whether they are said to be weights.
    """
    mean, of_weights = float(replicates.mean()), float(weights.mean())
    ratio = of_weights / mean
    numbers = f"their mean is {mean:.4g}, that of the sampling weights {of_weights:.4g}"
    if combined and mean < _LARGEST_MEAN_FACTOR < ratio:
        warn_user(
            f"replicate_weights look like factors of the sampling weights: {numbers}. If they "
            "are, pass combined=False.",
            DataWarning,
        )
    if not combined and ratio < _LARGEST_MEAN_FACTOR < mean:
        warn_user(
            f"replicate_weights look like weights, not factors: {numbers}. If they are, pass "
            "combined=True.",
            DataWarning,
        )
