"""What CR2 and CR3 say of a fit: covariances, and tests on degrees of freedom of their own."""

from functools import partial

import numpy as np

from tests.laws.statistic import CovarianceOf, Statistic, mirrored

ONE, TWO = {"groups": ("c1",)}, {"groups": ("c1", "c2")}
FIXED, CASE_CONTROL = {"class_weights": "fixed"}, {"sampling": "case-control"}


def _covariances():
    for kind in ("CR2", "CR3"):
        yield CovarianceOf(kind, "cluster", {**ONE, "kind": kind})
        yield CovarianceOf(f"{kind}, fixed", "cluster", {**ONE, **FIXED, "kind": kind})
        yield CovarianceOf(
            f"{kind}, case-control", "cluster", {**ONE, **CASE_CONTROL, "kind": kind}
        )
        yield CovarianceOf(f"two-way {kind}", "cluster", {**TWO, "kind": kind})


COVARIANCES = {covariance.name: covariance for covariance in _covariances()}


def clusters():
    for covariance in COVARIANCES.values():
        fixed = "class_weights" in covariance.options
        tags = frozenset({"fixed"}) if fixed else frozenset()

        def statistic(name, view, level="coefficient", covariance=covariance, tags=tags, **laws):
            value = partial(_under, covariance, view)
            return Statistic(f"{name} [{covariance.name}]", value, level, tags=tags, **laws)

        yield statistic("cov_params", lambda r: r.cov_params(), "covariance")
        yield statistic("df_each", lambda r: r.covariance.df_each)
        if "two-way" in covariance.name:
            continue
        yield statistic("pvalues", lambda r: r.pvalues)
        yield statistic("conf_int", lambda r: np.asarray(r.conf_int()), flip=mirrored)
        test = partial(_tests, covariance)
        yield Statistic(f"t_test and wald_test [{covariance.name}]", test, tags=tags)
    for name in ("CR2", "CR3"):
        yield Statistic(f"score_test [{name}]", partial(_score_test, COVARIANCES[name]))


def _under(covariance, view, fit):
    return view(fit.under(covariance))


def _tests(covariance, fit):
    """p-values and degrees of freedom of one contrast, and of two slopes together."""
    results = fit.under(covariance)
    single = results.t_test(fit.contrast([1.0, 2.0]))
    joint = results.wald_test(fit.contrast(np.eye(2)), scalar=True)
    found = (single.pvalue, single.df_denom, joint.statistic, joint.pvalue, joint.df_denom)
    return [float(np.squeeze(number)) for number in found]


def _score_test(covariance, fit):
    keywords = fit.keywords(covariance.options)
    return list(
        fit.results.score_test(
            exog_extra=fit.extra, cov_type=covariance.cov_type, cov_kwds=keywords
        )
    )
