"""Error cases of the scikit-learn classifier; see ``error_cases.py``."""

import numpy as np
import pandas as pd

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
TWO = (np.arange(6.0)[:, np.newaxis] % 4, np.array([0, 1, 0, 1, 1, 0]))


class Unknown:
    """A splitter of another package."""

    def split(self, X, y, groups=None):
        yield [0, 1, 2, 3], [4, 5]


def predefined(folds):
    from sklearn.model_selection import PredefinedSplit

    return PredefinedSplit(folds)


def in_folds(cv, **options):
    return searched(None, *TWO, cv=cv, **options)


def with_a_missing_row():
    frame = pd.DataFrame({"x": [np.nan, 1.0, 2.0, 3.0, 1.5, 2.5], "y": TWO[1]})
    return searched(WeightedLogit.from_formula("y ~ x", frame), cv=Unknown())


def out_of_order(**reordered):
    from wlogit.sklearn import WeightedLogitClassifier

    index = pd.Index(list("abcdef"), name="row")
    given = {
        "X": pd.DataFrame({"x": TWO[0][:, 0]}, index),
        "y": pd.Series(TWO[1], index),
        "sample_weight": pd.Series(np.ones(6), index),
    }
    given |= {name: given[name].iloc[order] for name, order in reordered.items()}
    return WeightedLogitClassifier().fit(**given)


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
    "search, a row that is not there": (
        lambda: in_folds([([0, 1, 2, 3], [4, 5]), ([4, 5, 0, 1], [2, 6])]),
        ValueError,
        ("fold 2 of cv has row 6", "6 rows", "from zero"),
    ),
    "search, folds that are no rows": (
        lambda: in_folds([([0.5, 1.5], [4, 5])]),
        ValueError,
        ("positions in the data", "masks of their 6 rows"),
    ),
    "search, a fold of rows without weight": (
        lambda: in_folds([([0, 1, 2, 3], [4, 5])], sample_weight=[1, 1, 1, 1, 0, 0]),
        ValueError,
        ("fold 1 of cv has no row left", "weights of zero"),
    ),
    "search, folds of fewer rows": (
        lambda: in_folds(predefined([0, 0, 1, 1])),
        ValueError,
        ("fold of 4 rows", "have 6", "left out included"),
    ),
    "search, folds of another make": (
        with_a_missing_row,
        ValueError,
        ("cv is a Unknown", "the model left out", "pairs"),
    ),
    "search, groups of fewer rows": (
        lambda: in_folds(2, groups=[0, 0, 1, 1]),
        ValueError,
        ("groups has shape (4,)", "for 6 rows"),
    ),
    "search, no scorer": (
        lambda: in_folds(2, scoring=["roc_auc"]),
        TypeError,
        ("scoring=['roc_auc']", "not the name of a score"),
    ),
    "search, a scorer without weights": (
        lambda: in_folds(2, scoring=lambda e, X, y: 0.0, sample_weight=np.ones(6)),
        ValueError,
        ("scoring takes no sample_weight", "alike", "sample_weight=None"),
    ),
    "classifier, rows in another order": (
        lambda: out_of_order(y=[1, 0, 2, 3, 4, 5]),
        ValueError,
        ("row 0 is 'b' in y and 'a' in X", "by position", "y.loc[X.index]", "y.to_numpy()"),
    ),
    "classifier, weights in another order": (
        lambda: out_of_order(sample_weight=[0, 1, 2, 3, 5, 4]),
        ValueError,
        ("row 4 is 'f' in sample_weight and 'e' in X", "sample_weight.to_numpy()"),
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
    "classifier, calibrated against the rest": (
        lambda: of_three_labels(
            multi_class="ovr", alpha=0.1, calibrated=True, class_weight={"a": 2.0, "b": 3.0}
        ),
        ValueError,
        ("differ within the rest", "multinomial"),
    ),
}
