"""From a model to its optimum: start, Newton or another optimiser, and what went wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar, cast

import numpy as np

from wlogit._statsmodels.optimizers import METHODS, optimize
from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import Optimum, maximize
from wlogit.core.objective import LogitObjective, Objective
from wlogit.core.patterns import by_pattern
from wlogit.core.recession import overlaps
from wlogit.core.separation import Separation
from wlogit.core.start import start_values
from wlogit.errors import (
    ConvergenceWarning,
    SeparationError,
    SeparationWarning,
)
from wlogit.keywords import reject_unknown
from wlogit.separated import find_separation, limit_of, separation_message

FIT_KEYWORDS = (
    *("start_params", "method", "maxiter", "full_output", "disp", "callback"),
    *("tol", "cov_type", "cov_kwds", "use_t", "warn_convergence"),
)
# Beyond this linear predictor a fit is checked for separation even if Newton has settled.
FAR = 15.0
# Iterations after which Newton's method is asked whether it will end.
PATIENCE = 15


@dataclass(frozen=True, slots=True)
class FitOptions:
    """The arguments of ``fit`` that concern the optimiser."""

    start_params: Any
    method: str
    maxiter: int
    disp: bool
    callback: Callable[[Array], object] | None
    tol: float | None
    warn_convergence: bool
    optimizer_options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FitRecord:
    """An optimum as the results need it; of several labels, one label after the other.

    Attributes
    ----------
    matrix : ModelMatrix or None
        The design in working coordinates; None once the data are removed.
    params : ndarray, shape (k,)
        In the user's coordinates.
    working : ndarray, shape (k,)
        In working coordinates.
    root : ndarray, shape (k, r)
        H with ``H H'`` the inverse information in the weights as given, in working coordinates.
    llf : float
        Log-likelihood in the weights as given.
    diverging : ndarray of float, shape (k,)
        The infinity that a coefficient goes to, NaN if it has none of its own; zero for the
        finite ones.
    message : str
        How the optimisation ended; empty after convergence.
    """

    matrix: ModelMatrix | None
    params: Array
    working: Array
    root: Array
    llf: float
    converged: bool
    diverging: Array
    message: str
    retvals: dict[str, Any]
    settings: dict[str, Any]

    @property
    def design(self) -> ModelMatrix:
        """The design in working coordinates; a model without its data refuses before."""
        return cast("ModelMatrix", self.matrix)

    @property
    def user_root(self) -> Array:
        """`root` in the user's coordinates, in which it is kept without the data."""
        return self.root if self.matrix is None else self.matrix.to_user(self.root)

    @property
    def model_covariance(self) -> Array:
        """Inverse information in the user's coordinates; NaN where inference is not valid."""
        root = self.user_root
        return self.valid_part(root @ root.T)

    def valid_part(self, covariance: Array) -> Array:
        """The covariance with NaN for diverging coefficients, or everywhere without convergence."""
        invalid = self.diverging != 0.0
        if not self.converged and not invalid.any():
            invalid = np.ones_like(invalid)
        if not invalid.any():
            return covariance
        covariance = covariance.copy()
        covariance[invalid, :] = covariance[:, invalid] = np.nan
        return covariance


@dataclass(frozen=True, slots=True)
class Fit(FitRecord):
    """The optimum of a logit.

    Attributes
    ----------
    n_free : int
        Free coefficients, for small-sample factors.
    """

    n_free: int


def fit_model(model: Any, options: FitOptions) -> Fit:
    """Maximise the weighted likelihood of a model and diagnose the outcome."""
    matrix, objective = model.matrix, objective_of(model)
    distinct = by_pattern(objective)
    start = _start(model, distinct, options.start_params)
    optimum, verdict, retvals, settings = _optimize(objective, distinct, start, options)
    fit = Fit(
        matrix=matrix,
        params=matrix.to_user(optimum.params),
        working=optimum.params,
        root=optimum.root,
        llf=optimum.value,
        converged=optimum.converged,
        diverging=np.zeros(matrix.n_params),
        message=failure(optimum, options),
        retvals=retvals,
        settings=settings,
        n_free=matrix.n_params,
    )
    if verdict is None and _suspicious(objective, optimum):
        verdict = find_separation(matrix, objective.response, objective.weight)
    if verdict is not None and verdict.separated:
        fit = _at_the_limit(model, objective, fit, verdict)
    if not fit.converged and options.warn_convergence:
        kind = SeparationWarning if fit.diverging.any() else ConvergenceWarning
        warn_user(fit.message, kind)
    return fit


def objective_of(model: Any) -> LogitObjective:
    """The log-likelihood of a model in the weights as given, in its working coordinates."""
    weights, offset = model.weights, getattr(model, "offset", None)
    return LogitObjective(model.matrix, weights.row_response, weights.row_weight, offset)


def _start(model: Any, objective: LogitObjective, start_params: Any) -> Array:
    if start_params is None:
        return start_values(objective)
    start = np.asarray(start_params, dtype=np.float64)
    if start.shape != (objective.n_params,):
        raise ValueError(
            f"start_params has shape {start.shape}; it needs one value for each of the "
            f"{objective.n_params} columns."
        )
    if not np.all(np.isfinite(start)):
        raise ValueError("start_params must be finite.")
    return np.asarray(model.matrix.to_working(start))


def _optimize(
    objective: LogitObjective, distinct: LogitObjective, start: Array, options: FitOptions
) -> tuple[Optimum, Separation | None, dict[str, Any], dict[str, Any]]:
    """The optimum of a function that is given by rows, and by distinct rows."""
    matrix, callback = objective.matrix, options.callback
    in_user = None if callback is None else lambda params: callback(matrix.to_user(params))
    if options.method not in METHODS:
        raise ValueError(
            f"method={options.method!r} is not known; use one of {', '.join(METHODS)}."
        )
    if options.method == "newton":
        reject_unknown(options.optimizer_options, FIT_KEYWORDS, 'fit(method="newton")')
        optimum, verdict = newton(
            distinct,
            start,
            options,
            in_user,
            lambda: find_separation(matrix, objective.response, objective.weight),
        )
        if options.disp:
            print_convergence(optimum, objective.total_weight)
        retvals = newton_retvals(optimum, objective.total_weight)
        return optimum, verdict, retvals, settings_of(options, start)
    given = dict(options.optimizer_options)
    if options.tol is not None:
        given["tol"] = options.tol
    found, retvals, settings = optimize(
        distinct, start, options.method, options.maxiter, options.disp, in_user, given
    )
    if not retvals["converged"]:
        optimum = maximize(distinct, found, max_iter=0)
        return optimum, None, retvals, settings
    optimum = maximize(distinct, found)
    retvals["converged"] = optimum.converged
    return optimum, None, retvals, settings


V = TypeVar("V", bound="Verdict")


class Verdict(Protocol):
    """Whether the labels are separated."""

    @property
    def separated(self) -> bool:
        """Whether no finite estimate exists."""
        ...


def newton(
    objective: Objective,
    start: Array,
    options: FitOptions,
    callback: Callable[[Array], object] | None,
    separation: Callable[[], V | None],
) -> tuple[Optimum, V | None]:
    """Newton's method, broken off once it has shown to have no end; the verdict if it was asked.

    Parameters
    ----------
    objective : Objective
    start : ndarray
        In the coordinates of the objective, as what `callback` is called with.
    options : FitOptions
    callback : callable or None
    separation : callable
        Finds out whether a finite optimum exists; None where that is too much work.
    """
    tol = 1e-14 if options.tol is None else options.tol
    few = min(options.maxiter, PATIENCE)
    optimum = maximize(objective, start, tol=tol, max_iter=few, callback=callback)
    if optimum.converged or optimum.iterations < few or few == options.maxiter:
        return optimum, None
    verdict = None
    if optimum.farthest > FAR:
        verdict = separation()
        if verdict is not None and verdict.separated:
            return replace(optimum, reason="diverging"), verdict
    left = options.maxiter - few
    rest = maximize(objective, optimum.params, tol=tol, max_iter=left, callback=callback)
    iterations = optimum.iterations + rest.iterations
    return replace(rest, iterations=iterations, trace=optimum.trace + rest.trace), verdict


def print_outcome(ended: str, *details: str) -> None:
    """The lines that statsmodels prints: how it ended, and details below."""
    if ended == "converged":
        print("Optimization terminated successfully.")
    elif ended == "max_iter":
        print("Warning: Maximum number of iterations has been exceeded.")
    else:
        print(f"Warning: Optimization did not converge ({ended}).")
    for detail in details:
        print(f"         {detail}")


def print_convergence(optimum: Optimum, total: float) -> None:
    """statsmodels' lines on the end of Newton's method; ``total`` is the sum of the weights."""
    colon = "" if optimum.converged else ":"
    print_outcome(
        optimum.reason,
        f"Current function value: {-optimum.value / total:f}",
        f"Iterations{colon} {optimum.iterations:d}",
    )


def newton_retvals(optimum: Optimum, total: float) -> dict[str, Any]:
    """What statsmodels' `mle_retvals` holds, per unit of weight."""
    return {
        "fopt": -optimum.value / total,
        "iterations": optimum.iterations,
        "score": -optimum.gradient / total,
        "Hessian": -optimum.information / total,
        "warnflag": 0 if optimum.converged else 1,
        "converged": optimum.converged,
        "reason": optimum.reason,
    }


def settings_of(options: FitOptions, start: Array) -> dict[str, Any]:
    """What statsmodels' `mle_settings` holds."""
    return {
        "optimizer": options.method,
        "start_params": start,
        "maxiter": options.maxiter,
        "disp": options.disp,
        "callback": options.callback,
        "tol": options.tol,
    }


def failure(optimum: Optimum, options: FitOptions) -> str:
    """Why there is no optimum; empty after convergence."""
    if optimum.converged:
        return ""
    reasons = {
        "max_iter": f"maxiter={options.maxiter} was not enough; raise it",
        "no_increase": "no step raised the likelihood any more; rescale or center the covariates",
        "singular": "the information matrix became singular; look for nearly collinear covariates",
        "diverging": "some coefficients grow without bound",
    }
    return (
        "Maximum Likelihood optimization failed to converge: "
        f"{reasons.get(optimum.reason, optimum.reason)}. No standard errors are given."
    )


def _suspicious(objective: LogitObjective, optimum: Optimum) -> bool:
    """Whether the fit may have run away: large predictors, and no proof of a finite optimum."""
    if not optimum.converged:
        return True
    return optimum.farthest > FAR and not overlaps(objective, optimum.params)


def _at_the_limit(model: Any, objective: LogitObjective, fit: Fit, verdict: Separation) -> Fit:
    """Name the coefficients that diverge; what the rows that overlap say of the others."""
    message = separation_message(model, verdict)
    if model.raise_on_perfect_prediction:
        raise SeparationError(message)
    limit = limit_of(model.exog, objective, verdict)
    return at_limit(model, fit, limit, verdict.directions, message)


R = TypeVar("R", bound=FitRecord)


def at_limit(model: Any, fit: R, limit: Any, directions: Array, message: str) -> R:
    """A fit without a finite optimum: the limit of its finite coefficients.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
    fit : FitRecord
    limit
        ``params``, ``root`` and ``llf`` there, in the user's coordinates.
    directions : ndarray
        Of the coefficients that diverge.
    message : str
    """
    return replace(
        fit,
        matrix=ModelMatrix(model.exog),
        params=limit.params.reshape(fit.params.shape, order="F"),
        working=limit.params,
        root=limit.root,
        llf=limit.llf,
        converged=False,
        diverging=directions,
        message=message,
        retvals={**fit.retvals, "converged": False},
    )
