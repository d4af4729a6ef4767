"""In seconds: average effects from balanced weights hit the truth once these are taken out.

The seed is fixed, so the outcome is too; 300 repetitions have a Monte Carlo error of 1.3 points.
"""

from functools import cache

import pytest

from tests.simulation.design import normal_covariates
from tests.simulation.effects import Found, estimated


@cache
def found() -> dict[str, Found]:
    draw = normal_covariates(1500, -3.05, (0.7, -0.5), class_weight="balanced")
    return estimated(draw, seed=20240618, repetitions=300)


@pytest.mark.parametrize("kind", ["delta", "unconditional", "probability"])
def test_at_population_scale_they_hit_the_truth(kind):
    estimate = found()[kind]
    assert abs(estimate.mean - estimate.truth) <= 4.0 * estimate.error + 0.02 * abs(estimate.truth)
    assert 0.915 <= estimate.coverage <= 0.98


def test_with_the_class_weights_left_in_they_miss():
    assert found()["weighted"].coverage < 0.03
    assert found()["weighted"].mean > 2.5 * found()["weighted"].truth
