"""Predictions with standard errors, and influence."""

from typing import Any, Literal

import numpy as np
from statsmodels.discrete.discrete_model import LogitResults

from wlogit import estimation
from wlogit._statsmodels import influence, prediction
from wlogit._statsmodels.influence import Influence
from wlogit._statsmodels.prediction import Weighing
from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.errors import DataWarning, WeightError
from wlogit.exog import CompactExog
from wlogit.fitting import Fit
from wlogit.inference.populations import Population
from wlogit.inference.scales import Scale
from wlogit.keywords import check_choice, reject_unknown
from wlogit.rows import Rows
from wlogit.scales import scale_of
from wlogit.views.point_predictions import Predictions, scale_name
from wlogit.weights.resolve import check_weights


class PredictionViews(Predictions, LogitResults):  # type: ignore[misc]
    """Predictions of old and new rows, and residuals."""

    fit_record: Fit

    @property
    def fittedvalues(self) -> Array:
        """Linear predictor of each row, offset included; shape (n,)."""
        return estimation.linear_predictor(self.model, self.fit_record)

    def get_prediction(
        self,
        exog: Any = None,
        transform: bool = True,
        which: Literal["mean", "linear", "calibrated", "var"] | None = None,
        row_labels: Any = None,
        average: bool = False,
        agg_weights: Any = None,
        *,
        prevalence: float | None = None,
        by: Any = None,
        offset: Any = None,
        **unknown: Any,
    ) -> Any:
        """Predictions with standard errors and intervals, or their averages.

        Parameters
        ----------
        exog, transform, offset
            As in `predict`.
        which : {"mean", "linear", "calibrated", "var"}
            Scale, as in `predict`. Intervals are formed for the linear predictor, then
            transformed; those of calibrated probabilities include the sampling error of class
            weights that were computed from the data.
        row_labels : list of str, optional
            Labels of the rows.
        average : bool
            Mean over rows. Rows of the model weigh by cases times sampling weight, class weights
            left out; with `prevalence` (here or in the model) events and non-events weigh as in
            that population. New rows weigh by the columns that the model took its weights from;
            where they have none, equally, with a warning.
        agg_weights : array_like, optional
            What the rows are multiplied by before their plain mean, instead; aligned as weights
            are.
        prevalence : float, optional
            Move calibrated probabilities to this share of events; implies "calibrated".
        by : column name or array_like, optional
            One average for each of its levels, aligned as weights are; with `average` only.

        Returns
        -------
        statsmodels prediction results
            With ``predicted``, ``se``, ``conf_int``, ``t_test`` and ``summary_frame(alpha)``.

        Raises
        ------
        DesignError
            A column that the new rows lack, or a category that the fit has not seen.
        MissingValueError
            An average of which no row is complete.

        Warns
        -----
        DataWarning
            Rows with a missing value are left out of averages.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> averages = results.get_prediction(which="calibrated", average=True, by="contig")
        >>> averages.summary_frame().round(3)
                predicted     se  ci_lower  ci_upper
        contig
        0           0.142  0.007     0.128     0.156
        1           0.897  0.010     0.877     0.917
        """
        reject_unknown(
            unknown,
            (
                *("exog", "transform", "which", "row_labels", "average", "agg_weights"),
                *("prevalence", "by", "offset"),
            ),
            "get_prediction",
        )
        name = scale_name(which, prevalence, ("mean", "linear", "calibrated", "var"))
        if by is not None and (not average or agg_weights is not None):
            raise ValueError("by= is for average=True, and not together with agg_weights=.")
        self._warn_of_slopes(name)
        design, index, offset = self._prediction_rows(exog, transform, offset)
        design, offset = self._full_rows(design, offset)
        scale = self._scale(name, prevalence)
        if not average:
            labels = index if row_labels is None else row_labels
            return prediction.predictions(self, scale, design, offset, labels, name)
        weighing = self._weighing(exog, len(design), agg_weights, by, prevalence)
        weighing = weighing.without(prediction.incomplete(design, offset))
        return prediction.averaged(self, scale, design, offset, name, weighing)

    def _scale(self, which: str, prevalence: float | None) -> Scale:
        """The scale of linear predictors, with its uncertainty."""
        return scale_of(self, which, prevalence, self._score_parts)

    def _full_rows(self, design: Any, offset: Any) -> tuple[Any, Any]:
        """Design and offset of the rows asked for, or of the model."""
        if design is not None:
            array = (
                design if isinstance(design, CompactExog) else np.asarray(design, dtype=np.float64)
            )
            return array, 0.0 if offset is None else offset
        own = getattr(self.model, "offset", None)
        if offset is None:
            offset = 0.0 if own is None else own
        return self.model.exog, offset

    def _weighing(
        self, exog: Any, n_rows: int, agg_weights: Any, by: Any, prevalence: float | None
    ) -> Weighing:
        """What the rows of an average are weighed by, and the levels that it is taken at.

        Rows without weight have no say, and make no level.
        """
        together = np.zeros(n_rows, dtype=np.intp)
        rows = self.model.rows if exog is None else estimation.rows_of_new(self.model, exog)
        single = np.ndim(agg_weights) == 0 and not isinstance(agg_weights, str)
        if agg_weights is not None:
            if single:
                mass = np.full(n_rows, float(agg_weights))
            else:
                mass = rows.take(np.asarray(rows.numbers(agg_weights, "agg_weights", WeightError)))
            check_weights(mass, "agg_weights", rows.labels)
            return Weighing(mass, together, per_row=True)
        if exog is None:
            mass = Population.build(self.weights, prevalence).row_mass
        else:
            mass = self._mass_of_new(rows, n_rows)
        if by is None:
            return Weighing(mass, together)
        codes, levels = rows.levels(by, "by")
        used, position = np.unique(codes[mass > 0.0], return_inverse=True)
        groups = np.full(n_rows, -1, dtype=np.intp)
        groups[mass > 0.0] = position
        return Weighing(mass, groups, levels[used])

    def _mass_of_new(self, rows: Rows, n_rows: int) -> Array:
        """Cases times sampling weight of new rows, from the columns of the model's own."""
        columns, lacking = estimation.weights_of_new_rows(self.model, rows)
        mass = np.ones(n_rows)
        for role, name in columns.items():
            numbers = np.asarray(rows.numbers(name, role, WeightError))
            check_weights(numbers, role, rows.labels)
            mass = mass * numbers
        if lacking:
            warn_user(
                f"the fit has {' and '.join(lacking)}, and the new rows have none: their average "
                "takes them as equal. Keep the columns that the model took its weights from, or "
                "give agg_weights=: weights over their mean, or 1 if the rows count equally.",
                DataWarning,
            )
        return mass

    def get_distribution(
        self, exog: Any = None, transform: bool = True, *, offset: Any = None
    ) -> Any:
        """Bernoulli distribution of the outcome, on the scale of the class weights.

        Parameters
        ----------
        exog, transform, offset
            As in `predict`.

        Returns
        -------
        scipy.stats.rv_frozen
        """
        design, _, offset = self._prediction_rows(exog, transform, offset)
        return self.model.get_distribution(self.params, exog=design, offset=offset)

    def get_influence(self, unit: Literal["row", "case"] = "row") -> Influence:
        """Leverage, dfbetas, Cook's distance and studentized residuals.

        Parameters
        ----------
        unit : {"row", "case"}
            What is deleted: a whole row, or one of the cases that it stands for. Class weights
            are held fixed.

        Returns
        -------
        Influence
            With the members and figures of statsmodels' `MLEInfluence`.

        Raises
        ------
        NotAvailableError
            For constrained and separated fits, and for single cases of rows of counts.

        Notes
        -----
        Leverages do not depend on the unit of sampling or class weights. Cook's distance is in
        that unit, residuals and dfbetas in its root: for weights c times as large they are c and
        ``sqrt(c)`` times as large. Compare them between rows, or divide the weights by their mean
        first where a rule of thumb is for unweighted cases.

        References
        ----------
        Pregibon (1981), Annals of Statistics 9, 705-724.
        """
        check_choice("unit", unit, ("row", "case"))
        return influence.get_influence(self, unit)
