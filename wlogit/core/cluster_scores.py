"""Totals of the scores of clusters, and the sum of their squares, in one reading of X."""

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core.blocksum import blocks
from wlogit.core.compact_clusters import compact_cluster_gram
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import scaled
from wlogit.core.scores import Source, centered_rows, projected


def cluster_gram(
    matrix: ModelMatrix,
    root: Array,
    source: Source,
    codes: IntArray,
    n_clusters: int,
    totals: Array | None,
) -> Array:
    """``sum over clusters of S S'``, S the sum of m z in a cluster; shape (r + 1, r + 1).

    Parameters
    ----------
    matrix : ModelMatrix
    root : ndarray, shape (k, r)
    source : Source
        Without scales; the last row and column belong to the further column, zero if there is
        none.
    codes : ndarray of int, shape (n,)
        The cluster of each row, from 0 to ``n_clusters - 1``; in any order, some may be unused.
    n_clusters : int
    totals : ndarray, shape (r, 2) or None
        Class totals to center by.
    """
    if matrix.compact is not None:
        return compact_cluster_gram(matrix, root, source, codes, totals)
    size = root.shape[1] + 1
    if n_clusters * size <= len(codes):
        sums = cluster_sums(matrix, root, source, codes, n_clusters, totals)
        gram: Array = sums.T @ sums
        return gram
    return _gram_of_sorted(matrix, root, source, codes, totals)


def cluster_sums(
    matrix: ModelMatrix,
    root: Array,
    source: Source,
    codes: IntArray,
    n_clusters: int,
    totals: Array | None,
) -> Array:
    """S of every cluster, shape (n_clusters, r + 1): those of parts of the rows add up.

    Parameters
    ----------
    matrix, root, source, codes, n_clusters, totals
        As in `cluster_gram`.
    """
    sums = np.zeros((n_clusters, root.shape[1] + 1))
    for part in blocks(*matrix.shape):
        order = np.argsort(codes[part], kind="stable")
        scores = _total_scores(matrix, root, source, part, totals)
        labels, partial = _runs(codes[part][order], scores[order])
        sums[labels] += partial
    return sums


def _gram_of_sorted(
    matrix: ModelMatrix, root: Array, source: Source, codes: IntArray, totals: Array | None
) -> Array:
    """Many clusters: walk the rows cluster by cluster, carrying the one that a block cuts."""
    order = np.argsort(codes, kind="stable")
    size = root.shape[1] + 1
    gram, carried, carried_code = np.zeros((size, size)), np.zeros(size), -1
    for part in blocks(*matrix.shape):
        where = order[part]
        labels, sums = _runs(codes[where], _total_scores(matrix, root, source, where, totals))
        if labels[0] == carried_code:
            sums[0] += carried
        else:
            gram += np.outer(carried, carried)
        carried, carried_code = sums[-1].copy(), int(labels[-1])
        gram += sums[:-1].T @ sums[:-1]
    gram += np.outer(carried, carried)
    return gram


def _total_scores(
    matrix: ModelMatrix,
    root: Array,
    source: Source,
    where: "slice | IntArray",
    totals: Array | None,
) -> Array:
    """The sum of m z over the sorts of case of each row; shape (b, r + 1)."""
    h, sorts = projected(matrix, root, source, where)
    parts = [
        scaled(centered_rows(h, cases, totals), np.broadcast_to(cases.multiplicity, len(h)))
        for cases in sorts
    ]
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def _runs(labels: IntArray, scores: Array) -> tuple[IntArray, Array]:
    """The label of each run of equal labels, and the sum of its rows."""
    starts = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]])
    return labels[starts], np.add.reduceat(scores, starts, axis=0)
