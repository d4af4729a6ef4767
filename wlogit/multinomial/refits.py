"""A multinomial fit made again under other weights, for the spread of its replicates."""

from typing import Any

from wlogit._typing import Array
from wlogit.core.newton import maximize
from wlogit.core.softmax_objective import MultinomialObjective
from wlogit.covariance.hard_replicates import NOT_CONVERGED, NOT_IDENTIFIED, SEPARATED
from wlogit.covariance.replicates import Refit
from wlogit.fitting import FAR
from wlogit.multinomial.fit import MultinomialFit
from wlogit.multinomial.separation import find_label_separation
from wlogit.weights.multinomial import MultinomialWeights


def refit_of_labels(model: Any, fit: MultinomialFit) -> Refit:
    """How a multinomial fit is made again, from its own optimum on.

    Parameters
    ----------
    model : WeightedMNLogit
    fit : MultinomialFit
    """

    def run(weights: MultinomialWeights) -> Array | str:
        return _refitted(model, fit.working, weights)

    return Refit(run, fit.working)


def _refitted(model: Any, start: Array, weights: MultinomialWeights) -> Array | str:
    """Coefficients in working coordinates under other weights, or why there are none."""
    cases = weights.row_cases
    objective = MultinomialObjective(
        model.matrix, cases.codes_or_first, cases.weight, len(weights.labels)
    )
    optimum = maximize(objective, start)
    if optimum.converged and optimum.farthest <= FAR:
        return optimum.params
    if optimum.reason == "singular":
        return NOT_IDENTIFIED
    verdict = find_label_separation(objective, model.exog)
    if verdict is not None and verdict.separated:
        return SEPARATED
    return optimum.params if optimum.converged else NOT_CONVERGED
