"""Predictions and residuals as statistics of the laws."""

from functools import partial

from tests.laws.statistic import (
    Statistic,
    attribute,
    complement,
    complement_interval,
    negated,
    same,
    turned,
)

POPULATION = frozenset({"population"})


def predictions():
    for which, flip in (("mean", complement), ("linear", negated), ("calibrated", complement)):
        tags = POPULATION if which == "calibrated" else frozenset()
        yield Statistic(f"predict {which}", partial(_predict, which), "rows", flip=flip, tags=tags)
    yield Statistic("predict var", partial(_predict, "var"), "rows")
    yield Statistic(
        "predict at a prevalence", _at_prevalence, "rows", flip=complement, tags=POPULATION
    )
    yield Statistic("fittedvalues", attribute("fittedvalues"), "rows", flip=negated)
    yield Statistic("predict of new rows", _predict_new, flip=complement, tags=POPULATION)
    yield Statistic("get_prediction", _get_prediction, flip=complement_interval)
    own = POPULATION | {"own scheme"}
    for name, view in (
        ("get_prediction, calibrated", _interval_calibrated),
        ("get_prediction at a prevalence", _interval_at_prevalence),
        ("average prediction, calibrated", _average_calibrated),
        ("average prediction at a prevalence", _average_at_prevalence),
    ):
        yield Statistic(name, view, flip=complement_interval, tags=own)
    yield Statistic("average prediction", _average, flip=complement_interval, tags=POPULATION)
    for name, options, tags, unit in (
        ("pred_table", {}, frozenset(), 0.0),
        ("pred_table 0.3", {"threshold": 0.7}, frozenset(), 0.0),
        ("pred_table calibrated", {"which": "calibrated"}, POPULATION, 0.0),
        ("pred_table of weights", {"weighted": True}, POPULATION, 1.0),
    ):
        yield Statistic(name, partial(_pred_table, options), unit=unit, flip=turned, tags=tags)


def _predict(which, fit):
    return fit.results.predict(which=which)


def _average(fit):
    return fit.results.get_prediction(average=True).summary_frame()


def _average_calibrated(fit):
    return fit.results.get_prediction(which="calibrated", average=True).summary_frame()


def _average_at_prevalence(fit):
    moved = 0.85 if fit.study.flipped else 0.15
    return fit.results.get_prediction(prevalence=moved, average=True).summary_frame()


def _interval_calibrated(fit):
    return fit.results.get_prediction(which="calibrated", **fit.new).summary_frame()


def _interval_at_prevalence(fit):
    moved = 0.85 if fit.study.flipped else 0.15
    return fit.results.get_prediction(prevalence=moved, **fit.new).summary_frame()


def _predict_new(fit):
    return fit.results.predict(which="calibrated", **fit.new)


def _at_prevalence(fit):
    return fit.results.predict(prevalence=0.85 if fit.study.flipped else 0.15)


def _get_prediction(fit):
    return fit.results.get_prediction(**fit.new_design, transform=False).summary_frame()


def _pred_table(options, fit):
    options = dict(options)
    if fit.study.flipped and "threshold" in options:
        options["threshold"] = 1.0 - options["threshold"]
    return fit.results.pred_table(**options)


def residuals():
    """Per row; the power of w in them is their unit, so the same for one of m cases."""
    for name, unit in (
        ("resid_response", 0.0),
        ("resid_generalized", 0.0),
        ("resid_pearson", 0.5),
        ("resid_dev", 0.5),
    ):
        yield Statistic(name, attribute(name), "rows", unit, negated, frozenset({"outcome"}))
    outcome = frozenset({"outcome"})
    tags = outcome | {"coordinates"}
    yield Statistic("loglikeobs", _at("loglikeobs"), "rows", 1.0, same, tags)
    yield Statistic("score_obs", _at("score_obs"), "rows", 1.0, negated, tags)
    yield Statistic("loglike", _at("loglike"), "coefficient", 1.0)
    yield Statistic("score", _at("score"), "coefficient", 1.0, negated)
    yield Statistic("hessian", _at("hessian"), "coefficient", 1.0)
    yield Statistic("information", _at("information"), "coefficient", 1.0)


def _at(name):
    return lambda fit: getattr(fit.model, name)(fit.some_params)
