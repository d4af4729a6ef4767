"""Fits under linear constraints: the reparameterised model, brought back to all coefficients."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import patsy
from statsmodels.base._constraints import LinearConstraints, TransformRestriction

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.core.model_matrix import ModelMatrix
from wlogit.covariance.base import Covariance
from wlogit.estimation import mark_constrained
from wlogit.results import WeightedLogitResults, assemble


def fit_constrained(
    model: Any, constraints: Any, start_params: Any, fit_kwds: Mapping[str, Any]
) -> WeightedLogitResultsWrapper:
    """Fit under ``R b = q`` through the model whose free coefficients satisfy it.

    Parameters
    ----------
    model : WeightedLogit
    constraints : str, list of str or tuple (R, q)
    start_params : array_like, shape (k,), optional
    fit_kwds : mapping
        Arguments of ``fit``.
    """
    model.require_data()
    linear = _linear_constraints(constraints, model.exog_names)
    transform = TransformRestriction(linear.coefs, linear.constants)
    fixed = model.exog @ np.asarray(transform.constant).ravel()
    own = getattr(model, "offset", None)
    keywords = model._get_init_kwds()
    keywords["offset"] = fixed if own is None else fixed + own
    if start_params is not None:
        start_params = transform.reduce(np.asarray(start_params)).ravel()
    reduced_exog = np.asarray(transform.reduce(model.exog))
    fit_kwds = _with_groups(model, fit_kwds)
    reduced = type(model)(model.endog, reduced_exog, **keywords).fit(
        start_params=start_params, **fit_kwds
    )
    return _expand(model, reduced, transform, linear)


def _linear_constraints(constraints: Any, names: list[str]) -> LinearConstraints:
    if isinstance(constraints, tuple):
        matrix = np.atleast_2d(np.asarray(constraints[0], dtype=np.float64))
        constants = np.asarray(constraints[1], dtype=np.float64).reshape(-1)
        return LinearConstraints(matrix, constants, list(names))
    parsed = patsy.DesignInfo(list(names)).linear_constraint(constraints)
    return LinearConstraints(
        np.asarray(parsed.coefs, dtype=np.float64), np.ravel(parsed.constants), list(names)
    )


def _with_groups(model: Any, fit_kwds: Mapping[str, Any]) -> dict[str, Any]:
    """The reduced model has plain rows: clusters are brought to them as codes."""
    given = dict(fit_kwds)
    keywords = dict(given.get("cov_kwds") or {})
    groups = keywords.get("groups")
    if groups is not None:
        keywords["groups"] = np.column_stack(model.rows.groupings(groups))
        given["cov_kwds"] = keywords
    return given


def _expand(
    model: Any, reduced: Any, transform: TransformRestriction, linear: LinearConstraints
) -> WeightedLogitResultsWrapper:
    inner: WeightedLogitResults = reduced._results
    back: Array = np.asarray(transform.transf_mat)
    params = np.asarray(transform.expand(inner.params)).ravel()
    record = replace(
        inner.fit_record,
        matrix=ModelMatrix(model.exog),
        params=params,
        working=params,
        bread=back @ np.asarray(inner.normalized_cov_params) @ back.T,
        diverging=np.zeros(params.size),
        n_free=params.size - linear.coefs.shape[0],
    )
    covariance = _expand_covariance(inner.covariance, back)
    wrapper = assemble(model, record, covariance, inner.request, inner.use_t)
    mark_constrained(wrapper._results, linear, reduced, back)
    return wrapper


def _expand_covariance(covariance: Covariance, back: Array) -> Covariance:
    shift = covariance.shift
    if shift is not None:
        shift = np.append(back @ shift[:-1], shift[-1])
    return replace(covariance, matrix=back @ covariance.matrix @ back.T, shift=shift)
