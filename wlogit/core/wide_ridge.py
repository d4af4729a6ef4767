"""Ridge with more columns than rows, as a ridge in as many coefficients as there are rows.

With ``K = X L^-1/2`` of the penalised columns, L their penalties, and ``K' = Q R``, the optimum is
``b = L^-1/2 Q c``, where c is the optimum of the design ``R'`` under the penalty ``c'c / 2``: b has
no part outside the span of the rows, which would cost and not fit.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from wlogit._typing import Array, BoolArray
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import LogitObjective
from wlogit.core.penalties import ElasticNet


@dataclass(frozen=True, slots=True, eq=False)
class WideRidge:
    """The smaller problem and the way back.

    Attributes
    ----------
    objective : LogitObjective
        In the columns without a penalty, then c; of the rows with weight.
    penalty : ElasticNet
    """

    objective: LogitObjective
    penalty: ElasticNet
    _free: BoolArray
    _basis: Array

    @classmethod
    def of(cls, objective: LogitObjective, penalty: ElasticNet) -> "WideRidge | None":
        """The smaller problem, where there is one.

        References
        ----------
        Hastie and Tibshirani (2004), Biostatistics 5, 329-340.
        """
        n = objective.matrix.shape[0]
        free = penalty.l2 == 0.0
        if penalty.l1.any() or np.count_nonzero(~free) <= n:
            return None
        weight = np.broadcast_to(objective.weight, (n,))
        rows = np.flatnonzero(weight)
        design = objective.matrix.block(rows)
        root = np.sqrt(penalty.l2[~free])
        basis, upper = linalg.qr((design[:, ~free] / root).T, mode="economic")
        small = np.column_stack([design[:, free], upper.T])
        constant = objective.matrix.constant
        if constant is not None:
            constant = int(np.count_nonzero(free[:constant])) if free[constant] else None
        return cls(
            LogitObjective(
                ModelMatrix(small, constant=constant),
                objective.response[rows],
                weight[rows],
                None if objective.offset is None else objective.offset[rows],
            ),
            ElasticNet(
                np.zeros(small.shape[1]), np.repeat([0.0, 1.0], [free.sum(), upper.shape[1]])
            ),
            free,
            basis / root[:, np.newaxis],
        )

    def expand(self, params: Array) -> Array:
        """Coefficients of all columns, from those of the smaller problem."""
        expanded = np.empty(len(self._free))
        n_free = np.count_nonzero(self._free)
        expanded[self._free] = params[:n_free]
        expanded[~self._free] = self._basis @ params[n_free:]
        return expanded
