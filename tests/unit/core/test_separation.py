"""Separation found where there is some, with the coefficients it concerns, and nowhere else."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import linprog

from tests.unit.core.separations import (
    ABOVE,
    EDGES,
    FIRST,
    INF,
    LAST,
    LINE,
    MIXED,
    NAN,
    ONES,
    verdict,
)
from wlogit.core import limits
from wlogit.core import separation as module
from wlogit.core.likelihood import expit
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.separation import separation

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
    # Rows at zero and beyond keep the constant up; the slope may fall as long as it does not win.
    "one class": ([ONES, LINE], ONES, "complete", [INF, NAN]),
    "a border on either side of zero": ([ONES, LINE - 5.5], ABOVE, "complete", [NAN, INF]),
    "a border at zero": ([ONES, LINE - 5.0], ABOVE, "complete", [-INF, INF]),
    "two groups": ([ONES, LINE, LAST, FIRST], EDGES, "quasi", [0, 0, INF, -INF]),
    "the reference group": (
        [LINE > 8.0, LINE <= 8.0],
        np.where(LINE > 8.0, 1.0, MIXED),
        "quasi",
        [INF, 0],
    ),
    "the reference group, with a constant": (
        [ONES, LINE <= 8.0],
        np.where(LINE > 8.0, 1.0, MIXED),
        "quasi",
        [INF, -INF],
    ),
    "every group": ([ONES, LINE > 8.0], np.where(LINE > 8.0, 1.0, 1.0), "complete", [INF, NAN]),
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
    # A constant of either sign, though one of them only far out.
    "one class, on a wide range": (
        [ONES, np.where(LINE < 6.0, 1.0, 10_001.0), LINE % 2.0, LINE % 3.0 == 0.0],
        -ONES,
        "complete",
        [NAN, NAN, NAN, NAN],
    ),
    "rows of both": ([ONES, LINE], 0.0 * ONES, "none", [0, 0]),
}


@pytest.mark.parametrize("name", CASES)
def test_verdicts(name):
    columns, sign, kind, directions = CASES[name]
    result = verdict(columns, sign)
    assert result.kind == kind
    assert_array_equal(result.directions, directions)


@pytest.mark.parametrize("name", CASES)
def test_slopes_separate_the_rows_that_do_not_overlap(name):
    columns, sign, kind, _ = CASES[name]
    result = verdict(columns, sign)
    margins = np.asarray(sign) * (np.column_stack(columns) @ result.slopes)
    size = np.abs(result.slopes) @ np.abs(np.column_stack(columns)).max(axis=0)
    assert np.all(margins[~result.overlap] > 1e-12 * size)
    assert np.all(np.abs(margins[result.overlap]) <= 1e-9 * size)
    assert kind == "none" or not result.overlap.all()


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


# ------------------------------------------------------------ against programs for single questions


def highest(function, sides, level):
    """The most that a linear function reaches among the directions that separate, in a box."""
    return -linprog(
        -function,
        A_ub=-sides,
        b_ub=np.zeros(len(sides)),
        A_eq=level if len(level) else None,
        b_eq=np.zeros(len(level)) if len(level) else None,
        bounds=(-1.0, 1.0),
    ).fun


def by_single_programs(X, sign):
    """Rows that some direction separates, and the signs that each coefficient takes in these."""
    sides, level = (X * sign[:, None])[sign != 0.0], X[sign == 0.0]
    moving = np.zeros(len(sign), dtype=bool)
    moving[sign != 0.0] = [highest(side, sides, level) > 1e-7 for side in sides]
    directions = []
    for one in np.eye(X.shape[1]):
        up, down = highest(one, sides, level) > 1e-7, highest(-one, sides, level) > 1e-7
        directions.append(NAN if up and down else INF if up else -INF if down else 0.0)
    if not moving.any():
        directions = np.zeros(X.shape[1])
    return moving, np.array(directions)


def random_design(rng):
    """A few rows of small whole numbers, dummies or normal deviates, some with both outcomes."""
    while True:
        size = int(rng.integers(3, 14)), int(rng.integers(1, 6))
        X = [rng.integers(-2, 3, size), rng.integers(0, 2, size), rng.normal(size=size)][
            rng.integers(3)
        ].astype(float)
        n, k = size
        if rng.random() < 0.7:
            X[:, 0] = 1.0
        sign = rng.choice([-1.0, 1.0], size=n)
        if rng.random() < 0.5:
            sign = np.where(X @ rng.normal(size=k) > 0.3 * rng.normal(), 1.0, -1.0)
        if rng.random() < 0.3:
            sign[rng.random(n) < 0.2] = 0.0
        if np.linalg.matrix_rank(X) == k:
            return X, sign


def found_in(X, sign, rows=None):
    return separation(ModelMatrix(X, constant=0 if np.ptp(X[:, 0]) == 0.0 else None), sign, rows)


@pytest.mark.parametrize("seed", range(60))
def test_verdicts_are_those_of_a_program_for_every_row_and_coefficient(seed):
    X, sign = random_design(np.random.default_rng(seed))
    moving, directions = by_single_programs(X, sign)
    result = found_in(X, sign)
    kind = "complete" if moving.all() else "quasi" if moving.any() else "none"
    assert result.kind == kind
    assert_array_equal(~result.overlap, moving)
    assert_array_equal(result.directions, directions)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("lost", ["newton", "multipliers"])
def test_where_one_way_fails_another_gives_the_same(seed, lost, monkeypatch):
    X, sign = random_design(np.random.default_rng(seed))
    expected = found_in(X, sign)
    if lost == "newton":
        monkeypatch.setattr(module, "direction_by_newton", lambda *_: None)
    else:
        monkeypatch.setattr(limits, "nnls", no_multipliers)
    result = found_in(X, sign)
    assert_array_equal(result.directions, expected.directions)
    assert_array_equal(result.overlap, expected.overlap)


def no_multipliers(*args, **options):
    raise RuntimeError("Maximum number of iterations reached.")


@pytest.mark.parametrize("seed", range(20))
def test_neither_order_nor_repetition_nor_units_matter(seed):
    rng = np.random.default_rng(seed)
    X, sign = random_design(rng)
    expected = found_in(X, sign)
    rows = rng.permutation(np.repeat(np.arange(len(sign)), rng.integers(1, 4, size=len(sign))))
    order = rng.permutation(X.shape[1])
    unit = 2.0 ** rng.integers(-30, 30, size=X.shape[1]) * rng.choice([-1.0, 1.0], X.shape[1])
    changed = separation(ModelMatrix((X * unit)[rows][:, order]), sign[rows])
    assert changed.kind == expected.kind
    assert_array_equal(changed.overlap, expected.overlap[rows])
    assert_array_equal(changed.directions, (np.sign(unit) * expected.directions)[order])
    assert_array_equal(found_in(X, -sign).directions, -expected.directions)


@pytest.mark.parametrize("seed", range(20))
def test_rows_without_weight_are_absent_whatever_they_hold(seed):
    rng = np.random.default_rng(seed)
    X, sign = random_design(rng)
    expected = found_in(X, sign)
    more = np.vstack([X, np.full((3, X.shape[1]), np.nan)])
    rows = np.r_[np.ones(len(X), dtype=bool), np.zeros(3, dtype=bool)]
    constant = 0 if np.ptp(X[:, 0]) == 0.0 else None
    result = separation(ModelMatrix(more, constant=constant), np.r_[sign, 1.0, -1.0, 0.0], rows)
    assert_array_equal(result.directions, expected.directions)
    assert_array_equal(result.overlap[: len(X)], expected.overlap)
    assert not result.overlap[len(X) :].any()


# --------------------------------------------------------------- where sequences of estimates end


def ridge_estimate(X, response, penalty, metric):
    """The maximum of the likelihood less ``penalty / 2 sum of metric b^2``."""
    params, root = np.zeros(X.shape[1]), np.diag(penalty * metric)
    for _ in range(200):
        eta = X @ params
        gradient = X.T @ (response - expit(eta)) - root @ params
        curvature = (X.T * (expit(eta) * expit(-eta))) @ X + root
        step = np.linalg.solve(curvature, gradient)
        params = params + step * min(1.0, 4.0 / np.abs(X @ step).max(initial=1e-300))
    return params


@pytest.mark.parametrize("seed", range(25))
def test_vanishing_penalties_of_any_metric_take_coefficients_where_it_says(seed):
    rng = np.random.default_rng(seed)
    X, sign = random_design(rng)
    result = found_in(X, sign)
    for metric in (np.ones(X.shape[1]), 10.0 ** rng.uniform(-2, 2, X.shape[1])):
        near, far = (
            ridge_estimate(X, 0.5 + 0.5 * sign, penalty, metric) for penalty in (1e-5, 1e-9)
        )
        finite = result.directions == 0.0
        assert_allclose(far[finite], near[finite], atol=0.02)
        sure = np.isinf(result.directions)
        assert np.all(np.sign(result.directions[sure]) * (far - near)[sure] > 0.1)


def test_a_coefficient_without_a_direction_goes_either_way():
    """The same separated data, and penalties that differ in their metric."""
    X = np.column_stack([ONES, LINE - 5.5])
    assert_array_equal(found_in(X, ABOVE).directions, [NAN, INF])
    moved = [
        ridge_estimate(np.column_stack([ONES, LINE - border]), 0.5 + 0.5 * ABOVE, 1e-8, ONES[:2])
        for border in (5.1, 5.9)
    ]
    assert moved[0][0] < -1.0 < 1.0 < moved[1][0]


# ------------------------------------------------------------------------------------------ at size


def test_levels_of_a_large_factor():
    rng = np.random.default_rng(1)
    level = rng.permutation(np.arange(3000) % 300)
    share = rng.choice([0.0, 0.5, 1.0], size=300)
    share[0] = 0.5
    sign = np.where(rng.random(3000) < share[level], 1.0, -1.0)
    sign[np.flatnonzero(level == 0)[:2]] = [1.0, -1.0]
    mean = np.bincount(level, 0.5 + 0.5 * sign) / 10.0
    X = np.column_stack([np.ones(3000), level[:, None] == np.arange(1, 300), rng.normal(size=3000)])
    result = found_in(X, sign)
    ends = np.where(mean == 1.0, INF, np.where(mean == 0.0, -INF, 0.0))
    assert_array_equal(result.directions, np.r_[0.0, ends[1:], 0.0])

    # With a reference level of events alone, the others fall; those of events alone are left open.
    sign[level == 0] = 1.0
    result = found_in(X, sign)
    against = np.where(mean == 1.0, NAN, -INF)
    assert_array_equal(result.directions, np.r_[INF, against[1:], 0.0])


def test_a_wide_gap_in_many_dimensions():
    """Signs that a program for each coefficient has to settle, some with each answer."""
    rng = np.random.default_rng(2)
    X = np.column_stack([np.ones(3000), rng.normal(size=(3000, 11))])
    index = X @ np.r_[0.0, 2.0, -1.0, 0.7, 0.3, 0.1, np.zeros(6)]
    X = X[np.abs(index) > 1.0]
    sign = np.sign(index[np.abs(index) > 1.0])
    result = found_in(X, sign)
    moving, directions = np.ones(len(X), dtype=bool), []
    for one in np.eye(12):
        up, down = (highest(way * one, X * sign[:, None], X[:0]) > 1e-7 for way in (1.0, -1.0))
        directions.append(NAN if up and down else INF if up else -INF)
    assert result.kind == "complete"
    assert_array_equal(~result.overlap, moving)
    assert_array_equal(result.directions, directions)
    assert 2 <= np.isinf(directions).sum() <= 10


def test_a_single_row_of_many_decides():
    rng = np.random.default_rng(3)
    X = np.column_stack([np.ones(50_000), rng.normal(size=(50_000, 4))])
    index = X @ np.array([0.2, 1.0, -1.0, 0.5, 0.0])
    sign = np.sign(index)
    assert found_in(X, sign).kind == "complete"
    sign[np.argsort(np.abs(index))[2000]] *= -1.0
    assert found_in(X, sign).kind == "none"
