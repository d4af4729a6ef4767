"""Fits whose intercept is solved anew: the mean, and its sampling error by a jackknife."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit

from wlogit import NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit

N = 60


def frame(n=N):
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    # Not linear, so that a class-weighted fit is not calibrated by itself.
    data["y"] = (rng.random(n) < expit(data["x"] + 0.4 * data["x"] ** 2 - 1.0)).astype(int)
    data["a"] = rng.lognormal(0.0, 0.5, n)
    data["m"] = rng.integers(1, 4, n)
    data["g"] = rng.integers(0, 20, n)
    return data


DATA = frame()
CLASSES = {
    "none": {},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 5}},
    "prevalence": {"prevalence": 0.05},
}


def fit(data=DATA, formula="y ~ x + z", cov_type="HC0", **options):
    keywords = {"groups": "g", "kind": "CR0"} if cov_type == "cluster" else None
    model = weighted_logit(formula, data, **options)
    return model.fit(disp=False, cov_type=cov_type, cov_kwds=keywords)


@pytest.mark.parametrize("formula", ["y ~ x + z", "y ~ 0 + C(m) + x"])
@pytest.mark.parametrize("target", [None, 0.1])
@pytest.mark.parametrize("classes", CLASSES)
def test_the_mean_prediction_is_right_and_the_slopes_stay(classes, target, formula):
    results = fit(formula=formula, sampling_weights="a", freq_weights="m", **CLASSES[classes])
    moved = results.recalibrate(target)
    mass = DATA["a"] * DATA["m"]
    share = mass @ DATA["y"] / mass.sum()
    if classes == "prevalence":
        mass = mass * np.where(DATA["y"] == 1, 0.05 / share, 0.95 / (1 - share))
        share = 0.05
    for which in ("mean", "calibrated"):
        p = moved.predict(which=which)
        assert_allclose(mass @ p / mass.sum(), target or share, rtol=1e-12)
    assert_allclose(moved.params["x"], results.params["x"])
    assert moved.target == pytest.approx(target or share)
    shift = np.asarray(moved.fittedvalues) - np.asarray(results.fittedvalues)
    assert np.ptp(shift) < 1e-12
    if target is None:
        assert moved.calibration().intercept.value == pytest.approx(0.0, abs=1e-10)


def jackknife(units, target, **options):
    """Infinitesimal, class weights and all: derivatives by the sampling weight of a unit."""
    step, total = 1e-4, 0.0
    y, design = DATA["y"].to_numpy(), np.column_stack([np.ones(N), DATA[["x", "z"]]])

    def params(weights):
        model = WeightedLogit(y, design, sampling_weights=weights, **options)
        return model.fit(disp=False, cov_type="HC0").recalibrate(target).params

    for unit in np.unique(units):
        more = np.where(units == unit, step, 0.0)
        ends = [params(DATA["a"].to_numpy() * (1.0 + sign * more)) for sign in (1.0, -1.0)]
        slope = (ends[0] - ends[1]) / (2.0 * step)
        total = total + np.outer(slope, slope)
    return total


@pytest.mark.parametrize("target", [None, 0.1])
@pytest.mark.parametrize("classes", CLASSES)
def test_the_covariance_is_that_of_a_jackknife(classes, target):
    options = CLASSES[classes]
    found = fit(sampling_weights="a", **options).recalibrate(target)
    expected = jackknife(np.arange(N), target, **options)
    assert_allclose(found.cov_params(), expected, rtol=1e-6, atol=1e-9)


def test_clusters_are_totalled():
    options = {"class_weight": "balanced"}
    found = fit(sampling_weights="a", cov_type="cluster", **options).recalibrate()
    expected = jackknife(DATA["g"].to_numpy(), None, **options)
    assert_allclose(found.cov_params(), expected, rtol=1e-6, atol=1e-9)


def test_an_unweighted_fit_is_recalibrated_already():
    results = fit(cov_type=None)
    moved = results.recalibrate()
    assert_allclose(moved.params, results.params, rtol=1e-10)
    assert_allclose(moved.cov_params(), results.cov_params(), rtol=1e-12)
    assert moved.cov_type == "nonrobust"
    robust = fit(cov_type="HC0")
    assert_allclose(robust.recalibrate().cov_params(), robust.cov_params(), rtol=1e-9)


def test_a_covariance_that_has_no_error_of_the_mean_becomes_a_sandwich():
    moved = fit(cov_type=None).recalibrate(0.1)
    assert moved.cov_type == "HC0"
    assert_allclose(moved.cov_params(), fit(cov_type="HC0").recalibrate(0.1).cov_params())


def test_other_covariances_and_predictions_follow():
    results = fit(class_weight="balanced", cov_type=None).recalibrate()
    other = results.with_covariance("HC1")
    assert_allclose(results.cov_HC1, other.cov_params())
    frame = other.get_prediction(DATA.iloc[:4]).summary_frame()
    design = np.column_stack([np.ones(4), DATA[["x", "z"]].iloc[:4]])
    eta, cov = design @ np.asarray(other.params), np.asarray(other.cov_params())
    assert_allclose(frame["predicted"], expit(eta))
    error = np.sqrt(np.einsum("ij,jk,ik->i", design, cov, design))
    assert_allclose(frame["ci_lower"], expit(eta - 1.959963984540054 * error))
    assert_allclose(results.tvalues, results.params / results.bse)


def test_the_summary_says_so():
    text = fit(class_weight="balanced").recalibrate(0.1).summary().as_text()
    assert "Recalibrated" in text
    assert "Calibrated probabilities" not in text
    assert "the mean prediction is the prevalence, 0.1" in " ".join(text.split())
    assert "the share of events" in " ".join(fit().recalibrate().summary().as_text().split())


def test_counts_are_their_cases():
    rows = DATA.assign(s=DATA["y"] * 2 + 1, f=3 - DATA["y"])
    cases = pd.concat([rows.assign(y=1, m=rows["s"]), rows.assign(y=0, m=rows["f"])])
    counts = fit(rows, "s + f ~ x + z", class_weight="balanced").recalibrate(0.2)
    expanded = fit(cases.reset_index(), freq_weights="m", class_weight="balanced").recalibrate(0.2)
    assert_allclose(counts.params, expanded.params, rtol=1e-9)
    assert_allclose(counts.cov_params(), expanded.cov_params(), rtol=1e-8)


def test_bias_reduced_fits_get_the_right_mean():
    results = weighted_logit("y ~ x + z", DATA).fit_bias_reduced(disp=False)
    assert abs(results.predict().mean() - DATA["y"].mean()) > 1e-4
    moved = results.recalibrate()
    assert_allclose(moved.predict().mean(), DATA["y"].mean())
    assert_allclose(moved.params.iloc[1:], results.params.iloc[1:])


REFUSED = {
    "brier": lambda one: one.brier(),
    "log_loss": lambda one: one.log_loss(),
    "calibration": lambda one: one.calibration(),
    "classification_report": lambda one: one.classification_report(0.01),
    "precision_recall": lambda one: one.precision_recall(),
    "cost": lambda one: one.choose_threshold({"false_positive": 1, "false_negative": 4}),
}


@pytest.mark.parametrize("measure", REFUSED)
def test_predictions_for_one_population_are_not_judged_by_cases_of_another(measure):
    results = fit(class_weight="balanced", sampling_weights="a")
    share = np.average(DATA["y"], weights=DATA["a"])
    moved, view = results.recalibrate(0.01), REFUSED[measure]
    for refused in (moved, moved.evaluate()):
        with pytest.raises(NotAvailableError, match=f"of 0.01, and these cases have {share:.4g}"):
            view(refused)
    view(moved.evaluate(DATA))
    view(moved.evaluate(prevalence=0.01))


def test_predictions_moved_to_the_share_of_their_cases_are_judged_by_them():
    results = fit(class_weight="balanced", sampling_weights="a")
    moved = results.recalibrate(round(np.average(DATA["y"], weights=DATA["a"]), 4))
    assert moved.brier().value == pytest.approx(results.recalibrate().brier().value, rel=1e-3)
    assert moved.calibration().intercept.value == pytest.approx(0.0, abs=1e-3)


def test_a_grouped_test_of_another_population_is_refused():
    results = fit(cov_type=None)
    with pytest.raises(NotAvailableError, match="these cases have"):
        results.recalibrate(0.01).gof_test(groups=5)
    assert results.recalibrate().gof_test(groups=5).statistic == pytest.approx(
        results.gof_test(groups=5).statistic
    )


def test_the_ranking_does_not_depend_on_the_intercept():
    results = fit(class_weight="balanced")
    moved = results.recalibrate(0.01)
    assert moved.auc().auc == results.auc().auc
    assert moved.auc().compare(results).difference == 0.0
    assert_allclose(moved.roc().tpr, results.roc().tpr)
    assert moved.choose_threshold().sensitivity == results.choose_threshold().sensitivity
    moved_precision, precision = (one.precision_recall(0.01) for one in (moved, results))
    assert_allclose(moved_precision.precision, precision.precision)


def test_calibrated_results_are_recalibrated_from_the_fit():
    results = fit(class_weight="balanced")
    one, other = results.recalibrate(), results.calibrated().recalibrate()
    assert_allclose(one.params, other.params)
    assert_allclose(one.cov_params(), other.cov_params())
    again = one.recalibrate(0.1)
    assert_allclose(again.params, results.recalibrate(0.1).params)


def test_they_are_judged_at_their_own_scale():
    moved = fit(class_weight="balanced").recalibrate()
    assert_allclose(moved.evaluate().cases.probability, moved.predict())
    assert moved.calibration().intercept.value == pytest.approx(0.0, abs=1e-10)
    assert moved.map_threshold(0.3) == pytest.approx(0.3)
