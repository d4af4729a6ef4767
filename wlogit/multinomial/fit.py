"""From a multinomial model to its optimum, and what went wrong."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.softmax_objective import MultinomialObjective, start_values
from wlogit.errors import ConvergenceWarning, SeparationError, SeparationWarning
from wlogit.fitting import (
    FAR,
    FitOptions,
    FitRecord,
    at_limit,
    failure,
    newton,
    newton_retvals,
    print_convergence,
    settings_of,
)
from wlogit.multinomial.separation import LabelSeparation, find_label_separation


@dataclass(frozen=True, slots=True)
class MultinomialFit(FitRecord):
    """The optimum of a multinomial logit.

    ``params`` has shape (k, q), a column for each label but the first; all else holds one label
    after the other, k q in all.
    """

    @property
    def user_root(self) -> Array:
        """`root` in the user's coordinates, in which it is kept without the data."""
        return self.root if self.matrix is None else to_user(self.matrix, self.root)


def to_user(matrix: ModelMatrix, working: Array) -> Array:
    """Rows of coefficients (k q,) or (k q, r) from working to the user's coordinates."""
    k = matrix.n_params
    blocks = [matrix.to_user(working[at : at + k]) for at in range(0, len(working), k)]
    return np.concatenate(blocks)


def fit_labels(model: Any, options: FitOptions) -> MultinomialFit:
    """Maximise the weighted likelihood of a multinomial model and diagnose the outcome."""
    objective = model._objective(working=True)
    start = _start(model, objective, options.start_params)
    user = options.callback
    optimum, verdict = newton(
        objective,
        start,
        options,
        None if user is None else lambda at: user(to_user(objective.matrix, at)),
        lambda: find_label_separation(objective, model.exog),
    )
    if options.disp:
        print_convergence(optimum, objective.total_weight)
    fit = MultinomialFit(
        matrix=model.matrix,
        params=to_user(model.matrix, optimum.params).reshape(model.K, -1, order="F"),
        working=optimum.params,
        root=optimum.root,
        llf=optimum.value,
        converged=optimum.converged,
        diverging=np.zeros(objective.n_params),
        message=failure(optimum, options),
        retvals=newton_retvals(optimum, objective.total_weight),
        settings=settings_of(options, start),
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


def _separated(model: Any, fit: MultinomialFit, verdict: LabelSeparation) -> MultinomialFit:
    """Name the labels and columns that diverge."""
    message = verdict.message(model.exog_names, model.labels)
    if model.raise_on_perfect_prediction:
        raise SeparationError(message)
    return at_limit(model, fit, verdict, verdict.directions, message)
