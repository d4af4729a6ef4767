"""How coefficients move with the class weights or the prevalence, with their bands."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd

from wlogit._optional import require
from wlogit.keywords import check_choice
from wlogit.plots.arguments import require_member
from wlogit.plots.style import SERIES, axes_of, few_ticks, legend_above, series
from wlogit.plots.words import coefficient_label, percent, shortened_all

AXES = {
    "ratio": "Weight of an event over that of a non-event (c1 / c0)",
    "prevalence": "Prevalence weighted to",
}


# What a path calls the mean of the calibrated probabilities.
MEAN = "mean calibrated prediction"


class SensitivityPath(Protocol):
    """What the figure reads of a path."""

    @property
    def frame(self) -> pd.DataFrame:
        """Columns kind, value, name, estimate, se, ci_lower and ci_upper."""
        ...

    @property
    def reference(self) -> dict[str, float]:
        """The ratio or prevalence of the fit itself, by kind."""
        ...

    @property
    def constant(self) -> str | None:
        """Name of the constant."""
        ...

    @property
    def alpha(self) -> float:
        """One minus the level of the intervals."""
        ...


def sensitivity(
    results: Any,
    ax: Any = None,
    *,
    names: Sequence[str] | str | None = None,
    kind: Literal["ratio", "prevalence"] | None = None,
    unit: Literal["coefficient", "se"] = "coefficient",
) -> Any:
    """Coefficients against the ratio of the class weights, or against the prevalence.

    Parameters
    ----------
    results : Sensitivity or WeightedLogitResults
        What ``results.sensitivity`` gives; of results, with its defaults.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.
    names : sequence of str, optional
        Which coefficients, or "mean calibrated prediction" alone; by default the slopes, the
        seven that move most where there are more.
    kind : {"ratio", "prevalence"}, optional
        Which path, where there are both; by default the first.
    unit : {"coefficient", "se"}
        "se" draws changes from the fit itself in standard errors of the fit, without bands, so
        that coefficients in different units share an axis.

    Returns
    -------
    matplotlib.axes.Axes
        The vertical line is the fit itself.

    Examples
    --------
    >>> import wlogit.plots
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ contig + maxdem", load_mid(), class_weight="balanced").fit(disp=False)
    >>> ax = wlogit.plots.sensitivity(results.sensitivity(ratios=[1, 2, 4]), unit="se")
    >>> ax.get_ylabel()
    'Change, in standard errors of the fit'
    """
    check_choice("unit", unit, ("coefficient", "se"))
    if not hasattr(results, "frame"):
        require_member(results, "sensitivity", "sensitivity")
    path: SensitivityPath = results if hasattr(results, "frame") else results.sensitivity()
    walked = _kind(path, kind)
    frame = path.frame[path.frame["kind"] == walked]
    chosen = _names(path, frame, names)
    ax = axes_of(ax)
    labels = shortened_all([coefficient_label(name) for name in chosen])
    handles = []
    for place, (name, label) in enumerate(zip(chosen, labels, strict=True)):
        rows = frame[frame["name"] == name].sort_values("value")
        if unit == "se":
            rows = _in_errors(rows, path.reference.get(walked))
        handles.append(_draw(ax, rows, label, place, band=unit == "coefficient"))
    if walked in path.reference:
        look = {"color": "0.3", "linewidth": 0.8, "linestyle": ":", "zorder": 1}
        handles.append(ax.axvline(path.reference[walked], label="As fitted", **look))
    _finish(ax, frame, walked)
    what = MEAN.capitalize() if chosen == [MEAN] else "Coefficient"
    if chosen != [MEAN]:
        ax.axhline(0.0, color="0.7", linewidth=0.6, zorder=0)
    said = f"{what}, {percent(1.0 - path.alpha)} band"
    ax.set_ylabel(said if unit == "coefficient" else "Change, in standard errors of the fit")
    legend_above(ax, handles)
    return ax


def _kind(path: SensitivityPath, kind: str | None) -> str:
    kinds = [str(one) for one in dict.fromkeys(path.frame["kind"])]
    if kind is None:
        return kinds[0]
    check_choice("kind", kind, tuple(kinds))
    return kind


def _names(path: SensitivityPath, frame: pd.DataFrame, names: Any) -> list[str]:
    """Names of the lines.

    Raises
    ------
    ValueError
        A name that the path does not have, or a prediction among coefficients.
    """
    everything = [str(name) for name in dict.fromkeys(frame["name"])]
    if names is None:
        slopes = [name for name in everything if name not in (path.constant, MEAN)]
        moves = {name: _movement(frame[frame["name"] == name]) for name in slopes}
        most = sorted(slopes, key=lambda name: -moves[name])[: len(SERIES)]
        return [name for name in slopes if name in most]
    chosen = [names] if isinstance(names, str) else list(names)
    unknown = [name for name in chosen if name not in everything]
    if unknown:
        raise ValueError(f"the path has no {unknown[0]!r}; it has {', '.join(everything)}.")
    if MEAN in chosen and len(chosen) > 1:
        raise ValueError(f"{MEAN!r} is no coefficient: draw it on axes of its own.")
    return chosen


def _movement(rows: pd.DataFrame) -> float:
    """Range of the estimates in their standard errors."""
    estimate = rows["estimate"].to_numpy()
    if not np.isfinite(estimate).any():
        return 0.0
    return float(np.nanmax(estimate) - np.nanmin(estimate)) / float(np.nanmedian(rows["se"]))


def _in_errors(rows: pd.DataFrame, reference: float | None) -> pd.DataFrame:
    """Changes from the fit itself, or from the first of the path, in its standard errors."""
    value = rows["value"].to_numpy()
    at = 0 if reference is None else int(np.argmin(np.abs(np.log(value / reference))))
    center, error = float(rows["estimate"].iloc[at]), float(rows["se"].iloc[at])
    return rows.assign(estimate=(rows["estimate"] - center) / error)


def _draw(ax: Any, rows: pd.DataFrame, label: str, place: int, *, band: bool) -> Any:
    estimate, lower, upper, value = (
        rows[name].to_numpy() for name in ("estimate", "ci_lower", "ci_upper", "value")
    )
    look = series(place)
    if band:
        ax.fill_between(value, lower, upper, color=look["color"], alpha=0.12, linewidth=0)
    return ax.plot(value, estimate, label=label, markersize=2.5, linewidth=1.2, **look)[0]


def _finish(ax: Any, frame: pd.DataFrame, kind: str) -> None:
    ticker = require("matplotlib.ticker", extra="plots")
    low, high = float(frame["value"].min()), float(frame["value"].max())
    if high > 10.0 * low:
        ax.set_xscale("log")
        subs = (1.0, 2.0, 5.0) if high < 50.0 * low else (1.0, 3.0)
        ax.xaxis.set_major_locator(ticker.LogLocator(subs=subs))
        ax.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
        ax.xaxis.set_minor_formatter(ticker.NullFormatter())
    else:
        few_ticks(ax)
    ax.set_xlabel(AXES[kind])
