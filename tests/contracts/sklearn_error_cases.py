"""Error cases of the scikit-learn classifier; see ``error_cases.py``."""

import numpy as np

from wlogit import NotAvailableError, OutcomeError, WeightedLogit, WeightError


def fitted(y=(0, 1, 0, 1, 1, 0), sample_weight=None, X=None, **parameters):
    # A package that is not imported with wlogit is not imported with its error cases.
    from wlogit.sklearn import WeightedLogitClassifier

    X = np.array([[0.0], [1.0], [2.0], [3.0], [1.5], [2.5]]) if X is None else X
    return WeightedLogitClassifier(**parameters).fit(X, np.asarray(y), sample_weight)


def of_three_labels(**parameters):
    return fitted(y=["a", "b", "c", "a", "b", "c"], **parameters)


def searched(what=None, X=None, y=None, **options):
    from wlogit.sklearn import WeightedLogitClassifier, select_class_weight

    what = WeightedLogitClassifier() if what is None else what
    return select_class_weight(what, X, y, **options)


def model(y=(0, 1, 0, 1, 1, 0), **options):
    design = np.column_stack([np.ones(6), [0.0, 1.0, 2.0, 3.0, 1.5, 2.5]])
    return WeightedLogit(np.asarray(y), design, **options)


DATA = (np.arange(9.0)[:, np.newaxis], np.arange(9) % 3)

ERRORS = {
    "search, another estimator": (
        lambda: searched(object(), *DATA),
        TypeError,
        ("WeightedLogitClassifier", "pipeline", "WeightedLogit model", "object"),
    ),
    "search, a model and data": (
        lambda: searched(model(), *DATA),
        ValueError,
        ("its own data", "X, y and sample_weight"),
    ),
    "search, no data": (searched, ValueError, ("needs X and y",)),
    "search, three labels": (
        lambda: searched(None, *DATA),
        OutcomeError,
        ("3 labels", "two", "calibrated=True"),
    ),
    "search, no grid": (
        lambda: searched(None, DATA[0], DATA[1] > 0, grid=[]),
        ValueError,
        ("grid is empty",),
    ),
    "search, counts": (
        lambda: searched(model(y=[[1, 2], [0, 1], [3, 1], [1, 1], [2, 0], [1, 4]])),
        NotAvailableError,
        ("counts", "one row for each case"),
    ),
    "search, prevalence": (
        lambda: searched(model(prevalence=0.1)),
        NotAvailableError,
        ("prevalence", "search without it"),
    ),
    "classifier, one class": (
        lambda: fitted(y=["no"] * 6),
        OutcomeError,
        ("one class", "'no'", "at least 2 classes"),
    ),
    "classifier, one class with weight": (
        lambda: fitted(sample_weight=[1, 0, 1, 0, 0, 1]),
        OutcomeError,
        ("rows with weight", "one class", "0"),
    ),
    "classifier, no weight": (
        lambda: fitted(sample_weight=np.zeros(6)),
        WeightError,
        ("sample_weight", "zero in every row"),
    ),
    "classifier, unknown label": (
        lambda: fitted(class_weight={0: 1.0, "1": 2.0}),
        WeightError,
        ("class_weight", "'1'", "label 1"),
    ),
    "classifier, weight of a label": (
        lambda: of_three_labels(class_weight={"a": "2"}, multi_class="ovr"),
        WeightError,
        ("class_weight", "'a'", "positive number"),
    ),
    "classifier, class weight": (
        lambda: fitted(class_weight="balance"),
        WeightError,
        ("class_weight", "balance", "'balanced'"),
    ),
    "classifier, negative weight": (
        lambda: fitted(sample_weight=[1, 1, -1, 1, 1, 1]),
        WeightError,
        ("sampling_weights", "-1", "negative"),
    ),
    "classifier, weights that are no counts": (
        lambda: fitted(sample_weight=[1, 1.5, 1, 1, 1, 1], sample_weight_is="frequency"),
        WeightError,
        ("sample_weight", "whole", "1.5", "sampling"),
    ),
    "classifier, alpha": (lambda: fitted(alpha=-1.0), ValueError, ("alpha=-1.0", "positive")),
    "classifier, L1_wt": (
        lambda: fitted(alpha=1.0, L1_wt=2.0),
        ValueError,
        ("L1_wt=2.0", "0", "1"),
    ),
    "classifier, two penalties": (
        lambda: fitted(alpha=1.0, bias_reduction="mean"),
        ValueError,
        ("alpha", "bias_reduction", "one of them"),
    ),
    "classifier, kind of bias reduction": (
        lambda: fitted(bias_reduction="firth"),
        ValueError,
        ("bias_reduction", "'mean'"),
    ),
    "classifier, covariance of a penalised fit": (
        lambda: fitted(alpha=1.0, cov_type="HC1"),
        ValueError,
        ("cov_type", "debiased"),
    ),
    "classifier, covariance": (
        lambda: fitted(cov_type="HC9"),
        ValueError,
        ("HC9", "HC3"),
    ),
    "classifier, no penalty of the intercept": (
        lambda: fitted(penalize_intercept=True),
        ValueError,
        ("penalize_intercept", "alpha"),
    ),
    "classifier, bias reduction of three labels": (
        lambda: of_three_labels(bias_reduction="mean"),
        ValueError,
        ("two labels", "3", "ovr"),
    ),
    "classifier, results of aliased features": (
        lambda: of_three_labels(alpha=0.1, X=np.tile(np.arange(6.0)[:, np.newaxis], 2)).results_,
        NotAvailableError,
        ("x2", "combinations", "predictions are right", "ovr"),
    ),
    "classifier, calibrated against the rest": (
        lambda: of_three_labels(
            multi_class="ovr", alpha=0.1, calibrated=True, class_weight={"a": 2.0, "b": 3.0}
        ),
        ValueError,
        ("differ within the rest", "multinomial"),
    ),
}
