"""Each input of ``bad_inputs.csv`` gives the right coefficients, a clear error, or a warning.

The table says which outcomes are allowed; the cases say which one it is, with the words of the
message or the numbers of an independent solver. Nothing else may be said, and nothing that the
user passed may change.
"""

import contextlib
import copy
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.contracts import (
    bad_inputs_arrays,
    bad_inputs_formulas,
    bad_inputs_life,
    bad_inputs_models,
)
from tests.contracts.bad_inputs import (
    ALLOWED,
    Flagged,
    Holds,
    Refused,
    Right,
    RightOrRefused,
    refuses,
    required,
)

BOOKS = (
    bad_inputs_arrays.case,
    bad_inputs_models.case,
    bad_inputs_formulas.case,
    bad_inputs_life.case,
)
REQUIRED = required()
CASES = [case for book in BOOKS for cases in book.cases.values() for case in cases]


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


def assert_right(results, answer, rtol):
    assert results.converged
    assert_allclose(np.asarray(results.params), answer.coef, rtol=rtol)
    bse = np.asarray(results.bse)
    if answer.bse is not None:
        assert_allclose(bse, answer.bse, rtol=10 * rtol)
    assert ((bse > 0) & np.isfinite(bse)).all()
    assert "coef" in results.summary().as_text()


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
    try:
        results = given.fit()
    except ValueError:
        refuses(case.outcome.error, case.outcome.words, given.fit)
    else:
        assert_right(results, given.answer, case.outcome.rtol)


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
