"""The lasso for a quadratic function: an exact search over supports and signs."""

from dataclasses import dataclass, field
from typing import cast

import numpy as np
from scipy.linalg import lapack

from wlogit._typing import Array, BoolArray

# Supports tried before coordinate descent takes over, and sweeps it may take.
_MOST_SUPPORTS, _MOST_SWEEPS = 60, 200
# A factor serves for supports that differ from its own in one column of so many.
_REFACTOR = 20


@dataclass(slots=True, eq=False)
class Quadratic:
    """``q(z) = z'A z / 2 - c'z + sum of l1_j |z_j|`` with a positive definite A.

    Factors of A on a support are kept for the next linear term.

    Parameters
    ----------
    square : ndarray, shape (a, a)
        A.
    """

    square: Array
    _factored: tuple[BoolArray, Array] | None = field(default=None, init=False)

    def minimize(self, linear: Array, l1: Array, start: Array, slack: Array) -> Array:
        """The minimum, shape (a,), from ``start``.

        A column at zero whose slope exceeds ``l1_j + slack_j`` joins the support with the sign
        that descends; the smooth problem of the support and its signs is solved; where signs
        turn, the best point on the way is taken. Every step lowers the value, so no support
        recurs.

        References
        ----------
        Lee, Battle, Raina and Ng (2007), Efficient sparse coding algorithms, Advances in Neural
        Information Processing Systems 19 (feature-sign search).
        """
        z = np.array(start)
        product = np.dot(self.square, z)
        for _ in range(_MOST_SUPPORTS):
            slope = linear - product
            entering = (z == 0.0) & (np.abs(slope) > l1 + slack)
            signs = np.where(z == 0.0, np.sign(slope) * entering, np.sign(z))
            support = entering | (z != 0.0) | (l1 == 0.0)
            target = self._target(linear, l1, z, signs, support)
            if target is None:
                break
            moved = self._descend(linear, l1, z, product, target)
            if moved is None:
                break
            settled = np.array_equal(moved, target)
            z = moved
            product = np.dot(self.square, z)
            if settled and not np.any((z == 0.0) & (np.abs(linear - product) > l1 + slack)):
                return z
        return self._sweep(linear, l1, z, slack)

    def _target(
        self, linear: Array, l1: Array, z: Array, signs: Array, support: BoolArray
    ) -> Array | None:
        """Minimum of the smooth problem; columns that would enter backwards are left out."""
        while True:
            target = self._smooth(linear - l1 * signs, support)
            if target is None:
                return None
            backwards = support & (z == 0.0) & (l1 > 0.0) & (target * signs <= 0.0)
            if not backwards.any():
                return target
            support = support & ~backwards

    def _smooth(self, linear: Array, support: BoolArray) -> Array | None:
        """Minimum over a support of the smooth part; None if A is singular there."""
        target = np.zeros(len(linear))
        if not support.any():
            return target
        if self._factored is not None:
            changed = np.count_nonzero(support != self._factored[0])
            if changed * _REFACTOR <= np.count_nonzero(support):
                return self._by_changes(linear, support)
        index = np.flatnonzero(support)
        part = self.square[np.ix_(index, index)].T
        factor, info = lapack.dpotrf(part, lower=0, clean=0, overwrite_a=1)
        self._factored = (support, factor) if info == 0 else None
        if info != 0:
            return None
        target[index] = lapack.dpotrs(factor, linear[index], lower=0)[0]
        return target

    def _by_changes(self, linear: Array, support: BoolArray) -> Array:
        """The same from the factor of a support that differs little.

        Columns that enter border the system, and those that leave are held at zero by multipliers.
        """
        base, factor = cast("tuple[BoolArray, Array]", self._factored)
        index, entering = np.flatnonzero(base), np.flatnonzero(support & ~base)
        leaving = np.flatnonzero(~support[index])
        target = np.zeros(len(linear))
        plain = lapack.dpotrs(factor, linear[index], lower=0)[0]
        border = np.zeros((len(index), len(entering) + len(leaving)))
        if border.shape[1]:
            m = len(entering)
            border[:, :m] = self.square[np.ix_(index, entering)]
            border[leaving, m + np.arange(len(leaving))] = 1.0
            solved = lapack.dpotrs(factor, border, lower=0)[0]
            corner = -border.T @ solved
            corner[:m, :m] += self.square[np.ix_(entering, entering)]
            right = -border.T @ plain
            right[:m] += linear[entering]
            multipliers = np.linalg.solve(corner, right)
            plain -= solved @ multipliers
            plain[leaving] = 0.0
            target[entering] = multipliers[:m]
        target[index] = plain
        return target

    def _descend(
        self, linear: Array, l1: Array, z: Array, product: Array, target: Array
    ) -> Array | None:
        """A point at or before ``target`` whose value is lower; None if rounding hides the gain."""
        turning = (z != 0.0) & (l1 > 0.0) & (z * target <= 0.0)
        if not turning.any():
            return target
        clipped = np.where(turning, 0.0, target)
        if self._gain(linear, l1, z, product, clipped) > 0.0:
            return clipped
        # Up to the first turn the signs hold, and the value falls.
        step = target - z
        lengths = np.where(turning, z / np.where(turning, -step, 1.0), np.inf)
        first = int(np.argmin(lengths))
        moved = z + lengths[first] * step
        moved[first] = 0.0
        return moved if self._gain(linear, l1, z, product, moved) > 0.0 else None

    def _gain(self, linear: Array, l1: Array, z: Array, product: Array, moved: Array) -> float:
        """``q(z) - q(moved)``, from differences."""
        mean_slope = linear - 0.5 * (product + np.dot(self.square, moved))
        return float((moved - z) @ mean_slope + l1 @ (np.abs(z) - np.abs(moved)))

    def _sweep(self, linear: Array, l1: Array, z: Array, slack: Array) -> Array:
        """Coordinate descent on the rows of A, for what the search did not settle.

        References
        ----------
        Friedman, Hastie and Tibshirani (2010), Journal of Statistical Software 33(1), section 2.
        """
        z = np.array(z)
        slope = linear - np.dot(self.square, z)
        diagonal = self.square.diagonal()
        usable = np.flatnonzero(diagonal > 0.0)
        for _ in range(_MOST_SWEEPS):
            moved = 0.0
            for j in usable:
                full = slope[j] + diagonal[j] * z[j]
                new = np.sign(full) * max(abs(full) - l1[j], 0.0) / diagonal[j]
                change = new - z[j]
                if change != 0.0:
                    slope -= change * self.square[j]
                    z[j] = new
                    moved = max(moved, abs(change) * diagonal[j] - slack[j])
            if moved <= 0.0:
                break
        return z
