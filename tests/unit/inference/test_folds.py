"""Folds: balanced in their classes, whole in their groups, and the same for a seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlogit.errors import OutcomeError
from wlogit.inference.folds import Folds, check_classes, deal_folds


def counts_by_fold(folds, values):
    return np.array([values[folds.held_out(k)].sum() for k in range(len(folds))])


@given(st.integers(4, 80), st.integers(2, 6), st.floats(0.05, 0.95), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_sizes_and_classes_differ_by_one_row_at_most(n, n_folds, share, seed):
    y = (np.random.default_rng(seed).random(n) < share).astype(float)
    n_folds = min(n_folds, n)
    folds = deal_folds(y, 1 - y, n_folds, seed=seed)
    assert np.ptp(np.bincount(folds.of_row, minlength=n_folds)) <= 1
    assert np.ptp(counts_by_fold(folds, y)) <= 1
    assert np.ptp(counts_by_fold(folds, 1 - y)) <= 1
    assert folds.names == tuple(range(1, n_folds + 1))


def test_a_seed_decides_and_shuffles():
    y = np.tile([0.0, 1.0, 0.0], 40)
    first, again, other = (deal_folds(y, 1 - y, 5, seed=s).of_row for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.mean(first != other) > 0.5
    assert np.mean(deal_folds(y, 1 - y, 5).of_row != deal_folds(y, 1 - y, 5).of_row) > 0.5


def test_training_and_held_out_rows_part_the_rows_with_weight():
    y = np.tile([0.0, 1.0], 10)
    weight = np.r_[np.zeros(4), np.ones(16)]
    folds = deal_folds(y * weight, (1 - y) * weight, 4, seed=3)
    np.testing.assert_array_equal(folds.of_row[:4], -1)
    for k in range(4):
        both = folds.training(k).astype(int) + folds.held_out(k)
        np.testing.assert_array_equal(both, weight)
    # Rows without weight have no say in where the others go.
    np.testing.assert_array_equal(folds.of_row[4:], deal_folds(y[4:], 1 - y[4:], 4, seed=3).of_row)


@given(st.integers(2, 5), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_a_group_stays_whole_and_the_classes_are_spread(n_folds, seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 40, 400)
    y = (rng.random(400) < 0.3).astype(float)
    folds = deal_folds(y, 1 - y, n_folds, groups, seed)
    assert all(len(set(folds.of_row[groups == g])) == 1 for g in set(groups))
    for values in (y, 1 - y):
        dealt = counts_by_fold(folds, values)
        assert np.ptp(dealt) < 0.15 * values.sum()


def test_groups_of_repeated_rows_are_dealt_as_their_counts():
    rng = np.random.default_rng(5)
    y, count = rng.integers(0, 2, 30).astype(float), rng.integers(1, 4, 30)
    rows = np.arange(30)
    counted = deal_folds(count * y, count * (1 - y), 3, rows, seed=2)
    repeated = np.repeat(rows, count)
    long = deal_folds(y[repeated], 1 - y[repeated], 3, repeated, seed=2)
    np.testing.assert_array_equal(counted.of_row[repeated], long.of_row)


def test_as_many_folds_as_groups_holds_each_out_alone():
    groups = np.repeat(np.arange(6), 5)
    y = np.tile([0.0, 1.0, 0.0, 0.0, 1.0], 6)
    folds = deal_folds(y, 1 - y, 6, groups, seed=0)
    assert sorted(np.bincount(folds.of_row)) == [5] * 6


@pytest.mark.parametrize(
    ("n_folds", "groups", "words"),
    [(1, None, "at least 2"), (7, None, "6 rows"), (4, np.repeat([0, 1, 2], 2), "3 groups")],
)
def test_folds_need_rows(n_folds, groups, words):
    y = np.tile([0.0, 1.0], 3)
    with pytest.raises(ValueError, match=words):
        deal_folds(y, 1 - y, n_folds, groups)


def test_a_fold_with_all_cases_of_a_class_is_named():
    y = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    folds = Folds(np.array([0, 0, 0, 1, 1]), ("north", "south"))
    with pytest.raises(OutcomeError, match="'yes' are in fold 'north'"):
        check_classes(folds, y, 1 - y, ("no", "yes"), within=False)


def test_the_auc_needs_both_classes_in_each_fold():
    y = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 0.0])
    folds = Folds(np.array([0, 0, 1, 1, 2, 2]), (1, 2, 3))
    check_classes(folds, y, 1 - y, ("no", "yes"), within=False)
    with pytest.raises(OutcomeError, match="fold 1 has no case with the outcome 'no'"):
        check_classes(folds, y, 1 - y, ("no", "yes"), within=True)
