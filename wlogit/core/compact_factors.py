"""Triangular factors of compact designs, without forming products of columns."""

import numpy as np
from scipy.linalg import lapack

from wlogit._typing import Array, IntArray
from wlogit.core.blocksum import blocks
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.sides import CodedColumns

# Condition number (of the 1-norm, for columns of like length) up to which products lose nothing.
_HARMLESS = 1e7


def compact_tsqr(matrix: ModelMatrix, root_weight: Array, *, ones: bool = False) -> Array:
    """Upper triangular R with ``R'R = X'WX``; as `wlogit.core.factors.tsqr`.

    The indicators of the factor with most levels are orthogonal: their lengths are the first rows
    of R, and the other columns less their means in each level are reduced row by row.

    Parameters
    ----------
    matrix : ModelMatrix
        Of a `CompactDesign`.
    root_weight : ndarray, shape (n,) or ()
    ones : bool
        Whether to append a column of ones to X.
    """
    n, k = matrix.shape
    root = np.broadcast_to(root_weight, (n,))
    first = _orthogonal_columns(matrix)
    others = np.setdiff1d(np.arange(k), first)
    means, lengths = _means(matrix, first, others, root * root, ones=ones)
    upper = np.zeros((0, means.shape[1]))
    for rows in blocks(n, means.shape[1] + matrix.width):
        there = np.flatnonzero(root[rows] > 0.0) + rows.start
        part = _without_means(matrix, there, first, others, means)
        stacked = np.vstack([upper, part * root[there, np.newaxis]])
        upper = np.asarray(np.linalg.qr(stacked, mode="r"))
    square = np.zeros((k + ones, k + ones))
    order = np.concatenate([first, others, np.arange(k, k + ones)])
    f = len(first)
    square[np.arange(f), np.arange(f)] = lengths
    square[:f, f:] = lengths[:, np.newaxis] * means
    square[f : f + len(upper), f:] = upper
    return np.asarray(np.linalg.qr(square[:, np.argsort(order)], mode="r"))


def compact_triangular(matrix: ModelMatrix, weight: Array, gram: Array) -> Array:
    """R with ``R'R = X'WX``, from the products of columns where these lose no digits.

    Parameters
    ----------
    matrix : ModelMatrix
        Of a `CompactDesign`.
    weight : ndarray, shape (n,)
    gram : ndarray, shape (k, k)
        ``X'WX``.
    """
    diagonal = gram.diagonal()
    if diagonal.min() > 0.0:
        scale = 1.0 / np.sqrt(diagonal)
        scaled = gram * scale * scale[:, np.newaxis]
        upper, info = lapack.dpotrf(scaled, lower=0, clean=1)
        if info == 0:
            rcond, info = lapack.dpocon(upper, np.abs(scaled).sum(axis=0).max(), uplo="U")
            if info == 0 and rcond * _HARMLESS > 1.0:
                result: Array = upper / scale
                return result
    return compact_tsqr(matrix, np.sqrt(weight))


def _orthogonal_columns(matrix: ModelMatrix) -> IntArray:
    """The columns of the largest factor; none where there is no factor."""
    design = matrix.compact
    if design is None or not isinstance(design.side, CodedColumns):
        return np.arange(0)
    side = design.side
    largest = int(np.argmax([part.size for part in side.parts]))
    return design.side_columns[side.starts[largest] : side.starts[largest + 1]]


def _means(
    matrix: ModelMatrix, first: IntArray, others: IntArray, weight: Array, *, ones: bool
) -> tuple[Array, Array]:
    """Coefficients of the other columns on the orthogonal ones, and the lengths of these."""
    n, f = matrix.shape[0], len(first)
    squares, crossed = np.zeros(f), np.zeros((f, len(others) + ones))
    for rows in blocks(n, len(others) + matrix.width):
        there = np.flatnonzero(weight[rows] > 0.0) + rows.start
        x = matrix.part(there).tocsr()  # type: ignore[union-attr]
        own, w = x[:, first], weight[there]
        weighted = own.multiply(w[:, np.newaxis]).tocsr()
        squares += np.asarray(weighted.multiply(own).sum(axis=0)).ravel()
        crossed[:, : len(others)] += (weighted.T @ x[:, others]).toarray()
        if ones:
            crossed[:, -1] += np.asarray(weighted.sum(axis=0)).ravel()
    used = squares > 0.0
    crossed[used] /= squares[used, np.newaxis]
    return crossed, np.sqrt(squares)


def _without_means(
    matrix: ModelMatrix, rows: IntArray, first: IntArray, others: IntArray, means: Array
) -> Array:
    """The other columns of some rows, and ones, less what the orthogonal ones explain."""
    x = matrix.part(rows).tocsr()  # type: ignore[union-attr]
    rest = x[:, others].toarray()
    if means.shape[1] > len(others):
        rest = np.column_stack([rest, np.ones(len(rest))])
    return np.asarray(rest - x[:, first] @ means)
