"""A fit judged on cases that it has not seen: new rows, or its own by cross-validation."""

from collections.abc import Callable
from typing import Any

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit._warn import warn_user
from wlogit.errors import ConvergenceWarning, OutcomeError, WeightError
from wlogit.estimation import WEIGHTS_OF_ROWS, rows_of_new, weights_of_new_rows
from wlogit.evaluation import Evaluation, case_sampling
from wlogit.inference.prediction import calibration_shift
from wlogit.inference.scored import CaseSampling, Scored
from wlogit.regularized.validation import model_of_rows, read_folds
from wlogit.rows import Rows
from wlogit.weights.align import align_labels
from wlogit.weights.outcome import Outcome, read_outcome
from wlogit.weights.resolve import weights_of_judged

# Coefficients of a model's training rows, and whether they are an optimum.
Refit = Callable[[Any], tuple[Array, bool]]


def evaluate_new(
    results: Any,
    data: Any,
    endog: Any,
    given: dict[str, Any],
    groups: Any,
    offset: Any,
) -> Evaluation:
    """The fit on new cases.

    Rows whose outcome or prediction is missing are left out.

    Parameters
    ----------
    results : WeightedLogitResults or RegularizedResults
    data : DataFrame, mapping or array_like
        As for ``predict``.
    endog : array_like, column name, or None
        By default the columns that the formula names.
    given : dict
        ``freq_weights`` and ``sampling_weights``; by default the columns that the model took its
        own from.
    groups, offset
        Of the new rows.

    Raises
    ------
    ValueError
        The outcome is not among the data, or no row is left.
    OutcomeError
        Labels that the fit does not know.
    WeightError
        The fit has weights, and none are known for the new rows.
    """
    rows = rows_of_new(results.model, data)
    _require_rows(rows.n_rows, rows.n_rows)
    outcome = _new_outcome(results.model, rows, endog)
    eta = np.asarray(results.predict(data, which="linear", offset=offset), dtype=np.float64)
    kept = np.flatnonzero(~(outcome.missing | np.isnan(eta)))
    _require_rows(len(kept), len(eta))
    present = np.zeros(len(eta), dtype=np.bool_)
    present[kept] = True
    rows = rows.keep(present)
    frequency, sampling_weights = _weights(results.model, rows, given)
    weights = weights_of_judged(outcome.take(kept), frequency, sampling_weights, rows.labels)
    sampling = CaseSampling(() if groups is None else rows.groupings(groups))
    shift = calibration_shift(results.weights)
    cases = Scored.of_rows(weights, eta[kept], shift, sampling, fitted=False)
    return Evaluation(cases, len(eta) - len(kept), "new rows")


def _require_rows(n_kept: int, n_rows: int) -> None:
    if n_rows == 0:
        raise ValueError("the new data have no rows: there is nothing to judge.")
    if n_kept == 0:
        raise ValueError(
            f"the outcome or the prediction is missing in every one of the {n_rows} new rows: "
            "there is nothing to judge."
        )


def _weights(model: Any, rows: Rows, given: dict[str, Any]) -> tuple[Array | None, Array | None]:
    """Frequency and sampling weights of the kept rows."""
    columns, lacking = weights_of_new_rows(model, rows)
    for role in lacking:
        if given[role] is None:
            name = model.weight_columns.get(role)
            where = "" if name is None else f" in a column {name!r}"
            raise WeightError(
                f"the fit has {role}, and the new rows have none{where}: give {role}= for them, an "
                "array of ones if they count equally."
            )
    found = []
    for role in WEIGHTS_OF_ROWS:
        value = columns.get(role) if given[role] is None else given[role]
        numbers = rows.numbers(value, role, WeightError)
        found.append(None if numbers is None else rows.take(numbers))
    frequency, sampling = found
    return frequency, sampling


def _new_outcome(model: Any, rows: Rows, endog: Any) -> Outcome:
    """The outcome of new rows, with the labels of the fit."""
    labels = model.weights.labels
    if endog is None:
        endog = _named_outcome(model, rows)
    elif isinstance(endog, str):
        endog = _column(rows, endog)
    if model.outcome_kind == "counts" or labels == (0, 1):
        outcome = read_outcome(endog, index=rows.index)
        if outcome.labels != labels:
            raise OutcomeError(
                f"the new outcome has the labels {outcome.labels[0]!r} and {outcome.labels[1]!r}; "
                f"the fit knows {labels[0]!r} and {labels[1]!r}."
            )
    else:
        outcome = _labeled(rows, endog, labels)
    if len(outcome.values) != rows.n_rows:
        raise OutcomeError(
            f"endog has {len(outcome.values)} rows, the new data {rows.n_rows}: both need the same."
        )
    return outcome


def _named_outcome(model: Any, rows: Rows) -> Any:
    names = str(model.endog_names).split(" + ") if model.design_info is not None else []
    frame = rows.frame
    if not names or frame is None or any(name not in frame.columns for name in names):
        wanted = " and ".join(repr(name) for name in names) or "an outcome"
        raise ValueError(
            f"the new data do not name {wanted} as columns: give the outcome of each row by endog=."
        )
    return frame[names] if len(names) > 1 else frame[names[0]]


def _column(rows: Rows, name: str) -> Any:
    if rows.frame is None or name not in rows.frame.columns:
        raise ValueError(f"endog={name!r} is not a column of the new data.")
    return rows.frame[name]


def _labeled(rows: Rows, endog: Any, labels: tuple[Any, Any]) -> Outcome:
    found = align_labels(
        endog, role="endog", frame=rows.frame, index=rows.index, n_rows=rows.n_rows
    )
    known = np.full(len(found.levels) + 1, np.nan)
    for code, level in enumerate(found.levels.tolist()):
        if level not in labels:
            raise OutcomeError(
                f"the new outcome has the label {level!r}; the fit knows {labels[0]!r} and "
                f"{labels[1]!r}."
            )
        known[code] = float(level == labels[1])
    return Outcome(known[found.codes], np.ones(()), "binary", labels)


# ------------------------------------------------------------------------------ cross-validation


def evaluate_held_out(results: Any, refit: Refit, cv: Any, groups: Any, seed: Any) -> Evaluation:
    """Every row predicted by a fit to the other folds, all judged together.

    Class weights that are computed from the sample are computed from the training rows, and taken
    out of the predictions as they were. Folds are dealt alike in their classes.

    Parameters
    ----------
    results : WeightedLogitResults or RegularizedResults
    refit : callable
    cv : int or array_like
        Number of folds, or the fold of each row.
    groups : column name or array_like, optional
        Rows of a group share a fold; by default the clusters of the covariance.
    seed : int or numpy.random.Generator, optional

    Warns
    -----
    ConvergenceWarning
        Training fits without an optimum, as under separation.
    """
    model = results.model
    model.require_data()
    numbered = isinstance(cv, int | np.integer) and not isinstance(cv, bool)
    sampling = case_sampling(results, groups)
    together = _as_passed(model, sampling.together) if numbered else None
    folds = read_folds(model, cv, together, seed, "deviance")
    eta, shift = np.zeros(model.weights.n_rows), np.zeros(model.weights.n_rows)
    failed = 0
    for fold in range(len(folds)):
        out = folds.held_out(fold)
        training = model_of_rows(model, folds.training(fold))
        params, converged = refit(training)
        failed += not converged
        eta[out] = _linear(model, params, out)
        shift[out] = calibration_shift(training.weights)
    if failed:
        warn_user(
            f"{failed} of {len(folds)} training fits did not reach an optimum (few events, or "
            "separation): their held-out predictions are those of where they stopped. Use fewer "
            "folds, or a penalised fit.",
            ConvergenceWarning,
        )
    cases = Scored.of_rows(model.weights, eta, shift, sampling, fitted=False)
    return Evaluation(cases, of="rows held out in cross-validation")


def _as_passed(model: Any, groupings: tuple[IntArray, ...]) -> Any:
    """Groups of the kept rows as one entry for each row as passed, or None."""
    if not groupings:
        return None
    rows = model.rows
    columns = np.zeros((rows.n_rows, len(groupings)), dtype=np.intp)
    for j, codes in enumerate(groupings):
        columns[slice(None) if rows.kept is None else rows.kept, j] = codes
    return columns[:, 0] if len(groupings) == 1 else columns


def _linear(model: Any, params: Array, rows: BoolArray) -> Array:
    offset = getattr(model, "offset", None)
    eta = np.asarray(model.exog[rows] @ params)
    return eta if offset is None else eta + offset[rows]
