"""Where Newton's method starts: another fit, or the linear discriminant, half of the way."""

import math
from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array
from wlogit.core.objective import LogitObjective


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where another fit to the same rows ended.

    Attributes
    ----------
    params : ndarray, shape (k,)
    shift : float
        Its ``log(c1 / c0)``.
    """

    params: Array
    shift: float

    def at(self, shift: float, n_params: int, *, constant: bool) -> Array | None:
        """Where a fit under other class weights starts; None for another design."""
        if self.params.shape != (n_params,):
            return None
        moved = np.array(self.params)
        if constant:
            moved[0] += shift - self.shift
        return moved


def discriminant_start(features: Array, objective: LogitObjective) -> Array | None:
    """Coefficients of the weighted linear discriminant, or None where they are no better start.

    Parameters
    ----------
    features : ndarray, shape (n, p)
        Without the constant, which is the first column of the objective's design.
    objective : LogitObjective
        Of outcomes of zero and one.

    Returns
    -------
    ndarray, shape (p + 1,), or None
        In the user's coordinates.

    Notes
    -----
    Slopes ``b = S^-1 (m1 - m0)`` from the means by class and the covariance within classes, and
    the intercept ``log(W1 / W0) - (m0 + m1)'b / 2``.

    References
    ----------
    Efron (1975), Journal of the American Statistical Association 70, 892-898.
    """
    n, p = features.shape
    if not 0 < p < n - 1:
        return None
    # Of features beyond the range of squares nothing comes, and nothing is taken.
    with np.errstate(all="ignore"):
        start = _discriminant(features, objective)
    return None if start is None or not _better_than_nothing(objective, start) else start


def _discriminant(features: Array, objective: LogitObjective) -> Array | None:
    weight = np.broadcast_to(objective.weight, (len(features),))
    events = weight * objective.response
    total, mass = objective.total_weight, objective.event_weight
    center = weight @ features / total
    centered = features - center
    upper = events @ centered / mass
    difference = upper * (total / (total - mass))
    within = (centered * weight[:, np.newaxis]).T @ centered / total
    within -= np.outer(difference, difference) * (mass / total) * (1.0 - mass / total)
    try:
        slopes = np.linalg.solve(within, difference)
    except np.linalg.LinAlgError:
        return None
    middle = center + upper - 0.5 * difference
    return np.append(math.log(mass / (total - mass)) - middle @ slopes, slopes)


def _better_than_nothing(objective: LogitObjective, start: Array) -> bool:
    """Whether the start has a higher likelihood than the constant alone."""
    if not np.all(np.isfinite(start)):
        return False
    total, event = objective.total_weight, objective.event_weight
    share = event / total
    alone = event * math.log(share) + (total - event) * math.log1p(-share)
    return objective.value(np.asarray(objective.matrix.to_working(start))) > alone
