"""The classifier against scikit-learn's and against the results that it wraps."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from tests.unit.sklearn.classified import TIGHT, assert_same, sample, three_labels
from wlogit import ConvergenceWarning, InferenceWarning, SeparationWarning, WeightedLogit
from wlogit.sklearn import WeightedLogitClassifier


@pytest.fixture(scope="module")
def data():
    return sample()


CLASS_WEIGHTS = (None, "balanced", {0: 1.0, 1: 10.0}, {1: 3.0}, {0: 100, 1: 1})


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("class_weight", CLASS_WEIGHTS, ids=str)
def test_maximum_likelihood_is_that_of_logistic_regression(class_weight, weighted, data):
    X, y, weight = data
    weight = weight if weighted else None
    theirs = LogisticRegression(C=1e12, class_weight=class_weight, **TIGHT)
    ours = WeightedLogitClassifier(class_weight=class_weight)
    assert_same(ours.fit(X, y, weight), theirs.fit(X, y, weight), X)


def total(y, class_weight, weight):
    """The sum of all weights, as scikit-learn has them."""
    from sklearn.utils.class_weight import compute_sample_weight

    weight = np.ones(len(y)) if weight is None else weight
    if class_weight == "balanced":
        return weight.sum()
    return (compute_sample_weight(class_weight, y) * weight).sum()


PENALTIES = {
    "ridge": (0.0, {}),
    "lasso": (1.0, {"solver": "saga", "l1_ratio": 1.0}),
    "elastic net": (0.3, {"solver": "saga", "l1_ratio": 0.3}),
}
# saga does not converge under weights: its step is that of rows of weight one. Rows are repeated
# for it, which "balanced" weights cannot be stated by.
PENALTY_CASES = [
    (penalty, class_weight)
    for penalty in PENALTIES
    for class_weight in (None, "balanced", {0: 2.0, 1: 5.0})
    if penalty == "ridge" or class_weight != "balanced"
]


@pytest.mark.parametrize("C", [0.05, 1.0, 10.0])
@pytest.mark.parametrize(("penalty", "class_weight"), PENALTY_CASES, ids=str)
def test_alpha_is_one_over_c_and_the_sum_of_the_weights(C, penalty, class_weight, data):
    X, y, weight = data
    l1_ratio, options = PENALTIES[penalty]
    theirs = LogisticRegression(C=C, class_weight=class_weight, **options, **TIGHT)
    if penalty == "ridge":
        theirs.fit(X, y, weight)
    else:
        times = (weight * np.where(y == 1, 5, 2) if class_weight else weight).astype(int)
        theirs.set_params(class_weight=None).fit(X.repeat(times, axis=0), y.repeat(times))
    alpha = 1.0 / (C * total(y, class_weight, weight))
    ours = WeightedLogitClassifier(class_weight=class_weight, alpha=alpha, L1_wt=l1_ratio)
    assert_same(ours.fit(X, y, weight), theirs, X, rtol=1e-4)


@pytest.mark.parametrize("l1_ratio", [0.0, 1.0])
@pytest.mark.parametrize("class_weight", [None, {0: 2.0, 1: 5.0}], ids=str)
def test_liblinear_penalises_the_intercept(l1_ratio, class_weight, data):
    X, y, _ = data
    theirs = LogisticRegression(
        C=0.1, l1_ratio=l1_ratio, solver="liblinear", class_weight=class_weight, **TIGHT
    ).fit(X, y)
    ours = WeightedLogitClassifier(
        class_weight=class_weight,
        alpha=1.0 / (0.1 * total(y, class_weight, None)),
        L1_wt=l1_ratio,
        penalize_intercept=True,
    ).fit(X, y)
    assert_same(ours, theirs, X, rtol=1e-4)


def test_without_an_intercept(data):
    X, y, weight = data
    theirs = LogisticRegression(C=1e12, fit_intercept=False, **TIGHT).fit(X, y, weight)
    ours = WeightedLogitClassifier(fit_intercept=False).fit(X, y, weight)
    assert_same(ours, theirs, X)
    assert ours.intercept_ == [0.0]


@pytest.mark.parametrize(
    "labels",
    [("no", "yes"), (False, True), (1, 2), (-1, 1), (0.0, 1.0), (3.0, 7.0)],
    ids=str,
)
def test_labels_of_every_sort(labels):
    X, y, _ = sample(labels=labels)
    ours = WeightedLogitClassifier(class_weight={labels[1]: 3.0}).fit(X, y)
    codes = (y == labels[1]).astype(int)
    other = WeightedLogitClassifier(class_weight={0: 1.0, 1: 3.0}).fit(X, codes)
    assert_allclose(ours.coef_, other.coef_, rtol=1e-12)
    assert ours.classes_.tolist() == list(labels)
    assert ours.results_.labels == labels
    assert ours.results_.weights.class_weights == {labels[0]: 1.0, labels[1]: 3.0}
    assert set(ours.predict(X)) == set(labels)


def test_labels_as_objects_and_categories():
    X, y, _ = sample(labels=("no", "yes"))
    plain = WeightedLogitClassifier().fit(X, y)
    for labels in (y.astype(object), pd.Series(y), pd.Series(y, dtype="category"), y.tolist()):
        again = WeightedLogitClassifier().fit(pd.DataFrame(X, columns=list("abc")), labels)
        assert_allclose(again.coef_, plain.coef_, rtol=1e-12)


# ----------------------------------------------------------------------------------- inference


@pytest.mark.parametrize("weight_is", ["sampling", "frequency"])
@pytest.mark.parametrize("class_weight", CLASS_WEIGHTS, ids=str)
def test_results_are_those_of_the_model(class_weight, weight_is, data):
    X, y, weight = data
    keep = weight > 0
    design = np.column_stack([np.ones(keep.sum()), X[keep]])
    keywords = {f"{weight_is if weight_is == 'sampling' else 'freq'}_weights": weight[keep]}
    if isinstance(class_weight, dict):
        class_weight = {0: 1.0, **class_weight}
    model = WeightedLogit(y[keep], design, class_weight=class_weight, **keywords)
    direct = model.fit(disp=False)
    ours = WeightedLogitClassifier(class_weight=class_weight, sample_weight_is=weight_is)
    ours.fit(X, y, weight)
    assert_allclose(ours.coef_[0], direct.params[1:], rtol=1e-8)
    assert_allclose(ours.intercept_[0], direct.params[0], rtol=1e-8)
    assert_allclose(ours.results_.params, direct.params, rtol=1e-10)
    assert_allclose(ours.results_.bse, direct.bse, rtol=1e-9)
    assert ours.results_.weights.kind == direct.weights.kind
    assert ours.results_ is ours.results_


def test_the_covariance_that_was_asked_for(data):
    X, y, _ = data
    ours = WeightedLogitClassifier(class_weight="balanced", cov_type="HC1").fit(X, y)
    assert ours.results_.cov_type == "HC1"


def test_a_penalised_fit_has_penalised_results(data):
    X, y, _ = data
    ours = WeightedLogitClassifier(alpha=0.05, L1_wt=1.0).fit(X, y)
    assert ours.results_.selected
    assert_allclose(np.asarray(ours.results_.params)[1:], ours.coef_[0])
    assert np.all(np.isfinite(ours.results_.debiased().bse))


def test_firths_estimate(data):
    X, y, _ = data
    ours = WeightedLogitClassifier(bias_reduction="mean").fit(X, y)
    model = WeightedLogit(y, np.column_stack([np.ones(len(y)), X]))
    direct = model.fit_bias_reduced(disp=False)
    assert_allclose(ours.coef_[0], direct.params[1:], rtol=1e-8)
    assert_allclose(ours.results_.bse, direct.bse, rtol=1e-8)


def test_aliased_features_have_a_coefficient_of_zero(data):
    X, y, _ = data
    twice = np.column_stack([X, X[:, 0] + X[:, 1], np.ones(len(y))])
    ours = WeightedLogitClassifier().fit(twice, y)
    plain = WeightedLogitClassifier().fit(X, y)
    assert_allclose(ours.coef_[0], [*plain.coef_[0], 0.0, 0.0], rtol=1e-7, atol=1e-9)
    assert list(ours.results_.model.aliased) == ["x4", "x5"]
    assert_allclose(ours.predict_proba(twice), plain.predict_proba(X), rtol=1e-6)


# ---------------------------------------------------------------------------------- separation


def separated():
    x = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
    return x[:, np.newaxis], (x > 0).astype(int)


def test_separated_labels_are_said_and_predicted():
    X, y = separated()
    with pytest.warns(
        SeparationWarning, match=r"separate the labels 0 and 1: .*x1 .*no finite.*alpha="
    ):
        ours = WeightedLogitClassifier().fit(X, y)
    assert_array_equal(ours.predict(X), y)
    assert np.all(np.isfinite(ours.coef_))
    assert not ours.results_.converged
    assert np.isnan(ours.results_.bse).any()


def test_bias_reduction_is_finite_under_separation():
    X, y = separated()
    ours = WeightedLogitClassifier(bias_reduction="mean").fit(X, y)
    assert_array_equal(ours.predict(X), y)
    assert np.all(np.isfinite(ours.results_.bse))


def test_fits_and_models_agree_on_what_is_separated():
    """The classifier's own proof that the maximum is finite, on data at the edge of separation."""
    said = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(14, 2))
        y = (X @ [2.0, 1.0] + rng.normal(size=14) > 0.0).astype(int)
        if len(set(y)) < 2:
            continue
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            WeightedLogitClassifier().fit(X, y)
        warned = any(issubclass(one.category, SeparationWarning) for one in caught)
        design = np.column_stack([np.ones(14), X])
        assert warned == WeightedLogit(y, design).check_separation().separated, seed
        said += warned
    assert 10 < said < 50


def test_the_start_of_newtons_method_leaves_no_trace(data):
    """Far from a discriminant's assumptions: a heavy tail and a far group."""
    rng = np.random.default_rng(3)
    x = np.append(rng.standard_cauchy(200), np.full(20, 1e4))
    X = np.column_stack([x, rng.exponential(size=220)])
    y = (rng.random(220) < 1 / (1 + np.exp(-0.3 * np.tanh(x)))).astype(int)
    ours = WeightedLogitClassifier().fit(X, y)
    direct = WeightedLogit(y, np.column_stack([np.ones(220), X])).fit(disp=False)
    assert_allclose(ours.coef_[0], direct.params[1:], rtol=1e-7)


@pytest.mark.parametrize("options", [{}, {"alpha": 0.1, "L1_wt": 0.5}], ids=["plain", "penalised"])
@pytest.mark.parametrize("labels", [2, 3])
def test_a_fit_that_does_not_end_is_said(options, labels):
    X, y, _ = three_labels() if labels == 3 else sample()
    with pytest.warns(ConvergenceWarning, match="converge"):
        WeightedLogitClassifier(max_iter=1, **options).fit(X, y)


@pytest.mark.parametrize("scale", [1e-170, 1e-80, 1e80, 1e130])
def test_features_of_any_size(scale, data):
    X, y, _ = data
    ours = WeightedLogitClassifier(class_weight="balanced").fit(X * scale, y)
    plain = WeightedLogitClassifier(class_weight="balanced").fit(X, y)
    assert_allclose(ours.coef_ * scale, plain.coef_, rtol=1e-7)


def test_a_warm_start_is_shorter_and_ends_in_the_same_place(data):
    for X, labels, weight in (data, three_labels(labels=(0, 1, 2))):
        warm = WeightedLogitClassifier(warm_start=True, multi_class="ovr").fit(X, labels, weight)
        assert_array_equal(
            warm.coef_, WeightedLogitClassifier(multi_class="ovr").fit(X, labels, weight).coef_
        )
        before = warm.n_iter_
        warm.set_params(class_weight={1: 8.0}).fit(X, labels, weight)
        cold = WeightedLogitClassifier(class_weight={1: 8.0}, multi_class="ovr")
        cold.fit(X, labels, weight)
        assert_allclose(warm.coef_, cold.coef_, rtol=1e-7)
        assert_allclose(warm.intercept_, cold.intercept_, rtol=1e-7)
        warm.fit(X, labels, weight)
        assert np.all(warm.n_iter_ <= 1)
        assert np.all(before > 1)
    # Another number of features, or of labels, starts anew.
    X, y, _ = data
    warm.fit(X[:, :2], y)
    assert_allclose(
        warm.coef_, WeightedLogitClassifier(class_weight={1: 8.0}).fit(X[:, :2], y).coef_
    )


def test_without_its_data_a_classifier_predicts_and_keeps_its_results():
    X, y, weight = three_labels(n=2000)
    for labels, options in (
        (np.where(y == "a", "a", "b"), {"class_weight": "balanced"}),
        (np.where(y == "a", "a", "b"), {"class_weight": "balanced", "fit_intercept": False}),
        (y, {"class_weight": {"b": 2.0}}),
        (y, {"alpha": 0.1}),
        (y, {"multi_class": "ovr"}),
    ):
        model = WeightedLogitClassifier(**options).fit(X, labels, weight)
        before, size = model.predict_proba(X), len(pickle.dumps(model))
        model.remove_data()
        again = pickle.loads(pickle.dumps(model))
        assert len(pickle.dumps(again)) < 0.5 * size
        assert_array_equal(again.predict_proba(X), before)
        results = again.results_
        for one in results.values() if isinstance(results, dict) else [results]:
            assert "Observations" in one.summary().as_text()
        if options.get("fit_intercept", True):
            again.calibrated_.predict_proba(X)
        else:
            with pytest.warns(InferenceWarning, match="slopes"):
                again.calibrated_.predict_proba(X)


# --------------------------------------------------------------------------------- calibration


@pytest.mark.parametrize("class_weight", ["balanced", {0: 1.0, 1: 10.0}], ids=str)
def test_calibrated_probabilities_are_those_of_the_results(class_weight, data):
    X, y, _ = data
    weighted = WeightedLogitClassifier(class_weight=class_weight).fit(X, y)
    calibrated = WeightedLogitClassifier(class_weight=class_weight, calibrated=True).fit(X, y)
    design = np.column_stack([np.ones(len(y)), X])
    expected = weighted.results_.predict(design, which="calibrated")
    assert_allclose(calibrated.predict_proba(X)[:, 1], expected, rtol=1e-9)
    assert_allclose(weighted.calibrated_.predict_proba(X)[:, 1], expected, rtol=1e-9)
    assert_allclose(weighted.calibrated_.coef_, weighted.coef_)
    assert not weighted.calibrated
    expected = (calibrated.predict_proba(X)[:, 1] > 0.5).astype(int)
    assert_array_equal(calibrated.predict(X), expected)


def test_without_a_free_intercept_calibration_warns(data):
    X, y, _ = data
    free = {"class_weight": "balanced", "calibrated": True}
    for bound in ({"fit_intercept": False}, {"alpha": 0.1, "penalize_intercept": True}):
        with pytest.warns(InferenceWarning, match="slopes"):
            WeightedLogitClassifier(**free, **bound).fit(X, y)
    # Unweighted, there is nothing to take out.
    WeightedLogitClassifier(calibrated=True, fit_intercept=False).fit(X, y)


# --------------------------------------------------------------------------------------- input


def test_sparse_features_are_refused():
    X, y, _ = sample()
    with pytest.raises(TypeError, match="dense data is required"):
        WeightedLogitClassifier().fit(csr_array(X), y)


def test_rows_of_weight_zero_are_absent(data):
    X, y, weight = data
    ours = WeightedLogitClassifier().fit(X, y, weight)
    kept = WeightedLogitClassifier().fit(X[weight > 0], y[weight > 0], weight[weight > 0])
    assert_array_equal(ours.coef_, kept.coef_)
    assert ours.results_.nobs == (weight > 0).sum()
