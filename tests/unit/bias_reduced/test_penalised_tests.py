"""Tests and profiles of bias-reduced fits."""

import numpy as np
from numpy.testing import assert_allclose
from scipy.special import expit
from scipy.stats import chi2

from tests.unit.bias_reduced.reductions import DATA, N, X, Y, reduced, separated
from wlogit import (
    WeightedLogit,
)


def test_hypotheses_by_name_term_and_matrix():
    results = reduced("y ~ x + C(g)")
    term = results.penalized_lr_test("C(g)")
    assert term.df == 2
    names = ["C(g)[T.b]", "C(g)[T.c]"]
    same = [
        results.penalized_lr_test(names),
        results.penalized_lr_test("C(g)[T.b] = 0, C(g)[T.c] = 0"),
        results.penalized_lr_test(np.eye(4)[1:3]),
        results.penalized_lr_test((np.eye(4)[1:3], [0.0, 0.0])),
    ]
    for other in same:
        assert_allclose(other.statistic, term.statistic, rtol=1e-9)
        assert_allclose(other.pvalue, chi2.sf(term.statistic, 2), rtol=1e-8)
    everything = results.penalized_lr_test()
    assert everything.df == 3
    assert_allclose([results.llr, results.llr_pvalue], [everything.statistic, everything.pvalue])
    unequal = results.penalized_lr_test("x = 0.5")
    assert unequal.statistic != term.statistic
    assert results.penalized_lr_test("x = 1e9").pvalue == 0.0


def test_profile_limits_are_where_the_test_does_not_reject():
    results = reduced("y ~ x + z", offset="o")
    limits = results.conf_int(0.2, method="profile")
    for name, row in limits.iterrows():
        for limit in row:
            test = results.penalized_lr_test(f"{name} = {limit!r}")
            assert_allclose(test.pvalue, 0.2, rtol=1e-7)
    some = results.conf_int(0.2, cols=[2], method="profile")
    assert_allclose(some, limits.iloc[[2]], rtol=1e-9)
    assert list(some.index) == ["z"]


def test_profile_limits_are_finite_under_separation():
    exog, y = separated()
    results = WeightedLogit(y, exog).fit_bias_reduced(disp=False)
    limits = results.conf_int(method="profile")
    assert np.all(np.isfinite(limits))
    assert limits[1, 0] < results.params[1] < limits[1, 1]
    wide = results.conf_int(1e-6, method="profile")
    assert np.all(np.isfinite(wide))
    assert np.all((wide[:, 0] < limits[:, 0]) & (wide[:, 1] > limits[:, 1]))
    # Far from zero the test rejects more and more.
    far = [results.penalized_lr_test(f"x1 = {v}").statistic for v in (5.0, 10.0, 20.0, 40.0, 80.0)]
    assert np.all(np.diff(far) > 0.0)


def test_no_slopes_leave_nothing_to_test():
    results = WeightedLogit(Y, np.ones((N, 1))).fit_bias_reduced(disp=False)
    assert results.llr == 0.0
    assert np.isnan(results.llr_pvalue)


def test_without_a_constant_the_null_model_is_the_offset():
    results = reduced("y ~ 0 + x + z", offset="o")
    at_zero = penalized_value_with_offset(np.zeros(2))
    assert_allclose(results.llr, 2.0 * (results.penalized_llf - at_zero), rtol=1e-10)


def penalized_value_with_offset(params):
    exog, offset = X[:, 1:], DATA["o"].to_numpy()
    eta = exog @ params + offset
    p = expit(eta)
    information = (exog * (p * (1 - p))[:, None]).T @ exog
    return np.sum(Y * eta - np.logaddexp(0, eta)) + 0.5 * np.linalg.slogdet(information)[1]
