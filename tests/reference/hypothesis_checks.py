"""Comparisons of tests: topic 8, and the tests of topic 4; registered in ``test_r.py``."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.testing import assert_allclose

from tests.reference.cases import Case
from tests.reference.comparing import fixed
from tests.reference.profile_checks import in_the_covariance_of_r
from wlogit import WeightedLogit
from wlogit._warn import silent
from wlogit.errors import InferenceWarning
from wlogit.inference.hypotheses import mixture_test

SKIPPED = {
    "T08_*:formula0": "an input",
    "T08_*:Anova_note": "says something about the case, not about the fit",
}
# R finds the saddlepoint by uniroot(tol = 1e-8).
SADDLE = "p_saddle_rtol"
# In these cases units are the rows of counts, as if the counts were sampling weights.
ROWS_AS_UNITS = ("T08_titanic_fw",)


def close(case: Case, found: Any, expected: Any, tolerance: str = "rtol") -> None:
    rtol = case.content["tol"].get(tolerance, case.tol.get(tolerance))
    assert_allclose(found, expected, rtol=rtol, atol=case.tol["atol"])


# -- topic 4 ------------------------------------------------------------------------------------


def tested_terms(case: Case, block: str) -> list[str]:
    """Terms of a block such as ``tests.~ell + meals.lrt_chisq``."""
    _, terms, _ = block.split(".")
    return [term.replace("factor(", "C(") for term in terms.removeprefix("~").split(" + ")]


def check_rao_scott(case: Case, block: str, expected: Any) -> None:
    """Statistic, eigenvalues, ddf and p-values of ``regTermTest(method = "LRT")``."""
    what = block.rpartition(".")[2].removeprefix("lrt_")
    results = in_the_covariance_of_r(case, case.fit())
    if what.endswith("_chisq"):
        results = results.with_covariance(results.cov_type, use_t=False, **fixed(case))
    approximation = "satterthwaite" if "satt" in what else "saddlepoint"
    test = results.lr_test(tested_terms(case, block), approximation)
    if what == "chisq":
        close(case, test.statistic, expected)
    elif what == "lambda":
        close(case, np.sort(test.eigenvalues)[::-1], expected)
    elif what == "ddf":
        assert test.ddf == expected
    else:
        close(case, test.pvalue, expected, "p_rtol" if "satt" in what else SADDLE)


def check_working_wald(case: Case, block: str, expected: float) -> None:
    """``b' V0^-1 b`` against the mixture of the likelihood ratio."""
    results = in_the_covariance_of_r(case, case.fit())
    test = results.lr_test(tested_terms(case, block))
    with silent(InferenceWarning):
        naive = results.with_covariance("nonrobust", use_t=False)
    rows = np.eye(len(naive.params))[columns_of(naive, tested_terms(case, block))]
    chisq = naive.wald_test(rows, scalar=True).statistic * naive.log_likelihoods.unit
    if block.endswith("_chisq"):
        close(case, chisq, expected)
    else:
        close(case, mixture_test(chisq, test.eigenvalues, test.ddf).pvalue, expected, SADDLE)


def columns_of(results: Any, terms: list[str]) -> list[int]:
    names = results.model.exog_names
    return [j for j, name in enumerate(names) if re.sub(r"\[.*?\]", "", name) in terms]


def check_sequential(case: Case, block: str, expected: list[dict[str, Any]]) -> None:
    """``anova(svyglm)``: each term when it is the last one in."""
    outcome = case.content["formula_py"].split("~")[0]
    terms: list[str] = []
    for step in expected:
        terms.append(step["term"].replace("factor(", "C("))
        model = WeightedLogit.from_formula(
            f"{outcome} ~ {' + '.join(terms)}", case.data, **case.weight_options()
        )
        results = in_the_covariance_of_r(case, model.fit(disp=False))
        if block.endswith("_Wald"):
            row = results.anova().loc[terms[-1]]
            close(case, row["statistic"], step["F"])
            close(case, row["pvalue"], step["p"], "p_rtol")
            assert (row["df"], row["ddf"]) == (step["df"], step["ddf"])
            continue
        test = results.lr_test(terms[-1])
        close(case, test.statistic, step["chisq"])
        close(case, np.sort(test.eigenvalues)[::-1], step["lambda"])
        close(case, test.pvalue, step["p_saddle_F"], SADDLE)
        assert (test.df, test.ddf) == (step["df"], step["ddf"])


def check_comparison(case: Case, block: str, expected: dict[str, Any]) -> None:
    """``anova`` of two fits of ``svyglm``."""
    formula = case.content["expected"]["compare"]["smaller"].replace("factor(", "C(")
    smaller = WeightedLogit.from_formula(formula, case.data, **case.weight_options())
    results = in_the_covariance_of_r(case, case.fit())
    restricted = smaller.fit(disp=False)
    if block.endswith("_Wald"):
        gone = [j for j, n in enumerate(results.params.index) if n not in restricted.params.index]
        test = results.wald_test(np.eye(len(results.params))[gone], scalar=True)
        close(case, test.statistic, expected["stat"])
        close(case, test.pvalue, expected["p"], "p_rtol")
        return
    test = results.lr_test(restricted)
    close(case, test.statistic, expected["stat"])
    close(case, np.sort(test.eigenvalues)[::-1], expected["lambda"])
    close(case, test.pvalue, expected["p"], SADDLE)
    assert (test.df, test.ddf) == (expected["df"], expected["ddf"])


# -- topic 8 ------------------------------------------------------------------------------------


def options_of(case: Case) -> dict[str, Any]:
    if case.id in ROWS_AS_UNITS:
        return {"sampling_weights": case.content["weights"]["column"]}
    return case.weight_options()


def fitted(case: Case, formula: str | None = None, **options: Any) -> Any:
    """The fit, or one of another formula."""
    formula = formula or case.content["formula_py"]
    model = WeightedLogit.from_formula(formula.replace("factor(", "C("), case.data, **options)
    with silent(InferenceWarning):
        return model.fit(disp=False, cov_type="nonrobust")


def restricted_fit(case: Case, **options: Any) -> Any:
    return fitted(case, case.content["expected"]["formula0"], **options)


def check_lrt(case: Case, block: str, expected: dict[str, float]) -> None:
    options = case.weight_options()
    test = fitted(case, **options).lr_test(restricted_fit(case, **options), "naive")
    close(case, test.statistic, expected["chisq"])
    close(case, test.pvalue, expected["p"], "p_rtol")
    assert test.df == expected["df"]


def check_score(case: Case, block: str, expected: Any) -> None:
    """``anova(test = "Rao")``, and the score tests by hand."""
    robust = block == "score_robust_HC0_hand"
    options = options_of(case) if robust else case.weight_options()
    results = restricted_fit(case, **options)
    terms = case.content["formula_py"].split("~")[1]
    scheme = {"class_weights": "fixed"} if robust and case.kind == "class" else None
    with silent(InferenceWarning):
        test = results.score_test(terms, cov_type="HC0" if robust else "nonrobust", cov_kwds=scheme)
    if block != "rao":
        close(case, test.statistic, expected)
        return
    close(case, test.statistic, expected["chisq"])
    close(case, test.pvalue, expected["p"], "p_rtol")
    assert test.k_constraint == expected["df"]


def check_wald(case: Case, block: str, expected: dict[str, dict[str, float]]) -> None:
    """``lmtest::waldtest`` with covariances of ``sandwich``."""
    results = fitted(case, **options_of(case))
    restricted = restricted_fit(case, **options_of(case))
    gone = [j for j, n in enumerate(results.params.index) if n not in restricted.params.index]
    for name, values in expected.items():
        kind, _, reference = name.rpartition("_")
        test = in_covariance(case, results, kind, use_t=reference == "F").wald_test(
            np.eye(len(results.params))[gone], scalar=True
        )
        close(case, test.statistic, values["stat"])
        close(case, test.pvalue, values["p"], "p_rtol")
        assert len(gone) == values["df"]
        if reference == "F":
            assert test.df_denom == values["df_resid"]


def in_covariance(case: Case, results: Any, kind: str, *, use_t: bool) -> Any:
    with silent(InferenceWarning):
        if kind == "naive":
            # R's naive covariance of rows as units is that of the counts.
            return results.with_covariance("nonrobust", use_t=use_t)
        scheme = {"class_weights": "fixed"} if case.kind == "class" else {}
        if kind == "CL_HC0_cadjust":
            return results.with_covariance(
                "cluster", groups="stratum", kind="CR1", use_t=use_t, **scheme
            )
        return results.with_covariance(kind, use_t=use_t, **scheme)


def check_anova(case: Case, block: str, expected: dict[str, list[Any]]) -> None:
    """``car::Anova`` with factors coded by ``contr.sum``."""
    _, numeral, statistic = block.split("_")
    results = sum_coded(case)
    kind, test = len(numeral), statistic.lower()
    table = results.anova(type=kind, test=test, approximation="naive")
    table.index = [in_r(term) for term in table.index]
    assert set(table.index) == set(expected["term"])
    found = table.loc[expected["term"]]
    close(case, found["statistic"], expected["chisq"])
    close(case, found["pvalue"], expected["p"], "p_rtol")
    assert_allclose(found["df"], expected["df"])


def sum_coded(case: Case) -> Any:
    formula = re.sub(r"C\((\w+)\)", r"C(\1, Sum)", case.content["formula_py"])
    return fitted(case, formula, **case.weight_options())


def in_r(term: str) -> str:
    plain = term.replace(", Sum)", ")").replace("C(", "factor(")
    return "(Intercept)" if plain == "Intercept" else plain


def check_sum_coded(case: Case, block: str, expected: dict[str, float]) -> None:
    params = sum_coded(case).params
    # R numbers the levels, patsy names them; main effects come in the same order.
    close(case, np.sort(params), np.sort(list(expected.values())))


def check_sequential_deviance(case: Case, block: str, expected: dict[str, list[Any]]) -> None:
    """``anova(glm, test = "LRT")``: every term added to those before, in the order of R."""
    outcome = case.content["formula_py"].split("~")[0]
    options = case.weight_options()
    smaller, terms = fitted(case, f"{outcome} ~ 1", **options), ["1"]
    for i, term in enumerate(expected["term"]):
        terms.append(term)
        larger = fitted(case, f"{outcome} ~ {' + '.join(terms)}", **options)
        test = larger.lr_test(smaller, "naive")
        close(case, test.statistic, expected["deviance"][i])
        close(case, test.pvalue, expected["p"][i], "p_rtol")
        close(case, -2.0 * larger.llf, expected["resid_dev"][i])
        assert test.df == expected["df"][i]
        if case.kind != "frequency":
            assert larger.df_resid == expected["resid_df"][i]
        smaller = larger


Check = Callable[[Case, str, Any], None]
CHECKS: dict[str, Check] = {
    **dict.fromkeys(
        [
            *("tests.lrt_chisq", "tests.lrt_lambda", "tests.lrt_ddf"),
            *("tests.lrt_p_saddle_F", "tests.lrt_p_saddle_chisq"),
            *("tests.lrt_p_satt_F", "tests.lrt_p_satt_chisq"),
        ],
        check_rao_scott,
    ),
    "tests.working_wald_chisq": check_working_wald,
    "tests.working_wald_p_saddle_F": check_working_wald,
    "anova_seq_Wald": check_sequential,
    "anova_seq_LRT": check_sequential,
    "compare.anova_LRT": check_comparison,
    "compare.anova_Wald": check_comparison,
    "lrt": check_lrt,
    "rao": check_score,
    "score_hand": check_score,
    "score_robust_HC0_hand": check_score,
    "wald": check_wald,
    **{f"Anova_{n}_{s}": check_anova for n in ("II", "III") for s in ("LR", "Wald")},
    "coef_contr_sum": check_sum_coded,
    "anova_sequential": check_sequential_deviance,
}
