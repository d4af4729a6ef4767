"""How coefficients and predictions move when the class weights, or the prevalence, are others."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from wlogit import estimation, plots
from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import ConvergenceWarning
from wlogit.inference.printed import Printed
from wlogit.inference.scales import PROBABILITY, averages
from wlogit.keywords import check_alpha
from wlogit.scales import scale_of
from wlogit.weighting.refits import Refit, refit, require_plain_fit
from wlogit.weights.altered import with_factors
from wlogit.weights.class_weight import class_factors
from wlogit.weights.weights import ClassFactors

MEAN = "mean calibrated prediction"
_POINTS = 9
# A default grid is at least this wide, as a ratio of its ends.
_WIDE = 4.0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sensitivity(Printed):
    """Coefficients and mean prediction over class-weight ratios or prevalences.

    Attributes
    ----------
    frame : DataFrame
        A row for each value and name: ``kind`` ("ratio" or "prevalence"), ``value`` (c1 / c0, or
        the prevalence), ``name`` (a coefficient, or "mean calibrated prediction"), ``estimate``,
        ``se``, ``ci_lower`` and ``ci_upper``.
    reference : dict
        The ratio or prevalence of the fit itself, by kind.
    constant : str or None
        Name of the intercept, which class weights move by ``log(c1 / c0)``.
    alpha : float
        One minus the level of the intervals.
    """

    frame: pd.DataFrame
    reference: dict[str, float]
    constant: str | None
    alpha: float

    def wide(self, kind: str | None = None) -> pd.DataFrame:
        """Estimates with a row for each value and a column for each name.

        Parameters
        ----------
        kind : {"ratio", "prevalence"}, optional
            By default the first there is.

        Returns
        -------
        DataFrame
        """
        kind = kind or str(self.frame["kind"].iloc[0])
        rows = self.frame[self.frame["kind"] == kind]
        order = list(dict.fromkeys(rows["name"]))
        return rows.pivot_table(index="value", columns="name", values="estimate", dropna=False)[
            order
        ]

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw the path; see `wlogit.plots.sensitivity`.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
        **options
            Of the function that draws.

        Returns
        -------
        matplotlib.axes.Axes
        """
        return plots.sensitivity(self, ax=ax, **options)

    def __str__(self) -> str:
        """The wide table as text."""
        kinds = dict.fromkeys(self.frame["kind"])
        tables = [self.wide(kind).rename_axis(index=kind, columns=None) for kind in kinds]
        return "\n\n".join(table.to_string(float_format="{:.4g}".format) for table in tables)


def sensitivity(results: Any, ratios: Any, prevalences: Any, alpha: float) -> Sensitivity:
    """Refit over grids of class-weight ratios and of prevalences.

    Parameters
    ----------
    results : WeightedLogitResults
    ratios, prevalences : array_like, tuple (low, high), or None
    alpha : float

    Raises
    ------
    ValueError
        Values that are not ratios or prevalences.
    NotAvailableError
        For constrained, bias-reduced and unfinished fits.
    """
    require_plain_fit(results, "sensitivity")
    check_alpha(alpha)
    own = results.weights.factors
    by_default = ratios is None and prevalences is None
    rows: list[dict[str, Any]] = []
    reference: dict[str, float] = {}
    if ratios is not None or (by_default and own.prevalence is None):
        grid = _default_ratios(results) if ratios is None else read_grid("ratios", ratios, np.inf)
        factors = [ClassFactors(1.0, float(ratio), "mapping") for ratio in grid]
        rows += _walk(results, "ratio", grid, factors, alpha)
        reference["ratio"] = float(np.exp(own.log_ratio))
    if prevalences is not None or (by_default and own.prevalence is not None):
        grid = read_grid("prevalences", _around(own.prevalence, prevalences), 1.0)
        masses = results.weights.totals.class_masses
        factors = [class_factors(None, float(t), results.weights.labels, masses) for t in grid]
        rows += _walk(results, "prevalence", grid, factors, alpha)
        if own.prevalence is not None:
            reference["prevalence"] = own.prevalence
    where = results.model.data.const_idx
    constant = None if where is None else str(results.model.exog_names[where])
    return Sensitivity(pd.DataFrame(rows), reference, constant, alpha)


def read_grid(name: str, values: Any, end: float) -> Array:
    """Values between 0 and `end`, rising; a tuple of two is spread out, evenly in log odds.

    Raises
    ------
    ValueError
        Naming the value that is out of range.
    """
    grid = np.atleast_1d(np.asarray(values, dtype=np.float64)).ravel()
    wrong = ~((grid > 0.0) & (grid < end))
    if wrong.any() or not grid.size:
        what = "positive numbers, c1 / c0" if end > 1.0 else "shares between 0 and 1"
        shown = f"; {grid[wrong][0]:g} is not one" if wrong.any() else "; there are none"
        raise ValueError(f"{name}= takes {what}{shown}.")
    if isinstance(values, tuple) and len(grid) == 2:
        odds = grid if end > 1.0 else grid / (1.0 - grid)
        odds = np.geomspace(odds[0], odds[1], _POINTS)
        grid = odds if end > 1.0 else odds / (1.0 + odds)
    return np.unique(grid)


def _default_ratios(results: Any) -> Array:
    """From no class weights to balanced ones, and to those of the fit."""
    w0, w1 = results.weights.totals.class_masses
    own = float(np.exp(results.weights.factors.log_ratio))
    ends = np.array([1.0, w0 / w1, own])
    low, high = ends.min(), ends.max()
    stretch = max(np.sqrt(_WIDE * low / high), 1.0)
    grid = np.geomspace(low / stretch, high * stretch, _POINTS)
    # The values that mean something are on the grid to the last digit.
    for end in ends:
        grid[np.isclose(grid, end, rtol=1e-12)] = end
    return np.unique(np.append(grid, [1.0, own]))


def _around(prevalence: float | None, given: Any) -> Any:
    """The prevalences given; by default from half to twice the odds of the fit's own."""
    if given is not None or prevalence is None:
        return given
    odds = prevalence / (1.0 - prevalence) * np.geomspace(0.5, 2.0, _POINTS)
    odds[_POINTS // 2] = prevalence / (1.0 - prevalence)
    grid = odds / (1.0 + odds)
    grid[_POINTS // 2] = prevalence
    return grid


def _walk(
    results: Any, kind: str, grid: Array, factors: list[ClassFactors], alpha: float
) -> list[dict[str, Any]]:
    """Fits along a grid, each starting where the one before it ended."""
    model, constant = results.model, results.model.constant_combination
    request = _request(results)
    params, at = np.array(results.params, dtype=np.float64), results.weights.factors.log_ratio
    rows, failed = [], 0
    for value, one in zip(grid, factors, strict=True):
        if constant is not None:
            params = params + (one.log_ratio - at) * constant
        fit = refit(model, with_factors(results.weights, one), params, request)
        params, at = fit.params, one.log_ratio
        failed += not fit.fit.converged
        rows += [{"kind": kind, "value": float(value), **row} for row in _rows(results, fit, alpha)]
    if failed:
        warn_user(
            f"{failed} of {len(grid)} fits of the path did not converge; their rows are missing "
            "values. Take values nearer to those of the fit.",
            ConvergenceWarning,
        )
    return rows


def _request(results: Any) -> CovarianceRequest:
    """The covariance in use; the class weights are as the path gives them."""
    keywords = dict(results.request.keywords)
    keywords.pop("class_weights", None)
    if results.request.cov_type == "nonrobust":
        return CovarianceRequest("HC3", {})
    return CovarianceRequest(results.request.cov_type, keywords)


def _rows(results: Any, fit: Refit, alpha: float) -> list[dict[str, Any]]:
    names = [str(name) for name in results.model.exog_names]
    estimate, error = fit.params, np.sqrt(np.diag(fit.covariance.matrix))
    if results.has_free_constant:
        value, spread = _mean_prediction(fit)
        names, estimate = [*names, MEAN], np.append(estimate, value)
        error = np.append(error, spread)
    if not fit.fit.converged:
        estimate = np.full(len(names), np.nan)
    margin = _quantile(results, fit, alpha)[: len(error)] * error
    columns = zip(names, estimate, error, estimate - margin, estimate + margin, strict=True)
    header = ("name", "estimate", "se", "ci_lower", "ci_upper")
    return [dict(zip(header, row, strict=True)) for row in columns]


def _mean_prediction(fit: Refit) -> tuple[float, float]:
    """Mean of the calibrated probabilities by the averaging mass, and its delta-method error."""
    model, n = fit.model, fit.weights.n_rows
    mass = np.sum([np.broadcast_to(part, (n,)) for part in fit.weights.averaging_mass], axis=0)
    scale = scale_of(fit, "calibrated", None, partial(estimation.score_parts, model, fit.fit))
    offset = getattr(model, "offset", None)
    together = np.zeros(n, dtype=np.intp)
    mean = averages(
        scale, PROBABILITY, model.exog, 0.0 if offset is None else offset, mass, together, 1
    )
    return float(mean.value[0]), float(np.sqrt(mean.covariance(scale)[0, 0]))


def _quantile(results: Any, fit: Refit, alpha: float) -> Array:
    """Of each coefficient, and of the mean on the fewest degrees of freedom; shape (k + 1,)."""
    size, covariance = len(fit.params) + 1, fit.covariance
    if not results.use_t:
        return np.full(size, stats.norm.isf(alpha / 2.0))
    df = np.full(size, covariance.df if np.isfinite(covariance.df) else results.df_resid)
    if covariance.df_each is not None:
        df[:-1] = covariance.df_each
    return np.asarray(stats.t.isf(alpha / 2.0, df))
