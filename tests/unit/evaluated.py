"""Data to evaluate fits on."""

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn import metrics

from wlogit.formula.api import weighted_logit

N = 150


def frame(seed=0, n=N):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    data["y"] = (rng.random(n) < expit(data["x"] - 0.8)).astype(int)
    data["label"] = np.where(data["y"] == 1, "yes", "no")
    data["a"] = rng.lognormal(0.0, 0.6, n)
    data["m"] = rng.integers(1, 4, n)
    data["g"] = rng.integers(0, 25, n)
    data["o"] = rng.normal(0.0, 0.3, n)
    return data


DATA, NEW = frame(), frame(1, 60)

BALANCED = weighted_logit("y ~ x + z", DATA, class_weight="balanced").fit(disp=False)


def auc(outcome, score, weight=None):
    return metrics.roc_auc_score(outcome, score, sample_weight=weight)
