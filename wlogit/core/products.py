"""Products of one block of rows, in pieces whose weighted copy stays in cache.

They are written with `numpy.dot`, which lets other threads run meanwhile; `numpy.matmul` and ``@``
on two dimensions do not.
"""

import itertools
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from wlogit._typing import Array

_CACHED_ENTRIES, _MOST_ROWS, _FEWEST_ROWS = 40_000, 4096, 256
_REREAD_ENTRIES, _FEW_ENTRIES = 2**18, 2**14
# Multiplications up to which OpenBLAS has kernels for small products, up to twice as fast.
_SMALL_PRODUCT = 1_000_000
# From this width, half of a symmetric product costs less than a whole one.
_WIDE, _WIDE_ROWS = 56, 1024
# Of a triangular product: columns for which one rectangle is formed, and rows at a time.
_TRIANGLE_COLUMNS, _TRIANGLE_ROWS = 32, 256


class Sparse(Protocol):
    """A block of rows that is no array, and knows its products."""

    def __len__(self) -> int:
        """Number of rows."""
        ...

    def dot(self, params: Array) -> Array:
        """``x'b`` of every row."""
        ...

    def sums(self, weights: Array) -> Array:
        """``V X`` for long rows V."""
        ...

    def gram_and_sums(self, weight: Array, rows: Array) -> tuple[Any, Array]:
        """``sum of w x x'``, in a form that adds up, and ``V X``."""
        ...


def finished(gram: Any) -> Array:
    """A sum of what `gram_and_sums` gives, as a symmetric matrix."""
    if not isinstance(gram, np.ndarray):
        return np.asarray(gram.toarray())
    result: Array = 0.5 * (gram + gram.T)
    return result


def cross(left: Array, right: Array) -> Array:
    """``left'right`` of two tall blocks of rows."""
    total = np.zeros((left.shape[1], right.shape[1]))
    for piece in pieces(len(left), max(total.shape)):
        total += np.dot(left[piece].T, right[piece])
    return total


def block_gram(part: "Array | Sparse", weight: Array) -> Any:
    """``sum of w x x'`` of a block of rows, to be `finished`."""
    return gram_and_sums(part, weight, np.empty((0, len(part))))[0]


def gram_and_sums(part: "Array | Sparse", weight: Array, rows: Array) -> tuple[Any, Array]:
    """``sum of w x x'`` of a block of rows, and ``rows @ part`` for a few long rows.

    The first is to be `finished`, once those of all blocks are added.
    """
    if not isinstance(part, np.ndarray):
        return part.gram_and_sums(weight, rows)
    n, k = part.shape
    if k >= _WIDE and weight.ndim and weight.min(initial=0.0) >= 0.0:
        return _symmetric_gram(part, weight), rows_times(rows, part)
    if n <= _FEWEST_ROWS * 4:
        return np.dot(part.T, scaled(part, weight)), np.dot(rows, part)
    total, sums = np.zeros((k, k)), np.zeros((len(rows), k))
    for piece in pieces(n, k):
        x = part[piece]
        total += np.dot(x.T, scaled(x, weight[piece] if weight.ndim else weight))
        if len(rows):
            sums += np.dot(rows[:, piece], x)
    return total, sums


def _symmetric_gram(part: Array, weight: Array) -> Array:
    """``sum of w x x'`` from rows times the root of w, of which BLAS forms one triangle."""
    # Relative to a power of two: no digit depends on those that the weights share.
    exponent = int(np.frexp(weight.max(initial=0.0))[1])
    root = np.sqrt(np.ldexp(weight, -exponent))
    total = np.zeros((part.shape[1], part.shape[1]))
    for start in range(0, len(part), _WIDE_ROWS):
        piece = slice(start, start + _WIDE_ROWS)
        rooted = scaled(part[piece], root[piece])
        total += np.dot(rooted.T, rooted)
    return np.ldexp(total, exponent)


def times(left: Array, *rights: Array) -> tuple[Array, ...]:
    """``left @ right`` of a tall block of rows and each of some small matrices and vectors."""
    rights = tuple(np.ascontiguousarray(right) for right in rights)
    if left.shape[1] >= _WIDE and rights[0].ndim == 2 and not np.tril(rights[0], -1).any():
        return (_times_triangular(left, rights[0]), *(np.dot(left, right) for right in rights[1:]))
    products = tuple(np.empty((len(left), *right.shape[1:])) for right in rights)
    for piece in pieces(*left.shape):
        for right, product in zip(rights, products, strict=True):
            np.dot(left[piece], right, out=product[piece])
    return products


def _times_triangular(left: Array, upper: Array) -> Array:
    """``left @ upper``, some columns at a time, whose part of the triangle is a rectangle."""
    k = upper.shape[1]
    edges = np.linspace(0, k, max(round(k / _TRIANGLE_COLUMNS), 1) + 1).astype(int)
    parts = [(stop, slice(start, stop)) for start, stop in itertools.pairwise(edges.tolist())]
    rights = [upper[:depth, columns].copy() for depth, columns in parts]
    product = np.empty((len(left), k))
    for start in range(0, len(left), _TRIANGLE_ROWS):
        piece = slice(start, start + _TRIANGLE_ROWS)
        rows = left[piece]
        if min(rows.strides) != rows.itemsize:
            rows = np.ascontiguousarray(rows)
        for (depth, columns), right in zip(parts, rights, strict=True):
            np.matmul(rows[:, :depth], right, out=product[piece, columns])
    return product


def row_times(row: Array, part: "Array | Sparse") -> Array:
    """``row @ part`` of a long row and a block in cache."""
    if isinstance(part, np.ndarray):
        product: Array = np.dot(row, part)
        return product
    sums: Array = part.sums(row[np.newaxis])[0]
    return sums


def rows_times(rows: Array, part: "Array | Sparse") -> Array:
    """``rows @ part`` of a few long rows and a tall block."""
    if not isinstance(part, np.ndarray):
        return part.sums(rows)
    total = np.zeros((len(rows), part.shape[1]), np.result_type(rows, part))
    for piece in pieces(*part.shape):
        total += np.dot(rows[:, piece], part[piece])
    return total


def scaled(part: Array, factor: Array) -> Array:
    """Rows of a block times a factor each, or all times one, in the block's memory order."""
    if factor.ndim == 0:
        return part if factor == 1.0 else part * factor
    # einsum walks narrow blocks faster than broadcasting does, but takes longer to begin.
    if part.size <= _FEW_ENTRIES:
        return np.asarray((part.T * factor).T)
    result: Array = np.einsum("ij,i->ij", part, factor, order="K")
    return result


def squared_lengths(part: Array) -> Array:
    """``x'x`` of every row."""
    result: Array = np.einsum("ij,ij->i", part, part)
    return result


def in_cache(part: "Array | Sparse") -> Iterator[tuple[slice, "Array | Sparse"]]:
    """Pieces of a block that are still in cache when they are read again, and their rows."""
    if not isinstance(part, np.ndarray):
        yield slice(None), part
        return
    size = max(_REREAD_ENTRIES // max(part.shape[1], 1), _FEWEST_ROWS * 4)
    for start in range(0, len(part), size):
        yield slice(start, start + size), part[start : start + size]


def pieces(n: int, width: int) -> Iterator[slice]:
    """Slices of ``n`` rows whose copies stay in cache."""
    width = max(width, 1)
    size = min(_CACHED_ENTRIES // width, _SMALL_PRODUCT // (width * width))
    size = min(_MOST_ROWS, max(size, _FEWEST_ROWS))
    return (slice(start, min(start + size, n)) for start in range(0, n, size))
