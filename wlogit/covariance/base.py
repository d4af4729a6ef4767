"""What every covariance estimator takes and returns."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlogit._typing import Array
from wlogit.core.model_matrix import ModelMatrix
from wlogit.weights.weights import Weights


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """A fitted logit as the covariance estimators see it.

    The score of one case is ``u = v (r - p) x`` and its leverage ``h = v p q x' A^-1 x``.

    Attributes
    ----------
    matrix : ModelMatrix
        The design X, shape (n, k), in working coordinates.
    params : ndarray, shape (k,)
        In working coordinates.
    offset : ndarray, shape (n,), or None
    weights : Weights
        Multiplicity and importance of each row's cases.
    bread : ndarray, shape (k, k)
        Inverse information ``A^-1``, in working coordinates, of the importances times `unit`.
    n_params : int
        Number of free coefficients: k less the constraints, for the small-sample factors.
    unit : float
        Power of two that brings the importances near one, so that their squares neither vanish
        nor overflow; every sandwich is free of it.
    """

    matrix: ModelMatrix
    params: Array
    offset: Array | None
    weights: Weights
    bread: Array
    n_params: int
    unit: float = 1.0

    @classmethod
    def at(
        cls,
        matrix: ModelMatrix,
        params: Array,
        offset: Array | None,
        weights: Weights,
        bread: Array,
        n_params: int,
    ) -> "ScoreParts":
        """The parts at given coefficients; ``bread`` in the weights as given."""
        unit = 1.0
        if not weights.likelihood:
            unit = math.ldexp(1.0, -math.frexp(weights.mean_importance)[1])
        return cls(matrix, params, offset, weights, bread / unit, n_params, unit)


@dataclass(frozen=True, slots=True)
class Covariance:
    """Estimated covariance of the coefficients.

    Attributes
    ----------
    matrix : ndarray, shape (k, k)
        In the user's coordinates.
    name : str
        As asked for: ``"HC3"``, ``"cluster"``, ...
    description : str
        One plain sentence: what it is valid under, and its small-sample factor.
    df : float
        Degrees of freedom of t tests; infinite for the normal distribution.
    shift : ndarray, shape (k + 1,) or None
        Covariance of the coefficients with, and variance of, the estimated logarithm of the
        class-weight ratio (minus ``log(c1 / c0)``); None where that ratio is known.
    n_clusters : tuple of int
        Number of clusters of each grouping.
    saturated_rows : tuple of int
        Positions of rows with leverage one, which contribute nothing to the meat.
    """

    matrix: Array
    name: str
    description: str
    df: float = np.inf
    shift: Array | None = None
    n_clusters: tuple[int, ...] = ()
    saturated_rows: tuple[int, ...] = ()


class CovarianceEstimator(Protocol):
    """Anything that turns the parts of a sandwich into a covariance."""

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate."""
        ...


def sandwich(parts: ScoreParts, meat: Array, *, shift: bool) -> tuple[Array, Array | None]:
    """``A^-1 M A^-1`` in the user's coordinates, and the column of the shift.

    Parameters
    ----------
    parts : ScoreParts
    meat : ndarray, shape (k, k) or (k + 1, k + 1)
        M, the influence on the shift in its last row and column.
    shift : bool
        Whether that column is wanted.
    """
    k = parts.bread.shape[0]
    matrix = parts.matrix.covariance_to_user(parts.bread @ meat[:k, :k] @ parts.bread)
    matrix = (matrix + matrix.T) / 2.0
    if not shift:
        return matrix, None
    cross = parts.matrix.to_user(parts.bread @ meat[:k, k])
    return matrix, np.append(cross, meat[k, k])
