"""Marginal effects as bars, and average predictions at levels as points with intervals."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit.plots.arguments import check_share, named_fits, require_member
from wlogit.plots.bars import Estimates, canvas, draw_bars, limits
from wlogit.plots.style import SERIES, axes_of, few_ticks, legend_above, line_handle, series
from wlogit.plots.words import (
    MINUS,
    coefficient_label,
    percent,
    probability_label,
    scale_words,
    shortened_all,
    variable_label,
)

PLACES = {
    "overall": "Average effect",
    "mean": "Effect at the means",
    "median": "Effect at the medians",
    "zero": "Effect at zero",
}
METHODS = {
    "dydx": "",
    "eyex": " (elasticity)",
    "dyex": " (of log x)",
    "eydx": " (on the log)",
}
# Above so many values of a number a band takes the place of bars.
MOST_BARS = 15
# Up to so many values of a number stand along the axis.
MOST_TICKS = 8


def margins(
    effects: Any, ax: Any = None, *, names: Sequence[str] | None = None, alpha: float = 0.05
) -> Any:
    """Marginal effects, or predictions at levels and their differences, with intervals.

    Parameters
    ----------
    effects : MarginalEffects or AveragePredictions
        What ``results.get_margeff`` or ``results.predictions_at`` gives; of marginal effects and
        differences a list or a mapping of names draws several side by side.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.
    names : sequence of str, optional
        Names of several.
    alpha : float
        One minus the level of the intervals.

    Returns
    -------
    matplotlib.axes.Axes
        Effects and differences are bars from top to bottom. Predictions stand above the levels of
        the first variable, with a line for each level of the others.

    Examples
    --------
    >>> import wlogit.plots
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
    >>> ax = wlogit.plots.margins(results.predictions_at({"years": [0, 10, 20], "contig": None}))
    >>> ax.get_xlabel(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('years', ['contig = 0', 'contig = 1'])
    """
    check_share("alpha", alpha)
    given = named_fits(effects, names)
    for _, one in given:
        require_member(one, "names" if hasattr(one, "margeff") else "contrast", "margins")
    of_levels = [_is_at_levels(one) for _, one in given]
    if not any(of_levels):
        return _draw_effects(ax, given, alpha)
    if len(given) > 1:
        raise ValueError(
            "predictions at levels fill axes of their own: draw one at a time, on ax= of each."
        )
    return _draw_levels(ax, given[0][1], alpha)


def _is_at_levels(found: Any) -> bool:
    return not hasattr(found, "margeff") and found.contrast is None


# ------------------------------------------------------------------------- from top to bottom


def _draw_effects(ax: Any, given: list[tuple[str, Any]], alpha: float) -> Any:
    """Bars of effects or of differences."""
    columns = [_columns(one, alpha) for _, one in given]
    rows = list(dict.fromkeys(name for found in columns for name in found.index))
    ax = canvas(ax, [_row_label(name) for name in rows], len(given), values=False)
    estimates = [_estimates(found, rows) for found in columns]
    ax.set_xlim(*limits(estimates, 0.0))
    draw_bars(ax, [name for name, _ in given], estimates)
    ax.axvline(0.0, color="0.4", linewidth=0.7, zorder=0)
    few_ticks(ax)
    ax.set_xlabel(_effect_label([one for _, one in given], alpha))
    return ax


def _columns(found: Any, alpha: float) -> pd.DataFrame:
    """Value and limits by name."""
    value = found.margeff if hasattr(found, "margeff") else found.predicted
    names = found.names if hasattr(found, "margeff") else found.levels
    lower, upper = np.asarray(found.conf_int(alpha), dtype=np.float64).T
    return pd.DataFrame(
        {"value": np.asarray(value), "lower": lower, "upper": upper},
        index=[str(name) for name in names],
    )


def _estimates(found: pd.DataFrame, rows: list[str]) -> Estimates:
    known = found.reindex(rows)
    present = np.array([name in found.index for name in rows])
    value, lower, upper = (known[name].to_numpy() for name in ("value", "lower", "upper"))
    return Estimates(value, lower, upper, present)


def _row_label(name: str) -> str:
    """A column, a variable, or a variable with the levels compared: ``smoke: 1 - 0``."""
    variable, colon, levels = name.rpartition(": ")
    label = variable_label(variable) + colon if colon else ""
    return label + coefficient_label(levels).replace(" - ", f" {MINUS} ")


def _effect_label(given: list[Any], alpha: float) -> str:
    """What the bars are, of what, and at which scale where all have the same."""
    interval = f"{percent(1.0 - alpha)} interval"
    probabilities = list(dict.fromkeys(_probability(one) for one in given))
    lines = probabilities[0].split("\n")
    kept = lines if len(probabilities) == 1 else lines[:1]
    of = "\n".join(kept)
    if not hasattr(given[0], "margeff"):
        return f"Difference, {interval}\nin {of}"
    options = given[0].margeff_options
    return f"{PLACES[options['at']]}{METHODS[options['method']]}, {interval}\non {of}"


def _probability(found: Any) -> str:
    """``the probability of y = 1`` and below it the scale, within a sentence."""
    if hasattr(found, "margeff"):
        options = found.margeff_options
        which, prevalence = options["scale"], options["prevalence"]
        which = "calibrated" if which == "calibrated" else "mean"
    else:
        which, prevalence = found.which, found.prevalence
    if which == "linear":
        return "the log odds"
    label = probability_label(found.results, which, prevalence)
    return f"the {label[0].lower()}{label[1:]}"


# ---------------------------------------------------------------------------------- at levels


def _draw_levels(ax: Any, found: Any, alpha: float) -> Any:
    """Predictions above the levels of the first variable, one line for the rest of each."""
    frame = found.summary_frame(alpha)
    groups = _groups(frame)
    levels = list(dict.fromkeys(frame.index.get_level_values(0)))
    numbers = _numbers(levels)
    ax = axes_of(ax)
    handles = []
    for place, (label, rows) in enumerate(groups.items()):
        look = series(place)
        at = _positions(rows, levels, numbers, (place, len(groups)))
        _draw_group(ax, at, rows, look, joined=numbers is not None)
        line = look if numbers is not None else look | {"linestyle": "none"}
        handles.append(line_handle(label, markersize=4, linewidth=1.2, **line))
    if numbers is None:
        ax.set_xticks(range(len(levels)), shortened_all([str(level) for level in levels], 14))
        ax.set_xlim(-0.5, len(levels) - 0.5)
    elif len(levels) <= MOST_TICKS:
        ax.set_xticks(numbers)
    ax.set_xlabel(variable_label(frame.index.names[0]))
    ax.set_ylabel(_level_label(found, alpha))
    legend_above(ax, handles if len(groups) > 1 else [])
    return ax


def _groups(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows for each combination of the variables after the first.

    Raises
    ------
    ValueError
        More of them than lines can be told apart.
    """
    if frame.index.nlevels == 1:
        return {"": frame}
    names = [variable_label(name) for name in frame.index.names[1:]]
    places: dict[str, list[int]] = {}
    for row, (_, *levels) in enumerate(frame.index):
        label = ", ".join(f"{n} = {level}" for n, level in zip(names, levels, strict=True))
        places.setdefault(label, []).append(row)
    groups = {label: frame.iloc[rows] for label, rows in places.items()}
    if len(groups) > len(SERIES):
        raise ValueError(
            f"{len(groups)} lines cannot be told apart: name the variable with the most levels "
            f"first, or give fewer levels of {', '.join(names)}."
        )
    return groups


def _numbers(levels: list[Any]) -> Array | None:
    """The levels as positions, where they are three or more numbers."""
    usual = all(isinstance(level, int | float | np.number) for level in levels)
    if not usual or any(isinstance(level, bool) for level in levels) or len(levels) < 3:
        return None
    return np.array(levels, dtype=np.float64)


def _positions(
    rows: pd.DataFrame, levels: list[Any], numbers: Array | None, place: tuple[int, int]
) -> Array:
    """Where the points of a line stand; those of several beside each other at a level."""
    level = [levels.index(one) for one in rows.index.get_level_values(0)]
    if numbers is not None:
        return numbers[level]
    number, of = place
    step = min(0.6 / of, 0.18)
    return np.array(level) + step * (number - 0.5 * (of - 1))


def _draw_group(
    ax: Any, at: Array, rows: pd.DataFrame, look: dict[str, Any], *, joined: bool
) -> None:
    value, lower, upper = (rows[n].to_numpy() for n in ("predicted", "ci_lower", "ci_upper"))
    color = look["color"]
    if joined and len(at) > MOST_BARS:
        ax.fill_between(at, lower, upper, color=color, alpha=0.15, linewidth=0)
        ax.plot(at, value, color=color, linestyle=look["linestyle"], linewidth=1.3)
        return
    around = np.array([value - lower, upper - value])
    ax.errorbar(
        at,
        value,
        yerr=around,
        color=color,
        marker=look["marker"],
        linestyle=look["linestyle"] if joined else "none",
        markersize=4,
        linewidth=1.0,
        elinewidth=1.0,
    )


def _level_label(found: Any, alpha: float) -> str:
    averaged = found.others == "observed"
    interval = f"{percent(1.0 - alpha)} interval"
    if found.which == "linear":
        return f"{'Average prediction' if averaged else 'Prediction'} of the log odds,\n{interval}"
    label = probability_label(found.results, found.which, found.prevalence)
    scale = scale_words(found.results.weights, found.which, found.prevalence)
    named = label.removesuffix(f"\n({scale})")
    if averaged:
        named = f"Average {named[0].lower()}{named[1:]}"
    return f"{named},\n{scale + ', ' if scale else ''}{interval}"
