"""Error cases of figures; see ``error_cases.py``."""

from functools import cache

import matplotlib as mpl
import numpy as np
import pandas as pd

from wlogit import NotAvailableError, plots
from wlogit.formula.api import weighted_logit, weighted_mnlogit

mpl.use("Agg")


@cache
def data():
    rng = np.random.default_rng(14)
    frame = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60)})
    frame["g"] = np.tile(["a", "b", "c"], 20)
    return frame.assign(y=(rng.random(60) < 1 / (1 + np.exp(-frame["x"]))).astype(int))


@cache
def labels():
    return weighted_mnlogit("g ~ x", data()).fit(disp=False)


@cache
def results(formula="y ~ x + z + g"):
    return weighted_logit(formula, data(), class_weight="balanced").fit(disp=False)


ERRORS = {
    "figure, axes": (
        lambda: plots.coefficients(results(), results()),
        TypeError,
        ("ax=", "Axes", "WeightedLogitResults", "in a list"),
    ),
    "figure, level": (
        lambda: plots.coefficients(results(), alpha=5),
        ValueError,
        ("alpha=5", "between 0 and 1"),
    ),
    "figure, threshold of several labels": (
        lambda: plots.confusion(labels(), threshold=0.4),
        ValueError,
        ("threshold=0.4", "two labels", "likeliest"),
    ),
    "figure, threshold": (
        lambda: plots.confusion(results(), threshold=1.0),
        ValueError,
        ("threshold=1.0", "between 0 and 1"),
    ),
    "figure, no fits": (lambda: plots.odds_ratios([]), ValueError, ("no results", "list of fits")),
    "figure, names": (
        lambda: plots.odds_ratios([results(), results()], names=["a"]),
        ValueError,
        ("names=", "1 names", "2 fits"),
    ),
    "figure, unknown coefficient": (
        lambda: plots.coefficients(results(), variables=["x", "w"]),
        ValueError,
        ("'w'", "Intercept, g[T.b]"),
    ),
    "figure, constant alone": (
        lambda: plots.coefficients(results("y ~ 1")),
        ValueError,
        ("the constant", "intercept=True"),
    ),
    "figure, numbers of several fits": (
        lambda: plots.coefficients([results(), results()], values=True),
        ValueError,
        ("values=True", "one fit"),
    ),
    "figure, unknown variable": (
        lambda: plots.fitted_curve(results(), "w"),
        ValueError,
        ("'w'", "x, z, g"),
    ),
    "figure, factor": (
        lambda: plots.fitted_curve(results(), "g"),
        ValueError,
        ("'g'", "not a number", "plots.margins", "predictions_at"),
    ),
    "figure, held and moved": (
        lambda: plots.fitted_curve(results(), "x", at={"x": 1}),
        ValueError,
        ("at=", "'x'", "leave it out"),
    ),
    "figure, no variable": (
        lambda: plots.fitted_curve(results()),
        ValueError,
        ("horizontal axis", "x, z, g"),
    ),
    "figure, two variables": (
        lambda: plots.decision_boundary(results(), ["x"]),
        ValueError,
        ("two variables", "x, z, g"),
    ),
    "figure, labels": (
        lambda: plots.influence(results(), labels=-1),
        ValueError,
        ("labels=-1", "negative"),
    ),
    "figure, path": (
        lambda: plots.sensitivity(results().sensitivity(ratios=[1, 2]), names="w"),
        ValueError,
        ("'w'", "Intercept, g[T.b]"),
    ),
    "figure, prediction among coefficients": (
        lambda: plots.sensitivity(
            results().sensitivity(ratios=[1, 2]), names=["x", "mean calibrated prediction"]
        ),
        ValueError,
        ("'mean calibrated prediction'", "axes of its own"),
    ),
    "figure, two sets of predictions": (
        lambda: plots.margins([results().predictions_at({"g": None})] * 2),
        ValueError,
        ("predictions at levels", "one at a time", "ax="),
    ),
    "figure, many lines": (
        lambda: plots.margins(results().predictions_at({"g": None, "x": list(range(9))})),
        ValueError,
        ("9 lines", "first", "fewer levels of x"),
    ),
    "figure, other objects": (
        lambda: plots.calibration(data()),
        TypeError,
        ("calibration", "results", "DataFrame"),
    ),
    "figure, penalised": (
        lambda: plots.coefficients(
            weighted_logit("y ~ x", data()).fit_regularized(alpha=0.1, disp=False)
        ),
        NotAvailableError,
        ("conf_int", "penalised"),
    ),
}
