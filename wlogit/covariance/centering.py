"""When scores are centered within class, and how the finite number of cases is paid for."""

from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array, ClassWeightsAre, Sampling
from wlogit.covariance.base import Centering, ScoreParts, center_by_mass, center_by_size
from wlogit.errors import WeightError
from wlogit.weights.weights import Weights


@dataclass(frozen=True, slots=True)
class ClassScheme:
    """How the class weights came about and how the outcome was sampled.

    Attributes
    ----------
    class_weights : "estimated" or "fixed"
        Whether the class weights were computed from this sample.
    sampling : "random" or "case-control"
        Whether the class sizes are random or fixed by design.
    """

    class_weights: ClassWeightsAre = "fixed"
    sampling: Sampling = "random"

    @classmethod
    def default(cls, weights: Weights) -> "ClassScheme":
        """Estimated for "balanced" and prevalence, fixed for a mapping; random sampling."""
        return cls("estimated" if weights.factors.estimated else "fixed")

    @property
    def centers(self) -> bool:
        """Whether scores are centered within class."""
        return self.class_weights == "estimated" or self.sampling == "case-control"

    @property
    def shift_is_random(self) -> bool:
        """Whether ``log(c1 / c0)`` has a sampling error of its own."""
        return self.class_weights == "estimated" and self.sampling == "random"

    def centering(self, parts: ScoreParts) -> Centering | None:
        """The centering of the scores of a fit, or None."""
        if not self.centers:
            return None
        return center_by_mass(parts) if self.class_weights == "estimated" else center_by_size(parts)

    def describe(self) -> str:
        """Clause for a description; empty when nothing is centered."""
        if self.class_weights == "estimated":
            return ", scores centered within class because the class weights are estimated"
        if self.sampling == "case-control":
            return ", scores centered within class because the class sizes are fixed by design"
        return ""


def class_size_factors(weights: Weights, scheme: ClassScheme) -> tuple[Array, ...]:
    """``N_k / (N_k - 1)`` of the class of each case, for each sort of case.

    Raises
    ------
    WeightError
        When a class has at most one case, so that its spread cannot be estimated.
    """
    n0, n1 = weights.totals.class_sizes
    for label, size in zip(weights.labels, (n0, n1), strict=True):
        if size <= 1.0:
            estimated = scheme.class_weights == "estimated"
            why = "class weights computed from the sample" if estimated else "fixed class sizes"
            instead = "give the class weights as a mapping, or " if estimated else ""
            raise WeightError(
                f"class {label!r} has {size:g} cases: with {why} the spread within a class cannot "
                f'be estimated from one case; {instead}use cov_type="HC0".'
            )
    f0, f1 = n0 / (n0 - 1.0), n1 / (n1 - 1.0)
    return tuple(f0 + (f1 - f0) * np.asarray(sort.outcome) for sort in weights.cases)
