"""Hypotheses that are other models, on designs whose algebra is known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from wlogit.inference.nested import (
    conditional_contrast,
    outside,
    restriction,
    tangent_restriction,
)

RNG = np.random.default_rng(17)
X = np.column_stack([np.ones(40), RNG.normal(size=(40, 3)) * [1e-5, 1.0, 1e6]])


def same_rows(found, expected):
    """Whether two matrices have the same row space, in units of the columns of X."""
    a, b = found / np.linalg.norm(X, axis=0), np.asarray(expected)
    a = a / np.linalg.norm(a, axis=1)[:, None]
    ranks = [np.linalg.matrix_rank(m, tol=1e-8) for m in (a, b, np.vstack([a, b]))]
    return len(found) == len(b) and len(set(ranks)) == 1


def test_columns_left_out_are_tested():
    assert same_rows(restriction(X, X[:, [0, 2]]), np.eye(4)[[1, 3]])
    assert same_rows(restriction(X, X[:, :3]), np.eye(4)[[3]])
    assert same_rows(restriction(X, X[:, [0]]), np.eye(4)[1:])
    assert restriction(X, X[:, ::-1]).shape == (0, 4)
    assert same_rows(restriction(X, np.zeros((40, 0))), np.eye(4))


def test_a_sum_of_columns_is_equality_of_coefficients():
    unit = np.linalg.norm(X, axis=0)
    total = X[:, 2] / unit[2] + X[:, 3] / unit[3]
    found = restriction(X, np.column_stack([X[:, 0], total]))
    assert same_rows(found, [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]])


def test_what_is_not_in_the_span_is_named():
    other = np.column_stack([X[:, 0] + X[:, 1], RNG.normal(size=40), 1e-12 * X[:, 3]])
    assert_array_equal(outside(other, X), [1])
    assert outside(np.zeros((40, 1)), X).size == 0


def test_directions_that_a_hypothesis_takes_away():
    free = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -50.0]])
    found = tangent_restriction(free, np.array([[1.0], [0.0], [0.0]]))
    assert found.shape == (1, 3)
    assert_allclose(found @ [1.0, 0.0, 0.0], 0.0, atol=1e-15)
    assert abs(found @ [0.0, 1.0, -50.0]) > 1.0
    assert tangent_restriction(free, free).shape == (0, 3)
    assert tangent_restriction(free, np.zeros((3, 0))).shape == (2, 3)


def test_a_conditional_contrast_is_uncorrelated_with_the_others():
    root = RNG.normal(size=(5, 5)) * [1.0, 1e-6, 1.0, 1e5, 1.0]
    covariance, b = root.T @ root, RNG.normal(size=5)
    tested, others = np.array([1, 2]), np.array([3, 4])
    contrast = conditional_contrast(covariance, tested, others)
    unit = 1.0 / np.sqrt(np.diag(covariance))
    shared = (contrast @ covariance)[:, others] * unit[tested][:, None] * unit[others]
    assert_allclose(shared, 0.0, atol=1e-10)

    def wald(rows):
        return (rows @ b) @ np.linalg.solve(rows @ covariance @ rows.T, rows @ b)

    eye = np.eye(5)
    difference = wald(eye[[1, 2, 3, 4]]) - wald(eye[[3, 4]])
    assert_allclose(wald(contrast), difference, rtol=1e-6)
    assert_array_equal(conditional_contrast(covariance, tested, np.zeros(0, int)), eye[tested])


@pytest.mark.parametrize("zero", [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 0.5], [0.5, 0.25]]])
def test_others_that_determine_one_another_do_not_matter(zero):
    covariance = np.zeros((3, 3))
    covariance[1:, 1:], covariance[0, 0] = zero, 2.0
    found = conditional_contrast(covariance, np.array([0]), np.array([1, 2]))
    assert_allclose(found, [[1.0, 0.0, 0.0]], atol=1e-12)
