"""Sums of squared scores of cases, centered within class, in one reading of X.

The row of a case is ``z = [s (f x - C t), e]``: its score f x less the shares t of the class
totals C, inflated by s for its leverage, and a further column e that is neither centered nor
inflated. What a case is comes block by block from a `Source`, so that nothing but the leverages
of the block exists at any time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wlogit._typing import AnyArray, Array, IntArray
from wlogit.core.blocksum import blocks, sum_over_blocks
from wlogit.core.factors import root_of
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import block_gram, rows_times, scaled, squared_lengths, times

# Centered squares below this part of the plain ones have lost digits to cancellation.
_CANCELED = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class CaseBlock:
    """One sort of case in one block of rows; arrays of shape (b,) or () unless said otherwise.

    Attributes
    ----------
    factor : ndarray
        f = v (r - p), the score of a case in its linear predictor.
    multiplicity : ndarray
        m, the number of such cases.
    curvature : ndarray
        v p (1 - p), the leverage of a case over ``x' A^-1 x``.
    scale : ndarray or None
        Multiplies the score, beside what the leverage does.
    shares : ndarray, shape (2, b), or None
        t, the share of the case in the totals of non-events and of events.
    by_class : ndarray, shape (2, b), or None
        What the case adds to the class totals, over x: f split by class.
    extra : ndarray or None
        e.
    """

    factor: Array
    multiplicity: Array
    curvature: Array
    scale: Array | None = None
    shares: Array | None = None
    by_class: Array | None = None
    extra: Array | None = None


Source = Callable[["slice | IntArray", Array], Sequence[CaseBlock]]


@dataclass(frozen=True, slots=True)
class Inflation:
    """How scores are inflated for leverage.

    Attributes
    ----------
    bread : ndarray, shape (k, k)
        Inverse information, in working coordinates.
    of : callable
        From the leverages of a block to the multipliers of its scores.
    """

    bread: Array
    of: Callable[[Array], Array]


def score_gram(
    matrix: ModelMatrix, source: Source, inflation: Inflation | None = None
) -> tuple[Array, tuple[int, ...]]:
    """``sum of m z z'`` over all cases.

    Parameters
    ----------
    matrix : ModelMatrix
    source : callable
        From a block of rows and its x to the cases in it, one sort at a time.
    inflation : Inflation, optional

    Returns
    -------
    gram : ndarray, shape (k, k) or (k + 1, k + 1)
        With the further column if the cases have one.
    saturated : tuple of int
        Rows with a case of leverage one, whose multiplier is zero.
    """
    saturated: list[int] = []
    multiplier = _Multiplier(inflation, saturated)
    sums = sum_over_blocks(
        lambda part: _block_sums(matrix, source, part, multiplier),
        matrix.shape[0],
        width=matrix.n_params,
    )
    gram = _combine(sums)
    plain, centered = np.diag(sums[0]), np.diag(gram)[: matrix.n_params]
    if len(sums) > 1 and np.any(centered < _CANCELED * plain):
        saturated.clear()
        totals = sums[3]
        (gram,) = sum_over_blocks(
            lambda part: (_explicit_gram(matrix, source, part, multiplier, totals),),
            matrix.shape[0],
            width=matrix.n_params,
        )
    return 0.5 * (gram + gram.T), tuple(sorted(set(saturated)))


class _Multiplier:
    """Multipliers of the scores of a block, for leverage and otherwise."""

    def __init__(self, inflation: Inflation | None, saturated: list[int]) -> None:
        self._inflation = inflation
        self._root = None if inflation is None else root_of(inflation.bread)
        self._saturated = saturated

    def lengths(self, x: Array) -> Array | None:
        """``x' A^-1 x`` of every row; None when leverage plays no part."""
        if self._root is None:
            return None
        # Rows without weight may hold anything.
        with np.errstate(over="ignore", invalid="ignore"):
            return squared_lengths(times(x, self._root))

    def of(self, cases: CaseBlock, lengths: Array | None, part: slice) -> Array | None:
        """The multiplier of each case; None for one."""
        if self._inflation is None or lengths is None:
            return cases.scale
        bend = np.broadcast_to(cases.curvature, lengths.shape)
        leverage = np.multiply(bend, lengths, out=np.zeros_like(lengths), where=bend > 0.0)
        inflation = self._inflation.of(leverage)
        full = np.flatnonzero((inflation == 0.0) & (cases.multiplicity > 0.0))
        self._saturated.extend(int(i) + part.start for i in full)
        return inflation if cases.scale is None else inflation * cases.scale


def _block_sums(
    matrix: ModelMatrix, source: Source, part: slice, multiplier: _Multiplier
) -> tuple[AnyArray, ...]:
    """What `_combine` needs of a block: plain squares, and the sums that center them."""
    x = matrix.block(part)
    lengths = multiplier.lengths(x)
    gram, columns, shares, corner = None, None, None, 0.0
    for cases in source(part, x):
        scale = multiplier.of(cases, lengths, part)
        score = cases.factor if scale is None else scale * cases.factor
        squares = block_gram(x, cases.multiplicity * score**2)
        gram = squares if gram is None else gram + squares
        if cases.shares is None or cases.by_class is None:
            continue
        inflated = cases.multiplicity * (score if scale is None else scale * score)
        root = cases.multiplicity if scale is None else cases.multiplicity * scale
        weight = root if scale is None else root * scale
        both = np.zeros((5, len(x)))
        np.multiply(cases.shares, inflated, out=both[:2])
        np.multiply(cases.by_class, cases.multiplicity, out=both[3:])
        block_shares = np.zeros((2, 3))
        block_shares[:, :2] = (cases.shares * weight) @ cases.shares.T
        if cases.extra is not None:
            both[2] = cases.multiplicity * score * cases.extra
            block_shares[:, 2] = cases.shares @ (root * cases.extra)
            corner += float((cases.multiplicity * cases.extra**2).sum())
        block_columns = rows_times(both, x).T
        columns = block_columns if columns is None else columns + block_columns
        shares = block_shares if shares is None else shares + block_shares
    if columns is None or shares is None:
        return (np.asarray(gram),)
    return np.asarray(gram), columns[:, :3], shares, columns[:, 3:], np.asarray(corner)


def _combine(sums: tuple[AnyArray, ...]) -> Array:
    """``sum m s^2 (f x - C t)(f x - C t)'`` and its border, from the plain sums."""
    if len(sums) == 1:
        return np.asarray(sums[0])
    gram, columns, shares, totals, corner = sums
    crossed = columns[:, :2] @ totals.T
    k = gram.shape[0]
    bordered = np.empty((k + 1, k + 1))
    bordered[:k, :k] = gram - crossed - crossed.T + totals @ shares[:, :2] @ totals.T
    bordered[:k, k] = bordered[k, :k] = columns[:, 2] - totals @ shares[:, 2]
    bordered[k, k] = corner
    return bordered


def _explicit_gram(
    matrix: ModelMatrix, source: Source, part: slice, multiplier: _Multiplier, totals: Array
) -> Array:
    """The same for one block with every row formed, where the sums cancel."""
    x = matrix.block(part)
    lengths = multiplier.lengths(x)
    k = x.shape[1]
    gram = np.zeros((k + 1, k + 1))
    for cases in source(part, x):
        scale = multiplier.of(cases, lengths, part)
        rows = _rows(x, cases, totals)
        if scale is not None:
            rows[:, :k] *= np.broadcast_to(scale, len(x))[:, None]
        gram += rows.T @ scaled(rows, np.broadcast_to(cases.multiplicity, len(x)))
    return gram


def _rows(x: Array, cases: CaseBlock, totals: Array | None) -> Array:
    """``[f x - C t, e]``, shape (b, k + 1); without inflation."""
    k = x.shape[1]
    rows = np.empty((len(x), k + 1))
    rows[:, :k] = scaled(x, cases.factor)
    if cases.shares is not None and totals is not None:
        rows[:, :k] -= cases.shares.T @ totals.T
    rows[:, k] = 0.0 if cases.extra is None else cases.extra
    return rows


def class_totals(matrix: ModelMatrix, source: Source) -> Array | None:
    """C, the class totals of the scores, shape (k, 2); None for cases without classes."""

    def kernel(part: slice) -> tuple[AnyArray, ...]:
        x = matrix.block(part)
        total = np.zeros((x.shape[1], 2))
        for cases in source(part, x):
            if cases.by_class is None:
                return ()
            total += rows_times(cases.by_class * cases.multiplicity, x).T
        return (total,)

    sums = sum_over_blocks(kernel, matrix.shape[0], width=matrix.n_params)
    return sums[0] if sums else None


def cluster_gram(
    matrix: ModelMatrix, source: Source, codes: IntArray, n_clusters: int, totals: Array | None
) -> Array:
    """``sum over clusters of S S'``, S the sum of m z in a cluster; shape (k + 1, k + 1).

    Parameters
    ----------
    matrix : ModelMatrix
    source : callable
        Without scales; the last row and column belong to the further column, zero if there is
        none.
    codes : ndarray of int, shape (n,)
        The cluster of each row, from 0 to ``n_clusters - 1``; in any order, some may be unused.
    n_clusters : int
    totals : ndarray, shape (k, 2) or None
        Class totals to center by.
    """
    size = matrix.n_params + 1
    if n_clusters * size <= len(codes):
        sums = np.zeros((n_clusters, size))
        for part in blocks(*matrix.shape):
            order = np.argsort(codes[part], kind="stable")
            scores = _total_scores(matrix, source, part, totals)
            labels, partial = _runs(codes[part][order], scores[order])
            sums[labels] += partial
        return np.asarray(sums.T @ sums)
    return _gram_of_sorted(matrix, source, codes, totals)


def _gram_of_sorted(
    matrix: ModelMatrix, source: Source, codes: IntArray, totals: Array | None
) -> Array:
    """Many clusters: walk the rows cluster by cluster, carrying the one that a block cuts."""
    order = np.argsort(codes, kind="stable")
    size = matrix.n_params + 1
    gram, carried, carried_code = np.zeros((size, size)), np.zeros(size), -1
    for part in blocks(*matrix.shape):
        where = order[part]
        labels, sums = _runs(codes[where], _total_scores(matrix, source, where, totals))
        if labels[0] == carried_code:
            sums[0] += carried
        else:
            gram += np.outer(carried, carried)
        carried, carried_code = sums[-1].copy(), int(labels[-1])
        gram += sums[:-1].T @ sums[:-1]
    return gram + np.outer(carried, carried)


def _total_scores(
    matrix: ModelMatrix, source: Source, where: "slice | IntArray", totals: Array | None
) -> Array:
    """The sum of m z over the sorts of case of each row; shape (b, k + 1)."""
    x = matrix.block(where)
    parts = [
        scaled(_rows(x, cases, totals), np.broadcast_to(cases.multiplicity, len(x)))
        for cases in source(where, x)
    ]
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def _runs(labels: IntArray, scores: Array) -> tuple[IntArray, Array]:
    """The label of each run of equal labels, and the sum of its rows."""
    starts = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]])
    return labels[starts], np.add.reduceat(scores, starts, axis=0)
