"""Derivatives and Wald tests of functions of coefficients, on numbers done by hand."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from wlogit.errors import DesignError
from wlogit.inference.delta import DeltaMethod, jacobian, read_values

B, SE = np.array([2.0, -3.0, 1e-4]), np.array([0.5, 1.0, 1e-5])


def test_derivatives_of_smooth_functions_are_exact():
    found = jacobian(lambda b: np.array([b[0] * b[1], np.exp(b[2]), b[0] ** 3 / b[1]]), B, SE)
    expected = [
        [-3.0, 2.0, 0.0],
        [0.0, 0.0, np.exp(1e-4)],
        [3 * 4 / -3.0, -8 / 9.0, 0.0],
    ]
    assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    "function",
    [
        lambda b: np.array([abs(b[1]) * b[0]]),
        lambda b: np.array([np.abs(b[1]) * b[0]]),
        lambda b: np.array([max(b[0], b[2]) * -b[1]]),
        lambda b: np.array([float(b[0]) * -float(b[1])]),
        lambda b: np.array([np.real(b[0]) * np.hypot(b[1].real, 0.0)]),
    ],
)
def test_functions_that_take_no_complex_numbers_are_differenced(function):
    assert_allclose(jacobian(function, B, SE), [[3.0, -2.0, 0.0]], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    "function",
    [
        lambda b: np.sqrt(np.abs(b[0] - 2.0)),
        lambda b: np.abs(b[0] - 2.0),
        lambda b: np.maximum(b[0] - 2.0, 0.0) + b[1],
        lambda b: np.abs(b[0] - 2.0) ** 1.2,
        lambda b: np.sign(b[0] - 2.0) + b[0],
    ],
)
def test_a_kink_at_the_estimate_is_refused(function):
    with pytest.raises(ValueError, match="not smooth"):
        jacobian(lambda b: np.array([function(b)]), B, SE)


@pytest.mark.parametrize(
    "function",
    [
        lambda b: (b[0] - 2.0) ** 2,
        lambda b: 1e9 + b[0],
        lambda b: np.exp(30.0 * b[0]),
        lambda b: 7.0,
        lambda b: round(float(np.sin(b[0])), 9),
    ],
)
def test_curved_flat_and_rounded_functions_are_smooth(function):
    found = jacobian(lambda b: np.array([function(b)]), B, SE)
    assert np.all(np.isfinite(found))


def test_no_standard_errors_are_needed_for_derivatives():
    found = jacobian(lambda b: np.array([np.log(-b[1])]), B, np.full(3, np.nan))
    assert_allclose(found, [[0.0, -1 / 3.0, 0.0]], rtol=1e-14)


def test_values_and_their_labels():
    assert read_values(3.0, None)[1] == ("g1",)
    assert read_values({"a": 1.0, "b": 2.0}, None)[1] == ("a", "b")
    assert read_values(pd.Series([1.0], ["c"]), None)[1] == ("c",)
    assert read_values([1, 2], ["x", "y"])[1] == ("x", "y")
    for wrong in ("text", [[1.0]], [], None, {}):
        with pytest.raises(ValueError, match="must return"):
            read_values(wrong, None)


def test_joint_tests_by_hand():
    covariance = np.array([[2.0, 1.0], [1.0, 2.0]])  # inverse (2, -1; -1, 2) / 3
    found = DeltaMethod(np.array([1.0, 2.0]), covariance, ("a", "b"), np.full(2, np.inf))
    test = found.test()
    assert_allclose(test.statistic, (2 * 1 - 2 * 2 + 2 * 4) / 3)
    assert_allclose(test.pvalue, np.exp(-test.statistic / 2), rtol=1e-12)
    assert found.test([1.0, 2.0]).pvalue == 1.0
    with_t = DeltaMethod(found.values, covariance, ("a", "b"), np.full(2, 7.0), (0.9, 6.0))
    assert_allclose(with_t.test().statistic, 0.9 * test.statistic / 2.0)
    assert_allclose(with_t.test().pvalue, stats.f.sf(0.9 * test.statistic / 2.0, 2, 6.0))
    frame = with_t.summary_frame(0.1)
    assert_allclose(frame["pvalue"], 2 * stats.t.sf([0.5**0.5, 2**0.5], 7.0))
    assert_allclose(frame["ci_upper"], found.values + stats.t.isf(0.05, 7.0) * 2**0.5)
    assert str(with_t).split("\n")[1].split()[0] == "a"


@pytest.mark.parametrize(
    "covariance",
    [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, 0.0]], [[1e-20, 1e-10], [1e-10, 1.0]]],
)
def test_functions_that_follow_from_one_another_are_refused(covariance):
    found = DeltaMethod(np.ones(2), np.array(covariance), ("a", "b"), np.full(2, np.inf))
    with pytest.raises(DesignError, match="singular"):
        found.test()


def test_scales_far_apart_are_no_singularity():
    found = DeltaMethod(
        np.array([1e-9, 1e9]), np.diag([1e-18, 1e18]), ("a", "b"), np.full(2, np.inf)
    )
    assert_allclose(found.test().statistic, 2.0)
