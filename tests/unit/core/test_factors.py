"""Inverses and factors: accurate, symmetric, and never an exception."""

import mpmath
import numpy as np
import pytest

from wlogit.core.factors import (
    inverse_root,
    inverse_root_of_triangular,
    root_of,
    symmetric_inverse,
    tsqr,
)
from wlogit.core.model_matrix import ModelMatrix


def hilbert(k):
    index = np.arange(k)
    return 1.0 / (1.0 + index + index[:, None])


def exact_inverse(square):
    with mpmath.workdps(60):
        inverse = mpmath.matrix(square.tolist()) ** -1
        return np.array(inverse.tolist(), dtype=float)


def test_the_inverse_has_the_digits_that_the_condition_number_leaves():
    square = hilbert(6)
    result = inverse_root(square)
    assert result.rank == 6
    assert np.linalg.cond(square) / 36 < result.condition < np.linalg.cond(square) * 36
    error = np.abs(result.inverse / exact_inverse(square) - 1.0).max()
    assert error < 1e-16 * result.condition


def test_the_inverse_is_exactly_symmetric_and_solves():
    square = hilbert(4)
    result = inverse_root(square)
    np.testing.assert_array_equal(result.inverse, result.inverse.T)
    np.testing.assert_allclose(square @ result.solve(np.ones(4)), np.ones(4), rtol=1e-11)
    np.testing.assert_array_equal(symmetric_inverse(square), result.inverse)


def test_powers_of_two_in_rows_and_columns_pass_through_exactly():
    scale = 2.0 ** np.array([-60, 3, 0, 41])
    plain = inverse_root(hilbert(4))
    scaled = inverse_root(hilbert(4) * np.outer(scale, scale))
    assert scaled.condition == plain.condition
    np.testing.assert_array_equal(scaled.inverse * np.outer(scale, scale), plain.inverse)


@pytest.mark.parametrize("exponent", [-31, 8])
def test_a_unit_cancels_the_power_of_two_that_entries_share(exponent):
    factor = 2.0**exponent
    plain, scaled = inverse_root(hilbert(5)), inverse_root(hilbert(5) * factor, 1.0 / factor)
    np.testing.assert_array_equal(scaled.inverse * factor, plain.inverse)


def test_a_triangular_factor_saves_half_the_digits():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    X[:, 2] = X[:, 1] + 1e-6 * X[:, 2]
    exact = exact_inverse(exact_gram(X))
    upper = tsqr(ModelMatrix(X), np.ones(()))
    by_root = inverse_root_of_triangular(upper).inverse
    np.testing.assert_allclose(by_root, exact, rtol=1e-8)
    np.testing.assert_allclose(by_root @ (X.T @ X), np.eye(3), atol=1e-2)


def exact_gram(X):
    """X'X in arithmetic wide enough for the inverse of a nearly singular product."""
    with mpmath.workdps(60):
        return mpmath.matrix(X.tolist()).T * mpmath.matrix(X.tolist())


@pytest.mark.parametrize(
    "square",
    [
        np.zeros((3, 3)),
        np.ones((3, 3)),
        np.diag([1.0, -1e-20, 2.0]),
        np.full((3, 3), np.nan),
        np.diag([np.inf, 1.0, 1.0]),
    ],
)
def test_singular_matrices_are_reported_not_raised(square):
    result = inverse_root(square)
    assert result.rank < 3
    assert result.condition == np.inf


def test_a_singular_matrix_gets_its_pseudo_inverse():
    square = np.array([[2.0, 2.0], [2.0, 2.0]])
    np.testing.assert_allclose(symmetric_inverse(square), np.linalg.pinv(square), rtol=1e-14)


def test_a_singular_triangle_is_reported_not_raised():
    result = inverse_root_of_triangular(np.array([[1.0, 1.0], [0.0, 0.0]]))
    assert result.rank == 1
    np.testing.assert_allclose(result.inverse, np.full((2, 2), 0.25), rtol=1e-14)


@pytest.mark.parametrize(
    "form", [hilbert(5), np.ones((3, 3)), np.zeros((2, 2)), np.diag([1e-9, 1e9])]
)
def test_roots_square_to_their_form(form):
    root = root_of(form)
    np.testing.assert_allclose(root @ root.T, form, rtol=1e-13, atol=1e-16)


def test_the_root_of_missing_values_is_missing():
    assert np.isnan(root_of(np.full((2, 2), np.nan))).any()


@pytest.mark.parametrize("n", [2, 30, 20_000])
@pytest.mark.parametrize("order", ["C", "F"])
def test_tsqr_is_a_triangular_root_of_the_gram(n, order):
    rng = np.random.default_rng(n)
    X, weight = np.asarray(rng.normal(size=(n, 4)), order=order), rng.random(n)
    upper = tsqr(ModelMatrix(X), np.sqrt(weight))
    assert upper.shape == (4, 4)
    np.testing.assert_array_equal(upper, np.triu(upper))
    np.testing.assert_allclose(upper.T @ upper, (X.T * weight) @ X, rtol=1e-11, atol=1e-10)
    with_ones = tsqr(ModelMatrix(X), np.sqrt(weight), ones=True)
    assert with_ones.T[4] @ with_ones[:, 4] == pytest.approx(weight.sum(), rel=1e-12)
