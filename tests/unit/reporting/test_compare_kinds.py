"""Comparisons of fits of other kinds, those of statsmodels among them."""

import numpy as np
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from tests.unit.reporting.comparisons import printed, said
from tests.unit.reporting.fits import fit, frame
from wlogit import WeightedLogit, compare
from wlogit.errors import ConvergenceWarning, SeparationWarning


def test_a_penalised_fit_has_no_standard_errors(plain):
    model = WeightedLogit.from_formula("y ~ x + a", frame())
    lasso = model.fit_regularized(alpha=12.0, disp=False)
    assert 0.0 in set(lasso.params), "the penalty is too small for this test"
    comparison = compare([plain, lasso], stars=True)
    table = printed(comparison)
    for name, value in lasso.params.items():
        assert table[name][1] == (f"{value:.3f}" if value else "0")
        assert table[f"{name} below"][1] == ""
    assert table["Covariance"] == ["nonrobust", "none"]
    assert table["Pseudo R2"][1] == ""
    assert "(2): Penalised (lasso, alpha = 12)" in said(comparison)
    assert "no standard errors are valid" in said(comparison)


def test_bias_reduced_and_constrained_fits():
    model = WeightedLogit.from_formula("y ~ x + a", frame(), class_weight="balanced")
    firth, constrained = (
        model.fit_bias_reduced(disp=False),
        model.fit_constrained("x = 0.5", disp=False),
    )
    comparison = compare([firth, constrained], footer=["aic", "llr_pvalue"])
    table = printed(comparison)
    assert table["Covariance"] == ["nonrobust", "HC3"]
    assert table["AIC"][0] == ""
    assert table["LR p-value"][1] == ""
    assert "(1): Firth's adjusted score" in said(comparison)
    assert "(2): Model has been estimated subject to linear equality constraints." in said(
        comparison
    )
    assert "INVALID" not in said(comparison)
    assert table["x"][1] == "0.500"
    assert table["x below"][1] == "(fixed)"
    assert "set by a constraint" in said(comparison)
    assert "fixed" not in said(compare(firth))


def test_a_calibrated_fit_says_so(balanced):
    calibrated = balanced.calibrated()
    comparison = compare([balanced, calibrated], cov_types=["nonrobust", "HC0"])
    table = printed(comparison)
    assert table["Intercept"][3] == f"{balanced.params['Intercept'] - np.log(2.0):.3f}"
    assert table["Intercept below"][3] == f"({calibrated.with_covariance('HC0').bse.iloc[0]:.3f})"
    assert table["Covariance"][2] == "nonrobust (not valid)"
    assert "(3), (4): Calibrated: log(c1/c0) = 0.6931" in said(comparison)
    odds = said(compare(calibrated, exponentiate=True))
    assert "class weights multiply" not in odds


def test_columns_that_were_not_selected_are_zero():
    model = WeightedLogit.from_formula("y ~ x + a", frame())
    refitted = model.fit_regularized(alpha=[0.0, 0.0, 30.0], disp=False, refit=True)
    table = printed(compare(refitted, stars=True))
    assert "0" in [texts[0] for texts in table.values()]
    assert "(fixed)" in [texts[0] for texts in table.values()]
    assert "IGNORES" in said(compare(refitted))


def test_separated_and_unfinished_fits(plain):
    data = frame().assign(flag=((frame()["y"] == 1) & (frame()["x"] > 0)).astype(int))
    with pytest.warns(SeparationWarning):
        separated = fit("y ~ x + flag", data)
    with pytest.warns(ConvergenceWarning):
        unfinished = fit("y ~ x", fitting={"maxiter": 1})
    comparison = compare([plain, separated, unfinished], stars=True)
    table = printed(comparison)
    assert table["flag below"] == ["", "", ""]
    assert table["x below"][2] == ""
    assert "(2): Quasi-complete separation" in said(comparison)
    assert "(3): Maximum Likelihood optimization failed to converge" in said(comparison)


def test_a_fit_without_its_data_is_compared_the_same(balanced):
    again = fit("y ~ x + group", class_weight="balanced")
    again.remove_data()
    assert str(compare(again)) == str(compare(balanced))


def test_a_fit_of_statsmodels(plain):
    stock = smf.logit("y ~ x + a", frame()).fit(disp=False)
    comparison = compare([plain, stock])
    for label, (ours, theirs) in printed(comparison).items():
        assert ours == theirs, label
    assert "Covariance nonrobust: inverse of the observed information" in said(comparison)
    assert "(1)" not in said(comparison)


@pytest.mark.parametrize("called", ["HC0", "HC1", "HC2", "HC3"])
def test_robust_covariances_of_statsmodels_are_called_what_they_are(plain, called):
    stock = smf.logit("y ~ x + a", frame()).fit(disp=False, cov_type=called)
    comparison = compare([plain.with_covariance("HC0"), stock])
    table = printed(comparison)
    assert table["Covariance"] == ["HC0", "HC0"]
    assert len(set(table["x below"])) == 1
    assert (f"where it is called {called}" in said(comparison)) == (called != "HC0")


def test_statsmodels_null_model_is_not_taken_over_without_a_constant():
    X = frame()[["x", "a"]]
    stock = sm.Logit(frame()["y"], X).fit(disp=False)
    table = printed(compare(stock, footer=["llnull", "pseudo_rsquared", "llf"]))
    assert table["Null log-likelihood"] == table["Pseudo R2"] == [""]
    assert table["Log-likelihood"] == [f"{stock.llf:.1f}"]


def test_an_unfinished_fit_of_statsmodels_is_not_valid(plain):
    with pytest.warns(sm.tools.sm_exceptions.ConvergenceWarning):
        stock = smf.logit("y ~ x + a", frame()).fit(maxiter=1, disp=False)
    comparison = compare([plain, stock], stars=True)
    assert printed(comparison)["Covariance"] == ["nonrobust", "nonrobust (not valid)"]
    assert "(2): Did not converge" in said(comparison)
