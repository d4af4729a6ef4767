"""Members about what the weights and the columns of a fit do to its precision."""

from typing import Any

from statsmodels.discrete.discrete_model import LogitResults

from wlogit.weighting import collinear, comparison, report
from wlogit.weighting import sensitivity as paths
from wlogit.weighting.collinear import Collinearity
from wlogit.weighting.comparison import WeightingTest
from wlogit.weighting.report import WeightingReport
from wlogit.weighting.sensitivity import Sensitivity


class WeightingViews(LogitResults):  # type: ignore[misc]
    """What the weights and the columns do to the precision of a fit."""

    def collinearity(self) -> Collinearity:
        """Variance inflation factors and condition indices, by the weighted information.

        Returns
        -------
        Collinearity
            ``.vif`` by column, ``.terms`` (generalised, by term of the formula),
            ``.condition_number`` and ``.indices``; prints as text.

        Raises
        ------
        NotAvailableError
            For constrained fits, and fits without finite standard errors.

        Notes
        -----
        ``X'WX`` is taken at the estimate, W the likelihood weight times p (1 - p): the factors
        say how much larger a model-based variance is than for columns that have nothing in
        common, as R's ``car::vif`` of a weighted ``glm``. statsmodels'
        ``variance_inflation_factor`` knows neither weights nor the fit, and agrees only where p
        and the weights are constant.

        References
        ----------
        Fox and Monette (1992), J. Am. Statist. Assoc. 87, 178-183; Belsley, Kuh and Welsch
        (1980), Regression Diagnostics, chapter 3.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + maxdem + mindem", load_mid(), class_weight="balanced"
        ... ).fit(disp=False)
        >>> results.collinearity().vif.round(2).to_dict()
        {'contig': 1.11, 'maxdem': 1.23, 'mindem': 1.13}
        """
        return collinear.collinearity(self)

    def weighting_test(self) -> WeightingTest:
        """Test whether weights change the slopes, which under a right model they do not.

        Class weights or a prevalence are left out of the fit it is compared with, and sampling
        weights stay; sampling weights are left out where they are alone.

        Returns
        -------
        WeightingTest
            With ``statistic``, ``df``, ``pvalue``, ``differences`` by slope, and ``conclusion``
            in words; p is NaN where weights cannot matter (saturated models), and where the
            covariance in use has too few degrees of freedom for so many slopes.

        Raises
        ------
        NotAvailableError
            Without weights or with counts only; for class weights without a constant; for
            constrained and bias-reduced fits, and where one of the fits did not converge.

        Notes
        -----
        The covariance of the difference is the sum over cases, or clusters, of the squared
        difference of their influences on the two fits, each with the factors of the covariance
        in use (HC0 for "nonrobust"), as are the degrees of freedom: the tests are t and F where
        those of the fit are. Of class weights and of a prevalence the 5 % test has rejected a
        right model in 1 to 5 % of simulated samples with 50 events and more. Of sampling weights
        it rejects too often, in 11 to 17 % with 50 events and in 6 to 8 % with 200; `conclusion`
        says so where there are few.

        References
        ----------
        Hausman (1978), Econometrica 46, 1251-1271; DuMouchel and Duncan (1983), J. Am. Statist.
        Assoc. 78, 535-543.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + maxdem", load_mid(), prevalence=1042 / 303772
        ... ).fit(disp=False)
        >>> test = results.weighting_test()
        >>> round(test.statistic, 2), test.df, round(test.pvalue, 3)
        (13.28, 2.0, 0.001)
        """
        return comparison.weighting_test(self)

    def weighting_report(self) -> WeightingReport:
        """What the weights cost: effective sizes, precision by coefficient, heaviest rows.

        Returns
        -------
        WeightingReport
            ``.frame`` by coefficient, ``.classes``, ``.heaviest``, ``.effective_size``,
            ``.design_effect`` and ``.sentences``; prints as text.

        Raises
        ------
        NotAvailableError
            For constrained and bias-reduced fits, and fits without finite standard errors.

        Notes
        -----
        A misspecification effect is the variance in use over that of the inverse information in
        weights that sum to the number of cases: what the latter leaves out. The relative
        efficiency is the variance of the fit without the weights (as in `weighting_test`) over
        that of this fit; it is about precision, for a right model, not about bias under a wrong
        one.

        References
        ----------
        Kish (1965), Survey Sampling, section 11.7; Skinner (1989), in Analysis of Complex
        Surveys, section 2.2 (misspecification effects).

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + maxdem + mindem", load_mid(), class_weight="balanced"
        ... ).fit(disp=False)
        >>> report = results.weighting_report()
        >>> round(report.effective_size, 1), round(report.design_effect, 3)
        (2778.7, 1.125)
        >>> report.frame["relative_efficiency"].round(3).to_dict()
        {'Intercept': nan, 'contig': 0.969, 'maxdem': 0.93, 'mindem': 0.789}
        """
        return report.weighting_report(self)

    def sensitivity(
        self, ratios: Any = None, prevalences: Any = None, *, alpha: float = 0.05
    ) -> Sensitivity:
        """Coefficients and mean prediction under other class weights, or another prevalence.

        Parameters
        ----------
        ratios : array_like or tuple (low, high), optional
            Values of c1 / c0 to refit with; two in a tuple are the ends of a grid. They take the
            place of the class weights or the prevalence of the fit. By default from none to
            balanced class weights and to those of the fit.
        prevalences : array_like or tuple (low, high), optional
            Prevalences to refit with. By default, for a fit with a prevalence, from half to twice
            its odds.
        alpha : float
            One minus the level of the intervals.

        Returns
        -------
        Sensitivity
            ``.frame`` with ``kind``, ``value``, ``name``, ``estimate``, ``se``, ``ci_lower`` and
            ``ci_upper``; ``.wide()``; ``.plot()``. Errors are of the covariance in use (HC3 for
            "nonrobust"), every ratio taken as given, not as computed from the sample.

        Raises
        ------
        ValueError
            Values that are not ratios or prevalences.
        NotAvailableError
            For constrained and bias-reduced fits, and fits without finite standard errors.

        Warns
        -----
        ConvergenceWarning
            Where fits of the path failed; their rows are missing values.

        Notes
        -----
        Under a right model the slopes move by chance only, the intercept by ``log(c1 / c0)``, and
        the calibrated predictions hardly; `weighting_test` tests the slopes.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + maxdem", load_mid(), class_weight="balanced"
        ... ).fit(disp=False)
        >>> path = results.sensitivity(ratios=[1, 2, 4])
        >>> path.wide()["contig"].round(2).to_dict()
        {1.0: 4.17, 2.0: 4.21, 4.0: 4.23}
        >>> path.wide()["mean calibrated prediction"].round(3).to_dict()
        {1.0: 0.333, 2.0: 0.333, 4.0: 0.333}
        """
        return paths.sensitivity(self, ratios, prevalences, alpha)
