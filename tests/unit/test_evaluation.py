"""A fit judged on its own rows, on new ones and on held-out ones."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.interpolate import CubicSpline
from scipy.special import expit, logit
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict

import wlogit
from wlogit import ConvergenceWarning, InferenceWarning, WeightedLogit
from wlogit.formula.api import weighted_logit

N = 150


def frame(seed=0, n=N):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    data["y"] = (rng.random(n) < expit(data["x"] - 0.8)).astype(int)
    data["label"] = np.where(data["y"] == 1, "yes", "no")
    data["a"] = rng.lognormal(0.0, 0.6, n)
    data["m"] = rng.integers(1, 4, n)
    data["g"] = rng.integers(0, 25, n)
    data["o"] = rng.normal(0.0, 0.3, n)
    return data


DATA, NEW = frame(), frame(1, 60)
BALANCED = weighted_logit("y ~ x + z", DATA, class_weight="balanced").fit(disp=False)


def auc(outcome, score, weight=None):
    return metrics.roc_auc_score(outcome, score, sample_weight=weight)


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


# --------------------------------------------------------------------------------------- new rows


def test_new_rows_by_their_names():
    p = BALANCED.predict(NEW, which="calibrated")
    evaluation = BALANCED.evaluate(NEW)
    assert_allclose(float(evaluation.auc()), auc(NEW["y"], p))
    assert_allclose(float(evaluation.brier()), metrics.brier_score_loss(NEW["y"], p))
    assert not evaluation.auc().in_sample
    weighted = BALANCED.evaluate(NEW, sampling_weights="a", freq_weights="m").brier()
    mass = NEW["a"] * NEW["m"]
    assert_allclose(float(weighted), metrics.brier_score_loss(NEW["y"], p, sample_weight=mass))


def test_new_rows_that_are_missing_are_left_out_and_counted():
    holed = NEW.astype({"y": float}).copy()
    holed.loc[3, "y"] = holed.loc[5, "x"] = np.nan
    holed.loc[3, "a"] = np.nan
    evaluation = BALANCED.evaluate(holed, sampling_weights="a")
    assert evaluation.n_dropped == 2
    rest = NEW.drop([3, 5])
    expected = auc(rest["y"], BALANCED.predict(rest), rest["a"])
    assert_allclose(float(evaluation.auc()), expected)


def test_labels_arrays_counts_and_offsets_of_new_rows():
    expected = auc(NEW["y"], BALANCED.predict(NEW))
    labels = weighted_logit("label ~ x + z", DATA, class_weight="balanced").fit(disp=False)
    assert_allclose(float(labels.evaluate(NEW).auc()), expected)
    assert_allclose(float(labels.evaluate(NEW[["x", "z"]], NEW["label"]).auc()), expected)
    design = np.column_stack([np.ones(N), DATA[["x", "z"]]])
    arrays = WeightedLogit(DATA["y"].to_numpy(), design, class_weight="balanced").fit(disp=False)
    new = np.column_stack([np.ones(60), NEW[["x", "z"]]])
    assert_allclose(float(arrays.evaluate(new, NEW["y"].to_numpy()).auc()), expected)
    counts = NEW.assign(s=NEW["y"] * NEW["m"], f=(1 - NEW["y"]) * NEW["m"])
    grouped = weighted_logit("s + f ~ x", counts).fit(disp=False)
    again = grouped.evaluate(counts).auc()
    assert_allclose([float(again), again.se], [float(grouped.auc()), grouped.auc().se])
    shifted = weighted_logit("y ~ x", DATA, offset="o").fit(disp=False)
    moved = shifted.predict(NEW)
    assert_allclose(float(shifted.evaluate(NEW).auc()), auc(NEW["y"], moved))
    given = shifted.evaluate(NEW, offset=np.zeros(60)).auc()
    assert_allclose(float(given), auc(NEW["y"], NEW["x"]))


@pytest.mark.parametrize("weights", [{}, {"sampling_weights": "a", "freq_weights": "m"}])
def test_new_rows_of_a_prevalence_fit_are_weighted_to_its_population(weights):
    results = weighted_logit("y ~ x + z", DATA, prevalence=0.02, **weights).fit(disp=False)
    for name in ("brier", "log_loss"):
        again, own = getattr(results.evaluate(DATA, **weights), name)(), getattr(results, name)()
        assert_allclose([again.value, again.se, *again.ci], [own.value, own.se, *own.ci])
    mass = np.prod([NEW[column] for column in weights.values()], axis=0) * np.ones(60)
    share = np.average(NEW["y"], weights=mass)
    mass = mass * np.where(NEW["y"] == 1, 0.02 / share, 0.98 / (1 - share))
    p = results.predict(NEW)
    found = results.evaluate(NEW, **weights)
    assert_allclose(found.brier().value, metrics.brier_score_loss(NEW["y"], p, sample_weight=mass))
    assert found.cases.share_of_events == pytest.approx(0.02)
    # Events drawn twice as often, as a case-control sample would: the same population.
    events = NEW[NEW["y"] == 1]
    more = results.evaluate(pd.concat([NEW, events], ignore_index=True), **weights)
    assert_allclose(more.log_loss().value, found.log_loss().value)


def test_a_prevalence_may_be_given_for_any_cases():
    weight = np.where(NEW["y"] == 1, 0.1 / NEW["y"].mean(), 0.9 / (1 - NEW["y"].mean()))
    p = BALANCED.predict(NEW, which="calibrated")
    found = BALANCED.evaluate(NEW, prevalence=0.1)
    expected = metrics.brier_score_loss(NEW["y"], p, sample_weight=weight)
    assert_allclose(float(found.brier()), expected)
    known = weighted_logit("y ~ x + z", DATA, prevalence=0.02).fit(disp=False)
    own, new = (known.evaluate(rows, prevalence=0.1) for rows in (None, DATA))
    assert_allclose(float(own.brier()), float(new.brier()))
    assert known.evaluate(cv=4, seed=1, prevalence=0.1).cases.share_of_events == pytest.approx(0.1)
    moved = known.recalibrate(0.01).evaluate(DATA)
    assert moved.cases.share_of_events == pytest.approx(0.01)


def test_one_class_is_enough_for_losses():
    rest = NEW[NEW["y"] == 0]
    evaluation, p = BALANCED.evaluate(rest), BALANCED.predict(rest, which="calibrated")
    assert_allclose(float(evaluation.brier()), np.mean(p**2))
    assert_allclose(float(evaluation.log_loss()), -np.mean(np.log1p(-p)))
    labels = weighted_logit("label ~ x + z", DATA, class_weight="balanced").fit(disp=False)
    assert_allclose(float(labels.evaluate(rest).brier()), np.mean(p**2))
    with pytest.raises(wlogit.OutcomeError, match="no case has the outcome 1"):
        evaluation.auc()


def test_an_evaluation_says_what_it_is_of():
    share = f"{DATA['y'].mean():.4g}"
    assert repr(BALANCED.evaluate()) == (
        f"Evaluation on the cases of the fit: 150 cases, share of events {share}"
    )
    assert "rows held out in cross-validation" in repr(BALANCED.evaluate(cv=3, seed=1))
    holed = NEW.assign(x=NEW["x"].where(NEW.index > 1))
    said = repr(BALANCED.evaluate(holed, freq_weights="m"))
    n = NEW["m"][2:].sum()
    assert said.startswith(f"Evaluation on new rows: {n} cases, share of events 0.")
    assert said.endswith(", 2 rows left out")


# --------------------------------------------------------------------------------------- held out


def test_held_out_predictions_are_those_of_refits():
    fold = np.arange(N) % 5
    held_out = BALANCED.evaluate(cv=fold)
    estimator = LogisticRegression(C=np.inf, class_weight="balanced", tol=1e-10, max_iter=1000)
    p = cross_val_predict(
        estimator, DATA[["x", "z"]], DATA["y"], cv=PredefinedSplit(fold), method="predict_proba"
    )[:, 1]
    shift = np.array([logit(DATA["y"][fold != k].mean()) for k in range(5)])[fold]
    calibrated = expit(logit(p) + shift)
    # A balanced fit is moved by minus the logit of the share of events.
    assert_allclose(held_out.cases.probability, calibrated, rtol=1e-5)
    assert_allclose(float(held_out.auc()), auc(DATA["y"], calibrated))
    assert held_out.brier().value > BALANCED.brier().value


def test_folds_are_seeded_and_keep_groups_together():
    first, again = (BALANCED.evaluate(cv=5, seed=3).log_loss() for _ in range(2))
    assert first == again
    clustered = BALANCED.with_covariance("cluster", groups="g")
    by_clusters = clustered.evaluate(cv=5, seed=3)
    explicit = BALANCED.evaluate(cv=5, seed=3, groups="g")
    assert_allclose(by_clusters.cases.eta, explicit.cases.eta)
    assert_allclose(by_clusters.auc().se, explicit.auc().se)
    assert not np.allclose(by_clusters.cases.eta, BALANCED.evaluate(cv=5, seed=3).cases.eta)


def test_rows_left_out_of_the_fit_are_in_no_fold():
    holed = DATA.copy()
    holed.loc[[2, 9], "x"] = np.nan
    results = weighted_logit("y ~ x + z", holed, class_weight="balanced").fit(disp=False)
    whole = weighted_logit("y ~ x + z", holed.dropna().reset_index(), class_weight="balanced").fit(
        disp=False
    )
    one, other = (fit.evaluate(cv=4, seed=1, groups="g").auc() for fit in (results, whole))
    assert one.auc == pytest.approx(other.auc)


def test_penalised_fits_are_refitted_with_their_penalty():
    model = weighted_logit("y ~ x + z", DATA, class_weight="balanced")
    results = model.fit_regularized(method="elastic_net", alpha=0.05, disp=False)
    fold = np.arange(N) % 3
    held_out = results.evaluate(cv=fold)
    training = weighted_logit("y ~ x + z", DATA[fold != 0], class_weight="balanced")
    refit = training.fit_regularized(method="elastic_net", alpha=0.05, disp=False)
    p = refit.predict(DATA[fold == 0], which="calibrated")
    assert_allclose(held_out.cases.probability[fold == 0], p, rtol=1e-6)
    assert_allclose(float(results.auc()), auc(DATA["y"], results.predict()))
    assert results.calibration().slope.value > 1.0


def test_training_fits_without_an_optimum_are_counted():
    data = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6, 7, 8], "y": [0, 0, 0, 1, 0, 1, 1, 1]})
    results = weighted_logit("y ~ x", data).fit(disp=False)
    with pytest.warns(ConvergenceWarning, match="2 of 8 training fits"):
        results.evaluate(cv=np.arange(8))


def test_two_scores_are_compared():
    other = weighted_logit("y ~ z", DATA).fit(disp=False)
    expected = BALANCED.auc().compare(other.auc())
    found = wlogit.compare_auc(DATA["y"], BALANCED.predict(), other.predict())
    assert_allclose(
        [found.difference, found.se, found.pvalue],
        [expected.difference, expected.se, expected.pvalue],
    )
    clustered = wlogit.compare_auc(
        DATA["label"],
        BALANCED.predict(),
        other.predict(),
        groups=DATA["g"],
        sampling_weights=DATA["a"],
    )
    assert clustered.se != found.se
