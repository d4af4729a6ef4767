"""Data for penalised fits, and the fits of them."""

import numpy as np
import pandas as pd
from scipy.special import expit

from wlogit.formula.api import weighted_logit


def frame(n=250, seed=3):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(rng.normal(size=(n, 5)), columns=list("abcde"))
    data["d"] *= 10.0
    data["y"] = (rng.random(n) < expit(data.a - 0.8 * data.b + 0.5 * data.c - 1.0)).astype(int)
    data["f"] = rng.integers(1, 4, n)
    data["s"] = rng.exponential(size=n)
    return data


DATA = frame()

TEXT = "y ~ a + b + c + d + e"


def net(data=DATA, alpha=0.03, fit=None, **options):
    model = weighted_logit(TEXT, data, **options)
    return model.fit_regularized(
        method="elastic_net", alpha=alpha, disp=False, **({} if fit is None else fit)
    )
