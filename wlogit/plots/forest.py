"""Forest plots: coefficients or odds ratios with their intervals, of one fit or of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from wlogit._optional import require
from wlogit._typing import Array
from wlogit.plots.arguments import check_share, named_fits
from wlogit.plots.style import FAINT, INK, WIDTH, axes_of, legend_above, line_handle, series, small
from wlogit.plots.words import MINUS, coefficient_label, percent, shortened_all

# Inches of a new figure: height of a row and of what is not rows; width of the bars, of a letter
# beside them and of the numbers.
ROW, FRAME = 0.19, 0.75
BARS, LETTER, NUMBERS = 2.2, 0.053, 1.4
# Height of a line of text, in units of its font size.
LINE = 1.3
# Exponents beyond which a ratio is drawn at the edge.
LARGEST = 300.0


@dataclass(frozen=True, slots=True, eq=False)
class _Estimates:
    """Estimates and limits of one fit on the rows of the figure; NaN where it has none.

    Attributes
    ----------
    value, lower, upper : ndarray, shape (rows,)
    present : ndarray of bool, shape (rows,)
        Whether the fit has this coefficient, defined or not.
    """

    value: Array
    lower: Array
    upper: Array
    present: Any

    @property
    def defined(self) -> Any:
        """Whether there is an interval to draw."""
        return np.isfinite(self.lower) & np.isfinite(self.upper)


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
    ax = _canvas(ax, rows, len(fits), values=values)
    ax.set_xlim(*_limits(estimates, 0.0))
    _draw(ax, rows, [name for name, _ in fits], estimates)
    ax.axvline(0.0, color="0.4", linewidth=0.7, zorder=0)
    ax.set_xlabel(f"Coefficient, {percent(1.0 - alpha)} interval")
    if values:
        _write_values(ax, estimates, np.asarray, "Coefficient", alpha)
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
    ax = _canvas(ax, rows, len(fits), values=written)
    low, high = np.clip(_limits(estimates, 0.0), -LARGEST, LARGEST)
    ax.set_xscale("log")
    ax.set_xlim(np.exp(low), np.exp(high))
    _ratio_ticks(ax, float(low), float(high))
    _draw(ax, rows, [name for name, _ in fits], [_ratios(found) for found in estimates])
    ax.axvline(1.0, color="0.4", linewidth=0.7, zorder=0)
    ax.set_xlabel(f"Odds ratio, {percent(1.0 - alpha)} interval")
    if written:
        _write_values(ax, estimates, _exp, "Odds ratio", alpha)
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


def _estimates(fit: Any, rows: list[Any], alpha: float, method: str) -> _Estimates:
    check_share("alpha", alpha)
    options = {} if method == "wald" else {"method": method}
    limits = np.asarray(fit.conf_int(alpha, **options), dtype=np.float64)
    columns = np.column_stack([np.asarray(fit.params, dtype=np.float64), limits])
    place = {name: j for j, name in enumerate(fit.model.exog_names)}
    present = np.array([name in place for name in rows])
    found = np.array([columns[place[name]] if name in place else [np.nan] * 3 for name in rows])
    value, lower, upper = found.T
    return _Estimates(value, lower, upper, present)


def _exp(values: Array) -> Array:
    return np.asarray(np.exp(np.clip(values, -LARGEST, LARGEST)))


def _ratios(found: _Estimates) -> _Estimates:
    return _Estimates(_exp(found.value), _exp(found.lower), _exp(found.upper), found.present)


def _canvas(ax: Any, rows: list[Any], n_fits: int, *, values: bool) -> Any:
    if values and n_fits > 1:
        raise ValueError("values=True writes the numbers of one fit; leave it out for several.")
    labels = shortened_all([coefficient_label(name) for name in rows])
    height = FRAME + ROW * len(rows) * (1.0 + 0.35 * (n_fits - 1)) + 0.13 * n_fits * (n_fits > 1)
    width = BARS + LETTER * max(map(len, labels)) + NUMBERS * values
    ax = axes_of(ax, width=max(WIDTH, width), height=max(height, 1.3))
    ax.set_yticks(-np.arange(len(rows)), labels)
    ax.set_ylim(0.6 - len(rows), 0.6)
    ax.tick_params(axis="y", length=0.0, labelsize=_row_font(ax, len(rows)))
    return ax


def _row_font(ax: Any, n_rows: int) -> float:
    """Size of the words of a row: no higher than the row."""
    points = ax.get_window_extent().height * 72.0 / ax.figure.dpi
    return float(min(small(ax) * 1.05, points / max(n_rows, 1) / LINE))


def _limits(estimates: list[_Estimates], null: float) -> tuple[float, float]:
    """Room for every estimate and for its interval, unless it is far longer than most."""
    drawn = [(e.value[e.defined], e.lower[e.defined], e.upper[e.defined]) for e in estimates]
    value, lower, upper = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
    if not value.size:
        return null - 1.0, null + 1.0
    usual = 4.0 * float(np.median(upper - lower))
    first, last = min(null, float(value.min())), max(null, float(value.max()))
    beyond = max(usual, 0.5 * (last - first))
    low = min(first, max(float(lower.min()), first - beyond))
    high = max(last, min(float(upper.max()), last + beyond))
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def _draw(ax: Any, rows: list[Any], names: list[str], estimates: list[_Estimates]) -> None:
    shift = min(0.7 / len(estimates), 0.25)
    handles = []
    for place, (name, found) in enumerate(zip(names, estimates, strict=True)):
        across = -np.arange(len(rows)) - shift * (place - 0.5 * (len(estimates) - 1))
        look = series(place)
        _draw_fit(ax, across, found, look)
        handles.append(line_handle(name, markersize=4, linewidth=1.2, **look))
        for row in np.flatnonzero(found.present & ~found.defined):
            _say_undefined(ax, across[row], look["color"])
    for stripe in range(1, len(rows), 2):
        ax.axhspan(-stripe - 0.5, -stripe + 0.5, color="0.96", zorder=-1, linewidth=0)
    if len(estimates) > 1:
        legend_above(ax, handles)


def _draw_fit(ax: Any, across: Any, found: _Estimates, look: dict[str, Any]) -> None:
    low, high = ax.get_xlim()
    shown = np.flatnonzero(found.defined)
    color, dashes, marker = look["color"], look["linestyle"], look["marker"]
    ax.hlines(
        across[shown],
        np.maximum(found.lower, low)[shown],
        np.minimum(found.upper, high)[shown],
        colors=color,
        linestyles=dashes,
        linewidth=1.2,
    )
    ax.plot(found.value[shown], across[shown], marker=marker, markersize=4, color=color, ls="none")
    for limit, beyond, arrow in (
        (low, found.lower < low, "<"),
        (high, found.upper > high, ">"),
    ):
        at = across[found.defined & beyond]
        if at.size:
            ax.plot(np.full(len(at), limit), at, arrow, color=color, markersize=4, clip_on=False)


def _say_undefined(ax: Any, height: float, color: str) -> None:
    ax.text(
        0.5,
        height,
        "no valid interval",
        transform=ax.get_yaxis_transform(),
        fontsize=min(small(ax), ax.yaxis.get_ticklabels()[0].get_fontsize()),
        style="italic",
        color=color if color != FAINT else INK,
        ha="center",
        va="center",
    )


def _ratio_ticks(ax: Any, low: float, high: float) -> None:
    """Plain numbers: in equal steps within a factor of five, then 1, 2, 5, 10, then powers."""
    ticker = require("matplotlib.ticker", extra="plots")
    if high - low < np.log(5.0):
        steps = ticker.MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(np.exp(low), np.exp(high))
        ax.xaxis.set_major_locator(ticker.FixedLocator(steps[steps > 0.0]))
        ax.xaxis.set_minor_locator(ticker.NullLocator())
    else:
        subs = (1.0, 2.0, 5.0) if high - low < np.log(300.0) else (1.0,)
        ax.xaxis.set_major_locator(ticker.LogLocator(subs=subs, numticks=7))
    if high - low < np.log(1e6):
        ax.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_formatter(ticker.NullFormatter())


def _write_values(
    ax: Any, estimates: list[_Estimates], scale: Any, heading: str, alpha: float
) -> None:
    """Estimates and limits in a column at the right of the axes."""
    (found,) = estimates
    look = {
        "xycoords": ax.get_yaxis_transform(),
        "textcoords": "offset points",
        "xytext": (6, 0),
        "fontsize": ax.yaxis.get_ticklabels()[0].get_fontsize(),
        "va": "center",
        "annotation_clip": False,
    }
    for row in np.flatnonzero(found.defined):
        value, lower, upper = (
            number(float(scale(part[row]))) for part in (found.value, found.lower, found.upper)
        )
        ax.annotate(f"{value} ({lower} to {upper})", (1.0, -row), **look)
    ax.annotate(f"{heading} ({percent(1.0 - alpha)})", (1.0, 0.8), **look | {"va": "bottom"})


def number(value: float) -> str:
    """A number of a table: two decimals, or three digits where those would say nothing."""
    if value != 0.0 and not 0.01 <= abs(value) < 1000.0:
        return f"{value:.2g}".replace("-", MINUS)
    return f"{value:.2f}".replace("-", MINUS)
