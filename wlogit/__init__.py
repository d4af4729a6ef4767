"""wlogit: inference on weighted logistic regression."""

from wlogit._version import __version__
from wlogit.auditing.api import audit
from wlogit.comparison import compare
from wlogit.errors import (
    ConvergenceWarning,
    DataWarning,
    DesignError,
    InferenceWarning,
    MissingValueError,
    NotALikelihoodError,
    NotAvailableError,
    OutcomeError,
    SeparationError,
    SeparationWarning,
    WeightError,
)
from wlogit.evaluation import compare_auc
from wlogit.model import WeightedLogit
from wlogit.multinomial.model import WeightedMNLogit
from wlogit.nested_table import compare_nested
from wlogit.reporting.versions import show_versions
from wlogit.survey.design import SurveyDesign
from wlogit.survey.replicates import ReplicateDesign

__all__ = [
    "ConvergenceWarning",
    "DataWarning",
    "DesignError",
    "InferenceWarning",
    "MissingValueError",
    "NotALikelihoodError",
    "NotAvailableError",
    "OutcomeError",
    "ReplicateDesign",
    "SeparationError",
    "SeparationWarning",
    "SurveyDesign",
    "WeightError",
    "WeightedLogit",
    "WeightedMNLogit",
    "__version__",
    "audit",
    "compare",
    "compare_auc",
    "compare_nested",
    "show_versions",
]
