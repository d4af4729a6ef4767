"""Information criteria against R's survey; ``generate.R`` made the values."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.reference.cases import read_data
from wlogit import SurveyDesign
from wlogit.formula.api import weighted_logit

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
# Closed forms at the optimum, of a few columns.
RTOL = 1e-10


@cache
def cases() -> pd.DataFrame:
    data = np.genfromtxt(FOLDER.parent / "data" / "cases.csv", delimiter=",", names=True)
    return pd.DataFrame(data)


LARGEST, SCHOOLS = "x1 + x2 + z", "ell + meals + mobility"
PARTS = {LARGEST: (LARGEST, "x1", "x1 + z"), SCHOOLS: (SCHOOLS, "ell", "ell + meals")}


def cluster(results):
    """The covariance of svydesign with clusters: centered at the mean of their totals, zero."""
    return results.with_covariance("cluster", groups="g1", kind="CR1")


def linearized(results, **options):
    return results.with_covariance("linearized", **options)


def fixed(results):
    return linearized(results, class_weights="fixed")


def own(results):
    return results


SURVEYS: dict[str, tuple[str, str, dict[str, Any], Any]] = {
    "sampling": ("y ~ ", LARGEST, {"sampling_weights": "iw"}, linearized),
    "balanced_fixed": ("y ~ ", LARGEST, {"class_weight": "balanced"}, fixed),
    "balanced": ("y ~ ", LARGEST, {"class_weight": "balanced"}, linearized),
    "clusters": ("y ~ ", LARGEST, {"sampling_weights": "iw"}, cluster),
    "fraction": ("share ~ ", LARGEST, {"sampling_weights": "iw"}, linearized),
    "no_constant": ("y ~ 0 + ", LARGEST, {"sampling_weights": "iw"}, linearized),
    "apistrat": (
        "sch_wide ~ ",
        SCHOOLS,
        {"design": {"strata": "stype", "weights": "pw", "fpc": "fpc"}},
        own,
    ),
    "apiclus1": (
        "sch_wide ~ ",
        SCHOOLS,
        {"design": {"psu": "dnum", "weights": "pw", "fpc": "fpc"}},
        own,
    ),
}


@pytest.mark.parametrize("name", SURVEYS)
def test_design_based_criteria(name):
    left, largest, options, covariance = SURVEYS[name]
    data = cases() if largest == LARGEST else read_data(f"{name}.csv")
    if "design" in options:
        options = {"design": SurveyDesign(data, **options["design"])}
    fits = [
        covariance(weighted_logit(left + right, data, **options).fit(disp=False))
        for right in PARTS[largest]
    ]
    expected = VALUES[name]
    assert_allclose([fit.info_criteria("daic") for fit in fits], expected["daic"], rtol=RTOL)
    n = len(data)
    # R takes one more than the null degrees of freedom for n, which is n + 1 without a constant.
    excess = np.log1p(1.0 / n) if name == "no_constant" else 0.0
    theirs = expected["dbic"] - excess * np.array([len(fit.params) for fit in fits])
    assert_allclose([fit.dbic(fits[0]) for fit in fits], theirs, rtol=RTOL)
    penalty = [fit.daic - fit.log_likelihoods.deviance for fit in fits]
    assert_allclose(penalty, 2.0 * np.array(expected["eff_p"]), rtol=1e-8)


TAKEUCHI: dict[str, tuple[str, dict[str, Any]]] = {
    "none": ("y", {}),
    "sampling": ("y", {"sampling_weights": "iw"}),
    "mapping": ("y", {"class_weight": {0: 1, 1: 3}}),
    "balanced": ("y", {"class_weight": "balanced"}),
    "fraction": ("share", {}),
}


@pytest.mark.parametrize("name", TAKEUCHI)
def test_takeuchi_is_in_hc0_whatever_the_covariance(name):
    outcome, options = TAKEUCHI[name]
    results = weighted_logit(f"{outcome} ~ {LARGEST}", cases(), **options).fit(disp=False)
    for cov_type in (None, "HC2", "linearized"):
        found = results.with_covariance(cov_type)
        assert_allclose(found.tic, VALUES["tic"][name], rtol=RTOL)
    if not results.weights.likelihood:
        assert_allclose(results.with_covariance("HC0").aic, VALUES["tic"][name], rtol=RTOL)
