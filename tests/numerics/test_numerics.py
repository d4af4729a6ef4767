"""No program has two digits more than wlogit on any rung, and none of its own digits is lost."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from tests.numerics.__main__ import BEGIN, END, PAGE, VALUES, exact, given
from tests.numerics.contenders import wlogit
from tests.numerics.digits import KINDS, digits_of, table
from tests.numerics.problems import problems
from wlogit import WeightedLogit

VALUES = json.loads(VALUES.read_text(encoding="utf-8"))
RUNGS = VALUES["rungs"]
PROBLEMS = problems()
# What rounding in another order, by another BLAS, may move.
MARGIN = 2.0


def test_the_exact_answers_belong_to_the_rungs():
    assert {name: problem.fingerprint for name, problem in PROBLEMS.items()} == {
        name: rung["data"] for name, rung in RUNGS.items()
    }


@pytest.mark.parametrize("name", ["near copies, 10^-6", "unequal weights, 10^-8 to 10^8"])
def test_the_exact_answers_can_be_computed_again(name):
    again = exact(PROBLEMS[name])
    assert again.keys() == RUNGS[name]["exact"].keys()
    for kind, values in again.items():
        np.testing.assert_allclose(values, RUNGS[name]["exact"][kind], rtol=1e-15)


@pytest.mark.parametrize("name", RUNGS)
def test_no_program_has_two_digits_more(name):
    """Nor had wlogit itself when the table was made."""
    rung = RUNGS[name]
    ours = digits_of(asdict(wlogit(given(PROBLEMS[name]))), rung["exact"])
    for kind in KINDS:
        of_all = [p["digits"][kind] for p in rung["programs"].values() if kind in p["digits"]]
        assert not of_all or ours[kind] > max(of_all) - MARGIN, (kind, ours, rung["programs"])


def test_whether_nearly_collinear_columns_converge_is_no_matter_of_the_order_of_the_rows():
    problem = given(PROBLEMS["near copies, 10^-8"])
    y, X = np.asarray(problem.y), np.asarray(problem.X)
    expected = np.asarray(WeightedLogit(y, X).fit(disp=False).bse)
    for seed in range(20):
        rows = np.random.default_rng(seed).permutation(len(y))
        results = WeightedLogit(y[rows], X[rows]).fit(disp=False)
        assert results.converged
        np.testing.assert_allclose(results.bse, expected, rtol=1e-5)


def test_the_page_has_the_table_of_the_values():
    page = PAGE.read_text(encoding="utf-8")
    assert page.partition(BEGIN)[2].partition(END)[0] == table(VALUES)
