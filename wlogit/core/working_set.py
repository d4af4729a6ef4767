"""Some columns of a logistic regression: a copy of them, and their information matrix."""

from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.core.blocksum import Partial, sum_over_blocks
from wlogit.core.columns import Columns, Stored, columns_of
from wlogit.core.objective import LogitObjective

# Entries up to which columns are copied although most columns are among them.
_COPIED_ENTRIES = 2**25


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The log-likelihood at some parameters.

    Attributes
    ----------
    value : float
    gradient : ndarray, shape (a,)
    residual, curvature : ndarray, shape (n,)
        First derivative, and minus the second, by the linear predictor of each row with weight.
    reach : float
        Largest linear predictor without its offset.
    """

    value: float
    gradient: Array
    residual: Array
    curvature: Array
    reach: float


class WorkingSet:
    """Columns that may be non-zero; the others are held at zero.

    The information matrix is that of the last `renew`: at points nearby it serves as well.

    Parameters
    ----------
    objective : LogitObjective
        Over all columns. Rows without weight are left out of the copy.

    Attributes
    ----------
    columns : ndarray of int, shape (a,)
        In the order of their entry.
    information : ndarray, shape (a, a)
    """

    def __init__(self, objective: LogitObjective) -> None:
        n, self._k = objective.matrix.shape
        self.full = objective
        weight = np.broadcast_to(objective.weight, (n,))
        self._rows = None if weight.all() else np.flatnonzero(weight)
        self._weight, self._response = self._present(weight), self._present(objective.response)
        self._offset = None if objective.offset is None else self._present(objective.offset)
        self._buffer = np.empty((0, len(self._weight)))
        self._curvature: Array | None = None
        self._store: Columns = Stored(self._buffer)
        self.columns: IntArray = np.zeros(0, dtype=np.intp)
        self.information = np.zeros((0, 0))

    @property
    def has_information(self) -> bool:
        """Whether `renew` has been called."""
        return self._curvature is not None

    def is_current(self, point: Point) -> bool:
        """Whether the information is that of a point."""
        return self._curvature is point.curvature

    @property
    def entries(self) -> int:
        """Rows times columns."""
        return len(self._weight) * len(self.columns)

    def add(self, columns: IntArray) -> None:
        """Let more columns in; they come after those that are there."""
        new = np.setdiff1d(columns, self.columns)
        if not new.size:
            return
        old = len(self.columns)
        if self._takes_all(old + len(new)):
            self.columns, self._buffer = np.arange(self._k), self._buffer[:0]
            self._store, old = columns_of(self.full.matrix), 0
        else:
            self.columns = np.concatenate([self.columns, new])
            self._store = self._copied(new, old)
        self._extend_information(old)

    def point(self, params: Array) -> Point:
        """Value and derivatives at the parameters (a,) of this set."""
        eta = self._store.dot(params)
        reach = float(np.abs(eta).max(initial=0.0))
        if self._offset is not None:
            eta += self._offset
        terms = likelihood.terms(eta, self._response)
        for term in terms:
            np.multiply(term, self._weight, out=term)
        return Point(
            float(terms.loglike.sum()),
            self._store.sums(terms.residual),
            terms.residual,
            terms.curvature,
            reach,
        )

    def value(self, params: Array) -> float:
        """Log-likelihood at the parameters (a,) of this set."""
        eta = self._store.dot(params)
        if self._offset is not None:
            eta += self._offset
        return float(self._weight @ likelihood.loglike(eta, self._response))

    def reach(self, step: Array) -> float:
        """Largest ``|x'd|`` among rows with weight."""
        return float(np.abs(self._store.dot(step)).max(initial=0.0))

    def renew(self, point: Point) -> None:
        """Take the information at a point."""
        self._curvature = point.curvature
        self.information = self._store.gram(point.curvature)

    def gradient(self, point: Point, params: Array) -> Array:
        """Gradient over all columns of the design; ``params`` are all of them too, shape (k,)."""
        if len(self.columns) == self._k:
            gradient = np.empty(self._k)
            gradient[self.columns] = point.gradient
            return gradient
        if self._rows is not None:
            return self.full.gradient(params)
        return columns_of(self.full.matrix).sums(point.residual)

    def _present(self, values: Array) -> Array:
        return values if self._rows is None else values[self._rows]

    def _takes_all(self, total: int) -> bool:
        """Whether to use the design itself, with all of its columns, in place of a copy."""
        if self._rows is not None:
            return False
        large = total * len(self._weight) > _COPIED_ENTRIES and total > self._k // 2
        return large or (total == self._k and not len(self.columns))

    def _copied(self, new: IntArray, old: int) -> Stored:
        total = old + len(new)
        if total > len(self._buffer):
            size = min(self._k, max(total, 2 * len(self._buffer)))
            buffer = np.empty((size, len(self._weight)))
            buffer[:old] = self._buffer[:old]
            self._buffer = buffer
        self._copy_columns(new, self._buffer[old:total])
        return Stored(self._buffer[:total])

    def _copy_columns(self, new: IntArray, target: Array) -> None:
        """Columns of the design in working coordinates, one after the other."""
        matrix, kept = self.full.matrix, self._rows

        def kernel(rows: slice) -> Partial:
            part = matrix.values[rows if kept is None else kept[rows]][:, new].T
            if matrix.shift is not None:
                part = part - matrix.shift[new, np.newaxis]
            if matrix.scale is not None:
                part = part * matrix.scale[new, np.newaxis]
            target[:, rows] = part
            return ()

        sum_over_blocks(kernel, len(self._weight), width=self._k)

    def _extend_information(self, old: int) -> None:
        """Products of the new columns with all, in the curvature of the last renewal."""
        if self._curvature is None:
            return
        right = self._store.gram(self._curvature, old)
        information = np.empty((len(right), len(right)))
        information[:old, :old] = self.information[:old, :old]
        information[:, old:] = right
        information[old:, :old] = right[:old].T
        self.information = information
