"""What statsmodels computes correctly for some fits: passed on there, refused elsewhere."""

from typing import Any

import numpy as np
import pandas as pd
from statsmodels.discrete.discrete_model import LogitResults
from statsmodels.stats.contrast import WaldTestResults

from wlogit._compat import patsy_engine
from wlogit.errors import NotAvailableError


def wald_test_terms(
    results: Any, skip_single: bool, extra_constraints: Any, combine_terms: Any, scalar: bool | None
) -> Any:
    """statsmodels' term-wise Wald tests, whose columns must be those of the formula."""
    if results.model.aliased:
        return _wald_tests_of_kept(results, skip_single, extra_constraints, combine_terms)
    keywords = {} if scalar is None else {"scalar": scalar}
    with patsy_engine():
        return LogitResults.wald_test_terms(
            results,
            skip_single=skip_single,
            extra_constraints=extra_constraints,
            combine_terms=combine_terms,
            **keywords,
        )


def _wald_tests_of_kept(
    results: Any, skip_single: bool, extra_constraints: Any, combine_terms: Any
) -> WaldTestResults:
    """Wald tests of the terms in the columns that were kept; a term loses the df of the others."""
    model = results.model
    if extra_constraints is not None or combine_terms is not None or model.design_info is None:
        raise NotAvailableError(
            "with columns dropped as aliased, wald_test_terms tests the terms of a formula only; "
            "use wald_test with the names of the coefficients."
        )
    identity, columns = np.eye(len(model.kept)), np.array(model.kept)
    rows = {}
    for term, where in model.design_info.term_name_slices.items():
        members = identity[(columns >= where.start) & (columns < where.stop)]
        if len(members) > skip_single:
            test = results.wald_test(members, scalar=True)
            rows[term] = [test.statistic, test.pvalue, len(members)]
            rows[term] += [test.df_denom] if results.use_t else []
    names = ["statistic", "pvalue", "df_constraint", "df_denom"][: 4 if results.use_t else 3]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    return WaldTestResults(None, "F" if results.use_t else "chi2", None, table=table)


def t_test_pairwise(
    results: Any, term_name: str, method: str, alpha: float, factor_labels: Any
) -> Any:
    """statsmodels' pairwise comparisons of the levels of a factor."""
    if results.model.aliased:
        raise NotAvailableError(
            "t_test_pairwise needs every column of the formula, and some were dropped as aliased; "
            "use t_test with the names of the coefficients."
        )
    with patsy_engine():
        return LogitResults.t_test_pairwise(results, term_name, method, alpha, factor_labels)
