"""Coverage of 95 % intervals of balanced multinomial fits, with 50 cases of the rarest label."""

from functools import cache

import numpy as np
import pytest

from wlogit import WeightedMNLogit

pytestmark = pytest.mark.slow

# Of the second and the third label: constant and two slopes.
COEFFICIENTS = np.array([[0.6, -1.6], [0.5, 0.3], [-0.4, 0.7]])
SLOPES = np.column_stack([np.zeros(2), COEFFICIENTS[1:]])
CASES, REPETITIONS, QUANTILE = 400, 1000, 1.959964
# Three Monte Carlo errors of a share of 0.95.
ERROR = 3.0 * np.sqrt(0.95 * 0.05 / REPETITIONS)


def draw(rng, n):
    """A design and an outcome."""
    design = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    utility = np.column_stack([np.zeros(n), design @ COEFFICIENTS])
    return design, np.argmax(utility + rng.gumbel(size=(n, 3)), axis=1), utility


def true_effects():
    """Average effects of the two covariates on the three labels, over a large population."""
    _, _, utility = draw(np.random.default_rng(0), 1_000_000)
    p = np.exp(utility) / np.exp(utility).sum(axis=1, keepdims=True)
    return np.array([(p * (slope - (p @ slope)[:, None])).mean(axis=0) for slope in SLOPES])


@cache
def coverage():
    rng, effects = np.random.default_rng(5), true_effects()
    found = {"slopes": [], "inverse Hessian": [], "calibrated intercepts": [], "effects": []}
    for _ in range(REPETITIONS):
        design, outcome, _ = draw(rng, CASES)
        results = WeightedMNLogit(outcome, design, class_weight="balanced").fit(disp=False)
        found["slopes"].append(
            np.abs(results.params - COEFFICIENTS)[1:] < QUANTILE * results.bse[1:]
        )
        naive = np.sqrt(np.diag(results.cov_nonrobust)).reshape(2, 3).T
        found["inverse Hessian"].append(
            np.abs(results.params - COEFFICIENTS)[1:] < QUANTILE * naive[1:]
        )
        shift, covariance = results.covariance.shift, results.covariance.matrix
        variance = [
            covariance[3 * j, 3 * j] + 2 * shift[3 * j, j] + shift[6 + j, j] for j in (0, 1)
        ]
        calibrated = results.params[0] - results.weights.factors.log_ratios
        found["calibrated intercepts"].append(
            np.abs(calibrated - COEFFICIENTS[0]) < QUANTILE * np.sqrt(variance)
        )
        margins = results.get_margeff(vce="unconditional")
        found["effects"].append(np.abs(margins.margeff - effects) < QUANTILE * margins.margeff_se)
    return {name: np.mean(hits, axis=0) for name, hits in found.items()}


@pytest.mark.parametrize("name", ["slopes", "calibrated intercepts", "effects"])
def test_default_intervals_cover(name):
    assert np.all(coverage()[name] > 0.93 - ERROR)
    assert np.all(coverage()[name] < 0.97 + ERROR)


def test_the_inverse_hessian_does_not():
    """Slopes of the rarest label, whose weights are the largest."""
    assert np.all(coverage()["inverse Hessian"][:, 1] < 0.85)
