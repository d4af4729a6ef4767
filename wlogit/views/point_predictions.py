"""Predictions without standard errors, and residuals: what penalised fits have as well."""

from typing import Any, Literal

import numpy as np
import pandas as pd

from wlogit import estimation
from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.core import likelihood
from wlogit.errors import InferenceWarning
from wlogit.formula.new_rows import new_rows
from wlogit.inference import residuals
from wlogit.inference.classification import prediction_table
from wlogit.inference.prediction import (
    NOT_AT_POPULATION_SCALE,
    calibration_shift,
    prevalence_shift,
)
from wlogit.keywords import check_choice, check_threshold, reject_unknown
from wlogit.weights.weights import Weights


def scale_name(which: str | None, prevalence: float | None, known: tuple[str, ...]) -> str:
    """The scale asked for; a prevalence implies the calibrated one."""
    which = which or ("mean" if prevalence is None else "calibrated")
    check_choice("which", which, known)
    if prevalence is not None and which != "calibrated":
        raise ValueError(f'prevalence= is for which="calibrated", not {which!r}.')
    return which


class Predictions:
    """Predictions and residuals that need coefficients only, penalised or not."""

    weights: Weights
    model: Any
    params: Any

    @property
    def fittedvalues(self) -> Any:
        """Linear predictor of each row, offset included; shape (n,)."""
        return self._by_row(self.model.linear_predictor(self.params))

    def predict(
        self,
        exog: Any = None,
        transform: bool = True,
        *,
        which: Literal["mean", "linear", "calibrated", "var"] | None = None,
        prevalence: float | None = None,
        offset: Any = None,
        **unknown: Any,
    ) -> Any:
        """Predict.

        Parameters
        ----------
        exog : DataFrame, mapping or array_like, optional
            New rows: variables for a model from a formula, else columns of the design; by default
            the rows of the model. A missing value gives a missing prediction.
        transform : bool
            Whether `exog` still has to go through the formula.
        which : {"mean", "linear", "calibrated", "var"}
            "mean" (default) is the probability on the scale of the class weights, "linear" its
            logit; "calibrated" takes the class weights out again. That is population scale unless
            the classes were sampled at different rates, as in a case-control study: then give
            `prevalence` as well.
        prevalence : float, optional
            Move calibrated probabilities to this share of events; implies "calibrated".
        offset : array_like or column name, optional
            Needed for new rows of a model with an offset, unless it was a column, which is then
            read from the new data.

        Returns
        -------
        ndarray or Series
        """
        reject_unknown(unknown, ("exog", "transform", "which", "prevalence", "offset"), "predict")
        scale = scale_name(which, prevalence, ("mean", "linear", "calibrated", "var"))
        self._warn_of_slopes(scale)
        design, index, offset = self._prediction_rows(exog, transform, offset)
        predicted = self.model.predict(
            self.params, design, which="linear" if prevalence is not None else scale, offset=offset
        )
        if prevalence is not None:
            shift = prevalence_shift(self.weights, prevalence) - calibration_shift(self.weights)
            predicted = likelihood.expit(predicted + shift)
        return predicted if index is None else pd.Series(predicted, index=index)

    def _warn_of_slopes(self, which: str) -> None:
        """Say that calibrated predictions are not at population scale, where they are not."""
        if which != "calibrated" or self.has_free_constant:
            return
        if calibration_shift(self.weights) != 0.0:
            warn_user(NOT_AT_POPULATION_SCALE, InferenceWarning)

    @property
    def has_free_constant(self) -> bool:
        """Whether the class weights only move a constant that is free to move.

        True as well where there are no class weights.
        """
        if self.weights.factors.source not in ("balanced", "mapping"):
            return True
        constant = self.model.constant_combination
        if constant is None or not hasattr(self, "constraints"):
            return constant is not None
        return bool(np.all(np.abs(np.asarray(self.constraints.coefs) @ constant) < 1e-10))

    def _prediction_rows(self, exog: Any, transform: bool, offset: Any) -> tuple[Any, Any, Any]:
        if exog is None:
            self.model.require_data()
            if isinstance(offset, str) or np.ndim(offset) > 0:
                rows = self.model.rows
                offset = rows.take(rows.numbers(offset, "offset", ValueError))
            return None, getattr(self.model.data, "row_labels", None), offset
        design, index = self._transform_predict_exog(exog, transform=transform)
        return design, index, estimation.new_offset(self.model, exog, index, offset, len(design))

    def _transform_predict_exog(self, exog: Any, transform: bool = True) -> tuple[Any, Any]:
        if exog is None:
            return None, None
        if transform and self.model.design_info is not None:
            columns = self.model.formula_columns
            design, index = new_rows(self.model.design_info, exog, columns)
            return self._kept_columns(design), index
        return estimation.design_of_arrays(self.model, exog)

    def _kept_columns(self, design: Any) -> Any:
        return design[:, list(self.model.kept)] if self.model.aliased else design

    def pred_table(
        self,
        threshold: float = 0.5,
        *,
        which: Literal["mean", "calibrated"] = "mean",
        weighted: bool = False,
    ) -> pd.DataFrame:
        """Cases by observed (rows) and predicted (columns) class.

        Parameters
        ----------
        threshold : float
            A row is predicted to be an event above it.
        which : {"mean", "calibrated"}
            Scale of the probability.
        weighted : bool
            Sum sampling weights, not cases. Class weights are never summed.

        Returns
        -------
        DataFrame, shape (2, 2)

        Raises
        ------
        ValueError
            A threshold that is no number between 0 and 1.
        """
        check_choice("which", which, ("mean", "calibrated"))
        cut = check_threshold(threshold)
        probability = np.asarray(self.predict(which=which))
        return prediction_table(self.weights, probability > cut, weighted=weighted)

    @property
    def resid_response(self) -> Any:
        """``r - p`` of each row; shape (n,)."""
        eta = np.asarray(self.fittedvalues)
        return self._by_row(residuals.response_residuals(eta, self.weights.row_response))

    @property
    def resid_generalized(self) -> Any:
        """``r - p``, as `resid_response`."""
        return self.resid_response

    @property
    def resid_pearson(self) -> Any:
        """``sqrt(w) (r - p) / sqrt(p q)``; squares sum to Pearson's statistic."""
        eta, weights = np.asarray(self.fittedvalues), self.weights
        return self._by_row(
            residuals.pearson_residuals(eta, weights.row_response, weights.row_weight)
        )

    @property
    def resid_dev(self) -> Any:
        """Deviance residuals; squares sum to the deviance against the saturated rows."""
        eta, weights = np.asarray(self.fittedvalues), self.weights
        return self._by_row(
            residuals.deviance_residuals(eta, weights.row_response, weights.row_weight)
        )

    def _by_row(self, values: Array) -> Any:
        """What is returned for values of the rows; a wrapper may label them later."""
        return values
