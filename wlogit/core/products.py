"""Products of one block of rows, of a size that stays in cache.

A block is multiplied in slices small enough that BLAS does not split them over its own threads,
which would fight with those of `sum_over_blocks`.
"""

import sys

import numpy as np

from wlogit._typing import Array

# OpenBLAS keeps smaller products than this to one thread.
_ONE_THREAD = 2**18
_NARROW = 32


def cross(left: Array, right: Array) -> Array:
    """``left'right`` of two tall blocks of rows."""
    n, size = len(left), _slice_rows(left.shape[1] * right.shape[1])
    if n <= size:
        product: Array = left.T @ right
        return product
    whole = n // size * size
    stacked = left[:whole].reshape(-1, size, left.shape[1]).swapaxes(1, 2)
    total: Array = (stacked @ right[:whole].reshape(-1, size, right.shape[1])).sum(axis=0)
    if whole < n:
        total += left[whole:].T @ right[whole:]
    return total


def block_gram(part: Array, weight: Array) -> Array:
    """``sum of w x x'`` of a block of rows."""
    if weight.ndim == 0 or part.shape[1] <= _NARROW:
        return cross(part, scaled(part, weight))
    # A matrix times its own transpose takes half the products. The unit is a power of two, so
    # that the roots of weights on another scale have the same digits.
    unit = np.ldexp(1.0, -np.frexp(weight.max())[1])
    root = scaled(part, np.sqrt(weight * unit))
    result: Array = (root.T @ root) / unit
    return result


def times(left: Array, right: Array) -> Array:
    """``left @ right`` of a tall block of rows and a small matrix."""
    n, size = len(left), _slice_rows(right.size)
    if n <= size or n % size:
        product: Array = left @ right
        return product
    stacked: Array = left.reshape(-1, size, left.shape[1]) @ right
    return stacked.reshape(n, right.shape[1])


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


def times_like(part: Array, left: Array, right: Array) -> Array:
    """``left @ right``, in the memory order of ``part``, to be combined with it."""
    product: Array = (right.T @ left.T).T if part.strides[0] < part.strides[1] else left @ right
    return product


def squared_lengths(part: Array) -> Array:
    """``x'x`` of every row."""
    result: Array = np.einsum("ij,ij->i", part, part)
    return result


def _slice_rows(products: int) -> int:
    """Rows of a slice that BLAS multiplies on one thread; all where such slices do not pay."""
    size: int = 2 ** int(np.log2(_ONE_THREAD / max(products, 1)))
    return size if size >= 64 else sys.maxsize
