"""Blocked sums against plain numpy on whole matrices, in every memory layout."""

import numpy as np
import pytest

from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.rowblocks import (
    column_bounds,
    quadratic_forms,
    weighted_gram,
    weighted_sums,
)

LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "strided": lambda X: np.repeat(X, 2, axis=0)[::2],
    "reversed": lambda X: X[::-1].copy()[::-1],
    "read-only": lambda X: np.frombuffer(X.tobytes()).reshape(X.shape),
}
ONE = np.ones(())


@pytest.fixture(params=LAYOUTS)
def layout(request):
    return LAYOUTS[request.param]


def sample(n=9_001, k=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng, np.column_stack([np.ones(n), rng.normal(size=(n, k - 1))])


@pytest.mark.parametrize("k", [1, 5, 40, 90])
def test_weighted_gram_is_the_plain_product(layout, k):
    rng, X = sample(k=k)
    weight = rng.exponential(size=len(X))
    matrix = ModelMatrix(layout(X))
    gram = weighted_gram(matrix, weight)
    np.testing.assert_allclose(gram, (X.T * weight) @ X, rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(gram, gram.T)
    np.testing.assert_allclose(weighted_gram(matrix, ONE), X.T @ X, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("k", [5, 40])
@pytest.mark.parametrize("factor", [2.0, 2.0**-41])
def test_powers_of_two_in_the_weights_pass_through_exactly(k, factor):
    rng, X = sample(k=k)
    weight = rng.exponential(size=len(X))
    gram = weighted_gram(ModelMatrix(X), weight)
    np.testing.assert_array_equal(weighted_gram(ModelMatrix(X), weight * factor), gram * factor)


def test_weighted_sums_are_the_plain_product(layout):
    rng, X = sample()
    vectors = rng.normal(size=(len(X), 3))
    matrix = ModelMatrix(layout(X))
    np.testing.assert_allclose(weighted_sums(matrix, vectors), X.T @ vectors, atol=1e-10)
    np.testing.assert_allclose(
        weighted_sums(matrix, vectors[:, 0]), X.T @ vectors[:, 0], atol=1e-10
    )


@pytest.mark.parametrize("rank", [5, 2])
def test_quadratic_forms_are_the_plain_ones(layout, rank):
    rng, X = sample()
    root = rng.normal(size=(5, rank)) * np.logspace(-6, 6, 5)[:, None]
    form = root @ root.T
    expected = ((X @ root) ** 2).sum(axis=1)
    result = quadratic_forms(ModelMatrix(layout(X)), form)
    np.testing.assert_allclose(result, expected, rtol=1e-6)


@pytest.mark.parametrize("k", [1, 3, 70, 1500])
def test_bounds_of_the_columns(layout, k):
    X = np.random.default_rng(4).normal(size=(4_001, k))
    low, high = column_bounds(layout(X))
    np.testing.assert_array_equal(low, X.min(axis=0))
    np.testing.assert_array_equal(high, X.max(axis=0))
    X[4_000, k - 1] = np.nan
    assert np.flatnonzero(np.isnan(column_bounds(layout(X))[0])).tolist() == [k - 1]
