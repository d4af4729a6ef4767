"""How small results print: a line or a table, for the eye."""

import math

import pandas as pd


class Printed:
    """Shows what ``str`` gives wherever it is displayed."""

    __slots__ = ()

    def __repr__(self) -> str:
        """As `str`."""
        return str(self)


def number(value: float) -> str:
    """Four digits."""
    return f"{value:.4g}"


def pvalue(value: float) -> str:
    """``p = 0.0123``, or ``p < 0.001``."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3g}"


def interval(limits: tuple[float, float], alpha: float) -> str:
    """``95 % interval 0.2 to 0.4``; without limits, that there are none."""
    level = f"{100.0 * (1.0 - alpha):.4g} %"
    if math.isnan(limits[0]) and math.isnan(limits[1]):
        return f"no {level} interval: too few cases or degrees of freedom"
    return f"{level} interval {number(limits[0])} to {number(limits[1])}"


def tested(statistic: float, df: float, ddf: float, p: float, method: str) -> str:
    """A chi-square or F statistic with degrees of freedom and p-value, or that there is none."""
    if math.isnan(ddf):
        why = "no p-value: too few degrees of freedom of the covariance"
        return f"{number(statistic)} on {df:.4g} df, {why} ({method})"
    freedom = f"{df:.4g} df" if math.isinf(ddf) else f"{df:.4g} and {ddf:.4g} df"
    return f"{number(statistic)} on {freedom}, {pvalue(p)} ({method})"


def beginning(frame: pd.DataFrame, rows: int = 5) -> str:
    """The first rows of a table, and how many there are."""
    shown = frame.head(rows).to_string(float_format=number, na_rep="-", max_cols=12)
    more = len(frame) > rows
    return f"{shown}\n({rows} of {len(frame):,} rows: see summary_frame())" if more else shown


def table(frame: pd.DataFrame) -> str:
    """Numbers to four digits; what is missing as a dash."""
    return frame.to_string(float_format=number, na_rep="-")
