"""Averages of a fit over a population, with their covariance."""

from typing import Any

import numpy as np

from wlogit.covariance.influence import influence_covariance
from wlogit.inference.margins import Estimates, RowEffects, delta_covariance
from wlogit.inference.populations import Population, ShiftIs, average_influences
from wlogit.inference.scales import Scale
from wlogit.scales import influences_of, scale_of


def averaging(results: Any, scale: str, prevalence: float | None) -> tuple[Scale, Population]:
    """The scale of predictions, and the population that they are averaged over.

    Parameters
    ----------
    results : WeightedLogitResults
    scale : {"calibrated", "mean", "linear"}
    prevalence : float or None
    """
    model = results.model
    model.require_data()
    results._warn_of_slopes("calibrated" if prevalence is not None else scale)
    found = scale_of(results, scale, prevalence, results._score_parts)
    keywords = results.request.keywords
    fixed = keywords.get("sampling") == "case-control"
    if results.weights.factors.source == "prevalence":
        fixed = fixed or keywords.get("class_weights") != "fixed"
    return found, Population.build(results.weights, prevalence, classes_fixed=fixed)


def estimates(
    results: Any,
    scale: Scale,
    population: Population,
    effects: RowEffects,
    prevalence: float | None,
    *,
    calibrated: bool,
) -> Estimates:
    """Averages with their covariance: delta-method, or unconditional where rows are kept.

    Parameters
    ----------
    results : WeightedLogitResults
    scale, population
        From `averaging`.
    effects : RowEffects
    prevalence : float or None
    calibrated : bool
        Whether class weights are taken out of the linear predictor.
    """
    averages = effects.averages
    if effects.rows is None:
        covariance = delta_covariance(averages, scale)
    elif np.isnan(scale.covariance).any():
        covariance = np.full((len(averages.value), len(averages.value)), np.nan)
    else:
        coefficients, parts, estimator = influences_of(results)
        shift: ShiftIs = "estimated" if calibrated and prevalence is None else "known"
        if prevalence is not None and not _settled(results, estimator):
            shift = "minus log odds"
        influences = average_influences(population, effects, coefficients, shift)
        covariance = influence_covariance(influences, parts, estimator)
    df = getattr(results, "df_resid_inference", None) or results.df_resid
    return Estimates(averages.value, covariance, float(df) if results.use_t else np.inf)


def _settled(results: Any, estimator: Any) -> bool:
    """Whether the share of events that a prevalence replaces does not vary, or cancels."""
    scheme = estimator.scheme
    by_model = results.weights.factors.source == "prevalence"
    return bool(by_model or scheme.shift_is_random or scheme.sampling == "case-control")
