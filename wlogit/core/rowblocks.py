"""Weighted sums over the rows of a model matrix; the one place speed lives.

Every function walks blocks of rows that stay in cache, so nothing of the size of X is ever
allocated. A block is scaled by a vector and multiplied by itself in slices small enough that
BLAS does not split them over its own threads, which would fight with ours.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core.blocksum import BLOCK_ROWS, blocks, sum_over_blocks, thread_count
from wlogit.core.model_matrix import ModelMatrix

__all__ = [
    "BLOCK_ROWS",
    "ScoreRows",
    "block_gram",
    "blocks",
    "cluster_gram",
    "cross",
    "leveraged_gram",
    "quadratic_forms",
    "scaled",
    "score_gram",
    "sum_over_blocks",
    "thread_count",
    "times",
    "weighted_gram",
    "weighted_sums",
]

# OpenBLAS keeps smaller products than this to one thread.
_ONE_THREAD = 2**18
_NARROW = 32


@dataclass(frozen=True, slots=True, eq=False)
class ScoreRows:
    """One sort of case: ``z_i = [scale_i (factor_i x_i - shares_i centre), extra_i]``.

    Attributes
    ----------
    factor : ndarray, shape (n,)
        v (r - p), the score of a case in its linear predictor.
    multiplicity : ndarray, shape (n,) or ()
        m, the number of such cases.
    shares : ndarray, shape (n, 2), optional
        How much of each row of ``centre`` to subtract.
    scale : ndarray, shape (n,), optional
    extra : ndarray, shape (n, q), optional
        Further columns, not scaled.
    """

    factor: Array
    multiplicity: Array
    shares: Array | None = None
    scale: Array | None = None
    extra: Array | None = None

    @property
    def n_extra(self) -> int:
        """Number of further columns."""
        return 0 if self.extra is None else int(self.extra.shape[1])

    def block(self, rows: "slice | IntArray") -> "ScoreRows":
        """The same of some rows."""
        return ScoreRows(
            self.factor[rows],
            _part(self.multiplicity, rows),
            *(None if a is None else a[rows] for a in (self.shares, self.scale, self.extra)),
        )


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
    root = _root(form)

    def kernel(rows: slice) -> tuple[Array, ...]:
        result[rows] = _squared_lengths(times(matrix.block(rows), root))
        return ()

    sum_over_blocks(kernel, matrix.shape[0], width=matrix.n_params)
    return result


def score_gram(
    matrix: ModelMatrix, rows: Sequence[ScoreRows], centre: Array | None = None
) -> Array:
    """``sum of m z z'`` over cases of every sort, shape (k + q, k + q)."""

    def kernel(part: slice) -> tuple[Array]:
        x = matrix.block(part)
        return (
            sum(
                (_gram_of_scores(x, sort.block(part), centre) for sort in rows[1:]),
                start=_gram_of_scores(x, rows[0].block(part), centre),
            ),
        )

    (total,) = sum_over_blocks(kernel, matrix.shape[0], width=matrix.n_params)
    return _symmetric(total)


def leveraged_gram(
    matrix: ModelMatrix,
    rows: Sequence[ScoreRows],
    curvatures: Sequence[Array],
    bread: Array,
    inflate: Callable[[Array], Array],
    centre: Array | None = None,
) -> tuple[Array, list[Array]]:
    """`score_gram` with scales that depend on the leverages, in one reading of X.

    Parameters
    ----------
    curvatures : sequence of ndarray, shape (n,)
        v p (1 - p) of each sort of case; ``h = v p (1 - p) x' bread x``.
    inflate : callable
        Maps the leverages of a block of cases to what multiplies their scores.

    Returns
    -------
    meat : ndarray, shape (k + q, k + q)
    leverages : list of ndarray, shape (n,)
        h of each sort of case.
    """
    root = _root(bread)
    leverages = [np.empty(matrix.shape[0]) for _ in rows]

    def kernel(part: slice) -> tuple[Array]:
        x = matrix.block(part)
        lengths = _squared_lengths(times(x, root))
        total = np.zeros(())
        for sort, curvature, leverage in zip(rows, curvatures, leverages, strict=True):
            leverage[part] = curvature[part] * lengths
            cases = sort.block(part)
            inflation = inflate(leverage[part])
            scale = inflation if cases.scale is None else cases.scale * inflation
            cases = ScoreRows(cases.factor, cases.multiplicity, cases.shares, scale, cases.extra)
            total = total + _gram_of_scores(x, cases, centre)
        return (total,)

    (meat,) = sum_over_blocks(kernel, matrix.shape[0], width=matrix.n_params)
    return _symmetric(meat), leverages


def cluster_gram(
    matrix: ModelMatrix,
    rows: Sequence[ScoreRows],
    codes: IntArray,
    n_clusters: int,
    centre: Array | None = None,
) -> Array:
    """``sum over clusters of S S'``, S the sum of m z in a cluster; shape (k + q, k + q).

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        The cluster of each row, from 0 to ``n_clusters - 1``; in any order, some may be unused.
    """
    in_order = bool(np.all(codes[1:] >= codes[:-1]))
    order = None if in_order else np.argsort(codes, kind="stable")
    size = matrix.n_params + rows[0].n_extra
    total, carried, carried_code = np.zeros((size, size)), np.zeros(size), -1
    for part in blocks(*matrix.shape):
        where = part if order is None else order[part]
        labels = codes[where]
        starts = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]])
        sums = np.add.reduceat(_total_scores(matrix, rows, where, centre), starts, axis=0)
        if labels[0] == carried_code:
            sums[0] += carried
        else:
            total += np.outer(carried, carried)
        carried, carried_code = sums[-1].copy(), int(labels[-1])
        total += sums[:-1].T @ sums[:-1]
    return _symmetric(total + np.outer(carried, carried))


def _total_scores(
    matrix: ModelMatrix,
    rows: Sequence[ScoreRows],
    where: "slice | IntArray",
    centre: Array | None,
) -> Array:
    """The sum of m z over the sorts of case of each row."""
    x = matrix.block(where)
    total = np.zeros(())
    for sort in rows:
        cases = sort.block(where)
        total = total + _scores(x, cases, cases.multiplicity, centre)
    return total


def _gram_of_scores(x: Array, cases: ScoreRows, centre: Array | None) -> Array:
    if cases.shares is None and cases.extra is None:
        factor = cases.factor if cases.scale is None else cases.factor * cases.scale
        return block_gram(x, cases.multiplicity * factor**2)
    scores = _scores(x, cases, np.sqrt(cases.multiplicity), centre)
    return cross(scores, scores)


def _scores(x: Array, cases: ScoreRows, multiplier: Array, centre: Array | None) -> Array:
    scale = multiplier if cases.scale is None else multiplier * cases.scale
    scores = scaled(x, scale * cases.factor)
    if cases.shares is not None and centre is not None:
        scores -= _in_order_of(x, scaled(cases.shares, scale), centre)
    if cases.extra is None:
        return scores
    return np.hstack([scores, scaled(cases.extra, multiplier)])


def _in_order_of(x: Array, left: Array, right: Array) -> Array:
    """``left @ right``, in the memory order of ``x``, with which it will be combined."""
    product: Array = (right.T @ left.T).T if x.strides[0] < x.strides[1] else left @ right
    return product


def scaled(part: Array, factor: Array) -> Array:
    if factor.ndim == 0:
        return part if factor == 1.0 else part * factor
    # einsum walks narrow blocks faster than broadcasting does.
    result: Array = np.einsum("ij,i->ij", part, factor, order="K")
    return result


def _slice_rows(products: int) -> int:
    """Rows of a slice that BLAS multiplies on one thread; all where such slices do not pay."""
    size: int = 2 ** int(np.log2(_ONE_THREAD / products))
    return size if size >= 64 else sys.maxsize


def _part(values: Array, rows: "slice | IntArray") -> Array:
    result: Array = values[rows] if values.ndim else values
    return result


def _squared_lengths(part: Array) -> Array:
    result: Array = np.einsum("ij,ij->i", part, part)
    return result


def _root(form: Array) -> Array:
    """A matrix L with ``L L' = form``."""
    unit = np.exp2(-np.round(0.5 * np.log2(np.maximum(np.diag(form), 1e-300))))
    try:
        scaled_root: Array = np.linalg.cholesky(form * np.outer(unit, unit))
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(form * np.outer(unit, unit))
        scaled_root = vectors * np.sqrt(np.maximum(values, 0.0))
    result: Array = scaled_root / unit[:, None]
    return result


def _symmetric(square: Array) -> Array:
    result: Array = 0.5 * (square + square.T)
    return result
