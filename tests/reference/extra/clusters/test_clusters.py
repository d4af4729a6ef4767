"""CR2, CR3, their degrees of freedom and joint tests against clubSandwich; see generate.R."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.reference.cases import in_order_of_r
from wlogit.errors import InferenceWarning
from wlogit.formula.api import weighted_logit

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
CASES = pd.read_csv(FOLDER.parent / "data" / "cases.csv")
CASES["own"] = (CASES["g1"] == CASES["g1"].iloc[0]).astype(float)
COUNTS = pd.read_csv(FOLDER.parent / "data" / "counts.csv")
INFERT = pd.read_csv(FOLDER.parents[1] / "r" / "data" / "infert.csv")
INFERT["w"] = (np.arange(len(INFERT)) + 1) % 7 + 0.5
INFERT["cell"] = INFERT["parity"].astype(str) + (INFERT["age"] > 31).astype(str)

# Closed forms at the optimum, up to the digits that the values are written with.
RTOL = 1e-9
MAIN, OF_COUNTS = "y ~ x1 + x2 + z", "events + others ~ x + z"
PARITY = "case ~ spontaneous + induced + parity"
FIXED = {"class_weights": "fixed"}

MODELS: dict[str, tuple[str, pd.DataFrame, str, dict[str, Any], dict[str, Any]]] = {
    "infert": (f"{PARITY} + C(education)", INFERT, "stratum", {}, {}),
    "infert_weighted": (
        f"{PARITY} + C(education)",
        INFERT,
        "stratum",
        {"sampling_weights": "w"},
        {},
    ),
    "infert_education": (PARITY, INFERT, "cell", {}, {}),
    "none": (MAIN, CASES, "g1", {}, {}),
    "sampling": (MAIN, CASES, "g1", {"sampling_weights": "iw"}, {}),
    "mapping": (MAIN, CASES, "g1", {"class_weight": {0: 1, 1: 3}}, {}),
    "fixed": (MAIN, CASES, "g1", {"class_weight": "balanced"}, FIXED),
    "frequency": (MAIN, CASES, "g1", {"freq_weights": "fw"}, {}),
    "frequency_sampling": (
        MAIN,
        CASES,
        "g1",
        {"freq_weights": "fw", "sampling_weights": "iw"},
        {},
    ),
    "fraction": ("share ~ x1 + x2 + z", CASES, "g1", {}, {}),
    "offset": (MAIN, CASES, "g1", {"offset": "off"}, {}),
    "no_constant": ("y ~ 0 + x1 + x2 + z", CASES, "g1", {}, {}),
    "counts": (OF_COUNTS, COUNTS, "g", {}, {}),
    "counts_mapping": (OF_COUNTS, COUNTS, "g", {"class_weight": {0: 1, 1: 2.5}}, {}),
    "few": ("y ~ x1 + x2", CASES, "g2", {}, {}),
}


def fitted(key, kind):
    formula, data, groups, options, more = MODELS[key]
    keywords = {"groups": groups, "kind": kind, **more}
    model = weighted_logit(formula, data, **options)
    return model.fit(disp=False, cov_type="cluster", cov_kwds=keywords)


@pytest.mark.parametrize("kind", ["CR2", "CR3"])
@pytest.mark.parametrize("key", MODELS)
def test_clubsandwich(key, kind):
    results, r = fitted(key, kind), VALUES[key][kind]
    at = in_order_of_r(np.arange(len(r["names"])), r["names"], results)
    assert_allclose(results.params.iloc[at], r["coef"], rtol=RTOL)
    assert_allclose(results.cov_params().iloc[at, at], r["vcov"], rtol=RTOL, atol=1e-13)
    assert_allclose(results.covariance.df_each[at], r["df"], rtol=RTOL)
    assert_allclose(results.pvalues.iloc[at], r["p"], rtol=1e-7)
    assert_allclose(results.conf_int().iloc[at], np.transpose([r["lower"], r["upper"]]), rtol=1e-8)
    for test in r["joint"]:
        rows = np.eye(len(at))[np.atleast_1d(at)[np.atleast_1d(test["rows"])]]
        _joint(results, rows, test)
    contrast = np.empty(len(at))
    contrast[at] = r["contrast"]["l"]
    _contrast(results, contrast, r["contrast"])


def _joint(results, rows, r):
    test = results.wald_test(rows, scalar=True)
    if test.df_denom <= 0 or not isinstance(r.get("p"), float):
        assert np.isnan(test.pvalue)
        return
    assert_allclose(test.statistic, r["Fstat"], rtol=1e-8)
    assert test.df_num == r["df_num"]
    assert_allclose(test.df_denom, r["df_denom"], rtol=RTOL)
    assert_allclose(test.pvalue, r["p"], rtol=1e-7)


def _contrast(results, row, r):
    test = results.t_test(row)
    assert_allclose(test.effect, r["est"], rtol=RTOL)
    assert_allclose(np.squeeze(test.sd), r["se"], rtol=RTOL)
    assert_allclose(test.df_denom, r["df"], rtol=RTOL)
    assert_allclose(test.pvalue, r["p"], rtol=1e-7)
    assert_allclose(np.squeeze(test.conf_int()), [r["lower"], r["upper"]], rtol=1e-8)


@pytest.mark.parametrize("kind", ["CR2", "CR3"])
def test_a_cluster_that_a_combination_rests_on_adds_nothing_to_its_variance(kind):
    model = weighted_logit("y ~ x1 + x2 + own", CASES, sampling_weights="iw")
    keywords = {"groups": "g1", "kind": kind}
    alone = f"g1 = {CASES['g1'].iloc[0].item()!r}"
    with pytest.warns(InferenceWarning, match=rf"rests on one cluster alone \({alone}\)"):
        results = model.fit(disp=False, cov_type="cluster", cov_kwds=keywords)
    assert any(f"({alone})" in note for note in results.summary().content.notes)
    with pytest.warns(InferenceWarning, match=r"\(that of row 0\)"):
        results.with_covariance("cluster", groups=CASES["g1"].to_numpy(), kind=kind)
    r = VALUES[f"singular_{kind}"]
    assert_allclose(results.cov_params(), r["vcov"], rtol=RTOL)
    if kind == "CR2":
        assert_allclose(results.covariance.df_each, r["df"], rtol=RTOL)


@pytest.mark.parametrize("kind", ["CR2", "CR3"])
def test_two_groupings_have_the_fewest_degrees_of_freedom(kind):
    model = weighted_logit(MAIN, CASES, sampling_weights="iw")
    keywords = {"groups": ["g1", "g2"], "kind": kind}
    with pytest.warns(InferenceWarning, match="negative eigenvalue"):
        results = model.fit(disp=False, cov_type="cluster", cov_kwds=keywords)
    r = VALUES[f"two_way_{kind}"]
    assert_allclose(results.cov_params(), r["vcov"], rtol=RTOL)
    fewest = np.minimum(r["df_first"], r["df_second"])
    assert_allclose(results.covariance.df_each, fewest, rtol=RTOL)
