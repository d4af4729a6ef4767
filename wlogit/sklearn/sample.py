"""Features, labels and weights of a classifier's rows, read as scikit-learn reads them."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from wlogit._optional import require
from wlogit._typing import AnyArray, Array, IntArray
from wlogit.errors import OutcomeError, WeightError
from wlogit.sklearn.labels import check_row_labels
from wlogit.weights.columns import shorten

_validation = require("sklearn.utils.validation", extra="sklearn")
_multiclass = require("sklearn.utils.multiclass", extra="sklearn")

# Kinds of arrays that hold labels whatever their entries are.
_LABELS = "biuUS"


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The rows with weight, which nothing that becomes of the user's arrays changes.

    Attributes
    ----------
    values : ndarray, shape (n, k)
        The design.
    constant : bool
        Whether its first column is the constant.
    codes : ndarray of int, shape (n,)
        Position of each row's label in `classes`.
    classes : ndarray, shape (K,)
        The labels that occur, sorted.
    weight : ndarray, shape (n,), or None
        The sample weights.
    names : list or None
        Names of the features.
    index : Index or None
        Labels of the rows.
    outcome_name : str or None
    """

    values: Array
    constant: bool
    codes: IntArray
    classes: AnyArray
    weight: Array | None
    names: list[str] | None
    index: pd.Index | None
    outcome_name: str | None

    @property
    def features(self) -> Array:
        """The design without the constant, shape (n, p)."""
        return self.values[:, 1:] if self.constant else self.values

    @property
    def design(self) -> Array | pd.DataFrame:
        """The design, with labels where the data had some."""
        if self.names is None:
            return self.values
        names = [_constant_name(self.names), *self.names] if self.constant else self.names
        return pd.DataFrame(self.values, index=self.index, columns=names, copy=False)

    def without_data(self) -> "Sample":
        """The classes and names without the rows."""
        none = slice(0, 0)
        return replace(
            self,
            values=self.values[none].copy(),
            codes=self.codes[none].copy(),
            weight=None,
            index=None,
        )

    def labelled(self, codes: IntArray, labels: Sequence[Hashable]) -> pd.Series:
        """A column of labels by their codes, with the name and index of the outcome."""
        categories = pd.Index(list(labels), dtype=object)
        column = pd.Categorical.from_codes(codes, categories)
        return pd.Series(column, index=self.index, name=self.outcome_name)

    def class_weights(self, class_weight: Any) -> Any:
        """Class weights with one for every label that a mapping leaves out, as in scikit-learn.

        Raises
        ------
        WeightError
            A key that is no label, while some label has no weight.
        """
        if not isinstance(class_weight, Mapping):
            return class_weight
        labels = self.classes.tolist()
        missing = [label for label in labels if label not in class_weight]
        unknown = [key for key in class_weight if key not in labels]
        if missing and unknown:
            raise WeightError(
                f"class_weight has the key {shorten(unknown[0])}, which is not a label of y, and "
                f"no weight for the label {shorten(missing[0])}."
            )
        return {label: class_weight.get(label, 1.0) for label in labels}


def _constant_name(names: list[str]) -> str:
    name = "const"
    while name in names:
        name += "_"
    return name


def read_features(estimator: Any, X: Any, y: Any = None, *, reset: bool) -> Any:
    """X, or X and y, as floats in the way of scikit-learn; what X was is kept on the estimator.

    Raises
    ------
    ValueError, TypeError
        scikit-learn's own, for sparse, complex, missing or infinite values and wrong shapes.
    """
    options: dict[str, Any] = {"dtype": np.float64, "reset": reset}
    if y is not None or reset:
        options["y"] = y
    if hasattr(_validation, "validate_data"):
        return _validation.validate_data(estimator, X, **options)
    return estimator._validate_data(X, **options)


def read_sample(estimator: Any, X: Any, y: Any, sample_weight: Any) -> Sample:
    """Read what a classifier is fitted to, without the rows of weight zero.

    Raises
    ------
    ValueError
        Row labels that pair the data otherwise than their order.
    OutcomeError
        Only one class.
    WeightError
        Only zero weights.
    """
    check_row_labels(X=X, y=y, sample_weight=sample_weight)
    index = X.index if isinstance(X, pd.DataFrame) else None
    outcome_name = None if getattr(y, "name", None) is None else str(y.name)
    features, labels = read_features(estimator, X, y, reset=True)
    if labels.dtype.kind not in _LABELS:
        _multiclass.check_classification_targets(labels)
    weight = None
    if sample_weight is not None:
        _check_some_weight(sample_weight)
        weight = np.array(_validation._check_sample_weight(sample_weight, features))
        present = weight != 0.0
        if not present.all():
            features, labels, weight = features[present], labels[present], weight[present]
            index = None if index is None else index[present]
    classes = np.unique(labels)
    if len(classes) < 2:
        where = "" if weight is None else " of the rows with weight"
        only = shorten(classes.tolist()[0])
        raise OutcomeError(
            f"y{where} has one class only, {only}; a classifier needs at least 2 classes."
        )
    codes = labels == classes[1] if len(classes) == 2 else np.searchsorted(classes, labels)
    names = getattr(estimator, "feature_names_in_", None)
    listed = None if names is None else [str(name) for name in names]
    values, constant = _own_design(features, estimator.fit_intercept), bool(estimator.fit_intercept)
    codes = codes.astype(np.intp)
    return Sample(values, constant, codes, classes, weight, listed, index, outcome_name)


def _own_design(features: Array, constant: bool) -> Array:
    """A copy of the features, a constant before them."""
    values: Array = np.empty((len(features), features.shape[1] + constant))
    values[:, :constant] = 1.0
    values[:, constant:] = features
    return values


def _check_some_weight(sample_weight: Any) -> None:
    given = np.asarray(sample_weight)
    if given.dtype.kind in "biuf" and not given.any():
        raise WeightError("sample_weight is zero in every row; some row must count.")
