"""Error cases of bias-reduced fits; see ``error_cases.py``."""

from functools import cache
from unittest.mock import patch

import numpy as np
import pandas as pd

from wlogit import DesignError, NotAvailableError, SeparationError, WeightedLogit
from wlogit.bias_reduced import profile
from wlogit.formula.api import weighted_logit


@cache
def data():
    rng = np.random.default_rng(14)
    frame = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60)})
    frame["y"] = (rng.random(60) < 1 / (1 + np.exp(-frame["x"]))).astype(int)
    return frame.assign(w=1.0 + np.arange(60) % 4)


def reduced(kind="mean", weights=None, formula="y ~ x + z", fitted=None, **options):
    model = weighted_logit(formula, data(), **options)
    return model.fit_bias_reduced(kind, weights, disp=False, **(fitted or {}))


def corrected(prediction, **options):
    return reduced(fitted={"prediction": prediction}, **options)


def separated(kind):
    x = np.arange(10.0)
    design = np.column_stack([np.ones(10), x])
    return WeightedLogit((x > 4).astype(int), design).fit_bias_reduced(kind, disp=False)


def unreached():
    results = reduced()
    with patch.object(profile, "_MOST_STEPS", 0):
        return results.penalized_lr_test("x")


def two_hills():
    offset = np.repeat([-15.0, 15.0], 4)
    model = WeightedLogit([0, 0, 1, 0, 1, 1, 0, 1], np.ones((8, 1)), offset=offset)
    return model.fit_bias_reduced(disp=False).penalized_lr_test((np.eye(1), [-16.0]))


def stopped():
    fitted = {"maxiter": 1, "warn_convergence": False}
    return reduced(fitted=fitted).penalized_lr_test("x")


ERRORS = {
    "bias, sampling weights": (
        lambda: reduced(sampling_weights="w"),
        ValueError,
        ("'mean'", "sampling weights", 'kind="empirical"', 'weights="raw"'),
    ),
    "bias, no constant": (
        lambda: reduced(formula="y ~ 0 + x + z", class_weight="balanced"),
        ValueError,
        ("'mean'", "no constant", 'kind="empirical"', 'weights="raw"'),
    ),
    "bias, raw": (
        lambda: reduced("empirical", "raw"),
        ValueError,
        ('weights="raw"', '"mean" and "median"', "'empirical'"),
    ),
    "bias, rare events": (
        lambda: reduced("king-zeng", class_weight="balanced"),
        ValueError,
        ('"king-zeng"', "class weights", "prevalence=", 'kind="empirical"'),
    ),
    "bias, prior": (
        lambda: reduced("king-zeng", fitted={"case_control": "prior"}),
        ValueError,
        ('case_control="prior"', "prevalence="),
    ),
    "bias, prior of another kind": (
        lambda: reduced(fitted={"case_control": "prior"}),
        ValueError,
        ('case_control="prior"', 'kind="king-zeng"'),
    ),
    "bias, prediction of another kind": (
        lambda: reduced("median", fitted={"prediction": "flic"}),
        ValueError,
        ("'flic'", 'kind="mean"', "'median'"),
    ),
    "bias, prediction without a constant": (
        lambda: corrected("flac", formula="y ~ 0 + x"),
        ValueError,
        ("'flac'", "constant", "add one"),
    ),
    "bias, start": (
        lambda: reduced(fitted={"start_params": [0.0, np.inf, 1.0]}),
        ValueError,
        ("start_params", "finite", "3 columns", "(3,)"),
    ),
    "bias, separation": (
        lambda: separated("empirical"),
        SeparationError,
        ("'empirical'", "x1 to +infinity", 'kind="mean"', "fit_regularized"),
    ),
    "bias, no penalised likelihood": (
        lambda: reduced("median").penalized_llf,
        NotAvailableError,
        ("'median'", "no penalised likelihood", '"mean"'),
    ),
    "bias, no penalised test": (
        lambda: reduced("empirical").penalized_lr_tests(),
        NotAvailableError,
        ("'empirical'", "wald_test", 'kind="mean"'),
    ),
    "bias, raw tests": (
        lambda: reduced(weights="raw", class_weight="balanced").llr,
        NotAvailableError,
        ("as they are", "chi-square", "wald_test"),
    ),
    "bias, corrected tests": (
        lambda: corrected("flic").conf_int(method="profile"),
        NotAvailableError,
        ("flic", "prediction="),
    ),
    "bias, tests without convergence": (stopped, NotAvailableError, ("did not converge",)),
    "bias, restricted fit": (
        unreached,
        NotAvailableError,
        ("under the hypothesis", "max_iter", "rescale"),
    ),
    "bias, several maxima": (
        two_hills,
        NotAvailableError,
        ("several maxima", "higher", "start_params=[-16.0]"),
    ),
    "bias, hypothesis": (
        lambda: reduced().penalized_lr_test(np.ones((2, 3))),
        DesignError,
        ("hypothesis", "3 numbers", "(2, 3)"),
    ),
    "bias, moved intercept": (
        lambda: reduced(class_weight="balanced").penalized_lr_test("Intercept"),
        NotAvailableError,
        ("intercept", "class weights", "from the sample", "wald_test"),
    ),
    "bias, criteria": (
        lambda: reduced(class_weight="balanced").aic,
        NotAvailableError,
        ("information criteria", "without class weights"),
    ),
    "bias, raw criteria": (
        lambda: reduced(weights="raw", class_weight="balanced").bic,
        NotAvailableError,
        ("information criteria", "raw"),
    ),
    "bias, score": (
        lambda: reduced().score_test(data()[["w"]]),
        NotAvailableError,
        ("score test", "fit()", "penalized_lr_test"),
    ),
    "bias, influence": (
        lambda: reduced().get_influence(),
        NotAvailableError,
        ("influence", "get_influence of fit()"),
    ),
}
