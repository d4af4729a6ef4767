"""Inference after a lasso, in seconds: refits do not cover, the debiased lasso does.

The seeds are fixed, so the outcome is too. Shares are over all intervals of a sort: four for
effects and six for zeros in each sample.
"""

from functools import partial

import pytest

from tests.simulation.lasso import HighDimensional, covered, debiased, refitted

DESIGNS = {
    "no weights": HighDimensional(400, 40),
    "balanced": HighDimensional(400, 40, intercept=-1.0, weights="balanced"),
    "counts": HighDimensional(200, 40, intercept=-1.0, weights="frequency"),
}
WIDE = HighDimensional(150, 200)


@pytest.mark.parametrize("name", DESIGNS)
def test_the_debiased_lasso_covers(name):
    # Of 240 and 360 intervals, 2.5 Monte Carlo errors of 1.4 and 1.1 points.
    found = covered(DESIGNS[name], debiased, seed=32, repetitions=60)
    assert 0.915 <= found.of_signals <= 0.985, found
    assert 0.92 <= found.of_zeros <= 0.98, found


def test_with_more_columns_than_rows_the_step_needs_the_strong_columns():
    found = covered(WIDE, debiased, seed=32, repetitions=30)
    assert 0.85 <= found.of_signals <= 0.99, found
    assert 0.91 <= found.of_zeros <= 0.99, found
    plain = covered(WIDE, partial(debiased, start="penalized"), seed=32, repetitions=30)
    assert plain.of_signals < 0.87, plain
    assert 0.91 <= plain.of_zeros <= 0.99, plain


def test_a_refit_of_the_selection_does_not_cover_what_it_selected_by_chance():
    design = HighDimensional(400, 40, alpha_factor=0.35)
    found = covered(design, refitted, seed=32, repetitions=60)
    assert found.of_zeros < 0.8, found
