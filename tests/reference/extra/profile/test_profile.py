"""Profile limits against root finding in R; ``generate.R`` made the values."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.reference.cases import in_order_of_r, read_data
from wlogit import InferenceWarning, WeightedLogit
from wlogit.formula.api import weighted_logit

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
# uniroot(tol = 1e-14) of restricted fits at their fixed points.
RTOL = 1e-9


@cache
def frame(name: str) -> pd.DataFrame:
    data = np.genfromtxt(FOLDER.parent / "data" / name, delimiter=",", names=True)
    return pd.DataFrame(data)


X = "x1 + x2 + z"
FIXED = {"class_weights": "fixed"}
FITS: dict[str, tuple[str, str, dict[str, Any], str | None, dict[str, Any]]] = {
    "unit": ("cases.csv", f"y ~ {X}", {}, None, {}),
    "offset": ("cases.csv", f"y ~ {X}", {"offset": "off"}, None, {}),
    "frequency": ("cases.csv", f"y ~ {X}", {"freq_weights": "fw"}, None, {}),
    "counts": ("counts.csv", "events + others ~ x + z", {}, None, {}),
    "sampling_HC0": ("cases.csv", f"y ~ {X}", {"sampling_weights": "iw"}, "HC0", {}),
    "sampling_HC3": (
        *("cases.csv", f"y ~ {X}", {"sampling_weights": "iw", "offset": "off"}),
        *("HC3", {}),
    ),
    "sampling_t": (
        *("cases.csv", f"y ~ {X}", {"sampling_weights": "iw"}),
        *("linearized", {"use_t": True}),
    ),
    "fraction_HC3": ("cases.csv", f"share ~ {X}", {}, "HC3", {}),
    "balanced_fixed": ("cases.csv", f"y ~ {X}", {"class_weight": "balanced"}, "HC3", FIXED),
    "balanced_HC3": ("cases.csv", f"y ~ {X}", {"class_weight": "balanced"}, "HC3", {}),
    "mapping_HC0": ("cases.csv", f"y ~ {X}", {"class_weight": {0: 1, 1: 3}}, "HC0", {}),
}


def assert_limits(results, limits, expected):
    names = expected["names"]
    for side, column in (("lower", 0), ("upper", 1)):
        found = in_order_of_r(np.asarray(limits)[:, column], names, results)
        assert_allclose(found, expected[side], rtol=RTOL)


@pytest.mark.parametrize("name", FITS)
def test_profile_limits(name):
    data, formula, options, cov_type, keywords = FITS[name]
    results = weighted_logit(formula, frame(data), **options).fit(disp=False)
    if cov_type is not None:
        results = results.with_covariance(cov_type, **keywords)
    assert_limits(results, results.conf_int(method="profile"), VALUES[name])
    scales = [curve.scale for curve in results.profile().curves]
    assert_allclose(scales, VALUES[name].get("lambda", np.ones(len(scales))), rtol=RTOL)


@pytest.mark.filterwarnings("ignore:a nonrobust profile")
def test_another_level_and_the_naive_limits():
    results = weighted_logit(f"y ~ {X}", frame("cases.csv")).fit(disp=False)
    assert_limits(results, results.conf_int(0.2, method="profile"), VALUES["unit80"])
    weighted = weighted_logit(f"y ~ {X}", frame("cases.csv"), class_weight="balanced")
    fit = weighted.fit(disp=False)
    with pytest.warns(InferenceWarning, match="nonrobust"):
        naive = fit.with_covariance("nonrobust")
    assert_limits(naive, naive.conf_int(method="profile"), VALUES["balanced_naive"])


def test_limits_under_constraints():
    model = weighted_logit(f"y ~ {X}", frame("cases.csv"))
    equal = model.fit_constrained("x1 = x2", disp=False).conf_int(method="profile")
    expected = VALUES["equal"]
    assert_allclose(equal.loc["x1"], [expected["lower"][1], expected["upper"][1]], rtol=RTOL)
    assert_allclose(equal.loc["x2"], equal.loc["x1"], rtol=RTOL)
    assert_allclose(equal.loc["z"], [expected["lower"][2], expected["upper"][2]], rtol=RTOL)
    tied = model.fit_constrained("z = 2 * x1 - 0.5", disp=False).conf_int(method="profile")
    lower, upper = VALUES["tied"]["lower"], VALUES["tied"]["upper"]
    assert_allclose(tied.loc["x1"], [lower[1], upper[1]], rtol=RTOL)
    assert_allclose(tied.loc["z"], 2.0 * tied.loc["x1"] - 0.5, rtol=RTOL)


def separated(**options):
    data = read_data("endometrial.csv").assign(w=1.0 + np.arange(1, 80) % 3)
    model = weighted_logit("HG ~ NV + PI + EH", data, **options)
    return model.fit(disp=False, warn_convergence=False)


@pytest.mark.filterwarnings("ignore::wlogit.InferenceWarning")
@pytest.mark.parametrize("name", ["endometrial", "endometrial_sampling"])
def test_limits_of_separated_outcomes(name):
    results, expected = separated(), VALUES[name]
    if name == "endometrial_sampling":
        results = separated(sampling_weights="w").with_covariance("HC0")
    limits = results.conf_int(method="profile")
    rows = ["Intercept", "PI", "EH"]
    assert_allclose(limits.loc[rows, 0], expected["lower"], rtol=RTOL)
    assert_allclose(limits.loc[rows, 1], expected["upper"], rtol=RTOL)
    assert limits.loc["NV", 1] == np.inf
    if name == "endometrial":
        assert_allclose(limits.loc["NV", 0], expected["NV"], rtol=RTOL)


def test_limits_of_complete_separation():
    x = np.arange(10.0)
    model = WeightedLogit((x > 4).astype(int), np.column_stack([np.ones(10), x]))
    limits = model.fit(disp=False, warn_convergence=False).conf_int(method="profile")
    expected = VALUES["complete"]
    assert_allclose(limits[0], [-np.inf, expected["const_upper"]], rtol=RTOL)
    assert_allclose(limits[1], [expected["x1_lower"], np.inf], rtol=RTOL)
