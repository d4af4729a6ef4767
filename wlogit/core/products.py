"""Products of one block of rows, of a size that stays in cache.

A block is multiplied in slices of rows and panels of columns small enough that BLAS does not
split them over its own threads, which would fight with those of `sum_over_blocks` and stall on
a busy machine.
"""

from itertools import pairwise

import numpy as np

from wlogit._typing import Array

# Multiplications that OpenBLAS keeps to one thread.
_ONE_THREAD = 2**18
_PANEL = 64
# Rows whose weighted copy stays in cache.
_CACHED = 4096
# With more columns than this, panels no longer pay.
WIDE = 256


def cross(left: Array, right: Array) -> Array:
    """``left'right`` of two tall blocks of rows."""
    p, q = left.shape[1], right.shape[1]
    if max(p, q) <= _PANEL or max(p, q) > WIDE:
        return _panel_cross(left, right)
    result = np.empty((p, q))
    for rows in _panels(p):
        for columns in _panels(q):
            result[rows, columns] = _panel_cross(left[:, rows], right[:, columns])
    return result


def block_gram(part: Array, weight: Array) -> Array:
    """``sum of w x x'`` of a block of rows."""
    if len(part) > _CACHED * 2 and part.shape[1] <= _PANEL:
        total = np.zeros((part.shape[1], part.shape[1]))
        for start in range(0, len(part), _CACHED):
            rows = slice(start, start + _CACHED)
            total += block_gram(part[rows], weight[rows] if weight.ndim else weight)
        return total
    k, weighted = part.shape[1], scaled(part, weight)
    if k <= _PANEL or k > WIDE:
        return _panel_cross(part, weighted)
    result = np.empty((k, k))
    panels = _panels(k)
    for i, rows in enumerate(panels):
        for columns in panels[i:]:
            result[rows, columns] = _panel_cross(part[:, rows], weighted[:, columns])
            result[columns, rows] = result[rows, columns].T
    return result


def times(left: Array, right: Array) -> Array:
    """``left @ right`` of a tall block of rows and a small matrix."""
    n, k = left.shape
    if k > WIDE or n * right.size <= _ONE_THREAD:
        product: Array = left @ right
        return product
    result = np.empty((n, right.shape[1]))
    for start in range(0, right.shape[1], max(_PANEL**2 // k, 1)):
        columns = slice(start, start + max(_PANEL**2 // k, 1))
        _panel_times(left, right[:, columns], result[:, columns])
    return result


def rows_times(rows: Array, part: Array) -> Array:
    """``rows @ part`` of a few long rows and a tall block."""
    n, size = len(part), _slice_rows(len(rows) * part.shape[1])
    if n <= size:
        product: Array = rows @ part
        return product
    total = np.zeros((len(rows), part.shape[1]))
    for start in range(0, n, size):
        total += rows[:, start : start + size] @ part[start : start + size]
    return total


def scaled(part: Array, factor: Array) -> Array:
    """Rows of a block times a factor each, or all times one, in the block's memory order."""
    if factor.ndim == 0:
        return part if factor == 1.0 else part * factor
    # einsum walks narrow blocks faster than broadcasting does.
    result: Array = np.einsum("ij,i->ij", part, factor, order="K")
    return result


def squared_lengths(part: Array) -> Array:
    """``x'x`` of every row."""
    result: Array = np.einsum("ij,ij->i", part, part)
    return result


def _panels(k: int) -> list[slice]:
    """Slices of nearly equal width that cover ``k`` columns."""
    count = -(-k // _PANEL)
    edges = [k * i // count for i in range(count + 1)]
    return [slice(first, last) for first, last in pairwise(edges)]


def _panel_cross(left: Array, right: Array) -> Array:
    n, (p, q) = len(left), (left.shape[1], right.shape[1])
    size = _slice_rows(p * q)
    if n <= size or max(p, q) > WIDE:
        # Unlike matmul on two dimensions, dot lets other threads run.
        product: Array = np.dot(left.T, right)
        return product
    whole = n // size * size
    stacked = left[:whole].reshape(-1, size, p).swapaxes(1, 2)
    total: Array = (stacked @ right[:whole].reshape(-1, size, q)).sum(axis=0)
    if whole < n:
        total += left[whole:].T @ right[whole:]
    return total


def _panel_times(left: Array, right: Array, result: Array) -> None:
    size = _slice_rows(right.size)
    whole = len(left) // size * size
    stacked = left[:whole].reshape(-1, size, left.shape[1])
    np.matmul(stacked, right, out=result[:whole].reshape(-1, size, right.shape[1]))
    if whole < len(left):
        result[whole:] = left[whole:] @ right


def _slice_rows(products: int) -> int:
    """Rows of a slice that BLAS multiplies on one thread, a power of two."""
    return 1 << max(_ONE_THREAD // max(products, 1), 1).bit_length() - 1
