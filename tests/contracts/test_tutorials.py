"""The ten-point examples of a well-known tutorial on logistic regression in Python.

The numbers are those that it prints, with scikit-learn and with statsmodels. Where the optimum has
other digits, scikit-learn is run beside, and the cause is asserted.
"""

import re

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, confusion_matrix

from wlogit import SeparationWarning, WeightedLogit
from wlogit.sklearn import WeightedLogitClassifier

# -- ten points, scikit-learn ----------------------------------------------------------------------

TEN = np.arange(10).reshape(-1, 1)
FIRST = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
SECOND = np.array([0, 1, 0, 0, 1, 1, 1, 1, 1, 1])
# Outcome and C; then intercept and slope, probabilities of a one, predictions, score, confusion
# matrix and report, as printed. The copy of the text has lost the minus signs of the intercepts.
PRINTED = {
    "first, C = 1": (
        *(FIRST, 1.0, -1.04608067, 0.51491375),
        [
            *(0.25997843, 0.37024476, 0.4959368, 0.62214451, 0.73371907),
            *(0.82178499, 0.88527921, 0.92813018, 0.95577487, 0.97309431),
        ],
        *([0, 0, 0, 1, 1, 1, 1, 1, 1, 1], 0.9, [[3, 1], [0, 6]]),
        """
        0 1.00 0.75 0.86 4
        1 0.86 1.00 0.92 6
        accuracy 0.90 10
        macro avg 0.93 0.88 0.89 10
        weighted avg 0.91 0.90 0.90 10
        """,
    ),
    "first, C = 10": (
        *(FIRST, 10.0, -3.51335372, 1.12066084),
        [
            *(0.02893466, 0.0837316, 0.2189096, 0.46222929, 0.72497788),
            *(0.88992257, 0.96123165, 0.98701989, 0.9957303, 0.99860379),
        ],
        *([0, 0, 0, 0, 1, 1, 1, 1, 1, 1], 1.0, [[4, 0], [0, 6]]),
        """
        0 1.00 1.00 1.00 4
        1 1.00 1.00 1.00 6
        accuracy 1.00 10
        macro avg 1.00 1.00 1.00 10
        weighted avg 1.00 1.00 1.00 10
        """,
    ),
    "second, C = 10": (
        *(SECOND, 10.0, -1.51632619, 0.703457),
        [
            *(0.18000314, 0.30727943, 0.47267421, 0.64429268, 0.78541424),
            *(0.88089771, 0.93728671, 0.96794968, 0.9838782, 0.99195628),
        ],
        *([0, 0, 0, 1, 1, 1, 1, 1, 1, 1], 0.8, [[2, 1], [1, 6]]),
        """
        0 0.67 0.67 0.67 3
        1 0.86 0.86 0.86 7
        accuracy 0.80 10
        macro avg 0.76 0.76 0.76 10
        weighted avg 0.80 0.80 0.80 10
        """,
    ),
}
ten_points = pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED.keys())


def liblinear(C, tol=1e-4):
    return LogisticRegression(solver="liblinear", C=C, random_state=0, tol=tol)


def classifier(C):
    return WeightedLogitClassifier(alpha=1.0 / (C * 10), penalize_intercept=True)


def objective(y, C, intercept, slope):
    """What liblinear minimises, and its gradient."""
    eta = intercept + slope * TEN[:, 0]
    error = 1.0 / (1.0 + np.exp(-eta)) - y
    value = (intercept**2 + slope**2) / 2.0 + C * np.sum(np.logaddexp(0.0, eta) - y * eta)
    return value, np.array([intercept + C * error.sum(), slope + C * error @ TEN[:, 0]])


def words(report):
    return [line.split() for line in report.splitlines() if line.strip()]


@ten_points
def test_scikit_learn_prints_the_digits_of_the_tutorial(printed):
    y, C, intercept, slope, probabilities, *_ = printed
    theirs = liblinear(C).fit(TEN, y)
    assert_allclose([theirs.intercept_[0], theirs.coef_[0, 0]], [intercept, slope], atol=5.1e-9)
    assert_allclose(theirs.predict_proba(TEN)[:, 1], probabilities, atol=5.1e-9)


@ten_points
def test_they_are_those_of_a_solver_that_stopped_near_the_optimum(printed):
    y, C, intercept, slope, *_ = printed
    ours = classifier(C).fit(TEN, y)
    found = ours.intercept_[0], ours.coef_[0, 0]
    value, gradient = objective(y, C, *found)
    value_there, gradient_there = objective(y, C, intercept, slope)
    assert_allclose(gradient, 0.0, atol=1e-12)
    assert value < value_there
    assert np.abs(gradient_there).max() > 1e-7
    to_the_end = liblinear(C, tol=1e-12).fit(TEN, y)
    assert_allclose([to_the_end.intercept_[0], to_the_end.coef_[0, 0]], found, rtol=1e-7)


@ten_points
def test_the_classifier_agrees_with_the_tutorial(printed):
    y, C, intercept, slope, probabilities, predicted, score, confusion, report = printed
    ours = classifier(C).fit(TEN, y)
    assert_array_equal(ours.classes_, [0, 1])
    # As near as the tutorial's solver has come to the optimum.
    assert_allclose([ours.intercept_[0], ours.coef_[0, 0]], [intercept, slope], rtol=8e-5)
    assert_allclose(ours.predict_proba(TEN)[:, 1], probabilities, atol=3e-5)
    assert_allclose(ours.predict_proba(TEN).sum(axis=1), 1.0)
    assert_array_equal(ours.predict(TEN), predicted)
    assert ours.score(TEN, y) == score
    assert_array_equal(confusion_matrix(y, ours.predict(TEN)), confusion)
    assert_array_equal(np.asarray(ours.results_.pred_table()), confusion)
    assert words(classification_report(y, ours.predict(TEN)))[1:] == words(report)


def test_the_first_example_has_no_estimate_without_a_penalty():
    with pytest.warns(SeparationWarning, match="separate the labels"):
        WeightedLogitClassifier().fit(TEN, FIRST)


def test_the_packages_differ_by_the_penalty():
    """Not by "different iterative and approximate procedures", as the tutorial has it."""
    ours = WeightedLogitClassifier().fit(TEN, SECOND)
    assert_allclose([ours.intercept_[0], ours.coef_[0, 0]], [-1.972805, 0.82240094], atol=6e-9)


# -- ten points, statsmodels -----------------------------------------------------------------------

PROBABILITIES = [
    *(0.12208792, 0.24041529, 0.41872657, 0.62114189, 0.78864861),
    *(0.89465521, 0.95080891, 0.97777369, 0.99011108, 0.99563083),
]


@pytest.fixture(scope="module")
def design():
    return sm.add_constant(np.arange(10).reshape(-1, 1))


@pytest.fixture(scope="module")
def model(design):
    return WeightedLogit(np.array([0, 1, 0, 0, 1, 1, 1, 1, 1, 1]), design)


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


def test_statsmodels_convergence_lines(model, capsys):
    model.fit(method="newton")
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [re.sub(r"\s+", " ", line) for line in printed] == [
        "Optimization terminated successfully.",
        "Current function value: 0.350471",
        "Iterations 7",
    ]


def test_statsmodels_coefficients(result):
    assert_allclose(result.params, [-1.972805, 0.82240094], atol=5e-7)


def test_statsmodels_predictions(result, design):
    assert_allclose(result.predict(design), PROBABILITIES, atol=5e-9)
    assert_array_equal((result.predict(design) >= 0.5).astype(int), [0, 0, 0, 1, 1, 1, 1, 1, 1, 1])


def test_statsmodels_confusion_matrix(result):
    assert_array_equal(np.asarray(result.pred_table()), [[2.0, 1.0], [1.0, 6.0]])


def test_statsmodels_summary(result):
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


def test_statsmodels_summary2(result):
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
