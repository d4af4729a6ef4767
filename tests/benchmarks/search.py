"""A cross-validated search over class weights against scikit-learn's, as a ratio in one run.

Run ``python -m tests.benchmarks.search``. Five weightings, thirty folds, ten thousand rows and two
features, scored by the AUC: the same ``GridSearchCV`` with either estimator, in turns, and
`select_class_weight`, which computes seven measures more. Processor time of one thread; the best
of several rounds counts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold

from wlogit.sklearn import WeightedLogitClassifier, select_class_weight

GRID = [{0: 100, 1: 1}, {0: 10, 1: 1}, {0: 1, 1: 1}, {0: 1, 1: 10}, {0: 1, 1: 100}]


def searches() -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    X, y = make_classification(
        n_samples=10000,
        n_features=2,
        n_redundant=0,
        n_clusters_per_class=1,
        weights=[0.99],
        flip_y=0,
        random_state=2,
    )
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=3, random_state=1)

    def grid_search(estimator: object) -> object:
        grid = {"class_weight": GRID}
        return GridSearchCV(estimator, grid, scoring="roc_auc", cv=folds).fit(X, y)

    return {
        "scikit-learn": lambda: grid_search(LogisticRegression()),
        "wlogit": lambda: grid_search(WeightedLogitClassifier()),
        "select_class_weight": lambda: select_class_weight(
            WeightedLogitClassifier(), X, y, GRID, cv=folds
        ),
    }


def main() -> None:
    """Print the best times and their ratios to scikit-learn's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, run in searches().items():
            start = time.process_time()
            run()
            taken = time.process_time() - start
            best[name] = min(taken, best.get(name, taken))
    for name, taken in best.items():
        print(f"{name:20s} {taken:6.2f} s  {taken / best['scikit-learn']:.2f}")


if __name__ == "__main__":
    main()
