"""Bias-reduced estimates under the weights of a replicate."""

from copy import copy
from dataclasses import replace
from typing import Any

from wlogit._typing import Array
from wlogit.bias_reduced.fit import BiasReduction, Options, fit_bias_reduced
from wlogit.bias_reduced.plan import constant_shift
from wlogit.covariance.hard_replicates import NOT_CONVERGED, SEPARATED
from wlogit.covariance.replicates import Refit
from wlogit.errors import SeparationError
from wlogit.fitting import Fit
from wlogit.weights.weights import Weights

# As of ``fit_bias_reduced``.
_MOST_STEPS = 100


def refit_of(model: Any, fit: Fit, reduction: BiasReduction) -> Refit:
    """How the same reduction is made under other weights, started from the estimate.

    Parameters
    ----------
    model : WeightedLogit
    fit : Fit
    reduction : BiasReduction
    """

    def run(weights: Weights) -> Array | str:
        other = copy(model)
        other.weights = weights
        other.raise_on_perfect_prediction = False
        plan = reduction.plan
        if plan.moved:
            plan = replace(plan, shift=constant_shift(weights))
        start = plan.moved_by(reduction.solution)
        options = Options(start, _MOST_STEPS, False, None, None, False)
        try:
            found, _ = fit_bias_reduced(other, plan, options)
        except SeparationError:
            return SEPARATED
        return found.params if found.converged else NOT_CONVERGED

    return Refit(run, fit.params)
