"""The log-likelihood of rows that are read in chunks, as the solver sees it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import Derivatives
from wlogit.streaming.runner import Runner
from wlogit.streaming.sums import DerivativeSums, Reach, TriangularFactor, ValueSums
from wlogit.weights.weights import Weights

# Changes of linear predictors so small that a bound of them is as good as their size.
_NEGLIGIBLE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class StreamedObjective:
    """The sum of the log-likelihoods of all chunks; every derivative takes one reading.

    Attributes
    ----------
    runner : Runner
    frame : ModelMatrix
        One row of the design: names the coordinates.
    weights : Weights
        Without cases.
    largest : ndarray, shape (k,)
        Largest size of an entry of each column in working coordinates, or more.
    """

    runner: Runner
    frame: ModelMatrix
    weights: Weights
    largest: Array

    @property
    def n_params(self) -> int:
        """Number of columns."""
        return self.frame.n_params

    @property
    def total_weight(self) -> float:
        """Sum of the weights."""
        return self.weights.total

    @property
    def scale(self) -> float:
        """Weight of the rarer outcome."""
        masses = zip(self.weights.totals.class_masses, self.weights.factors.values, strict=True)
        return min(mass * factor for mass, factor in masses)

    @property
    def large(self) -> bool:
        """Never: reading takes longer than products, so that a gradient alone saves nothing."""
        return False

    def value(self, params: Array) -> float:
        """The weighted log-likelihood."""
        return float(self._run(ValueSums(self.frame, self.weights, params), "log-likelihood")[0])

    def derivatives(self, params: Array) -> Derivatives:
        """Value, gradient and information from one reading."""
        task = DerivativeSums(self.frame, self.weights, params)
        value, gradient, information, farthest = self._run(task, "Newton step")
        information = 0.5 * (information + information.T)
        return Derivatives(float(value), gradient, information, farthest=float(farthest))

    def gradient(self, params: Array) -> Array:
        """The gradient, from the same reading as all derivatives."""
        return self.derivatives(params).gradient

    def triangular(self, params: Array, unit: float) -> Array:
        """R with ``R'R = unit * information``, computed without forming the product."""
        task = TriangularFactor(self.frame, self.weights, params, unit)
        return np.asarray(self._run(task, "triangular factor")[0])

    def reach(self, direction: Array) -> float:
        """Largest ``|x'd|`` among rows with weight; where it is negligible, a bound of it."""
        bound = float(np.abs(direction) @ self.largest)
        if bound <= _NEGLIGIBLE:
            return bound
        return float(self._run(Reach(self.frame, self.weights, direction), "step length")[0])

    def _run(self, task: Any, what: str) -> Any:
        return self.runner.run(task, what)
