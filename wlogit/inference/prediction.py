"""The scales of a prediction: class-weighted, linear, calibrated, and moved to a prevalence."""

import numpy as np
from scipy.special import logit

from wlogit.weights.weights import Weights

NOT_AT_POPULATION_SCALE = (
    "without a free constant, class weights change the slopes too, so that calibrated predictions, "
    "which only take log(c1/c0) out, are not at population scale: add a constant, or fit without "
    "class weights."
)


def calibration_shift(weights: Weights) -> float:
    """What the class weights add to the linear predictor: ``log(c1 / c0)``.

    Zero without class weights, and under ``prevalence``, whose weights are sampling weights: that
    fit is at population scale already.

    References
    ----------
    King and Zeng (2001), Political Analysis 9, 137-163, equation 7.
    """
    return weights.factors.log_ratio if weights.factors.source in ("balanced", "mapping") else 0.0


def prevalence_shift(weights: Weights, prevalence: float) -> float:
    """What has to be added to the calibrated linear predictor to move it to a prevalence.

    ``logit(tau) - logit(s)``, with s the share of events in the sample (by sampling weight), or
    the model's own prevalence.

    Raises
    ------
    ValueError
        When the prevalence is not between 0 and 1.
    """
    if not 0.0 < prevalence < 1.0:
        raise ValueError(f"prevalence={prevalence!r} must lie between 0 and 1.")
    source = weights.factors.prevalence
    if source is None:
        w0, w1 = weights.totals.class_masses
        return float(logit(prevalence) - (np.log(w1) - np.log(w0)))
    return float(logit(prevalence) - logit(source))
