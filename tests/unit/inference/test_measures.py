"""ROC, precision and recall, tables and losses: numbers by scikit-learn, errors by a jackknife."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit
from sklearn import metrics
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from tests.unit.covariance.parts import weights_of
from tests.unit.inference.measures import GIVEN, N, evaluation, jackknife, study
from wlogit.evaluation import Evaluation
from wlogit.inference.scored import CaseSampling, Scored


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
