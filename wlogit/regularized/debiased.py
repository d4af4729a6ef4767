"""Valid intervals after a lasso: the debiased estimate of a penalised fit, and how it prints."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg, stats

from wlogit._statsmodels.summary import Summary
from wlogit._typing import Array, BoolArray, IntArray
from wlogit._warn import warn_user
from wlogit.core.objective import LogitObjective
from wlogit.covariance.base import ScoreParts
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import InferenceWarning, NotAvailableError
from wlogit.estimation import estimator_of
from wlogit.inference.debiased import OneStep, Start, one_step, strong_columns, strong_start
from wlogit.keywords import check_alpha, check_choice
from wlogit.regularized.debiased_summary import summarize
from wlogit.reporting.notes import naive_hessian

COVARIANCES = ("nonrobust", "HC0", "HC1", "HC2", "HC3", "linearized", "cluster")
# Those that need the leverages of all columns.
BY_LEVERAGE = ("HC2", "HC3")


@dataclass(frozen=True, eq=False)
class DebiasedResults:
    """Debiased coefficients of a penalised fit, with valid standard errors.

    Attributes
    ----------
    params, bse : Series, shape (J,)
        By the name of the column. NaN for a column that does not vary.
    covariance : DataFrame, shape (J, J)
    constant : name or None
        The intercept, if it is among the columns.
    alpha : float
        One minus the level of the intervals in `table`.
    cov_type, cov_description : str
        The covariance and what it is.
    step : OneStep
        The estimate in the working coordinates of the design: the approximate inverse, its
        penalty, and where the step starts.
    strong : list
        Columns whose coefficients were estimated without a penalty before the step.
    separated : bool
        Whether that could not be done because they separate the outcome.
    source : dict
        The penalised fit: method, alpha, L1_wt, numbers of penalised and of selected columns.
    """

    params: pd.Series
    bse: pd.Series
    covariance: pd.DataFrame
    constant: Hashable | None
    alpha: float
    cov_type: str
    cov_description: str
    step: OneStep
    strong: list[Hashable]
    separated: bool
    source: Mapping[str, Any]

    @property
    def tvalues(self) -> pd.Series:
        """Estimates over their standard errors, normal if the coefficient is zero."""
        return self.params / self.bse

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of every coefficient by itself."""
        return pd.Series(2.0 * stats.norm.sf(np.abs(self.tvalues)), index=self.params.index)

    @cached_property
    def pvalues_holm(self) -> pd.Series:
        """p-values adjusted for the number of columns reported, the intercept aside.

        References
        ----------
        Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
        """
        plain = self.pvalues if self.constant is None else self.pvalues.drop(self.constant)
        values = plain.to_numpy()
        order = np.argsort(values, kind="stable")
        steps = np.arange(len(values), 0, -1) * values[order]
        adjusted = np.empty_like(values)
        adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
        return pd.Series(adjusted, index=plain.index).reindex(self.params.index)

    def cov_params(self) -> pd.DataFrame:
        """Covariance of the estimates, shape (J, J)."""
        return self.covariance.copy()

    def conf_int(self, alpha: float | None = None) -> pd.DataFrame:
        """Confidence intervals, each by itself.

        Parameters
        ----------
        alpha : float, optional
            One minus the level; by default that of these results.

        Returns
        -------
        DataFrame, shape (J, 2)
        """
        level = self.alpha if alpha is None else _level(alpha)
        margin = stats.norm.isf(level / 2.0) * self.bse
        return pd.DataFrame({0: self.params - margin, 1: self.params + margin})

    @property
    def table(self) -> pd.DataFrame:
        """Estimates, errors, tests and intervals by column."""
        limits = self.conf_int()
        return pd.DataFrame(
            {
                "coef": self.params,
                "std err": self.bse,
                "z": self.tvalues,
                "p": self.pvalues,
                "p (Holm)": self.pvalues_holm,
                "lower": limits[0],
                "upper": limits[1],
            }
        )

    def summary(self, title: str | None = None, alpha: float | None = None) -> Summary:
        """Summary in statsmodels' layout.

        Parameters
        ----------
        title : str, optional
        alpha : float, optional
            One minus the level of the intervals.

        Returns
        -------
        Summary
        """
        shown = self if alpha is None else replace(self, alpha=_level(alpha))
        return summarize(shown, title)


def debias(
    results: Any,
    columns: Any = None,
    cov_type: str | None = None,
    alpha: float = 0.05,
    *,
    cov_kwds: Mapping[str, Any] | None = None,
    start: Start = "strong",
) -> DebiasedResults:
    """Debias a penalised fit; see ``RegularizedResults.debiased``."""
    check_choice("start", start, ("strong", "penalized"))
    model, weights = results.model, results.weights
    model.require_data()
    _check_fit(results)
    level = _level(alpha)
    targets = _positions(columns, list(model.exog_names))
    _check_design(model, cov_type)
    _check_covariance(cov_type, cov_kwds, weights)
    objective = LogitObjective(
        model.matrix, weights.row_response, weights.row_weight, getattr(model, "offset", None)
    )
    fitted = results.fit_record
    penalised = (fitted.penalty.l1 > 0.0) | (fitted.penalty.l2 > 0.0)
    # What a combination of the user's coefficients is in working coordinates.
    in_working = np.asarray(model.matrix.to_user(np.eye(objective.n_params)))
    variance = _Variance(model, objective, cov_type, cov_kwds)
    params = np.asarray(model.matrix.to_working(fitted.optimum.params))
    strong, separated = np.zeros(0, dtype=np.intp), False
    if start == "strong":
        strong = strong_columns(objective, weights, params, penalised, variance.diagonal)
        moved = _from_strong(objective, params, penalised, strong)
        separated = moved is None
        params = params if moved is None else moved
    step = one_step(objective, weights, params, in_working[targets], penalised)
    names = [model.exog_names[j] for j in targets]
    covariance, description = variance(step)
    return DebiasedResults(
        params=pd.Series(step.estimate, index=names),
        bse=pd.Series(np.sqrt(_diagonal(covariance)), index=names),
        covariance=pd.DataFrame(covariance, index=names, columns=names),
        constant=_constant_name(model, targets),
        alpha=level,
        cov_type=variance.request(step).cov_type,
        cov_description=description,
        step=step,
        strong=[] if separated else [model.exog_names[j] for j in strong],
        separated=separated,
        source=_source(results, penalised),
    )


def _source(results: Any, penalised: BoolArray) -> dict[str, Any]:
    """What the summary says of the penalised fit."""
    weights, params = results.weights, results.fit_record.optimum.params
    return {
        "method": results.method,
        "alpha": results.alpha,
        "L1_wt": results.L1_wt,
        "standardize": results.standardize,
        "columns": int(np.count_nonzero(penalised)),
        "selected": int(np.count_nonzero(params[penalised])),
        "weights": weights.kind,
        "naive": "" if weights.likelihood else naive_hessian(weights),
        "dependent": results.model.endog_names,
        "nobs": weights.nobs,
        "effective_size": weights.effective_size,
    }


def _from_strong(
    objective: LogitObjective, params: Array, penalised: BoolArray, strong: IntArray
) -> Array | None:
    if not strong.size:
        return params
    free = np.union1d(np.flatnonzero(~penalised), strong)
    return strong_start(objective, params, free)


@dataclass(frozen=True, slots=True, eq=False)
class _Variance:
    """The covariance asked for, of any one-step estimate of a model."""

    model: Any
    objective: LogitObjective
    cov_type: str | None
    keywords: Mapping[str, Any] | None

    def request(self, step: OneStep) -> CovarianceRequest:
        """The covariance asked for, or the default."""
        name, weights = self.cov_type, self.model.weights
        if name is None:
            name = "nonrobust" if weights.likelihood else "HC2" if step.exact else "HC1"
        return CovarianceRequest.read(name, self.keywords, weights, self.model.design)

    def __call__(self, step: OneStep) -> tuple[Array, str]:
        """Covariance of the estimates, shape (J, J), and what it is."""
        known = np.asarray(np.isfinite(step.rows).all(axis=1))
        step = replace(step, rows=np.where(known[:, np.newaxis], step.rows, 0.0))
        request = self.request(step)
        if request.cov_type == "nonrobust":
            matrix = step.model_covariance
            valid = ", valid for a correct likelihood" if self.model.weights.likelihood else ""
            description = f"of the model{valid}"
        elif request.cov_type in BY_LEVERAGE:
            matrix, description = self._by_leverage(step, request)
        else:
            matrix, description = self._sandwich(step, step.rows.T, request)
        matrix = 0.5 * (matrix + matrix.T)
        matrix[~known] = matrix[:, ~known] = np.nan
        return matrix, description

    def diagonal(self, step: OneStep) -> Array:
        """Variances of the estimates, shape (J,)."""
        return _diagonal(self(step)[0])

    def _by_leverage(self, step: OneStep, request: CovarianceRequest) -> tuple[Array, str]:
        """Scores in coordinates in which A is the identity, and squares are leverages."""
        if not step.exact:
            raise NotAvailableError(
                f"cov_type {request.cov_type} needs the leverages of all columns, of which there "
                'are too many here for the cases; use "HC1".'
            )
        lower = linalg.cholesky(step.information, lower=True)
        root = linalg.solve_triangular(lower, np.eye(len(lower)), lower=True).T
        whitened, description = self._sandwich(step, root, request)
        half = step.rows @ lower
        return half @ whitened @ half.T, description

    def _sandwich(
        self, step: OneStep, root: Array, request: CovarianceRequest
    ) -> tuple[Array, str]:
        """``H'MH`` for a root H, which the estimators give as the whitened covariance."""
        model = self.model
        parts = ScoreParts.at(
            self.objective.matrix,
            step.params,
            self.objective.offset,
            model.weights,
            root,
            max(int(np.count_nonzero(step.params)), 1),
        )
        covariance = estimator_of(model, request)(parts)
        return np.array(covariance.whitened), covariance.description


def _diagonal(covariance: Array) -> Array:
    """Variances; NaN for negative ones, which several groupings of clusters can give."""
    variances = np.diag(covariance)
    return np.where(variances >= 0.0, variances, np.nan)


def _check_design(model: Any, cov_type: str | None) -> None:
    if model.design is not None and cov_type is None:
        raise NotAvailableError(
            "debiased() has no covariance over a survey design: ask for one by name, such as "
            'cov_type="cluster" with cov_kwds={"groups": ...} the PSUs, which ignores strata and '
            "finite populations."
        )


def _check_covariance(
    cov_type: str | None, keywords: Mapping[str, Any] | None, weights: Any
) -> None:
    if cov_type is not None and cov_type not in COVARIANCES:
        raise ValueError(
            f"cov_type {cov_type!r} is not available for a debiased fit; use one of "
            f"{', '.join(COVARIANCES)}."
        )
    if cov_type == "nonrobust" and not weights.likelihood:
        warn_user(
            "cov_type nonrobust ignores what the weights mean: its standard errors and p-values "
            "are not valid. Use the default.",
            InferenceWarning,
        )
    default = "nonrobust" if weights.likelihood else "HC1"
    CovarianceRequest.read(cov_type or default, keywords, weights)


def _check_fit(results: Any) -> None:
    if not results.converged:
        raise NotAvailableError(
            "debiased() starts from the optimum of a penalised fit, and this one did not converge; "
            "raise maxiter, or rescale the covariates."
        )
    if results.L1_wt == 0.0:
        raise NotAvailableError(
            "debiased() starts from a lasso or an elastic net; a ridge fit (L1_wt=0) selects "
            "nothing, and its bias is not of the kind that one step removes. Give L1_wt=1."
        )


def _positions(columns: Any, names: list[Any]) -> IntArray:
    """Positions of the columns asked for by name or position; all by default."""
    if columns is None:
        return np.arange(len(names))
    if isinstance(columns, str) or not isinstance(columns, Sequence | np.ndarray | pd.Index):
        columns = [columns]
    wanted = []
    for column in columns:
        if column in names:
            wanted.append(names.index(column))
        elif isinstance(column, int | np.integer) and 0 <= column < len(names):
            wanted.append(int(column))
        else:
            raise ValueError(
                f"columns has {column!r}, which is no column of the design; its columns are "
                f"{', '.join(map(str, names[:20]))}{', ...' if len(names) > 20 else ''}."
            )
    if not wanted:
        raise ValueError("columns is empty; give the names of columns, or None for all.")
    return np.array(sorted(set(wanted), key=wanted.index), dtype=np.intp)


def _constant_name(model: Any, targets: IntArray) -> Hashable | None:
    constant = model.matrix.constant
    if constant is None or constant not in targets:
        return None
    name: Hashable = model.exog_names[constant]
    return name


def _level(alpha: Any) -> float:
    check_alpha(alpha)
    return float(alpha)
