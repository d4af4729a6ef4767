"""Rows with the same covariates, taken together: a fit needs but their weights and responses."""

from dataclasses import replace

import numpy as np

from wlogit._typing import AnyArray, Array, BoolArray, IntArray
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.objective import LogitObjective

# Rows that are looked at first, and those that most patterns are taken from.
_FIRST, _SECOND = 512, 8192
# Patterns beyond which the sums over them are not short any more, also among the rows looked at.
_MOST, _MOST_OF_FIRST = 4096, 256
_EPS = float(np.finfo(np.float64).eps)


def by_pattern(objective: LogitObjective) -> LogitObjective:
    """The same function as a sum over the distinct rows, if many rows have few of them.

    Covariates that are all categories have as many patterns as combinations of these occur. Else
    the objective as it is; that there are too many patterns shows in a few hundred rows.
    """
    matrix = objective.matrix
    if not objective.large or objective.offset is not None or matrix.compact is not None:
        return objective
    found = _patterns(matrix.values, np.broadcast_to(objective.weight, matrix.shape[:1]) > 0.0)
    if found is None:
        return objective
    rows, codes = found
    weight = np.broadcast_to(objective.weight, codes.shape)
    events = weight * objective.response
    totals = np.bincount(codes, weight, minlength=len(rows)).astype(np.float64)
    events = np.bincount(codes, events, minlength=len(rows)).astype(np.float64)
    response = np.divide(events, totals, out=np.zeros(len(rows)), where=totals > 0.0)
    return LogitObjective(replace(matrix, values=rows), np.minimum(response, 1.0), totals)


def _patterns(values: AnyArray, present: BoolArray) -> tuple[Array, IntArray] | None:
    """The distinct rows among those present, and which of them each row is; None if many.

    A row that is not present counts as the first pattern.
    """
    n, k = values.shape
    first = _spread(values, present, _FIRST)
    if len(np.unique(first @ np.linspace(1.0, 2.0, k))) > _MOST_OF_FIRST:
        return None
    rows = np.unique(_spread(values, present, _SECOND), axis=0)
    size = np.abs(rows).max(axis=0, initial=0.0)
    directions = np.random.default_rng(0).uniform(0.5, 1.5, (2, k)) / np.where(size > 0, size, 1.0)
    codes = np.zeros(n, dtype=np.intp)
    unknown = _matched(values, present, rows, directions, codes)
    if 0 < len(unknown) <= n // 8:
        rows = np.unique(np.vstack([rows, values[unknown]]), axis=0)
        if len(rows) <= _MOST:
            unknown = _matched(values, present, rows, directions, codes)
    return None if len(unknown) or len(rows) > _MOST else (rows, codes)


def _spread(values: AnyArray, present: BoolArray, size: int) -> Array:
    """About ``size`` of the rows that are present, from all over."""
    rows = np.arange(0, len(values), max(len(values) // size, 1))
    return np.asarray(values[rows[present[rows]]], dtype=np.float64)


def _matched(
    values: AnyArray, present: BoolArray, rows: Array, directions: Array, codes: IntArray
) -> IntArray:
    """Write the pattern of each row, and return the rows that have none of these.

    A row is the pattern next to it in the first direction if it is as far as this in both, but
    for rounding: no two patterns are equally far in two random directions.
    """
    k = values.shape[1]
    order = np.argsort(rows @ directions[0])
    along = rows[order] @ directions.T
    between = 0.5 * (along[1:, 0] + along[:-1, 0])
    rounding = 4.0 * k * _EPS * np.abs(along).max(initial=1.0)
    unknown: list[IntArray] = []

    def kernel(part: slice) -> tuple[Array, ...]:
        block = np.asarray(values[part], dtype=np.float64)
        # Rows without weight may hold anything.
        with np.errstate(invalid="ignore", over="ignore"):
            there = np.dot(block, directions.T)
        found = np.searchsorted(between, there[:, 0])
        apart = np.abs(there - along[found]).max(axis=1)
        same = apart <= rounding
        codes[part] = np.where(same, order[found], 0)
        if not same.all():
            unknown.append(np.flatnonzero(~same & present[part]) + part.start)
        return ()

    sum_over_blocks(kernel, len(values), width=k)
    return np.sort(np.concatenate(unknown)) if unknown else np.empty(0, dtype=np.intp)
