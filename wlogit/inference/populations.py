"""The population that an average is over, and the sampling error of averaging over a sample of it.

References
----------
Stata 18 Base Reference Manual, ``margins``, Methods and formulas (unconditional standard errors);
Manski and Lerman (1977), Econometrica 45, 1977-1988 (classes sampled at different rates).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlogit._typing import Array
from wlogit.core.scores import CaseRows
from wlogit.inference.margins import RowEffects
from wlogit.inference.scales import Averages
from wlogit.weights.weights import Cases, Weights

ShiftIs = Literal["known", "estimated", "minus log odds"]


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Cases with their averaging masses g, scaled to ``sum m g = 1``.

    Attributes
    ----------
    weights : Weights
    shares : tuple of float
        Shares of non-events and events in the population.
    by_class : bool
        Whether these shares are known, so that each class is a sample of its own.
    """

    weights: Weights
    shares: tuple[float, float]
    by_class: bool

    @classmethod
    def build(
        cls, weights: Weights, prevalence: float | None = None, *, classes_fixed: bool = False
    ) -> "Population":
        """The population of the sample, or one with another share of events.

        Parameters
        ----------
        weights : Weights
            Class weights of ``class_weight`` do not matter; the model's own prevalence does.
        prevalence : float, optional
            Share of events; the covariates of events, and those of non-events, keep their
            distributions.
        classes_fixed : bool
            Whether the sizes of the classes are known, or fixed by the design.
        """
        w0, w1 = weights.totals.class_masses
        by_model = weights.factors.source == "prevalence"
        tau = weights.factors.prevalence if prevalence is None and by_model else prevalence
        share = w1 / (w0 + w1) if tau is None else tau
        return cls(weights, (1.0 - share, share), classes_fixed or prevalence is not None)

    @property
    def row_mass(self) -> Array:
        """Sum of m g in each row, shape (n,)."""
        rows = slice(None)
        total = sum(sort.multiplicity * self.case_mass(sort, rows) for sort in self.weights.cases)
        return np.broadcast_to(np.asarray(total, dtype=np.float64), (self.weights.n_rows,))

    def case_mass(self, sort: Cases, rows: slice) -> Array:
        """Mass g of one case of a sort, shape (b,) or ()."""
        non_event, event = self._parts(sort, rows)
        return non_event + event

    def _parts(self, sort: Cases, rows: slice) -> tuple[Array, Array]:
        """What a case has of the masses of non-events and events."""
        w0, w1 = self.weights.totals.class_masses
        a, y = _part(sort.sampling, rows), _part(sort.outcome, rows)
        non_event = a * (1.0 - y) * (self.shares[0] / w0)
        return np.asarray(non_event), np.asarray(a * y * (self.shares[1] / w1))

    def centers(self, effects: RowEffects) -> Array:
        """Means of effects among non-events and among events; twice the mean of all, shape (2, q).

        The former where the shares of the classes are known.
        """
        values = effects.rows
        if not self.by_class or values is None:
            return np.array([effects.averages.value, effects.averages.value])
        sums = np.zeros((2, values.shape[1]))
        for sort in self.weights.cases:
            for which, part in enumerate(self._parts(sort, slice(None))):
                mass = np.broadcast_to(sort.multiplicity * part, (len(values),))
                sums[which] += mass @ values
        return np.asarray(sums / np.array(self.shares)[:, np.newaxis])

    def deviation(self, sort: Cases, rows: slice, values: Array, centers: Array) -> Array:
        """``g (effect - mean)`` of one case, with the mean of its class, shape (b, q)."""
        non_event, event = self._parts(sort, rows)
        shape = (len(values), 1)
        first = np.broadcast_to(non_event.reshape(-1, 1), shape) * (values - centers[0])
        return np.asarray(
            first + np.broadcast_to(event.reshape(-1, 1), shape) * (values - centers[1])
        )


def _part(values: Array, rows: slice) -> Array:
    return values[rows] if values.ndim else values


def average_influences(
    population: Population, effects: RowEffects, coefficients: CaseRows, shift: ShiftIs
) -> CaseRows:
    """Influence of every case on averages: through the estimate, and as one of those averaged.

    Parameters
    ----------
    population : Population
    effects : RowEffects
        With the effects of the rows.
    coefficients : callable
        Influences on b, and in a last column on minus ``log(c1 / c0)`` where that is estimated,
        as `covariance.influence.case_influences` gives them.
    shift : {"known", "estimated", "minus log odds"}
        What the shift of the linear predictor rests on: nothing, the estimated class weights, or
        minus the log odds of an event in the sample.

    Returns
    -------
    callable
        From a slice of rows to (multiplicity, influence) of each sort of case; influences of
        shape (b, q).
    """
    averages: Averages = effects.averages
    values, centers = np.asarray(effects.rows), population.centers(effects)
    w0, w1 = population.weights.totals.class_masses

    def influences(rows: slice) -> list[tuple[Array, Array]]:
        found = []
        for sort, (number, influence) in zip(
            population.weights.cases, coefficients(rows), strict=True
        ):
            joint = np.array(influence)
            if shift != "estimated":
                joint[:, -1] = 0.0
            if shift == "minus log odds":
                a, y = _part(sort.sampling, rows), _part(sort.outcome, rows)
                joint[:, -1] = a * (1.0 - y) / w0 - a * y / w1
            own = population.deviation(sort, rows, values[rows], centers)
            found.append((number, joint @ averages.gradient.T + own))
        return found

    return influences
