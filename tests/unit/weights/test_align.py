"""Inputs per row, whatever they come in, end up on the rows they belong to."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from wlogit.errors import DesignError, WeightError
from wlogit.weights.align import align_column, align_groups, align_labels

LABELS = pd.Index(["a", "b", "c"])
FRAME = pd.DataFrame({"w": [1, 2, 3], "g": ["x", "y", None], "h": [1, 1, 2]}, index=LABELS)


def weights(value, *, index=LABELS, frame=None, n_rows=3, role="sampling_weights", **options):
    return align_column(value, role=role, frame=frame, index=index, n_rows=n_rows, **options)


def groups(value, *, index=LABELS, frame=None, n_rows=3):
    return align_groups(value, frame=frame, index=index, n_rows=n_rows)


POSITIONAL = {
    "list": [1, 2, 3],
    "tuple": (1.0, 2.0, 3.0),
    "range": range(1, 4),
    "int": np.array([1, 2, 3]),
    "uint8": np.array([1, 2, 3], dtype=np.uint8),
    "float32": np.array([1, 2, 3], dtype=np.float32),
    "float16": np.array([1, 2, 3], dtype=np.float16),
    "longdouble": np.array([1, 2, 3], dtype=np.longdouble),
    "big-endian": np.array([1, 2, 3], dtype=">f8"),
    "strided": np.arange(1.0, 7.0)[:6][::2] * 0.5 + np.array([0.5, 0.5, 0.5]),
    "negative stride": np.array([3.0, 2.0, 1.0])[::-1],
    "column": np.array([[1.0], [2.0], [3.0]]),
    "objects": np.array([1, 2.0, np.float32(3)], dtype=object),
    "Decimal": [Decimal(1), Decimal(2), Decimal(3)],
    "Int64": pd.array([1, 2, 3], dtype="Int64"),
    "Float64": pd.array([1, 2, 3], dtype="Float64"),
    "sparse": pd.arrays.SparseArray([1.0, 2.0, 3.0]),
    "Index": pd.Index([1, 2, 3]),
}


@pytest.mark.parametrize("value", POSITIONAL.values(), ids=POSITIONAL.keys())
def test_numbers_of_any_type_are_floats_by_position(value):
    aligned = weights(value)
    assert aligned.dtype == np.float64
    assert_array_equal(aligned, [1.0, 2.0, 3.0])


@pytest.mark.parametrize("index", [LABELS, None], ids=["labeled data", "arrays"])
def test_pyarrow_values_are_read(index):
    import pyarrow as pa

    for value in (pa.array([1, None, 3]), pa.chunked_array([[1.0, None], [3.0]])):
        assert_array_equal(weights(value, index=index), [1.0, np.nan, 3.0])
    for dtype in ("int64[pyarrow]", "double[pyarrow]", pd.ArrowDtype(pa.decimal128(5, 2))):
        series = pd.Series([Decimal(1), None, Decimal(3)], dtype=dtype, index=LABELS)
        assert_array_equal(weights(series), [1.0, np.nan, 3.0])


MISSING = {
    "NaN": [1.0, np.nan, 3.0],
    "None": [1, None, 3],
    "object None": np.array([1, None, 3], dtype=object),
    "NA": pd.array([1, None, 3], dtype="Int64"),
    "object NA": np.array([1, pd.NA, 3], dtype=object),
    "masked": np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False]),
    "masked int": np.ma.masked_array([1, 2, 3], mask=[False, True, False]),
    "masked column": np.ma.masked_array([[1], [2], [3]], mask=[[False], [True], [False]]),
}


@pytest.mark.parametrize("value", MISSING.values(), ids=MISSING.keys())
def test_missing_entries_are_nan(value):
    assert_array_equal(weights(value), [1.0, np.nan, 3.0])


def test_a_wholly_missing_column_is_nan():
    assert_array_equal(weights([None, None, None]), [np.nan] * 3)


def test_an_integer_beyond_floats_is_infinite():
    assert_array_equal(weights([10**400, -(10**400), 1]), [np.inf, -np.inf, 1.0])


def test_the_result_is_never_the_memory_of_the_user():
    array = np.array([1.0, 2.0, 3.0])
    series = pd.Series(array, index=LABELS)
    frame = pd.DataFrame({"w": array})
    for value in (array, series, array[:, None], frame["w"].array):
        aligned = weights(value)
        aligned[0] = 9.0
        assert array[0] == series.iloc[0] == frame["w"].iloc[0] == 1.0


def test_read_only_memory_is_read():
    array = np.array([1.0, 2.0, 3.0])
    array.flags.writeable = False
    assert weights(array).flags.writeable


def test_booleans_are_frequencies_only():
    mask = pd.Series([True, False, True], index=LABELS)
    for value in (mask, mask.to_numpy(), mask.astype("boolean"), mask.astype(object)):
        assert_array_equal(weights(value, role="freq_weights"), [1.0, 0.0, 1.0])
        with pytest.raises(WeightError, match=r"sampling_weights must be numbers, but is True/Fal"):
            weights(value)


REFUSED = {
    "text": (["1", "2", "3"], r"must be numbers; row 'a' has '1'\. Convert text with pandas\.to_n"),
    "words": (pd.Series([1, "two", None], index=LABELS), r"row 'b' has 'two'"),
    "complex": (np.array([1 + 0j, 2, 3]), r"holds complex numbers"),
    "complex objects": ([1, 2j, 3], r"holds complex numbers"),
    "dates": (pd.date_range("2020", periods=3), r"holds dates or times"),
    "datetime64": (np.array([1, 2, 3], dtype="M8[s]"), r"holds dates or times"),
    "timedelta64": (np.array([1, 2, 3], dtype="m8[s]"), r"holds dates or times"),
    "timestamps": ([pd.Timestamp("2020")] * 3, r"holds dates or times"),
    "periods": (pd.period_range("2020", periods=3), r"holds dates or times"),
    "categories": (pd.Categorical([1, 2, 3]), r"is categorical; use \.astype\(float\)"),
    "scalar": (2.0, r"sampling_weights is 2\.0; it needs one entry per row"),
    "numpy scalar": (np.float64(2.0), r"is a single value, 2\.0; it needs one entry per row"),
    "array scalar": (np.array(2.0), r"is a single value, 2\.0; it needs one entry per row"),
    "None": (None, r"is None; it needs one entry per row"),
    "mapping": ({0: 1, 1: 3}, r"is a mapping.* class_weight=\{label: weight\}"),
    "set": ({1, 2, 3}, r"it needs one entry per row: a Series, an array or a list"),
    "bytes": (b"abc", r"it needs one entry per row: a Series, an array or a list"),
    "generator": (iter([1, 2, 3]), r"it needs one entry per row: a Series, an array or a list"),
    "short": ([1, 2], r"has 2 entries, the data 3 rows; it needs one entry per row of"),
    "long": (np.ones(4), r"has 4 entries.* before subset and missing rows are taken out"),
    "empty": ([], r"has 0 entries, the data 3 rows"),
    "square": (np.ones((3, 3)), r"has 3 columns; it needs one"),
    "row": (np.ones((1, 3)), r"has 1 entries, the data 3 rows|has 3 columns"),
    "3-d": (np.ones((3, 1, 1)), r"is an array of shape \(3, 1, 1\)"),
    "records": (np.zeros(3, dtype=[("w", float)]), r"is an array of shape \(3,\)"),
    "ragged": ([[1], [2, 3], [4]], r"is a list of rows that differ in length"),
    "no columns": (pd.DataFrame(index=LABELS), r"has 0 columns; it needs one"),
}


@pytest.mark.parametrize(("value", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_a_column_of_numbers_is_refused(value, message):
    with pytest.raises(WeightError, match=message):
        weights(value)


def test_a_mapping_as_groups_is_not_told_of_class_weight():
    with pytest.raises(ValueError, match=r"^groups is a mapping; it needs one entry per row\.$"):
        groups({"a": 1})


def test_a_long_value_does_not_fill_the_message():
    with pytest.raises(WeightError) as caught:
        weights(["x" * 1000, 1, 2])
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("role", "error"),
    [("freq_weights", WeightError), ("weights", WeightError), ("offset", ValueError)],
)
def test_the_exception_goes_with_the_role(role, error):
    with pytest.raises(error, match=role) as caught:
        weights([1.0], role=role)
    assert type(caught.value) is error


def test_the_exception_can_be_chosen():
    with pytest.raises(DesignError):
        weights([1.0], error=DesignError)


def test_a_series_in_another_order_goes_to_its_labels():
    series = pd.Series([3, 1, 2], index=["c", "a", "b"])
    assert_array_equal(weights(series), [1, 2, 3])
    assert_array_equal(weights(series.to_frame()), [1, 2, 3])
    assert_array_equal(groups(series)[0].codes, [0, 1, 2])


def test_rows_are_named_by_the_labels_of_the_data():
    series = pd.Series(["oops", 1, 2], index=["c", "a", "b"], dtype=object)
    with pytest.raises(WeightError, match="row 'c' has 'oops'"):
        weights(series)


def test_identical_labels_may_repeat():
    index = pd.Index(["a", "a", "b"])
    assert_array_equal(weights(pd.Series([1, 2, 3], index=index), index=index), [1, 2, 3])


def test_repeated_labels_in_another_order_are_refused():
    index = pd.Index(["a", "a", "b"])
    series = pd.Series([1, 2, 3], index=["b", "a", "a"])
    with pytest.raises(WeightError, match=r"sampling_weights has duplicate labels \('a'\)"):
        weights(series, index=index)
    with pytest.raises(WeightError, match=r"the data has duplicate labels \('a'\)"):
        weights(pd.Series([1, 2, 3], index=LABELS), index=index)


def test_other_labels_are_refused_and_shown():
    with pytest.raises(WeightError, match=r"none for 'a'; labels not in the data: 'd'"):
        weights(pd.Series([1, 2, 3], index=["b", "c", "d"]))
    with pytest.raises(WeightError, match=r"none for 'a', 'b', 'c'; labels not in .*: 0, 1, 2\."):
        weights(pd.Series([1, 2, 3]))
    with pytest.raises(WeightError, match=r"row labels of the data: none for 'c'\. It"):
        weights(pd.Series([1, 2], index=["a", "b"]))
    with pytest.raises(WeightError, match=r"data: labels not in the data: 'd'\. It needs"):
        weights(pd.Series([1, 2, 3, 4], index=["a", "b", "c", "d"]))
    with pytest.raises(WeightError, match=r"0, 1, 2, \.\.\. \(9 in all\)"):
        weights(pd.Series(np.ones(9)))


OTHER_INDEXES = {
    "integers": pd.Index([10, 20, 30]),
    "dates": pd.date_range("2020-01-01", periods=3),
    "dates with zone": pd.date_range("2020-01-01", periods=3, tz="UTC"),
    "periods": pd.period_range("2020", periods=3),
    "categories": pd.CategoricalIndex(["u", "v", "w"]),
    "pairs": pd.MultiIndex.from_tuples([("s", 1), ("s", 2), ("t", 1)]),
    "floats with a gap": pd.Index([0.5, np.nan, 1.5]),
    "mixed": pd.Index([1, "one", None], dtype=object),
    "intervals": pd.IntervalIndex.from_breaks([0, 1, 2, 3]),
}


@pytest.mark.parametrize("index", OTHER_INDEXES.values(), ids=OTHER_INDEXES.keys())
def test_any_index_is_matched_or_refused(index):
    series = pd.Series([1.0, 2.0, 3.0], index=index)
    assert_array_equal(weights(series.iloc[[2, 0, 1]], index=index), [1.0, 2.0, 3.0])
    for wanted in (LABELS, pd.RangeIndex(3), *OTHER_INDEXES.values()):
        if wanted is not index:
            with pytest.raises(WeightError, match="does not have the row labels"):
                weights(series, index=wanted)


def test_messages_show_labels_as_python_prints_them():
    index = OTHER_INDEXES["pairs"]
    with pytest.raises(WeightError, match=r"none for 'a', 'b', 'c'; .*: \('s', 1\), \('s', 2\)"):
        weights(pd.Series([1.0, 2.0, 3.0], index=index))


def test_without_labels_of_the_data_only_plain_positions_are_accepted():
    assert_array_equal(weights(pd.Series([1, 2, 3]), index=None), [1, 2, 3])
    for index in (LABELS, [1, 2, 3], [2, 1, 0]):
        with pytest.raises(WeightError, match=r"the data have none to match.*\.to_numpy\(\)"):
            weights(pd.Series([1, 2, 3], index=index), index=None)


def test_a_name_is_a_column_of_the_frame():
    assert_array_equal(weights("w", frame=FRAME), [1, 2, 3])
    assert_array_equal(weights("w", frame=FRAME, index=None), [1, 2, 3])


def test_a_name_that_is_no_column_is_refused():
    with pytest.raises(WeightError, match=r"sampling_weights='w' names a column, but"):
        weights("w")
    with pytest.raises(WeightError, match=r"'ww' is not a column of the data; did you mean 'w'\?"):
        weights("ww", frame=FRAME)
    with pytest.raises(WeightError, match=r"is not a column of the data; its columns are 'w', 'g'"):
        weights("population", frame=FRAME)
    twice = pd.concat([FRAME, FRAME], axis=1)
    with pytest.raises(WeightError, match=r"'w' names 2 columns of the data; rename them"):
        weights("w", frame=twice)


@given(st.permutations(range(6)), st.permutations(range(6)))
def test_labels_win_over_positions(rows, order):
    index = pd.Index(list("abcdef"))[list(rows)]
    values = pd.Series(np.arange(6.0), index=index)
    shuffled = values.iloc[list(order)]
    assert_array_equal(weights(shuffled, index=index, n_rows=6), values.to_numpy())


def test_labels_are_coded_with_missing_ones_at_minus_one():
    coded = align_labels("g", role="strata", frame=FRAME, index=LABELS, n_rows=3)
    assert_array_equal(coded.codes, [0, 1, -1])
    assert list(coded.levels) == ["x", "y"]
    assert coded.name == "g"


LABELINGS = {
    "strings": ["u", "v", "u"],
    "numbers": [7, 8, 7],
    "floats": [0.5, np.inf, 0.5],
    "booleans": [True, False, True],
    "mixed": [1, "one", 1],
    "tuples": pd.Series([(1, 2), (3, 4), (1, 2)], index=LABELS),
    "categories": pd.Categorical(["u", "v", "u"], categories=["unused", "v", "u"]),
    "dates": pd.to_datetime(["2020-01-01", "2021-01-01", "2020-01-01"]),
    "Int64": pd.array([7, 8, 7], dtype="Int64"),
    "array of text": np.array(["u", "v", "u"]),
}


@pytest.mark.parametrize("value", LABELINGS.values(), ids=LABELINGS.keys())
def test_labels_of_any_type_are_coded_alike(value):
    (coded,) = groups(value)
    assert coded.codes.dtype == np.intp
    assert_array_equal(coded.codes, [0, 1, 0])
    assert len(coded.levels) == 2


GAPS = {
    "None": ["u", None, "v"],
    "NaN": [1.0, np.nan, 2.0],
    "NA": pd.array([1, None, 2], dtype="Int64"),
    "NaT": pd.to_datetime(["2020-01-01", None, "2021-01-01"]),
    "masked": np.ma.masked_array([1, 1, 2], mask=[False, True, False]),
    "category": pd.Categorical(["u", None, "v"]),
}


@pytest.mark.parametrize("value", GAPS.values(), ids=GAPS.keys())
def test_missing_labels_are_recognized(value):
    assert_array_equal(groups(value)[0].codes, [0, -1, 1])


def test_entries_that_cannot_be_labels_are_refused():
    lists = pd.Series([[1], [2], [1]], index=LABELS)
    with pytest.raises(ValueError, match="groups has entries that cannot serve as labels"):
        groups(lists)


@pytest.mark.parametrize(
    "value",
    [
        ["g", "h"],
        ("g", "h"),
        [FRAME["g"], "h"],
        [FRAME["g"].iloc[::-1], FRAME["h"].to_numpy()],
        [list(FRAME["g"]), list(FRAME["h"])],
        FRAME[["g", "h"]],
        FRAME[["g", "h"]].iloc[::-1],
        FRAME[["g", "h"]].to_numpy(),
    ],
    ids=["names", "tuple", "mixed", "series", "lists", "frame", "shuffled frame", "array"],
)
def test_two_groupings(value):
    first, second = groups(value, frame=FRAME)
    assert_array_equal(first.codes, [0, 1, -1])
    assert_array_equal(second.codes, [0, 0, 1])


def test_one_grouping_is_a_tuple_of_one():
    for value in ("g", FRAME["g"], FRAME[["g"]], list(FRAME["g"]), ["g"]):
        (only,) = groups(value, frame=FRAME)
        assert_array_equal(only.codes, [0, 1, -1])


def test_groups_in_trouble_say_so():
    with pytest.raises(ValueError, match="groups='s' is not a column"):
        groups(["g", "s"], frame=FRAME)
    with pytest.raises(ValueError, match="groups has 2 entries, the data 3 rows"):
        groups([1, 2])
    with pytest.raises(ValueError, match="groups does not have the row labels"):
        groups([FRAME["g"], pd.Series([1, 2, 3])])
    with pytest.raises(ValueError, match="groups has 2 entries, the data 3 rows"):
        groups([np.ones(2), np.ones(2)])
