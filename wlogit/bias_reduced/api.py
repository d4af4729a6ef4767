"""``WeightedLogit.fit_bias_reduced``."""

from collections.abc import Callable, Mapping
from typing import Any

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.bias_reduced.fit import Options, fit_bias_reduced
from wlogit.bias_reduced.plan import CaseControl, Kind, Prediction, make_plan
from wlogit.bias_reduced.results import build_results
from wlogit.likelihood_hooks import WeightedLikelihood


class BiasReducedFits(WeightedLikelihood):
    """Bias-reduced fits of a model."""

    def fit_bias_reduced(
        self,
        kind: Kind = "mean",
        weights: str | None = None,
        start_params: Any = None,
        maxiter: int = 100,
        disp: bool = True,
        callback: Callable[[Array], object] | None = None,
        *,
        prediction: Prediction | None = None,
        case_control: CaseControl = "weighting",
        tol: float | None = None,
        cov_type: str | None = None,
        cov_kwds: Mapping[str, Any] | None = None,
        use_t: bool | None = None,
        warn_convergence: bool = True,
    ) -> WeightedLogitResultsWrapper:
        """Fit with less bias than maximum likelihood, and finite estimates under separation.

        Parameters
        ----------
        kind : {"mean", "median", "empirical", "king-zeng"}
            "mean" is Firth's estimate and "median" that of Kenne Pagui, Salvan and Sartori; both
            are finite under separation. "empirical" corrects maximum likelihood by one step, under
            any weights; "king-zeng" does for rare events, without weights or with `prevalence`.
        weights : {None, "raw"}
            "raw" takes weights that are not counts as if they were, as R's brglm2 does; for
            "mean" and "median".
        start_params : array_like, shape (k,), optional
        maxiter : int
            Most iterations.
        disp : bool
            Print how the iterations ended.
        callback : callable, optional
            Called with the coefficients after each iteration, for "empirical" and "king-zeng"
            those of maximum likelihood.
        prediction : {None, "flic", "flac"}
            For "mean", whose predicted probabilities are drawn towards one half: correct them so
            that their mean is the share of events. "flic" solves for the intercept anew, "flac"
            for all coefficients with the prior's cases told apart by a column of their own.
        case_control : {"weighting", "prior"}
            For "king-zeng" with a prevalence: fit with its weights, or without and with the
            intercept corrected.
        tol : float, optional
            For "mean" and "median": stop when no linear predictor moves by more than this times
            the largest (or one), and take that last step; default 1e-10. For the others as in
            `fit`.
        cov_type, cov_kwds, use_t
            As in `fit`; the covariance is evaluated at the estimate.
        warn_convergence : bool
            Warn when the estimate was not reached.

        Returns
        -------
        BiasReducedResults
            With everything that the results of `fit` have, and penalised likelihood-ratio tests
            and profile intervals for "mean".

        Raises
        ------
        ValueError
            A method that does not reduce the bias under the weights of the model, and which does.
        SeparationError
            "empirical" or "king-zeng" where no maximum-likelihood estimate exists.

        Warns
        -----
        ConvergenceWarning

        Notes
        -----
        Mean and median reduction are derived for likelihoods: no weights, or counts. Under class
        weights or a prevalence (without sampling weights) the fit leaves these out and moves its
        intercept by ``log(c1 / c0)``, or ``logit(prevalence) - logit(share of events)``: reducing
        the bias of the class-weighted fit as if its weights were counts would leave it, or make it
        worse. Under sampling weights and for fractions they are refused.

        With few rows, many cases and strong separation the penalised likelihood of "mean" can have
        several maxima; a profile or test that meets a higher one than the estimate says so.
        "median" solves equations that depend on how columns are coded, and may have no root then:
        center covariates that are far from zero.

        References
        ----------
        Firth (1993), Biometrika 80, 27-38; Kosmidis, Kenne Pagui and Sartori (2020), Statistics
        and Computing 30, 43-59; Kosmidis and Lunardon (2024), JRSS B 86, 62-89; King and Zeng
        (2001), Political Analysis 9, 137-163; Puhr et al. (2017), Statistics in Medicine 36,
        2302-2317 (FLIC and FLAC).

        Examples
        --------
        Events above a threshold of x: maximum likelihood has no estimate.

        >>> import numpy as np
        >>> from wlogit import WeightedLogit
        >>> x = np.column_stack([np.ones(6), [-5, -3, -1, 2, 3, 5]])
        >>> model = WeightedLogit([0, 0, 0, 1, 1, 1], x)
        >>> results = model.fit_bias_reduced(disp=False)
        >>> results.params.round(3)
        array([-0.145,  0.586])
        >>> round(results.penalized_lr_test("x1").pvalue, 3)
        0.04
        """
        self.require_data()
        plan = make_plan(self, kind, weights, prediction, case_control)
        options = Options(start_params, maxiter, disp, callback, tol, warn_convergence)
        fit, reduction = fit_bias_reduced(self, plan, options)
        return build_results(self, fit, reduction, cov_type, cov_kwds, use_t)
