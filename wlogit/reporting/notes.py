"""The sentences under a summary: one for each thing that could mislead."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from wlogit._typing import Array
from wlogit.covariance.base import Covariance
from wlogit.errors import NotAvailableError
from wlogit.inference.goodness import Fitted
from wlogit.inference.prediction import NOT_AT_POPULATION_SCALE, calibration_shift
from wlogit.reporting.simulated import few_cases_covered, few_clusters, few_units
from wlogit.weights.altered import most_precise_without
from wlogit.weights.weights import Weights

# Coefficients whose degrees of freedom are listed one by one.
MOST_DEGREES = 8


class FittedResults(Protocol):
    """What the notes read of a results object."""

    weights: Weights
    covariance: Covariance
    params: Array
    model: Any
    converged: bool
    fit_record: Any

    @property
    def has_free_constant(self) -> bool:
        """Whether class weights only move a free constant."""
        ...

    @property
    def llr_pvalue(self) -> float:
        """p-value of the test of all slopes."""
        ...

    @property
    def fittedvalues(self) -> Array:
        """Linear predictor of each row."""
        ...


def notes(fit: FittedResults) -> tuple[str, ...]:
    """All sentences that apply to a fit, the most important first."""
    groups = (
        trouble,
        selection,
        outcome,
        weight_kinds,
        covariance_in_use,
        intercept,
        _slopes,
        few_cases_covered,
        few_clusters,
        few_units,
        rows,
    )
    return sentences(fit, groups)


def notes_on_data(fit: FittedResults) -> tuple[str, ...]:
    """What applies to a fit without standard errors too: outcome, weights and rows."""
    return sentences(fit, (outcome, weight_kinds, rows))


def sentences(fit: Any, groups: Iterable[Callable[[Any], Iterable[str]]]) -> tuple[str, ...]:
    """The sentences of each group that apply to a fit, in this order."""
    return tuple(sentence for group in groups for sentence in group(fit))


def keep_notes(results: Any, notes: Callable[[Any], tuple[str, ...]]) -> tuple[str, ...]:
    """The sentences below a summary; said once, whatever becomes of the user's arrays."""
    if results.kept_notes is None:
        results.kept_notes = notes(results)
    kept: tuple[str, ...] = results.kept_notes
    return kept


def trouble(fit: FittedResults) -> Iterator[str]:
    """How the optimisation ended, unless it converged."""
    if fit.fit_record.message:
        message = fit.fit_record.message
        yield message[0].upper() + message[1:]


def selection(fit: FittedResults) -> Iterator[str]:
    """How the columns were selected, for the refit of a selection."""
    note = getattr(getattr(fit, "constraints", None), "note", None)
    if note:
        yield note


def outcome(fit: FittedResults) -> Iterator[str]:
    """What the event is, and the reference levels."""
    yield from outcome_kind(fit)
    yield from references(fit)


def outcome_kind(fit: FittedResults) -> Iterator[str]:
    """What the event is, unless it is 1 among 0 and 1."""
    kind = fit.model.outcome_kind
    if kind == "labels":
        return
    non_event, event = fit.weights.labels
    if fit.weights.fractional:
        yield "The outcome is a fraction: a quasi-likelihood, robust standard errors by default."
    elif kind == "counts":
        yield "The outcome is counts: every row holds its successes and failures as cases."
    elif (non_event, event) != (0, 1):
        yield f"The event is {event!r}; the other outcome is {non_event!r}."


def references(fit: FittedResults) -> Iterator[str]:
    """The levels that those of each factor are compared with."""
    levels = fit.model.reference_levels
    if levels:
        listed = ", ".join(f"{name} = {level}" for name, level in levels.items())
        yield f"Reference levels: {listed}."


def weight_kinds(fit: FittedResults) -> Iterator[str]:
    """What weights there are, and of what size."""
    weights = fit.weights
    if weights.has_frequency:
        rows = f"{weights.n_rows:,} rows"
        yield f"{weights.nobs:,.10g} cases in {rows} (frequency weights)."
    if weights.has_sampling:
        yield (
            "Sampling weights: with all weights together, the effective size (Kish, for a mean) "
            f"is {weights.effective_size:,.1f} of {weights.nobs:,.10g} cases."
        )
    listed = ", ".join(
        f"{label!r}: {weight:.6g}" for label, weight in weights.class_weights.items()
    )
    if weights.factors.source == "prevalence":
        yield (
            f"Weighted to a population with a share of events of {weights.factors.prevalence:.6g} "
            f"(weights {listed}); coefficients are at population scale."
        )
    elif weights.factors.source is not None:
        how = ' ("balanced")' if weights.factors.source == "balanced" else ""
        yield f"Class weights{how}: {listed}."


def covariance_in_use(fit: FittedResults) -> Iterator[str]:
    """What the standard errors are, and whether they hold under these weights."""
    covariance, weights = fit.covariance, fit.weights
    if covariance.name == "nonrobust":
        if not weights.likelihood:
            yield (
                "INVALID standard errors, p-values, LLR p-value, AIC and BIC: cov_type nonrobust "
                f"is {naive_hessian(weights)}. Use the default covariance."
            )
        return
    reason = ""
    if not weights.likelihood and not covariance.n_clusters:
        cause = "under these weights" if _weighed(weights) else "for fractions"
        reason = f"; {cause} the usual inverse Hessian is not a covariance"
    yield f"Covariance {covariance.name}: {covariance.description}{reason}."
    if not weights.likelihood and _has_llr_test(fit):
        yield (
            "AIC and BIC are the pseudo-likelihood forms; the LLR p-value is Rao and Scott's, "
            "by saddlepoint."
        )
    yield from in_small_samples(fit)


def in_small_samples(fit: Any) -> Iterator[str]:
    """What adds nothing to a robust variance, and degrees of freedom that differ."""
    covariance, name = fit.covariance, fit.model.rows.name
    if covariance.saturated_rows:
        row = name(covariance.saturated_rows[0])
        yield f"Row {row} has leverage one and adds nothing to the robust variance."
    if covariance.saturated_clusters:
        groups = getattr(getattr(fit, "request", None), "groups", None)
        cluster = fit.model.rows.cluster_name(groups, covariance.saturated_clusters[0])
        yield (
            f"A combination of the coefficients rests on one cluster alone ({cluster}), which adds "
            "nothing to its variance."
        )
    yield from degrees_of_freedom(fit)


def degrees_of_freedom(fit: Any) -> Iterator[str]:
    """Those of each coefficient, where they differ; that they are not used, if so."""
    covariance = fit.covariance
    if fit.request.use_t and not fit.use_t:
        yield "Tests and intervals are normal (use_t=False), as with many degrees of freedom."
    if covariance.df_each is not None and fit.use_t:
        fewest = ", the fewest of the groupings" if len(covariance.n_clusters) > 1 else ""
        yield f"Degrees of freedom (Satterthwaite{fewest}): {_degrees(fit)}."


def _degrees(fit: Any) -> str:
    """Those of every coefficient, or of many coefficients the fewest and the most."""
    names, degrees = list(map(str, fit.model.exog_names)), fit.covariance.df_each
    known = [j for j in np.argsort(degrees, kind="stable") if np.isfinite(degrees[j])]
    if len(names) > MOST_DEGREES and known:
        few, most = known[0], known[-1]
        return f"{degrees[few]:.1f} ({names[few]}) to {degrees[most]:.1f} ({names[most]})"
    return ", ".join(
        f"{name} {'none' if np.isnan(number) else f'{number:.1f}'}"
        for name, number in zip(names, degrees, strict=True)
        if not np.isinf(number)
    )


def naive_hessian(weights: Weights) -> str:
    """What the covariance "nonrobust" is of a pseudo-likelihood."""
    if not _weighed(weights):
        return "the inverse Hessian, which is not a covariance for fractions"
    return "the inverse weighted Hessian, which is not a covariance under these weights"


def _weighed(weights: Weights) -> bool:
    """Whether weights, not fractions alone, make a pseudo-likelihood."""
    return weights.kind not in ("none", "frequency")


def _has_llr_test(fit: FittedResults) -> bool:
    try:
        return bool(np.isfinite(fit.llr_pvalue))
    except NotAvailableError:
        return False


def intercept(fit: FittedResults, *, nonrobust_holds: bool = False) -> Iterator[str]:
    """How class weights moved the intercept; the calibrated one, with its error if that holds."""
    weights = fit.weights
    if not _moved(fit):
        return
    if not fit.has_free_constant:
        yield NOT_AT_POPULATION_SCALE.capitalize()
        return
    shift = calibration_shift(weights)
    moved = f"Class weights change the scale of the intercept by log(c1/c0) = {shift:.4g}"
    calibrated = calibrated_intercept(fit)
    if calibrated is None:
        yield f'{moved}; predict(which="calibrated") takes that out again.'
    else:
        holds = nonrobust_holds or fit.covariance.name != "nonrobust"
        shown = f" ({calibrated.error:.4g})" if holds else ""
        yield f"{moved}; calibrated intercept {calibrated.value:.4f}{shown}."
    if weights.cases:
        fitted = Fitted.build(weights, fit.fittedvalues, shift)
        yield (
            "Calibrated probabilities are on the scale of these data if the model is right: their "
            f"mean is {fitted.mean(fitted.probability):.4g}, the share of events "
            f"{fitted.mean(fitted.outcome):.4g}."
        )


def _slopes(fit: FittedResults) -> Iterator[str]:
    if not (_moved(fit) and fit.has_free_constant):
        return
    same = "If the model is right, the fit without class weights estimates the same slopes"
    if most_precise_without(fit.weights) and not fit.covariance.n_clusters:
        yield f"{same} with smaller standard errors; weighting_report() says by how much."
    else:
        yield f"{same}; weighting_report() compares the standard errors of both."


def _moved(fit: FittedResults) -> bool:
    """Whether class weights, not a prevalence, have moved the intercept."""
    factors = fit.weights.factors
    by_label = factors.source in ("balanced", "mapping")
    return by_label and fit.converged and factors.log_ratio != 0.0


@dataclass(frozen=True, slots=True)
class CalibratedIntercept:
    """The intercept without ``log(c1 / c0)``, its standard error, and that shift."""

    value: float
    error: float
    shift: float


def calibrated_intercept(fit: FittedResults) -> CalibratedIntercept | None:
    """The intercept at population scale; None where class weights moved no single one.

    Parameters
    ----------
    fit : WeightedLogitResults
    """
    where = fit.model.data.const_idx
    if where is None or not _moved(fit) or not fit.has_free_constant:
        return None
    shift = calibration_shift(fit.weights)
    per_unit = float(fit.model.constant_combination[where])
    error = calibrated_error(fit.covariance, where, per_unit)
    return CalibratedIntercept(float(fit.params[where] - shift * per_unit), error, shift)


def calibrated_error(covariance: Covariance, constant: int, per_unit: float = 1.0) -> float:
    """Standard error of the intercept minus ``log(c1 / c0)``.

    Parameters
    ----------
    covariance : Covariance
    constant : int
        Position of the intercept.
    per_unit : float
        One over the value of the constant column.
    """
    variance = covariance.matrix[constant, constant]
    if covariance.shift is not None:
        variance = variance + 2.0 * per_unit * covariance.shift[constant]
        variance = variance + per_unit**2 * covariance.shift[-1]
    return float(np.sqrt(variance))


def rows(fit: FittedResults) -> Iterator[str]:
    """Rows and columns left out."""
    if fit.weights.n_dropped:
        causes = ", ".join(f"{rows:,} {cause}" for cause, rows in fit.weights.n_dropped.items())
        total = sum(fit.weights.n_dropped.values())
        yield f"{total:,} rows left out for missing values ({causes})."
    for name, equal in fit.model.aliased.items():
        terms = " + ".join(f"{c:.4g} {other}" for other, c in equal.items()) or "0"
        yield f"{name} is left out: it equals {terms}."
    if hasattr(fit, "constraints") and not hasattr(fit.constraints, "note"):
        yield "Model has been estimated subject to linear equality constraints."
