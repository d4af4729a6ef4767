"""Members about rows: predictions, classification and residuals."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.discrete.discrete_model import MultinomialResults

from wlogit._typing import Array
from wlogit.covariance.base import Covariance
from wlogit.errors import NotAvailableError
from wlogit.inference.multinomial import LabelEstimates, LabelScale, label_predictions
from wlogit.keywords import check_alpha, check_choice, reject_unknown
from wlogit.multinomial.rows import LabelRows
from wlogit.weights.multinomial import MultinomialWeights


@dataclass(frozen=True, slots=True, eq=False)
class LabelPredictions:
    """Predictions of rows with standard errors and intervals, for every label.

    Attributes
    ----------
    estimates : LabelEstimates
    labels : Index
    row_labels : Index
    df : float
        Degrees of freedom of intervals; infinite for the normal distribution.
    """

    estimates: LabelEstimates
    labels: pd.Index
    row_labels: pd.Index
    df: float

    @property
    def predicted(self) -> Array:
        """Predictions, shape (n, J)."""
        return self.estimates.value

    @property
    def se(self) -> Array:
        """Standard errors, shape (n, J)."""
        return self.estimates.se

    def conf_int(self, alpha: float = 0.05) -> Array:
        """Intervals, shape (n, J, 2); those of probabilities are formed for their logits.

        Parameters
        ----------
        alpha : float
            One minus the level.
        """
        check_alpha(alpha)
        return self.estimates.interval(float(stats.t.isf(alpha / 2.0, self.df)))

    def summary_frame(self, alpha: float = 0.05) -> pd.DataFrame:
        """A row for each row and label, with its prediction, standard error and interval.

        Parameters
        ----------
        alpha : float
        """
        index = pd.MultiIndex.from_product([self.row_labels, self.labels])
        limits = self.conf_int(alpha)
        columns = {
            "predicted": self.predicted.ravel(),
            "se": self.se.ravel(),
            "ci_lower": limits[..., 0].ravel(),
            "ci_upper": limits[..., 1].ravel(),
        }
        return pd.DataFrame(columns, index=index)


class LabelPredictionViews(LabelRows, MultinomialResults):  # type: ignore[misc]
    """Predictions of old and new rows, and residuals."""

    weights: MultinomialWeights
    covariance: Covariance

    @property
    def _reference_params(self) -> Array:
        return np.asarray(self.params)

    @property
    def fittedvalues(self) -> Array:
        """Linear predictors of the labels but the first, shape (n, J - 1)."""
        return np.asarray(self.model.linear_predictor(self.params))

    def get_prediction(
        self,
        exog: Any = None,
        transform: bool = True,
        which: Literal["mean", "linear", "calibrated"] = "mean",
        row_labels: Any = None,
        **unknown: Any,
    ) -> LabelPredictions:
        """Predictions with standard errors and intervals.

        Parameters
        ----------
        exog, transform
            As in `predict`.
        which : {"mean", "linear", "calibrated"}
            Scale, as in `predict`. Standard errors of calibrated probabilities include the
            sampling error of class weights that were computed from the data.
        row_labels : sequence, optional
            Labels of the rows.

        Returns
        -------
        LabelPredictions
            With ``predicted``, ``se``, ``conf_int(alpha)`` and ``summary_frame(alpha)``.
        """
        reject_unknown(unknown, ("exog", "transform", "which", "row_labels"), "get_prediction")
        check_choice("which", which, ("mean", "linear", "calibrated"))
        self._warn_of_slopes(which)
        design, index = self._prediction_rows(exog, transform)
        design = self.model.exog if design is None else np.asarray(design, dtype=np.float64)
        found = label_predictions(self._scale(which), design, linear=which == "linear")
        rows = index if row_labels is None else row_labels
        rows = pd.RangeIndex(len(design)) if rows is None else pd.Index(rows)
        return LabelPredictions(found, self._label_index, rows, self._reference_df)

    @property
    def _reference_df(self) -> float:
        """Degrees of freedom of t intervals; infinite for the normal distribution."""
        if not self.use_t:
            return np.inf
        return float(getattr(self, "df_resid_inference", None) or self.df_resid)

    def _scale(self, which: str) -> LabelScale:
        """The scale of linear predictors, with its uncertainty."""
        covariance, shift = self.covariance, np.zeros(self.params.shape[1])
        column = None
        if which == "calibrated":
            shift = -self.weights.factors.log_ratios
            column = covariance.shift if self.weights.factors.source is not None else None
        return LabelScale.build(np.asarray(self.params), covariance.matrix, shift, column)

    def get_distribution(self, *args: Any, **kwargs: Any) -> Any:
        """Not available; `predict` gives the probability of every label."""
        raise NotAvailableError(
            "there is no frozen distribution of several labels; predict() gives their "
            "probabilities."
        )

    def get_influence(self, *args: Any, **kwargs: Any) -> Any:
        """Not available for several labels."""
        raise NotAvailableError(
            "influence measures are for fits with two labels; refit without the rows in question."
        )
