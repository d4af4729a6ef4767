"""Fits under linear constraints: the model in its free coefficients, brought back to all."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import patsy
from statsmodels.base._constraints import LinearConstraints

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.core.model_matrix import ModelMatrix
from wlogit.covariance.base import Covariance
from wlogit.covariance.registry import CovarianceRequest
from wlogit.estimation import mark_constrained
from wlogit.free_coefficients import FreeCoefficients, groups_as_codes, reduced_model
from wlogit.results import WeightedLogitResults, assemble


def fit_constrained(
    model: Any, constraints: Any, start_params: Any, fit_kwds: Mapping[str, Any]
) -> WeightedLogitResultsWrapper:
    """Fit under ``R b = q`` through the model in the free coefficients.

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
    return fit_free(model, FreeCoefficients.of(linear), linear, start_params, fit_kwds)


def fit_free(
    model: Any,
    free: FreeCoefficients,
    linear: LinearConstraints,
    start_params: Any,
    fit_kwds: Mapping[str, Any],
) -> WeightedLogitResultsWrapper:
    """Fit the free coefficients, and bring the results back to all.

    Parameters
    ----------
    model : WeightedLogit
        May have more columns than rows, as long as the free ones are of full rank.
    free : FreeCoefficients
    linear : LinearConstraints
        What the free coefficients satisfy.
    start_params : array_like, shape (k,), optional
    fit_kwds : mapping
        Arguments of ``fit``.
    """
    if start_params is not None:
        start_params = np.asarray(start_params, dtype=np.float64)[free.positions]
    reduced = reduced_model(model, free)
    request = CovarianceRequest.read(
        fit_kwds.get("cov_type"), fit_kwds.get("cov_kwds"), model.weights, model.design
    )
    given = dict(fit_kwds)
    if request.keywords:
        given["cov_kwds"] = groups_as_codes(model, request.keywords)
    fitted = reduced.fit(start_params=start_params, **given)
    return _expand(model, fitted, free, linear, request)


def _linear_constraints(constraints: Any, names: list[str]) -> LinearConstraints:
    if isinstance(constraints, tuple):
        matrix = np.atleast_2d(np.asarray(constraints[0], dtype=np.float64))
        constants = np.asarray(constraints[1], dtype=np.float64).reshape(-1)
        return LinearConstraints(matrix, constants, list(names))
    parsed = patsy.DesignInfo(list(names)).linear_constraint(constraints)
    return LinearConstraints(
        np.asarray(parsed.coefs, dtype=np.float64), np.ravel(parsed.constants), list(names)
    )


def _expand(
    model: Any,
    reduced: Any,
    free: FreeCoefficients,
    linear: LinearConstraints,
    request: CovarianceRequest,
) -> WeightedLogitResultsWrapper:
    inner: WeightedLogitResults = reduced._results
    record = inner.fit_record
    diverging = _where_to(free.basis, record.diverging)
    params = free.fixed + free.basis @ inner.params
    record = replace(
        record,
        matrix=ModelMatrix(model.exog),
        params=params,
        working=params,
        root=free.basis @ record.user_root,
        diverging=diverging,
    )
    covariance = _expand_covariance(inner.covariance, free.basis, diverging != 0.0)
    if covariance.replicates is not None:
        replicates = covariance.replicates.turned(free.basis, free.fixed)
        covariance = replace(covariance, replicates=replicates)
    wrapper = assemble(model, record, covariance, request, inner.use_t)
    mark_constrained(wrapper._results, linear, reduced)
    return wrapper


def _where_to(basis: Array, limits: Array) -> Array:
    """Limits of all coefficients from those of the free ones: NaN where infinities may cancel."""
    pulls = np.sign(basis[:, limits != 0.0]) * np.sign(limits[limits != 0.0])
    diverging = np.any(basis[:, limits != 0.0] != 0.0, axis=1)
    result = np.where(diverging, np.nan, 0.0)
    result[diverging & np.all(pulls >= 0.0, axis=1)] = np.inf
    result[diverging & np.all(pulls <= 0.0, axis=1)] = -np.inf
    return result


def _expand_covariance(covariance: Covariance, basis: Array, undefined: Array) -> Covariance:
    shift = covariance.shift
    if shift is not None:
        shift = np.append(basis @ shift[:-1], shift[-1])
    known = np.where(np.isnan(covariance.matrix), 0.0, covariance.matrix)
    matrix = basis @ known @ basis.T
    if np.all(np.isnan(np.diag(covariance.matrix))):
        undefined = np.any(basis != 0.0, axis=1)
    matrix[undefined, :] = matrix[:, undefined] = np.nan
    small_sample = covariance.small_sample
    if small_sample is not None:
        small_sample = small_sample.turned(basis)
    return replace(covariance, matrix=matrix, shift=shift, small_sample=small_sample)
