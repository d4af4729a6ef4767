"""What statsmodels computes correctly for some fits: passed on there, refused elsewhere."""

from typing import Any

import numpy as np
from statsmodels.base import _prediction_inference as prediction
from statsmodels.discrete.discrete_margins import DiscreteMargins
from statsmodels.discrete.discrete_model import LogitResults
from statsmodels.stats.outliers_influence import MLEInfluence

from wlogit.errors import NotAvailableError
from wlogit.estimation import new_offset


def get_margeff(
    results: Any, at: str, method: str, atexog: Any, dummy: bool, count: bool
) -> DiscreteMargins:
    """statsmodels' margins, whose means over rows are right without weights only."""
    if getattr(results.model, "offset", None) is not None:
        raise NotImplementedError("Margins with offset are not available.")
    _only_unweighted(results, "get_margeff averages over rows and")
    return DiscreteMargins(results, (at, method, atexog, dummy, count))


def get_influence(results: Any) -> MLEInfluence:
    """statsmodels' influence, with the inverse information as dfbetas and Cook need it."""
    _only_unweighted(results, "get_influence counts rows and")
    plain = results
    if results.cov_type != "nonrobust":
        plain = results.with_covariance("nonrobust")._results
    return MLEInfluence(plain)


def get_prediction(
    results: Any,
    exog: Any,
    transform: bool,
    which: str,
    row_labels: Any,
    average: bool,
    agg_weights: Any,
    offset: Any,
) -> Any:
    """statsmodels' delta method on our model and covariance."""
    if which not in ("mean", "linear", "var"):
        raise ValueError(f'which={which!r} is not known; use "mean", "linear" or "var".')
    if average and agg_weights is None:
        _only_unweighted(results, "get_prediction(average=True) averages over rows and")
    keywords = {} if offset is None else {"offset": np.asarray(offset)}
    if exog is not None:
        given = new_offset(results.model, exog, offset, len(exog))
        keywords = {} if given is None else {"offset": given}
    return prediction.get_prediction(
        results,
        exog=exog,
        which=which,
        transform=transform,
        row_labels=row_labels,
        average=average,
        agg_weights=agg_weights,
        pred_kwds=keywords,
    )


def wald_test_terms(
    results: Any, skip_single: bool, extra_constraints: Any, combine_terms: Any, scalar: bool | None
) -> Any:
    """statsmodels' term-wise Wald tests, whose columns must be those of the formula."""
    if results.model.aliased:
        raise NotAvailableError(
            "wald_test_terms needs every column of the formula, and some were dropped as aliased; "
            "use wald_test with the names of the coefficients."
        )
    keywords = {} if scalar is None else {"scalar": scalar}
    return LogitResults.wald_test_terms(
        results,
        skip_single=skip_single,
        extra_constraints=extra_constraints,
        combine_terms=combine_terms,
        **keywords,
    )


def _only_unweighted(results: Any, what: str) -> None:
    if results.weights.kind != "none" or results.model.n_trials is not None:
        raise NotAvailableError(
            f"{what} would ignore the weights of this fit ({results.weights.kind}); it is not "
            "available under weights in this version."
        )
