"""Scales of the linear predictor: in the class weights, calibrated, or moved to a prevalence.

On every scale the linear predictor is ``x'b + s`` with one shift s for all rows. Where s is
estimated, it varies together with b: what follows from both uses their joint covariance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.sparse import csr_array

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.compact import CompactDesign
from wlogit.core.factors import root_of
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import squared_lengths, times
from wlogit.core.rowblocks import quadratic_forms

# Of the size of its terms, what cancellation leaves of a variance that is zero.
_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Linear predictors ``x'b + s``.

    Attributes
    ----------
    params : ndarray, shape (k,)
        b.
    shift : float
        s.
    covariance : ndarray, shape (k + 1, k + 1)
        Of b and s together; NaN where b has no valid covariance.
    """

    params: Array
    shift: float
    covariance: Array

    @classmethod
    def build(cls, params: Array, covariance: Array, shift: float, column: Array | None) -> "Scale":
        """From the covariance of b, and the covariances of s with b and with itself.

        Parameters
        ----------
        params : ndarray, shape (k,)
        covariance : ndarray, shape (k, k)
        shift : float
        column : ndarray, shape (k + 1,), or None
            None for a shift that is known.
        """
        k = len(params)
        joint = np.zeros((k + 1, k + 1))
        joint[:k, :k] = covariance
        if column is not None:
            joint[:, k] = joint[k, :] = column
        return cls(np.asarray(params, dtype=np.float64), shift, joint)

    def linear_predictor(self, design: Array, offset: Array | float = 0.0) -> Array:
        """``x'b + s`` of some rows, shape (n,)."""
        return np.asarray(design @ self.params + offset + self.shift)

    def linear_errors(self, design: Array) -> Array:
        """Standard errors of ``x'b + s``, shape (n,), in bounded memory."""
        n, k = design.shape
        if not np.all(np.isfinite(self.covariance)):
            return self._partial_errors(design)
        if isinstance(design, CompactDesign):
            return self._compact_errors(design)
        root = root_of(self.covariance)
        errors = np.empty(n)

        def kernel(rows: slice) -> tuple[Array, ...]:
            part = np.asarray(design[rows], dtype=np.float64)
            (product,) = times(part, root[:k])
            product += root[k]
            errors[rows] = np.sqrt(squared_lengths(product))
            return ()

        sum_over_blocks(kernel, n, width=k)
        return errors

    def _compact_errors(self, design: CompactDesign) -> Array:
        matrix, k = ModelMatrix(cast("Array", design)), len(self.params)
        squares = quadratic_forms(matrix, self.covariance[:k, :k])
        if self.covariance[k].any():
            squares += 2.0 * (design @ self.covariance[:k, k]) + self.covariance[k, k]
        return np.sqrt(np.maximum(squares, 0.0))

    def _partial_errors(self, design: Array) -> Array:
        """NaN for rows that use a coefficient without a covariance."""
        undefined = np.isnan(np.diag(self.covariance))
        known = np.where(np.isnan(self.covariance), 0.0, self.covariance)
        errors = Scale(self.params, self.shift, known).linear_errors(design)
        touched = np.any(np.asarray(design[:, np.flatnonzero(undefined[:-1])]) != 0.0, axis=1)
        return np.where(touched | undefined[-1], np.nan, errors)


@dataclass(frozen=True, slots=True, eq=False)
class Averages:
    """Weighted means over groups of rows, and their gradients in (b, s).

    Attributes
    ----------
    value : ndarray, shape (g,)
    gradient : ndarray, shape (g, k + 1)
    """

    value: Array
    gradient: Array

    def covariance(self, scale: Scale) -> Array:
        """Delta-method covariance of the means, shape (g, g).

        What is left of a variance whose terms cancel, as that of a mean that is known, is zero.
        """
        covariance = np.asarray(self.gradient @ scale.covariance @ self.gradient.T)
        size = np.abs(self.gradient)
        terms = np.sum((size @ np.abs(scale.covariance)) * size, axis=1)
        known = np.abs(np.diag(covariance)) <= _ROUNDING * terms
        covariance[known, :] = covariance[:, known] = 0.0
        return covariance


@dataclass(frozen=True, slots=True)
class Transform:
    """A function of the linear predictor, and its derivative."""

    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def _skewness(eta: Array) -> Array:
    """Derivative of ``p q``."""
    p, q = likelihood.probabilities(eta)
    return p * q * (q - p)


IDENTITY = Transform(lambda eta: eta, np.ones_like)
PROBABILITY = Transform(likelihood.expit, likelihood.curvature)
VARIANCE = Transform(likelihood.curvature, _skewness)


def averages(
    scale: Scale,
    transform: Transform,
    design: Array,
    offset: Array | float,
    mass: Array,
    groups: IntArray,
    n_groups: int,
) -> Averages:
    """Mean of a function of the linear predictor over each group of rows.

    Parameters
    ----------
    scale : Scale
    transform : Transform
    design : ndarray, shape (n, k)
    offset : ndarray, shape (n,), or float
    mass : ndarray, shape (n,)
        What the rows are weighed by.
    groups : ndarray of int, shape (n,)
        From 0 to ``n_groups - 1``; -1 for rows that belong to none.
    n_groups : int
    """
    n = design.shape[0]
    offsets = np.broadcast_to(np.asarray(offset, dtype=np.float64), (n,))

    def kernel(rows: slice) -> tuple[Array, ...]:
        inside = np.flatnonzero((groups[rows] >= 0) & (mass[rows] > 0.0)) + rows.start
        part = _some_rows(design, inside)
        eta = scale.linear_predictor(part, offsets[inside])
        slope = transform.slope(eta)
        where = (groups[inside], np.arange(len(inside)))
        weighing = csr_array((mass[inside], where), shape=(n_groups, len(inside)))
        steps = csr_array((mass[inside] * slope, where), shape=(n_groups, len(inside)))
        sums: tuple[Any, ...] = (
            weighing.sum(axis=1),
            weighing @ transform.value(eta),
            np.column_stack([_array(steps @ _factor(part)), steps.sum(axis=1)]),
        )
        return tuple(np.asarray(part) for part in sums)

    matrix = ModelMatrix(design)
    total, value, gradient = sum_over_blocks(kernel, matrix.row_blocks, width=matrix.width)
    return Averages(value / total, gradient / total[:, np.newaxis])


def _some_rows(design: Any, rows: IntArray) -> Any:
    """Some rows, of a compact design compact ones."""
    part = design[rows]
    return part if isinstance(part, CompactDesign) else np.asarray(part, dtype=np.float64)


def _factor(part: Any) -> Any:
    """Some rows as what a sparse matrix can be multiplied by."""
    return part.tocsr() if isinstance(part, CompactDesign) else part


def _array(product: Any) -> Array:
    """A product of matrices of either kind."""
    return product if isinstance(product, np.ndarray) else np.asarray(product.toarray())
