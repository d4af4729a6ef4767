"""Information criteria and their pseudo-likelihood forms.

A tilde marks the log-likelihood in weights that sum to the number of cases, w N / sum(w): on that
scale every criterion is free of the unit of the weights.
"""

import math
from typing import Literal, get_args

import numpy as np
from scipy import linalg

from wlogit._typing import Array
from wlogit.inference.goodness import LogLikelihoods

Criterion = Literal["aic", "bic", "tic", "daic", "gbic", "aic_naive", "bic_naive"]


def criterion(
    name: str,
    ll: LogLikelihoods,
    inflation: Array,
    n_params: float,
    *,
    likelihood_fit: bool,
) -> float:
    """An information criterion; under a pseudo-likelihood its Takeuchi form.

    Parameters
    ----------
    name : {"aic", "bic", "tic", "gbic", "aic_naive", "bic_naive"}
        "daic" has a function of its own.
    ll : LogLikelihoods
    inflation : ndarray, shape (k, k)
        ``V0^-1 V``: how much the covariance exceeds the inverse information in w~.
    n_params : float
        k, adjusted by ``dk_params``.
    likelihood_fit : bool
        Whether the weights leave a true likelihood.

    References
    ----------
    Takeuchi (1976), Suri-Kagaku 153, 12-18; Lv and Liu (2014), JRSS B 76, 141-167 (gbic).
    """
    scaled = -2.0 * ll.unit * ll.model
    if name == "aic_naive" or (name == "aic" and likelihood_fit):
        return -2.0 * ll.model + 2.0 * n_params
    if name == "bic_naive":
        return -2.0 * ll.model + n_params * math.log(ll.nobs)
    if name == "bic":
        return scaled + n_params * math.log(ll.nobs)
    if name in ("aic", "tic"):
        extra = n_params - inflation.shape[0]
        return float(scaled + 2.0 * (np.trace(inflation) + extra))
    if name == "gbic":
        if not np.all(np.isfinite(inflation)):
            return math.nan
        return float(scaled + n_params * np.log(ll.nobs) - np.linalg.slogdet(inflation)[1])
    if name == "dbic":
        raise ValueError(
            "the design-based BIC is of a fit within a larger one: use results.dbic(maximal)."
        )
    options = ", ".join(repr(option) for option in get_args(Criterion))
    raise ValueError(f"crit={name!r} is not known; use one of {options}.")


def design_aic(ll: LogLikelihoods, eigenvalues: Array) -> float:
    """``D~ + 2 sum lambda_j`` over all but the constant, as R's ``AIC.svyglm``.

    Parameters
    ----------
    ll : LogLikelihoods
        Its deviance is ``-2 l~``, unless there are fractions.
    eigenvalues : ndarray, shape (q,)
        Of ``V0^-1 V`` for the combinations of coefficients beside the constant.

    References
    ----------
    Lumley and Scott (2015), Journal of Survey Statistics and Methodology 3, 1-18.
    """
    return float(ll.deviance + 2.0 * eigenvalues.sum())


def design_bic(
    ll: LogLikelihoods, n_params: float, distance: Array, root: Array, inflation: Array
) -> float:
    """``D~_max + W + p log N + log|Delta|``, as R's ``BIC.svyglm``.

    The fit of a smaller model is put in terms of the largest: W is the Wald statistic of what it
    leaves out there, and Delta the block of ``V0^-1 V`` of that.

    Parameters
    ----------
    ll : LogLikelihoods
        Of the largest model.
    n_params : float
        p, of the smaller model.
    distance : ndarray, shape (q,)
        ``L b - l``, the coefficients of the largest model less what the smaller one makes of them.
    root : ndarray, shape (q, r)
        ``L H``, H a root of the inverse information in the weights as given.
    inflation : ndarray, shape (r, r)
        W with ``V = H W H' sum(w) / N``.

    References
    ----------
    Lumley and Scott (2015), Journal of Survey Statistics and Methodology 3, 1-18.
    """
    value = ll.deviance + n_params * math.log(ll.nobs)
    if not len(distance):
        return value
    if not (np.isfinite(root).all() and np.isfinite(inflation).all()):
        return math.nan
    axes, upper = linalg.qr(root.T, mode="economic")
    ratio = axes.T @ inflation @ axes
    standard = linalg.solve_triangular(upper, distance, trans=1)
    wald = ll.unit * float(standard @ linalg.solve(ratio, standard, assume_a="sym"))
    return value + wald + float(np.linalg.slogdet(ratio)[1])
