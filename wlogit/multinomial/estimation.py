"""What the results ask of a fitted multinomial model: covariances, score tests, forgetting data."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from wlogit import estimation
from wlogit._typing import Array
from wlogit.core.linalg import rank_and_aliases
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.softmax_objective import MultinomialObjective
from wlogit.covariance.base import Covariance
from wlogit.covariance.multinomial import LabelEstimator, LabelScoreParts, label_covariance
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import DesignError, NotAvailableError
from wlogit.inference.hypotheses import ScoreTest, score_statistic
from wlogit.inputs import find_constant
from wlogit.multinomial.fit import MultinomialFit, to_user


def read_request(
    cov_type: str | None, keywords: Mapping[str, Any] | None, weights: Any
) -> CovarianceRequest:
    """A checked request for a covariance.

    Raises
    ------
    ValueError
        As for two labels; and for "HC4", which has no form for several.
    """
    if cov_type == "HC4":
        raise ValueError(
            'cov_type "HC4" is defined by the single leverage of a case, and with several labels '
            'a case has more than one; use "HC3".'
        )
    return CovarianceRequest.read(cov_type, keywords, weights)


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
    groupings = () if request.groups is None else model.rows.groupings(request.groups)
    found: Any = request.estimator(model.weights, groupings)
    estimator: LabelEstimator = found
    return estimator


def estimate(model: Any, fit: MultinomialFit, request: CovarianceRequest) -> Covariance:
    """The covariance asked for; NaN where the fit allows no inference."""
    covariance = label_covariance(label_score_parts(model, fit), estimator_of(model, request))
    matrix = fit.valid_part(covariance.matrix)
    shift = covariance.shift if matrix is covariance.matrix else None
    return replace(covariance, matrix=matrix, shift=shift)


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
    exog, added = _with_columns(model, exog_extra)
    weights, cases = model.weights, model.weights.row_cases
    params = np.vstack([results.params, np.zeros((added, model.J - 1))])
    matrix = ModelMatrix(exog, constant=find_constant(exog)).standardized(weights.row_weight)
    objective = MultinomialObjective(matrix, cases.codes_or_first, cases.weight, model.J)
    start = np.concatenate([matrix.to_working(column) for column in params.T])
    at = maximize(objective, start, max_iter=0)
    whitened = at.root.T @ at.gradient
    if request.cov_type == "nonrobust":
        return ScoreTest.joint(float(whitened @ whitened), added * (model.J - 1))
    parts = LabelScoreParts.at(matrix, at.params, weights, at.root)
    covariance = label_covariance(parts, estimator_of(model, request)).matrix
    k = exog.shape[1]
    tested = np.arange(len(covariance)) % k >= k - added
    contrast = np.eye(len(covariance))[tested]
    return score_statistic(to_user(matrix, at.root @ whitened), covariance, contrast)


def _with_columns(model: Any, exog_extra: Any) -> tuple[Array, int]:
    """The design with the added columns, and their number."""
    frame = exog_extra if isinstance(exog_extra, pd.DataFrame) else None
    if frame is not None:
        columns = [frame.iloc[:, j] for j in range(frame.shape[1])]
    else:
        columns = list(np.asarray(exog_extra).T) if np.ndim(exog_extra) == 2 else [exog_extra]
    rows = model.rows
    extra = np.column_stack(
        [rows.take(rows.numbers(column, "exog_extra", ValueError)) for column in columns]
    )
    if not np.all(np.isfinite(extra)):
        raise ValueError("exog_extra has missing or infinite values.")
    exog = np.column_stack([model.exog, extra])
    if rank_and_aliases(ModelMatrix(exog), model.weights.row_weight).rank < exog.shape[1]:
        raise DesignError(
            "exog_extra is a linear combination of the columns of the model (or of its own): there "
            "is nothing to test."
        )
    return exog, extra.shape[1]


def remove_data(results: Any) -> None:
    """Forget everything of the length of the data in a results object and its model."""
    model = results.model
    forget_rows(model)
    results.weights = model.weights
    record = results.fit_record
    results.fit_record = replace(record, matrix=None, root=record.user_root)
    keywords = {key: value for key, value in results.request.keywords.items() if key != "groups"}
    results.request = replace(results.request, keywords=keywords)
    results.cov_kwds = {"description": results.covariance.description, **keywords}


def forget_rows(model: Any) -> None:
    """Forget weights, labels and the design in working coordinates."""
    model.data.xnames, model.data.ynames = model.exog_names, model.endog_names
    model.weights = replace(model.weights, cases=())
    model.rows = model.rows.without_data()
    model.matrix = None
    model.__dict__.pop("_codes", None)
    for name in ("orig_endog", "orig_exog"):
        setattr(model.data, name, None)
    model.data._cache.pop("row_labels", None)


warn_about = estimation.warn_about
