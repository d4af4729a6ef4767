"""Members about the likelihood: null model, pseudo R-squared and information criteria."""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats
from statsmodels.discrete.discrete_model import LogitResults

from wlogit._typing import Array
from wlogit.covariance.base import Covariance
from wlogit.errors import NotAvailableError
from wlogit.fitting import Fit
from wlogit.inference import goodness, hypotheses
from wlogit.inference.prediction import calibration_shift
from wlogit.weights.weights import Weights


class LikelihoodViews(LogitResults):  # type: ignore[misc]
    """Log-likelihoods and what follows from them."""

    weights: Weights
    covariance: Covariance
    fit_record: Fit
    log_likelihoods: goodness.LogLikelihoods
    converged: bool

    @property
    def llf(self) -> float:
        """Log-likelihood at the estimate, in the weights as given."""
        return self.log_likelihoods.model

    @property
    def llnull(self) -> float:
        """Log-likelihood of the null model (constant and offset), in the weights as given.

        Without a constant in the span of the design the null model is the offset alone, as in R.
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

        Under a pseudo-likelihood the statistic is a mixture of chi-squares whose weights depend
        on the covariance in use; its tail is Satterthwaite's.

        References
        ----------
        Rao and Scott (1984), Annals of Statistics 12, 46-60.
        """
        df = self.df_model
        if self.weights.likelihood or not self.converged:
            valid = self.weights.likelihood and self.maximized and df > 0
            pvalue = float(stats.chi2.sf(self.llr, df)) if valid else np.nan
            return hypotheses.TestResult(self.llr, df, np.inf, pvalue, np.ones(int(df)), "chi2")
        if hasattr(self, "constraints"):
            raise NotAvailableError(
                "the likelihood-ratio test of a constrained fit is not available under a "
                "pseudo-likelihood; use wald_test on the unconstrained fit."
            )
        contrast = hypotheses.slope_contrast(self.params.size, self.model.constant_combination)
        root = self.fit_record.user_root
        mixture = hypotheses.mixture_weights(root, self._inflation(self.covariance), contrast)
        return hypotheses.satterthwaite_test(self.llr, mixture)

    @property
    def maximized(self) -> bool:
        """Whether `llf` is the maximum: after convergence, or under separation of a likelihood."""
        separated = bool(np.any(self.fit_record.diverging))
        return self.converged or (separated and self.weights.likelihood)

    @property
    def prsquared(self) -> float:
        """McFadden's pseudo R-squared, ``1 - llf / llnull``."""
        return 1.0 - self.llf / self.llnull

    def pseudo_rsquared(self, kind: goodness.PseudoRSquared = "mcfadden") -> float:
        """A pseudo R-squared by name; none depends on the unit of the weights.

        Parameters
        ----------
        kind : {"mcfadden", "cox_snell", "nagelkerke", "tjur", "efron", "mckelvey_zavoina"}
            The last three are at population scale: calibrated probabilities, averaged without
            class weights.
        """
        fitted = None
        if kind in goodness.BY_ROWS:
            self._warn_of_slopes("calibrated")
            shift = calibration_shift(self.weights)
            fitted = goodness.Fitted.build(self.weights, self.fittedvalues, shift)
        return goodness.pseudo_rsquared(kind, self.log_likelihoods, fitted)

    def set_null_options(
        self, llnull: float | None = None, attach_results: bool = True, **kwargs: Any
    ) -> None:
        """Give the null log-likelihood, or attach the results of the null model.

        Parameters
        ----------
        llnull : float, optional
            Used as given.
        attach_results : bool
            Fit the null model and keep it as `res_null`. Without a constant the null model is
            the offset alone: there is nothing to fit, and `res_null` is None.
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
        crit : {"aic", "bic", "tic", "gbic", "aic_naive", "bic_naive"}
            "aic" and "bic" have their textbook form under a true likelihood, and their
            pseudo-likelihood form otherwise; the naive ones ignore what the weights mean. "gbic"
            gives a pair, as in statsmodels.
        dk_params : float
            Added to the number of parameters.

        Returns
        -------
        float
        """
        crit = crit.lower()
        if not self.maximized:
            return (np.nan, np.nan) if crit == "gbic" else np.nan
        k = self.df_model + self.k_constant + dk_params
        ratio = self.covariance
        if crit == "tic" or (crit == "gbic" and self.cov_type == "nonrobust"):
            ratio = self._estimate("HC0")
        inflation = self._inflation(ratio)
        value = goodness.criterion(
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

    def _estimate(self, cov_type: str) -> Covariance:
        raise NotImplementedError
