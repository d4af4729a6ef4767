"""The distribution of the weights of cases, by class, with the effective sizes."""

from typing import Any

import numpy as np

from wlogit._optional import require
from wlogit._typing import Array
from wlogit.plots.arguments import require_member
from wlogit.plots.style import CLASS_COLORS, CLASS_MARKERS, axes_of, legend_above, small
from wlogit.plots.words import amount, class_labels

# Up to so many different weights each has a bar of its own.
DISTINCT = 12
BINS = 30
# Range of the weights, as a ratio, above which their axis is a log scale.
RATIO = 20.0


def weights(results: Any, ax: Any = None) -> Any:
    """How much the cases count: the distribution of their weights in either class.

    Parameters
    ----------
    results : WeightedLogitResults
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Weights of a case (sampling and class weights, not the frequency weights, which count
        cases), divided by their mean; shares are of the cases of a class. The legend compares
        the effective size with the number of cases, of all and by class.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7.

    Examples
    --------
    >>> import wlogit.plots
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
    >>> wlogit.plots.weights(results).get_legend().get_title().get_text()
    'Effective size: 2,778.7 of 3,126 cases'
    """
    require_member(results, "weights", "weights")
    results.model.require_data()
    carried = results.weights
    classes = [_of_class(carried, event) for event in (False, True)]
    every = np.unique(np.concatenate([value for value, _ in classes]))
    ax = axes_of(ax)
    if every[-1] > RATIO * every[0]:
        ax.set_xscale("log")
    draw = _draw_distinct if len(every) <= DISTINCT else _draw_histogram
    handles = []
    for place, (value, count) in enumerate(classes):
        name = class_labels(results)[place]
        label = f"{name}: {_sizes(value, count)}"
        handles.append(draw(ax, (value, count), every, label=label, place=place))
    _finish(ax, carried, handles)
    return ax


def _of_class(carried: Any, event: bool) -> tuple[Array, Array]:
    """Weights of the cases of a class over the mean of all, and how many cases each is of."""
    values, counts = [], []
    for sort in carried.cases:
        share = sort.outcome if event else 1.0 - sort.outcome
        factor = carried.factors.event if event else carried.factors.non_event
        value = sort.sampling * factor / carried.mean_importance
        parts = np.broadcast_arrays(value, sort.multiplicity * share, np.empty(carried.n_rows))
        present = (parts[0] > 0.0) & (parts[1] > 0.0)
        values.append(parts[0][present])
        counts.append(parts[1][present])
    return np.concatenate(values), np.concatenate(counts)


def _sizes(value: Array, count: Array) -> str:
    """Effective size of a class and its number of cases."""
    if not count.size:
        return "no cases"
    effective = (count @ value) ** 2 / (count @ value**2)
    return f"{amount(float(effective))} of {amount(count.sum())}"


def _draw_distinct(
    ax: Any, cases: tuple[Array, Array], every: Array, *, label: str, place: int
) -> Any:
    """A bar for each weight, marked at its end; bars of the two classes stand side by side."""
    (value, count), color = cases, CLASS_COLORS[place]
    at, where = np.unique(value, return_inverse=True)
    heights = np.bincount(where, count, minlength=1) / max(count.sum(), 1e-300)
    moved = _shifted(ax, 5.0 * (place - 0.5))
    dashes = ("-", "--")[place]
    ax.vlines(at, 0.0, heights, color=color, linewidth=2.0, transform=moved, linestyles=dashes)
    ax.set_ylim(0.0, max(1.1 * heights.max(initial=0.0), ax.get_ylim()[1]))
    _widen(ax, every)
    return ax.plot(
        at, heights, CLASS_MARKERS[place], color=color, label=label, markersize=4, transform=moved
    )[0]


def _widen(ax: Any, every: Array) -> None:
    """Limits around the weights: bars beside their place do not set them."""
    low, high = float(every[0]), float(every[-1])
    if ax.get_xscale() == "log":
        ax.set_xlim(low * (low / high) ** 0.1, high * (high / low) ** 0.1)
    else:
        margin = 0.15 * (high - low) or 0.5 * low
        ax.set_xlim(low - margin, high + margin)


def _draw_histogram(
    ax: Any, cases: tuple[Array, Array], every: Array, *, label: str, place: int
) -> Any:
    """Shares of the cases in bins that both classes share."""
    (value, count), color = cases, CLASS_COLORS[place]
    space = np.geomspace if ax.get_xscale() == "log" else np.linspace
    heights, edges = np.histogram(value, bins=space(every[0], every[-1], BINS + 1), weights=count)
    heights = heights / max(count.sum(), 1e-300)
    ax.stairs(heights, edges, color=color, fill=True, alpha=0.2)
    return ax.stairs(
        heights, edges, color=color, linewidth=1.2, linestyle=("-", "--")[place], label=label
    )


def _shifted(ax: Any, points: float) -> Any:
    transforms = require("matplotlib.transforms", extra="plots")
    return transforms.offset_copy(ax.transData, fig=ax.figure.figure, x=points, units="points")


def _finish(ax: Any, carried: Any, handles: list[Any]) -> None:
    ticker = require("matplotlib.ticker", extra="plots")
    if ax.get_xscale() == "log":
        low, high = ax.get_xlim()
        ax.xaxis.set_major_locator(ticker.LogLocator(numticks=6))
        if high < 1e5 * low:
            ax.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
        ax.xaxis.set_minor_formatter(ticker.NullFormatter())
    ax.yaxis.set_major_formatter(ticker.PercentFormatter(1.0, decimals=0))
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("Weight of a case, over the mean weight")
    ax.set_ylabel("Share of the cases of the class")
    whole = f"Effective size: {amount(carried.effective_size)} of {amount(carried.nobs)} cases"
    look = {"title": whole, "title_fontsize": small(ax), "alignment": "left"}
    legend_above(ax, handles, **look)
