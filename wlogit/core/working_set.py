"""Some columns of a logistic regression: a copy of them, and their information matrix."""

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import Derivatives, LogitObjective
from wlogit.core.products import pieces, scaled

# Entries up to which a copy of columns is made although most columns are in it.
_COPIED_ENTRIES = 2**25


class WorkingSet:
    """Columns that may be non-zero; the others are held at zero.

    The information matrix is that of the last point at which `refresh` was called: nearby, it
    serves as well. It is ``current`` until someone steps away from there.

    Parameters
    ----------
    objective : LogitObjective
        Over all columns. Rows without weight are left out of the copy.
    """

    def __init__(self, objective: LogitObjective) -> None:
        n, k = objective.matrix.shape
        self.full = objective
        weight = np.broadcast_to(objective.weight, (n,))
        self._rows = None if weight.all() else np.flatnonzero(weight)
        self._n_rows = n if self._rows is None else len(self._rows)
        self._weight, self._response = self._present(weight), self._present(objective.response)
        self._offset = None if objective.offset is None else self._present(objective.offset)
        self._k = k
        self._buffer = np.empty((0, self._n_rows))
        self._curvature = np.zeros(self._n_rows)
        self.columns: IntArray = np.zeros(0, dtype=np.intp)
        self.information = np.zeros((0, 0))
        self.current = False
        empty = ModelMatrix(np.empty((self._n_rows, 0)))
        self.objective = LogitObjective(empty, self._response, self._weight, self._offset)

    def add(self, columns: IntArray) -> None:
        """Let more columns in; they come after those that are there."""
        new = np.setdiff1d(columns, self.columns)
        if not new.size:
            return
        old = len(self.columns)
        everything = self._rows is None and self._buffer.shape[0] == 0 and new.size == self._k
        if everything:
            new = np.arange(self._k)
        self.columns = np.concatenate([self.columns, new])
        if everything:
            matrix = self.full.matrix
        else:
            self._copy(new, old)
            matrix = ModelMatrix(self._buffer[: len(self.columns)].T)
        self.objective = LogitObjective(matrix, self._response, self._weight, self._offset)
        self._extend_information(old)

    def position(self, columns: IntArray) -> IntArray:
        """Where columns of the whole design are in this set; all have to be."""
        place = np.full(self._k, -1, dtype=np.intp)
        place[self.columns] = np.arange(len(self.columns))
        return place[columns]

    def refresh(self, params: Array) -> None:
        """Take the information at the parameters (a,) of this set."""
        eta = self.objective.linear_predictor(params)
        self._curvature = self._weight * likelihood.curvature(eta)
        self.information = self._products(0)
        self.current = True

    @property
    def has_information(self) -> bool:
        """Whether `refresh` has been called."""
        return bool(self._curvature.any())

    def slope(self, params: Array) -> Derivatives:
        """Value and gradient at the parameters (a,) of this set."""
        return self.objective.slope(params, self.information)

    def value(self, params: Array) -> float:
        """Log-likelihood at the parameters (a,) of this set."""
        return self.objective.value(params)

    def linear_predictor(self, params: Array) -> Array:
        """``x'b + offset`` of the rows with weight."""
        return self.objective.linear_predictor(params)

    def reach(self, step: Array) -> float:
        """Largest ``|x'd|`` among rows with weight."""
        return self.objective.reach(step)

    def _present(self, values: Array) -> Array:
        return values if self._rows is None else values[self._rows]

    def _copy(self, new: IntArray, old: int) -> None:
        total = old + len(new)
        if total > self._buffer.shape[0]:
            size = min(self._k, max(total, 2 * self._buffer.shape[0]))
            buffer = np.empty((size, self._n_rows))
            buffer[:old] = self._buffer[:old]
            self._buffer = buffer
        self._buffer[old:total] = self._columns_of_design(new)

    def _columns_of_design(self, new: IntArray) -> Array:
        matrix = self.full.matrix
        part = matrix.values[:, new] if self._rows is None else matrix.values[self._rows][:, new]
        part = part.T.astype(np.float64)
        if matrix.shift is not None:
            part -= matrix.shift[new, np.newaxis]
        if matrix.scale is not None:
            part *= matrix.scale[new, np.newaxis]
        return part

    def _extend_information(self, old: int) -> None:
        if not self.has_information:
            return
        total = len(self.columns)
        information = np.empty((total, total))
        information[:old, :old] = self.information
        right = self._products(old)
        information[:, old:] = right
        information[old:, :old] = right[:old].T
        self.information = information

    def _products(self, first: int) -> Array:
        """``X' D X`` for the columns from ``first`` on, shape (a, a - first)."""
        matrix, curvature = self.objective.matrix, self._curvature
        k = matrix.n_params

        def kernel(rows: slice) -> tuple[Array]:
            part = matrix.block(rows)
            total = np.zeros((k, k - first))
            for piece in pieces(len(part), k):
                if first:
                    right = scaled(part[piece, first:], curvature[rows][piece])
                    total += np.dot(part[piece].T, right)
                else:
                    half = scaled(part[piece], np.sqrt(curvature[rows][piece]))
                    total += np.dot(half.T, half)
            return (total,)

        (total,) = sum_over_blocks(kernel, matrix.shape[0], width=k)
        if first:
            corner = total[first:]
            total[first:] = 0.5 * (corner + corner.T)
        return total
