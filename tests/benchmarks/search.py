"""A cross-validated search over class weights against scikit-learn's, as a ratio in one run.

Run ``python -m tests.benchmarks search``. Five weightings, thirty folds, ten thousand rows and two
features, scored by the AUC: the same ``GridSearchCV`` with either estimator, in turns, and
`select_class_weight`, which computes seven measures more. Processor time of one thread; the best
of several rounds counts.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold

from tests.benchmarks.benchmark import machine, versions
from wlogit.sklearn import WeightedLogitClassifier, select_class_weight

HERE = Path(__file__).parent
GRID = [{0: 100, 1: 1}, {0: 10, 1: 1}, {0: 1, 1: 1}, {0: 1, 1: 10}, {0: 1, 1: 100}]
THEIRS = "scikit-learn's GridSearchCV of LogisticRegression()"
# What is to be no slower than scikit-learn's.
TARGETS = {
    "the same GridSearchCV of WeightedLogitClassifier()": 1.0,
    "select_class_weight(WeightedLogitClassifier()), with seven measures more": 1.0,
}


def searches() -> dict[str, Callable[[], float]]:
    """What is timed, by name; each gives the best mean AUC."""
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

    def grid_search(estimator: object) -> float:
        grid = {"class_weight": GRID}
        search = GridSearchCV(estimator, grid, scoring="roc_auc", cv=folds).fit(X, y)
        return float(search.best_score_)

    def own_search() -> float:
        return select_class_weight(WeightedLogitClassifier(), X, y, GRID, cv=folds).best_score

    same, more = TARGETS
    return {
        THEIRS: lambda: grid_search(LogisticRegression()),
        "the same, without its penalty": lambda: grid_search(LogisticRegression(C=np.inf)),
        same: lambda: grid_search(WeightedLogitClassifier()),
        more: own_search,
    }


def rows(rounds: int) -> list[str]:
    """The table: best times in turns, and what they are relative to scikit-learn's."""
    best: dict[str, float] = {}
    scores: dict[str, float] = {}
    for _ in range(rounds):
        for name, run in searches().items():
            start = time.process_time()
            scores[name] = run()
            taken = time.process_time() - start
            best[name] = min(taken, best.get(name, taken))
    lines = ["| search | best mean AUC | seconds | / scikit-learn | target |"]
    lines += ["|---|---:|---:|---:|---|"]
    for name, taken in best.items():
        ratio, target = taken / best[THEIRS], TARGETS.get(name)
        said = "" if target is None else f"{target:g}: {'met' if ratio <= target else 'MISSED'}"
        lines.append(f"| {name} | {scores[name]:.4f} | {taken:.2f} | {ratio:.2f} | {said} |")
    return lines


def main(given: list[str]) -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Compare searches over class weights.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds in which they take turns")
    parser.add_argument("--output", type=Path, default=HERE / "search.md")
    options = parser.parse_args(given)
    about = (
        "Written by `OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks search`: five weightings, "
        "thirty folds, 10,000 rows and two features; processor time, best of "
        f"{options.rounds} rounds in one run, programs taking turns."
    )
    lines = ["# Search over class weights", "", about, ""]
    lines += [f"{machine()}. {', '.join(versions())}.", "", *rows(options.rounds), ""]
    sys.stdout.write("\n".join(lines))
    options.output.write_text("\n".join(lines))
