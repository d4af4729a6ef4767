"""WeightedLogitResults: everything LogitResults has, correct under weights, as one-line views."""

from collections.abc import Hashable, Mapping
from typing import Any

from statsmodels.base.model import LikelihoodModelResults
from statsmodels.discrete.discrete_model import DiscreteResults

from wlogit import cautions, estimation
from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit.covariance.base import Covariance
from wlogit.covariance.registry import CovarianceRequest
from wlogit.fitting import Fit
from wlogit.inference import goodness
from wlogit.views.calibration import FitTestViews
from wlogit.views.classification import ClassificationViews
from wlogit.views.covariance import CovarianceViews
from wlogit.views.fitted import optimum_of
from wlogit.views.likelihood import LikelihoodViews
from wlogit.views.margins import MarginViews
from wlogit.views.prediction import PredictionViews
from wlogit.views.profile import ProfileViews
from wlogit.views.report import PageViews
from wlogit.views.reporting import ReportViews
from wlogit.views.tests import CoefficientTests
from wlogit.views.weighting import WeightingViews


class WeightedLogitResults(
    ProfileViews,
    CovarianceViews,
    LikelihoodViews,
    MarginViews,
    PageViews,
    PredictionViews,
    ReportViews,
    WeightingViews,
    ClassificationViews,
    FitTestViews,
    CoefficientTests,
):
    """Results of a weighted logit.

    Every member of statsmodels' `LogitResults` is here and right under weights, or it refuses
    with a reason. Row-wise members are Series on the rows of the model when the input had labels.

    Attributes
    ----------
    params : ndarray or Series, shape (k,)
    covariance : Covariance
        The covariance in use: its matrix, name, and what it is valid under.
    weights : Weights
        Kind, number of cases, effective size and class weights.
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
    ) -> None:
        # Past BinaryResults.__init__, which counts separated rows without weights or offset.
        DiscreteResults.__init__(self, model, mlefit)
        self._hold(fit, covariance, log_likelihoods, request, use_t=bool(use_t))
        self._separation_etext: list[str] = []

    def _rebuilt(
        self, covariance: Covariance, request: CovarianceRequest, use_t: bool | None
    ) -> WeightedLogitResultsWrapper:
        cautions.warn_about(self.model, covariance, request.groups)
        likelihoods = self.log_likelihoods
        wrapper = assemble(self.model, self.fit_record, covariance, request, use_t, likelihoods)
        if hasattr(self, "constraints"):
            estimation.mark_constrained(
                wrapper._results, self.constraints, self.results_constrained
            )
        return wrapper

    @property
    def labels(self) -> tuple[Hashable, Hashable]:
        """The user's labels for non-events and events."""
        return self.weights.labels


def build_results(
    model: Any,
    fit: Fit,
    cov_type: str | None,
    cov_kwds: Mapping[str, Any] | None,
    use_t: bool | None,
) -> WeightedLogitResultsWrapper:
    """Results of a fit with the covariance asked for, wrapped for pandas labels."""
    request = CovarianceRequest.read(cov_type, cov_kwds, model.weights, model.design)
    covariance = estimation.estimate(model, fit, request)
    cautions.warn_about(model, covariance, request.groups)
    return assemble(model, fit, covariance, request, request.use_t if use_t is None else use_t)


def assemble(
    model: Any,
    fit: Fit,
    covariance: Covariance,
    request: CovarianceRequest,
    use_t: bool | None,
    log_likelihoods: goodness.LogLikelihoods | None = None,
) -> WeightedLogitResultsWrapper:
    """Put a fit and its covariance together as wrapped results."""
    if log_likelihoods is None:
        weights, offset = model.weights, getattr(model, "offset", None)
        null = goodness.null_loglike(weights, offset, model.k_constant > 0)
        log_likelihoods = goodness.LogLikelihoods.of(weights, fit.llf, null)
    mlefit = optimum_of(model, fit, fit.model_covariance, covariance)
    results = WeightedLogitResults(model, mlefit, fit, covariance, log_likelihoods, request, use_t)
    return WeightedLogitResultsWrapper(results)
