"""Where to start Newton's method for a logit."""

import math

import numpy as np

from wlogit._typing import Array
from wlogit.core.newton import CONTRACTED, inverse_for_step, maximize
from wlogit.core.objective import LogitObjective

# Share of the scale that a step from a sample's fit to the fit of all rows may promise.
_SHORT = 0.1
# A sample is an eighth of the rows, and half of that for so many columns, if it has so many events
# and non-events for each coefficient; a smaller sample to start from needs fewer.
_STEP, _MANY, _EVENTS, _FEW_EVENTS = 8, 50, 10.0, 5.0


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
        inverse = inverse_for_step(sample, params, point)
        step = inverse.solve(point.gradient)
        decrement = float(point.gradient @ step)
        if inverse.rank < sample.n_params or not decrement <= limit:
            return None
        params, limit = params + step, CONTRACTED * limit
    return params, inverse.inverse


def _trusted(objective: LogitObjective, start: Array) -> Array:
    """The start, or zeros where a Newton step from it would promise more than there is to gain."""
    if not start.any():
        return start
    point = objective.derivatives(start)
    step = inverse_for_step(objective, start, point).solve(point.gradient)
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
