"""Formulas of nested fits, and their likelihood-ratio test by hand."""

import numpy as np

from wlogit.inference.quadratic_forms import tail

WHOLE, PART = "y ~ x + z + C(g)", "y ~ x"


def by_hand(results, restricted, tested, ddf=np.inf):
    """X2 and the eigenvalues of ``V0^-1 V``, from public members."""
    unit = results.nobs / results.weights.total
    tested = list(tested)
    model_based = np.asarray(results.cov_nonrobust)[np.ix_(tested, tested)] / unit
    in_use = np.asarray(results.cov_params())[np.ix_(tested, tested)]
    eigenvalues = np.linalg.eigvals(np.linalg.solve(model_based, in_use)).real
    statistic = 2.0 * unit * (results.llf - restricted.llf)
    return statistic, np.sort(eigenvalues), tail(statistic, eigenvalues, ddf)
