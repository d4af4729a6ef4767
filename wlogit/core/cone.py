"""The cone of the directions that separate, by linear programs: what it says of coefficients."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from wlogit._typing import Array, IntArray
from wlogit.core.blocksum import blocks
from wlogit.core.compact import CompactBlock
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import block_gram, finished, rows_times
from wlogit.core.recession import ZERO, direction_by_newton
from wlogit.core.rowblocks import weighted_sums

# HiGHS accepts no smaller tolerance.
_TOLERANCE = 1e-10
_TIGHT: Any = {
    "primal_feasibility_tolerance": _TOLERANCE,
    "dual_feasibility_tolerance": _TOLERANCE,
}
# Rows that enter a program at once, and how often.
_BATCH, _ROUNDS = 500, 1000
# Share of entries up to which a matrix is given as a sparse one.
_SPARSE = 0.3


def best_direction(matrix: ModelMatrix, sign: Array, gain: Array | None = None) -> Array:
    """Maximize ``gain'd`` subject to ``s x'd >= 0`` and ``|d_j| <= 1``; zeros if that is zero.

    Only rows that a trial solution violates enter the program, so it stays small.

    Parameters
    ----------
    matrix : ModelMatrix, shape (n, k)
    sign : ndarray, shape (n,)
        s; zero for rows on which x'd must vanish.
    gain : ndarray, shape (k,), optional
        Default: the sum of s x.

    References
    ----------
    Konis (2007), Linear programming algorithms for detecting separated data in binary logistic
    regression models, DPhil thesis, Oxford, section 4.4.
    """
    gain = weighted_sums(matrix, sign) if gain is None else gain
    unit = np.abs(gain).max(initial=0.0)
    used = np.flatnonzero(sign)
    active = np.union1d(used[:: max(1, len(used) // _BATCH)], np.flatnonzero(sign == 0.0))
    for _ in range(_ROUNDS if unit > 0.0 else 0):
        trial = least(-gain / unit, *_sides(matrix.block(active), sign[active]))
        if gain @ trial <= 10.0 * _TOLERANCE * unit:
            break
        margins = sign * matrix.dot(trial)
        violated = np.setdiff1d(np.flatnonzero(margins < -10.0 * _TOLERANCE), active)
        if not len(violated):
            return trial
        worst = violated[np.argsort(margins[violated])[:_BATCH]]
        active = np.concatenate([active, worst])
    return np.zeros(matrix.n_params)


def _sides(rows: Array, sign: Array) -> tuple[Array, Array]:
    """``s x`` of the rows with one outcome, and x of those with both."""
    both = sign == 0.0
    return rows[~both] * sign[~both, None], rows[both]


def least(cost: Array, sides: Array, level: Array | None = None) -> Array:
    """The d of least cost with ``S d >= 0``, ``L d = 0`` and ``|d_j| <= 1``.

    Solved by its dual, which has as many constraints as unknowns here and a variable a row:
    ``S' y + L' z + u - v = cost`` of least ``sum of u + v``, where y, u and v are not negative.
    """
    k = len(cost)
    level = np.zeros((0, k)) if level is None else level
    columns = np.vstack([sides, level, np.eye(k), -np.eye(k)])
    bounds: Any = np.zeros((len(columns), 2))
    bounds[:, 1] = np.inf
    bounds[len(sides) : len(sides) + len(level), 0] = -np.inf
    solution = linprog(
        np.r_[np.zeros(len(sides) + len(level)), np.ones(2 * k)],
        A_eq=_compact(columns.T),
        b_eq=cost,
        bounds=bounds,
        method="highs",
        options=_TIGHT,
    )
    return np.zeros(k) if solution.x is None else -np.asarray(solution.eqlin.marginals)


def _compact(rows: Array) -> Any:
    is_sparse = np.count_nonzero(rows) < _SPARSE * rows.size
    return sparse.csr_array(rows) if is_sparse else rows


@dataclass(frozen=True, slots=True, eq=False)
class Cone:
    """The directions ``d = B z`` with ``s x'd >= 0``, which has an interior.

    Attributes
    ----------
    matrix : ModelMatrix, shape (n, k)
    rows : ndarray of int
        The rows that can be separated; the others do not see any of the directions.
    sign : ndarray
        s of these rows, 1 or -1.
    basis : ndarray, shape (k, q)
        B.
    inner : ndarray, shape (q,)
        z of a direction with every row strictly on its side.
    margins : ndarray
        ``s x'd`` of that direction, in the order of ``rows``.
    """

    matrix: ModelMatrix
    rows: IntArray
    sign: Array
    basis: Array
    inner: Array
    margins: Array

    @classmethod
    def build(
        cls, matrix: ModelMatrix, sign: Array, rows: IntArray, basis: Array, inner: Array
    ) -> "Cone":
        """Look for another inner direction where rounding has spoilt the one given."""
        trial = cls(matrix, rows, sign[rows], basis, inner, np.zeros(0))
        margins = trial.gains(inner)
        if margins.min() <= ZERO * margins.max():
            return trial.around(trial.another_inner())
        return replace(trial, margins=margins)

    def part(self, part: slice | IntArray) -> "Array | CompactBlock":
        """x of some of the rows."""
        rows = self.rows[part]
        # Consecutive rows are read without a copy.
        if isinstance(part, slice) and len(rows) and rows[-1] - rows[0] == len(rows) - 1:
            return self.matrix.part(slice(rows[0], rows[-1] + 1))
        return self.matrix.part(rows)

    def facets(self, part: slice | IntArray = slice(None)) -> Array:
        """``s x'B`` of some of the rows."""
        return (self.sign[part] * self.part(part).dot(self.basis).T).T

    def gains(self, slopes: Array, part: slice | None = None) -> Array:
        """``s x'B z`` of all or some of the rows, for z of shape (q,) or columns of them."""
        directions = self.basis @ slopes
        parts = blocks(len(self.rows), self.matrix.n_params) if part is None else [part]
        return np.concatenate(
            [(self.sign[some] * self.part(some).dot(directions).T).T for some in parts]
        )

    def total(self, slopes: Array) -> Array:
        """The sum of the gains, for columns of z."""
        sums = np.zeros(self.matrix.n_params)
        for part in blocks(len(self.rows), self.matrix.n_params):
            sums += rows_times(self.sign[part][np.newaxis], self.part(part))[0]
        return sums @ self.basis @ slopes

    def around(self, inner: Array) -> "Cone":
        """The same cone with another inner direction."""
        return replace(self, inner=inner, margins=self.gains(inner))

    def information(self) -> Array:
        """``B' (sum of x x' / margin^2) B``: directions of length one stay within the cone."""
        grams = (
            block_gram(self.part(part), self.margins[part] ** -2.0)
            for part in blocks(len(self.rows), self.matrix.n_params)
        )
        total = finished(sum(grams, start=next(grams)))
        result: Array = self.basis.T @ total @ self.basis
        return result

    def distinct(self) -> IntArray:
        """Positions of one row of each sort, told apart by two random functions of it."""
        probe = np.random.default_rng(0).normal(size=(self.basis.shape[1], 2))
        seen = np.round(self.gains(probe) / np.abs(probe).sum(axis=0), 12)
        return np.unique(seen[:, 0] + 1j * seen[:, 1], return_index=True)[1]

    def another_inner(self) -> Array:
        """By Newton's method, or with the largest margin in a box."""
        facets, ones = self.facets(), np.ones(len(self.rows))
        found = direction_by_newton(ModelMatrix(facets), ones)
        if found is None:
            with_margin = ModelMatrix(np.column_stack([facets, -ones]))
            last = np.append(np.zeros(len(self.inner)), 1.0)
            found = best_direction(with_margin, ones, last)[:-1]
        return found
