"""Whether a hyperplane separates the outcomes, by linear programming."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import linprog

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.blocksum import blocks
from wlogit.core.factors import tsqr
from wlogit.core.model_matrix import ModelMatrix

# Margins in units of the largest entry of a column; HiGHS accepts no smaller tolerance.
_TOLERANCE = 1e-10
_BATCH = 500
_ROUNDS = 1000

Select = slice | IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """The verdict, and for each coefficient where it diverges to: inf, -inf, or 0 for nowhere.

    ``slopes`` is the direction itself, finite, in the working coordinates of the matrix.
    """

    separated: bool
    kind: Literal["complete", "quasi", "none"]
    directions: Array
    slopes: Array


def separation(matrix: ModelMatrix, sign: Array, rows: BoolArray | None = None) -> Separation:
    """Find the directions in which the likelihood rises for ever.

    Maximizes ``sum of s x'd`` subject to ``s x'd >= 0`` and ``|d_j| <= 1``, columns scaled to a
    largest entry of one; the outcomes are separated if the maximum is positive. Only rows that
    a trial solution violates enter the program, so it stays small for any number of rows.

    Parameters
    ----------
    sign : ndarray, shape (n,)
        s: 1 for events, -1 for non-events, 0 for rows that hold both, on which x'd must vanish.
    rows : ndarray of bool, shape (n,), optional
        Rows with weight; default all.

    References
    ----------
    Konis (2007), Linear programming algorithms for detecting separated data in binary logistic
    regression models, DPhil thesis, Oxford, section 4.4.
    """
    use = np.ones(len(sign), dtype=np.bool_) if rows is None else rows
    work = matrix.standardized(use.astype(np.float64))
    largest = _largest_entries(work, use)
    free = _vanishing_on(work, largest, use & (sign == 0.0))
    signed = np.where(use, sign, 0.0)

    def constraints(select: Select) -> Array:
        result: Array = (work.block(select) * signed[select, None] / largest) @ free
        return result

    gain = np.sum([constraints(part).sum(axis=0) for part in blocks(*work.shape)], axis=0)
    mixture = _best_direction(gain, constraints, signed)
    if mixture is None:
        nowhere = np.zeros(work.n_params)
        return Separation(separated=False, kind="none", directions=nowhere, slopes=nowhere)
    complete = not np.any(use & (sign == 0.0)) and _has_margin(mixture, constraints, signed)
    return Separation(
        separated=True,
        kind="complete" if complete else "quasi",
        directions=_directions(work, free @ mixture, largest),
        slopes=matrix.to_working(work.to_user(free @ mixture / largest)),
    )


def _largest_entries(work: ModelMatrix, use: BoolArray) -> Array:
    largest = np.zeros(work.n_params)
    for part in blocks(*work.shape):
        entries = np.abs(work.block(part)[use[part]])
        np.maximum(largest, entries.max(axis=0, initial=0.0), out=largest)
    return np.where(largest > 0.0, largest, 1.0)


def _vanishing_on(work: ModelMatrix, largest: Array, mixed: BoolArray) -> Array:
    """Basis of the directions, for scaled columns, along which x'd = 0 on the ``mixed`` rows."""
    if not mixed.any():
        return np.eye(work.n_params)
    upper = tsqr(work, mixed.astype(np.float64)) / largest
    _, sizes, directions = np.linalg.svd(upper)
    basis: Array = directions[sizes <= 1e-11 * sizes[0]].T
    return basis


def _best_direction(
    gain: Array, constraints: Callable[[Select], Array], signed: Array
) -> Array | None:
    """Maximize ``gain'd`` subject to ``constraints d >= 0`` and ``|d_j| <= 1``; None if zero."""
    unit = np.abs(gain).max(initial=0.0)
    if unit == 0.0:
        return None
    active = np.flatnonzero(signed)[:: max(1, np.count_nonzero(signed) // _BATCH)]
    for _ in range(_ROUNDS):
        solution = linprog(
            -gain / unit,
            A_ub=-constraints(active),
            b_ub=np.zeros(len(active)),
            bounds=(-1.0, 1.0),
            method="highs",
            options={
                "primal_feasibility_tolerance": _TOLERANCE,
                "dual_feasibility_tolerance": _TOLERANCE,
            },
        )
        if solution.x is None or gain @ solution.x <= 10.0 * _TOLERANCE * unit:
            return None
        margins = _margins(solution.x, constraints, signed)
        violated = np.flatnonzero(margins < -10.0 * _TOLERANCE)
        violated = np.setdiff1d(violated, active, assume_unique=True)
        if not len(violated):
            best: Array = solution.x
            return best
        worst = violated[np.argsort(margins[violated])[:_BATCH]]
        active = np.concatenate([active, worst])
    return None


def _has_margin(direction: Array, constraints: Callable[[Select], Array], signed: Array) -> bool:
    """Whether some direction keeps every row strictly on its side."""
    rows = signed != 0.0
    if np.all(_margins(direction, constraints, signed)[rows] > 10.0 * _TOLERANCE):
        return True

    def with_margin(select: Select) -> Array:
        return np.column_stack([constraints(select), -np.abs(signed[select])])

    gain = np.zeros(len(direction) + 1)
    gain[-1] = 1.0
    best = _best_direction(gain, with_margin, signed)
    return best is not None


def _margins(direction: Array, constraints: Callable[[Select], Array], signed: Array) -> Array:
    parts = blocks(len(signed), len(direction))
    return np.concatenate([constraints(part) @ direction for part in parts])


def _directions(work: ModelMatrix, direction: Array, largest: Array) -> Array:
    """Signs of a direction of the scaled columns in the user's coordinates, times infinity."""
    user = work.to_user(direction / largest)
    entries = largest if work.scale is None else largest / work.scale
    if work.shift is not None:
        entries = entries + np.abs(work.shift)
    size = np.abs(user) * entries
    diverging = size > 1e-7 * size.max()
    return np.where(diverging, np.copysign(np.inf, user), 0.0)
