"""All labels together: the multinomial logit behind a classifier."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.penalties import ElasticNet
from wlogit.core.softmax_objective import SymmetricObjective
from wlogit.core.softmax_penalized import SymmetricOptimum, minimize_symmetric
from wlogit.errors import ConvergenceWarning
from wlogit.fitting import FitOptions
from wlogit.multinomial.estimation import read_request
from wlogit.multinomial.fit import fit_labels
from wlogit.multinomial.results import build_results
from wlogit.regularized.fit import DEFAULT_TOL
from wlogit.sklearn.classifier_fit import ClassifierFit
from wlogit.sklearn.plan import Plan
from wlogit.sklearn.problem import LabelsProblem
from wlogit.sklearn.separated import say_separated, slight_ridge
from wlogit.sklearn.start import Start

_TOL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class LabelsFit(ClassifierFit[LabelsProblem]):
    """The fit of all labels together.

    Its `shift` is ``log c_j`` of every label, and its `inference` a tuple (model, fit); where it
    has none, the penalised optimum is found again.
    """

    @property
    def end(self) -> Start:
        """Where it ended; no other fit starts from there."""
        return Start(self.params, 0.0)

    def results(self) -> Any:
        """Results with inference."""
        plan = self.plan
        if self.inference is not None:
            model, fit = self.inference
            return build_results(model, fit, plan.cov_type, None, None)
        model = self.problem.model(aliased="keep")
        alpha = plan.penalties(model.n_columns)
        return model.fit_regularized(
            maxiter=plan.max_iter, disp=False, alpha=alpha, L1_wt=plan.L1_wt, tol=plan.tol
        )


def fit_multinomial(problem: LabelsProblem, plan: Plan) -> LabelsFit:
    """Fit all labels in the way of the plan.

    Parameters
    ----------
    problem : LabelsProblem
    plan : Plan

    Raises
    ------
    ValueError
        For bias reduction, which is for two labels.
    """
    if plan.bias_reduction is not None:
        raise ValueError(
            f"bias_reduction={plan.bias_reduction!r} is for two labels, and y has "
            f'{len(problem.sample.classes)}: use multi_class="ovr", or a penalty.'
        )
    if plan.penalized:
        return _penalized(problem, plan)
    model = problem.model(aliased="drop")
    read_request(plan.cov_type, None, model)
    tol = _TOL if plan.tol is None else plan.tol
    fit = fit_labels(model, FitOptions(None, "newton", plan.max_iter, False, None, tol, False))
    params = np.zeros((model.n_columns, len(problem.sample.classes)))
    params[list(model.kept), 1:] = fit.params
    if fit.diverging.any():
        params = _of_separated(problem, plan, fit)
    elif not fit.converged:
        warn_user(fit.message, ConvergenceWarning)
    # Of what probabilities leave open, columns that sum to zero.
    params -= params.mean(axis=1, keepdims=True)
    shift = np.log(model.weights.factors.values)
    return LabelsFit(problem, plan, params, shift, fit.retvals["iterations"], (model, fit))


def _penalized(problem: LabelsProblem, plan: Plan) -> LabelsFit:
    alpha = plan.penalties(problem.sample.values.shape[1])
    optimum = _elastic_net(problem, plan, alpha, plan.L1_wt)
    if not optimum.converged:
        advice = {
            "max_iter": f"max_iter={plan.max_iter} was not enough; raise it",
            "no_decrease": "no step lowers the penalised loss any more; raise tol, or rescale the "
            "features",
            "diverging": "coefficients without a penalty grow without bound; penalise them",
        }
        warn_user(
            f"the penalised fit did not converge: {advice[optimum.reason]}. The KKT residual is "
            f"{optimum.kkt:.1e}.",
            ConvergenceWarning,
        )
    shift = np.log(problem.weights.factors.values)
    return LabelsFit(problem, plan, optimum.params, shift, optimum.iterations)


def _elastic_net(
    problem: LabelsProblem, plan: Plan, alpha: Array, L1_wt: float
) -> SymmetricOptimum:
    """The penalised optimum of all labels, by columns of the design."""
    weights = problem.weights
    constant = 0 if plan.fit_intercept else None
    matrix = ModelMatrix(problem.sample.values, constant=constant)
    objective = SymmetricObjective(
        matrix, problem.sample.codes, weights.row_cases.weight, len(weights.labels)
    )
    strength = alpha * weights.total
    penalty = ElasticNet(L1_wt * strength, (1.0 - L1_wt) * strength)
    tol = DEFAULT_TOL if plan.tol is None else plan.tol
    return minimize_symmetric(objective, penalty, tol=tol, max_iter=plan.max_iter, callback=None)


def _of_separated(problem: LabelsProblem, plan: Plan, fit: Any) -> Array:
    """Coefficients to predict from where maximum likelihood has none: those of a slight ridge."""
    labels = problem.sample.classes.tolist()
    diverging = np.any(fit.diverging.reshape(len(labels) - 1, -1) != 0.0, axis=1)
    far = [label for label, diverges in zip(labels[1:], diverging, strict=True) if diverges]
    say_separated("the labels", far)
    return _elastic_net(problem, plan, slight_ridge(problem.sample, plan), 0.0).params
