"""What a search over class weights fits: an estimator on data, or a model on its own rows."""

from collections.abc import Hashable
from copy import copy
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Protocol

import numpy as np

from wlogit._optional import require
from wlogit._typing import AnyArray, Array, IntArray
from wlogit.core import likelihood
from wlogit.core.model_matrix import ModelMatrix
from wlogit.errors import NotAvailableError
from wlogit.fitting import Fit, FitOptions, fit_model
from wlogit.inference.prediction import calibration_shift
from wlogit.results import build_results
from wlogit.sklearn.classifier import WeightedLogitClassifier
from wlogit.sklearn.folds import SearchedRows
from wlogit.sklearn.start import Start
from wlogit.weights.altered import with_factors
from wlogit.weights.class_weight import class_factors
from wlogit.weights.subset import weights_of_rows
from wlogit.weights.weights import ClassFactors, Weights

_sklearn: Any = require("sklearn", extra="sklearn")
_base: Any = require("sklearn.base", extra="sklearn")
_utils: Any = require("sklearn.utils", extra="sklearn")

_MOST_STEPS = 100


class Task(Protocol):
    """Rows that a candidate can be fitted to."""

    @property
    def labels(self) -> AnyArray:
        """The label of each row, shape (n,)."""
        ...

    @property
    def classes(self) -> tuple[Hashable, Hashable]:
        """Labels of non-events and events."""
        ...

    @property
    def mass(self) -> Array | None:
        """What the rows of an average weigh, shape (n,); None where they weigh alike."""
        ...

    def searched(self, groups: Any) -> tuple[IntArray, SearchedRows]:
        """The rows with weight, by their numbers here and as the data have them."""
        ...

    def fit(self, rows: IntArray, class_weight: Any) -> Any:
        """Fit under class weights, from where the last fit to these rows ended."""
        ...

    def shown(self, candidate: "Candidate", rows: IntArray) -> tuple[Any, Any]:
        """Estimator and rows as a scorer of the user's sees them."""
        ...

    def scores(self, fitted: Any, rows: IntArray) -> tuple[Array, float]:
        """Linear predictors as predicted, and what the class weights add to them."""
        ...

    def converged(self, fitted: Any) -> bool:
        """Whether a fit is an optimum."""
        ...

    def final(self, class_weight: Any) -> tuple[Any, Any]:
        """The estimator or model under class weights, fitted to all rows, and its results."""
        ...


@dataclass(eq=False)
class DataTask:
    """An estimator, X and y.

    Attributes
    ----------
    estimator : WeightedLogitClassifier, or a pipeline that ends in one
    X, y : array_like
    weight : ndarray or None
        Sample weights.
    starts : dict
        Where the last fit to some rows ended.
    """

    estimator: Any
    X: Any
    y: AnyArray
    weight: Array | None
    starts: dict[bytes, list[Start]] = field(default_factory=dict)

    def __deepcopy__(self, memo: dict[int, Any]) -> "DataTask":
        # Clones of a candidate search the same data.
        return self

    @property
    def labels(self) -> AnyArray:
        """The label of each row."""
        return self.y

    @property
    def classes(self) -> tuple[Hashable, Hashable]:
        """Labels of non-events and events."""
        first, second = np.unique(self.y).tolist()
        return first, second

    @property
    def mass(self) -> Array | None:
        """The sample weights."""
        return self.weight

    def searched(self, groups: Any) -> tuple[IntArray, SearchedRows]:
        """The rows with weight."""
        n = len(self.y)
        rows = np.arange(n) if self.weight is None else np.flatnonzero(self.weight > 0.0)
        together = None if groups is None else np.asarray(groups)
        if together is not None and together.shape != (n,):
            raise ValueError(f"groups has shape {together.shape}; it needs one entry for {n} rows.")
        chosen = None if together is None else together[rows]
        return rows, SearchedRows(n, self.X, rows, self.y[rows], chosen, self.y, together)

    def fit(self, rows: IntArray, class_weight: Any) -> Any:
        """The estimator under class weights, fitted to some rows."""
        fitted = _base.clone(self.estimator)
        classifier = last_step(fitted)
        classifier.set_params(class_weight=class_weight)
        key = _key(rows)
        classifier._starts = self.starts.get(key)
        weights = self._weights(classifier, rows)
        fitted.fit(_utils._safe_indexing(self.X, rows), self.y[rows], **weights)
        self.starts[key] = classifier._ends()
        return fitted

    def _weights(self, classifier: Any, rows: IntArray) -> dict[str, Array]:
        if self.weight is None:
            return {}
        steps, name = getattr(self.estimator, "steps", None), "sample_weight"
        if steps is not None and _sklearn.get_config().get("enable_metadata_routing"):
            classifier.set_fit_request(sample_weight=True)
        elif steps is not None:
            name = f"{steps[-1][0]}__sample_weight"
        return {name: self.weight[rows]}

    def shown(self, candidate: "Candidate", rows: IntArray) -> tuple[Any, Any]:
        """The fitted estimator, and rows of X."""
        return candidate.fitted_, _utils._safe_indexing(self.X, rows)

    def scores(self, fitted: Any, rows: IntArray) -> tuple[Array, float]:
        """Linear predictors of some rows, and what the class weights add to them."""
        classifier = last_step(fitted)
        eta = fitted.decision_function(_utils._safe_indexing(self.X, rows))
        return eta, 0.0 if classifier.calibrated else classifier._fits[0].shift

    def converged(self, fitted: Any) -> bool:
        """Whether a fit is an optimum, or has warned that it is none."""
        return fitted is not None

    def final(self, class_weight: Any) -> tuple[Any, Any]:
        """The estimator fitted to all rows, and its results."""
        fitted = self.fit(np.arange(len(self.y)), class_weight)
        return fitted, last_step(fitted).results_


def _key(rows: IntArray) -> bytes:
    return blake2b(rows.tobytes(), digest_size=16).digest()


def last_step(estimator: Any) -> Any:
    """The classifier itself, or the last step of a pipeline.

    Raises
    ------
    TypeError
        Something else.
    """
    steps = getattr(estimator, "steps", None)
    classifier = estimator if steps is None else steps[-1][1]
    if not isinstance(classifier, WeightedLogitClassifier):
        raise TypeError(
            "select_class_weight takes a WeightedLogitClassifier, a pipeline that ends in one, or "
            f"a WeightedLogit model, not {type(classifier).__name__}."
        )
    return classifier


@dataclass(eq=False)
class ModelTask:
    """A model, whose rows are searched with their own weights and offset.

    Attributes
    ----------
    model : WeightedLogit
    starts : dict
        Where the last fit to some rows ended, and its ``log(c1 / c0)``.
    """

    model: Any
    starts: dict[bytes, Start] = field(default_factory=dict)

    def __deepcopy__(self, memo: dict[int, Any]) -> "ModelTask":
        return self

    def check(self) -> None:
        """Raise for a model of which rows are not cases with a label.

        Raises
        ------
        NotAvailableError
        """
        self.model.require_data()
        self.model.require_full_rank()
        if self.model.outcome_kind != "binary":
            raise NotAvailableError(
                "select_class_weight needs rows with one label each; a row of counts or a "
                "fraction holds both. Give one row for each case, or each label with freq_weights."
            )
        if self.model.prevalence is not None:
            raise NotAvailableError(
                "the prevalence of this model sets the weight of its classes; search without it, "
                "and predict with prevalence= afterwards."
            )

    @property
    def labels(self) -> AnyArray:
        """The label of each row."""
        labels = np.array(self.classes)
        return labels[np.asarray(self.model.weights.cases[0].outcome).astype(np.intp)]

    @property
    def classes(self) -> tuple[Hashable, Hashable]:
        """Labels of non-events and events."""
        first, second = self.model.weights.labels
        return first, second

    @property
    def mass(self) -> Array | None:
        """Frequency times sampling weights."""
        (mass,) = self.model.weights.averaging_mass
        if mass.ndim == 0:
            return None
        return np.asarray(mass)

    def searched(self, groups: Any) -> tuple[IntArray, SearchedRows]:
        """The rows of the model with weight; groups are aligned to the data as weights are."""
        of_data, labels, mass = self.model.rows, self.labels, self.mass
        kept: IntArray = of_data.take(np.arange(of_data.n_rows))
        rows = np.arange(len(kept)) if mass is None else np.flatnonzero(mass > 0.0)
        together = None if groups is None else of_data.levels(groups, "groups")[0]
        chosen = None if together is None else together[rows]
        data = np.arange(of_data.n_rows) if of_data.frame is None else of_data.frame
        known = (labels, together) if len(kept) == of_data.n_rows else (None, None)
        return rows, SearchedRows(of_data.n_rows, data, kept[rows], labels[rows], chosen, *known)

    def shown(self, candidate: "Candidate", rows: IntArray) -> tuple[Any, Any]:
        """The candidate, and numbers of rows of the model: a model has no estimator."""
        return candidate, rows

    def fit(self, rows: IntArray, class_weight: Any) -> tuple[Any, Fit]:
        """The model with weight on some rows only, and its fit."""
        within = np.zeros(self.model.weights.n_rows, dtype=np.bool_)
        within[rows] = True
        plain = weights_of_rows(self.model.weights, within, ClassFactors())
        return self._fit(plain, class_weight, _key(rows))

    def _fit(self, plain: Weights, class_weight: Any, key: bytes) -> tuple[Any, Fit]:
        factors = class_factors(class_weight, None, plain.labels, plain.totals.class_masses)
        part = reweighted(self.model, with_factors(plain, factors))
        constant, start = self.model.constant_combination, self.starts.get(key)
        begin = None
        if start is not None and constant is not None:
            begin = start.params + (factors.log_ratio - start.shift) * constant
        options = FitOptions(begin, "newton", _MOST_STEPS, False, None, None, False, {})
        fit = fit_model(part, options)
        if fit.converged:
            self.starts[key] = Start(fit.params, factors.log_ratio)
        return part, fit

    def scores(self, fitted: tuple[Any, Fit], rows: IntArray) -> tuple[Array, float]:
        """Linear predictors of some rows, and what the class weights add to them."""
        part, fit = fitted
        eta = np.asarray(part.exog[rows] @ fit.params)
        offset = getattr(part, "offset", None)
        shift = calibration_shift(part.weights)
        return (eta if offset is None else eta + np.asarray(offset)[rows]), shift

    def converged(self, fitted: tuple[Any, Fit]) -> bool:
        """Whether a fit is an optimum."""
        return fitted[1].converged

    def final(self, class_weight: Any) -> tuple[Any, Any]:
        """The model under class weights, and the results of its fit."""
        plain = with_factors(self.model.weights, ClassFactors())
        model, fit = self._fit(plain, class_weight, b"")
        return model, build_results(model, fit, None, None, None)


def reweighted(model: Any, weights: Any) -> Any:
    """The model under other weights for its rows."""
    other = copy(model)
    other.weights = weights
    matrix = ModelMatrix(model.exog, constant=model.matrix.constant)
    other.matrix = matrix.standardized(weights.row_weight)
    factors = weights.factors
    other.class_weight = None
    keys = [key for key in model._init_keys if key not in ("class_weight", "stored")]
    if factors.source is not None:
        other.class_weight = {0: factors.non_event, 1: factors.event}
        keys = ["class_weight", *keys]
    other.stored = replace(model.stored, class_source=factors.source)
    other._init_keys = [*keys, "stored"]
    return other


class Candidate(_base.ClassifierMixin, _base.BaseEstimator):  # type: ignore[misc]
    """Class weights as an estimator whose X are row numbers of a task.

    Parameters
    ----------
    task : Task
    class_weight : {"balanced"}, dict or None
    """

    def __init__(self, task: Task, class_weight: Any = None) -> None:
        self.task = task
        self.class_weight = class_weight

    def fit(self, X: IntArray, y: AnyArray) -> "Candidate":  # noqa: ARG002  the task has it
        """Fit to the rows.

        Parameters
        ----------
        X : ndarray of int
        y : ndarray
        """
        self.classes_ = np.array(self.task.classes)
        self.fitted_ = self.task.fit(X, self.class_weight)
        self._scored: tuple[IntArray, tuple[Array, float]] | None = None
        return self

    def scores(self, X: IntArray) -> tuple[Array, float]:
        """Linear predictors of rows, and what the class weights add to them.

        Parameters
        ----------
        X : ndarray of int
        """
        # A scorer asks again for what the measures beside it have asked for.
        if self._scored is None or self._scored[0] is not X:
            self._scored = X, self.task.scores(self.fitted_, X)
        return self._scored[1]

    def decision_function(self, X: IntArray) -> Array:
        """Linear predictors of rows, as the estimator predicts.

        Parameters
        ----------
        X : ndarray of int
        """
        return self.scores(X)[0]

    def predict(self, X: IntArray) -> AnyArray:
        """The more probable label of rows.

        Parameters
        ----------
        X : ndarray of int
        """
        labels: AnyArray = self.classes_[(self.decision_function(X) > 0.0).astype(np.intp)]
        return labels

    def predict_proba(self, X: IntArray) -> Array:
        """Probabilities of rows, as the estimator predicts.

        Parameters
        ----------
        X : ndarray of int
        """
        event, other = likelihood.probabilities(self.decision_function(X))
        return np.column_stack([other, event])
