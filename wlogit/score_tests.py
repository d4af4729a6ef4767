"""Generalized score tests of added columns and of constraints."""

from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.cautions import warn_of_naive
from wlogit.core.linalg import rank_and_aliases
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import LogitObjective
from wlogit.covariance.base import ScoreParts
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import DesignError, InferenceWarning, NotAvailableError
from wlogit.estimation import estimator_of
from wlogit.formula.extra import extra_columns
from wlogit.inference.hypotheses import ScoreTest, score_statistic
from wlogit.inputs import find_constant


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
    exog, contrast = _restriction(results, exog_extra, k_constraints)
    _check_likelihood(model, hypothesis, request)
    weights, offset = model.weights, getattr(model, "offset", None)
    extended = np.append(params, np.zeros(exog.shape[1] - params.size))
    if hypothesis == "separate":
        plain = LogitObjective(ModelMatrix(exog), weights.row_response, weights.row_weight, offset)
        there = plain.derivatives(extended)
        return ScoreTest.separate(there.gradient / np.sqrt(np.diag(there.information)))
    matrix = ModelMatrix(exog, constant=find_constant(exog)).standardized(weights.row_weight)
    objective = LogitObjective(matrix, weights.row_response, weights.row_weight, offset)
    at = maximize(objective, matrix.to_working(extended), max_iter=0)
    whitened = at.root.T @ at.gradient
    if request.cov_type == "nonrobust":
        df = contrast.shape[0] if contrast is not None else int(k_constraints or 0)
        return ScoreTest.joint(float(whitened @ whitened), df)
    if contrast is None:
        raise ValueError(
            f"a score test with cov_type {request.cov_type!r} needs the constraints themselves: "
            'use fit_constrained(...).score_test(), or cov_type="nonrobust".'
        )
    parts = ScoreParts.at(matrix, at.params, offset, weights, at.root, matrix.n_params)
    covariance = estimator_of(model, request)(parts)
    reference = covariance.f_reference(contrast) if results.use_t else (1.0, np.inf)
    step = matrix.to_user(at.root @ whitened)
    found = score_statistic(step, covariance.matrix, contrast, reference)
    warn_of_no_reference(reference)
    return found


def _check_likelihood(model: Any, hypothesis: str, request: CovarianceRequest) -> None:
    naive = request.cov_type == "nonrobust" and not model.weights.likelihood
    if hypothesis == "separate" and (naive or request.cov_type != "nonrobust"):
        raise ValueError('hypothesis="separate" needs a likelihood and cov_type="nonrobust".')
    if naive:
        warn_of_naive(model, "score test", "its p-value is")


def warn_of_no_reference(reference: tuple[float, float]) -> None:
    """Warn of a score test without a p-value.

    Parameters
    ----------
    reference : tuple of float
        Factor and denominator degrees of freedom, NaN where none are left.
    """
    if np.isnan(reference[1]):
        warn_user(
            "the clusters or sampled units leave too few degrees of freedom for the columns of "
            "the model and those tested together: the score test has no p-value. Test fewer.",
            InferenceWarning,
        )


def _restriction(
    results: Any, exog_extra: Any, k_constraints: int | None
) -> tuple[Array, Array | None]:
    """The full design, and the combinations of its coefficients that are restricted."""
    constrained = hasattr(results, "constraints")
    if exog_extra is not None:
        if constrained:
            raise NotImplementedError(
                "exog_extra is for unconstrained fits; this fit has constraints of its own."
            )
        exog, added = with_columns(results.model, exog_extra)
        return exog, np.eye(exog.shape[1])[-added:]
    if not constrained and k_constraints is None:
        raise ValueError("if exog_extra is None, then k_constraints needs to be given")
    contrast = np.asarray(results.constraints.coefs, dtype=np.float64) if constrained else None
    return results.model.exog, contrast


def with_columns(model: Any, exog_extra: Any) -> tuple[Array, int]:
    """The design with the columns that are tested at its end, and their number.

    Raises
    ------
    ValueError, DesignError
        Missing values, and columns that add nothing.
    """
    extra = _read_extra(model, exog_extra)
    missing = np.argwhere(~np.isfinite(extra))
    if missing.size:
        row, column = missing[0]
        raise ValueError(
            "exog_extra has missing or infinite values, the first in row "
            f"{model.rows.name(row)}{_column_name(exog_extra, int(column))}; every row of the fit "
            "needs one."
        )
    k, q = model.exog.shape[1], extra.shape[1]
    exog = np.column_stack([model.exog, extra])
    if rank_and_aliases(ModelMatrix(exog), model.weights.row_weight).rank < k + q:
        raise DesignError(
            "exog_extra is a linear combination of the columns of the model (or of its own): there "
            "is nothing to test."
        )
    return exog, q


def _column_name(exog_extra: Any, column: int) -> str:
    """``, column 'x'``, or its number; nothing where there is but one."""
    if isinstance(exog_extra, pd.DataFrame):
        return f", column {exog_extra.columns[column]!r}"
    return f", column {column}" if np.ndim(exog_extra) == 2 else ""


def _read_extra(model: Any, exog_extra: Any) -> Array:
    """Added columns on the rows kept: numbers of the rows as passed, or terms of a formula."""
    rows = model.rows
    if isinstance(exog_extra, str):
        known = rows.frame is not None and exog_extra in rows.frame.columns
        if model.design_info is not None or not known:
            return extra_columns(model, exog_extra)
    if isinstance(exog_extra, pd.DataFrame):
        columns = [exog_extra.iloc[:, j] for j in range(exog_extra.shape[1])]
    elif np.ndim(exog_extra) == 2:
        columns = list(np.asarray(exog_extra).T)
    else:
        columns = [exog_extra]
    return np.column_stack(
        [rows.take(rows.numbers(column, "exog_extra", ValueError)) for column in columns]
    )
