"""Every number in the reference cases, at the tolerance the case states."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from fnmatch import fnmatch
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, logit

from tests.reference import hypothesis_checks, label_checks, profile_checks
from tests.reference.cases import Case, all_cases, in_order_of_r, load, number
from wlogit import WeightedLogit
from wlogit.datasets import MID_PREVALENCE, load_mid
from wlogit.errors import InferenceWarning, SeparationWarning
from wlogit.inference.classification import auc, brier_score, mean_deviance
from wlogit.inference.margins import (
    LINEAR,
    MEAN,
    Estimates,
    Point,
    Prediction,
    average_effects,
    delta_covariance,
)
from wlogit.inference.scales import Scale
from wlogit.margins.surfaces import ObservedRows, TypicalRow, variable_effects
from wlogit.margins.variables import FormulaVariables

ROWS_NOT_CASES = "R counts rows where wlogit counts cases (the expanded block has the latter)"
BINOMIAL = "has the binomial coefficients, which do not depend on the parameters"
NOT_BUILT = "wlogit does not offer it yet"
ABOUT_THE_CASE = "says something about the case, not about the fit"
REPEATS_AS_MEAN = "type= was given outside control=, so brglm2 fitted AS_mean; extra/ has AS_median"
NOT_IDENTIFIED = "1e15 in R where a replicate does not identify a slope; see extra/replicates"

# What is not compared, by case:block, and why.
SKIPPED = {
    "*:quasi": "wlogit estimates no dispersion",
    "*.quasi": "wlogit estimates no dispersion",
    "*quasi_dispersion": "wlogit estimates no dispersion",
    "*:summary_dispersion": "wlogit estimates no dispersion",
    "*n_rows": "counts rows of weight zero too; n_rows_positive_weight is compared",
    "T02_*:df_resid": ROWS_NOT_CASES,
    "T02_*:df_null": ROWS_NOT_CASES,
    "T02_*:n_rows_positive_weight": ROWS_NOT_CASES,
    "T02_*:bic_R_nrows": ROWS_NOT_CASES,
    "T14_rare_counts:df_resid": ROWS_NOT_CASES,
    "T14_rare_counts:df_null": ROWS_NOT_CASES,
    "T14_rare_counts:n_rows_positive_weight": ROWS_NOT_CASES,
    "T14_rare_counts:bic_R_nrows": ROWS_NOT_CASES,
    "T14_zero_weights:bic_R_nrows": "counts rows of weight zero; the dropped block does not",
    "T02_*_grouped:loglik_R": BINOMIAL,
    "T02_*_grouped:aic_R": BINOMIAL,
    "T02_*_grouped:robust.HC[123]": "of rows as units (R), not of the cases in them (wlogit)",
    "T01_birthwt_cellmeans:null_deviance": "see test_indicators_of_every_level_span_the_constant",
    "T01_birthwt_cellmeans:df_null": "see test_indicators_of_every_level_span_the_constant",
    "*:cluster.HC2_*": "vcovCL's transposed form, neither CR2 nor CR3",
    "*:cluster.HC3_*": "vcovCL's transposed form, neither CR2 nor CR3",
    "*:cluster*.HC1_nocadjust": "a factor that no kind of wlogit has; CR0 and CR1S are compared",
    "*_multi0": "replaces the last intersection by single rows, which wlogit does not offer",
    "T05_*:AS_median": REPEATS_AS_MEAN,
    "T05_*:AS_mixed": REPEATS_AS_MEAN,
    "T05_*:MPL_Jeffreys": REPEATS_AS_MEAN,
    "T05_*:max_abs_diff_brglm2_vs_hand": ABOUT_THE_CASE,
    "T09_*:vcov_used": "an input",
    "T10_*:second_formula": "an input",
    "T10_*:lrm_weighted_note": ABOUT_THE_CASE,
    "T10_*:weighted_auc_formula": ABOUT_THE_CASE,
    "T11_*:definitions": ABOUT_THE_CASE,
    "T11_*:covratio_R": "a ratio of determinants with an estimated dispersion; wlogit has none",
    "*:svycontrast.1": "not linear in the coefficients",
    "*:svycontrast.2": "not linear in the coefficients",
    "*:predict.newdata": "an input",
    "T04_rep_scd_brr_given:[tz]": NOT_IDENTIFIED,
    "T04_rep_scd_brr_given:confint_R": NOT_IDENTIFIED,
    "T04_rep_scd_brr_given:replicate_coefs": NOT_IDENTIFIED,
    "*:tau": "an input",
    "*:ybar": "a mean of the data",
    "*:expanded_data": ABOUT_THE_CASE,
    "*:R_default_start_diverges": ABOUT_THE_CASE,
    "*:mp50.iterations": ABOUT_THE_CASE,
    "*:mp50.note": ABOUT_THE_CASE,
    "*:mp50.R_max_rel_diff": ABOUT_THE_CASE,
    "*:mp50.coef_40_digits": "more digits than a float has; mp50.coef is compared",
    **label_checks.SKIPPED,
    **profile_checks.SKIPPED,
    **hypothesis_checks.SKIPPED,
}

Check = Callable[[Case, str, Any], None]
CHECKS: dict[str, Check] = {
    **label_checks.CHECKS,
    **profile_checks.CHECKS,
    **hypothesis_checks.CHECKS,
}


def checks(*patterns: str) -> Callable[[Check], Check]:
    """Register what compares the blocks of these names."""

    def register(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(patterns, check))
        return check

    return register


def close(case: Case, actual: Any, expected: Any, tolerance: str = "rtol") -> None:
    """Equal at a tolerance of the case; the 50-digit values have no absolute one."""
    atol = 0.0 if tolerance.startswith("mp_") else case.tol["atol"]
    assert_allclose(actual, expected, rtol=case.tol[tolerance], atol=atol)


def coefficients(results: Any, values: Any, expected: dict[str, Any]) -> np.ndarray:
    """A member of the results, in the order of the expected block."""
    return in_order_of_r(values, list(expected), results)


def numbers(expected: dict[str, Any]) -> list[float]:
    """The values of a named vector."""
    return [number(value) for value in expected.values()]


def naive_warns(case: Case) -> AbstractContextManager[Any]:
    """The inverse Hessian of a pseudo-likelihood comes with a warning."""
    return nullcontext() if case.is_likelihood else pytest.warns(InferenceWarning)


def close_inference(case: Case, results: Any, block: dict[str, Any]) -> None:
    """All of a Wald table: covariance, standard errors, statistics, p-values, intervals."""
    named = block["se"]
    vcov = coefficients(results, results.cov_params(), named)
    close(case, vcov, block["vcov"])
    close(case, coefficients(results, results.bse, named), numbers(block["se"]))
    close(case, coefficients(results, results.tvalues, named), numbers(block["stat"]))
    assert_allclose(
        coefficients(results, results.pvalues, named),
        numbers(block["p"]),
        rtol=case.tol["p_rtol"],
        atol=0.0,
    )
    interval = np.asarray(results.conf_int())
    close(case, coefficients(results, interval[:, 0], named), numbers(block["ci_lower"]))
    close(case, coefficients(results, interval[:, 1], named), numbers(block["ci_upper"]))


def fixed(case: Case) -> dict[str, str]:
    """R takes class weights as known."""
    return {"class_weights": "fixed"} if case.has_class_weights else {}


@checks("coef")
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


def close_scaled(case: Case, results: Any, expected: Any, tolerance: str = "mp_rtol") -> None:
    """Compare standard errors, or a covariance in units of its standard errors."""
    named = case.content["expected_mp50"]["se"]
    se = coefficients(results, results.bse, named)
    if isinstance(expected, dict):
        close(case, se, numbers(expected), tolerance)
        return
    unit = np.outer(se, se)
    actual = coefficients(results, results.cov_params(), named)
    rtol = case.tol[tolerance]
    assert_allclose(actual / unit, np.asarray(expected) / unit, rtol=rtol, atol=rtol)


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


# svyglm: R divides the weights by their mean and uses t with N - k degrees of freedom.


def svyglm(case: Case, *, use_t: bool = True) -> Any:
    """The fit with the covariance of ``svyglm``."""
    name = case.design().cov_type if case.has_design else "linearized"
    return case.fit().with_covariance(name, use_t=use_t, **fixed(case))


def inference_df(results: Any) -> float:
    """Degrees of freedom of t tests, where statsmodels keeps them."""
    return getattr(results, "df_resid_inference", results.df_resid)


def per_case(results: Any) -> float:
    """Brings weights to a mean of one."""
    return results.nobs / results.weights.total


@checks("t")
def check_svyglm_t(case: Case, block: str, expected: dict[str, Any]) -> None:
    results = svyglm(case)
    assert inference_df(results) == expected["df"]
    close_inference(case, results, expected)


@checks("z")
def check_svyglm_z(case: Case, block: str, expected: dict[str, Any]) -> None:
    close_inference(case, svyglm(case, use_t=False), expected)


@checks("degf_design", "degf_before_subset")
def check_design_df(case: Case, block: str, expected: int) -> None:
    results = svyglm(case)
    if block == "degf_design":
        assert inference_df(results) + len(results.params) - 1 == expected
    assert case.design(whole=block == "degf_before_subset").df == expected


@checks("rep")
def check_rule(case: Case, block: str, expected: dict[str, Any]) -> None:
    design = case.design()
    assert design.n_replicates == expected["n_rep"]
    assert design.mse == expected["mse"]
    close(case, design.scale, expected["scale"])
    close(case, design.rscales, expected["rscales"])


@checks("replicate_coefs")
def check_replicates(case: Case, block: str, expected: list[list[float]]) -> None:
    results = case.fit()
    found = results._results.covariance.replicates.params.T
    order = coefficients(results, np.arange(len(found)), case.content["expected"]["coef"])
    close(case, found[order].T, expected)


@checks("deviance_scaled")
def check_deviance_scaled(case: Case, block: str, expected: float) -> None:
    results = case.fit()
    close(case, -2.0 * results.llf * per_case(results), expected)


@checks("null_deviance_scaled")
def check_null_deviance_scaled(case: Case, block: str, expected: float) -> None:
    results = case.fit()
    close(case, -2.0 * results.llnull * per_case(results), expected)


@checks("naive_cov")
def check_naive_cov(case: Case, block: str, expected: list[list[float]]) -> None:
    with naive_warns(case):
        results = case.fit().with_covariance("nonrobust")
    named = case.content["expected"]["coef"]
    vcov = coefficients(results, results.cov_params(), named)
    close(case, vcov / per_case(results), expected)


@checks("confint_R")
def check_confint(case: Case, block: str, expected: dict[str, dict[str, float]]) -> None:
    results = svyglm(case)
    interval = np.asarray(results.conf_int())
    for column, side in enumerate(("lower", "upper")):
        named = expected[side]
        close(case, coefficients(results, interval[:, column], named), numbers(named))


@checks("psrsq")
def check_pseudo_rsquared(case: Case, block: str, expected: dict[str, float]) -> None:
    for kind, value in expected.items():
        close(case, case.fit().pseudo_rsquared(kind), value)


@checks("tests.wald_F", "tests.wald_df", "tests.wald_ddf", "tests.wald_p")
def check_wald_f(case: Case, block: str, expected: float) -> None:
    test = wald(case, block, use_f=True)
    close_test(case, block, test, expected)


@checks("tests.wald_chisq", "tests.wald_chisq_p")
def check_wald_chi_square(case: Case, block: str, expected: float) -> None:
    close_test(case, block, wald(case, block, use_f=False), expected)


def wald(case: Case, block: str, *, use_f: bool) -> Any:
    """The Wald test of the terms that a block names, as in ``tests.~ell + meals.wald_F``."""
    _, terms, _ = block.split(".")
    tested = [term.replace("factor(", "C(") for term in terms.removeprefix("~").split(" + ")]
    results = svyglm(case)
    names = results.model.exog_names
    rows = [j for j, name in enumerate(names) if name.split("[")[0] in tested]
    return results.wald_test(np.eye(len(names))[rows], use_f=use_f, scalar=True)


def close_test(case: Case, block: str, test: Any, expected: float) -> None:
    member = block.rpartition("_")[2]
    if member == "p":
        assert_allclose(test.pvalue, expected, rtol=case.tol["p_rtol"], atol=0.0)
    else:
        actual = {
            "F": test.statistic,
            "chisq": test.statistic,
            "df": test.df_num if "F" in test.distribution else test.df_denom,
            "ddf": test.df_denom,
        }
        close(case, actual[member], expected)


@checks("predict.link", "predict.link_se", "predict.response", "predict.response_se")
def check_predict(case: Case, block: str, expected: list[float]) -> None:
    new = pd.DataFrame(case.content["expected"]["predict"]["newdata"])
    which = "linear" if "link" in block else "mean"
    frame = svyglm(case).get_prediction(new, which=which).summary_frame()
    close(case, frame["se" if block.endswith("_se") else "predicted"], expected)


@checks("svycontrast.0")
def check_contrast(case: Case, block: str, expected: dict[str, Any]) -> None:
    test = svyglm(case).t_test(f"{expected['spec']} = 0")
    close(case, float(np.squeeze(test.effect)), expected["estimate"])
    close(case, float(np.squeeze(test.sd)), expected["se"])


# Zelig's relogit: prior correction shifts the unweighted intercept, weighting is prevalence=.


def fit_weighting(case: Case) -> Any:
    return case.fit(prevalence=case.content["expected"]["tau"])


@checks("weighting_nobc.coef", "weighting_nobc.coef_hand")
def check_weighting_coef(case: Case, block: str, expected: dict[str, float]) -> None:
    results = fit_weighting(case)
    close(case, coefficients(results, results.params, expected), numbers(expected))


@checks("weighting_nobc.vcov_naive", "weighting_nobc.se_naive")
def check_weighting_naive(case: Case, block: str, expected: Any) -> None:
    with pytest.warns(InferenceWarning):
        results = fit_weighting(case).with_covariance("nonrobust")
    close_naive(case, results, expected)


def close_naive(case: Case, results: Any, expected: Any) -> None:
    named = case.content["expected"]["uncorrected_mle"]
    if isinstance(expected, dict):
        close(case, coefficients(results, results.bse, named), numbers(expected))
    else:
        close(case, coefficients(results, results.cov_params(), named), expected)


@checks("weighting_nobc.HC0")
def check_weighting_robust(case: Case, block: str, expected: dict[str, Any]) -> None:
    results = fit_weighting(case).with_covariance("HC0", class_weights="fixed")
    close_inference(case, results, expected)


@checks("uncorrected_mle")
def check_uncorrected(case: Case, block: str, expected: dict[str, float]) -> None:
    results = case.fit()
    close(case, coefficients(results, results.params, expected), numbers(expected))


# The covariances of these blocks are those of the uncorrected fit; wlogit's are at the estimate.


@checks("weighting_bc", "prior_bc", "no_tau_bc")
def check_king_zeng(case: Case, block: str, expected: dict[str, Any]) -> None:
    options = {} if block == "no_tau_bc" else {"prevalence": case.content["expected"]["tau"]}
    model = case.model(**options)
    how = "prior" if block == "prior_bc" else "weighting"
    results = model.fit_bias_reduced("king-zeng", case_control=how, disp=False)
    for name in {"coef", "coef_hand"} & set(expected):
        named = expected[name]
        close(case, coefficients(results, results.params, named), numbers(named))


# Firth's fit; the weights of T05_endometrial_weighted act as counts.


def fit_firth(case: Case, *, raw: bool = False) -> Any:
    if case.kind != "class":
        return case.model().fit_bias_reduced(disp=False)
    if raw:
        with pytest.warns(InferenceWarning):
            return case.model().fit_bias_reduced(weights="raw", cov_type="nonrobust", disp=False)
    counts = case.data["HG"].map({int(k): w for k, w in case.content["weights"]["spec"].items()})
    return case.model(freq_weights=counts.to_numpy()).fit_bias_reduced(disp=False)


@checks("AS_mean")
def check_firth(case: Case, block: str, expected: dict[str, Any]) -> None:
    for raw in (False, True):
        results = fit_firth(case, raw=raw)
        assert results.converged == expected["converged"]
        named = expected["coef"]
        close(case, coefficients(results, results.params, named), numbers(named))
        close(case, -2.0 * results.llf, expected["deviance"])
        close_inference(case, results, expected)


@checks("hand_firth_coef")
def check_firth_by_hand(case: Case, block: str, expected: dict[str, float]) -> None:
    results = fit_firth(case)
    close(case, coefficients(results, results.params, expected), numbers(expected))


@checks("penalized_loglik")
def check_penalized_loglik(case: Case, block: str, expected: float) -> None:
    close(case, fit_firth(case).penalized_llf, expected)
    close(case, fit_firth(case, raw=True).penalized_llf, expected)


@checks("penalized_lr_global")
def check_penalized_lr(case: Case, block: str, expected: dict[str, Any]) -> None:
    results = fit_firth(case)
    close(case, results.llr, expected["chisq"])
    assert results.llr_test.df == expected["df"]
    assert_allclose(results.llr_pvalue, expected["p"], rtol=case.tol["p_rtol"])


@checks("profile_penalized")
def check_penalized_profile(case: Case, block: str, expected: dict[str, Any]) -> None:
    results, rtol = fit_firth(case), expected["rtol"]
    limits = np.asarray(results.conf_int(method="profile"))
    tests = results.penalized_lr_tests()
    found = {
        "ci_lower": limits[:, 0],
        "ci_upper": limits[:, 1],
        "lr_chisq": tests["statistic"],
        "lr_p": tests["pvalue"],
    }
    for name, values in found.items():
        named = expected[name]
        assert_allclose(coefficients(results, values, named), numbers(named), rtol=rtol)


@checks("separated", "infinite_mle")
def check_separated(case: Case, block: str, expected: Any) -> None:
    infinite = case.content["expected"].get("infinite_mle") or {}
    separated = case.content["expected"]["separated"]
    with pytest.warns(SeparationWarning) if separated else nullcontext():
        results = case.model().fit(disp=False)
    signs = dict(zip(results.model.exog_names, results.fit_record.diverging, strict=True))
    diverging = {name: f"{'+' if sign > 0 else '-'}Inf" for name, sign in signs.items() if sign}
    assert diverging == infinite
    assert separated == bool(diverging)


@checks("prior_nobc.coef", "prior_nobc.coef_hand")
def check_prior_coef(case: Case, block: str, expected: dict[str, float]) -> None:
    results = case.fit()
    named = dict(expected)
    intercept = named.pop("(Intercept)")
    close(case, coefficients(results, results.params, named), numbers(named))
    origin = {name: [0.0] for name in named}
    predicted = results.predict(origin, prevalence=case.content["expected"]["tau"])
    close(case, logit(np.asarray(predicted)), [intercept])


@checks("prior_nobc.vcov_naive", "prior_nobc.se_naive")
def check_prior_naive(case: Case, block: str, expected: Any) -> None:
    close_naive(case, case.fit(), expected)


UNWEIGHTED: dict[str, None] = {"freq_weights": None}


@checks("unweighted_fit_coef", "weighted_fit_coef")
def check_scored_fit(case: Case, block: str, expected: dict[str, float]) -> None:
    results = case.fit() if block == "weighted_fit_coef" else case.fit(**UNWEIGHTED)
    close(case, coefficients(results, results.params, expected), numbers(expected))


@checks("auc", "weighted_auc_of_unweighted_scores")
@checks("auc_of_weighted_fit_unweighted", "auc_of_weighted_fit_weighted")
def check_auc(case: Case, block: str, expected: float) -> None:
    outcome, scores, mass = scored(case, block)
    close(case, auc(outcome, scores, mass), expected)


@checks("brier", "weighted_brier_of_unweighted_scores", "brier_of_weighted_fit_weighted")
def check_brier(case: Case, block: str, expected: float) -> None:
    outcome, scores, mass = scored(case, block)
    close(case, brier_score(outcome, expit(scores), mass), expected)


@checks("logloss_weighted")
def check_log_loss(case: Case, block: str, expected: float) -> None:
    outcome, scores, mass = scored(case, "of_weighted_fit_weighted")
    close(case, mean_deviance(outcome, scores, mass) / 2.0, expected)


@checks("auc_delong_var", "auc_delong_ci", "auc_second")
@checks("delong_cov", "delong_Z", "delong_p")
def check_delong(case: Case, block: str, expected: Any) -> None:
    first, second = case.fit(**UNWEIGHTED).auc(), second_fit(case).auc()
    compared = first.compare(second)
    named = {
        "auc_delong_var": first.se**2,
        "auc_delong_ci": first.ci,
        "auc_second": second.auc,
        "delong_cov": compared.covariance[0, 1],
        "delong_Z": compared.statistic,
    }
    if block == "delong_p":
        assert_allclose(compared.pvalue, expected, rtol=case.tol["p_rtol"], atol=0.0)
    else:
        close(case, named[block], numbers(expected) if isinstance(expected, dict) else expected)


def second_fit(case: Case) -> Any:
    """The smaller model that the area of the case is compared with."""
    formula = case.content["expected"]["second_formula"]
    return WeightedLogit.from_formula(formula, case.data).fit(disp=False)


@checks("hosmer_lemeshow")
def check_hosmer_lemeshow(case: Case, block: str, expected: dict[str, Any]) -> None:
    test = case.fit(**UNWEIGHTED).gof_test("hosmer-lemeshow", groups=10)
    table = test.table
    assert len(table) == expected["groups"]
    assert test.df == expected["df"]
    assert table["cases"].tolist() == expected["n"]
    assert table["observed"].tolist() == expected["observed"]
    close(case, table["expected"], expected["expected"])
    close(case, [*table["lower"], table["upper"].iloc[-1]], expected["breaks"])
    close(case, test.statistic, expected["chisq"])
    assert_allclose(test.pvalue, expected["p"], rtol=case.tol["p_rtol"], atol=0.0)


@checks("lrm")
def check_lrm(case: Case, block: str, expected: dict[str, Any]) -> None:
    results = case.fit(**UNWEIGHTED)
    close(case, results.llr, expected["model_LR"])
    assert results.df_model == expected["df"]
    close(case, results.pseudo_rsquared("nagelkerke"), expected["R2_nagelkerke"])
    close(case, float(results.brier()), expected["brier"])
    # rms ranks probabilities that it has rounded to a grid.
    assert_allclose(float(results.auc()), expected["C"], atol=2e-3)
    assert_allclose(2.0 * float(results.auc()) - 1.0, expected["Dxy"], atol=4e-3)


@checks("lrm_weighted_stats")
def check_lrm_weighted(case: Case, block: str, expected: dict[str, float]) -> None:
    # C, Dxy, Gamma and Tau-a are wrong in rms, as the note of the case says.
    results = case.fit()
    close(case, 2.0 * (results.llf - results.llnull), expected["Model L.R."])
    close(case, results.pseudo_rsquared("nagelkerke"), expected["R2"])
    outcome, scores, mass = scored(case, "of_weighted_fit_weighted")
    close(case, brier_score(outcome, expit(scores), mass), expected["Brier"])


def scored(case: Case, block: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, linear predictors and masses, both in the class weights as R has them."""
    weighted = case.fit()
    results = weighted if "of_weighted_fit" in block else case.fit(**UNWEIGHTED)
    mass = weighted.weights.row_weight
    if block in ("auc", "brier", "auc_of_weighted_fit_unweighted"):
        mass = np.ones(len(mass))
    return weighted.weights.shares, np.asarray(results.fittedvalues), mass


# Influence: R's dfbeta of a glm drops the row from least squares on deviance residuals; ours is
# Pregibon's step, on Pearson residuals.

INFLUENCE = {
    "hat": lambda fit, deleted: deleted.hat_matrix_diag,
    "res_pearson": lambda fit, deleted: fit.resid_pearson,
    "res_deviance": lambda fit, deleted: fit.resid_dev,
    "res_response": lambda fit, deleted: fit.resid_response,
    "res_working": lambda fit, deleted: working_residuals(fit),
    "fitted": lambda fit, deleted: fit.predict(),
    "rstandard_pearson": lambda fit, deleted: deleted.resid_studentized,
    "rstandard_deviance": lambda fit, deleted: deleted.resid_deviance_studentized,
    "rstudent": lambda fit, deleted: deleted.resid_likelihood,
    "cooks_distance": lambda fit, deleted: deleted.cooks_distance[0],
    "dfbeta_onestep_pearson": lambda fit, deleted: deleted.d_params,
}


@checks(*INFLUENCE)
def check_influence(case: Case, block: str, expected: Any) -> None:
    fit = case.fit()
    close(case, by_row(case, INFLUENCE[block](fit, fit.get_influence())), expected)


@checks("dfbeta_R", "dfbetas_R", "dffits_R", "sigma_R")
def check_deviance_steps(case: Case, block: str, expected: Any) -> None:
    fit = case.fit()
    deleted, deviance = fit.get_influence(), np.asarray(fit.resid_dev)
    rest = 1.0 - deleted.hat_matrix_diag
    explained = (deviance @ deviance - deviance**2 / rest) / (fit.df_resid - 1.0)
    sigma = np.sqrt(explained)
    step = deviance / np.asarray(fit.resid_pearson)
    found = {
        "sigma_R": lambda: sigma,
        "dffits_R": lambda: deviance * np.sqrt(1.0 - rest) / (sigma * rest),
        "dfbeta_R": lambda: deleted.d_params * step[:, np.newaxis],
        "dfbetas_R": lambda: deleted.dfbetas * (step / sigma)[:, np.newaxis],
    }
    close(case, by_row(case, found[block]()), expected)


def working_residuals(fit: Any) -> np.ndarray:
    p = np.asarray(fit.predict())
    return np.asarray(fit.resid_response) / (p * (1.0 - p))


def by_row(case: Case, values: Any) -> np.ndarray:
    """Columns in the order of R's coefficients."""
    values = np.asarray(values)
    if values.ndim == 1:
        return values
    results = case.fit()
    order = coefficients(results, np.arange(values.shape[1]), case.content["expected"]["coef"])
    return values[:, order]


# Penalised fits: lambda is alpha times the rescaled factors, alpha of glmnet is L1_wt.


@checks("path")
def check_penalised(case: Case, block: str, expected: list[dict[str, Any]]) -> None:
    content = case.content
    model = case.model()
    factors = np.array([0.0, *content["penalty_factor_rescaled"]])
    for step in expected:
        results = model.fit_regularized(
            method="elastic_net",
            alpha=step["lambda"] * factors,
            L1_wt=content["alpha"],
            standardize=content["standardize"],
            disp=False,
        )
        named = step["coef_polished"]
        actual = coefficients(results, results.params, named)
        assert_allclose(actual, numbers(named), rtol=content["tol"]["polished_rtol"], atol=0.0)
        close(case, actual, numbers(step["coef_glmnet"]))
        assert results.nnz_params == step["n_active"] + 1
        loss = -results.penalized_llf / results.weights.total
        assert_allclose(loss, step["objective"], rtol=1e-12)


# Marginal effects. R averages on the scale of the class weights, in some cases with them, which
# `get_margeff` never does: the functions behind it are compared, and the method where it applies.


def margin_fit(case: Case, vcov: str) -> Any:
    """The fit with the covariance that a block says."""
    if vcov == "naive":
        with naive_warns(case):
            return case.fit().with_covariance("nonrobust")
    if vcov == "CL":
        return case.fit().with_covariance("cluster", groups="stratum", kind="CR1", **fixed(case))
    return case.fit().with_covariance(vcov, **fixed(case))


def averaging_mass(case: Case) -> np.ndarray:
    if case.content["averaging_weights"] == "1":
        return np.ones(len(case.data))
    return np.asarray(case.fit().weights.row_weight)


def in_the_class_weights(results: Any) -> Scale:
    return Scale.build(np.asarray(results.params), np.asarray(results.cov_params()), 0.0, None)


def close_estimates(case: Case, found: Estimates, which: int, expected: dict[str, Any]) -> None:
    limits = found.interval(0.05)[which]
    close(case, found.value[which], expected["estimate"])
    close(case, found.se[which], expected["se"])
    if "z" in expected:
        close(case, found.statistics[which], expected["z"])
        assert_allclose(found.pvalues[which], expected["p"], rtol=case.tol["p_rtol"])
    close(case, limits, [expected["ci_lower"], expected["ci_upper"]])


@checks("effects")
def check_effects(case: Case, block: str, expected: dict[str, Any]) -> None:
    results = margin_fit(case, case.content["expected"]["vcov_used"])
    mass, scale = averaging_mass(case), in_the_class_weights(results)
    surface = ObservedRows(FormulaVariables(results.model, mass), 0.0, mass, {})
    found = {}
    for variable in surface.variables.all.values():
        for name, effect in variable_effects(scale, surface, variable, "dydx"):
            averages = average_effects([effect], mass, keep_rows=False).averages
            found[name] = Estimates(averages.value, delta_covariance(averages, scale))
    columns = case.fit().with_covariance(results.cov_type) if case.kind == "none" else None
    for name, effect in expected.items():
        kind, _, rest = name.partition(":")
        if kind == "atmeans_column":
            at_means = columns.get_margeff(at="mean")
            position = position_of_r(at_means.names, rest)
            close_estimates(case, at_means.inference, position, effect)
        elif kind == "avgpred":
            close_estimates(case, average_at(scale, surface, rest), 0, effect)
        else:
            close_estimates(case, found[in_words(kind, rest)], 0, effect)


def in_words(kind: str, name: str) -> str:
    """The name that `get_margeff` gives an effect."""
    if kind == "dydx":
        return name
    variable, levels = name.split(":")
    return f"{variable}: {levels.replace('-', ' - ')}"


def position_of_r(names: list[str], name: str) -> int:
    return [as_in_r(own) for own in names].index(name)


def as_in_r(name: str) -> str:
    return name.replace("C(", "factor(").replace("[T.", "").rstrip("]")


def average_at(scale: Scale, surface: ObservedRows, cell: str) -> Estimates:
    name, level = cell.split("=")
    design = surface.design({name: int(level) if level.isdigit() else level})
    prediction = Prediction(Point(scale, design), MEAN)
    averages = average_effects([prediction], surface.mass, keep_rows=False).averages
    return Estimates(averages.value, delta_covariance(averages, scale))


def test_the_method_gives_the_effects_where_r_averages_as_it_does() -> None:
    for name in ("T09_birthwt_ame", "T09_birthwt_ame_quad_inter", "T09_infert_cluster"):
        case = load(name)
        content = case.content["expected"]
        results = margin_fit(case, content["vcov_used"])
        margins = results.get_margeff(variables="all", scale="weighted")
        for key, effect in content["effects"].items():
            kind, _, rest = key.partition(":")
            if kind in ("dydx", "discrete"):
                position = margins.names.index(in_words(kind, rest))
                close_estimates(case, margins.inference, position, effect)
            elif kind == "avgpred":
                variable, level = rest.split("=")
                levels = {variable: int(level) if level.isdigit() else level}
                found = results.predictions_at(levels, which="mean")
                close_estimates(case, found.inference, 0, effect)


@checks("column_means_used")
def check_column_means(case: Case, block: str, expected: dict[str, float]) -> None:
    results = case.fit()
    close(case, coefficients(results, results.model.exog.mean(axis=0), expected), numbers(expected))


@checks("emmeans")
def check_emmeans(case: Case, block: str, expected: dict[str, Any]) -> None:
    results, surface = emmeans_at(case)
    scale = in_the_class_weights(results)
    levels = surface.variables[expected["by"]].levels
    for number_of_level, level in enumerate(levels):
        point = Point(scale, surface.design({expected["by"]: level}))
        found = []
        for curve in (MEAN, LINEAR):
            averages = average_effects([Prediction(point, curve)], np.ones(1), keep_rows=False)
            covariance = delta_covariance(averages.averages, scale)
            found.append(Estimates(averages.averages.value, covariance))
        close(case, found[0].value, [expected["prob"][number_of_level]])
        close(case, found[0].se, [expected["se"][number_of_level]])
        limits = [expected[side][number_of_level] for side in ("lcl", "ucl")]
        close(case, expit(found[1].interval(0.05)[0]), limits)
    if case.kind != "importance":  # whose means are weighted in wlogit
        public = results.predictions_at({expected["by"]: None}, others="mean", which="mean")
        frame = public.summary_frame()
        assert [str(level) for level in frame.index] == expected["level"]
        columns = {"predicted": "prob", "se": "se", "ci_lower": "lcl", "ci_upper": "ucl"}
        for ours, theirs in columns.items():
            close(case, frame[ours], expected[theirs])


def emmeans_at(case: Case) -> tuple[Any, TypicalRow]:
    results, mass = margin_fit(case, "naive"), np.ones(len(case.data))
    variables = FormulaVariables(results.model, mass)
    return results, TypicalRow(variables, 0.0, mass, {}, equal_levels=True)


@checks("emmeans_pairs_logodds")
def check_emmeans_pairs(case: Case, block: str, expected: dict[str, Any]) -> None:
    by = case.content["expected"]["emmeans"]["by"]
    results = margin_fit(case, "naive")
    pairs = results.predictions_at({by: None}, others="mean", which="linear", contrast="pairwise")
    frame = pairs.summary_frame()
    theirs = [np.atleast_1d(expected[name]) for name in ("estimate", "se", "z", "p")]
    close(case, -frame["estimate"], theirs[0])  # emmeans subtracts the later level
    close(case, frame["se"], theirs[1])
    close(case, -frame["z"], theirs[2])
    assert_allclose(frame["pvalue"], theirs[3], rtol=case.tol["p_rtol"])


def unprefixed(block: str) -> str:
    """The name a check is registered under."""
    for prefix in ("expanded.", "dropped."):
        block = block.removeprefix(prefix)
    parts = block.split(".")
    return f"tests.{parts[-1]}" if parts[0] == "tests" else block


def skipped(case: Case, block: str) -> bool:
    return any(fnmatch(f"{case.id}:{block}", pattern) for pattern in SKIPPED)


COMPARED = [
    (case, block) for case in all_cases() for block in case.blocks if not skipped(case, block)
]


# In T04_rep_scd_brr_given one replicate does not identify the slope.
@pytest.mark.filterwarnings("ignore:1 of 4 replicates have no estimate")
# The naive numbers of R are compared as well.
@pytest.mark.filterwarnings("ignore:a nonrobust")
@pytest.mark.parametrize(
    ("case", "block"), COMPARED, ids=[f"{case.id}-{block}" for case, block in COMPARED]
)
def test_wlogit_agrees_with_r(case: Case, block: str) -> None:
    CHECKS[unprefixed(block)](case, block, case.blocks[block])


def test_every_block_is_compared_or_skipped_for_a_reason() -> None:
    names = [f"{case.id}:{block}" for case in all_cases() for block in case.blocks]
    unknown = [f"{case.id}:{block}" for case, block in COMPARED if unprefixed(block) not in CHECKS]
    assert not unknown
    unused = [pattern for pattern in SKIPPED if not any(fnmatch(n, pattern) for n in names)]
    assert not unused


def test_indicators_of_every_level_span_the_constant() -> None:
    case, with_constant = load("T01_birthwt_cellmeans"), load("T01_birthwt_basic")
    results = case.fit()
    close(case, -2.0 * results.llnull, with_constant.content["expected"]["null_deviance"])
    assert results.df_model == len(results.params) - 1


def test_the_package_ships_the_data_of_the_rare_events_case() -> None:
    case = load("T06_mid_zelig")
    assert load_mid().equals(case.data)
    assert case.content["expected"]["tau"] == MID_PREVALENCE
