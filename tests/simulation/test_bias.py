"""What bias reduction does under class weights: which methods reduce the bias, and which do not.

The prior taken with the class weights as counts leaves the bias of the intercept, or makes it
worse; the unweighted fit with its intercept moved, and the empirical correction, take it away. And
the standard errors of the former hold.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import expit

from tests.simulation.design import QUANTILE, Draw, normal_covariates
from tests.simulation.test_coverage import SLOPES, case_control
from wlogit import WeightedLogit

pytestmark = pytest.mark.slow

METHODS = {
    "maximum likelihood": lambda model: model.fit(disp=False),
    "raw": lambda model: model.fit_bias_reduced(weights="raw", disp=False),
    "default": lambda model: model.fit_bias_reduced(disp=False),
    "median": lambda model: model.fit_bias_reduced("median", disp=False),
    "empirical": lambda model: model.fit_bias_reduced("empirical", disp=False),
}
DESIGNS: dict[str, Draw] = {
    # About 24 events among 1000.
    "balanced": normal_covariates(1000, -4.06, SLOPES, class_weight="balanced"),
    # 40 events and 200 others from a population in which 2.4 % are events.
    "prevalence": case_control(40, 200, -4.06),
}
REPETITIONS = 600


class Bias(NamedTuple):
    """Mean error of the calibrated coefficients, and its Monte Carlo error; shape (k,) each."""

    mean: np.ndarray
    error: np.ndarray


@cache
def biases(name: str) -> dict[str, Bias]:
    rng = np.random.default_rng(20240614)
    errors: dict[str, list[np.ndarray]] = {method: [] for method in METHODS}
    for _ in range(REPETITIONS):
        sample = DESIGNS[name](rng)
        model = WeightedLogit(sample.y, sample.X, **sample.options)
        moved = model.weights.factors.log_ratio if name == "balanced" else 0.0
        for method, fit in METHODS.items():
            params = np.array(fit(model).params)
            params[0] -= moved
            errors[method].append(params - sample.truth)
    return {
        method: Bias(np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(REPETITIONS))
        for method, found in errors.items()
    }


def intercept(name: str, method: str) -> tuple[float, float]:
    found = biases(name)[method]
    return float(found.mean[0]), float(found.error[0])


def test_maximum_likelihood_is_biased():
    for name in DESIGNS:
        bias, error = intercept(name, "maximum likelihood")
        assert bias < -3.0 * error
        assert -0.12 < bias < -0.03


def test_the_prior_with_balanced_weights_leaves_the_bias():
    plain, _ = intercept("balanced", "maximum likelihood")
    raw, _ = intercept("balanced", "raw")
    assert 0.8 * plain > raw > 1.05 * plain


def test_the_prior_with_the_weights_of_a_prevalence_makes_it_worse():
    plain, _ = intercept("prevalence", "maximum likelihood")
    raw, error = intercept("prevalence", "raw")
    assert raw > 0.0
    assert abs(raw) > abs(plain) + 3.0 * error


@pytest.mark.parametrize("method", ["default", "median", "empirical"])
@pytest.mark.parametrize("name", DESIGNS)
def test_the_others_reduce_it(name, method):
    plain, _ = intercept(name, "maximum likelihood")
    bias, error = intercept(name, method)
    assert abs(bias) < 0.45 * abs(plain)
    assert abs(bias) < 0.01 + 3.0 * error


@pytest.mark.parametrize("method", ["default", "empirical"])
@pytest.mark.parametrize("name", DESIGNS)
def test_slopes_are_not_biased(name, method):
    found = biases(name)[method]
    assert np.all(np.abs(found.mean[1:]) < 0.01 + 3.0 * found.error[1:])


@pytest.mark.parametrize(("events", "least"), [(24, 0.88), (60, 0.90)])
def test_printed_standard_errors_of_the_moved_fit_hold(events, least):
    """That of the weighted intercept on average; its error is skewed where events are few."""
    draw = normal_covariates(1000, {24: -4.06, 60: -3.08}[events], SLOPES, class_weight="balanced")
    rng, held, errors, variances = np.random.default_rng(20240615), [], [], []
    for _ in range(800):
        sample = draw(rng)
        model = WeightedLogit(sample.y, sample.X, **sample.options)
        results = model.fit_bias_reduced(disp=False)
        shift = model.weights.factors.log_ratio
        variance, joint = np.diag(results.covariance.matrix), results.covariance.shift
        target = sample.truth + np.array([sample.moved, 0.0, 0.0])
        error = np.append(results.params - target, results.params[0] - shift - sample.truth[0])
        variance = np.append(variance, variance[0] + 2.0 * joint[0] + joint[-1])
        held.append(np.abs(error) <= QUANTILE * np.sqrt(variance))
        errors.append(error)
        variances.append(variance)
    covered = np.mean(held, axis=0)
    assert least <= covered[0] <= 0.97
    assert np.all((covered[1:] >= 0.93) & (covered[1:] <= 0.975)), covered
    ratio = np.sqrt(np.mean(variances, axis=0)) / np.std(errors, axis=0)
    assert np.all((ratio > 0.93) & (ratio < 1.1)), ratio


def test_mean_predictions_of_the_corrections_are_calibrated():
    """Firth's own are drawn to one half; those of FLIC and FLAC are the share of events."""
    draw = normal_covariates(150, -3.0, SLOPES)
    rng, gaps = np.random.default_rng(20240616), []
    truth = np.array([-3.0, *SLOPES])
    for _ in range(300):
        sample = draw(rng)
        if not 0 < sample.y.sum() < 150:
            continue
        model = WeightedLogit(sample.y, sample.X)
        means = [
            model.fit_bias_reduced(prediction=how, disp=False).predict().mean()
            for how in (None, "flic", "flac")
        ]
        gaps.append(np.array(means) - expit(sample.X @ truth).mean())
    firth, flic, flac = np.mean(gaps, axis=0)
    error = np.std(gaps, axis=0)[0] / np.sqrt(len(gaps))
    assert firth > 5.0 * error
    assert abs(flic) < 4.0 * error
    assert abs(flac - flic) < 1e-10
