"""Mixtures of chi-squares, contrasts and score tests on numbers that can be checked by hand."""

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from wlogit.errors import DesignError
from wlogit.inference.hypotheses import (
    ScoreTest,
    mixture_test,
    mixture_weights,
    score_statistic,
    slope_contrast,
)


def satterthwaite_test(statistic, eigenvalues):
    return mixture_test(statistic, eigenvalues, approximation="satterthwaite")


# -- mixtures ------------------------------------------------------------------------------------


def weights_of_mixture(model_based, covariance, contrast):
    """From V0 and V themselves."""
    root = np.linalg.cholesky(model_based)
    whitened = np.linalg.solve(root, np.linalg.solve(root, covariance).T)
    return mixture_weights(root, whitened, contrast)


def test_mixture_weights_of_diagonal_covariances_are_their_ratios():
    weights = weights_of_mixture(np.diag([1.0, 2.0, 4.0]), np.diag([3.0, 1.0, 6.0]), np.eye(3))
    assert_allclose(weights, [0.5, 1.5, 3.0])


def test_mixture_weights_of_a_contrast():
    # Var(b1 - b2): 1 + 2 = 3 in V0, 3 + 1 - 2 = 2 in V.
    covariance = np.array([[3.0, 1.0], [1.0, 1.0]])
    weights = weights_of_mixture(np.diag([1.0, 2.0]), covariance, np.array([[1.0, -1.0]]))
    assert_allclose(weights, [2 / 3])


def test_mixture_weights_are_eigenvalues_that_do_not_depend_on_the_basis():
    rng = np.random.default_rng(4)
    model_based, covariance = (a @ a.T for a in rng.normal(size=(2, 4, 4)))
    contrast = np.eye(4)[1:]
    block = np.linalg.solve(model_based[1:, 1:], covariance[1:, 1:])
    expected = np.sort(np.linalg.eigvals(block).real)
    assert_allclose(weights_of_mixture(model_based, covariance, contrast), expected, rtol=1e-10)
    turned = rng.normal(size=(3, 3)) @ contrast
    assert_allclose(weights_of_mixture(model_based, covariance, turned), expected, rtol=1e-8)


def test_a_singular_covariance_of_the_scores_is_refused():
    with pytest.raises(DesignError, match="singular"):
        score_statistic(np.array([1.0, 2.0]), np.ones((2, 2)), np.eye(2))


def test_nothing_tested_has_no_weights():
    assert mixture_weights(np.eye(2), np.eye(2), np.zeros((0, 2))).shape == (0,)


def test_mixture_weights_are_unknown_without_a_covariance():
    undefined = np.full((2, 2), np.nan)
    assert_array_equal(mixture_weights(np.eye(2), undefined, np.eye(2)), [np.nan, np.nan])


@pytest.mark.parametrize("q", [1, 2, 5])
@pytest.mark.parametrize("weight", [0.4, 1.0, 3.0])
def test_equal_weights_scale_the_chi_square(q, weight):
    test = satterthwaite_test(7.0, np.full(q, weight))
    assert_allclose(test.pvalue, stats.chi2.sf(7.0 / weight, q), rtol=1e-12)
    assert (test.statistic, test.df, test.ddf) == (7.0, q, np.inf)
    assert test.method == "satterthwaite"


def test_unequal_weights_match_two_moments():
    # Weights 1 and 3: a = 10 / 4, nu = 16 / 10.
    test = satterthwaite_test(5.0, np.array([1.0, 3.0]))
    assert_allclose(test.pvalue, stats.gamma.sf(5.0, 0.8, scale=5.0), rtol=1e-12)
    reference = stats.gamma(0.8, scale=5.0)
    assert_allclose([reference.mean(), reference.var()], [1 + 3, 2 * (1 + 9)])


def test_a_weight_of_zero_drops_out():
    assert_allclose(
        satterthwaite_test(5.0, np.array([0.0, 2.0])).pvalue, stats.chi2.sf(2.5, 1), rtol=1e-12
    )


def test_far_tails_are_not_rounded_to_zero():
    test = satterthwaite_test(1000.0, np.array([1.0, 1.0]))
    assert_allclose(test.pvalue, float(mp.exp(-500)), rtol=1e-11)


def test_a_statistic_below_zero_by_rounding_is_zero():
    assert satterthwaite_test(-1e-12, np.array([1.0, 2.0])).pvalue == 1.0


@pytest.mark.parametrize(
    "eigenvalues", [[], [np.nan, np.nan], [1.0, np.nan], [0.0, 0.0], [-1.0, 0.5]]
)
def test_no_p_value_without_a_reference_distribution(eigenvalues):
    test = satterthwaite_test(3.0, np.array(eigenvalues))
    assert np.isnan(test.pvalue)
    assert test.df == len(eigenvalues)


# -- contrasts -----------------------------------------------------------------------------------


def test_slopes_are_all_but_an_explicit_constant():
    assert_array_equal(slope_contrast(3, np.array([0.0, 1.0, 0.0])), [[1, 0, 0], [0, 0, 1]])
    assert_array_equal(slope_contrast(2, np.array([0.5, 0.0])), [[0, 1]])


def test_without_a_constant_every_coefficient_is_tested():
    assert_array_equal(slope_contrast(2, None), np.eye(2))


def test_an_implicit_constant_leaves_the_differences():
    # Indicators of three groups: the constant is their sum.
    contrast = slope_contrast(4, np.array([1.0, 1.0, 1.0, 0.0]))
    assert contrast.shape == (3, 4)
    assert_allclose(contrast @ [1.0, 1.0, 1.0, 0.0], 0.0, atol=1e-15)
    assert np.linalg.matrix_rank(contrast) == 3


def test_a_constant_alone_leaves_nothing():
    assert slope_contrast(1, np.array([1.0])).shape == (0, 1)


# -- score tests ---------------------------------------------------------------------------------


def test_score_statistic_of_one_coefficient():
    test = score_statistic(np.array([9.0, 3.0]), np.diag([5.0, 4.0]), np.array([[0.0, 1.0]]))
    assert_allclose(test.statistic, 9 / 4)
    assert_allclose(test.pvalue, 2 * stats.norm.sf(1.5), rtol=1e-12)
    assert (test.k_constraint, test.distribution) == (1, "chi2")


def test_score_statistic_of_two_coefficients():
    covariance = np.array([[2.0, 1.0], [1.0, 2.0]])  # inverse (2, -1; -1, 2) / 3
    test = score_statistic(np.array([1.0, 2.0]), covariance, np.eye(2))
    assert_allclose(test.statistic, (2 * 1 - 2 * 2 + 2 * 4) / 3)
    assert_allclose(test.pvalue, np.exp(-test.statistic / 2), rtol=1e-12)


def test_score_statistic_does_not_depend_on_the_basis_of_the_contrast():
    rng = np.random.default_rng(5)
    root = rng.normal(size=(4, 4))
    step, covariance, contrast = rng.normal(size=4), root @ root.T, np.eye(4)[2:]
    turned = np.array([[1.0, 2.0], [3.0, -1.0]]) @ contrast
    expected = score_statistic(step, covariance, contrast).statistic
    assert_allclose(score_statistic(step, covariance, turned).statistic, expected, rtol=1e-10)


def test_separate_score_tests_are_normal():
    test = ScoreTest.separate(np.array([-1.959963984540054, 0.0, 40.0]))
    assert_allclose(test.pvalue[:2], [0.05, 1.0], rtol=1e-12)
    assert_allclose(test.pvalue[2], float(mp.erfc(40 / mp.sqrt(2))), rtol=1e-11)
    assert (test.k_constraint, test.distribution) == (None, "norm")


def test_a_score_test_unpacks_as_in_statsmodels():
    test = ScoreTest.joint(4.0, 1)
    statistic, pvalue = test
    assert (statistic, pvalue) == (test[0], test[1]) == (4.0, test.pvalue)
    assert len(test) == 2


def test_a_score_test_prints_a_line():
    joint = ScoreTest.joint(np.float64(6.0), 2, (np.float64(0.5), np.float64(9.0)))
    assert str(joint) == repr(joint) == "1.5 on 2 and 9 df, p = 0.274 (score F)"
    assert type(joint.statistic) is type(joint.df_denom) is float
    assert str(ScoreTest.joint(4.0, 1)) == "4 on 1 df, p = 0.0455 (score chi2)"
    several = str(ScoreTest.separate(np.array([1.0, -2.0])))
    assert several.splitlines()[1] == "z = -2, p = 0.0455 (score test)"


def test_the_scaled_statistic_is_that_of_the_p_value():
    weights = np.array([0.5, 1.0, 2.5])
    test = satterthwaite_test(7.0, weights)
    # a = 7.5 / 4 and nu = 16 / 7.5 match the mean 4 and the variance 2 x 7.5 of the mixture.
    assert test.scaled == pytest.approx((7.0 * 4.0 / 7.5, 16.0 / 7.5))
    assert stats.chi2.sf(*test.scaled) == pytest.approx(test.pvalue, rel=1e-13)
    assert "3.733 on 2.133 df" in str(test)
    without = satterthwaite_test(7.0, np.full(2, np.nan))
    assert np.isnan(without.scaled).all()
    assert "satterthwaite:" not in str(without)
