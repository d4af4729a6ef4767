"""The scale that a prediction or an effect of a fit is asked on, with its uncertainty."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np

from wlogit._typing import Array
from wlogit.core.scores import CaseRows
from wlogit.covariance.base import ScoreParts
from wlogit.covariance.influence import SandwichEstimator
from wlogit.covariance.registry import CovarianceRequest
from wlogit.covariance.replicates import ReplicateEstimates
from wlogit.covariance.replication import Replicated
from wlogit.estimation import estimator_of
from wlogit.inference.prediction import calibration_shift, prevalence_shift
from wlogit.inference.scales import Scale
from wlogit.weights.weights import Weights


def scale_of(
    results: Any, which: str, prevalence: float | None, score_parts: Callable[[], ScoreParts]
) -> Scale:
    """The scale of the class weights, the calibrated one, or one moved to a prevalence.

    Parameters
    ----------
    results : WeightedLogitResults
    which : {"mean", "linear", "calibrated"}
        The first two are on the scale of the class weights.
    prevalence : float or None
        Share of events to which calibrated predictions are moved.
    score_parts : callable
        Gives the scores of the cases, for what varies besides the coefficients.

    Returns
    -------
    Scale
        Its shift is known, or varies with the coefficients: under random sampling the class
        weights that were computed from the sample vary, and so does the share of events that a
        prevalence replaces. Where both do, they cancel.
    """
    covariance = results.covariance
    params = np.asarray(results.params)
    if which != "calibrated" and prevalence is None:
        return Scale.build(params, covariance.matrix, 0.0, None)
    shift = -calibration_shift(results.weights)
    if prevalence is None:
        moved = results.weights.factors.source in ("balanced", "mapping")
        column = covariance.shift if moved else None
        return Scale.build(params, covariance.matrix, shift, column)
    shift += prevalence_shift(results.weights, prevalence)
    return Scale.build(params, covariance.matrix, shift, _minus_log_odds(results, score_parts))


def _minus_log_odds(results: Any, score_parts: Callable[[], ScoreParts]) -> Array | None:
    """Covariances of minus the log odds of events in the sample with b and itself, if it counts."""
    weights, request = results.weights, results.request
    settled = weights.factors.source == "prevalence" or results.covariance.shift is not None
    if settled or request.keywords.get("sampling") == "case-control":
        return None
    # A bias-reduced fit may have left the class weights out.
    likelihood = weights.likelihood or score_parts().weights.likelihood
    if request.cov_type == "nonrobust" and not likelihood:
        return None
    if request.cov_type == "nonrobust" and results.model.constant_combination is not None:
        n0, n1 = weights.totals.class_sizes
        variance = 1.0 / n0 + 1.0 / n1
        return np.append(-variance * results.model.constant_combination, variance)
    if results.covariance.replicates is not None:
        column = _log_odds_in_replicates(results, results.covariance.replicates)
    else:
        column = _robust_log_odds(results, score_parts())
    return np.append(-column[:-1], column[-1])


def _robust_log_odds(results: Any, parts: ScoreParts) -> Array:
    """Covariances of the log odds with b and itself, from the influence of each case on them."""
    estimator: Any = sandwich_of(results)
    estimator = replace(estimator, scheme=replace(estimator.scheme, log_odds=True))
    column: Array = estimator(parts).shift
    return column


def _log_odds_in_replicates(results: Any, estimates: ReplicateEstimates) -> Array:
    """The same from the log odds in each replicate, as its coefficients are."""
    weights = results.weights
    estimator = cast(Replicated, estimator_of(results.model, results.request, weights))
    found = np.column_stack([estimates.params, np.full(estimates.n_replicates, np.nan)])
    for r, one in estimator.weights_of_each(weights, estimates):
        found[r, -1] = _log_odds(one)
    column: Array = estimator.spread(found, np.append(results.params, _log_odds(weights)))[-1]
    return column


def _log_odds(weights: Weights) -> float:
    w0, w1 = weights.totals.class_masses
    return float(np.log(w1) - np.log(w0))


def sandwich_of(results: Any) -> SandwichEstimator:
    """The sandwich that a fit's covariance is; HC0 where it is the inverse information.

    What besides the coefficients is estimated from the same cases has no inverse information.
    """
    request = sandwich_request(results.request)
    return cast(SandwichEstimator, estimator_of(results.model, request, results.weights))


def sandwich_request(request: CovarianceRequest) -> CovarianceRequest:
    """The request itself, or HC0 for the inverse information."""
    return CovarianceRequest("HC0", {}) if request.cov_type == "nonrobust" else request


def influences_of(results: Any) -> tuple[CaseRows, ScoreParts, SandwichEstimator]:
    """Influence of every case on the coefficients of a fit, under the covariance in use.

    Parameters
    ----------
    results : WeightedLogitResults

    Returns
    -------
    influences : callable
        See `case_influences`.
    parts : ScoreParts
    estimator : Robust, Linearized or Clustered
        Both are what `influence_covariance` takes.

    Raises
    ------
    NotAvailableError
        After ``remove_data``.
    """
    found: tuple[CaseRows, ScoreParts, SandwichEstimator] = results._influences()
    return found
