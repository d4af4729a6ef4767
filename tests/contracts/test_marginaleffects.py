"""The package marginaleffects on calibrated results, beside statsmodels' own logit.

Where both fail, the release of that package is broken; where ours alone does, we are.
"""

import importlib
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from numpy.testing import assert_allclose

from wlogit.formula.api import weighted_logit

pytestmark = [
    pytest.mark.skipif(
        np.lib.NumpyVersion(np.__version__) < "2.0.0",
        reason="marginaleffects needs numpy 2",
    ),
    # It calls functions that polars means to remove.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

FORMULA = "y ~ x + z + g"
# It differentiates by forward differences.
NUMERICAL = {"rtol": 2e-4, "atol": 1e-7}


@cache
def data():
    rng = np.random.default_rng(23)
    n = 500
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    frame["g"] = pd.Categorical(rng.choice(["a", "b", "c"], n))
    eta = -2.0 + frame["x"] + 0.5 * (frame["g"] == "b")
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    return frame


@cache
def fit():
    return weighted_logit(FORMULA, data(), class_weight="balanced").fit(disp=False)


@cache
def effects():
    """The package, whose import warns on some versions of its own requirements."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("marginaleffects")


@cache
def stock():
    return smf.logit(FORMULA, data()).fit(disp=False)


MODELS = {
    "statsmodels": stock,
    "unweighted": lambda: weighted_logit(FORMULA, data()).fit(disp=False),
    "calibrated": lambda: fit().calibrated(),
}


@pytest.mark.parametrize("model", MODELS)
def test_average_slopes(model):
    results = MODELS[model]()
    found = effects().avg_slopes(results)
    ours = results.get_margeff if model != "statsmodels" else MODELS["unweighted"]().get_margeff
    compare(found, ours(variables="all"))


def compare(found, margins):
    frame = margins.summary_frame()
    assert [
        term if contrast == "dY/dX" else f"{term}: {contrast}"
        for term, contrast in zip(found["term"], found["contrast"], strict=True)
    ] == list(frame.index)
    assert_allclose(found["estimate"], frame["dy/dx"], **NUMERICAL)
    assert_allclose(found["std_error"], frame["Std. Err."], **NUMERICAL)


@pytest.mark.parametrize("model", MODELS)
def test_average_predictions(model):
    results = MODELS[model]()
    found = effects().avg_predictions(results)
    ours = MODELS["unweighted"]() if model == "statsmodels" else results
    frame = ours.get_prediction(average=True).summary_frame()
    assert_allclose(found["estimate"], frame["predicted"], **NUMERICAL)
    assert_allclose(found["std_error"], frame["se"], **NUMERICAL)


@pytest.mark.parametrize("model", MODELS)
def test_predictions_with_a_factor_at_each_level(model):
    results = MODELS[model]()
    found = effects().avg_predictions(results, variables="g", by="g").sort("g")
    ours = MODELS["unweighted"]() if model == "statsmodels" else results
    frame = ours.predictions_at({"g": None}).summary_frame()
    assert_allclose(found["estimate"], frame["predicted"], **NUMERICAL)
    assert_allclose(found["std_error"], frame["se"], **NUMERICAL)


@pytest.mark.parametrize("model", MODELS)
def test_hypotheses(model):
    results = MODELS[model]()
    found = effects().hypotheses(results, "x = z")
    test = results.t_test("x = z")
    assert_allclose(found["estimate"], np.squeeze(test.effect), **NUMERICAL)
    assert_allclose(found["std_error"], np.squeeze(test.sd), **NUMERICAL)


@pytest.mark.parametrize("model", ["unweighted", "calibrated"])
def test_a_covariance_by_name(model):
    """statsmodels' logit has none after the fit, and marginaleffects says so."""
    results = MODELS[model]()
    compare(
        effects().avg_slopes(results, vcov="HC1"),
        results.with_covariance("HC1").get_margeff(variables="all"),
    )
    compare(
        effects().avg_slopes(results, vcov="HC3"),
        results.with_covariance("HC3").get_margeff(variables="all"),
    )
    with pytest.raises(ValueError, match="does not support"):
        effects().avg_slopes(stock(), vcov="HC3")


def test_without_calibration_it_takes_the_class_weights_for_the_population():
    found = effects().avg_slopes(fit())
    margins = fit().get_margeff(variables="all", scale="weighted")
    assert_allclose(found["estimate"], margins.margeff, **NUMERICAL)
    calibrated = fit().get_margeff(variables=["x"]).margeff
    assert np.max(margins.margeff) > 1.5 * calibrated[0]
