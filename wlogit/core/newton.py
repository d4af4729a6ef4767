"""Damped Newton for concave objectives, and where to start it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from wlogit._typing import Array
from wlogit.core.factors import InverseRoot, inverse_root, inverse_root_of_triangular
from wlogit.core.objective import Derivatives, LogitObjective, Objective

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
# Share of the scale that a step from a sample's fit to the fit of all rows may promise.
_SHORT = 0.1
# A sample is an eighth of the rows, and half of that for so many columns, if it has so many events
# and non-events for each coefficient; a smaller sample to start from needs fewer.
_STEP, _MANY, _EVENTS, _FEW_EVENTS = 8, 50, 10.0, 5.0
# Share of the scale below which a step hardly changes the information, and the contraction of the
# decrement by which that proves true.
_NEAR, _CONTRACTED = 7e-4, 1e-2
# Share of the scale that the decrement is to be where the information is computed anew; that up to
# which, and the changes of linear predictors up to which, it holds after the step from there.
_PRECISE, _PRECISE_ENOUGH, _SAME = 2e-23, 1e-22, 1e-9
# Share of the slope at the start of a step that the slope at its end may fall below zero by.
_OVERSHOT = 0.1
_EPS = float(np.finfo(np.float64).eps)
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
    the optimum of a large problem, steps share an information matrix. The one that is returned is
    that of the last point but for a step too short to change it.
    """
    params = np.array(start, dtype=np.float64)
    point = objective.derivatives(params)
    inverse = _inverse(objective, params, point, _QR_FOR_STEP)
    trace: list[tuple[float, float]] = []
    verdict: Verdict = "step"
    while verdict == "step" and len(trace) < max_iter:
        step = inverse.solve(point.gradient)
        decrement = float(point.gradient @ step)
        if inverse.rank < objective.n_params or not np.isfinite(decrement):
            verdict = "singular"
            break
        moved = None
        if point.current or decrement < _CONTRACTED * trace[-1][1]:
            plan = _plan(objective, point, step, decrement, trace, tol)
            verdict = plan.verdict
            moved = _moved(objective, params, point, inverse, step, decrement, plan)
        if moved is None and not point.current:
            point = objective.derivatives(params)
            inverse = _inverse(objective, params, point, _QR_FOR_STEP)
            continue
        if moved is None:
            verdict = "no_increase" if "step" in verdict else verdict
            break
        trace.append((point.value, decrement))
        params, point = moved
        if point.current:
            inverse = _inverse(objective, params, point, _QR_FOR_STEP)
        if callback is not None:
            callback(params)
    if not point.current:
        point = objective.derivatives(params)
    reason = _reason(objective, params, verdict, trace)
    return _optimum(objective, params, point, reason, trace)


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
        return _Plan("step", reuse=expected > _PRECISE * scale)
    stalled = bool(trace) and _at_rounding(point, decrement) and decrement > trace[-1][1] / 4
    if decrement > tol * scale and not stalled:
        return _Plan("step", reuse=objective.large and decrement <= _NEAR * scale)
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
        there = _near(objective, params + step, point, step, reuse=plan.reuse)
        if there is not None or not point.current:
            return None if there is None else (params + step, there)
    slack = _slack(point, inverse, decrement)
    return _advance(objective, params, point, step, slack)


def _holds(objective: Objective, decrement: float, change: float) -> bool:
    """Whether the information of many rows is not worth computing again after a short step."""
    precise = decrement <= _PRECISE_ENOUGH * objective.scale
    return objective.large and precise and change <= _SAME


def _shifted(point: Derivatives, step: Array) -> Derivatives:
    """Derivatives after a step too short to change the information."""
    return replace(point, gradient=point.gradient - point.information @ step)


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
    reason: Reason,
    trace: list[tuple[float, float]],
) -> Optimum:
    inverse = _inverse(objective, params, point, _QR_FOR_INVERSE)
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


def start_values(objective: LogitObjective) -> Array:
    """Zeros; the constant at the logit of a small or large share; for many rows, a sample's fit.

    A sample's fit is improved by a step on all rows with the sample's information, which costs a
    gradient only and leaves no larger error than a full Newton step would. Where that step is
    long, the sample does not speak for the other rows, and is not used.
    """
    if not objective.large:
        return _trusted(objective, _constant_start(objective))
    every = _STEP if objective.n_params < _MANY else 2 * _STEP
    sample = objective.on_runs(every)
    start = _trusted(sample, _constant_start(objective))
    if not _speaks(sample, objective, _EVENTS):
        return start
    found = _rough_fit(sample, objective, objective.sampled(2 * _STEP * every, size=64), start)
    if found is None:
        return start
    params, bread = found
    gradient = objective.gradient(params)
    step = (sample.total_weight / objective.total_weight) * (bread @ gradient)
    representative = gradient @ step <= _SHORT * objective.scale
    return params + step if representative else start


def _speaks(sample: LogitObjective, objective: LogitObjective, events: float) -> bool:
    """Whether a sample has events enough for each coefficient, and non-events."""
    mean_weight = objective.total_weight / objective.matrix.shape[0]
    return sample.scale >= events * objective.n_params * mean_weight


def _rough_fit(
    sample: LogitObjective, objective: LogitObjective, few: LogitObjective, start: Array
) -> tuple[Array, Array] | None:
    """About the fit of a sample, and its inverse information; None where it has none.

    A smaller sample leaves two steps to do.
    """
    if _speaks(few, objective, _FEW_EVENTS):
        first = maximize(few, start, tol=1e-4, max_iter=12)
        found = _two_steps(sample, first.params) if first.converged else None
        if found is not None:
            return found
    optimum = maximize(sample, start, tol=1e-4, max_iter=12)
    return (optimum.params, optimum.bread) if optimum.converged else None


def _two_steps(sample: LogitObjective, params: Array) -> tuple[Array, Array] | None:
    """Two Newton steps and the inverse information at the second, if they lead to the optimum."""
    limit = sample.scale
    for _ in range(2):
        point = sample.derivatives(params)
        inverse = _inverse(sample, params, point, _QR_FOR_STEP)
        step = inverse.solve(point.gradient)
        decrement = float(point.gradient @ step)
        if inverse.rank < sample.n_params or not decrement <= limit:
            return None
        params, limit = params + step, _CONTRACTED * limit
    return params, inverse.inverse


def _trusted(objective: LogitObjective, start: Array) -> Array:
    """The start, or zeros where a Newton step from it would promise more than there is to gain."""
    if not start.any():
        return start
    point = objective.derivatives(start)
    step = _inverse(objective, start, point, _QR_FOR_STEP).solve(point.gradient)
    return start if point.gradient @ step <= abs(point.value) else np.zeros_like(start)


def _constant_start(objective: LogitObjective) -> Array:
    start = np.zeros(objective.n_params)
    constant = objective.matrix.constant
    share = objective.event_weight / objective.total_weight
    if constant is None or objective.scale <= 0.0:
        return start
    offset = 0.0 if objective.offset is None else float(np.median(objective.offset))
    logit = 0.0
    if not 0.1 <= share <= 0.9:
        logit = math.log(objective.event_weight / (objective.total_weight - objective.event_weight))
    start[constant] = (logit - offset) / objective.matrix.block(slice(0, 1))[0, constant]
    return start


def _inverse(
    objective: Objective, params: Array, point: Derivatives, qr_beyond: float
) -> InverseRoot:
    # The scale carries every power of two of the weights; divided out, no digit depends on it.
    unit = math.ldexp(1.0, -math.frexp(objective.scale)[1])
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
    length = min(0.5, _LONGEST / objective.reach(step))
    for halvings in range(40):
        moved = params + step * (length * 0.5**halvings)
        if objective.value(moved) >= point.value:
            return moved, objective.derivatives(moved)
    return None


def _near(
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


def _slack(point: Derivatives, inverse: InverseRoot, decrement: float) -> float:
    """By how much the value may seem to fall where rounding exceeds the gain that a step promises.

    Coefficients of nearly collinear columns are large and cancel in the linear predictor, whose
    rounding grows with the root of the condition number.
    """
    share = min(max(1e-12, _EPS * math.sqrt(inverse.condition)), 1e-9)
    return 0.1 * share * abs(point.value) if decrement <= share * abs(point.value) else 0.0


def _at_rounding(point: Derivatives, decrement: float) -> bool:
    """Whether the gain that a step promises is lost in the rounding of the value."""
    return decrement <= 1e-12 * abs(point.value)
