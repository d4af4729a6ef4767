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

    A fraction counts y to the events and 1 - y to the rest.

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
    se = error_of_mean(cases, ((1.0 - probability) ** 2, probability**2), value)
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
    value = cases.mean(np.logaddexp(0.0, eta) - cases.outcome * eta)
    se = error_of_mean(cases, (np.logaddexp(0.0, -eta), np.logaddexp(0.0, eta)), value)
    ci = interval_of_positive(value, se, cases.quantile(alpha))
    return Estimate(value, se, ci, df=cases.sampling.df, alpha=alpha)


def error_of_mean(cases: Scored, losses: tuple[Array, Array], mean: float) -> float:
    """Standard error of a mean by mass, with ``N/(N - 1)``.

    Parameters
    ----------
    cases : Scored
    losses : tuple of ndarray, shape (n,)
        Of a case as an event, and as a non-event.
    mean : float
    """
    as_event, as_rest = losses
    scale = cases.weight / cases.mass.sum()
    event = scale * cases.outcome * (as_event - mean)
    rest = scale * (1.0 - cases.outcome) * (as_rest - mean)
    parts = event[:, np.newaxis], rest[:, np.newaxis]
    return root_of_variance(float(cases.covariance(*parts, "cases")[0, 0]))
