"""Class weights are left out of a bias-reduced fit, and move its intercept."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, logit

from tests.unit.bias_reduced.reductions import DATA, MOVED, N, X, Y, reduced
from wlogit import (
    InferenceWarning,
    NotAvailableError,
    WeightedLogit,
)


@pytest.mark.parametrize("kind", ["mean", "median"])
@pytest.mark.parametrize("name", MOVED)
def test_class_weights_move_the_intercept_of_the_unweighted_fit(kind, name):
    plain, moved = reduced(kind=kind), reduced(kind=kind, **MOVED[name])
    c0, c1 = moved.weights.class_weights.values()
    shift = np.log(c1 / c0)
    if name == "prevalence":
        shift = logit(0.05) - logit(DATA["y"].mean())
    assert_allclose(moved.params - plain.params, [shift, 0.0, 0.0], rtol=1e-12, atol=1e-12)
    assert_allclose(moved.bse[1:], plain.bse[1:], rtol=1e-12)
    assert moved.cov_type == "nonrobust"
    calibrated = moved.predict(which="calibrated")
    expected = plain.predict() if name != "prevalence" else plain.predict(prevalence=0.05)
    assert_allclose(calibrated, expected, rtol=1e-12)
    assert_allclose(moved.predict(), expit(moved.fittedvalues), rtol=1e-12)
    assert_allclose(moved.llf, moved.model.loglike(moved.params), rtol=1e-12)


def test_the_moved_intercept_has_the_error_of_the_class_weights():
    plain = reduced()
    exact, known = (
        np.asarray(plain.cov_params()),
        np.asarray(reduced(**MOVED["mapping"]).cov_params()),
    )
    assert_allclose(known, exact, rtol=1e-12)
    p = plain.predict().mean()
    for name in ("balanced", "prevalence"):
        moved = reduced(**MOVED[name])
        expected = exact.copy()
        expected[0, 0] -= 1.0 / (N * p * (1.0 - p))
        assert_allclose(moved.cov_params(), expected, rtol=1e-10)
    shift = reduced(**MOVED["balanced"])._results.covariance.shift
    assert_allclose(expected[0, 0] + 2.0 * shift[0] + shift[-1], exact[0, 0], rtol=1e-10)


def influences(plain, exog, y):
    """Influence of every case on the coefficients, and on the log odds of the events."""
    p = plain.predict()
    scores = exog * (y - p)[:, None]
    information = (exog * (p * (1 - p))[:, None]).T @ exog
    return scores @ np.linalg.inv(information), y / y.sum() - (1 - y) / (1 - y).sum()


@pytest.mark.parametrize("name", MOVED)
def test_sandwiches_of_a_moved_fit_have_the_influence_of_each_case(name):
    plain = WeightedLogit(Y, X).fit_bias_reduced(disp=False)
    moved = WeightedLogit(Y, X, **MOVED[name]).fit_bias_reduced(disp=False)
    influence, odds = influences(plain, X, Y)
    if name != "mapping":
        influence[:, 0] -= odds
    hc0 = influence.T @ influence
    assert_allclose(moved.cov_HC0, hc0, rtol=1e-9, atol=1e-12)
    totals = pd.DataFrame(influence).groupby(DATA["cluster"].to_numpy()).sum().to_numpy()
    clustered = moved.with_covariance("cluster", groups=DATA["cluster"].to_numpy(), kind="CR0")
    assert_allclose(clustered.cov_params(), totals.T @ totals, rtol=1e-9, atol=1e-12)
    fixed = moved.with_covariance("HC0", class_weights="fixed")
    assert_allclose(fixed.cov_params(), plain.cov_HC0, rtol=1e-9, atol=1e-12)
    by_design = moved.with_covariance("HC0", sampling="case-control")
    influence, _ = influences(plain, X, Y)
    for label in (0.0, 1.0):
        influence[label == Y] -= influence[label == Y].mean(axis=0)
    assert_allclose(by_design.cov_params(), influence.T @ influence, rtol=1e-9, atol=1e-12)


def test_the_slopes_are_tested_by_the_unweighted_penalised_likelihood():
    plain, moved = reduced(), reduced(**MOVED["mapping"])
    assert_allclose(moved.llr, plain.llr, rtol=1e-9)
    assert_allclose(moved.penalized_llf, plain.penalized_llf, rtol=1e-12)
    left, right = (np.asarray(each.conf_int(method="profile")) for each in (plain, moved))
    assert_allclose(right - left, [[np.log(4.0)] * 2, [0, 0], [0, 0]], atol=1e-8)
    test = moved.penalized_lr_test("Intercept = 0.3")
    assert_allclose(
        test.statistic,
        plain.penalized_lr_test(f"Intercept = {float(0.3 - np.log(4.0))!r}").statistic,
    )


@pytest.mark.parametrize("name", ["balanced", "prevalence"])
def test_an_intercept_with_class_weights_of_the_sample_has_no_profile(name):
    results = reduced(**MOVED[name])
    with pytest.warns(InferenceWarning, match="profile limits of Intercept are missing"):
        limits = results.conf_int(method="profile")
    assert np.isnan(np.asarray(limits)[0]).all()
    assert_allclose(limits.iloc[1:], reduced().conf_int(method="profile").iloc[1:], rtol=1e-9)
    assert np.isnan(results.penalized_lr_tests().loc["Intercept", "pvalue"])
    with pytest.raises(NotAvailableError, match="wald_test"):
        results.penalized_lr_test("Intercept")
