"""Members about the likelihood: null model, pseudo R-squared and information criteria."""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats
from statsmodels.discrete.discrete_model import MultinomialResults

from wlogit._typing import Array
from wlogit.covariance.base import Covariance
from wlogit.errors import NotAvailableError
from wlogit.inference import goodness, hypotheses
from wlogit.keywords import check_choice
from wlogit.multinomial.fit import MultinomialFit
from wlogit.weights.multinomial import MultinomialWeights


class LabelLikelihoodViews(MultinomialResults):  # type: ignore[misc]
    """Log-likelihoods and what follows from them."""

    weights: MultinomialWeights
    covariance: Covariance
    fit_record: MultinomialFit
    log_likelihoods: goodness.LogLikelihoods
    converged: bool

    def _estimate(self, cov_type: str) -> Covariance:
        raise NotImplementedError

    @property
    def llf(self) -> float:
        """Log-likelihood at the estimate, in the weights as given."""
        return self.log_likelihoods.model

    @property
    def llnull(self) -> float:
        """Log-likelihood of the null model, in the weights as given.

        The constant alone; without one in the span of the design, equal probabilities.
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
        """Test of all slopes of all labels by the likelihood ratio.

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
        single = hypotheses.slope_contrast(self.model.K, self.model.constant_combination)
        contrast = np.asarray(np.kron(np.eye(self.model.J - 1), single), dtype=np.float64)
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

    def pseudo_rsquared(self, kind: str = "mcfadden") -> float:
        """A pseudo R-squared by name; none depends on the unit of the weights.

        Parameters
        ----------
        kind : {"mcfadden", "cox_snell", "nagelkerke"}

        Returns
        -------
        float
        """
        check_choice("kind", kind, ("mcfadden", "cox_snell", "nagelkerke"))
        known: Any = kind
        return goodness.pseudo_rsquared(known, self.log_likelihoods, None)

    def set_null_options(
        self, llnull: float | None = None, attach_results: bool = True, **kwargs: Any
    ) -> None:
        """Give the null log-likelihood, or attach the results of the null model.

        Parameters
        ----------
        llnull : float, optional
            Used as given.
        attach_results : bool
            Fit the null model and keep it as `res_null`. Without a constant the null model has
            equal probabilities: there is nothing to fit, and `res_null` is None.
        **kwargs
            Arguments of its `fit`.
        """
        if llnull is None and attach_results:
            self.model.require_data()
            self.res_null = None
            if self.k_constant:
                ones = np.ones(self.weights.n_rows)
                null = type(self.model)(self.model.endog, ones, **self.model._get_init_kwds())
                self.res_null = null.fit(**{"disp": False, **kwargs})
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
        k = self.model.rank.rank * (self.model.J - 1) + dk_params
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
        if not (np.all(np.isfinite(root)) and self.converged):
            raise NotAvailableError("the fit did not converge; it has no information-matrix ratio.")
        return np.asarray(np.linalg.solve(root.T, (root @ inflation).T).T)

    def _inflation(self, covariance: Covariance) -> Array:
        """How much a covariance exceeds the inverse information in weights that sum to `nobs`."""
        if covariance.name == "nonrobust":
            return covariance.whitened
        return covariance.whitened * self.log_likelihoods.unit


def null_loglike(weights: MultinomialWeights, constant: bool) -> float:
    """Log-likelihood of the constant alone, or of equal probabilities, in the weights as given."""
    if not constant:
        return -weights.total * float(np.log(len(weights.labels)))
    masses = np.asarray(weights.totals.class_masses) * np.asarray(weights.factors.values)
    return float(masses @ np.log(masses / masses.sum()))
