"""Hosmer and Lemeshow's test: observed against expected events in groups of the predictions."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from wlogit._typing import Array
from wlogit.errors import NotAvailableError
from wlogit.inference import printed
from wlogit.inference.printed import Printed, tested
from wlogit.inference.scored import Scored, tied_places


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GroupedFitTest(Printed):
    """Chi-square test of observed against expected events in groups.

    Attributes
    ----------
    statistic : float
    df : int
    pvalue : float
    table : DataFrame
        By group ``(lower, upper]``: cases, observed and expected events.
    method : str
    """

    statistic: float
    df: int
    pvalue: float
    table: pd.DataFrame
    method: str = "Hosmer-Lemeshow"

    def __str__(self) -> str:
        """Statistic, p-value and groups."""
        found = tested(self.statistic, self.df, math.inf, self.pvalue, self.method)
        return f"Chi-square {found}\n\n{printed.table(self.table)}"


def hosmer_lemeshow(cases: Scored, groups: int = 10) -> GroupedFitTest:
    """``sum (O - E)^2 / (E (1 - E/n))`` over groups of fitted probabilities.

    Groups lie between quantiles of the probabilities of the cases (R's type 7), each counted as
    often as its multiplicity says. Equal probabilities share a group, so that there may be fewer
    groups than asked for. In the sample of the fit there are two degrees of freedom less than
    groups.

    Parameters
    ----------
    cases : Scored
        Of a likelihood: every case counts once.
    groups : int

    Raises
    ------
    ValueError
        Fewer than three groups asked for.
    NotAvailableError
        Fewer than three groups found.

    References
    ----------
    Hosmer and Lemeshow (1980), Communications in Statistics A 9, 1043-1069.
    """
    if groups < 3:
        raise ValueError(f"groups={groups} must be at least 3: the test has groups - 2 df.")
    probability = _without_rounding(cases)
    breaks = np.unique(_quantiles(probability, cases.multiplicity, groups))
    # Quantiles between two probabilities may have no case between them.
    group = np.searchsorted(breaks[1:-1], probability, side="left")
    held = np.bincount(group, cases.multiplicity, len(breaks) - 1)[: len(breaks) - 1]
    breaks = np.append(breaks[0], breaks[1:][held > 0.0])
    if len(breaks) < 4:
        raise NotAvailableError(
            "the fitted probabilities are so few different ones that they make fewer than the 3 "
            "groups that the test needs; compare the observed and predicted shares in "
            "calibration().table."
        )
    group = np.searchsorted(breaks[1:-1], probability, side="left")
    n, observed, expected = (
        np.bincount(group, cases.multiplicity * part, len(breaks) - 1)
        for part in (np.ones(len(group)), cases.outcome, probability)
    )
    spread = expected * (1.0 - expected / n)
    # Where every case is certain, nothing is expected but what is observed.
    terms = np.where(observed == expected, 0.0, np.inf)
    np.divide((observed - expected) ** 2, spread, out=terms, where=spread > 0.0)
    statistic = float(terms.sum())
    df = len(breaks) - 3
    table = pd.DataFrame(
        {
            "lower": breaks[:-1],
            "upper": breaks[1:],
            "cases": n,
            "observed": observed,
            "expected": expected,
        },
        index=pd.RangeIndex(1, len(breaks), name="group"),
    )
    return GroupedFitTest(statistic, df, float(stats.chi2.sf(statistic, df)), table)


def _without_rounding(cases: Scored) -> Array:
    """Probabilities, the same for linear predictors that differ by rounding."""
    places = tied_places(cases.calibrated_eta)
    at = np.bincount(places, cases.probability) / np.bincount(places)
    return np.asarray(at[places])


def _quantiles(values: Array, counts: Array, groups: int) -> Array:
    """Quantiles 0, 1/groups, ..., 1 of values repeated as their counts say; R's type 7."""
    order = np.argsort(values, kind="stable")
    ranked, upto = values[order], np.cumsum(counts[order])
    result = np.empty(groups + 1)
    for j in range(groups + 1):
        position, rest = divmod((int(upto[-1]) - 1) * j, groups)
        low, high = ranked[np.searchsorted(upto, [position, position + (rest > 0)], side="right")]
        share = rest / groups
        result[j] = low if low == high else (1.0 - share) * low + share * high
    return result
