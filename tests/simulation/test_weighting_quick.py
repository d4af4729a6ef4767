"""The test of weights keeps its level under a right model, in seconds, and finds a wrong one.

Seeds are fixed. 250 repetitions have a Monte Carlo error of 1.4 points at a level of 5 %.
"""

import numpy as np
import pytest

from tests.simulation.design import Draw, normal_covariates
from wlogit import WeightedLogit

KINDS = {
    "balanced": {"class_weight": "balanced"},
    "prevalence": {"prevalence": 0.02},
}


def rejections(draw: Draw, *, seed: int, repetitions: int, level: float = 0.05) -> float:
    """Share of samples in which the test rejects."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(repetitions):
        sample = draw(rng)
        results = WeightedLogit(sample.y, sample.X, **sample.options).fit(disp=False)
        found.append(results.weighting_test().pvalue < level)
    return float(np.mean(found))


@pytest.mark.parametrize("kind", KINDS)
def test_it_keeps_its_level(kind):
    # About 200 events among 1,000 cases.
    draw = normal_covariates(1000, -1.6, (0.7, -0.5), **KINDS[kind])
    assert 0.02 <= rejections(draw, seed=11, repetitions=250) <= 0.09


def test_it_finds_a_slope_that_bends():
    right = normal_covariates(1000, -1.6, (0.7, 0.35), class_weight="balanced")

    def draw(rng):
        sample = right(rng)
        x = sample.X[:, 1]
        eta = sample.X[:, :2] @ [-2.0, 0.9] + 0.45 * x**2
        y = (rng.random(len(x)) < 1.0 / (1.0 + np.exp(-eta))).astype(float)
        return type(sample)(y, sample.X, sample.options, sample.truth)

    assert rejections(draw, seed=12, repetitions=100) > 0.8
