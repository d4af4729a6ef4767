"""Members about marginal effects and average predictions."""

from collections.abc import Sequence
from typing import Any, Literal

from wlogit.margins.effects import MarginalEffects, MarginRequest


class MarginViews:
    """Effects and average predictions at population scale."""

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
            a population, and allows for a misspecified model.
        variables : list of str or "all", optional
            For a model from a formula: effects of these variables of the data, through every term
            they are in. Numbers give slopes; factors and 0/1 variables the change from the
            reference level (``age``, ``smoke: 1 - 0``).
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
        return MarginalEffects(self, request)
