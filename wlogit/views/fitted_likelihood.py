"""Log-likelihoods of a fit, whatever the number of its labels, and what follows from them."""

from dataclasses import replace
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit.covariance.base import Covariance
from wlogit.inference import criteria, goodness, hypotheses
from wlogit.inference.quadratic_forms import Approximation


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
