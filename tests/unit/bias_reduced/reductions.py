"""Data for bias-reduced fits, and the penalised likelihood by hand."""

import numpy as np
import pandas as pd
from scipy.special import expit

from wlogit.formula.api import weighted_logit

N = 70
RNG = np.random.default_rng(8)
DATA = pd.DataFrame(
    {
        "x": RNG.normal(size=N),
        "z": RNG.normal(size=N),
        "g": RNG.choice(["a", "b", "c"], N),
        "w": RNG.integers(1, 4, N),
        "a": RNG.lognormal(size=N),
        "o": RNG.normal(scale=0.3, size=N),
        "cluster": np.arange(N) % 14,
    },
    index=[f"r{i}" for i in range(N)],
)
DATA["y"] = (RNG.random(N) < expit(-0.9 + 0.8 * DATA["x"] - 0.4 * DATA["z"])).astype(int)
X = np.column_stack([np.ones(N), DATA["x"], DATA["z"]])
Y = DATA["y"].to_numpy(float)
MOVED = {
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 4}},
    "prevalence": {"prevalence": 0.05},
}


def reduced(formula="y ~ x + z", kind="mean", weights=None, frame=DATA, fitted=None, **options):
    model = weighted_logit(formula, frame, **options)
    return model.fit_bias_reduced(kind, weights, disp=False, **(fitted or {}))


def separated():
    x = np.array([-3.0, -2.2, -1.0, -0.4, 0.9, 1.5, 2.0, 3.3])
    return np.column_stack([np.ones(8), x]), (x > 0).astype(float)


def penalized_value(params, exog, y, w):
    eta = exog @ params
    p = expit(eta)
    information = (exog * (w * p * (1 - p))[:, None]).T @ exog
    return np.sum(w * (y * eta - np.logaddexp(0, eta))) + 0.5 * np.linalg.slogdet(information)[1]
