"""Weighted sums over the rows of a model matrix; the one place speed lives.

Every function walks blocks of rows that stay in cache, so nothing of the size of X is ever
allocated.
"""

import numpy as np

from wlogit._typing import Array
from wlogit.core.blocksum import BLOCK_ROWS, blocks, sum_over_blocks, thread_count
from wlogit.core.factors import root_of
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import block_gram, squared_lengths, times

__all__ = [
    "BLOCK_ROWS",
    "blocks",
    "quadratic_forms",
    "sum_over_blocks",
    "thread_count",
    "weighted_gram",
    "weighted_sums",
]


def weighted_gram(matrix: ModelMatrix, weight: Array) -> Array:
    """``sum of w x x'``, shape (k, k); ``weight`` of shape (n,) or ()."""

    def kernel(rows: slice) -> tuple[Array]:
        part = matrix.block(rows)
        return (block_gram(part, _part(weight, rows)),)

    (total,) = sum_over_blocks(kernel, matrix.shape[0], width=matrix.n_params)
    return _symmetric(total)


def weighted_sums(matrix: ModelMatrix, vectors: Array) -> Array:
    """``X'V``, shape (k,) or (k, q), for ``vectors`` of shape (n,) or (n, q)."""

    def kernel(rows: slice) -> tuple[Array]:
        return (matrix.block(rows).T @ vectors[rows],)

    return sum_over_blocks(kernel, matrix.shape[0], width=matrix.n_params)[0]


def quadratic_forms(matrix: ModelMatrix, form: Array) -> Array:
    """``x' B x`` of every row, shape (n,), for a positive semi-definite B of shape (k, k)."""
    result = np.empty(matrix.shape[0])
    root = root_of(form)

    def kernel(rows: slice) -> tuple[Array, ...]:
        result[rows] = squared_lengths(*times(matrix.block(rows), root))
        return ()

    sum_over_blocks(kernel, matrix.shape[0], width=matrix.n_params)
    return result


def _part(values: Array, rows: slice) -> Array:
    result: Array = values[rows] if values.ndim else values
    return result


def _symmetric(square: Array) -> Array:
    result: Array = 0.5 * (square + square.T)
    return result
