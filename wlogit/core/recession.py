"""Directions of recession of a logistic likelihood: what Newton's steps tell of them."""

import numpy as np
from scipy.linalg import lapack, qr

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.core.factors import (
    InverseRoot,
    inverse_root,
    inverse_root_of_triangular,
    root_of,
    tsqr,
)
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import Derivatives, LogitObjective
from wlogit.core.rowblocks import weighted_gram

# Margins below this share of the largest are zero.
ZERO = 1e-10
# A column is dependent on others when what they leave of it is this small a share of its length.
_DEPENDENT = 1e-11
# Squared share above which the normal equations settle that no column is dependent.
_CLEARLY_FREE = 1e-8
# A proof needs steps in which no margin rises by one; half of that leaves room for rounding.
_RISE = 0.5
# Information along some direction may fade to one over this before rounding takes over.
_FADED = 1e13
_STEPS, _HALVINGS, _QR_BEYOND = 60, 30, 1e12


def overlaps(objective: LogitObjective, params: Array) -> bool:
    """Whether a Newton step from here proves that a finite maximum exists.

    With residuals u, information A and Newton step h, the multipliers ``|u| - w p q s x'h`` have
    the sum ``U - A h = 0`` and are positive if the step raises no margin ``s x'b`` by one. Rows
    that hold both outcomes need no sign.

    Parameters
    ----------
    objective : LogitObjective
        Of full rank.
    params : ndarray, shape (k,)
        The optimum, or a point near it.
    """
    point = objective.derivatives(params)
    inverse = _inverse(objective, params, point)
    if inverse.rank < len(params) or inverse.condition > _FADED:
        return False
    present = np.broadcast_to(objective.weight > 0.0, objective.response.shape)
    sign = outcome_sign(objective.response)[present]
    change = LogitObjective(objective.matrix, objective.response, objective.weight)
    rise = sign * change.linear_predictor(inverse.solve(point.gradient))[present]
    return _is_proof(rise, sign * objective.linear_predictor(params)[present])


def _is_proof(rise: Array, margins: Array) -> bool:
    # The weight of a row's other outcome leaves q / u = p of the rise for its multiplier to bear.
    return bool(np.max(rise * likelihood.expit(margins), initial=0.0) < _RISE)


def outcome_sign(response: Array) -> Array:
    """1 for rows of events alone, -1 for rows of non-events alone, 0 for rows of both."""
    sign: Array = np.where(response == 1.0, 1.0, 0.0) - np.where(response == 0.0, 1.0, 0.0)
    return sign


def direction_by_newton(matrix: ModelMatrix, sign: Array) -> Array | None:
    """A direction that separates some rows, by Newton's method on the unweighted likelihood.

    Once the likelihood rises by diverging coefficients alone, each step raises the margin of
    every row that can be separated by at least one, and those of the other rows hardly. These
    others span what the direction must be orthogonal to.

    Parameters
    ----------
    matrix : ModelMatrix, shape (n, k)
        Of full rank, in working coordinates.
    sign : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (k,), or None
        Zeros if it is proven that there is no such direction; None if rounding leaves it open.
    """
    objective = LogitObjective(matrix, 0.5 * (1.0 + sign), np.asarray(1.0))
    params = np.zeros(objective.n_params)
    point = objective.derivatives(params)
    flat = root_of(point.information)
    for _ in range(_STEPS):
        inverse = _inverse(objective, params, point)
        if inverse.rank < len(params) or np.linalg.norm(flat.T @ inverse.root) ** 2 > _FADED:
            return None
        step = inverse.solve(point.gradient)
        margins = sign * objective.linear_predictor(params)
        rise = sign * objective.linear_predictor(step)
        if _is_proof(rise, margins):
            return np.zeros(len(params))
        if sign.all() and margins.min() > ZERO * margins.max():
            return params
        direction = _separating(matrix, sign, step, rise)
        if direction is not None:
            return direction
        moved = _advance(objective, params, point, step)
        if moved is None:
            return None
        params, point = moved
    return None


def null_space(matrix: ModelMatrix, constant: int | None) -> tuple[IntArray, Array]:
    """Independent columns of the rows given, and the directions along which no x'd changes.

    Parameters
    ----------
    matrix : ModelMatrix, shape (n, k)
    constant : int, optional
        A column that is kept in any case.

    Returns
    -------
    kept : ndarray of int, shape (r,)
    basis : ndarray, shape (k, k - r)
        The identity in the other columns.
    """
    n, k = matrix.shape
    gram = weighted_gram(matrix, np.asarray(1.0))
    used = np.flatnonzero(np.diag(gram))
    if n >= len(used) and _clearly_independent(gram[np.ix_(used, used)]):
        return used, np.eye(k)[:, np.setdiff1d(np.arange(k), used)]
    upper = tsqr(matrix.some(slice(None), used), np.asarray(1.0))
    first = np.flatnonzero(used == constant) if constant is not None else used[:0]
    independent = _independent(upper, first)
    dependent = np.setdiff1d(np.arange(len(used)), independent)
    solved = np.linalg.lstsq(upper[:, independent], upper[:, dependent], rcond=None)[0]
    kept = used[independent]
    free = np.setdiff1d(np.arange(k), kept)
    basis = np.zeros((k, len(free)))
    basis[free, np.arange(len(free))] = 1.0
    columns = np.searchsorted(free, used[dependent])
    basis[np.ix_(kept, columns)] = -np.where(np.abs(solved) > ZERO, solved, 0.0)
    return kept, basis


def _clearly_independent(gram: Array) -> bool:
    if not gram.size:
        return True
    lengths = np.sqrt(np.diag(gram))
    upper, info = lapack.dpotrf(gram / lengths / lengths[:, None], lower=0, clean=1)
    return bool(info == 0 and np.diag(upper).min() ** 2 > _CLEARLY_FREE)


def _independent(upper: Array, first: IntArray) -> IntArray:
    """Columns of R that are no combinations of one another, the ``first`` among them."""
    columns = upper / np.linalg.norm(upper, axis=0)
    others = np.setdiff1d(np.arange(columns.shape[1]), first)
    beside = columns[:, others] - columns[:, first] @ (columns[:, first].T @ columns[:, others])
    triangle, order = qr(beside, mode="r", pivoting=True)[:2]
    rank = int(np.sum(np.abs(np.diag(triangle)) > _DEPENDENT))
    return np.sort(np.append(first, others[order[:rank]]))


def _separating(matrix: ModelMatrix, sign: Array, step: Array, rise: Array) -> Array | None:
    """The part of a step that leaves the other rows where they are, if it separates the rest."""
    rising = (sign != 0.0) & (rise >= _RISE)
    if not rising.any():
        return None
    still = matrix.some(np.flatnonzero(~rising))
    kept, basis = null_space(still, None)
    free = np.setdiff1d(np.arange(len(step)), kept)
    direction: Array = basis @ step[free]
    margins = np.where(sign == 0.0, 1.0, sign) * matrix.dot(direction)
    least = ZERO * margins.max(initial=0.0)
    separates = np.all(margins[rising] > least) and np.all(np.abs(margins[~rising]) <= least)
    return direction if separates and free.size else None


def _advance(
    objective: LogitObjective, params: Array, point: Derivatives, step: Array
) -> tuple[Array, Derivatives] | None:
    """The longest of steps of length 1, 1/2, 1/4, ... that raises the likelihood, or None."""
    for halvings in range(_HALVINGS):
        moved = params + step * 0.5**halvings
        there = objective.derivatives(moved)
        if there.value >= point.value:
            return moved, there
    return None


def _inverse(objective: LogitObjective, params: Array, point: Derivatives) -> InverseRoot:
    inverse = inverse_root(point.information)
    if inverse.condition <= _QR_BEYOND:
        return inverse
    return inverse_root_of_triangular(objective.triangular(params))
