"""What deleting a row, or one case of it, changes: leverage and the one-step change of b."""

from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import squared_lengths, times
from wlogit.weights.weights import Weights

# Below this distance from one, 1 - h is the rounding error of a leverage that is one.
_FULL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Deletion:
    """One-step changes on the deletion of each row, or of one case of each row.

    Attributes
    ----------
    leverage : ndarray, shape (n,)
        ``h = w p q x' A^-1 x`` with w the weight that is deleted; over rows they sum to k.
    change : ndarray, shape (n, k)
        ``A^-1 x w (r - p) / (1 - h)``: the coefficients less those without the unit. NaN where
        the leverage is one.
    distance : ndarray, shape (n,)
        ``change' A change``.
    """

    leverage: Array
    change: Array
    distance: Array


def mean_weight(weights: Weights) -> float:
    """What Cook's distance is over for weights of mean one; dfbetas and residuals over its root.

    Parameters
    ----------
    weights : Weights
        The mean weight of a case; one for a likelihood, whose weights have no unit.
    """
    return 1.0 if weights.likelihood else weights.mean_importance


def deletion(
    matrix: ModelMatrix, root: Array, eta: Array, response: Array, weight: Array
) -> Deletion:
    """One-step deletion diagnostics; class weights are held fixed.

    Parameters
    ----------
    matrix : ModelMatrix, shape (n, k)
    root : ndarray, shape (k, r)
        H with ``H H' = A^-1``, in working coordinates.
    eta : ndarray, shape (n,)
        Linear predictor.
    response : ndarray, shape (n,)
    weight : ndarray, shape (n,) or ()
        What is deleted: the likelihood weight of the row, or of one case.

    References
    ----------
    Pregibon (1981), Annals of Statistics 9, 705-724, sections 4 and 5.
    """
    n, k = matrix.shape
    leverage, distance, change = np.zeros(n), np.zeros(n), np.zeros((n, k))
    weights = np.broadcast_to(weight, (n,))
    to_user = matrix.to_user(root).T

    def kernel(rows: slice) -> tuple[Array, ...]:
        w = weights[rows]
        present = w > 0.0
        (h,) = times(np.where(present[:, np.newaxis], matrix.block(rows), 0.0), root)
        length = squared_lengths(h)
        leverage[rows] = w * likelihood.curvature(eta[rows]) * length
        rest = 1.0 - leverage[rows]
        score = np.where(present, w * likelihood.residual(eta[rows], response[rows]), 0.0)
        step = np.divide(score, rest, out=np.full(len(w), np.nan), where=rest > _FULL)
        distance[rows] = (step * np.sqrt(length)) ** 2
        change[rows] = np.dot(h * step[:, np.newaxis], to_user)
        return ()

    sum_over_blocks(kernel, n, width=k)
    return Deletion(leverage, change, distance)
