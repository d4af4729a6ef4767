"""Results as plain tables, in the three shapes of R's broom: by term, by fit, by row."""

from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.errors import NotAvailableError


def tidy(results: Any, *, exponentiate: bool, conf_level: float) -> pd.DataFrame:
    """One row for each coefficient.

    Parameters
    ----------
    results : WeightedLogitResults or WeightedMNLogitResults
    exponentiate : bool
        Give odds ratios and their limits; standard errors, statistics and p-values stay those of
        the coefficients.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        Columns "term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high";
        of several labels "label" before them.

    Raises
    ------
    ValueError
        A level that is not between 0 and 1.
    """
    check_level(conf_level)
    limits = np.asarray(results.conf_int(1.0 - conf_level)).reshape(-1, 2)
    columns: dict[str, Array] = {
        "estimate": _by_label(results.params),
        "std_error": _by_label(results.bse),
        "statistic": _by_label(results.tvalues),
        "p_value": _by_label(results.pvalues),
        "conf_low": limits[:, 0],
        "conf_high": limits[:, 1],
    }
    # No test of what a constraint has fixed.
    fixed = columns["std_error"] == 0.0
    columns |= {n: np.where(fixed, np.nan, columns[n]) for n in ("statistic", "p_value")}
    if exponentiate:
        # An infinite ratio is the right answer for a coefficient of a million.
        with np.errstate(over="ignore"):
            columns |= {n: np.exp(columns[n]) for n in ("estimate", "conf_low", "conf_high")}
    return pd.DataFrame({**_names(results), **columns})


def _by_label(values: Any) -> Array:
    """One value for each coefficient; of several labels one label after the other."""
    return np.ravel(np.asarray(values), order="F")


def _names(results: Any) -> dict[str, list[Any]]:
    terms = list(results.model.exog_names)
    if np.ndim(results.params) == 1:
        return {"term": terms}
    labels = results.weights.labels[1:]
    return {"label": [label for label in labels for _ in terms], "term": terms * len(labels)}


def coefficient_names(table: pd.DataFrame) -> list[str]:
    """What tables with a row for each coefficient call them: ``label: term`` of several labels.

    Parameters
    ----------
    table : DataFrame
        As of `tidy`.
    """
    terms = [str(term) for term in table["term"]]
    if "label" not in table:
        return terms
    return [f"{label}: {term}" for label, term in zip(table["label"], terms, strict=True)]


def check_level(conf_level: float) -> None:
    """Raise ValueError for a level of confidence that is not between 0 and 1."""
    if not 0.0 < conf_level < 1.0:
        raise ValueError(f"conf_level={conf_level!r} must lie between 0 and 1, as 0.95 does.")


def glance(results: Any) -> pd.DataFrame:
    """One row for the fit.

    Parameters
    ----------
    results : WeightedLogitResults

    Returns
    -------
    DataFrame
    """
    return pd.DataFrame([fit_statistics(results)])


def fit_statistics(results: Any) -> dict[str, Any]:
    """What `glance` says, by name; NaN for what the fit refuses.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    weights = results.weights
    return {
        "nobs": float(weights.nobs),
        "n_rows": int(weights.n_rows),
        "effective_size": float(weights.effective_size),
        "df_model": float(results.df_model),
        "df_resid": float(results.df_resid),
        "llf": float(results.llf),
        "llnull": float(results.llnull),
        "llr": _or_missing(results, "llr"),
        "llr_pvalue": _or_missing(results, "llr_pvalue"),
        "aic": _or_missing(results, "aic"),
        "bic": _or_missing(results, "bic"),
        "pseudo_rsquared": float(results.prsquared),
        "pseudo_likelihood": not weights.likelihood,
        "cov_type": str(results.cov_type),
        "weights": weights.kind,
        "converged": bool(results.converged),
    }


def _or_missing(results: Any, name: str) -> float:
    try:
        return float(getattr(results, name))
    except NotAvailableError:
        return np.nan


def augment(results: Any, data: Any = None) -> pd.DataFrame:
    """One row for each row of the fit.

    Parameters
    ----------
    results : WeightedLogitResults
        The results themselves, without a wrapper.
    data : DataFrame, optional
        Its columns are put before.

    Returns
    -------
    DataFrame

    Raises
    ------
    NotAvailableError
        After ``remove_data``.
    ValueError
        `data` has not the rows of the fit, or has columns of these names.
    """
    results.model.require_data()
    rows = results.model.rows
    columns = {**_fitted(results), **_residuals(results), **_influence(results)}
    columns["row_weight"] = results.weights.row_weight
    n_rows = results.weights.n_rows
    full = {name: np.broadcast_to(values, (n_rows,)) for name, values in columns.items()}
    if data is None:
        return pd.DataFrame(full, index=rows.labels)
    taken = _rows_of(pd.DataFrame(data), rows)
    clash = [str(name) for name in full if name in taken.columns]
    if clash:
        raise ValueError(
            f"data has columns {', '.join(clash)} already; rename them, or leave data= out."
        )
    return taken.assign(**full)


def _fitted(results: Any) -> dict[str, Any]:
    eta = np.asarray(results.fittedvalues)
    return {
        "fitted": likelihood.expit(eta),
        "fitted_calibrated": np.asarray(results.predict(which="calibrated")),
        "linear_predictor": eta,
        "linear_predictor_se": np.asarray(results.get_prediction(which="linear").se),
    }


def _residuals(results: Any) -> dict[str, Any]:
    """Of each row; NaN where they belong to the fit before it was calibrated."""
    names = ("resid_response", "resid_pearson", "resid_dev")
    return {name: np.asarray(getattr(results, name, np.nan)) for name in names}


def _influence(results: Any) -> dict[str, Array | float]:
    """Of the deletion of each row; NaN where the fit has no influence measures."""
    try:
        influence = results.get_influence()
    except NotAvailableError:
        return dict.fromkeys(("resid_studentized", "leverage", "cooks_distance"), np.nan)
    return {
        "resid_studentized": influence.resid_studentized,
        "leverage": influence.hat_matrix_diag,
        "cooks_distance": influence.cooks_distance[0],
    }


def _rows_of(data: pd.DataFrame, rows: Any) -> pd.DataFrame:
    """The rows of the fit, in its order, out of the data as passed or a selection that has them."""
    if len(data) == rows.n_rows and (rows.index is None or data.index.equals(rows.index)):
        positions: IntArray = rows.take(np.arange(rows.n_rows))
        return data.iloc[positions]
    if data.index.equals(rows.labels):
        return data
    matched = rows.index is not None and data.index.is_unique
    if not matched or not rows.labels.isin(data.index).all():
        raise ValueError(
            f"data has {len(data):,} rows that do not match the {len(rows.labels):,} of the fit by "
            "label; pass the table that was fitted. For new rows use get_prediction(data)."
        )
    labels: pd.Index = rows.labels
    return data.loc[labels]
