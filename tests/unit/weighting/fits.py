"""Data and fits for what the weights do."""

from functools import cache

import numpy as np
import pandas as pd

from wlogit.formula.api import weighted_logit

N = 300


@cache
def _data():
    rng = np.random.default_rng(77)
    frame = pd.DataFrame({"x": rng.normal(size=N), "z": rng.normal(size=N)})
    frame["g"] = rng.choice(["a", "b", "c"], N)
    eta = -1.0 + 0.8 * frame["x"] - 0.4 * frame["z"] + 0.3 * frame["x"] ** 2
    frame["y"] = (rng.random(N) < 1 / (1 + np.exp(-eta))).astype(int)
    frame = frame.assign(a=rng.uniform(0.3, 3.0, N), m=rng.integers(1, 4, N), o=rng.normal(size=N))
    return frame.assign(c=rng.integers(0, 30, N), share=np.clip(frame["y"] * 0.8 + 0.1, 0, 1))


def data():
    return _data().copy()


def fit(formula="y ~ x + z", frame=None, fitted=None, **options):
    frame = data() if frame is None else frame
    return weighted_logit(formula, frame, **options).fit(disp=False, **(fitted or {}))


WEIGHTED = {
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1.0, 1: 4.0}},
    "prevalence": {"prevalence": 0.05},
    "sampling": {"sampling_weights": "a"},
    "everything": {
        "freq_weights": "m",
        "sampling_weights": "a",
        "class_weight": "balanced",
        "offset": "o",
    },
    "sampling, prevalence": {"sampling_weights": "a", "prevalence": 0.05},
}
