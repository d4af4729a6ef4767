"""The area under the ROC curve with its standard error, and the comparison of two."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import optimize, stats

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.errors import InferenceWarning
from wlogit.inference.classification import placements
from wlogit.inference.estimates import root_of_variance
from wlogit.inference.printed import Printed, interval, number, pvalue
from wlogit.inference.scored import CaseSampling, Scored, tied_places


@dataclass(frozen=True, slots=True, repr=False)
class AucComparison(Printed):
    """Test of the difference between the areas of two scores for the same cases.

    Attributes
    ----------
    difference : float
        First area less the second.
    se : float
    ci : tuple of float
    statistic : float
        z, or t; NaN where two different areas have no sampling error.
    pvalue : float
    df : float
        Infinite for the normal distribution.
    covariance : ndarray, shape (2, 2)
        Of the two areas.
    """

    difference: float
    se: float
    ci: tuple[float, float]
    statistic: float
    pvalue: float
    df: float
    covariance: Array
    alpha: float = 0.05
    method: str = "DeLong, paired"

    def __str__(self) -> str:
        """Difference, error, interval and test."""
        limits = interval(self.ci, self.alpha)
        return (
            f"difference of the areas {number(self.difference)} (standard error "
            f"{number(self.se)}, {limits}), {pvalue(self.pvalue)} ({self.method})"
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AreaUnderCurve(Printed):
    """Probability that an event scores above a non-event, with its sampling error.

    The scores are taken as fixed: for a fit to the same cases the area is optimistic, and the
    error says nothing about the coefficients. ``results.evaluate(cv=10)`` judges held-out cases.

    Attributes
    ----------
    auc : float
    se : float
    ci : tuple of float
    alpha : float
        One minus the level of the interval.
    in_sample : bool
        Whether the scores come from a fit to these very cases.
    cases : Scored
        What the area is of.
    influence : tuple of ndarray, shape (n,)
        Of each case on the area, as an event and as a non-event.
    """

    auc: float
    se: float
    ci: tuple[float, float]
    alpha: float
    in_sample: bool
    cases: Scored = field(repr=False)
    influence: tuple[Array, Array] = field(repr=False)

    def __str__(self) -> str:
        """Area, error and interval."""
        where = "the cases of the fit" if self.in_sample else "other cases"
        limits = interval(self.ci, self.alpha)
        return f"AUC {number(self.auc)} (standard error {number(self.se)}, {limits}), in {where}"

    def __float__(self) -> float:
        """The area."""
        return self.auc

    def compare(self, other: Any) -> AucComparison:
        """Paired test against the area of another fit for the same cases.

        Parameters
        ----------
        other : AreaUnderCurve or results
            Of a fit to the same rows in the same order, class weights or not. Of results it is
            their ``auc()``.

        Returns
        -------
        AucComparison

        Raises
        ------
        ValueError
            Other cases, other masses, or other clusters or another survey design. Where one fit
            alone has clusters or a design, they are those of both.
        TypeError
            What is neither an area nor has one.

        References
        ----------
        DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845, section 3.
        """
        other, cases = _area_of(other), self.cases
        if not _same_cases(cases, other.cases):
            raise ValueError(
                "the two areas are not about the same cases (outcomes, weights or their order "
                "differ): a paired test needs two fits to the same rows."
            )
        cases = replace(cases, sampling=_sampling_of_both(cases.sampling, other.cases.sampling))
        event, rest = (
            np.column_stack(pair) for pair in zip(self.influence, other.influence, strict=True)
        )
        covariance = cases.covariance(event, rest, "classes")
        difference = self.auc - other.auc
        variance = float(covariance[0, 0] + covariance[1, 1] - 2.0 * covariance[0, 1])
        # Rounding of two equal scores is no spread.
        rounding = abs(variance) <= 1e-14 * abs(float(covariance[0, 0] + covariance[1, 1]))
        se = 0.0 if rounding else root_of_variance(variance)
        return _comparison(difference, se, covariance, cases, self.alpha)


def _area_of(other: Any) -> AreaUnderCurve:
    if not isinstance(other, AreaUnderCurve) and callable(getattr(other, "auc", None)):
        other = other.auc()
    if not isinstance(other, AreaUnderCurve):
        raise TypeError(
            f"an area is compared with another one, not with {type(other).__name__}: give "
            "other.auc() of the other fit, or use wlogit.compare_auc for scores from elsewhere."
        )
    return other


def _comparison(
    difference: float, se: float, covariance: Array, cases: Scored, alpha: float
) -> AucComparison:
    df, half = cases.sampling.df, cases.quantile(alpha) * se
    statistic, pvalue = math.nan, math.nan
    if se > 0.0:
        statistic = difference / se
        pvalue = float(2.0 * stats.t.sf(abs(statistic), df))
    elif se == 0.0 and abs(difference) < 1e-12:
        difference, statistic, pvalue = 0.0, 0.0, 1.0
    ci = difference - half, difference + half
    return AucComparison(difference, se, ci, statistic, pvalue, df, covariance, alpha)


def _same_cases(first: Scored, second: Scored) -> bool:
    """Whether both have the same cases, up to the factor of a class."""
    if len(first.outcome) != len(second.outcome):
        return False
    return all(
        np.allclose(mine / mine.sum(), theirs / theirs.sum(), rtol=1e-9, atol=0.0)
        for mine, theirs in ((first.events, second.events), (first.rest, second.rest))
    )


def _sampling_of_both(first: CaseSampling, second: CaseSampling) -> CaseSampling:
    """How the cases of two fits were drawn; the one that knows of units speaks for both."""
    if not second.together:
        return first
    if not first.together:
        return second
    same = len(first.together) == len(second.together) and all(
        np.array_equal(mine, theirs)
        for mine, theirs in zip(first.together, second.together, strict=True)
    )
    if not same or (first.design is None) != (second.design is None):
        raise ValueError(
            "the two fits have other clusters or survey designs: a paired test needs to know how "
            "the cases were drawn; give both fits the same groups= or design=."
        )
    return first


def area_under_curve(cases: Scored, alpha: float = 0.05) -> AreaUnderCurve:
    """Area under the ROC curve by masses, with DeLong's standard error.

    ``AUC = sum_1 m g V / G_1`` with V the share of the non-events, by mass, with a lower score;
    a case influences it by ``(g / G_k) (V - AUC)``, and ``Var = sum_k N_k/(N_k - 1) sum m psi^2``.
    At g = 1 it is DeLong's. The interval is ``AUC -+ z se`` cut to [0, 1]; where every placement is
    the same, as at an area of one, it is Newcombe's score interval with effective sizes.

    Parameters
    ----------
    cases : Scored
    alpha : float
        One minus the level of the interval.

    Raises
    ------
    OutcomeError
        A class without cases.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845; in masses as Lumley and Scott
    (2013), Biometrika 100, 831-842. Newcombe (2006), Statistics in Medicine 25, 559-573, method 5.
    """
    cases.require_both_classes("the area under the ROC curve")
    ranks = tied_places(cases.calibrated_eta).astype(np.float64)
    place = placements(cases.outcome, ranks, cases.mass)
    auc = place.auc
    event = cases.weight * cases.outcome * (place.among_rest - auc) / place.events.sum()
    rest = cases.weight * (1.0 - cases.outcome) * (place.among_events - auc) / place.rest.sum()
    column = event[:, np.newaxis], rest[:, np.newaxis]
    variance = float(cases.covariance(*column, "classes")[0, 0])
    se = root_of_variance(variance)
    if min(cases.class_sizes) <= 1.0 and math.isnan(se):
        warn_user(
            "a class of one case has no spread: the area under the ROC curve has no standard "
            "error, and its interval rests on the area alone.",
            InferenceWarning,
        )
    quantile = cases.quantile(alpha)
    if math.isnan(quantile):
        ci = math.nan, math.nan
    elif se > 0.0:
        ci = max(0.0, auc - quantile * se), min(1.0, auc + quantile * se)
    else:
        ci = newcombe(auc, *_effective_sizes(cases), quantile)
    return AreaUnderCurve(auc, se, ci, alpha, cases.fitted, cases, (event, rest))


def _effective_sizes(cases: Scored) -> tuple[float, float]:
    parts = (1.0 - cases.outcome, cases.outcome)
    rest, event = (cases.effective_size(cases.weight * part) for part in parts)
    return rest, event


def newcombe(auc: float, rest: float, events: float, quantile: float) -> tuple[float, float]:
    """Score interval of an area from the sizes of the classes alone.

    Parameters
    ----------
    auc : float
    rest, events : float
        Effective numbers of cases.
    quantile : float
        Critical value.

    References
    ----------
    Newcombe (2006), Statistics in Medicine 25, 559-573, method 5.
    """
    mean = (rest + events) / 2.0 - 1.0

    def excess(theta: float) -> float:
        spread = 1.0 + mean * ((1.0 - theta) / (2.0 - theta) + theta / (1.0 + theta))
        variance = theta * (1.0 - theta) * spread / (rest * events)
        return (auc - theta) ** 2 - quantile**2 * variance

    # At an area of zero or one, the area itself is the other root.
    inner = min(max(auc, 1e-12), 1.0 - 1e-12)
    lower = 0.0 if auc <= 0.0 else float(optimize.brentq(excess, 0.0, inner, xtol=1e-14))
    upper = 1.0 if auc >= 1.0 else float(optimize.brentq(excess, inner, 1.0, xtol=1e-14))
    return lower, upper
