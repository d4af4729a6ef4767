"""The weights of some of the rows: the others stand for no case, and keep their place."""

from collections.abc import Sequence

import numpy as np

from wlogit._typing import Array, BoolArray
from wlogit.weights.class_weight import class_factors
from wlogit.weights.resolve import totals_of_cases
from wlogit.weights.weights import Cases, ClassFactors, Weights


def weights_of_rows(
    weights: Weights, rows: BoolArray, factors: ClassFactors | None = None
) -> Weights:
    """Weights under which only some rows count.

    Parameters
    ----------
    weights : Weights
    rows : ndarray of bool, shape (n,)
        Rows that count; both classes must be among them.
    factors : ClassFactors, optional
        Class weights to use. By default those of `weights`, computed anew from the rows that count
        if they are computed from the sample ("balanced", prevalence).

    Returns
    -------
    Weights
        Of all n rows, those that do not count with multiplicity zero.
    """
    counted = tuple(np.asarray(np.where(rows, sort.multiplicity, 0.0)) for sort in weights.cases)
    return reweighted(weights, counted, tuple(sort.sampling for sort in weights.cases), factors)


def reweighted(
    weights: Weights,
    multiplicity: Sequence[Array],
    sampling: Sequence[Array],
    factors: ClassFactors | None = None,
) -> Weights:
    """The same cases in other numbers, or with other sampling weights.

    Parameters
    ----------
    weights : Weights
    multiplicity, sampling : sequence of ndarray, shape (n,) or ()
        m and a of each sort of case; both classes must keep weight.
    factors : ClassFactors, optional
        As in `weights_of_rows`.
    """
    outcomes = [sort.outcome for sort in weights.cases]
    sorts = list(zip(outcomes, multiplicity, sampling, strict=True))
    masses = _masses(sorts)
    factors = factors or factors_anew(weights, masses)
    cases = tuple(Cases.build(*sort, factors) for sort in sorts)
    return Weights(
        n_rows=weights.n_rows,
        cases=cases,
        factors=factors,
        totals=totals_of_cases(weights.n_rows, cases, masses),
        labels=weights.labels,
        has_frequency=weights.has_frequency,
        has_sampling=weights.has_sampling,
        fractional=weights.fractional,
        shares=weights.shares,
        n_dropped=weights.n_dropped,
    )


def _masses(sorts: list[tuple[Array, Array, Array]]) -> tuple[float, float]:
    """(W_0, W_1), the sums of m a by class."""
    rest = sum(float(np.sum(m * a * (1.0 - y))) for y, m, a in sorts)
    events = sum(float(np.sum(m * a * y)) for y, m, a in sorts)
    return rest, events


def factors_anew(weights: Weights, masses: tuple[float, ...]) -> ClassFactors:
    """Class weights computed as those of a fit were, from other masses (W_0, W_1)."""
    known = weights.factors
    if known.source == "balanced":
        return class_factors("balanced", None, weights.labels, masses)
    if known.source == "prevalence":
        return class_factors(None, known.prevalence, weights.labels, masses)
    return known
