"""Predictions and their averages, as statsmodels' prediction results."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.base._prediction_inference import (
    PredictionResultsBase,
    PredictionResultsMonotonic,
)

from wlogit._typing import Array, IntArray
from wlogit.inference.scales import IDENTITY, PROBABILITY, VARIANCE, Scale, averages

TRANSFORMS = {
    "linear": IDENTITY,
    "mean": PROBABILITY,
    "calibrated": PROBABILITY,
    "var": VARIANCE,
}


def predictions(
    results: Any, scale: Scale, design: Array, offset: Array | float, labels: Any, which: str
) -> PredictionResultsBase:
    """Predictions of rows; intervals of probabilities are formed for the linear predictor.

    Parameters
    ----------
    results : WeightedLogitResults
    scale : Scale
    design : ndarray, shape (n, k)
    offset : ndarray, shape (n,), or float
    labels : Index or None
    which : {"linear", "mean", "calibrated", "var"}
    """
    eta, errors = scale.linear_predictor(design, offset), scale.linear_errors(design)
    transform = TRANSFORMS[which]
    value, variance = transform.value(eta), (transform.slope(eta) * errors) ** 2
    about = {"row_labels": labels, **_distribution(results)}
    if transform is not PROBABILITY:
        return PredictionResultsBase(value, variance, **about)
    return PredictionResultsMonotonic(
        value,
        variance,
        linpred=eta,
        linpred_se=errors,
        func=transform.value,
        deriv=transform.slope,
        **about,
    )


def averaged(
    results: Any,
    scale: Scale,
    design: Array,
    offset: Array | float,
    which: str,
    weighing: "Weighing",
) -> PredictionResultsBase:
    """Means over groups of rows, by the delta method.

    Parameters
    ----------
    results, scale, design, offset, which
        As in `predictions`.
    weighing : Weighing
    """
    found = averages(
        scale,
        TRANSFORMS[which],
        design,
        offset,
        weighing.mass,
        weighing.groups,
        1 if weighing.levels is None else len(weighing.levels),
    )
    covariance = found.covariance(scale) * weighing.factor**2
    return PredictionResultsBase(
        found.value * weighing.factor,
        np.diag(covariance),
        cov=covariance,
        row_labels=weighing.levels,
        **_distribution(results),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Weighing:
    """What the rows of an average are weighed by, and which average they belong to.

    Attributes
    ----------
    mass : ndarray, shape (n,)
    groups : ndarray of int, shape (n,)
        -1 for rows in no group.
    levels : Index or None
        Labels of the groups; None for a single one.
    factor : float
        Multiplies the means.
    """

    mass: Array
    groups: IntArray
    levels: pd.Index | None = None
    factor: float = 1.0


def _distribution(results: Any) -> dict[str, Any]:
    df = getattr(results, "df_resid_inference", None) or results.df_resid
    return {"df": df, "dist": "t" if results.use_t else "norm"}
