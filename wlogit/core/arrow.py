"""Inverse roots of matrices most of whose columns have products with few others only.

The information of a factor with many levels is diagonal but for a few rows and columns: eliminating
the diagonal first leaves a small matrix to be factored.
"""

from collections.abc import Callable

import numpy as np
from scipy.linalg import lapack

from wlogit._typing import Array, BoolArray

_EPS = float(np.finfo(np.float64).eps)
# Columns from which looking for zeros pays, and share of a column's entries that may be filled.
_MANY, _FILLED = 128, 0.25
_ITERATIONS = 30


def arrow_root(square: Array) -> tuple[Array, float] | None:
    """H with ``H H' = A^-1`` and the condition number of A, if most of A is a diagonal.

    Parameters
    ----------
    square : ndarray, shape (k, k)
        A, symmetric, its diagonal near one.

    Returns
    -------
    tuple or None
        None if A is not of this kind, or not clearly positive definite.
    """
    alone = _diagonal_part(square)
    if alone is None:
        return None
    k, others = len(square), np.flatnonzero(~alone)
    alone_at = np.flatnonzero(alone)
    diagonal = square.diagonal()[alone_at]
    if diagonal.min() <= k * _EPS or not np.isfinite(diagonal).all():
        return None
    block, corner = square[np.ix_(alone_at, others)], square[np.ix_(others, others)]
    slopes = block / diagonal[:, np.newaxis]
    rest = corner - block.T @ slopes
    upper, info = lapack.dpotrf(rest, lower=0, clean=1)
    if info != 0 or (len(others) and upper.diagonal().min() ** 2 <= k * _EPS):
        return None
    inner = lapack.dtrtri(upper, lower=0)[0] if len(others) else upper
    root = np.zeros((k, k))
    root[alone_at, alone_at] = 1.0 / np.sqrt(diagonal)
    root[np.ix_(alone_at, others)] = -(slopes @ inner)
    root[np.ix_(others, others)] = inner
    if not np.isfinite(root[:, others]).all():
        return None

    def multiplied(vector: Array) -> Array:
        a, b = vector[: len(alone_at)], vector[len(alone_at) :]
        return np.concatenate([diagonal * a + block @ b, block.T @ a + corner @ b])

    def solved(vector: Array) -> Array:
        a, b = vector[: len(alone_at)], vector[len(alone_at) :]
        b = inner @ (inner.T @ (b - slopes.T @ a))
        return np.concatenate([a / diagonal - slopes @ b, b])

    return root, _largest_eigenvalue(multiplied, k) * _largest_eigenvalue(solved, k)


def _diagonal_part(square: Array) -> BoolArray | None:
    """Columns without products with one another, if these are most of them."""
    k = len(square)
    if k < _MANY:
        return None
    filled = square != 0.0
    alone: BoolArray = filled.sum(axis=0) <= _FILLED * k
    size = int(alone.sum())
    if size < k / 2 or np.count_nonzero(filled[np.ix_(alone, alone)]) != size:
        return None
    return alone


def _largest_eigenvalue(multiplied: Callable[[Array], Array], k: int) -> float:
    """That of a symmetric matrix, nearly, by the power method."""
    vector, size = np.cos(np.arange(k)), 1.0
    for _ in range(_ITERATIONS):
        size = float(np.linalg.norm(vector))
        vector = multiplied(vector / size)
    return float(np.linalg.norm(vector))
