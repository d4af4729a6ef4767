"""What the results ask of a fitted multinomial model: covariances, score tests, forgetting data."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from wlogit import estimation
from wlogit.cautions import warn_of_naive
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.softmax_objective import MultinomialObjective
from wlogit.covariance.base import Covariance
from wlogit.covariance.label_parts import LabelScoreParts
from wlogit.covariance.multinomial import LabelEstimator, label_covariance
from wlogit.covariance.registry import ADJUSTED, REFITTED, CovarianceRequest
from wlogit.errors import NotAvailableError
from wlogit.estimation import sampled_for
from wlogit.inference.hypotheses import ScoreTest, score_statistic
from wlogit.inputs import find_constant
from wlogit.multinomial.fit import MultinomialFit, to_user
from wlogit.multinomial.refits import refit_of_labels
from wlogit.score_tests import warn_of_no_reference, with_columns


def read_request(
    cov_type: str | None, keywords: Mapping[str, Any] | None, model: Any
) -> CovarianceRequest:
    """A checked request for a covariance.

    Raises
    ------
    ValueError
        As for two labels; and for "HC4", "CR2" and "CR3", which have no form for several.
    """
    if cov_type == "HC4":
        raise ValueError(
            'cov_type "HC4" is defined by the single leverage of a case, and with several labels '
            'a case has more than one; use "HC3".'
        )
    kind = (keywords or {}).get("kind")
    if kind in ADJUSTED:
        raise ValueError(
            f"kind={kind!r} adjusts clusters for their leverage, which has no agreed form with "
            'several labels; use kind="CR1S".'
        )
    return CovarianceRequest.read(cov_type, keywords, model.weights, model.design)


def label_score_parts(model: Any, fit: MultinomialFit) -> LabelScoreParts:
    """Scores, weights and inverse information of a fit.

    Raises
    ------
    NotAvailableError
        After ``remove_data``.
    """
    model.require_data()
    return LabelScoreParts.at(fit.design, fit.working, model.weights, fit.root)


def estimator_of(model: Any, request: CovarianceRequest) -> LabelEstimator:
    """The estimator asked for, with the coded clusters of each row."""
    found = request.estimator(model.weights, sampled_for(model, request))
    return cast(LabelEstimator, found)


def estimate(model: Any, fit: MultinomialFit, request: CovarianceRequest) -> Covariance:
    """The covariance asked for; NaN where the fit allows no inference."""
    parts = label_score_parts(model, fit)
    if request.cov_type in REFITTED:
        sampled = replace(sampled_for(model, request), refit=refit_of_labels(model, fit))
        covariance = estimation.refitted(
            model,
            fit,
            request,
            sampled,
            lambda found: label_covariance(parts, cast(LabelEstimator, found)),
        )
    else:
        covariance = label_covariance(parts, estimator_of(model, request))
    matrix = fit.valid_part(covariance.matrix)
    shift = covariance.shift if matrix is covariance.matrix else None
    description = covariance.description + estimation.beside_design(model, request)
    return replace(covariance, matrix=matrix, shift=shift, description=description)


def score_test(results: Any, exog_extra: Any, request: CovarianceRequest) -> ScoreTest:
    """Generalized score test of added columns in the equations of all labels.

    Parameters
    ----------
    results : WeightedMNLogitResults
    exog_extra : array_like, shape (n, s)
    request : CovarianceRequest

    References
    ----------
    Boos (1992), The American Statistician 46, 327-333.
    """
    model = results.model
    model.require_data()
    if not results.converged:
        raise NotAvailableError("the fit did not converge; a score test needs its optimum.")
    exog, added = with_columns(model, exog_extra)
    weights, cases = model.weights, model.weights.row_cases
    params = np.vstack([results.params, np.zeros((added, model.J - 1))])
    matrix = ModelMatrix(exog, constant=find_constant(exog)).standardized(weights.row_weight)
    objective = MultinomialObjective(matrix, cases.codes_or_first, cases.weight, model.J)
    start = np.concatenate([matrix.to_working(column) for column in params.T])
    at = maximize(objective, start, max_iter=0)
    whitened = at.root.T @ at.gradient
    if request.cov_type == "nonrobust":
        warn_of_naive(model, "score test", "its p-value is")
        return ScoreTest.joint(float(whitened @ whitened), added * (model.J - 1))
    parts = LabelScoreParts.at(matrix, at.params, weights, at.root)
    covariance = label_covariance(parts, estimator_of(model, request))
    k, size = exog.shape[1], len(covariance.matrix)
    contrast = np.eye(size)[np.arange(size) % k >= k - added]
    reference = covariance.f_reference(contrast) if results.use_t else (1.0, np.inf)
    step = to_user(matrix, at.root @ whitened)
    found = score_statistic(step, covariance.matrix, contrast, reference)
    warn_of_no_reference(reference)
    return found
