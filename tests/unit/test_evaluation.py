"""A fit judged on its own rows, on new ones and on held-out ones."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.interpolate import CubicSpline
from scipy.special import expit, logit
from sklearn import metrics

from tests.unit.evaluated import BALANCED, DATA, NEW, N, auc, frame
from wlogit import InferenceWarning, WeightedLogit
from wlogit.formula.api import weighted_logit

# -------------------------------------------------------------------------------- population scale


@pytest.mark.parametrize(
    "options",
    [
        {"class_weight": "balanced"},
        {"class_weight": {0: 1, 1: 7}, "sampling_weights": "a"},
        {"prevalence": 0.05, "sampling_weights": "a"},
        {"freq_weights": "m"},
    ],
)
def test_averages_are_of_calibrated_probabilities_by_mass(options):
    results = weighted_logit("y ~ x + z", DATA, **options).fit(disp=False)
    mass = np.ones(N)
    for name in ("freq_weights", "sampling_weights"):
        mass = mass * DATA.get(options.get(name), 1.0)
    if "prevalence" in options:
        share = mass @ DATA["y"] / mass.sum()
        mass = mass * np.where(DATA["y"] == 1, 0.05 / share, 0.95 / (1 - share))
    p = np.asarray(results.predict(which="calibrated"))
    y = DATA["y"]
    assert_allclose(float(results.brier()), metrics.brier_score_loss(y, p, sample_weight=mass))
    assert_allclose(float(results.log_loss()), metrics.log_loss(y, p, sample_weight=mass))
    assert_allclose(float(results.auc()), auc(y, p, mass))
    low, high = np.quantile(p, [0.3, 0.8])
    table = results.calibration(bins=[0, low, high, 1]).table
    bins = (p <= low, (p > low) & (p <= high), p > high)
    for row, inside in zip(table.itertuples(), bins, strict=True):
        assert_allclose(row.predicted, np.average(p[inside], weights=mass[inside]))
        assert_allclose(row.observed, np.average(y[inside], weights=mass[inside]))
        assert_allclose(row.mass, mass[inside].sum())
    report = results.classification_report(high, which="calibrated")
    assert_allclose(report.table, metrics.confusion_matrix(y, p > high, sample_weight=mass))
    pred_table = results.pred_table(high, which="calibrated", weighted=True)
    pd.testing.assert_frame_equal(report.table, pred_table)


def test_the_report_is_that_of_the_default_table():
    report = BALANCED.classification_report()
    pd.testing.assert_frame_equal(report.table, BALANCED.pred_table(weighted=True))
    share = DATA["y"].mean()
    assert report.thresholds == pytest.approx({"mean": 0.5, "calibrated": share})


def test_fractions_and_counts_split_between_the_classes():
    rows = DATA.assign(successes=DATA["y"] * 2, failures=3 - DATA["y"] * 2)
    counts = weighted_logit("successes + failures ~ x", rows).fit(disp=False)
    cases = pd.concat([DATA.assign(y=1, m=rows["successes"]), DATA.assign(y=0, m=rows["failures"])])
    expanded = weighted_logit("y ~ x", cases.reset_index(), freq_weights="m").fit(disp=False)
    shares = weighted_logit("share ~ x", rows.assign(share=rows["successes"] / 3)).fit(disp=False)
    for name in ("brier", "log_loss", "auc"):
        one, other = getattr(counts, name)(), getattr(expanded, name)()
        assert_allclose([float(one), one.se, *one.ci], [float(other), other.se, *other.ci])
    for name in ("brier", "log_loss", "auc"):
        assert_allclose(float(getattr(shares, name)()), float(getattr(counts, name)()))


def test_fractions_of_a_known_prevalence_have_the_error_of_their_two_parts():
    """Classes whose share is known are two samples, of the events and of the rest."""
    rng = np.random.default_rng(4)
    data = DATA.assign(share=rng.beta(2.0, 4.0, N))
    results = weighted_logit("share ~ x", data, prevalence=0.05).fit(disp=False)
    y, p = data["share"].to_numpy(), np.asarray(results.predict())
    for name, as_event, as_rest in (
        ("brier", (1 - p) ** 2, p**2),
        ("log_loss", -np.log(p), -np.log(1 - p)),
    ):
        found = getattr(results, name)()
        means = np.average(as_event, weights=y), np.average(as_rest, weights=1 - y)
        assert_allclose(found.value, 0.05 * means[0] + 0.95 * means[1])
        event = 0.05 * y * (as_event - means[0]) / y.sum()
        rest = 0.95 * (1 - y) * (as_rest - means[1]) / (1 - y).sum()
        # But for the factors n/(n - 1) of the classes.
        assert_allclose(found.se, np.sqrt(np.sum((event + rest) ** 2)), rtol=0.02)


def test_errors_are_over_the_clusters_of_the_covariance():
    clustered = BALANCED.with_covariance("cluster", groups="g")
    assert clustered.auc().se != BALANCED.auc().se
    assert_allclose(BALANCED.evaluate(groups="g").auc().se, clustered.auc().se)
    with_t = BALANCED.with_covariance("cluster", groups="g", use_t=True)
    half = [np.ptp(fit.auc().ci) / 2 / fit.auc().se for fit in (clustered, with_t)]
    assert half[0] == pytest.approx(1.959964)
    assert half[1] == pytest.approx(2.063899)  # t with 24 degrees of freedom


# ------------------------------------------------------------------------------------- calibration


def test_slope_and_intercept_are_those_of_a_refit():
    results = weighted_logit("y ~ x + z", DATA, class_weight={0: 1, 1: 7}).fit(disp=False)
    new = results.evaluate(NEW, sampling_weights="a", groups="g").calibration()
    eta = logit(np.asarray(results.predict(NEW, which="calibrated")))
    slope = WeightedLogit(
        NEW["y"], np.column_stack([np.ones(60), eta]), sampling_weights=NEW["a"]
    ).fit(disp=False, cov_type="cluster", cov_kwds={"groups": NEW["g"], "kind": "CR1"})
    shifted = WeightedLogit(NEW["y"], np.ones((60, 1)), sampling_weights=NEW["a"], offset=eta).fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": NEW["g"], "kind": "CR1"}
    )
    assert_allclose([new.slope.value, new.slope.se], [slope.params.iloc[1], slope.bse.iloc[1]])
    assert_allclose(new.slope.ci, slope.conf_int().iloc[1])
    first = [new.intercept.value, new.intercept.se, new.intercept.pvalue]
    assert_allclose(first, [shifted.params.iloc[0], shifted.bse.iloc[0], shifted.pvalues.iloc[0]])
    assert new.slope.null == 1.0
    joint = slope.wald_test((np.eye(2), [0.0, 1.0]), use_f=False, scalar=True)
    assert_allclose([new.test.statistic, new.test.pvalue], [joint.statistic, joint.pvalue])
    assert not new.in_sample
    frame = new.summary_frame()
    assert frame.loc["slope", "pvalue"] == new.slope.pvalue


def natural_spline(points, knots):
    """Cardinal natural cubic splines, which span the same functions as Harrell's columns."""
    inside = np.clip(points, knots[0], knots[-1])
    columns = []
    for unit in np.eye(len(knots)):
        spline = CubicSpline(knots, unit, bc_type="natural")
        columns.append(spline(inside) + spline(inside, 1) * (points - inside))
    return np.column_stack(columns)


def test_the_smooth_curve_is_a_refit_on_a_natural_spline():
    results = weighted_logit("y ~ x + z", DATA, sampling_weights="a").fit(disp=False)
    curve = results.calibration().smooth
    eta = np.asarray(results.fittedvalues)
    order = np.argsort(eta)
    w = DATA["a"].to_numpy()[order]
    middle = (np.cumsum(w) - w / 2) / w.sum()
    knots = np.interp([0.05, 0.35, 0.65, 0.95], middle, eta[order])
    refit = WeightedLogit(
        DATA["y"].to_numpy(), natural_spline(eta, knots), sampling_weights=DATA["a"].to_numpy()
    ).fit(disp=False, cov_type="linearized")
    design = natural_spline(logit(curve["predicted"].to_numpy()), knots)
    expected = refit.get_prediction(design).summary_frame()
    assert_allclose(curve["observed"], expected["predicted"], rtol=1e-8)
    assert_allclose(curve["ci_lower"], expected["ci_lower"], rtol=1e-7)
    assert_allclose(curve["ci_upper"], expected["ci_upper"], rtol=1e-7)
    distance = np.abs(refit.predict(natural_spline(eta, knots)) - expit(eta))
    assert_allclose(results.calibration().ici, np.average(distance, weights=DATA["a"]))


def test_calibration_of_a_right_model_covers_the_truth():
    data = frame(5, 20000)
    results = weighted_logit("y ~ x", data, class_weight="balanced").fit(disp=False)
    calibration = results.calibration()
    table, curve = calibration.table, calibration.smooth
    inside = (table["ci_lower"] <= table["predicted"]) & (table["predicted"] <= table["ci_upper"])
    assert inside.sum() >= 8
    assert np.abs(curve["observed"] - curve["predicted"]).max() < 0.06
    assert calibration.ici < 0.01
    assert_allclose(table["mass"], 2000, atol=1)


def test_predictions_that_are_all_alike_have_no_slope():
    results = weighted_logit("y ~ 1", DATA).fit(disp=False)
    with pytest.warns(InferenceWarning, match="no finite slope"):
        calibration = results.calibration()
    assert np.isnan(calibration.slope.value)
    assert np.isnan(calibration.test.pvalue)
    assert len(calibration.table) == len(calibration.smooth) == 1
    assert calibration.intercept.value == pytest.approx(0.0)


# -------------------------------------------------------------------------------------- link test


def test_the_link_test_finds_a_square_and_only_then():
    rng = np.random.default_rng(3)
    data = frame(3, 2000)
    bent = (rng.random(2000) < expit(data["x"] + 0.5 * data["x"] ** 2 - 1)).astype(int)
    results = weighted_logit("y ~ x", data.assign(y=bent), class_weight="balanced").fit(disp=False)
    assert results.link_test().pvalue < 1e-6
    assert weighted_logit("y ~ x", data).fit(disp=False).link_test().pvalue > 0.05


@pytest.mark.parametrize("cov_type", ["nonrobust", "HC3", "cluster"])
def test_the_link_test_is_a_refit(cov_type):
    keywords = {"groups": "g"} if cov_type == "cluster" else {}
    results = weighted_logit("y ~ x + z", DATA, offset="o").fit(
        disp=False, cov_type=cov_type, cov_kwds=keywords
    )
    test = results.link_test()
    eta = results.fittedvalues
    refit = weighted_logit("y ~ eta + I(eta**2)", DATA.assign(eta=eta)).fit(
        disp=False, cov_type=cov_type, cov_kwds=keywords
    )
    assert_allclose(test.frame["coef"], refit.params.iloc[1:])
    assert_allclose(test.frame["se"], refit.bse.iloc[1:])
    assert_allclose(test.pvalue, refit.pvalues.iloc[2])
    assert test.cov_type == cov_type
