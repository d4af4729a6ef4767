"""What a row stands for: how many cases, and how much one case counts."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from wlogit._typing import Array
from wlogit.errors import NotAvailableError

ClassWeightSource = Literal["balanced", "mapping", "prevalence", "calibrated"]


class ClassWeighting(Protocol):
    """Where the class weights of a fit come from."""

    @property
    def source(self) -> ClassWeightSource | None:
        """None without class weights."""
        ...

    @property
    def estimated(self) -> bool:
        """Whether they were computed from the sample."""
        ...

    @property
    def values(self) -> tuple[float, ...]:
        """How much one case of each label counts."""
        ...


@dataclass(frozen=True, slots=True)
class ClassFactors:
    """How much one event (c1) and one non-event (c0) count, and where that comes from."""

    non_event: float = 1.0
    event: float = 1.0
    source: ClassWeightSource | None = None
    prevalence: float | None = None

    @property
    def values(self) -> tuple[float, float]:
        """(c0, c1)."""
        return self.non_event, self.event

    @property
    def estimated(self) -> bool:
        """Whether the factors were computed from the sample."""
        return self.source in ("balanced", "prevalence")

    @property
    def log_ratio(self) -> float:
        """``log(c1 / c0)``, by which the factors move the intercept."""
        return float(np.log(self.event) - np.log(self.non_event))


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases of one sort: row i stands for ``multiplicity[i]`` cases with outcome ``outcome[i]``.

    Rows with a 0/1 outcome or a fraction hold one sort of case; rows of counts hold two,
    their events and their non-events. Every array has shape (n,), or () when the rows share
    the value.

    Attributes
    ----------
    outcome : ndarray
        y of one case, in [0, 1].
    multiplicity : ndarray
        m, the number of such cases; whole numbers.
    sampling : ndarray
        a, the sampling weight of one case, else 1.
    importance : ndarray
        v = a (c1 y + c0 (1 - y)), how much one case counts.
    response : ndarray
        r = c1 y / (c1 y + c0 (1 - y)), the outcome as the likelihood sees it.
    """

    outcome: Array
    multiplicity: Array
    sampling: Array
    importance: Array
    response: Array

    @classmethod
    def build(
        cls, outcome: Array, multiplicity: Array, sampling: Array, factors: ClassFactors
    ) -> "Cases":
        """Apply the class factors to cases with these outcomes and sampling weights."""
        c0, c1 = factors.non_event, factors.event
        if c0 == 1.0 and c1 == 1.0:
            return cls(outcome, multiplicity, sampling, sampling, outcome)
        if is_binary(outcome):
            importance = np.where(outcome == 1.0, c1, c0)
            if sampling.ndim or sampling != 1.0:
                importance = np.asarray(sampling * importance)
            return cls(outcome, multiplicity, sampling, importance, outcome)
        factor = c1 * outcome + c0 * (1.0 - outcome)
        return cls(outcome, multiplicity, sampling, sampling * factor, c1 * outcome / factor)

    @property
    def weight(self) -> Array:
        """Likelihood weight w = m v of a row's cases of this sort."""
        if self.multiplicity.ndim == 0 and self.multiplicity == 1.0:
            return self.importance
        return np.asarray(self.multiplicity * self.importance)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over cases, of which only those with a positive weight count.

    Attributes
    ----------
    nobs : float
        N, the number of cases.
    weight : float
        Sum of m v.
    effective_size : float
        (Sum of m v) squared over the sum of m v squared.
    class_sizes : tuple of float
        (N_0, N_1), cases by class; or by label.
    class_masses : tuple of float
        (W_0, W_1), sums of m a by class: the classes before any class weight; or by label.
    """

    nobs: float
    weight: float
    effective_size: float
    class_sizes: tuple[float, ...]
    class_masses: tuple[float, ...]


class WeightFacts:
    """What weights say of themselves, whatever the number of classes."""

    __slots__ = ()

    if TYPE_CHECKING:
        has_frequency: bool
        has_sampling: bool
        totals: Totals

        @property
        def cases(self) -> tuple[object, ...]:
            """The sorts of case; none once the data are removed."""

        @property
        def labels(self) -> tuple[Hashable, ...]:
            """The user's labels."""

        @property
        def fractional(self) -> bool:
            """Whether a case may have a share of a label."""

        @property
        def factors(self) -> "ClassWeighting":
            """The class weights in force."""

    def require_cases(self) -> None:
        """Raise NotAvailableError once the data are removed."""
        if not self.cases:
            raise NotAvailableError("the data of this fit were removed (remove_data).")

    @property
    def likelihood(self) -> bool:
        """Whether the weighted sum is a log-likelihood (no weights, or counts, of whole cases)."""
        return not (self.has_sampling or self.factors.source or self.fractional)

    @property
    def class_weights(self) -> dict[Hashable, float]:
        """The weight of each label, as given or as computed; ones without class weights."""
        return dict(zip(self.labels, self.factors.values, strict=True))

    @property
    def kind(self) -> str:
        """``"none"``, or the kinds in use joined by ``" x "``."""
        names = ["frequency"] * self.has_frequency + ["sampling"] * self.has_sampling
        if self.factors.source is not None:
            names.append("prevalence" if self.factors.source == "prevalence" else "class")
        return " x ".join(names) or "none"

    @property
    def nobs(self) -> float:
        """Number of cases, the sum of the frequency weights over rows with a positive weight."""
        return self.totals.nobs

    @property
    def total(self) -> float:
        """Sum of all weights, ``sum of m v``."""
        return self.totals.weight

    @property
    def mean_importance(self) -> float:
        """Mean weight of a case, ``total / nobs``."""
        return self.totals.weight / self.totals.nobs

    @property
    def effective_size(self) -> float:
        """Number of equally weighted cases that would carry the same information.

        References
        ----------
        Kish (1965), Survey Sampling, section 11.7.
        """
        return self.totals.effective_size

    @property
    def design_effect(self) -> float:
        """Cases per effective case, ``nobs / effective_size``."""
        return self.nobs / self.effective_size


@dataclass(frozen=True, slots=True)
class Weights(WeightFacts):
    """The weights of a fit, as two numbers for each case: multiplicity and importance.

    Attributes
    ----------
    n_rows : int
        Rows of the design, whatever their weight.
    cases : tuple of Cases
        One sort of case, or two (events, non-events) for rows of counts.
    factors : ClassFactors
        The class weights in force.
    labels : tuple
        The user's labels for non-events and events.
    shares : ndarray, shape (n,)
        Share of events in each row before any weight, for rows of counts without weight.
    n_dropped : mapping
        Rows left out before the fit, by cause.
    """

    n_rows: int
    cases: tuple[Cases, ...]
    factors: ClassFactors
    totals: Totals
    labels: tuple[Hashable, Hashable]
    has_frequency: bool
    has_sampling: bool
    fractional: bool
    shares: Array
    n_dropped: Mapping[str, int]

    @property
    def row_weight(self) -> Array:
        """w, the likelihood weight of each row's cases; shape (n,) or ()."""
        self.require_cases()
        weights = [sort.weight for sort in self.cases]
        return weights[0] if len(weights) == 1 else np.asarray(weights[0] + weights[1])

    @property
    def row_response(self) -> Array:
        """Weighted mean response of each row's cases, or of its share of events; shape (n,)."""
        if len(self.cases) == 1:
            return self.cases[0].response
        events, weight = self.cases[0].weight, self.row_weight
        c0, c1 = self.factors.non_event, self.factors.event
        by_share = c1 * self.shares / (c1 * self.shares + c0 * (1.0 - self.shares))
        return np.asarray(np.divide(events, weight, out=by_share, where=weight > 0))

    def without_cases(self) -> "Weights":
        """The same facts without anything of the length of the data."""
        return replace(self, cases=(), shares=np.zeros(0))

    @property
    def averaging_mass(self) -> tuple[Array, ...]:
        """Mass m g of each sort of case: what every average, prevalence or ROC curve weighs by.

        Class weights given as ``class_weight`` never enter it; ``prevalence`` does.
        """
        if self.factors.source == "prevalence":
            return tuple(sort.weight for sort in self.cases)
        return tuple(np.asarray(sort.multiplicity * sort.sampling) for sort in self.cases)


def is_binary(outcome: Array) -> bool:
    """Whether every outcome is exactly 0 or 1."""
    return bool(np.all((outcome == 0.0) | (outcome == 1.0)))
