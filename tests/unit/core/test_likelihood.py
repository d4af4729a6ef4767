"""The likelihood against 50-digit arithmetic, where naive forms overflow or cancel."""

import mpmath
import numpy as np
import pytest

from wlogit.core import likelihood

ETAS = [0.0, -0.0, 1e-300, 1e-9, 0.3, -2.5, 17.0, -36.9, 40.0, -700.0, 745.0, 1e4, -1e4]
RESPONSES = [0.0, 1.0, 0.25, 1.0 - 1e-12]


def exact(eta, response):
    """Log-likelihood, residual and curvature in 50 digits."""
    with mpmath.workdps(50):
        t, r = mpmath.mpf(eta), mpmath.mpf(response)
        p, q = 1 / (1 + mpmath.exp(-t)), 1 / (1 + mpmath.exp(t))
        log_p, log_q = -mpmath.log1p(mpmath.exp(-t)), -mpmath.log1p(mpmath.exp(t))
        return float(r * log_p + (1 - r) * log_q), float(r * q - (1 - r) * p), float(p * q)


@pytest.mark.parametrize("eta", ETAS)
@pytest.mark.parametrize("response", RESPONSES)
def test_every_term_is_exact_to_a_few_units_in_the_last_place(eta, response):
    value, slope, bend = exact(eta, response)
    etas, responses = np.array([eta]), np.array([response])
    # A residual of a fraction may cancel: there the absolute error counts.
    close = {"rtol": 2e-15, "atol": 0.0 if response in (0.0, 1.0) else 2e-16}
    for terms in (
        likelihood.terms(etas, responses),
        (
            likelihood.loglike(etas, responses),
            likelihood.residual(etas, responses),
            likelihood.curvature(etas),
        ),
    ):
        np.testing.assert_allclose(terms[0], value, rtol=2e-15)
        np.testing.assert_allclose(terms[1], slope, **close)
        np.testing.assert_allclose(terms[2], bend, rtol=2e-15)


@pytest.mark.parametrize("eta", [1e300, -1e300, 1e10, -1e10])
def test_enormous_predictors_give_finite_terms_without_warnings(eta):
    etas, responses = np.full(3, eta), np.array([0.0, 0.5, 1.0])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for terms in (likelihood.terms(etas, responses), [likelihood.loglike(etas, responses)]):
            assert all(np.isfinite(term).all() for term in terms)
    assert likelihood.loglike(etas, responses)[2 if eta > 0 else 0] == 0.0


def test_probabilities_keep_their_digits_on_both_sides():
    eta = np.array([-800.0, -40.0, 0.0, 40.0, 800.0])
    event, non_event = likelihood.probabilities(eta)
    np.testing.assert_array_equal(event, non_event[::-1])
    np.testing.assert_allclose(event[1], 4.248354255291589e-18, rtol=1e-15)
    np.testing.assert_array_equal(likelihood.expit(eta), event)


def test_flipping_the_labels_flips_the_signs():
    eta, response = np.linspace(-50.0, 50.0, 41), np.linspace(0.0, 1.0, 41)
    here, there = likelihood.terms(eta, response), likelihood.terms(-eta, 1.0 - response)
    np.testing.assert_allclose(here.loglike, there.loglike, rtol=1e-14)
    np.testing.assert_allclose(here.residual, -there.residual, rtol=1e-13, atol=1e-16)
    np.testing.assert_array_equal(here.curvature, there.curvature)


def test_complex_steps_differentiate_the_log_likelihood():
    eta, response = np.array([-45.0, -3.0, 0.0, 1e-8, 2.0, 45.0]), np.array([1.0, 0, 1, 0, 0.3, 0])
    stepped = eta + 1e-200j
    np.testing.assert_allclose(
        likelihood.loglike(stepped, response).imag * 1e200,
        likelihood.residual(eta, response),
        rtol=1e-14,
    )
    np.testing.assert_allclose(
        -likelihood.residual(stepped, response).imag * 1e200, likelihood.curvature(eta), rtol=1e-14
    )
    np.testing.assert_allclose(
        likelihood.loglike(stepped, response).real, likelihood.loglike(eta, response), rtol=1e-14
    )
