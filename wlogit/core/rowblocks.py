"""Weighted sums over the rows of a model matrix; the one place speed lives.

Every function walks blocks of rows that stay in cache, so nothing of the size of X is ever
allocated.
"""

import numpy as np

from wlogit._typing import Array
from wlogit.core.blocksum import BLOCK_ROWS, blocks, sum_over_blocks, thread_count
from wlogit.core.factors import root_of
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import block_gram, finished, rows_times, squared_lengths, times

__all__ = [
    "BLOCK_ROWS",
    "blocks",
    "column_bounds",
    "quadratic_forms",
    "sum_over_blocks",
    "thread_count",
    "weighted_gram",
    "weighted_sums",
]

# Entries of a row that a loop over it is fast for, and of a block that stays in cache.
_LONG_ROW, _CACHED_ENTRIES = 2048, 2**18


def weighted_gram(matrix: ModelMatrix, weight: Array) -> Array:
    """``sum of w x x'``, shape (k, k); ``weight`` of shape (n,) or ()."""

    def kernel(rows: slice) -> tuple[Array]:
        return (block_gram(matrix.part(rows), _part(weight, rows)),)

    (total,) = sum_over_blocks(kernel, matrix.row_blocks, width=matrix.width)
    return finished(total)


def weighted_sums(matrix: ModelMatrix, vectors: Array) -> Array:
    """``X'V``, shape (k,) or (k, q), for ``vectors`` of shape (n,) or (n, q)."""

    def kernel(rows: slice) -> tuple[Array]:
        return (rows_times(np.atleast_2d(vectors[rows].T), matrix.part(rows)),)

    (sums,) = sum_over_blocks(kernel, matrix.row_blocks, width=matrix.width)
    return np.asarray(sums.T.reshape(-1, *vectors.shape[1:]))


def quadratic_forms(matrix: ModelMatrix, form: Array) -> Array:
    """``x' B x`` of every row, shape (n,), for a positive semi-definite B of shape (k, k)."""
    result = np.empty(matrix.shape[0])
    divided = matrix.form(form)
    root = root_of(form) if divided is None else form

    def kernel(rows: slice) -> tuple[Array, ...]:
        part = matrix.part(rows)
        if isinstance(part, np.ndarray):
            result[rows] = squared_lengths(*times(part, root))
        elif divided is not None:
            result[rows] = part.quadratic(divided)
        return ()

    sum_over_blocks(kernel, matrix.row_blocks, width=matrix.width)
    return result


def column_bounds(values: Array) -> tuple[Array, Array]:
    """Smallest and largest entry of every column, shapes (k,); NaN where a column holds one."""
    n, k = values.shape
    found: list[tuple[Array, Array]] = []

    def kernel(rows: slice) -> tuple[Array, ...]:
        for piece in blocks(rows.stop - rows.start, k, _CACHED_ENTRIES // max(k, 1) + 1):
            part = values[rows][piece]
            if abs(part.strides[0]) > abs(part.strides[1]):
                part = np.ascontiguousarray(part)
            found.append((_folded(np.minimum, part), _folded(np.maximum, part)))
        return ()

    sum_over_blocks(kernel, n, width=k)
    low, high = np.full(k, np.inf), np.full(k, -np.inf)
    for smallest, largest in found if n else ():
        np.minimum(low, smallest, out=low)
        np.maximum(high, largest, out=high)
    return low, high


def _folded(extreme: np.ufunc, part: Array) -> Array:
    """Minimum or maximum of every column; several narrow rows without gaps are taken as one."""
    n, k = part.shape
    if not k:
        return np.empty(0)
    several = max(_LONG_ROW // max(k, 1), 1)
    whole = n - n % several
    if whole and part.flags.c_contiguous:
        folded = extreme.reduce(part[:whole].reshape(-1, several * k), axis=0)
        part = np.concatenate([folded.reshape(several, k), part[whole:]])
    result: Array = extreme.reduce(part, axis=0)
    return result


def _part(values: Array, rows: slice) -> Array:
    result: Array = values[rows] if values.ndim else values
    return result
