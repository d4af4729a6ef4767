"""Covariance of a multinomial logit from refits under replicate weights, or in resamples.

As `covariance.replication` has it for two labels: the same replicates, variance and degrees of
freedom, with the estimates of all labels side by side.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np

from wlogit._typing import Array
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.label_parts import LabelScoreParts, label_sandwich
from wlogit.covariance.replicates import Refit, ReplicateEstimates
from wlogit.covariance.replication import Replicated
from wlogit.covariance.resampling import Strand
from wlogit.weights.columns import shorten
from wlogit.weights.multinomial import (
    LabelFactors,
    MultinomialWeights,
    factors_of_labels,
    reweighted_labels,
)

FURTHER = "a label has weight that has none in the full sample"


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What each replicate gives; NaN where there is no estimate.

    Attributes
    ----------
    coordinates : ndarray, shape (R, r)
        Of ``H' (b_r - b)``, H the root of the inverse information.
    log_ratios : ndarray, shape (R, q)
        Of the class weights to that of the first label.
    left_out : dict
        From the name of a replicate without an estimate to the reason.
    """

    coordinates: Array
    log_ratios: Array
    left_out: dict[str, str]


def label_spread(parts: LabelScoreParts, estimator: Replicated) -> Covariance:
    """Spread of the estimates of all labels over replicates.

    Parameters
    ----------
    parts : LabelScoreParts
    estimator : Replicated
        With the refit of these labels.

    Returns
    -------
    Covariance
        As of `label_covariance`; its ``replicates`` have one label after the other.
    """
    found = _refitted(parts, estimator, cast(Refit, estimator.refit))
    center = np.append(np.zeros(parts.root.shape[1]), -parts.weights.factors.log_ratios)
    values = np.column_stack([found.coordinates, -found.log_ratios])
    meat = estimator.spread(values, center)
    matrix, whitened, shift = label_sandwich(parts, meat, shift=estimator.scheme.shift_is_random)
    params = parts.to_user(parts.params) + found.coordinates @ parts.user_root.T
    estimates = ReplicateEstimates(params, found.left_out)
    df, description = estimator.reference(cast("ScoreParts", parts), estimates)
    return Covariance(
        matrix=matrix,
        whitened=whitened,
        name=estimator.name,
        description=description,
        df=df,
        shift=shift,
        replicates=estimates,
    )


def _refitted(parts: LabelScoreParts, estimator: Replicated, refit: Refit) -> _Found:
    count = estimator.source.n_replicates
    coordinates = np.full((count, parts.root.shape[1]), np.nan)
    log_ratios = np.full((count, parts.n_equations), np.nan)
    left_out: dict[str, str] = {}
    for r, weights in _weights_of_each(parts.weights, estimator):
        params = weights if isinstance(weights, str) else refit.run(weights)
        if isinstance(weights, str) or isinstance(params, str):
            left_out[estimator.source.name(r)] = str(params)
        else:
            step = params - refit.params
            coordinates[r] = np.linalg.lstsq(parts.root, step, rcond=None)[0]
            log_ratios[r] = weights.factors.log_ratios
        estimator.advance()
    return _Found(coordinates, log_ratios, left_out)


def _weights_of_each(
    weights: MultinomialWeights, estimator: Replicated
) -> Iterator[tuple[int, MultinomialWeights | str]]:
    """Number and weights of each replicate, or the reason why nothing is fitted with these."""
    # The last column has the rows whose label no case of the fit has: their code is -1.
    member = np.zeros((weights.n_rows, len(weights.labels) + 1))
    member[np.arange(weights.n_rows), weights.row_cases.codes] = 1.0
    anew = estimator.scheme.class_weights == "estimated"
    for which in estimator.chunks():
        (strand,) = estimator.source.strands(which)
        for r, masses in enumerate(strand.totals(member)):
            yield which.start + r, _weights_of(weights, strand, r, masses, anew=anew)


def _weights_of(
    weights: MultinomialWeights, strand: Strand, r: int, masses: Array, *, anew: bool
) -> MultinomialWeights | str:
    *of_labels, further = masses.tolist()
    for label, mass in zip(weights.labels, of_labels, strict=True):
        if mass <= 0.0:
            return f"the label {shorten(label)} is missing"
    if further > 0.0:
        return FURTHER
    factors: LabelFactors = weights.factors
    if anew:
        factors = factors_of_labels(weights, tuple(of_labels))
    return reweighted_labels(weights, *strand.in_replicate(r), factors)
