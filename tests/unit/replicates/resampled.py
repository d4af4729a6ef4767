"""A survey sample, its fits and their replicates."""

import numpy as np
import pandas as pd

from wlogit import (
    ReplicateDesign,
    SurveyDesign,
    WeightedLogit,
)


def sample(n=400, seed=3):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    frame["stratum"] = rng.integers(0, 4, n)
    frame["town"] = 1000 * frame["stratum"] + rng.integers(0, max(n // 40, 5), n)
    frame["w"] = rng.gamma(3.0, 1.0, n)
    frame["m"] = rng.integers(1, 4, n)
    frame["y"] = (rng.random(n) < 1.0 / (1.0 + np.exp(1.3 - 0.7 * frame["x"]))).astype(int)
    return frame


DATA = sample()
BOOT = {"n_boot": 40, "seed": 5}


def survey(frame=DATA, **options):
    return SurveyDesign(frame, weights="w", strata="stratum", psu="town", **options)


def model(formula="y ~ x + z", frame=DATA, **options):
    return WeightedLogit.from_formula(formula, frame, **options)


def fit(*args, cov_type=None, cov_kwds=None, **options):
    return model(*args, **options).fit(disp=False, cov_type=cov_type, cov_kwds=cov_kwds)


def booted(*args, cov_kwds=None, **options):
    return fit(*args, cov_type="bootstrap", cov_kwds={**BOOT, **(cov_kwds or {})}, **options)


def estimates(results):
    return results._results.covariance.replicates.params


def with_factors(table, frame):
    factors = np.asarray(table, dtype=float)[:, frame["town"].to_numpy()].T
    return ReplicateDesign(
        frame, weights="w", replicate_weights=factors, kind="JK2", combined=False
    )


def towns(seed=0):
    frame = sample(200, seed).assign(town=np.arange(200) % 5)
    frame["only"] = (frame["town"] == 4).astype(float)
    frame.loc[frame["town"] == 3, "y"] = 1
    return frame
