"""Tests of hypotheses, for the registry of statistics."""

from functools import partial

import numpy as np

from tests.laws.statistic import COVARIANCES, Statistic, negated

FORMULA = frozenset({"formula"})


def hypothesis_tests():
    """Of two or three coefficients: every likelihood ratio is another fit.

    Adjusted p-values follow from p-values, and statsmodels' ``multipletests`` takes its time.
    """
    yield Statistic("lr_test of equal slopes", _equal_slopes)
    yield Statistic(
        "lr_test of equal slopes [CR1S, t]", partial(_equal_slopes, covariance="CR1S, t")
    )
    yield Statistic("lr_test naive", _naive, unit=None)
    yield Statistic("lr_test of a column", _of_a_column, "coefficient")
    yield Statistic("anova type 2", partial(_anova, 2), tags=FORMULA)
    yield Statistic("anova type 3", partial(_anova, 3), "coefficient", tags=FORMULA)
    yield Statistic("anova by likelihood ratios", _ratios, tags=FORMULA)
    yield Statistic("nonlinear_test", _nonlinear)
    yield Statistic("delta_method", _odd, flip=negated)
    yield Statistic("delta_method se", lambda fit: _product(fit).se)


def _numbers(test):
    return [test.statistic, test.df, test.pvalue, *test.eigenvalues]


def _equal_slopes(fit, covariance=None):
    results = fit.results if covariance is None else fit.under(COVARIANCES[covariance])
    return _numbers(results.lr_test(fit.constrained()))


def _naive(fit):
    return _numbers(fit.results.lr_test(fit.constrained(), "naive"))


def _of_a_column(fit):
    return _numbers(fit.results.lr_test(str(fit.model.exog_names[-1]), "exact"))


def _anova(kind, fit):
    return fit.results.anova(type=kind).loc[["x1", "x2"], ["statistic", "df", "pvalue"]]


def _ratios(fit):
    table = fit.under(COVARIANCES["HC0"]).anova(test="lr", approximation="satterthwaite")
    return table.loc[["x1", "x2"], ["statistic", "df", "pvalue"]]


def _nonlinear(fit):
    last = fit.contrast(np.eye(2))
    test = fit.results.nonlinear_test(lambda b: np.exp((last @ np.asarray(b)) ** 2), null=2.0)
    return [test.statistic, test.df, test.pvalue]


def _odd(fit):
    last = fit.contrast(np.eye(2))
    return fit.results.delta_method(lambda b: np.sinh(last @ np.asarray(b))).values


def _product(fit):
    last = fit.contrast(np.eye(2))
    return fit.results.delta_method(lambda b: np.prod(last @ np.asarray(b)))
