"""Influence of rows: leverage against studentized residual, with Cook's distance as area."""

from typing import Any, Literal

import numpy as np

from wlogit._optional import require
from wlogit._typing import Array, IntArray
from wlogit.inference.influence import mean_weight
from wlogit.plots.arguments import require_member
from wlogit.plots.places import label_points
from wlogit.plots.style import (
    CLASS_COLORS,
    CLASS_MARKERS,
    axes_of,
    few_ticks,
    legend_above,
    line_handle,
)
from wlogit.plots.words import class_labels, shortened

# Above so many rows the cloud is counted in cells, and only the most influential are drawn.
MOST_POINTS = 500
DRAWN_ALONE = 60
# Area of the largest bubble, in square points.
LARGEST = 250.0


def influence(
    results: Any, ax: Any = None, *, unit: Literal["row", "case"] = "row", labels: int = 5
) -> Any:
    """Leverage against studentized residual; the area of a bubble is Cook's distance.

    Parameters
    ----------
    results : WeightedLogitResults
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.
    unit : {"row", "case"}
        What is deleted, as in ``get_influence``.
    labels : int
        How many of the rows with the largest Cook's distance have their label written.

    Returns
    -------
    matplotlib.axes.Axes
        Residuals are those for weights of mean one, whatever the unit of sampling and class
        weights. The line is the mean leverage, the number of coefficients over that of rows. Above
        500 rows the cloud is counted in cells, and the 60 most influential rows are bubbles.

    References
    ----------
    Pregibon (1981), Annals of Statistics 9, 705-724.

    Examples
    --------
    >>> import wlogit.plots
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
    >>> ax = wlogit.plots.influence(results, labels=2)
    >>> ax.get_xlabel()
    'Leverage'
    """
    if labels < 0:
        raise ValueError(f"labels={labels!r} must not be negative.")
    require_member(results, "weights", "influence")
    require_member(results, "get_influence", "influence")
    found = results.get_influence(unit)
    leverage, residual = (
        np.asarray(part, dtype=np.float64)
        for part in (found.hat_matrix_diag, found.resid_studentized)
    )
    residual = residual / np.sqrt(mean_weight(results.weights))
    cook = np.asarray(found.cooks_distance[0], dtype=np.float64)
    weight = np.broadcast_to(np.asarray(results.weights.row_weight), leverage.shape)
    rows = np.flatnonzero(np.isfinite(residual) & np.isfinite(cook) & (weight > 0.0))
    rows = rows[np.argsort(-cook[rows], kind="stable")]
    ax = axes_of(ax)
    bubbles = rows if len(rows) <= MOST_POINTS else rows[:DRAWN_ALONE]
    if len(bubbles) < len(rows):
        _draw_cells(ax, leverage[rows], residual[rows])
    handles = _draw_bubbles(ax, results, (leverage, residual, cook), bubbles)
    ax.axhline(0.0, color="0.7", linewidth=0.6, zorder=0)
    mean = float(leverage[rows].mean()) if rows.size else 0.0
    handles.append(_draw_mean(ax, mean))
    ax.margins(0.1)
    ax.autoscale_view()
    ax.set_xlim(left=0.0)
    ax.set_xlabel("Leverage" if unit == "row" else "Leverage of one case")
    ax.set_ylabel("Studentized Pearson residual")
    few_ticks(ax)
    legend_above(ax, handles)
    named = rows[:labels]
    names = [shortened(str(results.model.rows.labels[row]), 16) for row in named]
    radii = np.sqrt(_areas(cook[named], cook[rows]) / np.pi)
    label_points(ax, leverage[named], residual[named], names, radii)
    return ax


def _draw_cells(ax: Any, leverage: Array, residual: Array) -> None:
    colors = require("matplotlib.colors", extra="plots")
    ax.hexbin(
        leverage,
        residual,
        gridsize=45,
        cmap=colors.LinearSegmentedColormap.from_list("counts", ["0.9", "0.35"]),
        norm=colors.LogNorm(),
        mincnt=1,
        linewidths=0.1,
        zorder=1,
    )


def _draw_bubbles(
    ax: Any, results: Any, found: tuple[Array, Array, Array], rows: IntArray
) -> list[Any]:
    """Bubbles by class, those in front with the smaller distance."""
    leverage, residual, cook = found
    share = results.weights.row_response
    handles = []
    for place, label in enumerate(class_labels(results)):
        chosen = rows[(share[rows] > 0.5) == bool(place)]
        bubbles = ax.scatter(
            leverage[chosen],
            residual[chosen],
            s=_areas(cook[chosen], cook[rows]),
            marker=CLASS_MARKERS[place],
            facecolors="none",
            edgecolors=CLASS_COLORS[place],
            linewidths=0.6,
            label=label,
            zorder=2,
        )
        handles.append(_legend_mark(bubbles, place))
    return handles


def _areas(cook: Array, everything: Array) -> Array:
    """Areas of bubbles in square points; the largest distance has the largest."""
    largest = float(everything.max(initial=0.0)) or 1.0
    return np.asarray(4.0 + LARGEST * cook / largest)


def _legend_mark(bubbles: Any, place: int) -> Any:
    return line_handle(
        bubbles.get_label(),
        linestyle="none",
        marker=CLASS_MARKERS[place],
        markersize=4,
        markerfacecolor="none",
        markeredgecolor=CLASS_COLORS[place],
        markeredgewidth=0.7,
    )


def _draw_mean(ax: Any, mean: float) -> Any:
    return ax.axvline(
        mean, color="0.3", linewidth=0.8, linestyle=":", label="Mean leverage", zorder=0
    )
