"""Reads fits of statsmodels' Logit and binomial GLM."""

import warnings
from functools import partial
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit.auditing.peer import Peer

# What users pass to Logit, which leaves it out of the fit.
LEFT_OUT = ("weights", "freq_weights", "var_weights", "sample_weight", "prob_weights")


def read_statsmodels(results: Any, sample_weight: Array | None) -> Peer:
    """A fitted Logit or GLM as it reports itself.

    Parameters
    ----------
    results : LogitResults or GLMResults
        Without their wrapper.
    sample_weight : ndarray, shape (n,), or None
        Weights that were meant and not given to the fit.

    Raises
    ------
    ValueError
        Other models, links, penalised and constrained fits, and fits without their data.
    """
    _check(results)
    model = results.model
    common = {
        "names": tuple(str(name) for name in model.exog_names),
        "params": np.asarray(results.params, dtype=np.float64),
        "design": np.asarray(model.exog, dtype=np.float64),
        "index": getattr(model.data, "row_labels", None),
        "offset": _array(getattr(model, "offset", None)),
        "cov_type": results.cov_type,
        "groups": (results.cov_kwds or {}).get("groups"),
        "corrected": bool((results.cov_kwds or {}).get("use_correction", True)),
        "errors": np.asarray(results.bse),
        "pvalues": np.asarray(results.pvalues),
        "effects": partial(_effects, results),
    }
    if type(model).__name__ == "Logit":
        return _of_logit(results, sample_weight, common)
    return _of_glm(results, sample_weight, common)


def _check(results: Any) -> None:
    model = results.model
    if hasattr(results, "constraints") or "L1" in type(results).__name__:
        raise ValueError(
            "audit reads fits by maximum likelihood; this one is constrained or penalised."
        )
    if getattr(model, "exog", None) is None or model.endog is None:
        raise ValueError(
            "the data of this fit were removed (remove_data), and audit refits it: pass the "
            "results before that."
        )
    family = getattr(model, "family", None)
    if family is None:
        return
    link = type(family.link).__name__
    if type(family).__name__ != "Binomial" or link.lower() != "logit":
        raise ValueError(
            f"audit reads logistic regressions; this GLM is {type(family).__name__} with a "
            f"{link} link."
        )


def _array(values: Any) -> Array | None:
    return None if values is None else np.asarray(values, dtype=np.float64)


def _of_logit(results: Any, sample_weight: Array | None, common: dict[str, Any]) -> Peer:
    model = results.model
    given = next((name for name in LEFT_OUT if getattr(model, name, None) is not None), None)
    weight = sample_weight if given is None else _array(getattr(model, given))
    class_weight = getattr(model, "class_weight", None)
    return Peer(
        program="statsmodels Logit",
        outcome=np.asarray(model.endog, dtype=np.float64),
        weight=weight,
        weight_name=given or "sample_weight",
        class_weight=class_weight,
        ignored=weight is not None or class_weight is not None,
        converged=bool(results.mle_retvals.get("converged", True)),
        numbers={
            **{name: float(getattr(results, name)) for name in ("nobs", "df_resid", "aic", "bic")},
            "Cox-Snell R2": -np.expm1(-results.llr / results.nobs),
        },
        **common,
    )


def _of_glm(results: Any, sample_weight: Array | None, common: dict[str, Any]) -> Peer:
    model = results.model
    frequency, other = (_weights(model, name) for name in ("freq_weights", "var_weights"))
    weight, name = (other, "var_weights") if other is not None else (frequency, "freq_weights")
    if weight is not None and sample_weight is not None:
        raise ValueError(
            f"this GLM has {name} already; sample_weight= is for weights that were left out of "
            "the fit."
        )
    outcome, flipped = _outcome(model)
    return Peer(
        program="statsmodels GLM",
        outcome=outcome,
        weight=sample_weight if weight is None else weight,
        weight_name="sample_weight" if weight is None else name,
        frequency=frequency if other is not None else None,
        ignored=weight is None and sample_weight is not None,
        flipped=flipped,
        labels=_labels(model) if flipped else (0, 1),
        converged=bool(results.converged),
        dispersion=float(results.scale),
        numbers={
            **{name: float(getattr(results, name)) for name in ("nobs", "df_resid", "aic")},
            "bic": float(results.bic_llf),
            "Cox-Snell R2": float(results.pseudo_rsquared(kind="cs")),
        },
        **common,
    )


def _weights(model: Any, name: str) -> Array | None:
    values = np.asarray(getattr(model, name), dtype=np.float64)
    values = np.broadcast_to(values, model.endog.shape[:1])
    return None if np.all(values == 1.0) else values


def _outcome(model: Any) -> tuple[Array, bool]:
    """Outcome, and whether a formula turned two labels into counts of the first."""
    trials = np.broadcast_to(np.asarray(model.n_trials, dtype=np.float64), model.endog.shape)
    given = model.data.orig_endog
    if np.ndim(given) != 2 or np.shape(given)[1] != 2:
        return np.asarray(model.endog, dtype=np.float64), False
    names = model.endog_names
    coded = isinstance(names, list) and all(str(name).endswith("]") for name in names)
    if coded and np.all(trials == 1.0):
        return np.asarray(model.endog, dtype=np.float64), True
    successes = model.endog * trials
    return np.column_stack([successes, trials - successes]).round(9), False


def _labels(model: Any) -> tuple[str, str]:
    """Non-event and event as the model has them: its first label is the event."""
    event, non_event = (str(name).rpartition("[")[2].rstrip("]") for name in model.endog_names)
    return non_event, event


def _effects(results: Any) -> dict[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            margins = results.get_margeff()
        except (NotImplementedError, AttributeError, ValueError):
            return {}
    const = margins.results.model.data.const_idx
    names = [str(n) for j, n in enumerate(margins.results.model.exog_names) if j != const]
    return dict(zip(names, np.asarray(margins.margeff, dtype=np.float64), strict=True))
