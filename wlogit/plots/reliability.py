"""The calibration of probabilities: observed against predicted shares, and where cases lie."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wlogit._optional import require
from wlogit._typing import Array
from wlogit.inference.calibration import Calibration
from wlogit.inference.scored import Scored
from wlogit.plots.arguments import check_share, require_member
from wlogit.plots.strips import STRIP, draw_strips
from wlogit.plots.style import BLUE, INK, axes_of, legend_above, letters_across, small
from wlogit.plots.variables import class_masses
from wlogit.plots.words import (
    class_labels,
    percent,
    probability_label,
    with_interval,
)


def calibration(
    results: Any,
    ax: Any = None,
    *,
    bins: int | Sequence[float] = 10,
    smooth: bool = True,
    distribution: bool = True,
    alpha: float = 0.05,
) -> Any:
    """Observed against predicted probabilities at population scale.

    Parameters
    ----------
    results : WeightedLogitResults, or its evaluation on other cases
        Anything with ``calibration``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.
    bins : int or sequence of float
        Number of bins with about equal masses, or the edges of bins.
    smooth : bool
        Draw the smooth curve as well, with its band.
    distribution : bool
        Draw where the events (upper edge) and the non-events (lower edge) lie, as points, or as
        bars above 500 of them.
    alpha : float
        One minus the level of the intervals.

    Returns
    -------
    matplotlib.axes.Axes
        The axes end where the bins and their intervals do; cases predicted beyond are left out
        of the distribution.

    Examples
    --------
    >>> import wlogit.plots
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
    >>> ax = wlogit.plots.calibration(results)
    >>> ax.get_ylabel()
    'Observed share'
    """
    check_share("alpha", alpha)
    require_member(results, "calibration", "calibration")
    found = results.calibration(bins, alpha)
    ax = axes_of(ax, height=3.5)
    top = _top(found)
    (ideal,) = ax.plot([0.0, top], [0.0, top], color="0.5", linewidth=0.8, label="Ideal")
    handles = [ideal, _draw_bins(ax, found)]
    if smooth and len(found.smooth) > 1:
        handles.append(_draw_smooth(ax, found, top))
    room = top * STRIP / (1.0 - 2.0 * STRIP) * 1.15 if distribution else 0.02 * top
    ax.set_ylim(-room, top + room)
    ax.set_yticks([tick for tick in ax.get_yticks() if -1e-9 <= tick <= top * (1.0 + 1e-9)])
    ax.set_xlim(-0.02 * top, 1.02 * top)
    if distribution:
        handles += _draw_distribution(ax, results, top)
    _name_axes(ax, results)
    parts = _said(found)
    said = ", ".join(parts)
    if len(said) > letters_across(ax):
        said = "\n".join(part.capitalize() for part in parts)
    look = {"title": said, "title_fontsize": small(ax), "alignment": "left"}
    legend_above(ax, handles, **look)
    return ax


def _top(found: Calibration) -> float:
    """End of the axes: all of [0, 1], or its lower part where bins and intervals lie there."""
    highest = float(np.nanmax(found.table[["predicted", "observed", "ci_upper"]].to_numpy()))
    return 1.0 if highest > 0.5 else 1.05 * highest


def _draw_bins(ax: Any, found: Calibration) -> Any:
    table = found.table
    observed = table["observed"].to_numpy()
    around = np.abs(np.array([table["ci_lower"], table["ci_upper"]]) - observed)
    return ax.errorbar(
        table["predicted"].to_numpy(),
        observed,
        yerr=around,
        fmt="o",
        color=INK,
        markersize=3.5,
        markerfacecolor="white",
        linewidth=0.9,
        zorder=4,
        label=f"Bins, {percent(1.0 - found.alpha)} interval",
    )


def _draw_smooth(ax: Any, found: Calibration, top: float) -> Any:
    frame = {name: column.to_numpy() for name, column in found.smooth.items()}
    limits = frame["ci_lower"], frame["ci_upper"]
    band = ax.fill_between(frame["predicted"], *limits, color=BLUE, alpha=0.18, linewidth=0)
    (line,) = ax.plot(
        frame["predicted"], frame["observed"], color=BLUE, linestyle="--", linewidth=1.3
    )
    # Cut where the distribution of the events begins, not at points of the grid.
    below = require("matplotlib.patches", extra="plots").Rectangle(
        (-0.02 * top, 0.0), 1.04 * top, top, transform=ax.transData
    )
    band.set_clip_path(below)
    line.set_clip_path(below)
    line.set_label(f"Smooth, {percent(1.0 - found.alpha)} band")
    return line


def _draw_distribution(ax: Any, results: Any, top: float) -> list[Any]:
    probability, rest, events = _cases(results)
    inside = probability <= 1.02 * top
    masses = rest[inside], events[inside]
    return draw_strips(ax, probability[inside], masses, _labels(results))


def _cases(results: Any) -> tuple[Array, Array, Array]:
    """Calibrated probability of each row or case, and its mass of non-events and of events."""
    cases: Scored | None = getattr(results, "cases", None)
    if cases is not None:
        return cases.probability, cases.rest, cases.events
    rest, events = class_masses(results.weights, "calibrated")
    return np.asarray(results.predict(which="calibrated")), rest, events


def _labels(results: Any) -> tuple[str, str]:
    if getattr(results, "model", None) is not None:
        return class_labels(results)
    rest, event = results.cases.labels
    return str(rest), str(event)


def _name_axes(ax: Any, results: Any) -> None:
    if getattr(results, "model", None) is None:
        ax.set_xlabel("Predicted probability")
    else:
        label = probability_label(results, "calibrated")
        ax.set_xlabel(f"Predicted {label[0].lower()}{label[1:]}")
    ax.set_ylabel("Observed share")


def _said(found: Calibration) -> list[str]:
    parts = (("Intercept", found.intercept), ("slope", found.slope))
    return [f"{name} {with_interval(e.value, e.ci, '.2f')}" for name, e in parts]
