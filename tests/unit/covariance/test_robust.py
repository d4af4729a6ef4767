"""HC0 to HC4 and the linearized sandwich on numbers that can be checked by hand.

Throughout eta = 0, so p = 1/2: a case has score ``v (y - 1/2) x`` and leverage ``v x'B x / 4``.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.unit.covariance.parts import gram, parts_of
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.model_based import ModelBased
from wlogit.covariance.registry import ROBUST
from wlogit.covariance.robust import Linearized, Robust, inflation

X = np.array([[1, 0], [1, 1], [1, 2]])
Y = [0, 1, 1]
BREAD = np.diag([0.5, 0.25])
SCORES = np.array([[-0.5, 0.0], [0.5, 0.5], [0.5, 1.0]])
LEVERAGE = np.array([1 / 8, 3 / 16, 3 / 8])


def scaled(factors):
    """Bread, sum of d u u', bread."""
    return BREAD @ (SCORES.T * factors) @ SCORES @ BREAD


FACTORS = {
    "HC0": np.ones(3),
    "HC1": np.full(3, 3.0),  # N / (N - k) = 3 / (3 - 2)
    "HC2": np.array([8 / 7, 16 / 13, 8 / 5]),
    "HC3": np.array([8 / 7, 16 / 13, 8 / 5]) ** 2,
    "HC4": (1 - LEVERAGE) ** -(1.5 * LEVERAGE),  # N / k = 3 / 2, and N h / k < 4
}


@pytest.mark.parametrize("kind", ROBUST)
def test_unit_weights(kind):
    covariance = Robust(kind)(parts_of(X, Y, BREAD))
    assert_allclose(covariance.matrix, scaled(FACTORS[kind]), rtol=1e-14)
    assert covariance.name == kind
    assert covariance.shift is None
    assert covariance.df == np.inf
    assert covariance.saturated_rows == ()


def test_hc0_in_plain_numbers():
    covariance = Robust("HC0")(parts_of(X, Y, BREAD))
    assert_allclose(covariance.matrix, [[0.1875, 0.09375], [0.09375, 0.078125]], rtol=1e-14)


@pytest.mark.parametrize("kind", ROBUST)
def test_sampling_weights_enter_score_and_leverage(kind):
    a = np.array([1.0, 2.0, 0.5])
    h = a * LEVERAGE
    factor = {
        "HC0": 1.0,
        "HC1": 3.0,
        "HC2": 1 / (1 - h),
        "HC3": 1 / (1 - h) ** 2,
        "HC4": (1 - h) ** -(1.5 * h),
    }[kind]
    covariance = Robust(kind)(parts_of(X, Y, BREAD, sampling_weights=a))
    assert_allclose(covariance.matrix, scaled(a**2 * factor), rtol=1e-14)


@pytest.mark.parametrize("kind", ROBUST)
def test_frequency_weights_count_cases_and_leave_their_leverage_alone(kind):
    m = np.array([3.0, 1.0, 2.0])
    factor = {**FACTORS, "HC1": 6 / 4, "HC4": (1 - LEVERAGE) ** -(3.0 * LEVERAGE)}[kind]
    covariance = Robust(kind)(parts_of(X, Y, BREAD, freq_weights=m))
    assert_allclose(covariance.matrix, scaled(m * factor), rtol=1e-14)


def test_the_exponent_of_hc4_is_at_most_four():
    m = np.array([40.0, 40.0, 20.0])  # N h / k = 6.25, 9.375, 18.75
    covariance = Robust("HC4")(parts_of(X, Y, BREAD, freq_weights=m))
    assert_allclose(covariance.matrix, scaled(m * (1 - LEVERAGE) ** -4.0), rtol=1e-14)


def test_counts_are_their_cases():
    counts = [[2, 1], [1, 3]]
    covariance = Robust("HC0")(parts_of(X[:2], counts, np.eye(2)))
    # Seven cases with (y - 1/2)^2 = 1/4 each: three at x = (1, 0), four at (1, 1).
    assert_allclose(covariance.matrix, [[7 / 4, 1.0], [1.0, 1.0]], rtol=1e-14)
    # Leverages 1/4 and 1/2 of one case, whatever their number.
    covariance = Robust("HC3")(parts_of(X[:2], counts, np.eye(2)))
    assert_allclose(covariance.matrix, [[4 / 3 + 4, 4], [4, 4]], rtol=1e-14)


def test_fractions_have_one_score_per_row():
    covariance = Robust("HC0")(parts_of(X, [0.25, 0.5, 1.0], BREAD))
    expected = BREAD @ gram([-0.25, 0], [0, 0], [0.5, 1.0]) @ BREAD
    assert_allclose(covariance.matrix, expected, rtol=1e-14)


def test_the_small_sample_factors_are_undefined_without_residual_cases():
    square = parts_of(X[:2], [0, 1], np.eye(2))
    assert np.all(np.isnan(Robust("HC1")(square).matrix))
    assert np.all(np.isfinite(Robust("HC0")(square).matrix))


@pytest.mark.parametrize("kind", ["HC2", "HC3", "HC4"])
def test_a_case_of_leverage_one_adds_nothing_and_is_named(kind):
    bread = [[4.0, -4.0], [-4.0, 5.0]]  # h = 1 at x = (1, 0), 1/4 at (1, 1)
    covariance = Robust(kind)(parts_of(X[:2], Y[:2], bread))
    exponent = {"HC2": 1, "HC3": 2, "HC4": 1 / 4}[kind]
    expected = bread @ gram([0.5, 0.5]) @ bread * (4 / 3) ** exponent
    assert_allclose(covariance.matrix, expected, rtol=1e-14)
    assert covariance.saturated_rows == (0,)


@pytest.mark.parametrize(
    ("absent", "given"),
    [
        ([0, 0, 1], {"freq_weights": [0, 2, 1]}),
        ([0, 0, 1], {"sampling_weights": [0, 2, 1]}),
    ],
)
def test_a_row_without_weight_is_never_called_saturated(absent, given):
    bread = np.diag([0.5, 0.25])
    far = np.array([[1, 40], [1, 1], [1, 0]])
    assert Robust("HC3")(parts_of(far, absent, bread, **given)).saturated_rows == ()


def test_a_row_of_counts_is_saturated_by_the_cases_that_it_has():
    bread = [[4.0, -4.0], [-4.0, 5.0]]
    covariance = Robust("HC2")(parts_of(X[:2], [[0, 1], [2, 1]], bread))
    assert covariance.saturated_rows == (0,)
    # An event of weight 5 would have leverage 9/8 in the first row, but there is none.
    parts = parts_of(np.eye(2), [[0, 2], [2, 1]], np.diag([0.9, 0.1]), class_weight={0: 1, 1: 5})
    assert Robust("HC2")(parts).saturated_rows == ()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("HC2", [1, 2**0.5, 0, 0]), ("HC3", [1, 2, 0, 0]), ("HC4", [1, 2, 0, 0])],
)
def test_inflation(kind, expected):
    # The root of the factor. HC4: N / k = 4, so that h = 1/2 has the exponent min(4, 2) = 2.
    actual = inflation(kind, 4.0, np.array([0.0, 0.5, 1.0, 1.0 + 1e-13]))
    assert_allclose(actual, expected, rtol=1e-15)


def test_linearized_is_hc0_times_n_over_n_minus_one():
    covariance = Linearized()(parts_of(X, Y, BREAD))
    assert_allclose(covariance.matrix, 1.5 * scaled(np.ones(3)), rtol=1e-14)
    counted = Linearized()(parts_of(X, Y, BREAD, freq_weights=[2, 2, 1]))
    assert_allclose(counted.matrix, 1.25 * scaled(np.array([2, 2, 1])), rtol=1e-14)
    assert covariance.name == "linearized"


def test_descriptions_name_the_factor_and_the_centering():
    parts = parts_of([[1, 0], [1, 2], [1, 1], [1, 3]], [0, 0, 1, 1], BREAD)
    assert "factor 1/(1-h)^2" in Robust("HC3")(parts).description
    estimated = ClassScheme("estimated")
    description = Robust("HC3", estimated)(parts).description
    assert "N_k/(N_k-1)" in description
    assert "class weights are estimated" in description
    description = Linearized(ClassScheme("fixed", "case-control"))(parts).description
    assert "factor N_k/(N_k-1)" in description
    assert "class sizes are fixed by design" in description
    assert "N_k" not in Robust("HC1", estimated)(parts).description


def test_the_model_based_covariance_is_the_bread():
    covariance = ModelBased()(parts_of(X, Y, BREAD))
    assert_allclose(covariance.matrix, BREAD, rtol=1e-14)
    assert covariance.name == "nonrobust"
    assert "valid for a correct likelihood" in covariance.description
    weighted = ModelBased()(parts_of(X, Y, BREAD, sampling_weights=[1, 2, 3]))
    assert "not a covariance" in weighted.description
