"""Null model, pseudo R-squared and information criteria on numbers that can be checked by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq

from tests.unit.covariance.parts import weights_of
from wlogit.inference.criteria import criterion
from wlogit.inference.goodness import (
    Fitted,
    LogLikelihoods,
    null_loglike,
    pseudo_rsquared,
)

LOG = np.log


# -- null model ----------------------------------------------------------------------------------


def entropy(events, others):
    return events * LOG(events / (events + others)) + others * LOG(others / (events + others))


@pytest.mark.parametrize(
    ("y", "given", "events", "others"),
    [
        ([0, 0, 0, 1], {}, 1, 3),
        ([0, 0, 0, 1], {"freq_weights": [2, 0, 1, 5]}, 5, 3),
        ([0, 0, 0, 1], {"sampling_weights": [0.5, 1, 1, 0.25]}, 0.25, 2.5),
        ([0, 0, 0, 1], {"class_weight": "balanced"}, 2, 2),
        ([0, 0, 0, 1], {"class_weight": {0: 2, 1: 3}}, 3, 6),
        ([0, 0, 0, 1], {"prevalence": 0.1}, 0.4, 3.6),
        ([0.25, 0.5, 0, 1], {}, 1.75, 2.25),
        ([0.25, 0.5, 0, 1], {"class_weight": {0: 1, 1: 2}}, 3.5, 2.25),
        ([[2, 1], [0, 3]], {}, 2, 4),
        ([[2, 1], [0, 3]], {"class_weight": "balanced"}, 3, 3),
    ],
)
def test_null_model_with_a_constant_has_a_closed_form(y, given, events, others):
    weights = weights_of(y, **given)
    assert_allclose(null_loglike(weights, None, constant=True), entropy(events, others), rtol=1e-14)


def test_null_model_without_a_constant_is_the_offset_alone():
    weights = weights_of([0, 1, 1], sampling_weights=[1, 2, 3])
    assert_allclose(null_loglike(weights, None, constant=False), 6 * LOG(0.5), rtol=1e-14)
    offset = LOG([1.0, 3.0, 4.0])
    expected = LOG(1 / 2) + 2 * LOG(3 / 4) + 3 * LOG(4 / 5)
    assert_allclose(null_loglike(weights, offset, constant=False), expected, rtol=1e-14)


@pytest.mark.parametrize("unit", [1.0, 1e-9, 1e9])
def test_null_model_with_an_offset(unit):
    rng = np.random.default_rng(2)
    y, offset, a = rng.integers(0, 2, 30), rng.normal(size=30) * 2, rng.uniform(1, 3, 30)

    def surplus(constant):
        return np.sum(a * (y - 1 / (1 + np.exp(-constant - offset))))

    eta = brentq(surplus, -20, 20, xtol=1e-14) + offset
    expected = np.sum(a * np.where(y == 1, -np.log1p(np.exp(-eta)), -np.log1p(np.exp(eta))))
    weights = weights_of(y, sampling_weights=a * unit)
    assert_allclose(null_loglike(weights, offset, constant=True), expected * unit, rtol=1e-12)


def test_null_model_of_a_constant_offset_is_that_without():
    weights = weights_of([0, 0, 0, 1])
    shifted = null_loglike(weights, np.full(4, 3.0), constant=True)
    assert_allclose(shifted, entropy(1, 3), rtol=1e-13)


# -- pseudo R-squared ----------------------------------------------------------------------------

LL = LogLikelihoods(model=-6.0, null=-8.0, nobs=10.0, total=20.0)  # w~ = w / 2: -3 and -4


def fitted(weights=None, probability=(0.25, 0.5, 0.5, 0.75), shift=0.0):
    weights = weights or weights_of([0, 0, 1, 1])
    eta = LOG(np.array(probability) / (1 - np.array(probability)))
    return Fitted.build(weights, eta + shift, shift)


def test_log_likelihoods_on_the_scale_of_cases():
    assert LL.unit == 0.5
    assert LL.ratio == 2.0


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("mcfadden", 1 / 4),
        ("cox_snell", 1 - np.exp(-2 / 10)),
        ("nagelkerke", (1 - np.exp(-2 / 10)) / (1 - np.exp(-8 / 10))),
        ("tjur", 0.625 - 0.375),
        ("efron", 1 - (0.0625 + 0.25 + 0.25 + 0.0625) / 1.0),
        ("mckelvey_zavoina", (LOG(3) ** 2 / 2) / (LOG(3) ** 2 / 2 + np.pi**2 / 3)),
    ],
)
@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e6])
def test_pseudo_r_squared_whatever_the_unit(kind, expected, unit):
    ll = LogLikelihoods(LL.model * unit, LL.null * unit, LL.nobs, LL.total * unit)
    assert_allclose(pseudo_rsquared(kind, ll, fitted()), expected, rtol=1e-13)


def test_small_r_squared_keeps_its_digits():
    ll = LogLikelihoods(-10.0, -10.0 - 1e-9, nobs=1e6, total=1e6)
    # 2 * 1e-9 / 1e6; the difference of the two log-likelihoods has seven digits.
    assert_allclose(pseudo_rsquared("cox_snell", ll, fitted()), 2e-15, rtol=1e-5, atol=0)


def test_averages_are_at_population_scale():
    weights = weights_of([0, 0, 1, 1], class_weight={0: 1, 1: 9}, sampling_weights=[3, 1, 1, 1])
    # Calibrated p is as given; class weights do not enter the means, sampling weights do.
    calibrated = fitted(weights, shift=LOG(9))
    assert_allclose(calibrated.probability, [0.25, 0.5, 0.5, 0.75], rtol=1e-14)
    assert_allclose(calibrated.mass, [3, 1, 1, 1])
    tjur = 0.625 - (3 * 0.25 + 0.5) / 4
    assert_allclose(pseudo_rsquared("tjur", LL, calibrated), tjur, rtol=1e-13)
    share = 1 / 3
    spread = (4 * share**2 + 2 * (1 - share) ** 2) / 6
    error = (3 * 0.0625 + 0.25 + 0.25 + 0.0625) / 6
    assert_allclose(pseudo_rsquared("efron", LL, calibrated), 1 - error / spread, rtol=1e-13)


def test_averages_under_prevalence_weigh_by_the_population():
    weights = weights_of([0, 0, 1, 1], prevalence=0.1)
    assert_allclose(fitted(weights).mass, [1.8, 1.8, 0.2, 0.2])
    assert_allclose(fitted(weights).mean(fitted(weights).outcome), 0.1)


def test_averages_of_counts_are_over_cases():
    weights = weights_of([[3, 1], [0, 2]])
    line = fitted(weights, probability=(0.5, 0.25))
    assert_allclose(line.mass, [3, 0, 1, 2])
    tjur = 0.5 - (0.5 + 2 * 0.25) / 3
    assert_allclose(pseudo_rsquared("tjur", LL, line), tjur, rtol=1e-13)


def test_unknown_r_squared():
    with pytest.raises(ValueError, match="kind='mcfaden' is not known; use one of 'mcfadden'"):
        pseudo_rsquared("mcfaden", LL, fitted())


# -- information criteria ------------------------------------------------------------------------

INFLATION = np.array([[2.0, 0.5], [0.5, 1.5]])  # trace 3.5, determinant 2.75


@pytest.mark.parametrize(
    ("name", "pseudo", "likelihood"),
    [
        ("aic", 6 + 2 * 3.5, 12 + 4),
        ("bic", 6 + 2 * LOG(10), None),
        ("tic", 6 + 2 * 3.5, None),
        ("gbic", 6 + 2 * LOG(10) - LOG(2.75), None),
        ("aic_naive", 12 + 4, 12 + 4),
        ("bic_naive", 12 + 2 * LOG(10), 12 + 2 * LOG(10)),
    ],
)
def test_criteria(name, pseudo, likelihood):
    actual = criterion(name, LL, INFLATION, 2.0, likelihood_fit=False)
    assert_allclose(actual, pseudo, rtol=1e-14)
    if likelihood is not None:
        actual = criterion(name, LL, INFLATION, 2.0, likelihood_fit=True)
        assert_allclose(actual, likelihood, rtol=1e-14)


def test_under_a_likelihood_the_criteria_are_the_textbook_ones():
    ll = LogLikelihoods(model=-6.0, null=-8.0, nobs=10.0, total=10.0)
    for inflation in (np.eye(2), INFLATION):
        assert criterion("aic", ll, inflation, 2.0, likelihood_fit=True) == 16.0
        bic = criterion("bic", ll, inflation, 2.0, likelihood_fit=True)
        assert_allclose(bic, 12 + 2 * LOG(10), rtol=1e-15)


def test_takeuchi_is_akaike_when_the_covariance_is_the_inverse_information():
    pseudo = criterion("aic", LL, np.eye(3), 3.0, likelihood_fit=False)
    assert_allclose(pseudo, 6 + 2 * 3, rtol=1e-15)


def test_added_parameters_count_in_every_criterion():
    ll = LogLikelihoods(model=-6.0, null=-8.0, nobs=10.0, total=10.0)
    for name, price in (("aic", 2), ("bic", LOG(10)), ("tic", 2), ("aic_naive", 2)):
        fewer = criterion(name, ll, INFLATION, 2.0, likelihood_fit=False)
        more = criterion(name, ll, INFLATION, 3.0, likelihood_fit=False)
        assert_allclose(more - fewer, price, rtol=1e-13)


def test_unknown_criterion():
    with pytest.raises(ValueError, match="crit='hqic' is not known; use one of 'aic', 'bic'"):
        criterion("hqic", LL, INFLATION, 2.0, likelihood_fit=True)
