"""WeightedLogitResults: everything LogitResults has, correct under weights, as one-line views."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.base.model import LikelihoodModelResults
from statsmodels.discrete.discrete_model import DiscreteResults, LogitResults

from wlogit import estimation
from wlogit._statsmodels import delegated
from wlogit._statsmodels.summary import Summary, fill_summary
from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.core.linalg import symmetric_inverse
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import NotAvailableError
from wlogit.fitting import Fit
from wlogit.formula.design import new_design
from wlogit.inference import goodness, hypotheses, residuals
from wlogit.inference.classification import prediction_table
from wlogit.inference.prediction import calibration_shift, prevalence_shift
from wlogit.keywords import reject_unknown
from wlogit.reporting.summary import summarize
from wlogit.weights.weights import Weights

COVARIANCE_KEYWORDS = ("use_t", "groups", "kind", "use_correction", "class_weights", "sampling")


class WeightedLogitResults(LogitResults):  # type: ignore[misc]
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
        self.weights: Weights = model.weights
        self.converged = fit.converged
        self.fit_record = fit
        self.covariance = covariance
        self.request = request
        self.log_likelihoods = log_likelihoods
        self._separation_etext: list[str] = []
        self.nobs = self.weights.nobs
        self.df_model, self.df_resid = model.df_model, model.df_resid
        self.k_constant = model.k_constant
        self.cov_type = covariance.name
        self.cov_kwds = {"description": covariance.description, **request.keywords}
        self.use_t = bool(use_t)
        self.cov_params_default = covariance.matrix
        if np.isfinite(covariance.df):
            self.df_resid_inference = covariance.df
        self._data_in_cache = []

    # -- likelihood ----------------------------------------------------------------------------

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
        if self.weights.likelihood or not self.converged:
            df = self.df_model
            pvalue = float(stats.chi2.sf(self.llr, df)) if df > 0 else np.nan
            return hypotheses.TestResult(self.llr, df, np.inf, pvalue, np.ones(int(df)), "chi2")
        if hasattr(self, "constraints"):
            raise NotAvailableError(
                "the likelihood-ratio test of a constrained pseudo-likelihood fit is not available; "
                "use wald_test on the unconstrained fit."
            )
        contrast = hypotheses.slope_contrast(self.params.size, self.model.constant_combination)
        mixture = hypotheses.mixture_weights(self._unit_covariance, self._in_use, contrast)
        return hypotheses.satterthwaite_test(self.llr, mixture)

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
        fitted = goodness.Fitted.build(
            self.weights, self.fittedvalues, calibration_shift(self.weights)
        )
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
            Fit the null model and keep it as `res_null`.
        **kwargs
            Arguments of its `fit`.
        """
        if llnull is None and attach_results:
            null = type(self.model)(
                self.model.endog, np.ones(self.weights.n_rows), **self.model._get_init_kwds()
            )
            self.res_null = null.fit(**{"disp": False, **kwargs})
            llnull = self.res_null.llf
        if llnull is not None:
            self.log_likelihoods = replace(self.log_likelihoods, null=float(llnull))

    # -- information criteria ------------------------------------------------------------------

    @property
    def aic(self) -> float:
        """Akaike's criterion; under a pseudo-likelihood Takeuchi's, in the covariance in use."""
        return self.info_criteria("aic")

    @property
    def bic(self) -> float:
        """Schwarz's criterion on the number of cases; weights brought to sum to `nobs`."""
        return self.info_criteria("bic")

    def info_criteria(self, crit: goodness.Criterion, dk_params: float = 0) -> Any:
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
        k = self.df_model + self.k_constant + dk_params
        inflation = self.im_ratio if crit in ("tic", "gbic") else self._inflation(self._in_use)
        if crit == "tic":
            inflation = self._inflation(self._estimate("HC0").matrix)
        value = goodness.criterion(
            crit, self.log_likelihoods, inflation, k, self.weights.likelihood
        )
        return (value, value + float(np.trace(inflation))) if crit == "gbic" else value

    @property
    def im_ratio(self) -> Array:
        """Information-matrix ratio ``V V0^-1``; from HC0 when the covariance is nonrobust."""
        if self.cov_type == "nonrobust":
            return self._inflation(self._estimate("HC0").matrix)
        return self._inflation(self._in_use)

    def _inflation(self, covariance: Array) -> Array:
        # A pseudo-inverse, since constraints leave both matrices singular in the same directions.
        return covariance @ symmetric_inverse(self._unit_covariance)

    @property
    def _unit_covariance(self) -> Array:
        """V0, the inverse information in weights that sum to the number of cases."""
        return np.asarray(self.normalized_cov_params) / self.log_likelihoods.unit

    @property
    def _in_use(self) -> Array:
        """V, the covariance in use; V0 when that is the inverse information."""
        return self._unit_covariance if self.cov_type == "nonrobust" else self.covariance.matrix

    # -- covariance ----------------------------------------------------------------------------

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
    ) -> Any:
        """The same fit with another covariance, without refitting.

        Parameters
        ----------
        cov_type : str, optional
            "nonrobust", "HC0" to "HC4", "linearized" or "cluster"; None is the default of the
            weights.
        use_t : bool, optional
            Use the t distribution.
        groups : column name, array_like, or two of them
            Clusters, for "cluster"; aligned to the data as passed, as weights are.
        kind : {"CR1S", "CR1", "CR0"}
            Small-sample factor of "cluster".
        use_correction : bool, optional
            statsmodels' spelling: True is "CR1S", False is "CR0".
        class_weights : {"estimated", "fixed"}
            Whether class weights were computed from this sample. By default as they were given:
            estimated for "balanced" and `prevalence`, fixed for a mapping.
        sampling : {"random", "case-control"}
            Whether the class sizes are random or were fixed by design.

        Returns
        -------
        WeightedLogitResults

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
        return estimation.with_covariance(self, cov_type, keywords, use_t)

    def _estimate(self, cov_type: str) -> Covariance:
        request = CovarianceRequest.read(cov_type, {}, self.weights)
        return estimation.estimate(self.model, self.fit_record, request)

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

    @property
    def cov_HC4(self) -> Array:
        """HC4, centered as `cov_HC0`; shape (k, k)."""
        return self._estimate("HC4").matrix

    # -- tests and intervals -------------------------------------------------------------------

    def conf_int(self, alpha: float = 0.05, cols: Any = None, *, method: str = "wald") -> Any:
        """Confidence intervals of the coefficients.

        Parameters
        ----------
        alpha : float
            One minus the level.
        cols : array_like of int, optional
            Which coefficients.
        method : {"wald"}

        Returns
        -------
        ndarray or DataFrame, shape (k, 2)
        """
        if method != "wald":
            raise ValueError(f"method={method!r} is not known; use 'wald'.")
        df = getattr(self, "df_resid_inference", self.df_resid)
        quantile = stats.t.isf(alpha / 2, df) if self.use_t else stats.norm.isf(alpha / 2)
        margin = quantile * np.asarray(self.bse)
        limits = np.column_stack([self.params - margin, self.params + margin])
        return limits if cols is None else limits[np.asarray(cols)]

    def odds_ratios(self, alpha: float = 0.05) -> pd.DataFrame:
        """Odds ratios with intervals.

        Parameters
        ----------
        alpha : float

        Returns
        -------
        DataFrame
            Columns "OR", "lower", "upper" and "p", by coefficient. The exponential of a
            class-weighted intercept is not an odds at population scale.
        """
        limits = np.exp(self.conf_int(alpha))
        columns = {"OR": np.exp(self.params), "lower": limits[:, 0], "upper": limits[:, 1]}
        return pd.DataFrame({**columns, "p": self.pvalues}, index=self.model.exog_names)

    def score_test(
        self,
        exog_extra: Any = None,
        params_constrained: Any = None,
        hypothesis: Literal["joint", "separate"] = "joint",
        cov_type: str | None = None,
        cov_kwds: Mapping[str, Any] | None = None,
        k_constraints: int | None = None,
        observed: bool = True,
        *,
        return_object: bool | None = None,
    ) -> hypotheses.ScoreTest:
        """Score test of added columns, or of the constraints of a constrained fit.

        Parameters
        ----------
        exog_extra : array_like, shape (n, q), optional
            Columns whose absence is tested.
        params_constrained : array_like, shape (k,), optional
            Restricted estimate; needs `k_constraints`, and cov_type "nonrobust".
        hypothesis : {"joint", "separate"}
            "separate" tests each element of the score, under "nonrobust" only.
        cov_type, cov_kwds
            Covariance of the score; by default that of the fit.
        k_constraints : int, optional
        observed : bool
            Observed and expected information are the same for a logit.
        return_object : bool, optional
            As in statsmodels, without effect: a result that unpacks is always returned.

        Returns
        -------
        ScoreTest
            Unpacks as ``statistic, pvalue``.

        References
        ----------
        Boos (1992), The American Statistician 46, 327-333.
        """
        if hypothesis not in ("joint", "separate"):
            raise ValueError(f"hypothesis={hypothesis!r} is not known; use 'joint' or 'separate'.")
        if cov_type is None:
            request = self.request
        else:
            request = CovarianceRequest.read(cov_type, cov_kwds, self.weights)
        return estimation.score_test(
            self, exog_extra, params_constrained, hypothesis, request, k_constraints
        )

    def wald_test_terms(
        self,
        skip_single: bool = False,
        extra_constraints: Any = None,
        combine_terms: Any = None,
        scalar: bool | None = None,
    ) -> Any:
        """Wald tests of the terms of the formula; as statsmodels.

        Parameters
        ----------
        skip_single : bool
            Leave out terms with one coefficient.
        extra_constraints, combine_terms, scalar
            As in statsmodels.
        """
        return delegated.wald_test_terms(self, skip_single, extra_constraints, combine_terms, scalar)

    # -- predictions ---------------------------------------------------------------------------

    @property
    def fittedvalues(self) -> Array:
        """Linear predictor of each row, offset included; shape (n,)."""
        return self._parts.eta

    def predict(
        self,
        exog: Any = None,
        transform: bool = True,
        *,
        which: Literal["mean", "linear", "calibrated", "var"] | None = None,
        prevalence: float | None = None,
        offset: Any = None,
    ) -> Any:
        """Predict.

        Parameters
        ----------
        exog : DataFrame, mapping or array_like, optional
            New rows: variables for a model from a formula, else columns of the design; by default
            the rows of the model. A missing value gives a missing prediction.
        transform : bool
            Whether `exog` still has to go through the formula.
        which : {"mean", "linear", "calibrated", "var"}
            "mean" (default) is the probability on the scale of the class weights, "linear" its
            logit; "calibrated" takes the class weights out again, to population scale.
        prevalence : float, optional
            Move calibrated probabilities to this share of events; implies "calibrated".
        offset : array_like, optional
            Needed for new rows of a model with an offset, unless it was a column, which is then
            read from the new data.

        Returns
        -------
        ndarray or Series
        """
        which = which or ("mean" if prevalence is None else "calibrated")
        if prevalence is not None and which != "calibrated":
            raise ValueError(f'prevalence= is for which="calibrated", not {which!r}.')
        design, index, offset = self._prediction_rows(exog, transform, offset)
        predicted = self.model.predict(
            self.params, design, which="linear" if prevalence is not None else which, offset=offset
        )
        if prevalence is not None:
            shift = prevalence_shift(self.weights, prevalence) - calibration_shift(self.weights)
            predicted = likelihood.expit(predicted + shift)
        return predicted if index is None else pd.Series(predicted, index=index)

    def _prediction_rows(self, exog: Any, transform: bool, offset: Any) -> tuple[Any, Any, Any]:
        if exog is None:
            return None, getattr(self.model.data, "row_labels", None), offset
        design, index = self._transform_predict_exog(exog, transform=transform)
        return design, index, estimation.new_offset(self.model, exog, offset, len(design))

    def _transform_predict_exog(self, exog: Any, transform: bool = True) -> tuple[Any, Any]:
        if exog is None:
            return None, None
        if transform and self.model.design_info is not None:
            design = new_design(self.model.design_info, exog)
            return self._kept_columns(np.asarray(design)), design.index
        if transform and hasattr(self.model, "formula"):
            raise NotAvailableError(
                "the formula cannot be evaluated here, because functions or variables it uses "
                "were not pickled; pass columns of the design and transform=False."
            )
        return estimation.design_of_arrays(self.model, exog)

    def _kept_columns(self, design: Array) -> Array:
        return design[:, list(self.model.kept)] if self.model.aliased else design

    def get_prediction(
        self,
        exog: Any = None,
        transform: bool = True,
        which: Literal["mean", "linear", "var"] = "mean",
        row_labels: Any = None,
        average: bool = False,
        agg_weights: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Predictions with standard errors.

        Parameters
        ----------
        exog, transform, row_labels
            As in `predict`.
        which : {"mean", "linear", "var"}
            On the scale of the class weights.
        average : bool
            Refused under weights in this version.
        agg_weights : array_like, optional
        **kwargs
            ``offset``.
        """
        reject_unknown(kwargs, ("offset",), "get_prediction")
        return delegated.get_prediction(
            self, exog, transform, which, row_labels, average, agg_weights, kwargs.get("offset")
        )

    def get_margeff(
        self,
        at: str = "overall",
        method: str = "dydx",
        atexog: Any = None,
        dummy: bool = False,
        count: bool = False,
    ) -> Any:
        """Marginal effects of an unweighted fit, as statsmodels; refused under weights."""
        return delegated.get_margeff(self, at, method, atexog, dummy, count)

    def get_influence(self) -> Any:
        """Influence measures of an unweighted fit, as statsmodels; refused under weights."""
        return delegated.get_influence(self)

    def pred_table(
        self,
        threshold: float = 0.5,
        *,
        which: Literal["mean", "calibrated"] = "mean",
        weighted: bool = False,
    ) -> pd.DataFrame:
        """Cases by observed (rows) and predicted (columns) class.

        Parameters
        ----------
        threshold : float
            A row is predicted to be an event above it.
        which : {"mean", "calibrated"}
            Scale of the probability.
        weighted : bool
            Sum sampling weights, not cases. Class weights are never summed.

        Returns
        -------
        DataFrame, shape (2, 2)
        """
        probability = np.asarray(self.predict(which=which))
        return prediction_table(self.weights, probability > threshold, weighted=weighted)

    # -- residuals -----------------------------------------------------------------------------

    @property
    def resid_response(self) -> Array:
        """``r - p`` of each row; shape (n,)."""
        return residuals.response_residuals(self.fittedvalues, self.weights.row_response)

    @property
    def resid_generalized(self) -> Array:
        """``r - p``, as `resid_response`."""
        return self.resid_response

    @property
    def resid_pearson(self) -> Array:
        """``sqrt(w) (r - p) / sqrt(p q)``; squares sum to Pearson's statistic."""
        weights = self.weights
        return residuals.pearson_residuals(
            self.fittedvalues, weights.row_response, weights.row_weight
        )

    @property
    def resid_dev(self) -> Array:
        """Deviance residuals; squares sum to the deviance against the saturated rows."""
        weights = self.weights
        return residuals.deviance_residuals(
            self.fittedvalues, weights.row_response, weights.row_weight
        )

    @property
    def _parts(self) -> ScoreParts:
        return estimation.score_parts(self.model, self.fit_record)

    # -- reports -------------------------------------------------------------------------------

    def summary(
        self,
        yname: str | None = None,
        xname: list[str] | None = None,
        title: str | None = None,
        alpha: float = 0.05,
        yname_list: Any = None,
    ) -> Summary:
        """Summary in statsmodels' layout, with weights and covariance named.

        Parameters
        ----------
        yname, xname, title : optional
            Names to print.
        alpha : float
            One minus the level of the intervals.
        yname_list : optional
            As `yname`.

        Returns
        -------
        Summary
            With ``as_text``, ``as_html``, ``as_latex``, ``as_markdown`` and ``as_csv``.
        """
        return fill_summary(self, summarize(self), yname or yname_list, xname, title, alpha)

    def summary2(
        self,
        yname: str | None = None,
        xname: list[str] | None = None,
        title: str | None = None,
        alpha: float = 0.05,
        float_format: str = "%.4f",
    ) -> Any:
        """statsmodels' second summary, with the notes of `summary` below.

        Parameters
        ----------
        yname, xname, title : optional
            Names to print.
        alpha : float
        float_format : str
        """
        summary = super().summary2(yname, xname, title, alpha, float_format)
        for note in summarize(self).notes:
            summary.add_text(note)
        return summary

    # -- life cycle ----------------------------------------------------------------------------

    def remove_data(self) -> None:
        """Drop everything of the length of the data: rows, weights, groups and labels."""
        estimation.remove_data(self)
        super().remove_data()

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
    request = CovarianceRequest.read(cov_type, cov_kwds, model.weights)
    covariance = estimation.estimate(model, fit, request)
    estimation.warn_about(model, covariance)
    return assemble(model, fit, covariance, request, use_t)


def assemble(
    model: Any,
    fit: Fit,
    covariance: Covariance,
    request: CovarianceRequest,
    use_t: bool | None,
    log_likelihoods: goodness.LogLikelihoods | None = None,
) -> WeightedLogitResultsWrapper:
    """Put a fit and its covariance together as wrapped results."""
    mlefit = LikelihoodModelResults(model, fit.params, fit.model_covariance, scale=1.0)
    mlefit.mle_retvals, mlefit.mle_settings = fit.retvals, fit.settings
    if log_likelihoods is None:
        weights, offset = model.weights, getattr(model, "offset", None)
        null = goodness.null_loglike(weights, offset, model.k_constant > 0)
        log_likelihoods = goodness.LogLikelihoods(fit.llf, null, weights.nobs, weights.total)
    results = WeightedLogitResults(model, mlefit, fit, covariance, log_likelihoods, request, use_t)
    return WeightedLogitResultsWrapper(results)
