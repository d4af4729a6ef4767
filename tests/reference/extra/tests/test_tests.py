"""Tests of hypotheses against R: survey, car and p.adjust; ``generate.R`` made the values."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from wlogit import SurveyDesign
from wlogit.anova import adjusted
from wlogit.errors import InferenceWarning
from wlogit.formula.api import weighted_logit
from wlogit.inference.quadratic_forms import tail

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
BIRTHWT = pd.read_csv(FOLDER.parents[1] / "r" / "data" / "birthwt.csv")
# values.json has fifteen digits; everything but the saddlepoint is a closed form at the optimum.
RTOL = 1e-9
# R finds the saddlepoint by uniroot(tol = 1e-8).
SADDLE = 1e-5


def ddf_of(value: Any) -> float:
    return np.inf if value == "Inf" else float(value)


@pytest.mark.parametrize("method", ["saddlepoint", "satterthwaite"])
def test_tails_of_mixtures(method):
    for case in VALUES["tails"]:
        found = tail(case["x"], np.array(case["eigenvalues"]), ddf_of(case["ddf"]), method)
        rtol = RTOL
        if method == "saddlepoint":
            # Where its root ends beside the mean R returns Satterthwaite's tail instead.
            rtol = SADDLE
            if case["saddlepoint"] == case["satterthwaite"]:
                continue
        assert_allclose(found, case[method], rtol=rtol, err_msg=str(case))


def test_the_saddlepoint_was_compared_far_from_satterthwaite():
    same = [case for case in VALUES["tails"] if case["saddlepoint"] == case["satterthwaite"]]
    assert len(same) < 0.2 * len(VALUES["tails"])


@pytest.mark.parametrize("case", VALUES["rao_scott"], ids=lambda case: case["terms"])
def test_rao_scott_and_wald_tests_of_svyglm(case):
    model = weighted_logit(
        "low ~ age + lwt + C(race) * C(smoke) + ht", BIRTHWT, sampling_weights="iw"
    )
    results = model.fit(disp=False, cov_type="linearized", use_t=True)
    names = {"race:smoke": "C(race):C(smoke)"}
    terms = [names.get(term, term) for term in case["terms"].removeprefix("~").split(" + ")]
    for use_t, key in ((True, "F"), (False, "chisq")):
        fit = results.with_covariance("linearized", use_t=use_t)
        for approximation, expected in case["p"][key].items():
            test = fit.lr_test(terms, approximation)
            assert_allclose(test.statistic, case["statistic"], rtol=RTOL)
            assert_allclose(np.sort(test.eigenvalues), case["lambda"], rtol=RTOL)
            assert test.ddf == (case["ddf"] if use_t else np.inf)
            rtol = SADDLE if approximation == "saddlepoint" else RTOL
            assert_allclose(test.pvalue, expected, rtol=rtol)
    if len(terms) == 1:
        table = results.anova()
        assert_allclose(table.loc[terms[0], "statistic"], case["wald"]["F"], rtol=RTOL)
        assert_allclose(table.loc[terms[0], "pvalue"], case["wald"]["p"], rtol=RTOL)
        assert table.loc[terms[0], "ddf"] == case["ddf"]


@pytest.mark.parametrize("case", VALUES["scores"], ids=lambda case: case["extra"])
def test_scores_of_added_columns(case):
    model = weighted_logit(case["small"], BIRTHWT, design=SurveyDesign(BIRTHWT, weights="iw"))
    test = model.fit(disp=False, use_t=False).score_test(case["extra"])
    expected = case["value"]
    assert test.k_constraint == expected["df"]
    assert_allclose(test.statistic, expected["statistic"], rtol=RTOL)


SCORES = json.loads((FOLDER / "svyscoretest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", SCORES, ids=lambda case: f"{case['data']}-{case['extra']}")
def test_svyscoretest(case):
    """``svyscoretest.R`` made the values."""
    if case["data"] == "birthwt":
        data = BIRTHWT
        design = SurveyDesign(data, weights="iw")
    else:
        data = pd.read_csv(FOLDER.parents[1] / "r" / "data" / "nhanes.csv").dropna()
        names = {"weights": "WTMEC2YR", "strata": "SDMVSTRA", "psu": "SDMVPSU"}
        design = SurveyDesign(data, **names, nest=True)
    test = (
        weighted_logit(case["formula"], data, design=design)
        .fit(disp=False)
        .score_test(case["extra"])
    )
    df = case["df"]
    assert test.k_constraint == df
    assert_allclose(df * test.statistic, case["statistic"], rtol=RTOL)
    # R counts the coefficients of the model it is given, which with add.terms is the smaller one.
    larger = case["ddf"] - (df if case["how"] == "add.terms" else 0)
    assert test.df_denom == larger
    # R takes the whole statistic, not its df-th part, for an F.
    assert_allclose(stats.f.sf(case["statistic"], df, case["ddf"]), case["p"], rtol=RTOL)
    assert_allclose(test.pvalue, stats.f.sf(case["statistic"] / df, df, larger), rtol=RTOL)


def named(term: str) -> str:
    """R's name of a term, for both codings."""
    plain = term.replace(", Sum", "").replace("C(", "").replace(")", "")
    return "(Intercept)" if plain == "Intercept" else plain


@pytest.mark.parametrize("case", VALUES["anovas"], ids=lambda c: f"{c['coding']}-{c['type']}")
def test_anova_with_a_sandwich(case):
    coded = ", Sum" if case["coding"] == "Sum" else ""
    formula = f"low ~ age + C(race{coded}) * C(smoke{coded}) + lwt"
    model = weighted_logit(
        formula, BIRTHWT, class_weight=None if case["weights"] == "none" else "balanced"
    )
    scheme = {} if case["weights"] == "none" else {"class_weights": "fixed"}
    results = model.fit(disp=False, cov_type=case["kind"], cov_kwds=scheme)
    if case["type"] == 3 and not coded:
        with pytest.warns(InferenceWarning, match="reference level of C"):
            table = results.anova(type=3)
    else:
        table = results.anova(type=case["type"])
    table.index = [named(term) for term in table.index]
    assert set(table.index) == set(case["term"])
    found = table.loc[case["term"]]
    assert_allclose(found["statistic"], case["chisq"], rtol=1e-8)
    assert_allclose(found["df"], case["df"])
    assert_allclose(found["pvalue"], case["p"], rtol=1e-7)


FUNCTIONS = {
    "ht / lwt": lambda b: b["ht"] / b["lwt"],
    "exp(ht)": lambda b: np.exp(b["ht"]),
    "ht^2 / (1 + exp(age)) - lwt": lambda b: b["ht"] ** 2 / (1.0 + np.exp(b["age"])) - b["lwt"],
}


@pytest.mark.parametrize("case", VALUES["delta"], ids=lambda case: case["function_"])
def test_functions_of_the_coefficients(case):
    model = weighted_logit("low ~ age + lwt + ht", BIRTHWT, class_weight="balanced")
    results = model.fit(disp=False, cov_type="HC0", cov_kwds={"class_weights": "fixed"})
    found = results.delta_method(FUNCTIONS[case["function_"]])
    assert_allclose(found.values, [case["value"]], rtol=RTOL)
    assert_allclose(found.se, [case["se"]], rtol=1e-8)


@pytest.mark.parametrize("method", VALUES["adjusted"]["by"])
def test_adjusted_p_values(method):
    found = adjusted(np.array(VALUES["adjusted"]["raw"]), method)
    assert_allclose(found, VALUES["adjusted"]["by"][method], rtol=RTOL)
