"""Tests of the terms of a model, each given the others (type III) or by marginality (type II)."""

from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from wlogit._typing import Array, IntArray
from wlogit._warn import warn_user
from wlogit.cautions import warn_of_naive
from wlogit.errors import InferenceWarning
from wlogit.inference.hypotheses import TestResult, wald_test
from wlogit.inference.nested import conditional_contrast
from wlogit.keywords import check_choice
from wlogit.nested import APPROXIMATIONS, check_free, lr_test_of_columns
from wlogit.terms import columns_by_term, constant_term, relatives, unbalanced_factor

ADJUSTMENTS = (
    *("bonferroni", "sidak", "holm-sidak", "holm", "simes-hochberg", "hommel"),
    *("fdr_bh", "fdr_by", "fdr_tsbh", "fdr_tsbky", "hs"),
)
COLUMNS = ["statistic", "df", "ddf", "pvalue"]


def anova(
    results: Any, type: int, test: str, approximation: str, adjust: str | None
) -> pd.DataFrame:
    """Tests by term; see ``WeightedLogitResults.anova``."""
    if type not in (2, 3) or isinstance(type, bool):
        raise ValueError(
            f"type={type!r} is not known; use 2 (marginality) or 3 (each term given all others). "
            "For sequential tests use wlogit.compare_nested."
        )
    check_choice("test", test, ("wald", "lr"))
    check_choice("approximation", approximation, APPROXIMATIONS)
    if results.covariance.name == "nonrobust" and not (test == "lr" and approximation == "naive"):
        warn_of_naive(results.model, "test of terms", "its p-values are")
    terms = {term: at for term, at in columns_by_term(results.model).items() if at.size}
    constant = constant_term(results.model)
    if constant is not None and not (type == 3 and test == "wald"):
        terms.pop(constant, None)
    if type == 3:
        _warn_of_codes(results.model, terms)
    found = {}
    for term, tested in terms.items():
        above = _columns_of_relatives(results.model, term, type)
        if test == "wald":
            found[term] = _wald(results, tested, above)
        else:
            found[term] = _ratio(results, tested, above, approximation)
    rows = [[t.statistic, t.df, t.ddf, t.pvalue] for t in found.values()]
    frame = pd.DataFrame(rows, index=pd.Index(list(found), dtype=object), columns=COLUMNS)
    if adjust is not None:
        own = frame.index != constant
        frame[f"pvalue-{adjust}"] = np.nan
        frame.loc[own, f"pvalue-{adjust}"] = adjusted(frame.loc[own, "pvalue"].to_numpy(), adjust)
    return frame


def adjusted(pvalues: Array, method: str, argument: str = "adjust") -> Array:
    """p-values adjusted for their number, by statsmodels; those that are missing do not count.

    Parameters
    ----------
    pvalues : ndarray, shape (q,)
    method : str
        As in statsmodels' ``multipletests``; "hs" is "holm-sidak".
    argument : str
        What the caller calls it, for the message.
    """
    check_choice(argument, method, ADJUSTMENTS)
    known = np.isfinite(pvalues)
    result = np.full_like(pvalues, np.nan)
    if known.any():
        by = "holm-sidak" if method == "hs" else method
        result[known] = multipletests(pvalues[known], method=by)[1]
    return result


def _columns_of_relatives(model: Any, term: str, type: int) -> IntArray:
    if type == 3:
        return np.zeros(0, dtype=np.intp)
    columns = columns_by_term(model)
    found = [columns[name] for name in relatives(model, term)]
    return np.concatenate([np.zeros(0, dtype=np.intp), *found])


def _warn_of_codes(model: Any, terms: dict[str, IntArray]) -> None:
    constant = constant_term(model)
    for term in terms:
        factor = None if term == constant else unbalanced_factor(model, term)
        if factor is not None:
            inner = factor[2:-1] if factor.startswith("C(") else factor
            warn_user(
                f"type=3 tests {term} at the reference level of {factor}, with which it interacts; "
                f"for its average over the levels write C({inner.split(',')[0]}, Sum) in the "
                "formula, or use type=2.",
                InferenceWarning,
            )
            return


def _wald(results: Any, tested: IntArray, above: IntArray) -> TestResult:
    check_free(results, tested)
    k, equations = len(results.model.exog_names), getattr(results.model, "J", 2) - 1
    tested, above = (
        np.concatenate([at + k * j for j in range(equations)]) for at in (tested, above)
    )
    # Others may have no covariance, as under separation.
    used = np.concatenate([tested, above])
    covariance = results.covariance.matrix[np.ix_(used, used)]
    if not np.all(np.isfinite(covariance)):
        df = len(tested)
        return TestResult(np.nan, float(df), np.nan, np.nan, np.ones(df), "Wald")
    own = np.arange(len(used))
    contrast = conditional_contrast(covariance, own[: len(tested)], own[len(tested) :])
    everywhere = np.zeros((len(tested), k * equations))
    everywhere[:, used] = contrast
    away = contrast @ np.ravel(np.asarray(results.params), order="F")[used]
    reference = results._reference(everywhere)
    return wald_test(away, contrast @ covariance @ contrast.T, reference)


def _ratio(results: Any, tested: IntArray, above: IntArray, approximation: str) -> TestResult:
    if not above.size:
        return lr_test_of_columns(results, tested, approximation)
    kept = np.setdiff1d(np.arange(len(results.model.exog_names)), above)
    smaller = results._without(above)
    return lr_test_of_columns(smaller, np.searchsorted(kept, tested), approximation)
