"""Generalized score tests of added columns and of constraints."""

from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.core.linalg import inverse_root, rank_and_aliases
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.rowblocks import weighted_gram, weighted_sums
from wlogit.covariance.base import ScoreParts
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import DesignError, InferenceWarning, NotAvailableError
from wlogit.estimation import what_weights_are
from wlogit.inference.hypotheses import ScoreTest, score_statistic


def score_test(
    results: Any,
    exog_extra: Any,
    params_constrained: Any,
    hypothesis: str,
    request: CovarianceRequest,
    k_constraints: int | None,
) -> ScoreTest:
    """Generalized score test; see ``WeightedLogitResults.score_test``."""
    model = results.model
    model.require_data()
    if params_constrained is None and not results.maximized:
        raise NotAvailableError("the fit did not converge; a score test needs its optimum.")
    params = results.params if params_constrained is None else params_constrained
    params = np.asarray(params, dtype=np.float64)
    matrix, contrast = _restriction(results, exog_extra, k_constraints)
    information = weighted_gram(matrix, -model.hessian_factor(params))
    score = weighted_sums(matrix, model.score_factor(params))
    _check_likelihood(model, hypothesis, request)
    if hypothesis == "separate":
        return ScoreTest.separate(score / np.sqrt(np.diag(information)))
    inverse = inverse_root(information)
    if request.cov_type == "nonrobust":
        df = contrast.shape[0] if contrast is not None else int(k_constraints or 0)
        return ScoreTest.joint(float(score @ inverse.solve(score)), df)
    if contrast is None:
        raise ValueError(
            f"a score test with cov_type {request.cov_type!r} needs the constraints themselves: "
            'use fit_constrained(...).score_test(), or cov_type="nonrobust".'
        )
    root = inverse.root * np.sqrt(inverse.unit)
    extended = np.append(params, np.zeros(matrix.n_params - params.size))
    offset = getattr(model, "offset", None)
    parts = ScoreParts.at(matrix, extended, offset, model.weights, root, matrix.n_params)
    groupings = () if request.groups is None else model.rows.groupings(request.groups)
    covariance = request.estimator(model.weights, groupings)(parts).matrix
    return score_statistic(inverse.solve(score), covariance, contrast)


def _check_likelihood(model: Any, hypothesis: str, request: CovarianceRequest) -> None:
    naive = request.cov_type == "nonrobust" and not model.weights.likelihood
    if hypothesis == "separate" and (naive or request.cov_type != "nonrobust"):
        raise ValueError('hypothesis="separate" needs a likelihood and cov_type="nonrobust".')
    if naive:
        warn_user(
            f"a nonrobust score test ignores what the {what_weights_are(model.weights)} mean: its "
            'p-value is not valid. Use cov_type="HC3".',
            InferenceWarning,
        )


def _restriction(
    results: Any, exog_extra: Any, k_constraints: int | None
) -> tuple[ModelMatrix, Array | None]:
    """The full design, and the combinations of its coefficients that are restricted."""
    constrained = hasattr(results, "constraints")
    if exog_extra is not None:
        if constrained:
            raise NotImplementedError(
                "exog_extra is for unconstrained fits; this fit has constraints of its own."
            )
        return _with_columns(results.model, exog_extra)
    if not constrained and k_constraints is None:
        raise ValueError("if exog_extra is None, then k_constraints needs to be given")
    contrast = np.asarray(results.constraints.coefs, dtype=np.float64) if constrained else None
    return ModelMatrix(results.model.exog), contrast


def _with_columns(model: Any, exog_extra: Any) -> tuple[ModelMatrix, Array]:
    if isinstance(exog_extra, pd.DataFrame):
        columns = [exog_extra.iloc[:, j] for j in range(exog_extra.shape[1])]
    elif np.ndim(exog_extra) == 2:
        columns = list(np.asarray(exog_extra).T)
    else:
        columns = [exog_extra]
    rows = model.rows
    extra = np.column_stack(
        [rows.take(rows.numbers(column, "exog_extra", ValueError)) for column in columns]
    )
    if not np.all(np.isfinite(extra)):
        raise ValueError("exog_extra has missing or infinite values.")
    k, q = model.exog.shape[1], extra.shape[1]
    matrix = ModelMatrix(np.column_stack([model.exog, extra]))
    if rank_and_aliases(matrix, model.weights.row_weight).rank < k + q:
        raise DesignError(
            "exog_extra is a linear combination of the columns of the model (or of its own): there "
            "is nothing to test."
        )
    return matrix, np.eye(k + q)[k:]
