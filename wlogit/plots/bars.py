"""Rows of estimates with their intervals as bars, from top to bottom."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit.plots.style import WIDTH, axes_of, legend_above, line_handle, series, small
from wlogit.plots.words import MINUS, percent, shortened_all

# Inches of a new figure: height of a row and of what is not rows; width of the bars, of a letter
# beside them and of the numbers.
ROW, FRAME = 0.19, 0.75
BARS, LETTER, NUMBERS = 2.2, 0.053, 1.4
# Height of a line of text, in units of its font size.
LINE = 1.3


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
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


def canvas(ax: Any, rows: list[str], n_fits: int, *, values: bool) -> Any:
    """The axes given, or a new figure with room for every row, with the rows named.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
    rows : list of str
        What the rows are called, from top to bottom.
    n_fits : int
        Bars side by side in a row.
    values : bool
        Whether numbers stand at the right.

    Raises
    ------
    ValueError
        Numbers of several fits.
    """
    if values and n_fits > 1:
        raise ValueError("values=True writes the numbers of one fit; leave it out for several.")
    labels = shortened_all(rows)
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


def limits(estimates: list[Estimates], null: float) -> tuple[float, float]:
    """Room for every estimate and for its interval, unless it is far longer than most.

    Parameters
    ----------
    estimates : list of Estimates
    null : float
        A value that is inside as well.
    """
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


def draw_bars(ax: Any, names: list[str], estimates: list[Estimates]) -> None:
    """Bars of the fits in their rows, with a legend for several.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its limits should be final; what lies beyond ends in an arrow.
    names : list of str
        Of the fits.
    estimates : list of Estimates
    """
    n_rows = len(estimates[0].value)
    shift = min(0.7 / len(estimates), 0.25)
    handles = []
    for place, (name, found) in enumerate(zip(names, estimates, strict=True)):
        across = -np.arange(n_rows) - shift * (place - 0.5 * (len(estimates) - 1))
        look = series(place)
        _draw_fit(ax, across, found, look)
        handles.append(line_handle(name, markersize=4, linewidth=1.2, **look))
        for row in np.flatnonzero(found.present & ~found.defined):
            _say_undefined(ax, across[row], look["color"], left=_is_right(ax, estimates, row))
    for stripe in range(1, n_rows, 2):
        ax.axhspan(-stripe - 0.5, -stripe + 0.5, color="0.96", zorder=-1, linewidth=0)
    if len(estimates) > 1:
        legend_above(ax, handles)


def _draw_fit(ax: Any, across: Any, found: Estimates, look: dict[str, Any]) -> None:
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


def _is_right(ax: Any, estimates: list[Estimates], row: Any) -> bool:
    """Whether the bars of a row lie in the right half of the axes."""
    values = np.array([found.value[row] for found in estimates if found.defined[row]])
    if not values.size:
        return True
    shares = ax.transAxes.inverted().transform(
        ax.transData.transform(np.column_stack([values, np.zeros(len(values))]))
    )
    return bool(shares[:, 0].mean() > 0.5)


def _say_undefined(ax: Any, height: float, color: str, *, left: bool) -> None:
    ax.text(
        0.02 if left else 0.98,
        height,
        "no valid interval",
        transform=ax.get_yaxis_transform(),
        fontsize=min(small(ax), ax.yaxis.get_ticklabels()[0].get_fontsize()),
        style="italic",
        color=color,
        ha="left" if left else "right",
        va="center",
    )


def write_values(ax: Any, found: Estimates, heading: str, alpha: float) -> None:
    """Estimates and limits in a column at the right of the axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    found : Estimates
    heading : str
    alpha : float
    """
    look = {
        "xycoords": ax.get_yaxis_transform(),
        "textcoords": "offset points",
        "xytext": (6, 0),
        "fontsize": ax.yaxis.get_ticklabels()[0].get_fontsize(),
        "va": "center",
        "annotation_clip": False,
    }
    for row in np.flatnonzero(found.defined):
        numbers = (float(part[row]) for part in (found.value, found.lower, found.upper))
        ax.annotate(in_words(*numbers), (1.0, -row), **look)
    ax.annotate(f"{heading} ({percent(1.0 - alpha)})", (1.0, 0.8), **look | {"va": "bottom"})


def in_words(value: float, lower: float, upper: float) -> str:
    """``1.23 (1.01 to 1.50)``: two decimals, or more where the interval takes them.

    Parameters
    ----------
    value, lower, upper : float

    Examples
    --------
    >>> in_words(1.0034, 1.0011, 1.0057)
    '1.0034 (1.0011 to 1.0057)'
    """
    width = upper - lower
    decimals = 2 if not 0.0 < width < 0.1 else min(int(np.ceil(-np.log10(width))) + 1, 6)
    largest = max(abs(value), abs(lower), abs(upper))
    form = ".2e" if largest >= 1e5 or 0.0 < largest < 1e-4 else f".{decimals}f"
    return f"{value:{form}} ({lower:{form}} to {upper:{form}})".replace("-", MINUS)
