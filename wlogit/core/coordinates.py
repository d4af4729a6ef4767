"""Coordinates in which the sums of a penalised fit are accurate, and the way there and back."""

from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import LogitObjective
from wlogit.core.penalties import ElasticNet


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """An objective in working coordinates, to which a penalty can follow it.

    Columns far from zero are centered only where the constant, which takes up the shift, is not
    penalised.

    Attributes
    ----------
    objective : LogitObjective
        In working coordinates.
    matrix : ModelMatrix or None
        The map; None where nothing had to be done.
    """

    objective: LogitObjective
    matrix: ModelMatrix | None

    @classmethod
    def of(cls, objective: LogitObjective, *, free_constant: bool) -> "Coordinates":
        """Choose them for an objective."""
        own = objective.matrix
        if own.shift is not None or own.scale is not None:
            return cls(objective, None)
        plain = ModelMatrix(own.values, constant=own.constant if free_constant else None)
        matrix = plain.standardized(objective.weight)
        if matrix is plain:
            return cls(objective, None)
        inner = LogitObjective(matrix, objective.response, objective.weight, objective.offset)
        return cls(inner, matrix)

    def penalty_inside(self, penalty: ElasticNet) -> ElasticNet:
        """The same penalty of the working coefficients."""
        scale = None if self.matrix is None else self.matrix.scale
        return penalty if scale is None else penalty.of_scaled(scale)

    def inside(self, params: Array) -> Array:
        """Coefficients to working coordinates; a copy."""
        return np.array(params if self.matrix is None else self.matrix.to_working(params))

    def outside(self, params: Array) -> Array:
        """Coefficients from working coordinates; zeros stay zeros."""
        return params if self.matrix is None else self.matrix.to_user(params)

    def gradient_inside(self, gradient: Array) -> Array:
        """A gradient with respect to the working coefficients."""
        if self.matrix is None:
            return gradient
        moved = gradient - self._means * self._of_constant(gradient)
        result: Array = moved * self._scale
        return result

    def gradient_outside(self, gradient: Array) -> Array:
        """The inverse of `gradient_inside`."""
        if self.matrix is None:
            return gradient
        moved = gradient / self._scale
        result: Array = moved + self._means * self._of_constant(moved)
        return result

    @property
    def _scale(self) -> Array:
        matrix = self.matrix
        if matrix is None or matrix.scale is None:
            return np.ones(self.objective.n_params)
        return matrix.scale

    @property
    def _means(self) -> Array:
        """What is taken off the columns, in units of the constant column."""
        matrix = self.matrix
        if matrix is None or matrix.shift is None:
            return np.zeros(self.objective.n_params)
        result: Array = matrix.shift / float(matrix.values[0, matrix.constant])
        return result

    def _of_constant(self, gradient: Array) -> float:
        constant = self.objective.matrix.constant
        return 0.0 if constant is None else float(gradient[constant])
