"""Class and importance weights, centering, criteria and tests against values that R made.

``make_data.R`` made the data, ``generate.R`` the values; ``session_info.txt`` names the versions.
"""

import json
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit
from wlogit.covariance.registry import ROBUST
from wlogit.errors import InferenceWarning
from wlogit.inference.hypotheses import mixture_test

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
# Not read_csv, whose default is off by a digit for some decimals.
CASES, COUNTS = (
    pd.DataFrame(np.genfromtxt(FOLDER / "data" / name, delimiter=",", names=True))
    for name in ("cases.csv", "counts.csv")
)
X = np.column_stack([np.ones(len(CASES)), CASES[["x1", "x2", "z"]]])
X_COUNTS = np.column_stack([np.ones(len(COUNTS)), COUNTS[["x", "z"]]])
CLASS_WEIGHTS: dict[str, dict[str, Any]] = {
    "none": {},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 3}},
    "prevalence": {"prevalence": 0.04},
}

# IRLS and Newton at their fixed points in double precision; at most four well conditioned
# columns: a few hundred units in the last place.
RTOL = 1e-11
# chi-square tails and log-likelihood differences lose the digits that the two parts share.
TAIL = 1e-9


@cache
def fitted(key: str) -> Any:
    """The fit that a key of values.json names: outcome and weights, then class weights."""
    *what, kind = key.removeprefix("case-control_").split("_")
    options = dict(CLASS_WEIGHTS[kind])
    if "importance" in what:
        options["sampling_weights"] = CASES["iw"].to_numpy()
    if "frequency" in what:
        options["freq_weights"] = CASES["fw"].to_numpy()
    if "counts" in what:
        endog, exog = COUNTS[["events", "others"]].to_numpy(), X_COUNTS
    else:
        endog, exog = CASES["share" if "fraction" in what else "y"].to_numpy(), X
    return WeightedLogit(endog, exog, **options).fit(disp=False)


def close(actual: Any, expected: Any, tolerance: float = RTOL) -> None:
    """A covariance in units of its standard errors, anything else by itself."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    if expected.ndim == 2:
        unit = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
        assert_allclose(actual / unit, expected / unit, rtol=0.0, atol=tolerance)
    else:
        assert_allclose(actual, expected, rtol=tolerance, atol=0.0)


def known(key: str) -> dict[str, str]:
    """What tells wlogit to take class weights as R does."""
    return {} if key.endswith("none") else {"class_weights": "fixed"}


@pytest.mark.parametrize("key", VALUES["hc"])
def test_coefficients(key):
    close(fitted(key).params, VALUES["hc"][key]["coef"])


@pytest.mark.parametrize("kind", ROBUST)
@pytest.mark.parametrize("key", VALUES["hc"])
def test_sandwiches_with_class_weights_taken_as_known(key, kind):
    results = fitted(key).with_covariance(kind, **known(key))
    close(results.cov_params(), VALUES["hc"][key]["vcov"][kind])


def test_counts_as_a_binomial_glm():
    results = fitted("counts_none")
    assert results.cov_type == "nonrobust"
    close(results.params, VALUES["counts"]["coef"])
    close(results.cov_params(), VALUES["counts"]["vcov"])


@pytest.mark.parametrize("key", VALUES["linearized"])
def test_linearized_is_svyglm_without_clusters(key):
    results = fitted(key).with_covariance("linearized", **known(key))
    close(results.cov_params(), VALUES["linearized"][key])


@pytest.mark.parametrize("key", [key for key in VALUES["strata"] if key != "counts_balanced"])
def test_case_control_sampling_is_svyglm_stratified_by_the_outcome(key):
    results = fitted(key).with_covariance("linearized", sampling="case-control", **known(key))
    close(results.cov_params(), VALUES["strata"][key])


@pytest.mark.parametrize("key", ["balanced", "prevalence", "counts_balanced"])
def test_estimated_class_weights_are_svyglm_stratified_by_the_outcome(key):
    # Only without sampling weights: stratification centers at class means, not by mass.
    results = fitted(key).with_covariance("linearized")
    close(results.cov_params(), VALUES["strata"][key])


@pytest.mark.parametrize("key", VALUES["poststratified"])
def test_estimated_class_weights_are_poststratification(key):
    expected = VALUES["poststratified"][key]
    n = len(CASES)
    results = fitted(key).with_covariance("HC0")
    close(results.params, expected["coef"])
    close(results.cov_params() * n / (n - 1), expected["single"])
    clustered = results.with_covariance("cluster", groups=CASES["g1"].to_numpy(), kind="CR1")
    close(clustered.cov_params(), expected["clusters"])


@pytest.mark.parametrize("factor", ["CR0", "CR1", "CR1S"])
@pytest.mark.parametrize("key", ["none", "balanced", "mapping"])
def test_clusters(key, factor):
    importance = fitted(f"importance_{key}")
    for ways, columns in (("one_way", ["g1"]), ("two_way", ["g1", "g2"])):
        expected = np.asarray(VALUES["clusters"][key][ways][factor])
        negative = np.linalg.eigvalsh(expected)[0] < 0.0
        said = pytest.warns(InferenceWarning, match="negative eigenvalue")
        with said if negative else nullcontext():
            results = importance.with_covariance(
                "cluster", groups=CASES[columns].to_numpy(), kind=factor, **known(key)
            )
        close(results.cov_params(), expected)


@pytest.mark.parametrize("factor", ["CR0", "CR1", "CR1S"])
def test_clusters_of_counts(factor):
    results = fitted("counts_balanced").with_covariance(
        "cluster", groups=COUNTS["g"].to_numpy(), kind=factor, class_weights="fixed"
    )
    close(results.cov_params(), VALUES["clusters"]["counts_balanced"]["one_way"][factor])


@pytest.mark.parametrize("kind", ROBUST)
@pytest.mark.parametrize("key", VALUES["centered"])
def test_scores_centered_within_class(key, kind):
    expected = VALUES["centered"][key][kind]
    design = {"sampling": "case-control"} if key.startswith("case-control") else {}
    results = fitted(key).with_covariance(kind, **design)
    close(results.cov_params(), expected["vcov"])
    if not design:
        matrix, shift = results.covariance.matrix, results.covariance.shift
        variance = matrix[0, 0] + 2.0 * shift[0] + shift[-1]
        close(variance, expected["calibrated_variance"])


@pytest.mark.parametrize("key", [key for key in VALUES["centered"] if "case" not in key])
def test_class_sizes_fixed_by_design_leave_no_error_in_the_shift(key):
    results = fitted(key).with_covariance("HC0", sampling="case-control")
    close(results.cov_params(), VALUES["centered"][key]["HC0"]["vcov"])
    assert results.covariance.shift is None


PSEUDO = [(key, name) for key, block in VALUES["pseudo"].items() for name in block["tests"]]


@pytest.mark.parametrize(("key", "name"), PSEUDO)
def test_criteria_and_rao_scott_test_in_the_covariance_in_use(key, name):
    expected = VALUES["pseudo"][key]["tests"][name]
    kind, weights = name.split("_")
    keywords = {} if key.endswith("none") else {"class_weights": weights}
    results = fitted(key).with_covariance(kind, **keywords)
    close(results.aic, expected["aic"])
    close(results.llr, expected["llr"], TAIL)
    close(np.sort(results.llr_test.eigenvalues), expected["lambda"], TAIL)
    by_satterthwaite = mixture_test(
        results.llr, results.llr_test.eigenvalues, np.inf, "satterthwaite"
    )
    close(by_satterthwaite.pvalue, expected["llr_pvalue"], TAIL)


@pytest.mark.parametrize("key", VALUES["pseudo"])
def test_likelihoods_and_the_other_criteria(key):
    expected, results = VALUES["pseudo"][key], fitted(key)
    close(results.llf, expected["llf"])
    close(results.llnull, expected["llnull"])
    close(results.bic, expected["bic"])
    close(results.info_criteria("aic_naive"), expected["aic_naive"])
    close(results.info_criteria("bic_naive"), expected["bic_naive"])
    by_name = "HC0_fixed" if key.endswith("none") else "HC0_estimated"
    close(results.info_criteria("tic"), expected["tests"][by_name]["aic"])


@pytest.mark.parametrize("key", VALUES["pseudo"])
def test_the_rao_scott_test_is_that_of_svyglm(key):
    expected = VALUES["pseudo"][key]["svyglm"]
    results = fitted(key).with_covariance("linearized", **known(key))
    close(results.llr, expected["llr"], TAIL)
    close(np.sort(results.llr_test.eigenvalues), expected["lambda"], TAIL)
    by_satterthwaite = mixture_test(
        results.llr, results.llr_test.eigenvalues, np.inf, "satterthwaite"
    )
    close(by_satterthwaite.pvalue, expected["llr_pvalue"], TAIL)


@pytest.mark.parametrize("key", VALUES["pseudo"])
def test_pseudo_r_squared(key):
    expected, results = VALUES["pseudo"][key], fitted(key)
    for kind, value in expected["rsquared"].items():
        close(results.pseudo_rsquared(kind), value)
    for kind in ("cox_snell", "nagelkerke"):
        close(results.pseudo_rsquared(kind), expected["svyglm"][kind], TAIL)


def test_null_model_with_an_offset():
    y, offset = CASES["y"].to_numpy(), CASES["off"].to_numpy()
    results = WeightedLogit(y, X, offset=offset, class_weight="balanced").fit(disp=False)
    close(results.params, VALUES["nulls"]["coef"])
    close(results.llnull, VALUES["nulls"]["offset"])
    slopes = WeightedLogit(y, X[:, 1:], offset=offset, class_weight="balanced").fit(disp=False)
    close(slopes.llnull, VALUES["nulls"]["offset_alone"])
    assert slopes.df_model == 3
    without = WeightedLogit(y, X[:, 1:], class_weight="balanced").fit(disp=False)
    close(without.llnull, VALUES["nulls"]["nothing"])


@pytest.mark.parametrize("key", VALUES["score"])
def test_score_tests(key):
    weights, _, kind = key.partition("_")
    keys = {"unit": "none", "frequency": "frequency_none", "importance": "importance_none"}
    keys["mapping"] = "importance_mapping"
    results = fitted(keys.get(weights, weights))
    if kind == "cluster":
        results = results.with_covariance("cluster", groups=CASES["g1"].to_numpy())
    elif kind:
        results = results.with_covariance(kind)
    test = results.score_test(CASES[["e1", "e2"]].to_numpy())
    close(test.statistic, VALUES["score"][key]["statistic"], TAIL)
    close(test.pvalue, VALUES["score"][key]["pvalue"], TAIL)
    assert test.k_constraint == 2
