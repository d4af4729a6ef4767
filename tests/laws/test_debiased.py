"""Laws of the debiased lasso: replication, units, absent rows, order, counts and class weights."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from wlogit import WeightedLogit

CLASSES = [{}, {"class_weight": "balanced"}, {"class_weight": {0: 1, 1: 5}}, {"prevalence": 0.1}]


@st.composite
def problems(draw):
    """Design, outcome, whole numbers, weights and class weights; narrow, moderate and wide."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, k = draw(st.sampled_from([(120, 5), (90, 40), (40, 60)]))
    X = np.column_stack([np.ones(n), rng.normal(size=(n, k)) * np.exp(rng.normal(size=k))])
    eta = X[:, 1] / X[:, 1].std() - X[:, 2] / X[:, 2].std()
    y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    y[:5], y[5:10] = 0.0, 1.0
    count, weight = rng.integers(1, 4, n), np.round(rng.exponential(size=n), 3) + 0.1
    return X, y, count, weight, draw(st.sampled_from(CLASSES))


def debiased(X, y, *, columns=(0, 1, 2, 4), cov_kwds=None, **weights):
    model = WeightedLogit(y, X, aliased="keep", **weights)
    lasso = model.fit_regularized(
        method="elastic_net", alpha=0.12, standardize=True, tol=1e-12, disp=False
    )
    return lasso.debiased(list(columns), cov_kwds=cov_kwds)


def same(one, other):
    assert one.cov_type == other.cov_type
    assert one.strong == other.strong
    assert_allclose(one.bse, other.bse, rtol=1e-6)
    assert_allclose(one.params, other.params, rtol=1e-6, atol=1e-6 * one.bse.min())
    assert_allclose(one.cov_params(), other.cov_params(), rtol=1e-5, atol=1e-7 * one.bse.max() ** 2)


@given(problems())
@settings(max_examples=15)
def test_a_frequency_weight_is_the_row_repeated(problem):
    X, y, count, weight, classes = problem
    counted = debiased(X, y, freq_weights=count, sampling_weights=weight, **classes)
    rows = np.repeat(np.arange(len(y)), count)
    same(counted, debiased(X[rows], y[rows], sampling_weights=weight[rows], **classes))


@given(problems(), st.sampled_from([1e-12, 3.0, 1e12]))
@settings(max_examples=15)
def test_the_unit_of_the_weights_does_not_matter(problem, unit):
    X, y, count, weight, classes = problem
    given = {"freq_weights": count, **classes}
    same(
        debiased(X, y, sampling_weights=weight, **given),
        debiased(X, y, sampling_weights=unit * weight, **given),
    )


@given(problems(), st.integers(0, 1000))
@settings(max_examples=15)
def test_rows_without_weight_and_their_order_do_not_matter(problem, seed):
    X, y, count, weight, classes = problem
    plain = debiased(X, y, freq_weights=count, sampling_weights=weight, **classes)
    junk = np.full((4, X.shape[1]), 1e6)
    junk[:, 0] = 1.0
    order = np.random.default_rng(seed).permutation(len(y) + 4)
    other = debiased(
        np.vstack([X, junk])[order],
        np.append(y, [0.0, 1.0, 0.0, 1.0])[order],
        freq_weights=np.append(count, [0, 0, 0, 0])[order],
        sampling_weights=np.append(weight, [1.0, 1.0, 1.0, 1.0])[order],
        **classes,
    )
    same(plain, other)


@given(problems())
@settings(max_examples=15)
def test_rows_of_counts_are_their_cases(problem):
    X, y, count, _, classes = problem
    events = np.where(y == 1.0, count, count // 2)
    together = debiased(X, np.column_stack([events, count - events]), **classes)
    rows = np.repeat(np.arange(len(y)), 2)
    outcome = np.tile([1.0, 0.0], len(y))
    cases = np.column_stack([events, count - events]).ravel()
    apart = debiased(X[rows], outcome, freq_weights=cases, **classes)
    same(together, apart)


@given(problems())
@settings(max_examples=15)
def test_known_class_weights_are_the_same_numbers_as_sampling_weights(problem):
    X, y, count, weight, _ = problem
    mapped = debiased(
        X, y, freq_weights=count, sampling_weights=weight, class_weight={0: 1.0, 1: 5.0}
    )
    by_hand = weight * np.where(y == 1.0, 5.0, 1.0)
    same(mapped, debiased(X, y, freq_weights=count, sampling_weights=by_hand))
