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


def archive(results: Any, content: SummaryData, *, covariance_holds: bool) -> dict[str, Any]:
    """Everything that a summary prints, and the covariance matrix.

    Parameters
    ----------
    results : WeightedLogitResults
    content : SummaryData
        What its summary says.
    covariance_holds : bool
        Whether the covariance in use is one under these weights.

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
        "calibration": _calibration(results, covariance_holds),
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
    non_event, event = results.weights.labels
    return {
        "class": type(model).__name__,
        "formula": getattr(model, "formula", None),
        "outcome": str(model.endog_names),
        "outcome_kind": "fractions" if results.weights.fractional else model.outcome_kind,
        "event": plain(event),
        "non_event": plain(non_event),
        "reference_levels": _labelled(model.reference_levels),
        "left_out": {str(name): _labelled(equal) for name, equal in model.aliased.items()},
        "offset": model.offset_name or bool(model.has_offset),
        "constraints": _constraints(results),
    }


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
    n0, n1 = weights.totals.class_sizes
    return {
        "rows": int(weights.n_rows),
        "cases": float(weights.nobs),
        "events": float(n1),
        "non_events": float(n0),
        "rows_left_out": {cause: int(rows) for cause, rows in weights.n_dropped.items()},
    }


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
        "prevalence": weights.factors.prevalence,
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
    return {
        "cov_type": str(results.cov_type),
        "description": covariance.description,
        "keywords": _labelled(keywords),
        "groups": named,
        "n_clusters": [int(count) for count in covariance.n_clusters],
        "distribution": "t" if results.use_t else "normal",
        "df": float(df) if results.use_t else math.inf,
        "matrix": np.asarray(results.cov_params()).tolist(),
    }


def _records(results: Any) -> list[dict[str, Any]]:
    table = tidy(results, exponentiate=False, conf_level=CONF_LEVEL)
    return [
        {"term": str(term), **dict(zip(table.columns[1:], map(float, values), strict=True))}
        for term, *values in table.itertuples(index=False)
    ]


def _calibration(results: Any, covariance_holds: bool) -> dict[str, Any] | None:
    """The intercept without what the class weights added; None where they moved none."""
    found = calibrated_intercept(results)
    if found is None:
        return None
    error = found.error if covariance_holds else math.nan
    return {"shift": found.shift, "intercept": found.value, "std_error": error}
