"""From the weights a user gives to what each row stands for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit.core.blas import one_blas_thread
from wlogit.errors import OutcomeError, WeightError
from wlogit.weights.class_weight import class_factors
from wlogit.weights.columns import not_whole, row_name, shorten
from wlogit.weights.outcome import Outcome
from wlogit.weights.weights import Cases, ClassFactors, Totals, Weights, is_binary

_ONE = np.ones(())
_ZERO = np.zeros(())
# Exponents of two up to which squares of weights, and sums of these, stay in the range of float64.
_USUAL = 300


class WeightedCases(Protocol):
    """Cases with what each counts."""

    @property
    def multiplicity(self) -> Array:
        """m."""
        ...

    @property
    def sampling(self) -> Array:
        """a."""
        ...

    @property
    def importance(self) -> Array:
        """v."""
        ...


def resolve_weights(
    outcome: Outcome,
    *,
    class_weight: object = None,
    freq_weights: Array | None = None,
    sampling_weights: Array | None = None,
    prevalence: object = None,
    row_labels: pd.Index | None = None,
    n_dropped: Mapping[str, int] | None = None,
) -> Weights:
    """Check the weights of the rows that are fitted and work out the class weights.

    Parameters
    ----------
    outcome : Outcome
        Of the rows kept, none missing.
    freq_weights, sampling_weights : ndarray, shape (n,), optional
        Of the rows kept, as `align_column` returns them.
    row_labels : Index, optional
        Labels of the rows kept, for messages; by default their positions.
    n_dropped : mapping, optional
        Rows left out, by cause.
    """
    frequency = frequencies(freq_weights, row_labels)
    sampling = sampling_masses(sampling_weights, row_labels)
    masses = class_masses(outcome, frequency, sampling)
    check_two_classes(outcome, masses)
    factors = class_factors(class_weight, prevalence, outcome.labels, masses)
    return replace(
        _weights(outcome, frequency, sampling, factors, masses),
        has_frequency=freq_weights is not None,
        has_sampling=sampling_weights is not None,
        n_dropped=dict(n_dropped or {}),
    )


def weights_of_judged(
    outcome: Outcome,
    freq_weights: Array | None,
    sampling_weights: Array | None,
    row_labels: pd.Index | None,
) -> Weights:
    """Weights of cases that no logit is fitted to, of which one class is enough.

    Parameters
    ----------
    outcome, freq_weights, sampling_weights, row_labels
        As for `resolve_weights`.
    """
    frequency = frequencies(freq_weights, row_labels)
    sampling = sampling_masses(sampling_weights, row_labels)
    masses = class_masses(outcome, frequency, sampling)
    return replace(
        _weights(outcome, frequency, sampling, ClassFactors(), masses),
        has_frequency=freq_weights is not None,
        has_sampling=sampling_weights is not None,
    )


def _weights(
    outcome: Outcome,
    frequency: Array,
    sampling: Array,
    factors: ClassFactors,
    masses: tuple[float, ...],
) -> Weights:
    with np.errstate(over="ignore"):  # an infinite sum is refused
        cases = sorts_of_cases(outcome, frequency, sampling, factors)
    counted = (
        frequency if sampling.min(initial=1.0) > 0.0 else np.asarray(frequency * (sampling > 0.0))
    )
    return Weights(
        n_rows=len(outcome.values),
        cases=cases,
        factors=factors,
        totals=_totals(outcome, counted, cases, masses),
        labels=outcome.labels,
        has_frequency=False,
        has_sampling=False,
        fractional=_is_fractional(outcome, counted),
        shares=outcome.values,
        n_dropped={},
    )


def class_masses(outcome: Outcome, frequency: Array, sampling: Array) -> tuple[float, float]:
    """(W_0, W_1), the sums of m a by class; at least one of them positive."""
    with np.errstate(over="ignore"):  # an infinite sum is refused
        counted = not frequency.ndim and frequency == 1.0
        masses = _by_class(outcome, sampling if counted else np.asarray(frequency * sampling))
    check_masses(masses)
    return masses


def check_masses(masses: tuple[float, float]) -> None:
    """Refuse classes that are both without weight, or whose weight overflows."""
    check_range(masses[0] + masses[1])
    if masses == (0.0, 0.0):
        raise WeightError(
            "no row has a positive weight: in every row a weight, or the counts, are zero."
        )


def check_two_classes(outcome: Outcome, masses: tuple[float, ...]) -> None:
    """Refuse an outcome of which only one class has weight."""
    if min(masses) > 0.0:
        return
    absent = masses.index(0.0)
    label, other = (shorten(outcome.labels[k]) for k in (1 - absent, absent))
    occurs = np.any((outcome.successes if absent == 1 else outcome.failures) > 0.0)
    cause = f"every row with {other} has weight zero" if occurs else f"no row has {other}"
    raise OutcomeError(
        f"{outcome.called} has only the class {label} among the rows that count: {cause}. "
        "A logit needs both classes."
    )


def frequencies(weights: Array | None, row_labels: pd.Index | None) -> Array:
    """m of each row; ones as a scalar."""
    if weights is None:
        return _ONE
    check_weights(weights, "freq_weights", row_labels)
    return whole_numbers(weights, row_labels)


def whole_numbers(weights: Array, row_labels: pd.Index | None) -> Array:
    """Frequency weights without what rounding has left; refused, by row, if not whole."""
    wrong = not_whole(weights)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise WeightError(
            f"freq_weights must be whole numbers; row {row_name(row_labels, row)} has "
            f"{weights[row]:g}. For inverse-probability weights use sampling_weights=."
        )
    return shared(np.rint(weights))


def sampling_masses(weights: Array | None, row_labels: pd.Index | None) -> Array:
    """a of each row; ones as a scalar."""
    if weights is None:
        return _ONE
    check_weights(weights, "sampling_weights", row_labels)
    return shared(weights)


def check_weights(weights: Array, role: str, row_labels: pd.Index | None) -> None:
    """Refuse missing, infinite and negative weights, by row, and weights that are all zero."""
    check_each_weight(weights, role, row_labels)
    if not np.any(weights > 0.0):
        raise WeightError(f"{role} are all zero; some row must count.")


def check_each_weight(weights: Array, role: str, row_labels: pd.Index | None) -> None:
    """Refuse missing, infinite and negative weights, by row."""
    if weights.min(initial=0.0) >= 0.0 and weights.max(initial=0.0) < np.inf:
        return
    for wrong, problem in (
        (np.isnan(weights), "is missing; give the row a weight, or leave it out"),
        (np.isinf(weights), "is infinite; weights must be finite"),
        (weights < 0.0, "is {:g}; weights must not be negative"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            count = int(wrong.sum())
            more = f" ({count} rows in all)" if count > 1 else ""
            raise WeightError(
                f"{role} in row {row_name(row_labels, row)} {problem.format(weights[row])}{more}."
            )


def shared(weights: Array) -> Array:
    """Ones as a scalar."""
    return _ONE if weights.max(initial=1.0) == 1.0 and np.all(weights == 1.0) else weights


def sorts_of_cases(
    outcome: Outcome, frequency: Array, sampling: Array, factors: ClassFactors
) -> tuple[Cases, ...]:
    """One sort of case for each row, or the events and the non-events of rows of counts."""
    if outcome.kind != "counts":
        return (Cases.build(outcome.values, frequency, sampling, factors),)
    events = Cases.build(_ONE, frequency * outcome.successes, sampling, factors)
    non_events = Cases.build(_ZERO, frequency * outcome.failures, sampling, factors)
    return (events, non_events)


def _totals(
    outcome: Outcome, counted: Array, cases: tuple[Cases, ...], masses: tuple[float, ...]
) -> Totals:
    n_rows = len(outcome.values)
    weight = total_weight(n_rows, cases)
    return Totals(
        nobs=total_over_rows(n_rows, counted, outcome.trials),
        weight=weight,
        effective_size=effective_size(n_rows, cases),
        class_sizes=_by_class(outcome, counted),
        class_masses=masses,
    )


def total_weight(n_rows: int, cases: Sequence[WeightedCases]) -> float:
    """Sum of m v; refused where it overflows, or where a class weight makes some v vanish."""
    with np.errstate(over="ignore"):
        weight = sum(total_over_rows(n_rows, sort.multiplicity, sort.importance) for sort in cases)
    check_range(weight)
    if any(_vanishes(sort) for sort in cases):
        raise WeightError(
            "the class weights make some sampling_weights too small for floating point; multiply "
            "one of them by a constant."
        )
    return weight


def _vanishes(sort: WeightedCases) -> bool:
    """Whether the class weight of some case with a sampling weight leaves nothing of it."""
    if sort.importance.min(initial=1.0) > 0.0:
        return False
    return bool(np.any((sort.sampling > 0.0) & (sort.importance == 0.0)))


def totals_of_cases(n_rows: int, cases: tuple[Cases, ...], masses: tuple[float, ...]) -> Totals:
    """Sums over cases whose weights were checked before; `masses` are (W_0, W_1)."""
    counted = [(c.outcome, np.asarray(c.multiplicity * (c.sampling > 0.0))) for c in cases]
    return Totals(
        nobs=sum(total_over_rows(n_rows, m) for _, m in counted),
        weight=sum(total_over_rows(n_rows, c.multiplicity, c.importance) for c in cases),
        effective_size=effective_size(n_rows, cases),
        class_sizes=(
            sum(total_over_rows(n_rows, m, np.asarray(1.0 - y)) for y, m in counted),
            sum(total_over_rows(n_rows, m, y) for y, m in counted),
        ),
        class_masses=masses,
    )


def effective_size(n_rows: int, cases: Sequence[WeightedCases]) -> float:
    """Kish size, (sum of m v) squared over the sum of m v squared."""
    counted = [
        np.where(sort.multiplicity > 0.0, sort.importance, 0.0)
        if sort.multiplicity.ndim
        else sort.importance
        for sort in cases
    ]
    # Relative to a power of two, or the squares of weights near 1e-300 or 1e300 are lost.
    exponent = int(np.frexp(max(v.max() for v in counted))[1])
    linear = squared = 0.0
    for sort, importance in zip(cases, counted, strict=True):
        relative = importance if abs(exponent) < _USUAL else np.ldexp(importance, -exponent)
        linear += total_over_rows(n_rows, sort.multiplicity, relative)
        squared += total_over_rows(n_rows, sort.multiplicity, relative, relative)
    return linear * (linear / squared)


def _by_class(outcome: Outcome, mass: Array) -> tuple[float, float]:
    if outcome.kind == "counts" or mass.ndim:
        rows = len(outcome.values)
        return (
            total_over_rows(rows, mass, outcome.failures),
            total_over_rows(rows, mass, outcome.successes),
        )
    events = float(outcome.values.sum())
    return float(mass) * (len(outcome.values) - events), float(mass) * events


def total_over_rows(n_rows: int, *factors: Array) -> float:
    """Sum over rows of a product of arrays of shape (n_rows,) or ()."""
    constant = math.prod(float(factor) for factor in factors if not factor.ndim)
    arrays = [factor for factor in factors if factor.ndim]
    if not arrays:
        return constant * n_rows
    if len(arrays) == 1:
        return constant * float(arrays[0].sum())
    # Threads of BLAS go on spinning beside what follows.
    with one_blas_thread():
        return constant * float(math.prod(arrays[1:-1], start=arrays[0]) @ arrays[-1])


def check_range(total: float) -> None:
    """Refuse weights whose sum overflows."""
    if not np.isfinite(total):
        raise WeightError(
            "the weights sum to more than floating point can hold (1.8e308); divide them by a "
            "constant, as only their ratios matter."
        )


def _is_fractional(outcome: Outcome, counted: Array) -> bool:
    if outcome.kind != "fraction":
        return False
    return not is_binary(outcome.values if counted.ndim == 0 else outcome.values[counted > 0.0])
