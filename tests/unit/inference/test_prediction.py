"""The scales of a prediction by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.unit.covariance.parts import weights_of
from wlogit.inference.prediction import calibration_shift, prevalence_shift

Y = [0, 0, 0, 1]
ODDS = np.log(1 / 3)  # of the sample


@pytest.mark.parametrize(
    ("given", "shift"),
    [
        ({}, 0.0),
        ({"class_weight": "balanced"}, np.log(3)),
        ({"class_weight": {0: 2, 1: 10}}, np.log(5)),
        ({"class_weight": "balanced", "sampling_weights": [1, 1, 4, 2]}, np.log(6 / 2)),
        ({"class_weight": "balanced", "freq_weights": [1, 1, 4, 2]}, np.log(6 / 2)),
        ({"prevalence": 0.01}, 0.0),
        ({"sampling_weights": [1, 2, 3, 4]}, 0.0),
    ],
)
def test_calibration_takes_class_weights_out_and_nothing_else(given, shift):
    assert_allclose(calibration_shift(weights_of(Y, **given)), shift, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("given", "sample"),
    [
        ({}, ODDS),
        ({"class_weight": "balanced"}, ODDS),
        ({"class_weight": {0: 2, 1: 10}}, ODDS),
        ({"freq_weights": [1, 1, 4, 2]}, np.log(2 / 6)),
        ({"sampling_weights": [1, 1, 4, 2]}, np.log(2 / 6)),
        ({"prevalence": 0.2}, np.log(1 / 4)),  # the scale of the fit is that of the population
    ],
)
def test_moving_to_a_prevalence_starts_from_the_share_of_events(given, sample):
    actual = prevalence_shift(weights_of(Y, **given), 0.1)
    assert_allclose(actual, np.log(1 / 9) - sample, rtol=1e-13)


def test_no_move_where_the_prevalence_is_that_of_the_sample():
    assert_allclose(prevalence_shift(weights_of(Y), 0.25), 0.0, atol=1e-15)
    assert_allclose(prevalence_shift(weights_of(Y, prevalence=0.04), 0.04), 0.0, atol=1e-15)


@pytest.mark.parametrize("prevalence", [0.0, 1.0, -0.1, 2.0, np.nan])
def test_a_prevalence_lies_between_zero_and_one(prevalence):
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        prevalence_shift(weights_of(Y), prevalence)


def test_extreme_classes_do_not_cancel():
    weights = weights_of([0, 1], sampling_weights=[1e12, 1e-12])
    assert_allclose(prevalence_shift(weights, 0.5), 24 * np.log(10), rtol=1e-14)
