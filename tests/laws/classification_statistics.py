"""Classification and calibration, for the registry of statistics."""

import warnings
from dataclasses import replace
from functools import partial

import numpy as np

from tests.laws.statistic import COVARIANCES, Statistic, negated, same
from wlogit.errors import InferenceWarning
from wlogit.evaluation import Evaluation, own_evaluation
from wlogit.inference.calibration import calibration_table

POPULATION = frozenset({"population"})
UNCLASSED = frozenset({"unclassed"})
SOME = ("HC3", "CR1S", "CR1S, t", "two-way CR0", "HC3, case-control")
# What becomes of the measures when the classes trade places; F1 is of the events alone.
MEASURES = (
    *("sensitivity", "specificity", "precision", "npv", "accuracy", "balanced_accuracy"),
    *("mcc", "kappa", "prevalence"),
)


def classification():
    for name in SOME:
        yield _statistic("auc", name, _auc)
        yield _statistic("classification_report", name, _report, _other_class)
        yield _statistic("brier", name, partial(_loss, "brier"))
    for name in ("HC3", "CR1S", "HC3, case-control"):
        yield _statistic("calibration table", name, _table, _complement_of_bins)
    yield _statistic("log_loss", "HC3", partial(_loss, "log_loss"))
    yield _statistic("calibration", "HC3", _lines, _first_negated)
    yield _statistic("calibration", "CR1S", _lines, _first_negated)
    yield _statistic("calibration curve", "HC3", _curve, _complement_of_curve)
    yield _statistic("precision_recall", "HC3", _average_precision)
    yield _statistic("precision_recall at a prevalence", "CR1S", _average_precision_moved)
    yield _statistic("roc", "HC3", _roc)
    yield _statistic("choose_threshold", "HC3", _choice)
    yield _recalibrated("HC3", None, "params")
    yield _recalibrated("HC3", None, "cov_params")
    yield _recalibrated("CR1S", 0.2, "params")
    yield _recalibrated("CR1S", 0.2, "cov_params")
    yield _recalibrated("HC3, case-control", None, "cov_params")
    yield Statistic("link_test", _link_test, flip=_negated_first)
    yield Statistic("gof_test", _gof_test, flip=_unknown, tags=frozenset({"likelihood"}))
    yield Statistic("gof_test, mean residuals", _mean_residual_test, flip=_unknown, tags=UNCLASSED)


def _statistic(name, covariance, view, flip=same):
    one = COVARIANCES[covariance]
    return Statistic(
        f"{name} [{covariance}]", partial(_viewed, one, view), flip=flip, tags=POPULATION
    )


def _viewed(covariance, view, fit):
    results = fit.under(covariance)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InferenceWarning)
        return view(own_evaluation(results), fit)


def _recalibrated(name, target, member):
    level, flip = ("params", negated) if member == "params" else ("covariance", same)
    value = partial(_recalibrate, COVARIANCES[name], target, member)
    what = f"recalibrate {member} [{name}, {target}]"
    return Statistic(what, value, level, flip=flip, tags=POPULATION)


def _recalibrate(covariance, target, member, fit):
    moved = 1.0 - target if target and fit.study.flipped else target
    results = fit.under(covariance).recalibrate(moved)._results
    return results.params if member == "params" else results.cov_params()


def _as_before(evaluation, fit):
    """The cases with their classes as they were before they traded places."""
    if not fit.study.flipped:
        return evaluation
    cases = evaluation.cases
    changed = {"outcome": 1.0 - cases.outcome, "eta": -cases.eta, "shift": -cases.shift}
    return Evaluation(replace(cases, **changed))


def _auc(evaluation, fit):
    area = evaluation.auc()
    return [area.auc, area.se, *area.ci]


def _report(evaluation, fit):
    share = evaluation.cases.share_of_events
    report = evaluation.classification_report(share, which="calibrated")
    return report.frame.loc[list(MEASURES)].to_numpy(float)


def _other_class(table):
    sensitivity, specificity, precision, npv, *both, prevalence = table
    value, se, low, high = prevalence
    turned = [1.0 - value, se, 1.0 - high, 1.0 - low]
    return np.array([specificity, sensitivity, npv, precision, *both, turned])


def _loss(name, evaluation, fit):
    return _estimate(getattr(evaluation, name)())


def _estimate(one):
    return [one.value, one.se, *one.ci]


def _edges(fit):
    edges = np.array([0.0, 0.3, 0.5, 1.0])
    return 1.0 - edges[::-1] if fit.study.flipped else edges


def _table(evaluation, fit):
    table = calibration_table(evaluation.cases, _edges(fit))
    return table.drop(columns="mass").to_numpy(float)


def _complement_of_bins(table):
    predicted, observed, se, low, high, number = table[::-1].T
    columns = [1.0 - predicted, 1.0 - observed, se, 1.0 - high, 1.0 - low, number]
    return np.column_stack(columns)


def _lines(evaluation, fit):
    calibration = evaluation.calibration()
    return [_estimate(calibration.intercept), _estimate(calibration.slope)]


def _first_negated(estimates):
    (value, se, low, high), slope = estimates
    return np.array([[-value, se, -high, -low], slope])


def _curve(evaluation, fit):
    return evaluation.calibration().smooth.to_numpy(float)


def _complement_of_curve(curve):
    predicted, observed, low, high = 1.0 - curve[::-1].T
    return np.column_stack([predicted, observed, high, low])


def _average_precision(evaluation, fit):
    return _estimate(_as_before(evaluation, fit).precision_recall().average_precision)


def _average_precision_moved(evaluation, fit):
    return _estimate(_as_before(evaluation, fit).precision_recall(0.1).average_precision)


def _roc(evaluation, fit):
    curve = _as_before(evaluation, fit).roc()
    return np.interp(np.linspace(0.05, 0.95, 7), curve.fpr, curve.tpr)


def _choice(evaluation, fit):
    costs = {"false_positive": 1.0, "false_negative": 3.0}
    evaluation = _as_before(evaluation, fit)
    return [evaluation.choose_threshold().value, evaluation.choose_threshold(costs).value]


def _link_test(fit):
    test = fit.under(COVARIANCES["HC3"]).link_test()
    return [test.statistic, test.pvalue]


def _negated_first(values):
    return values * [-1.0, 1.0]


def _mean_residual_test(fit):
    test = fit.results.gof_test("archer-lemeshow", groups=4)
    return np.array([test.statistic, test.df, test.ddf, test.pvalue])


def _gof_test(fit):
    test = fit.results.gof_test(groups=5)
    return [test.statistic, test.df, test.pvalue]


def _unknown(value):
    """Groups are closed on one side, which trades places."""
    return
