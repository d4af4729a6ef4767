"""Inverses that never raise, triangular factors of tall matrices, rank and aliased columns."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from wlogit._typing import Array, BoolArray
from wlogit.core.blocksum import blocks, sum_over_blocks
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.rowblocks import cross

_EPS = float(np.finfo(np.float64).eps)
_TINY = 1e-280
# A column is aliased when what the kept ones leave of it is this small a share of its spread.
_ALIASED = 1e-11
# Squared share above which the normal equations settle that a column is not aliased.
_CLEARLY_FREE = 1e-8


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


@dataclass(frozen=True, slots=True, eq=False)
class Rank:
    """Which columns are determined by the rows with weight, and what the others equal.

    Attributes
    ----------
    rank : int
    kept : tuple of int
        Columns that are not combinations of earlier kept ones; an explicit constant is kept.
    aliased : mapping of int to ndarray, shape (rank,)
        For every other column, its coefficients on the kept ones.
    constant_in_span : bool
        Whether some combination of the columns is one on every row with weight.
    constant_combination : ndarray, shape (k,), or None
        That combination.
    """

    rank: int
    kept: tuple[int, ...]
    aliased: Mapping[int, Array]
    constant_in_span: bool
    constant_combination: Array | None


def inverse_root(square: Array, unit: float = 1.0) -> InverseRoot:
    """`InverseRoot` of a symmetric matrix, by Cholesky or, where that fails, by eigenvalues.

    Parameters
    ----------
    square : ndarray, shape (k, k)
    unit : float
        A power of two by which to multiply ``square`` first. If it cancels those that the
        entries share, no digit of the inverse depends on these.
    """
    scale = _powers_of_two(np.diag(square) * unit)
    scaled = square * unit * scale * scale[:, None]
    upper, info = lapack.dpotrf(scaled, lower=0, clean=1)
    if info == 0:
        return _from_upper(upper, scale, unit)
    return _from_eigen(scaled, scale, unit)


def inverse_root_of_triangular(upper: Array, unit: float = 1.0) -> InverseRoot:
    """`InverseRoot` of A from R with ``R'R = unit A``: what forming the product would lose."""
    scale = _powers_of_two(np.einsum("ij,ij->j", upper, upper))
    scaled = upper * scale
    if np.all(np.abs(np.diag(scaled)) > _EPS):
        return _from_upper(scaled, scale, unit)
    return _from_eigen(scaled.T @ scaled, scale, unit)


def symmetric_inverse(square: Array) -> Array:
    """The inverse of a positive definite matrix, or its pseudo-inverse; never raises."""
    return inverse_root(square).inverse


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
    upper = np.zeros((0, k + ones))
    for rows in blocks(n, k):
        part = matrix.block(rows)
        if ones:
            part = np.column_stack([part, np.ones(len(part))])
        part = part * (root_weight[rows][:, None] if root_weight.ndim else root_weight)
        upper = np.asarray(np.linalg.qr(np.vstack([upper, part]), mode="r"))
    square = np.zeros((k + ones, k + ones))
    square[: len(upper)] = upper
    return square


def rank_and_aliases(matrix: ModelMatrix, weight: Array) -> Rank:
    """Rank of the columns on the rows with positive weight, keeping earlier columns.

    A column is aliased if what earlier columns leave of it is below 1e-11 of its (centered)
    length, or below the rounding of its entries. One pass over X settles the usual case; only
    a doubtful one is settled by orthogonal factors.
    """
    use = np.broadcast_to(weight > 0.0, (matrix.shape[0],))
    clear = _clear_full_rank(matrix, use)
    if clear is not None:
        return clear
    return _by_elimination(matrix.standardized(use.astype(np.float64)), use)


def _powers_of_two(squares: Array) -> Array:
    """Factors that bring the square roots of ``squares`` near one."""
    result: Array = np.ldexp(1.0, -(np.frexp(squares)[1] // 2))
    return result


def _from_upper(upper: Array, scale: Array, unit: float) -> InverseRoot:
    inverse, info = lapack.dtrtri(upper, lower=0)
    condition = float(np.vdot(upper, upper) * np.vdot(inverse, inverse))
    if info != 0 or not condition < 1.0 / _EPS**2:
        return _from_eigen(upper.T @ upper, scale, unit)
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


def _clear_full_rank(work: ModelMatrix, use: BoolArray) -> Rank | None:
    """The verdict of the normal equations, if they leave no doubt."""
    k, constant = work.n_params, work.constant

    def kernel(rows: slice) -> tuple[Array, ...]:
        part, mask = work.block(rows), use[rows]
        part = part if mask.all() else part[mask]
        return cross(part, part), np.ones(len(part)) @ part

    with np.errstate(over="ignore", invalid="ignore"):
        gram, sums = sum_over_blocks(kernel, len(use), width=k)
    size = float(use.sum())
    if not np.isfinite(gram).all():
        return None
    centered = gram if constant is None else gram - np.outer(sums, sums) / size
    if constant is not None:
        centered = np.delete(np.delete(centered, constant, 0), constant, 1)
        gram = np.delete(np.delete(gram, constant, 0), constant, 1)
        sums = np.delete(sums, constant)
    length, spread = np.diag(gram), np.diag(centered)
    if not np.all(spread > np.maximum(1e-5 * length, _TINY)):
        return None
    unit = 1.0 / np.sqrt(spread)
    upper, info = lapack.dpotrf(centered * np.outer(unit, unit), lower=0, clean=1)
    if info != 0 or np.any(np.diag(upper) ** 2 < _CLEARLY_FREE):
        return None
    kept = tuple(range(k))
    if constant is not None:
        return Rank(k, kept, {}, True, _explicit(work))
    half = lapack.dtrtri(upper, lower=0)[0] * unit[:, None]
    combination = half @ (half.T @ sums)
    if size - combination @ sums > _CLEARLY_FREE * size:
        return Rank(k, kept, {}, False, None)
    if _largest_error(work, combination, use) < 1e-9:
        return Rank(k, kept, {}, True, work.to_user(_clean(combination)))
    return None


def _by_elimination(work: ModelMatrix, use: BoolArray) -> Rank:
    k, constant = work.n_params, work.constant
    upper = tsqr(work, use.astype(np.float64), ones=constant is None)
    order = list(range(upper.shape[1]))
    if constant is not None:
        order.remove(constant)
        order.insert(0, constant)
    length = np.sqrt(np.einsum("ij,ij->j", upper, upper))
    floor = 64.0 * _EPS * length
    if work.shift is not None:
        scale = np.ones(k) if work.scale is None else work.scale
        floor[:k] += _EPS * np.abs(work.shift) * scale * np.sqrt(use.sum())
    basis = np.zeros((upper.shape[0], 0))
    kept: list[int] = []
    for column in order:
        rest, spread = upper[:, column], length[column]
        if constant is not None and kept:
            first = basis[:, 0]
            spread = float(np.linalg.norm(rest - first * (first @ rest)))
        for _ in range(2):
            rest = rest - basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > max(_ALIASED * spread, floor[column]):
            basis = np.column_stack([basis, rest / size])
            kept.append(column)
    return _described(work, upper, kept)


def _described(work: ModelMatrix, upper: Array, kept_columns: list[int]) -> Rank:
    """`Rank` from the kept columns of R, in the user's coordinates."""
    k, constant = work.n_params, work.constant
    kept = tuple(sorted(column for column in kept_columns if column < k))
    basis = upper[:, list(kept)]
    unit = _powers_of_two(np.einsum("ij,ij->j", basis, basis))

    def combination(target: Array) -> Array:
        solution = np.linalg.lstsq(basis * unit, target, rcond=None)[0] * unit
        full = np.zeros(k)
        full[list(kept)] = _clean(solution)
        return full

    aliased = {}
    for column in sorted(set(range(k)) - set(kept)):
        coefficients = work.to_user(combination(upper[:, column]))
        if work.scale is not None:
            coefficients = coefficients / work.scale[column]
        if work.shift is not None and constant is not None:
            coefficients[constant] += work.shift[column] / work.values[0, constant]
        aliased[column] = _clean(coefficients[list(kept)])
    if constant is not None:
        return Rank(len(kept), kept, aliased, True, _explicit(work))
    if k in kept_columns:
        return Rank(len(kept), kept, aliased, False, None)
    return Rank(len(kept), kept, aliased, True, work.to_user(combination(upper[:, k])))


def _explicit(work: ModelMatrix) -> Array:
    combination = np.zeros(work.n_params)
    combination[work.constant] = 1.0 / float(work.values[0, work.constant])
    return combination


def _largest_error(work: ModelMatrix, combination: Array, use: BoolArray) -> float:
    return max(
        float(np.abs(work.dot(combination, rows) - 1.0)[use[rows]].max(initial=0.0))
        for rows in blocks(*work.shape)
    )


def _clean(coefficients: Array) -> Array:
    """Whole numbers where the coefficients are these but for rounding."""
    near = np.round(coefficients)
    tolerance = 1e-9 * np.maximum(1.0, np.abs(coefficients))
    result: Array = np.where(np.abs(coefficients - near) < tolerance, near, coefficients) + 0.0
    return result
