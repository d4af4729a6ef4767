"""Mean losses of calibrated probabilities with their standard errors."""

import numpy as np

from wlogit._typing import Array
from wlogit.inference.classification import brier_score
from wlogit.inference.estimates import (
    Estimate,
    interval_of_positive,
    interval_of_share,
    root_of_variance,
)
from wlogit.inference.scored import Scored


def brier(cases: Scored, alpha: float = 0.05) -> Estimate:
    """Mean squared error of the probabilities, with its error over cases.

    Parameters
    ----------
    cases : Scored
    alpha : float

    References
    ----------
    Brier (1950), Monthly Weather Review 78, 1-3; half of his score, which sums both classes.
    """
    probability = cases.probability
    value = brier_score(cases.outcome, probability, cases.mass)
    se = error_of_mean(cases, (cases.outcome - probability) ** 2, value)
    ci = interval_of_share(value, se, cases.quantile(alpha))
    return Estimate(value, se, ci, df=cases.sampling.df, alpha=alpha)


def log_loss(cases: Scored, alpha: float = 0.05) -> Estimate:
    """Mean of ``-[y log p + (1 - y) log(1 - p)]``, with its error over cases.

    Finite for any finite linear predictor.

    Parameters
    ----------
    cases : Scored
    alpha : float

    References
    ----------
    Good (1952), JRSS B 14, 107-114.
    """
    eta = cases.calibrated_eta
    losses = np.logaddexp(0.0, eta) - cases.outcome * eta
    value = cases.mean(losses)
    se = error_of_mean(cases, losses, value)
    ci = interval_of_positive(value, se, cases.quantile(alpha))
    return Estimate(value, se, ci, df=cases.sampling.df, alpha=alpha)


def error_of_mean(cases: Scored, values: Array, mean: float) -> float:
    """Standard error of a mean by mass, with ``N/(N - 1)``.

    Parameters
    ----------
    cases : Scored
    values : ndarray, shape (n,)
    mean : float
    """
    influence = cases.weight * (values - mean) / cases.mass.sum()
    event = influence * cases.outcome
    parts = event[:, np.newaxis], (influence - event)[:, np.newaxis]
    return root_of_variance(float(cases.covariance(*parts, "cases")[0, 0]))
