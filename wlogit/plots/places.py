"""Names beside points, where they cover neither each other nor a named point."""

from itertools import product
from typing import Any

from wlogit._optional import require
from wlogit._typing import Array
from wlogit.plots.style import small

# Where a name may stand beyond its mark, nearest first: points to the side and up.
_STEPS = (2.5, 8.0, 15.0, 24.0, 35.0)
_SIDES = {"left": 1.0, "right": -1.0, "center": 0.0}
_HEIGHTS = (0.0, 0.8, -0.8)
# Half the width of what a name must not cover of a named point, in points.
_CORE = 2.0


def label_points(ax: Any, across: Array, up: Array, names: list[str], radii: Array) -> None:
    """Write names beside points, with a thin line to those that had to go further off.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its limits should be final.
    across, up : ndarray, shape (n,)
    names : list of str
        Those that find no room are left out, the last ones first.
    radii : ndarray, shape (n,)
        Of the marks, in points: names begin beyond them.
    """
    if not names:
        return
    size = small(ax)
    # Positions in pixels are known once the layout has run.
    ax.figure.figure.draw_without_rendering()
    inside = ax.get_window_extent()
    taken = [_core(ax, x, y) for x, y in zip(across, up, strict=True)]
    for x, y, name, radius in zip(across, up, names, radii, strict=True):
        text = ax.annotate(
            name,
            xy=(x, y),
            xytext=(0.0, 0.0),
            textcoords="offset points",
            fontsize=size,
            va="center",
            path_effects=_halo(),
        )
        box, near = _place(text, inside, taken, float(radius))
        if box is not None:
            taken.append(box)
        if box is None or not near:
            text.remove()
        if box is not None and not near:
            _write_off(ax, text)


def _place(text: Any, inside: Any, taken: list[Any], radius: float) -> tuple[Any, bool]:
    """Move a name to the nearest free place: what it covers, or None, and whether it is near."""
    for further, height, side in product(_STEPS, _HEIGHTS, _SIDES):
        if side == "center" and height == 0.0:
            continue
        distance = radius + further
        text.set(position=(_SIDES[side] * distance, height * distance * 1.2), ha=side)
        box = text.get_window_extent()
        within = inside.x0 <= box.x0 and box.x1 <= inside.x1
        within = within and inside.y0 <= box.y0 and box.y1 <= inside.y1
        if within and not any(box.overlaps(other) for other in taken):
            return box, further == _STEPS[0]
    return None, False


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
