"""Laws of penalty paths: cold fits, replication, absent rows, order, units and counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from wlogit import WeightedLogit

CLASSES = [{}, {"class_weight": "balanced"}, {"class_weight": {0: 1, 1: 5}}, {"prevalence": 0.1}]
CRITERIA = ["deviance", "auc", "brier"]
OPTIONS = {"n_alphas": 8, "alpha_min_ratio": 0.02}


@st.composite
def problems(draw):
    """Design, outcome, whole numbers and weights, folds and class weights; also wide ones."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, k = draw(st.sampled_from([(60, 5), (90, 12), (40, 60)]))
    X = np.column_stack([np.ones(n), rng.normal(size=(n, k)) * np.exp(rng.normal(size=k))])
    eta = X[:, 1] / X[:, 1].std() - X[:, 2] / X[:, 2].std()
    y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    y[:9], y[9:18] = 0.0, 1.0
    folds = np.r_[np.arange(18) % 3, rng.integers(0, 3, n - 18)]
    count, weight = rng.integers(1, 4, n), np.round(rng.exponential(size=n), 3) + 0.01
    return X, y, count, weight, folds, draw(st.sampled_from(CLASSES))


def fit(X, y, folds=None, *, L1_wt=1.0, criterion="deviance", standardize=False, **weights):
    model = WeightedLogit(y, X, aliased="keep", **weights)
    cross = {} if folds is None else {"cv": folds, "criterion": criterion}
    return model.fit_regularized_path(L1_wt=L1_wt, standardize=standardize, **OPTIONS, **cross)


def same(one, two, *, rtol=1e-7):
    assert_allclose(one.alphas, two.alphas, rtol=1e-9)
    assert_allclose(one.coefs, two.coefs, rtol=rtol, atol=1e-7 * np.abs(two.coefs).max().max())
    assert_allclose(one.cv["mean"], two.cv["mean"], rtol=1e-7)
    assert_allclose(one.cv["se"], two.cv["se"], rtol=1e-5)


@given(problems(), st.sampled_from([1.0, 0.5]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_warm_starts_end_where_cold_fits_do(problem, L1_wt, standardize):
    X, y, _, weight, _, classes = problem
    path = fit(X, y, L1_wt=L1_wt, standardize=standardize, sampling_weights=weight, **classes)
    scale = np.abs(path.coefs).max().max()
    for alpha in path.alphas:
        cold = path.model.fit_regularized(
            method="elastic_net", alpha=alpha, L1_wt=L1_wt, standardize=standardize, disp=False
        )
        assert_allclose(path.coefs.loc[alpha], cold.params, rtol=1e-7, atol=1e-7 * scale)


@pytest.mark.parametrize("criterion", CRITERIA)
@given(problems())
@settings(max_examples=8, deadline=None)
def test_a_frequency_weight_is_the_row_repeated(criterion, problem):
    X, y, count, weight, folds, classes = problem
    long = np.repeat(np.arange(len(y)), count)
    counted = fit(
        X, y, folds, criterion=criterion, freq_weights=count, sampling_weights=weight, **classes
    )
    repeated = fit(
        X[long], y[long], folds[long], criterion=criterion, sampling_weights=weight[long], **classes
    )
    same(counted, repeated)


@pytest.mark.parametrize("criterion", CRITERIA)
@given(problems())
@settings(max_examples=8, deadline=None)
def test_order_units_and_rows_without_weight_do_not_matter(criterion, problem):
    X, y, _, weight, folds, classes = problem
    n, order = len(y), np.random.default_rng(3).permutation(len(y) + 5)
    plain = fit(X, y, folds, criterion=criterion, sampling_weights=weight, **classes)
    more = [np.concatenate([part, part[:5]])[order] for part in (X, y, folds)]
    heavy = np.r_[1e9 * weight, np.zeros(5)][order]
    same(plain, fit(*more, criterion=criterion, sampling_weights=heavy, **classes))
    assert len(more[1]) == n + 5


@pytest.mark.parametrize("criterion", CRITERIA)
def test_rows_of_counts_are_their_cases(criterion):
    rng = np.random.default_rng(8)
    X = np.column_stack([np.ones(40), rng.normal(size=(40, 4))])
    counts = rng.integers(0, 4, (40, 2)) + (rng.random((40, 1)) < 0.5)
    folds = np.arange(40) % 4
    grouped = fit(X, counts, folds, criterion=criterion, class_weight="balanced")
    rows = np.repeat(np.arange(40), counts.sum(axis=1))
    y = np.concatenate([np.r_[np.ones(e), np.zeros(r)] for e, r in counts])
    same(grouped, fit(X[rows], y, folds[rows], criterion=criterion, class_weight="balanced"))


@given(problems())
@settings(max_examples=10, deadline=None)
def test_class_weights_by_label_are_sampling_weights_to_the_fit_and_its_deviance(problem):
    X, y, _, weight, folds, _ = problem
    classes = fit(X, y, folds, sampling_weights=weight, class_weight={0: 2, 1: 3})
    same(classes, fit(X, y, folds, sampling_weights=weight * np.where(y == 1, 3, 2)))


@given(problems())
@settings(max_examples=10, deadline=None)
def test_flipping_the_outcome_flips_the_signs(problem):
    X, y, _, weight, folds, classes = problem
    flipped = {k: {0: v[1], 1: v[0]} if isinstance(v, dict) else v for k, v in classes.items()}
    if "prevalence" in flipped:
        flipped["prevalence"] = 1 - flipped["prevalence"]
    there = fit(X, y, folds, criterion="auc", sampling_weights=weight, **classes)
    back = fit(X, 1 - y, folds, criterion="auc", sampling_weights=weight, **flipped)
    assert_allclose(there.coefs, -back.coefs, rtol=1e-7, atol=1e-7 * np.abs(back.coefs).max().max())
    assert_allclose(there.cv["mean"], back.cv["mean"], rtol=1e-7)
