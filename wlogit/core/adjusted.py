"""The root of adjusted score equations: quasi-Newton steps, accelerated, that never lose value."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlogit._typing import Array
from wlogit.core.factors import inverse_root
from wlogit.core.jeffreys import Equations, JeffreysPoint

Reason = Literal["converged", "max_iter", "no_increase", "singular"]

# Steps remembered for the acceleration.
_MEMORY = 6
# No linear predictor need move further in one step than this, or than it is from zero.
_LONGEST = 10.0
# Steps that rounding keeps from shrinking are the last below this change of linear predictors.
_HOVERING = 1e-6
_HALVINGS = 40
# How much longer than the plain step an accelerated one may be.
_STRETCH = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """Where the equations vanish; parameters in the objective's coordinates.

    Attributes
    ----------
    point : JeffreysPoint
        Log-likelihood, information and its root there.
    score : ndarray, shape (k,)
        The adjusted score, zero but for rounding (in the free directions).
    iterations : int
    reason : str
        "converged", or what went wrong.
    """

    point: JeffreysPoint
    score: Array
    iterations: int
    converged: bool
    reason: Reason


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """A point with its step towards the root, and the decrement ``U*' step``."""

    point: JeffreysPoint
    score: Array
    step: Array
    decrement: float


def solve(
    equations: Equations,
    start: Array,
    *,
    basis: Array | None = None,
    tol: float = 1e-10,
    max_iter: int = 100,
    callback: Callable[[Array], object] | None = None,
) -> Root:
    """Solve ``U*(b) = 0``, or ``N' U*(start + N z) = 0``.

    Each step is a Newton step with the information of data and prior in place of the second
    derivative, improved by the differences between earlier steps (Anderson 1965), and halved until
    the penalised likelihood rises; for equations without one, until the size of the score falls.
    Stops when no linear predictor moves by more than ``tol``, and takes that last step: a rule
    without units.

    Parameters
    ----------
    equations : Equations
    start : ndarray, shape (k,)
        Where the information is regular.
    basis : ndarray, shape (k, q), optional
        N, the free directions; all by default.
    tol : float
    max_iter : int
    callback : callable, optional
        Called with the parameters after each step.

    References
    ----------
    Anderson (1965), Journal of the ACM 12, 547-560.
    """
    state = _evaluate(equations, np.array(start, dtype=np.float64), basis)
    reason: Reason = "max_iter"
    history: list[tuple[Array, Array]] = []
    previous = math.inf
    iterations = 0
    while True:
        if not math.isfinite(state.decrement):
            reason = "singular"
            break
        change = equations.objective.reach(state.step)
        stalled = state.decrement > 0.25 * previous and change <= _HOVERING
        size = equations.objective.reach(state.point.params)
        last = stalled or change <= tol * max(1.0, size)
        if iterations >= max_iter and not last:
            break
        share = 1.0 if last else min(1.0, max(_LONGEST, size) / change)
        moved = _advance(equations, state, [] if last else history, basis, share)
        if moved is None:
            reason = "converged" if last else "no_increase"
            break
        iterations += 1
        history = [*history, (state.point.params, state.step)][-_MEMORY:]
        previous, state = state.decrement, moved
        if callback is not None:
            callback(state.point.params)
        if last:
            reason = "converged"
            break
    return Root(state.point, state.score, iterations, reason == "converged", reason)


def _evaluate(equations: Equations, params: Array, basis: Array | None) -> _State:
    return _state(equations, JeffreysPoint.at(equations.objective, params), basis)


def _state(equations: Equations, point: JeffreysPoint, basis: Array | None) -> _State:
    if not math.isfinite(point.log_det):
        zero = np.zeros_like(point.params)
        return _State(point, zero, zero, math.inf)
    there = equations.adjusted(point)
    score, metric = there.score, there.metric
    if basis is None:
        step = inverse_root(metric).solve(score)
    else:
        step = basis @ inverse_root(basis.T @ metric @ basis).solve(basis.T @ score)
    return _State(point, score, step, float(score @ step))


def _advance(
    equations: Equations,
    state: _State,
    history: list[tuple[Array, Array]],
    basis: Array | None,
    share: float,
) -> _State | None:
    """The state after the accelerated step, or after a share of the plain one that is no loss."""
    if history:
        step = _accelerated(state, history)
        reach = equations.objective.reach
        if share == 1.0 and reach(step) <= _STRETCH * reach(state.step):
            moved = _tried(equations, state, step, basis)
            if moved is not None:
                return moved
    for halving in range(_HALVINGS):
        moved = _tried(equations, state, state.step * (share * 0.5**halving), basis)
        if moved is not None:
            return moved
    return None


def _tried(equations: Equations, state: _State, step: Array, basis: Array | None) -> _State | None:
    """The state after a step, or None if that is worse."""
    point = JeffreysPoint.at(equations.objective, state.point.params + step)
    if equations.is_gradient:
        slack = 1e-13 * (abs(state.point.loglike) + abs(state.point.log_det) + 1.0)
        return _state(equations, point, basis) if point.value >= state.point.value - slack else None
    moved = _state(equations, point, basis)
    return moved if moved.decrement <= max(state.decrement, 1e-20) else None


def _accelerated(state: _State, history: list[tuple[Array, Array]]) -> Array:
    """The step to where the linear change of the steps seen so far predicts a step of zero."""
    params, steps = zip(*history, (state.point.params, state.step), strict=True)
    moves, changes = np.diff(params, axis=0), np.diff(steps, axis=0)
    # Differences in units of the largest: they shrink by orders of magnitude.
    size = np.linalg.norm(changes, axis=1)
    size[size == 0.0] = 1.0
    weights = np.linalg.lstsq((changes / size[:, None]).T, state.step, rcond=1e-12)[0] / size
    result: Array = state.step - weights @ (moves + changes)
    return result
