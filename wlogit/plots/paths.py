"""The path of a penalised fit: coefficients, and cross-validation, against the penalty."""

from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd

from wlogit._optional import require
from wlogit._typing import Array
from wlogit.keywords import check_choice
from wlogit.plots.labels import name_ends
from wlogit.plots.style import BLUE, SERIES, axes_of, legend, small


class PenalizedPath(Protocol):
    """What the figures read of a path."""

    @property
    def alphas(self) -> Array:
        """Strengths of the penalty, falling."""
        ...

    @property
    def coefs(self) -> pd.DataFrame:
        """Coefficients: a row for each alpha, a column for each name."""
        ...

    @property
    def constant(self) -> Any:
        """Name of the constant, which no figure shows; None without one."""
        ...

    @property
    def chosen(self) -> dict[str, float]:
        """Alphas that cross-validation chose, by the rule that chose them; may be empty."""
        ...

    @property
    def cv(self) -> pd.DataFrame:
        """Cross-validation: columns ``alpha``, ``mean``, ``se`` and ``n_nonzero``."""
        ...

    @property
    def criterion(self) -> str:
        """What was cross-validated."""
        ...


STYLES = ("--", ":")
# Inches of a new figure: names stand beside the lines.
WIDE = 4.6
# Room beside the first and last points of a cross-validation, as a ratio of alphas.
MARGIN = 1.1
NAMES = {"deviance": "Deviance of a case", "auc": "AUC", "brier": "Brier score"}


def path(
    results: PenalizedPath,
    ax: Any = None,
    *,
    x: Literal["alpha", "l1"] = "alpha",
    max_labels: int = 15,
) -> Any:
    """Coefficients against the penalty, with names at the ends of the lines.

    Parameters
    ----------
    results : RegularizedPath
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.
    x : {"alpha", "l1"}
        Horizontal axis: alpha, falling to the right on a log scale, or the sum of the absolute
        coefficients. The constant is left out of both.
    max_labels : int
        Most names to write; the coefficients farthest from zero have them, and color. Fewer are
        written where the figure is too low for as many.

    Returns
    -------
    matplotlib.axes.Axes
        Vertical lines mark the alphas that cross-validation chose.
    """
    check_choice("x", x, ("alpha", "l1"))
    ax = axes_of(ax, width=WIDE, height=3.4)
    coefs = results.coefs
    values = coefs.drop(columns=[results.constant]) if results.constant is not None else coefs
    shown = results.alphas > 0.0 if x == "alpha" else np.ones(len(coefs), dtype=bool)
    values = values[shown]
    norms = np.abs(np.asarray(values)).sum(axis=1)
    across = results.alphas[shown] if x == "alpha" else norms
    moving = [j for j in range(values.shape[1]) if np.any(np.asarray(values.iloc[:, j]) != 0.0)]
    lines = [
        ax.plot(
            across, values.iloc[:, j], label=str(values.columns[j]), linewidth=1.2, **_look(place)
        )[0]
        for place, j in enumerate(moving)
    ]
    ax.axhline(0.0, color="0.6", linewidth=0.8, zorder=0)
    if x == "alpha":
        _alpha_axis(ax)
    else:
        ax.set_xlabel("Sum of absolute coefficients")
    _fit_width(ax, across)
    ax.set_ylabel("Coefficient")
    _mark(ax, {rule: across[_nearest(results.alphas[shown], a)] for rule, a in _chosen(results)})
    name_ends(ax, lines, max_labels)
    return ax


def cross_validation(results: PenalizedPath, ax: Any = None) -> Any:
    """Held-out criterion against alpha, plus and minus one standard error.

    Parameters
    ----------
    results : RegularizedPath
        Fitted with ``cv=``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Above it stands the number of coefficients that are not zero.
    """
    frame = results.cv
    ax = axes_of(ax, width=WIDE, height=3.0)
    frame = frame[frame["alpha"] > 0.0]
    alphas = frame["alpha"].to_numpy()
    ax.errorbar(
        alphas,
        frame["mean"],
        yerr=frame["se"],
        fmt="o",
        markersize=3,
        linewidth=0.8,
        color=BLUE,
        label="mean of the folds, one standard error",
    )
    _alpha_axis(ax)
    _fit_width(ax, np.array([alphas[0] * MARGIN, alphas[-1] / MARGIN]))
    ax.set_ylabel(f"{NAMES[results.criterion]}, held out")
    _mark(ax, dict(_chosen(results)))
    _count_above(ax, alphas, frame["n_nonzero"].to_numpy())
    return ax


def _look(place: int) -> dict[str, Any]:
    """Color and dashes of a line, which the names at the ends tell apart as well."""
    color, dashes, _ = SERIES[place % len(SERIES)]
    return {"color": color, "linestyle": dashes}


def _alpha_axis(ax: Any) -> None:
    ticker = require("matplotlib.ticker", extra="plots")
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(ticker.LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_formatter(ticker.NullFormatter())
    ax.set_xlabel("Penalty (alpha)")


def _fit_width(ax: Any, across: Array) -> None:
    """Let the lines end where the names begin: at the right edge."""
    if across[0] != across[-1]:
        ax.set_xlim(across[0], across[-1])


def _chosen(results: PenalizedPath) -> list[tuple[str, float]]:
    return [(rule, alpha) for rule, alpha in results.chosen.items() if alpha > 0.0]


def _nearest(alphas: Array, alpha: float) -> int:
    return int(np.argmin(np.abs(alphas - alpha)))


def _mark(ax: Any, places: dict[str, float]) -> None:
    """Vertical lines, with a legend for them alone."""
    lines = [
        ax.axvline(place, color="0.25", linestyle=style, linewidth=1.0, label=rule)
        for (rule, place), style in zip(places.items(), STYLES, strict=False)
    ]
    if lines:
        legend(ax, lines)


def _count_above(ax: Any, alphas: Array, counts: Array) -> None:
    """Numbers of non-zero coefficients along the upper edge."""
    above = ax.secondary_xaxis("top")
    shown = np.unique(np.linspace(0, len(alphas) - 1, min(8, len(alphas))).astype(int))
    above.set_xticks(alphas[shown], [str(int(count)) for count in counts[shown]])
    above.minorticks_off()
    above.tick_params(labelsize=small(ax), width=0.6, length=2.5)
    above.set_xlabel("Coefficients that are not zero", fontsize=ax.xaxis.label.get_fontsize())
