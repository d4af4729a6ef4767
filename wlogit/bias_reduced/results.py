"""Results of a bias-reduced fit: those of a fit, without what only maximum likelihood has."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import pandas as pd
from statsmodels.base.model import LikelihoodModelResults

from wlogit import cautions, estimation
from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array, IntArray
from wlogit.bias_reduced import profile
from wlogit.bias_reduced.covariance import moved_covariance, moved_influences, score_parts
from wlogit.bias_reduced.document import describe, method_notes
from wlogit.bias_reduced.fit import BiasReduction
from wlogit.bias_reduced.replication import refit_of
from wlogit.core.scores import CaseRows
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.influence import SandwichEstimator
from wlogit.covariance.registry import REFITTED, CovarianceRequest
from wlogit.errors import NotAvailableError
from wlogit.fitting import Fit
from wlogit.inference import goodness, hypotheses
from wlogit.inference.profiled import ProfiledCoefficient
from wlogit.reporting.document import SummaryData
from wlogit.results import WeightedLogitResults
from wlogit.scales import sandwich_request
from wlogit.views.fitted import optimum_of


class BiasReducedResults(WeightedLogitResults):
    """Results of `WeightedLogit.fit_bias_reduced`.

    What a maximum-likelihood fit offers is here and right, or it refuses with a reason. `llf` is
    the log-likelihood at the estimate, which is near its maximum, not the maximum; the null model
    of `llnull`, and so of the pseudo R-squared, is fitted by maximum likelihood.

    Covariances are those of the maximum-likelihood fit evaluated at the estimate, which agree with
    its own to first order: the inverse information, or the sandwich of the scores
    ``v (r - p) x``, which no longer sum to zero, between it. Where class weights were left out of
    the fit (see `fit_bias_reduced`) both are of the fit without them, and the intercept has the
    sampling error of ``log(c1 / c0)`` besides.

    Attributes
    ----------
    kind : str
        "mean", "median", "empirical" or "king-zeng".
    bias_reduction : BiasReduction
        What was done: the plan, and the root of the adjusted score.
    """

    def __init__(
        self,
        model: Any,
        mlefit: LikelihoodModelResults,
        fit: Fit,
        covariance: Covariance,
        log_likelihoods: goodness.LogLikelihoods,
        request: CovarianceRequest,
        use_t: bool | None,
        bias_reduction: BiasReduction,
    ) -> None:
        super().__init__(model, mlefit, fit, covariance, log_likelihoods, request, use_t)
        self.bias_reduction = bias_reduction
        self.kind = bias_reduction.plan.kind
        self.method = bias_reduction.plan.name
        self._global_test: hypotheses.TestResult | None = None

    # -- the covariance ------------------------------------------------------------------------

    def _request(
        self, cov_type: str | None, keywords: Mapping[str, Any] | None
    ) -> CovarianceRequest:
        return request_of(self.model, self.bias_reduction, cov_type, keywords)

    def _evaluate(self, request: CovarianceRequest) -> Covariance:
        return evaluate(self.model, self.fit_record, self.bias_reduction, request)

    def _score_parts(self) -> ScoreParts:
        if self.bias_reduction.plan.moved:
            return score_parts(self.model, self.fit_record, self.bias_reduction)
        return estimation.score_parts(self.model, self.fit_record)

    def _influences(self) -> tuple[CaseRows, ScoreParts, SandwichEstimator]:
        if not self.bias_reduction.plan.moved:
            return super()._influences()
        request = sandwich_request(self.request)
        return moved_influences(self.model, self.fit_record, self.bias_reduction, request)

    def _rebuilt(
        self, covariance: Covariance, request: CovarianceRequest, use_t: bool | None
    ) -> WeightedLogitResultsWrapper:
        warn_about(self.model, self.bias_reduction, covariance, request.groups)
        return assemble(
            self.model,
            self.fit_record,
            self.bias_reduction,
            covariance,
            request,
            use_t,
            self.log_likelihoods,
        )

    def _document(self) -> SummaryData:
        return describe(self)

    def _method_notes(self) -> Iterable[str]:
        return method_notes(self)

    @property
    def _covariance_holds(self) -> bool:
        return self.bias_reduction.plan.moved or super()._covariance_holds

    # -- tests and intervals by the penalised likelihood ----------------------------------------

    @property
    def penalized_llf(self) -> float:
        """Log-likelihood plus half the logarithm of the determinant of the information.

        At Firth's estimate, of which it is the maximum; without class weights where the fit left
        them out.
        """
        if self.kind != "mean":
            raise NotAvailableError(
                f'kind={self.kind!r} maximises no penalised likelihood; kind="mean" does.'
            )
        return self.bias_reduction.penalized_llf

    @property
    def llr(self) -> float:
        """Penalised likelihood-ratio statistic of all slopes; see `penalized_lr_test`."""
        return self.llr_test.statistic

    @property
    def llr_test(self) -> hypotheses.TestResult:
        """Test of all slopes by the ratio of penalised likelihoods; see `penalized_lr_test`."""
        if self._global_test is None:
            self._global_test = self.penalized_lr_test()
        return self._global_test

    def penalized_lr_test(self, hypothesis: Any = None) -> hypotheses.TestResult:
        """Test by the ratio of penalised likelihoods, which holds under separation too.

        Parameters
        ----------
        hypothesis : str, list of str, matrix or tuple, optional
            The name of a coefficient or of a term of the formula, several of them, or linear
            hypotheses as in ``wald_test``; by default that all slopes are zero.

        Returns
        -------
        TestResult
            Twice the drop of the penalised log-likelihood when the hypothesis is imposed, the
            determinant being that of all columns (as R's logistf), against chi-square.

        References
        ----------
        Heinze and Schemper (2002), Statistics in Medicine 21, 2409-2419, section 2.3.
        """
        self._require_penalized_likelihood()
        return profile.penalized_lr_test(self, hypothesis)

    def penalized_lr_tests(self) -> pd.DataFrame:
        """`penalized_lr_test` of every coefficient.

        Returns
        -------
        DataFrame
            Columns "statistic", "df" and "pvalue", by coefficient; missing where the coefficient
            rests on class weights that come from the sample.
        """
        self._require_penalized_likelihood()
        return profile.penalized_lr_tests(self)

    def _profiled(self, wanted: IntArray) -> list[ProfiledCoefficient]:
        self._require_penalized_likelihood()
        return profile.profiled(self, wanted)

    @property
    def _is_likelihood(self) -> bool:
        return True

    def _require_penalized_likelihood(self) -> None:
        plan = self.bias_reduction.plan
        if plan.kind != "mean":
            raise NotAvailableError(
                f"kind={plan.kind!r} maximises no penalised likelihood; its tests and intervals "
                'are Wald\'s (wald_test, conf_int). Use kind="mean" for penalised ones.'
            )
        if plan.raw:
            raise NotAvailableError(
                "with weights taken as they are, twice the drop of the penalised likelihood does "
                "not follow a chi-square; use wald_test and conf_int with the default covariance."
            )
        if plan.prediction is not None:
            raise NotAvailableError(
                f"the estimate was corrected for predictions ({plan.prediction}) and does not "
                "maximise the penalised likelihood; fit without prediction= for tests and profiles."
            )
        if not self.converged:
            raise NotAvailableError("the fit did not converge; penalised tests need its optimum.")

    # -- what is near the maximum, and what is not available --------------------------------------

    @property
    def maximized(self) -> bool:
        """Whether the estimate was reached, so that `llf` is within O(1/n) of its maximum."""
        return self.converged

    def info_criteria(self, crit: str, dk_params: float = 0) -> Any:
        """An information criterion by name, from the log-likelihood at the estimate.

        Parameters
        ----------
        crit : {"aic", "bic", "tic", "gbic", "aic_naive", "bic_naive"}
            As for a maximum-likelihood fit, from which they differ by O(1/n).
        dk_params : float
            Added to the number of parameters.

        Returns
        -------
        float
        """
        self._require_own_likelihood("information criteria")
        return super().info_criteria(crit, dk_params)

    @property
    def im_ratio(self) -> Array:
        """Information-matrix ratio ``V V0^-1``; from HC0 when the covariance is nonrobust."""
        self._require_own_likelihood("the information-matrix ratio")
        return super().im_ratio

    def _require_own_likelihood(self, what: str) -> None:
        plan = self.bias_reduction.plan
        if plan.moved:
            raise NotAvailableError(
                f"{what} compare the likelihood at the estimate with its curvature, and this "
                "estimate is not near the maximum of the class-weighted one; fit the model without "
                "class weights."
            )
        if plan.raw:
            raise NotAvailableError(
                f"{what} are not defined with weights taken raw, whose unit changes the estimate."
            )

    def _at_maximum(self) -> Any:
        raise NotAvailableError(
            "a likelihood ratio compares maxima of the likelihood, and a bias-reduced estimate is "
            'none; use penalized_lr_test, wald_test or anova(test="wald"), or lr_test of fit().'
        )

    def score_test(self, *args: Any, **kwargs: Any) -> hypotheses.ScoreTest:
        """Refuse: the score is not zero at a bias-reduced estimate.

        Parameters
        ----------
        *args, **kwargs
            As for a maximum-likelihood fit.
        """
        raise NotAvailableError(
            "a score test starts from a maximum of the likelihood, which a bias-reduced estimate "
            "is not; use score_test of fit(), wald_test or penalized_lr_test."
        )

    def get_influence(self, unit: Literal["row", "case"] = "row") -> Any:
        """Refuse: influence measures are one-step approximations of maximum-likelihood fits.

        Parameters
        ----------
        unit : {"row", "case"}
            As for a maximum-likelihood fit.
        """
        raise NotAvailableError(
            "influence measures approximate what dropping a row does to a maximum-likelihood fit; "
            "use get_influence of fit()."
        )


def request_of(
    model: Any, reduction: BiasReduction, cov_type: str | None, keywords: Mapping[str, Any] | None
) -> CovarianceRequest:
    """A checked request; after a fit without class weights the default is "nonrobust"."""
    if cov_type is None and reduction.plan.moved:
        cov_type = "nonrobust"
    return CovarianceRequest.read(cov_type, keywords, model.weights, model.design)


def evaluate(
    model: Any, fit: Fit, reduction: BiasReduction, request: CovarianceRequest
) -> Covariance:
    """The covariance asked for; NaN where the fit allows no inference."""
    if request.cov_type in REFITTED:
        return estimation.estimate(model, fit, request, refit_of(model, fit, reduction))
    if reduction.plan.moved:
        return moved_covariance(model, fit, reduction, request)
    return estimation.estimate(model, fit, request)


def warn_about(model: Any, reduction: BiasReduction, covariance: Covariance, groups: Any) -> None:
    """Warn where the covariance is not valid; "nonrobust" is for a fit without class weights."""
    if not (reduction.plan.moved and covariance.name == "nonrobust"):
        cautions.warn_about(model, covariance, groups)


def assemble(
    model: Any,
    fit: Fit,
    reduction: BiasReduction,
    covariance: Covariance,
    request: CovarianceRequest,
    use_t: bool | None,
    log_likelihoods: goodness.LogLikelihoods | None = None,
) -> WeightedLogitResultsWrapper:
    """Put a fit and its covariance together as wrapped results."""
    nonrobust = evaluate(model, fit, reduction, CovarianceRequest("nonrobust", {})).matrix
    if log_likelihoods is None:
        weights, offset = model.weights, getattr(model, "offset", None)
        null = goodness.null_loglike(weights, offset, model.k_constant > 0)
        log_likelihoods = goodness.LogLikelihoods.of(weights, fit.llf, null)
    mlefit = optimum_of(model, fit, nonrobust, covariance)
    results = BiasReducedResults(
        model, mlefit, fit, covariance, log_likelihoods, request, use_t, reduction
    )
    return WeightedLogitResultsWrapper(results)


def build_results(
    model: Any,
    fit: Fit,
    reduction: BiasReduction,
    cov_type: str | None,
    cov_kwds: Mapping[str, Any] | None,
    use_t: bool | None,
) -> WeightedLogitResultsWrapper:
    """Results of a fit with the covariance asked for, wrapped for pandas labels."""
    request = request_of(model, reduction, cov_type, cov_kwds)
    covariance = evaluate(model, fit, reduction, request)
    warn_about(model, reduction, covariance, request.groups)
    if use_t is None:
        use_t = request.use_t
    return assemble(model, fit, reduction, covariance, request, use_t)
