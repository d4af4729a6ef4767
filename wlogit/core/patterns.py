"""Rows with the same covariates, taken together: a fit needs but their weights and responses."""

from dataclasses import replace

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.model_matrix import ModelMatrix
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
    present = None if objective.weight.ndim == 0 else objective.weight > 0.0
    found = _patterns(matrix, present)
    if found is None:
        return objective
    rows, codes = found
    weight = np.broadcast_to(objective.weight, codes.shape)
    events = weight * objective.response
    totals = np.bincount(codes, weight, minlength=len(rows)).astype(np.float64)
    events = np.bincount(codes, events, minlength=len(rows)).astype(np.float64)
    response = np.divide(events, totals, out=np.zeros(len(rows)), where=totals > 0.0)
    return LogitObjective(replace(matrix, values=rows), np.minimum(response, 1.0), totals)


def _patterns(matrix: ModelMatrix, present: BoolArray | None) -> tuple[Array, IntArray] | None:
    """The distinct rows among those present, and which of them each row is; None if many.

    A row that is not present counts as one of the patterns, whatever it holds.
    """
    n, k = matrix.shape
    there = np.arange(n) if present is None else np.flatnonzero(present)
    first = matrix.block(_spread(there, _FIRST))
    if len(np.unique(first @ np.linspace(1.0, 2.0, k))) > _MOST_OF_FIRST:
        return None
    rows = _distinct(matrix, _spread(there, _SECOND))
    scaled = np.random.default_rng(0).uniform(0.5, 1.5, (k, 2)) / _sizes(matrix, rows, there)
    codes = np.zeros(n, dtype=np.intp)
    unknown = _matched(matrix, present, rows, scaled, codes)
    if unknown is not None and 0 < len(unknown) <= n // 8:
        rows = np.unique(np.vstack([rows, _distinct(matrix, unknown)]), axis=0)
        if len(rows) <= _MOST:
            unknown = _matched(matrix, present, rows, scaled, codes)
    if unknown is None or len(unknown) or len(rows) > _MOST:
        return None
    return rows, codes


def _spread(there: IntArray, size: int) -> IntArray:
    """About ``size`` of these rows, from all over."""
    return there[:: max(len(there) // size, 1)]


def _distinct(matrix: ModelMatrix, rows: IntArray) -> Array:
    """The distinct ones of some rows, as they are given."""
    return np.unique(np.asarray(matrix.values[rows], dtype=np.float64), axis=0)


def _sizes(matrix: ModelMatrix, rows: Array, there: IntArray) -> Array:
    """What entries of each column are measured in, shape (k, 1): none is zero.

    A column of zeros among the patterns seen may have any unit, which the other rows show.
    """
    largest = np.abs(replace(matrix, values=rows).block(slice(None))).max(axis=0, initial=0.0)
    for j in np.flatnonzero(largest == 0.0):
        shift = 0.0 if matrix.shift is None else matrix.shift[j]
        scale = 1.0 if matrix.scale is None else matrix.scale[j]
        column = (np.asarray(matrix.values[there, j], dtype=np.float64) - shift) * scale
        largest[j] = np.abs(column).max(initial=0.0)
    return np.where(largest > 0.0, largest, 1.0)[:, np.newaxis]


def _matched(
    matrix: ModelMatrix, present: BoolArray | None, rows: Array, directions: Array, codes: IntArray
) -> IntArray | None:
    """Write the pattern of each row, and return the rows that have none of these.

    A row is the pattern next to it in the first direction if it is as far as this in both, but
    for rounding: no two patterns are equally far in two random directions. None where rounding
    does not tell the patterns apart.
    """
    n, k = matrix.shape
    inside = replace(matrix, values=rows).block(slice(None))
    order = np.argsort(inside @ directions[:, 0])
    along = inside[order] @ directions
    rounding = 4.0 * k * _EPS * (np.abs(inside[order]) @ directions).max(axis=1, initial=0.0)
    if np.any(np.diff(along[:, 0]) <= rounding[1:] + rounding[:-1]):
        return None
    between = 0.5 * (along[1:, 0] + along[:-1, 0])
    unknown: list[IntArray] = []

    def kernel(part: slice) -> tuple[Array, ...]:
        # Rows without weight may hold anything.
        with np.errstate(invalid="ignore", over="ignore"):
            there = np.dot(matrix.block(part), directions)
            found = np.searchsorted(between, there[:, 0])
            same = np.abs(there - along[found]).max(axis=1) <= rounding[found]
        codes[part] = order[found]
        absent = ~same if present is None else ~same & present[part]
        if absent.any():
            unknown.append(np.flatnonzero(absent) + part.start)
        return ()

    sum_over_blocks(kernel, n, width=k)
    return np.sort(np.concatenate(unknown)) if unknown else np.empty(0, dtype=np.intp)
