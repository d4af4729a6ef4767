"""Hosmer and Lemeshow's test where groups are few or empty."""

import numpy as np

from wlogit import WeightedLogit


def test_a_group_without_cases_is_no_group():
    design = np.column_stack([np.ones(6), [1, 2, 2, 1, 3, 1]])
    test = WeightedLogit([0, 1, 0, 1, 1, 0], design).fit(disp=False).gof_test()
    # Three different predictions make three groups, however many were asked for.
    assert test.table["cases"].tolist() == [3, 2, 1]
    assert test.table["observed"].tolist() == [1, 1, 1]
    assert test.df == 1
    n, observed, expected = (test.table[name] for name in ("cases", "observed", "expected"))
    by_hand = ((observed - expected) ** 2 / (expected * (1 - expected / n))).sum()
    assert np.isclose(test.statistic, by_hand, rtol=1e-12)
