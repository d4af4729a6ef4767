"""Forest plots: coefficients or odds ratios with their intervals, of one fit or of several."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from wlogit._optional import require
from wlogit._typing import Array
from wlogit.plots.arguments import check_share, named_fits, require_member
from wlogit.plots.bars import Estimates, canvas, draw_bars, limits, write_values
from wlogit.plots.words import coefficient_label, percent

# Exponents beyond which a ratio is drawn at the edge.
LARGEST = 300.0


def coefficients(
    results: Any,
    ax: Any = None,
    *,
    names: Sequence[str] | None = None,
    variables: Sequence[str] | None = None,
    intercept: bool = False,
    alpha: float = 0.05,
    method: Literal["wald", "profile"] = "wald",
    values: bool = False,
) -> Any:
    """Coefficients with intervals, in the covariance of each fit.

    Parameters
    ----------
    results : results, list of results, or mapping of names to results
        Fits side by side, matched by the names of the coefficients.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure with room for every row.
    names : sequence of str, optional
        Names of several fits; by default what tells them apart.
    variables : sequence of str, optional
        Which coefficients, and in which order; by default all, in the order of the fits.
    intercept : bool
        Draw the constant as well. Class weights move it: it is not at population scale then.
    alpha : float
        One minus the level of the intervals.
    method : {"wald", "profile"}
        Kind of interval, as in ``conf_int``.
    values : bool
        Write estimates and limits at the right; for one fit only.

    Returns
    -------
    matplotlib.axes.Axes
        Arrows are intervals that go on beyond the edge. A coefficient without a valid standard
        error, as under separation, has a row and no point.

    Examples
    --------
    >>> import wlogit.plots
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
    >>> ax = wlogit.plots.coefficients(results)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['contig', 'years']
    """
    fits = named_fits(results, names)
    rows = _rows(fits, variables, intercept=intercept)
    estimates = [_estimates(fit, rows, alpha, method) for _, fit in fits]
    ax = canvas(ax, [coefficient_label(name) for name in rows], len(fits), values=values)
    ax.set_xlim(*limits(estimates, 0.0))
    draw_bars(ax, [name for name, _ in fits], estimates)
    ax.axvline(0.0, color="0.4", linewidth=0.7, zorder=0)
    ax.set_xlabel(f"Coefficient, {percent(1.0 - alpha)} interval")
    if values:
        write_values(ax, estimates[0], "Coefficient", alpha)
    return ax


def odds_ratios(
    results: Any,
    ax: Any = None,
    *,
    names: Sequence[str] | None = None,
    variables: Sequence[str] | None = None,
    alpha: float = 0.05,
    method: Literal["wald", "profile"] = "wald",
    values: bool | None = None,
) -> Any:
    """Odds ratios with intervals on a log scale.

    Parameters
    ----------
    results : results, list of results, or mapping of names to results
        Fits side by side, matched by the names of the coefficients. The constant, whose
        exponential is no ratio, is left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure with room for every row.
    names, variables, alpha, method
        As in `coefficients`.
    values : bool, optional
        Write ratios and limits at the right; by default for one fit on a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import wlogit.plots
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
    >>> wlogit.plots.odds_ratios(results).get_xscale()
    'log'
    """
    fits = named_fits(results, names)
    rows = _rows(fits, variables, intercept=False)
    estimates = [_estimates(fit, rows, alpha, method) for _, fit in fits]
    written = values if values is not None else ax is None and len(fits) == 1
    ax = canvas(ax, [coefficient_label(name) for name in rows], len(fits), values=written)
    low, high = np.clip(limits(estimates, 0.0), -LARGEST, LARGEST)
    ax.set_xscale("log")
    ax.set_xlim(np.exp(low), np.exp(high))
    _ratio_ticks(ax, float(low), float(high))
    draw_bars(ax, [name for name, _ in fits], [_ratios(found) for found in estimates])
    ax.axvline(1.0, color="0.4", linewidth=0.7, zorder=0)
    ax.set_xlabel(f"Odds ratio, {percent(1.0 - alpha)} interval")
    if written:
        write_values(ax, _ratios(estimates[0]), "Odds ratio", alpha)
    return ax


def _rows(
    fits: list[tuple[str, Any]], variables: Sequence[str] | None, *, intercept: bool
) -> list[Any]:
    """Names of the coefficients to draw, from top to bottom.

    Raises
    ------
    ValueError
        A name that no fit has, or nothing left to draw.
    """
    for _, fit in fits:
        require_member(fit, "conf_int", "a forest plot")
    everything = list(dict.fromkeys(name for _, fit in fits for name in fit.model.exog_names))
    if variables is not None:
        listed = [variables] if isinstance(variables, str) else list(variables)
        unknown = [name for name in listed if name not in everything]
        if unknown:
            raise ValueError(
                f"no fit has a coefficient {unknown[0]!r}; they have "
                f"{', '.join(map(str, everything))}."
            )
        return listed
    constants = {_constant(fit) for _, fit in fits}
    rows = [name for name in everything if intercept or name not in constants]
    if not rows:
        raise ValueError(
            "the constant is the only coefficient; draw it with coefficients(..., intercept=True)."
        )
    return rows


def _constant(fit: Any) -> Any:
    place = getattr(fit.model.data, "const_idx", None)
    return None if place is None else fit.model.exog_names[place]


def _estimates(fit: Any, rows: list[Any], alpha: float, method: str) -> Estimates:
    check_share("alpha", alpha)
    options = {} if method == "wald" else {"method": method}
    interval = np.asarray(fit.conf_int(alpha, **options), dtype=np.float64)
    columns = np.column_stack([np.asarray(fit.params, dtype=np.float64), interval])
    place = {name: j for j, name in enumerate(fit.model.exog_names)}
    present = np.array([name in place for name in rows])
    found = np.array([columns[place[name]] if name in place else [np.nan] * 3 for name in rows])
    value, lower, upper = found.T
    return Estimates(value, lower, upper, present)


def _exp(values: Array) -> Array:
    return np.asarray(np.exp(np.clip(values, -LARGEST, LARGEST)))


def _ratios(found: Estimates) -> Estimates:
    return Estimates(_exp(found.value), _exp(found.lower), _exp(found.upper), found.present)


def _ratio_ticks(ax: Any, low: float, high: float) -> None:
    """Plain numbers: in equal steps within a factor of five, then 1, 2, 5, 10, then powers."""
    ticker = require("matplotlib.ticker", extra="plots")
    if high - low < np.log(5.0):
        steps = ticker.MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(np.exp(low), np.exp(high))
        ax.xaxis.set_major_locator(ticker.FixedLocator(steps[steps > 0.0]))
        ax.xaxis.set_minor_locator(ticker.NullLocator())
    else:
        subs = (1.0, 2.0, 5.0) if high - low < np.log(300.0) else (1.0,)
        ax.xaxis.set_major_locator(ticker.LogLocator(subs=subs, numticks=5))
    if high - low < np.log(1e6):
        ax.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_formatter(ticker.NullFormatter())
