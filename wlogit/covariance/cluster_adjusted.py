"""Cluster-robust sandwiches CR2 and CR3, with Satterthwaite degrees of freedom.

Scores of a cluster are adjusted for its leverage (`core.cluster_leverage`), which makes the
covariance unbiased for the variances of the model (CR2), or that of the jackknife (CR3). They equal
``clubSandwich::vcovCR`` on data with every case in a row of its own.

Scores that are centered within class are so first; their totals then have the adjustment of equal
phi, ``(I - J)^-1/2`` for CR2, which has the same expectation. The number of cases in a class is
not paid for besides.

References
----------
Bell and McCaffrey (2002), Survey Methodology 28, 169-181; Pustejovsky and Tipton (2018), JBES 36,
672-683; Cameron, Gelbach and Miller (2011), JBES 29, 238-249 (several groupings).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np

from wlogit._typing import AdjustedKind, Array, IntArray
from wlogit.core.blas import one_blas_thread
from wlogit.core.cluster_leverage import Adjusted, StandardRows, by_power, by_residual_root
from wlogit.core.cluster_rows import ClusterSums, ClusterWalk
from wlogit.core.scores import CaseRows, Inflate, class_totals
from wlogit.covariance.base import Covariance, ScoreParts, sandwich
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.cluster import Clustered, describe_clusters, rows_with_weight
from wlogit.covariance.satterthwaite import Moments, Satterthwaite, SmallestOf
from wlogit.covariance.source import CaseSource
from wlogit.errors import DesignError, NotAvailableError

# CR2 holds the rows of a whole cluster; at this many of them it is refused.
MOST_ROWS = 100_000
# Products of more coefficients are left to BLAS, which uses threads of its own.
_WIDE = 256
POWERS = {"CR2": 0.5, "CR3": 1.0}


@dataclass(frozen=True, slots=True)
class AdjustedClusters:
    """Sandwich of cluster totals that are adjusted for the leverage of the cluster.

    Attributes
    ----------
    groupings : tuple of ndarray of int, shape (n,)
        As those of `Clustered`.
    kind : "CR2" or "CR3"
    scheme : ClassScheme
    """

    groupings: tuple[IntArray, ...]
    kind: AdjustedKind = "CR2"
    scheme: ClassScheme = ClassScheme()

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate.

        Raises
        ------
        DesignError
            For CR2, a cluster of more rows than it holds.
        """
        source, _, _ = self.pieces(parts)
        totals = class_totals(parts.matrix, parts.root, source) if self.scheme.centers else None
        meat, sizes = np.zeros(()), []
        degrees: list[Satterthwaite] = []
        saturated: list[int] = []
        for codes, n_clusters, sign in self.terms(parts):
            walk = self._walk(parts, source, codes)
            moments = Moments(parts.matrix.to_user(parts.root))
            meat = meat + sign * self._gram(walk, totals, moments, saturated)
            if len(degrees) < len(self.groupings):
                sizes.append(n_clusters)
                degrees.append(moments.degrees_of_freedom())
        matrix, whitened, shift = sandwich(parts, meat, shift=self.scheme.shift_is_random)
        small_sample = degrees[0] if len(degrees) == 1 else SmallestOf(degrees)
        return Covariance(
            matrix,
            whitened,
            "cluster",
            self.describe(tuple(sizes)),
            _smallest(small_sample.each, min(sizes) - 1.0),
            shift,
            tuple(sizes),
            small_sample=small_sample,
            saturated_clusters=tuple(sorted(set(saturated))),
        )

    def pieces(self, parts: ScoreParts) -> tuple[CaseSource, Inflate | None, float]:
        """Scores of the cases, no multipliers and no factor of single cases."""
        return CaseSource(parts, self.scheme), None, 1.0

    def terms(self, parts: ScoreParts) -> Iterator[tuple[IntArray, int, float]]:
        """Cluster of each row, number of clusters and sign, for every intersection."""
        return self.plain.terms(parts)

    @property
    def plain(self) -> Clustered:
        """The same without adjustment."""
        return Clustered(self.groupings, "CR0", self.scheme)

    def _walk(self, parts: ScoreParts, source: CaseSource, codes: IntArray) -> ClusterWalk:
        return ClusterWalk.of(parts.matrix, parts.root, source, codes, rows_with_weight(parts))

    def _gram(
        self, walk: ClusterWalk, totals: Array | None, moments: Moments, saturated: list[int]
    ) -> Array:
        """``sum of S S'`` of one grouping, S with the further column of the shift at its end."""
        size = walk.root.shape[1] + 1
        gram = np.zeros((size, size))
        with _threads(walk):
            for clusters, sums, found in self._adjusted(walk, totals):
                moments.add(found)
                scores = np.column_stack([found.scores, sums.extra])
                gram += scores.T @ scores
                saturated += [walk.first_row(int(g)) for g in clusters[found.saturated]]
        return gram

    def _adjusted(
        self, walk: ClusterWalk, totals: Array | None
    ) -> Iterator[tuple[IntArray, ClusterSums, Adjusted]]:
        """Batches of clusters, their sums, and their scores adjusted (and centered)."""
        by_rows = self.kind == "CR2" and totals is None
        if by_rows:
            _check_sizes(walk)
        for clusters in walk.batches():
            sums = walk.sums(clusters)
            if by_rows:
                whole = slice(0, int(walk.sizes[clusters].max()))
                found = by_residual_root(StandardRows.of(walk.cases(clusters, whole)))
            else:
                found = by_power(sums.information, _centered(sums, totals), POWERS[self.kind])
            yield clusters, sums, found

    def covariance_of(self, influences: CaseRows, parts: ScoreParts) -> Array:
        """Covariance of statistics with these influences, shape (q, q).

        Parameters
        ----------
        influences : callable
            From a slice of rows to (multiplicity, influence) of each sort of case; those on the
            coefficients adjusted, as `adjusted` does.
        parts : ScoreParts
        """
        return self.plain.covariance_of(influences, parts)

    def adjusted(self, scores: CaseRows, parts: ScoreParts) -> CaseRows:
        """Scores of single cases whose totals over clusters are the adjusted ones.

        What the adjustment adds to the total of a cluster is put on one of its cases: what single
        cases have does not matter to a sum of squares of totals.

        Parameters
        ----------
        scores : callable
            From a slice of rows to (multiplicity, score) of each sort of case, in the coordinates
            ``H'x`` in the first r columns.
        parts : ScoreParts

        Raises
        ------
        NotAvailableError
            With several groupings, each of which has adjusted totals of its own.
        """
        if len(self.groupings) > 1:
            raise NotAvailableError(
                f"with several groupings {self.kind} adjusts the scores of each on its own, and "
                "what is estimated besides the coefficients has no covariance with them; use "
                'kind="CR1".'
            )
        rows, added = self._corrections(parts)
        at = np.full(parts.weights.n_rows, -1)
        at[rows] = np.arange(len(rows))
        r = added.shape[1]

        def found(part: slice) -> list[tuple[Array, Array]]:
            sorts, which = scores(part), at[part]
            waiting = which >= 0
            for number, values in sorts:
                here = np.flatnonzero(waiting & (number > 0.0))
                share = np.broadcast_to(number, waiting.shape)[here]
                values[here, :r] += added[which[here]] / share[:, None]
                waiting[here] = False
            return sorts

        return found

    def _corrections(self, parts: ScoreParts) -> tuple[IntArray, Array]:
        """A row of each cluster, and what the adjustment adds to its total; shape (G, r)."""
        source, _, _ = self.pieces(parts)
        totals = class_totals(parts.matrix, parts.root, source) if self.scheme.centers else None
        codes, n_clusters, _ = next(self.terms(parts))
        walk = self._walk(parts, source, codes)
        added = np.empty((n_clusters, parts.root.shape[1]))
        with _threads(walk):
            for clusters, sums, found in self._adjusted(walk, totals):
                added[clusters] = found.scores - _centered(sums, totals)
        return walk.order[walk.starts], added

    def describe(self, counts: tuple[int, ...]) -> str:
        """What it is robust to, with these numbers of clusters."""
        return describe_clusters(counts, self.kind, self.scheme)


def _threads(walk: ClusterWalk) -> AbstractContextManager[None]:
    return one_blas_thread() if walk.root.shape[1] <= _WIDE else nullcontext()


def _centered(sums: ClusterSums, totals: Array | None) -> Array:
    return sums.scores if totals is None else sums.scores - sums.shares @ totals.T


def _check_sizes(walk: ClusterWalk) -> None:
    """Refuse clusters whose rows CR2 does not hold."""
    largest = int(np.argmax(walk.sizes))
    if walk.sizes[largest] > MOST_ROWS:
        raise DesignError(
            f"CR2 needs all rows of a cluster at once, at most {MOST_ROWS:,}, and the largest "
            f'cluster has {walk.sizes[largest]:,}; use kind="CR3", which needs none.'
        )


def _smallest(degrees: Array, none: float) -> float:
    """The smallest of those there are; G - 1 without any."""
    known = degrees[np.isfinite(degrees)]
    return float(known.min()) if known.size else none
