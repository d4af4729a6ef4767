"""Numbers and names as a reader has them."""

import math
from typing import Any

import numpy as np

from wlogit.reporting.report.markup import Html, code, joined

MINUS = "\N{MINUS SIGN}"


def number(value: float, decimals: int | None = None) -> str:
    """A number, by default to four digits, a whole one as it is.

    Parameters
    ----------
    value : float
    decimals : int, optional
        Digits after the point.

    Examples
    --------
    >>> number(1234.5678), number(float("nan")), number(0.03158, 2)
    ('1,235', 'n/a', '0.03')
    >>> number(6.0), number(6.18), number(0.0134)
    ('6', '6.180', '0.01340')
    """
    if math.isnan(value):
        return "n/a"
    if math.isinf(value):
        return "\N{INFINITY}" if value > 0 else f"{MINUS}\N{INFINITY}"
    if decimals is not None and abs(value) < 1e6:
        text = f"{value:,.{decimals}f}"
    elif 1e3 <= abs(value) < 1e6:
        text = f"{value:,.0f}"
    elif float(value).is_integer():
        text = f"{value:.4g}"
    else:
        text = f"{value:#.4g}".rstrip(".")
    if not text.strip("-0.,"):
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def count(value: float) -> str:
    """A number of cases or rows; fractions of cases to two digits."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def percent(share: float) -> str:
    """A share as a percentage; a small one keeps two digits."""
    if math.isnan(share):
        return "n/a"
    value = 100.0 * share
    return f"{value:.2g} %" if 0.0 < abs(value) < 1.0 else f"{value:.1f} %"


def pvalue(value: float) -> str:
    """A p-value, as ``<0.001`` where it is small."""
    if math.isnan(value):
        return "n/a"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def with_p(value: float) -> str:
    """The same in a sentence."""
    text = pvalue(value)
    return f"p {text[0]} {text[1:]}" if text[0] == "<" else f"p = {text}"


def brief(value: float) -> str:
    """A number in a sentence, to four digits at most."""
    return f"{value:,.4g}".replace("-", MINUS)


def interval(low: float, high: float, decimals: int | None = None) -> str:
    """Limits of an interval."""
    if math.isnan(low) and math.isnan(high):
        return "n/a"
    return f"{number(low, decimals)} to {number(high, decimals)}"


def decimals_for(error: float, digits: int = 3) -> int | None:
    """Digits after the point that show a standard error to so many digits; None without one.

    Parameters
    ----------
    error : float
    digits : int

    Examples
    --------
    >>> decimals_for(0.162), decimals_for(12.3)
    (3, 1)
    """
    if not (math.isfinite(error) and error > 1e-8):
        return None
    return int(np.clip(digits - 1 - math.floor(math.log10(error)), 0, 8))


def odds_ratio(row: Any) -> tuple[str, str]:
    """The odds ratio of a coefficient and its interval.

    Parameters
    ----------
    row : namedtuple
        A row of ``tidy``, on the scale of coefficients.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        ratio, low, high = np.exp([row.estimate, row.conf_low, row.conf_high])
        decimals = decimals_for(ratio * row.std_error, 2)
    return number(ratio, decimals), interval(low, high, decimals)


def event(results: Any) -> Html:
    """What an event is: the label of the outcome, or what the first of two columns counts.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    outcome = results.model.endog_names
    if results.model.outcome_kind == "counts":
        return joined(("counted by the first column of", code(outcome)), " ")
    return joined(("that is", code(f"{outcome} = {results.weights.labels[1]}")), " ")
