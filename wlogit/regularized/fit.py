"""One penalised fit: from alpha to the penalty, and from the optimum to what is reported."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from wlogit._typing import Array, BoolArray
from wlogit._warn import warn_user
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import LogitObjective
from wlogit.core.penalties import ElasticNet
from wlogit.core.proximal import PenalizedOptimum, certificate, minimize
from wlogit.core.softmax_penalized import SymmetricOptimum
from wlogit.errors import ConvergenceWarning
from wlogit.fitting import print_outcome
from wlogit.keywords import check_choice, reject_unknown
from wlogit.regularized.columns import numbers_of_columns

Method = Literal["l1", "elastic_net"]
TrimMode = Literal["auto", "size", "off"]

# Most proximal Newton steps, where maxiter is "defined_by_method".
DEFAULT_STEPS = 200
DEFAULT_TOL = 1e-10
REASONS = {
    "max_iter": "maxiter={steps} was not enough; raise it",
    "no_decrease": "no step lowers the penalised loss any more; raise tol, or rescale the "
    "covariates",
    "singular": "the information of the columns without a penalty is singular; penalise them, or "
    "look for collinear ones",
    "diverging": "coefficients without a penalty grow without bound; penalise them, or see "
    "check_separation() for the columns that separate the outcome",
}
# Of fit_regularized, whatever the number of labels.
COMMON_KEYWORDS = (
    "start_params",
    "method",
    "maxiter",
    "full_output",
    "disp",
    "callback",
    "alpha",
)


def check_call(unknown: Iterable[str], known: tuple[str, ...], full_output: object) -> None:
    """Raise TypeError for arguments that ``fit_regularized`` does not take."""
    reject_unknown(unknown, known, "fit_regularized")
    if not isinstance(full_output, bool | int):
        raise TypeError("full_output must be True or False.")


@dataclass(frozen=True, slots=True)
class Trimming:
    """Which coefficients statsmodels sets to zero after the fit, and when it does not trust it."""

    mode: TrimMode = "auto"
    auto_tol: float = 0.01
    size_tol: float = 1e-4
    qc_tol: float = 0.03


@dataclass(frozen=True, slots=True)
class PenaltyOptions:
    """The arguments of ``fit_regularized`` that say what is minimised."""

    method: Method
    alpha: Any
    L1_wt: float
    standardize: bool

    def check(self) -> None:
        """Raise ValueError for what cannot be."""
        if self.method not in ("l1", "elastic_net"):
            raise ValueError(
                f"method={self.method!r} is not supported, use either 'l1' or 'elastic_net'."
            )
        if not 0.0 <= self.L1_wt <= 1.0:
            raise ValueError(f"L1_wt={self.L1_wt!r} must lie between 0 (ridge) and 1 (lasso).")
        if self.method == "l1" and (self.L1_wt != 1.0 or self.standardize):
            name = "standardize" if self.standardize else "L1_wt"
            raise ValueError(f"{name}= is for method='elastic_net'; 'l1' is the lasso as given.")


@dataclass(frozen=True, slots=True)
class SolverOptions:
    """The arguments of ``fit_regularized`` that say how."""

    start_params: Any = None
    maxiter: int | str = "defined_by_method"
    disp: bool | int = 0
    callback: Callable[[Array], object] | None = None
    tol: float | None = None
    trimming: Trimming = Trimming()

    @property
    def steps(self) -> int:
        """Most proximal Newton steps."""
        if self.maxiter == "defined_by_method":
            return DEFAULT_STEPS
        if isinstance(self.maxiter, str) or self.maxiter != int(self.maxiter) or self.maxiter < 0:
            raise ValueError(
                f"maxiter={self.maxiter!r} must be a number of steps, or 'defined_by_method'."
            )
        return int(self.maxiter)


@dataclass(frozen=True, slots=True)
class PenalizedFit:
    """A penalised fit as the results need it.

    Attributes
    ----------
    options : PenaltyOptions
        With alpha as one number or one for each column.
    penalty : ElasticNet
        What was added to minus the log-likelihood in the weights as given.
    optimum : PenalizedOptimum
        In the user's coordinates, after trimming.
    trimmed : ndarray of bool, shape (k,)
    message : str
        How the optimisation ended; empty after convergence.
    """

    options: PenaltyOptions
    penalty: ElasticNet
    optimum: PenalizedOptimum
    trimmed: BoolArray
    message: str


def objective_for(model: Any) -> LogitObjective:
    """The weighted log-likelihood of a model, in the coordinates of its design."""
    weights = model.weights
    return LogitObjective(
        ModelMatrix(np.asarray(model.exog, dtype=np.float64), constant=model.matrix.constant),
        weights.row_response,
        weights.row_weight,
        getattr(model, "offset", None),
    )


def penalty_for(
    model: Any,
    alpha: Any,
    L1_wt: float = 1.0,
    standardize: bool = False,
    method: Method = "elastic_net",
) -> ElasticNet:
    """The penalty in the unit of the log-likelihood.

    Parameters
    ----------
    model : WeightedLogit
    alpha : float, or array_like or Series of shape (k,)
    L1_wt : float
        Share of the lasso.
    standardize : bool
        Penalise coefficients per weighted standard deviation.
    method : {"l1", "elastic_net"}
        "l1" takes alpha as it is; "elastic_net" times the sum of the weights, and a single
        number then leaves out the constant.

    References
    ----------
    Friedman, Hastie and Tibshirani (2010), Journal of Statistical Software 33(1), equations 10
    and 14.
    """
    values = read_alpha(model, alpha)
    if method == "l1":
        return ElasticNet(values, np.zeros_like(values))
    constant = constant_column(model)
    if np.ndim(alpha) == 0 and constant is not None:
        values[constant] = 0.0
    values *= model.weights.total
    spread = np.ones_like(values)
    if standardize:
        spread = objective_for(model).spread()
        # A column that does not vary has no unit of its own.
        spread[spread == 0.0] = 1.0
    return ElasticNet(L1_wt * values * spread, (1.0 - L1_wt) * values * spread**2)


def constant_column(model: Any) -> int | None:
    """The column that is constant on the rows with weight, if there is one."""
    column: int | None = model.matrix.constant
    return model.data.const_idx if column is None else column


def read_alpha(model: Any, alpha: Any) -> Array:
    """Alpha for each column, shape (k,).

    Raises
    ------
    ValueError
        Naming the column.
    """
    names = list(model.exog_names)
    single = isinstance(alpha, int | float | np.number | np.ndarray) and np.ndim(alpha) == 0
    return numbers_of_columns(names, np.full(len(names), alpha) if single else alpha, "alpha")


def fit_penalized(model: Any, options: PenaltyOptions, solver: SolverOptions) -> PenalizedFit:
    """Minimise the penalised likelihood of a model, and say what went wrong."""
    model.require_data()
    options.check()
    check_choice("trim_mode", solver.trimming.mode, ("auto", "size", "off"))
    if options.method == "elastic_net" and solver.trimming != Trimming():
        raise ValueError(
            "trim_mode, auto_trim_tol, size_trim_tol and qc_tol are for method='l1'; the zeros of "
            "'elastic_net' are exact."
        )
    steps, tol = solver.steps, DEFAULT_TOL if solver.tol is None else solver.tol
    objective = objective_for(model)
    penalty = penalty_for(model, options.alpha, options.L1_wt, options.standardize, options.method)
    optimum = minimize(
        objective,
        penalty,
        read_start(model, solver.start_params),
        tol=tol,
        max_iter=steps,
        callback=solver.callback,
    )
    if solver.disp:
        print_convergence(optimum, objective.total_weight)
    message = warn_unless_converged(optimum, REASONS, steps)
    trimmed = np.zeros(len(optimum.params), dtype=np.bool_)
    if options.method == "l1":
        optimum, trimmed = trim(objective, penalty, optimum, solver.trimming)
    return PenalizedFit(options, penalty, optimum, trimmed, message)


def read_start(model: Any, start_params: Any) -> Array:
    """Start values, zeros by default.

    Raises
    ------
    ValueError
        For a wrong number of values, or infinite ones.
    """
    k = len(model.exog_names)
    if start_params is None:
        return np.zeros(k)
    start = np.asarray(start_params, dtype=np.float64)
    if start.shape != (k,) or not np.all(np.isfinite(start)):
        raise ValueError(
            f"start_params has shape {start.shape}; it needs one finite value for each of the {k} "
            "columns."
        )
    return start


def trim(
    objective: LogitObjective, penalty: ElasticNet, optimum: PenalizedOptimum, rules: Trimming
) -> tuple[PenalizedOptimum, BoolArray]:
    """Set coefficients to zero by statsmodels' rules, and say which.

    "auto" sets those to zero whose condition ``|score_j| <= alpha_j`` holds with a margin of
    ``auto_trim_tol alpha_j``, if no score exceeds its alpha by more than ``qc_tol alpha_j``. At the
    optimum these are zero already, and the rule only says so; it matters where ``maxiter`` ended
    the fit. "size" sets coefficients below ``size_trim_tol`` to zero, wherever the optimum is.

    References
    ----------
    statsmodels 0.14, ``base/l1_solvers_common.py``, do_trim_params and qc_results.
    """
    nothing = np.zeros(len(optimum.params), dtype=np.bool_)
    penalised = penalty.l1 > 0.0
    if rules.mode == "off":
        return optimum, nothing
    if rules.mode == "size":
        trimmed = penalised & (np.abs(optimum.params) < rules.size_tol)
    else:
        gap = penalty.l1 - np.abs(optimum.gradient)
        if np.any(gap[penalised] < -rules.qc_tol * penalty.l1[penalised]):
            warn_user(
                "coefficients were not trimmed: the score exceeds alpha by more than "
                f"qc_tol={rules.qc_tol:g} times alpha, so this is not the optimum. Raise maxiter.",
                ConvergenceWarning,
            )
            return optimum, nothing
        trimmed = penalised & (gap > rules.auto_tol * penalty.l1)
    params = np.where(trimmed, 0.0, optimum.params)
    if np.array_equal(params, optimum.params):
        return optimum, trimmed
    return certificate(objective, penalty, params, optimum), trimmed


def print_convergence(optimum: PenalizedOptimum | SymmetricOptimum, total: float) -> None:
    """The lines that statsmodels prints, and the KKT residual."""
    print_outcome(
        optimum.reason,
        f"Current function value: {optimum.value / total:f}",
        f"Iterations: {optimum.iterations:d}",
        f"KKT residual: {optimum.kkt:.1e}",
    )


def warn_unless_converged(
    optimum: PenalizedOptimum | SymmetricOptimum, reasons: Mapping[str, str], steps: int
) -> str:
    """Warn of a fit that stopped before its optimum, and give what was said; else nothing."""
    if optimum.converged:
        return ""
    message = (
        f"the penalised fit did not converge: {reasons[optimum.reason].format(steps=steps)}. "
        f"The KKT residual is {optimum.kkt:.1e}."
    )
    warn_user(message, ConvergenceWarning)
    return message
