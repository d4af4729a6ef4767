"""Rows of an approximate inverse of an information matrix: exact, or by the nodewise lasso."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.quadratic import Quadratic

# What is left of a column's sum of squares beside the constant, below which it is constant too.
_CONSTANT = 1e-13
# Variance inflation beyond which columns count as collinear.
_COLLINEAR = 1e10
# Ratio of neighbouring penalties on the way down, and what may be violated there and at the end.
_STEP, _LOOSE, _TIGHT = 0.6, 1e-2, 1e-9
# A penalty that no coefficient overcomes.
_CLOSED = 1e30


@dataclass(frozen=True, eq=False)
class Correlations:
    """An information matrix A with its constant taken out, in units of its diagonal.

    With ``r_j = A_0j / A_00`` and ``s_j^2 = A_jj - r_j A_0j`` the coefficients ``s_j b_j`` have
    the information R, with a diagonal of ones, and are orthogonal to the constant's
    ``b_0 + sum of r_j b_j``. No location or unit of the columns matters to what follows.

    Attributes
    ----------
    information : ndarray, shape (k, k)
        A.
    constant : int or None
        The constant's place; without one nothing is taken out.
    """

    information: Array
    constant: int | None

    @cached_property
    def ratios(self) -> Array:
        """r, zero for the constant itself; shape (k,)."""
        k = len(self.information)
        if self.constant is None:
            return np.zeros(k)
        row = self.information[self.constant]
        ratios = row / row[self.constant]
        ratios[self.constant] = 0.0
        return np.asarray(ratios)

    @cached_property
    def _centered(self) -> Array:
        if self.constant is None:
            return self.information
        return np.asarray(self.information - np.outer(self.ratios, self.information[self.constant]))

    @cached_property
    def columns(self) -> IntArray:
        """The columns that vary: neither zero nor the constant over again."""
        diagonal = self.information.diagonal()
        varies = self._centered.diagonal() > _CONSTANT * diagonal
        if self.constant is not None:
            varies[self.constant] = False
        return np.flatnonzero(varies)

    @cached_property
    def scale(self) -> Array:
        """s of the columns that vary."""
        return np.asarray(np.sqrt(self._centered.diagonal()[self.columns]))

    @cached_property
    def matrix(self) -> Array:
        """R of the columns that vary."""
        correlation = self._centered[np.ix_(self.columns, self.columns)]
        correlation = correlation / np.outer(self.scale, self.scale)
        correlation = 0.5 * (correlation + correlation.T)
        np.fill_diagonal(correlation, 1.0)
        return np.asarray(correlation)

    def inward(self, functional: Array) -> Array | None:
        """A combination ``c'b`` in the coefficients s b; None if it needs a column left out."""
        others = np.ones(len(functional), dtype=np.bool_)
        others[self.columns] = False
        moved = functional
        if self.constant is not None:
            others[self.constant] = False
            moved = functional - functional[self.constant] * self.ratios
        if np.any(functional[others] != 0.0):
            return None
        return np.asarray(moved[self.columns] / self.scale)

    def outward(self, functional: Array, direction: Array) -> Array:
        """The row of the inverse of A that a direction of s b stands for; shape (k,)."""
        row = np.zeros(len(functional))
        row[self.columns] = direction / self.scale
        if self.constant is not None:
            of_constant = functional[self.constant] / self.information[self.constant, self.constant]
            row[self.constant] = of_constant - row @ self.ratios
        return row

    def inverse(self) -> Array | None:
        """``R^-1``; None where columns are collinear."""
        try:
            inverse = linalg.inv(linalg.cholesky(self.matrix))
        except linalg.LinAlgError:
            return None
        inverse = inverse @ inverse.T
        largest = inverse.diagonal().max(initial=0.0)
        return np.asarray(inverse) if largest < _COLLINEAR else None


def exact_rows(correlations: Correlations, functionals: Array, inverse: Array) -> Array:
    """``c'A^-1`` for each row c of `functionals`, from ``R^-1``; NaN where it does not exist."""
    rows = np.full(functionals.shape, np.nan)
    for i, functional in enumerate(functionals):
        inward = correlations.inward(functional)
        if inward is not None:
            rows[i] = correlations.outward(functional, inverse @ inward)
    return rows


def nodewise_rows(
    correlations: Correlations, functionals: Array, penalised: BoolArray, penalty: float
) -> Array:
    """Approximations to ``c'A^-1`` for each row c of `functionals`, shape (J, k).

    For a coefficient j, every other column's part in column j is fitted by a lasso,
    ``g = argmin g'Rg / 2 - R_j'g + penalty sum of |g_l|``, and with ``t = 1 - R_j'g`` the row is
    ``(e_j - g) / t``.

    Parameters
    ----------
    correlations : Correlations
    functionals : ndarray, shape (J, k)
    penalised : ndarray of bool, shape (k,)
        Columns whose part is penalised; the others are accounted for in full.
    penalty : float

    Returns
    -------
    ndarray, shape (J, k)
        NaN for a column that does not vary, and for combinations. The constant is one: it takes
        the columns from their means, whose many small errors add up to a bias.

    References
    ----------
    van de Geer, Buhlmann, Ritov and Dezeure (2014), Annals of Statistics 42, equations (7) to
    (9) and section 3.1.
    """
    quadratic = Quadratic(correlations.matrix)
    l1 = np.where(penalised[correlations.columns], penalty, 0.0)
    rows = np.full(functionals.shape, np.nan)
    for i, functional in enumerate(functionals):
        inward = correlations.inward(functional)
        alone = np.zeros(0) if inward is None else np.flatnonzero(inward)
        if inward is not None and alone.size == 1:
            j = int(alone[0])
            rows[i] = correlations.outward(functional, inward[j] * _node(quadratic, j, l1))
    return rows


def _node(quadratic: Quadratic, j: int, l1: Array) -> Array:
    """Row j of the approximate inverse of a correlation matrix."""
    linear = np.array(quadratic.square[j])
    linear[j] = 0.0
    closed = l1.copy()
    closed[j] = _CLOSED
    part = _descend(quadratic, linear, closed)
    direction = -part
    direction[j] = 1.0
    return np.asarray(direction / (1.0 - linear @ part))


def _descend(quadratic: Quadratic, linear: Array, l1: Array) -> Array:
    """The minimum under falling penalties, the last of them `l1`."""
    open_ = (l1 > 0.0) & (l1 < _CLOSED)
    ratio = 1.0
    if open_.any():
        ratio = max(float((np.abs(linear[open_]) / l1[open_]).max()), 1.0)
    z = np.zeros_like(linear)
    while True:
        now = np.where(open_, ratio * l1, l1)
        slack = (_TIGHT if ratio == 1.0 else _LOOSE) * (now[open_].max(initial=0.0) or 1.0)
        z = quadratic.minimize(linear, now, z, np.full_like(linear, slack))
        if ratio == 1.0:
            return z
        ratio = max(_STEP * ratio, 1.0)
