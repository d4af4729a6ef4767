"""Which columns count, and what the others are said to equal."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from wlogit.core.linalg import rank_and_aliases
from wlogit.core.model_matrix import ModelMatrix

N = 300
RNG = np.random.default_rng(7)
A, B, C = RNG.normal(size=(3, N))
ONES = np.ones(N)
YEAR = RNG.integers(1990, 2021, N).astype(float)
GROUP = RNG.integers(0, 3, N)
DUMMIES = [(level == GROUP).astype(float) for level in range(3)]


def rank(columns, constant=None, weight=ONES):
    return rank_and_aliases(ModelMatrix(np.column_stack(columns), constant=constant), weight)


FULL_RANK = {
    "plain": ([ONES, A, B], 0),
    "a far origin": ([ONES, 1e9 + A, B], 0),
    "a far origin without a constant": ([1e9 + A, 1e9 + B], None),
    "correlation 1 - 5e-9": ([ONES, A, A + 1e-4 * B], 0),
    "powers of the year": ([ONES, YEAR, YEAR**2, YEAR**3], 0),
    "scales 1e-7 to 1e7": ([ONES, A * 1e-7, B * 1e7], 0),
    "scales at the ends of float64": ([ONES, A * 1e-160, B * 1e300], 0),
    "the same without a constant": ([A * 1e-160, B * 1e300], None),
    "a constant that comes last": ([A, B, ONES], 2),
}


@pytest.mark.parametrize("case", FULL_RANK)
def test_full_rank(case):
    columns, constant = FULL_RANK[case]
    result = rank(columns, constant)
    assert result.rank == len(columns)
    assert result.kept == tuple(range(len(columns)))
    assert not result.aliased
    assert result.constant_in_span == (constant is not None)


ALIASED = {
    "a duplicate": ([ONES, A, B, A], 0, 3, [0, 1, 0]),
    "a sum": ([ONES, A, B, A + B], 0, 3, [0, 1, 1]),
    "a combination with the constant": ([ONES, A, B, 2 * A - 3 * B + 5], 0, 3, [5, 2, -3]),
    "a second constant": ([ONES, 7 * ONES, A], 0, 1, [7, 0]),
    "zeros": ([ONES, 0 * ONES, A], 0, 1, [0, 0]),
    "all dummies and a constant": ([ONES, *DUMMIES], 0, 3, [1, -1, -1]),
    "the same, constant last": ([*DUMMIES, ONES], 3, 2, [-1, -1, 1]),
    "far from zero": ([ONES, 1e9 + A, 2 * (1e9 + A)], 0, 2, [0, 2]),
    "shifted": ([ONES, A, A + 3e5], 0, 2, [3e5, 1]),
    "tiny": ([ONES, A * 1e-160, B, 3 * (A * 1e-160)], 0, 3, [0, 3, 0]),
    "no constant": ([A, B, A - B], None, 2, [1, -1]),
    "fractions": ([A, B, A / 3 + B / 7], None, 2, [1 / 3, 1 / 7]),
}


@pytest.mark.parametrize("case", ALIASED)
def test_an_aliased_column_is_named_with_what_it_equals(case):
    columns, constant, which, coefficients = ALIASED[case]
    result = rank(columns, constant)
    assert list(result.aliased) == [which]
    assert result.rank == len(columns) - 1
    np.testing.assert_allclose(result.aliased[which], coefficients, rtol=1e-9, atol=1e-12)


def test_later_columns_give_way_and_coefficients_refer_to_kept_ones():
    result = rank([ONES, A, A, B, A + B], 0)
    assert result.kept == (0, 1, 3)
    assert_array_equal(result.aliased[2], [0, 1, 0])
    assert_array_equal(result.aliased[4], [0, 1, 1])


@pytest.mark.parametrize(
    ("columns", "combination"),
    [
        ([4 * ONES, A], [0.25, 0]),
        (DUMMIES, [1, 1, 1]),
        ([*DUMMIES, A], [1, 1, 1, 0]),
        ([A, ONES - A, B], [1, 1, 0]),
        ([A, *DUMMIES, A], [0, 1, 1, 1, 0]),
    ],
)
def test_an_implicit_constant_is_found(columns, combination):
    result = rank(columns)
    assert result.constant_in_span
    np.testing.assert_allclose(result.constant_combination, combination, atol=1e-12)


@pytest.mark.parametrize("columns", [[A], [A, B], [ONES + 1e-7 * A, B], DUMMIES[:2], [A, A]])
def test_no_constant_is_found_where_there_is_none(columns):
    result = rank(columns)
    assert not result.constant_in_span
    assert result.constant_combination is None


def test_rows_without_weight_have_no_say():
    weight = np.where(GROUP == 2, 0.0, 1e-9)
    with_constant = rank([ONES, DUMMIES[0], DUMMIES[1]], 0, weight)
    assert with_constant.kept == (0, 1)
    assert_array_equal(with_constant.aliased[2], [1, -1])
    without = rank([*DUMMIES, A], None, weight)
    assert without.kept == (0, 1, 3)
    assert without.constant_in_span
    assert_array_equal(without.constant_combination, [1, 1, 0, 0])


def test_the_size_of_weights_is_irrelevant():
    weight = np.where(GROUP == 0, 1e-12, 1e12)
    assert rank([ONES, DUMMIES[0], A], 0, weight).rank == 3
    assert rank([ONES, *DUMMIES], 0, weight).rank == 3


def test_a_shared_weight_may_be_a_scalar():
    assert rank([ONES, A, A], 0, np.ones(())).rank == 2


def test_fewer_rows_than_columns():
    result = rank([ONES[:3], A[:3], B[:3], C[:3]], 0, ONES[:3])
    assert result.rank == 3
    assert list(result.aliased) == [3]


def test_many_rows_agree_with_few():
    tall = [np.tile(column, 50) for column in (ONES, A, B, A - B)]
    result = rank(tall, 0, np.ones(50 * N))
    assert result.kept == (0, 1, 2)
    assert_array_equal(result.aliased[3], [0, 1, -1])


def test_a_level_that_the_sample_misses_is_settled_by_the_products_of_all_rows(monkeypatch):
    def orthogonal(*arguments, **options):
        pytest.fail("orthogonal factors of all rows were formed")

    monkeypatch.setattr("wlogit.core.linalg.tsqr", orthogonal)
    n = 250_000
    rare = np.zeros(n)
    rare[-50:] = 1.0
    columns = [np.ones(n), RNG.normal(size=n), rare]
    assert rank(columns, 0, np.ones(n)).kept == (0, 1, 2)
