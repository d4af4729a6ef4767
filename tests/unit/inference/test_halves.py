"""Complementary halves: disjoint, complete, alike in their classes, whole in their groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlogit import OutcomeError
from wlogit.inference.halves import check_halves, complementary_halves


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 5)), min_size=1),
    st.booleans(),
    st.integers(0, 100),
)
def test_halves_share_nothing_and_leave_nothing_out(rows, grouped, seed):
    events, rest, groups = np.array(rows, dtype=float).T
    codes = groups.astype(np.intp) if grouped else None
    first, second = complementary_halves(events, rest, codes, np.random.default_rng(seed))
    counted = events + rest > 0
    np.testing.assert_array_equal(first | second, counted)
    assert not np.any(first & second)
    unit = codes if grouped else np.arange(len(events))
    sizes = [np.unique(unit[half]).size for half in (first, second)]
    assert abs(sizes[0] - sizes[1]) <= 1
    if grouped:
        assert not set(codes[first]) & set(codes[second])
    for cases in (events, rest):
        if np.unique(unit[cases > 0]).size >= 2:
            assert np.any(cases[first] > 0)
            assert np.any(cases[second] > 0)


def test_classes_are_halved():
    events = np.repeat([1.0, 0.0], [31, 169])
    generator = np.random.default_rng(0)
    for _ in range(20):
        first, second = complementary_halves(events, 1.0 - events, None, generator)
        assert {events[first].sum(), events[second].sum()} == {15.0, 16.0}
        assert first.sum() == second.sum() == 100


@pytest.mark.parametrize("shares", [np.repeat([1.0, 0.0], 20), np.linspace(0.1, 0.9, 40)])
@pytest.mark.parametrize("grouped", [False, True])
def test_halves_are_random(shares, grouped):
    """Every two units are as often together as apart, or nearly, and no unit is preferred."""
    groups = np.repeat(np.arange(20), 2) if grouped else None
    generator = np.random.default_rng(0)
    halves = [complementary_halves(shares, 1.0 - shares, groups, generator)[0] for _ in range(2000)]
    halves = np.array(halves)
    np.testing.assert_allclose(halves.mean(axis=0), 0.5, atol=0.05)
    together = (halves[:, :1] == halves[:, 2:]).mean(axis=0)
    np.testing.assert_allclose(together, 0.5, atol=0.08)


def test_a_seed_fixes_the_halves():
    events = np.repeat([1.0, 0.0], 10)
    one, other = (
        complementary_halves(events, 1.0 - events, None, np.random.default_rng(5)) for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)


def test_a_class_with_one_unit_cannot_be_halved():
    events = np.array([1.0, 0.0, 0.0, 0.0])
    with pytest.raises(OutcomeError, match="only one row has the outcome 'yes'"):
        check_halves(events, 1.0 - events, None, ("no", "yes"))
    events = np.array([1.0, 1.0, 0.0, 0.0])
    check_halves(events, 1.0 - events, None, ("no", "yes"))
    with pytest.raises(OutcomeError, match="only one group has the outcome 'yes'"):
        check_halves(events, 1.0 - events, np.array([0, 0, 1, 2]), ("no", "yes"))
