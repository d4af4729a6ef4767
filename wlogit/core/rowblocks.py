"""Weighted sums over the rows of a model matrix; the one place speed lives.

Every function walks blocks of rows that stay in cache, so nothing of the size of X is ever
allocated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core.blocksum import BLOCK_ROWS, blocks, sum_over_blocks, thread_count
from wlogit.core.factors import root_of
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import block_gram, cross, scaled, squared_lengths, times, times_like

__all__ = [
    "BLOCK_ROWS",
    "ScoreRows",
    "blocks",
    "cluster_gram",
    "leveraged_gram",
    "quadratic_forms",
    "score_gram",
    "sum_over_blocks",
    "thread_count",
    "weighted_gram",
    "weighted_sums",
]


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
        result[rows] = squared_lengths(times(matrix.block(rows), root))
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
    root = root_of(bread)
    leverages = [np.empty(matrix.shape[0]) for _ in rows]

    def kernel(part: slice) -> tuple[Array]:
        x = matrix.block(part)
        # Rows without weight may hold anything.
        with np.errstate(over="ignore", invalid="ignore"):
            lengths = squared_lengths(times(x, root))
        total = np.zeros(())
        for sort, curvature, leverage in zip(rows, curvatures, leverages, strict=True):
            bend = curvature[part]
            leverage[part] = np.multiply(bend, lengths, out=np.zeros_like(bend), where=bend > 0.0)
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
    size = matrix.n_params + rows[0].n_extra
    if n_clusters * size <= len(codes):
        sums = _sums_by_cluster(matrix, rows, codes, np.zeros((n_clusters, size)), centre)
        return _symmetric(sums.T @ sums)
    in_order = bool(np.all(codes[1:] >= codes[:-1]))
    order = None if in_order else np.argsort(codes, kind="stable")
    total, carried, carried_code = np.zeros((size, size)), np.zeros(size), -1
    for part in blocks(*matrix.shape):
        where = part if order is None else order[part]
        labels, sums = _runs(codes[where], _total_scores(matrix, rows, where, centre))
        if labels[0] == carried_code:
            sums[0] += carried
        else:
            total += np.outer(carried, carried)
        carried, carried_code = sums[-1].copy(), int(labels[-1])
        total += sums[:-1].T @ sums[:-1]
    return _symmetric(total + np.outer(carried, carried))


def _sums_by_cluster(
    matrix: ModelMatrix,
    rows: Sequence[ScoreRows],
    codes: IntArray,
    sums: Array,
    centre: Array | None,
) -> Array:
    """Add the scores of every cluster to its row of ``sums``, reading X in its own order."""
    for part in blocks(*matrix.shape):
        order = np.argsort(codes[part], kind="stable")
        scores = _total_scores(matrix, rows, part, centre)
        labels, partial = _runs(codes[part][order], scores[order])
        sums[labels] += partial
    return sums


def _runs(labels: IntArray, scores: Array) -> tuple[IntArray, Array]:
    """The label of each run of equal labels, and the sum of its rows."""
    starts = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]])
    return labels[starts], np.add.reduceat(scores, starts, axis=0)


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
        scores -= times_like(x, scaled(cases.shares, scale), centre)
    if cases.extra is None:
        return scores
    return np.hstack([scores, scaled(cases.extra, multiplier)])


def _part(values: Array, rows: "slice | IntArray") -> Array:
    result: Array = values[rows] if values.ndim else values
    return result


def _symmetric(square: Array) -> Array:
    result: Array = 0.5 * (square + square.T)
    return result
