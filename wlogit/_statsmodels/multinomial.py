"""The pandas wrapper of multinomial results; its module path contains "statsmodels" on purpose."""

from typing import Any

import pandas as pd
from statsmodels.base.data import PandasData
from statsmodels.discrete.discrete_model import MultinomialResultsWrapper
from statsmodels.iolib.table import SimpleTable
from statsmodels.iolib.tableformatting import fmt_params

from wlogit._statsmodels.summary import Summary, headed, shorten_pvalues
from wlogit.reporting.document import SummaryData

COEFFICIENTS = ("params", "bse", "tvalues", "pvalues")
ROWS = ("fittedvalues", "resid_response", "resid_generalized", "resid_pearson")


class WeightedMNLogitResultsWrapper(MultinomialResultsWrapper):  # type: ignore[misc]
    """Puts the user's labels on what the results return."""

    _wrap_attrs = {
        name: how
        for name, how in MultinomialResultsWrapper._wrap_attrs.items()
        if name not in (*COEFFICIENTS, *ROWS, "weights")
    }
    _wrap_methods = MultinomialResultsWrapper._wrap_methods

    def __getattribute__(self, name: str) -> Any:
        if name not in (*COEFFICIENTS, *ROWS):
            return super().__getattribute__(name)
        results = object.__getattribute__(self, "_results")
        values = getattr(results, name)
        return by_label(results, values) if name in COEFFICIENTS else by_row(results, values)

    def conf_int(self, alpha: float = 0.05) -> Any:
        """Confidence intervals, with a row for each label and column of the design."""
        results = object.__getattribute__(self, "_results")
        if not _has_labels(results):
            return results.conf_int(alpha)
        limits = results.conf_int(alpha).reshape(-1, 2)
        return pd.DataFrame(limits, results.model.data.cov_names, ["lower", "upper"])


def by_label(results: Any, values: Any) -> Any:
    """Coefficients with their columns of the design as rows, and their labels as columns.

    Arrays stay arrays where the data were arrays, as in statsmodels.

    Parameters
    ----------
    results : WeightedMNLogitResults
    values : ndarray, shape (k, J - 1)
    """
    if not _has_labels(results):
        return values
    return pd.DataFrame(values, list(results.model.exog_names), results._label_index[1:])


def _has_labels(results: Any) -> bool:
    """Whether the data came with labels, which outlive them."""
    return isinstance(results.model.data, PandasData)


def by_row(results: Any, values: Any) -> Any:
    """Values of rows with their labels, where the data had some.

    Parameters
    ----------
    results : WeightedMNLogitResults
    values : ndarray, shape (n, J) or (n, J - 1)
    """
    if not _has_labels(results):
        return values
    rows, labels = results.model.data.row_labels, results._label_index
    return pd.DataFrame(values, rows, labels[len(labels) - values.shape[1] :])


def fill_label_summary(
    results: Any,
    content: SummaryData,
    ynames: tuple[str, list[str]],
    xname: list[str] | None,
    title: str | None,
    alpha: float,
) -> Summary:
    """Lay out the content in the tables of statsmodels' MNLogit.

    Parameters
    ----------
    results : WeightedMNLogitResults
        For the coefficients.
    content : SummaryData
    ynames : tuple of str, list of str
        The outcome, and headings of the labels but the first.
    xname, title : optional
        Names to print in place of the model's.
    alpha : float
        One minus the level of the intervals.
    """
    yname, headings = ynames
    summary = headed(results, content, (yname, xname), title)
    summary.add_table_params(results, yname=headings, xname=xname, alpha=alpha, use_t=results.use_t)
    shorten_pvalues(summary.tables[-1])
    return summary


def fill_penalised_summary(results: Any, content: SummaryData, title: str | None) -> Summary:
    """Coefficients of every label in one table, below what was minimised.

    Parameters
    ----------
    results : RegularizedMNLogitResults
    content : SummaryData
    title : str, optional
    """
    names = (str(results.model.endog_names), None)
    summary = headed(results, content, names, title, sample=())
    table = results.coefs_by_label.T
    cells = [[f"{value:.4f}" if value else "0" for value in row] for row in table.to_numpy()]
    summary.tables.append(
        SimpleTable(
            cells, list(map(str, table.columns)), list(map(str, table.index)), txt_fmt=fmt_params
        )
    )
    return summary
