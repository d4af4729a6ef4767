"""Comparisons of ROC curves, losses and tests of fit (topic 10); registered in ``test_r.py``."""

from typing import Any

import numpy as np
from numpy.testing import assert_allclose
from scipy.special import expit

from tests.reference.cases import Case
from tests.reference.comparing import Check, close, coefficients, numbers, registry
from wlogit import WeightedLogit
from wlogit.inference.classification import auc, brier_score, mean_deviance

CHECKS: dict[str, Check] = {}
checks = registry(CHECKS)


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
