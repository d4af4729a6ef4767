"""With unit weights every public number of statsmodels' Logit is WeightedLogit's.

What differs on purpose is in ``statsmodels_differences.md``, whose table this test reads: a
difference that is not in the table fails, and so does a row of the table that is not true.
"""

import warnings
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.discrete_model import Logit

from tests.contracts.logit_calls import MODEL, MODEL_APART, RESULTS, RESULTS_APART, public
from tests.contracts.logit_fits import FITS, UnitWeighted
from wlogit import WeightedLogit
from wlogit.errors import NotAvailableError

DIFFERENCES = Path(__file__).with_name("statsmodels_differences.md")
RTOL = 1e-7  # statsmodels iterates to its null model, to eight digits
ATOL = 1e-10  # times the largest entry of an array: for entries that are zero but for rounding
PRINTED = 2e-4  # the table prints four digits
ENOUGH = [fit for fit in FITS if not fit.only]
OURS = {"no weights": WeightedLogit, "weights of one": UnitWeighted(WeightedLogit)}


@dataclass(frozen=True)
class Difference:
    """A row of the table: where statsmodels and wlogit part, and what each says there."""

    name: str
    condition: str
    theirs: str
    ours: str
    right: str

    def covers(self, fit, path):
        return self.condition in fit.tags and fnmatch(path, self.name)


def read_differences():
    rows = []
    for line in DIFFERENCES.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5 and cells[0].startswith("`"):
            rows.append(Difference(cells[0].strip("`"), *cells[1:]))
    return rows


TABLE = read_differences()


def leaves(value, path=""):
    """Every array, number and word inside a value, by its path."""
    if type(value).__name__ == "ContrastResults":
        names = ("effect", "sd", "statistic", "pvalue", "df_denom", "df_num")
        value = {name: getattr(value, name, None) for name in names}
    elif isinstance(value, pd.DataFrame):
        value = {str(name): value[name] for name in value}
    elif isinstance(value, tuple | list) and not all(np.isscalar(part) for part in value):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return {path: value}
    parts = (leaves(part, f"{path}.{key}" if path else str(key)) for key, part in value.items())
    return {inner: leaf for part in parts for inner, leaf in part.items()}


def outcome(call, subject, fit):
    """Leaves of what a call returns, or the exception that it raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return leaves(call(subject, fit))
    except Exception as error:  # noqa: BLE001  which exception is the outcome
        return error


def difference(theirs, ours):
    """What differs between two leaves, in words; empty when nothing does."""
    if isinstance(theirs, pd.Series) and list(theirs.index) != list(range(len(theirs))):
        named = list(getattr(ours, "index", []))
        if list(theirs.index) != named:
            return f"labels {list(theirs.index)[:4]} became {named[:4]}"
    theirs, ours = np.asarray(theirs), np.asarray(ours)
    if theirs.size == ours.size == 1:
        theirs, ours = theirs.reshape(1), ours.reshape(1)
    if theirs.shape != ours.shape:
        return f"shape {theirs.shape} became {ours.shape}"
    if not all(array.dtype.kind in "fiub" for array in (theirs, ours)):
        return "" if (theirs == ours).all() else f"{theirs} became {ours}"
    scale = np.max(np.abs(theirs), initial=0.0, where=np.isfinite(theirs))
    close = np.isclose(ours, theirs, rtol=RTOL, atol=ATOL * scale, equal_nan=True)
    return "" if close.all() else f"{theirs[~close][0]!r} became {ours[~close][0]!r}"


def ours_is_weighted(ours):
    """Whether a number may be refused: not under weights, even of one, in this version."""
    return getattr(ours, "model", ours).freq_weights is not None


def compare(name, table, fit, theirs, ours):
    """Path, both values and the difference, of every leaf of a member that statsmodels returns."""
    for label, call in table.get(name, {"": lambda thing, _: getattr(thing, name)}).items():
        title = f"{name}({label})" if label else name
        expected, found = outcome(call, theirs, fit), outcome(call, ours, fit)
        if isinstance(expected, Exception):
            continue
        if isinstance(found, NotAvailableError) and ours_is_weighted(ours):
            continue
        if isinstance(found, Exception):
            yield title, expected, found, f"raises {type(found).__name__}: {found}"
            continue
        for part, value in expected.items():
            path = f"{title}.{part}" if part else title
            mine = found.get(part)
            yield path, value, mine, difference(value, mine)


@cache
def departures(fit, weights):
    """Everything about one fit that is not as statsmodels says."""
    try:
        theirs, ours = fit.results(Logit), fit.results(OURS[weights])
    except ValueError as error:
        return [("fit", None, error, f"raises {error}")]
    names = fit.only or [n for n in public(theirs) if n not in RESULTS_APART]
    found = [row for name in names for row in compare(name, RESULTS, fit, theirs, ours)]
    names = [] if fit.only else [n for n in public(theirs.model) if n not in MODEL_APART]
    for name in names:
        rows = compare(name, MODEL, fit, theirs.model, ours.model)
        found += [(f"model.{path}", *rest) for path, *rest in rows]
    return [row for row in found if row[-1]]


def first_numbers(theirs, ours):
    """The first entries that differ."""
    theirs, ours = np.ravel(theirs).astype(float), np.ravel(ours).astype(float)
    place = np.argmin(np.isclose(theirs, ours, rtol=RTOL, equal_nan=True))
    return theirs[place], ours[place]


@pytest.mark.parametrize("weights", OURS)
@pytest.mark.parametrize("fit", ENOUGH, ids=lambda fit: fit.name)
def test_every_public_number_is_that_of_statsmodels(fit, weights):
    unexplained = [
        f"{path}: {what}"
        for path, _, _, what in departures(fit, weights)
        if not any(row.covers(fit, path) for row in TABLE)
    ]
    assert not unexplained, "\n".join(unexplained)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.name}, {row.condition}")
def test_every_row_of_the_table_is_true(row):
    fit = next(fit for fit in FITS if row.condition in fit.tags)
    found = [d for d in departures(fit, "no weights") if row.covers(fit, d[0])]
    assert found, "nothing differs: take the row off the table"
    _, theirs, ours, what = found[0]
    if isinstance(ours, Exception):
        assert row.ours == type(ours).__name__, what
        return
    printed = [float(row.theirs), float(row.ours)]
    np.testing.assert_allclose(printed, first_numbers(theirs, ours), rtol=PRINTED)


def test_every_row_says_who_is_right():
    assert TABLE
    assert all(row.right.startswith(("wlogit:", "statsmodels:", "either:")) for row in TABLE)


@pytest.mark.parametrize("subject", ["results", "model"])
def test_every_public_name_of_statsmodels_is_compared(subject):
    results = ENOUGH[0].results(Logit)
    thing, table, apart = {
        "results": (results, RESULTS, RESULTS_APART),
        "model": (results.model, MODEL, MODEL_APART),
    }[subject]
    methods = {name for name in public(thing) if callable(getattr(thing, name))}
    assert methods <= set(table) | set(apart), "give these a call, or a reason"
    known = set(public(thing)) | {"offset"}  # only where there is one
    assert set(table) | set(apart) <= known, "statsmodels has no such names"


@pytest.mark.parametrize("subject", ["results", "model"])
def test_every_call_works_for_some_fit(subject):
    """A call that statsmodels always refuses would compare nothing."""
    table = RESULTS if subject == "results" else MODEL
    never = [(name, label) for name in table for label in table[name]]
    for fit in ENOUGH[::5]:
        results = fit.results(Logit)
        thing = results if subject == "results" else results.model
        never = [
            (name, label)
            for name, label in never
            if isinstance(outcome(table[name][label], thing, fit), Exception)
        ]
    assert [call for call in never if call != ("information", "")] == []
