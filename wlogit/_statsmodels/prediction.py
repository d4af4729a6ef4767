"""Predictions and their averages, as statsmodels' prediction results."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.base._prediction_inference import (
    PredictionResultsBase,
    PredictionResultsMonotonic,
)

from wlogit._typing import Array, BoolArray, IntArray
from wlogit._warn import warn_user
from wlogit.errors import DataWarning, MissingValueError
from wlogit.exog import CompactExog
from wlogit.inference.degrees import t_degrees
from wlogit.inference.printed import Printed, beginning
from wlogit.inference.scales import IDENTITY, PROBABILITY, VARIANCE, Scale, averages
from wlogit.keywords import check_alpha

TRANSFORMS = {
    "linear": IDENTITY,
    "mean": PROBABILITY,
    "calibrated": PROBABILITY,
    "var": VARIANCE,
}


class _Leveled(Printed):
    """Refuses levels of intervals that are none, and prints the first rows."""

    summary_frame: Any

    def __str__(self) -> str:
        """The first rows of ``summary_frame``."""
        return beginning(self.summary_frame())

    def _conf_int_generic(self, center: Array, se: Array, alpha: float, **how: Any) -> Array:
        check_alpha(alpha)
        limits: Array = super()._conf_int_generic(center, se, alpha, **how)  # type: ignore[misc]
        return limits


class Predictions(_Leveled, PredictionResultsBase):  # type: ignore[misc]
    """statsmodels' predictions."""


class Probabilities(_Leveled, PredictionResultsMonotonic):  # type: ignore[misc]
    """statsmodels' predictions of probabilities, with intervals of the linear predictor."""


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
    about = {"row_labels": labels, **_distribution(results, design)}
    if transform is not PROBABILITY:
        return Predictions(value, variance, **about)
    return Probabilities(
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
    variance = np.diag(covariance)
    return Predictions(
        found.value * weighing.factor,
        # With several groupings a covariance may have no root.
        np.where(variance < 0.0, np.nan, variance),
        cov=covariance,
        row_labels=weighing.levels,
        **_distribution(results, found.gradient[:, :-1]),
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
    per_row : bool
        Divide by the number of rows, not by their mass.
    """

    mass: Array
    groups: IntArray
    levels: pd.Index | None = None
    per_row: bool = False

    @property
    def factor(self) -> float:
        """What means by mass are multiplied by."""
        return float(self.mass[self.groups >= 0].mean()) if self.per_row else 1.0

    def without(self, missing: BoolArray) -> "Weighing":
        """The same without rows that cannot be predicted.

        Raises
        ------
        MissingValueError
            An average has no row left.

        Warns
        -----
        DataWarning
        """
        used = (self.groups >= 0) & (self.mass > 0.0)
        count = int(np.sum(used & missing))
        if not count:
            return self
        n_groups = 1 if self.levels is None else len(self.levels)
        left = np.bincount(self.groups[used & ~missing], minlength=n_groups)
        if not left.all():
            empty = int(np.argmin(left))
            where = "" if self.levels is None else f" at {self.levels.tolist()[empty]!r}"
            raise MissingValueError(
                f"every row{where} has a missing value, so that there is nothing to average."
            )
        rows = "1 row is" if count == 1 else f"{count:,} rows are"
        warn_user(
            f"{rows} left out of the average, of {len(missing):,}, for missing values.", DataWarning
        )
        return replace(self, groups=np.where(used & missing, -1, self.groups))


def incomplete(design: Array, offset: Array | float) -> BoolArray:
    """Rows with a missing value, shape (n,)."""
    if isinstance(design, CompactExog):
        missing = np.isnan(design @ np.ones(design.shape[1]))
    else:
        missing = np.isnan(design).any(axis=1)
    found: BoolArray = missing | np.isnan(np.asarray(offset, dtype=np.float64))
    return found


def _distribution(results: Any, contrasts: Array) -> dict[str, Any]:
    """The distribution of tests and intervals of these combinations of the coefficients."""
    if not results.use_t:
        return {"df": results.df_resid, "dist": "norm"}
    return {"df": t_degrees(results, contrasts), "dist": "t"}
