"""Damped Newton for concave objectives."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from wlogit._typing import Array
from wlogit.core.factors import InverseRoot, inverse_root, inverse_root_of_triangular
from wlogit.core.objective import Derivatives, Objective

Reason = Literal["converged", "max_iter", "no_increase", "singular", "diverging"]

Verdict = Literal["step", "last step"] | Reason

# Mean variance inflation from which a step, and the final inverse, come from a QR factor, which
# loses only the root of it.
_QR_FOR_STEP = 1e5
_QR_FOR_INVERSE = 1e2
# Times the root of the tolerance: linear predictors that still move more are not settled.
_SETTLED = 10.0
# Changes of linear predictors that gain nothing any more: what rounding leaves of hard designs.
_HOVERING = 1e-3
# Changes of linear predictors that are lost in their rounding.
_NOTHING = 1e-13
# Share of the scale below which a step hardly changes the information of many rows, and the
# contraction of the decrement by which that proves true; share, and change of linear predictors,
# below which it does so of few.
_NEAR, CONTRACTED = 7e-4, 1e-2
_NEARER, _HARDLY = 1e-9, 1e-4
# Share of the scale that the decrement is to be where the information is computed anew; that up to
# which, and the changes of linear predictors up to which, it holds after the step from there.
PRECISE, _PRECISE_ENOUGH, _SAME = 2e-23, 1e-22, 1e-10
# Share of the slope at the start of a step that the slope at its end may fall below zero by.
_OVERSHOT = 0.1
_EPS = float(np.finfo(np.float64).eps)
# Share of the value that a step may seem to lose to rounding at most.
_LARGEST_SLACK = 1e-6
# No linear predictor need move further in one step.
_LONGEST = 100.0
# Linear predictors beyond _FAR that move by _RUNNING for gains below this share never stop.
_FUTILE, _FAR, _RUNNING = 1e-20, 30.0, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """Where an optimization ended; parameters in the objective's coordinates.

    Attributes
    ----------
    bread : ndarray, shape (k, k)
        Inverse information, from a QR factor where the condition number asks for it.
    root : ndarray, shape (k, k)
        H with ``H H' = bread``, which holds twice its digits.
    condition : float
        Condition number of the information after scaling its diagonal, within a factor k^2.
    iterations : int
        Newton steps taken.
    reason : str
        Why it stopped: "converged", or what went wrong.
    trace : tuple of (float, float)
        Value and Newton decrement ``U'A^-1 U`` before every step.
    farthest : float
        Bound of the linear predictors, infinite where it is not known.
    """

    params: Array
    value: float
    gradient: Array
    information: Array
    bread: Array
    root: Array
    condition: float
    iterations: int
    converged: bool
    reason: Reason
    trace: tuple[tuple[float, float], ...]
    farthest: float


def maximize(
    objective: Objective,
    start: Array,
    *,
    tol: float = 1e-14,
    max_iter: int = 50,
    callback: Callable[[Array], object] | None = None,
) -> Optimum:
    """Maximize a concave objective by Newton steps, halved until the value rises.

    Stops when ``U'A^-1 U <= tol * objective.scale`` and no linear predictor moves any more,
    and takes that last step: a rule without units, for rare events and any scale of weights. Near
    the optimum, steps share an information matrix. The one that is returned is
    that of the last point but for a step too short to change it.
    """
    params = np.array(start, dtype=np.float64)
    point = objective.derivatives(params)
    inverse: InverseRoot | None = None
    trace: list[tuple[float, float]] = []
    verdict: Verdict = "step"
    while verdict == "step" and len(trace) < max_iter:
        if inverse is None:
            inverse = inverse_for_step(objective, params, point)
        step = inverse.solve(point.gradient)
        decrement = float(point.gradient @ step)
        if inverse.rank < objective.n_params or not np.isfinite(decrement):
            verdict = "singular"
            break
        moved = None
        if point.current or decrement < CONTRACTED * trace[-1][1]:
            plan = _plan(objective, point, step, decrement, trace, tol)
            verdict = plan.verdict
            moved = _moved(objective, params, point, inverse, step, decrement, plan)
        if moved is None and not point.current:
            point, inverse = objective.derivatives(params), None
            continue
        if moved is None:
            verdict = "no_increase" if "step" in verdict else verdict
            break
        trace.append((point.value, decrement))
        params, point = moved
        if point.current:
            inverse = None
        if callback is not None:
            callback(params)
    if not point.current:
        point, inverse = objective.derivatives(params), None
    reason = _reason(objective, params, verdict, trace)
    return _optimum(objective, params, point, inverse, reason, trace)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to do with a step; whether the information serves once more; how far the step moves."""

    verdict: Verdict
    reuse: bool = False
    change: float = math.inf


def _plan(
    objective: Objective,
    point: Derivatives,
    step: Array,
    decrement: float,
    trace: list[tuple[float, float]],
    tol: float,
) -> _Plan:
    scale = objective.scale
    if not point.current:
        expected = decrement * (decrement / trace[-1][1])
        return _Plan("step", reuse=expected > PRECISE * scale)
    stalled = bool(trace) and _at_rounding(point, decrement) and decrement > trace[-1][1] / 4
    if decrement > tol * scale and not stalled:
        near = _near(objective, point, step, decrement)
        return _Plan("step", reuse=near)
    change = _change(objective, point, step, tol)
    verdict = _verdict(objective, decrement, change, tol, stalled=stalled)
    return _Plan(verdict, change=change)


def _moved(
    objective: Objective,
    params: Array,
    point: Derivatives,
    inverse: InverseRoot,
    step: Array,
    decrement: float,
    plan: _Plan,
) -> tuple[Array, Derivatives] | None:
    """Where the plan leads; None where no step is to be taken, or none helps."""
    if plan.verdict == "last step" and _holds(objective, decrement, plan.change):
        return params + step, _shifted(point, step)
    if "step" not in plan.verdict:
        return None
    if plan.reuse or not point.current:
        there = _chord(objective, params + step, point, step, reuse=plan.reuse)
        if there is not None or not point.current:
            return None if there is None else (params + step, there)
    slack = _slack(params, point, inverse, decrement)
    return _advance(objective, params, point, step, slack)


def _holds(objective: Objective, decrement: float, change: float) -> bool:
    """Whether the information of many rows is not worth computing again after a short step."""
    precise = decrement <= _PRECISE_ENOUGH * objective.scale
    return objective.large and precise and change <= _SAME


def _shifted(point: Derivatives, step: Array) -> Derivatives:
    """Derivatives after a step too short to change the information."""
    return replace(point, gradient=point.gradient - point.information @ step)


def _near(objective: Objective, point: Derivatives, step: Array, decrement: float) -> bool:
    """Whether the information will hardly change by a step."""
    if objective.large:
        return decrement <= _NEAR * objective.scale
    if point.extent is None or decrement > _NEARER * objective.scale:
        return False
    return float(np.abs(step) @ point.extent) <= _HARDLY


def _change(objective: Objective, point: Derivatives, step: Array, tol: float) -> float:
    """Largest change of a linear predictor by a step; of many rows, a bound if that will do."""
    if point.extent is not None and objective.large:
        bound = float(np.abs(step) @ point.extent)
        if bound <= min(_SAME, _SETTLED * math.sqrt(tol)):
            return bound
    return objective.reach(step)


def _verdict(
    objective: Objective, decrement: float, change: float, tol: float, *, stalled: bool
) -> Verdict:
    """Whether a Newton step of small decrement is the last."""
    if change <= (_HOVERING if stalled else _SETTLED * math.sqrt(tol)):
        return "converged" if change <= _NOTHING else "last step"
    if change >= _RUNNING and decrement <= _FUTILE * objective.scale:
        return "diverging"
    return "step"


def _reason(
    objective: Objective, params: Array, verdict: Verdict, trace: list[tuple[float, float]]
) -> Reason:
    """Why the iterations ended, given the last verdict."""
    if verdict == "last step":
        return "converged"
    if verdict == "step":
        # Decrements that shrink by a factor e, not quadratically, belong to an infinite optimum.
        slow = len(trace) > 1 and trace[-1][1] > 0.2 * trace[-2][1]
        return "diverging" if slow and objective.reach(params) > _FAR else "max_iter"
    if verdict == "singular" and objective.reach(params) > _FAR:
        return "diverging"
    return verdict


def _optimum(
    objective: Objective,
    params: Array,
    point: Derivatives,
    inverse: InverseRoot | None,
    reason: Reason,
    trace: list[tuple[float, float]],
) -> Optimum:
    inverse = _inverse(objective, params, point, _QR_FOR_INVERSE, inverse)
    return Optimum(
        params=params,
        value=point.value,
        gradient=point.gradient,
        information=point.information,
        bread=inverse.inverse,
        root=inverse.root * math.sqrt(inverse.unit),
        condition=inverse.condition,
        iterations=len(trace),
        converged=reason == "converged",
        reason=reason,
        trace=tuple(trace),
        farthest=point.farthest,
    )


def inverse_for_step(objective: Objective, params: Array, point: Derivatives) -> InverseRoot:
    """The inverse information, to the digits that a step needs."""
    return _inverse(objective, params, point, _QR_FOR_STEP)


def _inverse(
    objective: Objective,
    params: Array,
    point: Derivatives,
    qr_beyond: float,
    inverse: InverseRoot | None = None,
) -> InverseRoot:
    # The scale carries every power of two of the weights; divided out, no digit depends on it.
    unit = math.ldexp(1.0, -math.frexp(objective.scale)[1])
    if inverse is None:
        inverse = inverse_root(point.information, unit)
    if inverse.condition <= qr_beyond * objective.n_params**2:
        return inverse
    return inverse_root_of_triangular(objective.triangular(params, unit), unit)


def _advance(
    objective: Objective, params: Array, point: Derivatives, step: Array, slack: float
) -> tuple[Array, Derivatives] | None:
    """The first of steps of length 1, 1/2, 1/4, ... that raises the value, or None.

    The first may lower it by ``slack``. After a failure, lengths that would still move some linear
    predictor absurdly are left out.
    """
    moved = params + step
    there = objective.derivatives(moved)
    if there.value >= point.value - slack:
        return moved, there
    reach = objective.reach(step)
    if reach == 0.0:
        return None
    length = min(0.5, _LONGEST / reach)
    for halvings in range(40):
        if (shortened := length * 0.5**halvings) * reach <= _NOTHING:
            return None
        moved = params + step * shortened
        if objective.value(moved) >= point.value:
            return moved, objective.derivatives(moved)
    return None


def _chord(
    objective: Objective, moved: Array, point: Derivatives, step: Array, *, reuse: bool
) -> Derivatives | None:
    """The derivatives after a short step, None where it overshoots.

    Of the information that serves once more, the gradient is all that is asked for: the slopes
    along the step, at its start and at its end, say how much the value rose.
    """
    there = None if reuse else objective.derivatives(moved)
    gradient = objective.gradient(moved) if there is None else there.gradient
    first, last = float(point.gradient @ step), float(gradient @ step)
    if not last >= -_OVERSHOT * first:
        return None
    if there is not None:
        return there
    value = point.value + 0.5 * (first + last)
    return replace(point, value=value, gradient=gradient, current=False, farthest=math.inf)


def _slack(params: Array, point: Derivatives, inverse: InverseRoot, decrement: float) -> float:
    """By how much the value may seem to fall where rounding exceeds the gain that a step promises.

    Coefficients of nearly collinear columns are large and cancel in the linear predictor, whose
    rounding grows with them and with the root of the condition number.
    """
    if decrement > _LARGEST_SLACK * abs(point.value):
        return 0.0
    share = min(max(1e-12, _EPS * math.sqrt(inverse.condition)), 1e-9)
    if point.extent is not None:
        share = max(share, _EPS * float(np.abs(params) @ point.extent))
    share = min(share, _LARGEST_SLACK)
    return 0.1 * share * abs(point.value) if decrement <= share * abs(point.value) else 0.0


def _at_rounding(point: Derivatives, decrement: float) -> bool:
    """Whether the gain that a step promises is lost in the rounding of the value."""
    return decrement <= 1e-12 * abs(point.value)
