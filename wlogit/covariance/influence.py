"""What each case contributes to the estimates, and the covariance of sums of such contributions.

The sandwich estimators are sums of squares of influences ``A^-1 u``, with their small-sample
factors. A statistic that is estimated from the same cases besides (an average, another fit) has an
influence of its own, and its covariance is the same sum over the same cases or clusters.

References
----------
Huber (1981), Robust Statistics, section 1.5; Stefanski and Boos (2002), The American Statistician
56, 29-38.
"""

from typing import Protocol

import numpy as np

from wlogit._typing import Array
from wlogit.core.scores import CaseRows, Inflate, case_scores, class_totals
from wlogit.covariance.base import ScoreParts
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.cluster_adjusted import AdjustedClusters
from wlogit.covariance.source import CaseSource


class SandwichEstimator(Protocol):
    """An estimator whose covariance is a sum of squares of influences."""

    @property
    def scheme(self) -> ClassScheme:
        """How the class weights came about and how the outcome was sampled."""
        ...

    def pieces(self, parts: ScoreParts) -> tuple[CaseSource, Inflate | None, float]:
        """Scores of the cases, what their leverages multiply them by, and a factor of squares."""
        ...

    def covariance_of(self, influences: CaseRows, parts: ScoreParts) -> Array:
        """Covariance of statistics with these influences."""
        ...


def case_influences(parts: ScoreParts, estimator: SandwichEstimator) -> CaseRows:
    """Influence of every case on the coefficients, block by block.

    Parameters
    ----------
    parts : ScoreParts
    estimator : Robust, Linearized, Clustered or Survey

    Returns
    -------
    callable
        From a slice of rows to (multiplicity, influence) of each sort of case: the influence of
        one case on b, shape (b, k), in the user's coordinates, centered and with the factors of
        the estimator that belong to single cases; and in a last column that on minus
        ``log(c1 / c0)`` where the class-weight ratio is estimated, else zero.
    """
    source, inflate, factor = estimator.pieces(parts)
    totals = None
    if estimator.scheme.centers:
        totals = class_totals(parts.matrix, parts.root, source)
    formed = case_scores(parts.matrix, parts.root, source, inflate, totals)
    if isinstance(estimator, AdjustedClusters):
        formed = estimator.adjusted(formed, parts)
    r = parts.root.shape[1]
    turn = np.sqrt(factor) * parts.matrix.to_user(parts.root).T

    def influences(rows: slice) -> list[tuple[Array, Array]]:
        return [(number, np.column_stack([z[:, :r] @ turn, z[:, r]])) for number, z in formed(rows)]

    return influences


def influence_covariance(
    influences: CaseRows, parts: ScoreParts, estimator: SandwichEstimator
) -> Array:
    """Covariance of statistics with these influences, shape (q, q).

    Parameters
    ----------
    influences : callable
        From a slice of rows to (multiplicity, influence) of each sort of case; influences of
        shape (b, q).
    parts : ScoreParts
        Of the fit whose cases these are.
    estimator : Robust, Linearized, Clustered or Survey
        Sums over cases, or over the totals of clusters or of sampled units.
    """
    return estimator.covariance_of(influences, parts)
