"""Samples of two and of three labels, and what is the same for both packages."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

# scikit-learn's solvers stop where the gradient is small; these coefficients are good to 1e-5.
TIGHT = {"tol": 1e-9, "max_iter": 20_000}


def sample(n=300, p=3, seed=5, labels=(0, 1)):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * [1.0, 2.0, 0.5][:p]
    eta = X @ [1.0, -0.4, 0.7][:p] - 0.8
    y = np.array(labels)[(rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)]
    return X, y, rng.integers(0, 4, n).astype(float)


def three_labels(labels=("a", "b", "c"), n=400):
    rng = np.random.default_rng(8)
    X = rng.normal(size=(n, 2))
    scores = np.column_stack([np.zeros(n), X[:, 0] - 0.5, X @ [0.3, -1.0]])
    y = np.array(labels)[np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)]
    return X, y, rng.integers(0, 4, n).astype(float)


def assert_same(ours, theirs, X, rtol=2e-5):
    assert_array_equal(ours.classes_, theirs.classes_)
    assert_allclose(ours.coef_, theirs.coef_, rtol=rtol, atol=rtol)
    assert_allclose(ours.intercept_, theirs.intercept_, rtol=rtol, atol=rtol)
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=rtol, atol=rtol)
    assert_allclose(ours.predict_log_proba(X), theirs.predict_log_proba(X), rtol=rtol, atol=rtol)
    assert_allclose(ours.decision_function(X), theirs.decision_function(X), rtol=rtol, atol=rtol)
    assert_array_equal(ours.predict(X), theirs.predict(X))
