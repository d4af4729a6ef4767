"""The confusion matrix as a heat map, with counts and shares."""

from textwrap import wrap
from typing import Any, Literal

import numpy as np

from wlogit._optional import require
from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.inference.scored import Scored
from wlogit.keywords import check_choice
from wlogit.plots.arguments import check_share, require_member
from wlogit.plots.style import axes_of, small
from wlogit.plots.words import amount, scale_words, shortened_all, variable_label


def confusion(
    results: Any,
    ax: Any = None,
    *,
    threshold: float = 0.5,
    which: Literal["calibrated", "mean"] = "calibrated",
) -> Any:
    r"""Observed against predicted classes.

    Parameters
    ----------
    results : WeightedLogitResults, or its evaluation on other cases
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.
    threshold : float
        A row is predicted to be an event above it.
    which : {"calibrated", "mean"}
        The probability that the threshold is for: at population scale, or on the scale of the
        class weights.

    Returns
    -------
    matplotlib.axes.Axes
        In each cell the number of cases, and its share of the cases observed in that class; the
        shares, which color the cells, weigh cases by sampling weight.

    Examples
    --------
    >>> import wlogit.plots
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
    >>> ax = wlogit.plots.confusion(results)
    >>> ax.texts[0].get_text()
    '2,009\n96.4%'
    """
    check_share("threshold", threshold)
    check_choice("which", which, ("calibrated", "mean"))
    counts, mass = _tables(results, threshold, which)
    total = mass.sum(axis=1, keepdims=True)
    shares = np.divide(mass, total, out=np.full((2, 2), np.nan), where=total > 0.0)
    fitted = getattr(results, "model", None) is not None
    labels = results.weights.labels if fitted else results.cases.labels
    labels = shortened_all([str(label) for label in labels], 16)
    ax = axes_of(ax, width=2.6 + 0.1 * max(max(map(len, labels)) - 6, 0), height=2.4)
    # From white to a blue dark enough for white words, in equal steps of gray.
    colors = require("matplotlib.colors", extra="plots")
    shades = colors.LinearSegmentedColormap.from_list("shares", ["white", "#08519C"])
    ax.imshow(np.nan_to_num(shares), cmap=shades, vmin=0.0, vmax=1.0, aspect="equal")
    _write_cells(ax, counts, shares)
    _name_classes(ax, labels)
    scale = scale_words(results.weights, which) if fitted else ""
    ax.set_xlabel(f"Predicted: probability above {threshold:.3g}" + f"\n({scale})" * bool(scale))
    outcome = variable_label(results.model.endog_names) if fitted else "class"
    ax.set_ylabel("\n".join(wrap(f"Observed {outcome}", 30, break_on_hyphens=False)))
    return ax


def _tables(results: Any, threshold: float, which: str) -> tuple[Array, Array]:
    """Cases, and their mass, by observed (rows) and predicted class; shape (2, 2) each."""
    cases: Scored | None = getattr(results, "cases", None)
    if cases is None:
        require_member(results, "weights", "confusion")
        table = results.pred_table(threshold, which=which)
        weighted = results.pred_table(threshold, which=which, weighted=True)
        return np.asarray(table, dtype=np.float64), np.asarray(weighted, dtype=np.float64)
    score = cases.eta if which == "mean" else cases.calibrated_eta
    above = likelihood.expit(score) > threshold
    observed = np.array([1.0 - cases.outcome, cases.outcome])
    predicted = np.array([~above, above], dtype=np.float64)
    return (observed * cases.multiplicity) @ predicted.T, (observed * cases.mass) @ predicted.T


def _write_cells(ax: Any, counts: Array, shares: Array) -> None:
    for observed in range(2):
        for predicted in range(2):
            share = shares[observed, predicted]
            said = f"{100 * share:.1f}%" if np.isfinite(share) else "no cases"
            ax.text(
                predicted,
                observed,
                f"{amount(counts[observed, predicted])}\n{said}",
                ha="center",
                va="center",
                fontsize=small(ax) * 1.2,
                linespacing=1.4,
                color="white" if share > 0.6 else "black",
            )


def _name_classes(ax: Any, labels: list[str]) -> None:
    ax.set_xticks([0, 1], labels)
    ax.set_yticks([0, 1], labels)
    ax.tick_params(length=0.0)
    ax.spines[:].set_visible(False)
    # The border between the cells.
    ax.axhline(0.5, color="white", linewidth=2.0)
    ax.axvline(0.5, color="white", linewidth=2.0)
