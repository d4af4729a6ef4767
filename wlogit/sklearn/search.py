"""Search over class weights by cross-validation, with what they do to ranking and calibration."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from wlogit._optional import require
from wlogit._typing import AnyArray, Array, IntArray
from wlogit._warn import warn_user
from wlogit.core import likelihood
from wlogit.errors import ConvergenceWarning, OutcomeError
from wlogit.inference.classification import auc, brier_score, mean_deviance
from wlogit.model import WeightedLogit
from wlogit.sklearn.candidates import Candidate, DataTask, ModelTask, Task, last_step
from wlogit.sklearn.labels import check_row_labels
from wlogit.sklearn.search_results import MEASURES, ClassWeightSearch

_selection: Any = require("sklearn.model_selection", extra="sklearn")
_metrics: Any = require("sklearn.metrics", extra="sklearn")
_validation: Any = require("sklearn.utils.validation", extra="sklearn")

RATIOS = ((100, 1), (10, 1), (1, 1), (1, 10), (1, 100))


def select_class_weight(
    estimator_or_model: Any,
    X: Any = None,
    y: Any = None,
    grid: Sequence[Any] | None = None,
    scoring: str | Callable[..., float] = "roc_auc",
    cv: Any = None,
    *,
    sample_weight: Any = None,
    groups: Any = None,
    n_jobs: int | None = None,
) -> ClassWeightSearch:
    """Cross-validate class weights, and see what they change: ranking hardly, calibration much.

    Parameters
    ----------
    estimator_or_model : WeightedLogitClassifier, Pipeline or WeightedLogit
        A classifier, or a pipeline that ends in one; or a model, whose rows, weights and offset
        are those searched.
    X, y : array_like, optional
        Features and two labels, for an estimator.
    grid : list, optional
        Class weights to try: mappings, "balanced" or None. By default 100:1, 10:1, 1:1, 1:10 and
        1:100 for the first against the last label.
    scoring : str or callable
        What chooses: scikit-learn's name, a scorer that its ``make_scorer`` made, or a function of
        fitted estimator, X and y (of a model X are numbers of rows); on the scale that the
        estimator predicts on. Where rows weigh, it needs ``sample_weight``.
    cv : int, splitter or iterable, optional
        As in scikit-learn; by default ten stratified folds (fewer for a class with fewer rows),
        three times over, with a fixed seed. Folds that name rows name those of the data as passed;
        scikit-learn's splitters deal the rows that are fitted.
    sample_weight : array_like, shape (n,), optional
        For an estimator: weighs fits and scores, where rows of weight zero have no part. A model
        has its own.
    groups : array_like, shape (n,), or column name, optional
        For splitters by group: one entry for each row of the data as passed. Those of a model are
        aligned by label and looked up by name, as its weights are.
    n_jobs : int, optional
        Processes; with one, every fit starts from where that under the last class weights ended.

    Returns
    -------
    ClassWeightSearch
        With ``table``, ``best_class_weight``, ``best_results`` and ``plot()``; printed, it says
        what a grid search says and what that leaves out.

    Raises
    ------
    TypeError, ValueError
        Something else to search, data missing or not wanted, more than two labels, folds or groups
        of other rows, a scorer that takes no weights where there are some.

    Warns
    -----
    ConvergenceWarning
        Training fits without an optimum.

    Notes
    -----
    Class weights move the intercept, and with a well-specified model hardly anything else: the
    order of the predictions, and every measure of it, stays. Their level does not: a fit that
    weighs the rare class up predicts too many events. The table has the Brier score and the log
    loss of held-out cases both ways, as predicted and calibrated.

    References
    ----------
    van den Goorbergh, van Smeden, Timmerman and Van Calster (2022), Journal of the American
    Medical Informatics Association 29, 1525-1534.

    Examples
    --------
    >>> from wlogit.datasets import load_mid
    >>> from wlogit.sklearn import WeightedLogitClassifier, select_class_weight
    >>> mid = load_mid()
    >>> search = select_class_weight(
    ...     WeightedLogitClassifier(), mid[["contig", "years"]], mid["conflict"], cv=3)
    >>> search.table[["auc", "brier", "brier_calibrated"]].round(3)
         auc  brier  brier_calibrated
    0  0.893  0.260             0.102
    1  0.894  0.145             0.103
    2  0.895  0.105             0.105
    3  0.896  0.262             0.108
    4  0.897  0.562             0.109
    """
    task = _task(estimator_or_model, X, y, sample_weight, groups)
    labels, mass = task.labels, task.mass
    rows, searched = task.searched(groups)
    tried = default_grid(task) if grid is None else list(grid)
    if not tried:
        raise ValueError("grid is empty; give it class weights to try.")
    search = _selection.GridSearchCV(
        Candidate(task),
        {"class_weight": tried},
        scoring=_Measures(task, scoring),
        refit=False,
        cv=searched.splits(cv),
        n_jobs=n_jobs,
        error_score="raise",
    ).fit(rows, searched.labels)
    table = _table(search.cv_results_)
    failed = 1.0 - table.pop("converged")
    if failed.any():
        warn_user(
            f"{round(failed.sum() * search.n_splits_)} of {len(table) * search.n_splits_} training "
            "fits did not reach an optimum (few events, or separation); their scores are those of "
            "where they stopped. Use fewer folds, or a penalty.",
            ConvergenceWarning,
        )
    best = int(np.argmin(table["rank"]))
    estimator, results = task.final(tried[best])
    share = float(np.average(labels == task.classes[1], weights=mass))
    name = scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "score")
    return ClassWeightSearch(
        table, tried[best], estimator, results, name, search.n_splits_, share, search.cv_results_
    )


def default_grid(task: Task) -> list[dict[Any, int]]:
    """The weightings of the tutorials, by label."""
    first, last = task.classes
    return [{first: c0, last: c1} for c0, c1 in RATIOS]


def _task(estimator_or_model: Any, X: Any, y: Any, sample_weight: Any, groups: Any) -> Task:
    if isinstance(estimator_or_model, WeightedLogit):
        if X is not None or y is not None or sample_weight is not None:
            raise ValueError(
                "a model has its own data and weights; X, y and sample_weight are for estimators."
            )
        task = ModelTask(estimator_or_model)
        task.check()
        return task
    last_step(estimator_or_model)
    if X is None or y is None:
        raise ValueError("an estimator needs X and y; only a WeightedLogit model has its own.")
    check_row_labels(X=X, y=y, sample_weight=sample_weight, groups=groups)
    _validation.check_consistent_length(X, y)
    labels = _validation.column_or_1d(y)
    found = np.unique(labels)
    if len(found) != 2:
        raise OutcomeError(
            f"y has {len(found)} labels; a search over class weights is for two. Set class_weight "
            "for each label by hand, and calibrated=True."
        )
    weight = None
    if sample_weight is not None:
        weight = _validation._check_sample_weight(sample_weight, labels, dtype=np.float64)
    return DataTask(estimator_or_model, X, labels, weight)


class _Measures:
    """Every measure of a candidate on held-out rows: the score that chooses, and ours."""

    def __init__(self, task: Task, scoring: Any) -> None:
        self.mass, self.event = task.mass, task.classes[1]
        self.by_auc = scoring == "roc_auc"
        self.by_name = isinstance(scoring, str)
        self.scorer = _metrics.get_scorer(scoring) if self.by_name else scoring
        if not callable(self.scorer):
            raise TypeError(
                f"scoring={scoring!r} is not the name of a score, nor a scorer: give one of them."
            )
        if self.mass is not None and not _weighs(self.scorer):
            raise ValueError(
                "scoring takes no sample_weight, so that it would count rows alike that do not "
                "weigh alike: give a score that does, or a function with sample_weight=None."
            )

    def __call__(self, candidate: Candidate, rows: IntArray, labels: AnyArray) -> dict[str, float]:
        mass: Array = np.ones(len(rows)) if self.mass is None else self.mass[rows]
        weighing = {} if self.mass is None else {"sample_weight": mass}
        events = (labels == self.event).astype(np.float64)
        eta, shift = candidate.scores(rows)
        shown = (candidate, rows) if self.by_name else candidate.task.shown(candidate, rows)
        measures = {"score": float(self.scorer(*shown, labels, **weighing))}
        measures["auc"] = measures["score"] if self.by_auc else auc(events, eta, mass)
        for suffix, scale in (("", eta), ("_calibrated", eta - shift)):
            probability = likelihood.expit(scale)
            measures[f"brier{suffix}"] = brier_score(events, probability, mass)
            measures[f"log_loss{suffix}"] = 0.5 * mean_deviance(events, scale, mass)
            measures[f"mean_probability{suffix}"] = float(np.average(probability, weights=mass))
        measures["converged"] = float(candidate.task.converged(candidate.fitted_))
        return measures


def _weighs(scorer: Any) -> bool:
    """Whether a scorer, or the metric that one was made of, takes sample weights."""
    try:
        known = inspect.signature(getattr(scorer, "_score_func", scorer)).parameters
    except (TypeError, ValueError):
        return True
    every = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    return every or "sample_weight" in known


def _table(found: Mapping[str, Any]) -> pd.DataFrame:
    columns = {
        "class_weight": found["param_class_weight"].tolist(),
        "mean": found["mean_test_score"],
        "std": found["std_test_score"],
        "rank": found["rank_test_score"],
    }
    columns |= {name: found[f"mean_test_{name}"] for name in (*MEASURES, "converged")}
    return pd.DataFrame(columns)
