"""Scores adjusted for bias: the mean (Firth) and the median adjustment of a weighted logit.

With ``h = w p q x' A^-1 x``, the leverage of a row, the mean-adjusted score is

    U* = sum of [w (r - p) + h (1/2 - p)] x,

the gradient of the penalised log-likelihood ``l + log|A| / 2`` (Jeffreys' prior).
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.factors import InverseRoot, inverse_root, inverse_root_of_triangular
from wlogit.core.objective import LogitObjective
from wlogit.core.products import gram_and_sums, squared_lengths, times

# Condition number from which the leverages come from a QR factor.
_QR_BEYOND = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class JeffreysPoint:
    """The log-likelihood and the inverse information at given parameters.

    Attributes
    ----------
    params : ndarray, shape (k,)
        In working coordinates, as everything here.
    loglike : float
    gradient : ndarray, shape (k,)
        Of the log-likelihood.
    information : ndarray, shape (k, k)
    root : ndarray, shape (k, k)
        H with ``H H' = A^-1``.
    log_det : float
        ``log|A|``; minus infinity where A is singular.
    """

    params: Array
    loglike: float
    gradient: Array
    information: Array
    root: Array
    log_det: float

    @classmethod
    def at(cls, objective: LogitObjective, params: Array) -> "JeffreysPoint":
        """Evaluate in one reading of X."""
        there = objective.derivatives(params)
        unit = math.ldexp(1.0, -math.frexp(objective.total_weight)[1])
        inverse = inverse_root(there.information, unit)
        if inverse.condition > _QR_BEYOND and np.isfinite(there.information).all():
            inverse = inverse_root_of_triangular(objective.triangular(params, unit), unit)
        root = inverse.root * math.sqrt(unit)
        log_det = _log_det(inverse, objective.n_params)
        return cls(params, there.value, there.gradient, there.information, root, log_det)

    @property
    def value(self) -> float:
        """Penalised log-likelihood ``l + log|A| / 2``."""
        return self.loglike + 0.5 * self.log_det


@dataclass(frozen=True, slots=True, eq=False)
class AdjustedScore:
    """U*, shape (k,), and the matrix that scales the steps towards its root, shape (k, k)."""

    score: Array
    metric: Array


class Equations(Protocol):
    """Adjusted score equations ``U*(b) = 0``."""

    @property
    def objective(self) -> LogitObjective:
        """The log-likelihood."""
        ...

    @property
    def is_gradient(self) -> bool:
        """Whether U* is the gradient of the penalised log-likelihood."""
        ...

    def adjusted(self, point: JeffreysPoint) -> AdjustedScore:
        """The adjusted score at a point."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class MeanEquations:
    """Firth's equations, the gradient of the likelihood penalised by Jeffreys' prior.

    References
    ----------
    Firth (1993), Biometrika 80, 27-38, section 3; Heinze and Schemper (2002), Statistics in
    Medicine 21, 2409-2419, equation 1.
    """

    objective: LogitObjective

    @property
    def is_gradient(self) -> bool:
        """True: the root maximises the penalised likelihood."""
        return True

    def adjusted(self, point: JeffreysPoint) -> AdjustedScore:
        """One more reading of X, for the leverages."""
        objective = self.objective

        def kernel(rows: slice) -> tuple[Array, ...]:
            part, h, curvature, tilt, spread = _terms(objective, point, rows)
            leverage = curvature * squared_lengths(h)
            gram, sums = gram_and_sums(part, leverage * spread, (0.5 * leverage * tilt)[np.newaxis])
            return sums[0], gram

        sums, gram = sum_over_blocks(
            kernel, objective.matrix.shape[0], width=objective.matrix.n_params
        )
        # As if each row held h more cases, half of them events: the right scale of a step where
        # the prior outweighs the data, and nearly the information where it does not.
        return AdjustedScore(point.gradient + sums, point.information + 0.5 * (gram + gram.T))


@dataclass(frozen=True, slots=True, eq=False)
class MedianEquations:
    """Equations whose root is median unbiased to third order, coefficient by coefficient.

    ``U + sum of h (1/2 - p) x + A b`` with
    ``b_j = -sum of w p q (1 - 2p) (x' A^-1 e_j)^3 / (3 (A^-1)_jj)``, in the user's coordinates: it
    depends on how the model is written.

    References
    ----------
    Kenne Pagui, Salvan and Sartori (2017), Biometrika 104, 923-938, equation 10; Kosmidis, Kenne
    Pagui and Sartori (2020), Statistics and Computing 30, 43-59, equation 10 (brglm2 "AS_median").
    """

    objective: LogitObjective

    @property
    def is_gradient(self) -> bool:
        """False: no penalised likelihood has these equations."""
        return False

    def adjusted(self, point: JeffreysPoint) -> AdjustedScore:
        """One more reading of X, for the leverages and third moments."""
        objective, matrix = self.objective, self.objective.matrix
        to_columns = matrix.to_user(point.root).T

        def kernel(rows: slice) -> tuple[Array, ...]:
            part, h, curvature, tilt, spread = _terms(objective, point, rows)
            leverage = curvature * squared_lengths(h)
            gram, sums = gram_and_sums(part, leverage * spread, (0.5 * leverage * tilt)[np.newaxis])
            (columns,) = times(h, to_columns)
            return sums[0], gram, np.dot(curvature * tilt, columns * columns * columns)

        sums, gram, cubes = sum_over_blocks(kernel, matrix.shape[0], width=matrix.n_params)
        shift = matrix.to_working(-cubes / (3.0 * np.square(to_columns).sum(axis=0)))
        score = point.gradient + sums + point.information @ shift
        return AdjustedScore(score, point.information + 0.5 * (gram + gram.T))


def leverages(objective: LogitObjective, point: JeffreysPoint) -> Array:
    """``w p q x' A^-1 x`` of every row, shape (n,); zero for rows without weight."""
    result = np.zeros(objective.matrix.shape[0])

    def kernel(rows: slice) -> tuple[Array, ...]:
        _, h, curvature, _, _ = _terms(objective, point, rows)
        result[_present(objective, rows)[0]] = curvature * squared_lengths(h)
        return ()

    sum_over_blocks(kernel, len(result), width=objective.n_params)
    return result


def _terms(
    objective: LogitObjective, point: JeffreysPoint, rows: slice
) -> tuple[Array, Array, Array, Array, Array]:
    """x, H'x, w p q, 1 - 2p and p q of the rows of a block that have weight."""
    select, weight = _present(objective, rows)
    part = objective.matrix.block(select)
    h, eta = times(part, point.root, point.params)
    if objective.offset is not None:
        eta += objective.offset[select]
    event, non_event = likelihood.probabilities(eta)
    spread = event * non_event
    return part, h, weight * spread, non_event - event, spread


def _present(objective: LogitObjective, rows: slice) -> tuple[slice | IntArray, Array]:
    if objective.weight.ndim == 0:
        return rows, objective.weight
    weight = objective.weight[rows]
    if weight.all():
        return rows, weight
    present = np.flatnonzero(weight)
    return present + rows.start, weight[present]


def _log_det(inverse: InverseRoot, k: int) -> float:
    if inverse.rank < k:
        return -math.inf
    # |A^-1| = |H|^2 unit^k
    return float(-2.0 * np.linalg.slogdet(inverse.root)[1] - k * math.log(inverse.unit))
