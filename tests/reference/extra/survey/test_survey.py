"""Survey designs against R; ``generate.R`` beside made the values."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.reference.cases import read_data
from wlogit import SurveyDesign, WeightedLogit, WeightedMNLogit

FOLDER = Path(__file__).parent
VALUES = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
STAGES = pd.read_csv(FOLDER / "three_stages.csv")
# Linearized by R from fits that repeat exactly, and by wlogit: rounding of a few hundred rows.
RTOL = 1e-9


def of_stages(data=STAGES, **options):
    return SurveyDesign(
        data,
        psu=["town", "block", "person"],
        strata=["region", "zone"],
        fpc=["n1", "n2", "n3"],
        nest=True,
        **options,
    )


def of_schools():
    data = read_data("apistrat.csv")
    return SurveyDesign(data, weights="pw", strata="stype", fpc="fpc"), data


def of_districts():
    data = read_data("apiclus2.csv")
    return SurveyDesign(data, psu=["dnum", "snum"], fpc=["fpc1", "fpc2"]), data


def of_nhanes(name="nhanes.csv", **options):
    data = read_data(name)
    names = {"psu": "SDMVPSU", "strata": "SDMVSTRA", "weights": "WTMEC2YR"}
    return SurveyDesign(data, **names, nest=True, **options), data


# ------------------------------------------------------------------------------- columns


def estimates():
    strat, schools = of_schools()
    clus2, districts = of_districts()
    elementary = clus2.subset(districts["stype"] == "E")
    three = of_stages()
    return {
        "strat_means": lambda: strat.mean(["api00", "meals"]),
        "strat_total": lambda: strat.total("enroll"),
        "strat_share": lambda: strat.proportion("sch_wide"),
        "strat_types": lambda: strat.subset(schools["sch_wide"] == 1).proportion("stype"),
        "clus2_mean": lambda: clus2.mean("enroll"),
        "clus2_total": lambda: elementary.total("enroll"),
        "clus2_share": lambda: elementary.proportion(districts["awards"] == 1),
        "three_mean": lambda: three.mean("z"),
        "three_total": lambda: three.total("x"),
    }


@pytest.mark.parametrize("name", estimates())
def test_estimates_of_columns(name):
    found, expected = estimates()[name](), VALUES["columns"][name]
    assert_allclose(found.values, expected["value"], rtol=RTOL)
    assert_allclose(found.se, np.ravel(expected["se"]), rtol=RTOL)
    assert [found.df] == expected["df"]
    if "vcov" in expected:
        assert_allclose(found.covariance, expected["vcov"], rtol=RTOL, atol=1e-18)
    if name != "strat_types":  # whose intervals svymean does not form for the logit
        assert_allclose(found.ci(), np.atleast_2d(expected["ci"]), rtol=RTOL)


def test_weights_follow_from_three_population_sizes():
    weights = of_stages().sampling_weights
    assert_allclose(weights.sum(), VALUES["columns"]["three_weights"], rtol=1e-14)


# ---------------------------------------------------------------------------------- fits


def alone(policy):
    gone = (STAGES["region"] == 2) & (STAGES["town"] == 2) & (STAGES["zone"] == 1)
    data = STAGES[~(gone & (STAGES["block"] > 1))]
    return "y ~ x", data, of_stages(data, lonely_psu=policy)


def small(policy, **options):
    design, data = of_nhanes(lonely_psu=policy, **options)
    domain = (data["race"] == 3) & (data["agecat"] == "a59_")
    return "HI_CHOL ~ RIAGENDR", data, design.subset(domain)


def lonely_domain(policy, **options):
    design, data = of_nhanes("nhanes_lonely.csv", lonely_psu=policy, **options)
    return "HI_CHOL ~ RIAGENDR", data, design.subset(data["race"] == 3)


def of_gaps():
    data = read_data("apistrat.csv").assign(meals=lambda d: d["meals"].astype(float))
    data.loc[[2, 49, 119, 198], "meals"] = np.nan
    return data, SurveyDesign(data, weights="pw", strata="stype")


def of_zeros():
    data = read_data("apistrat.csv").copy()
    data.loc[[0, 1, 149], "pw"] = 0.0
    return data, SurveyDesign(data, weights="pw", strata="stype")


SCHOOLS = "sch_wide ~ ell + meals"
FITS = {
    "three": lambda: ("y ~ x", STAGES, of_stages()),
    "three_domain": lambda: ("y ~ x", STAGES, of_stages().subset(STAGES["x"] > -0.5)),
    "alone_adjust": lambda: alone("adjust"),
    "alone_average": lambda: alone("average"),
    "alone_remove": lambda: alone("remove"),
    "domain_adjust": lambda: small("adjust"),
    "domain_average": lambda: small("average"),
    "domain_average_in": lambda: small("average", lonely_in_domain=True),
    "lonely_domain_average": lambda: lonely_domain("average"),
    "lonely_domain_adjust_in": lambda: lonely_domain("adjust", lonely_in_domain=True),
    "missing": lambda: (SCHOOLS, *of_gaps()),
    "zero": lambda: (SCHOOLS, *of_zeros()),
}


def close_fit(results, expected):
    assert_allclose(results.params, expected["params"], rtol=RTOL)
    vcov = np.asarray(expected["vcov"])
    unit = np.sqrt(np.outer(np.diag(vcov), np.diag(vcov)))
    assert_allclose(np.asarray(results.cov_params()) / unit, vcov / unit, rtol=0, atol=RTOL)
    if "df" in expected:
        assert [results.df_resid_inference] == expected["df"]


@pytest.mark.parametrize("name", FITS)
def test_fits(name):
    formula, data, design = FITS[name]()
    results = WeightedLogit.from_formula(formula, data, design=design).fit(disp=False)
    close_fit(results, VALUES["fits"][name])


def test_a_frequency_is_the_row_repeated_in_its_psu():
    data = read_data("apiclus1.csv")
    data = data.assign(times=1 + np.arange(1, len(data) + 1) % 3)
    design = SurveyDesign(data, weights="pw", psu="dnum")
    model = WeightedLogit.from_formula(SCHOOLS, data, design=design, freq_weights="times")
    close_fit(model.fit(disp=False), VALUES["fits"]["counted"])


def test_degrees_of_freedom_of_tests():
    design, data = of_schools()
    results = WeightedLogit.from_formula(SCHOOLS, data, design=design).fit(disp=False)
    expected = VALUES["tests"]
    test = results.wald_test("ell = 0, meals = 0", scalar=True)
    assert_allclose(test.statistic, expected["wald_F"], rtol=RTOL)
    assert_allclose(test.pvalue, expected["wald_p"], rtol=1e-7)
    assert [test.df_denom] == expected["wald_ddf"]
    other = results.with_covariance("survey", df="design")
    assert_allclose(other.conf_int(), expected["design_ci"], rtol=RTOL)
    assert_allclose(other.pvalues, expected["design_p"], rtol=1e-7)


# ------------------------------------------------------------------ linearized by hand

LINEARIZED = VALUES["linearized"]


def districts(**options):
    data = read_data("apiclus1.csv")
    design = SurveyDesign(data, weights="pw", psu="dnum", fpc="fpc")
    return WeightedLogit.from_formula(SCHOOLS, data, design=design, **options).fit(disp=False)


@pytest.fixture(scope="module")
def plain():
    return districts()


@pytest.fixture(scope="module")
def balanced():
    return districts(class_weight="balanced")


def close_variance(found, expected):
    vcov = np.atleast_2d(expected["vcov"])
    assert_allclose(np.atleast_1d(found), np.sqrt(np.diag(vcov)), rtol=RTOL)


def test_class_weights_from_the_sample(balanced):
    close_fit(balanced, LINEARIZED["balanced"])
    close_fit(balanced.with_covariance("survey", class_weights="fixed"), LINEARIZED["fixed"])
    close_fit(balanced.calibrated(), LINEARIZED["calibrated"])


@pytest.mark.parametrize("name", ["effects", "effects_balanced"])
def test_unconditional_average_effects(name, plain, balanced):
    fit, expected = (plain if name == "effects" else balanced), LINEARIZED[name]
    margins = fit.get_margeff(vce="unconditional")
    assert_allclose(margins.margeff, expected["value"], rtol=RTOL)
    close_variance(margins.margeff_se, expected)


def test_the_average_prediction(balanced):
    found = balanced.predictions_at({"meals": 50}, vce="unconditional")
    assert_allclose(found.inference.value, LINEARIZED["average_balanced"]["value"], rtol=RTOL)
    close_variance(found.inference.se, LINEARIZED["average_balanced"])


def test_a_recalibrated_intercept(balanced):
    fixed = balanced.with_covariance("survey", class_weights="fixed")
    expected = LINEARIZED["recalibrated"]
    found = fixed.recalibrate()
    assert_allclose(found.params, expected["params"], rtol=RTOL)
    close_variance(found.bse, expected)


def test_the_area_under_the_curve(plain):
    area = plain.auc()
    assert_allclose(area.auc, LINEARIZED["auc"]["value"], rtol=RTOL)
    close_variance(area.se, LINEARIZED["auc"])
    data = read_data("apiclus1.csv")
    design = SurveyDesign(data, weights="pw", psu="dnum", fpc="fpc")
    model = WeightedLogit.from_formula("sch_wide ~ ell", data, design=design)
    other = area.compare(model.fit(disp=False))
    assert_allclose(other.difference, LINEARIZED["auc_difference"]["value"][0], rtol=1e-8)
    close_variance(other.se, LINEARIZED["auc_difference"])


def test_brier_and_calibration(plain):
    assert_allclose(float(plain.brier()), LINEARIZED["brier"]["value"], rtol=RTOL)
    close_variance(plain.brier().se, LINEARIZED["brier"])
    slope = plain.calibration().slope
    assert_allclose(slope.value, LINEARIZED["calibration_slope"]["value"], rtol=1e-8)
    assert_allclose(slope.se, np.sqrt(LINEARIZED["calibration_slope"]["vcov"][0][0]), rtol=1e-7)


def test_whether_the_weights_matter():
    # Of a sample whose weights differ, which those of apiclus1 do not.
    data = read_data("apiclus2.csv")
    design = SurveyDesign(data, weights="pw", psu="dnum")
    results = WeightedLogit.from_formula(SCHOOLS, data, design=design).fit(disp=False)
    test, expected = results.weighting_test(), LINEARIZED["weighting"]
    assert_allclose(test.differences["difference"], expected["difference"], rtol=1e-8)
    close_variance(test.differences["se"], expected)
    # An F test on the degrees of freedom of the design; the statistic beside it is a chi-square.
    assert_allclose(test.statistic, expected["statistic"][0] / 2.0, rtol=1e-8)
    ddf = design.df + 1.0 - 3.0
    assert_allclose(test.pvalue, stats.f.sf(expected["statistic"][0] / 2.0, 2, ddf), rtol=1e-8)


def test_several_labels():
    data = read_data("apiclus1.csv")
    design = SurveyDesign(data, weights="pw", psu="dnum", fpc="fpc")
    model = WeightedMNLogit.from_formula("stype ~ ell + meals", data, design=design)
    results, expected = model.fit(disp=False), LINEARIZED["types"]
    assert_allclose(np.ravel(results.params, order="F"), expected["params"], rtol=1e-8)
    assert results.cov_type == "survey"
    assert [results.df_resid_inference] == expected["df"]
    unit = np.sqrt(np.diag(expected["vcov"]))
    found = np.asarray(results.cov_params()) / np.outer(unit, unit)
    assert_allclose(found, expected["vcov"] / np.outer(unit, unit), rtol=0, atol=1e-8)


def grouped(name):
    if name == "strat":
        design, data = of_schools()
        return SCHOOLS, data, design, 10
    design, data = of_nhanes()
    return "HI_CHOL ~ race + RIAGENDR", data, design.subset(data["agecat"] == "a39_59"), 6


@pytest.mark.parametrize("name", ["strat", "nhanes"])
def test_mean_residuals_in_groups(name):
    formula, data, design, groups = grouped(name)
    results = WeightedLogit.from_formula(formula, data, design=design).fit(disp=False)
    test, expected = results.gof_test("archer-lemeshow", groups=groups), VALUES["grouped"][name]
    assert [test.df] == expected["df"]
    assert [test.ddf] == expected["ddf"]
    assert_allclose(test.table["mean_residual"], expected["means"], rtol=1e-7, atol=1e-12)
    assert_allclose(test.table["se"], expected["se"], rtol=1e-8)
    assert_allclose(test.statistic, expected["statistic"], rtol=1e-7)
    assert_allclose(test.pvalue, expected["p"], rtol=1e-6)
