"""What weights cost and whether they matter: sizes by class, heaviest rows, two fits compared."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from wlogit._typing import Array, IntArray
from wlogit.inference.hypotheses import TestResult
from wlogit.weights.weights import Weights

# Below this part of the variances of two estimates, that of their difference is rounding error.
_NEGLIGIBLE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class ClassSizes:
    """What the weights make of the two classes; arrays of non-events, then events.

    Attributes
    ----------
    cases : ndarray, shape (2,)
        N_k, the number of cases.
    share : ndarray, shape (2,)
        Share of the class in the sum of all weights.
    effective : ndarray, shape (2,)
        Equally weighted cases that would carry the information of the class; class weights
        do not enter.
    """

    cases: Array
    share: Array
    effective: Array


def class_sizes(weights: Weights) -> ClassSizes:
    """Number, share and effective number of the cases of each class.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7.
    """
    sums = np.zeros((2, 2))
    largest = max(float(np.max(sort.sampling)) for sort in weights.cases)
    for sort in weights.cases:
        relative = sort.sampling / largest
        for k, y in enumerate((1.0 - sort.outcome, sort.outcome)):
            mass = np.broadcast_to(sort.multiplicity * relative * y, (weights.n_rows,))
            sums[k] += mass.sum(), float(np.sum(mass * relative))
    counted = np.array([weights.factors.non_event, weights.factors.event])
    counted = counted / counted.max() * sums[:, 0]
    return ClassSizes(
        cases=np.array(weights.totals.class_sizes),
        share=counted / counted.sum(),
        effective=sums[:, 0] ** 2 / sums[:, 1],
    )


def heaviest_rows(weights: Weights, number: int) -> tuple[IntArray, Array]:
    """Positions of the rows that weigh most, and their shares of all weight, falling."""
    weight = np.broadcast_to(weights.row_weight, (weights.n_rows,))
    top = np.argsort(-weight, kind="stable")[:number]
    return top, np.asarray(weight[top] / weights.total)


def difference_test(
    difference: Array, covariance: Array, distinguishable: Array, unit: Array
) -> TestResult:
    """Chi-square test that two estimates of the same coefficients agree.

    Parameters
    ----------
    difference : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
        Of the difference.
    distinguishable : ndarray, shape (q, q)
        Covariance of the difference without small-sample factors, which differ between the fits
        even where the estimates cannot. Directions in which it is below 1e-10 of the variances of
        the estimates are left out.
    unit : ndarray, shape (q,)
        Root of the sum of the variances of the two estimates.

    Returns
    -------
    TestResult
        On as many degrees of freedom as directions are left; p = NaN where there is none.

    References
    ----------
    Hausman (1978), Econometrica 46, 1251-1271.
    """
    method = "difference of weighted and unweighted slopes"
    nothing = TestResult(0.0, 0.0, np.inf, np.nan, np.zeros(0), method)
    if not len(difference):
        return nothing
    inverse = 1.0 / unit
    scaled = distinguishable * inverse * inverse[:, np.newaxis]
    values, vectors = np.linalg.eigh((scaled + scaled.T) / 2.0)
    vectors = vectors[:, values > _NEGLIGIBLE]
    rank = vectors.shape[1]
    if rank == 0:
        return nothing
    along = vectors.T @ (difference * inverse)
    spread = vectors.T @ (covariance * inverse * inverse[:, np.newaxis]) @ vectors
    statistic = float(along @ np.linalg.solve(spread, along))
    pvalue = float(stats.chi2.sf(statistic, rank))
    return TestResult(statistic, float(rank), np.inf, pvalue, np.ones(rank), method)
