"""Classification of cases by predicted probability, and how well the probabilities do it.

Every case has an outcome y in [0, 1] and a mass, m g of the averages at population scale unless
said otherwise. A case with a fraction counts y to the events and 1 - y to the rest. Only ratios of
the masses matter.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wlogit._typing import Array, BoolArray
from wlogit.inference.residuals import deviance_residuals
from wlogit.weights.weights import Weights


def prediction_table(weights: Weights, predicted: BoolArray, *, weighted: bool) -> pd.DataFrame:
    """Cases by observed and predicted class.

    Parameters
    ----------
    weights : Weights
    predicted : ndarray of bool, shape (n,)
        Whether a row is predicted to be an event.
    weighted : bool
        Sum m g instead of counting cases.

    Returns
    -------
    DataFrame, shape (2, 2)
        Rows observed, columns predicted.
    """
    counts = np.zeros((2, 2))
    masses = weights.averaging_mass
    by_class = weighted and weights.factors.source == "prevalence"
    for sort, mass in zip(weights.cases, masses, strict=True):
        number = mass if weighted else sort.multiplicity * (sort.sampling > 0)
        outcome = sort.response if by_class else sort.outcome
        for observed, share in ((0, 1.0 - outcome), (1, outcome)):
            cases = np.broadcast_to(number * share, predicted.shape)
            counts[observed] += cases[~predicted].sum(), cases[predicted].sum()
    labels = list(weights.labels)
    return pd.DataFrame(
        counts, pd.Index(labels, name="observed"), pd.Index(labels, name="predicted")
    )


@dataclass(frozen=True, slots=True)
class Placements:
    """Where each case stands among the cases of the other class; ties count one half.

    Attributes
    ----------
    among_rest : ndarray, shape (n,)
        Mass of the non-events with a lower score, as a share of theirs: V of an event.
    among_events : ndarray, shape (n,)
        Mass of the events with a higher score, as a share of theirs: V of a non-event.
    events, rest : ndarray, shape (n,)
        Mass that each case has in either class.
    """

    among_rest: Array
    among_events: Array
    events: Array
    rest: Array

    @property
    def auc(self) -> float:
        """Mean placement of the events; NaN where a class has no mass."""
        with np.errstate(invalid="ignore"):
            return float(np.divide(self.events @ self.among_rest, self.events.sum()))


def placements(outcome: Array, score: Array, mass: Array) -> Placements:
    """Placement values of every case by its score.

    Parameters
    ----------
    outcome : ndarray, shape (n,)
        y, in [0, 1].
    score : ndarray, shape (n,)
        Probabilities or linear predictors; only their order matters.
    mass : ndarray, shape (n,)

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845, section 2.
    """
    events, rest = mass * outcome, mass * (1.0 - outcome)
    _, place = np.unique(score, return_inverse=True)
    events_at, rest_at = np.bincount(place, events), np.bincount(place, rest)
    below = np.cumsum(rest_at) - 0.5 * rest_at
    above = np.cumsum(events_at[::-1])[::-1] - 0.5 * events_at
    with np.errstate(invalid="ignore"):
        return Placements(
            np.divide(below, rest.sum())[place], np.divide(above, events.sum())[place], events, rest
        )


def auc(outcome: Array, score: Array, mass: Array) -> float:
    """Probability that an event scores above a non-event, ties counting one half.

    The area under the ROC curve. NaN where a class has no mass.

    Parameters
    ----------
    outcome : ndarray, shape (n,)
        y, in [0, 1].
    score : ndarray, shape (n,)
        Probabilities or linear predictors; only their order matters.
    mass : ndarray, shape (n,)

    References
    ----------
    Hanley and McNeil (1982), Radiology 143, 29-36; in masses as Lumley and Scott (2013),
    Biometrika 100, 831-842.
    """
    return placements(outcome, score, mass).auc


def brier_score(outcome: Array, probability: Array, mass: Array) -> float:
    """Mean squared error of the probabilities for cases that are events or not.

    ``sum mass [y (1 - p)^2 + (1 - y) p^2] / sum mass``: a fraction is that share of events and the
    rest of non-events, as in counts of them; of outcomes 0 and 1 it is ``sum mass (y - p)^2``.

    Parameters
    ----------
    outcome, probability, mass : ndarray, shape (n,)
        Probabilities at population scale (calibrated), if the mass is.

    References
    ----------
    Brier (1950), Monthly Weather Review 78, 1-3; half of his score, which sums both classes.
    """
    squares = outcome * (1.0 - probability) ** 2 + (1.0 - outcome) * probability**2
    return float(mass @ squares / mass.sum())


def mean_deviance(response: Array, eta: Array, mass: Array) -> float:
    """Deviance of a case, ``2 sum mass [y log(y/p) + (1-y) log((1-y)/(1-p))] / sum mass``.

    Twice the log loss when every outcome is 0 or 1. Finite for any finite linear predictor.

    Parameters
    ----------
    response : ndarray, shape (n,)
        y, in [0, 1].
    eta : ndarray, shape (n,)
        Linear predictor, ``p = expit(eta)``.
    mass : ndarray, shape (n,)

    References
    ----------
    McCullagh and Nelder (1989), Generalized Linear Models, section 4.4.3.
    """
    return float(np.sum(deviance_residuals(eta, response, mass) ** 2) / mass.sum())
