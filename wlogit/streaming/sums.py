"""Sums over chunks of rows: what each chunk adds, and how two partial sums make one."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wlogit._typing import AnyArray, Array
from wlogit.core.linalg import tsqr
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import LogitObjective
from wlogit.inference.goodness import saturated_loglike
from wlogit.streaming.chunks import Chunk
from wlogit.weights.weights import Weights

Partial = tuple[AnyArray, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RowSums:
    """What all sums of a fit know of it.

    Attributes
    ----------
    frame : ModelMatrix
        One row of the design: names the coordinates.
    weights : Weights
        Without cases.
    """

    frame: ModelMatrix
    weights: Weights

    def matrix(self, chunk: Chunk) -> ModelMatrix:
        """The design of a chunk in working coordinates."""
        return replace(self.frame, values=chunk.values)

    def objective(self, chunk: Chunk) -> LogitObjective:
        """The log-likelihood of the rows of a chunk."""
        weights = chunk.weights(self.weights)
        response, weight = weights.row_response, weights.row_weight
        return LogitObjective(self.matrix(chunk), response, weight, chunk.offset)

    def combine(self, first: Any, second: Any) -> Any:
        """Add arrays one by one."""
        return tuple(a + b for a, b in zip(first, second, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class DerivativeSums(RowSums):
    """Value, gradient and information of the log-likelihood, and the largest predictor."""

    params: Array

    def __call__(self, chunk: Chunk) -> Partial:
        """Those of a chunk."""
        point = self.objective(chunk).derivatives(self.params)
        farthest = np.asarray(point.farthest)
        return np.asarray(point.value), point.gradient, point.information, farthest

    def combine(self, first: Partial, second: Partial) -> Partial:
        """Add sums; the larger of the largest."""
        sums = tuple(a + b for a, b in zip(first[:3], second[:3], strict=True))
        return (*sums, np.maximum(first[3], second[3]))


@dataclass(frozen=True, slots=True, eq=False)
class ValueSums(RowSums):
    """The log-likelihood."""

    params: Array

    def __call__(self, chunk: Chunk) -> Partial:
        """That of a chunk."""
        return (np.asarray(self.objective(chunk).value(self.params)),)


@dataclass(frozen=True, slots=True, eq=False)
class Reach(RowSums):
    """The largest change of a linear predictor along a direction, among rows with weight."""

    direction: Array

    def __call__(self, chunk: Chunk) -> Partial:
        """That of a chunk."""
        return (np.asarray(self.objective(chunk).reach(self.direction)),)

    def combine(self, first: Partial, second: Partial) -> Partial:
        """The larger one."""
        return (np.maximum(first[0], second[0]),)


@dataclass(frozen=True, slots=True, eq=False)
class TriangularFactor(RowSums):
    """R with ``R'R = unit * information``, or of the rows with weight themselves.

    Attributes
    ----------
    params : ndarray, shape (k,), or None
        Without them, every row with weight counts once.
    unit : float
    ones : bool
        Whether a column of ones is appended.
    """

    params: Array | None
    unit: float = 1.0
    ones: bool = False

    def __call__(self, chunk: Chunk) -> Partial:
        """That of a chunk."""
        if self.params is None:
            return (tsqr(self.matrix(chunk), chunk.present, ones=self.ones),)
        return (self.objective(chunk).triangular(self.params, self.unit),)

    def combine(self, first: Partial, second: Partial) -> Partial:
        """R of the rows of both."""
        return (np.asarray(np.linalg.qr(np.vstack([first[0], second[0]]), mode="r")),)


@dataclass(frozen=True, slots=True, eq=False)
class OfConstant:
    """Another sum, with a constant as the only column."""

    task: Any

    def __call__(self, chunk: Chunk) -> Any:
        """That of a chunk."""
        return self.task(replace(chunk, values=np.ones((len(chunk), 1))))

    def combine(self, first: Any, second: Any) -> Any:
        """As the other sum combines."""
        return self.task.combine(first, second)


@dataclass(frozen=True, slots=True, eq=False)
class SaturatedSums(RowSums):
    """The log-likelihood of a model that predicts every case."""

    def __call__(self, chunk: Chunk) -> Partial:
        """That of a chunk."""
        return (np.asarray(saturated_loglike(chunk.weights(self.weights))),)
