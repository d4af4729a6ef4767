"""The classifier of several labels: one against the rest, and multinomial."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from tests.unit.sklearn.classified import TIGHT, assert_same, three_labels
from wlogit import SeparationWarning
from wlogit.sklearn import WeightedLogitClassifier

# ------------------------------------------------------------------------- against the rest


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_one_against_the_rest_is_that_of_scikit_learn(class_weight):
    X, y, _ = three_labels()
    theirs = OneVsRestClassifier(
        LogisticRegression(C=1e12, class_weight=class_weight, **TIGHT)
    ).fit(X, y)
    ours = WeightedLogitClassifier(class_weight=class_weight, multi_class="ovr").fit(X, y)
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-5)
    assert_allclose(ours.decision_function(X), theirs.decision_function(X), rtol=1e-5, atol=1e-6)
    assert_allclose(np.exp(ours.predict_log_proba(X)), ours.predict_proba(X), rtol=1e-12)
    assert list(ours.results_) == ["a", "b", "c"]
    assert ours.results_["b"].labels == ("not b", "b")
    assert ours.coef_.shape == (3, 2)


def test_labels_weigh_alike_in_every_problem():
    """A row of the rest weighs what its own label weighs."""
    X, y, weight = three_labels()
    class_weight = {"a": 2.0, "b": 3.0, "c": 0.5}
    ours = WeightedLogitClassifier(class_weight=class_weight, multi_class="ovr").fit(X, y, weight)
    of_rows = weight * np.array([class_weight[label] for label in y])
    for row, label in enumerate("abc"):
        theirs = LogisticRegression(C=1e12, **TIGHT).fit(X, y == label, of_rows)
        assert_allclose(ours.coef_[row], theirs.coef_[0], rtol=1e-4, atol=1e-5)
        assert_allclose(ours.intercept_[row], theirs.intercept_[0], rtol=1e-4, atol=1e-5)


def test_calibrated_against_the_rest():
    X, y, _ = three_labels()
    plain = WeightedLogitClassifier(multi_class="ovr").fit(X, y)
    doubled = WeightedLogitClassifier(
        class_weight="balanced", multi_class="ovr", calibrated=True
    ).fit(X, y)
    assert_allclose(doubled.predict_proba(X), plain.predict_proba(X), atol=0.05)
    same = {"a": 4.0, "b": 4.0, "c": 4.0}
    ones = WeightedLogitClassifier(class_weight=same, multi_class="ovr", calibrated=True).fit(X, y)
    assert_allclose(ones.predict_proba(X), plain.predict_proba(X), rtol=1e-7)


# --------------------------------------------------------------------------------- multinomial


LABEL_WEIGHTS = (None, "balanced", {"a": 1.0, "b": 4.0, "c": 0.5}, {"c": 3.0})


def label_total(y, class_weight, weight):
    if isinstance(class_weight, dict):
        weight = weight * np.array([class_weight.get(label, 1.0) for label in y])
    return weight.sum()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("class_weight", LABEL_WEIGHTS, ids=str)
def test_the_multinomial_fit_is_that_of_logistic_regression(class_weight, weighted):
    X, y, weight = three_labels()
    weight = weight if weighted else None
    theirs = LogisticRegression(C=1e12, class_weight=class_weight, **TIGHT).fit(X, y, weight)
    ours = WeightedLogitClassifier(class_weight=class_weight).fit(X, y, weight)
    assert_same(ours, theirs, X)
    assert ours.coef_.shape == (3, 2)
    assert ours.n_iter_.shape == (1,)


@pytest.mark.parametrize("class_weight", LABEL_WEIGHTS[:3], ids=str)
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("C", [0.05, 5.0])
def test_the_multinomial_ridge_is_that_of_logistic_regression(C, fit_intercept, class_weight):
    X, y, weight = three_labels()
    theirs = LogisticRegression(
        C=C, class_weight=class_weight, fit_intercept=fit_intercept, **TIGHT
    ).fit(X, y, weight)
    alpha = 1.0 / (C * label_total(y, class_weight, weight))
    ours = WeightedLogitClassifier(
        class_weight=class_weight, alpha=alpha, fit_intercept=fit_intercept
    )
    assert_same(ours.fit(X, y, weight), theirs, X)


@pytest.mark.parametrize("l1_ratio", [0.4, 1.0])
def test_the_multinomial_elastic_net_is_that_of_logistic_regression(l1_ratio):
    X, y, _ = three_labels()
    theirs = LogisticRegression(C=0.1, l1_ratio=l1_ratio, solver="saga", **TIGHT).fit(X, y)
    ours = WeightedLogitClassifier(alpha=1.0 / (0.1 * len(y)), L1_wt=l1_ratio).fit(X, y)
    assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)


def test_multinomial_results_are_those_of_the_model():
    from wlogit import WeightedMNLogit

    X, y, weight = three_labels()
    design = np.column_stack([np.ones(len(y)), X])
    model = WeightedMNLogit(y, design, class_weight="balanced", sampling_weights=weight)
    direct = model.fit(disp=False)
    ours = WeightedLogitClassifier(class_weight="balanced").fit(X, y, weight)
    assert_allclose(np.asarray(ours.results_.bse), np.asarray(direct.bse), rtol=1e-6)
    assert_allclose(ours.coef_[1] - ours.coef_[0], np.asarray(direct.params)[1:, 0], rtol=1e-7)
    assert ours.results_.cov_type == "HC3"
    assert ours.results_.labels == ("a", "b", "c")
    calibrated = np.asarray(direct.predict(design, which="calibrated"))
    assert_allclose(ours.calibrated_.predict_proba(X), calibrated, rtol=1e-6)
    ridge = WeightedLogitClassifier(alpha=0.1).fit(X, y)
    assert_allclose(ridge.results_.coefs_by_label.to_numpy()[:, 1:], ridge.coef_, atol=1e-10)


def test_separated_labels_are_said_and_predicted_among_three():
    X = np.repeat([[0.0], [4.0], [9.0]], 5, axis=0) + np.tile(np.arange(5.0), 3)[:, np.newaxis] / 9
    y = np.repeat(["low", "mid", "high"], 5)
    with pytest.warns(SeparationWarning, match="separate the labels: .*mid"):
        ours = WeightedLogitClassifier().fit(X, y)
    assert_array_equal(ours.predict(X), y)
    assert not ours.results_.converged


def test_aliased_features_of_several_labels():
    X, y, _ = three_labels()
    twice = np.column_stack([X, X[:, 0] - X[:, 1], np.full(len(y), 2.0)])
    ours, plain = WeightedLogitClassifier().fit(twice, y), WeightedLogitClassifier().fit(X, y)
    assert_allclose(ours.predict_proba(twice), plain.predict_proba(X), rtol=1e-6)
    assert np.all(ours.coef_[:, 2:] == 0.0)
    # Under a penalty every column has its share.
    ridge = WeightedLogitClassifier(alpha=0.05).fit(twice, y)
    theirs = LogisticRegression(C=1 / (0.05 * len(y)), **TIGHT).fit(twice, y)
    assert_allclose(ridge.coef_, theirs.coef_, atol=1e-4)
