"""From a model and a plan to the bias-reduced estimate."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.bias_reduced.corrections import empirical, king_zeng
from wlogit.bias_reduced.plan import Plan
from wlogit.bias_reduced.prediction import flac, flic
from wlogit.core.adjusted import Root, least_squares_start, solve
from wlogit.core.jeffreys import Equations, JeffreysPoint, MeanEquations, MedianEquations
from wlogit.core.objective import LogitObjective
from wlogit.core.start import start_values
from wlogit.errors import ConvergenceWarning, SeparationError
from wlogit.exog import require_small
from wlogit.fitting import Fit, FitOptions, fit_model, print_outcome
from wlogit.weights.weights import Weights

REASONS = {
    "max_iter": "maxiter={maxiter} was not enough; raise it",
    "no_increase": "no step came nearer any more; rescale or center the covariates",
    "singular": "the information is singular at the start; give start_params",
}
# Change of linear predictors that is nothing to a bias-reduced fit.
TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True)
class Options:
    """The arguments of ``fit_bias_reduced`` that concern the iterations."""

    start_params: Any
    maxiter: int
    disp: bool
    callback: Callable[[Array], object] | None
    tol: float | None
    warn_convergence: bool


@dataclass(frozen=True, slots=True)
class BiasReduction:
    """What was done to reduce the bias, beside the `Fit`.

    Attributes
    ----------
    plan : Plan
    solution : ndarray, shape (k,)
        Root of the adjusted score in the user's coordinates, before the constant was moved or
        predictions corrected.
    penalized_llf : float
        Log-likelihood plus half the log determinant of the information there; NaN for other
        kinds than "mean".
    """

    plan: Plan
    solution: Array
    penalized_llf: float


def likelihood_of(model: Any, plan: Plan) -> LogitObjective:
    """The log-likelihood that is worked with, in the working coordinates of the model."""
    return _log_likelihood(model, plan.weights(model.weights))


def _log_likelihood(model: Any, weights: Weights) -> LogitObjective:
    return LogitObjective(
        model.matrix, weights.row_response, weights.row_weight, getattr(model, "offset", None)
    )


def equations_of(objective: LogitObjective, plan: Plan) -> Equations:
    """The adjusted score equations of kind "mean" or "median"."""
    return MeanEquations(objective) if plan.kind == "mean" else MedianEquations(objective)


def penalized(objective: LogitObjective, point: JeffreysPoint) -> float:
    """Penalised log-likelihood in the user's coordinates."""
    scale = objective.matrix.scale
    return point.value - (0.0 if scale is None else float(np.sum(np.log(scale))))


def fit_bias_reduced(model: Any, plan: Plan, options: Options) -> tuple[Fit, BiasReduction]:
    """Fit and diagnose."""
    require_small(model.exog)
    objective = likelihood_of(model, plan)
    if plan.kind in ("mean", "median"):
        return _adjusted_fit(model, objective, plan, options)
    return _corrected_fit(model, objective, plan, options)


def _adjusted_fit(
    model: Any, objective: LogitObjective, plan: Plan, options: Options
) -> tuple[Fit, BiasReduction]:
    matrix = objective.matrix
    start = _start(model, objective, plan, options.start_params)
    in_user = _in_user(model, plan, options.callback)
    equations = equations_of(objective, plan)
    tol = TOLERANCE if options.tol is None else options.tol
    root = solve(equations, start, tol=tol, max_iter=options.maxiter, callback=in_user)
    if root.reason == "no_increase" and plan.kind == "median":
        start = least_squares_start(equations, start)
        root = solve(equations, start, tol=tol, max_iter=options.maxiter, callback=in_user)
    point = root.point
    solution = np.asarray(matrix.to_user(point.params))
    value = penalized(objective, point) if plan.kind == "mean" else np.nan
    if root.converged and plan.prediction is not None:
        corrected = flic if plan.prediction == "flic" else flac
        point = JeffreysPoint.at(objective, corrected(objective, point, model.constant_combination))
    if options.disp:
        _print_convergence(root)
    message = "" if root.converged else _message(plan, root, options)
    fit = _record(model, objective, plan, point, message)
    fit.retvals.update(_retvals(objective, root))
    fit.settings.update(_settings(options, start))
    if message and options.warn_convergence:
        warn_user(message, ConvergenceWarning)
    return fit, BiasReduction(plan, solution, value)


def _corrected_fit(
    model: Any, objective: LogitObjective, plan: Plan, options: Options
) -> tuple[Fit, BiasReduction]:
    """Maximum likelihood and one step."""
    likely = _maximum_likelihood(model, plan, options)
    params = objective.matrix.to_working(likely.params)
    point = JeffreysPoint.at(objective, params)
    if likely.converged:
        if plan.kind == "empirical":
            bias = empirical(objective, point, model.weights)
        else:
            # The weights enter the bias even where they do not enter the fit, as in Zelig.
            weighted = _log_likelihood(model, model.weights)
            there = JeffreysPoint.at(weighted, params)
            bias = king_zeng(weighted, there, model.weights.factors.event)
        point = JeffreysPoint.at(objective, params - bias)
    fit = _record(model, objective, plan, point, likely.message)
    fit.retvals.update(likely.retvals)
    fit.settings.update(likely.settings)
    solution = np.asarray(objective.matrix.to_user(point.params))
    return fit, BiasReduction(plan, solution, np.nan)


def _maximum_likelihood(model: Any, plan: Plan, options: Options) -> Fit:
    """The estimate that is to be corrected."""
    likely = copy(model)
    likely.weights = plan.weights(model.weights)
    likely.raise_on_perfect_prediction = False
    start = options.start_params
    if start is not None and plan.moved:
        start = plan.moved_back(np.asarray(start, dtype=np.float64))
    callback = None
    if options.callback is not None:
        callback = _moved_callback(plan, options.callback)
    fit = fit_model(
        likely,
        FitOptions(
            start, "newton", options.maxiter, options.disp, callback, options.tol, False, {}
        ),
    )
    if fit.diverging.any():
        raise SeparationError(_no_estimate(model, plan, fit))
    if fit.message and options.warn_convergence:
        warn_user(fit.message, ConvergenceWarning)
    return fit


def _moved_callback(plan: Plan, callback: Callable[[Array], object]) -> Callable[[Array], object]:
    return lambda params: callback(plan.moved_by(params))


def _no_estimate(model: Any, plan: Plan, fit: Fit) -> str:
    where = ", ".join(
        f"{name} to {'+' if sign > 0 else '-'}infinity"
        for name, sign in zip(model.exog_names, fit.diverging, strict=True)
        if sign != 0.0
    )
    raw = "" if model.weights.likelihood else ', with weights="raw" under sampling weights'
    return (
        f"kind={plan.kind!r} corrects the maximum-likelihood estimate, and there is none: the "
        f'covariates separate the outcome, {where}. Use kind="mean" (Firth{raw}), whose '
        "estimate is finite, or a penalty (fit_regularized)."
    )


def _start(model: Any, objective: LogitObjective, plan: Plan, start_params: Any) -> Array:
    """The user's start; else the usual one, or zeros where that has no penalised likelihood."""
    k = objective.n_params
    if start_params is not None:
        start = np.asarray(start_params, dtype=np.float64)
        if start.shape != (k,) or not np.all(np.isfinite(start)):
            raise ValueError(
                f"start_params needs one finite value for each of the {k} columns; it has shape "
                f"{start.shape}."
            )
        return np.asarray(model.matrix.to_working(plan.moved_back(start)))
    candidates = (start_values(objective), np.zeros(k))
    values = [JeffreysPoint.at(objective, candidate).value for candidate in candidates]
    best = candidates[int(np.argmax(values))]
    if plan.kind == "median":
        # Its equations have no likelihood to climb: begin near their root.
        best = solve(MeanEquations(objective), best, tol=1e-3).point.params
    return best


def _in_user(
    model: Any, plan: Plan, callback: Callable[[Array], object] | None
) -> Callable[[Array], object] | None:
    if callback is None:
        return None
    moved = _moved_callback(plan, callback)
    return lambda params: moved(np.asarray(model.matrix.to_user(params)))


def _record(
    model: Any, objective: LogitObjective, plan: Plan, point: JeffreysPoint, message: str
) -> Fit:
    """The estimate as results need it, and its log-likelihood in the weights of the model."""
    matrix = objective.matrix
    params, working, llf = np.asarray(matrix.to_user(point.params)), point.params, point.loglike
    if plan.moved:
        params = plan.moved_by(params)
        working = np.asarray(matrix.to_working(params))
        llf = _log_likelihood(model, model.weights).value(working)
    return Fit(
        matrix=matrix,
        params=params,
        working=working,
        root=point.root,
        llf=llf,
        converged=not message,
        diverging=np.zeros(matrix.n_params),
        message=message,
        retvals={},
        settings={},
        n_free=matrix.n_params,
    )


def _print_convergence(root: Root) -> None:
    print_outcome(
        root.reason,
        f"Log-likelihood: {root.point.loglike:f}",
        f"Iterations {root.iterations:d}",
    )


def _message(plan: Plan, root: Root, options: Options) -> str:
    reason = REASONS[root.reason].format(maxiter=options.maxiter)
    return f"{plan.name} failed to converge: {reason}. No standard errors are given."


def _retvals(objective: LogitObjective, root: Root) -> dict[str, Any]:
    return {
        "fopt": -root.point.loglike / objective.total_weight,
        "iterations": root.iterations,
        "score": -root.score / objective.total_weight,
        "Hessian": -root.point.information / objective.total_weight,
        "warnflag": 0 if root.converged else 1,
        "converged": root.converged,
        "reason": root.reason,
    }


def _settings(options: Options, start: Array) -> dict[str, Any]:
    return {
        "optimizer": "quasi-Newton",
        "start_params": start,
        "maxiter": options.maxiter,
        "disp": options.disp,
        "callback": options.callback,
        "tol": options.tol,
    }
