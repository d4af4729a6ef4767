"""Names beside the ends of lines, moved apart so that none covers another."""

from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit.plots.style import SERIES, small

# Height of a line of text, in units of its font size.
LINE = 1.25


def spread(positions: Array, gap: float, low: float = -np.inf, high: float = np.inf) -> Array:
    """Positions at least a gap apart, in the same order and as near the given ones as can be.

    Parameters
    ----------
    positions : ndarray, shape (n,)
    gap : float
        Smallest distance between two of them.
    low, high : float
        Where the lowest and the highest may be; far enough apart for all.

    Notes
    -----
    Least squares under the order: positions less ``0, gap, 2 gap, ...`` must not decrease, which
    pools neighbors into blocks at their mean. Bounds cut the solution off.

    References
    ----------
    Barlow, Bartholomew, Bremner and Brunk (1972), Statistical Inference under Order Restrictions,
    section 1.2 (pool adjacent violators).
    """
    order = np.argsort(positions, kind="stable")
    steps = gap * np.arange(len(positions))
    blocks: list[tuple[float, int]] = []
    for value in positions[order] - steps:
        mean, size = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, count = blocks.pop()
            mean, size = (mean * size + before * count) / (size + count), size + count
        blocks.append((mean, size))
    placed = np.empty(len(positions))
    means = [np.full(size, mean) for mean, size in blocks]
    pooled = np.concatenate([*means, np.empty(0)])
    placed[order] = np.clip(pooled, low, high - gap * (len(positions) - 1)) + steps
    return placed


def name_ends(ax: Any, lines: list[Any], max_labels: int) -> None:
    """Write the label of each line beside its right end.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its limits should be final.
    lines : list of matplotlib.lines.Line2D
        Their labels are the names.
    max_labels : int
        Most names; the lines that end farthest from zero have them, as many as the height takes.
        The others, and those that end at zero, step back in gray.
    """
    # The height of the axes is known once the layout has run.
    ax.figure.figure.draw_without_rendering()
    points = ax.get_window_extent().height * 72.0 / ax.figure.dpi
    size = small(ax)
    room = max(int(points / (LINE * size)), 1)
    ends = np.array([line.get_ydata()[-1] for line in lines], dtype=np.float64)
    named = np.argsort(-np.abs(ends), kind="stable")[: min(max_labels, room, np.sum(ends != 0.0))]
    low, high = ax.get_ylim()
    line_height = LINE * size * (high - low) / points
    heights = spread(ends[named], line_height, low + 0.5 * line_height, high - 0.5 * line_height)
    _bring_forward([lines[j] for j in named], lines)
    for line, end, height in zip([lines[j] for j in named], ends[named], heights, strict=True):
        ax.annotate(
            line.get_label(),
            xy=(1.0, end),
            xytext=(1.04, height),
            xycoords=ax.get_yaxis_transform(),
            textcoords=ax.get_yaxis_transform(),
            fontsize=size,
            color=line.get_color(),
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": line.get_color(),
                "linewidth": 0.6,
                "shrinkA": 1,
                "shrinkB": 0,
                "relpos": (0.0, 0.5),
            },
        )


def _bring_forward(named: list[Any], lines: list[Any]) -> None:
    """Colors for the lines with names; the others in gray behind them, if any has a name."""
    for line in lines if named else []:
        line.set(color="0.8", linestyle="-", linewidth=0.6, zorder=1)
    for place, line in enumerate(named):
        color, dashes, _ = SERIES[place % len(SERIES)]
        line.set(color=color, linestyle=dashes, linewidth=1.3, zorder=2)
