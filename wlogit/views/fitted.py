"""Members of a fit that do not depend on the number of its labels."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from scipy import stats
from statsmodels.base.model import LikelihoodModelResults

from wlogit import estimation
from wlogit._typing import Array
from wlogit.covariance.base import Covariance
from wlogit.covariance.registry import CovarianceRequest
from wlogit.fitting import FitRecord
from wlogit.inference import criteria, goodness, hypotheses
from wlogit.inference.degrees import t_degrees
from wlogit.inference.quadratic_forms import Approximation
from wlogit.keywords import check_alpha, reject_unknown

COVARIANCE_KEYWORDS = (
    *("use_t", "groups", "kind", "use_correction", "class_weights", "sampling", "df"),
    *("n_boot", "seed", "progress"),
)


class FittedLikelihood:
    """Log-likelihoods and what follows from them."""

    model: Any
    weights: Any
    covariance: Covariance
    fit_record: Any
    log_likelihoods: goodness.LogLikelihoods
    converged: bool
    df_model: float
    k_constant: int
    cov_type: str
    use_t: bool
    df_resid: float

    def _estimate(self, cov_type: str) -> Covariance:
        raise NotImplementedError

    def _slopes(self) -> Array:
        """The combinations of the coefficients that are zero in the null model, shape (q, k)."""
        raise NotImplementedError

    def _n_coefficients(self) -> float:
        """Number of free coefficients."""
        raise NotImplementedError

    @property
    def llf(self) -> float:
        """Log-likelihood at the estimate, in the weights as given."""
        return self.log_likelihoods.model

    @property
    def llnull(self) -> float:
        """Log-likelihood of the null model (constant and offset), in the weights as given.

        Without a constant in the span of the design the null model is the offset alone, as in R;
        for several labels, equal probabilities.
        """
        return self.log_likelihoods.null

    @property
    def llr(self) -> float:
        """Likelihood-ratio statistic against the null model, in weights that sum to `nobs`."""
        return self.log_likelihoods.ratio

    @property
    def llr_pvalue(self) -> float:
        """p-value of `llr`: chi-square, or Rao-Scott under a pseudo-likelihood."""
        return self.llr_test.pvalue

    @property
    def llr_test(self) -> hypotheses.TestResult:
        """Test of all slopes by the likelihood ratio.

        A likelihood has its textbook chi-square, whatever the covariance in use. Under a
        pseudo-likelihood the statistic is a mixture of chi-squares whose weights depend on the
        covariance in use, over a chi-square with its degrees of freedom where it has t tests; its
        tail is by saddlepoint, as that of `lr_test`.

        References
        ----------
        Rao and Scott (1984), Annals of Statistics 12, 46-60; Kuonen (1999), Biometrika 86, 929-935.
        """
        df = self.df_model
        if self.weights.likelihood or not self.converged:
            if self.weights.likelihood and self.maximized:
                return hypotheses.chi_square_test(self.llr, df)
            return hypotheses.TestResult(self.llr, df, np.inf, np.nan, np.ones(int(df)), "chi2")
        return self._rao_scott(self.llr, self._slopes())

    def _at_maximum(self) -> Any:
        """The fit at the maximum of its likelihood, of which these may be other results."""
        return self

    def _rao_scott(
        self,
        statistic: float,
        contrast: Array,
        approximation: Approximation = "saddlepoint",
    ) -> hypotheses.TestResult:
        """A likelihood-ratio statistic against its mixture in the covariance in use."""
        if self.covariance.name == "nonrobust":
            return hypotheses.chi_square_test(statistic, len(contrast))
        root = self.fit_record.user_root
        ddf = self._reference(contrast)[1]
        mixture = hypotheses.mixture_weights(root, self._inflation(self.covariance), contrast)
        return hypotheses.mixture_test(statistic, mixture, ddf, approximation)

    def _reference(self, contrast: Array) -> tuple[float, float]:
        """What a Wald statistic over q is multiplied by to be F, and its denominator df.

        One and infinity for chi-squares.
        """
        if not self.use_t:
            return 1.0, np.inf
        if self.covariance.small_sample is not None:
            return self.covariance.f_reference(contrast)
        return 1.0, float(getattr(self, "df_resid_inference", None) or self.df_resid)

    @property
    def maximized(self) -> bool:
        """Whether `llf` is the maximum: after convergence, or under separation of a likelihood."""
        separated = bool(np.any(self.fit_record.diverging))
        return self.converged or (separated and self.weights.likelihood)

    @property
    def prsquared(self) -> float:
        """McFadden's pseudo R-squared, ``1 - llf / llnull``."""
        return 1.0 - self.llf / self.llnull

    def set_null_options(
        self, llnull: float | None = None, attach_results: bool = True, **kwargs: Any
    ) -> None:
        """Give the null log-likelihood, or attach the results of the null model.

        Parameters
        ----------
        llnull : float, optional
            Used as given.
        attach_results : bool
            Fit the null model and keep it as `res_null`. Without a constant there is nothing in
            the null model to fit, and `res_null` is None.
        **kwargs
            Arguments of its `fit`.
        """
        if llnull is None and attach_results:
            self.model.require_data()
            if not self.k_constant:
                self.res_null = None
                return
            null = type(self.model)(
                self.model.endog, np.ones(self.weights.n_rows), **self.model._get_init_kwds()
            )
            self.res_null = null.fit(**{"disp": False, **kwargs})
            llnull = self.res_null.llf
        if llnull is not None:
            self.log_likelihoods = replace(self.log_likelihoods, null=float(llnull))

    @property
    def aic(self) -> float:
        """Akaike's criterion; under a pseudo-likelihood Takeuchi's, in the covariance in use."""
        return float(self.info_criteria("aic"))

    @property
    def bic(self) -> float:
        """Schwarz's criterion on the number of cases; weights brought to sum to `nobs`."""
        return float(self.info_criteria("bic"))

    def info_criteria(self, crit: str, dk_params: float = 0) -> Any:
        """An information criterion by name.

        Parameters
        ----------
        crit : {"aic", "bic", "tic", "daic", "gbic", "aic_naive", "bic_naive"}
            "aic" and "bic" have their textbook form under a true likelihood, and their
            pseudo-likelihood form otherwise; the naive ones ignore what the weights mean. "tic"
            is "aic" in HC0, whatever the covariance in use; "daic" is that of R's survey, whose
            penalty leaves the constant out. "gbic" gives a pair, as in statsmodels.
        dk_params : float
            Added to the number of parameters.

        Returns
        -------
        float
        """
        crit = crit.lower()
        if not self.maximized:
            return (np.nan, np.nan) if crit == "gbic" else np.nan
        ratio = self.covariance
        if crit == "tic" or (crit == "gbic" and self.cov_type == "nonrobust"):
            ratio = self._estimate("HC0")
        inflation, k = self._inflation(ratio), self._n_coefficients() + dk_params
        if crit == "daic":
            root, slopes = self.fit_record.user_root, self._slopes()
            eigenvalues = hypotheses.mixture_weights(root, inflation, slopes)
            return criteria.design_aic(self.log_likelihoods, eigenvalues) + 2.0 * dk_params
        value = criteria.criterion(
            crit, self.log_likelihoods, inflation, k, likelihood_fit=self.weights.likelihood
        )
        return (value, value + float(np.trace(inflation))) if crit == "gbic" else value

    @property
    def im_ratio(self) -> Array:
        """Information-matrix ratio ``V V0^-1``; from HC0 when the covariance is nonrobust."""
        nonrobust = self.cov_type == "nonrobust"
        inflation = self._inflation(self._estimate("HC0") if nonrobust else self.covariance)
        root = self.fit_record.user_root
        if not np.all(np.isfinite(root)):
            return np.full((len(root), len(root)), np.nan)
        if root.shape[0] == root.shape[1] and self.converged:
            return np.asarray(np.linalg.solve(root.T, (root @ inflation).T).T)
        return np.asarray(root @ inflation @ np.linalg.pinv(root))

    def _inflation(self, covariance: Covariance) -> Array:
        """How much a covariance exceeds the inverse information in weights that sum to `nobs`.

        In coordinates in which the latter is the identity; the identity for "nonrobust".
        """
        if covariance.name == "nonrobust":
            return covariance.whitened
        return covariance.whitened * self.log_likelihoods.unit


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
