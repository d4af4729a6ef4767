"""The fitted probability against one variable, with its interval and the data."""

from collections.abc import Hashable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit.keywords import check_choice
from wlogit.plots.arguments import check_share, require_member
from wlogit.plots.strips import STRIP, draw_strips
from wlogit.plots.style import INK, axes_of, legend_above, scaled_areas
from wlogit.plots.variables import Variables, class_masses, constant_place, listed, mean_offset
from wlogit.plots.words import class_labels, percent, probability_label, variable_label

# Points of a curve, and of one that averages over the rows.
POINTS, AVERAGES = 200, 41
# Bins of the observed shares.
SHARES = 10


def fitted_curve(
    results: Any,
    variable: Hashable | None = None,
    ax: Any = None,
    *,
    which: Literal["calibrated", "mean"] = "calibrated",
    prevalence: float | None = None,
    at: Mapping[Any, Any] | None = None,
    others: Literal["held", "observed"] = "held",
    threshold: float | None = None,
    data: Literal["rows", "shares"] | None = "rows",
    alpha: float = 0.05,
) -> Any:
    r"""Fitted probability against one variable, the others held, with the data.

    Parameters
    ----------
    results : WeightedLogitResults
    variable : name, optional
        A number among the variables of the formula, or a column of the design; by default the
        only one.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.
    which : {"calibrated", "mean"}
        Population scale, or the scale of the class weights.
    prevalence : float, optional
        Move calibrated probabilities to this share of events.
    at : mapping, optional
        Where other variables are held: ``{"contig": 1}``. By default numbers are at their mean
        over the cases (sampling weights count, class weights do not) and factors at their
        reference level; an offset is at its mean.
    others : {"held", "observed"}
        "observed" leaves those that `at` does not name as they are in each row, and averages the
        predictions, as ``results.predictions_at``.
    threshold : float, optional
        Draw a line at this probability and cross out the rows that it classifies wrongly.
    data : {"rows", "shares"} or None
        "rows" puts events along the upper edge and non-events along the lower one, as points, or
        as bars above 500 of them. "shares" adds the observed share of events in tenths of the
        data, on the scale of the curve; these are not held at anything, and are for fits with
        one variable.
    alpha : float
        One minus the level of the pointwise interval.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import wlogit.plots
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
    >>> ax = wlogit.plots.fitted_curve(results, "years", at={"contig": 1}, threshold=0.5)
    >>> ax.get_ylabel()
    'Probability of conflict = 1\n(class weights taken out)'
    """
    _check(which, data, others, threshold, alpha)
    variables = Variables.of(results)
    variable = _the_only(variables, results) if variable is None else variable
    values = variables.numbers(variable)
    masses = class_masses(results.weights, which, prevalence)
    present = values[masses[0] + masses[1] > 0.0]
    across = np.linspace(present.min(), present.max(), POINTS if others == "held" else AVERAGES)
    held = variables.held(at, moved=(variable,))
    scale = {"which": which, "prevalence": prevalence}
    if others == "held":
        new = variables.rows({variable: across}, held)
        require_member(results, "get_prediction", "fitted_curve")
        found = results.get_prediction(new, offset=mean_offset(results), **scale)
    else:
        levels = {name: [value] for name, value in held.items()}
        found = results.predictions_at({variable: across.tolist()} | levels, **scale)
    fitted = found.summary_frame(alpha)
    ax = axes_of(ax)
    handles = _draw_curve(ax, across, fitted, alpha)
    _set_limits(ax, across, fitted, threshold, full=data == "shares")
    if threshold is not None:
        handles.append(_draw_threshold(ax, threshold))
    if data is not None:
        wrong = _wrong(results, which, prevalence, threshold)
        handles += draw_strips(ax, values, masses, class_labels(results), wrong)
    if data == "shares":
        handles.append(_draw_shares(ax, values, masses))
    ax.set_xlabel(variable_label(variable))
    ax.set_ylabel(probability_label(results, which, prevalence))
    legend_above(ax, handles)
    return ax


def _check(
    which: str, data: str | None, others: str, threshold: float | None, alpha: float
) -> None:
    check_choice("which", which, ("calibrated", "mean"))
    check_choice("others", others, ("held", "observed"))
    if data is not None:
        check_choice("data", data, ("rows", "shares"))
    check_share("alpha", alpha)
    if threshold is not None:
        check_share("threshold", threshold)


def _the_only(variables: Variables, results: Any) -> Hashable:
    """The variable of a fit that has but one.

    Raises
    ------
    ValueError
        When there are several.
    """
    names = variables.free(constant_place(results))
    if len(names) != 1:
        raise ValueError(f"name the variable of the horizontal axis: the fit has {listed(names)}.")
    return names[0]


def _draw_curve(ax: Any, across: Array, fitted: pd.DataFrame, alpha: float) -> list[Any]:
    """The curve over its band; the edges of the band are drawn, for print in gray."""
    lower, upper = fitted["ci_lower"].to_numpy(), fitted["ci_upper"].to_numpy()
    edge = {"color": INK, "linewidth": 0.5, "linestyle": (0, (4, 2)), "label": "_limit"}
    band = ax.fill_between(
        across, lower, upper, color="0.85", linewidth=0, label=f"{percent(1.0 - alpha)} interval"
    )
    ax.plot(across, lower, **edge)
    ax.plot(across, upper, **edge)
    (line,) = ax.plot(across, fitted["predicted"], color=INK, linewidth=1.5, label="Fitted")
    return [line, band] if np.isfinite(lower).any() else [line]


def _set_limits(
    ax: Any, across: Array, fitted: pd.DataFrame, threshold: float | None, *, full: bool
) -> None:
    """All of [0, 1], or its lower part where nothing lies higher; strips have room outside."""
    highest = float(np.nanmax(fitted[["predicted", "ci_upper"]].to_numpy()))
    top = 1.0 if full or max(highest, threshold or 0.0) > 0.4 else 1.05 * highest
    room = top * STRIP / (1.0 - 2.0 * STRIP) * 1.15
    ax.set_ylim(-room, top + room)
    inside = [tick for tick in ax.get_yticks() if -1e-9 <= tick <= top * (1.0 + 1e-9)]
    ax.set_yticks(inside)
    margin = 0.03 * (across[-1] - across[0]) or 0.5
    ax.set_xlim(across[0] - margin, across[-1] + margin)


def _draw_threshold(ax: Any, threshold: float) -> Any:
    look = {"color": INK, "linestyle": ":", "linewidth": 0.9, "zorder": 1}
    return ax.axhline(threshold, label=f"Threshold {threshold:.3g}", **look)


def _wrong(
    results: Any, which: str, prevalence: float | None, threshold: float | None
) -> tuple[Any, Any] | None:
    """Non-events above the threshold, and events that are not; one mask each."""
    if threshold is None:
        return None
    predicted = np.asarray(results.predict(which=which, prevalence=prevalence)) > threshold
    return predicted, ~predicted


def _draw_shares(ax: Any, values: Array, masses: tuple[Array, Array]) -> Any:
    """Share of events in groups of neighbors, their areas in proportion to the mass."""
    groups = _groups(values, masses[0] + masses[1])
    rest, events = (np.bincount(groups, mass) for mass in masses)
    total = rest + events
    middle = np.bincount(groups, (masses[0] + masses[1]) * values)
    kept = total > 0.0
    return ax.scatter(
        (middle[kept] / total[kept]),
        (events[kept] / total[kept]),
        s=scaled_areas(total[kept], 5.0, 18.0, 60.0),
        facecolors="white",
        edgecolors=INK,
        linewidths=0.8,
        zorder=4,
        label="Observed share",
    )


def _groups(values: Array, mass: Array) -> Any:
    """Number of the group of each row: its value where these are few, else its tenth."""
    distinct, place = np.unique(values, return_inverse=True)
    if len(distinct) <= SHARES + 2:
        return place
    at = np.bincount(place, mass)
    middle = (np.cumsum(at) - 0.5 * at) / at.sum()
    return np.minimum((middle * SHARES).astype(np.intp), SHARES - 1)[place]
