"""One penalised multinomial fit: from alpha to the penalty, and what is told of the optimum."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._warn import warn_user
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.penalties import ElasticNet
from wlogit.core.softmax_objective import SymmetricObjective
from wlogit.core.softmax_penalized import SymmetricOptimum, minimize_symmetric
from wlogit.errors import ConvergenceWarning
from wlogit.fitting import print_outcome
from wlogit.regularized.fit import (
    DEFAULT_TOL,
    PenaltyOptions,
    SolverOptions,
    constant_column,
    read_alpha,
)

REASONS = {
    "max_iter": "maxiter={steps} was not enough; raise it",
    "no_decrease": "no step lowers the penalised loss any more; raise tol, or rescale the "
    "covariates",
    "diverging": "coefficients without a penalty grow without bound; penalise them",
}


@dataclass(frozen=True, slots=True)
class SymmetricFit:
    """A penalised fit as the results need it.

    Attributes
    ----------
    options : PenaltyOptions
    penalty : ElasticNet
        Of one label, in the unit of the log-likelihood.
    optimum : SymmetricOptimum
    message : str
        How the optimisation ended; empty after convergence.
    """

    options: PenaltyOptions
    penalty: ElasticNet
    optimum: SymmetricOptimum
    message: str


def fit_symmetric(model: Any, options: PenaltyOptions, solver: SolverOptions) -> SymmetricFit:
    """Minimise the penalised likelihood of a model, and say what went wrong."""
    model.require_data()
    options.check()
    cases = model.weights.row_cases
    matrix = ModelMatrix(model.exog, constant=model.matrix.constant)
    objective = SymmetricObjective(matrix, cases.codes_or_first, cases.weight, model.J)
    penalty = _penalty(model, options)
    tol = DEFAULT_TOL if solver.tol is None else solver.tol
    optimum = minimize_symmetric(
        objective, penalty, tol=tol, max_iter=solver.steps, callback=solver.callback
    )
    if solver.disp:
        print_outcome(
            optimum.reason,
            f"Current function value: {optimum.value / objective.total_weight:f}",
            f"Iterations: {optimum.iterations:d}",
            f"KKT residual: {optimum.kkt:.1e}",
        )
    message = ""
    if not optimum.converged:
        message = (
            f"the penalised fit did not converge: "
            f"{REASONS[optimum.reason].format(steps=solver.steps)}. "
            f"The KKT residual is {optimum.kkt:.1e}."
        )
        warn_user(message, ConvergenceWarning)
    return SymmetricFit(options, penalty, optimum, message)


def _penalty(model: Any, options: PenaltyOptions) -> ElasticNet:
    """The penalty of one label, in the unit of the log-likelihood."""
    values = read_alpha(model, options.alpha)
    constant = constant_column(model)
    if np.ndim(options.alpha) == 0 and constant is not None:
        values[constant] = 0.0
    values *= model.weights.total
    return ElasticNet(options.L1_wt * values, (1.0 - options.L1_wt) * values)
