"""Any text of a formula gives the right numbers or a clear error, and no program in it is run."""

import contextlib
import io
import json
import re
import sys
import warnings

import numpy as np
import patsy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.contracts.dataframe_truth import Weighed, newton, rank, separated
from tests.contracts.formula_texts import (
    TABLE,
    forbidden,
    garbage,
    hostile,
    spoiled,
    well_formed,
)
from wlogit import DesignError, MissingValueError, OutcomeError, WeightError, cli
from wlogit.formula.api import weighted_logit
from wlogit.formula.vetting import ARGUMENTS, vetted_environment

CLEAR = (WeightError, DesignError, OutcomeError, MissingValueError, patsy.PatsyError)
# The functions that the command line knows by their bare names.
AROUND = patsy.EvalEnvironment([{"np": np, **{name: getattr(np, name) for name in ARGUMENTS}}])


def right_answer(formula):
    """{name: coefficient} by patsy and Newton's method; None where there is no estimate."""
    with np.errstate(all="ignore"):
        left, right = patsy.dmatrices(formula, TABLE, AROUND, return_type="dataframe")
    # A condition is an indicator of False and one of True.
    y, X = left.to_numpy()[:, -1], right.to_numpy()
    data = Weighed(X, y, np.zeros(len(y)), np.ones(len(y)), np.ones(len(y)))
    if len(y) < len(TABLE) or not np.isfinite(X).all() or rank(X) < X.shape[1] or separated(data):
        return None
    return dict(zip(right.columns, newton(data), strict=True))


def assert_right(params, formula):
    """Where the answer is plain."""
    expected = right_answer(formula)
    if expected is not None:
        found = np.array([params[name] for name in expected])
        largest = np.abs(list(expected.values())).max()
        assert list(params) == list(expected)
        assert_allclose(found, list(expected.values()), rtol=1e-5, atol=1e-6 * largest)


@given(st.one_of(well_formed(), spoiled(), garbage()))
def test_any_formula_gives_the_right_numbers_or_a_clear_error(formula):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            results = weighted_logit(formula, TABLE, eval_env=AROUND).fit(disp=False)
        except CLEAR:
            return
    if results.converged:
        assert_right(results.params.to_dict(), formula)


# -------------------------------------------------------------------------------- the command line


@pytest.fixture(scope="module")
def trap(tmp_path_factory):
    """A folder with the table and a module that must not be imported."""
    folder = tmp_path_factory.mktemp("trap")
    TABLE.to_csv(folder / "t.csv", index=False)
    (folder / "wlogit_canary.py").write_text("print('evaluated')\n")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def run(*arguments):
    """Exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main(list(arguments))
        except SystemExit as end:
            code = end.code
    return code, out.getvalue(), err.getvalue()


def assert_nothing_ran(trap, out):
    assert sorted(path.name for path in trap.iterdir()) == ["t.csv", "wlogit_canary.py"]
    assert "wlogit_canary" not in sys.modules
    assert "evaluated" not in out


def assert_told(code, out, err):
    """In lines of its own, of which the last says what is wrong."""
    lines = err.splitlines()
    if code == 2:
        assert lines[0].startswith("usage: wlogit")
    else:
        assert all(line.startswith("wlogit: ") for line in lines), err
    if code in (1, 2):
        assert out == ""
        # An argument that is not known is shown as it is, line ends included.
        told = [line for line in lines if re.match("wlogit( fit)?: error: ..", line)]
        assert told
        assert code == 2 or told[-1] == lines[-1]
    assert code in (0, 1, 2, 3)
    if code in (0, 3):
        assert not any(line.startswith("wlogit: error: ") for line in lines)


ANY = st.one_of(well_formed(), spoiled(), garbage())


@given(formula=ANY)
def test_a_command_prints_the_right_numbers_or_one_line(trap, formula):
    code, out, err = run("fit", str(trap / "t.csv"), "--format", "json", "--", formula)
    assert_told(code, out, err)
    if code == 0:
        assert_right(coefficients(out), formula)


def coefficients(out):
    return {row["term"]: row["estimate"] for row in json.loads(out)["coefficients"]}


@given(data=st.data())
def test_a_program_in_a_formula_is_not_run(trap, data):
    formula = data.draw(hostile(str(trap / "canary")))
    code, out, err = run("fit", str(trap / "t.csv"), "--", formula)
    assert_told(code, out, err)
    assert_nothing_ran(trap, out)
    # A term that is taken out of the formula again is none of the model.
    assert code == 1 or forbidden(formula, {*TABLE.columns, "T.a"}) == []


@given(data=st.data())
def test_what_is_let_through_is_made_of_columns_and_listed_functions(trap, data):
    formula = data.draw(st.one_of(ANY, hostile(str(trap / "canary"))))
    columns = {*TABLE.columns, "open", "__import__", "T.a"}
    try:
        vetted_environment(formula, columns)
    except (DesignError, OutcomeError):
        return
    assert forbidden(formula, columns) == []


OPTIONS = (
    *("--class-weight", "--freq-weights", "--sampling-weights", "--prevalence", "--offset"),
    *("--event", "--strata", "--psu", "--fpc", "--nest", "--aliased", "--cov", "--cluster"),
    *("--format", "--weights", "--", "-h", "-x", ""),
)
VALUES = (
    *("balanced", "0:1,1:2", "0:1,1:", "1", "0", "0.1", "-1", "nan", "1e999", "w", "k", "g", "x"),
    *("y", "a b", "no", "HC3", "HC9", "nonrobust", "cluster", "survey", "drop", "json", "text"),
    *("", " ", ":", "0:0,1:0", '"', "u:1", "é", "\0", "__import__('wlogit_canary')"),
)


@given(
    formula=st.one_of(st.just("y ~ x + g"), st.just("y ~ x"), ANY),
    options=st.lists(st.tuples(st.sampled_from(OPTIONS), st.sampled_from(VALUES)), max_size=4),
)
def test_any_options_give_a_result_or_one_line(trap, formula, options):
    given = [part for option in options for part in option]
    code, out, err = run("fit", str(trap / "t.csv"), *given, formula)
    if "-h" not in given:
        assert_told(code, out, err)
        assert_nothing_ran(trap, out)
