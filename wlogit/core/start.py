"""Where to start Newton's method for a logit."""

import math

import numpy as np

from wlogit._typing import Array
from wlogit.core.newton import CONTRACTED, PRECISE, inverse_for_step, maximize
from wlogit.core.objective import LogitObjective

# Smallest share of an outcome for which zeros are about as good a start as its logit, and for
# which no step from its logit promises too much.
_EVEN, _USUAL = 0.25, 0.05
# Share of the scale that a step from a sample's fit to the fit of all rows may promise.
_SHORT = 0.1
# A sample is an eighth of the rows, if it has so many events and non-events for each coefficient;
# a smaller sample to start from, of no less than so many rows, needs fewer.
_STEP, _EVENTS, _FEW_EVENTS, _ROWS, _RUN = 8, 10.0, 4.0, 8192, 64
# Steps with a sample's information that cost less than to compute that of all rows once more.
_STEPS, _STEPS_PER_COLUMN = 5.5, 0.05


def start_values(objective: LogitObjective) -> Array:
    """Zeros; the constant at the logit of a small or large share; for many rows, a sample's fit.

    A sample's fit is improved by steps on all rows with the sample's information, which cost a
    gradient each, if few of them will do. Where the first of them is long, the sample does not
    speak for the other rows, and is not used.
    """
    if not objective.large:
        return _trusted(objective, _constant_start(objective))
    sample = objective.on_runs(_STEP)
    start = _trusted(sample, _constant_start(objective))
    if not _speaks(sample, objective, _EVENTS):
        return start
    found = _rough_fit(sample, objective, start)
    if found is None:
        return start
    params, bread = found
    inverse = (sample.total_weight / objective.total_weight) * bread
    return _improved(objective, params, inverse, start)


def _improved(objective: LogitObjective, params: Array, inverse: Array, start: Array) -> Array:
    """Coefficients near the optimum from steps with about the inverse information.

    Each step is followed by a symmetric secant update of the inverse (BFGS; Nocedal and Wright,
    Numerical Optimization, 2nd ed., equation 6.17).

    Parameters
    ----------
    objective : LogitObjective
    params : ndarray, shape (k,)
    inverse : ndarray, shape (k, k)
    start : ndarray, shape (k,)
        The answer where the first step is long.
    """
    gradient, last = objective.gradient(params), math.inf
    while True:
        step = inverse @ gradient
        decrement = float(gradient @ step)
        if math.isinf(last) and not decrement <= _SHORT * objective.scale:
            return start
        if not 0.0 < decrement < last:
            return params
        params = params + step
        if math.isfinite(last):
            steps = math.log(PRECISE * objective.scale / decrement) / math.log(decrement / last)
            if not 1.0 < steps <= _STEPS + _STEPS_PER_COLUMN * objective.n_params:
                return params
        moved = objective.gradient(params)
        inverse = _updated(inverse, step, gradient - moved)
        gradient, last = moved, decrement


def _updated(inverse: Array, step: Array, change: Array) -> Array:
    """The inverse that takes the change of the gradient to the step that brought it."""
    slope = float(step @ change)
    if not slope > 0.0:
        return inverse
    turned = inverse @ change
    mixed = np.outer(step, turned) / slope
    length = (1.0 + float(change @ turned) / slope) / slope
    return np.asarray(inverse - mixed - mixed.T + length * np.outer(step, step))


def _speaks(sample: LogitObjective, objective: LogitObjective, events: float) -> bool:
    """Whether a sample has events enough for each coefficient, and non-events."""
    mean_weight = objective.total_weight / objective.matrix.shape[0]
    return sample.scale >= events * objective.n_params * mean_weight


def _rough_fit(
    sample: LogitObjective, objective: LogitObjective, start: Array
) -> tuple[Array, Array] | None:
    """About the fit of a sample, and its inverse information; None where it has none.

    A smaller sample leaves two steps to do.
    """
    rows = max(_ROWS, 1.4 * _FEW_EVENTS * objective.n_params / _share(objective))
    few = objective.sampled(max(int(objective.n_rows / rows), 1), _RUN)
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
        inverse = inverse_for_step(sample, params, point)
        step = inverse.solve(point.gradient)
        decrement = float(point.gradient @ step)
        if inverse.rank < sample.n_params or not decrement <= limit:
            return None
        params, limit = params + step, CONTRACTED * limit
    return params, inverse.inverse


def _trusted(objective: LogitObjective, start: Array) -> Array:
    """The start, or zeros where a Newton step from it would promise more than there is to gain."""
    if not start.any() or (objective.offset is None and _share(objective) > _USUAL):
        return start
    point = objective.derivatives(start)
    step = inverse_for_step(objective, start, point).solve(point.gradient)
    return start if point.gradient @ step <= abs(point.value) else np.zeros_like(start)


def _share(objective: LogitObjective) -> float:
    """Share of the rarer outcome in the weights."""
    return objective.scale / objective.total_weight


def _constant_start(objective: LogitObjective) -> Array:
    start = np.zeros(objective.n_params)
    constant = objective.matrix.constant
    if constant is None or objective.scale <= 0.0:
        return start
    offset = 0.0 if objective.offset is None else float(np.median(objective.offset))
    logit = 0.0
    if _share(objective) < _EVEN:
        logit = math.log(objective.event_weight / (objective.total_weight - objective.event_weight))
    start[constant] = (logit - offset) / objective.matrix.block(slice(0, 1))[0, constant]
    return start
