"""Error cases of what compares fits under different weights; see ``error_cases.py``."""

import warnings
from functools import cache
from unittest.mock import patch

import numpy as np
import pandas as pd

from wlogit import NotAvailableError, SeparationWarning
from wlogit.formula.api import weighted_logit
from wlogit.weighting import refits


@cache
def data():
    rng = np.random.default_rng(41)
    frame = pd.DataFrame({"x": rng.normal(size=80), "z": rng.normal(size=80)})
    frame["y"] = (rng.random(80) < 1 / (1 + np.exp(-frame["x"]))).astype(int)
    return frame.assign(a=rng.uniform(0.5, 2.0, 80), m=rng.integers(1, 4, 80))


def model(formula="y ~ x + z", **options):
    return weighted_logit(formula, data(), **options)


def fit(formula="y ~ x + z", **options):
    return model(formula, **options).fit(disp=False)


def separated(**options):
    frame = data().assign(y=(data()["x"] > 0).astype(int))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SeparationWarning)
        return weighted_logit("y ~ x", frame, **options).fit(disp=False)


def unfinished():
    results = fit(sampling_weights="a")
    with patch.object(refits, "_MOST_STEPS", 0):
        return results.weighting_test()


ERRORS = {
    "weighting, nothing to test": (
        lambda: fit(freq_weights="m").weighting_test(),
        NotAvailableError,
        ("nothing to test", "sampling weights", "class weights", "frequency weights"),
    ),
    "weighting, no constant": (
        lambda: fit("y ~ 0 + x + z", class_weight="balanced").weighting_test(),
        NotAvailableError,
        ("without a constant", "class weights", "add a constant"),
    ),
    "weighting, unfinished": (
        unfinished,
        NotAvailableError,
        ("without the weights", "did not converge", "maxiter"),
    ),
    "weighting, constrained": (
        lambda: (
            model(class_weight="balanced").fit_constrained("x = z", disp=False).weighting_test()
        ),
        NotAvailableError,
        ("weighting_test", "constraints", "fit()"),
    ),
    "weighting, bias-reduced": (
        lambda: model(class_weight="balanced").fit_bias_reduced(disp=False).weighting_report(),
        NotAvailableError,
        ("weighting_report", "bias reduction", "fit()"),
    ),
    "weighting, separated": (
        lambda: separated(class_weight="balanced").weighting_report(),
        NotAvailableError,
        ("weighting_report", "converged", "standard errors"),
    ),
    "sensitivity, ratios": (
        lambda: fit(class_weight="balanced").sensitivity(ratios=[1.0, -2.0]),
        ValueError,
        ("ratios=", "c1 / c0", "-2"),
    ),
    "collinearity, constrained": (
        lambda: model().fit_constrained("x = z", disp=False).collinearity(),
        NotAvailableError,
        ("collinearity", "without constraints"),
    ),
    "collinearity, separated": (
        lambda: separated().collinearity(),
        NotAvailableError,
        ("collinearity", "converged", "finite"),
    ),
}
