"""The intercept at which the mean probability is a given one, and what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import logit

from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.core.scores import CaseRows
from wlogit.inference.scored import Centering
from wlogit.weights.weights import Cases, Weights


@dataclass(frozen=True, slots=True, eq=False)
class MeanEquation:
    """``sum m g (p - target) = 0`` at the solution, with p = expit(eta).

    Attributes
    ----------
    weights : Weights
        Whose m and g are the masses; class weights of ``class_weight`` do not matter.
    probability : ndarray, shape (n,)
        p of each row.
    target : float or None
        A known prevalence; None for the outcomes themselves, whose mean is the share of events.
    centering : {"mass", "number"} or None
        Whether the shares of the classes are known, their numbers fixed by design, or neither.
    """

    weights: Weights
    probability: Array
    target: float | None
    centering: Centering | None

    @property
    def slope(self) -> Array:
        """``m g p q`` of each row, shape (n,)."""
        mass = np.sum([np.broadcast_to(g, self._shape) for g in self.weights.averaging_mass], 0)
        return np.asarray(mass * self.probability * (1.0 - self.probability))

    @property
    def _shape(self) -> tuple[int, ...]:
        return self.probability.shape

    def errors(self) -> list[Array]:
        """What one case of each sort adds to the equation, ``g (p - target)``; shape (n,) each.

        Centered within class where the shares or the numbers of the classes are not random.
        """
        parts = [self._parts(sort) for sort in self.weights.cases]
        if self.centering is None:
            return [event + rest for event, rest, _, _ in parts]
        centered = [self._centered(parts, which) for which in (0, 1)]
        return [event + rest for event, rest in zip(*centered, strict=True)]

    def _centered(self, parts: Sequence[tuple[Array, ...]], which: int) -> list[Array]:
        """Parts as events (0) or non-events (1), less the shares of the class in their sum."""
        numbers = [sort.multiplicity for sort in self.weights.cases]
        size, excess = (
            sum(float(np.sum(m * part[k])) for m, part in zip(numbers, parts, strict=True))
            for k in (2 + which, which)
        )
        mean = excess / size if size > 0.0 else 0.0
        return [part[which] - part[2 + which] * mean for part in parts]

    def _parts(self, sort: Cases) -> tuple[Array, Array, Array, Array]:
        """What a case adds as an event and as a non-event, and its shares in the classes."""
        moved = self.weights.factors.source == "prevalence"
        outcome = np.broadcast_to(sort.response if moved else sort.outcome, self._shape)
        weight = np.broadcast_to(sort.importance if moved else sort.sampling, self._shape)
        p = self.probability
        of_events = 1.0 if self.target is None else self.target
        of_rest = 0.0 if self.target is None else self.target
        unit = weight if self.centering == "mass" else np.asarray(weight > 0.0, dtype=np.float64)
        return (
            weight * outcome * (p - of_events),
            weight * (1.0 - outcome) * (p - of_rest),
            unit * outcome,
            unit * (1.0 - outcome),
        )


def solve_shift(eta: Array, mass: Array, target: float) -> float:
    """What has to be added to linear predictors so that the mean probability is the target.

    Parameters
    ----------
    eta : ndarray, shape (n,)
    mass : ndarray, shape (n,)
    target : float
        In (0, 1).
    """
    counted = eta[mass > 0.0]
    low, high = logit(target) - counted.max() - 1e-6, logit(target) - counted.min() + 1e-6

    def excess(shift: float) -> float:
        return float(mass @ likelihood.expit(eta + shift) / mass.sum() - target)

    return float(brentq(excess, low, high, xtol=1e-15, rtol=1e-15, maxiter=500))


def recalibrated_influences(
    equation: MeanEquation, coefficients: CaseRows, constant: Array, design: Array
) -> CaseRows:
    """Influence of every case on coefficients whose constant solves the mean equation.

    By the implicit function theorem the constant moves by
    ``-(sum m g p q x'IF_b + g (p - target)) / sum m g p q``.

    Parameters
    ----------
    equation : MeanEquation
    coefficients : callable
        Influences on the coefficients, as `covariance.influence.case_influences` gives them.
    constant : ndarray, shape (k,)
        c with ``X c = 1``.
    design : ndarray, shape (n, k)
    """
    slope = equation.slope
    total = float(slope.sum())
    direction = np.asarray(slope @ design) / total
    errors = equation.errors()

    def influences(rows: slice) -> list[tuple[Array, Array]]:
        found = []
        for error, (number, influence) in zip(errors, coefficients(rows), strict=True):
            own = influence[:, :-1]
            moved = own - np.outer(own @ direction + error[rows] / total, constant)
            found.append((number, np.column_stack([moved, np.zeros(len(moved))])))
        return found

    return influences
