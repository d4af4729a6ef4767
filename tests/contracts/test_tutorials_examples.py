"""The scripts in ``examples/`` that redo two well-known tutorials print the tutorials' numbers.

Those on imbalanced classification and on handwritten digits; the ten-point examples are in
``test_tutorials.py``. Where scikit-learn prints other numbers today, it is run beside, and the
cause is asserted.
"""

import runpy
from collections import Counter
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report
from sklearn.model_selection import KFold, RepeatedStratifiedKFold, cross_val_score

from wlogit.sklearn import WeightedLogitClassifier

EXAMPLES = Path(__file__).parents[2] / "examples"

# -- one event in a hundred cases ------------------------------------------------------------------

GRID = [{0: 100, 1: 1}, {0: 10, 1: 1}, {0: 1, 1: 1}, {0: 1, 1: 10}, {0: 1, 1: 100}]
GRID_PRINTED = [
    "0.982498 (0.016722)",
    "0.983623 (0.015760)",
    "0.985387 (0.013890)",
    "0.988044 (0.010384)",
    "0.989077 (0.006865)",
]


def folds_of_then(y):
    """RepeatedStratifiedKFold(10, 3, random_state=1) as it dealt before scikit-learn 0.22."""
    rng = np.random.RandomState(1)
    for _ in range(3):
        fold = np.empty(len(y), dtype=int)
        dealt = [
            KFold(10, shuffle=True, random_state=rng).split(np.flatnonzero(y == c)) for c in (0, 1)
        ]
        for number, parts in enumerate(zip(*dealt, strict=True)):
            for label, (_, test) in enumerate(parts):
                fold[np.flatnonzero(y == label)[test]] = number
        for number in range(10):
            yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)


def as_printed(scores):
    return f"{np.mean(scores):f} ({np.std(scores):f})"


def aucs(model, imbalanced, folds):
    X, y = imbalanced
    return cross_val_score(model, X, y, scoring="roc_auc", cv=folds)


def penalised(weight):
    """What LogisticRegression(class_weight=weight) fits to 8,910 and 90 cases."""
    alpha = 1.0 / (8910 * weight[0] + 90 * weight[1])
    return WeightedLogitClassifier(class_weight=weight, alpha=alpha)


def test_class_counts_and_balanced_weights(imbalanced):
    X, y = imbalanced
    assert Counter(y.tolist()) == {0: 9900, 1: 100}
    # The text has 0.05 for the first, and then, as here, 10000 / 19800.
    factors = WeightedLogitClassifier(class_weight="balanced").fit(X, y).results_.weights.factors
    assert_allclose([factors.non_event, factors.event], [10000 / 19800, 50.0])


def test_another_scikit_learn_has_other_folds_and_stops_elsewhere(imbalanced):
    """With the folds of then, and asked for the optimum, it prints the tutorial's digits."""
    folds = list(folds_of_then(imbalanced[1]))
    for weight, printed in zip(GRID, GRID_PRINTED, strict=True):
        theirs = LogisticRegression(class_weight=weight, tol=1e-8)
        assert as_printed(aucs(theirs, imbalanced, folds)) == printed
    now = RepeatedStratifiedKFold(n_splits=10, n_repeats=3, random_state=1)
    theirs = LogisticRegression(class_weight=GRID[-1], tol=1e-8)
    printed = as_printed(aucs(theirs, imbalanced, now))
    assert printed != GRID_PRINTED[-1]
    assert printed == as_printed(aucs(penalised(GRID[-1]), imbalanced, now))


def test_fractions_are_other_weights_only_where_there_is_a_penalty(imbalanced):
    """The tutorial says that weights of 0.01 and 1 "achieve the same result" as 1 and 100."""
    X, y = imbalanced
    theirs = [LogisticRegression(class_weight=w, tol=1e-8).fit(X, y) for w in (GRID[-1], {0: 0.01})]
    assert np.abs(theirs[0].coef_ - theirs[1].coef_).max() > 0.1
    ours = [WeightedLogitClassifier(class_weight=w).fit(X, y) for w in (GRID[-1], {0: 0.01})]
    assert_allclose(ours[0].coef_, ours[1].coef_, rtol=1e-8)


# -- the examples ----------------------------------------------------------------------------------


@pytest.fixture
def run(capsys):
    """Run an example; its namespace and what it prints."""

    def run_example(name):
        with mpl.rc_context():
            plt.switch_backend("Agg")
            namespace = runpy.run_path(str(EXAMPLES / f"{name}.py"))
        plt.close("all")
        return namespace, capsys.readouterr().out

    return run_example


def test_imbalanced_classification(run):
    namespace, printed = run("imbalanced_classification")
    assert "Counter({0: 9900, 1: 100})" in printed
    assert "Mean ROC AUC: 0.985 without weights, 0.989 with" in printed
    assert "Mean ROC AUC: 0.989\n" in printed
    assert_allclose(namespace["weighting"], [0.50505051, 50.0], atol=5e-9)
    search = namespace["search"]
    assert search.best_class_weight == {0: 1, 1: 100}
    assert f"{search.best_score:.3f}" == "0.989"
    assert "Best: 0.989077 using {0: 1, 1: 100}" in printed
    for weight, line in zip(GRID, GRID_PRINTED, strict=True):
        assert f"{line} with: {weight}" in printed
    # What the tutorial lacks.
    errors, costs = namespace["errors"], namespace["costs"]
    assert_allclose(errors["wlogit"], errors["bootstrap"], rtol=0.15)
    assert (errors["naive"] < errors["bootstrap"] / 3.5).all()
    assert namespace["test"].pvalue < 1e-9
    assert costs["curved"] < costs["linear, 1:100"] < costs["linear"]
    areas = {name: area.auc for name, area in namespace["areas"].items()}
    assert areas["curved"] > areas["linear, 1:100"] > areas["linear"]
    assert namespace["areas"]["linear, 1:100"].compare(namespace["areas"]["linear"]).pvalue > 0.05
    assert namespace["areas"]["curved"].compare(namespace["areas"]["linear, 1:100"]).pvalue < 1e-3


def test_logistic_regression_in_python(run):
    namespace, printed = run("logistic_regression_in_python")
    first = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    for name, score in (("model", 0.9), ("weaker", 1.0)):
        assert namespace[name].score(namespace["x"], first) == score
    assert namespace["second"].score(namespace["x"], namespace["y"]) == 0.8
    assert "tol=0.0001: [-1.04608067] [[0.51491375]]" in printed
    assert "Current function value: 0.350471" in printed
    assert "Complete separation" in printed


DIGITS = [
    [27, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 32, 0, 0, 0, 0, 1, 0, 1, 1],
    [1, 1, 33, 1, 0, 0, 0, 0, 0, 0],
    [0, 0, 1, 28, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 29, 0, 0, 1, 0, 0],
    [0, 0, 0, 0, 0, 39, 0, 0, 0, 1],
    [0, 1, 0, 0, 0, 0, 43, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 39, 0, 0],
    [0, 2, 1, 2, 0, 0, 0, 1, 33, 0],
    [0, 0, 0, 1, 0, 1, 0, 2, 1, 36],
]
DIGITS_REPORT = """
    0 0.96 1.00 0.98 27
    1 0.89 0.91 0.90 35
    2 0.94 0.92 0.93 36
    3 0.88 0.97 0.92 29
    4 1.00 0.97 0.98 30
    5 0.97 0.97 0.97 40
    6 0.98 0.98 0.98 44
    7 0.91 1.00 0.95 39
    8 0.94 0.85 0.89 39
    9 0.95 0.88 0.91 41
    accuracy 0.94 360
    macro avg 0.94 0.94 0.94 360
    weighted avg 0.94 0.94 0.94 360
"""


def words(report):
    return [line.split() for line in report.splitlines() if line.strip()]


def test_handwritten_digits(run):
    namespace, printed = run("handwritten_digits")
    assert "0.964509394572025\n0.9416666666666667\n" in printed
    assert_array_equal(namespace["cm"], DIGITS)
    observed, predicted = namespace["y_test"], namespace["y_pred"]
    assert words(classification_report(observed, predicted))[1:] == words(DIGITS_REPORT)
    theirs = LogisticRegression(C=0.05, tol=1e-6, max_iter=1000)
    theirs.fit(namespace["x_train"], namespace["y_train"])
    assert_array_equal(theirs.predict(namespace["x_test"]), namespace["m_pred"])
    assert_array_equal(np.asarray(namespace["few"].pred_table()).sum(axis=1), [183, 182, 174])
