"""The design-based BIC of a fit within a larger one."""

from typing import Any

import numpy as np

from wlogit.inference.criteria import design_bic
from wlogit.nested import maximum_of


def dbic(results: Any, maximal: Any) -> float:
    """See ``WeightedLogitResults.dbic``."""
    smaller, larger = maximum_of(results, "this fit"), maximum_of(maximal, "maximal=")
    contrast, values = larger._hypothesis_of(smaller)
    distance = contrast @ np.asarray(larger.params) - values
    root = contrast @ larger.fit_record.user_root
    inflation = larger._inflation(larger.covariance)
    return design_bic(larger.log_likelihoods, smaller._n_coefficients(), distance, root, inflation)
