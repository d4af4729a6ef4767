"""Each input of ``bad_inputs.csv`` gives the right coefficients, a clear error, or a warning.

The table says which outcomes are allowed; the cases say which one it is, with the words of the
message or the numbers of an independent solver. Nothing else may be said, and nothing that the
user passed may change.
"""

import contextlib
import copy
import json
import warnings

import numpy as np
import pytest

from tests.contracts.bad_inputs import (
    ALLOWED,
    Case,
    Flagged,
    Given,
    Holds,
    Refused,
    Right,
    RightOrRefused,
    X,
    plain,
    refuses,
    required,
    solved,
    y,
)
from tests.contracts.bad_inputs_record import (
    CASES,
    PAGE,
    RECORD,
    assert_right,
    came_of,
    marks,
    tables,
)

REQUIRED = required()
RECORDED = json.loads(RECORD.read_text(encoding="utf-8"))


def of(kind):
    return [pytest.param(case, id=case.id) for case in CASES if isinstance(case.outcome, kind)]


def test_every_row_of_the_table_has_a_case():
    written = {(case.group, case.name) for case in CASES}
    assert written == set(REQUIRED)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_the_outcome_is_one_that_the_table_allows(case):
    assert isinstance(case.outcome, ALLOWED[REQUIRED[case.group, case.name]])


@pytest.mark.parametrize("case", of(Right))
def test_the_numbers_are_right(case):
    given = case.prepare()
    before = copy.deepcopy(given.inputs)
    with contextlib.nullcontext() if case.outcome.says is None else pytest.warns(case.outcome.says):
        results = given.fit()
    assert_right(results, given.answer, case.outcome.rtol)
    assert_unchanged(before, given.inputs)


@pytest.mark.parametrize("case", of(Refused))
def test_the_error_is_clear(case):
    given = case.prepare()
    before = copy.deepcopy(given.inputs)
    with warnings.catch_warnings():
        # What numpy says of log(0) is numpy's.
        warnings.simplefilter("ignore", RuntimeWarning)
        refuses(case.outcome.error, case.outcome.words, given.fit)
    assert_unchanged(before, given.inputs)


@pytest.mark.parametrize("case", of(RightOrRefused))
def test_the_numbers_are_right_or_refused(case):
    given = case.prepare()
    before = copy.deepcopy(given.inputs)
    try:
        results = given.fit()
    except ValueError:
        refuses(case.outcome.error, case.outcome.words, given.fit)
    else:
        assert_right(results, given.answer, case.outcome.rtol)
    assert_unchanged(before, given.inputs)


@pytest.mark.parametrize("case", of(Flagged))
def test_the_warning_says_so(case):
    given = case.prepare()
    before = copy.deepcopy(given.inputs)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = given.fit()
    messages = [
        str(one.message) for one in caught if issubclass(one.category, case.outcome.warning)
    ]
    assert messages, [str(one.message) for one in caught]
    assert [word for word in case.outcome.words if word not in " ".join(messages)] == [], messages
    foreign = [one for one in caught if not issubclass(one.category, case.outcome.warning)]
    assert foreign == []
    if case.outcome.holds is not None:
        case.outcome.holds(results)
    assert_unchanged(before, given.inputs)


@pytest.mark.parametrize("case", of(Holds))
def test_the_property_holds(case):
    case.prepare()


def assert_unchanged(before, after):
    assert before.keys() == after.keys()
    for name, value in before.items():
        assert same(value, after[name]), f"{name} was changed"


def same(one, other):
    if isinstance(one, np.ma.MaskedArray):
        return bool((one.mask == other.mask).all()) and same(one.data, other.data)
    if isinstance(one, np.ndarray):
        nan = one.dtype.kind in "fc"
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=nan)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    # Frames, Series, Arrow arrays
    return one.equals(other) if hasattr(one, "equals") else bool(np.all(one == other))


# ------------------------------------------------------------------------- the page and its record


def test_the_record_is_of_these_cases():
    assert list(RECORDED["cases"]) == [case.id for case in CASES]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_what_came_of_a_case_is_as_recorded(case):
    assert came_of(case) == RECORDED["cases"][case.id]


def test_the_page_has_the_tables_of_the_record():
    page = PAGE.read_text(encoding="utf-8")
    for name, table in tables(RECORDED).items():
        begin, end = marks(name)
        assert page.partition(begin)[2].partition(end)[0] == table


def raises(error):
    def fit():
        raise error

    return fit


def asserts(truth):
    def prepare():
        assert truth

    return prepare


class Made(Given):
    """A call of which the test says what it does."""

    def fit(self):
        return self.around()


OTHER = solved(X() * [1, 1, 2], y())
DATA = {"endog": y(), "exog": X()}
JUDGED = {
    "right": ("right", Right(), Given(DATA, plain())),
    "other numbers": ("silent", Right(), Given(DATA, OTHER)),
    "numbers where an error is due": ("silent", Refused(ValueError), Given(DATA, plain())),
    "numbers without the warning": ("silent", Flagged(UserWarning), Given(DATA)),
    "an error of numpy": (
        "cryptic error",
        Refused(ValueError),
        Made({}, around=raises(np.linalg.LinAlgError("Singular matrix"))),
    ),
    "a lookup": ("cryptic error", Refused(KeyError), Made({}, around=raises(KeyError("x")))),
    "an error without the words": (
        "cryptic error",
        Refused(ValueError, ("row 3",)),
        Given({**DATA, "freq_weights": -y()}),
    ),
    "an error with them": (
        "clear error",
        Refused(ValueError, ("negative",)),
        Given({**DATA, "freq_weights": -y()}),
    ),
    "a warning of another library": (
        "silent",
        Flagged(UserWarning),
        Made({}, around=lambda: warnings.warn("odd", UserWarning, stacklevel=1)),
    ),
}


@pytest.mark.parametrize("name", JUDGED)
def test_the_judge_sees_what_is_wrong(name):
    verdict, outcome, given = JUDGED[name]
    assert came_of(Case("", name, outcome, lambda: given)) == verdict


@pytest.mark.parametrize(("truth", "verdict"), [(True, "right"), (False, "silent")])
def test_a_property_is_right_if_its_assertion_passes(truth, verdict):
    assert came_of(Case("", "", Holds(), asserts(truth))) == verdict
