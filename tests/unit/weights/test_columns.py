"""How messages name rows, labels and values."""

import numpy as np
import pandas as pd
import pytest

from wlogit.weights.columns import listed, plain, row_name, same, shorten


@pytest.mark.parametrize(
    ("index", "shown"),
    [
        (None, "1"),
        (pd.RangeIndex(5, 8), "6"),
        (pd.Index(["a", "b"]), "'b'"),
        (pd.MultiIndex.from_tuples([("s", 1), ("s", 2)]), "('s', 2)"),
        (pd.date_range("2020-01-01", periods=2), "Timestamp('2020-01-02 00:00:00')"),
    ],
)
def test_a_row_is_named_by_its_label_or_position(index, shown):
    assert row_name(index, 1) == shown


def test_numpy_scalars_become_python_objects():
    assert type(plain(np.int64(3))) is int
    assert type(plain(np.str_("a"))) is str
    assert repr(plain((np.float64(0.5), "a"))) == "(0.5, 'a')"


def test_long_lists_and_values_are_cut():
    assert listed([1, 2]) == "1, 2"
    assert listed(list(range(9)), 3) == "0, 1, 2, ... (9 in all)"
    assert shorten("x" * 100, 10) == "'xxxxxx..."
    assert "\n" not in shorten(pd.Series([1, 2, 3]))


def test_equality_is_that_of_dictionary_keys():
    assert same(0, 0.0)
    assert same(0, False)
    assert not same("0", 0)
    assert not same(np.nan, np.nan)
    assert not same(pd.NA, 1)
    assert not same(1, pd.NA)
