"""Error cases of sparse matrices and designs too large to be dense; see ``error_cases.py``."""

from unittest.mock import patch

import numpy as np
from scipy import sparse

from wlogit import DesignError, NotAvailableError, WeightedLogit, exog

Y = np.arange(8) % 2
X = np.column_stack([np.ones(8), np.arange(8) // 3 == 1, [0, 0, 5, 1, 0, 2, 1, 0]]).astype(float)


def fitted(values=X):
    return WeightedLogit(Y, sparse.csr_array(values)).fit(disp=False, cov_type="HC0")


def made_dense():
    results = fitted()
    with patch.object(exog, "MOST_DENSE", 20):
        return results.get_influence()


ERRORS = {
    "sparse, made dense": (
        made_dense,
        NotAvailableError,
        ("8 rows and 3 columns", "GB", "sample of the rows"),
    ),
    "sparse, one dimension": (
        lambda: WeightedLogit(Y, sparse.coo_array(np.ones(8))),
        DesignError,
        ("1 dimensions", "rows and columns"),
    ),
    "sparse, no columns": (
        lambda: WeightedLogit(Y, sparse.csr_array((8, 0))),
        DesignError,
        ("no columns", "constant"),
    ),
    "sparse, complex": (
        lambda: WeightedLogit(Y, sparse.csr_array(X * 1j)),
        DesignError,
        ("sparse matrix of complex128", "numbers"),
    ),
}
