"""Other programs reach the same penalised optimum, over random weighted problems."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize
from scipy.special import expit, log_expit

from wlogit import WeightedLogit

SHARES = [1.0, 0.5, 0.0]


@st.composite
def problems(draw):
    """Design without a constant, outcome, weights and alpha; also more columns than rows."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, k = draw(st.sampled_from([(80, 4), (200, 15), (50, 90), (120, 40)]))
    X = rng.normal(size=(n, k)) @ (np.eye(k) + draw(st.sampled_from([0.0, 0.1])))
    X *= np.exp(0.2 * rng.normal(size=k))
    y = (rng.random(n) < expit(X[:, 0] - X[:, 1] + draw(st.sampled_from([0.0, -1.5])))).astype(int)
    y[:4] = 0, 1, 0, 1
    weight = rng.exponential(size=n) * draw(st.sampled_from([1e-3, 1.0, 1e3])) + 1e-6
    return X, y, weight, draw(st.sampled_from([0.2, 0.05, 0.02]))


def logistic_regression(**options):
    """scikit-learn's class since l1_ratio alone says which penalty."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(**options)


def ours(X, y, weight, alpha, L1_wt, **options):
    model = WeightedLogit(
        y, np.column_stack([np.ones(len(y)), X]), sampling_weights=weight, aliased="keep", **options
    )
    results = model.fit_regularized(method="elastic_net", alpha=alpha, L1_wt=L1_wt, disp=False)
    assert results.converged
    assert results.kkt_residual <= 1e-10
    return np.asarray(results.params)


def loss(params, X, y, weight, alpha, L1_wt):
    eta = params[0] + X @ params[1:]
    fit = weight @ np.where(y == 1, log_expit(eta), log_expit(-eta)) / weight.sum()
    size = L1_wt * np.abs(params[1:]).sum() + (1.0 - L1_wt) / 2.0 * params[1:] @ params[1:]
    return -fit + alpha * size


@pytest.mark.parametrize("L1_wt", SHARES)
@given(problems())
@settings(max_examples=10, deadline=None, derandomize=True)
def test_scikit_learn_reaches_the_same_optimum(L1_wt, problem):
    X, y, weight, alpha = problem
    params = ours(X, y, weight, alpha, L1_wt)
    # Its steps shrink with the largest weight: brought to a mean of one, where C is 1 / (alpha n).
    mean_one = weight * len(y) / weight.sum()
    how = {"solver": "saga", "max_iter": 20_000, "tol": 1e-9, "l1_ratio": L1_wt, "random_state": 0}
    if L1_wt == 0.0:
        how = {"solver": "lbfgs", "max_iter": 20_000, "tol": 1e-9}
    theirs = logistic_regression(C=1.0 / (alpha * len(y)), **how)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(X, y, sample_weight=mean_one)
    # saga stops when its slopes do, and at once where these are zero, whatever the constant does.
    slopes = theirs.coef_[0]
    constant = optimize.brentq(lambda b: weight @ (y - expit(b + X @ slopes)), -50.0, 50.0)
    found = np.append(constant, slopes)
    best = loss(params, X, y, weight, alpha, L1_wt)
    assert best <= loss(found, X, y, weight, alpha, L1_wt) + 1e-12
    assert_allclose(best, loss(found, X, y, weight, alpha, L1_wt), rtol=1e-6)


@pytest.mark.parametrize("L1_wt", SHARES)
@given(problems())
@settings(max_examples=10, deadline=None, derandomize=True)
def test_glum_reaches_the_same_optimum(L1_wt, problem):
    import glum

    X, y, weight, alpha = problem
    params = ours(X, y, weight, alpha, L1_wt)
    theirs = glum.GeneralizedLinearRegressor(
        family="binomial", alpha=alpha, l1_ratio=L1_wt, gradient_tol=1e-10, max_iter=2000
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(X, y, sample_weight=weight)
    found = np.append(theirs.intercept_, theirs.coef_)
    best = loss(params, X, y, weight, alpha, L1_wt)
    assert best <= loss(found, X, y, weight, alpha, L1_wt) + 1e-12
    assert_allclose(best, loss(found, X, y, weight, alpha, L1_wt), rtol=1e-6)
    assert_allclose(params, found, atol=1e-3 * np.abs(params).max())


@given(problems())
@settings(max_examples=10, deadline=None, derandomize=True)
def test_liblinear_reaches_the_same_optimum_with_a_penalised_constant(problem):
    """It penalises the constant, as one alpha of "l1" does, and has no other way."""
    X, y, weight, alpha = problem
    weight = weight / weight.mean()
    strength = alpha * len(y)
    model = WeightedLogit(
        y, np.column_stack([np.ones(len(y)), X]), sampling_weights=weight, aliased="keep"
    )
    results = model.fit_regularized(alpha=strength, disp=False)
    theirs = logistic_regression(
        C=1.0 / strength,
        l1_ratio=1.0,
        solver="liblinear",
        tol=1e-9,
        max_iter=20_000,
        fit_intercept=False,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(model.exog, y, sample_weight=weight)
    found = theirs.coef_[0]
    theirs_loss = -model.loglike(found) + strength * np.abs(found).sum()
    assert -results.penalized_llf <= theirs_loss + 1e-9
    assert -results.penalized_llf == pytest.approx(theirs_loss, rel=1e-6)
