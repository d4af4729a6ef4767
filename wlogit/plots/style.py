"""One look for every figure: size of a column, colors that print, a legend without a box."""

from typing import Any, Final

import numpy as np

from wlogit._optional import require

# Inches, the width of one column of a journal.
WIDTH: Final = 3.5
# Okabe and Ito's colors, which the color-blind tell apart; in gray the marks and dashes do.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, ORANGE, SKY = "#CC79A7", "#E69F00", "#56B4E9"
INK, FAINT = "0.15", "0.75"
# Non-events and events, in this order.
CLASS_COLORS: Final = (BLUE, VERMILLION)
CLASS_MARKERS: Final = ("o", "^")
SERIES: Final = (
    (BLUE, "-", "o"),
    (VERMILLION, "--", "s"),
    (GREEN, "-.", "^"),
    (PURPLE, ":", "D"),
    (ORANGE, (0, (5, 1, 1, 1, 1, 1)), "v"),
    (SKY, (0, (1, 1)), "P"),
    (INK, (0, (7, 2)), "X"),
)
SETTINGS: Final = {
    "axes.labelsize": 8.0,
    "axes.titlesize": 8.0,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
TICKS: Final = {"labelsize": 7.0, "width": 0.6, "length": 2.5}


def axes_of(ax: Any, *, width: float = WIDTH, height: float = 2.8) -> Any:
    """The axes given, or those of a new figure in the size and print of a column.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
    width, height : float
        Inches of a new figure.

    Raises
    ------
    TypeError
        When `ax` is something else.
    """
    if ax is None:
        with require("matplotlib", extra="plots").rc_context(SETTINGS):
            pyplot = require("matplotlib.pyplot", extra="plots")
            figure = pyplot.figure(figsize=(width, height), dpi=200, layout="constrained")
            ax = figure.subplots()
        ax.tick_params(which="major", **TICKS)
        ax.tick_params(which="minor", **TICKS | {"length": 1.5})
        return ax
    if not isinstance(ax, require("matplotlib.axes", extra="plots").Axes):
        raise TypeError(
            f"ax= takes one matplotlib Axes, not {type(ax).__name__}; several fits go in a list."
        )
    return ax


def small(ax: Any) -> float:
    """Size of the words inside the axes, in points: below that of its labels."""
    return float(ax.xaxis.label.get_fontsize()) * 0.85


def legend(ax: Any, handles: list[Any], **options: Any) -> None:
    """A legend without a frame, of these handles in this order; none without handles.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    handles : list of Artist
    **options
        Of ``Axes.legend``.
    """
    if handles:
        look = {"frameon": False, "fontsize": small(ax), "handlelength": 1.8, "borderaxespad": 0.3}
        ax.legend(handles=handles, **look | options)


def line_handle(label: str, **look: Any) -> Any:
    """An entry of a legend that is drawn nowhere else.

    Parameters
    ----------
    label : str
    **look
        Of ``Line2D``.
    """
    return require("matplotlib.lines", extra="plots").Line2D([], [], label=label, **look)


def legend_above(ax: Any, handles: list[Any], **options: Any) -> None:
    """The same above the axes, in as many columns as their width takes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    handles : list of Artist
    **options
        Of ``Axes.legend``.
    """
    columns = len(handles)
    while columns > 1 and sum(_widths(handles, columns)) > letters_across(ax):
        columns -= 1
    look = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.2}
    legend(ax, handles, **look | {"ncols": columns, "columnspacing": 1.2} | options)
    if handles:
        # A title stands above every child of the axes; a legend alone it would cover.
        shelf = ax.inset_axes([0.0, 1.0, 1.0, 0.0])
        shelf.set_axis_off()
        shelf.set_axes_locator(_Shelf(ax))


class _Shelf:
    """Locates axes without content where the legend of their parent stands."""

    def __init__(self, parent: Any) -> None:
        self.parent = parent

    def __call__(self, _axes: Any, renderer: Any) -> Any:
        """Position in the figure; matplotlib passes either of the axes."""
        parent = self.parent
        place, known = parent.get_position(), parent.get_legend()
        if known is None:
            return place
        to_figure = parent.get_figure().transSubfigure.inverted()
        return to_figure.transform_bbox(known.get_window_extent(renderer))


def _widths(handles: list[Any], columns: int) -> list[float]:
    """Widths of the columns of a legend, in letters; a mark and the gaps take eight."""
    lengths = [len(handle.get_label()) for handle in handles]
    rows, longer = divmod(len(lengths), columns)
    ends = np.cumsum([rows + (column < longer) for column in range(columns)])
    return [8.0 + max(part) for part in np.split(lengths, ends[:-1])]


def letters_across(ax: Any) -> float:
    """How many letters of the size of `small` the axes are wide; one is half as wide as high."""
    points = ax.get_window_extent().width * 72.0 / ax.figure.dpi
    return float(points / (0.52 * small(ax)))


def few_ticks(ax: Any, most: int = 6) -> None:
    """No more numbers along a linear horizontal axis than stand side by side."""
    ticker = require("matplotlib.ticker", extra="plots")
    ax.xaxis.set_major_locator(ticker.MaxNLocator(most, steps=[1, 2, 5, 10]))


def series(place: int) -> dict[str, Any]:
    """Color, dashes and marker of the line with this number."""
    color, dashes, marker = SERIES[place % len(SERIES)]
    return {"color": color, "linestyle": dashes, "marker": marker}


def scaled_areas(mass: Any, smallest: float, mean: float, largest: float) -> Any:
    """Areas of marks in proportion to what they stand for, within bounds, in square points."""
    return (mass / mass.mean() * mean).clip(smallest, largest)
