"""Penalised multinomial fits, with coefficients of every label."""

import pickle
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np
import pandas as pd

from wlogit import estimation
from wlogit._statsmodels.multinomial import fill_penalised_summary
from wlogit._statsmodels.summary import Summary
from wlogit._typing import Array
from wlogit.errors import NotAvailableError
from wlogit.keywords import reject_unknown
from wlogit.multinomial.penalised_fit import SymmetricFit, fit_symmetric
from wlogit.multinomial.rows import LabelRows
from wlogit.regularized.fit import PenaltyOptions, SolverOptions
from wlogit.reporting.document import SummaryData
from wlogit.reporting.notes import rows, weight_kinds

KEYWORDS = (
    *("start_params", "method", "maxiter", "full_output", "disp", "callback", "alpha"),
    *("L1_wt", "tol"),
)
NO_ERRORS = (
    "Penalised coefficients are biased towards zero and no standard errors are valid for them; "
    "fit() has some, without a penalty."
)


class RegularizedMNLogitResults(LabelRows):
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

    def __init__(self, model: Any, fit: SymmetricFit) -> None:
        self.model, self.weights = model, model.weights
        self.fit_record = fit
        optimum = fit.optimum
        self.method, self.alpha, self.L1_wt = "elastic_net", fit.options.alpha, fit.options.L1_wt
        self.converged, self.nobs = optimum.converged, self.weights.nobs
        self.mle_retvals = {
            "fopt": optimum.value / self.weights.total,
            "iterations": optimum.iterations,
            "warnflag": 0 if optimum.converged else 1,
            "converged": optimum.converged,
            "reason": optimum.reason,
            "kkt_residual": optimum.kkt,
        }
        self.kept_notes: tuple[str, ...] | None = None

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
    def kkt_residual(self) -> float:
        """Largest violation of the optimality conditions.

        In the weight of the rarest label and the weighted root mean square of the column.
        """
        return self.fit_record.optimum.kkt

    @property
    def selected(self) -> list[Hashable]:
        """Names of the columns with a coefficient that is not zero, for some label."""
        used = np.any(self.fit_record.optimum.params != 0.0, axis=1)
        return [name for name, use in zip(self.model.exog_names, used, strict=True) if use]

    @property
    def nnz_params(self) -> int:
        """Number of coefficients that are not zero."""
        return int(np.count_nonzero(self.fit_record.optimum.params))

    @property
    def llf(self) -> float:
        """Log-likelihood at the estimate, in the weights as given; it is not the maximum."""
        return self.fit_record.optimum.loglike

    @property
    def penalized_llf(self) -> float:
        """What was maximised: the log-likelihood less the penalty, in the weights as given."""
        return -self.fit_record.optimum.value

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """The user's labels."""
        return self.weights.labels

    @property
    def has_free_constant(self) -> bool:
        """Whether the class weights only move a constant that is free to move."""
        combination = self.model.constant_combination
        if self.weights.factors.source is None:
            return True
        penalty = self.fit_record.penalty
        return combination is not None and not np.any((penalty.l1 + penalty.l2)[combination != 0])

    @property
    def _reference_params(self) -> Array:
        params = self.fit_record.optimum.params
        return np.asarray(params[:, 1:] - params[:, :1])

    def _linear(self, design: Any) -> Array:
        """Linear predictor of every label, none of them zero."""
        design = self.model.exog if design is None else np.asarray(design)
        return np.asarray(design @ self.fit_record.optimum.params)

    @property
    def bse(self) -> NoReturn:
        """Refused: a penalised estimate is biased, and no standard error describes it."""
        raise _no_errors("bse")

    @property
    def tvalues(self) -> NoReturn:
        """Refused, as `bse`."""
        raise _no_errors("tvalues")

    @property
    def pvalues(self) -> NoReturn:
        """Refused, as `bse`."""
        raise _no_errors("pvalues")

    @property
    def conf_int(self) -> NoReturn:
        """Refused, as `bse`."""
        raise _no_errors("conf_int")

    @property
    def cov_params(self) -> NoReturn:
        """Refused, as `bse`."""
        raise _no_errors("cov_params")

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
        if self.kept_notes is None:
            message = self.fit_record.message
            trouble = (message[0].upper() + message[1:],) if message else ()
            results: Any = self
            self.kept_notes = (
                *trouble,
                NO_ERRORS,
                "Every label has coefficients; only their differences matter to probabilities.",
                *weight_kinds(results),
                *rows(results),
            )
        return _summarize(self)

    def remove_data(self) -> None:
        """Drop everything of the length of the data: rows, weights and labels."""
        self._document()
        estimation.forget_rows(self.model)
        estimation.forget_arrays(self.model)
        self.weights = self.model.weights

    def save(self, fname: str | Path, remove_data: bool = False) -> None:
        """Pickle to a file.

        Parameters
        ----------
        fname : str or Path
        remove_data : bool
            Drop the data first.
        """
        if remove_data:
            self.remove_data()
        with Path(fname).open("wb") as file:
            pickle.dump(self, file, protocol=-1)


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
        reject_unknown(unknown, KEYWORDS, "fit_regularized")
        if start_params is not None:
            raise ValueError(
                "start_params is not used by penalised multinomial fits; they start at zero."
            )
        if method != "elastic_net":
            raise ValueError(
                f"method={method!r} is not supported for several labels; use 'elastic_net'."
            )
        if not isinstance(full_output, bool | int):
            raise TypeError("full_output must be True or False.")
        options = PenaltyOptions("elastic_net", alpha, L1_wt, standardize=False)
        solver = SolverOptions(None, maxiter, disp, callback, tol)
        return RegularizedMNLogitResults(self, fit_symmetric(self, options, solver))


def _summarize(results: RegularizedMNLogitResults) -> SummaryData:
    weights, name = results.weights, type(results.model).__name__
    share = {0.0: "ridge", 1.0: "lasso"}.get(results.L1_wt, f"elastic net ({results.L1_wt:g})")
    alpha = results.alpha
    left = [
        ("Model:", name),
        ("Method:", results.method),
        ("converged:", str(results.converged)),
        ("Penalty:", share),
        ("alpha:", f"{alpha:g}" if np.ndim(alpha) == 0 else "by column"),
    ]
    kind = "Log-Likelihood:" if weights.likelihood else "Log-Pseudolikelihood:"
    right = [
        ("No. Observations:", f"{results.nobs:.10g}"),
        ("Labels:", f"{len(weights.labels):d}"),
        ("Non-zero:", f"{results.nnz_params:d}"),
        (kind, f"{results.llf:#8.5g}"),
        ("Less penalty:", f"{results.penalized_llf:#8.5g}"),
        ("KKT residual:", f"{results.kkt_residual:.1e}"),
    ]
    if weights.kind != "none":
        left.append(("Weights:", weights.kind))
        right.append(("Effective Size:", f"{weights.effective_size:.1f}"))
    title = f"{name} Penalised Regression Results"
    return SummaryData(title, tuple(left), tuple(right), results.kept_notes or ())


def _no_errors(name: str) -> NotAvailableError:
    return NotAvailableError(
        f"{name} is not given for a penalised fit: its coefficients are biased towards zero and "
        "chosen by the same data, so no standard error of theirs is valid. Use fit()."
    )
