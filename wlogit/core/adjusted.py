"""The root of adjusted score equations: quasi-Newton steps, accelerated, that never lose value."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize

from wlogit._typing import Array
from wlogit.core.factors import inverse_root
from wlogit.core.jeffreys import Equations, JeffreysPoint

Reason = Literal["converged", "max_iter", "no_increase", "singular"]

# Steps remembered for the acceleration.
_MEMORY = 6
# No linear predictor need move further in one step than this, or than it is from zero.
_LONGEST = 10.0
# Steps that rounding keeps from shrinking are the last below this change of linear predictors, as
# a share of the largest.
_HOVERING = 1e-6
_HALVINGS = 40
_FEW_HALVINGS = 8
# How much longer than the plain step an accelerated one may be.
_STRETCH = 8.0
# Decrements that shrink by no more than this factor, that many times, ask for Newton steps.
_SLOW, _PATIENCE = 0.2, 3
# Change of linear predictors over which the score is differenced.
_WIDTH = 1e-6
# Decrement that is rounding.
_SPECK = 1e-20
# Score where there is none.
_HUGE = 1e3


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
    the penalised likelihood rises, if there is one.
    Where that is slow, as it can be under separation, differences find the derivative itself.
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
    reach = equations.objective.reach
    reason: Reason = "max_iter"
    history: list[_State] = []
    slow = iterations = 0
    while True:
        if not math.isfinite(state.decrement):
            reason = "singular"
            break
        previous = history[-1].decrement if history else math.inf
        slow = slow + 1 if state.decrement > _SLOW * previous else 0
        change, size = reach(state.step), reach(state.point.params)
        unit = max(1.0, size)
        stalled = state.decrement > 0.25 * previous and change <= _HOVERING * unit
        last = stalled or change <= tol * unit
        if iterations >= max_iter and not last:
            break
        if last:
            moved = _plain_move(equations, state, basis, 1.0)
        else:
            share = min(1.0, max(_LONGEST, size) / change)
            moved = _move(equations, state, history, basis, share, slow=slow >= _PATIENCE)
        if moved is None:
            reason = "converged" if last else "no_increase"
            break
        iterations += 1
        history = [*history, state][-_MEMORY:]
        state = moved
        if callback is not None:
            callback(state.point.params)
        if last:
            reason = "converged"
            break
    return Root(state.point, state.score, iterations, reason == "converged", reason)


def least_squares_start(equations: Equations, start: Array) -> Array:
    """Where the size of the score is least, from ``start``, by Levenberg and Marquardt's steps.

    For equations that no likelihood has: plain steps may lead away from their root.
    """
    axes = JeffreysPoint.at(equations.objective, start).root

    def score(distance: Array) -> Array:
        point = JeffreysPoint.at(equations.objective, start + axes @ distance)
        if not math.isfinite(point.log_det):
            return np.full(len(distance), _HUGE)
        return np.asarray(axes.T @ equations.adjusted(point).score)

    found = optimize.root(score, np.zeros(axes.shape[1]), method="lm")
    result: Array = start + axes @ found.x
    return result


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


def _move(
    equations: Equations,
    state: _State,
    history: list[_State],
    basis: Array | None,
    share: float,
    *,
    slow: bool,
) -> _State | None:
    """The state after the first kind of step that is no loss, or None."""
    if slow:
        moved = _newton_move(equations, state, basis)
    else:
        moved = _accelerated_move(equations, state, history, basis)
    moved = moved or _plain_move(equations, state, basis, share)
    return moved or (None if slow else _newton_move(equations, state, basis))


def _plain_move(
    equations: Equations, state: _State, basis: Array | None, share: float
) -> _State | None:
    """The state after the longest of a share of the step, half of it, ... that is no loss."""
    for halving in range(_HALVINGS):
        # A root that is no maximum may lie beyond points with a larger score.
        moved = _tried(equations, state, state.step * (share * 0.5**halving), basis, free=True)
        if moved is not None:
            return moved
    return None


def _accelerated_move(
    equations: Equations, state: _State, history: list[_State], basis: Array | None
) -> _State | None:
    """The state after the step to where the steps seen so far predict none, if that is near."""
    if not history:
        return None
    step, reach = _accelerated(state, history), equations.objective.reach
    if reach(step) > max(_STRETCH * reach(state.step), _LONGEST):
        return None
    return _tried(equations, state, step, basis)


def _newton_move(equations: Equations, state: _State, basis: Array | None) -> _State | None:
    """The state after a step by the derivative of the score, which differences find."""
    params, score = state.point.params, state.score
    axes = state.point.root if basis is None else basis
    slopes = np.empty((axes.shape[1], axes.shape[1]))
    for j, axis in enumerate(axes.T):
        width = _WIDTH / max(equations.objective.reach(axis), _WIDTH)
        there = JeffreysPoint.at(equations.objective, params + width * axis)
        if not math.isfinite(there.log_det):
            return None
        change = equations.adjusted(there).score - score
        slopes[:, j] = axes.T @ (change / width)
    try:
        step = -axes @ np.linalg.solve(slopes, axes.T @ score)
    except np.linalg.LinAlgError:
        return None
    size = equations.objective.reach(step)
    if not math.isfinite(size) or (equations.is_gradient and step @ score <= 0.0):
        return None
    longest = max(_LONGEST, equations.objective.reach(params))
    newton = _State(state.point, score, step, state.decrement)
    for halving in range(_FEW_HALVINGS):
        share = min(1.0, longest / size) * 0.5**halving
        moved = _tried(equations, newton, step * share, basis)
        if moved is not None:
            return moved
    return None


def _tried(
    equations: Equations, state: _State, step: Array, basis: Array | None, *, free: bool = False
) -> _State | None:
    """The state after a step, or None if that is worse; a free step may raise the score."""
    point = JeffreysPoint.at(equations.objective, state.point.params + step)
    if equations.is_gradient:
        slack = 1e-13 * (abs(state.point.loglike) + abs(state.point.log_det) + 1.0)
        return _state(equations, point, basis) if point.value >= state.point.value - slack else None
    moved = _state(equations, point, basis)
    enough = math.isfinite(moved.decrement) if free else moved.decrement <= state.decrement
    return moved if enough or moved.decrement <= _SPECK else None


def _accelerated(state: _State, history: list[_State]) -> Array:
    """The step to where the linear change of the steps seen so far predicts a step of zero."""
    states = [*history, state]
    moves = np.diff([each.point.params for each in states], axis=0)
    changes = np.diff([each.step for each in states], axis=0)
    # Differences in units of their own: they shrink by orders of magnitude.
    size = np.linalg.norm(changes, axis=1)
    size[size == 0.0] = 1.0
    weights = np.linalg.lstsq((changes / size[:, None]).T, state.step, rcond=1e-12)[0] / size
    result: Array = state.step - weights @ (moves + changes)
    return result
