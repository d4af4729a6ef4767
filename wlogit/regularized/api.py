"""``fit_regularized`` of a model."""

from collections.abc import Callable
from typing import Any, Literal

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.regularized.fit import (
    COMMON_KEYWORDS,
    PenaltyOptions,
    SolverOptions,
    Trimming,
    check_call,
    fit_penalized,
)
from wlogit.regularized.results import RegularizedResults

_KEYWORDS = (
    *COMMON_KEYWORDS,
    *("trim_mode", "auto_trim_tol", "size_trim_tol", "qc_tol"),
    *("L1_wt", "refit", "standardize", "tol"),
)


class RegularizedFits:
    """Penalised fits."""

    def fit_regularized(
        self,
        start_params: Any = None,
        method: Literal["l1", "elastic_net"] = "l1",
        maxiter: int | Literal["defined_by_method"] = "defined_by_method",
        full_output: bool | int = 1,
        disp: bool | int = 1,
        callback: Callable[[Array], object] | None = None,
        alpha: Any = 0,
        trim_mode: Literal["auto", "size", "off"] = "auto",
        auto_trim_tol: float = 0.01,
        size_trim_tol: float = 1e-4,
        qc_tol: float = 0.03,
        *,
        L1_wt: float = 1.0,
        refit: bool = False,
        standardize: bool = False,
        tol: float | None = None,
        **unknown: Any,
    ) -> RegularizedResults | WeightedLogitResultsWrapper:
        """Minimise minus the weighted log-likelihood plus a penalty.

        Parameters
        ----------
        start_params : array_like, shape (k,), optional
        method : {"l1", "elastic_net"}
            "l1" is statsmodels' objective, ``-l(b) + sum alpha_j |b_j|`` in the weights as given;
            one number for `alpha` penalises every column, the constant too. "elastic_net" is
            glmnet's, ``-l(b) / sum w + sum alpha_j [(1 - L1_wt)/2 b_j^2 + L1_wt |b_j|]``: the unit
            of the weights does not matter, and one number leaves out the constant.
        maxiter : int or "defined_by_method"
            Most proximal Newton steps; 200 by default.
        full_output : bool
            Kept for statsmodels' positional order; `mle_retvals` is always filled.
        disp : bool
            Print how the optimisation ended.
        callback : callable, optional
            Called with the coefficients after each step.
        alpha : float, or array_like or Series of shape (k,)
            Strength of the penalty, for all columns or for each; zero for a column that is never
            penalised. All zero is maximum likelihood.
        trim_mode : {"auto", "size", "off"}
            For "l1". The zeros of the optimum are exact whatever is chosen. "auto" notes in
            `trimmed` which conditions hold with a margin of `auto_trim_tol`; where `maxiter` ended
            the fit before the optimum, it sets those coefficients to zero. "size" sets penalised
            coefficients below `size_trim_tol` to zero, although that leaves the optimum.
        auto_trim_tol, size_trim_tol : float
        qc_tol : float
            "auto" trims nothing, and warns, if a score exceeds its alpha by this share.
        L1_wt : float
            Share of the lasso in "elastic_net": 1 is the lasso, 0 ridge.
        refit : bool
            Return the maximum-likelihood fit of the selected columns. Its inference ignores the
            selection; the summary says so. See `RegularizedResults.debiased` for a valid one.
        standardize : bool
            Penalise coefficients per weighted standard deviation of their column, as glmnet does;
            they are returned on the scale of the data.
        tol : float, optional
            Largest `kkt_residual`; default 1e-10.

        Returns
        -------
        RegularizedResults
            Or WeightedLogitResults, with ``refit=True``.

        Raises
        ------
        TypeError
            Unknown option.

        Warns
        -----
        ConvergenceWarning
            The optimum was not reached.

        Notes
        -----
        scikit-learn's ``LogisticRegression(C=1 / (alpha * sum of weights), l1_ratio=L1_wt)`` has
        the optimum of "elastic_net".

        References
        ----------
        Friedman, Hastie and Tibshirani (2010), Journal of Statistical Software 33(1).

        Examples
        --------
        >>> import numpy as np
        >>> from wlogit import WeightedLogit
        >>> x = np.column_stack([np.ones(8), [0, 1, 2, 3, 4, 5, 6, 7], [1, 0, 0, 1, 0, 1, 1, 0]])
        >>> y = [0, 0, 1, 0, 0, 1, 0, 1]
        >>> model = WeightedLogit(y, x, class_weight="balanced")
        >>> lasso = model.fit_regularized(method="elastic_net", alpha=0.1, disp=False)
        >>> lasso.params.round(3)
        array([-1.111,  0.297,  0.   ])
        >>> lasso.selected, lasso.kkt_residual < 1e-10
        (['const', 'x1'], True)
        """
        check_call(unknown, _KEYWORDS, full_output)
        options = PenaltyOptions(method, alpha, L1_wt, standardize)
        trimming = Trimming(trim_mode, auto_trim_tol, size_trim_tol, qc_tol)
        solver = SolverOptions(start_params, maxiter, disp, callback, tol, trimming)
        results = RegularizedResults(self, fit_penalized(self, options, solver), solver)
        return results.refit() if refit else results
