"""What weights cost and whether they matter: sizes by class, heaviest rows, two fits compared."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.inference.hypotheses import TestResult, wald_test
from wlogit.weights.weights import Weights

# Below this part of the variances of two estimates, that of their difference is rounding error.
_NEGLIGIBLE = 1e-10
_METHOD = "difference of weighted and unweighted slopes"


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


Reference = Callable[[Array], tuple[float, float]]


def difference_test(
    difference: Array,
    covariance: Array,
    distinguishable: Array,
    unit: Array,
    reference: Reference,
) -> TestResult:
    """Wald test that two estimates of the same coefficients agree, chi-square or F.

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
    reference : callable
        Of the combinations that are tested, shape (r, q): what the statistic over r is multiplied
        by to be F, and the degrees of freedom of its denominator; infinite for chi-square.

    Returns
    -------
    TestResult
        On as many degrees of freedom as directions are left; p = NaN where there is none, or where
        the reference is not defined.

    References
    ----------
    Hausman (1978), Econometrica 46, 1251-1271.
    """
    if not len(difference):
        return _untested(0.0, 0.0)
    inverse = 1.0 / unit
    values, vectors = np.linalg.eigh(_symmetric(distinguishable, inverse))
    vectors = vectors[:, values > _NEGLIGIBLE]
    if vectors.shape[1] == 0:
        return _untested(0.0, 0.0)
    directions = vectors.T * inverse
    found = wald_test(
        directions @ difference, directions @ covariance @ directions.T, reference(directions)
    )
    return replace(found, method=_METHOD)


def untestable(q: int) -> TestResult:
    """The test of q slopes whose covariance has too few degrees of freedom."""
    return _untested(np.nan, float(q))


def singular(covariance: Array) -> bool:
    """Whether some combination of estimates has no variance, up to rounding."""
    if not len(covariance):
        return False
    inverse = 1.0 / np.sqrt(np.diag(covariance))
    return bool(np.linalg.eigvalsh(_symmetric(covariance, inverse))[0] <= _NEGLIGIBLE)


def _symmetric(matrix: Array, scale: Array) -> Array:
    scaled = matrix * scale * scale[:, np.newaxis]
    return np.asarray((scaled + scaled.T) / 2.0)


def _untested(statistic: float, df: float) -> TestResult:
    return TestResult(statistic, df, np.inf, np.nan, np.zeros(int(df)), _METHOD)
