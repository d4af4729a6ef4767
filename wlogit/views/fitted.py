"""The covariance of a fit, whatever the number of its labels."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from scipy import stats
from statsmodels.base.model import LikelihoodModelResults

from wlogit import estimation
from wlogit._typing import Array
from wlogit.covariance.base import Covariance
from wlogit.covariance.registry import CovarianceRequest
from wlogit.fitting import FitRecord
from wlogit.inference import goodness
from wlogit.inference.degrees import t_degrees
from wlogit.keywords import check_alpha, reject_unknown

COVARIANCE_KEYWORDS = (
    *("use_t", "groups", "kind", "use_correction", "class_weights", "sampling", "df"),
    *("n_boot", "seed", "progress"),
)


class FittedCovariance:
    """The covariance in use, and others by name."""

    model: Any
    weights: Any
    fit_record: Any
    request: CovarianceRequest
    covariance: Covariance
    normalized_cov_params: Any
    use_t: bool

    def _hold(
        self,
        fit: FitRecord,
        covariance: Covariance,
        log_likelihoods: goodness.LogLikelihoods,
        request: CovarianceRequest,
        *,
        use_t: bool,
    ) -> None:
        """Keep a fit and its covariance, in statsmodels' names too."""
        model = self.model
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
        self.use_t = use_t
        self.cov_params_default = covariance.matrix
        if not np.isinf(covariance.df):
            self.df_resid_inference = covariance.df
        if covariance.n_clusters:
            self.n_groups = min(covariance.n_clusters)
        self._data_in_cache: list[str] = []
        self.kept_notes: tuple[str, ...] | None = None

    def _request(
        self, cov_type: str | None, keywords: Mapping[str, Any] | None
    ) -> CovarianceRequest:
        return CovarianceRequest.read(cov_type, keywords, self.weights, self.model.design)

    def _require_cases(self) -> None:
        """Raise NotAvailableError once the cases that a covariance is summed over are gone."""
        self.model.require_data()

    def _evaluate(self, request: CovarianceRequest) -> Covariance:
        raise NotImplementedError

    def _rebuilt(
        self, covariance: Covariance, request: CovarianceRequest, use_t: bool | None
    ) -> Any:
        raise NotImplementedError

    def _estimate(self, cov_type: str) -> Covariance:
        return self._evaluate(self._request(cov_type, {}))

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
        df: Literal["residual", "design"] | None = None,
        n_boot: int | None = None,
        seed: int | None = None,
        progress: bool | None = None,
        **unknown: Any,
    ) -> Any:
        """The same fit with another covariance.

        Parameters
        ----------
        cov_type : str, optional
            "nonrobust", "HC0" to "HC4" (for several labels to "HC3"), "linearized", "cluster", or
            with a design "survey" or "replicate"; None is the default of the weights or the
            design. "replicate" and "bootstrap" fit the model again, under each replicate weight or
            in each resample: of cases, of clusters, or of the PSUs of a design within strata.
        use_t : bool, optional
            Use the t distribution; by default as this fit does, and always for the covariance of
            a design, "CR2" and "CR3".
        groups : column name, array_like, or two of them
            Clusters, for "cluster" and (one grouping) "bootstrap"; aligned to the data as passed,
            as weights are.
        kind : {"CR1S", "CR1", "CR0", "CR2", "CR3"}
            Small-sample factor of "cluster"; "CR2" and "CR3" adjust each cluster for its leverage,
            and bring t tests with degrees of freedom of each coefficient.
        use_correction : bool, optional
            statsmodels' spelling: True is "CR1S", False is "CR0".
        class_weights : {"estimated", "fixed"}
            Whether class weights were computed from this sample. By default as they were given:
            estimated for "balanced" and `prevalence`, fixed for a mapping. Estimated ones are
            computed anew in each refit.
        sampling : {"random", "case-control"}
            Whether the class sizes are random or were fixed by design; a bootstrap then draws
            cases within class.
        df : {"residual", "design"}
            Degrees of freedom under a design: PSUs less strata, or the rank of the replicate
            weights less one; plus one less the coefficients (as R), or without these (as Stata).
        n_boot : int
            Resamples of "bootstrap"; by default 999.
        seed : int
            Of "bootstrap"; the same seed gives the same numbers. By default one is drawn, which
            `cov_kwds` tells.
        progress : bool
            Show a bar while the model is fitted again; needs tqdm.

        Returns
        -------
        WeightedLogitResults or WeightedMNLogitResults

        Raises
        ------
        ValueError
            A keyword that the cov_type does not use.

        Warns
        -----
        InferenceWarning
            Some refits have no estimate (a class is missing, separation, no convergence): they are
            named, and left out of the variance.
        """
        reject_unknown(unknown, ("cov_type", *COVARIANCE_KEYWORDS), "with_covariance")
        keywords = {
            "groups": groups,
            "kind": kind,
            "use_correction": use_correction,
            "class_weights": class_weights,
            "sampling": sampling,
            "df": df,
            "n_boot": n_boot,
            "seed": seed,
            "progress": progress,
        }
        self._require_cases()
        request = self._request(cov_type, keywords)
        if use_t is None:
            # A design brings t tests with it, and takes them away.
            use_t = self.use_t if request.use_t == self.request.use_t else request.use_t
        return self._rebuilt(self._evaluate(request), request, use_t)

    @property
    def cov_nonrobust(self) -> Array:
        """Inverse information in the weights as given, whatever the default is; shape (k, k)."""
        return np.asarray(self.normalized_cov_params)

    @property
    def cov_HC0(self) -> Array:
        """HC0, centered within class when class weights are estimated; shape (k, k)."""
        return self._estimate("HC0").matrix

    @property
    def cov_HC1(self) -> Array:
        """HC1, centered as `cov_HC0`; shape (k, k)."""
        return self._estimate("HC1").matrix

    @property
    def cov_HC2(self) -> Array:
        """HC2, centered as `cov_HC0`; shape (k, k)."""
        return self._estimate("HC2").matrix

    @property
    def cov_HC3(self) -> Array:
        """HC3, centered as `cov_HC0`; shape (k, k)."""
        return self._estimate("HC3").matrix

    def _quantile(self, alpha: float) -> Array | float:
        """Critical value at level ``1 - alpha``, one for each coefficient if they differ."""
        check_alpha(alpha)
        if not self.use_t:
            return float(stats.norm.isf(alpha / 2))
        quantile = stats.t.isf(alpha / 2, t_degrees(self))
        return quantile if np.ndim(quantile) else float(quantile)

    def remove_data(self) -> None:
        """Drop everything of the length of the data: rows, weights, groups and labels."""
        self._document()  # type: ignore[attr-defined]
        estimation.remove_data(self)
        super().remove_data()  # type: ignore[misc]


def optimum_of(model: Any, fit: FitRecord, inverse: Array, covariance: Covariance) -> Any:
    """A fit as statsmodels' results take it.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
    fit : FitRecord
    inverse : ndarray, shape (k, k)
        The inverse information; it and the covariance in use can be read only from here on: what
        has been reported must not change through an array that was handed out.
    covariance : Covariance
    """
    mlefit = LikelihoodModelResults(model, fit.params, inverse, scale=1.0)
    mlefit.mle_retvals, mlefit.mle_settings = fit.retvals, fit.settings
    for matrix in (mlefit.normalized_cov_params, covariance.matrix):
        matrix.flags.writeable = False
    return mlefit
