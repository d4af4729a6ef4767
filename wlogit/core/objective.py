"""The weighted log-likelihood of a logistic regression and its derivatives."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.core.blocksum import Kernel, sum_over_blocks
from wlogit.core.compact import CompactBlock
from wlogit.core.compact_factors import compact_triangular
from wlogit.core.factors import tsqr
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import finished, gram_and_sums, in_cache, row_times, rows_times
from wlogit.core.rowblocks import weighted_gram

# Rows from which products of columns dominate the work of an iteration.
LARGE = 50_000
# Runs of a sample that nothing is copied of, if the data have so many of the greatest length.
_RUNS, _LONGEST_RUN = 16, 8192


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Value (), gradient (k,) and information (k, k), minus the second derivative.

    The information is ``current``, or that of a point nearby; no linear predictor of a row with
    weight, offset included, is larger than ``farthest``; ``extent``, of shape (k,) where it is
    known, bounds what a step d adds to any of them by ``|d|'extent``.
    """

    value: float
    gradient: Array
    information: Array
    current: bool = True
    farthest: float = math.inf
    extent: Array | None = None


class Objective(Protocol):
    """What `maximize` asks of a concave function of ``n_params`` parameters."""

    @property
    def n_params(self) -> int:
        """Number of parameters."""
        ...

    @property
    def scale(self) -> float:
        """Unit of its values, by which the gain of a step is judged."""
        ...

    def value(self, params: Array) -> float:
        """The function itself."""
        ...

    def derivatives(self, params: Array) -> Derivatives:
        """Value, gradient and information."""
        ...

    @property
    def large(self) -> bool:
        """Whether a gradient is so much cheaper than the derivatives that more steps pay."""
        ...

    def gradient(self, params: Array) -> Array:
        """The gradient alone, on the way to an optimum."""
        ...

    def triangular(self, params: Array, unit: float) -> Array:
        """R with ``R'R = unit * information``, computed without forming the product."""
        ...

    def reach(self, direction: Array) -> float:
        """Largest change of a linear predictor along ``direction``."""
        ...


class RowsObjective:
    """A sum over the rows with weight of a matrix, in its working coordinates.

    Parameters
    ----------
    matrix : ModelMatrix
        Shape (n, k).
    weight : ndarray, shape (n,) or ()
        w >= 0, any scale: a power of two changes no digit of the optimum.
    """

    __slots__ = ("_rows", "matrix", "weight")

    def __init__(
        self, matrix: ModelMatrix, weight: Array, runs: Sequence[slice] | None = None
    ) -> None:
        self.matrix, self.weight = matrix, np.asarray(weight, dtype=np.float64)
        self._rows = matrix.row_blocks if runs is None else runs

    @property
    def n_params(self) -> int:
        """Number of parameters."""
        raise NotImplementedError

    @property
    def large(self) -> bool:
        """Whether there are so many rows that products of columns dominate the work."""
        return self.n_rows >= LARGE

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.matrix.shape[0]

    def squares(self, origin: Array | None = None) -> Array:
        """``sum of w (x_j - origin_j)^2`` of every column, shape (k,)."""

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            part = self.matrix.block(select)
            if origin is not None:
                part = part - origin
            return (np.dot(np.broadcast_to(weight, (len(part),)), part * part),)

        return self._sum(kernel)[0]

    def _runs(self, step: int, size: int) -> tuple[ModelMatrix, IntArray, Array]:
        """A copy of every ``step``-th run of ``size`` rows, their numbers and their weights."""
        runs = _every(step, size, self.matrix.shape[0])
        rows = np.concatenate([np.arange(run.start, run.stop) for run in runs])
        if self.matrix.compact is None:
            values = np.concatenate([self.matrix.values[run] for run in runs])
        else:
            values = self.matrix.values[rows]
        matrix = replace(self.matrix, values=values)
        return matrix, rows, self.weight[rows] if self.weight.ndim else self.weight

    def _present(self, rows: slice) -> tuple[slice | IntArray, Array]:
        """The rows of a block that have weight, and their weights."""
        if self.weight.ndim == 0:
            return rows, self.weight
        weight = self.weight[rows]
        if weight.all():
            return rows, weight
        present = np.flatnonzero(weight)
        return present + rows.start, weight[present]

    def _sum(self, kernel: Kernel) -> tuple[Array, ...]:
        return sum_over_blocks(kernel, self._rows, width=self.matrix.width)


class LogitObjective(RowsObjective):
    """``l(b) = sum of w [r log p + (1 - r) log(1 - p)]``, ``p = expit(x'b + offset)``.

    Parameters and derivatives are in the working coordinates of the matrix.

    Parameters
    ----------
    matrix : ModelMatrix
        Shape (n, k).
    response : ndarray, shape (n,)
        r, in [0, 1].
    weight : ndarray, shape (n,) or ()
        w >= 0, any scale: a power of two changes no digit of the optimum.
    offset : ndarray, shape (n,), optional
    runs : sequence of slice, optional
        The rows that are summed; by default all.
    """

    __slots__ = (
        *("_extent", "_observed", "_scale"),
        *("event_weight", "offset", "response", "runs", "total_weight"),
    )

    def __init__(
        self,
        matrix: ModelMatrix,
        response: Array,
        weight: Array,
        offset: Array | None = None,
        runs: Sequence[slice] | None = None,
    ) -> None:
        super().__init__(matrix, weight, runs)
        self.response, self.offset, self.runs = response, offset, runs
        self._extent = matrix.extent
        # X'(w r), once a gradient has been asked for.
        self._observed: Array | None = None
        totals = self._sum(self._totals)
        self.event_weight, self.total_weight = float(totals[0]), float(totals[1])
        self._scale = min(self.event_weight, self.total_weight - self.event_weight)

    @property
    def n_params(self) -> int:
        """Number of columns."""
        return self.matrix.n_params

    @property
    def n_rows(self) -> int:
        """Number of rows that are summed."""
        return super().n_rows if self.runs is None else sum(r.stop - r.start for r in self.runs)

    @property
    def scale(self) -> float:
        """Weight of the rarer outcome, ``min(sum of w r, sum of w (1 - r))``."""
        return self._scale

    def value(self, params: Array) -> float:
        """The weighted log-likelihood."""

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            eta = self._eta(self.matrix.part(select), select, params)
            loglike = likelihood.loglike(eta, self.response[select])
            return ((loglike * weight).sum(),)

        return float(self._sum(kernel)[0])

    def value_and_gradient(self, params: Array) -> tuple[float, Array]:
        """The weighted log-likelihood and its gradient, ``sum of w (r - p) x``."""

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            part = self.matrix.part(select)
            terms = likelihood.terms(self._eta(part, select, params), self.response[select])
            residual = terms.residual * weight
            return (terms.loglike * weight).sum(), rows_times(residual[np.newaxis], part)[0]

        value, gradient = self._sum(kernel)
        return float(value), gradient

    def gradient(self, params: Array) -> Array:
        """The gradient alone; each row's share is within rounding of its weight, not of itself."""
        observed, negated = self._observed, np.negative(params)

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            part = self.matrix.part(select)
            offset = None if self.offset is None else self.offset[select]
            response = self.response[select] * weight if observed is None else None
            sums = [np.zeros(self.n_params) for _ in range(1 if observed is not None else 2)]
            for piece, x in in_cache(part):
                eta = x.dot(negated)
                if offset is not None:
                    eta -= offset[piece]
                events = likelihood.expected(eta, weight[piece] if weight.ndim else weight)
                sums[0] += row_times(events, x)
                if response is not None:
                    sums[1] += row_times(response[piece], x)
            return tuple(sums)

        events, *first = self._sum(kernel)
        if observed is None:
            observed = self._observed = first[0]
        return np.asarray(observed - events)

    def derivatives(self, params: Array) -> Derivatives:
        """Value, gradient and information from one reading of X."""
        farthest = [0.0]

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            part = self.matrix.part(select)
            eta = self._eta(part, select, params)
            farthest.append(max(eta.max(initial=0.0), -eta.min(initial=0.0)))
            terms = likelihood.terms(eta, self.response[select])
            if weight.ndim or weight != 1.0:
                for term in terms:
                    np.multiply(term, weight, out=term)
            gram, sums = gram_and_sums(part, terms.curvature, terms.residual[np.newaxis])
            return terms.loglike.sum(), sums[0], gram

        value, gradient, information = self._sum(kernel)
        information = finished(information)
        far, extent = max(farthest), self._extent
        return Derivatives(float(value), gradient, information, farthest=far, extent=extent)

    def spread(self) -> Array:
        """Weighted standard deviation of every column, ``1 / sum w`` in its variance."""

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            part = self.matrix.block(select)
            return (np.dot(np.broadcast_to(weight, (len(part),)), part),)

        mean = self._sum(kernel)[0] / self.total_weight
        spread: Array = np.sqrt(self.squares(mean) / self.total_weight)
        # What is left of a constant column is rounding.
        return np.where(spread > 1e-14 * np.abs(mean), spread, 0.0)

    def triangular(self, params: Array, unit: float = 1.0) -> Array:
        """R with ``R'R = unit * information``, computed without forming the product."""
        curvature = likelihood.curvature(self.linear_predictor(params))
        weight = np.asarray(self.weight * unit * curvature)
        if self.runs is not None:
            summed = np.zeros_like(weight)
            for run in self.runs:
                summed[run] = weight[run]
            weight = summed
        if self.matrix.compact is not None:
            return compact_triangular(self.matrix, weight, weighted_gram(self.matrix, weight))
        return tsqr(self.matrix, np.sqrt(weight))

    def linear_predictor(self, params: Array) -> Array:
        """``x'b + offset`` of every row that is summed, zero in others; shape (n,)."""
        eta = (np.empty if self.runs is None else np.zeros)(len(self.response))

        def kernel(rows: slice) -> tuple[Array, ...]:
            # Rows without weight may hold anything.
            with np.errstate(over="ignore", invalid="ignore"):
                eta[rows] = self._eta(self.matrix.part(rows), rows, params)
            return ()

        self._sum(kernel)
        return eta

    def reach(self, direction: Array) -> float:
        """Largest ``|x'd|`` among rows with weight."""
        largest: list[float] = []

        def kernel(rows: slice) -> tuple[Array, ...]:
            change = self.matrix.dot(direction, self._present(rows)[0])
            largest.append(float(np.abs(change).max(initial=0.0)))
            return ()

        self._sum(kernel)
        return max(largest)

    def sampled(self, step: int, size: int = 512) -> "LogitObjective":
        """The same function of a copy of every ``step``-th run of ``size`` rows."""
        matrix, rows, weight = self._runs(step, size)
        offset = None if self.offset is None else self.offset[rows]
        return LogitObjective(matrix, self.response[rows], weight, offset)

    def on_runs(self, step: int) -> "LogitObjective":
        """The same function of every ``step``-th of some runs of rows, without a copy of them."""
        size = min(max(self.n_rows // (step * _RUNS), 1), _LONGEST_RUN)
        runs = _every(step, size, self.n_rows)
        return LogitObjective(self.matrix, self.response, self.weight, self.offset, runs)

    def _eta(self, part: "Array | CompactBlock", select: slice | IntArray, params: Array) -> Array:
        eta: Array = part.dot(params)
        if self.offset is not None:
            eta += self.offset[select]
        return eta

    def _totals(self, rows: slice) -> tuple[Array, ...]:
        select, weight = self._present(rows)
        response = self.response[select]
        return ((response * weight).sum(), (np.ones_like(response) * weight).sum())


def _every(step: int, size: int, n: int) -> list[slice]:
    """Every ``step``-th run of ``size`` of n rows; the last may be shorter."""
    starts = range(step // 2 * size, n, step * size)
    return [slice(start, min(start + size, n)) for start in starts]
