"""Inverses that never raise, and triangular factors of tall matrices."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from wlogit._typing import Array
from wlogit.core.arrow import arrow_root
from wlogit.core.blocksum import blocks
from wlogit.core.compact_factors import compact_tsqr
from wlogit.core.model_matrix import ModelMatrix

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class InverseRoot:
    """``A^-1 = unit H H'`` for a symmetric positive (semi-)definite A.

    Attributes
    ----------
    root : ndarray, shape (k, k)
        H.
    unit : float
        A power of two.
    condition : float
        Condition number of A after its diagonal is brought near one, within a factor k^2;
        infinite if A is singular to working precision.
    rank : int
        k; less where A is singular, H H' then being a pseudo-inverse.
    """

    root: Array
    unit: float
    condition: float
    rank: int

    def solve(self, vector: Array) -> Array:
        """``A^-1 v``."""
        result: Array = self.root @ (self.root.T @ vector) * self.unit
        return result

    @property
    def inverse(self) -> Array:
        """``A^-1``, exactly symmetric."""
        product = self.root @ self.root.T
        result: Array = (0.5 * self.unit) * (product + product.T)
        return result


def inverse_root(square: Array, unit: float = 1.0) -> InverseRoot:
    """`InverseRoot` of a symmetric matrix, by Cholesky or, where that fails, by eigenvalues.

    Parameters
    ----------
    square : ndarray, shape (k, k)
    unit : float
        A power of two by which to multiply ``square`` first. If it cancels those that the
        entries share, no digit of the inverse depends on these.
    """
    if not square.size:
        return InverseRoot(square, unit, 1.0, 0)
    scale = powers_of_two(square.diagonal() * unit)
    scaled = square * (unit * scale * scale[:, None])
    found = arrow_root(scaled)
    if found is not None:
        root, condition = found
        return InverseRoot(root * scale[:, None], unit, condition, len(scale))
    upper, info = lapack.dpotrf(scaled, lower=0, clean=1)
    if info == 0:
        pivots = upper.diagonal().tolist()
        if min(pivots) ** 2 > len(scale) * _EPS and max(pivots) < np.inf:
            return _from_upper(upper, scale, unit)
    return _from_eigen(scaled, scale, unit)


def inverse_root_of_triangular(upper: Array, unit: float = 1.0) -> InverseRoot:
    """`InverseRoot` of A from R with ``R'R = unit A``: what forming the product would lose."""
    scale = powers_of_two(np.einsum("ij,ij->j", upper, upper))
    scaled = upper * scale
    if np.all(np.abs(np.diag(scaled)) > _EPS):
        return _from_upper(scaled, scale, unit)
    return _from_eigen(scaled.T @ scaled, scale, unit)


def symmetric_inverse(square: Array) -> Array:
    """The inverse of a positive definite matrix, or its pseudo-inverse; never raises."""
    return inverse_root(square).inverse


def root_of(form: Array) -> Array:
    """L with ``L L' = form``, for a symmetric positive semi-definite matrix; never raises."""
    scale = powers_of_two(np.diag(form))
    scaled = form * scale * scale[:, None]
    lower, info = lapack.dpotrf(scaled, lower=1, clean=1)
    if info != 0 and np.isfinite(scaled).all():
        values, vectors = np.linalg.eigh(scaled)
        lower = vectors * np.sqrt(np.maximum(values, 0.0))
    result: Array = lower / scale[:, None]
    return result


def tsqr(matrix: ModelMatrix, root_weight: Array, *, ones: bool = False) -> Array:
    """Upper triangular R with ``R'R = X'WX``, without forming the product.

    Parameters
    ----------
    root_weight : ndarray, shape (n,) or ()
        Square root of w.
    ones : bool
        Whether to append a column of ones to X.
    """
    n, k = matrix.shape
    if matrix.compact is not None:
        return compact_tsqr(matrix, root_weight, ones=ones)
    upper = np.zeros((0, k + ones))
    for rows in blocks(n, k):
        root = np.broadcast_to(root_weight, (n,))[rows]
        part = matrix.block(rows)[root > 0.0]
        if ones:
            part = np.column_stack([part, np.ones(len(part))])
        part = part * root[root > 0.0, None]
        upper = np.asarray(np.linalg.qr(np.vstack([upper, part]), mode="r"))
    square = np.zeros((k + ones, k + ones))
    square[: len(upper)] = upper
    return square


def powers_of_two(squares: Array) -> Array:
    """Factors that bring the square roots of ``squares`` near one."""
    result: Array = np.ldexp(1.0, -(np.frexp(squares)[1] // 2))
    return result


def _from_upper(upper: Array, scale: Array, unit: float) -> InverseRoot:
    inverse = lapack.dtrtri(upper, lower=0)[0]
    condition = float(np.vdot(upper, upper) * np.vdot(inverse, inverse))
    return InverseRoot(inverse * scale[:, None], unit, condition, len(scale))


def _from_eigen(scaled: Array, scale: Array, unit: float) -> InverseRoot:
    k = len(scale)
    if not np.isfinite(scaled).all():
        return InverseRoot(np.full((k, k), np.nan), unit, np.inf, 0)
    values, vectors = np.linalg.eigh(scaled)
    good = values > k * _EPS * max(values[-1], 0.0)
    root = vectors / np.sqrt(np.where(good, values, np.inf))
    condition = float(values[-1] / values[0]) if good.all() else np.inf
    return InverseRoot(root * scale[:, None], unit, condition, int(good.sum()))
