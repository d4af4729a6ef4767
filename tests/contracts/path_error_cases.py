"""One call for every error of penalty paths and their cross-validation."""

from functools import cache, partial

import numpy as np
import pandas as pd

from wlogit import NotAvailableError, OutcomeError, WeightedLogit

N = 60


@cache
def _data():
    rng = np.random.default_rng(4)
    exog = np.column_stack([np.ones(N), rng.normal(size=(N, 2))])
    exog = pd.DataFrame(exog, columns=["const", "x", "z"], index=[f"r{i}" for i in range(N)])
    return exog, (rng.random(N) < 1 / (1 + np.exp(-exog["x"]))) * 1


def path(endog=None, exog=None, **options):
    X, y = _data()
    X, y = X if exog is None else exog, y if endog is None else endog
    return WeightedLogit(y, X).fit_regularized_path(**{"n_alphas": 3, **options})


def case(words, error=ValueError, **options):
    return partial(path, **options), error, words


def folds(of_row):
    return pd.Series(of_row, index=_data()[0].index)


def constant_only():
    return path(exog=_data()[0][["const"]])


def one_class_in_one_fold():
    """Every event is in fold "a"."""
    return path(cv=folds(np.where(_data()[1] == 1, "a", np.tile(["a", "b"], N // 2))))


def a_fold_of_one_class():
    """Fold 0 has no event."""
    apart = np.where(_data()[1] == 1, np.arange(N) % 2 + 1, np.arange(N) % 3)
    return path(cv=folds(apart), criterion="auc")


ERRORS = {
    "path, n_alphas": case(("n_alphas=1", "at least 2"), n_alphas=1),
    "path, ratio": case(("alpha_min_ratio=2", "between 0 and 1"), alpha_min_ratio=2),
    "path, ratio of given": case(("alpha_min_ratio", "alphas="), alphas=[1], alpha_min_ratio=0.1),
    "path, alphas": case(("alphas has -1", "not negative"), alphas=[0.1, -1.0]),
    "path, no alphas": case(("alphas has nothing", "finite numbers"), alphas=[]),
    "path, unknown factor": case(("'w'", "no column", "const, x, z"), penalty_factor={"w": 2}),
    "path, shape of factors": case(("(2,)", "3 columns", "by name"), penalty_factor=[1, 2]),
    "path, factor": case(("'z' is -1", "Zero leaves"), penalty_factor={"z": -1}),
    "path, nothing penalised": (
        constant_only,
        ValueError,
        ("no grid", "no column is penalised", "alphas="),
    ),
    "path, groups alone": case(("groups=", "cv="), groups=np.arange(N) % 9),
    "path, seed alone": case(("seed=", "cv="), seed=1),
    "path, criterion alone": case(("criterion=", "cv="), criterion="auc"),
    "path, seed of given folds": case(("seed=", "fold of every row"), cv=np.arange(N) % 3, seed=1),
    "path, one fold": case(("cv=1", "60 rows", "at least 2"), cv=1),
    "path, more folds than groups": case(
        ("cv=5", "3 groups", "no more folds"), cv=5, groups=np.arange(N) % 3
    ),
    "path, two groupings": case(
        ("2 groupings", "one"), cv=3, groups=np.column_stack([np.arange(N)] * 2)
    ),
    "path, missing fold": case(
        ("no fold for row 'r7'", "1 rows"),
        cv=folds(np.where(np.arange(N) == 7, np.nan, np.arange(N) % 3)),
    ),
    "path, folds all one": case(("all rows in one fold", "at least 2"), cv=np.zeros(N)),
    "path, class in one fold": (
        one_class_in_one_fold,
        OutcomeError,
        ("outcome 1", "fold 'a'", "spread them"),
    ),
    "path, auc of one class": (
        a_fold_of_one_class,
        OutcomeError,
        ("fold 0", "outcome 1", 'criterion="deviance"'),
    ),
    "path, no cross-validation": (
        lambda: path().best,
        NotAvailableError,
        ("without cross-validation", "cv=10", "at(alpha)"),
    ),
}
