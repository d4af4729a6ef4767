"""Rank and aliased columns, and the inverses and factors of `wlogit.core.factors`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from wlogit._typing import Array, BoolArray
from wlogit.core.blocksum import sample_of_blocks, sum_over_blocks
from wlogit.core.factors import (
    InverseRoot,
    inverse_root,
    inverse_root_of_triangular,
    powers_of_two,
    root_of,
    symmetric_inverse,
    tsqr,
)
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import finished, gram_and_sums

__all__ = [
    "InverseRoot",
    "Rank",
    "inverse_root",
    "inverse_root_of_triangular",
    "rank_and_aliases",
    "root_of",
    "symmetric_inverse",
    "tsqr",
]

_EPS = float(np.finfo(np.float64).eps)
_TINY = 1e-280
# A column is aliased when what the kept ones leave of it is this small a share of its spread.
_ALIASED = 1e-11
# Squared share above which the normal equations settle that a column is not aliased.
_CLEARLY_FREE = 1e-8


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


def rank_and_aliases(matrix: ModelMatrix, weight: Array) -> Rank:
    """Rank of the columns on the rows with positive weight, keeping earlier columns.

    A column is aliased if what earlier columns leave of it is below 1e-11 of its (centered)
    length, or below the rounding of its entries. Columns that are clearly free of each other on
    some of the rows are so on all; only a doubtful case takes all rows and orthogonal factors.
    """
    use = np.broadcast_to(weight > 0.0, (matrix.shape[0],))
    clear = _clear_full_rank(matrix, use)
    if clear is not None:
        return clear
    return _by_elimination(matrix.standardized(use.astype(np.float64)), use)


def _clear_full_rank(work: ModelMatrix, use: BoolArray) -> Rank | None:
    """The verdict of the normal equations of a sample or of all rows, if they leave no doubt."""
    everything = work.row_blocks
    sample = everything if work.compact is not None else sample_of_blocks(*work.shape)
    if len(sample) < len(everything):
        gram, sums, size = _moments(work, use, sample)
        clear = _verdict(work, use, gram, sums, size) if size >= 10.0 * work.n_params else None
        if clear is not None:
            return clear
    return _verdict(work, use, *_moments(work, use, everything))


def _verdict(
    work: ModelMatrix, use: BoolArray, gram: Array, sums: Array, size: float
) -> Rank | None:
    """Full rank, from the moments of some rows, if they leave no doubt."""
    k, constant = work.n_params, work.constant
    if not np.isfinite(gram).all():
        return None
    centered = gram if constant is None else gram - np.outer(sums, sums) / size
    others = np.arange(k) != constant
    half = _clear_inverse_root(gram[others][:, others], centered[others][:, others])
    if half is None:
        return None
    kept = tuple(range(k))
    if constant is not None:
        return Rank(k, kept, {}, True, _explicit(work))
    combination = half @ (half.T @ sums)
    if size - combination @ sums > _CLEARLY_FREE * size:
        return Rank(k, kept, {}, False, None)
    if _largest_error(work, combination, use) < 1e-9:
        return Rank(k, kept, {}, True, work.to_user(_clean(combination)))
    return None


def _moments(
    work: ModelMatrix, use: BoolArray, parts: Sequence[slice]
) -> tuple[Array, Array, float]:
    """``X'X``, the column sums and the number of the rows in use, among the blocks given."""

    def kernel(rows: slice) -> tuple[Array, ...]:
        mask = use[rows]
        part = work.part(rows if mask.all() else np.flatnonzero(mask) + rows.start)
        ones = np.ones((1, len(part)))
        with np.errstate(over="ignore", invalid="ignore"):
            gram, sums = gram_and_sums(part, np.asarray(1.0), ones)
            return gram, sums[0], np.asarray(float(len(part)))

    with np.errstate(over="ignore", invalid="ignore"):
        gram, sums, size = sum_over_blocks(kernel, parts, width=work.width)
        return finished(gram), sums, float(size)


def _clear_inverse_root(gram: Array, centered: Array) -> Array | None:
    """H with ``H H'`` the inverse of ``centered``; None unless it is clearly regular."""
    if gram.size == 0:
        return gram
    length, spread = np.diag(gram), np.diag(centered)
    if np.any(spread <= np.maximum(1e-5 * length, _TINY)):
        return None
    scale = 1.0 / np.sqrt(spread)
    upper, info = lapack.dpotrf(centered * scale * scale[:, None], lower=0, clean=1)
    if info != 0 or np.any(np.diag(upper) ** 2 < _CLEARLY_FREE):
        return None
    result: Array = lapack.dtrtri(upper, lower=0)[0] * scale[:, None]
    return result


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
    kept = _earliest_basis(upper, order, floor, centering=constant is not None)
    return _described(work, upper, kept)


def _earliest_basis(upper: Array, order: list[int], floor: Array, *, centering: bool) -> list[int]:
    """Columns of R, in ``order``, that are not combinations of those before them.

    A residual counts as nothing below ``floor`` or below 1e-11 of the column's length; that is
    the length beside the first column, if ``centering``.
    """
    basis, kept = np.zeros((upper.shape[0], 0)), list[int]()
    for column in order:
        rest = beside = upper[:, column]
        if centering and kept:
            beside = rest - basis[:, 0] * (basis[:, 0] @ rest)
        for _ in range(2):
            rest = rest - basis @ (basis.T @ rest)
        size = np.linalg.norm(rest)
        if size > max(_ALIASED * np.linalg.norm(beside), floor[column]):
            basis = np.column_stack([basis, rest / size])
            kept.append(column)
    return kept


def _described(work: ModelMatrix, upper: Array, kept_columns: list[int]) -> Rank:
    """`Rank` from the kept columns of R, in the user's coordinates."""
    k, constant = work.n_params, work.constant
    kept = tuple(sorted(column for column in kept_columns if column < k))
    basis = upper[:, list(kept)]
    unit = powers_of_two(np.einsum("ij,ij->j", basis, basis))

    targets = sorted(set(range(upper.shape[1])) - set(kept))
    solutions = np.linalg.lstsq(basis * unit, upper[:, targets], rcond=None)[0].T * unit

    def combination(column: int) -> Array:
        full = np.zeros(k)
        full[list(kept)] = _clean(solutions[targets.index(column)])
        return full

    aliased = {}
    for column in sorted(set(range(k)) - set(kept)):
        coefficients = work.to_user(combination(column))
        if work.scale is not None:
            coefficients = coefficients / work.scale[column]
        if work.shift is not None and constant is not None:
            coefficients[constant] += work.shift[column] / work.values[0, constant]
        aliased[column] = _clean(coefficients[list(kept)])
    if constant is not None:
        return Rank(len(kept), kept, aliased, True, _explicit(work))
    if k in kept_columns:
        return Rank(len(kept), kept, aliased, False, None)
    return Rank(len(kept), kept, aliased, True, work.to_user(combination(k)))


def _explicit(work: ModelMatrix) -> Array:
    combination = np.zeros(work.n_params)
    combination[work.constant] = 1.0 / float(work.values[0, work.constant])
    return combination


def _largest_error(work: ModelMatrix, combination: Array, use: BoolArray) -> float:
    return max(
        float(np.abs(work.dot(combination, rows)[use[rows]] - 1.0).max(initial=0.0))
        for rows in work.row_blocks
    )


def _clean(coefficients: Array) -> Array:
    """Whole numbers where the coefficients are these but for rounding."""
    near = np.round(coefficients)
    tolerance = 1e-9 * np.maximum(1.0, np.abs(coefficients))
    result: Array = np.where(np.abs(coefficients - near) < tolerance, near, coefficients) + 0.0
    return result
