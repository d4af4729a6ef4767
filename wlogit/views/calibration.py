"""Members about how far the probabilities are right."""

from collections.abc import Sequence
from typing import Any, Literal

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.errors import NotALikelihoodError, NotAvailableError
from wlogit.estimation import what_weights_are
from wlogit.evaluation import Evaluation, own_evaluation
from wlogit.fitting import FitOptions, fit_model
from wlogit.inference.calibration import Calibration
from wlogit.inference.estimates import Estimate
from wlogit.inference.grouped_fit import GroupedFitTest, hosmer_lemeshow
from wlogit.inference.mean_residuals import MeanResidualTest
from wlogit.keywords import check_choice, check_whole
from wlogit.link_test import LinkTest, link_test
from wlogit.mean_residuals import mean_residual_test
from wlogit.weights.weights import Weights


class CalibrationViews:
    """Calibration at population scale, of the rows that were fitted."""

    weights: Weights

    def brier(self, alpha: float = 0.05) -> Estimate:
        """Mean squared error of the calibrated probabilities, by mass.

        Fractions count y to the events and 1 - y to the rest, as counts of them do.

        Parameters
        ----------
        alpha : float
            One minus the level of the interval, which is formed for the logit.

        Returns
        -------
        Estimate
            With ``value``, ``se`` and ``ci``; the scores are taken as fixed.

        References
        ----------
        Brier (1950), Monthly Weather Review 78, 1-3; half of his score, which sums both classes.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> print(f"{float(results.brier()):.4f}")
        0.1028
        """
        return self._checked_evaluation().brier(alpha)

    def log_loss(self, alpha: float = 0.05) -> Estimate:
        """Mean of ``-[y log p + (1 - y) log(1 - p)]`` for calibrated p, by mass.

        Parameters
        ----------
        alpha : float
            One minus the level of the interval, which is formed for the logarithm.

        Returns
        -------
        Estimate
            With ``value``, ``se`` and ``ci``; the scores are taken as fixed.

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> results = WeightedLogit([0, 0, 1, 0, 1, 1], design).fit(disp=False)
        >>> print(f"{float(results.log_loss()):.4f}")
        0.4130
        """
        return self._checked_evaluation().log_loss(alpha)

    def calibration(self, bins: int | Sequence[float] = 10, alpha: float = 0.05) -> Calibration:
        """Observed shares of events beside the calibrated probabilities, by mass.

        Parameters
        ----------
        bins : int or sequence of float
            Number of bins with about equal masses, or the edges of bins ``(low, high]``.
        alpha : float
            One minus the level of the intervals.

        Returns
        -------
        Calibration
            With ``table`` by bin, a ``smooth`` curve, ``intercept`` and ``slope`` with tests, and
            ``summary_frame()``.

        Notes
        -----
        The smooth curve is a logit of the outcome on a natural cubic spline of the linear
        predictor, by mass, with a sandwich over cases (or clusters). The intercept is that of a
        logit with the linear predictor as an offset, the slope that of a logit on the linear
        predictor. In the sample of the fit they are 0 and 1 by construction without class weights
        or penalty; judge new cases by ``evaluate(new_data)``, or held-out ones by
        ``evaluate(cv=10)``.

        References
        ----------
        Cox (1958), Biometrika 45, 562-565; Van Calster and others (2016), Journal of Clinical
        Epidemiology 74, 167-176.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> results.calibration().table[["predicted", "observed"]].round(2).iloc[[0, -1]]
             predicted  observed
        bin
        1         0.03      0.13
        10        0.94      0.99
        """
        return self._checked_evaluation().calibration(bins, alpha)

    @property
    def _recalibrated_to(self) -> float | None:
        """The mean prediction, where the intercept was moved to it."""
        return None

    def _checked_evaluation(self) -> Evaluation:
        self._warn_of_slopes("calibrated")
        return own_evaluation(self)

    def _warn_of_slopes(self, which: str) -> None:
        raise NotImplementedError


class FitTestViews(CalibrationViews):
    """Tests of the fit that need more than predictions."""

    converged: bool
    model: Any

    def _refitted(self, model: Any) -> tuple[Array, bool]:
        if hasattr(self, "constraints") or hasattr(self, "bias_reduction"):
            raise NotAvailableError(
                "cv= refits by unconstrained maximum likelihood, which this fit is not; evaluate "
                "new data instead, or cross-validate fit()."
            )
        options = FitOptions(None, "newton", 50, False, None, None, False, {})
        fit = fit_model(model, options)
        return fit.params, fit.converged

    def gof_test(
        self,
        kind: Literal["hosmer-lemeshow", "archer-lemeshow"] = "hosmer-lemeshow",
        *,
        groups: int = 10,
    ) -> GroupedFitTest | MeanResidualTest:
        """Goodness-of-fit test in groups of the fitted probabilities.

        Parameters
        ----------
        kind : {"hosmer-lemeshow", "archer-lemeshow"}
            Observed against expected events, for likelihood fits; or the mean residuals, for
            survey designs and sampling weights.
        groups : int
            How many groups; cases with the same prediction stay together, so there may be fewer.
            Those of "archer-lemeshow" have equal sums of weights.

        Returns
        -------
        GroupedFitTest or MeanResidualTest
            With ``statistic``, ``df`` (groups - 2, or groups - 1 of an F test with ``ddf``),
            ``pvalue`` and the ``table`` of groups.

        Raises
        ------
        ValueError
            Groups that are no number, or too few.
        NotALikelihoodError
            "hosmer-lemeshow" under sampling or class weights, `prevalence` or fractional outcomes,
            where the statistic follows no chi-square.
        NotAvailableError
            "archer-lemeshow" with class weights, or with more groups than the design has degrees
            of freedom.

        Notes
        -----
        "archer-lemeshow" is ``F = (f - g + 2) / (f g) M'V^-1 M`` on g - 1 and f - g + 2 degrees of
        freedom: M the weighted mean residuals of g groups, V their covariance over the sampled
        units, f these less strata (or clusters less one, or cases less one). Stata's ``estat gof``
        after ``svy: logit``.

        References
        ----------
        Hosmer and Lemeshow (1980), Communications in Statistics A 9, 1043-1069; Archer and
        Lemeshow (2006), Stata Journal 6, 97-105.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit("conflict ~ contig + years", load_mid()).fit(disp=False)
        >>> test = results.gof_test(groups=5)
        >>> print(f"{test.statistic:.1f} on {test.df} df, p = {test.pvalue:.2g}")
        123.7 on 3 df, p = 1.2e-26
        """
        check_choice("kind", kind, ("hosmer-lemeshow", "archer-lemeshow"))
        check_whole("groups", groups)
        if not self.converged:
            raise NotAvailableError(
                "the fit did not converge, so its probabilities are not those of a fit; a "
                "goodness-of-fit test needs a converged one."
            )
        if kind == "archer-lemeshow":
            return mean_residual_test(self, groups)
        if not self.weights.likelihood:
            raise NotALikelihoodError(
                f"the Hosmer-Lemeshow test is for likelihood fits: with "
                f"{what_weights_are(self.weights)} its statistic follows no chi-square. Use "
                'kind="archer-lemeshow" under sampling weights or a design, calibration(), whose '
                "bins and curve have valid intervals, or link_test()."
            )
        return hosmer_lemeshow(own_evaluation(self).comparable(), groups)

    def recalibrate(self, prevalence: float | None = None) -> WeightedLogitResultsWrapper:
        """The same slopes with the intercept at which the mean prediction is right.

        The mean is of calibrated probabilities over the rows of the model, by mass: cases times
        sampling weight (`prevalence` of the model included, class weights not).

        Parameters
        ----------
        prevalence : float, optional
            The mean prediction, for a population with the covariates of this one and another share
            of events; by default the share of events, or the prevalence of the model.

        Returns
        -------
        WeightedLogitResults
            Its predictions and effects, standard errors included, are those of the new intercept;
            ``uncalibrated`` is the fit itself. A "nonrobust" covariance becomes HC0, unless the
            intercept stays where it is. At a `prevalence` that is not the share of events of the
            cases, what compares predictions with their outcomes (``brier``, ``log_loss``,
            ``calibration``, ``gof_test``, ``classification_report``, precision, thresholds by
            cost) is refused with a NotAvailableError.

        Raises
        ------
        ValueError
            A prevalence outside (0, 1).
        NotAvailableError
            Fits without a free constant, not converged, or without data.

        Notes
        -----
        The intercept solves ``sum m g (p - t) = 0``, with t the outcomes or the prevalence, so
        that it varies with the slopes and with the cases themselves (implicit function theorem);
        under replicate weights or a bootstrap it is solved in every replicate.
        A sample whose classes were drawn at different rates wants ``predict(prevalence=...)``, or
        `prevalence` in the model, instead: its covariates are not those of the population.

        References
        ----------
        Steyerberg (2019), Clinical Prediction Models, section 20.2 (recalibration in the large).

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> print(f"{results.predict(which='calibrated').mean():.4f}")
        0.3319
        >>> print(f"{results.recalibrate().predict().mean():.4f}")
        0.3333
        """
        found: WeightedLogitResultsWrapper = self.model._recalibrate(self, prevalence)
        return found

    def link_test(self) -> LinkTest:
        """Refit on the linear predictor and its square, which must not help.

        Returns
        -------
        LinkTest
            With ``statistic``, ``pvalue`` and ``frame`` of the two coefficients. The refit has the
            weights and the type of covariance of this fit.

        Raises
        ------
        NotAvailableError
            Where the linear predictor has fewer than three values, for constrained,
            bias-reduced and separated fits, and after ``remove_data``.

        References
        ----------
        Tukey (1949), Biometrics 5, 232-242; Pregibon (1980), Applied Statistics 29, 15-24; Stata's
        ``linktest``.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit("conflict ~ contig + years", load_mid()).fit(disp=False)
        >>> print(f"{results.link_test().pvalue:.3f}")
        0.000
        """
        return link_test(self)
