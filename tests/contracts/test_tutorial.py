"""The worked statsmodels example of a well-known tutorial, with WeightedLogit in Logit's place.

Ten points; the numbers are those that the tutorial prints.
"""

import re

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose, assert_array_equal

from wlogit import WeightedLogit

PROBABILITIES = [
    *(0.12208792, 0.24041529, 0.41872657, 0.62114189, 0.78864861),
    *(0.89465521, 0.95080891, 0.97777369, 0.99011108, 0.99563083),
]


@pytest.fixture(scope="module")
def x():
    return sm.add_constant(np.arange(10).reshape(-1, 1))


@pytest.fixture(scope="module")
def model(x):
    return WeightedLogit(np.array([0, 1, 0, 0, 1, 1, 1, 1, 1, 1]), x)


@pytest.fixture(scope="module")
def result(model):
    return model.fit(method="newton", disp=False)


def numbers(text, label):
    """The numbers on the line of a table that starts with ``label``."""
    line = next(line for line in text.splitlines() if line.startswith(label))
    return [float(number) for number in re.findall(r"-?\d+\.\d+", line)]


def entry(text, label):
    """What a two-column heading prints right of ``label``."""
    return re.search(re.escape(label) + r":?\s+(\S+)", text)[1]


def test_convergence_lines(model, capsys):
    model.fit(method="newton")
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [re.sub(r"\s+", " ", line) for line in printed] == [
        "Optimization terminated successfully.",
        "Current function value: 0.350471",
        "Iterations 7",
    ]


def test_coefficients(result):
    assert_allclose(result.params, [-1.972805, 0.82240094], atol=5e-7)


def test_predictions(result, x):
    assert_allclose(result.predict(x), PROBABILITIES, atol=5e-9)
    assert_array_equal((result.predict(x) >= 0.5).astype(int), [0, 0, 0, 1, 1, 1, 1, 1, 1, 1])


def test_confusion_matrix(result):
    assert_array_equal(np.asarray(result.pred_table()), [[2.0, 1.0], [1.0, 6.0]])


def test_summary(result):
    text = result.summary().as_text()
    assert numbers(text, "const") == [-1.9728, 1.737, -1.136, 0.256, -5.377, 1.431]
    assert numbers(text, "x1") == [0.8224, 0.528, 1.557, 0.119, -0.213, 1.858]
    assert entry(text, "No. Observations") == "10"
    assert entry(text, "Df Residuals") == "8"
    assert entry(text, "Df Model") == "1"
    assert entry(text, "Pseudo R-squ.") == "0.4263"
    assert entry(text, "Log-Likelihood") == "-3.5047"
    assert entry(text, "LL-Null") == "-6.1086"
    assert entry(text, "LLR p-value") == "0.02248"
    assert entry(text, "converged") == "True"


def test_summary2(result):
    text = result.summary2().as_text()
    assert numbers(text, "const") == [-1.9728, 1.7366, -1.1360, 0.2560, -5.3765, 1.4309]
    assert numbers(text, "x1") == [0.8224, 0.5281, 1.5572, 0.1194, -0.2127, 1.8575]
    assert entry(text, "Pseudo R-squared") == "0.426"
    assert entry(text, "AIC") == "11.0094"
    assert entry(text, "BIC") == "11.6146"
    assert entry(text, "Log-Likelihood") == "-3.5047"
    assert entry(text, "LL-Null") == "-6.1086"
    assert entry(text, "LLR p-value") == "0.022485"
    assert entry(text, "No. Iterations") == "7.0000"
    assert entry(text, "Scale") == "1.0000"
