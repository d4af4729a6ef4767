"""Fits that the figures are drawn of, each made once."""

from functools import cache

import matplotlib as mpl
import numpy as np
import pandas as pd

import wlogit.formula.api as wsmf
from wlogit import WeightedLogit
from wlogit.datasets import MID_PREVALENCE, load_mid

FORMULA = "conflict ~ major + contig + power + maxdem + mindem + years"


@cache
def disputes():
    rng = np.random.default_rng(3)
    frame = load_mid().sample(900, random_state=1)
    frame["region"] = rng.choice(["north", "south", "west"], len(frame))
    frame["outcome"] = np.where(frame["conflict"] == 1, "war", "peace")
    frame["w"] = rng.lognormal(size=len(frame))
    frame["m"] = rng.integers(0, 4, len(frame))
    frame["o"] = rng.normal(size=len(frame))
    return frame


OPTIONS = {
    "none": {},
    "frequency": {"freq_weights": "m"},
    "sampling": {"sampling_weights": "w"},
    "class": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1.0, 1: 5.0}, "sampling_weights": "w"},
    "prevalence": {"prevalence": MID_PREVALENCE},
    "offset": {"offset": "o", "class_weight": "balanced"},
}


@cache
def fit(kind="none", formula=FORMULA):
    return wsmf.weighted_logit(formula, disputes(), **OPTIONS[kind]).fit(disp=False)


@cache
def fit_of_arrays():
    x = np.arange(10.0)
    y = np.array([0, 0, 0, 0, 1, 0, 1, 1, 1, 1])
    return WeightedLogit(y, np.column_stack([np.ones(10), x])).fit(disp=False)


@cache
def fit_of_counts():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"dose": np.arange(1.0, 9.0)})
    frame["died"] = rng.binomial(30, 1 / (1 + np.exp(4 - frame["dose"])))
    frame["lived"] = 30 - frame["died"]
    return wsmf.weighted_logit("died + lived ~ dose", frame).fit(disp=False)


@cache
def fit_of_fractions():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"x": rng.normal(size=50)})
    frame["share"] = 1 / (1 + np.exp(-frame["x"] - rng.normal(size=50)))
    return wsmf.weighted_logit("share ~ x", frame).fit(disp=False)


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def collections(ax):
    return {one.get_label(): one for one in ax.collections}


def legend_words(ax):
    legend = ax.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def boxes(ax):
    """What the words of the axes cover, in pixels: names, labels, numbers and legend."""
    ax.figure.figure.draw_without_rendering()
    words = [*ax.texts, ax.xaxis.label, ax.yaxis.label, *_numbers(ax.xaxis), *_numbers(ax.yaxis)]
    # Without the arrows of annotations.
    found = [mpl.text.Text.get_window_extent(t) for t in words if t.get_text()]
    legend = ax.get_legend()
    return found + ([] if legend is None else [legend.get_window_extent()])


def _numbers(axis):
    low, high = sorted(axis.get_view_interval())
    for where, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True):
        if low <= where <= high:
            yield label


def covering(ax):
    """Pairs of words that cover each other by more than a hair."""
    found = [box.padded(-0.5) for box in boxes(ax)]
    return [(a, b) for i, a in enumerate(found) for b in found[i + 1 :] if a.overlaps(b)]
