"""Comparisons of estimates, likelihoods and sandwiches; registered in ``test_r.py``."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from tests.reference.cases import Case
from tests.reference.comparing import (
    Check,
    close,
    close_inference,
    close_scaled,
    coefficients,
    fixed,
    inference_df,
    naive_warns,
    numbers,
    registry,
)
from wlogit.errors import InferenceWarning

CHECKS: dict[str, Check] = {}
checks = registry(CHECKS)


@checks("coef", "uncorrected_mle")
def check_coef(case: Case, block: str, expected: dict[str, float]) -> None:
    results = case.fit()
    close(case, coefficients(results, results.params, expected), numbers(expected))


@checks("loglik_kernel", "loglik_R")
def check_loglik(case: Case, block: str, expected: float) -> None:
    close(case, case.fit().llf, expected)


@checks("deviance")
def check_deviance(case: Case, block: str, expected: float) -> None:
    close(case, np.sum(np.asarray(case.fit().resid_dev) ** 2), expected)


@checks("null_deviance")
def check_null_deviance(case: Case, block: str, expected: float) -> None:
    # Grouped data: against the saturated model, as the deviance itself.
    results = case.fit()
    residual = case.content["expected"]["deviance"]
    close(case, residual + 2.0 * (results.llf - results.llnull), expected)


@checks("rank")
def check_rank(case: Case, block: str, expected: int) -> None:
    assert len(case.fit().params) == expected


@checks("df_resid")
def check_df_resid(case: Case, block: str, expected: int) -> None:
    results = case.fit()
    assert expected == (inference_df(results) if case.has_design else results.df_resid)


@checks("df_null")
def check_df_null(case: Case, block: str, expected: int) -> None:
    results = case.fit()
    assert results.df_resid + results.df_model == expected


@checks("n_rows_positive_weight", "n_rows_fit", "mp50.n_positive")
def check_nobs(case: Case, block: str, expected: int) -> None:
    fit = case.fit_as_importance() if block == "mp50.n_positive" else case.fit()
    assert fit.nobs == expected


@checks("sum_weights")
def check_sum_weights(case: Case, block: str, expected: float) -> None:
    close(case, case.fit().weights.total, expected)


@checks("aic_R")
def check_aic(case: Case, block: str, expected: float) -> None:
    close(case, case.fit().info_criteria("aic_naive"), expected)
    if case.is_likelihood:
        close(case, case.fit().aic, expected)


@checks("bic_R_nrows")
def check_bic(case: Case, block: str, expected: float) -> None:
    close(case, case.fit().info_criteria("bic_naive"), expected)
    if case.is_likelihood:
        close(case, case.fit().bic, expected)


@checks("naive")
def check_naive(case: Case, block: str, expected: dict[str, Any]) -> None:
    with naive_warns(case):
        results = case.fit().with_covariance("nonrobust")
    close_inference(case, results, expected)


@checks("robust.HC0", "robust.HC1", "robust.HC2", "robust.HC3")
def check_robust(case: Case, block: str, expected: dict[str, Any]) -> None:
    fit = case.fit() if block.startswith(("expanded", "dropped")) else case.fit_as_importance()
    if case.kind == "grouped":
        # A row of counts is one unit to vcovHC, as a cluster of its cases is to wlogit.
        rows = np.arange(len(case.data))
        results = fit.with_covariance("cluster", groups=rows, kind="CR0")
    else:
        results = fit.with_covariance(block[-3:], **fixed(case))
    close_inference(case, results, expected)


@checks(
    "cluster.HC0_nocadjust",
    "cluster.HC0_cadjust",
    "cluster.HC1_cadjust",
    "cluster_twoway.HC0_nocadjust",
    "cluster_twoway.HC0_cadjust",
    "cluster_twoway.HC1_cadjust",
)
def check_cluster(case: Case, block: str, expected: dict[str, Any]) -> None:
    kind = {"HC0_nocadjust": "CR0", "HC0_cadjust": "CR1", "HC1_cadjust": "CR1S"}
    groups = case.clusters(block)
    few = case.data[groups].nunique().min() <= len(case.fit().params)
    with pytest.warns(InferenceWarning) if few else nullcontext():
        results = case.fit().with_covariance(
            "cluster", groups=groups, kind=kind[block.split(".")[1]], **fixed(case)
        )
    close_inference(case, results, expected)


@checks("cluster.clubSandwich_CR2")
def check_clubsandwich(case: Case, block: str, expected: dict[str, Any]) -> None:
    results = case.fit().with_covariance("cluster", groups=case.clusters(block), kind="CR2")
    close(case, coefficients(results, results.cov_params(), expected["se"]), expected["vcov"])
    close(case, coefficients(results, results.bse, expected["se"]), numbers(expected["se"]))
    degrees = coefficients(results, results.covariance.df_each, expected["satt_df"])
    close(case, degrees, numbers(expected["satt_df"]))
    pvalues = coefficients(results, results.pvalues, expected["p"])
    close(case, pvalues, numbers(expected["p"]), "p_rtol")


@checks("cluster.n_clusters", "cluster_twoway.n_clusters")
def check_n_clusters(case: Case, block: str, expected: Any) -> None:
    counts = expected.values() if isinstance(expected, dict) else [expected]
    groups = case.clusters(block)
    few = min(counts) <= len(case.fit().params)
    with pytest.warns(InferenceWarning) if few else nullcontext():
        results = case.fit().with_covariance("cluster", groups=groups)
    assert results.covariance.n_clusters == tuple(counts)


@checks("mp50.coef")
def check_coef_50(case: Case, block: str, expected: dict[str, float]) -> None:
    results = case.fit()
    close(case, coefficients(results, results.params, expected), numbers(expected), "mp_rtol")


@checks("mp50.se", "mp50.vcov")
def check_naive_50(case: Case, block: str, expected: Any) -> None:
    with naive_warns(case):
        results = case.fit().with_covariance("nonrobust")
    close_scaled(case, results, expected)


@checks("mp50.se_HC0", "mp50.vcov_HC0")
def check_robust_50(case: Case, block: str, expected: Any) -> None:
    results = case.fit_as_importance().with_covariance("HC0", **fixed(case))
    close_scaled(case, results, expected, "mp_robust_rtol")


@checks("mp50.HC1_factor")
def check_hc1_factor(case: Case, block: str, expected: float) -> None:
    fit = case.fit_as_importance()
    ratio = np.square(
        fit.with_covariance("HC1", **fixed(case)).bse
        / fit.with_covariance("HC0", **fixed(case)).bse
    )
    close(case, ratio, np.full(len(ratio), expected), "mp_robust_rtol")


@checks("mp50.loglik_kernel")
def check_loglik_50(case: Case, block: str, expected: float) -> None:
    close(case, case.fit().llf, expected, "mp_rtol")


@checks("mp50.deviance")
def check_deviance_50(case: Case, block: str, expected: float) -> None:
    close(case, np.sum(np.asarray(case.fit().resid_dev) ** 2), expected, "mp_rtol")
