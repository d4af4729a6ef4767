"""Comparisons of Zelig's and of bias-reduced fits; registered in ``test_r.py``."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import logit

from tests.reference.cases import Case
from tests.reference.comparing import (
    Check,
    close,
    close_inference,
    close_naive,
    coefficients,
    numbers,
    registry,
)
from wlogit.errors import InferenceWarning, SeparationWarning

CHECKS: dict[str, Check] = {}
checks = registry(CHECKS)


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


@checks("weighting_nobc.HC0")
def check_weighting_robust(case: Case, block: str, expected: dict[str, Any]) -> None:
    results = fit_weighting(case).with_covariance("HC0", class_weights="fixed")
    close_inference(case, results, expected)


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
