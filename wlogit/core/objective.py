"""The weighted log-likelihood of a logistic regression and its derivatives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.core.blocksum import Kernel, blocks, sum_over_blocks
from wlogit.core.factors import tsqr
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import block_gram


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Value (), gradient (k,) and information (k, k), minus the second derivative."""

    value: float
    gradient: Array
    information: Array


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

    def triangular(self, params: Array, unit: float) -> Array:
        """R with ``R'R = unit * information``, computed without forming the product."""
        ...

    def reach(self, direction: Array) -> float:
        """Largest change of a linear predictor along ``direction``."""
        ...


class LogitObjective:
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
    rows : sequence of slice, optional
        The blocks of rows to sum over; default all.
    """

    __slots__ = ("_rows", "event_weight", "matrix", "offset", "response", "total_weight", "weight")

    def __init__(
        self,
        matrix: ModelMatrix,
        response: Array,
        weight: Array,
        offset: Array | None = None,
        *,
        rows: Sequence[slice] | None = None,
    ) -> None:
        self.matrix, self.response, self.offset = matrix, response, offset
        self.weight = np.asarray(weight, dtype=np.float64)
        self._rows = blocks(*matrix.shape) if rows is None else rows
        totals = self._sum(self._totals)
        self.event_weight, self.total_weight = float(totals[0]), float(totals[1])

    @property
    def n_params(self) -> int:
        """Number of columns."""
        return self.matrix.n_params

    @property
    def scale(self) -> float:
        """Weight of the rarer outcome, ``min(sum of w r, sum of w (1 - r))``."""
        return min(self.event_weight, self.total_weight - self.event_weight)

    def value(self, params: Array) -> float:
        """The weighted log-likelihood."""

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            eta = self._eta(self.matrix.block(select), select, params)
            loglike = likelihood.loglike(eta, self.response[select])
            return ((loglike * weight).sum(),)

        return float(self._sum(kernel)[0])

    def gradient(self, params: Array) -> Array:
        """``sum of w (r - p) x``, shape (k,)."""

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            part = self.matrix.block(select)
            residual = likelihood.residual(self._eta(part, select, params), self.response[select])
            return ((residual * weight) @ part,)

        return self._sum(kernel)[0]

    def derivatives(self, params: Array) -> Derivatives:
        """Value, gradient and information from one reading of X."""

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            part = self.matrix.block(select)
            terms = likelihood.terms(self._eta(part, select, params), self.response[select])
            loglike, residual, curvature = (term * weight for term in terms)
            return loglike.sum(), residual @ part, block_gram(part, curvature)

        value, gradient, information = self._sum(kernel)
        return Derivatives(float(value), gradient, 0.5 * (information + information.T))

    def triangular(self, params: Array, unit: float = 1.0) -> Array:
        """R with ``R'R = unit * information``, computed without forming the product."""
        curvature = likelihood.curvature(self.linear_predictor(params))
        return tsqr(self.matrix, np.sqrt(self.weight * unit * curvature))

    def linear_predictor(self, params: Array) -> Array:
        """``x'b + offset`` of every row, shape (n,)."""
        eta = np.empty(self.matrix.shape[0])

        def kernel(rows: slice) -> tuple[Array, ...]:
            # Rows without weight may hold anything.
            with np.errstate(over="ignore", invalid="ignore"):
                eta[rows] = self._eta(self.matrix.block(rows), rows, params)
            return ()

        sum_over_blocks(kernel, len(eta), width=self.n_params)
        return eta

    def reach(self, direction: Array) -> float:
        """Largest ``|x'd|`` among rows with weight."""
        changes = (self.matrix.dot(direction, self._present(rows)[0]) for rows in self._rows)
        return max(float(np.abs(change).max(initial=0.0)) for change in changes)

    def sampled(self, step: int, size: int = 512) -> "LogitObjective":
        """The same function of every ``step``-th run of ``size`` rows."""
        rows = blocks(self.matrix.shape[0], size=size)[step // 2 :: step]
        return LogitObjective(self.matrix, self.response, self.weight, self.offset, rows=rows)

    def _present(self, rows: slice) -> tuple[slice | IntArray, Array]:
        """The rows of a block that have weight, and their weights."""
        if self.weight.ndim == 0:
            return rows, self.weight
        weight = self.weight[rows]
        if weight.all():
            return rows, weight
        present = np.flatnonzero(weight)
        return present + rows.start, weight[present]

    def _eta(self, part: Array, select: slice | IntArray, params: Array) -> Array:
        eta: Array = part @ params
        if self.offset is not None:
            eta += self.offset[select]
        return eta

    def _totals(self, rows: slice) -> tuple[Array, ...]:
        select, weight = self._present(rows)
        response = self.response[select]
        return ((response * weight).sum(), (np.ones_like(response) * weight).sum())

    def _sum(self, kernel: Kernel) -> tuple[Array, ...]:
        return sum_over_blocks(kernel, self._rows, width=self.n_params)
