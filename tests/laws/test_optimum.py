"""Laws 9 and 10: what holds at the optimum, and the derivatives of the likelihood."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import xlogy

from tests.laws.studies import EXAMPLES, KINDS, Kind, make, studies
from wlogit import WeightedLogit

STEP = 1e-30


def weight(fit):
    """w and r of each row, by the definitions and not by the package's own arrays."""
    study, frame = fit.study, fit.study.frame
    c0, c1 = fit.results.weights.class_weights.values()
    common = study.weight("freq_weights") * study.weight("sampling_weights")
    if study.outcome == "counts":
        events, others = c1 * frame["successes"], c0 * frame["failures"]
    else:
        y = frame[{"binary": "y", "fraction": "share"}[study.outcome]]
        events, others = c1 * y, c0 * (1.0 - y)
    mass = np.asarray(events + others)
    return common * mass, np.asarray(events) / mass


def probability(fit):
    return np.asarray(fit.results.predict())


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_the_weighted_score_is_zero_at_the_optimum(name, data):
    fit = data.draw(studies(KINDS[name])).fit()
    w, r = weight(fit)
    X, gap = fit.study.design, r - probability(fit)
    rounding = 1e-13 * np.abs(X).T @ (w * np.abs(gap))
    assert np.all(np.abs(X.T @ (w * gap)) <= rounding)
    assert np.all(np.abs(fit.model.score(fit.results.params)) <= rounding)


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_squared_deviance_residuals_sum_to_the_deviance(name, data):
    fit = data.draw(studies(KINDS[name])).fit()
    w, r = weight(fit)
    total = np.sum(np.asarray(fit.results.resid_dev) ** 2)
    saturated = np.sum(w * (xlogy(r, r) + xlogy(1.0 - r, 1.0 - r)))
    np.testing.assert_allclose(total, 2.0 * (saturated - fit.results.llf), rtol=1e-11)
    if fit.study.outcome == "binary":
        np.testing.assert_allclose(total, -2.0 * fit.results.llf, rtol=1e-12)


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_residuals_are_those_of_their_definition(name, data):
    fit = data.draw(studies(KINDS[name])).fit()
    w, r = weight(fit)
    p = probability(fit)
    gap = r - p
    results = fit.results
    np.testing.assert_allclose(results.resid_response, gap, rtol=1e-11, atol=1e-13)
    pearson = np.sqrt(w) * gap / np.sqrt(p * (1.0 - p))
    np.testing.assert_allclose(results.resid_pearson, pearson, rtol=1e-10, atol=1e-13)
    by_row = xlogy(r, r / p) + xlogy(1.0 - r, (1.0 - r) / (1.0 - p))
    deviance = np.sign(gap) * np.sqrt(2.0 * w * np.maximum(by_row, 0.0))
    np.testing.assert_allclose(results.resid_dev, deviance, rtol=1e-8, atol=1e-7)
    value = np.sum(w * (xlogy(r, p) + xlogy(1.0 - r, 1.0 - p)))
    np.testing.assert_allclose(results.llf, value, rtol=1e-12)


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_leverages_sum_to_the_number_of_coefficients(name, data):
    fit = data.draw(studies(KINDS[name])).fit()
    w, _ = weight(fit)
    p, X = probability(fit), fit.study.design
    leverage = w * p * (1.0 - p) * np.einsum("ij,jk,ik->i", X, fit.results.cov_nonrobust, X)
    np.testing.assert_allclose(leverage.sum(), X.shape[1], rtol=1e-11)
    assert np.all((leverage >= 0.0) & (leverage <= 1.0 + 1e-12))


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_derivatives_agree_with_complex_steps(name, data):
    """Away from the optimum, where they are not zero."""
    fit = data.draw(studies(KINDS[name])).fit()
    model, params, k = fit.model, fit.some_params, fit.n_params
    steps = 1j * STEP * np.eye(k)
    gradient = [model.loglike(params + step).imag / STEP for step in steps]
    np.testing.assert_allclose(model.score(params), gradient, rtol=1e-11, atol=1e-11)
    second = np.array([model.score(params + step).imag / STEP for step in steps])
    np.testing.assert_allclose(model.hessian(params), second, rtol=1e-11, atol=1e-11)
    np.testing.assert_array_equal(model.information(params), -model.hessian(params))
    by_row = np.transpose([model.loglikeobs(params + step).imag / STEP for step in steps])
    np.testing.assert_allclose(model.score_obs(params), by_row, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(
        model.score_obs(params).sum(axis=0), gradient, rtol=1e-10, atol=1e-11
    )
    np.testing.assert_allclose(model.loglikeobs(params).sum(), model.loglike(params), rtol=1e-12)


@pytest.mark.parametrize("name", KINDS)
def test_the_results_are_at_the_maximum_of_the_model(name):
    fit = make(KINDS[name], seed=79, offset=True).fit()
    model, results = fit.model, fit.results
    params = np.asarray(results.params)
    np.testing.assert_allclose(model.loglike(params), results.llf, rtol=1e-13)
    inverse = np.linalg.inv(model.information(params))
    np.testing.assert_allclose(results.cov_nonrobust, inverse, rtol=1e-9, atol=1e-13)
    for step in 1e-4 * np.eye(fit.n_params):
        assert model.loglike(params + step) < results.llf
        assert model.loglike(params - step) < results.llf


# ----------------------------------------------------------- relations between statistics


@pytest.mark.parametrize("name", KINDS)
def test_more_correction_is_more_variance(name):
    """HC0 <= HC1 and HC0 <= HC2 <= HC3 as matrices, strictly wherever there is leverage."""
    results = make(KINDS[name], seed=83).fit().results
    for smaller, larger in (("HC0", "HC1"), ("HC0", "HC2"), ("HC2", "HC3")):
        gap = getattr(results, f"cov_{larger}") - getattr(results, f"cov_{smaller}")
        assert np.linalg.eigvalsh(gap).min() > 0.0, (smaller, larger)


@pytest.mark.parametrize("name", KINDS)
def test_clusters_of_one_case_are_no_clusters(name):
    study = make(KINDS[name], seed=89)
    if "freq_weights" in study.kind:
        study = study.of(study.frame.assign(frequency=study.frame["frequency"].clip(0, 1)))
    if study.outcome == "counts":
        # Cases of one row are in one cluster.
        events = study.frame["successes"].clip(0, 1)
        study = study.of(study.frame.assign(successes=events, failures=1 - events))
    results = study.fit().results
    clustered = results.with_covariance("cluster", groups=study.frame["id"].to_numpy(), kind="CR0")
    np.testing.assert_allclose(clustered.cov_params(), results.cov_HC0, rtol=1e-10, atol=1e-13)
    scaled = results.with_covariance("cluster", groups=study.frame["id"].to_numpy(), kind="CR1S")
    np.testing.assert_allclose(scaled.cov_params(), results.cov_HC1, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_tests_and_intervals_agree(name, data):
    results = data.draw(studies(KINDS[name])).fit().results
    outside = (np.asarray(results.conf_int()) > 0.0).all(axis=1)
    outside |= (np.asarray(results.conf_int()) < 0.0).all(axis=1)
    np.testing.assert_array_equal(outside, np.asarray(results.pvalues) < 0.05)
    for j in range(len(results.params)):
        alone = np.eye(len(results.params))[[j]]
        single = results.wald_test(alone, scalar=True)
        np.testing.assert_allclose(single.statistic, results.tvalues.iloc[j] ** 2, rtol=1e-9)
        np.testing.assert_allclose(single.pvalue, results.pvalues.iloc[j], rtol=1e-8, atol=1e-300)
    assert results.llf >= results.llnull
    assert 0.0 <= results.prsquared <= 1.0


@pytest.mark.parametrize("name", KINDS)
def test_predictions_of_the_rows_are_the_fitted_values(name):
    fit = make(KINDS[name], seed=97, offset=True).fit()
    results = fit.results
    again = results.predict(fit.study.frame, which="linear")
    np.testing.assert_allclose(again, results.fittedvalues, rtol=1e-13, atol=1e-14)
    part = results.predict(fit.study.frame.iloc[10:20], which="linear")
    np.testing.assert_allclose(part, results.fittedvalues.iloc[10:20], rtol=1e-13, atol=1e-14)


# --------------------------------------------------------------------------- closed forms


def test_the_intercept_alone_is_the_logit_of_the_share():
    study = make(Kind(frequency=True, sampling=True), seed=101)
    w, y = study.weight("freq_weights") * study.weight("sampling_weights"), study.frame["y"]
    model = WeightedLogit.from_formula("y ~ 1", study.frame, **study.options)
    results = model.fit(disp=False)
    share = np.average(y, weights=w)
    np.testing.assert_allclose(results.params.iloc[0], np.log(share / (1.0 - share)), rtol=1e-13)
    variance = 1.0 / (w.sum() * share * (1.0 - share))
    np.testing.assert_allclose(results.cov_nonrobust[0, 0], variance, rtol=1e-13)
    np.testing.assert_allclose([results.llf, results.llr], [results.llnull, 0.0], atol=1e-12)


def test_a_saturated_table_has_its_log_odds_ratio():
    counts = np.array([[13, 7], [4, 21]])  # failures and successes, by exposure
    rows = [(x, y, counts[x, y]) for x in (0, 1) for y in (0, 1)]
    x, y, m = np.array(rows).T
    exog = np.column_stack([np.ones(4), x])
    results = WeightedLogit(y, exog, freq_weights=m).fit(disp=False)
    ratio = np.log(13 * 21 / (7 * 4))
    np.testing.assert_allclose(results.params[1], ratio, rtol=1e-13)
    np.testing.assert_allclose(results.bse[1] ** 2, (1.0 / counts).sum(), rtol=1e-13)
