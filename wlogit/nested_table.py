"""Several nested fits in one table."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from wlogit.errors import DesignError, OutcomeError, WeightError
from wlogit.nested import LrApproximation, free_directions, lr_test, maximum_of


def compare_nested(
    *results: Any,
    approximation: LrApproximation = "saddlepoint",
    names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Likelihood-ratio tests of several nested fits, each against the next smaller one.

    Every test is in the covariance of the larger fit of the two, as `lr_test`.

    Parameters
    ----------
    *results : results
        Two or more fits to the same cases, in any order.
    approximation : {"saddlepoint", "satterthwaite", "exact", "naive"}
        As in `lr_test`.
    names : list of str, optional
        Of the fits as given; by default "(1)", "(2)" and so on.

    Returns
    -------
    DataFrame
        By fit, from the smallest: "n_params", "statistic", "df", "ddf" and "pvalue" of the test
        against the fit above.

    Raises
    ------
    DesignError
        Fits that are not nested, or are of different rows.
    OutcomeError, WeightError
        Fits of another outcome or with other weights.
    NotAvailableError
        Fits that are not maxima of a likelihood.

    Examples
    --------
    >>> import wlogit
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> fits = [
    ...     wsmf.weighted_logit(formula, load_mid(), class_weight="balanced").fit(disp=False)
    ...     for formula in ("conflict ~ 1", "conflict ~ years", "conflict ~ years + contig")
    ... ]
    >>> wlogit.compare_nested(*fits)[["n_params", "statistic", "df"]].round(1)
         n_params  statistic   df
    (1)         1        NaN  NaN
    (2)         2      783.1  1.0
    (3)         3     1056.1  1.0
    """
    if len(results) < 2:
        raise ValueError("compare_nested needs two fits or more.")
    called = [f"({i})" for i in range(1, len(results) + 1)] if names is None else list(names)
    if len(called) != len(results):
        raise ValueError(f"names= has {len(called)} names for {len(results)} fits.")
    fits = [maximum_of(fit, f"fit {name}") for fit, name in zip(results, called, strict=True)]
    sizes = [_n_params(fit) for fit in fits]
    order = sorted(range(len(fits)), key=lambda i: sizes[i])
    rows: list[dict[str, float]] = [{"n_params": sizes[order[0]]}]
    for smaller, larger in pairwise(order):
        try:
            test = lr_test(fits[larger], fits[smaller], approximation)
        except (DesignError, OutcomeError, WeightError) as error:
            raise type(error)(f"{called[larger]} and {called[smaller]}: {error}") from None
        found = {"statistic": test.statistic, "df": test.df, "ddf": test.ddf}
        rows.append({"n_params": sizes[larger], **found, "pvalue": test.pvalue})
    index = [called[i] for i in order]
    return pd.DataFrame(rows, index, ["n_params", "statistic", "df", "ddf", "pvalue"])


def _n_params(results: Any) -> int:
    return int(free_directions(results).shape[1] * (getattr(results.model, "J", 2) - 1))
