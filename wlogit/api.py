"""Everything public in one namespace, as ``statsmodels.api``."""

from wlogit import WeightedLogit, datasets, errors
from wlogit.formula.api import weighted_logit

__all__ = ["WeightedLogit", "datasets", "errors", "weighted_logit"]
