"""Everything public in one namespace, as ``statsmodels.api``."""

from wlogit import (
    ReplicateDesign,
    SurveyDesign,
    WeightedLogit,
    WeightedMNLogit,
    audit,
    compare,
    compare_auc,
    compare_nested,
    datasets,
    errors,
    show_versions,
)
from wlogit.formula.api import weighted_logit, weighted_mnlogit

__all__ = [
    "ReplicateDesign",
    "SurveyDesign",
    "WeightedLogit",
    "WeightedMNLogit",
    "audit",
    "compare",
    "compare_auc",
    "compare_nested",
    "datasets",
    "errors",
    "show_versions",
    "weighted_logit",
    "weighted_mnlogit",
]
