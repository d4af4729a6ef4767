"""What the results ask of a fitted model: covariances, score tests, new rows, forgetting data."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit.covariance.base import Covariance, CovarianceEstimator, ScoreParts
from wlogit.covariance.registry import (
    OF_DESIGNS,
    REFITTED,
    CovarianceRequest,
)
from wlogit.covariance.replicates import Refit
from wlogit.covariance.sampled import Sampled
from wlogit.designs import design_of_rows
from wlogit.errors import DesignError
from wlogit.exog import is_sparse, require_small
from wlogit.fitting import Fit, FitRecord
from wlogit.formula.design import as_frame
from wlogit.inputs import read_table
from wlogit.reporting.progress import progress_bar
from wlogit.rows import Rows
from wlogit.weights.align import align_column

# Of the largest variance: what rounding leaves of one that is none.
_SINGULAR = 1e-12


def score_parts(model: Any, fit: Fit) -> ScoreParts:
    """Scores, weights and inverse information of a fit.

    Raises
    ------
    NotAvailableError
        After ``remove_data``.
    """
    model.require_data()
    offset = getattr(model, "offset", None)
    return ScoreParts.at(fit.design, fit.working, offset, model.weights, fit.root, fit.n_free)


def linear_predictor(model: Any, fit: Fit) -> Array:
    """Linear predictor of each row at the estimate, offset included; shape (n,).

    Raises
    ------
    NotAvailableError
        After ``remove_data``.
    """
    model.require_data()
    eta = np.asarray(fit.design.dot(fit.working))
    offset = getattr(model, "offset", None)
    return eta if offset is None else eta + offset


def sampled_for(model: Any, request: CovarianceRequest) -> Sampled:
    """How the rows of a model were sampled, as far as a covariance asks for it.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
    request : CovarianceRequest
    """
    groupings = () if request.groups is None else model.rows.groupings(request.groups)
    by_design = request.cov_type in (*OF_DESIGNS, "bootstrap")
    return Sampled(groupings, design_of_rows(model) if by_design else None)


def estimator_of(
    model: Any, request: CovarianceRequest, weights: Any = None
) -> CovarianceEstimator:
    """The estimator asked for, for the rows of a model.

    Parameters
    ----------
    model : WeightedLogit
    request : CovarianceRequest
    weights : Weights, optional
        Other ones than those of the model, for the same rows.
    """
    weights = model.weights if weights is None else weights
    return request.estimator(weights, sampled_for(model, request))


def estimate(
    model: Any, fit: Fit, request: CovarianceRequest, refit: Refit | None = None
) -> Covariance:
    """The covariance asked for; NaN where the fit allows no inference.

    Parameters
    ----------
    model : WeightedLogit
    fit : Fit
    request : CovarianceRequest
    refit : Refit, optional
        How the estimate is made under other weights, if it is no plain maximum of the likelihood.
    """
    if request.cov_type in REFITTED or request.keywords.get("kind") in ("CR2", "CR3"):
        require_small(model.exog)
    if request.cov_type in REFITTED:
        sampled = replace(sampled_for(model, request), refit=refit)
        parts = score_parts(model, fit)
        covariance = refitted(model, fit, request, sampled, lambda estimator: estimator(parts))
    else:
        covariance = estimator_of(model, request)(score_parts(model, fit))
    matrix = fit.valid_part(covariance.matrix)
    shift = covariance.shift if matrix is covariance.matrix else None
    description = covariance.description + beside_design(model, request)
    return replace(covariance, matrix=matrix, shift=shift, description=description)


def refitted(
    model: Any,
    fit: FitRecord,
    request: CovarianceRequest,
    sampled: Sampled,
    evaluate: Callable[[CovarianceEstimator], Covariance],
) -> Covariance:
    """A covariance from refits, with a progress bar if one was asked for.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
    fit : FitRecord
    request : CovarianceRequest
    sampled : Sampled
    evaluate : callable
        From the estimator to the covariance.
    """
    if not fit.converged:
        unknown = np.full((fit.params.size, fit.params.size), np.nan)
        inner = np.full((fit.root.shape[1], fit.root.shape[1]), np.nan)
        description = "no refits of a fit without a finite estimate"
        return Covariance(unknown, inner, request.cov_type, description, df=np.nan)
    shown = bool(request.keywords.get("progress", False))
    total = request.n_refits(sampled)
    with progress_bar(total, f"{request.cov_type} refits", shown=shown) as advance:
        estimator = request.estimator(model.weights, replace(sampled, refits=True, advance=advance))
        return evaluate(estimator)


def beside_design(model: Any, request: CovarianceRequest) -> str:
    """What a description adds where the model has a design that the covariance does not use."""
    if model.design is None or request.cov_type in (*OF_DESIGNS, "nonrobust", "bootstrap"):
        return ""
    return ", which ignores the design beyond its weights"


def what_weights_are(weights: Any) -> str:
    """The weights that make a likelihood a pseudo-likelihood, in words."""
    return (
        "fractional outcomes"
        if weights.kind in ("none", "frequency")
        else f"{weights.kind} weights"
    )


def new_offset(model: Any, exog: Any, index: Any, offset: Any, n_rows: int) -> Array | None:
    """The offset of new rows: as given, or the column that the model took it from.

    Parameters
    ----------
    model : WeightedLogit
    exog : DataFrame, mapping or array_like
        The new rows as given.
    index : Index or None
        Their labels, by which a Series is aligned.
    offset : array_like, column name, float or None
    n_rows : int

    Raises
    ------
    ValueError
        When the model has an offset and none is known for the new rows.
    """
    if isinstance(offset, str):
        return rows_of_new(model, exog).numbers(offset, "offset", ValueError)
    if offset is not None:
        if np.ndim(offset) == 0:
            return np.full(n_rows, float(offset))
        labels = index if isinstance(index, pd.Index) else None
        return align_column(
            offset, role="offset", frame=None, index=labels, n_rows=n_rows, error=ValueError
        )
    if not model.has_offset:
        return None
    name = model.offset_name
    if name is None:
        raise ValueError("the model has an offset: give offset= for the new rows (0 for none).")
    frame = as_frame(exog)
    if name not in frame.columns:
        raise ValueError(
            f"the new data have no column {name!r}, which the model takes its offset from."
        )
    return Rows.of_table(frame).numbers(name, "offset", ValueError)


WEIGHTS_OF_ROWS = ("freq_weights", "sampling_weights")


def rows_of_new(model: Any, data: Any) -> Rows:
    """New rows as passed; those of an array have no labels."""
    if model.design_info is None and not isinstance(data, pd.DataFrame):
        return Rows(len(np.atleast_2d(np.asarray(data))), None)
    return Rows.of_table(as_frame(data))


def weights_of_new_rows(model: Any, rows: Rows) -> tuple[dict[str, str], list[str]]:
    """Columns of new rows with weights, by role; and the roles that the fit has and they lack.

    Weights are looked for where the model took its own from.

    Parameters
    ----------
    model : WeightedLogit
    rows : Rows
        The new rows as passed.
    """
    has = (model.weights.has_frequency, model.weights.has_sampling)
    own = [role for role, there in zip(WEIGHTS_OF_ROWS, has, strict=True) if there]
    columns = () if rows.frame is None else rows.frame.columns
    found = {role: name for role, name in model.weight_columns.items() if name in columns}
    return found, [role for role in own if role not in found]


def design_of_arrays(model: Any, exog: Any) -> tuple[Array, Any]:
    """Columns of the design for new rows; a DataFrame is matched by name.

    Raises
    ------
    DesignError
        Missing columns, or another number of columns.
    """
    index: Any = exog.index if isinstance(exog, pd.DataFrame) else None
    names = list(model.exog_names)
    if isinstance(exog, pd.DataFrame) and model.column_names is not None:
        missing = [name for name in names if name not in exog.columns]
        if missing and not isinstance(exog.columns, pd.RangeIndex):
            raise DesignError(f"the new data have no column {missing[0]!r}; the fit used {names}.")
        if not missing:
            exog = exog[names]
    if isinstance(exog, pd.Series):
        index = exog.index if len(names) == 1 else [exog.name]
    values = read_table(exog).values if is_sparse(exog) else np.asarray(exog, dtype=np.float64)
    if values.ndim <= 1:
        values = values.reshape(-1, 1) if len(names) == 1 else values.reshape(1, -1)
    if model.aliased and values.shape[1] == model.n_columns:
        values = values[:, list(model.kept)]
    if values.shape[1] != len(names):
        raise DesignError(
            f"the new rows have {values.shape[1]} columns; the fit used {len(names)}."
        )
    return values, index


def remove_data(results: Any) -> None:
    """Forget everything of the length of the data in a results object and its model."""
    for name in ("results_constrained", "res_null"):
        inner = getattr(results, name, None)
        if inner is not None:
            inner.remove_data()
    forget_rows(results.model)
    results.weights = results.model.weights
    record = results.fit_record
    results.fit_record = replace(record, matrix=None, root=record.user_root)
    keywords = {key: value for key, value in results.request.keywords.items() if key != "groups"}
    results.request = replace(results.request, keywords=keywords)
    results.cov_kwds = {"description": results.covariance.description, **keywords}


def forget_rows(model: Any) -> None:
    """Forget weights, labels and the design in working coordinates."""
    # Names are derived from the data on first use; from then on they stay.
    model.data.xnames, model.data.ynames = model.exog_names, model.endog_names
    model.weights = model.weights.without_cases()
    model.rows = model.rows.without_data()
    model.matrix = model.design = None
    for name in ("orig_endog", "orig_exog"):
        setattr(model.data, name, None)
    model.data._cache.pop("row_labels", None)


def forget_arrays(model: Any) -> None:
    """Forget the arrays that statsmodels' own results forget for a model, by its list of names."""
    for path in model._data_attr:
        owner, _, name = path.rpartition(".")
        holder = getattr(model, owner) if owner else model
        if hasattr(holder, name):
            setattr(holder, name, None)


def mark_constrained(results: Any, linear: Any, reduced: Any) -> None:
    """Degrees of freedom and the attributes that statsmodels gives constrained results."""
    # From the fit in the free coefficients: the whole design may have more columns than rows.
    results.df_resid = reduced.df_resid
    results.df_model = results.nobs - results.df_resid - results.k_constant
    results.constraints = linear
    results.k_constr = linear.coefs.shape[0]
    results.results_constrained = reduced
