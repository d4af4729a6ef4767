"""A fit as plain values with stable keys, for archives and other programs."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from wlogit.reporting.document import SummaryData
from wlogit.reporting.notes import calibrated_intercept
from wlogit.reporting.tidy import fit_statistics, tidy
from wlogit.reporting.versions import versions

# Goes up when a key changes its meaning or goes away; new keys leave it alone.
FORMAT = 1
CONF_LEVEL = 0.95


def archive(
    results: Any, content: SummaryData, *, covariance_holds: bool, calibration: Any
) -> dict[str, Any]:
    """Everything that a summary prints, and the covariance matrix.

    Parameters
    ----------
    results : WeightedLogitResults or WeightedMNLogitResults
    content : SummaryData
        What its summary says.
    covariance_holds : bool
        Whether the covariance in use is one under these weights.
    calibration : dict, list of dict, or None
        Intercepts with class weights taken out.

    Returns
    -------
    dict
        Of strings, numbers, booleans, None, lists and dicts. Labels of classes and levels that are
        none of these are given as text.
    """
    return {
        "format": FORMAT,
        "versions": versions(),
        "title": content.title,
        "model": _model(results),
        "data": _data(results),
        "weights": _weights(results),
        "fit": {"method": dict(content.left)["Method:"], **_fit(results)},
        "covariance": {**_covariance(results), "valid": covariance_holds},
        "conf_level": CONF_LEVEL,
        "coefficients": _records(results),
        "calibration": calibration,
        "notes": list(content.notes),
    }


def to_json(values: Any, indent: int | None) -> str:
    """Plain values as strict JSON: NaN becomes null, infinities the strings "inf" and "-inf".

    Parameters
    ----------
    values : dict
    indent : int or None
        Spaces for each level; None for a single line.
    """
    return json.dumps(_finite(values), indent=indent, allow_nan=False, ensure_ascii=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def plain(value: Any) -> Any:
    """A label as a string, number, boolean or None, which JSON has."""
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _model(results: Any) -> dict[str, Any]:
    model = results.model
    return {
        "class": type(model).__name__,
        "formula": getattr(model, "formula", None),
        "outcome": str(model.endog_names),
        "outcome_kind": "fractions" if results.weights.fractional else model.outcome_kind,
        **_outcome_labels(results),
        "reference_levels": _labelled(model.reference_levels),
        "left_out": {str(name): _labelled(equal) for name, equal in model.aliased.items()},
        "offset": getattr(model, "offset_name", None) or bool(getattr(model, "has_offset", False)),
        "constraints": _constraints(results),
    }


def _outcome_labels(results: Any) -> dict[str, Any]:
    labels = [plain(label) for label in results.weights.labels]
    if results.model.outcome_kind == "labels":
        return {"labels": labels, "reference": labels[0]}
    non_event, event = labels
    return {"event": event, "non_event": non_event}


def _constraints(results: Any) -> dict[str, Any] | None:
    """R and q of the linear constraints ``R b = q``, if the fit has some."""
    constraints = getattr(results, "constraints", None)
    if constraints is None:
        return None
    matrix, values = (np.asarray(part) for part in (constraints.coefs, constraints.constants))
    return {"matrix": matrix.tolist(), "values": values.reshape(-1).tolist()}


def _labelled(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): plain(value) for name, value in values.items()}


def _data(results: Any) -> dict[str, Any]:
    weights = results.weights
    return {
        "rows": int(weights.n_rows),
        "cases": float(weights.nobs),
        **_sizes(results),
        "rows_left_out": {cause: int(rows) for cause, rows in weights.n_dropped.items()},
    }


def _sizes(results: Any) -> dict[str, Any]:
    weights = results.weights
    sizes = [float(size) for size in weights.totals.class_sizes]
    if results.model.outcome_kind == "labels":
        pairs = zip(weights.labels, sizes, strict=True)
        return {"labels": [{"label": plain(label), "cases": size} for label, size in pairs]}
    return {"events": sizes[1], "non_events": sizes[0]}


def _weights(results: Any) -> dict[str, Any]:
    weights = results.weights
    classes = weights.class_weights.items() if weights.factors.source else ()
    return {
        "kind": weights.kind,
        "pseudo_likelihood": not weights.likelihood,
        "total": float(weights.total),
        "effective_size": float(weights.effective_size),
        "design_effect": float(weights.design_effect),
        "class_weights": [{"label": plain(label), "weight": float(w)} for label, w in classes],
        "class_weights_from": weights.factors.source,
        "prevalence": getattr(weights.factors, "prevalence", None),
    }


_OF_THE_FIT = (
    *("df_model", "df_resid", "llf", "llnull", "llr", "llr_pvalue"),
    *("aic", "bic", "pseudo_rsquared", "converged"),
)


def _fit(results: Any) -> dict[str, Any]:
    statistics = fit_statistics(results)
    iterations = results.mle_retvals.get("iterations")
    return {
        "iterations": None if iterations is None else int(iterations),
        "message": results.fit_record.message,
        **{name: statistics[name] for name in _OF_THE_FIT},
    }


def _covariance(results: Any) -> dict[str, Any]:
    covariance = results.covariance
    keywords = dict(results.request.keywords)
    groups = keywords.pop("groups", None)
    named = groups if isinstance(groups, str) else None
    df = getattr(results, "df_resid_inference", None) or results.df_resid
    by_coefficient = covariance.df_each is not None
    return {
        "cov_type": str(results.cov_type),
        "description": covariance.description,
        "keywords": _labelled(keywords),
        "groups": named,
        "n_clusters": [int(count) for count in covariance.n_clusters],
        "distribution": "t" if results.use_t else "normal",
        "df": float(df) if results.use_t else math.inf,
        "df_each": covariance.df_each.tolist() if results.use_t and by_coefficient else None,
        "matrix": np.asarray(results.cov_params()).tolist(),
    }


def _records(results: Any) -> list[dict[str, Any]]:
    table = tidy(results, exponentiate=False, conf_level=CONF_LEVEL)
    return [
        {name: _value(name, value) for name, value in zip(table.columns, row, strict=True)}
        for row in table.itertuples(index=False)
    ]


def _value(name: str, value: Any) -> Any:
    if name == "term":
        return str(value)
    return plain(value) if name == "label" else float(value)


def calibration(results: Any, *, covariance_holds: bool) -> dict[str, Any] | None:
    """The intercept without what the class weights added; None where they moved none.

    Parameters
    ----------
    results : WeightedLogitResults
    covariance_holds : bool
    """
    found = calibrated_intercept(results)
    if found is None:
        return None
    error = found.error if covariance_holds else math.nan
    return {"shift": found.shift, "intercept": found.value, "std_error": error}
