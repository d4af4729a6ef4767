"""ROC, precision and recall, tables and losses: numbers by scikit-learn, errors by a jackknife."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit
from sklearn import metrics
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from tests.unit.covariance.parts import weights_of
from wlogit.errors import InferenceWarning
from wlogit.evaluation import Evaluation
from wlogit.inference.scored import CaseSampling, Scored, tied_places

N = 80


def study(seed=0, n=N):
    rng = np.random.default_rng(seed)
    eta = np.round(rng.normal(-0.4, 1.2, n), 1)
    y = (rng.random(n) < expit(0.8 * eta + 0.2)).astype(int)
    return {
        "y": y,
        "eta": eta,
        "a": rng.lognormal(0.0, 0.6, n),
        "m": rng.integers(1, 4, n),
        "g": rng.integers(0, 15, n),
    }


def evaluation(data, *, groups=None, shift=0.0, **given):
    codes = () if groups is None else (np.unique(groups, return_inverse=True)[1],)
    prevalence = "mass" if "prevalence" in given else None
    weights = weights_of(data["y"], **given)
    sampling = CaseSampling(codes, prevalence)
    return Evaluation(Scored.of_rows(weights, data["eta"], shift, sampling))


GIVEN = {
    "none": lambda d: {},
    "frequency": lambda d: {"freq_weights": d["m"]},
    "sampling": lambda d: {"sampling_weights": d["a"]},
    "both": lambda d: {"freq_weights": d["m"], "sampling_weights": d["a"]},
    "prevalence": lambda d: {"prevalence": 0.1},
}


@pytest.fixture(params=GIVEN)
def given(request):
    data = study()
    options = GIVEN[request.param](data)
    mass = np.ones(N)
    for name in ("freq_weights", "sampling_weights"):
        mass = mass * options.get(name, 1.0)
    if "prevalence" in options:
        share = data["y"].mean()
        mass = np.where(data["y"] == 1, 0.1 / share, 0.9 / (1 - share))
    return data, options, mass


# ------------------------------------------------------------------- numbers, by scikit-learn


def test_the_roc_curve_is_that_of_scikit_learn(given):
    data, options, mass = given
    curve = evaluation(data, **options).roc()
    fpr, tpr, thresholds = metrics.roc_curve(
        data["y"], data["eta"], sample_weight=mass, drop_intermediate=False
    )
    assert_allclose(curve.fpr, fpr, atol=1e-14)
    assert_allclose(curve.tpr, tpr, atol=1e-14)
    assert_allclose(
        curve.auc.auc, metrics.roc_auc_score(data["y"], data["eta"], sample_weight=mass)
    )
    # Theirs predicts an event from its threshold on, ours above; ours lie between the scores.
    between = (thresholds[1:-1] + thresholds[2:]) / 2.0
    assert_allclose(curve.thresholds, [1.0, *expit(between), 0.0])
    assert list(curve.frame) == ["fpr", "tpr", "threshold", "threshold_mean"]


def test_precision_and_recall_are_those_of_scikit_learn(given):
    data, options, mass = given
    curve = evaluation(data, **options).precision_recall()
    precision, recall, _ = metrics.precision_recall_curve(
        data["y"], data["eta"], sample_weight=mass
    )
    assert_allclose(curve.precision, precision[::-1], atol=1e-14)
    assert_allclose(curve.recall, recall[::-1], atol=1e-14)
    average = metrics.average_precision_score(data["y"], data["eta"], sample_weight=mass)
    assert_allclose(float(curve.average_precision), average)
    assert_allclose(curve.prevalence, mass @ data["y"] / mass.sum())


def test_precision_at_a_prevalence_by_its_formula():
    data = study()
    given = evaluation(data, sampling_weights=data["a"])
    curve, roc = given.precision_recall(prevalence=0.03), given.roc()
    hits = 0.03 * roc.tpr[1:]
    assert_allclose(curve.precision[1:], hits / (hits + 0.97 * roc.fpr[1:]))
    assert_allclose(curve.recall, roc.tpr)
    assert curve.prevalence == pytest.approx(0.03)
    moved = data["a"] * np.where(
        data["y"] == 1, 0.03 / (data["a"] @ data["y"]), 0.97 / (data["a"] @ (1 - data["y"]))
    )
    average = metrics.average_precision_score(data["y"], data["eta"], sample_weight=moved)
    assert_allclose(float(curve.average_precision), average)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.62])
def test_measures_at_a_threshold_are_those_of_scikit_learn(given, threshold):
    data, options, mass = given
    report = evaluation(data, **options).classification_report(threshold)
    y, predicted = data["y"], (expit(data["eta"]) > threshold).astype(int)
    weighted = {"sample_weight": mass}
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(y, predicted, **weighted)
    expected = {
        "sensitivity": recall[1],
        "specificity": recall[0],
        "precision": precision[1],
        "npv": precision[0],
        "f1": f1[1],
        "accuracy": metrics.accuracy_score(y, predicted, **weighted),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, predicted, **weighted),
        "mcc": metrics.matthews_corrcoef(y, predicted, **weighted),
        "kappa": metrics.cohen_kappa_score(y, predicted, **weighted),
        "prevalence": mass @ y / mass.sum(),
    }
    assert_allclose(report.frame["value"], list(expected.values()))
    assert list(report.frame.index) == list(expected)
    assert_allclose(report.table, metrics.confusion_matrix(y, predicted, **weighted))
    assert report["f1"] == pytest.approx(f1[1])


def test_losses_are_those_of_scikit_learn(given):
    data, options, mass = given
    given = evaluation(data, **options)
    p = expit(data["eta"])
    brier = metrics.brier_score_loss(data["y"], p, sample_weight=mass)
    assert_allclose(float(given.brier()), brier)
    assert_allclose(float(given.log_loss()), metrics.log_loss(data["y"], p, sample_weight=mass))


# ------------------------------------------------------------------------ errors, by a jackknife


def jackknife(statistic, data, units):
    """Infinitesimal: derivatives by the weight of a unit, by differences of sampling weights."""
    step, squares = 1e-4, 0.0
    for unit in np.unique(units):
        moved = []
        for sign in (1.0, -1.0):
            factor = np.where(units == unit, 1.0 + sign * step, 1.0)
            moved.append(statistic({**data, "a": data["a"] * factor}))
        squares = squares + ((moved[0] - moved[1]) / (2.0 * step)) ** 2
    return np.sqrt(squares)


def measured(data, *, groups=None, prevalence=None):
    """Every number with a standard error, in one vector, and the errors."""
    given = evaluation(data, sampling_weights=data["a"], groups=groups)
    curve = given.precision_recall(prevalence)
    report = given.classification_report(0.45).frame
    bins = given.calibration(bins=[0.0, 0.3, 0.6, 1.0])
    values = [
        *(float(given.auc()), float(curve.average_precision), float(given.brier())),
        *(float(given.log_loss()), bins.intercept.value, bins.slope.value),
        *bins.table["observed"],
        *report["value"],
    ]
    errors = [
        *(given.auc().se, curve.average_precision.se, given.brier().se, given.log_loss().se),
        *(bins.intercept.se, bins.slope.se, *bins.table["se"], *report["se"]),
    ]
    return np.array(values), np.array(errors)


def between(factors, ratio):
    """Whether a squared ratio is a mean of the factors, up to rounding of differences."""
    return min(factors) - 1e-6 < ratio**2 < max(factors) + 1e-6


@pytest.mark.parametrize("prevalence", [None, 0.05])
def test_errors_are_those_of_an_infinitesimal_jackknife_over_cases(prevalence):
    data = study(1)
    _, errors = measured(data, prevalence=prevalence)
    expected = jackknife(
        lambda moved: measured(moved, prevalence=prevalence)[0], data, np.arange(N)
    )
    n0, n1 = np.bincount(data["y"])
    by_class = [n0 / (n0 - 1.0), n1 / (n1 - 1.0)]
    factor = np.ones(len(errors))
    factor[[2, 3, 4, 5]] = N / (N - 1.0)
    factor[1] = N / (N - 1.0) if prevalence is None else np.nan
    known = ~np.isnan(factor)
    known[0] = False  # each class has its own factor
    assert_allclose(errors[known] ** 2, factor[known] * expected[known] ** 2, rtol=2e-5)
    assert between(by_class, errors[0] / expected[0])
    if prevalence is not None:
        assert between(by_class, errors[1] / expected[1])


def test_errors_over_clusters_are_those_of_a_jackknife_over_clusters():
    data = study(2)
    _, errors = measured(data, groups=data["g"])
    expected = jackknife(lambda moved: measured(moved, groups=data["g"])[0], data, data["g"])
    n = len(np.unique(data["g"]))
    assert_allclose(errors**2, n / (n - 1.0) * expected**2, rtol=2e-5)


def test_two_groupings_are_taken_by_inclusion_and_exclusion():
    data = study(3)
    other = np.arange(N) % 11
    both = [data["g"] * 20 + other, data["g"], other]

    def error(groups):
        codes = tuple(np.unique(one, return_inverse=True)[1] for one in groups)
        weights = weights_of(data["y"])
        return Evaluation(Scored.of_rows(weights, data["eta"], 0.0, CaseSampling(codes)))

    parts = [error([one]).brier().se ** 2 for one in both]
    combined = error([data["g"], other]).brier().se ** 2
    assert_allclose(combined, parts[1] + parts[2] - parts[0])


def test_known_shares_of_the_classes_leave_no_error_of_theirs():
    """Under a prevalence weights are computed anew in every sample: a jackknife of all of that."""
    data = study(4)

    def measured_at(moved):
        share = moved["a"] @ moved["y"] / moved["a"].sum()
        ratio = np.where(moved["y"] == 1, 0.1 / share, 0.9 / (1 - share))
        given = evaluation(moved, sampling_weights=moved["a"] * ratio)
        return np.append(given.classification_report(0.45).frame["value"], float(given.brier()))

    expected = jackknife(measured_at, data, np.arange(N))
    given = evaluation(data, sampling_weights=data["a"], prevalence=0.1)
    report = given.classification_report(0.45).frame
    assert_allclose(report["value"], measured_at(data)[:-1])
    assert_allclose(report["se"], expected[:-1], rtol=1e-5, atol=1e-9)
    assert report.loc["prevalence"].tolist() == pytest.approx([0.1, 0.0, 0.1, 0.1])
    n0, n1 = np.bincount(data["y"])
    assert between([n0 / (n0 - 1.0), n1 / (n1 - 1.0)], given.brier().se / expected[-1])


def test_class_sizes_fixed_by_design_are_strata():
    data = study(5)
    weights = weights_of(data["y"], sampling_weights=data["a"])
    sampling = CaseSampling(centering="number")
    given = Evaluation(Scored.of_rows(weights, data["eta"], 0.0, sampling))
    loss, w = (data["y"] - expit(data["eta"])) ** 2, data["a"] / data["a"].sum()
    psi = w * (loss - w @ loss)
    # svydesign(strata = ~y): each stratum's spread about its own mean, times n / (n - 1).
    variance = sum(np.var(psi[data["y"] == k], ddof=1) * np.sum(data["y"] == k) for k in (0, 1))
    assert_allclose(given.brier().se ** 2, variance)


# ---------------------------------------------------------------- textbook forms without weights


def test_intervals_without_weights_are_wilsons_and_kappa_has_its_textbook_error():
    data = study(6)
    report = evaluation(data).classification_report(0.5)
    (tn, fp), (fn, tp) = np.asarray(report.table)
    shares = {"sensitivity": (tp, tp + fn), "npv": (tn, tn + fn), "accuracy": (tp + tn, N)}
    for name, (count, total) in shares.items():
        row = report.frame.loc[name]
        assert_allclose(
            row[["ci_lower", "ci_upper"]], proportion_confint(count, total, 0.05, "wilson")
        )
        assert_allclose(row["se"], np.sqrt(count / total * (1 - count / total) / total))
    kappa = cohens_kappa([[tn, fp], [fn, tp]])
    assert_allclose(
        report.frame.loc["kappa", ["value", "se"]].tolist(), [kappa.kappa, kappa.std_kappa]
    )


def test_losses_without_weights_have_the_error_of_a_mean():
    data = study(7)
    loss = (data["y"] - expit(data["eta"])) ** 2
    assert_allclose(evaluation(data).brier().se, loss.std(ddof=1) / np.sqrt(N))


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
