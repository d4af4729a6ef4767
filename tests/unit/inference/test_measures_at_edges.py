"""Measures of perfect, constant and tied scores, and the choice of thresholds."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit
from statsmodels.stats.proportion import proportion_confint

from tests.unit.inference.measures import N, evaluation, jackknife, study
from wlogit.errors import InferenceWarning
from wlogit.inference.scored import tied_places

# ------------------------------------------------------------------------------ empty and perfect


def perfect(n=12):
    y = np.repeat([0, 1], [n - 5, 5])
    return {"y": y, "eta": np.where(y == 1, 1.0, -1.0) * np.linspace(1, 2, n)}


def test_a_perfect_score_has_a_lower_limit_below_one():
    given = evaluation(perfect())
    area, report = given.auc(), given.classification_report(0.5).frame
    assert (area.auc, area.se, area.ci[1]) == (1.0, 0.0, 1.0)
    assert 0.5 < area.ci[0] < 0.9
    assert (report.drop("prevalence")["value"] == 1.0).all()
    assert (report.drop("prevalence")["ci_upper"] == 1.0).all()
    assert ((report["ci_lower"] > 0.1) & (report["ci_lower"] < 0.9)).all()
    assert_allclose(
        report.loc["sensitivity", "ci_lower"], proportion_confint(5, 5, method="wilson")[0]
    )


def test_scores_that_are_all_alike_tell_nothing_but_are_no_certainty():
    data = {**perfect(), "eta": np.zeros(12)}
    area = evaluation(data).auc()
    assert area.auc == 0.5
    assert area.ci[0] < 0.3
    assert area.ci[1] > 0.7


def test_what_cannot_be_computed_is_said_and_has_the_whole_range():
    with pytest.warns(InferenceWarning, match="precision, mcc"):
        report = evaluation(perfect()).classification_report(0.99).frame
    undefined = report.loc[["precision", "mcc"]]
    assert undefined["value"].isna().all()
    assert undefined[["ci_lower", "ci_upper"]].to_numpy().tolist() == [[0.0, 1.0], [-1.0, 1.0]]
    rest = report.drop(["precision", "mcc"])
    assert rest.notna().all(axis=None)
    assert (rest["ci_lower"] < rest["ci_upper"]).all()


def test_one_event_has_no_spread():
    data = {"y": np.array([0, 0, 0, 1]), "eta": np.array([0.0, 1.0, 2.0, 1.5])}
    with pytest.warns(InferenceWarning, match="one case has no spread"):
        area = evaluation(data).auc()
    assert np.isnan(area.se)
    assert 0.0 <= area.ci[0] < area.auc < area.ci[1] <= 1.0


@pytest.mark.parametrize("level", [0.0, 0.2, 0.7])
def test_effective_sizes_shrink_intervals_of_nothing(level):
    """A share of none: the interval follows Kish's size of the cases it is about."""
    data = perfect()
    spread = np.where(np.arange(12) < 6, 1.0 + 9.0 * level, 1.0)
    report = evaluation(data, sampling_weights=spread).classification_report(0.5).frame
    rest = spread[data["y"] == 0]
    size = rest.sum() ** 2 / (rest @ rest)
    quantile = 1.959963984540054
    assert_allclose(report.loc["specificity", "ci_lower"], size / (size + quantile**2))


# ------------------------------------------------------------------------------- thresholds, ties


def test_the_best_thresholds_by_search():
    data = study(8)
    given = evaluation(data, sampling_weights=data["a"])
    youden, costs = given.choose_threshold(), {"false_positive": 1.0, "false_negative": 4.0}
    cheapest = given.choose_threshold(costs)
    assert (youden.method, cheapest.method) == ("youden", "cost")
    assert cheapest.theoretical == pytest.approx(0.2)
    gains, losses = [], []
    for threshold in np.linspace(0.005, 0.995, 199):
        predicted = expit(data["eta"]) > threshold
        hit = data["a"] @ (predicted & (data["y"] == 1)) / (data["a"] @ data["y"])
        alarm = data["a"] @ (predicted & (data["y"] == 0)) / (data["a"] @ (1 - data["y"]))
        gains.append(hit - alarm)
        wrong = (predicted & (data["y"] == 0)) + 4.0 * (~predicted & (data["y"] == 1))
        losses.append(data["a"] @ wrong / data["a"].sum())
    assert_allclose(youden.value, max(gains))
    assert_allclose(cheapest.value, min(losses))
    report = given.classification_report(youden.mean).frame["value"]
    assert_allclose([youden.sensitivity, youden.specificity], report.iloc[:2])


def test_thresholds_map_between_the_scales():
    data = study(9)
    given = evaluation(data, shift=np.log(9.0))
    assert given.map_threshold(0.5) == pytest.approx(0.1)
    assert given.map_threshold(0.1, "mean") == pytest.approx(0.5)
    assert_allclose(given.map_threshold([0.0, 0.5, 1.0]), [0.0, 0.1, 1.0])
    one, other = (
        given.classification_report(0.5),
        given.classification_report(0.1, which="calibrated"),
    )
    pd.testing.assert_frame_equal(one.frame, other.frame)
    assert one.thresholds == pytest.approx(other.thresholds)


def test_rounding_is_a_tie():
    score = np.array([0.3, 0.1 + 0.2, 0.30001, -5.0, -5.0 - 1e-14])
    assert tied_places(score).tolist() == [1, 1, 2, 0, 0]
    assert tied_places(np.array([np.inf, -np.inf, np.inf])).tolist() == [1, 0, 1]


def test_the_paired_test_of_equal_scores_is_no_difference():
    data = study(10)
    first = evaluation(data).auc()
    same = first.compare(evaluation({**data, "eta": 2.0 * data["eta"]}).auc())
    assert (same.difference, same.se, same.statistic, same.pvalue) == (0.0, 0.0, 0.0, 1.0)


def test_the_paired_test_against_a_jackknife():
    data = study(11)
    rng = np.random.default_rng(0)
    other = {**data, "eta": data["eta"] + rng.normal(size=N)}

    def difference(moved, other=other):
        given = partial(evaluation, sampling_weights=moved["a"])
        return float(given(moved).auc()) - float(given({**other, "a": moved["a"]}).auc())

    compared = (
        evaluation(data, sampling_weights=data["a"])
        .auc()
        .compare(evaluation(other, sampling_weights=data["a"]).auc())
    )
    assert_allclose(compared.difference, difference(data))
    ratio = (compared.se / jackknife(difference, data, np.arange(N))) ** 2
    assert 1.0 < ratio < 1.06


def test_the_fit_that_knows_of_clusters_speaks_for_both():
    data = study(12)
    other = {**data, "eta": data["eta"] + np.random.default_rng(1).normal(size=N)}
    plain, clustered = evaluation(data).auc(), evaluation(other, groups=data["g"]).auc()
    both = evaluation(data, groups=data["g"]).auc().compare(clustered)
    independent = plain.compare(evaluation(other).auc())
    assert abs(both.se / independent.se - 1.0) > 1e-3
    for compared in (plain.compare(clustered), clustered.compare(plain)):
        assert_allclose([compared.se, compared.pvalue], [both.se, both.pvalue], rtol=1e-12)
