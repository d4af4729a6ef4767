"""The decision boundary over two variables, on the surface of the fitted probability."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from wlogit._optional import require
from wlogit._typing import Array, IntArray
from wlogit.keywords import check_choice
from wlogit.plots.arguments import check_share
from wlogit.plots.style import (
    CLASS_COLORS,
    CLASS_MARKERS,
    axes_of,
    few_ticks,
    legend_above,
    line_handle,
    small,
)
from wlogit.plots.variables import Variables, class_masses, constant_place, listed, mean_offset
from wlogit.plots.words import class_labels, probability_label, variable_label

# Points of the surface along either variable.
GRID = 120
# Most rows of a class that are drawn.
MOST_POINTS = 250
SHADES = ("white", "0.6")


def decision_boundary(
    results: Any,
    variables: Sequence[Hashable] | None = None,
    ax: Any = None,
    *,
    threshold: float = 0.5,
    which: Literal["calibrated", "mean"] = "calibrated",
    prevalence: float | None = None,
    at: Mapping[Any, Any] | None = None,
    data: bool = True,
) -> Any:
    """Where the fitted probability crosses a threshold, over two variables.

    Parameters
    ----------
    results : WeightedLogitResults
    variables : two names, optional
        Numbers among the variables of the formula, or columns of the design: the horizontal axis
        and the vertical one. By default the only two.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure. A color bar takes part of its room.
    threshold : float
        Probability at the boundary.
    which : {"calibrated", "mean"}
        Population scale, or the scale of the class weights.
    prevalence : float, optional
        Move calibrated probabilities to this share of events.
    at : mapping, optional
        Where the other variables are held; by default as in `fitted_curve`.
    data : bool
        Draw the rows: of each class up to 250, drawn at random in proportion to what they stand
        for.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import wlogit.plots
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ power + years", load_mid(), class_weight="balanced").fit(disp=False)
    >>> ax = wlogit.plots.decision_boundary(results, which="mean")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('power', 'years')
    """
    check_choice("which", which, ("calibrated", "mean"))
    check_share("threshold", threshold)
    known = Variables.of(results)
    across, up = _pair(known, variables, results)
    values = known.numbers(across), known.numbers(up)
    masses = class_masses(results.weights, which, prevalence)
    present = masses[0] + masses[1] > 0.0
    x, y = (_range(value[present]) for value in values)
    mesh = np.meshgrid(x, y)
    held = known.held(at, moved=(across, up))
    surface = np.asarray(
        results.predict(
            known.rows({across: mesh[0].ravel(), up: mesh[1].ravel()}, held),
            which=which,
            prevalence=prevalence,
            offset=mean_offset(results),
        )
    ).reshape(mesh[0].shape)
    ax = axes_of(ax, width=3.7, height=3.0)
    _draw_surface(ax, mesh, surface, probability_label(results, which, prevalence))
    handles = [_draw_boundary(ax, mesh, surface, threshold)]
    if data:
        handles += _draw_rows(ax, values, masses, class_labels(results))
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(y[0], y[-1])
    ax.set_xlabel(variable_label(across))
    ax.set_ylabel(variable_label(up))
    few_ticks(ax)
    legend_above(ax, handles)
    return ax


def _pair(
    known: Variables, variables: Sequence[Hashable] | None, results: Any
) -> tuple[Hashable, Hashable]:
    """The names of the two variables.

    Raises
    ------
    ValueError
        When they are not two.
    """
    free = known.free(constant_place(results))
    names = free if variables is None else list(variables)
    if isinstance(variables, str) or len(names) != 2 or names[0] == names[1]:
        raise ValueError(
            "a decision boundary needs two variables, variables=[x, y]; the fit has "
            f"{listed(free)}."
        )
    return names[0], names[1]


def _range(values: Array) -> Array:
    """Points from the smallest to the largest value, beyond which a transform may not exist."""
    return np.linspace(values.min(), values.max(), GRID)


def _draw_surface(ax: Any, mesh: tuple[Array, ...], surface: Array, label: str) -> None:
    """Shades of gray, so that the colors of the classes stand out, and a bar that explains them."""
    colors = require("matplotlib.colors", extra="plots")
    ticker = require("matplotlib.ticker", extra="plots")
    shades = colors.LinearSegmentedColormap.from_list("probability", SHADES)
    top = 1.0 if surface.max() > 0.4 else float(surface.max())
    levels = ticker.MaxNLocator(10).tick_values(0.0, top)
    levels = levels[(levels >= 0.0) & (levels <= max(1.0, top))]
    filled = ax.contourf(*mesh, surface, levels=levels, cmap=shades, vmin=0.0, vmax=levels[-1])
    bar = ax.figure.colorbar(filled, ax=ax, ticks=levels[::2], pad=0.03, fraction=0.06)
    bar.ax.tick_params(labelsize=small(ax), width=0.6, length=2.5)
    bar.set_label(label, fontsize=ax.xaxis.label.get_fontsize())
    bar.outline.set_linewidth(0.6)


def _draw_boundary(ax: Any, mesh: tuple[Array, ...], surface: Array, threshold: float) -> Any:
    crossed = surface.min() < threshold < surface.max()
    label = f"Threshold {threshold:.3g}" + ("" if crossed else " (not reached)")
    if crossed:
        ax.contour(*mesh, surface, levels=[threshold], colors="black", linewidths=1.4, zorder=4)
    return line_handle(label, color="black", linewidth=1.4)


def _draw_rows(
    ax: Any, values: tuple[Array, Array], masses: tuple[Array, Array], labels: tuple[str, str]
) -> list[Any]:
    """Rows of either class, events in front."""
    handles = []
    for place in (0, 1):
        rows, chosen = _sample(masses[place], place)
        part = "" if len(rows) == chosen else f" ({len(rows):,} of {chosen:,})"
        handles.append(
            ax.scatter(
                values[0][rows],
                values[1][rows],
                s=9.0,
                marker=CLASS_MARKERS[place],
                # Filled events stand out on dark ground, in gray as well.
                facecolors=CLASS_COLORS[place] if place else "none",
                edgecolors=CLASS_COLORS[place],
                linewidths=0.7,
                label=labels[place] + part,
                clip_on=False,
                zorder=2 + place,
            )
        )
    return handles


def _sample(mass: Array, seed: int) -> tuple[IntArray, int]:
    """Rows to draw, and how many there are: the same for the same data."""
    rows = np.flatnonzero(mass > 0.0)
    if len(rows) <= MOST_POINTS:
        return rows, len(rows)
    share = mass[rows] / mass[rows].sum()
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(rows, MOST_POINTS, replace=False, p=share)), len(rows)
