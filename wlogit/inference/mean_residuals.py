"""Archer and Lemeshow's test: mean residuals in groups of the predictions, over sampled units."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from wlogit._typing import Array, IntArray
from wlogit.errors import NotAvailableError
from wlogit.inference import printed
from wlogit.inference.printed import Printed, tested
from wlogit.inference.scored import Scored, tied_places

# Shares of the mass that differ by less are the same, computed in another order.
_ROUNDING = 1e-9
# Standard errors, and eigenvalues of a correlation, that rounding leaves of none.
_NO_SPREAD, _SINGULAR = 1e-10, 1e-10


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MeanResidualTest(Printed):
    """F test that the mean residual is zero in every group of the predictions.

    Attributes
    ----------
    statistic : float
        F.
    df : int
        Groups less one.
    ddf : float
        Degrees of freedom of the design, less groups, plus two.
    pvalue : float
    table : DataFrame
        By group of probabilities from ``lower`` to ``upper``: cases, mass, mean residual, its
        standard error.
    method : str
    """

    statistic: float
    df: int
    ddf: float
    pvalue: float
    table: pd.DataFrame
    method: str = "Archer-Lemeshow"

    def __str__(self) -> str:
        """Statistic, p-value and groups."""
        found = tested(self.statistic, self.df, self.ddf, self.pvalue, self.method)
        return f"F {found}\n\n{printed.table(self.table)}"


def archer_lemeshow(cases: Scored, design_df: float, groups: int = 10) -> MeanResidualTest:
    """``F = (f - g + 2) / (f g) M'V^-1 M``, M the mean residuals of g groups.

    Groups have about equal masses; equal probabilities share one, so that there may be fewer than
    asked for. V is linearized over the sampled units, with the probabilities as given.

    Parameters
    ----------
    cases : Scored
        With how they were sampled.
    design_df : float
        f, sampled units less strata.
    groups : int

    Raises
    ------
    ValueError
        Fewer than two groups asked for.
    NotAvailableError
        Fewer than two groups found, or as many as there are degrees of freedom.

    References
    ----------
    Archer and Lemeshow (2006), Stata Journal 6, 97-105; Archer, Lemeshow and Hosmer (2007),
    Computational Statistics and Data Analysis 51, 4450-4464.
    """
    if groups < 2:
        raise ValueError(f"groups={groups} must be at least 2: the test has groups - 1 df.")
    group, g = _groups(cases, groups)
    if g < 2:
        raise NotAvailableError(
            "the probabilities are all alike, so that they make no groups whose residuals could "
            "be compared."
        )
    if g > design_df:
        raise NotAvailableError(
            f"{g} groups are too many for {design_df:g} degrees of freedom of the design: the "
            f"residuals of so many groups have no joint test. Use groups={max(int(design_df), 2)} "
            "or fewer."
        )
    means, covariance = _mean_residuals(cases, group, g)
    errors = np.sqrt(np.diag(covariance))
    ddf = design_df - g + 2.0
    statistic = ddf / (design_df * g) * _wald(means, covariance, errors)
    pvalue = float(stats.f.sf(statistic, g - 1, ddf))
    return MeanResidualTest(statistic, g - 1, ddf, pvalue, _table(cases, group, means, errors))


def _wald(means: Array, covariance: Array, errors: Array) -> float:
    """``M'V^-1 M``."""
    # Residuals lie between -1 and 1.
    alike = errors.min() <= _NO_SPREAD
    correlation = np.eye(len(means)) if alike else covariance / np.outer(errors, errors)
    values, vectors = np.linalg.eigh(correlation)
    if alike or values[0] <= _SINGULAR:
        raise NotAvailableError(
            "in some groups the residuals do not vary between sampled units, or only together, so "
            "that their means have no joint test; use fewer groups=."
        )
    return float(np.sum((vectors.T @ (means / errors)) ** 2 / values))


def _groups(cases: Scored, groups: int) -> tuple[IntArray, int]:
    """Group of each case, by the share of the mass below its probability; and how many."""
    places = tied_places(cases.calibrated_eta)
    at = np.bincount(places, cases.mass)
    below = (np.cumsum(at) - at) / at.sum()
    wanted = np.floor(groups * below + _ROUNDING).astype(np.intp)
    found, group = np.unique(wanted[places], return_inverse=True)
    return np.asarray(group.ravel(), dtype=np.intp), len(found)


def _mean_residuals(cases: Scored, group: IntArray, g: int) -> tuple[Array, Array]:
    """Weighted mean residual of each group, shape (g,), and their covariance."""
    p, mass = cases.probability, cases.mass
    total = np.bincount(group, mass, g)
    means = np.bincount(group, mass * (cases.outcome - p), g) / total
    inside = np.zeros((len(p), g))
    inside[np.arange(len(p)), group] = cases.weight / total[group]
    excess = p + means[group]
    event = (cases.outcome * (1.0 - excess))[:, np.newaxis] * inside
    rest = -((1.0 - cases.outcome) * excess)[:, np.newaxis] * inside
    return means, cases.covariance(event, rest, "cases")


def _table(cases: Scored, group: IntArray, means: Array, errors: Array) -> pd.DataFrame:
    frame = pd.DataFrame({"p": cases.probability, "m": cases.multiplicity, "g": cases.mass})
    by_group = frame.groupby(group)
    columns = {
        "lower": by_group["p"].min(),
        "upper": by_group["p"].max(),
        "cases": by_group["m"].sum(),
        "mass": by_group["g"].sum() * cases.unit,
        "mean_residual": means,
        "se": errors,
    }
    index = pd.RangeIndex(1, len(means) + 1, name="group")
    return pd.DataFrame(columns).set_axis(index, axis=0)
