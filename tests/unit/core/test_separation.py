"""Separation found where there is some, with the coefficients it concerns, and nowhere else."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from wlogit.core.likelihood import expit
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.separation import separation

INF = np.inf
LINE = np.arange(12.0)
ONES = np.ones(12)
ABOVE = np.where(LINE > 5.0, 1.0, -1.0)
LAST = (LINE > 8.0).astype(float)
MIXED = np.array([1, -1, 1, 1, -1, -1, 1, -1, 1, 1, 1, 1.0])


def verdict(columns, sign, rows=None, constant=0):
    matrix = ModelMatrix(np.column_stack(columns), constant=constant)
    result = separation(matrix, np.asarray(sign, dtype=float), rows)
    assert result.separated == (result.kind != "none")
    return result


CASES = {
    "a threshold": ([ONES, LINE], ABOVE, "complete", [-INF, INF]),
    "the other way": ([ONES, LINE], -ABOVE, "complete", [INF, -INF]),
    "far from zero": ([ONES, 1e9 + LINE], ABOVE, "complete", [-INF, INF]),
    "tiny": ([ONES, 1e-150 * LINE], ABOVE, "complete", [-INF, INF]),
    "a shared border": (
        [ONES, np.r_[LINE[:6], LINE[5:11]]],
        ABOVE,
        "quasi",
        [-INF, INF],
    ),
    "a group of events": ([ONES, LINE, LAST], MIXED, "quasi", [0, 0, INF]),
    "a group of non-events": ([ONES, LINE, LAST], -MIXED, "quasi", [0, 0, -INF]),
    "overlap": ([ONES, LINE], MIXED, "none", [0, 0]),
    "one class": ([ONES, LINE], ONES, "complete", [INF, INF]),
    "a row of both on the border": (
        [ONES, LINE],
        np.where(LINE == 5.0, 0.0, ABOVE),
        "quasi",
        [-INF, INF],
    ),
    "a row of both elsewhere": ([ONES, LINE], np.where(LINE == 2.0, 0.0, ABOVE), "none", [0, 0]),
    "rows of both but for a group": (
        [ONES, LINE, LAST],
        np.where(LAST == 1.0, 1.0, 0.0),
        "quasi",
        [0, 0, INF],
    ),
    "rows of both": ([ONES, LINE], 0.0 * ONES, "none", [0, 0]),
}


@pytest.mark.parametrize("name", CASES)
def test_verdicts(name):
    columns, sign, kind, directions = CASES[name]
    result = verdict(columns, sign)
    assert result.kind == kind
    if name != "one class":
        assert_array_equal(result.directions, directions)


def test_slopes_are_a_direction_of_recession():
    matrix = ModelMatrix(np.column_stack([ONES, LINE, LAST]), constant=0)
    result = separation(matrix, MIXED)
    margins = MIXED * matrix.dot(result.slopes)
    assert margins.min() >= -1e-9
    assert margins.max() > 1e-3


def test_a_margin_is_looked_for_beyond_the_first_solution():
    # The best sum has rows on the border, though another direction separates them all.
    columns = [ONES, np.r_[-1.0, -1.0, np.full(10, 1.0)], np.r_[-3.0, 0.1, np.full(10, 0.1)]]
    assert verdict(columns, np.r_[-1.0, -1.0, np.ones(10)]).kind == "complete"


def test_rows_without_weight_have_no_say():
    sign = ABOVE.copy()
    sign[0] = 1.0
    assert verdict([ONES, LINE], sign).kind == "none"
    assert verdict([ONES, LINE], sign, LINE > 0.0).kind == "complete"


def test_without_a_constant():
    assert verdict([LINE + 1.0], ABOVE, constant=None).kind == "none"
    assert verdict([LINE - 5.5], ABOVE, constant=None).kind == "complete"


@pytest.mark.parametrize("k", [3, 12])
def test_many_rows(k):
    rng = np.random.default_rng(k)
    X = np.column_stack([np.ones(30_000), rng.normal(size=(30_000, k - 1))])
    outcome = np.where(rng.random(30_000) < expit(X[:, 1]), 1.0, -1.0)
    assert verdict(X.T, outcome).kind == "none"

    group = (rng.random(30_000) < 0.01).astype(float)
    by_group = np.where(group == 1.0, 1.0, outcome)
    result = verdict([*X.T, group], by_group)
    assert result.kind == "quasi"
    assert_array_equal(result.directions, np.r_[np.zeros(k), INF])

    by_group[np.flatnonzero(group)[0]] = -1.0
    assert verdict([*X.T, group], by_group).kind == "none"

    assert verdict(X.T, np.sign(X[:, 1] + 0.5 * X[:, 2] - 0.3)).kind == "complete"
