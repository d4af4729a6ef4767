"""Where the events and the non-events lie along a variable: points, or bars where they are many."""

from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit.plots.style import CLASS_COLORS, CLASS_MARKERS, scaled_areas

# Share of the height of the axes that either strip takes.
STRIP = 0.09
MOST_POINTS = 500
BINS = 40


def draw_strips(
    ax: Any, across: Array, masses: tuple[Array, Array], labels: tuple[str, str], wrong: Any = None
) -> list[Any]:
    """Draw non-events along the lower edge and events along the upper one.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its limits should be final.
    across : ndarray, shape (n,)
        Positions of the rows.
    masses : tuple of ndarray, shape (n,) each
        Of the non-events and the events of each row; they size points, and make up bars.
    labels : tuple of str
    wrong : tuple of ndarray of bool, shape (n,) each, optional
        Non-events and events to cross out, where points are drawn.

    Returns
    -------
    list of Artist
        For the legend: events, then non-events, then what the crosses are.
    """
    few = sum(int(np.count_nonzero(mass)) for mass in masses) <= MOST_POINTS
    handles: list[Any] = []
    crosses = None
    for place in (1, 0):
        base, direction = ((0.0, 1.0), (1.0, -1.0))[place]
        rows = np.flatnonzero(masses[place] > 0.0)
        look = {"color": CLASS_COLORS[place], "label": labels[place], "clip_on": False}
        if few:
            heights = base + direction * STRIP * (0.25 + 0.6 * _jitter(len(rows), place))
            areas = scaled_areas(masses[place][rows], 3.0, 9.0, 60.0) if rows.size else 9.0
            handles.append(_points(ax, across[rows], heights, areas, CLASS_MARKERS[place], look))
            if wrong is not None:
                crossed = wrong[place][rows]
                crosses = _cross(ax, across[rows][crossed], heights[crossed])
        else:
            handles.append(_bars(ax, across[rows], masses[place][rows], (base, direction), look))
    return [*handles, crosses] if crosses is not None else handles


def _jitter(n: int, seed: int) -> Array:
    """Heights within a strip: the same for the same data."""
    return np.random.default_rng(seed).random(n) if n > 30 else np.full(n, 0.5)


def _points(
    ax: Any, across: Array, heights: Array, areas: Any, marker: str, look: dict[str, Any]
) -> Any:
    return ax.scatter(
        across,
        heights,
        s=areas,
        marker=marker,
        transform=ax.get_xaxis_transform(),
        facecolors="none",
        edgecolors=look["color"],
        linewidths=0.6,
        label=look["label"],
        zorder=2,
    )


def _cross(ax: Any, across: Array, heights: Array) -> Any:
    return ax.scatter(
        across,
        heights,
        s=12,
        marker="x",
        transform=ax.get_xaxis_transform(),
        color="black",
        linewidths=0.7,
        label="Classified wrongly",
        zorder=3,
    )


def _bars(
    ax: Any, across: Array, mass: Array, strip: tuple[float, float], look: dict[str, Any]
) -> Any:
    """A histogram in the strip; the highest bar fills it."""
    base, direction = strip
    heights, edges = np.histogram(across, bins=BINS, range=ax.get_xlim(), weights=mass)
    tops = base + direction * STRIP * heights / max(heights.max(), 1e-300)
    return ax.fill_between(
        edges,
        base,
        np.append(tops, base),
        step="post",
        transform=ax.get_xaxis_transform(),
        color=look["color"],
        alpha=0.6,
        linewidth=0,
        label=look["label"],
        zorder=1,
    )
