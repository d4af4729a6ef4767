"""Profiles of the likelihood: the signed root of the drop, beside that of Wald's interval."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from wlogit.keywords import check_choice
from wlogit.plots.arguments import require_member
from wlogit.plots.style import (
    FAINT,
    INK,
    SERIES,
    axes_of,
    few_ticks,
    legend_above,
    line_handle,
    series,
)
from wlogit.plots.words import coefficient_label, percent, shortened_all

WALD = {"color": INK, "linewidth": 0.8, "linestyle": (0, (4, 2)), "zorder": 1}


def profile(
    results: Any,
    ax: Any = None,
    *,
    names: Sequence[str] | str | None = None,
    unit: Literal["coefficient", "se"] | None = None,
) -> Any:
    """Signed root of the drop of the likelihood along coefficients.

    Parameters
    ----------
    results : Profile or WeightedLogitResults
        What ``results.profile`` gives; of results, with its defaults.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.
    names : sequence of str, optional
        Which coefficients; by default the slopes with a curve, the first seven of them, and not
        those that diverge among others.
    unit : {"coefficient", "se"}, optional
        Horizontal axis: the coefficient itself, by default for one alone, or its distance from
        the estimate in standard errors, so that coefficients in different units share an axis.

    Returns
    -------
    matplotlib.axes.Axes
        Marks are at the limits, where the signed root is a quantile of its reference distribution
        (horizontal lines). The straight dashed line is the quadratic approximation behind Wald's
        interval: where a curve follows it, the intervals agree. A coefficient that diverges has
        no such line, and a curve that levels off at zero.

    Examples
    --------
    >>> import wlogit.plots
    >>> from wlogit.datasets import load_endometrial
    >>> from wlogit.formula.api import weighted_logit
    >>> model = weighted_logit("HG ~ NV + PI + EH", load_endometrial())
    >>> results = model.fit(disp=False, warn_convergence=False)
    >>> ax = wlogit.plots.profile(results, names="EH")
    >>> ax.get_xlabel(), ax.get_ylabel().splitlines()
    ('EH', ['Signed root of the drop of the deviance', '(lines: 95% limits)'])
    """
    if unit is not None:
        check_choice("unit", unit, ("coefficient", "se"))
    found = _found(results, names)
    drawn = _drawn(found, names)
    across = unit or ("coefficient" if len(drawn) == 1 else "se")
    _check(drawn, across)
    ax = axes_of(ax)
    labels = shortened_all([coefficient_label(curve.name) for curve, _ in drawn])
    handles = []
    for place, ((curve, root), label) in enumerate(zip(drawn, labels, strict=True)):
        handles.append(_draw(ax, curve, root, series(place), across))
        handles[-1].set_label(label)
    roots = sorted({float(root) for _, root in drawn})
    for height in (0.0, *roots, *(-root for root in roots)):
        ax.axhline(height, color=FAINT if height else "0.5", linewidth=0.7, zorder=0)
    _label(ax, drawn[0][0], labels[0], across, found.alpha)
    if any(np.isfinite(curve.se) for curve, _ in drawn):
        handles.append(line_handle("Quadratic (Wald)", **WALD))
    legend_above(ax, handles)
    return ax


def _found(results: Any, names: Any) -> Any:
    """The profile given, or that of the coefficients to be drawn."""
    if hasattr(results, "curves"):
        return results
    require_member(results, "profile", "profile")
    if names is not None:
        return results.profile(names)
    where, everything = results.model.data.const_idx, list(results.model.exog_names)
    slopes = [name for j, name in enumerate(everything) if j != where]
    return results.profile((slopes or everything)[: len(SERIES)])


def _drawn(found: Any, names: Any) -> list[tuple[Any, float]]:
    """Curves, and the quantile at the limits of each.

    Raises
    ------
    ValueError
        There is nothing to draw.
    """
    chosen = [names] if isinstance(names, str) else names
    drawn = [
        (curve, float(root))
        for curve, root in zip(found.curves, found.root, strict=True)
        if len(curve.values) and (chosen is None or curve.name in chosen)
    ]
    if chosen is None and len(drawn) > 1:
        # A coefficient that diverges has no place on an axis of standard errors.
        drawn = [one for one in drawn if np.isfinite(one[0].se)] or drawn[:1]
    if not drawn:
        raise ValueError(
            f"no coefficient has a curve to draw: print the profile of {', '.join(found.names)}."
        )
    return drawn


def _check(drawn: list[tuple[Any, float]], across: str) -> None:
    """Refuse an axis that some curves have no place on."""
    if across == "coefficient" and len(drawn) > 1:
        raise ValueError('coefficients share an axis in standard errors only: use unit="se".')
    diverging = [str(curve.name) for curve, _ in drawn if not np.isfinite(curve.se)]
    if across == "se" and diverging:
        raise ValueError(
            f"{', '.join(diverging)} diverges and has no standard error to measure by: draw it on "
            f"axes of its own, names={diverging[0]!r}."
        )


def _draw(ax: Any, curve: Any, root: float, look: dict[str, Any], across: str) -> Any:
    """The curve with its limits marked, and its straight line."""

    def place(value: Any) -> Any:
        return (value - curve.estimate) / curve.se if across == "se" else value

    color = {"color": look["color"]}
    (line,) = ax.plot(
        place(curve.values), curve.signed_root, linestyle=look["linestyle"], linewidth=1.2, **color
    )
    for limit, height in zip(curve.limits, (-root, root), strict=True):
        if np.isfinite(limit):
            ax.plot([place(limit)], [height], marker=look["marker"], markersize=4.0, **color)
    if np.isfinite(curve.se):
        ends = curve.values[[0, -1]]
        ax.plot(place(ends), (ends - curve.estimate) / curve.se, **WALD)
    return line


def _label(ax: Any, curve: Any, label: str, across: str, alpha: float) -> None:
    few_ticks(ax)
    distance = "Distance from the estimate, in standard errors"
    ax.set_xlabel(label if across == "coefficient" else distance)
    what = "deviance" if curve.scale == 1.0 else "scaled deviance"
    ax.set_ylabel(f"Signed root of the drop of the {what}\n(lines: {percent(1.0 - alpha)} limits)")
