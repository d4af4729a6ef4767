"""Tails of mixtures of chi-squares and of F ratios against closed forms in fifty digits.

With every eigenvalue twice, a mixture is a sum of exponentials: ``P(Q > x) = sum c_j
exp(-x / 2 a_j)`` with ``c_j = prod a_j / (a_j - a_i)``, and over an independent ``chi2_m / m`` each
exponential becomes ``(1 + x / (m a_j))^(-m / 2)``.
"""

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from wlogit.inference.quadratic_forms import satterthwaite, tail

PAIRS = ([1.0, 2.0, 5.0], [0.01, 1.0, 3.0], [1e-6, 1.0], [1.0, 1.001], [1e-4, 0.01, 1.0, 1.5])


def closed_form(x, pairs, ddf=np.inf):
    with mp.workdps(50):
        weights, x = [mp.mpf(a) for a in pairs], mp.mpf(x)
        total = mp.mpf(0)
        for j, a in enumerate(weights):
            term = mp.exp(-x / (2 * a))
            if np.isfinite(ddf):
                term = (1 + x / (mp.mpf(ddf) * a)) ** (-mp.mpf(ddf) / 2)
            for i, b in enumerate(weights):
                term *= a / (a - b) if i != j else 1
            total += term
        return float(total)


@pytest.mark.parametrize("pairs", PAIRS)
@pytest.mark.parametrize("ddf", [np.inf, 1.0, 4.0, 31.0, 1e5])
def test_exact_tails_have_ten_digits_however_far_out(pairs, ddf):
    for x in (1e-6, 0.5, 3.0, 10.0, 40.0, 1000.0):
        expected = closed_form(x, pairs, ddf)
        if expected > 1e-300:
            assert_allclose(tail(x, np.repeat(pairs, 2), ddf, "exact"), expected, rtol=1e-10)


def test_a_p_value_of_1e_minus_200_is_not_rounded_to_zero():
    # Weights of 1, 2 and 5: the largest rules the tail.
    expected = closed_form(4600.0, PAIRS[0])
    assert 1e-201 < expected < 1e-199
    assert_allclose(tail(4600.0, np.repeat(PAIRS[0], 2), method="exact"), expected, rtol=1e-10)
    assert_allclose(tail(4600.0, np.repeat(PAIRS[0], 2)), expected, rtol=0.1)
    assert tail(1e9, np.ones(3), method="exact") == tail(1e9, np.ones(3)) == 0.0


@pytest.mark.parametrize("q", [1, 2, 5, 30])
def test_exact_tails_of_equal_weights_are_chi_square_and_f(q):
    for x in (1e-8, 0.1, 1.0, 3.84, 50.0, 900.0):
        exact = tail(3.0 * x, np.full(q, 3.0), method="exact")
        assert_allclose(exact, stats.chi2.sf(x, q), rtol=1e-11)
        for ddf in (1.0, 2.5, 30.0, 1e4):
            ratio = tail(3.0 * x, np.full(q, 3.0), ddf, "exact")
            # Of one chi-square by t: older scipy has four digits of F far in the left tail.
            f = 2.0 * stats.t.sf(np.sqrt(x), ddf) if q == 1 else stats.f.sf(x / q, q, ddf)
            assert_allclose(ratio, f, rtol=1e-9)


def test_the_saddlepoint_has_no_hole_at_the_mean():
    weights = np.array([0.4, 1.3, 2.9])
    at = weights.sum() * (1.0 + np.array([-1e-3, -1e-9, -1e-15, 0.0, 1e-15, 1e-9, 1e-3]))
    found = [tail(float(x), weights) for x in at]
    assert np.all(np.diff(found) <= 1e-13)
    assert_allclose(found, [tail(float(x), weights, method="exact") for x in at], rtol=0.03)


@pytest.mark.parametrize("ddf", [np.inf, 8.0, 200.0])
def test_the_saddlepoint_is_near_wherever_several_chi_squares_are_added(ddf):
    rng = np.random.default_rng(12)
    for _ in range(40):
        weights = rng.uniform(0.3, 3.0, rng.integers(3, 9))
        x = weights.sum() * 10.0 ** rng.uniform(-1.0, 1.0)
        exact = tail(x, weights, ddf, "exact")
        assert_allclose(tail(x, weights, ddf), exact, rtol=0.1)


def test_f_tends_to_the_mixture_as_its_denominator_grows():
    weights = np.array([0.5, 2.0])
    for method in ("saddlepoint", "satterthwaite", "exact"):
        limit = tail(7.0, weights, np.inf, method)
        assert_allclose(tail(7.0, weights, 1e9, method), limit, rtol=1e-7)


def test_scale_and_zeros_change_nothing():
    weights = np.array([0.4, 1.3, 2.9])
    for method in ("saddlepoint", "satterthwaite", "exact"):
        once = tail(9.0, weights, 12.0, method)
        assert_allclose(tail(9e8, 1e8 * weights, 12.0, method), once, rtol=1e-11)
        with_zeros = np.append(weights, [0.0, 1e-17, -1e-17])
        assert_allclose(tail(9.0, with_zeros, 12.0, method), once, rtol=1e-11)


def test_satterthwaite_matches_two_moments():
    weights = np.array([1.0, 3.0])
    assert satterthwaite(weights) == (2.5, 1.6)
    assert_allclose(tail(5.0, weights, np.inf, "satterthwaite"), stats.chi2.sf(2.0, 1.6))
    assert_allclose(tail(5.0, weights, 9.0, "satterthwaite"), stats.f.sf(5.0 / 4.0, 1.6, 9.0))


@pytest.mark.parametrize("method", ["saddlepoint", "satterthwaite", "exact"])
@pytest.mark.parametrize("weights", [[], [np.nan, 1.0], [0.0, 0.0], [2.0, -0.5]])
def test_without_a_distribution_there_is_no_tail(method, weights):
    assert np.isnan(tail(3.0, np.array(weights), method=method))


@pytest.mark.parametrize("ddf", [0.0, -2.0, np.nan])
def test_without_degrees_of_freedom_there_is_no_tail(ddf):
    assert np.isnan(tail(3.0, np.ones(2), ddf))


def test_the_whole_line():
    assert tail(0.0, np.ones(2)) == tail(-1e-12, np.ones(2)) == 1.0
    assert tail(np.inf, np.ones(2), 3.0) == 0.0
