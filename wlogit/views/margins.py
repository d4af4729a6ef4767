"""Members about marginal effects and average predictions."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit.margins.effects import MarginalEffects
from wlogit.margins.predictions import AveragePredictions, PredictionRequest, predictions_at
from wlogit.margins.request import MarginRequest


class MarginViews:
    """Effects and average predictions at population scale."""

    model: Any
    _effects: ClassVar[type[MarginalEffects]] = MarginalEffects

    def get_margeff(
        self,
        at: Literal["overall", "mean", "median", "zero", "all"] = "overall",
        method: Literal["dydx", "eyex", "dyex", "eydx"] = "dydx",
        atexog: Any = None,
        dummy: bool = False,
        count: bool = False,
        *,
        scale: Literal["calibrated", "weighted"] = "calibrated",
        vce: Literal["delta", "unconditional"] = "delta",
        variables: Sequence[str] | str | None = None,
        prevalence: float | None = None,
    ) -> MarginalEffects:
        """Marginal effects, by default those of statsmodels at population scale.

        Averages weigh rows by cases times sampling weight (``prevalence`` of the model included),
        never by class weights.

        Parameters
        ----------
        at : {"overall", "mean", "median", "zero", "all"}
            "overall" averages the effects of the rows; "mean", "median" and "zero" take them at
            one point; "all" gives those of each row, without errors.
        method : {"dydx", "eyex", "dyex", "eydx"}
            Derivative of the probability ("dy") or of its logarithm ("ey") in the variable ("dx")
            or in its logarithm ("ex").
        atexog : dict, optional
            Values of columns, by position or name; with `variables`, of variables by name.
        dummy, count : bool
            Take changes of columns of 0/1 from 0 to 1; half the change from one less to one more
            for columns of counts.
        scale : {"calibrated", "weighted"}
            "calibrated" takes class weights out of the probabilities; "weighted" leaves them in.
        vce : {"delta", "unconditional"}
            "delta" is for these covariates; "unconditional" also counts that they are a sample of
            a population, and allows for a misspecified model. Under replicate weights and
            bootstraps the latter is linearized: no average is taken anew in each replicate.
        variables : list of str or "all", optional
            For a model from a formula: effects of these variables of the data, through every term
            they are in. Numbers give slopes; factors and 0/1 variables the change from the
            reference level (``age``, ``smoke: 1 - 0``). "all" leaves out variables of which
            ``aliased="drop"`` has dropped every column.
        prevalence : float, optional
            Share of events in the population that effects are for: probabilities are moved to it,
            and events and non-events weigh as in it.

        Returns
        -------
        MarginalEffects
            With the members of statsmodels' `DiscreteMargins`.

        Raises
        ------
        ValueError, DesignError
            Naming the option, variable or column.

        Warns
        -----
        InferenceWarning
            Without `variables` every column of the design counts as a variable, as in statsmodels.
            For an interaction, a polynomial or a spline that is the effect of no change of a
            variable.

        Notes
        -----
        ``AME = sum m g effect / sum m g``. Slopes in variables are central differences of the
        design, exact to about ten digits. The delta method has the joint covariance of
        coefficients and calibrated intercept.

        References
        ----------
        Bartus (2005), Stata Journal 5, 309-329; Stata 18 Base Reference Manual, ``margins``.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> model = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", data=load_mid(), class_weight="balanced")
        >>> effects = model.fit(disp=False).get_margeff(variables="all")
        >>> effects.summary_frame()["dy/dx"].round(4).to_dict()
        {'contig: 1 - 0': 0.6617, 'years': -0.0072}
        """
        request = MarginRequest(at, method, atexog, dummy, count, scale, vce, variables, prevalence)
        return self._effects(self, request)

    def calibrated(self) -> WeightedLogitResultsWrapper:
        """The same fit with its intercept at population scale.

        The class weights' ``log(c1 / c0)`` is taken out of the intercept; its covariance has the
        sampling error of class weights that come from the sample. Predictions and effects of
        these results, ours or those of another package, are at population scale.

        Returns
        -------
        WeightedLogitResults
            The fit itself where there are no class weights, and under ``prevalence``.

        Raises
        ------
        NotAvailableError
            Without a constant that is free to move.

        References
        ----------
        King and Zeng (2001), Political Analysis 9, 137-163, equation 7.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> model = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", data=load_mid(), class_weight="balanced")
        >>> results = model.fit(disp=False)
        >>> results.params.round(3).to_dict()
        {'Intercept': -0.191, 'contig': 3.607, 'years': -0.067}
        >>> results.calibrated().params.round(3).to_dict()
        {'Intercept': -0.885, 'contig': 3.607, 'years': -0.067}
        """
        found: WeightedLogitResultsWrapper = self.model._calibrate(self)
        return found

    def predictions_at(
        self,
        levels: Mapping[Any, Any],
        *,
        others: Literal["observed", "mean"] = "observed",
        contrast: Literal["reference", "sequential", "pairwise"] | None = None,
        which: Literal["calibrated", "mean", "linear"] = "calibrated",
        prevalence: float | None = None,
        vce: Literal["delta", "unconditional"] = "delta",
    ) -> AveragePredictions:
        """Average predictions with variables set to levels, or their differences.

        Every row is predicted with the variables set to each level, then averaged with cases times
        sampling weight, as in `get_margeff`.

        Parameters
        ----------
        levels : dict
            Variables of the formula, or columns of a design that was an array, with a list of
            values; None for all levels of a factor or 0/1 variable. Several variables are crossed.
        others : {"observed", "mean"}
            The other variables as observed in each row; or one point, numbers at their means and
            designs averaged equally over the levels of factors, as R's emmeans.
        contrast : {"reference", "sequential", "pairwise"}, optional
            Differences: from the reference level (else the first), from the level before, or
            between all levels, the earlier one subtracted.
        which : {"calibrated", "mean", "linear"}
            Scale, as in `predict`.
        prevalence, vce
            As in `get_margeff`.

        Returns
        -------
        AveragePredictions
            With ``predicted``, ``se``, ``conf_int`` and ``summary_frame``.

        Raises
        ------
        DesignError
            A variable or level that is not there, by name; or a variable that
            ``aliased="drop"`` left out, with what it equals.
        ValueError
            A contrast of a single level.

        References
        ----------
        Searle, Speed and Milliken (1980), The American Statistician 34, 216-221 (others="mean").

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> model = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", data=load_mid(), class_weight="balanced")
        >>> results = model.fit(disp=False)
        >>> results.predictions_at({"contig": None}).summary_frame()["predicted"].round(4).to_dict()
        {0: 0.1657, 1: 0.8274}
        """
        request = PredictionRequest(levels, others, contrast, which, prevalence, vce)
        return predictions_at(self, request)
