"""Penalised multinomial fits, with coefficients of every label."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd

from wlogit._statsmodels.multinomial import fill_penalised_summary
from wlogit._statsmodels.summary import Summary
from wlogit._typing import Array
from wlogit.multinomial.penalised_fit import fit_symmetric
from wlogit.multinomial.rows import LabelRows
from wlogit.regularized.fit import COMMON_KEYWORDS, PenaltyOptions, SolverOptions, check_call
from wlogit.regularized.penalised import PenalisedResults
from wlogit.regularized.summary import penalised_document
from wlogit.reporting.document import SummaryData
from wlogit.reporting.notes import rows, sentences, trouble, weight_kinds

KEYWORDS = (*COMMON_KEYWORDS, "L1_wt", "tol")
NO_ERRORS = (
    "Penalised coefficients are biased towards zero and no standard errors are valid for them; "
    "fit() has some, without a penalty."
)


class RegularizedMNLogitResults(PenalisedResults, LabelRows):
    """Results of ``WeightedMNLogit.fit_regularized``.

    Coefficients are those of every label, as in scikit-learn and glmnet: no label is the reference.
    No member pretends that the penalty is not there: there are no standard errors, tests or
    intervals.

    Attributes
    ----------
    model : WeightedMNLogit
    weights : MultinomialWeights
    alpha : float or ndarray, shape (k,)
        Strength of the penalty, as given.
    L1_wt : float
        Share of the lasso.
    converged : bool
    nobs : float
    mle_retvals : dict
        How the optimisation went.
    """

    _instead = "Use fit()."

    @property
    def coefs_by_label(self) -> pd.DataFrame:
        """Coefficients, exact zeros included: a row for each label, a column for each of X.

        Only differences between labels matter to probabilities. Ridge makes a column sum to zero,
        and so do columns without a penalty. The lasso alone leaves open, for an even number of
        labels, where between its two middle coefficients a column has its zero; the smallest sum
        of squares is taken.
        """
        columns = list(self.model.exog_names)
        return pd.DataFrame(self.fit_record.optimum.params.T, self._label_index, columns)

    @property
    def params(self) -> pd.DataFrame:
        """`coefs_by_label`, with a column for each label; shape (k, J)."""
        return self.coefs_by_label.T

    @property
    def _reference_params(self) -> Array:
        params = self.fit_record.optimum.params
        return np.asarray(params[:, 1:] - params[:, :1])

    def _linear(self, design: Any) -> Array:
        """Linear predictor of every label, none of them zero."""
        design = self.model.exog if design is None else np.asarray(design)
        return np.asarray(design @ self.fit_record.optimum.params)

    def summary(self, title: str | None = None) -> Summary:
        """Coefficients of every label and the penalty; no standard errors.

        Parameters
        ----------
        title : str, optional
            By default names the model.

        Returns
        -------
        Summary
            With ``as_text``, ``as_html``, ``as_latex``, ``as_markdown`` and ``as_csv``.
        """
        return fill_penalised_summary(self, self._document(), title)

    def _document(self) -> SummaryData:
        share = {0.0: "ridge", 1.0: "lasso"}.get(self.L1_wt, f"elastic net ({self.L1_wt:g})")
        alpha = f"{self.alpha:g}" if np.ndim(self.alpha) == 0 else "by column"
        labels = ("Labels:", f"{len(self.weights.labels):d}")
        return penalised_document(self, (share, alpha), [labels], _notes)


class RegularizedLabelFits:
    """Penalised fits of a multinomial model."""

    def fit_regularized(
        self,
        start_params: Any = None,
        method: Literal["elastic_net"] = "elastic_net",
        maxiter: int | Literal["defined_by_method"] = "defined_by_method",
        full_output: bool | int = 1,
        disp: bool | int = 1,
        callback: Callable[[Array], object] | None = None,
        alpha: Any = 0,
        *,
        L1_wt: float = 1.0,
        tol: float | None = None,
        **unknown: Any,
    ) -> RegularizedMNLogitResults:
        """Minimise minus the weighted log-likelihood plus a penalty, over all labels.

        Parameters
        ----------
        start_params : None
            Kept for statsmodels' positional order.
        method : {"elastic_net"}
            ``-l(B) / sum w + sum alpha_c [(1 - L1_wt)/2 b_jc^2 + L1_wt |b_jc|]`` over labels j
            and columns c. statsmodels' "l1", which penalises differences from the first label
            only, is not offered.
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
            penalised. One number leaves out the constant.
        L1_wt : float
            Share of the lasso: 1 is the lasso, 0 ridge.
        tol : float, optional
            Largest `kkt_residual`; default 1e-10.

        Returns
        -------
        RegularizedMNLogitResults

        Warns
        -----
        ConvergenceWarning
            The optimum was not reached.

        Notes
        -----
        scikit-learn's ``LogisticRegression(C=1 / (alpha * sum of weights), l1_ratio=L1_wt)`` has
        the same optimum, and so has ``glmnet(family = "multinomial")`` with ``lambda = alpha``.
        All coefficients are held at once: thousands of columns times labels take long.

        References
        ----------
        Friedman, Hastie and Tibshirani (2010), Journal of Statistical Software 33(1), section 4.

        Examples
        --------
        >>> import numpy as np
        >>> from wlogit import WeightedMNLogit
        >>> x = np.column_stack([np.ones(9), [0, 1, 2, 3, 4, 5, 6, 7, 8]])
        >>> y = ["bus", "car", "bus", "walk", "car", "bus", "walk", "walk", "car"]
        >>> ridge = WeightedMNLogit(y, x).fit_regularized(alpha=0.1, L1_wt=0, disp=False)
        >>> ridge.coefs_by_label.round(2)
              const    x1
        y
        bus    1.02 -0.28
        car   -0.11  0.06
        walk  -0.91  0.23
        """
        check_call(unknown, KEYWORDS, full_output)
        if start_params is not None:
            raise ValueError(
                "start_params is not used by penalised multinomial fits; they start at zero."
            )
        if method != "elastic_net":
            raise ValueError(
                f"method={method!r} is not supported for several labels; use 'elastic_net'."
            )
        options = PenaltyOptions("elastic_net", alpha, L1_wt, standardize=False)
        solver = SolverOptions(None, maxiter, disp, callback, tol)
        return RegularizedMNLogitResults(self, fit_symmetric(self, options, solver))


def _notes(results: Any) -> tuple[str, ...]:
    about = (
        NO_ERRORS,
        "Every label has coefficients; only their differences matter to probabilities.",
    )
    return (*trouble(results), *about, *sentences(results, (weight_kinds, rows)))
