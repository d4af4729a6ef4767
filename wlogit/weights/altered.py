"""The same cases under other weights, for fits that a fit is compared with."""

from dataclasses import replace

import numpy as np

from wlogit._typing import Array
from wlogit.weights.resolve import totals_of_cases
from wlogit.weights.weights import Cases, ClassFactors, Weights

_ONE = np.ones(())


def with_factors(weights: Weights, factors: ClassFactors) -> Weights:
    """Other class weights, or none, beside the same frequency and sampling weights."""
    cases = tuple(
        Cases.build(sort.outcome, sort.multiplicity, sort.sampling, factors)
        for sort in weights.cases
    )
    totals = totals_of_cases(weights.n_rows, cases, weights.totals.class_masses)
    return replace(weights, cases=cases, factors=factors, totals=totals)


def without_sampling(weights: Weights) -> Weights:
    """Cases of a positive sampling weight count alike; the others stay absent."""
    cases = tuple(
        Cases.build(sort.outcome, sort.multiplicity, _present(sort.sampling), weights.factors)
        for sort in weights.cases
    )
    totals = totals_of_cases(weights.n_rows, cases, weights.totals.class_sizes)
    return replace(weights, cases=cases, totals=totals, has_sampling=False)


def without_weights(weights: Weights) -> Weights | None:
    """The weights that a weighted fit is judged by, or None where nothing is left to take out.

    Class weights and a prevalence go and sampling weights stay; sampling weights go where they
    are alone. Frequency weights are the data, and stay.
    """
    if weights.factors.source is not None:
        return with_factors(weights, ClassFactors())
    return without_sampling(weights) if weights.has_sampling else None


def most_precise_without(weights: Weights) -> bool:
    """Whether the fit without the class weights or the prevalence is the efficient one.

    It is the maximum likelihood fit of a right model then, so that its slopes vary least. Sampling
    weights, which stay, and fractional outcomes make it one in weights as well.
    """
    alone = not (weights.has_sampling or weights.fractional)
    return weights.factors.source is not None and alone


def _present(sampling: Array) -> Array:
    return _ONE if np.all(sampling > 0.0) else np.asarray(sampling > 0.0, dtype=np.float64)
