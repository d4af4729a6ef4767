"""What every covariance estimator takes and returns."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.rowblocks import ScoreRows, weighted_sums
from wlogit.weights.weights import Cases, Weights


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """A fitted logit as the covariance estimators see it.

    The score of one case is ``u = v (r - p) x`` and its leverage ``h = v p q x' A^-1 x``.

    Attributes
    ----------
    matrix : ModelMatrix
        The design X, shape (n, k), in working coordinates.
    p, q : ndarray, shape (n,)
        Fitted probabilities of an event and of none, each without cancellation.
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
    p: Array
    q: Array
    weights: Weights
    bread: Array
    n_params: int
    unit: float = 1.0

    @classmethod
    def at(
        cls, matrix: ModelMatrix, eta: Array, weights: Weights, bread: Array, n_params: int
    ) -> "ScoreParts":
        """The parts at a linear predictor, offset included; ``bread`` in the weights as given."""
        unit = 1.0
        if not weights.likelihood:
            unit = math.ldexp(1.0, -math.frexp(weights.mean_importance)[1])
        p, q = likelihood.probabilities(eta)
        return cls(matrix, p, q, weights, bread / unit, n_params, unit)

    @property
    def shape(self) -> tuple[int]:
        """Of a value per row, (n,)."""
        return (self.p.shape[0],)

    def factor(self, cases: Cases) -> Array:
        """``v (r - p)``, by which the row of the design is multiplied in the score of a case."""
        r = cases.response
        return self.unit * cases.importance * (r * self.q - (1.0 - r) * self.p)

    def curvatures(self) -> tuple[Array, ...]:
        """``v p q`` of one case, for each sort of case; shape (n,) each."""
        curvature = self.unit * self.p * self.q
        return tuple(sort.importance * curvature for sort in self.weights.cases)


@dataclass(frozen=True, slots=True)
class Centering:
    """Scores centered within class: ``u* = u - y s_1 T_1 - (1 - y) s_0 T_0``.

    Attributes
    ----------
    shares : tuple of ndarray, shape (n, 2)
        Non-event and event share of a case in its class, for each sort of case.
    centre : ndarray, shape (2, k)
        Score totals T_0 and T_1 of the classes, in working coordinates.
    """

    shares: tuple[Array, ...]
    centre: Array


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


def score_rows(
    parts: ScoreParts,
    centering: Centering | None,
    scale: Sequence[Array | None],
    shift: bool,
) -> tuple[ScoreRows, ...]:
    """Scores of each sort of case, centered, scaled, with the influence on the shift beside."""
    shape = parts.shape
    return tuple(
        ScoreRows(
            factor=parts.factor(sort),
            multiplicity=sort.multiplicity,
            shares=None if centering is None else centering.shares[i],
            scale=None if (root := scale[i]) is None else np.broadcast_to(root, shape),
            extra=shift_influence(parts, sort) if shift else None,
        )
        for i, sort in enumerate(parts.weights.cases)
    )


def shift_influence(parts: ScoreParts, cases: Cases) -> Array:
    """Influence of a case on ``log(W_1 / W_0)``, shape (n, 1): ``a y / W_1 - a (1 - y) / W_0``."""
    w0, w1 = parts.weights.totals.class_masses
    influence = cases.sampling * (cases.outcome / w1 - (1.0 - cases.outcome) / w0)
    return np.broadcast_to(influence, parts.shape)[:, None]


def center_by_mass(parts: ScoreParts) -> Centering:
    """Centering that stacks the estimating equations of the class masses W_k.

    References
    ----------
    Newey and McFadden (1994), Large sample estimation, section 6 (two-step estimators).
    """
    w0, w1 = parts.weights.totals.class_masses
    shares = tuple(
        _class_columns(
            parts, sort.sampling * (1.0 - sort.outcome) / w0, sort.sampling * sort.outcome / w1
        )
        for sort in parts.weights.cases
    )
    return Centering(shares, class_score_totals(parts))


def center_by_size(parts: ScoreParts) -> Centering:
    """Centering at the class means of the scores (class sizes fixed by design)."""
    n0, n1 = parts.weights.totals.class_sizes
    shares = []
    for sort in parts.weights.cases:
        present = sort.sampling > 0
        shares.append(
            _class_columns(parts, present * (1.0 - sort.outcome) / n0, present * sort.outcome / n1)
        )
    return Centering(tuple(shares), class_score_totals(parts))


def class_score_totals(parts: ScoreParts) -> Array:
    """T_0 and T_1, shape (2, k): ``T_1 = sum m v r q x``, ``T_0 = -sum m v (1 - r) p x``."""
    totals = np.zeros((2, parts.bread.shape[0]))
    for sort in parts.weights.cases:
        weight = parts.unit * sort.weight
        events = weight * sort.response * parts.q
        non_events = -weight * (1.0 - sort.response) * parts.p
        totals += weighted_sums(parts.matrix, _class_columns(parts, non_events, events)).T
    return totals


def _class_columns(parts: ScoreParts, non_events: Array, events: Array) -> Array:
    columns = np.empty((*parts.shape, 2))
    columns[:, 0] = non_events
    columns[:, 1] = events
    return columns


def sandwich(parts: ScoreParts, meat: Array) -> tuple[Array, Array | None]:
    """``A^-1 M A^-1`` in the user's coordinates, and the shift column when the meat has one."""
    k = parts.bread.shape[0]
    matrix = parts.matrix.covariance_to_user(parts.bread @ meat[:k, :k] @ parts.bread)
    matrix = (matrix + matrix.T) / 2.0
    if meat.shape[0] == k:
        return matrix, None
    cross = parts.matrix.to_user(parts.bread @ meat[:k, k])
    return matrix, np.append(cross, meat[k, k])
