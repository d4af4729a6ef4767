"""Names beside points, where they cover neither each other nor a named point."""

from itertools import product
from typing import Any

from wlogit._optional import require
from wlogit._typing import Array

# Where a name may stand, nearest first: steps in points to the side and up.
_DISTANCES = (5.0, 11.0, 18.0, 27.0, 38.0)
_SIDES = {"left": 1.0, "right": -1.0, "center": 0.0}
_HEIGHTS = (0.0, 0.8, -0.8)
# Half the width of what a name must not cover of a named point, in points.
_CORE = 2.0


def label_points(ax: Any, across: Array, up: Array, names: list[str], size: float) -> None:
    """Write names beside points, with a thin line to those that had to go further off.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its limits should be final.
    across, up : ndarray, shape (n,)
    names : list of str
        Those that find no room are left out, the last ones first.
    size : float
        Of the font, in points.
    """
    if not names:
        return
    # Positions in pixels are known once the layout has run.
    ax.figure.figure.draw_without_rendering()
    inside = ax.get_window_extent()
    taken = [_core(ax, x, y) for x, y in zip(across, up, strict=True)]
    for x, y, name in zip(across, up, names, strict=True):
        text = ax.annotate(
            name,
            xy=(x, y),
            xytext=(0.0, 0.0),
            textcoords="offset points",
            fontsize=size,
            va="center",
            path_effects=_halo(),
        )
        box, distance = _place(text, inside, taken)
        if box is not None:
            taken.append(box)
        if box is None or distance > _DISTANCES[0]:
            text.remove()
        if box is not None and distance > _DISTANCES[0]:
            _write_off(ax, text)


def _place(text: Any, inside: Any, taken: list[Any]) -> tuple[Any, float]:
    """Move a name to the nearest free place; what it covers, or None, and how far off it is."""
    for distance, height, side in product(_DISTANCES, _HEIGHTS, _SIDES):
        if side == "center" and height == 0.0:
            continue
        text.set(position=(_SIDES[side] * distance, height * distance * 1.2), ha=side)
        box = text.get_window_extent()
        within = inside.x0 <= box.x0 and box.x1 <= inside.x1
        within = within and inside.y0 <= box.y0 and box.y1 <= inside.y1
        if within and not any(box.overlaps(other) for other in taken):
            return box, distance
    return None, 0.0


def _write_off(ax: Any, text: Any) -> None:
    """The name where it was placed, with a line to its point."""
    ax.annotate(
        text.get_text(),
        xy=text.xy,
        xytext=text.get_position(),
        textcoords="offset points",
        fontsize=text.get_fontsize(),
        ha=text.get_ha(),
        va="center",
        path_effects=_halo(),
        arrowprops={
            "arrowstyle": "-",
            "color": "0.4",
            "linewidth": 0.5,
            "shrinkA": 0.0,
            "shrinkB": 2.0,
        },
    )


def _halo() -> list[Any]:
    """White around the letters, for what lies below them."""
    effects = require("matplotlib.patheffects", extra="plots")
    return [effects.withStroke(linewidth=1.5, foreground="white")]


def _core(ax: Any, x: float, y: float) -> Any:
    """The middle of a point, in pixels."""
    transforms = require("matplotlib.transforms", extra="plots")
    half = _CORE * ax.figure.dpi / 72.0
    left, low = ax.transData.transform((x, y)) - half
    return transforms.Bbox.from_bounds(left, low, 2.0 * half, 2.0 * half)
