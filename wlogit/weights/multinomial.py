"""The weights of a fit with any number of labels, as two numbers for each case."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wlogit._typing import Array, IntArray
from wlogit.errors import OutcomeError, WeightError
from wlogit.weights.class_weight import label_factors
from wlogit.weights.columns import shorten
from wlogit.weights.labelled import LabelledOutcome
from wlogit.weights.resolve import (
    check_range,
    effective_size,
    frequencies,
    sampling_masses,
    total_weight,
)
from wlogit.weights.weights import ClassWeightSource, Totals, WeightFacts


@dataclass(frozen=True, slots=True)
class LabelFactors:
    """How much one case of each label counts, c_0 to c_{J-1}, and where that comes from."""

    values: tuple[float, ...]
    source: ClassWeightSource | None = None

    @property
    def estimated(self) -> bool:
        """Whether the factors were computed from the sample."""
        return self.source == "balanced"

    @property
    def log_ratios(self) -> Array:
        """``log(c_j / c_0)`` of the labels but the first, shape (J - 1,)."""
        logs = np.log(self.values)
        return np.asarray(logs[1:] - logs[0])


@dataclass(frozen=True, slots=True)
class LabelledCases:
    """Row i stands for ``multiplicity[i]`` cases with the label ``codes[i]``.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
        -1 in rows without weight whose label no case has.
    multiplicity : ndarray, shape (n,) or ()
        m, the number of such cases; whole numbers.
    sampling : ndarray, shape (n,) or ()
        a, the sampling weight of one case, else 1.
    importance : ndarray, shape (n,) or ()
        v = a c_y, how much one case counts.
    """

    codes: IntArray
    multiplicity: Array
    sampling: Array
    importance: Array

    @property
    def weight(self) -> Array:
        """Likelihood weight w = m v of a row's cases."""
        return np.asarray(self.multiplicity * self.importance)

    @property
    def codes_or_first(self) -> IntArray:
        """The codes, zero in rows whose label no case has."""
        return np.asarray(np.maximum(self.codes, 0))


@dataclass(frozen=True, slots=True)
class MultinomialWeights(WeightFacts):
    """The weights of a multinomial fit: multiplicity and importance of the cases of each row.

    Attributes
    ----------
    n_rows : int
        Rows of the design, whatever their weight.
    cases : tuple of LabelledCases
        One; none once the data are removed.
    factors : LabelFactors
        The class weights in force.
    labels : tuple
        The user's labels, of those that have weight.
    n_dropped : mapping
        Rows left out before the fit, by cause.
    """

    n_rows: int
    cases: tuple[LabelledCases, ...]
    factors: LabelFactors
    totals: Totals
    labels: tuple[Hashable, ...]
    has_frequency: bool
    has_sampling: bool
    n_dropped: Mapping[str, int]

    def without_cases(self) -> "MultinomialWeights":
        """The same facts without anything of the length of the data."""
        return replace(self, cases=())

    @property
    def fractional(self) -> bool:
        """False: every case has one label."""
        return False

    @property
    def row_cases(self) -> LabelledCases:
        """The cases of the rows."""
        self.require_cases()
        return self.cases[0]

    @property
    def row_weight(self) -> Array:
        """w, the likelihood weight of each row's cases; shape (n,) or ()."""
        return self.row_cases.weight

    @property
    def averaging_mass(self) -> Array:
        """Mass m a of each row, which every average weighs by; class weights never enter it."""
        cases = self.row_cases
        return np.broadcast_to(np.asarray(cases.multiplicity * cases.sampling), (self.n_rows,))


def resolve_label_weights(
    outcome: LabelledOutcome,
    *,
    class_weight: object = None,
    freq_weights: Array | None = None,
    sampling_weights: Array | None = None,
    row_labels: pd.Index | None = None,
    n_dropped: Mapping[str, int] | None = None,
) -> MultinomialWeights:
    """Check the weights of the rows that are fitted and work out the class weights.

    Parameters
    ----------
    outcome : LabelledOutcome
        Of the rows kept, none missing.
    class_weight : None, "balanced" or mapping
        A mapping needs a weight for every label that has weight, and may have one for the others.
    freq_weights, sampling_weights : ndarray, shape (n,), optional
        Of the rows kept.
    row_labels : Index, optional
        Labels of the rows kept, for messages; by default their positions.
    n_dropped : mapping, optional
        Rows left out, by cause.
    """
    frequency = frequencies(freq_weights, row_labels)
    sampling = sampling_masses(sampling_weights, row_labels)
    outcome, masses = _labels_with_weight(outcome, frequency, sampling, class_weight)
    class_weight = _of_labels(class_weight, outcome.labels)
    factors = LabelFactors((1.0,) * len(outcome.labels))
    if class_weight is not None:
        factors = LabelFactors(*label_factors(class_weight, outcome.labels, masses))
    cases = _cases(outcome.codes, frequency, sampling, factors)
    return MultinomialWeights(
        n_rows=len(outcome.codes),
        cases=(cases,),
        factors=factors,
        totals=_totals(cases, masses),
        labels=outcome.labels,
        has_frequency=freq_weights is not None,
        has_sampling=sampling_weights is not None,
        n_dropped=dict(n_dropped or {}),
    )


def reweighted_labels(
    weights: MultinomialWeights, multiplicity: Array, sampling: Array, factors: LabelFactors
) -> MultinomialWeights:
    """The same cases in other numbers, or with other sampling weights.

    Parameters
    ----------
    weights : MultinomialWeights
    multiplicity, sampling : ndarray, shape (n,) or ()
        m and a of the cases; every label must keep weight.
    factors : LabelFactors
    """
    cases = _cases(weights.row_cases.codes, multiplicity, sampling, factors)
    mass = np.broadcast_to(np.asarray(multiplicity * sampling), cases.codes.shape)
    masses = np.bincount(cases.codes_or_first, mass, minlength=len(weights.labels))
    totals = _totals(cases, tuple(masses.tolist()))
    return replace(weights, cases=(cases,), factors=factors, totals=totals)


def factors_of_labels(weights: MultinomialWeights, masses: tuple[float, ...]) -> LabelFactors:
    """Class weights computed as those of a fit were, from other masses W_0 to W_{J-1}."""
    if not weights.factors.estimated:
        return weights.factors
    return LabelFactors(*label_factors("balanced", weights.labels, masses))


def _cases(
    codes: IntArray, multiplicity: Array, sampling: Array, factors: LabelFactors
) -> LabelledCases:
    importance = sampling
    if any(value != 1.0 for value in factors.values):
        importance = np.asarray(sampling * np.array([*factors.values, 1.0])[codes])
    return LabelledCases(codes, multiplicity, sampling, importance)


def _labels_with_weight(
    outcome: LabelledOutcome, frequency: Array, sampling: Array, class_weight: object
) -> tuple[LabelledOutcome, tuple[float, ...]]:
    """The outcome in labels that have weight, and the mass of each."""
    mass = np.broadcast_to(np.asarray(frequency * sampling), outcome.codes.shape)
    with np.errstate(over="ignore"):  # an infinite sum is refused
        masses = np.bincount(outcome.codes, mass, minlength=len(outcome.labels))
    check_range(float(masses.sum()))
    if not masses.any():
        raise WeightError("no row has a positive weight: in every row a weight is zero.")
    if isinstance(class_weight, Mapping):
        _reject_unknown_keys(class_weight, outcome.labels)
    present = np.flatnonzero(masses)
    labels = tuple(outcome.labels[k] for k in present)
    if len(labels) < 2:
        raise OutcomeError(
            f"{outcome.called} has only the label {shorten(labels[0])} among the rows that count: "
            "every row of the others has weight zero. A logit needs at least two labels."
        )
    position = np.full(len(outcome.labels), -1, dtype=np.intp)
    position[present] = np.arange(len(present))
    return (
        LabelledOutcome(position[outcome.codes], labels, outcome.name),
        tuple(masses[present].tolist()),
    )


def _reject_unknown_keys(weights: Mapping[object, object], labels: tuple[Hashable, ...]) -> None:
    """Refuse a key that is no label, before labels without weight are left out."""
    known = {key: weights[key] for key in weights}
    label_factors({**dict.fromkeys(labels, 1.0), **known}, labels, (1.0,) * len(labels))


def _of_labels(class_weight: object, labels: tuple[Hashable, ...]) -> object:
    if not isinstance(class_weight, Mapping):
        return class_weight
    return {label: class_weight[label] for label in labels if label in class_weight}


def _totals(cases: LabelledCases, masses: tuple[float, ...]) -> Totals:
    n_rows, sizes = len(cases.codes), len(masses)
    weight = total_weight(n_rows, (cases,))
    counted = np.broadcast_to(
        np.asarray(cases.multiplicity * (cases.sampling > 0.0)), (n_rows,)
    ).astype(np.float64)
    by_label = np.bincount(cases.codes_or_first, counted, minlength=sizes)
    return Totals(
        nobs=float(counted.sum()),
        weight=weight,
        effective_size=effective_size(n_rows, (cases,)),
        class_sizes=tuple(by_label.tolist()),
        class_masses=masses,
    )
