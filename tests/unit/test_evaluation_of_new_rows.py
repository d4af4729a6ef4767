"""Evaluation on new and on held-out rows."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, logit
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict

import wlogit
from tests.unit.evaluated import BALANCED, DATA, NEW, N, auc
from wlogit import ConvergenceWarning, WeightedLogit
from wlogit.formula.api import weighted_logit

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
