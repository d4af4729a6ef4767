"""A number with its standard error and interval, and intervals that stay in range."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import expit, logit

from wlogit.inference.printed import Printed, interval, number, pvalue


@dataclass(frozen=True, slots=True, repr=False)
class Estimate(Printed):
    """A number with its sampling error; `float` gives the number.

    Attributes
    ----------
    value : float
    se : float
        Standard error.
    ci : tuple of float
        Lower and upper limit.
    null : float or None
        What a test compares the value with.
    df : float
        Degrees of freedom of the test; infinite for the normal distribution.
    alpha : float
        One minus the level of the interval.
    """

    value: float
    se: float
    ci: tuple[float, float]
    null: float | None = None
    df: float = np.inf
    alpha: float = 0.05

    def __float__(self) -> float:
        """The number."""
        return self.value

    def __str__(self) -> str:
        """Value, error and interval, and the test if there is one."""
        limits = interval(self.ci, self.alpha)
        text = f"{number(self.value)} (standard error {number(self.se)}, {limits})"
        if self.null is None or math.isnan(self.pvalue):
            return text
        return f"{text}, {pvalue(self.pvalue)} against {self.null:g}"

    @property
    def statistic(self) -> float:
        """``(value - null) / se``; NaN without a null or a standard error."""
        if self.null is None or not self.se > 0.0:
            return math.nan
        return (self.value - self.null) / self.se

    @property
    def pvalue(self) -> float:
        """Two-sided p-value of `statistic`."""
        return float(2.0 * stats.t.sf(abs(self.statistic), self.df))


# A relative variance below is rounding of influences that are all the same.
NO_SPREAD = 1e-28


def root_of_variance(variance: float) -> float:
    """Standard error; zero for rounding, NaN for a negative variance (several groupings)."""
    if abs(variance) <= NO_SPREAD:
        return 0.0
    return math.sqrt(variance) if variance > 0.0 else math.nan


def interval_of_positive(value: float, se: float, quantile: float) -> tuple[float, float]:
    """Interval formed for the logarithm."""
    if not (value > 0.0 and se > 0.0):
        return value, value if se == 0.0 else math.nan
    half = quantile * se / value
    return value * math.exp(-half), value * math.exp(half)


def interval_of_share(value: float, se: float, quantile: float) -> tuple[float, float]:
    """Interval formed for the logit."""
    if not (0.0 < value < 1.0 and se > 0.0):
        return value, value if se == 0.0 else math.nan
    center, half = logit(value), quantile * se / (value * (1.0 - value))
    return float(expit(center - half)), float(expit(center + half))
