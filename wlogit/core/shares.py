"""Intervals of shares."""

import math


def wilson(value: float, size: float, quantile: float) -> tuple[float, float]:
    """Wilson's interval of a share in `size` cases, which need not be a whole number.

    Parameters
    ----------
    value : float
    size : float
        Effective number of cases; with none, nothing is known.
    quantile : float
        Critical value; NaN where too few degrees of freedom are left for one.

    References
    ----------
    Wilson (1927), JASA 22, 209-212; with effective sizes Korn and Graubard (1998), Survey
    Methodology 24, 193-201.
    """
    if math.isnan(quantile):
        return math.nan, math.nan
    if not size > 0.0 or math.isnan(value):
        return 0.0, 1.0
    if math.isinf(size):
        return value, value
    square = quantile**2 / size
    center = (value + square / 2.0) / (1.0 + square)
    variance = value * (1.0 - value) / size + square / (4.0 * size)
    half = quantile * math.sqrt(variance) / (1.0 + square)
    # A share of none or all lies on its own limit, up to rounding.
    lower = 0.0 if value == 0.0 else max(0.0, center - half)
    upper = 1.0 if value == 1.0 else min(1.0, center + half)
    return lower, upper
