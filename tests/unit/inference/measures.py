"""Scores of a study, their measures and a jackknife of them."""

import numpy as np
from scipy.special import expit

from tests.unit.covariance.parts import weights_of
from wlogit.evaluation import Evaluation
from wlogit.inference.scored import CaseSampling, Scored

N = 80


def study(seed=0, n=N):
    rng = np.random.default_rng(seed)
    eta = np.round(rng.normal(-0.4, 1.2, n), 1)
    y = (rng.random(n) < expit(0.8 * eta + 0.2)).astype(int)
    return {
        "y": y,
        "eta": eta,
        "a": rng.lognormal(0.0, 0.6, n),
        "m": rng.integers(1, 4, n),
        "g": rng.integers(0, 15, n),
    }


def evaluation(data, *, groups=None, shift=0.0, **given):
    codes = () if groups is None else (np.unique(groups, return_inverse=True)[1],)
    prevalence = "mass" if "prevalence" in given else None
    weights = weights_of(data["y"], **given)
    sampling = CaseSampling(codes, prevalence)
    return Evaluation(Scored.of_rows(weights, data["eta"], shift, sampling))


GIVEN = {
    "none": lambda d: {},
    "frequency": lambda d: {"freq_weights": d["m"]},
    "sampling": lambda d: {"sampling_weights": d["a"]},
    "both": lambda d: {"freq_weights": d["m"], "sampling_weights": d["a"]},
    "prevalence": lambda d: {"prevalence": 0.1},
}


def jackknife(statistic, data, units):
    """Infinitesimal: derivatives by the weight of a unit, by differences of sampling weights."""
    step, squares = 1e-4, 0.0
    for unit in np.unique(units):
        moved = []
        for sign in (1.0, -1.0):
            factor = np.where(units == unit, 1.0 + sign * step, 1.0)
            moved.append(statistic({**data, "a": data["a"] * factor}))
        squares = squares + ((moved[0] - moved[1]) / (2.0 * step)) ** 2
    return np.sqrt(squares)
