"""Comparisons of fits under a design; registered in ``test_r.py``."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose

from tests.reference.cases import Case
from tests.reference.comparing import (
    Check,
    close,
    close_inference,
    coefficients,
    inference_df,
    naive_warns,
    numbers,
    per_case,
    registry,
    svyglm,
)

CHECKS: dict[str, Check] = {}
checks = registry(CHECKS)


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
