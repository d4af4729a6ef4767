"""Bias-reduced fits against brglm2, and against R's own programs where brglm2 has no such fit.

``generate.R`` made the values; ``session_info.txt`` names the versions.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit
from wlogit.errors import InferenceWarning

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
CASES, COUNTS = (
    pd.DataFrame(np.genfromtxt(FOLDER.parent / "data" / name, delimiter=",", names=True))
    for name in ("cases.csv", "counts.csv")
)
ENDOMETRIAL = pd.read_csv(FOLDER.parents[1] / "r" / "data" / "endometrial.csv")
X = np.column_stack([np.ones(len(CASES)), CASES[["x1", "x2", "z"]]])

# brglm2 converges linearly to epsilon = 1e-13 in the size of its step.
BRGLM = 1e-9
# Newton steps written out in R, at their fixed points.
EXACT = 1e-10
# nlm maximises by differences of the function.
OPTIM = 1e-5


@cache
def model(key: str) -> WeightedLogit:
    """The model that a key of values.json names."""
    if key == "endometrial":
        exog = np.column_stack([np.ones(len(ENDOMETRIAL)), ENDOMETRIAL[["NV", "PI", "EH"]]])
        return WeightedLogit(ENDOMETRIAL["HG"].to_numpy(), exog)
    if key == "counts":
        exog = np.column_stack([np.ones(len(COUNTS)), COUNTS[["x", "z"]]])
        return WeightedLogit(COUNTS[["events", "others"]].to_numpy(), exog)
    options: dict[str, Any] = {
        "balanced": {"class_weight": "balanced"},
        "mapping": {"class_weight": {0: 1, 1: 3}},
        "prevalence": {"prevalence": 0.04},
    }.get(key.rsplit("_", maxsplit=1)[-1], {})
    if "offset" in key:
        options["offset"] = CASES["off"].to_numpy()
    if "frequency" in key:
        options["freq_weights"] = CASES["fw"].to_numpy()
    if "raw" in key or "importance" in key:
        options["sampling_weights"] = CASES["iw"].to_numpy()
    return WeightedLogit(CASES["share" if "fraction" in key else "y"].to_numpy(), X, **options)


@pytest.mark.parametrize("key", VALUES["brglm"])
def test_brglm2(key):
    kind, what = key.split("_", 1)
    weights = "raw" if what == "raw" else None
    results = model(what).fit_bias_reduced(kind, weights, disp=False)
    expected = VALUES["brglm"][key]
    assert results.converged
    assert_allclose(results.params, expected["coef"], rtol=BRGLM)
    assert_allclose(results.cov_nonrobust, expected["vcov"], rtol=1e-8, atol=1e-12)
    if what != "counts":
        assert_allclose(results.llf, expected["kernel"], rtol=BRGLM)
    if weights:
        assert results.cov_type == "HC3"
        with pytest.warns(InferenceWarning, match="nonrobust"):
            results = results.with_covariance("nonrobust")
    assert_allclose(results.cov_params(), expected["vcov"], rtol=1e-8, atol=1e-12)


def test_published_median_estimates_of_the_endometrial_data():
    """Kosmidis, Kenne Pagui and Sartori (2020), table 2."""
    results = model("endometrial").fit_bias_reduced("median", disp=False)
    assert_allclose(results.params, [3.969, 3.869, -0.039, -2.708], atol=5e-4)


@pytest.mark.parametrize("kind", VALUES["hc"])
@pytest.mark.parametrize("cov_type", ["HC0", "HC1", "HC2", "HC3"])
def test_sandwiches_have_the_plain_scores_at_the_estimate(kind, cov_type):
    results = model("none").fit_bias_reduced(kind, disp=False, cov_type=cov_type)
    expected = VALUES["hc"][kind][cov_type]
    assert_allclose(results.cov_params(), expected, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("key", VALUES["empirical"])
def test_empirical_bias_reduction(key):
    results = model(key).fit_bias_reduced("empirical", disp=False)
    assert_allclose(results.params, VALUES["empirical"][key], rtol=EXACT)


@pytest.mark.parametrize("key", VALUES["puhr"])
def test_corrected_predictions(key):
    prediction, what = key.split("_")
    results = model(what).fit_bias_reduced(prediction=prediction, disp=False)
    assert_allclose(results.params, VALUES["puhr"][key], rtol=BRGLM)
    weight = np.broadcast_to(results.model.weights.row_weight, len(CASES))
    share = np.average(CASES["y"], weights=weight)
    assert_allclose(np.average(results.predict(), weights=weight), share, rtol=1e-12)


@pytest.mark.parametrize("key", VALUES["lr"])
def test_penalized_likelihood_ratios(key):
    results = model(key).fit_bias_reduced(disp=False)
    expected = VALUES["lr"][key]
    assert_allclose(results.penalized_llf, expected["penalized_loglik"], rtol=1e-10)
    for hypothesis, name in (("x1", "x1"), (["x1", "x3"], "x1_z"), (None, "all")):
        test = results.penalized_lr_test(hypothesis)
        assert_allclose(test.statistic, expected[name], rtol=OPTIM)
    assert results.llr == results.penalized_lr_test().statistic
