import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from wlogit.inference.margins import (
    LINEAR,
    LOG,
    MEAN,
    ChangedDesign,
    Contrast,
    Direction,
    Estimates,
    Point,
    Prediction,
    Slope,
    average_effects,
    delta_covariance,
    weighted_mean,
    weighted_median,
)
from wlogit.inference.scales import Averages, Scale

RNG = np.random.default_rng(2)
N, K = 40, 3
X = np.column_stack([np.ones(N), RNG.normal(size=(N, K - 1))])
MASS = RNG.gamma(2.0, 1.0, N)
OFFSET = RNG.normal(0.0, 0.3, N)
CHANGED = np.array([2, 0]), RNG.normal(size=(N, 2))


def scale(joint):
    return Scale(joint[:K], joint[K], np.eye(K + 1))


JOINT = np.array([0.3, -0.8, 0.5, -0.4])
DESIGNS = {
    "as it is": ChangedDesign(X),
    "changed by row": ChangedDesign(X, *CHANGED),
    "changed to a value": ChangedDesign(X, np.array([1]), np.array([[0.7]])),
}
CURVES = {"linear": LINEAR, "mean": MEAN, "log": LOG}


def effects(kind, design, curve, joint):
    point = Point(scale(joint), design, OFFSET)
    if kind == "prediction":
        return Prediction(point, curve)
    if kind == "contrast":
        other = Point(scale(joint), DESIGNS["changed to a value"], OFFSET)
        return Contrast(Prediction(point, curve), Prediction(other, curve), 2.0)
    direction = Direction(np.array([1, 2]), CHANGED[1])
    return Slope(point, direction, curve, X[:, 1])


@pytest.mark.parametrize("kind", ["prediction", "contrast", "slope"])
@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("design", DESIGNS)
def test_a_gradient_is_that_of_differences(kind, curve, design):
    def total(joint):
        return MASS @ effects(kind, DESIGNS[design], CURVES[curve], joint).values()

    step = 1e-6
    expected = [
        (total(JOINT + step * unit) - total(JOINT - step * unit)) / (2 * step)
        for unit in np.eye(K + 1)
    ]
    found = effects(kind, DESIGNS[design], CURVES[curve], JOINT).gradient(MASS)
    assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_a_slope_is_the_derivative_of_the_prediction():
    direction = Direction(*CHANGED)
    moved = X.copy()
    moved[:, CHANGED[0]] += 1e-6 * CHANGED[1]
    for curve in (MEAN, LOG):
        there, here = (
            Prediction(Point(scale(JOINT), ChangedDesign(design), OFFSET), curve).values()
            for design in (moved, X)
        )
        slope = Slope(Point(scale(JOINT), ChangedDesign(X), OFFSET), direction, curve)
        assert_allclose(slope.values(), (there - here) / 1e-6, rtol=1e-4)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_changed_design_is_the_matrix_with_the_columns_replaced(design):
    changed = DESIGNS[design]
    matrix = X.copy()
    matrix[:, changed.columns] = changed.values
    assert_allclose(changed.dot(JOINT[:K]), matrix @ JOINT[:K], rtol=1e-13)
    assert_allclose(changed.pulled(MASS), matrix.T @ MASS, rtol=1e-13)
    for j in range(K):
        assert_allclose(np.broadcast_to(changed.column(j), N), matrix[:, j])


def test_the_logarithm_of_a_small_probability_is_finite():
    eta = np.array([-800.0, 800.0])
    assert_allclose(LOG.value(eta), [-800.0, 0.0])
    assert_allclose(LOG.slope(eta), [1.0, 0.0])


@given(
    values=st.lists(st.integers(-5, 5), min_size=1, max_size=9),
    data=st.data(),
    unit=st.sampled_from([1.0, 0.1, 7.3e-5]),
)
def test_the_median_of_masses_is_that_of_repeated_values(values, data, unit):
    times = data.draw(st.lists(st.integers(0, 4), min_size=len(values), max_size=len(values)))
    times[0] += 1
    expected = np.median(np.repeat(values, times))
    found = weighted_median(np.array(values, dtype=float), unit * np.array(times))
    assert found == expected


def test_means_are_weighted():
    assert_allclose(weighted_mean(X, MASS), np.average(X, axis=0, weights=MASS), rtol=1e-13)


def test_averages_do_not_depend_on_the_unit_of_the_mass():
    prediction = Prediction(Point(scale(JOINT), ChangedDesign(X), OFFSET))
    one, other = (
        average_effects([prediction], unit * MASS, keep_rows=True) for unit in (1.0, 3e-7)
    )
    assert_allclose(one.averages.value, np.average(prediction.values(), weights=MASS))
    assert_allclose(other.averages.gradient, one.averages.gradient, rtol=1e-12)
    assert_allclose(one.rows[:, 0], prediction.values())


def test_what_rests_on_an_undefined_coefficient_has_no_error():
    covariance = np.diag([1.0, np.nan, 4.0, 0.0])
    covariance[1, :] = covariance[:, 1] = np.nan
    averages = Averages(np.zeros(2), np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 0.5, 0.0, 0.0]]))
    found = delta_covariance(averages, Scale(JOINT[:K], 0.0, covariance))
    assert_allclose(found, [[5.0, np.nan], [np.nan, np.nan]])


def test_an_effect_without_error_has_no_test():
    found = Estimates(np.array([0.0, 1.0]), np.zeros((2, 2)))
    assert_allclose(found.statistics, [np.nan, np.inf])
    assert_allclose(found.pvalues, [np.nan, 0.0])
    assert_allclose(found.interval(0.05), [[0.0, 0.0], [1.0, 1.0]])
