"""Cluster-robust sandwiches CR0, CR1 and CR1S, for one grouping or several.

``M = sum over clusters S_g S_g'`` with S_g the total of the (centered) scores of a cluster; several
groupings by inclusion-exclusion, each term with its own small-sample factor.

References
----------
Liang and Zeger (1986), Biometrika 73, 13-22; Cameron, Gelbach and Miller (2011), JBES 29, 238-249.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray, TotalsKind
from wlogit.core.case_sums import gram_of_groups
from wlogit.core.cluster_scores import cluster_gram
from wlogit.core.scores import CaseRows, Inflate, class_totals
from wlogit.covariance.base import Covariance, ScoreParts, sandwich
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.source import CaseSource
from wlogit.errors import DesignError

FACTORS = {
    "CR0": "no small-sample factor",
    "CR1": "factor G/(G-1)",
    "CR1S": "factor G(N-1)/((G-1)(N-k))",
    "CR2": "CR2: scores adjusted so that it is unbiased under the variances of the model",
    "CR3": "CR3: scores adjusted as the jackknife of clusters does",
}


@dataclass(frozen=True, slots=True)
class Clustered:
    """Sandwich of cluster totals.

    Attributes
    ----------
    groupings : tuple of ndarray of int, shape (n,)
        Cluster of each row, coded 0 to G - 1, for each grouping. Codes that only occur on rows
        of zero weight do not count as clusters.
    kind : "CR0", "CR1" or "CR1S"
    scheme : ClassScheme
    """

    groupings: tuple[IntArray, ...]
    kind: TotalsKind = "CR1S"
    scheme: ClassScheme = ClassScheme()

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate."""
        source, _, _ = self.pieces(parts)
        totals = class_totals(parts.matrix, parts.root, source) if self.scheme.centers else None
        meat = np.zeros(())
        sizes: list[Array] = []
        weights = np.broadcast_to(parts.weights.row_weight, (parts.weights.n_rows,))
        for codes, n_clusters, factor in self.terms(parts):
            term = cluster_gram(parts.matrix, parts.root, source, codes, n_clusters, totals)
            meat = meat + factor * term
            if len(sizes) < len(self.groupings):
                sizes.append(cluster_weights(codes, weights, n_clusters))
        return self.finish(parts, meat, tuple(sizes))

    def finish(self, parts: ScoreParts, meat: Array, sizes: tuple[Array, ...]) -> Covariance:
        """The covariance from the signed sum of squares; of `parts` it needs no rows.

        Parameters
        ----------
        parts : ScoreParts
        meat : ndarray
        sizes : tuple of ndarray
            Sums of the weights of each cluster, by grouping.
        """
        matrix, whitened, shift = sandwich(parts, meat, shift=self.scheme.shift_is_random)
        counts = tuple(len(own) for own in sizes)
        return Covariance(
            matrix,
            whitened,
            "cluster",
            self.describe(counts),
            min(counts) - 1.0,
            shift,
            counts,
            equal_clusters=tuple(map(_worth, sizes)),
        )

    def pieces(self, parts: ScoreParts) -> tuple[CaseSource, Inflate | None, float]:
        """Scores of the cases, no multipliers and no factor of single cases."""
        return CaseSource(parts, self.scheme), None, 1.0

    def covariance_of(self, influences: CaseRows, parts: ScoreParts) -> Array:
        """Covariance of statistics with these influences, shape (q, q).

        Parameters
        ----------
        influences : callable
            From a slice of rows to (multiplicity, influence) of each sort of case.
        parts : ScoreParts
        """
        _, width = parts.matrix.shape
        total = np.zeros(())
        for codes, n_clusters, factor in self.terms(parts):
            total = total + factor * gram_of_groups(influences, codes, n_clusters, width)
        return total

    def terms(self, parts: ScoreParts) -> Iterator[tuple[IntArray, int, float]]:
        """Cluster of each row, number of clusters and signed factor, for every intersection.

        The groupings themselves come first.
        """
        weighted, groupings = rows_with_weight(parts), self._groupings(parts)
        for size in range(1, len(groupings) + 1):
            for chosen in combinations(groupings, size):
                codes, n_clusters = _intersection(chosen, weighted)
                yield codes, n_clusters, -((-1.0) ** size) * self.factor(n_clusters, parts)

    def _groupings(self, parts: ScoreParts) -> tuple[IntArray, ...]:
        groupings = tuple(_recode(codes, rows_with_weight(parts)) for codes in self.groupings)
        if any(codes.max(initial=0) == 0 for codes in groupings):
            raise DesignError(
                "all rows with a positive weight are in one cluster; cluster-robust standard "
                "errors need at least two."
            )
        return groupings

    def factor(self, n_clusters: int, parts: ScoreParts) -> float:
        """Small-sample factor of so many clusters."""
        if self.kind == "CR0":
            return 1.0
        factor = n_clusters / (n_clusters - 1.0)
        if self.kind == "CR1S":
            n, k = parts.weights.nobs, parts.n_params
            factor *= (n - 1.0) / (n - k) if n > k else np.nan
        return factor

    def describe(self, counts: tuple[int, ...]) -> str:
        """What it is robust to, with these numbers of clusters."""
        return describe_clusters(counts, self.kind, self.scheme)


def describe_clusters(counts: tuple[int, ...], kind: str, scheme: ClassScheme) -> str:
    """What a sandwich of clusters is robust to."""
    sizes = " and ".join(f"{count:,}" for count in counts)
    return f"robust to dependence within {sizes} clusters ({FACTORS[kind]}){scheme.describe()}"


def cluster_weights(codes: IntArray, weights: Array, n_clusters: int) -> Array:
    """Sum of the weights of the rows of each cluster, shape (G,)."""
    return np.bincount(codes, weights, n_clusters).astype(np.float64, copy=False)


def _worth(sizes: Array) -> float:
    """How many equal clusters these are worth (Kish), of weights of any scale."""
    shares = sizes / sizes.max()
    return float(shares.sum() ** 2 / (shares @ shares))


def rows_with_weight(parts: ScoreParts) -> BoolArray:
    """Rows with a positive weight, shape (n,)."""
    return np.broadcast_to(parts.weights.row_weight > 0, (parts.weights.n_rows,))


def _recode(codes: IntArray, weighted: BoolArray) -> IntArray:
    """Codes 0 to G - 1 of the clusters that hold weight; rows without weight go to cluster 0."""
    recoded = np.zeros(codes.shape, dtype=np.intp)
    recoded[weighted] = np.unique(codes[weighted], return_inverse=True)[1].ravel()
    return recoded


def _intersection(chosen: tuple[IntArray, ...], weighted: BoolArray) -> tuple[IntArray, int]:
    codes = chosen[0]
    for other in chosen[1:]:
        codes = _recode(codes * (int(other.max()) + 1) + other, weighted)
    return codes, int(codes.max()) + 1


def negative_eigenvalues(matrix: Array) -> Array:
    """Eigenvalues below zero beyond rounding, which inclusion-exclusion can produce."""
    values = np.linalg.eigvalsh(matrix) if np.all(np.isfinite(matrix)) else np.zeros(0)
    bound = 1e-12 * np.abs(values).max(initial=0.0)
    return np.asarray(values[values < -bound])
