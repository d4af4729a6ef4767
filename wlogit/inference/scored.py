"""Cases with their scores: what classification and calibration are judged on, and how surely.

The scores are taken as given. What varies is which cases were observed, so that the influence of a
case on a statistic comes from its mass alone.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal, Protocol, Self

import numpy as np
from scipy import stats

from wlogit._typing import Array, BoolArray, IntArray
from wlogit._warn import warn_user
from wlogit.core import likelihood
from wlogit.errors import InferenceWarning, OutcomeError
from wlogit.weights.class_weight import real
from wlogit.weights.weights import Weights

# Linear predictors that differ by less are the same number computed in another order.
_TIED = 1e-10
# A share of the largest variance below which a negative one is rounding.
_NEGATIVE = 1e-12

Centering = Literal["mass", "number"]
SmallSample = Literal["classes", "cases"]


class TotalsDesign(Protocol):
    """A survey design as far as sums over cases are concerned."""

    @property
    def psu(self) -> IntArray:
        """Which cases were drawn together, shape (n,)."""
        ...

    def take(self, rows: IntArray) -> Self:
        """The design of the cases in some rows."""
        ...

    def covariance_of_totals(self, values: Array, there: BoolArray | None = None) -> Array:
        """Covariance of sums of weighted values."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class CaseSampling:
    """How the cases came into the sample.

    Attributes
    ----------
    groupings : tuple of ndarray of int, shape (n,)
        Cluster of each row, for each grouping; empty for independent cases.
    design : TotalsDesign or None
        Survey design of the rows, which takes the place of groupings.
    centering : {"mass", "number"} or None
        Whether the classes have a known share ("mass": a prevalence), a number fixed by design
        ("number": case-control), or neither.
    df : float
        Degrees of freedom of intervals; infinite for the normal distribution.
    """

    groupings: tuple[IntArray, ...] = ()
    centering: Centering | None = None
    df: float = np.inf
    design: TotalsDesign | None = None

    @property
    def together(self) -> tuple[IntArray, ...]:
        """Which cases were drawn together, shape (n,), in each way; empty for independent ones."""
        return self.groupings if self.design is None else (self.design.psu,)

    def of_rows(self, rows: IntArray) -> "CaseSampling":
        """The same for cases that lie in these rows."""
        return replace(
            self,
            groupings=tuple(codes[rows] for codes in self.groupings),
            design=None if self.design is None else self.design.take(rows),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Cases with a positive mass, one entry for those of a sort in a row.

    Attributes
    ----------
    outcome : ndarray, shape (n,)
        y of a case, in [0, 1]; a fraction counts y to the events and 1 - y to the rest.
    eta : ndarray, shape (n,)
        Linear predictor on the scale of the class weights.
    shift : ndarray, shape (n,), or float
        What the class weights add to it.
    multiplicity : ndarray, shape (n,)
        m, the number of such cases.
    weight : ndarray, shape (n,)
        g, the mass of one case: never a class weight, but `prevalence`. In units of `unit`.
    sampling : CaseSampling
    labels : tuple
        The user's labels for non-events and events.
    fitted : bool
        Whether the scores come from a fit to these very cases.
    unit : float
        Power of two near the mean of g: squares of weights of any size stay within range.
    """

    outcome: Array
    eta: Array
    shift: Array | float
    multiplicity: Array
    weight: Array
    sampling: CaseSampling
    labels: tuple[object, object] = (0, 1)
    fitted: bool = True
    unit: float = 1.0

    @classmethod
    def of_rows(
        cls,
        weights: Weights,
        eta: Array,
        shift: Array | float,
        sampling: CaseSampling,
        *,
        fitted: bool = True,
    ) -> "Scored":
        """The cases in the rows of a model, from the linear predictor of each row."""
        n, moved = len(eta), weights.factors.source == "prevalence"
        sorts = [
            (
                sort.response if moved else sort.outcome,
                sort.multiplicity,
                sort.importance if moved else sort.sampling,
            )
            for sort in weights.cases
        ]
        outcome, multiplicity, weight = (
            np.concatenate([np.broadcast_to(part, (n,)) for part in parts])
            for parts in zip(*sorts, strict=True)
        )
        kept = np.flatnonzero(multiplicity * weight > 0.0)
        row = kept % n
        unit = math.ldexp(1.0, math.frexp(float(weight[kept].mean()))[1]) if kept.size else 1.0
        return cls(
            outcome=outcome[kept],
            eta=eta[row],
            shift=shift[row] if isinstance(shift, np.ndarray) else shift,
            multiplicity=multiplicity[kept],
            weight=weight[kept] / unit,
            sampling=sampling.of_rows(row),
            labels=weights.labels,
            fitted=fitted,
            unit=unit,
        )

    # -- scores ----------------------------------------------------------------------------------

    @property
    def calibrated_eta(self) -> Array:
        """Linear predictor at population scale, shape (n,)."""
        return np.asarray(self.eta - self.shift)

    @property
    def probability(self) -> Array:
        """Calibrated probability, shape (n,)."""
        return likelihood.expit(self.calibrated_eta)

    # -- masses ----------------------------------------------------------------------------------

    @property
    def mass(self) -> Array:
        """m g, shape (n,), in units of `unit`."""
        return np.asarray(self.multiplicity * self.weight)

    @property
    def events(self) -> Array:
        """Mass of events, m g y, shape (n,)."""
        return np.asarray(self.mass * self.outcome)

    @property
    def rest(self) -> Array:
        """Mass of non-events, m g (1 - y), shape (n,)."""
        return np.asarray(self.mass * (1.0 - self.outcome))

    @property
    def n_cases(self) -> float:
        """N, the number of cases."""
        return float(self.multiplicity.sum())

    @property
    def class_sizes(self) -> tuple[float, float]:
        """(N_0, N_1), cases by class."""
        events = float(self.multiplicity @ self.outcome)
        return self.n_cases - events, events

    @property
    def share_of_events(self) -> float:
        """Share of events by mass."""
        return float(self.events.sum() / self.mass.sum())

    def mean(self, values: Array) -> float:
        """Mean over cases by mass."""
        return float(self.mass @ values / self.mass.sum())

    def require_both_classes(self, what: str) -> None:
        """Refuse a statistic that needs events and non-events.

        Raises
        ------
        OutcomeError
            Naming the class that is missing.
        """
        for label, size in zip(self.labels, self.class_sizes, strict=True):
            if not size > 0.0:
                raise OutcomeError(
                    f"no case has the outcome {label!r}, and {what} compares the two classes: "
                    "give rows of both."
                )

    def at_prevalence(self, prevalence: float) -> "Scored":
        """The same cases in a population with this share of events; scores stay as they are.

        Raises
        ------
        ValueError
            A prevalence outside (0, 1).
        OutcomeError
            A class without cases.
        """
        if not 0.0 < (real(prevalence) or 0.0) < 1.0:
            raise ValueError(f"prevalence={prevalence!r} must lie between 0 and 1.")
        self.require_both_classes("weighting to a prevalence")
        share = self.share_of_events
        event, rest = prevalence / share, (1.0 - prevalence) / (1.0 - share)
        factor = event * self.outcome + rest * (1.0 - self.outcome)
        return replace(
            self,
            outcome=event * self.outcome / factor,
            weight=self.weight * factor,
            sampling=replace(self.sampling, centering="mass"),
        )

    # -- sampling error --------------------------------------------------------------------------

    def covariance(
        self, event_part: Array, rest_part: Array, small_sample: SmallSample | None = None
    ) -> Array:
        """Covariance of statistics from the influence of one case on them.

        Parameters
        ----------
        event_part, rest_part : ndarray, shape (n, q)
            The influence of a case through its mass as an event, ``g y``, and as a non-event,
            ``g (1 - y)``.
        small_sample : {"classes", "cases"}, optional
            Multiply squares by ``N_k/(N_k - 1)`` of the class, or by ``N/(N - 1)``, which is
            that of the class as well where influences are centered. Clusters have ``G/(G - 1)``,
            and a survey design has factors of its own, whatever is asked for.

        Returns
        -------
        ndarray, shape (q, q)
            ``sum m psi psi'``, over totals of clusters or of sampled units where there are some.
            psi is centered within class where the classes have a known share or a fixed number.

        References
        ----------
        Binder (1983), International Statistical Review 51, 279-292.
        """
        influence = self._centered(event_part, rest_part)
        if self.sampling.design is not None:
            return self.sampling.design.covariance_of_totals(
                influence * self.multiplicity[:, np.newaxis]
            )
        if self.sampling.groupings:
            return self._over_clusters(influence)
        if self.sampling.centering is not None and small_sample == "cases":
            small_sample = "classes"
        factor = self._size_factor(small_sample)
        weighted = influence * (self.multiplicity * factor)[:, np.newaxis]
        return np.asarray(influence.T @ weighted)

    def _centered(self, event_part: Array, rest_part: Array) -> Array:
        if self.sampling.centering is None:
            return np.asarray(event_part + rest_part)
        unit = self.weight if self.sampling.centering == "mass" else np.ones(len(self.weight))
        centered = np.zeros(event_part.shape)
        for part, y in ((event_part, self.outcome), (rest_part, 1.0 - self.outcome)):
            share = unit * y
            total = float(self.multiplicity @ share)
            centered += part
            if total > 0.0:
                centered -= np.outer(share / total, self.multiplicity @ part)
        return centered

    def _size_factor(self, small_sample: SmallSample | None) -> Array:
        if small_sample is None:
            return np.ones(len(self.outcome))
        if small_sample == "cases":
            n = self.n_cases
            return np.full(len(self.outcome), n / (n - 1.0) if n > 1.0 else np.nan)
        rest, event = (n / (n - 1.0) if n > 1.0 else np.nan for n in self.class_sizes)
        return np.where(
            self.outcome == 1.0,
            event,
            np.where(self.outcome == 0.0, rest, rest + (event - rest) * self.outcome),
        )

    def _over_clusters(self, influence: Array) -> Array:
        result = np.zeros((influence.shape[1],) * 2)
        for sign, codes in _intersections(self.sampling.groupings):
            n_clusters = int(codes.max()) + 1
            totals = _totals(codes, influence * self.multiplicity[:, np.newaxis])
            factor = n_clusters / (n_clusters - 1.0) if n_clusters > 1 else np.nan
            result += sign * factor * (totals.T @ totals)
        if np.any(np.diag(result) < -_NEGATIVE * np.abs(result).max(initial=0.0)):
            warn_user(
                "the several groupings of clusters give a negative variance, as their combination "
                "can: that standard error is given as NaN.",
                InferenceWarning,
            )
        return result

    def effective_size(self, weight: Array) -> float:
        """Kish's size of cases with these weights; of the totals of their clusters, if any.

        Parameters
        ----------
        weight : ndarray, shape (n,)
            Of one case; zero for cases that do not belong to it.

        References
        ----------
        Kish (1965), Survey Sampling, section 11.7.
        """
        total = float(self.multiplicity @ weight)
        if not total > 0.0:
            return 0.0
        squares = [float(self.multiplicity @ weight**2)]
        squares += [
            float(np.sum(np.bincount(codes, self.multiplicity * weight) ** 2))
            for codes in self.sampling.together
        ]
        return total**2 / max(squares)

    def quantile(self, alpha: float) -> float:
        """Two-sided critical value of the normal, or of the t distribution."""
        return float(stats.t.isf(alpha / 2.0, self.sampling.df))


def tied_places(score: Array) -> IntArray:
    """Place of each score among the different ones, from 0 for the lowest; rounding is a tie."""
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    with np.errstate(invalid="ignore"):
        apart = np.diff(ranked) > _TIED * np.clip(np.abs(ranked[1:]), 1.0, 1e9)
    places = np.empty(len(score), dtype=np.intp)
    places[order] = np.append(0, np.cumsum(apart))[: len(score)]
    return places


def _intersections(groupings: tuple[IntArray, ...]) -> list[tuple[float, IntArray]]:
    """Signs and codes of the terms of inclusion-exclusion."""
    terms: list[tuple[float, IntArray]] = []
    for size in range(1, 2 ** len(groupings)):
        chosen = [codes for j, codes in enumerate(groupings) if size >> j & 1]
        codes = np.unique(np.column_stack(chosen), axis=0, return_inverse=True)[1].ravel()
        terms.append((-((-1.0) ** len(chosen)), codes))
    return terms


def _totals(codes: IntArray, values: Array) -> Array:
    return np.column_stack([np.bincount(codes, column) for column in values.T])
