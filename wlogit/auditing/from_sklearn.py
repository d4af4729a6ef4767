"""Reads scikit-learn's LogisticRegression, without importing it."""

import inspect
import sys
import warnings
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit.auditing.peer import Peer, Penalty
from wlogit.errors import OutcomeError
from wlogit.weights.columns import plain, shorten


def read_sklearn(estimator: Any, X: Any, y: Any, sample_weight: Any) -> Peer:
    """A fitted LogisticRegression with the data it was fitted on.

    Parameters
    ----------
    estimator : LogisticRegression
    X : array_like or DataFrame, shape (n, p)
    y : array_like, shape (n,)
    sample_weight : array_like, shape (n,), or None
        Taken by place, as scikit-learn does, whatever its labels.

    Raises
    ------
    ValueError
        Without the data, for unfitted estimators, and columns that are not those of the fit.
    OutcomeError
        More than two classes.
    """
    if X is None or y is None:
        raise ValueError("scikit-learn keeps no data: audit(estimator, X, y, sample_weight).")
    if not hasattr(estimator, "coef_"):
        raise ValueError("this LogisticRegression is not fitted; call fit before audit.")
    if len(estimator.classes_) != 2:
        raise OutcomeError(f"audit reads two classes; this fit has {len(estimator.classes_)}.")
    weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64).ravel()
    table = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X))
    slopes = np.asarray(estimator.coef_, dtype=np.float64).ravel()
    if table.shape[1] != len(slopes):
        raise ValueError(
            f"X has {table.shape[1]} columns; the estimator was fitted on {len(slopes)}."
        )
    known = getattr(estimator, "feature_names_in_", None)
    _check_columns(X, known)
    names = [f"x{j + 1}" for j in range(len(slopes))] if known is None else list(map(str, known))
    design, params = table.to_numpy(dtype=np.float64), slopes
    if estimator.fit_intercept:
        names, params = ["const", *names], np.append(estimator.intercept_, slopes)
        design = np.column_stack([np.ones(len(design)), design])
    return Peer(
        program="scikit-learn LogisticRegression",
        names=tuple(names),
        params=params,
        outcome=_outcome(estimator, y, len(design)),
        design=design,
        index=X.index if isinstance(X, pd.DataFrame) else None,
        labels=tuple(
            label.item() if hasattr(label, "item") else label for label in estimator.classes_
        ),
        weight=weight,
        class_weight=_class_weight(estimator, y, weight),
        mispaired=_mispaired(X, y=y, sample_weight=sample_weight),
        penalty=_penalty(estimator),
        converged=bool(np.all(np.asarray(estimator.n_iter_) < estimator.max_iter)),
        again=partial(_again, estimator, X, y, sample_weight),
    )


def _check_columns(X: Any, known: Any) -> None:
    if known is None or not isinstance(X, pd.DataFrame):
        return
    for place, (given, fitted) in enumerate(zip(X.columns, known, strict=True), 1):
        if str(given) != str(fitted):
            raise ValueError(
                f"X has {given!r} as column {place}, where the estimator was fitted on {fitted!r}; "
                "pass the columns of the fit, in its order."
            )


def _again(estimator: Any, X: Any, y: Any, sample_weight: Any) -> Array:
    """Coefficients of the same estimator fitted to these data, the intercept first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = type(estimator)(**estimator.get_params()).fit(X, y, sample_weight)
    slopes = np.asarray(fitted.coef_, dtype=np.float64).ravel()
    return np.append(fitted.intercept_, slopes) if fitted.fit_intercept else slopes


def _mispaired(X: Any, **others: Any) -> tuple[str, ...]:
    """What has other row labels than X, or the same ones in another order."""
    if not isinstance(X, pd.DataFrame):
        return ()
    labelled = {name: one.index for name, one in others.items() if isinstance(one, pd.Series)}
    return tuple(name for name, index in labelled.items() if not index.equals(X.index))


def _outcome(estimator: Any, y: Any, n: int) -> Array:
    labels = np.asarray(y).ravel()
    unknown = ~np.isin(labels, estimator.classes_)
    wrong = ""
    if len(labels) != n:
        wrong = f"{len(labels)} values for {n} rows"
    elif unknown.any():
        wrong = f"the label {shorten(plain(labels[unknown][0]))}, which the fit has not seen"
    if wrong:
        raise ValueError(f"y has {wrong}; pass the data of the fit.")
    return np.asarray(labels == estimator.classes_[1], dtype=np.float64)


def _class_weight(estimator: Any, y: Any, sample_weight: Array | None) -> Any:
    given = estimator.class_weight
    if isinstance(given, Mapping):
        return {k: float(given.get(label, 1.0)) for k, label in enumerate(estimator.classes_)}
    if given is None or sample_weight is None or _balances_by_weight():
        return given
    labels = np.asarray(y).ravel()
    counts = [np.count_nonzero(labels == label) for label in estimator.classes_]
    return {k: len(labels) / (2.0 * count) for k, count in enumerate(counts)}


def _balances_by_weight() -> bool:
    """Whether "balanced" looks at sample_weight, as it does in later versions."""
    compute = sys.modules["sklearn.utils.class_weight"].compute_class_weight
    return "sample_weight" in inspect.signature(compute).parameters


def _penalty(estimator: Any) -> Penalty | None:
    """The penalty in force: `penalty` up to scikit-learn 1.7, `C` and `l1_ratio` after that."""
    named = getattr(estimator, "penalty", None)
    if named in (None, "none") or np.isinf(estimator.C):
        return None
    ratio = {"l1": 1.0, "l2": 0.0}.get(named)
    if ratio is None:
        ratio = float(getattr(estimator, "l1_ratio", None) or 0.0)
    kind = {0.0: "ridge", 1.0: "lasso"}.get(ratio, "elastic-net")
    return Penalty(f"C={estimator.C:g}, a {kind} penalty", 1.0 / float(estimator.C), ratio)
