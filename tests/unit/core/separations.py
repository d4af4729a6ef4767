"""Small designs whose separation is known, and the verdict on them."""

import numpy as np

from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.separation import separation

INF, NAN = np.inf, np.nan
LINE = np.arange(12.0)
ONES = np.ones(12)
ABOVE = np.where(LINE > 5.0, 1.0, -1.0)
LAST = (LINE > 8.0).astype(float)
FIRST = (LINE < 2.0).astype(float)
MIXED = np.array([1, -1, 1, 1, -1, -1, 1, -1, 1, 1, 1, 1.0])

EDGES = np.where(LAST > 0.0, 1.0, np.where(FIRST > 0.0, -1.0, MIXED))


def verdict(columns, sign, rows=None, constant=0):
    matrix = ModelMatrix(np.column_stack(columns), constant=constant)
    result = separation(matrix, np.asarray(sign, dtype=float), rows)
    assert result.separated == (result.kind != "none")
    return result
