import pickle
import re
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from wlogit import InferenceWarning, NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit

MAPPING = {0: 1.0, 1: 3.0}
KINDS = {
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": MAPPING},
    "sampling x balanced": {"class_weight": "balanced", "sampling_weights": "a"},
    "frequency x mapping": {"class_weight": MAPPING, "freq_weights": "m"},
    "offset": {"class_weight": "balanced", "offset": "o"},
}
FORMULAS = {"constant": "y ~ x + z + C(g)", "implicit": "y ~ 0 + C(g) + x + z"}
COVARIANCES = {
    "default": {},
    "HC1": {"cov_type": "HC1"},
    "fixed": {"cov_type": "HC3", "class_weights": "fixed"},
    "case-control": {"cov_type": "HC3", "sampling": "case-control"},
    "cluster": {"cov_type": "cluster", "groups": "g2", "use_t": True},
}


@cache
def data():
    rng = np.random.default_rng(12)
    n = 200
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    frame["g"] = np.resize(["a", "b", "c"], n)
    frame["a"], frame["m"] = rng.gamma(3.0, 1.0, n), rng.integers(0, 4, n)
    frame["o"], frame["g2"] = rng.normal(0.0, 0.3, n), rng.integers(0, 25, n)
    eta = -1.4 + 0.8 * frame["x"] + frame["o"] + 0.5 * (frame["g"] == "b")
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    return frame


@cache
def fit(kind, formula="constant"):
    return weighted_logit(FORMULAS[formula], data(), **KINDS[kind]).fit(disp=False)


def under(results, covariance):
    options = COVARIANCES[covariance]
    return results.with_covariance(**options) if options else results


def both(kind, formula="constant", covariance="default"):
    results = under(fit(kind, formula), covariance)
    return results, results.calibrated()


def test_the_intercept_loses_the_class_weights_and_nothing_else_does():
    results, moved = both("mapping")
    assert_allclose(moved.params["Intercept"], results.params["Intercept"] - np.log(3.0))
    assert_array_equal(moved.params.drop("Intercept"), results.params.drop("Intercept"))
    slopes = slice(1, None)
    assert_allclose(
        moved.cov_params().iloc[slopes, slopes], results.cov_params().iloc[slopes, slopes]
    )
    assert list(moved.params.index) == list(results.params.index)


@pytest.mark.parametrize("kind", KINDS)
def test_the_fit_with_the_same_weights_as_an_offset_has_its_coefficients(kind):
    """The constant is that of a fit whose linear predictor already holds log(c1 / c0)."""
    results, moved = both(kind)
    c0, c1 = results.weights.class_weights.values()
    own = data()["o"] if kind == "offset" else 0.0
    frame = data().assign(shift=np.log(c1 / c0) + own)
    options = {**KINDS[kind], "offset": "shift"}
    shifted = weighted_logit(FORMULAS["constant"], frame, **options).fit(disp=False)
    assert_allclose(moved.params, shifted.params, rtol=1e-9)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("kind", KINDS)
def test_predictions_and_effects_are_those_that_take_the_class_weights_out(
    kind, formula, covariance
):
    results, moved = both(kind, formula, covariance)
    assert_allclose(moved.predict(), results.predict(which="calibrated"), rtol=1e-12)
    assert_allclose(moved.predict(which="calibrated"), moved.predict(), rtol=1e-15)
    assert_allclose(moved.predict(prevalence=0.1), results.predict(prevalence=0.1), rtol=1e-12)
    for asked in ({"which": "calibrated"}, {"prevalence": 0.1}):
        for average in (False, True):
            expected, found = (
                r.get_prediction(average=average, **asked).summary_frame() for r in (results, moved)
            )
            assert_allclose(found, expected, rtol=1e-8)
    for options in (
        {},
        {"at": "mean"},
        {"variables": "all"},
        {"vce": "unconditional"},
        {"prevalence": 0.1},
        {"prevalence": 0.1, "vce": "unconditional"},
    ):
        expected, found = (r.get_margeff(**options).summary_frame() for r in (results, moved))
        assert_allclose(found, expected, rtol=1e-7, err_msg=str(options))
    expected, found = (r.predictions_at({"g": None}).summary_frame() for r in (results, moved))
    assert_allclose(found, expected, rtol=1e-8)
    assert_allclose(
        moved.get_prediction().summary_frame(),
        moved.get_prediction(which="calibrated").summary_frame(),
        rtol=1e-12,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_covariances_by_name_are_those_of_the_calibrated_intercept(kind):
    results, moved = both(kind)
    for name in ("HC0", "HC1", "HC3"):
        own = results.with_covariance(name).calibrated().cov_params()
        assert_allclose(getattr(moved, f"cov_{name}"), own, rtol=1e-12)
        assert_allclose(moved.with_covariance(name).cov_params(), own, rtol=1e-12)
    assert moved.with_covariance("HC1").cov_type == "HC1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InferenceWarning)
        assert_allclose(moved.cov_nonrobust, results.cov_nonrobust, rtol=1e-12)


def test_what_is_about_the_fit_is_that_of_the_fit():
    results, moved = both("balanced")
    for name in ("llf", "llnull", "llr", "llr_pvalue", "aic", "bic", "prsquared", "nobs"):
        assert getattr(moved, name) == getattr(results, name), name
    assert moved.df_resid == results.df_resid
    assert moved.weights.kind == "class"
    assert moved.weights.class_weights == results.weights.class_weights
    assert moved.pseudo_rsquared("tjur") == pytest.approx(results.pseudo_rsquared("tjur"))
    assert_allclose(moved.im_ratio, results.im_ratio)
    assert tuple(moved.score_test(exog_extra=data()["a"])) == tuple(
        results.score_test(exog_extra=data()["a"])
    )
    assert moved.wald_test("x = 0, z = 0", scalar=True).statistic == pytest.approx(
        results.wald_test("x = 0, z = 0", scalar=True).statistic
    )
    assert moved.uncalibrated.params.equals(results.params)
    assert moved.calibrated().params.equals(moved.params)


def test_residuals_and_influence_are_refused():
    _, moved = both("balanced")
    for name in ("resid_response", "resid_generalized", "resid_pearson", "resid_dev"):
        with pytest.raises(NotAvailableError, match=r"uncalibrated\."):
            getattr(moved, name)
        assert not hasattr(moved, name)
    with pytest.raises(NotAvailableError, match="uncalibrated"):
        moved.get_influence()
    with pytest.raises(ValueError, match="uncalibrated"):
        moved.get_margeff(scale="weighted")


def test_the_summary_says_so():
    results, moved = both("balanced")
    text = moved.summary().as_text()
    assert "WeightedLogit Regression Results, Calibrated" in text
    flat = re.sub(r"\s+", " ", text)
    assert "is taken out of it" in flat
    assert "change the scale of the intercept" not in flat
    assert f"{moved.params['Intercept']:.4f}" in text
    assert "Calibrated" not in results.summary().as_text().splitlines()[0]
    moved.summary2()
    assert "taken out" in moved.to_json()


@pytest.mark.parametrize(
    "options", [{}, {"freq_weights": "m"}, {"sampling_weights": "a"}, {"prevalence": 0.1}]
)
def test_without_class_weights_it_is_the_fit_itself(options):
    results = weighted_logit(FORMULAS["constant"], data(), **options).fit(disp=False)
    assert results.calibrated()._results is results._results


def test_without_a_free_constant_it_is_refused():
    results = WeightedLogit(data()["y"], data()[["x", "z"]], class_weight="balanced")
    with pytest.raises(NotAvailableError, match="free constant"):
        results.fit(disp=False).calibrated()
    model = weighted_logit("y ~ x + z", data(), class_weight="balanced")
    with pytest.raises(NotAvailableError, match="free constant"):
        model.fit_constrained("Intercept = 0", disp=False).calibrated()


def test_constrained_fits_stay_constrained():
    model = weighted_logit("y ~ x + z", data(), class_weight="balanced")
    results = model.fit_constrained("x + z = 1", disp=False)
    moved = results.calibrated()
    assert_allclose(moved.params["x"] + moved.params["z"], 1.0)
    assert moved.df_resid == results.df_resid
    assert moved.k_constr == 1
    assert_allclose(moved.predict(), results.predict(which="calibrated"), rtol=1e-12)
    expected, found = (r.get_margeff().summary_frame() for r in (results, moved))
    assert_allclose(found, expected, rtol=1e-8)


@pytest.mark.parametrize("kind", ["mean", "empirical"])
@pytest.mark.parametrize("weights", ["balanced", "mapping"])
def test_bias_reduced_fits(kind, weights):
    model = weighted_logit(FORMULAS["constant"], data(), **KINDS[weights])
    results = model.fit_bias_reduced(kind, disp=False)
    moved = results.calibrated()
    assert_allclose(moved.predict(), results.predict(which="calibrated"), rtol=1e-12)
    for options in ({}, {"vce": "unconditional"}, {"prevalence": 0.1}):
        expected, found = (r.get_margeff(**options).summary_frame() for r in (results, moved))
        assert_allclose(found, expected, rtol=1e-7, err_msg=str(options))
    unweighted = weighted_logit(FORMULAS["constant"], data()).fit_bias_reduced(kind, disp=False)
    if kind == "mean":  # which leaves the class weights out, and puts them back by the intercept
        assert_allclose(moved.params, unweighted.params, rtol=1e-9)
        assert_allclose(moved.bse, unweighted.bse, rtol=1e-6)
    assert "Calibrated" in moved.summary().as_text()


@pytest.mark.parametrize("kind", ["balanced", "mapping"])
def test_it_can_be_pickled_and_forget_its_data(kind):
    _, moved = both(kind)
    again = pickle.loads(pickle.dumps(moved))
    assert_array_equal(again.params, moved.params)
    assert_allclose(again.cov_HC3, moved.cov_HC3, rtol=1e-14)
    new = data().head(3)
    expected = moved.predict(new)
    again.remove_data()
    assert_allclose(again.predict(new), expected, rtol=1e-14)
    assert_allclose(again.cov_params(), moved.cov_params(), rtol=1e-14)
    assert again.weights.cases == ()
    with pytest.raises(NotAvailableError, match="removed"):
        again.get_margeff()
    assert "Calibrated" in again.summary().as_text()
    later = pickle.loads(pickle.dumps(fit(kind)))
    later.remove_data()
    with pytest.raises(NotAvailableError, match="removed"):
        later.calibrated()


def test_a_separated_fit_has_no_error_of_its_calibrated_intercept():
    frame = data().assign(s=(data()["y"] * (data()["x"] > 0)).astype(float))
    model = weighted_logit("y ~ z + s", frame, class_weight="balanced")
    results = model.fit(disp=False, warn_convergence=False)
    assert not results.converged
    moved = results.calibrated()
    assert np.isnan(moved.bse["Intercept"])
    assert_allclose(moved.bse["z"], results.bse["z"])
