"""From a streamed model to its optimum."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import Optimum, maximize
from wlogit.core.objective import LogitObjective
from wlogit.core.recession import overlaps
from wlogit.core.start import start_values
from wlogit.errors import ConvergenceWarning, SeparationError
from wlogit.fitting import (
    FAR,
    Fit,
    FitOptions,
    failure,
    newton,
    newton_retvals,
    print_convergence,
    settings_of,
)
from wlogit.inference.goodness import null_loglike
from wlogit.separated import SeparationResult
from wlogit.streaming.objective import StreamedObjective
from wlogit.streaming.runner import Runner, Task
from wlogit.streaming.separation import StreamedVerdict, streamed_separation
from wlogit.streaming.sums import OfConstant, RowSums, SaturatedSums


def fit_streamed(model: Any, options: FitOptions) -> Fit:
    """Maximise the weighted likelihood of a streamed model and diagnose the outcome.

    Raises
    ------
    SeparationError
        Naming the coefficients that diverge.
    """
    frame, objective = model.frame, model.objective()
    sample = sample_objective(model)
    start = _start(model, sample, options.start_params)
    callback = options.callback
    in_user = None if callback is None else lambda params: callback(frame.to_user(params))
    optimum, verdict = newton(objective, start, options, in_user, model.separation_verdict)
    if options.disp:
        print_convergence(optimum, objective.total_weight)
    if verdict is None and _suspicious(sample, optimum):
        verdict = model.separation_verdict()
    if verdict is not None and verdict.separated:
        raise SeparationError(separation_message(model, verdict))
    fit = _record(frame, optimum, options, start, objective.total_weight)
    if not fit.converged and options.warn_convergence:
        warn_user(fit.message, ConvergenceWarning)
    return fit


def _record(
    frame: ModelMatrix, optimum: Optimum, options: FitOptions, start: Array, total: float
) -> Fit:
    return Fit(
        matrix=frame,
        params=frame.to_user(optimum.params),
        working=optimum.params,
        root=optimum.root,
        llf=optimum.value,
        converged=optimum.converged,
        diverging=np.zeros(frame.n_params),
        message=failure(optimum, options),
        retvals=newton_retvals(optimum, total),
        settings=settings_of(options, start),
        n_free=frame.n_params,
    )


def sample_objective(model: Any) -> LogitObjective | None:
    """The log-likelihood of the rows in memory, in the weights of the fit; None without any."""
    chunks = model.sample
    if not chunks:
        return None
    parts = [chunk.weights(model.weights) for chunk in chunks]
    offset = None
    if model.has_offset:
        offset = np.concatenate([chunk.offset for chunk in chunks])
    return LogitObjective(
        replace(model.frame, values=np.vstack([chunk.values for chunk in chunks])),
        np.concatenate([part.row_response for part in parts]),
        np.concatenate([np.broadcast_to(part.row_weight, (part.n_rows,)) for part in parts]),
        offset,
    )


def _start(model: Any, sample: LogitObjective | None, start_params: Any) -> Array:
    """The start as given, or the fit of the rows in memory where they have one."""
    k = model.frame.n_params
    if start_params is None:
        if sample is None or sample.scale <= 0.0:
            return np.zeros(k)
        start = start_values(sample)
        optimum = maximize(sample, start, max_iter=15)
        return optimum.params if optimum.converged else start
    start = np.asarray(start_params, dtype=np.float64)
    if start.shape != (k,):
        raise ValueError(
            f"start_params has shape {start.shape}; it needs one value for each of the {k} columns."
        )
    if not np.all(np.isfinite(start)):
        raise ValueError("start_params must be finite.")
    return np.asarray(model.frame.to_working(start))


def _suspicious(sample: LogitObjective | None, optimum: Optimum) -> bool:
    """Whether the fit may have run away: large predictors, and no proof of a finite optimum."""
    if not optimum.converged or sample is None:
        return True
    return optimum.farthest > FAR and not overlaps(sample, optimum.params)


def separation_message(model: Any, verdict: StreamedVerdict) -> str:
    """What diverges, where to, and what can be done."""
    result = SeparationResult.of(verdict, model.exog_names)  # type: ignore[arg-type]
    return (
        f"{result.sentence} A streamed fit has no penalty and no bias reduction: leave out these "
        "columns, merge sparse categories, or fit a part of the rows in memory with "
        "WeightedLogit, fit_bias_reduced() or fit_regularized."
    )


def streamed_verdict(model: Any) -> StreamedVerdict | None:
    """Whether the outcome of all rows is separated."""
    sums = RowSums(model.frame, model.weights)
    return streamed_separation(sums, model.runner(), model.sample)


@dataclass(frozen=True, slots=True, eq=False)
class ConstantRunner:
    """Runs sums with a constant as the only column."""

    runner: Runner

    def run(self, task: Task[Any], what: str) -> Any:
        """The sum over all chunks."""
        return self.runner.run(OfConstant(task), f"null model, {what}")


def streamed_null(model: Any) -> float:
    """Log-likelihood of the model without covariates, in the weights as given."""
    weights, constant = model.weights, model.k_constant > 0
    if not model.has_offset:
        if constant:
            return float(null_loglike(weights, None, constant=True))
        return float(-np.log(2.0) * weights.total)
    frame = ModelMatrix(np.ones((1, 1)), constant=0)
    runner = ConstantRunner(model.runner())
    objective = StreamedObjective(runner, frame, weights, np.ones(1))
    if not constant:
        return objective.value(np.zeros(1))
    sample, start = sample_objective(model), np.zeros(1)
    if sample is None or sample.scale <= 0.0:
        return maximize(objective, start, max_iter=200).value
    alone = LogitObjective(
        replace(frame, values=np.ones((len(sample.response), 1))),
        sample.response,
        sample.weight,
        sample.offset,
    )
    start = maximize(alone, start_values(alone)).params
    return maximize(objective, start, max_iter=200).value


def streamed_saturated(model: Any) -> float:
    """Log-likelihood of a model that predicts every case; not zero only for fractions."""
    if not model.weights.fractional:
        return 0.0
    task = SaturatedSums(model.frame, model.weights)
    return float(model.runner().run(task, "saturated model")[0])
