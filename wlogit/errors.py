"""Exceptions and warnings: one class per decision a caller may take."""

from statsmodels.tools.sm_exceptions import ConvergenceWarning as _ConvergenceWarning
from statsmodels.tools.sm_exceptions import (
    MissingDataError,
    PerfectSeparationError,
    PerfectSeparationWarning,
)


class WeightError(ValueError):
    """The weights cannot be used as given: which row or label, and what to do."""


class DesignError(ValueError):
    """The design cannot be used as given: rank, survey design, or rows."""


class OutcomeError(ValueError):
    """The outcome is not two classes, counts or fractions."""


class MissingValueError(MissingDataError, ValueError):  # type: ignore[misc]
    """The outcome, the covariates or the offset have missing or infinite values."""


class NotAvailableError(AttributeError):
    """A statistic that would mislead for this fit, or that this fit does not carry.

    An ``AttributeError``, so that ``hasattr``, ``summary_col`` and ``summary2`` step over it.
    """


class NotALikelihoodError(AttributeError, ValueError):
    """A statistic that is valid only under a true likelihood was asked of a pseudo-likelihood."""


class SeparationError(PerfectSeparationError):  # type: ignore[misc]
    """The outcome is separated by the covariates: no finite maximum-likelihood estimate exists."""


class ConvergenceWarning(_ConvergenceWarning):  # type: ignore[misc]
    """The optimiser stopped before the optimum; no standard errors are valid."""


class SeparationWarning(ConvergenceWarning, PerfectSeparationWarning):  # type: ignore[misc]
    """Some coefficients diverge because the covariates separate the outcome."""


class InferenceWarning(UserWarning):
    """A number is given that is valid only under a condition the message states."""


class DataWarning(UserWarning):
    """The data were read in a way that the user may not have meant."""
