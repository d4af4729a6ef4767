"""Covariance of an estimate whose constant was moved for class weights after an unweighted fit.

The estimate is ``b + s e``: b without class weights, e the combination of the coefficients that is
the constant, and s the logarithm of the ratio of the class weights. Where these come from the
sample, s is minus the log odds of its share of events, plus a number; its influence is that of one
case on these odds, ``y / N_1 - (1 - y) / N_0``.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit.bias_reduced.fit import BiasReduction
from wlogit.core import likelihood
from wlogit.core.scores import CaseRows
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.influence import SandwichEstimator, case_influences
from wlogit.covariance.model_based import ModelBased
from wlogit.covariance.registry import CovarianceRequest
from wlogit.estimation import estimator_of
from wlogit.fitting import Fit


def moved_covariance(
    model: Any, fit: Fit, reduction: BiasReduction, request: CovarianceRequest
) -> Covariance:
    """The covariance asked for, of the estimate with its constant moved.

    "nonrobust" is the inverse information of the fit without class weights; less
    ``e e' / (N p (1 - p))``, p the mean probability, where the class weights come from the sample
    (Cov(b, log odds) = Var(log odds) e under the model). A sandwich has the scores of that fit,
    and the influence of every case on the log odds.

    References
    ----------
    Prentice and Pyke (1979), Biometrika 66, 403-411 (the constant of a case-control sample).
    """
    parts = score_parts(model, fit, reduction)
    if request.cov_type == "nonrobust":
        covariance = _model_based(model, parts)
    else:
        covariance = _robust(model, parts, request)
    if covariance.shift is not None:
        constant = np.asarray(reduction.plan.constant)
        covariance = _with_moving_constant(covariance, covariance.shift, constant)
    matrix = fit.valid_part(covariance.matrix)
    shift = covariance.shift if matrix is covariance.matrix else None
    what = f"{covariance.description}, of the fit without class weights"
    return replace(covariance, matrix=matrix, shift=shift, description=what)


def score_parts(model: Any, fit: Fit, reduction: BiasReduction) -> ScoreParts:
    """Scores, weights and inverse information of the fit without class weights.

    Raises
    ------
    NotAvailableError
        After ``remove_data``.
    """
    model.require_data()
    plan = reduction.plan
    weights = plan.weights(model.weights)
    working = np.asarray(fit.design.to_working(plan.moved_back(fit.params)))
    offset = getattr(model, "offset", None)
    return ScoreParts.at(fit.design, working, offset, weights, fit.root, fit.n_free)


def _model_based(model: Any, parts: ScoreParts) -> Covariance:
    """Inverse information, with the covariance of the log odds if these are random."""
    covariance = ModelBased()(parts)
    if not model.weights.factors.estimated:
        return covariance
    eta = parts.matrix.dot(parts.params)
    event, non_event = likelihood.probabilities(eta if parts.offset is None else eta + parts.offset)
    cases = np.broadcast_to(parts.weights.row_weight, event.shape)
    variance = cases.sum() / ((cases @ event) * (cases @ non_event))
    shift = np.append(variance * model.constant_combination, variance)
    return replace(covariance, shift=shift)


def moved_influences(
    model: Any, fit: Fit, reduction: BiasReduction, request: CovarianceRequest
) -> tuple[CaseRows, ScoreParts, SandwichEstimator]:
    """Influence of every case on the moved estimate and on minus ``log(c1 / c0)``.

    Parameters
    ----------
    model, fit, reduction
    request : CovarianceRequest
        Of a sandwich.
    """
    parts = score_parts(model, fit, reduction)
    estimator = _estimator(model, parts, request)
    of_fit, constant = case_influences(parts, estimator), np.asarray(reduction.plan.constant)

    def influences(rows: slice) -> list[tuple[Array, Array]]:
        found = of_fit(rows)
        for _, values in found:
            values[:, :-1] -= np.outer(values[:, -1], constant)
        return found

    return influences, parts, estimator


def _robust(model: Any, parts: ScoreParts, request: CovarianceRequest) -> Covariance:
    covariance: Covariance = _estimator(model, parts, request)(parts)
    return covariance


def _estimator(model: Any, parts: ScoreParts, request: CovarianceRequest) -> Any:
    asked = estimator_of(model, request)
    plain = {key: value for key, value in request.keywords.items() if key != "class_weights"}
    plain_request = CovarianceRequest(request.cov_type, plain)
    estimator: Any = estimator_of(model, plain_request, parts.weights)
    if asked.scheme.shift_is_random:  # type: ignore[attr-defined]
        estimator = replace(estimator, scheme=replace(estimator.scheme, log_odds=True))
    return estimator


def _with_moving_constant(covariance: Covariance, shift: Array, constant: Array) -> Covariance:
    """From Cov(b, log odds) to the covariances of the moved estimate."""
    crossed, variance = shift[:-1], shift[-1]
    border = np.outer(crossed, constant)
    matrix = covariance.matrix - border - border.T + variance * np.outer(constant, constant)
    shift = np.append(crossed - variance * constant, variance)
    return replace(covariance, matrix=(matrix + matrix.T) / 2.0, shift=shift)
