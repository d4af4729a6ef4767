"""A fitted multinomial logit as its covariances see it."""

import math
from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array
from wlogit.core.model_matrix import ModelMatrix
from wlogit.weights.multinomial import MultinomialWeights


@dataclass(frozen=True, slots=True)
class LabelScoreParts:
    """A fitted multinomial logit as its covariances see it.

    Attributes
    ----------
    matrix : ModelMatrix
        Shape (n, k), in working coordinates.
    params : ndarray, shape (k q,)
        In working coordinates, one label after the other.
    weights : MultinomialWeights
    root : ndarray, shape (k q, r)
        H with ``H H' = A^-1`` in working coordinates, of the importances times `unit`.
    n_params : int
        k q.
    unit : float
        Power of two that brings the importances near one.
    """

    matrix: ModelMatrix
    params: Array
    weights: MultinomialWeights
    root: Array
    n_params: int
    unit: float = 1.0

    @classmethod
    def at(
        cls, matrix: ModelMatrix, params: Array, weights: MultinomialWeights, root: Array
    ) -> "LabelScoreParts":
        """The parts at given coefficients; ``root`` in the weights as given."""
        half = 0
        if not weights.likelihood:
            half = math.frexp(weights.mean_importance)[1] // 2
        root, unit = root * math.ldexp(1.0, half), math.ldexp(1.0, -2 * half)
        return cls(matrix, params, weights, root, len(params), unit)

    @property
    def n_equations(self) -> int:
        """q, labels but the first."""
        return len(self.weights.labels) - 1

    @property
    def width(self) -> int:
        """Numbers in the score of a case."""
        return self.n_params

    @property
    def user_root(self) -> Array:
        """`root` in the user's coordinates."""
        return self.to_user(self.root)

    def to_user(self, working: Array) -> Array:
        """Rows of coefficients (k q,) or (k q, r) in the user's coordinates."""
        k = self.matrix.n_params
        parts = [self.matrix.to_user(working[at : at + k]) for at in range(0, self.n_params, k)]
        return np.concatenate(parts)


def label_sandwich(
    parts: LabelScoreParts, meat: Array, *, shift: bool
) -> tuple[Array, Array, Array | None]:
    """Covariance in the user's coordinates, whitened, and the columns of the shifts.

    Parameters
    ----------
    parts : LabelScoreParts
    meat : ndarray, shape (r + q, r + q)
        ``H' M H``, with the influences on the shifts in the last rows and columns.
    shift : bool
        Whether these are wanted.
    """
    root = parts.user_root
    r = root.shape[1]
    inner = (meat[:r, :r] + meat[:r, :r].T) / 2.0
    matrix = root @ inner @ root.T
    matrix = (matrix + matrix.T) / 2.0
    columns = np.vstack([root @ meat[:r, r:], meat[r:, r:]]) if shift else None
    return matrix, inner / parts.unit, columns
