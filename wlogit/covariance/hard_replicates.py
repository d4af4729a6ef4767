"""One replicate by itself: with steps halved where needed, and a look for separation."""

import numpy as np

from wlogit._typing import Array
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import LogitObjective
from wlogit.core.recession import outcome_sign, overlaps
from wlogit.core.separation import separation
from wlogit.covariance.base import ScoreParts
from wlogit.weights.weights import Weights

# Linear predictors beyond which a fit is checked for separation even if Newton has settled.
_FAR = 15.0

NOT_IDENTIFIED = "coefficients are not identified"
SEPARATED = "the covariates separate the outcome"
NOT_CONVERGED = "no convergence"


def coordinates_of(parts: ScoreParts) -> tuple[ModelMatrix, Array]:
    """``H'x`` and the linear predictor at the estimate of every row.

    Parameters
    ----------
    parts : ScoreParts
    """
    n, r = parts.matrix.shape[0], parts.root.shape[1]
    rows = np.empty((n, r))
    np.dot(parts.matrix.block(slice(None)), parts.root, out=rows)
    return ModelMatrix(rows), origin_of(parts)


def origin_of(parts: ScoreParts) -> Array:
    """The linear predictor at the estimate of every row, offset included; shape (n,)."""
    eta = np.asarray(parts.matrix.dot(parts.params))
    return eta if parts.offset is None else eta + parts.offset


def refit_alone(matrix: ModelMatrix, origin: Array, weights: Weights) -> Array | str:
    """Coordinates of the optimum under other weights, or why there is none.

    Parameters
    ----------
    matrix : ModelMatrix
        ``H'x`` of the rows, shape (n, r).
    origin : ndarray, shape (n,)
    weights : Weights
    """
    objective = LogitObjective(matrix, weights.row_response, weights.row_weight, origin)
    optimum = maximize(objective, np.zeros(matrix.n_params))
    if optimum.converged and (optimum.farthest <= _FAR or overlaps(objective, optimum.params)):
        return optimum.params
    if optimum.reason == "singular":
        return NOT_IDENTIFIED
    rows = np.broadcast_to(weights.row_weight > 0.0, origin.shape)
    if separation(matrix, outcome_sign(objective.response), rows).separated:
        return SEPARATED
    return optimum.params if optimum.converged else NOT_CONVERGED
