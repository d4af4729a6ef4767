"""Residuals of rows: values by hand, and far from the middle."""

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from wlogit.inference.residuals import deviance_residuals, pearson_residuals, response_residuals

LOGIT_80 = np.log(4.0)  # p = 0.8


def at(eta, response, weight):
    return (np.array([value], dtype=float) for value in (eta, response, weight))


@pytest.mark.parametrize(
    ("response", "weight", "pearson", "deviance"),
    [
        (1.0, 1.0, 0.5, np.sqrt(2 * np.log(1 / 0.8))),
        (0.0, 1.0, -2.0, -np.sqrt(2 * np.log(1 / 0.2))),
        (1.0, 9.0, 1.5, 3 * np.sqrt(2 * np.log(1 / 0.8))),
        (0.5, 1.0, -0.75, -np.sqrt(np.log(0.5 / 0.8) + np.log(0.5 / 0.2))),
        (0.8, 4.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, 0.0),
    ],
)
def test_residuals_at_p_of_four_fifths(response, weight, pearson, deviance):
    arrays = list(at(LOGIT_80, response, weight))
    assert_allclose(pearson_residuals(*arrays), pearson, rtol=1e-14, atol=1e-15)
    # At r = p the deviance is the rounding of its two logarithms, under the root.
    assert_allclose(deviance_residuals(*arrays), deviance, rtol=1e-14, atol=1e-7)
    eta, y, _ = arrays
    assert_allclose(response_residuals(eta, y), response - 0.8, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("size", [30.0, 300.0, 700.0, 1400.0, 1e4])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_well_predicted_case_far_out(size, sign):
    eta, response, weight = at(sign * size, float(sign > 0), 1.0)
    with mp.workdps(30):
        exact_deviance = mp.sqrt(2 * mp.log1p(mp.exp(-mp.mpf(size))))
        exact_pearson = mp.exp(-mp.mpf(size) / 2)
    # The square of a deviance residual must be a float: nothing below 1e-154 can come out.
    assert_allclose(
        sign * deviance_residuals(eta, response, weight),
        float(exact_deviance),
        rtol=1e-12,
        atol=1e-154,
    )
    assert_allclose(
        sign * pearson_residuals(eta, response, weight), float(exact_pearson), rtol=1e-12
    )


@pytest.mark.parametrize("size", [30.0, 300.0, 700.0, 1400.0, 1e4])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_badly_predicted_case_far_out(size, sign):
    eta, response, weight = at(sign * size, float(sign < 0), 1.0)
    assert_allclose(
        deviance_residuals(eta, response, weight), -sign * np.sqrt(2 * size), rtol=1e-12
    )
    with np.errstate(over="ignore"):
        expected = -sign * np.exp(size / 2)  # infinite beyond 1418
    assert_allclose(pearson_residuals(eta, response, weight), expected, rtol=1e-12)
    assert_allclose(response_residuals(eta, response), -sign, rtol=1e-12)


def test_a_row_without_weight_has_no_residual_however_far_out():
    eta, response, weight = np.array([1e4, -1e4]), np.array([0.0, 1.0]), np.zeros(2)
    assert_array_equal(pearson_residuals(eta, response, weight), 0.0)
    assert_array_equal(deviance_residuals(eta, response, weight), 0.0)


def test_small_response_residuals_keep_their_digits():
    # 1 - expit(40) = exp(-40) / (1 + exp(-40)), which 1 - p would round to 0.
    actual = response_residuals(np.array([40.0, -40.0]), np.array([1.0, 0.0]))
    with mp.workdps(30):
        exact = float(mp.exp(-40) / (1 + mp.exp(-40)))
    assert_allclose(actual, [exact, -exact], rtol=1e-14)


def test_weights_may_be_one_number_for_all_rows():
    eta, response = np.array([LOGIT_80, -LOGIT_80]), np.array([1.0, 0.0])
    assert_allclose(pearson_residuals(eta, response, np.ones(())), [0.5, -0.5])
    expected = np.sqrt(2 * np.log(1.25))
    assert_allclose(deviance_residuals(eta, response, np.ones(())), [expected, -expected])
