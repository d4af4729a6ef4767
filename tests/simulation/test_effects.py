"""Average effects at population scale hit the truth, and their intervals cover it.

Two thousand repetitions have a Monte Carlo error of half a point.
"""

from functools import cache

import pytest

from tests.simulation.design import Draw, normal_covariates
from tests.simulation.effects import Found, estimated
from tests.simulation.test_coverage import SLOPES, case_control, informative_sample

pytestmark = pytest.mark.slow

DESIGNS: dict[str, tuple[Draw, int]] = {
    # Some 6 % of 3000 are events.
    "balanced": (normal_covariates(3000, -3.05, SLOPES, class_weight="balanced"), 2000),
    "mapping": (normal_covariates(3000, -3.05, SLOPES, class_weight={0: 1, 1: 10}), 2000),
    "sampling x balanced": (informative_sample(1500, -2.5, class_weight="balanced"), 2000),
    "case-control": (
        case_control(220, 880, -4.0, cov_type="HC3", class_weights="estimated"),
        1000,
    ),
}
KINDS = ("delta", "unconditional", "probability")


@cache
def found(design: str) -> dict[str, Found]:
    draw, repetitions = DESIGNS[design]
    return estimated(draw, seed=31, repetitions=repetitions)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", KINDS)
def test_intervals_cover(design, kind):
    assert 0.93 <= found(design)[kind].coverage <= 0.97, found(design)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", KINDS)
def test_estimates_hit_the_truth(design, kind):
    estimate = found(design)[kind]
    # First-order bias of a maximum-likelihood estimate, and four Monte Carlo errors.
    assert abs(estimate.mean - estimate.truth) <= 4.0 * estimate.error + 0.02 * abs(estimate.truth)


@pytest.mark.parametrize("design", ["balanced", "mapping", "sampling x balanced"])
def test_with_the_class_weights_left_in_they_miss(design):
    missed = found(design)["weighted"]
    assert missed.coverage < 0.01
    assert missed.mean > 2.0 * missed.truth
