"""Likelihood-ratio tests and tests of terms of every kind of fit."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import wlogit
from tests.contracts import weighted_fits as fits
from tests.unit.nests import PART, WHOLE, by_hand
from wlogit import NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit, weighted_mnlogit


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
