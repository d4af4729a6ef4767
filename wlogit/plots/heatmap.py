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
from wlogit.weights.multinomial import MultinomialWeights


def confusion(
    results: Any,
    ax: Any = None,
    *,
    threshold: float | None = None,
    which: Literal["calibrated", "mean"] = "calibrated",
) -> Any:
    r"""Observed against predicted classes.

    Parameters
    ----------
    results : WeightedLogitResults, or its evaluation on other cases, or WeightedMNLogitResults
        Penalised ones too.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.
    threshold : float, optional
        A row is predicted to be an event above it; 0.5 by default. Of several labels the likeliest
        is predicted, without a threshold.
    which : {"calibrated", "mean"}
        The probabilities to predict by: at population scale, or on the scale of the class weights.

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
    check_choice("which", which, ("calibrated", "mean"))
    several = _several_labels(results)
    if several and threshold is not None:
        raise ValueError(
            f"threshold={threshold!r} is for two labels; of several the likeliest is predicted."
        )
    cut = 0.5 if threshold is None else check_share("threshold", threshold)
    counts, mass = _label_tables(results, which) if several else _tables(results, cut, which)
    total = mass.sum(axis=1, keepdims=True)
    shares = np.divide(mass, total, out=np.full(mass.shape, np.nan), where=total > 0.0)
    fitted = getattr(results, "model", None) is not None
    labels = results.weights.labels if fitted else results.cases.labels
    labels = shortened_all([str(label) for label in labels], 16)
    ax = axes_of(ax, **_size(labels))
    # From white to a blue dark enough for white words, in equal steps of gray.
    colors = require("matplotlib.colors", extra="plots")
    shades = colors.LinearSegmentedColormap.from_list("shares", ["white", "#08519C"])
    ax.imshow(np.nan_to_num(shares), cmap=shades, vmin=0.0, vmax=1.0, aspect="equal")
    _write_cells(ax, counts, shares)
    _name_classes(ax, labels)
    outcome = variable_label(results.model.endog_names) if fitted else "class"
    scale = scale_words(results.weights, which) if fitted else ""
    ruled = f"likeliest {outcome}" if several else f"probability above {cut:.3g}"
    ax.set_xlabel(f"Predicted: {ruled}" + f"\n({scale})" * bool(scale))
    ax.set_ylabel("\n".join(wrap(f"Observed {outcome}", 30, break_on_hyphens=False)))
    return ax


def _several_labels(results: Any) -> bool:
    return isinstance(getattr(results, "weights", None), MultinomialWeights)


def _size(labels: list[str]) -> dict[str, float]:
    """Room for the cells and for the names beside them."""
    side = 2.4 + 0.75 * (len(labels) - 2)
    return {"width": side + 0.2 + 0.1 * max(max(map(len, labels)) - 6, 0), "height": side}


def _label_tables(results: Any, which: str) -> tuple[Array, Array]:
    """Cases, and their mass, by observed (rows) and likeliest label; shape (J, J) each."""
    tables = (results.pred_table(which=which, weighted=weighted) for weighted in (False, True))
    counts, mass = (np.asarray(table, dtype=np.float64) for table in tables)
    return counts, mass


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
    for (observed, predicted), share in np.ndenumerate(shares):
        said = f"{100 * share:.1f}%" if np.isfinite(share) else "no cases"
        ax.text(
            predicted,
            observed,
            f"{amount(float(counts[observed, predicted]))}\n{said}",
            ha="center",
            va="center",
            fontsize=small(ax) * (1.2 if len(shares) == 2 else 1.0),
            linespacing=1.4,
            color="white" if share > 0.6 else "black",
        )


def _name_classes(ax: Any, labels: list[str]) -> None:
    places = range(len(labels))
    crowded = sum(map(len, labels)) > 10 * len(labels)
    ax.set_xticks(places, labels, **_TURNED if crowded and len(labels) > 2 else {})
    ax.set_yticks(places, labels)
    ax.tick_params(length=0.0)
    ax.spines[:].set_visible(False)
    # The borders between the cells.
    for place in places[1:]:
        ax.axhline(place - 0.5, color="white", linewidth=2.0)
        ax.axvline(place - 0.5, color="white", linewidth=2.0)


_TURNED: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
