"""From a multinomial model to its optimum, and what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import Optimum, maximize
from wlogit.core.softmax_objective import MultinomialObjective, start_values
from wlogit.errors import ConvergenceWarning, SeparationError, SeparationWarning
from wlogit.fitting import FAR, PATIENCE, print_outcome
from wlogit.keywords import check_choice
from wlogit.multinomial.separation import LabelSeparation, find_label_separation

REASONS = {
    "max_iter": "maxiter={maxiter} was not enough; raise it",
    "no_increase": "no step raised the likelihood any more; rescale or center the covariates",
    "singular": "the information matrix became singular; look for nearly collinear covariates",
    "diverging": "some coefficients grow without bound",
}


@dataclass(frozen=True, slots=True)
class MultinomialFit:
    """An optimum as the results need it.

    Attributes
    ----------
    matrix : ModelMatrix or None
        The design in working coordinates; None once the data are removed.
    params : ndarray, shape (k, q)
        In the user's coordinates, a column for each label but the first.
    working : ndarray, shape (k q,)
        In working coordinates, one label after the other.
    root : ndarray, shape (k q, r)
        H with ``H H'`` the inverse information in the weights as given, in working coordinates.
    llf : float
        Log-likelihood in the weights as given.
    diverging : ndarray, shape (k q,)
        As `LabelSeparation.directions`; zero for the finite coefficients.
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
        if self.matrix is None:
            return self.root
        return to_user(self.matrix, self.root)

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
class FitOptions:
    """The arguments of ``fit`` that concern the optimiser."""

    start_params: Any
    maxiter: int
    disp: bool
    callback: Callable[[Array], object] | None
    tol: float | None
    warn_convergence: bool


def to_user(matrix: ModelMatrix, working: Array) -> Array:
    """Rows of coefficients (k q,) or (k q, r) from working to the user's coordinates."""
    k = matrix.n_params
    blocks = [matrix.to_user(working[at : at + k]) for at in range(0, len(working), k)]
    return np.concatenate(blocks)


def fit_labels(model: Any, options: FitOptions) -> MultinomialFit:
    """Maximise the weighted likelihood of a multinomial model and diagnose the outcome."""
    objective = model._objective(working=True)
    start = _start(model, objective, options.start_params)
    optimum, verdict = _newton(objective, model.exog, start, options)
    if options.disp:
        _print(optimum, objective)
    message = ""
    if not optimum.converged:
        reason = REASONS[optimum.reason].format(maxiter=options.maxiter)
        message = (
            f"Maximum Likelihood optimization failed to converge: {reason}. No standard errors "
            "are given."
        )
    fit = MultinomialFit(
        matrix=model.matrix,
        params=to_user(model.matrix, optimum.params).reshape(model.K, -1, order="F"),
        working=optimum.params,
        root=optimum.root,
        llf=optimum.value,
        converged=optimum.converged,
        diverging=np.zeros(objective.n_params),
        message=message,
        retvals=_retvals(optimum, objective),
        settings=_settings(options, start),
    )
    if verdict is None and not (optimum.converged and optimum.farthest <= FAR):
        verdict = find_label_separation(objective, model.exog)
    if verdict is not None and verdict.separated:
        fit = _separated(model, fit, verdict)
    if not fit.converged and options.warn_convergence:
        kind = SeparationWarning if fit.diverging.any() else ConvergenceWarning
        warn_user(fit.message, kind)
    return fit


def _start(model: Any, objective: MultinomialObjective, start_params: Any) -> Array:
    if start_params is None:
        return start_values(objective)
    start = np.asarray(start_params, dtype=np.float64).ravel(order="F")
    if start.shape != (objective.n_params,):
        raise ValueError(
            f"start_params has {start.size} values; it needs one for each of the {model.K} columns "
            f"and each of the {model.J - 1} labels but the first."
        )
    if not np.all(np.isfinite(start)):
        raise ValueError("start_params must be finite.")
    columns = start.reshape(model.J - 1, model.K)
    return np.concatenate([model.matrix.to_working(column) for column in columns])


def _newton(
    objective: MultinomialObjective, exog: Array, start: Array, options: FitOptions
) -> tuple[Optimum, LabelSeparation | None]:
    """Newton's method, broken off once it has shown to have no end; the verdict if it was asked."""
    tol = 1e-14 if options.tol is None else options.tol
    user = options.callback
    callback = None if user is None else lambda at: user(to_user(objective.matrix, at))
    few = min(options.maxiter, PATIENCE)
    optimum = maximize(objective, start, tol=tol, max_iter=few, callback=callback)
    if optimum.converged or optimum.iterations < few or few == options.maxiter:
        return optimum, None
    verdict = None
    if optimum.farthest > FAR:
        verdict = find_label_separation(objective, exog)
        if verdict is not None and verdict.separated:
            return replace(optimum, reason="diverging"), verdict
    rest = options.maxiter - few
    more = maximize(objective, optimum.params, tol=tol, max_iter=rest, callback=callback)
    iterations = optimum.iterations + more.iterations
    return replace(more, iterations=iterations, trace=optimum.trace + more.trace), verdict


def _separated(model: Any, fit: MultinomialFit, verdict: LabelSeparation) -> MultinomialFit:
    """Name the labels and columns that diverge."""
    message = verdict.message(model.exog_names, model.labels)
    if model.raise_on_perfect_prediction:
        raise SeparationError(message)
    return replace(
        fit,
        matrix=ModelMatrix(model.exog),
        params=verdict.params.reshape(model.K, -1, order="F"),
        working=verdict.params,
        root=verdict.root,
        llf=verdict.llf,
        converged=False,
        diverging=verdict.directions,
        message=message,
        retvals={**fit.retvals, "converged": False},
    )


def _print(optimum: Optimum, objective: MultinomialObjective) -> None:
    colon = "" if optimum.converged else ":"
    print_outcome(
        optimum.reason,
        f"Current function value: {-optimum.value / objective.total_weight:f}",
        f"Iterations{colon} {optimum.iterations:d}",
    )


def _retvals(optimum: Optimum, objective: MultinomialObjective) -> dict[str, Any]:
    total = objective.total_weight
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
        "optimizer": "newton",
        "start_params": start,
        "maxiter": options.maxiter,
        "disp": options.disp,
        "callback": options.callback,
        "tol": options.tol,
    }


def check_method(method: str) -> None:
    """Only Newton's method is offered."""
    check_choice("method", method, ("newton",))
