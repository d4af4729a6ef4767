"""From a model to its optimum: start, Newton or another optimiser, and what went wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from wlogit._statsmodels.optimizers import METHODS, optimize
from wlogit._typing import Array, BoolArray
from wlogit._warn import warn_user
from wlogit.core.linalg import rank_and_aliases
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import Optimum, maximize, start_values
from wlogit.core.objective import LogitObjective
from wlogit.core.separation import separation
from wlogit.errors import (
    ConvergenceWarning,
    SeparationError,
    SeparationWarning,
)
from wlogit.keywords import reject_unknown

FIT_KEYWORDS = (
    *("start_params", "method", "maxiter", "full_output", "disp", "callback"),
    *("tol", "cov_type", "cov_kwds", "use_t", "warn_convergence"),
)
# Beyond this linear predictor a fit is checked for separation even if Newton has settled.
FAR = 15.0
# Information along some direction, relative to what the design offers, that raises the suspicion.
FADED = 1e-4


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
    optimizer_options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fit:
    """An optimum as the results need it.

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
        Sign of the infinity that a coefficient goes to; zero for the finite ones.
    n_free : int
        Free coefficients, for small-sample factors.
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
    n_free: int

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


def fit_model(model: Any, options: FitOptions) -> Fit:
    """Maximise the weighted likelihood of a model and diagnose the outcome."""
    matrix = model.matrix
    weights = model.weights
    objective = LogitObjective(
        matrix, weights.row_response, weights.row_weight, getattr(model, "offset", None)
    )
    start = _start(model, objective, options.start_params)
    optimum, retvals, settings = _optimize(objective, start, options)
    fit = Fit(
        matrix=matrix,
        params=matrix.to_user(optimum.params),
        working=optimum.params,
        root=optimum.root,
        llf=optimum.value,
        converged=optimum.converged,
        diverging=np.zeros(matrix.n_params),
        message="" if optimum.converged else _message(optimum, options),
        retvals=retvals,
        settings=settings,
        n_free=matrix.n_params,
    )
    if _suspicious(objective, optimum):
        fit = _check_separation(model, objective, fit)
    if not fit.converged and options.warn_convergence:
        kind = SeparationWarning if fit.diverging.any() else ConvergenceWarning
        warn_user(fit.message, kind)
    return fit


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
    objective: LogitObjective, start: Array, options: FitOptions
) -> tuple[Optimum, dict[str, Any], dict[str, Any]]:
    matrix, callback = objective.matrix, options.callback
    in_user = None if callback is None else lambda params: callback(matrix.to_user(params))
    if options.method not in METHODS:
        raise ValueError(
            f"method={options.method!r} is not known; use one of {', '.join(METHODS)}."
        )
    if options.method == "newton":
        reject_unknown(options.optimizer_options, FIT_KEYWORDS, 'fit(method="newton")')
        tol = 1e-14 if options.tol is None else options.tol
        optimum = maximize(objective, start, tol=tol, max_iter=options.maxiter, callback=in_user)
        if options.disp:
            _print_convergence(optimum, objective.total_weight)
        settings = _settings(options, start)
        return optimum, _newton_retvals(optimum, objective.total_weight), settings
    given = dict(options.optimizer_options)
    if options.tol is not None:
        given["tol"] = options.tol
    found, retvals, settings = optimize(
        objective, start, options.method, options.maxiter, options.disp, in_user, given
    )
    if not retvals["converged"]:
        optimum = maximize(objective, found, max_iter=0)
        return optimum, retvals, settings
    optimum = maximize(objective, found)
    retvals["converged"] = optimum.converged
    return optimum, retvals, settings


def _print_convergence(optimum: Optimum, total: float) -> None:
    """The lines that statsmodels prints."""
    value = -optimum.value / total
    if optimum.converged:
        print("Optimization terminated successfully.")
        print(f"         Current function value: {value:f}")
        print(f"         Iterations {optimum.iterations:d}")
    elif optimum.reason != "max_iter":
        print(f"Warning: Optimization did not converge ({optimum.reason}).")
        print(f"         Current function value: {value:f}")
        print(f"         Iterations: {optimum.iterations:d}")
    else:
        print("Warning: Maximum number of iterations has been exceeded.")
        print(f"         Current function value: {value:f}")
        print(f"         Iterations: {optimum.iterations:d}")


def _newton_retvals(optimum: Optimum, total: float) -> dict[str, Any]:
    return {
        "fopt": -optimum.value / total,
        "iterations": optimum.iterations,
        "score": -optimum.gradient / total,
        "Hessian": -optimum.information / total,
        "warnflag": 0 if optimum.converged else 1,
        "converged": optimum.converged,
        "reason": optimum.reason,
    }


def _settings(options: FitOptions, start: Array) -> dict[str, Any]:
    return {
        "optimizer": options.method,
        "start_params": start,
        "maxiter": options.maxiter,
        "disp": options.disp,
        "callback": options.callback,
        "tol": options.tol,
    }


def _message(optimum: Optimum, options: FitOptions) -> str:
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
    """Whether the fit could be running away: large predictors that carry hardly information."""
    if not optimum.converged:
        return True
    if objective.reach(optimum.params) <= FAR:
        return False
    flat = objective.derivatives(np.zeros(objective.n_params)).information
    values = np.linalg.eigvals(np.linalg.pinv(flat, hermitian=True) @ optimum.information)
    return bool(np.min(values.real) < FADED)


def _check_separation(model: Any, objective: LogitObjective, fit: Fit) -> Fit:
    """Find the coefficients that diverge and what the rows that stay finite say of the others."""
    weight = np.broadcast_to(objective.weight, objective.response.shape)
    rows = weight > 0
    diverging = np.zeros(objective.n_params)
    complete = False
    while True:
        verdict = separation(objective.matrix, np.sign(2.0 * objective.response - 1.0), rows)
        if not verdict.separated:
            break
        complete = complete or verdict.kind == "complete"
        diverging = np.where(diverging == 0.0, np.sign(verdict.directions), diverging)
        along = np.abs(objective.matrix.dot(verdict.slopes))
        moving = along > 1e-7 * along.max()
        rows = rows & ~moving
        if not rows.any():
            break
    if not diverging.any():
        return fit
    message = _separation_message(model, diverging, complete)
    if model.raise_on_perfect_prediction:
        raise SeparationError(message)
    fit = replace(fit, converged=False, diverging=diverging, message=message)
    return _fit_finite_part(model, objective, fit, rows)


def _fit_finite_part(model: Any, objective: LogitObjective, fit: Fit, rows: BoolArray) -> Fit:
    """Exact limits of the coefficients that stay finite, from the rows that nothing separates."""
    k = objective.n_params
    root, params = np.zeros((k, k)), fit.params.copy()
    order = np.argsort(fit.diverging != 0.0, kind="stable")
    if rows.any():
        weight = np.broadcast_to(objective.weight, rows.shape)[rows]
        values = model.exog[rows][:, order]
        kept = rank_and_aliases(ModelMatrix(values), weight).kept
        offset = None if objective.offset is None else objective.offset[rows]
        matrix = ModelMatrix(values[:, list(kept)]).standardized(weight)
        reduced = maximize(
            LogitObjective(matrix, objective.response[rows], weight, offset), np.zeros(len(kept))
        )
        columns = order[list(kept)]
        finite = fit.diverging[columns] == 0.0
        params[columns[finite]] = matrix.to_user(reduced.params)[finite]
        root[np.ix_(columns, columns)] = matrix.to_user(reduced.root)
    finite_left = rows.any() and bool(np.any(fit.diverging == 0.0))
    if not finite_left:
        root[:] = np.nan
    plain = ModelMatrix(model.exog)
    return replace(fit, matrix=plain, params=params, working=params, root=root)


def _separation_message(model: Any, diverging: Array, complete: bool) -> str:
    names = model.exog_names
    where = ", ".join(
        f"{name} to {'+' if sign > 0 else '-'}infinity"
        for name, sign in zip(names, diverging, strict=True)
        if sign != 0.0
    )
    kind = "complete" if complete else "quasi-complete"
    return (
        f"{kind} separation: the covariates predict the outcome perfectly "
        f"{'for all rows' if complete else 'for some rows'}, and no finite maximum-likelihood "
        f"estimate exists; {where}. Standard errors are not defined there. Drop or merge the "
        "terms named, or combine sparse categories."
    )
