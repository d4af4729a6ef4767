"""Coverage of the debiased lasso's 95 % intervals over designs, weights and penalties.

With up to a fifth as many columns as cases, all of effects, zeros and kinds of weights are covered
between 0.92 and 0.975. With more columns than cases zeros still are, and strong effects between
0.86 and 0.975: the order of the remainder, (effects) log(columns) / sqrt(cases), is no longer small
there. The Monte Carlo error of one share is 0.7 points with a thousand repetitions, 1.3 with three
hundred.
"""

from functools import partial

import numpy as np
import pytest

from tests.simulation.lasso import HighDimensional, covered, debiased, refitted

pytestmark = pytest.mark.slow

MODERATE = {
    "no weights": HighDimensional(400, 40),
    "balanced": HighDimensional(400, 40, intercept=-1.0, weights="balanced"),
    "mapping": HighDimensional(400, 40, intercept=-1.0, weights="mapping"),
    "counts": HighDimensional(200, 40, intercept=-1.0, weights="frequency"),
    "balanced, about 115 events": HighDimensional(1000, 40, intercept=-3.0, weights="balanced"),
    "correlated": HighDimensional(400, 40, rho=0.8),
    "large effects": HighDimensional(400, 40, size=2.0),
    "no effects": HighDimensional(400, 40, size=0.0),
    "large penalty": HighDimensional(400, 40, alpha_factor=1.2),
    "small penalty": HighDimensional(400, 40, alpha_factor=0.35),
}
WIDE = {
    "no weights": HighDimensional(300, 400),
    "balanced": HighDimensional(300, 400, intercept=-1.0, weights="balanced"),
    "counts": HighDimensional(150, 400, weights="frequency"),
    "correlated": HighDimensional(300, 400, rho=0.8),
    "no effects": HighDimensional(300, 400, size=0.0),
    "fewer columns": HighDimensional(200, 150),
}


@pytest.mark.parametrize("name", MODERATE)
def test_coverage_with_fewer_columns_than_cases(name):
    found = covered(MODERATE[name], debiased, seed=41, repetitions=1000)
    shares = np.concatenate([found.signals, found.zeros])
    assert np.all((shares >= 0.92) & (shares <= 0.975)), found
    assert 0.935 <= found.of_zeros <= 0.965, found


@pytest.mark.parametrize("name", WIDE)
def test_coverage_with_more_columns_than_cases(name):
    found = covered(WIDE[name], debiased, seed=41, repetitions=300)
    assert np.all((found.signals >= 0.86) & (found.signals <= 0.975)), found
    assert np.all((found.zeros >= 0.915) & (found.zeros <= 0.98)), found
    assert 0.93 <= found.of_zeros <= 0.965, found


@pytest.mark.parametrize("weights", ["none", "balanced"])
def test_refits_reject_what_they_selected_by_chance(weights):
    design = HighDimensional(400, 40, alpha_factor=0.35, weights=weights)
    found = covered(design, refitted, seed=41, repetitions=400)
    assert found.of_zeros < 0.86, found


def test_the_step_from_the_lasso_itself_needs_the_strong_columns():
    found = covered(
        WIDE["no weights"], partial(debiased, start="penalized"), seed=41, repetitions=200
    )
    assert found.of_signals < 0.8, found
    assert found.of_zeros >= 0.93, found


def test_a_tenth_of_the_usual_penalty_overfits():
    """Why the summary names the size of alpha."""
    design = HighDimensional(400, 40, alpha_factor=0.1)
    found = covered(design, debiased, seed=41, repetitions=400)
    assert found.of_signals < 0.92, found


@pytest.mark.parametrize(("n", "lowest"), [(400, 0.88), (2000, 0.93)])
def test_coverage_of_the_intercept(n, lowest):
    """It takes the columns from their means, whose errors add up where columns are many."""
    design = HighDimensional(n, 40, intercept=-1.0)
    rng = np.random.default_rng(41)
    held = []
    for _ in range(400):
        limits = design.fit(rng).debiased(["const"]).conf_int().loc["const"]
        held.append(limits[0] <= design.intercept <= limits[1])
    assert lowest <= np.mean(held) <= 0.98, np.mean(held)
