"""Residuals of each row; under weights their squares sum to the deviance and Pearson statistic."""

import numpy as np

from wlogit._typing import Array
from wlogit.core import likelihood


def pearson_residuals(eta: Array, response: Array, weight: Array) -> Array:
    """``sqrt(w) (r - p) / sqrt(p q)``; shape (n,)."""
    # (r - p) / sqrt(p q) = r exp(-eta/2) - (1 - r) exp(eta/2), which cannot divide zero by zero.
    with np.errstate(over="ignore", invalid="ignore"):
        up, down = np.exp(eta / 2.0), np.exp(-eta / 2.0)
        core = np.where(response > 0, response * down, 0.0)
        core = core - np.where(response < 1, (1.0 - response) * up, 0.0)
        return np.asarray(np.where(weight > 0, np.sqrt(weight) * core, 0.0))


def deviance_residuals(eta: Array, response: Array, weight: Array) -> Array:
    """``sign(r - p) sqrt(2 w [r log(r/p) + (1 - r) log((1 - r)/q)])``, with 0 log 0 = 0."""
    saturated = np.zeros_like(eta)
    inner = (response > 0) & (response < 1)
    r = response[inner]
    saturated[inner] = r * np.log(r) + (1.0 - r) * np.log1p(-r)
    gap = np.maximum(saturated - likelihood.loglike(eta, response), 0.0)
    sign = np.sign(likelihood.residual(eta, response))
    return np.asarray(sign * np.sqrt(2.0 * weight * gap))


def response_residuals(eta: Array, outcome: Array) -> Array:
    """``y - p``, formed without cancellation; shape (n,)."""
    return likelihood.residual(eta, outcome)
