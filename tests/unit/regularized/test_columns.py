"""One number for each column, whichever way it is given."""

import numpy as np
import pandas as pd
import pytest

from wlogit.regularized.columns import numbers_of_columns

NAMES = ["const", "x", "z"]


@pytest.mark.parametrize(
    "given",
    [
        [0.0, 1.0, 2.0],
        {"z": 2.0, "const": 0.0, "x": 1.0},
        pd.Series([2.0, 0.0, 1.0], index=["z", "const", "x"]),
    ],
)
def test_names_and_positions_say_the_same(given):
    np.testing.assert_array_equal(numbers_of_columns(NAMES, given, "alpha"), [0.0, 1.0, 2.0])


def test_columns_that_are_left_out_get_what_the_others_get():
    found = numbers_of_columns(NAMES, {"z": 2.0}, "factor", others=1.0)
    np.testing.assert_array_equal(found, [1.0, 1.0, 2.0])


def test_a_column_named_twice_is_refused():
    with pytest.raises(ValueError, match="'x', more than once"):
        numbers_of_columns(NAMES, pd.Series([1.0, 1.0, 2.0], index=["x", "x", "z"]), "alpha")
