"""Comparisons of criteria and of profile limits (topic 13); registered in ``test_r.py``."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.reference.cases import Case, in_order_of_r
from wlogit import WeightedLogit
from wlogit.errors import InferenceWarning

SKIPPED = {
    "T13_*:level": "an input",
    "T13_*:definition": "says something about the case, not about the fit",
    "T13_*:max_abs_diff_mass_exact": "says something about the case, not about the fit",
    "*:compare.smaller": "an input",
    "*:compare.maximal": "an input",
}


def in_the_covariance_of_r(case: Case, results: Any) -> Any:
    """The results with the covariance of ``svyglm``."""
    name = case.design().cov_type if case.has_design else "linearized"
    options = {"class_weights": "fixed"} if case.has_class_weights else {}
    return results.with_covariance(name, use_t=True, **options)


def close(case: Case, found: float, expected: float) -> None:
    assert_allclose(found, expected, rtol=case.tol["rtol"], atol=case.tol["atol"])


def check_aic(case: Case, block: str, expected: dict[str, float]) -> None:
    """``AIC.svyglm``: the effective number of coefficients, the criterion, the mean lambda."""
    results = case.fit() if block == "AIC" else smaller(case)
    results = in_the_covariance_of_r(case, results)
    effective = 0.5 * (results.daic - results.log_likelihoods.deviance)
    close(case, results.daic, expected["AIC"])
    close(case, effective, expected["eff.p"])
    close(case, effective / (len(results.params) - 1), expected["deltabar"])


def check_bic(case: Case, block: str, expected: dict[str, Any]) -> None:
    """``BIC.svyglm`` within the maximal model."""
    results = case.fit() if block == "compare.BIC_fit" else smaller(case)
    maximal = in_the_covariance_of_r(case, other(case, "maximal"))
    close(case, results.dbic(maximal), expected["BIC"])
    assert len(results.params) == expected["p"]


def smaller(case: Case) -> Any:
    return other(case, "smaller")


def other(case: Case, which: str) -> Any:
    """Another model of the same cases."""
    formula = case.content["expected"]["compare"][which].replace("factor(", "C(")
    return WeightedLogit.from_formula(formula, case.data, **case.weight_options()).fit(disp=False)


def check_profile(case: Case, block: str, expected: dict[str, dict[str, float]]) -> None:
    """Limits in the weights as given, the drop not scaled: R takes any weights for counts."""
    alpha = 1.0 - case.content["expected"]["level"]
    with nullcontext() if case.is_likelihood else pytest.warns(InferenceWarning):
        results = case.fit().with_covariance("nonrobust")
    unit = results.log_likelihoods.unit
    # The drop that is judged here is in weights that sum to the number of cases.
    alpha = float(2.0 * stats.norm.sf(stats.norm.isf(alpha / 2.0) * np.sqrt(unit)))
    limits = np.asarray(results.conf_int(alpha, method="profile"))
    kind = block.removeprefix("ci_")
    given = case.content["tol"]
    tolerance = {"rtol": given[f"{kind}_rtol"], "atol": given.get(f"{kind}_atol", 0.0)}
    for side, column in (("lower", 0), ("upper", 1)):
        named = expected[side]
        found = in_order_of_r(limits[:, column], list(named), results)
        assert_allclose(found, list(named.values()), **tolerance)


CHECKS: dict[str, Callable[[Case, str, Any], None]] = {
    "AIC": check_aic,
    "compare.AIC_smaller": check_aic,
    "compare.BIC_fit": check_bic,
    "compare.BIC_smaller": check_bic,
    "ci_exact": check_profile,
    "ci_mass": check_profile,
}
