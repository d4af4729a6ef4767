"""Small data with several labels, and weights of every kind."""

import numpy as np
import pandas as pd

LABELS = ["bus", "car", "train", "walk"]


def survey(n=240, labels=4, seed=5):
    """A frame with an outcome of several labels, covariates, weights and clusters."""
    rng = np.random.default_rng(seed)
    age, income = rng.normal(size=n), rng.normal(size=n)
    town = rng.integers(0, 2, n)
    slopes = np.array([[0.0, 0.5, -0.6, 0.2], [0.0, -0.4, 0.3, 0.8], [0.0, 0.3, 0.1, -0.5]])
    eta = np.column_stack([age, income, town]) @ slopes[:, :labels]
    eta += np.array([0.0, 0.6, -0.4, -1.2])[:labels]
    p = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
    codes = (p.cumsum(axis=1) < rng.random(n)[:, None]).sum(axis=1)
    return pd.DataFrame(
        {
            "mode": np.array(LABELS)[codes],
            "age": age,
            "income": income,
            "town": np.array(["a", "b"])[town],
            "count": rng.integers(0, 4, n),
            "sampling": rng.uniform(0.4, 3.0, n),
            "area": rng.integers(0, 30, n),
            "block": rng.integers(0, 12, n),
        }
    )


def arrays(frame):
    """Outcome and a design with a constant."""
    design = np.column_stack([np.ones(len(frame)), frame.age, frame.income, frame.town == "b"])
    return frame["mode"].to_numpy(), design


WEIGHTS = {
    "none": {},
    "frequency": {"freq_weights": "count"},
    "sampling": {"sampling_weights": "sampling"},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {"bus": 1.0, "car": 0.5, "train": 2.0, "walk": 6.0}},
    "product": {
        "freq_weights": "count",
        "sampling_weights": "sampling",
        "class_weight": "balanced",
    },
}
