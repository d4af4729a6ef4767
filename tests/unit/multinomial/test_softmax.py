"""The softmax likelihood, against complex steps, 50 digits and the logit."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from wlogit.core import likelihood, softmax
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.softmax_objective import MultinomialObjective, start_values

HARD = [
    [0.0, 0.0, 0.0],
    [800.0, -800.0, 3.0],
    [-1e4, -1e4, -1e4],
    [1e4, 1e4, 0.0],
    [40.0, 39.0, -40.0],
    [-37.0, -38.0, -36.0],
    [1e-12, -1e-12, 0.0],
]


@pytest.fixture
def eta():
    return np.random.default_rng(3).normal(size=(40, 3)) * 8.0


@pytest.fixture
def codes():
    return np.random.default_rng(4).integers(0, 4, 40)


def exactly(row, own):
    """log p_own, residuals and curvature with 50 digits."""
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(60):
        full = [mpmath.mpf(0), *(mpmath.mpf(float(value)) for value in row)]
        top = max(full)
        odds = [mpmath.exp(value - top) for value in full]
        total = mpmath.fsum(odds)
        p = [value / total for value in odds]
        rest = [mpmath.fsum(odds[:j] + odds[j + 1 :]) / total for j in range(len(p))]
        residual = [rest[j] if j == own else -p[j] for j in range(len(p))]
        curvature = [
            [
                float(p[j] * rest[j] if j == other else -p[j] * p[other])
                for other in range(1, len(p))
            ]
            for j in range(1, len(p))
        ]
        log_p = mpmath.log(p[own]) if rest[own] > 0.5 else mpmath.log1p(-rest[own])
        return float(log_p), [float(value) for value in residual[1:]], curvature


@pytest.mark.parametrize("own", range(4))
@pytest.mark.parametrize("row", HARD, ids=str)
def test_hard_points_agree_with_fifty_digits(row, own):
    terms = softmax.terms(np.array([row]), np.array([own]))
    log_p, residual, curvature = exactly(row, own)
    assert_allclose(terms.loglike[0], log_p, rtol=1e-14, atol=1e-300)
    assert_allclose(terms.residual[0], residual, rtol=1e-13, atol=1e-300)
    assert_allclose(terms.curvature[0], curvature, rtol=1e-13, atol=1e-300)


def test_residuals_are_the_derivatives_of_the_loglikelihood(eta, codes):
    for j in range(3):
        moved = eta.astype(complex)
        moved[:, j] += 1e-30j
        slope = softmax.loglike(moved, codes).imag / 1e-30
        assert_allclose(slope, softmax.residual(eta, codes)[:, j], rtol=1e-13, atol=1e-18)


def test_curvature_is_minus_the_derivative_of_the_residuals(eta, codes):
    for j in range(3):
        moved = eta.astype(complex)
        moved[:, j] += 1e-30j
        slope = -softmax.residual(moved, codes).imag / 1e-30
        assert_allclose(slope, softmax.curvature(eta)[:, j], rtol=1e-12, atol=1e-18)


def test_the_root_of_the_curvature_is_its_root(eta):
    root = softmax.curvature_root(softmax.probabilities(eta))
    product = root @ root.transpose(0, 2, 1)
    curvature = softmax.curvature(eta)
    size = np.sqrt(np.einsum("njj->nj", curvature))
    unit = size[:, :, None] * size[:, None, :]
    assert_allclose(product / unit, curvature / unit, rtol=1e-12, atol=1e-14)
    far = softmax.curvature_root(softmax.probabilities(np.array([[-1e4, 1e4, -800.0]])))
    assert np.all(np.isfinite(far))


def test_two_labels_are_the_logit(eta):
    eta, codes = eta[:, :1], (eta[:, 1] > 0.0).astype(int)
    terms, known = softmax.terms(eta, codes), likelihood.terms(eta[:, 0], codes.astype(float))
    assert_allclose(terms.loglike, known.loglike, rtol=1e-14)
    assert_allclose(terms.residual[:, 0], known.residual, rtol=1e-14)
    assert_allclose(terms.curvature[:, 0, 0], known.curvature, rtol=1e-14)


@pytest.fixture
def objective():
    rng = np.random.default_rng(8)
    x = np.column_stack([np.ones(70), rng.normal(size=(70, 2)) * [1.0, 5.0]])
    weight = rng.uniform(0.0, 3.0, 70) * (rng.random(70) > 0.2)
    return MultinomialObjective(ModelMatrix(x, constant=0), rng.integers(0, 4, 70), weight, 4)


def test_derivatives_agree_with_differences(objective):
    at = np.random.default_rng(2).normal(size=objective.n_params) / 4.0
    found, steps = objective.derivatives(at), 1e-6 * np.eye(objective.n_params)
    slope = [(objective.value(at + e) - objective.value(at - e)) / 2e-6 for e in steps]
    bend = [(objective.gradient(at - e) - objective.gradient(at + e)) / 2e-6 for e in steps]
    assert_allclose(found.value, objective.value(at), rtol=1e-14)
    assert_allclose(found.gradient, slope, rtol=1e-7, atol=1e-6)
    assert_allclose(found.information, bend, rtol=1e-7, atol=1e-6)
    value, gradient = objective.value_and_gradient(at)
    assert value == pytest.approx(found.value, rel=1e-14)
    for alone in (gradient, objective.gradient(at)):
        assert_allclose(alone, found.gradient, rtol=1e-13)


def test_the_triangular_factor_is_that_of_the_information(objective):
    at = np.random.default_rng(2).normal(size=objective.n_params) / 4.0
    upper = objective.triangular(at, 4.0)
    information = objective.derivatives(at).information
    assert_allclose(upper.T @ upper, 4.0 * information, rtol=1e-11, atol=1e-11)


def test_reach_is_the_largest_change_of_a_difference_of_predictors(objective):
    direction = np.random.default_rng(6).normal(size=objective.n_params)
    eta = np.column_stack([np.zeros(70), objective.linear_predictor(direction)])
    widest = (eta.max(axis=1) - eta.min(axis=1))[objective.weight > 0.0].max()
    assert objective.reach(direction) == pytest.approx(widest, rel=1e-14)
    assert objective.derivatives(direction).farthest == pytest.approx(widest, rel=1e-14)


def test_the_fit_of_a_sample_only_shortens_the_way():
    rng = np.random.default_rng(1)
    n = 60_000
    x = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    codes = np.argmax(
        x @ [[0.0, 0.4, -0.3], [0.0, 1.0, -1.0], [0.0, 0.5, 0.5]] + rng.gumbel(size=(n, 3)), axis=1
    )
    objective = MultinomialObjective(ModelMatrix(x, constant=0), codes, np.ones(()), 3)
    near = maximize(objective, start_values(objective))
    far = maximize(objective, np.zeros(objective.n_params))
    assert near.converged
    assert far.converged
    assert near.iterations < far.iterations
    assert_allclose(near.params, far.params, rtol=1e-11, atol=1e-12)
