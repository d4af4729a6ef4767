"""The same model under other weights, fitted from where the first fit ended."""

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit import estimation
from wlogit._typing import Array
from wlogit.core.model_matrix import ModelMatrix
from wlogit.covariance.base import Covariance
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import NotAvailableError
from wlogit.fitting import Fit, FitOptions, fit_model
from wlogit.weights.weights import Weights

# Of Newton's method, as in ``fit``.
_MOST_STEPS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Refit:
    """A model under other weights, its fit and a covariance of it.

    Attributes
    ----------
    model : WeightedLogit
        The same rows and columns.
    fit : Fit
    request : CovarianceRequest
    covariance : Covariance
    """

    model: Any
    fit: Fit
    request: CovarianceRequest
    covariance: Covariance

    @property
    def weights(self) -> Weights:
        """The weights it was fitted with."""
        weights: Weights = self.model.weights
        return weights

    @property
    def params(self) -> Array:
        """Coefficients, shape (k,)."""
        return self.fit.params


def refit(model: Any, weights: Weights, start: Array, request: CovarianceRequest) -> Refit:
    """Fit a model under other weights for its rows, without a word if that fails.

    Parameters
    ----------
    model : WeightedLogit
    weights : Weights
        Of the same cases; the rows with weight must be those of the model.
    start : ndarray, shape (k,)
    request : CovarianceRequest
        The covariance wanted of the new fit.
    """
    other = copy(model)
    other.weights = weights
    matrix = ModelMatrix(model.exog, constant=model.matrix.constant)
    other.matrix = matrix.standardized(weights.row_weight)
    other.raise_on_perfect_prediction = False
    options = FitOptions(start, "newton", _MOST_STEPS, False, None, None, False, {})
    fit = fit_model(other, options)
    return Refit(other, fit, request, estimation.estimate(other, fit, request))


def start_at(results: Any, log_ratio: float) -> Array:
    """Coefficients of a fit, with the constant moved to another ``log(c1 / c0)``."""
    params = np.array(results.params, dtype=np.float64)
    constant = results.model.constant_combination
    if constant is None:
        return params
    return np.asarray(params + (log_ratio - results.weights.factors.log_ratio) * constant)


def same_covariance(request: CovarianceRequest, weights: Weights) -> CovarianceRequest:
    """The same covariance for a fit with other weights."""
    keywords = dict(request.keywords)
    if weights.factors.source is None:
        keywords.pop("class_weights", None)
    return CovarianceRequest(request.cov_type, keywords)


def require_plain_fit(results: Any, what: str) -> None:
    """Refuse what compares a fit with fits under other weights, where it is not a plain one.

    Raises
    ------
    NotAvailableError
        For constrained, bias-reduced and unfinished fits, and after ``remove_data``.
    """
    results.model.require_data()
    if hasattr(results, "constraints") or hasattr(results, "bias_reduction"):
        how = "constraints" if hasattr(results, "constraints") else "bias reduction"
        raise NotAvailableError(
            f"{what} compares fits by maximum likelihood under different weights, without {how}; "
            "use that of fit()."
        )
    if not np.all(np.isfinite(results.cov_params_default)):
        raise NotAvailableError(
            f"{what} needs a fit that has converged to finite coefficients with standard errors."
        )
