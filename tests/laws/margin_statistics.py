"""Marginal effects and average predictions, for the registry of statistics."""

import warnings
from functools import partial

import numpy as np

from tests.laws.statistic import COVARIANCES, Statistic, complement_interval, negated, same

POPULATION = frozenset({"population"})
OWN = POPULATION | {"own scheme"}
PLACES = ("overall", "mean", "median", "zero")


def of_events(value):
    """The logarithm of p is not that of 1 - p: nothing follows for the other outcome."""


def margins():
    for at in PLACES:
        yield from _effects(f"at {at}", {"at": at}, negated, POPULATION)
    yield from _effects("weighted", {"scale": "weighted"}, negated, POPULATION)
    yield from _effects("with counts", {"dummy": True, "count": True}, negated, POPULATION)
    yield from _effects("unconditional", {"vce": "unconditional"}, negated, OWN)
    yield from _effects("dyex", {"method": "dyex"}, negated, POPULATION)
    for method in ("eyex", "eydx"):
        yield from _effects(method, {"method": method}, of_events, POPULATION)
    yield from _effects("at a prevalence", {"prevalence": 0.15}, negated, OWN)
    moved = {"prevalence": 0.15, "vce": "unconditional"}
    yield from _effects("unconditional at a prevalence", moved, negated, OWN)
    yield Statistic(
        "margeff at all",
        lambda fit: _margeff({"at": "all"}, fit).margeff,
        "rows",
        flip=negated,
        tags=POPULATION | {"coordinates"},
    )
    for name in ("HC1", "CR1S", "two-way CR0"):
        covariance = COVARIANCES[name]
        value = partial(_under, covariance)
        yield Statistic(f"margeff_se, unconditional [{name}]", value, "coefficient", tags=OWN)
    by_formula = POPULATION | {"formula"}
    everything = {"variables": "all"}
    yield from _effects("of variables", everything, negated, by_formula)
    at_mean = {"variables": "all", "at": "mean"}
    yield from _effects("of variables at mean", at_mean, negated, by_formula)
    yield from _predictions()


def _predictions():
    """At values of a variable, alone and crossed, and their differences."""
    tags, own = POPULATION | {"formula"}, OWN | {"formula"}
    for name, options, what in (
        ("", {}, own),
        (", mean", {"which": "mean"}, tags),
        (", others at means", {"others": "mean"}, own),
        (", unconditional", {"vce": "unconditional"}, own),
        (", at a prevalence", {"prevalence": 0.15}, own),
        (", unconditional at a prevalence", {"prevalence": 0.15, "vce": "unconditional"}, own),
    ):
        value = partial(_predicted, VALUES, options)
        yield Statistic(f"predictions_at{name}", value, flip=complement_interval, tags=what)
    crossed = {**VALUES, "x2": [1, 0]}
    yield Statistic(
        "predictions_at, crossed",
        partial(_predicted, crossed, {}),
        flip=complement_interval,
        tags=own,
    )
    for contrast in ("reference", "sequential", "pairwise"):
        value = partial(_predicted, crossed, {"contrast": contrast})
        yield Statistic(f"predictions_at, {contrast}", value, flip=turned_around, tags=own)


VALUES = {"x1": [-0.5, 0.7]}


def turned_around(table):
    """Of differences: estimate, error, z, p-value and limits."""
    estimate, error, z, pvalue, lower, upper = table.T
    return np.column_stack([-estimate, error, -z, pvalue, -upper, -lower])


def _predicted(levels, options, fit):
    options = dict(options)
    if fit.study.flipped and "prevalence" in options:
        options["prevalence"] = 1.0 - options["prevalence"]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "without a free constant")
        return fit.results.predictions_at(levels, **options).summary_frame()


def _effects(name, options, flip, tags):
    for part, turn in (("margeff", flip), ("margeff_se", same if flip is negated else flip)):
        value = partial(_part, part, options)
        yield Statistic(f"{part} {name}", value, "coefficient", flip=turn, tags=frozenset(tags))


def _part(part, options, fit):
    return getattr(_margeff(options, fit), part)


def _margeff(options, fit, results=None):
    options = dict(options)
    if fit.study.flipped and "prevalence" in options:
        options["prevalence"] = 1.0 - options["prevalence"]
    with warnings.catch_warnings():
        # Without a constant, class weights stay in the slopes.
        warnings.filterwarnings("ignore", "without a free constant")
        return (results or fit.results).get_margeff(**options)


def _under(covariance, fit):
    effects = _margeff({"vce": "unconditional"}, fit, fit.under(covariance))
    return np.asarray(effects.margeff_se)
