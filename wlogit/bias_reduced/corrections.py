"""One-step corrections of a maximum-likelihood estimate: the estimated bias."""

import numpy as np

from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.jeffreys import JeffreysPoint
from wlogit.core.objective import LogitObjective
from wlogit.core.products import rows_times, squared_lengths, times
from wlogit.core.scores import class_totals
from wlogit.covariance.base import ScoreParts
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.robust import Robust
from wlogit.covariance.source import CaseSource
from wlogit.weights.weights import Weights


def empirical(objective: LogitObjective, point: JeffreysPoint, weights: Weights) -> Array:
    """Estimated bias of any maximum pseudo-likelihood estimate, shape (k,), working coordinates.

    ``A^-1 {-sum of m v p q x (x' A^-1 u) - 1/2 sum of m v p q (1 - 2p) x (x' V x)}`` with u the
    score of a case, centered within class where the class weights are estimated, and V the HC0
    covariance of these scores.

    References
    ----------
    Kosmidis and Lunardon (2024), JRSS B 86, 62-89, equations 9 and 13.
    """
    matrix, offset = objective.matrix, objective.offset
    scheme = ClassScheme.default(weights)
    parts = ScoreParts.at(matrix, point.params, offset, weights, point.root, matrix.n_params)
    source = CaseSource(parts, scheme)
    totals = class_totals(matrix, parts.root, source) if scheme.centers else None
    inner = Robust("HC0", scheme)(parts).whitened * parts.unit

    def kernel(rows: slice) -> tuple[Array, ...]:
        h, product = times(matrix.block(rows), parts.root, parts.params)
        event, non_event = likelihood.probabilities(
            product if offset is None else product + offset[rows]
        )
        own = squared_lengths(h)
        half = 0.5 * (non_event - event) * np.einsum("ij,ij->i", h @ inner, h)
        terms = np.zeros(len(h))
        for cases in source(rows, product):
            along = cases.factor * own
            if totals is not None and cases.shares is not None:
                along -= np.einsum("ij,ji->i", h @ totals, cases.shares)
            terms += cases.multiplicity * cases.curvature * (along + half)
        return (rows_times(terms[np.newaxis], h)[0],)

    (sums,) = sum_over_blocks(kernel, matrix.shape[0], width=matrix.n_params)
    bias: Array = -(parts.root @ sums)
    return bias


def king_zeng(objective: LogitObjective, point: JeffreysPoint, event_weight: float) -> Array:
    """Estimated bias with events of weight c1 among weights of mean one, shape (k,).

    ``A^-1 sum of w p q xi x`` with ``xi = x' A^-1 x [(1 + c1) p - c1] / 2``.

    References
    ----------
    King and Zeng (2001), Political Analysis 9, 137-163, equation 10 (Zelig ``relogit``).
    """
    matrix, offset, weight = objective.matrix, objective.offset, objective.weight

    def kernel(rows: slice) -> tuple[Array, ...]:
        h, eta = times(matrix.block(rows), point.root, point.params)
        event, non_event = likelihood.probabilities(eta if offset is None else eta + offset[rows])
        curvature = event * non_event * (weight[rows] if weight.ndim else weight)
        xi = 0.5 * squared_lengths(h) * (event - event_weight * non_event)
        return (rows_times((curvature * xi)[np.newaxis], h)[0],)

    (sums,) = sum_over_blocks(kernel, matrix.shape[0], width=matrix.n_params)
    bias: Array = point.root @ sums
    return bias
