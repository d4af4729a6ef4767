"""Cases of a fit cluster by cluster, in batches of clusters of about the same size.

Everything is in the coordinates ``h = H'x`` in which the information is the identity. A cluster
then has the information ``J = sum of m c h h'``, c the curvature of a case, with eigenvalues from
zero to one: its leverages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import times
from wlogit.core.scores import CaseBlock, Source

# Numbers that a batch may hold of h.
_BATCH_ENTRIES = 2**19


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSums:
    """What b clusters hold, summed over their cases.

    Attributes
    ----------
    information : ndarray, shape (b, r, r)
        J.
    scores : ndarray, shape (b, r)
        Sum of m f h, not centered.
    shares : ndarray, shape (b, 2)
        Sum of m t: shares in the totals of non-events and of events.
    extra : ndarray, shape (b,)
        Sum of m e.
    """

    information: Array
    scores: Array
    shares: Array
    extra: Array


@dataclass(frozen=True, slots=True, eq=False)
class ClusterCases:
    """One sort of case in some columns of a batch: row i of cluster g at ``[g, i]``.

    Places beyond the last row of a cluster have multiplicity zero.
    """

    h: Array
    multiplicity: Array
    cases: CaseBlock

    def spread(self, values: Array) -> Array:
        """Numbers of cases at their places; shape (b, c)."""
        wide = np.broadcast_to(values, (self.multiplicity.size,))
        return wide.reshape(self.multiplicity.shape)


@dataclass(frozen=True, slots=True, eq=False)
class ClusterWalk:
    """The rows of a fit, sorted by cluster.

    Attributes
    ----------
    matrix : ModelMatrix
    root : ndarray, shape (k, r)
        H.
    source : Source
    order : ndarray of int
        Rows with weight, cluster by cluster.
    starts, sizes : ndarray of int, shape (G,)
        Where in the order each cluster begins, and its number of rows.
    """

    matrix: ModelMatrix
    root: Array
    source: Source
    order: IntArray
    starts: IntArray
    sizes: IntArray

    @classmethod
    def of(
        cls, matrix: ModelMatrix, root: Array, source: Source, codes: IntArray, weighted: BoolArray
    ) -> "ClusterWalk":
        """Sort the rows that have weight by their clusters, coded from zero without gaps."""
        rows = np.flatnonzero(weighted)
        order = rows[np.argsort(codes[rows], kind="stable")]
        sizes = np.bincount(codes[rows])
        return cls(matrix, root, source, order, np.cumsum(sizes) - sizes, sizes)

    def batches(self) -> Iterator[IntArray]:
        """Clusters to take together, the smallest first; large ones alone."""
        by_size = np.argsort(self.sizes, kind="stable")
        width, first = self.root.shape[1], 0
        while first < len(by_size):
            sizes = self.sizes[by_size[first:]]
            held = sizes * np.arange(1, len(sizes) + 1) * width
            count = max(int(np.searchsorted(held, _BATCH_ENTRIES, side="right")), 1)
            yield by_size[first : first + count]
            first += count

    def sums(self, clusters: IntArray) -> ClusterSums:
        """Sums over the cases of some clusters, in pieces of bounded size."""
        b, r = len(clusters), self.root.shape[1]
        total = ClusterSums(np.zeros((b, r, r)), np.zeros((b, r)), np.zeros((b, 2)), np.zeros(b))
        longest = int(self.sizes[clusters].max())
        step = max(_BATCH_ENTRIES // (b * r), 1)
        for start in range(0, longest, step):
            for sort in self.cases(clusters, slice(start, min(start + step, longest))):
                _add(total, sort)
        return total

    def cases(self, clusters: IntArray, columns: slice) -> list[ClusterCases]:
        """Each sort of case at some places of each cluster."""
        at = np.arange(columns.start, columns.stop)
        sizes, starts = self.sizes[clusters][:, None], self.starts[clusters][:, None]
        rows = self.order[starts + np.minimum(at, sizes - 1)].ravel()
        inside = at < sizes
        h, product = times(self.matrix.block(rows), self.root, self.source.params)
        h = h.reshape(*inside.shape, -1)
        sorts: Sequence[CaseBlock] = self.source(rows, product)
        return [ClusterCases(h, _placed(sort.multiplicity, inside), sort) for sort in sorts]

    def first_row(self, cluster: int) -> int:
        """A row of a cluster, to name it by."""
        return int(self.order[self.starts[cluster]])


def _placed(multiplicity: Array, inside: BoolArray) -> Array:
    wide = np.broadcast_to(multiplicity, (inside.size,)).reshape(inside.shape)
    return np.where(inside, wide, 0.0)


def _add(total: ClusterSums, sort: ClusterCases) -> None:
    cases, number, h = sort.cases, sort.multiplicity, sort.h
    turned = h.transpose(0, 2, 1)
    total.information[:] += turned @ (h * (number * sort.spread(cases.curvature))[:, :, None])
    total.scores[:] += (turned @ (number * sort.spread(cases.factor))[:, :, None])[:, :, 0]
    if cases.shares is not None:
        for k in (0, 1):
            total.shares[:, k] += np.sum(number * sort.spread(cases.shares[k]), axis=1)
    if cases.extra is not None:
        total.extra[:] += np.sum(number * sort.spread(cases.extra), axis=1)
