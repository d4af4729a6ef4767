"""Rows of an approximate inverse: exact ones, nodewise ones, and what columns may do to them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from wlogit.core.nodewise import Correlations, exact_rows, nodewise_rows


def design(n=80, k=12, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, k)) + rng.normal(size=(n, 1)) + np.arange(k)
    X[:, 0] = 1.0
    return X, rng.uniform(0.1, 1.0, n)


def information(X, weight):
    return X.T @ (weight[:, None] * X)


def penalised(k, *free):
    mask = np.ones(k, dtype=bool)
    mask[[0, *free]] = False
    return mask


@pytest.mark.parametrize("constant", [0, None])
def test_exact_rows_are_rows_of_the_inverse(constant):
    A = information(*design())
    functionals = np.random.default_rng(1).normal(size=(3, 12))
    correlations = Correlations(A, constant)
    rows = exact_rows(correlations, functionals, correlations.inverse())
    assert_allclose(rows, functionals @ np.linalg.inv(A), rtol=1e-9, atol=1e-12)


def test_a_node_is_a_lasso_of_one_column_on_the_others():
    from sklearn import linear_model as sklearn

    X, weight = design()
    A, penalty = information(X, weight), 0.15
    rows = nodewise_rows(Correlations(A, 0), np.eye(12), penalised(12), penalty)
    mean = weight @ X / weight.sum()
    Z = (X - mean)[:, 1:]
    spread = np.sqrt(weight @ Z**2 / weight.sum())
    Z = Z / spread * np.sqrt(weight / weight.sum() * len(Z))[:, None]
    for j in range(11):
        others = np.delete(np.arange(11), j)
        lasso = sklearn.Lasso(alpha=penalty, fit_intercept=False, tol=1e-14, max_iter=100_000)
        part = lasso.fit(Z[:, others], Z[:, j]).coef_
        left = Z[:, j] @ (Z[:, j] - Z[:, others] @ part) / len(Z)
        row = rows[j + 1, 1:] * weight.sum() * spread[j] * spread
        assert_allclose(row[j], 1.0 / left, rtol=1e-7)
        assert_allclose(row[others], -part / left, rtol=1e-6, atol=1e-8)
        # Orthogonal to the constant.
        assert_allclose(rows[j + 1] @ A[0], 0.0, atol=1e-9)


def test_without_a_penalty_the_rows_are_exact():
    A = information(*design())
    rows = nodewise_rows(Correlations(A, 0), np.eye(12), penalised(12), 0.0)
    assert_allclose(rows[1:] @ A, np.eye(12)[1:], atol=1e-9)


def test_columns_that_are_free_are_accounted_for_in_full():
    A = information(*design())
    rows = nodewise_rows(Correlations(A, 0), np.eye(12), penalised(12, 3, 4), 0.2)
    product = rows[5:] @ A
    unit = np.sqrt(np.diag(A))
    assert_allclose(product[:, [3, 4]] / unit[[3, 4]], 0.0, atol=1e-9)
    assert np.abs(product[0, 6:] / unit[6:]).max() > 1e-3


def test_the_constant_has_no_nodewise_row():
    rows = nodewise_rows(Correlations(information(*design()), 0), np.eye(12), penalised(12), 0.1)
    assert np.isnan(rows[0]).all()
    assert np.isfinite(rows[1:]).all()


def test_locations_and_units_of_columns_do_not_matter():
    X, weight = design()
    shift, unit = np.arange(12.0), 2.0 ** np.arange(12)
    shift[0], unit[0] = 0.0, 1.0
    T = np.diag(unit)
    T[0] += shift * unit
    plain = nodewise_rows(Correlations(information(X, weight), 0), np.eye(12), penalised(12), 0.1)
    moved = Correlations(information(X @ T, weight), 0)
    # b = T b', so the functional e_j of b is row j of T.
    rows = nodewise_rows(moved, T, penalised(12), 0.1)
    assert_allclose(rows, plain @ np.linalg.inv(T).T, rtol=1e-7, atol=1e-12)


def test_more_columns_than_rows():
    X, weight = design(n=30, k=60)
    correlations = Correlations(information(X, weight), 0)
    assert correlations.inverse() is None
    rows = nodewise_rows(correlations, np.eye(60)[1:4], penalised(60), 0.2)
    product = rows @ correlations.information
    for i in range(3):
        left = product[i, correlations.columns] / correlations.scale * correlations.scale[i]
        assert_allclose(left[i], 1.0, rtol=1e-7)
        of_target = correlations.scale[i] ** 2 * rows[i, i + 1]
        others = np.delete(left, i)
        assert np.abs(others).max() <= 0.2 * of_target * (1 + 1e-6)


def test_a_column_that_does_not_vary_has_no_row():
    X, weight = design()
    X[:, 5] = 3.0
    correlations = Correlations(information(X, weight), 0)
    assert 5 not in correlations.columns
    for rows in (
        exact_rows(correlations, np.eye(12), correlations.inverse()),
        nodewise_rows(correlations, np.eye(12), penalised(12), 0.1),
    ):
        assert np.isnan(rows[5]).all()
        assert np.isfinite(np.delete(rows, [0, 5], axis=0)).all()


def test_collinear_columns_have_no_exact_inverse():
    X, weight = design()
    X[:, 5] = X[:, 4]
    correlations = Correlations(information(X, weight), 0)
    assert correlations.inverse() is None
    rows = nodewise_rows(correlations, np.eye(12)[4:6], penalised(12), 0.1)
    assert np.isfinite(rows).all()
    # Each is left with what its twin may not explain: the penalty.
    assert_allclose(1.0 / (rows[0, 4] * correlations.scale[3] ** 2), 0.1, rtol=1e-6)
