"""Where each coefficient goes as the likelihood of separated outcomes rises to its supremum."""

import numpy as np
from scipy.optimize import nnls

from wlogit._typing import Array, BoolArray
from wlogit.core.blocksum import blocks
from wlogit.core.cone import Cone, least
from wlogit.core.factors import inverse_root
from wlogit.core.recession import ZERO

# Share of the way to the border of the cone that a trial direction goes.
_SHORT_OF = 0.999
# How often to look around for coefficients of both signs, and how far.
_LOOKS, _FAR = 3, 100.0
# Rows for each unknown that a program starts with, rows that are added to it at once, and rows for
# each unknown beyond which those that do not bind are left out again.
_CLOSEST, _BATCH, _LARGE = 4, 50, 4
# Additions after which nothing is claimed.
_ROUNDS = 500
# A program's optimum above this is zero; z is in units of the cone's own size.
_NEGATIVE = -1e-8
# What multipliers may leave of a function that is a sum of rows.
_EXPLAINED = 1e-11
# Share of the terms of a sum that may be rounding.
_ROUNDING = 1e-13
# Violations of a row that the program itself tolerates.
_TOLERATED = 1e-9
# Condition number up to which multipliers are taken from an inverse.
_REGULAR = 1e8


def limits(cone: Cone) -> Array:
    """The limit of every coefficient in the user's coordinates: inf, -inf, 0 for finite, or NaN.

    Along every sequence of coefficients whose likelihood approaches the supremum, the margins of
    the rows that can be separated grow without bound, and what the other rows determine has a
    limit. So a coefficient diverges to inf for certain if and only if it is positive in the
    interior of the cone of directions and negative nowhere in it (Farkas' lemma); where both
    signs occur in the interior, it has no limit of its own.

    Returns
    -------
    ndarray, shape (k,)
    """
    coefficients = _coefficients(cone)
    diverging = np.flatnonzero(coefficients.any(axis=1))
    result = np.zeros(len(coefficients))
    result[diverging] = np.inf * _signs(cone, coefficients[diverging])
    return result


def _coefficients(cone: Cone) -> Array:
    """Each coefficient as a function of z, up to a positive factor; zeros for a finite one."""
    matrix, basis = cone.matrix, cone.basis
    coefficients = matrix.to_user(basis).copy()
    scale = np.ones(len(basis)) if matrix.scale is None else matrix.scale
    size = np.abs(basis).max(axis=1, initial=0.0) * scale
    if matrix.shift is not None and matrix.constant is not None:
        size[matrix.constant] += np.abs(matrix.shift / matrix.values[0, matrix.constant]) @ size
    largest = np.abs(coefficients).max(axis=1, initial=0.0)
    finite = largest <= ZERO * size
    coefficients[finite] = 0.0
    result: Array = coefficients / np.where(finite, 1.0, largest)[:, None]
    return result


def _signs(cone: Cone, coefficients: Array) -> Array:
    """1 or -1 for each coefficient with one sign throughout the interior of the cone, else NaN."""
    signs = np.sign(coefficients @ cone.inner)
    if len(cone.inner) == 1:
        return signs
    if cone.margins.min() <= 0.0:
        # Rounding hides the interior: nothing is claimed.
        return np.full(len(signs), np.nan)
    same = np.arange(len(signs))
    for _ in range(_LOOKS):
        if same.size:
            changes, cone = _look_around(cone, coefficients[same])
            signs[same[changes]] = np.nan
            same = same[~changes]
    program = Program(cone) if same.size else None
    for j in same:
        if program is not None and not program.is_never_negative(signs[j] * coefficients[j]):
            signs[j] = np.nan
    return signs


def _look_around(cone: Cone, coefficients: Array) -> tuple[BoolArray, Cone]:
    """Coefficients seen with both signs on lines through the inner direction; a more central one.

    The lines are those on which a coefficient changes fastest for what the margins change.
    """
    steps = inverse_root(cone.information()).inverse @ coefficients.T
    slope = np.sqrt(np.einsum("jq,qj->j", coefficients, steps))
    steps = steps / slope
    up, down = np.full((2, len(coefficients)), 1.0 / _FAR)
    for part in blocks(len(cone.rows), cone.matrix.n_params):
        change = cone.gains(steps, part) / cone.margins[part, None]
        up, down = np.maximum(up, -change.min(axis=0)), np.maximum(down, change.max(axis=0))
    inner = cone.inner[:, None]
    ends = np.hstack([inner + _SHORT_OF * steps / up, inner - _SHORT_OF * steps / down])
    values = np.einsum("jq,qej->ej", coefficients, ends.reshape(len(inner), 2, -1))
    doubt = ZERO * (np.abs(coefficients) @ np.abs(cone.inner))
    changes: BoolArray = (values[0] > doubt) & (values[1] < -doubt)
    central = (ends / cone.total(ends)).mean(axis=1)
    return changes, cone.around(central)


class Program:
    """Shows that functions of z are negative nowhere in a cone, or finds where they are.

    A function is negative nowhere if it is a sum of rows ``s x'B`` times multipliers that are not
    negative. Few of the rows are tried first; where these do not do, what is left of the function
    is a direction, and the rows that forbid it are added.
    """

    __slots__ = ("_binding", "_cone", "_facets", "_inverse", "_unit")

    def __init__(self, cone: Cone) -> None:
        unit = 1.0 / np.sqrt(np.diag(cone.information()))
        distinct = cone.distinct()
        order = np.argsort(cone.margins[distinct], kind="stable")
        closest = distinct[order[: max(_BATCH, _CLOSEST * len(unit))]]
        self._cone, self._unit = cone, unit * np.abs(cone.inner / unit).max()
        self._facets = _of_length_one(cone.facets(closest) * self._unit)
        self._binding = np.zeros(len(closest), dtype=np.bool_)
        # As many rows as unknowns: the only multipliers there are.
        self._inverse: Array | None = None
        if len(closest) == len(distinct) == len(unit) and np.linalg.cond(self._facets) < _REGULAR:
            self._inverse = np.asarray(np.linalg.inv(self._facets), dtype=np.float64)

    def is_never_negative(self, function: Array) -> bool:
        """Whether a function of z is nowhere negative in the interior of the cone."""
        target = _of_length_one(function * self._unit)
        if self._inverse is not None:
            multipliers = target @ self._inverse
            return bool(multipliers.min() >= -ZERO * np.abs(multipliers).max())
        if np.abs(self._facets - target).max(axis=1).min() <= ZERO:
            return True
        verdicts = (self._round(function, target) for _ in range(_ROUNDS))
        verdict = next((found for found in verdicts if found is not None), False)
        if len(self._facets) > _LARGE * len(target) and self._binding.any():
            self._facets = self._facets[self._binding]
            self._binding = self._binding[self._binding]
        return verdict

    def _round(self, function: Array, target: Array) -> bool | None:
        """The verdict, or None once rows were added that the direction found violates."""
        trial = _remainder(target, self._facets)
        self._binding |= np.abs(self._facets @ trial) <= _TOLERATED
        if target @ trial >= _NEGATIVE:
            return True
        slopes = trial * self._unit
        gains = self._cone.gains(slopes)
        furthest = self._furthest(slopes, gains)
        if function @ furthest < -_ROUNDING * (np.abs(function) @ np.abs(furthest)):
            return False
        violated = np.flatnonzero(gains < -_TOLERATED * np.abs(gains).max())
        if not len(violated):
            return True
        worst = self._cone.facets(violated[np.argsort(gains[violated])[:_BATCH]])
        self._facets = np.vstack([self._facets, _of_length_one(worst * self._unit)])
        self._binding = np.append(self._binding, np.zeros(len(worst), dtype=np.bool_))
        return None

    def _furthest(self, slopes: Array, gains: Array) -> Array:
        """Where the way from the inner direction leaves the cone, or else its end."""
        margins, losing = self._cone.margins, gains < 0.0
        reach = np.min(margins[losing] / (margins[losing] - gains[losing]), initial=1.0)
        furthest: Array = self._cone.inner + reach * (slopes - self._cone.inner)
        return furthest


def _remainder(target: Array, facets: Array) -> Array:
    """A direction, from what multipliers leave of the target, that no facet forbids."""
    try:
        multipliers, size = nnls(facets.T, target, maxiter=50 * len(target))
    except RuntimeError:
        return least(target, facets)
    if size <= _EXPLAINED:
        return np.zeros(len(target))
    return _of_length_one(facets.T @ multipliers - target)


def _of_length_one(rows: Array) -> Array:
    """Rows, or a single one, with a largest entry of one."""
    largest = np.abs(rows).max(axis=-1, keepdims=True)
    result: Array = rows / np.where(largest > 0.0, largest, 1.0)
    return result
