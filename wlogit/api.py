"""Everything public in one namespace, as ``statsmodels.api``."""

from wlogit import WeightedLogit, audit, compare, compare_auc, datasets, errors, show_versions
from wlogit.formula.api import weighted_logit

__all__ = [
    "WeightedLogit",
    "audit",
    "compare",
    "compare_auc",
    "datasets",
    "errors",
    "show_versions",
    "weighted_logit",
]
