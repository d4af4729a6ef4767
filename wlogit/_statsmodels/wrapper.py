"""The pandas wrapper of the results; its module path contains "statsmodels" on purpose.

The package marginaleffects recognises a model by that word in the name of its type.
"""

from typing import Any

import pandas as pd
from statsmodels.discrete.discrete_model import BinaryResultsWrapper

from wlogit.covariance.base import Covariance
from wlogit.terms import positions
from wlogit.weights.weights import Weights


class WeightedLogitResultsWrapper(BinaryResultsWrapper):  # type: ignore[misc]
    """Puts the user's labels on what the results return."""

    # For type checkers; arrays where the model was given arrays, which a Series stands in for.
    params: "pd.Series[float]"
    bse: "pd.Series[float]"
    tvalues: "pd.Series[float]"
    pvalues: "pd.Series[float]"
    weights: Weights
    covariance: Covariance
    cov_type: str
    converged: bool
    llf: float
    llnull: float
    nobs: float
    df_resid: float

    # "weights" is a vector of rows for statsmodels' linear models, a Weights object here.
    _wrap_attrs = {
        name: how for name, how in BinaryResultsWrapper._wrap_attrs.items() if name != "weights"
    }
    _wrap_methods = BinaryResultsWrapper._wrap_methods

    def conf_int(self, alpha: float = 0.05, cols: Any = None, *, method: str = "wald") -> Any:
        """Confidence intervals, labelled; see `WeightedLogitResults.conf_int`."""
        results = object.__getattribute__(self, "_results")
        limits = results.conf_int(alpha, cols, method=method)
        labelled = results.model.data.wrap_output(results.params, "columns")
        if not isinstance(labelled, pd.Series):
            return limits
        names = labelled.index[positions(list(results.model.exog_names), cols)]
        return pd.DataFrame(limits, index=names)
