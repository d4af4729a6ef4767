"""A concave function on an affine subspace of its parameters, and its maximum there."""

import math
from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array
from wlogit.core.factors import inverse_root
from wlogit.core.newton import maximize
from wlogit.core.objective import Derivatives, Objective

# Gains, in units of a log-likelihood of cases, from which a step is taken without looking back,
# and below which the quadratic tells what is left; and how many such steps to take.
_NEAR, _ENOUGH, _FEW = 0.3, 1e-10, 5
_MOST_STEPS = 200


class RestrictedObjective:
    """``f(origin + N z)`` as a function of z, for ``maximize``.

    Parameters
    ----------
    objective : Objective
        f.
    origin : ndarray, shape (k,)
    basis : ndarray, shape (k, r)
        N, of full rank.
    """

    __slots__ = ("_basis", "_objective", "_origin")

    def __init__(self, objective: Objective, origin: Array, basis: Array) -> None:
        self._objective, self._origin, self._basis = objective, origin, basis

    @property
    def n_params(self) -> int:
        """Number of free directions."""
        return int(self._basis.shape[1])

    @property
    def scale(self) -> float:
        """That of f."""
        return self._objective.scale

    @property
    def large(self) -> bool:
        """As f."""
        return self._objective.large

    def params(self, z: Array) -> Array:
        """The parameters of f."""
        result: Array = self._origin + self._basis @ z
        return result

    def value(self, z: Array) -> float:
        """f itself."""
        return self._objective.value(self.params(z))

    def derivatives(self, z: Array) -> Derivatives:
        """Value, gradient and information with respect to z."""
        there, basis = self._objective.derivatives(self.params(z)), self._basis
        square = basis.T @ there.information @ basis
        return Derivatives(
            there.value, basis.T @ there.gradient, square, there.current, there.farthest
        )

    def gradient(self, z: Array) -> Array:
        """The gradient alone."""
        return np.asarray(self._basis.T @ self._objective.gradient(self.params(z)))

    def triangular(self, z: Array, unit: float) -> Array:
        """R with ``R'R = unit * information``."""
        upper = self._objective.triangular(self.params(z), unit) @ self._basis
        return np.asarray(np.linalg.qr(upper, mode="r"))

    def reach(self, direction: Array) -> float:
        """Largest change of a linear predictor along ``direction``."""
        return self._objective.reach(self._basis @ direction)


@dataclass(frozen=True, slots=True, eq=False)
class RestrictedMaximum:
    """Where a function is largest on a subspace.

    Attributes
    ----------
    params : ndarray, shape (k,)
    value : float
        Minus infinity where the function is not defined.
    gradient : ndarray, shape (k,)
        Of the whole function, orthogonal to the subspace but for what a Newton step changes.
    information : ndarray, shape (k, k)
    reason : str
        "converged", or what went wrong; also where a supremum is approached, far out, within
        what a step there gains.
    """

    params: Array
    value: float
    gradient: Array
    information: Array
    reason: str


def restricted_maximum(
    objective: Objective, origin: Array, basis: Array, unit: float = 1.0
) -> RestrictedMaximum:
    """The maximum of a concave function over ``origin + N z``.

    Where Newton's step promises next to nothing, the value is what the step leads to, which saves
    looking there.

    Parameters
    ----------
    objective : Objective
    origin : ndarray, shape (k,)
        Near the maximum, if that is known.
    basis : ndarray, shape (k, r)
        N; best with ``N'AN`` near the identity.
    unit : float
        Brings values to those of a log-likelihood of cases.
    """
    params, binary = origin, math.ldexp(1.0, math.frexp(unit)[1])
    for _ in range(_FEW):
        there = objective.derivatives(params)
        inverse = inverse_root(basis.T @ there.information @ basis, binary)
        step = basis @ inverse.solve(basis.T @ there.gradient)
        gain = float(there.gradient @ step) * unit
        if inverse.rank < basis.shape[1] or not gain <= _NEAR:
            break
        if gain <= _ENOUGH:
            return _arrived(there, params + step, gain / unit)
        params = params + step
    restricted = RestrictedObjective(objective, origin, basis)
    optimum = maximize(restricted, np.zeros(basis.shape[1]), max_iter=_MOST_STEPS)
    params = restricted.params(optimum.params)
    reason = optimum.reason
    if reason == "diverging" and optimum.trace and optimum.trace[-1][1] * unit <= _ENOUGH:
        # Toward infinity, where the supremum is; every step gains a share of the one before.
        reason = "converged"
    return _arrived(objective.derivatives(params), params, 0.0, reason)


def _arrived(
    there: Derivatives, params: Array, gain: float, reason: str = "converged"
) -> RestrictedMaximum:
    value = there.value + 0.5 * gain
    return RestrictedMaximum(params, value, there.gradient, there.information, reason)
