"""Tests of terms, of several nested fits and of functions of the coefficients."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

import wlogit
from tests.contracts import weighted_fits as fits
from tests.unit.nests import PART, WHOLE
from wlogit import InferenceWarning, WeightedLogit
from wlogit.formula.api import weighted_logit, weighted_mnlogit

# -- terms ---------------------------------------------------------------------------------------


def test_type_two_obeys_marginality():
    results = fits.fit("y ~ x * C(g) + z", class_weight="balanced")
    additive = fits.fit("y ~ x + C(g) + z", class_weight="balanced")
    table = results.anova(test="lr")
    assert list(table.index) == list(results.model.design_info.term_names[1:])
    for term, without in (("x", "y ~ C(g) + z"), ("C(g)", "y ~ x + z")):
        expected = additive.lr_test(fits.fit(without, class_weight="balanced"))
        assert_allclose(table.loc[term, "statistic"], expected.statistic, rtol=1e-8)
        assert_allclose(table.loc[term, "pvalue"], expected.pvalue, rtol=1e-7)
    expected = results.lr_test(additive)
    assert_allclose(table.loc["x:C(g)", "pvalue"], expected.pvalue, rtol=1e-7)


def test_the_covariance_of_refits_is_the_one_in_use():
    data = fits.data().assign(cluster=np.arange(fits.N) // 4)

    def fit(formula):
        model = weighted_logit(formula, data, class_weight="balanced")
        return model.fit(
            disp=False,
            use_t=True,
            cov_type="cluster",
            cov_kwds={"groups": "cluster", "kind": "CR1"},
        )

    found = fit("y ~ x * C(g)").anova(test="lr").loc["x"]
    expected = fit("y ~ x + C(g)").lr_test("x")
    assert_allclose(found["pvalue"], expected.pvalue, rtol=1e-8)
    assert found["ddf"] == expected.ddf == 39.0


def test_type_three_wald_is_the_test_of_the_coefficients_of_a_term():
    results = fits.fit("y ~ x * C(g, Sum) + z", class_weight="balanced")
    table, terms = results.anova(type=3), results.wald_test_terms(scalar=True).table
    assert list(table.index) == list(terms.index)
    assert_allclose(table["statistic"], terms["statistic"].astype(float), rtol=1e-10)
    assert_allclose(table["pvalue"], terms["pvalue"].astype(float), rtol=1e-10)


def test_type_three_says_what_treatment_codes_make_of_a_main_effect():
    results = fits.fit("y ~ x * C(g) + z", class_weight="balanced")
    with pytest.warns(InferenceWarning, match=r"tests x at the reference level of C\(g\)"):
        results.anova(type=3)
    fits.fit("y ~ x + C(g)", class_weight="balanced").anova(type=3)


def test_terms_lose_the_columns_that_were_dropped():
    data = fits.data()
    # Two of the three columns of h are those of g.
    data["h"] = np.where(data["g"] == "c", np.where(data["x"] > 0, "r", "s"), data["g"])
    model = weighted_logit("y ~ C(g) + C(h) + z", data, aliased="drop", class_weight="balanced")
    results = model.fit(disp=False)
    assert len(model.aliased) == 2
    for test in ("wald", "lr"):
        assert results.anova(test=test)["df"].to_dict() == {"C(g)": 2.0, "C(h)": 1.0, "z": 1.0}


def test_columns_are_the_terms_of_arrays():
    results = WeightedLogit(fits.y(), fits.X(), class_weight="balanced").fit(disp=False)
    assert list(results.anova().index) == ["x1", "x2"]
    assert list(results.anova(type=3).index) == ["const", "x1", "x2"]
    assert_allclose(results.anova()["statistic"], np.asarray(results.tvalues)[1:] ** 2)


def test_adjusted_p_values_are_of_the_tests_shown():
    results = fits.fit(WHOLE, class_weight="balanced")
    table = results.anova(type=3, adjust="bonferroni")
    own = table.drop("Intercept")
    assert_allclose(own["pvalue-bonferroni"], np.minimum(1.0, 3.0 * own["pvalue"]))
    assert np.isnan(table.loc["Intercept", "pvalue-bonferroni"])
    found = results.adjusted_pvalues("bonferroni", ["x", 4])
    assert_allclose(found, np.minimum(1.0, 2.0 * results.pvalues[["x", "z"]]))


# -- several fits, several labels ----------------------------------------------------------------


def test_a_table_of_nested_fits():
    formulas = (WHOLE, "y ~ 1", "y ~ x + C(g)", PART)
    results = [fits.fit(formula, class_weight="balanced") for formula in formulas]
    table = wlogit.compare_nested(*results, names=["all", "none", "two", "one"])
    assert list(table.index) == ["none", "one", "two", "all"]
    assert list(table["n_params"]) == [1, 2, 4, 5]
    assert table.iloc[0].isna().sum() == 4
    assert_allclose(table.loc["one", "pvalue"], results[3].llr_pvalue, rtol=1e-8)
    assert_allclose(table.loc["all", "pvalue"], results[0].lr_test("z").pvalue, rtol=1e-7)


@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}, {"freq_weights": "counted"}])
def test_several_labels_have_the_same_tests(options):
    data = fits.data().assign(label=lambda d: np.where(d["y"] == 1, "yes", d["g"]))
    whole = weighted_mnlogit("label ~ x + z", data, **options).fit(disp=False)
    part = weighted_mnlogit("label ~ x", data, **options).fit(disp=False)
    unit = whole.nobs / whole.weights.total
    test = whole.lr_test(part)
    assert_allclose(test.statistic, 2.0 * unit * (whole.llf - part.llf), rtol=1e-8)
    assert_allclose(whole.lr_test("z").pvalue, test.pvalue, rtol=1e-8)
    assert_allclose(whole.lr_test(["x", "z"]).pvalue, whole.llr_pvalue, rtol=1e-7)
    assert test.df == 3.0
    table, terms = whole.anova(), whole.wald_test_terms().table
    assert_allclose(table["statistic"], terms["statistic"].astype(float)[["x", "z"]])
    assert_allclose(whole.anova(test="lr").loc["z", "pvalue"], test.pvalue, rtol=1e-8)
    assert_allclose(wlogit.compare_nested(part, whole)["pvalue"].iloc[1], test.pvalue)


def test_two_of_several_labels_are_a_fit_of_two():
    data = fits.data()
    for options in ({}, {"class_weight": "balanced"}):
        two = weighted_logit("y ~ x + z", data, **options).fit(disp=False)
        several = weighted_mnlogit("y ~ x + z", data, **options).fit(disp=False)
        assert_allclose(several.lr_test("z").pvalue, two.lr_test("z").pvalue, rtol=1e-7)
        assert_allclose(several.anova(), two.anova(), rtol=1e-7)


# -- functions of the coefficients ---------------------------------------------------------------


def test_linear_functions_have_linear_tests():
    results = fits.fit(WHOLE, class_weight="balanced").with_covariance("HC1", use_t=True)
    rows = np.array([[0.0, 1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0, 1.0]])
    found = results.delta_method(lambda b: rows @ np.asarray(b), names=["first", "second"])
    expected = results.t_test(rows)
    assert_allclose(found.values, expected.effect, rtol=1e-12)
    assert_allclose(found.se, expected.sd, rtol=1e-10)
    assert_allclose(found.conf_int(), expected.conf_int(), rtol=1e-10)
    assert_allclose(found.summary_frame()["pvalue"], expected.pvalue, rtol=1e-9)
    joint = results.wald_test(rows, scalar=True)
    assert_allclose(found.test().statistic, joint.statistic, rtol=1e-10)
    assert_allclose(found.test().pvalue, joint.pvalue, rtol=1e-9)
    assert found.test().ddf == joint.df_denom


def test_functions_see_the_coefficients_as_they_are_shown():
    named = fits.fit(WHOLE).delta_method(lambda b: b["x"] / b["z"])
    plain = WeightedLogit(fits.y(), fits.X()).fit(disp=False).delta_method(lambda b: b[1] / b[2])
    assert named.labels == plain.labels == ("g1",)


NAIVE = {
    "lr_test": lambda fit: fit.lr_test("z"),
    "anova": lambda fit: fit.anova(),
    "profile": lambda fit: fit.conf_int(method="profile"),
    "score_test": lambda fit: fit.score_test("np.exp(z)"),
}


def nonrobust(**options):
    results = fits.fit(**options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InferenceWarning)
        return results.with_covariance("nonrobust")


@pytest.mark.parametrize("member", NAIVE)
def test_tests_by_the_inverse_hessian_of_a_pseudo_likelihood_are_called_not_valid(member):
    weighted = nonrobust(class_weight="balanced")
    with pytest.warns(InferenceWarning, match='not valid. Use cov_type="HC3"'):
        NAIVE[member](weighted)
    NAIVE[member](fits.fit(class_weight="balanced"))
    NAIVE[member](nonrobust())


def test_what_is_asked_for_as_naive_needs_no_warning():
    weighted = nonrobust(class_weight="balanced")
    weighted.lr_test("z", "naive")
    weighted.anova(test="lr", approximation="naive")
