"""One linear predictor, fitted in the way of a plan; its inference waits until it is asked for."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import Optimum, maximize
from wlogit.core.objective import LogitObjective
from wlogit.core.recession import overlaps
from wlogit.core.start import start_values
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import ConvergenceWarning
from wlogit.fitting import FAR, Fit, FitOptions, fit_model
from wlogit.inference.prediction import calibration_shift
from wlogit.model import WeightedLogit
from wlogit.results import build_results
from wlogit.sklearn.classifier_fit import ClassifierFit
from wlogit.sklearn.plan import Plan
from wlogit.sklearn.problem import Problem
from wlogit.sklearn.separated import say_separated, slight_ridge
from wlogit.sklearn.start import Start, discriminant_start
from wlogit.weights.columns import shorten
from wlogit.weights.weights import Weights

# Newton's last step squares what is left: coefficients are right to its square.
_TOL = 1e-8
# Condition numbers up to which no column is taken for a combination of others.
_CLEAR = 1e8


@dataclass(frozen=True, slots=True, eq=False)
class LinearFit(ClassifierFit[Problem]):
    """The fit of one label against the others.

    Its `shift` is ``log(c1 / c0)``, and its `inference` a tuple (model, Fit), or results; where
    it has none, the maximum is found again.
    """

    @property
    def end(self) -> Start:
        """Where it ended."""
        return Start(self.params, float(self.shift))

    @property
    def alike(self) -> bool:
        """Whether class weights weigh the others alike."""
        return self.problem.alike

    def results(self) -> Any:
        """Results with inference."""
        inference = self.inference
        if inference is None:
            inference = _exact(self.problem, self.plan, self.params)
        if isinstance(inference, tuple):
            model, fit = inference
            return build_results(model, fit, self.plan.cov_type, None, None)
        return inference


def fit_linear(problem: Problem, plan: Plan, start: Start | None = None) -> LinearFit:
    """Fit one outcome in the way of the plan.

    Parameters
    ----------
    problem : Problem
    plan : Plan
    start : Start, optional
        Where to start.
    """
    if plan.bias_reduction is not None:
        return _bias_reduced(problem, plan)
    weights = problem.weights
    shift = calibration_shift(weights)
    begin = None
    if start is not None:
        k = problem.sample.values.shape[1]
        begin = start.at(shift, k, constant=plan.fit_intercept)
    if plan.penalized:
        return _penalized(problem, plan, begin)
    CovarianceRequest.read(plan.cov_type, None, weights)
    found = _plain_fit(problem, plan, weights, begin)
    if found is not None:
        return LinearFit(problem, plan, found[0], shift, found[1])
    return _careful(problem, plan, shift)


def _plain_fit(
    problem: Problem, plan: Plan, weights: Weights, start: Array | None
) -> tuple[Array, int] | None:
    """The maximum and the steps to it, or None where anything about it is unusual."""
    design = problem.sample.values
    if design.shape[1] > design.shape[0]:
        return None
    plain = ModelMatrix(design, constant=0 if plan.fit_intercept else None)
    matrix = plain.standardized(weights.row_weight)
    objective = LogitObjective(matrix, weights.row_response, weights.row_weight)
    if start is None and plan.fit_intercept and not objective.large:
        start = discriminant_start(problem.sample.features, objective)
    begin = start_values(objective) if start is None else np.asarray(matrix.to_working(start))
    tol = _TOL if plan.tol is None else plan.tol
    optimum = maximize(objective, begin, tol=tol, max_iter=plan.max_iter)
    if not _usual(objective, optimum):
        return None
    return np.asarray(matrix.to_user(optimum.params)), optimum.iterations


def _usual(objective: LogitObjective, optimum: Optimum) -> bool:
    """Whether this is the maximum, of a design of full rank, and finite beyond doubt."""
    if not optimum.converged or optimum.condition > _CLEAR:
        return False
    # A last step that moves no linear predictor is the proof that `overlaps` looks for, if its
    # information is that of the point.
    return not objective.large or optimum.farthest <= FAR or overlaps(objective, optimum.params)


def _exact(problem: Problem, plan: Plan, start: Array | None) -> tuple[WeightedLogit, Fit]:
    """The model, without the columns that others make up, and its maximum."""
    model = problem.model(aliased="drop")
    begin = None if start is None or model.aliased else start
    options = FitOptions(begin, "newton", plan.max_iter, False, None, plan.tol, False, {})
    return model, fit_model(model, options)


def _careful(problem: Problem, plan: Plan, shift: float) -> LinearFit:
    """Fits of collinear features, of separated labels, and those that do not converge."""
    model, fit = _exact(problem, plan, None)
    params = _of_all_columns(model, fit.params)
    if fit.diverging.any():
        params = _of_separated(problem, plan, model, fit)
    elif not fit.converged:
        warn_user(fit.message, ConvergenceWarning)
    return LinearFit(problem, plan, params, shift, fit.retvals["iterations"], (model, fit))


def _of_all_columns(model: WeightedLogit, params: Any) -> Array:
    """Coefficients of every column of the design, zero for those left out."""
    every = np.zeros(model.n_columns)
    every[list(model.kept)] = params
    return every


def _of_results(problem: Problem, plan: Plan, results: Any) -> LinearFit:
    model = results.model
    params = _of_all_columns(model, np.asarray(results.params))
    n_iter = int(results.mle_retvals["iterations"])
    return LinearFit(problem, plan, params, calibration_shift(model.weights), n_iter, results)


def _bias_reduced(problem: Problem, plan: Plan) -> LinearFit:
    model = problem.model(aliased="drop")
    results = model.fit_bias_reduced(
        plan.bias_reduction or "mean",
        maxiter=plan.max_iter,
        disp=False,
        tol=plan.tol,
        cov_type=plan.cov_type,
    )
    return _of_results(problem, plan, results)


def _penalized(problem: Problem, plan: Plan, start: Array | None) -> LinearFit:
    model = problem.model(aliased="keep")
    alpha = plan.penalties(model.n_columns)
    results = model.fit_regularized(
        start,
        "elastic_net",
        plan.max_iter,
        disp=False,
        alpha=alpha,
        L1_wt=plan.L1_wt,
        tol=plan.tol,
    )
    return _of_results(problem, plan, results)


def _of_separated(problem: Problem, plan: Plan, model: WeightedLogit, fit: Fit) -> Array:
    """Coefficients to predict from where maximum likelihood has none: those of a slight ridge."""
    other, event = (shorten(label) for label in problem.labels)
    names = [model.exog_names[j] for j in np.flatnonzero(fit.diverging)]
    say_separated(f"the labels {other} and {event}", names)
    whole = problem.model(aliased="keep")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        slight = whole.fit_regularized(
            None, "elastic_net", disp=False, alpha=slight_ridge(problem.sample, plan), L1_wt=0.0
        )
    return np.array(slight.params, dtype=np.float64)
