"""The pandas wrapper of multinomial results; its module path contains "statsmodels" on purpose."""

from typing import Any

import numpy as np
import pandas as pd
from statsmodels.discrete.discrete_model import MultinomialResultsWrapper

COEFFICIENTS = ("params", "bse", "tvalues", "pvalues")


class WeightedMNLogitResultsWrapper(MultinomialResultsWrapper):  # type: ignore[misc]
    """Puts the user's labels on what the results return."""

    _wrap_attrs = {
        name: how
        for name, how in MultinomialResultsWrapper._wrap_attrs.items()
        if name not in (*COEFFICIENTS, "weights")
    }
    _wrap_methods = MultinomialResultsWrapper._wrap_methods

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name not in COEFFICIENTS or not isinstance(value, np.ndarray):
            return value
        results = object.__getattribute__(self, "_results")
        return by_label(results, value)


def by_label(results: Any, values: Any) -> pd.DataFrame:
    """Coefficients with their columns of the design as rows, and their labels as columns.

    Parameters
    ----------
    results : WeightedMNLogitResults
    values : ndarray, shape (k, J - 1)
    """
    columns = pd.Index(results.labels[1:], name=results.model.endog_names, tupleize_cols=False)
    return pd.DataFrame(values, index=list(results.model.exog_names), columns=columns)
