"""Members about rows: predictions, classification and residuals."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.discrete.discrete_model import MultinomialResults

from wlogit import estimation
from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.covariance.base import Covariance
from wlogit.errors import InferenceWarning, NotAvailableError
from wlogit.formula.design import new_design
from wlogit.inference.multinomial import LabelEstimates, LabelScale, label_predictions
from wlogit.keywords import check_choice, reject_unknown
from wlogit.multinomial.hooks import SCALES, indicators
from wlogit.weights.multinomial import MultinomialWeights

Which = Literal["mean", "linear", "calibrated", "var"]


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


class LabelPredictionViews(MultinomialResults):  # type: ignore[misc]
    """Predictions of old and new rows, and residuals."""

    weights: MultinomialWeights
    covariance: Covariance

    @property
    def fittedvalues(self) -> Array:
        """Linear predictors of the labels but the first, shape (n, J - 1)."""
        return np.asarray(self.model.linear_predictor(self.params))

    def predict(
        self, exog: Any = None, transform: bool = True, *, which: Which = "mean", **unknown: Any
    ) -> Any:
        """Predict.

        Parameters
        ----------
        exog : DataFrame, mapping or array_like, optional
            New rows: variables for a model from a formula, else columns of the design; by default
            the rows of the model. A missing value gives missing predictions.
        transform : bool
            Whether `exog` still has to go through the formula.
        which : {"mean", "linear", "calibrated", "var"}
            "mean" is the probability of each label on the scale of the class weights, "linear" its
            linear predictor; "calibrated" takes the class weights out again; "var" is p (1 - p).

        Returns
        -------
        ndarray or DataFrame, shape (n, J)
            A column for each label.
        """
        reject_unknown(unknown, ("exog", "transform", "which"), "predict")
        check_choice("which", which, SCALES)
        self._warn_of_slopes(which)
        design, index = self._prediction_rows(exog, transform)
        predicted = self.model.predict(self.params, design, which=which)
        if index is None:
            return predicted
        return pd.DataFrame(predicted, index=index, columns=self._label_index)

    @property
    def _label_index(self) -> pd.Index:
        return pd.Index(self.weights.labels, name=self.model.endog_names, tupleize_cols=False)

    def _warn_of_slopes(self, which: str) -> None:
        if which == "calibrated" and not self.has_free_constant:
            warn_user(
                "without a free constant, class weights change the slopes too: calibrated "
                "predictions do not take them out.",
                InferenceWarning,
            )

    @property
    def has_free_constant(self) -> bool:
        """Whether the class weights only move a constant; True as well without class weights."""
        without = self.weights.factors.source is None
        return without or self.model.constant_combination is not None

    def _prediction_rows(self, exog: Any, transform: bool) -> tuple[Any, Any]:
        if exog is None:
            self.model.require_data()
            return None, getattr(self.model.data, "row_labels", None)
        return self._transform_predict_exog(exog, transform=transform)

    def _transform_predict_exog(self, exog: Any, transform: bool = True) -> tuple[Any, Any]:
        if exog is None:
            return None, None
        if transform and self.model.design_info is not None:
            design = new_design(self.model.design_info, exog)
            values = np.asarray(design)
            return values[:, list(self.model.kept)] if self.model.aliased else values, design.index
        return estimation.design_of_arrays(self.model, exog)

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

    def pred_table(
        self, *, which: Literal["mean", "calibrated"] = "mean", weighted: bool = False
    ) -> pd.DataFrame:
        """Cases by observed (rows) and likeliest (columns) label.

        Parameters
        ----------
        which : {"mean", "calibrated"}
            Scale of the probabilities.
        weighted : bool
            Sum sampling weights, not cases. Class weights are never summed.

        Returns
        -------
        DataFrame, shape (J, J)
        """
        check_choice("which", which, ("mean", "calibrated"))
        likeliest = np.argmax(np.asarray(self.predict(which=which)), axis=1)
        cases, labels = self.weights.row_cases, len(self.weights.labels)
        mass = self.weights.averaging_mass
        if not weighted:
            mass = np.broadcast_to(cases.multiplicity * (cases.sampling > 0.0), likeliest.shape)
        table = np.bincount(cases.codes_or_first * labels + likeliest, mass, minlength=labels**2)
        names = self.weights.labels
        return pd.DataFrame(
            table.reshape(labels, labels),
            index=pd.Index(names, name="observed", tupleize_cols=False),
            columns=pd.Index(names, name="predicted", tupleize_cols=False),
        )

    @property
    def resid_response(self) -> Array:
        """``1(y = j) - p_j`` of each row and label, on the scale of the class weights; (n, J)."""
        observed = indicators(self.weights.row_cases.codes, self.model.J)
        residual: Array = observed - self.model.predict(self.params)
        return residual

    @property
    def resid_generalized(self) -> Array:
        """``1(y = j) - p_j``, as `resid_response`."""
        return self.resid_response

    @property
    def resid_pearson(self) -> Array:
        """``sqrt(w) (1(y = j) - p_j) / sqrt(p_j (1 - p_j))`` of each row and label; (n, J)."""
        weight = np.broadcast_to(self.weights.row_weight, (self.weights.n_rows,))
        spread = np.sqrt(self.model.predict(self.params, which="var"))
        return np.asarray(np.sqrt(weight)[:, None] * self.resid_response / spread)

    @property
    def resid_misclassified(self) -> Array:
        """One in the rows whose likeliest label is another than theirs, else zero; shape (n,)."""
        likeliest = np.argmax(self.model.predict(self.params), axis=1)
        return np.asarray(self.weights.row_cases.codes != likeliest, dtype=np.float64)

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
