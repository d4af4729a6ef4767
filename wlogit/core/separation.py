"""Whether a hyperplane separates the outcomes, by linear programming."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import linprog

from wlogit._typing import Array, BoolArray
from wlogit.core.model_matrix import ModelMatrix


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """The verdict, and for each coefficient where it diverges to: inf, -inf, or 0 for nowhere.

    ``slopes`` is one direction of separation, shape (k,), in working coordinates.
    """

    separated: bool
    kind: Literal["complete", "quasi", "none"]
    directions: Array
    slopes: Array


def separation(matrix: ModelMatrix, sign: Array, rows: BoolArray | None = None) -> Separation:
    """Find the directions in which the likelihood rises for ever.

    Maximizes ``sum of s x'd`` subject to ``s x'd >= 0`` and ``|d_j| <= 1``; the outcomes are
    separated if the maximum is positive.

    Parameters
    ----------
    sign : ndarray, shape (n,)
        s: 1 for events, -1 for non-events, 0 for rows that hold both.
    rows : ndarray of bool, shape (n,), optional
        Rows with weight; default all.

    References
    ----------
    Konis (2007), Linear programming algorithms for detecting separated data in binary logistic
    regression models, DPhil thesis, Oxford, section 4.4.
    """
    use = np.ones(len(sign), dtype=bool) if rows is None else rows
    x = matrix.block(slice(None))
    scale = np.maximum(np.abs(x[use]).max(axis=0), 1e-300)
    signed = x[use & (sign != 0.0)] / scale * sign[use & (sign != 0.0), None]
    mixed = x[use & (sign == 0.0)] / scale
    result = linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)),
        A_eq=mixed if len(mixed) else None, b_eq=np.zeros(len(mixed)) if len(mixed) else None,
        bounds=(-1, 1), method="highs",
    )
    none = Separation(False, "none", np.zeros(matrix.n_params), np.zeros(matrix.n_params))
    if result.x is None or -result.fun < 1e-6:
        return none
    direction = matrix.to_user(result.x / scale)
    size = np.abs(direction) * scale
    directions = np.where(size > 1e-7 * size.max(), np.sign(direction) * np.inf, 0.0)
    directions = np.where(size > 1e-7 * size.max(), directions, 0.0)
    complete = not len(mixed) and bool(np.all(signed @ result.x > 1e-7))
    return Separation(True, "complete" if complete else "quasi", directions, result.x / scale)
