"""Columns of a design, whole or a copy of some, and the three products that a penalised fit needs.

A copy keeps each column in one run of memory: then columns can be added at its end, and products
with a vector need no rows to be gathered.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlogit._typing import Array
from wlogit.core.blocksum import Kernel, Partial, blocks, sum_over_blocks, thread_count
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import pieces, scaled

# Entries from which products are spread over threads, and entries of a block.
_THREAD_ENTRIES, _BLOCK_ENTRIES = 2_000_000, 2**19
_FEWEST_ROWS = 1024


class Columns(Protocol):
    """Some columns x_1, ..., x_a of n rows."""

    def dot(self, params: Array) -> Array:
        """``x'b`` of every row, shape (n,)."""
        ...

    def sums(self, values: Array) -> Array:
        """``sum of v x`` over the rows, shape (a,)."""
        ...

    def gram(self, weight: Array, first: int = 0) -> Array:
        """``sum of w x x'`` for the columns from ``first`` on, shape (a, a - first)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """Columns one after the other: ``values`` has shape (a, n)."""

    values: Array

    def dot(self, params: Array) -> Array:
        """``x'b`` of every row, shape (n,)."""

        def kernel(part: slice) -> Partial:
            return (np.dot(params[part], self.values[part]),)

        return self._over_columns(kernel)[0]

    def sums(self, values: Array) -> Array:
        """``sum of v x`` over the rows, shape (a,)."""
        sums = np.empty(len(self.values))

        def kernel(part: slice) -> Partial:
            np.dot(self.values[part], values, out=sums[part])
            return ()

        self._over_columns(kernel)
        return sums

    def gram(self, weight: Array, first: int = 0) -> Array:
        """``sum of w x x'`` for the columns from ``first`` on, shape (a, a - first)."""
        k, n = self.values.shape
        if first:
            return _symmetric(self._cross(self.values[first:] * weight), first)
        root = np.sqrt(weight)

        def kernel(rows: slice) -> Partial:
            half = self.values[:, rows] * root[rows]
            # A product of an array with itself takes half the time.
            return (np.dot(half, half.T),)

        size = max(_BLOCK_ENTRIES // max(k, 1), _FEWEST_ROWS)
        return _symmetric(_spread(kernel, blocks(n, size=size), n * k)[0], first)

    def _cross(self, others: Array) -> Array:
        products = np.empty((len(self.values), len(others)))

        def kernel(part: slice) -> Partial:
            np.dot(self.values[part], others.T, out=products[part])
            return ()

        self._over_columns(kernel)
        return products

    def _over_columns(self, kernel: Kernel) -> Partial:
        k, n = self.values.shape
        share = max(-(-k // 8), 8) if n * k >= _THREAD_ENTRIES else max(k, 1)
        return _spread(kernel, blocks(k, size=share), n * k)


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """All columns of a design, read in blocks of rows."""

    matrix: ModelMatrix

    def dot(self, params: Array) -> Array:
        """``x'b`` of every row, shape (n,)."""
        eta = np.empty(self.matrix.shape[0])

        def kernel(rows: slice) -> Partial:
            np.dot(self.matrix.block(rows), params, out=eta[rows])
            return ()

        self._over_rows(kernel)
        return eta

    def sums(self, values: Array) -> Array:
        """``sum of v x`` over the rows, shape (a,)."""

        def kernel(rows: slice) -> Partial:
            return (np.dot(values[rows], self.matrix.block(rows)),)

        return self._over_rows(kernel)[0]

    def gram(self, weight: Array, first: int = 0) -> Array:
        """``sum of w x x'`` for the columns from ``first`` on, shape (a, a - first)."""
        k, root = self.matrix.n_params, np.sqrt(weight)

        def kernel(rows: slice) -> Partial:
            part, factor, total = self.matrix.block(rows), root[rows], np.zeros((k, k - first))
            for piece in pieces(len(part), k):
                half = scaled(part[piece], factor[piece])
                total += np.dot(half.T, half if first == 0 else half[:, first:])
            return (total,)

        return _symmetric(self._over_rows(kernel)[0], first)

    def _over_rows(self, kernel: Kernel) -> Partial:
        n, k = self.matrix.shape
        return _spread(kernel, blocks(n, k), n * k)


def columns_of(matrix: ModelMatrix) -> Columns:
    """All columns of a design, without a copy."""
    plain = matrix.shift is None and matrix.scale is None and matrix.values.dtype == np.float64
    if plain and matrix.values.flags.f_contiguous:
        return Stored(matrix.values.T)
    return Whole(matrix)


def _spread(kernel: Kernel, parts: list[slice], entries: int) -> Partial:
    """Sum over parts on threads of our own, BLAS keeping to one."""
    threads = thread_count() if entries >= _THREAD_ENTRIES else 1
    return sum_over_blocks(kernel, parts, threads=threads)


def _symmetric(total: Array, first: int) -> Array:
    corner = total[first:]
    total[first:] = 0.5 * (corner + corner.T)
    return total
