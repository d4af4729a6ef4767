"""The outcome in every form a user may have it."""

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from wlogit.errors import OutcomeError
from wlogit.weights.outcome import read_outcome

NUMBERS = {
    "list": [0, 1, 1],
    "tuple": (0, 1, 1),
    "floats": np.array([0.0, 1.0, 1.0]),
    "float32": np.array([0, 1, 1], dtype=np.float32),
    "float16": np.array([0, 1, 1], dtype=np.float16),
    "longdouble": np.array([0, 1, 1], dtype=np.longdouble),
    "uint8": np.array([0, 1, 1], dtype=np.uint8),
    "big-endian": np.array([0, 1, 1], dtype=">i4"),
    "objects": np.array([0, 1, 1.0], dtype=object),
    "numbers and booleans": np.array([0, True, 1.0], dtype=object),
    "Decimal": [Decimal(0), Decimal(1), Decimal(1)],
    "Int64": pd.array([0, 1, 1], dtype="Int64"),
    "Float64": pd.array([0, 1, 1], dtype="Float64"),
    "column": np.array([[0], [1], [1]]),
    "list of rows": [[0], [1], [1]],
    "frame": pd.DataFrame({0: [0, 1, 1]}),
    "Index": pd.Index([0, 1, 1]),
    "categories": pd.Categorical([0, 1, 1]),
}


@pytest.mark.parametrize("endog", NUMBERS.values(), ids=NUMBERS.keys())
def test_zeros_and_ones_of_any_type(endog):
    outcome = read_outcome(endog)
    assert outcome.values.dtype == np.float64
    assert_array_equal(outcome.values, [0.0, 1.0, 1.0])
    assert (outcome.kind, outcome.labels) == ("binary", (0, 1))
    assert outcome.trials.shape == ()


BOOLEANS = {
    "list": [False, True, True],
    "array": np.array([False, True, True]),
    "objects": np.array([False, True, True], dtype=object),
    "boolean": pd.array([False, True, True], dtype="boolean"),
    "categories": pd.Categorical([False, True, True]),
}


@pytest.mark.parametrize("endog", BOOLEANS.values(), ids=BOOLEANS.keys())
def test_true_is_the_event(endog):
    outcome = read_outcome(endog)
    assert_array_equal(outcome.values, [0.0, 1.0, 1.0])
    assert outcome.labels == (False, True)
    assert all(type(label) is bool for label in outcome.labels)


LABELED = {
    "list": ["no", "yes", "yes"],
    "array": np.array(["no", "yes", "yes"]),
    "objects": np.array(["no", "yes", "yes"], dtype=object),
    "string": pd.array(["no", "yes", "yes"], dtype="string"),
    "categories": pd.Categorical(["no", "yes", "yes"]),
    "unused category": pd.Categorical(["no", "yes", "yes"], categories=["no", "yes", "zero"]),
    "unused between": pd.Categorical(["no", "yes", "yes"], categories=["no", "or", "yes"]),
    "bytes": np.array([b"no", b"yes", b"yes"]),
}


@pytest.mark.parametrize("endog", LABELED.values(), ids=LABELED.keys())
def test_the_last_label_in_order_is_the_event(endog):
    outcome = read_outcome(endog)
    assert_array_equal(outcome.values, [0.0, 1.0, 1.0])
    assert outcome.labels in ((b"no", b"yes"), ("no", "yes"))
    assert all(type(label) in (str, bytes) for label in outcome.labels)


def test_the_order_of_the_rows_does_not_choose_the_event():
    assert read_outcome(["yes", "no"]).labels == ("no", "yes")


def test_categories_are_in_their_own_order():
    outcome = read_outcome(pd.Categorical(["low", "high"], categories=["low", "high"]))
    assert outcome.labels == ("low", "high")
    assert_array_equal(outcome.values, [0.0, 1.0])


def test_numbers_as_categories_need_no_event():
    assert read_outcome(pd.Categorical([2, 1])).labels == (1, 2)


def test_intervals_are_labels():
    outcome = read_outcome(pd.cut([1.0, 9.0], [0, 5, 10]))
    assert_array_equal(outcome.values, [0.0, 1.0])


def test_two_declared_categories_stay_two():
    outcome = read_outcome(pd.Categorical(["low"], categories=["low", "high"]))
    assert outcome.labels == ("low", "high")


MISSING = {
    "NaN": np.array([0.0, np.nan, 1.0]),
    "None": [0, None, 1],
    "Int64": pd.array([0, None, 1], dtype="Int64"),
    "boolean": pd.array([False, None, True], dtype="boolean"),
    "object boolean": [False, None, True],
    "text": ["no", None, "yes"],
    "string": pd.array(["no", None, "yes"], dtype="string"),
    "categories": pd.Categorical(["no", None, "yes"]),
    "masked": np.ma.masked_array([0, 1, 1], mask=[False, True, False]),
    "masked boolean": np.ma.masked_array([False, True, True], mask=[False, True, False]),
}


@pytest.mark.parametrize("endog", MISSING.values(), ids=MISSING.keys())
def test_missing_outcomes_are_nan(endog):
    outcome = read_outcome(endog)
    assert_array_equal(outcome.values, [0.0, np.nan, 1.0])
    assert_array_equal(outcome.missing, [False, True, False])


def test_pyarrow_outcomes_are_read():
    import pyarrow as pa

    text = pa.array(["no", None, "yes"])
    series = [
        pd.Series([0, None, 1], dtype="int64[pyarrow]"),
        pd.Series([False, None, True], dtype="bool[pyarrow]"),
        pd.Series(["no", None, "yes"], dtype="string[pyarrow]"),
        pd.Series(["no", None, "yes"], dtype=pd.ArrowDtype(pa.string())),
        pd.Series(["no", None, "yes"], dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))),
        pd.Series([Decimal(0), None, Decimal(1)], dtype=pd.ArrowDtype(pa.decimal128(3, 1))),
    ]
    for endog in (
        *series,
        text,
        text.dictionary_encode(),
        pa.chunked_array([[False], [None, True]]),
    ):
        assert_array_equal(read_outcome(endog).values, [0.0, np.nan, 1.0])


def test_wholly_missing_outcomes_are_left_to_the_missing_data_policy():
    assert read_outcome([None, None]).missing.all()


def test_the_values_are_never_the_memory_of_the_user():
    endog = np.array([0.0, 1.0])
    read_outcome(endog).values[0] = 1.0
    assert_array_equal(endog, [0.0, 1.0])


EVENTS = [
    ([1, 2, 2], 2, (1, 2), [0, 1, 1]),
    ([1, 2, 2], 1, (2, 1), [1, 0, 0]),
    ([-1.0, 1.0, np.nan], 1, (-1, 1), [0, 1, np.nan]),
    ([0, 100, 100], np.int64(100), (0, 100), [0, 1, 1]),
    ([0, 1], 0, (1, 0), [1, 0]),
    ([0, 1], True, (0, 1), [0, 1]),
    ([False, True], False, (True, False), [1, 0]),
    ([1, 1], 0, (1, 0), [0, 0]),
    ([True, True], True, (False, True), [1, 1]),
    (["a", "b"], "a", ("b", "a"), [1, 0]),
    (["a", 1], 1, ("a", 1), [0, 1]),
    (pd.Categorical(["a", "b"]), "a", ("b", "a"), [1, 0]),
    ([2**53, 2**53 + 1], 2**53 + 1, (2**53, 2**53 + 1), [0, 1]),
]


@pytest.mark.parametrize(("endog", "event", "labels", "values"), EVENTS)
def test_event_names_the_label_to_model(endog, event, labels, values):
    outcome = read_outcome(endog, event=event)
    assert outcome.labels == labels
    assert_array_equal(outcome.values, values)


def test_whole_labels_print_as_integers():
    assert repr(read_outcome([1.0, 2.0], event=2).labels) == "(1, 2)"


@pytest.mark.parametrize("event", [3, "1", np.array([1, 2]), pd.NA, np.nan, pd.NaT])
def test_an_event_that_is_no_label_is_refused(event):
    with pytest.raises(
        OutcomeError, match=r"event=.* is not a label of endog; its labels are 0, 1"
    ):
        read_outcome([0, 1], event=event)


def test_fractions_are_shares_of_events():
    outcome = read_outcome([0.0, 0.25, np.nan, 1.0])
    assert outcome.kind == "fraction"
    assert outcome.labels == (0, 1)
    assert_array_equal(outcome.values, [0.0, 0.25, np.nan, 1.0])
    assert_array_equal(outcome.successes + outcome.failures, [1.0, 1.0, np.nan, 1.0])


COUNTS = {
    "frame": pd.DataFrame({"won": [3, 0, 0], "lost": [1, 2, 0]}),
    "array": np.array([[3, 1], [0, 2], [0, 0]]),
    "floats": np.array([[3.0, 1.0], [0.0, 2.0], [0.0, 0.0]]),
    "rows": [[3, 1], [0, 2], [0, 0]],
    "pairs": [(3, 1), (0, 2), (0, 0)],
}


@pytest.mark.parametrize("endog", COUNTS.values(), ids=COUNTS.keys())
def test_two_columns_are_successes_and_failures(endog):
    outcome = read_outcome(endog)
    assert (outcome.kind, outcome.labels) == ("counts", (0, 1))
    assert_array_equal(outcome.values, [0.75, 0.0, 0.5])
    assert_array_equal(outcome.trials, [4.0, 2.0, 0.0])
    assert_array_equal(outcome.successes, [3.0, 0.0, 0.0])
    assert_array_equal(outcome.failures, [1.0, 2.0, 0.0])


def test_a_count_missing_on_either_side_is_missing():
    masked = np.ma.masked_array([[3, 1], [2, 5], [1, 1]], mask=[[0, 0], [0, 1], [0, 0]])
    for endog in ([[3, 1], [2, None], [1, 1]], [[3, 1], [np.nan, 5], [1, 1]], masked):
        outcome = read_outcome(endog)
        assert_array_equal(outcome.missing, [False, True, False])
        assert_array_equal(outcome.take(~outcome.missing).trials, [4.0, 2.0])


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1))
def test_counts_come_back_exactly(pairs):
    outcome = read_outcome(np.array(pairs))
    assert_array_equal(np.column_stack([outcome.successes, outcome.failures]), pairs)


def test_names_come_from_the_data_unless_given():
    assert read_outcome(pd.Series([0, 1], name="ill")).name == "ill"
    assert read_outcome(pd.DataFrame({"ill": [0, 1]})).name == "ill"
    assert read_outcome(COUNTS["frame"]).name == "won + lost"
    assert read_outcome(pd.Series([0, 1], name="ill"), name="sick").name == "sick"
    assert read_outcome([0, 1]).name is None


def test_some_rows_of_an_outcome():
    outcome = read_outcome(pd.Series(["no", "yes", "yes"], name="ill"))
    some = outcome.take(np.array([2, 0]))
    assert_array_equal(some.values, [1.0, 0.0])
    assert (some.labels, some.name, some.trials.shape) == (("no", "yes"), "ill", ())


STAMPS = pd.to_datetime(["2020-01-01", "2020-01-02"])
REFUSED = {
    "complex": (np.array([0, 1 + 0j]), r"^endog holds complex numbers; an outcome is 0/1, two la"),
    "complex objects": ([0, 1j], r"holds complex numbers"),
    "dates": (STAMPS, r"holds dates or times"),
    "timestamps": (list(STAMPS), r"holds dates or times"),
    "days": ([date(2020, 1, 1), date(2020, 1, 2)], r"holds dates or times"),
    "durations": (STAMPS - STAMPS[0], r"holds dates or times"),
    "above one": ([0, 1 + 1e-12], r"is 1\.000000000001 in row 1: 0 or 1 but for rounding\. Round"),
    "below one": ([0, np.nan, 1 - 1e-12], r"is 0\.999999999999 in row 2: 0 or 1 but for round"),
    "below zero": ([0, -1e-12], r"is -1e-12 in row 1: 0 or 1 but for rounding"),
    "1 and 2": ([1, 2, np.nan], r"values 1 and 2; pass event=2 \(or event=1\) to say which one is"),
    "-1 and 1": ([-1, 1], r"has the values -1 and 1; pass event=1 \(or event=-1\)"),
    "0 and 100": ([0.0, 100.0], r"has the values 0 and 100; pass event=100 \(or event=0\)"),
    "three numbers": ([0, 1, 2], r"has 3 labels, 0, 1, 2, but a logit has two: combine labels"),
    "measurements": ([0.5, 1.5, 2.5], r"is 1\.5 in row 1; numbers must be 0 and 1, or fractions"),
    "some noise": ([0.3, 0.4, 1 + 1e-12], r"is 1\.000000000001 in row 2"),
    "many counts": (range(9), r"is 2 in row 2; .* Counts go in two columns, \(successes, failures"),
    "infinite": ([0, np.inf, 1], r"is inf in row 1; numbers must be 0 and 1"),
    "beyond floats": ([10**400, 1], r"is inf in row 0"),
    "three labels": (["a", "b", "c"], r"has 3 labels, 'a', 'b', 'c', but a logit has two: combi"),
    "many labels": (list("abcdefgh"), r"has 8 labels, 'a', .*'e', \.\.\. \(8 in all\)"),
    "one label": (["a", "a"], r"has only the label 'a'; a logit needs both classes"),
    "one used category": (
        pd.Categorical(["a"], categories=["a", "b", "c"]),
        r"has only the label 'a'",
    ),
    "no order": (["a", 1], r"has the labels 'a', 1, which have no order; pass event= to say which"),
    "lists": (pd.Series([[1], [2]]), r"has entries that cannot serve as labels, such as lists"),
    "three columns": (np.ones((2, 3)), r"has 3 columns; give one column of outcomes, or two of c"),
    "no columns": (pd.DataFrame(index=[0]), r"has 0 columns; give one column of outcomes"),
    "empty": ([], r"endog is empty; a fit needs rows"),
    "empty array": (np.empty(0), r"endog is empty; a fit needs rows"),
    "scalar": (1, r"endog is 1; it needs one entry per row: a Series, an array or a list"),
    "name": ("y", r"endog is 'y'; it needs one entry per row"),
    "mapping": ({"y": [0, 1]}, r"endog is a mapping; it needs one entry per row"),
    "3-d": (np.ones((2, 2, 2)), r"is an array of shape \(2, 2, 2\)"),
    "rows and numbers": ([[1, 2], 3], r"is a list of rows that differ in length"),
    "ragged": ([[1, 2], [1]], r"is a list of rows that differ in length"),
    "fractional counts": ([[1, 2], [2.5, 1]], r"the successes of endog must be .* row 1 has 2\.5"),
    "negative counts": ([[3, -1]], r"failures of endog must be whole numbers >= 0; row 0 has -1\."),
    "infinite counts": ([[3, np.inf]], r"failures of endog must be whole numbers.* row 0 has inf"),
    "text counts": (
        [["a", "b"]],
        r"two columns of endog must be counts .* the successes are not n",
    ),
    "indicators": (
        pd.get_dummies(pd.Series(["no", "yes"])),
        r"successes are not numbers; for two labels pass the one column that holds them",
    ),
}


@pytest.mark.parametrize(("endog", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_outcome_is_refused(endog, message):
    with pytest.raises(OutcomeError, match=message):
        read_outcome(endog)


def test_an_event_does_not_go_with_counts_or_fractions():
    with pytest.raises(OutcomeError, match="event= names a label, but endog is two columns of cou"):
        read_outcome([[1, 2]], event=1)
    with pytest.raises(OutcomeError, match=r"has 3 labels, 0, 0\.5, 1, but a logit has two"):
        read_outcome([0, 0.5, 1], event=1)
    with pytest.raises(OutcomeError, match="has no labels"):
        read_outcome([None, None], event=1)


def test_messages_name_the_column_and_the_row():
    endog = pd.Series([0.0, 3.5, 7.5], index=["ann", "bob", "cy"], name="ill")
    with pytest.raises(OutcomeError, match=r"^endog 'ill' is 3\.5 in row 'bob'"):
        read_outcome(endog)
    with pytest.raises(OutcomeError, match="in row 20;"):
        read_outcome(endog, index=pd.Index([10, 20, 30]))
