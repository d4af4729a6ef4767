"""A cross-validated search over class weights against scikit-learn's.

Five weightings, thirty folds, ten thousand rows and two features, scored by the AUC: the same
``GridSearchCV`` with either estimator, and `select_class_weight`, which computes seven measures
more. Processor time of one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold

from tests.benchmarks.records import Comparison, Options, Target
from tests.benchmarks.turns import take_turns
from wlogit.sklearn import WeightedLogitClassifier, select_class_weight

GRID = [{0: 100, 1: 1}, {0: 10, 1: 1}, {0: 1, 1: 1}, {0: 1, 1: 10}, {0: 1, 1: 100}]
THEIRS = "GridSearchCV of LogisticRegression"
SAME = "GridSearchCV of WeightedLogitClassifier"
OURS = "select_class_weight, with seven measures more"


def searches(n: int) -> dict[str, Callable[[], float]]:
    """What is timed, by name; each gives the best mean AUC."""
    X, y = make_classification(
        n_samples=n,
        n_features=2,
        n_redundant=0,
        n_clusters_per_class=1,
        weights=[0.99],
        flip_y=0,
        random_state=2,
    )
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=3, random_state=1)

    def grid_search(estimator: object) -> float:
        grid = {"class_weight": GRID}
        search = GridSearchCV(estimator, grid, scoring="roc_auc", cv=folds).fit(X, y)
        return float(search.best_score_)

    def own_search() -> float:
        return select_class_weight(WeightedLogitClassifier(), X, y, GRID, cv=folds).best_score

    return {
        THEIRS: lambda: grid_search(LogisticRegression()),
        "the first without its penalty": lambda: grid_search(LogisticRegression(C=np.inf)),
        SAME: lambda: grid_search(WeightedLogitClassifier()),
        OURS: own_search,
    }


def measure(options: Options) -> list[Comparison]:
    """All searches on the same folds."""
    n = 1_000 if options.quick else 10_000
    programs = searches(n)
    scores = {name: search() for name, search in programs.items()}
    return [
        Comparison(
            key="search",
            title=f"n = {n:,}, two features, {len(GRID)} weightings, 30 folds",
            base=THEIRS,
            seconds=take_turns(programs, options.rounds, clock=time.process_time),
            facts={name: {"best mean AUC": f"{score:.4f}"} for name, score in scores.items()},
            about={"rows": n},
            unit="seconds of one processor",
            targets=[Target.within(name, 1.0, THEIRS) for name in (SAME, OURS)],
        )
    ]
