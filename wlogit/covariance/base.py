"""What every covariance estimator takes and returns."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlogit._typing import Array
from wlogit.core.model_matrix import ModelMatrix
from wlogit.covariance.replicates import ReplicateEstimates
from wlogit.covariance.satterthwaite import Satterthwaite, SmallestOf
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
    root : ndarray, shape (k, r)
        H with ``H H' = A^-1``, the inverse information in working coordinates, of the importances
        times `unit`.
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
    root: Array
    n_params: int
    unit: float = 1.0

    @classmethod
    def at(
        cls,
        matrix: ModelMatrix,
        params: Array,
        offset: Array | None,
        weights: Weights,
        root: Array,
        n_params: int,
    ) -> "ScoreParts":
        """The parts at given coefficients; ``root`` in the weights as given."""
        half = 0
        if not weights.likelihood:
            half = math.frexp(weights.mean_importance)[1] // 2
        root, unit = root * math.ldexp(1.0, half), math.ldexp(1.0, -2 * half)
        return cls(matrix, params, offset, weights, root, n_params, unit)


@dataclass(frozen=True, slots=True)
class Covariance:
    """Estimated covariance of the coefficients.

    Attributes
    ----------
    matrix : ndarray, shape (k, k)
        V, in the user's coordinates.
    whitened : ndarray, shape (r, r)
        W with ``V = H W H'``, H the root of the inverse information in the weights as given: how
        much V exceeds the latter, free of the conditioning of the design.
    name : str
        As asked for: ``"HC3"``, ``"cluster"``, ...
    description : str
        One plain sentence: what it is valid under, and its small-sample factor.
    df : float
        Degrees of freedom of t tests; infinite for the normal distribution. The smallest of those
        of the coefficients, where these differ.
    shift : ndarray, shape (k + 1,) or None
        Covariance of the coefficients with, and variance of, the estimated logarithm of the
        class-weight ratio (minus ``log(c1 / c0)``); None where that ratio is known.
    n_clusters : tuple of int
        Number of clusters of each grouping.
    saturated_rows : tuple of int
        Positions of rows with leverage one, which contribute nothing to the meat.
    small_sample : Satterthwaite or SmallestOf, optional
        Degrees of freedom of each combination of the coefficients, where they differ.
    saturated_clusters : tuple of int
        Positions of a row of each cluster that some combination of the coefficients rests on
        alone, and which contributes nothing to its variance.
    replicates : ReplicateEstimates, optional
        The estimates whose spread it is.
    equal_clusters : tuple of float
        How many of one weight the clusters of each grouping are worth (Kish); empty for CR2, CR3.
    """

    matrix: Array
    whitened: Array
    name: str
    description: str
    df: float = np.inf
    shift: Array | None = None
    n_clusters: tuple[int, ...] = ()
    saturated_rows: tuple[int, ...] = ()
    small_sample: Satterthwaite | SmallestOf | None = None
    saturated_clusters: tuple[int, ...] = ()
    replicates: ReplicateEstimates | None = None
    equal_clusters: tuple[float, ...] = ()

    @property
    def df_each(self) -> Array | None:
        """Degrees of freedom of the t test of each coefficient, shape (k,); None if all alike."""
        if self.small_sample is None:
            return None
        return np.where(np.isfinite(np.diag(self.matrix)), self.small_sample.each, np.nan)

    def f_reference(self, contrast: Array) -> tuple[float, float]:
        """What a Wald statistic over q is multiplied by to be F, and its denominator df.

        One and `df`, unless the covariance of ``L b`` follows a Wishart distribution on fewer
        degrees of freedom nu: then Hotelling's ``(nu - q + 1) / nu`` and ``nu - q + 1``; NaN if
        that is not positive.

        Parameters
        ----------
        contrast : ndarray, shape (q, k)
            L, of rank q.

        References
        ----------
        Pustejovsky and Tipton (2018), JBES 36, 672-683, section 4 (HTZ).
        """
        if self.small_sample is None:
            return 1.0, self.df
        nu = self.small_sample.of(contrast)
        if np.isinf(nu):
            return 1.0, nu
        ddf = nu - np.linalg.matrix_rank(contrast) + 1.0
        return (ddf / nu, ddf) if ddf > 0.0 else (np.nan, np.nan)


class CovarianceEstimator(Protocol):
    """Anything that turns the parts of a sandwich into a covariance."""

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate."""
        ...


def sandwich(parts: ScoreParts, meat: Array, *, shift: bool) -> tuple[Array, Array, Array | None]:
    """Covariance in the user's coordinates, whitened, and the column of the shift.

    Parameters
    ----------
    parts : ScoreParts
    meat : ndarray, shape (r, r) or (r + 1, r + 1)
        ``H' M H``, with the influence on the shift in the last row and column.
    shift : bool
        Whether that column is wanted.
    """
    root = parts.matrix.to_user(parts.root)
    r = root.shape[1]
    inner = (meat[:r, :r] + meat[:r, :r].T) / 2.0
    matrix = root @ inner @ root.T
    matrix = (matrix + matrix.T) / 2.0
    column = np.append(root @ meat[:r, r], meat[r, r]) if shift else None
    return matrix, inner / parts.unit, column
