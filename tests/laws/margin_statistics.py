"""Marginal effects and average predictions, for the registry of statistics."""

import warnings
from functools import partial

import numpy as np

from tests.laws.statistic import COVARIANCES, Statistic, complement_interval, negated

POPULATION = frozenset({"population"})
OWN = POPULATION | {"own scheme"}
PLACES = ("overall", "mean", "median", "zero")


def of_events(value):
    """The logarithm of p is not that of 1 - p: nothing follows for the other outcome."""


def margins():
    for at in PLACES:
        yield from _effects(f"at {at}", {"at": at}, turned, POPULATION)
    yield from _effects("weighted", {"scale": "weighted"}, turned, POPULATION)
    yield from _effects("with counts", {"dummy": True, "count": True}, turned, POPULATION)
    yield from _effects("unconditional", {"vce": "unconditional"}, turned, OWN)
    yield from _effects("dyex", {"method": "dyex"}, turned, POPULATION)
    for method in ("eyex", "eydx"):
        yield from _effects(method, {"method": method}, of_events, POPULATION)
    yield from _effects("at a prevalence", {"prevalence": 0.15}, turned, OWN)
    moved = {"prevalence": 0.15, "vce": "unconditional"}
    yield from _effects("unconditional at a prevalence", moved, turned, OWN)
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
    yield from _effects("of variables", everything, turned, by_formula)
    at_mean = {"variables": "all", "at": "mean"}
    yield from _effects("of variables at mean", at_mean, turned, by_formula)
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
    crossed = partial(_predicted, {**VALUES, "x2": [1, 0]}, {"contrast": "pairwise"})
    yield Statistic("predictions_at, differences", crossed, flip=turned_around, tags=own)


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
    """Effects with their standard errors; both at once, for they take their time."""
    yield Statistic(
        f"margeff {name}", partial(_both, options), "coefficient", flip=flip, tags=frozenset(tags)
    )


def _both(options, fit):
    found = _margeff(options, fit)
    return [found.margeff, found.margeff_se]


def turned(value):
    """Of effects and their standard errors."""
    return value * np.array([[-1.0], [1.0]])


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
