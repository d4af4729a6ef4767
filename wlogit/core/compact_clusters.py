"""Sums of scores over clusters, for designs of which a row fills few columns."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from wlogit._typing import Array, IntArray
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.scores import CaseBlock, Source

# Rows and clusters to take at a time.
_ROWS, _CLUSTERS = 2**17, 2**12
# Share of filled entries from which a table is multiplied as a dense one.
_FILLED = 0.05


def compact_cluster_gram(
    matrix: ModelMatrix, root: Array, source: Source, codes: IntArray, totals: Array | None
) -> Array:
    """As `wlogit.core.cluster_scores.cluster_gram`.

    Scores are added up as they are, and turned to the coordinates of ``root`` at the end.
    """
    k, r = root.shape
    border = 3
    square = np.zeros((k + border, k + border))
    order = np.argsort(codes, kind="stable")
    for rows, labels in _runs(order, codes[order]):
        part = matrix.part(rows)
        sorts = source(rows, part.dot(source.params))
        score = sum(cases.multiplicity * cases.factor for cases in sorts)
        members = sparse.csr_array(
            (np.broadcast_to(score, labels.shape), (labels, np.arange(len(labels))))
        )
        sums = members @ part.tocsr()  # type: ignore[union-attr]
        beside = np.zeros((members.shape[0], border))
        for column, values in zip(beside.T, _beside(sorts, len(labels)), strict=True):
            column[:] = np.bincount(labels, weights=values, minlength=members.shape[0])
        square[:k, :k] += _squares(sums)
        square[:k, k:] += sums.T @ beside
        square[k:, k:] += beside.T @ beside
    square[k:, :k] = square[:k, k:].T
    turn = np.zeros((k + border, r + 1))
    turn[:k, :r] = root
    if totals is not None:
        turn[k : k + 2, :r] = -totals.T
    turn[k + 2, r] = 1.0
    return np.asarray(turn.T @ square @ turn)


def _beside(sorts: Sequence[CaseBlock], size: int) -> Array:
    """Sums over the sorts of case of their shares in two classes, and of the further column."""
    values = np.zeros((3, size))
    for cases in sorts:
        if cases.shares is not None:
            values[:2] += cases.multiplicity * cases.shares
        if cases.extra is not None:
            values[2] += cases.multiplicity * cases.extra
    return values


def _squares(sums: sparse.csr_array) -> Array:
    if sums.nnz > _FILLED * sums.shape[0] * sums.shape[1]:
        full = sums.toarray()
        return np.asarray(full.T @ full)
    return np.asarray((sums.T @ sums).toarray())


def _runs(order: IntArray, codes: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Rows of some whole clusters at a time, and the cluster of each, from 0."""
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    bounds = np.append(starts, len(codes))
    first = 0
    while first < len(starts):
        last = int(np.searchsorted(bounds, bounds[first] + _ROWS, side="right")) - 1
        last = min(max(last, first + 1), first + _CLUSTERS)
        rows = slice(bounds[first], bounds[last])
        labels = np.repeat(np.arange(last - first), np.diff(bounds[first : last + 1]))
        yield order[rows], labels
        first = last
