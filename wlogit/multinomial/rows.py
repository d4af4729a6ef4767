"""Members about rows that need coefficients only, penalised or not."""

from typing import Any, Literal

import numpy as np
import pandas as pd

from wlogit import estimation
from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.errors import InferenceWarning
from wlogit.formula.new_rows import new_design
from wlogit.keywords import check_choice, reject_unknown
from wlogit.multinomial.hooks import SCALES, indicators
from wlogit.weights.multinomial import MultinomialWeights

Which = Literal["mean", "linear", "calibrated", "var"]


class LabelRows:
    """Predictions, classification and residuals."""

    weights: MultinomialWeights
    model: Any

    @property
    def _reference_params(self) -> Array:
        """Coefficients of the labels but the first, relative to it; shape (k, J - 1)."""
        raise NotImplementedError

    def _linear(self, design: Any) -> Array:
        """Linear predictor of every label, shape (n, J)."""
        return np.asarray(self.model.predict(self._reference_params, design, which="linear"))

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
        if which == "linear":
            predicted = self._linear(design)
        else:
            predicted = self.model.predict(self._reference_params, design, which=which)
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
        residual: Array = observed - self.model.predict(self._reference_params)
        return residual

    @property
    def resid_generalized(self) -> Array:
        """``1(y = j) - p_j``, as `resid_response`."""
        return self.resid_response

    @property
    def resid_pearson(self) -> Array:
        """``sqrt(w) (1(y = j) - p_j) / sqrt(p_j (1 - p_j))`` of each row and label; (n, J)."""
        weight = np.broadcast_to(self.weights.row_weight, (self.weights.n_rows,))
        spread = np.sqrt(self.model.predict(self._reference_params, which="var"))
        return np.asarray(np.sqrt(weight)[:, None] * self.resid_response / spread)

    @property
    def resid_misclassified(self) -> Array:
        """One in the rows whose likeliest label is another than theirs, else zero; shape (n,)."""
        likeliest = np.argmax(self.model.predict(self._reference_params), axis=1)
        return np.asarray(self.weights.row_cases.codes != likeliest, dtype=np.float64)
