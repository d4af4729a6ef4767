"""Any table gives the right numbers or a clear error, and stays as it was."""

import copy
import warnings

import numpy as np
import pandas as pd
import patsy
from hypothesis import given
from numpy.testing import assert_allclose
from scipy.special import expit

from tests.contracts.dataframe_truth import NEARLY_ONE, covariance, newton, rank, separated
from tests.contracts.dataframes import tables
from wlogit import (
    DesignError,
    InferenceWarning,
    MissingValueError,
    OutcomeError,
    SeparationWarning,
    WeightError,
)
from wlogit.formula.api import weighted_logit

CLEAR = (WeightError, DesignError, OutcomeError, MissingValueError, patsy.PatsyError)
# Newton's method in the columns as they are, against one in columns that are centered.
RTOL = 1e-7


@given(tables())
def test_a_table_gives_the_right_numbers_or_a_clear_error(table):
    before = copy.deepcopy((table.frame, table.options)), list(table.frame.dtypes)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            results = weighted_logit(table.formula, table.frame, **table.options).fit(
                disp=False, cov_type=table.cov_type
            )
        except Exception as error:  # noqa: BLE001  whatever it is, it is judged
            results = error
    assert_unchanged(before, (table.frame, table.options))
    said = [one.category for one in caught]
    reasons = why_refused(table)
    if isinstance(results, Exception):
        assert_clear(results, reasons, table.odd)
    elif separated(table.data.counted()):
        assert issubclass(said[0], SeparationWarning), said
        assert not results.converged
    else:
        assert not reasons, f"not refused: {reasons}"
        assert_right(results, table, said)


# ---------------------------------------------------------------------------------------- refusals


def why_refused(table):
    """Texts of which a refusal has one, if there is a reason for it."""
    data, reasons = table.data, [text for fault in table.faults for text in fault]
    if reasons:
        return reasons
    if not np.isfinite(data.X).all():
        return ["infinite"]
    outcome = table.formula.partition(" ~ ")[0]
    if not len(data.y) or min(data.masses) <= 0.0:
        return ["endog", outcome, "no rows are left", "all zero"]
    if rank(data.counted().X) < data.X.shape[1]:
        return ["rank deficient", "zero on the rows", "level"]
    kind = table.cov_type or ("nonrobust" if table.likelihood else "HC3")
    if data.estimated and kind in ("HC2", "HC3") and min(data.sizes) <= 1.0:
        return ["class"]
    return []


def assert_clear(error, reasons, odd):
    """It is of a class that a caller may expect, and names a reason, or a column of an odd type."""
    said = str(error)
    # Of an offset there is nothing to decide, and so no class of its own.
    plain = type(error) is ValueError and said.startswith("offset")
    assert isinstance(error, CLEAR) or plain, repr(error)
    assert any(text in said for text in [*reasons, *map(repr, odd), *odd]), (repr(error), reasons)


# ----------------------------------------------------------------------------------------- numbers


def assert_right(results, table, said):
    """Coefficients, standard errors, rows and predictions are those of the clean numbers."""
    data = table.data.counted()
    coef = newton(data)
    kind = table.cov_type or ("nonrobust" if table.likelihood else "HC3")
    matrix, leverage = covariance(data, coef, kind)
    assert said == [] or (leverage > NEARLY_ONE and said == [InferenceWarning]), said
    order = places(results, table)
    params = np.asarray(results.params)
    assert results.converged
    assert_allclose(params, coef[order], rtol=RTOL, atol=RTOL * np.abs(coef).max() + 1e-10)
    if leverage < NEARLY_ONE:
        assert_allclose(results.bse, np.sqrt(np.diag(matrix))[order], rtol=1e-5)
    assert_allclose(results.nobs, data.sizes.sum())
    assert results.cov_type == kind
    labels = table.frame.index[table.kept]
    assert results.fittedvalues.index.equals(labels)
    assert "coef" in results.summary().as_text()
    assert_predictions(results, table, coef)


def places(results, table):
    """Which column of the clean design each coefficient is of, by its values; its name agrees."""
    design, found = table.X[table.kept], np.asarray(results.model.exog)
    assert found.shape == design.shape
    order = []
    for column, name in zip(found.T, results.params.index, strict=True):
        near = [j for j in range(design.shape[1]) if np.allclose(design[:, j], column, rtol=1e-12)]
        assert near, f"no column is {name}"
        named = [j for j in near if all(part in name for part in table.labels[j])]
        assert named, (name, [table.labels[j] for j in near])
        order.append(named[0])
    assert sorted(order) == list(range(design.shape[1]))
    return order


def assert_predictions(results, table, coef):
    """Of the table's own rows as if they were new; missing ones stay missing, in place."""
    if not isinstance(table.options.get("offset", ""), str):
        return
    inside = table.inside
    new = table.frame
    if not inside.all():
        if any(dtype in (">f8", ">i4") for dtype in new.dtypes):
            return  # pandas itself takes no rows of it
        new = new.loc[inside]
    found = results.predict(new)
    assert found.index.equals(table.frame.index[inside])
    predicted = np.full(len(inside), np.nan)
    predicted[inside] = found
    rows = table.predictable & np.isfinite(table.X).all(axis=1)
    eta = table.X[rows] @ coef + table.offset[rows]
    assert_allclose(predicted[rows], expit(eta), rtol=1e-6, atol=1e-9)
    assert np.isnan(predicted[~table.predictable]).all()


# --------------------------------------------------------------------------------------- unchanged


def assert_unchanged(before, after):
    """Values, types, labels and the names of labels."""
    (frame, options), dtypes = before
    # The copy has its bytes in the order of the machine.
    assert dtypes == list(after[0].dtypes)
    same_columns(frame, after[0])
    assert options.keys() == after[1].keys()
    for name, value in options.items():
        other = after[1][name]
        assert type(value) is type(other)
        if isinstance(value, pd.Series):
            pd.testing.assert_series_equal(value, other)
        elif isinstance(value, list):
            assert repr(value) == repr(other)
        elif hasattr(value, "dtype"):
            pd.testing.assert_series_equal(pd.Series(value), pd.Series(other))
        else:
            assert value == other


def same_columns(before, after):
    pd.testing.assert_index_equal(before.index, after.index, exact=True)
    pd.testing.assert_index_equal(before.columns, after.columns, exact=True)
    for j in range(before.shape[1]):
        left, right = before.iloc[:, j], after.iloc[:, j]
        pd.testing.assert_series_equal(left, right, check_exact=True, check_dtype=False)
