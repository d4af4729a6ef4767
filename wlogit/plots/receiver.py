"""ROC and precision-recall curves, of one fit or of several."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.inference.scored import Scored
from wlogit.keywords import check_choice
from wlogit.plots.arguments import check_share, named_fits, require_member
from wlogit.plots.style import axes_of, legend_above, line_handle, series
from wlogit.plots.words import event_of, with_interval

# A line has no more than so many points along either axis: a page shows no more.
RESOLUTION = 1000


def roc(
    results: Any,
    ax: Any = None,
    *,
    names: Sequence[str] | None = None,
    threshold: float | None = None,
    which: Literal["calibrated", "mean"] = "calibrated",
    alpha: float = 0.05,
) -> Any:
    """ROC curves by mass, with the area under each and its interval.

    Parameters
    ----------
    results : results, list of results, or mapping of names to results
        Fits, or evaluations of fits on other cases: anything with ``roc``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.
    names : sequence of str, optional
        Names of several fits; by default what tells them apart.
    threshold : float, optional
        Mark where the cases above this probability are.
    which : {"calibrated", "mean"}
        Scale of the threshold: population, or that of the class weights.
    alpha : float
        One minus the level of the intervals of the areas, which are DeLong's.

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
    >>> ax = wlogit.plots.roc(results, threshold=0.5)
    >>> ax.get_legend().get_texts()[0].get_text()
    'AUC 0.897 (0.883 to 0.912)'
    """
    fits, ax = _prepare(results, ax, names, threshold, which, alpha)
    handles = []
    for place, (name, fit) in enumerate(fits):
        require_member(fit, "roc", "roc")
        curve = fit.roc(alpha)
        area = f"AUC {with_interval(curve.auc.auc, curve.auc.ci)}"
        label = f"{name}: {area}" if len(fits) > 1 else area
        kept = _seen(curve.fpr, curve.tpr)
        look = {"linewidth": 1.4, "zorder": 3}
        line = ax.plot(curve.fpr[kept], curve.tpr[kept], label=label, **_dashes(place), **look)
        handles.append(line[0])
        if threshold is not None:
            tpr, fpr = _rates(curve.auc.cases, threshold, which)
            _mark(ax, fpr, tpr, place)
    ax.plot([0.0, 1.0], [0.0, 1.0], color="0.6", linewidth=0.7, zorder=1)
    _finish(ax, handles, threshold)
    event = event_of(fits[0][1])
    ax.set_xlabel("False positive rate (1 \N{MINUS SIGN} specificity)")
    ax.set_ylabel(
        "True positive rate (sensitivity)" if not event else f"True positive rate\nfor {event}"
    )
    return ax


def precision_recall(
    results: Any,
    ax: Any = None,
    *,
    names: Sequence[str] | None = None,
    prevalence: float | None = None,
    threshold: float | None = None,
    which: Literal["calibrated", "mean"] = "calibrated",
    alpha: float = 0.05,
) -> Any:
    """Precision against recall by mass, with the average precision and its interval.

    Parameters
    ----------
    results, ax, names
        As in `roc`.
    prevalence : float, optional
        Share of events that the precision is for; by default that in the sample, by mass. It is
        the precision of guessing, and drawn as a line.
    threshold, which, alpha
        As in `roc`.

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
    >>> ax = wlogit.plots.precision_recall(results, prevalence=0.1)
    >>> ax.get_legend().get_texts()[-1].get_text()
    'Prevalence 0.1'
    """
    fits, ax = _prepare(results, ax, names, threshold, which, alpha)
    handles, shares = [], []
    for place, (name, fit) in enumerate(fits):
        require_member(fit, "precision_recall", "precision_recall")
        curve = fit.precision_recall(prevalence, alpha)
        average = curve.average_precision
        said = f"average precision {with_interval(average.value, average.ci)}"
        label = f"{name}: {said}" if len(fits) > 1 else said[0].upper() + said[1:]
        kept = _seen(curve.recall, curve.precision)
        look = {"linewidth": 1.4, "zorder": 3, "drawstyle": "steps-pre"}
        line = ax.plot(
            curve.recall[kept], curve.precision[kept], label=label, **_dashes(place), **look
        )
        handles.append(line[0])
        shares.append(curve.prevalence)
        if threshold is not None:
            _mark(ax, *_precision(fit, curve.prevalence, threshold, which), place)
    guessing = [_guess(ax, share, place) for place, share in _different(shares)]
    _finish(ax, handles, threshold, guessing)
    event = event_of(fits[0][1])
    ax.set_xlabel("Recall (sensitivity)" + f" for {event}" * bool(event))
    ax.set_ylabel("Precision (positive predictive value)")
    return ax


def _prepare(
    results: Any,
    ax: Any,
    names: Sequence[str] | None,
    threshold: float | None,
    which: str,
    alpha: float,
) -> tuple[list[tuple[str, Any]], Any]:
    check_choice("which", which, ("calibrated", "mean"))
    check_share("alpha", alpha)
    if threshold is not None:
        check_share("threshold", threshold)
    fits = named_fits(results, names)
    return fits, axes_of(ax, height=3.2 + 0.12 * len(fits))


def _dashes(place: int) -> dict[str, Any]:
    return {key: value for key, value in series(place).items() if key != "marker"}


def _seen(across: Array, up: Array) -> IntArray:
    """Points of a line that a page can tell apart, the first and the last among them."""
    if len(across) <= RESOLUTION:
        return np.arange(len(across), dtype=np.intp)
    cells = np.floor(np.column_stack([across, up]) * RESOLUTION)
    moved = np.any(np.diff(cells, axis=0) != 0.0, axis=1)
    return np.flatnonzero(np.concatenate([[True], moved[:-1] | moved[1:], [True]]))


def _rates(cases: Scored, threshold: float, which: str) -> tuple[float, float]:
    """Sensitivity and one minus specificity at a threshold."""
    score = cases.eta if which == "mean" else cases.calibrated_eta
    above = likelihood.expit(score) > threshold
    events, rest = cases.events, cases.rest
    return float(events[above].sum() / events.sum()), float(rest[above].sum() / rest.sum())


def _precision(fit: Any, prevalence: float, threshold: float, which: str) -> tuple[float, float]:
    """Recall and precision at a threshold, at a prevalence; a precision of one without cases."""
    tpr, fpr = _rates(fit.auc().cases, threshold, which)
    predicted = prevalence * tpr + (1.0 - prevalence) * fpr
    return tpr, prevalence * tpr / predicted if predicted > 0.0 else 1.0


def _mark(ax: Any, x: float, y: float, place: int) -> None:
    look = series(place)
    ax.plot(
        [x],
        [y],
        marker=look["marker"],
        markersize=6,
        markerfacecolor=look["color"],
        markeredgecolor="black",
        markeredgewidth=0.7,
        linestyle="none",
        label="_threshold",
        zorder=5,
        clip_on=False,
    )


def _different(shares: list[float]) -> list[tuple[int | None, float]]:
    """Each share once, with the place of its fit where it is that of one among several."""
    rounded = np.round(shares, 9)
    found: list[tuple[int | None, float]] = []
    for share in dict.fromkeys(rounded):
        places = np.flatnonzero(rounded == share)
        alone = len(places) == 1 < len(shares)
        found.append((int(places[0]) if alone else None, shares[places[0]]))
    return found


def _guess(ax: Any, share: float, place: int | None) -> Any:
    color = "0.4" if place is None else series(place)["color"]
    label = f"Prevalence {share:.3g}"
    return ax.axhline(share, color=color, linewidth=0.8, linestyle=":", label=label, zorder=1)


def _finish(
    ax: Any, handles: list[Any], threshold: float | None, further: list[Any] | None = None
) -> None:
    if threshold is not None:
        look = {"markerfacecolor": "0.7", "markeredgecolor": "black", "linestyle": "none"}
        mark = line_handle(f"Threshold {threshold:.3g}", marker="o", markersize=5, **look)
        mark.set_markeredgewidth(0.7)
        handles = [*handles, mark]
    ax.set_xlim(-0.01, 1.01)
    ax.set_ylim(-0.01, 1.01)
    legend_above(ax, [*handles, *(further or [])])
