"""Average effects and calibrated probabilities over repeated samples, against known truth."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tests.simulation.design import QUANTILE, Draw
from wlogit import WeightedLogit

POINT = np.array([[1.0, 0.5, -1.0]])
NAMES = ("delta", "unconditional", "probability", "weighted")


@dataclass(frozen=True)
class Found:
    """What repeated samples gave of one estimate.

    Attributes
    ----------
    coverage : float
        Share of the 95 % intervals that hold the truth.
    mean : float
        Of the estimates.
    truth : float
        Its mean over the samples.
    error : float
        Monte Carlo error of `mean` less `truth`.
    """

    coverage: float
    mean: float
    truth: float
    error: float


def population_effect(truth: np.ndarray) -> float:
    """``E p q b_1`` over independent standard normal covariates."""
    nodes, mass = np.polynomial.hermite_e.hermegauss(80)
    p = expit(truth[0] + np.linalg.norm(truth[1:]) * nodes)
    return float(truth[1] * np.average(p * (1.0 - p), weights=mass))


def estimated(draw: Draw, *, seed: int, repetitions: int) -> dict[str, Found]:
    """The effect of the first covariate, and the probability at a point.

    Intervals by the delta method are for the covariates at hand, the unconditional ones for the
    population they come from; "weighted" is the effect with the class weights left in.
    """
    rng = np.random.default_rng(seed)
    rows = [_one(draw, rng) for _ in range(repetitions)]
    found = {}
    for name, (value, error, truth) in zip(NAMES, np.transpose(rows, (1, 2, 0)), strict=True):
        off = value - truth
        held = np.abs(off) <= QUANTILE * error
        spread = float(off.std() / np.sqrt(repetitions))
        found[name] = Found(float(held.mean()), float(value.mean()), float(truth.mean()), spread)
    return found


def _one(draw: Draw, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    sample = draw(rng)
    results = WeightedLogit(sample.y, sample.X, **sample.options).fit(disp=False)
    if sample.covariance:
        results = results.with_covariance(**sample.covariance)
    of_all = population_effect(sample.truth)
    p = expit(sample.X @ sample.truth)
    mass = np.sum([np.broadcast_to(m, len(p)) for m in results.weights.averaging_mass], axis=0)
    of_these = float(sample.truth[1] * np.average(p * (1.0 - p), weights=mass))
    delta = results.get_margeff()
    unconditional = results.get_margeff(vce="unconditional")
    weighted = results.get_margeff(scale="weighted")
    rows = [
        (margins.margeff[0], margins.margeff_se[0], truth)
        for margins, truth in ((delta, of_these), (unconditional, of_all))
    ]
    predicted = results.get_prediction(POINT, which="calibrated").summary_frame().iloc[0]
    eta = np.log(predicted["predicted"] / (1.0 - predicted["predicted"]))
    # The interval is formed for the linear predictor: its half-width there is the error.
    slope = predicted["predicted"] * (1.0 - predicted["predicted"])
    rows.append((eta, predicted["se"] / slope, (POINT @ sample.truth)[0]))
    rows.append((weighted.margeff[0], weighted.margeff_se[0], of_these))
    return rows
