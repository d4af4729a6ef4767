"""WeightedMNLogitResults: everything MultinomialResults has, right under weights."""

from collections.abc import Hashable, Mapping
from typing import Any

from statsmodels.base.model import LikelihoodModelResults
from statsmodels.discrete.discrete_model import DiscreteResults

from wlogit import cautions
from wlogit._statsmodels.multinomial import WeightedMNLogitResultsWrapper
from wlogit.covariance.base import Covariance
from wlogit.covariance.registry import CovarianceRequest
from wlogit.inference import goodness
from wlogit.multinomial import estimation
from wlogit.multinomial.covariance_views import LabelCovarianceViews
from wlogit.multinomial.fit import MultinomialFit
from wlogit.multinomial.likelihood_views import LabelLikelihoodViews, null_loglike
from wlogit.multinomial.margins import LabelMarginViews
from wlogit.multinomial.prediction_views import LabelPredictionViews
from wlogit.multinomial.summary import LabelReportViews
from wlogit.views.fitted import optimum_of
from wlogit.views.tests import NestedTests


class WeightedMNLogitResults(
    LabelCovarianceViews,
    LabelLikelihoodViews,
    LabelMarginViews,
    LabelPredictionViews,
    LabelReportViews,
    NestedTests,
):
    """Results of a weighted multinomial logit.

    Every member of statsmodels' `MultinomialResults` is here and right under weights, or it
    refuses with a reason. Coefficients have a row for each column of the design and a column for
    each label but the first; covariances hold one label after the other.

    Attributes
    ----------
    params : ndarray or DataFrame, shape (k, J - 1)
    covariance : Covariance
        The covariance in use: its matrix, name, and what it is valid under.
    weights : MultinomialWeights
        Kind, number of cases, effective size and class weights.
    """

    def __init__(
        self,
        model: Any,
        mlefit: LikelihoodModelResults,
        fit: MultinomialFit,
        covariance: Covariance,
        log_likelihoods: goodness.LogLikelihoods,
        request: CovarianceRequest,
        use_t: bool | None,
    ) -> None:
        DiscreteResults.__init__(self, model, mlefit)
        self.J, self.K = model.J, model.K
        self._hold(fit, covariance, log_likelihoods, request, use_t=bool(use_t))

    def _rebuilt(
        self, covariance: Covariance, request: CovarianceRequest, use_t: bool | None
    ) -> WeightedMNLogitResultsWrapper:
        cautions.warn_about(self.model, covariance, request.groups)
        likelihoods = self.log_likelihoods
        return assemble(self.model, self.fit_record, covariance, request, use_t, likelihoods)

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """The user's labels; the first is the reference."""
        return self.weights.labels


def build_results(
    model: Any,
    fit: MultinomialFit,
    cov_type: str | None,
    cov_kwds: Mapping[str, Any] | None,
    use_t: bool | None,
) -> WeightedMNLogitResultsWrapper:
    """Results of a fit with the covariance asked for, wrapped for pandas labels."""
    request = estimation.read_request(cov_type, cov_kwds, model)
    covariance = estimation.estimate(model, fit, request)
    cautions.warn_about(model, covariance, request.groups)
    return assemble(model, fit, covariance, request, request.use_t if use_t is None else use_t)


def assemble(
    model: Any,
    fit: MultinomialFit,
    covariance: Covariance,
    request: CovarianceRequest,
    use_t: bool | None,
    log_likelihoods: goodness.LogLikelihoods | None = None,
) -> WeightedMNLogitResultsWrapper:
    """Put a fit and its covariance together as wrapped results."""
    if log_likelihoods is None:
        weights = model.weights
        null = null_loglike(weights, model.k_constant > 0)
        log_likelihoods = goodness.LogLikelihoods(fit.llf, null, weights.nobs, weights.total)
    mlefit = optimum_of(model, fit, fit.model_covariance, covariance)
    results = WeightedMNLogitResults(
        model, mlefit, fit, covariance, log_likelihoods, request, use_t
    )
    return WeightedMNLogitResultsWrapper(results)
