"""Likelihood-ratio tests and tests of terms of every kind of fit."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import wlogit
from tests.contracts import weighted_fits as fits
from wlogit import InferenceWarning, NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit, weighted_mnlogit
from wlogit.inference.quadratic_forms import tail

WHOLE, PART = "y ~ x + z + C(g)", "y ~ x"


def by_hand(results, restricted, tested, ddf=np.inf):
    """X2 and the eigenvalues of ``V0^-1 V``, from public members."""
    unit = results.nobs / results.weights.total
    tested = list(tested)
    model_based = np.asarray(results.cov_nonrobust)[np.ix_(tested, tested)] / unit
    in_use = np.asarray(results.cov_params())[np.ix_(tested, tested)]
    eigenvalues = np.linalg.eigvals(np.linalg.solve(model_based, in_use)).real
    statistic = 2.0 * unit * (results.llf - restricted.llf)
    return statistic, np.sort(eigenvalues), tail(statistic, eigenvalues, ddf)


@pytest.mark.parametrize("kind", fits.WEIGHTS)
@pytest.mark.parametrize("cov_type", ["HC0", "HC3"])
def test_rao_scott_by_hand_under_every_kind_of_weights(kind, cov_type):
    options = fits.WEIGHTS[kind]
    results = fits.fit(WHOLE, **options).with_covariance(cov_type)
    restricted = fits.fit(PART, **options)
    statistic, eigenvalues, pvalue = by_hand(results, restricted, [1, 2, 4])
    named = results.lr_test(["C(g)", "z"])
    for test in (results.lr_test(restricted), named):
        assert_allclose(test.statistic, statistic, rtol=1e-8)
        assert_allclose(test.eigenvalues, eigenvalues, rtol=1e-8)
        assert_allclose(test.pvalue, pvalue, rtol=1e-7)
        assert (test.df, test.ddf, test.method) == (3.0, np.inf, "saddlepoint")
    naive = results.lr_test(restricted, "naive")
    raw = 2.0 * (results.llf - restricted.llf)
    assert_allclose([naive.statistic, naive.pvalue], [raw, stats.chi2.sf(raw, 3)], rtol=1e-7)


OTHER_UNITS = {
    "sampling weights": ({"sampling_weights": "sampled"}, {"sampling_weights": "tenfold"}),
    "class weights": ({"class_weight": {0: 1, 1: 3}}, {"class_weight": {0: 2, 1: 6}}),
    "both": (
        {"sampling_weights": "sampled", "class_weight": {0: 5, 1: 10}},
        {"sampling_weights": "tenfold", "class_weight": {0: 1, 1: 2}},
    ),
}


@pytest.mark.parametrize("build", [weighted_logit, weighted_mnlogit])
@pytest.mark.parametrize("weights", OTHER_UNITS)
def test_the_unit_of_the_weights_of_either_fit_does_not_matter(weights, build):
    data = fits.data().assign(tenfold=lambda data: 10.0 * data["sampled"])
    one, other = OTHER_UNITS[weights]
    larger, smaller, rescaled = (
        build(formula, data, **options).fit(disp=False, cov_type="HC1")
        for formula, options in ((WHOLE, one), (PART, one), (PART, other))
    )
    for approximation in ("saddlepoint", "satterthwaite", "naive"):
        expected = larger.lr_test(smaller, approximation)
        found = larger.lr_test(rescaled, approximation)
        assert_allclose(found.statistic, expected.statistic, rtol=1e-8)
        assert_allclose(found.pvalue, expected.pvalue, rtol=1e-7)
    rows = wlogit.compare_nested(rescaled, larger)
    assert_allclose(rows["pvalue"].iloc[1], larger.lr_test(smaller).pvalue, rtol=1e-7)
    if build is weighted_logit:
        assert_allclose(rescaled.dbic(larger), smaller.dbic(larger), rtol=1e-8)


@pytest.mark.parametrize("kind", ["none", "frequency", "offset"])
def test_a_likelihood_has_its_textbook_chi_square(kind):
    results, restricted = (fits.fit(f, **fits.WEIGHTS[kind]) for f in (WHOLE, PART))
    test = results.lr_test(restricted)
    raw = 2.0 * (results.llf - restricted.llf)
    assert test.method == "chi2"
    assert_allclose([test.statistic, test.pvalue], [raw, stats.chi2.sf(raw, 3)], rtol=1e-9)
    assert results.lr_test(restricted, "exact").pvalue == test.pvalue


@pytest.mark.parametrize("kind", fits.WEIGHTS)
def test_all_slopes_are_the_test_of_the_report(kind):
    options = fits.WEIGHTS[kind]
    results, null = (fits.fit(f, **options) for f in (WHOLE, "y ~ 1"))
    for test in (results.lr_test(null), results.lr_test(["x", "z", "C(g)"])):
        assert_allclose(test.statistic, results.llr, rtol=1e-9)
        assert_allclose(test.pvalue, results.llr_pvalue, rtol=1e-8)
        assert_allclose(test.eigenvalues, results.llr_test.eigenvalues, rtol=1e-8)


def test_t_tests_have_a_denominator():
    results = fits.fit(WHOLE, sampling_weights="sampled", class_weight="balanced")
    groups = np.arange(fits.N) % 30
    results = results.with_covariance("cluster", groups=groups, use_t=True)
    restricted = fits.fit("y ~ x + C(g)", sampling_weights="sampled", class_weight="balanced")
    statistic, _, pvalue = by_hand(results, restricted, [4], ddf=29.0)
    test = results.lr_test(restricted)
    assert_allclose([test.statistic, test.pvalue], [statistic, pvalue], rtol=1e-8)
    assert test.ddf == 29.0
    assert results.anova().loc["z", "ddf"] == 29.0
    assert results.nonlinear_test(lambda b: b["z"]).ddf == 29.0
    assert results.score_test("np.exp(z)").df_denom == 29.0


# -- forms of the restricted fit -----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["none", "balanced", "frequency, sampling, balanced"])
def test_a_constraint_a_sum_of_columns_and_its_wald_contrast_are_one_hypothesis(kind):
    options = fits.WEIGHTS[kind]
    results = fits.fit("y ~ x + z", **options)
    constrained = results.model.fit_constrained("x = -2 * z + 0.3", disp=False)
    summed = weighted_logit(
        "y ~ I(z - 2 * x)", fits.data(), **{**options, "offset": 0.3 * fits.data()["x"]}
    )
    first, second = results.lr_test(constrained), None
    free = results.model.fit_constrained("x = -0.5 * z", disp=False)
    second = fits.fit("y ~ I(z - 0.5 * x)", **options)
    by_constraint, by_columns = results.lr_test(free), results.lr_test(second)
    assert_allclose(by_constraint.statistic, by_columns.statistic, rtol=1e-7)
    assert_allclose(by_constraint.eigenvalues, by_columns.eigenvalues, rtol=1e-8)
    assert first.df == by_columns.df == 1.0
    assert summed.exog.shape[1] == 2
    unit = results.nobs / results.weights.total
    row = np.array([0.0, 1.0, 0.5])
    ratio = row @ results.cov_params() @ row / (row @ results.cov_nonrobust @ row / unit)
    assert_allclose(by_columns.eigenvalues, [ratio], rtol=1e-8)


def test_values_that_constraints_fix_are_offsets_of_the_other_fit():
    data = fits.data()
    results = fits.fit("y ~ x + z", class_weight="balanced")
    fixed = results.model.fit_constrained("z = -0.4", disp=False)
    shifted = weighted_logit("y ~ x", data, class_weight="balanced", offset=-0.4 * data["z"]).fit(
        disp=False
    )
    first, second = results.lr_test(fixed), results.lr_test(shifted)
    assert_allclose(first.statistic, second.statistic, rtol=1e-9)
    assert_allclose(first.pvalue, second.pvalue, rtol=1e-8)


@pytest.mark.parametrize("kind", ["balanced", "sampling", "none"])
def test_a_constrained_fit_has_tests_of_its_own(kind):
    options = fits.WEIGHTS[kind]
    constrained = fits.model("y ~ x + z", **options).fit_constrained("x = -2 * z", disp=False)
    reduced = fits.fit("y ~ I(z - 2 * x)", **options)
    assert_allclose(constrained.llr, reduced.llr, rtol=1e-9)
    assert_allclose(constrained.llr_pvalue, reduced.llr_pvalue, rtol=1e-8)
    null = fits.fit("y ~ 1", **options)
    assert_allclose(constrained.lr_test(null).pvalue, reduced.lr_test(null).pvalue, rtol=1e-8)


def test_the_null_model_must_satisfy_the_constraints():
    constrained = fits.model("y ~ x + z", class_weight="balanced").fit_constrained(
        "x = 1", disp=False
    )
    with pytest.raises(NotAvailableError, match="constraints exclude"):
        constrained.llr_test  # noqa: B018
    assert np.isnan(constrained.glance()["llr_pvalue"].iloc[0])


def test_another_basis_of_the_same_columns_is_the_same_hypothesis():
    data = fits.data()
    whole = fits.fit("y ~ x + z + C(g)", class_weight="balanced")
    other = fits.fit("y ~ 0 + C(g) + I(x + z) + I(1e6 * (x - z))", class_weight="balanced")
    part = fits.fit("y ~ 0 + C(g)", class_weight="balanced")
    first, second = whole.lr_test(part), other.lr_test(part)
    assert_allclose(first.statistic, second.statistic, rtol=1e-8)
    assert_allclose(first.eigenvalues, second.eigenvalues, rtol=1e-7)
    arrays = WeightedLogit(data["y"], fits.X(), class_weight="balanced").fit(disp=False)
    assert_allclose(arrays.lr_test(["x1", "x2"]).statistic, arrays.llr, rtol=1e-9)


def test_without_any_column_the_model_is_its_offset():
    results = fits.fit("y ~ 0 + x", **fits.WEIGHTS["offset, balanced"])
    assert_allclose(results.lr_test("x").statistic, results.llr, rtol=1e-9)
    assert_allclose(results.lr_test("x").pvalue, results.llr_pvalue, rtol=1e-9)


def test_rows_without_weight_and_removed_rows_do_not_count():
    data = fits.data()
    data.loc[data.index[::9], "z"] = np.nan
    weights = data["sampled"].where(data["z"].notna(), 0.0)
    whole = weighted_logit("y ~ x + z", data, sampling_weights="sampled").fit(disp=False)
    restricted = weighted_logit("y ~ x", data, sampling_weights=weights).fit(disp=False)
    dropped = weighted_logit("y ~ x", data.dropna(), sampling_weights="sampled").fit(disp=False)
    assert_allclose(whole.lr_test(restricted).pvalue, whole.lr_test(dropped).pvalue, rtol=1e-9)


def test_counts_are_their_cases():
    cases = fits.data()[["y", "g"]].assign(h=lambda d: (d.index % 3 == 0).astype(int))
    grouped = cases.groupby(["g", "h"])["y"].agg(["sum", "count"]).reset_index()
    grouped["rest"] = grouped["count"] - grouped["sum"]
    for options in ({}, {"class_weight": "balanced"}):
        one = weighted_logit("y ~ C(g) + h", cases, **options).fit(disp=False, cov_type="HC3")
        other = weighted_logit("sum + rest ~ C(g) + h", grouped, **options)
        other = other.fit(disp=False, cov_type="HC3")
        for test in ("wald", "lr"):
            assert_allclose(one.anova(test=test), other.anova(test=test), rtol=1e-8)


def test_calibrated_fits_are_compared_as_they_were_fitted():
    results, part = (fits.fit(f, class_weight="balanced") for f in (WHOLE, PART))
    expected = results.lr_test(part)
    assert results.calibrated().lr_test(part.calibrated()).pvalue == expected.pvalue
    assert results.recalibrate().lr_test(part).pvalue == expected.pvalue
    assert results.lr_test(part.recalibrate()).pvalue == expected.pvalue


def test_pickled_and_copied_fits_are_tested_alike():
    results, part = (fits.fit(f, class_weight="balanced") for f in (WHOLE, PART))
    expected = results.lr_test(part).pvalue
    again = pickle.loads(pickle.dumps(results))
    assert again.lr_test(pickle.loads(pickle.dumps(part))).pvalue == expected
    assert_allclose(again.anova(), results.anova(), rtol=1e-12)


# -- separation ----------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::wlogit.errors.SeparationWarning")
def test_under_separation_a_likelihood_has_its_ratio_and_no_wald_test():
    data = pd.DataFrame({"x": np.arange(16.0) // 2, "s": np.arange(16) % 2})
    data["y"] = np.where(data["s"] == 1, 1, np.arange(16) % 3 == 0).astype(int)
    results = weighted_logit("y ~ x + s", data).fit(disp=False)
    part = weighted_logit("y ~ x", data).fit(disp=False)
    test = results.lr_test("s")
    assert_allclose(test.statistic, 2.0 * (results.llf - part.llf), rtol=1e-8)
    assert_allclose(test.pvalue, stats.chi2.sf(test.statistic, 1))
    table = results.anova()
    assert np.isnan(table.loc["s", "pvalue"])
    assert table.loc["x", "pvalue"] > 0
    assert_allclose(results.anova(test="lr").loc["s", "pvalue"], test.pvalue)
    with pytest.raises(NotAvailableError, match="function uses s"):
        results.delta_method(lambda b: b["s"] * b["x"])
    assert results.delta_method(lambda b: b["x"] ** 2).se > 0
    weighted = weighted_logit("y ~ x + s", data, class_weight="balanced").fit(disp=False)
    with pytest.raises(NotAvailableError, match="separated under weights"):
        weighted.lr_test("s")


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
