"""Averages of a fit over a population, with their covariance."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit.covariance.influence import SandwichEstimator, influence_covariance
from wlogit.inference.degrees import t_degrees
from wlogit.inference.margins import Estimates, RowEffects, delta_covariance
from wlogit.inference.populations import Population, ShiftIs, average_influences
from wlogit.inference.scales import Averages, Scale
from wlogit.scales import influences_of


@dataclass(frozen=True, slots=True, eq=False)
class Averaging:
    """How predictions of a fit are formed and averaged.

    Attributes
    ----------
    results : WeightedLogitResults
    scale : Scale
        Coefficients b and shift s.
    constant : ndarray, shape (k,), or None
        The combination of the coefficients that is the constant.
    population : Population
    which : {"calibrated", "mean", "linear"}
    prevalence : float or None
    """

    results: Any
    scale: Scale
    constant: Array | None
    population: Population
    which: str
    prevalence: float | None

    @classmethod
    def of(cls, results: Any, which: str, prevalence: float | None) -> "Averaging":
        """Of a fit, on the scale asked for.

        Raises
        ------
        NotAvailableError
            After ``remove_data``.
        """
        results._require_cases()
        results._warn_of_slopes("calibrated" if prevalence is not None else which)
        scale, keywords = results._scale(which, prevalence), results.request.keywords
        fixed = keywords.get("sampling") == "case-control"
        if results.weights.factors.source == "prevalence":
            fixed = fixed or keywords.get("class_weights") != "fixed"
        population = Population.build(results.weights, prevalence, classes_fixed=fixed)
        constant = results.model.constant_combination
        return cls(results, scale, constant, population, which, prevalence)

    @property
    def coefficients(self) -> Scale:
        """The scale with its shift in the constant, where columns of the design may change.

        An effect of one column among those that make an implicit constant is that of its
        coefficient at population scale.
        """
        if self.constant is None:
            return self.scale
        params = self.scale.params + self.scale.shift * self.constant
        return Scale(params, 0.0, self.scale.covariance)

    def estimates(self, effects: RowEffects) -> Estimates:
        """Averages with their covariance: delta-method, or unconditional where rows are kept.

        Parameters
        ----------
        effects : RowEffects
            At `coefficients`.
        """
        results, averages = self.results, effects.averages
        if not averages.value.size:  # the constant alone has no effects
            return Estimates(averages.value, np.zeros((0, 0)))
        if self.constant is not None:
            gradient = averages.gradient.copy()
            gradient[:, -1] = gradient[:, :-1] @ self.constant
            averages = Averages(averages.value, gradient)
        if effects.rows is None:
            covariance = delta_covariance(averages, self.scale)
        elif np.isnan(self.scale.covariance).any():
            covariance = np.full((len(averages.value), len(averages.value)), np.nan)
        else:
            influences, parts, estimator = influences_of(results)
            own = average_influences(
                self.population,
                replace(effects, averages=averages),
                influences,
                self._shift(estimator),
            )
            covariance = influence_covariance(own, parts, estimator)
        df = t_degrees(results, averages.gradient[:, :-1])
        return Estimates(averages.value, covariance, df)

    def _shift(self, estimator: SandwichEstimator) -> ShiftIs:
        """What the shift of the linear predictor rests on."""
        source = self.results.weights.factors.source
        if self.prevalence is not None:
            return "known" if _settled(source, estimator) else "minus log odds"
        by_label = source in ("balanced", "mapping")
        return "estimated" if by_label and self.which == "calibrated" else "known"


def _settled(source: str | None, estimator: SandwichEstimator) -> bool:
    """Whether the share of events that a prevalence replaces does not vary, or cancels."""
    scheme = estimator.scheme
    if scheme.sampling == "case-control" or source == "prevalence":
        return True
    # Of a calibrated intercept the error of the class weights is a part.
    return scheme.shift_is_random and source != "calibrated"
