"""Weights under which some rows count: those of the rows alone."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.unit.covariance.parts import weights_of
from wlogit.weights.subset import weights_of_rows

RNG = np.random.default_rng(8)
N = 40
Y = np.r_[0.0, 1.0, RNG.integers(0, 2, N - 2)]
COUNTS = RNG.integers(0, 4, (N, 2)) + np.array([1, 0])
ROWS = RNG.random(N) < 0.7
ROWS[:2] = True
WEIGHTS = {
    "freq_weights": RNG.integers(0, 4, N).astype(float),
    "sampling_weights": np.round(RNG.exponential(size=N), 3) * (RNG.random(N) < 0.9),
}
CLASSES = {
    "none": {},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1.0, 1: 7.0}},
    "prevalence": {"prevalence": 0.07},
}


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("y", [Y, COUNTS, 0.25 + Y / 2], ids=["binary", "counts", "fractions"])
@pytest.mark.parametrize("kinds", [(), ("freq_weights",), ("sampling_weights",), tuple(WEIGHTS)])
def test_rows_that_do_not_count_are_as_absent(classes, y, kinds):
    given = CLASSES[classes]
    whole = weights_of(y, **{kind: WEIGHTS[kind] for kind in kinds}, **given)
    part = weights_of_rows(whole, ROWS)
    alone = weights_of(y[ROWS], **{kind: WEIGHTS[kind][ROWS] for kind in kinds}, **given)
    assert_allclose(part.row_weight[ROWS], np.broadcast_to(alone.row_weight, ROWS.sum()))
    assert not part.row_weight[~ROWS].any()
    assert_allclose(part.row_response[ROWS], alone.row_response, rtol=1e-14)
    for name in ("nobs", "total", "effective_size", "kind", "likelihood"):
        value, expected = getattr(part, name), getattr(alone, name)
        assert value == (expected if isinstance(expected, str) else pytest.approx(expected))
    assert_allclose(part.totals.class_sizes, alone.totals.class_sizes)
    assert_allclose(part.totals.class_masses, alone.totals.class_masses)
    assert_allclose(list(part.class_weights.values()), list(alone.class_weights.values()))
    assert part.factors.source == alone.factors.source


def test_class_weights_of_other_rows_can_be_used():
    whole = weights_of(Y, class_weight="balanced")
    training = weights_of_rows(whole, ROWS)
    held_out = weights_of_rows(whole, ~ROWS, training.factors)
    assert held_out.factors is training.factors
    assert_allclose(
        held_out.row_weight[~ROWS],
        np.where(Y == 1, training.factors.event, training.factors.non_event)[~ROWS],
    )
