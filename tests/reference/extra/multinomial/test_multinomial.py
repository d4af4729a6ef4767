"""Multinomial fits under weights: coefficients, every covariance, effects, and penalised fits.

``generate.R`` made the data and the values; ``session_info.txt`` names the versions. The sandwiches
there are sums over cases written out one by one, and "stacked" is the HC0 covariance of
coefficients and class weights estimated together, from numerical derivatives of their equations.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit.multinomial.model import WeightedMNLogit

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
# As text first: the default parser is off by a digit for some decimals.
DATA = pd.read_csv(FOLDER / "data.csv", dtype=str)
DATA = DATA.astype({name: float for name in DATA if name != "y"})
DESIGN = pd.DataFrame({"const": 1.0, **{name: DATA[name] for name in ("x1", "x2", "x3")}})
WEIGHTS: dict[str, dict[str, Any]] = {
    "none": {},
    "frequency": {"freq_weights": DATA["f"]},
    "mapping": {"class_weight": {"a": 1.0, "b": 0.5, "c": 3.0}},
    "sampling": {"sampling_weights": DATA["iw"]},
    "balanced": {"class_weight": "balanced"},
    "product": {
        "freq_weights": DATA["f"],
        "sampling_weights": DATA["iw"],
        "class_weight": "balanced",
    },
}
RTOL = 1e-9  # R's Newton ends at rounding
NUMERICAL = 1e-7  # numDeriv's Richardson extrapolation
GLMNET = 1e-7  # glmnet stops where a cycle changes the deviance by less than 1e-20 of it


def model(**options: Any) -> WeightedMNLogit:
    return WeightedMNLogit(DATA["y"], DESIGN, **options)


@pytest.mark.parametrize("name", WEIGHTS)
def test_coefficients_and_likelihood(name: str) -> None:
    known, results = VALUES[name], model(**WEIGHTS[name]).fit(disp=False)
    assert_allclose(np.asarray(results.params).ravel(order="F"), known["coef"], rtol=RTOL)
    assert_allclose(results.llf, known["loglik"], rtol=1e-12)
    assert_allclose(results.cov_nonrobust, known["naive"], rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("cov_type", ["HC0", "HC1", "HC2", "HC3", "linearized", "cluster"])
@pytest.mark.parametrize("name", WEIGHTS)
def test_sandwiches(name: str, cov_type: str) -> None:
    results = model(**WEIGHTS[name]).fit(disp=False)
    keywords = {"groups": DATA["g"]} if cov_type == "cluster" else {}
    found = results.with_covariance(cov_type, **keywords).cov_params()
    known = np.array(VALUES[name]["cov"][cov_type])
    assert_allclose(found, known, rtol=1e-7, atol=1e-9 * np.abs(known).max())


@pytest.mark.parametrize("name", ["balanced", "product"])
def test_centered_scores_are_the_stacked_equations(name: str) -> None:
    found = model(**WEIGHTS[name]).fit(disp=False, cov_type="HC0").cov_params()
    known = np.array(VALUES[name]["stacked"])
    assert_allclose(found, known, rtol=NUMERICAL, atol=1e-8 * np.abs(known).max())


@pytest.mark.parametrize("name", ["balanced", "product"])
def test_effects_at_population_scale(name: str) -> None:
    effects = model(**WEIGHTS[name]).fit(disp=False, cov_type="HC0").get_margeff()
    known = VALUES[name]["margins"]
    assert_allclose(effects.margeff.ravel(order="F"), known["effect"], rtol=1e-8, atol=1e-12)
    assert_allclose(effects.margeff_se.ravel(order="F"), known["se"], rtol=NUMERICAL)


@pytest.mark.parametrize("name", VALUES["glmnet"])
def test_penalised_fits_are_those_of_glmnet(name: str) -> None:
    known = VALUES["glmnet"][name]
    kind = "sampling" if name.endswith("sampling") else "none"
    options = WEIGHTS["mapping"] if name.endswith("class") else WEIGHTS[kind]
    fit = model(**options).fit_regularized(
        method="elastic_net", alpha=known["lambda"], L1_wt=known["alpha"], disp=False
    )
    coefs = fit.coefs_by_label
    assert_allclose(coefs["const"], known["intercept"], rtol=GLMNET, atol=1e-8)
    slopes = np.array(known["coef"]).T
    assert_allclose(coefs[["x1", "x2", "x3"]], slopes, rtol=GLMNET, atol=1e-8)
    assert_allclose(coefs[["x1", "x2", "x3"]].to_numpy() == 0.0, slopes == 0.0)
    assert fit.kkt_residual < 1e-10
