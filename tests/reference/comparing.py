"""How a block of a reference case is compared with a fit."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.reference.cases import Case, in_order_of_r, number
from wlogit.errors import InferenceWarning

Check = Callable[[Case, str, Any], None]


def registry(into: dict[str, Check]) -> Callable[..., Callable[[Check], Check]]:
    """A decorator that registers what compares the blocks of some names."""

    def checks(*patterns: str) -> Callable[[Check], Check]:
        def register(check: Check) -> Check:
            into.update(dict.fromkeys(patterns, check))
            return check

        return register

    return checks


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


def close_naive(case: Case, results: Any, expected: Any) -> None:
    named = case.content["expected"]["uncorrected_mle"]
    if isinstance(expected, dict):
        close(case, coefficients(results, results.bse, named), numbers(expected))
    else:
        close(case, coefficients(results, results.cov_params(), named), expected)
