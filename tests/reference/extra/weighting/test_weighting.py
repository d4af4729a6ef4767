"""Collinearity and the test of weights against R; ``generate.R`` made the values."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.reference.cases import in_order_of_r
from wlogit.formula.api import weighted_logit

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
CASES = pd.read_csv(FOLDER.parent / "data" / "cases.csv")
BIRTHWT = pd.read_csv(FOLDER.parents[1] / "r" / "data" / "birthwt.csv")

# Both are closed forms at the optimum.
RTOL = 1e-9

FITS: dict[str, tuple[str, dict[str, Any]]] = {
    "none": ("low ~ age + lwt + C(race) + smoke + ht", {}),
    "balanced": ("low ~ age + lwt + C(race) + smoke + ht", {"class_weight": "balanced"}),
    "sampling": ("low ~ age + lwt + C(race) * smoke", {"sampling_weights": "iw"}),
    "no_constant": ("low ~ 0 + age + lwt + smoke", {"class_weight": "balanced"}),
    "powers": ("low ~ lwt + I(lwt**2) + I(lwt**3)", {"sampling_weights": "iw"}),
}
# The condition number of the powers is 2,000: the squares behind car::vif lose as many digits.
LOOSE = {"powers": 1e-7}


@pytest.mark.parametrize("key", VALUES["collinearity"])
def test_collinearity(key):
    formula, options = FITS[key]
    results = weighted_logit(formula, BIRTHWT, **options).fit(disp=False)
    found = results.collinearity()
    expected, rtol = VALUES["collinearity"][key], LOOSE.get(key, RTOL)
    rows = [
        name.replace("factor(", "C(").replace("I(lwt^", "I(lwt ** ") for name in expected["names"]
    ]
    terms = found.terms.loc[rows]
    assert_allclose(terms["GVIF"], expected["gvif"], rtol=rtol)
    assert_allclose(terms["df"], expected["df"])
    assert_allclose(terms["GVIF^(1/(2 df))"], expected["scaled"], rtol=rtol)
    single = terms[terms["df"] == 1]
    assert_allclose(found.vif[single.index], single["GVIF"], rtol=1e-12)
    assert_allclose(found.indices.index, expected["indices"], rtol=rtol)
    assert found.condition_number == found.indices.index[-1]
    columns = in_order_of_r(np.arange(len(results.params)), expected["columns"], results)
    shares = found.indices.to_numpy()[:, columns]
    assert_allclose(shares, expected["proportions"], rtol=rtol, atol=rtol)
    assert_allclose(found.indices.sum(), 1.0, rtol=1e-12)


MODELS: dict[str, dict[str, Any]] = {
    "balanced": {"class_weight": "balanced"},
    "fixed": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 3}},
    "prevalence": {"prevalence": 0.04},
    "sampling": {"sampling_weights": "iw"},
    "sampling_balanced": {"sampling_weights": "iw", "class_weight": "balanced"},
    "frequency_balanced": {"freq_weights": "fw", "class_weight": "balanced"},
    "cluster_sampling": {"sampling_weights": "iw"},
    "cluster_balanced": {"class_weight": "balanced"},
}


@cache
def fit(name: str) -> Any:
    return weighted_logit("y ~ x1 + x2 + z", CASES, **MODELS[name]).fit(disp=False)


@pytest.mark.parametrize("key", VALUES["tests"])
def test_do_the_weights_matter(key):
    if key.startswith("cluster"):
        results = fit(key).with_covariance("cluster", groups="g1", kind="CR0")
    else:
        name, kind = key.rsplit("_", maxsplit=1)
        scheme = {"class_weights": "fixed"} if name == "fixed" else {}
        results = fit(name).with_covariance(kind, **scheme)
    expected, found = VALUES["tests"][key], results.weighting_test()
    for column in ("weighted", "unweighted", "difference", "se"):
        assert_allclose(found.differences[column], expected[column], rtol=1e-8, atol=1e-13)
    assert_allclose(found.statistic, expected["statistic"], rtol=1e-7)
    assert found.df == expected["df"]
    assert_allclose(found.pvalue, expected["pvalue"], rtol=1e-7)
