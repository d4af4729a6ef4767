"""Comparisons of topic 12, fits with several labels; registered in ``test_r.py``."""

from typing import Any

import numpy as np
from numpy.testing import assert_allclose

from tests.reference.cases import Case
from tests.reference.comparing import numbers
from wlogit.formula.api import weighted_mnlogit

ABOUT_THE_CASE = "says something about the case, not about the fit"
SKIPPED = {
    "T12_*:labels.HC1_factor": "compared with HC0, in labels.HC0",
    "T12_*:labels.max_abs_gradient": ABOUT_THE_CASE,
    "T12_*:labels.nnet_max_abs_diff": ABOUT_THE_CASE,
    "T12_*:labels.order": ABOUT_THE_CASE,
    "T12_*:labels.HC1_note": ABOUT_THE_CASE,
}


def fitted(case: Case) -> Any:
    """The fit with class weights as the case has them."""
    spec = case.content["weights"].get("spec")
    options = {}
    if spec is not None:
        options = {"class_weight": "balanced" if isinstance(spec, str) else spec}
    return weighted_mnlogit(case.content["formula_py"], case.data, **options).fit(disp=False)


def in_order(case: Case, results: Any, values: Any, names: list[str]) -> np.ndarray:
    """A vector or matrix over the coefficients, in the order of R's "label:column"."""

    def key(label: Any, column: str) -> str:
        plain = column.replace("[T.", "").replace("]", "").replace("Intercept", "(Intercept)")
        return f"{label}:{plain}"

    ours = [key(label, x) for label in results.labels[1:] for x in results.model.exog_names]
    order = [ours.index(name) for name in names]
    values = np.asarray(values)
    if values.shape == np.shape(results.params):
        values = values.ravel(order="F")
    return values[order] if values.ndim == 1 else values[np.ix_(order, order)]


def compare(case: Case, block: str, expected: Any) -> None:
    """One block of a case."""
    results, tol = fitted(case), {name: case.tol[name] for name in ("rtol", "atol")}
    if block in ("labels.naive", "labels.HC0"):
        compare_inference(case, results, block.removeprefix("labels."), expected)
    elif block == "labels.coef":
        found = in_order(case, results, results.params, list(expected))
        assert_allclose(found, list(expected.values()), **tol)
    elif block == "labels.reference_level":
        assert results.labels[0] == expected
    else:
        assert_allclose(numbers_of(results)[block.removeprefix("labels.")], expected, **tol)


def numbers_of(results: Any) -> dict[str, float]:
    """The numbers of a fit by R's names."""
    return {
        "loglik": results.llf,
        "deviance": -2.0 * results.llf,
        "edf": results.df_model + results.model.J - 1,
        "aic": results.info_criteria("aic_naive"),
        "n": results.nobs,
        "sum_weights": results.weights.total,
    }


def compare_inference(case: Case, results: Any, name: str, expected: dict[str, Any]) -> None:
    """All of a Wald table; R takes class weights as known."""
    tol = {name: case.tol[name] for name in ("rtol", "atol")}
    names = list(expected["stat"])
    if name == "naive":
        vcov = in_order(case, results, results.cov_nonrobust, names)
        assert_allclose(vcov, expected["vcov"], **tol)
        assert_allclose(np.sqrt(np.diag(vcov)), expected["se"], **tol)
        if not results.weights.likelihood:
            return
    else:
        fixed = {"class_weights": "fixed"} if results.weights.factors.source else {}
        larger = results.with_covariance("HC1", **fixed).cov_params()
        factor = case.content["expected"]["HC1_factor"]
        found = in_order(case, results, larger, names) / factor
        assert_allclose(found, expected["vcov"], **tol)
        results = results.with_covariance("HC0", **fixed)
    assert_allclose(in_order(case, results, results.cov_params(), names), expected["vcov"], **tol)
    assert_allclose(in_order(case, results, results.bse, names), expected["se"], **tol)
    assert_allclose(
        in_order(case, results, results.tvalues, names), numbers(expected["stat"]), **tol
    )
    found = in_order(case, results, results.pvalues, names)
    assert_allclose(found, numbers(expected["p"]), rtol=case.tol["p_rtol"], atol=0.0)
    limits = np.asarray(results.conf_int())
    for column, side in enumerate(("ci_lower", "ci_upper")):
        found = in_order(case, results, limits[:, column], names)
        assert_allclose(found, numbers(expected[side]), **tol)


CHECKS = {
    f"labels.{block}": compare
    for block in (
        *("reference_level", "coef", "naive", "HC0"),
        *("loglik", "deviance", "edf", "aic", "n", "sum_weights"),
    )
}
