"""When scores are centered within class, and how the finite number of cases is paid for."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

from wlogit._typing import ClassWeightsAre, Sampling
from wlogit.errors import WeightError
from wlogit.weights.weights import Weights


class ClassSums(Protocol):
    """Sums over the cases of each class."""

    @property
    def class_sizes(self) -> tuple[float, ...]:
        """N_k."""
        ...

    @property
    def class_masses(self) -> tuple[float, ...]:
        """W_k."""
        ...


class SizedClasses(Protocol):
    """Weights of a fit with any number of classes."""

    @property
    def totals(self) -> ClassSums:
        """Sums over cases."""
        ...

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """The user's labels."""
        ...


@dataclass(frozen=True, slots=True)
class ClassScheme:
    """How the class weights came about and how the outcome was sampled.

    Attributes
    ----------
    class_weights : "estimated" or "fixed"
        Whether the class weights were computed from this sample.
    sampling : "random" or "case-control"
        Whether the class sizes are random or fixed by design.
    log_odds : bool
        Whether the log odds of the share of events in the sample, by sampling weight, are wanted
        as a further column, beside scores that need not be centered.
    """

    class_weights: ClassWeightsAre = "fixed"
    sampling: Sampling = "random"
    log_odds: bool = False

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
        return self.log_odds or (self.class_weights == "estimated" and self.sampling == "random")

    def class_sums(self, weights: SizedClasses) -> tuple[float, ...]:
        """What a case's share in its class is measured by: (W_0, W_1, ...), or class sizes."""
        return weights.totals.class_masses if self.by_mass else weights.totals.class_sizes

    @property
    def by_mass(self) -> bool:
        """Whether cases share in their class by sampling weight, not by number."""
        return self.class_weights == "estimated" or self.log_odds

    def describe(self) -> str:
        """Clause for a description; empty when nothing is centered."""
        if self.class_weights == "estimated":
            return ", scores centered within class because the class weights are estimated"
        if self.sampling == "case-control":
            return ", scores centered within class because the class sizes are fixed by design"
        return ""


def class_size_factors(weights: Weights, scheme: ClassScheme) -> tuple[float, float]:
    """``N_k / (N_k - 1)`` of non-events and of events; see `size_factors`."""
    non_events, events = size_factors(weights, scheme)
    return non_events, events


def size_factors(weights: SizedClasses, scheme: ClassScheme) -> tuple[float, ...]:
    """``N_k / (N_k - 1)`` of every class.

    Raises
    ------
    WeightError
        When a class has at most one case, so that its spread cannot be estimated.
    """
    sizes = weights.totals.class_sizes
    for label, size in zip(weights.labels, sizes, strict=True):
        if size <= 1.0:
            estimated = scheme.class_weights == "estimated"
            why = "class weights computed from the sample" if estimated else "fixed class sizes"
            instead = "give the class weights as a mapping, or " if estimated else ""
            raise WeightError(
                f"class {label!r} has {size:g} cases: with {why} the spread within a class cannot "
                f'be estimated from one case; {instead}use cov_type="HC0".'
            )
    return tuple(size / (size - 1.0) for size in sizes)
