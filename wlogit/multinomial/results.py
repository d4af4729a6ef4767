"""WeightedMNLogitResults: everything MultinomialResults has, right under weights."""

from collections.abc import Hashable, Mapping
from typing import Any, Literal

import numpy as np
from statsmodels.base.model import LikelihoodModelResults
from statsmodels.discrete.discrete_model import DiscreteResults

from wlogit._statsmodels.multinomial import WeightedMNLogitResultsWrapper
from wlogit.covariance.base import Covariance
from wlogit.covariance.registry import CovarianceRequest
from wlogit.inference import goodness
from wlogit.keywords import reject_unknown
from wlogit.multinomial import estimation
from wlogit.multinomial.covariance_views import LabelCovarianceViews
from wlogit.multinomial.fit import MultinomialFit
from wlogit.multinomial.likelihood_views import LabelLikelihoodViews, null_loglike
from wlogit.multinomial.margins import LabelMarginViews
from wlogit.multinomial.prediction_views import LabelPredictionViews
from wlogit.multinomial.summary import LabelReportViews

COVARIANCE_KEYWORDS = ("use_t", "groups", "kind", "use_correction", "class_weights", "sampling")


class WeightedMNLogitResults(
    LabelCovarianceViews,
    LabelLikelihoodViews,
    LabelMarginViews,
    LabelPredictionViews,
    LabelReportViews,
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
        self.weights = model.weights
        self.converged = fit.converged
        self.fit_record = fit
        self.covariance = covariance
        self.request = request
        self.log_likelihoods = log_likelihoods
        self.nobs = self.weights.nobs
        self.df_model, self.df_resid = model.df_model, model.df_resid
        self.k_constant = model.k_constant
        self.cov_type = covariance.name
        self.cov_kwds = {"description": covariance.description, **request.keywords}
        self.use_t = bool(use_t)
        self.cov_params_default = covariance.matrix
        if np.isfinite(covariance.df):
            self.df_resid_inference = covariance.df
        if covariance.n_clusters:
            self.n_groups = min(covariance.n_clusters)
        self._data_in_cache: list[str] = []
        self.kept_notes: tuple[str, ...] | None = None

    def with_covariance(
        self,
        cov_type: str | None = None,
        *,
        use_t: bool | None = None,
        groups: Any = None,
        kind: str | None = None,
        use_correction: bool | None = None,
        class_weights: Literal["estimated", "fixed"] | None = None,
        sampling: Literal["random", "case-control"] | None = None,
        **unknown: Any,
    ) -> WeightedMNLogitResultsWrapper:
        """The same fit with another covariance, without refitting.

        Parameters
        ----------
        cov_type : str, optional
            "nonrobust", "HC0" to "HC3", "linearized" or "cluster"; None is the default of the
            weights.
        use_t : bool, optional
            Use the t distribution; by default as this fit does.
        groups : column name, array_like, or two of them
            Clusters, for "cluster"; aligned to the data as passed, as weights are.
        kind : {"CR1S", "CR1", "CR0"}
            Small-sample factor of "cluster".
        use_correction : bool, optional
            statsmodels' spelling: True is "CR1S", False is "CR0".
        class_weights : {"estimated", "fixed"}
            Whether class weights were computed from this sample. By default as they were given:
            estimated for "balanced", fixed for a mapping.
        sampling : {"random", "case-control"}
            Whether the numbers of cases by label are random or were fixed by design.

        Returns
        -------
        WeightedMNLogitResults

        Raises
        ------
        ValueError
            A keyword that the cov_type does not use.
        """
        reject_unknown(unknown, ("cov_type", *COVARIANCE_KEYWORDS), "with_covariance")
        keywords = {
            "groups": groups,
            "kind": kind,
            "use_correction": use_correction,
            "class_weights": class_weights,
            "sampling": sampling,
        }
        use_t = self.use_t if use_t is None else use_t
        request = estimation.read_request(cov_type, keywords, self.weights)
        covariance = self._evaluate(request)
        estimation.warn_about(self.model, covariance)
        likelihoods = self.log_likelihoods
        return assemble(self.model, self.fit_record, covariance, request, use_t, likelihoods)

    def remove_data(self) -> None:
        """Drop everything of the length of the data: rows, weights, groups and labels."""
        self._document()
        estimation.remove_data(self)
        super().remove_data()

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
    request = estimation.read_request(cov_type, cov_kwds, model.weights)
    covariance = estimation.estimate(model, fit, request)
    estimation.warn_about(model, covariance)
    return assemble(model, fit, covariance, request, use_t)


def assemble(
    model: Any,
    fit: MultinomialFit,
    covariance: Covariance,
    request: CovarianceRequest,
    use_t: bool | None,
    log_likelihoods: goodness.LogLikelihoods | None = None,
) -> WeightedMNLogitResultsWrapper:
    """Put a fit and its covariance together as wrapped results."""
    mlefit = LikelihoodModelResults(model, fit.params, fit.model_covariance, scale=1.0)
    mlefit.mle_retvals, mlefit.mle_settings = fit.retvals, fit.settings
    if log_likelihoods is None:
        weights = model.weights
        null = null_loglike(weights, model.k_constant > 0)
        log_likelihoods = goodness.LogLikelihoods(fit.llf, null, weights.nobs, weights.total)
    # What has been reported must not change through an array that was handed out.
    for matrix in (mlefit.normalized_cov_params, covariance.matrix):
        matrix.flags.writeable = False
    results = WeightedMNLogitResults(
        model, mlefit, fit, covariance, log_likelihoods, request, use_t
    )
    return WeightedMNLogitResultsWrapper(results)
