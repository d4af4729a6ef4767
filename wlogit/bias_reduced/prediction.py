"""Corrections that bring the mean prediction of Firth's fit to the observed share of events.

References
----------
Puhr, Heinze, Nold, Lusa and Geroldinger (2017), Statistics in Medicine 36, 2302-2317.
"""

import numpy as np

from wlogit._typing import Array
from wlogit.core.jeffreys import JeffreysPoint, leverages
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import Derivatives, LogitObjective


def flic(objective: LogitObjective, point: JeffreysPoint, constant: Array) -> Array:
    """Firth's slopes with the constant that maximises the likelihood (section 2.3 of Puhr et al.).

    Parameters
    ----------
    objective : LogitObjective
    point : JeffreysPoint
        Firth's estimate.
    constant : ndarray, shape (k,)
        Combination of the user's coefficients that is the constant.

    Returns
    -------
    ndarray, shape (k,)
        In working coordinates.
    """
    ones = ModelMatrix(np.ones((objective.matrix.shape[0], 1)), constant=0)
    eta = objective.linear_predictor(point.params)
    alone = LogitObjective(ones, objective.response, objective.weight, eta)
    moved = maximize(alone, np.zeros(1), max_iter=200).params[0]
    result: Array = point.params + moved * objective.matrix.to_working(constant)
    return result


def flac(objective: LogitObjective, point: JeffreysPoint, constant: Array) -> Array:
    """Maximum likelihood with the prior as cases of their own (section 2.4 of Puhr et al.).

    Each row brings h more cases, half of them events, h its leverage in Firth's fit, and a further
    column tells these cases from the data.

    Parameters
    ----------
    objective, point, constant
        As in `flic`.

    Returns
    -------
    ndarray, shape (k,)
        In working coordinates.
    """
    direction = objective.matrix.to_working(constant)
    augmented = AugmentedObjective(objective, leverages(objective, point), direction)
    optimum = maximize(augmented, np.append(point.params, 0.0), max_iter=200)
    return np.asarray(optimum.params[:-1])


class AugmentedObjective:
    """The log-likelihood of the data and of pseudo-cases whose constant is free.

    Parameters
    ----------
    data : LogitObjective
    pseudo_weight : ndarray, shape (n,)
        Weight of the pseudo-cases of a row, half of them events.
    constant : ndarray, shape (k,)
        Direction d in working coordinates with ``x'd = 1``: the further column changes the pseudo-
        cases along it.
    """

    def __init__(self, data: LogitObjective, pseudo_weight: Array, constant: Array) -> None:
        half = np.full(data.matrix.shape[0], 0.5)
        self.data = data
        self.pseudo = LogitObjective(data.matrix, half, pseudo_weight, data.offset)
        self.spread = np.column_stack([np.eye(data.n_params), constant])

    @property
    def n_params(self) -> int:
        """Columns of the data, and the further one."""
        return self.data.n_params + 1

    @property
    def scale(self) -> float:
        """Weight of the rarer outcome, pseudo-cases included."""
        return self.data.scale + self.pseudo.scale

    @property
    def large(self) -> bool:
        """False: all steps have their own derivatives."""
        return False

    def value(self, params: Array) -> float:
        """Log-likelihood of data and pseudo-cases."""
        return self.data.value(params[:-1]) + self.pseudo.value(self.spread @ params)

    def derivatives(self, params: Array) -> Derivatives:
        """Value, gradient and information."""
        data = self.data.derivatives(params[:-1])
        pseudo = self.pseudo.derivatives(self.spread @ params)
        gradient = self.spread.T @ pseudo.gradient
        gradient[:-1] += data.gradient
        information = self.spread.T @ pseudo.information @ self.spread
        information[:-1, :-1] += data.information
        return Derivatives(data.value + pseudo.value, gradient, information)

    def gradient(self, params: Array) -> Array:
        """The gradient alone."""
        return self.derivatives(params).gradient

    def triangular(self, params: Array, unit: float) -> Array:
        """R with ``R'R = unit * information``."""
        data = self.data.triangular(params[:-1], unit)
        pseudo = self.pseudo.triangular(self.spread @ params, unit) @ self.spread
        stacked = np.vstack([np.column_stack([data, np.zeros(len(data))]), pseudo])
        return np.asarray(np.linalg.qr(stacked, mode="r"))

    def reach(self, direction: Array) -> float:
        """Largest change of a linear predictor along ``direction``."""
        return max(self.data.reach(direction[:-1]), self.pseudo.reach(self.spread @ direction))
