"""One penalised multinomial fit: from alpha to the penalty, and what is told of the optimum."""

from dataclasses import dataclass
from typing import Any

from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.penalties import ElasticNet
from wlogit.core.softmax_objective import SymmetricObjective
from wlogit.core.softmax_penalized import SymmetricOptimum, minimize_symmetric
from wlogit.regularized import fit
from wlogit.regularized.fit import PenaltyOptions, SolverOptions

REASONS = {
    **fit.REASONS,
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
    penalty = fit.penalty_for(model, options.alpha, options.L1_wt)
    tol = fit.DEFAULT_TOL if solver.tol is None else solver.tol
    optimum = minimize_symmetric(
        objective, penalty, tol=tol, max_iter=solver.steps, callback=solver.callback
    )
    if solver.disp:
        fit.print_convergence(optimum, objective.total_weight)
    message = fit.warn_unless_converged(optimum, REASONS, solver.steps)
    return SymmetricFit(options, penalty, optimum, message)
