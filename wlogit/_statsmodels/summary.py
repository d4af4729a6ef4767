"""Fill statsmodels' Summary, so that the layout is the one that readers know."""

import html
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import numpy as np
from statsmodels.iolib.summary import Summary as StatsmodelsSummary
from statsmodels.iolib.summary import forg
from statsmodels.iolib.table import SimpleTable
from statsmodels.iolib.tableformatting import fmt_params
from tabulate import tabulate

from wlogit._typing import BoolArray
from wlogit.reporting import escapes
from wlogit.reporting.document import SummaryData

WIDTH = 78
PSEUDO_LABELS = {
    "AIC:": "AIC (pseudo):",
    "BIC:": "BIC (pseudo):",
    "Log-Likelihood:": "Log-Pseudolikelihood:",
}
SAMPLE = ("No. Observations:", "Df Residuals:", "Df Model:")
# Of LaTeX's special characters, those that statsmodels' tables leave as they are.
LEFT_TO_US = {ord(c): escapes.LATEX[ord(c)] for c in "\\{}~^<"}


class Summary(StatsmodelsSummary):  # type: ignore[misc]
    """A statsmodels Summary with notes, and Markdown beside text, HTML, LaTeX and CSV.

    Attributes
    ----------
    content : SummaryData
        What is said, without formatting.
    """

    tables: list[Any]

    def __init__(self, content: SummaryData) -> None:
        super().__init__()
        self.content = content

    def _render(self, render: str, notes: str) -> str:
        self.extra_txt = None
        body = str(getattr(super(), render)())
        return body + notes

    @contextmanager
    def _escaped(self, escape: Callable[[str], str]) -> Iterator[None]:
        """Names and titles of the tables made safe for a format, for a while."""
        plain, self.tables = self.tables, [_escaped(table, escape) for table in self.tables]
        try:
            yield
        finally:
            self.tables = plain

    def as_text(self) -> str:
        """Plain text."""
        lines = [
            textwrap.fill(f"[{i}] {note}", WIDTH, subsequent_indent="    ")
            for i, note in enumerate(self.content.notes, 1)
        ]
        return self._render("as_text", "\n\nNotes:\n" + "\n".join(lines) if lines else "")

    def as_html(self) -> str:
        """HTML tables and an ordered list of notes."""
        items = "".join(f"<li>{html.escape(note)}</li>" for note in self.content.notes)
        with self._escaped(html.escape):
            return self._render("as_html", f"<p>Notes:</p><ol>{items}</ol>" if items else "")

    def as_latex(self) -> str:
        """LaTeX tables and an enumeration of notes."""
        items = "".join(f"\n\\item {escapes.latex(note)}" for note in self.content.notes)
        listed = f"\n\n\\begin{{enumerate}}{items}\n\\end{{enumerate}}" if items else ""
        with self._escaped(lambda text: text.translate(LEFT_TO_US)):
            return self._render("as_latex", listed)

    def as_csv(self) -> str:
        """Comma-separated tables and the notes, one a line."""
        return self._render("as_csv", "".join(f"\n{note}" for note in self.content.notes))

    def as_markdown(self) -> str:
        """Markdown tables and a numbered list of notes."""
        top, coefficients = (
            [[str(cell).strip().replace("|", r"\|") for cell in row] for row in table]
            for table in self.tables
        )
        facts = tabulate(top, tablefmt="pipe", headers=[""] * len(top[0]), disable_numparse=True)
        table = tabulate(
            coefficients[1:],
            headers=coefficients[0],
            tablefmt="pipe",
            disable_numparse=True,
            colalign=("left", *["right"] * (len(coefficients[0]) - 1)),
        )
        listed = "\n".join(f"{i}. {note}" for i, note in enumerate(self.content.notes, 1))
        return f"**{self.content.title}**\n\n{facts}\n\n{table}\n\n{listed}".rstrip() + "\n"


def headed(
    results: Any,
    content: SummaryData,
    names: tuple[Any, list[str] | None],
    title: str | None,
    *,
    sample: tuple[str, ...] = SAMPLE,
) -> Summary:
    """A summary of one table so far, which has the facts of the content.

    Parameters
    ----------
    results : results object
    content : SummaryData
    names : tuple
        The outcome and the columns.
    title : str or None
        In place of that of the content.
    sample : tuple of str
        What statsmodels says of the sample.
    """
    summary = Summary(content)
    left: list[tuple[str, list[str] | None]] = [("Dep. Variable:", None)]
    for label, text in content.left:
        if label == "converged:":
            left += [("Date:", None), ("Time:", None)]
        left.append((label, [text]))
    right: list[tuple[str, list[str] | None]] = [(label, None) for label in sample]
    right += [(label, [text]) for label, text in content.right]
    yname, xname = names
    summary.add_table_2cols(
        results, gleft=left, gright=right, yname=yname, xname=xname, title=title or content.title
    )
    return summary


def fill_summary(
    results: Any,
    content: SummaryData,
    yname: Any,
    xname: list[str] | None,
    title: str | None,
    alpha: float,
    exponentiate: bool = False,
) -> Summary:
    """Lay out the content in statsmodels' tables.

    Parameters
    ----------
    results : WeightedLogitResults
        For the coefficients.
    content : SummaryData
    yname, xname, title : optional
        Names to print in place of the model's.
    alpha : float
        One minus the level of the intervals.
    exponentiate : bool
        Print odds ratios in place of coefficients.
    """
    yname = results.model.endog_names if yname is None else yname
    summary = headed(results, content, (yname, xname), title)
    if exponentiate:
        summary.tables.append(_odds_ratios(results, xname, alpha))
    else:
        summary.add_table_params(
            results, yname=yname, xname=xname, alpha=alpha, use_t=results.use_t
        )
    finish_tests(summary.tables[-1], np.asarray(results.bse) == 0.0)
    return summary


def _odds_ratios(results: Any, xname: list[str] | None, alpha: float) -> SimpleTable:
    """Exponentials of coefficients and limits, with the tests of the coefficients."""
    names = results.model.exog_names if xname is None else xname
    if len(names) != len(results.params):
        raise ValueError(
            f"xname has {len(names)} names; the fit has {len(results.params)} coefficients."
        )
    letter = "t" if results.use_t else "z"
    header = ["odds ratio", letter, f"P>|{letter}|", f"[{alpha / 2}", f"{1 - alpha / 2}]"]
    with np.errstate(over="ignore"):
        ratios, limits = np.exp(results.params), np.exp(results.conf_int(alpha))
    rows = [
        [forg(ratio, prec=4), forg(test), f"{pvalue:#6.3f}", forg(low), forg(high)]
        for ratio, test, pvalue, (low, high) in zip(
            ratios, results.tvalues, results.pvalues, limits, strict=True
        )
    ]
    return SimpleTable(rows, header, [str(name) for name in names], txt_fmt=fmt_params)


def finish_tests(table: Any, fixed: BoolArray) -> None:
    """Print <0.001 in place of 0.000, and no test of what a constraint has fixed."""
    shorten_pvalues(table)
    column = _pvalue_column(table)
    for row in (row for row, constant in zip(table[1:], fixed, strict=True) if constant):
        row[column - 1].data = row[column].data = ""


def shorten_pvalues(table: Any) -> None:
    """Print <0.001 in place of 0.000 in the column of p-values."""
    column = _pvalue_column(table)
    for row in table[1:]:
        if str(row[column].data).strip() == "0.000":
            row[column].data = "<0.001"


def _pvalue_column(table: Any) -> int:
    (column,) = (i for i, cell in enumerate(table[0]) if str(cell.data).strip().startswith("P>"))
    return column


def finish_summary2(summary: Any, content: SummaryData, *, pseudo: bool) -> Any:
    """Make statsmodels' second summary say what the first one says: method, labels and notes.

    Parameters
    ----------
    summary : statsmodels.iolib.summary2.Summary
    content : SummaryData
        Of the first summary.
    pseudo : bool
        Whether the likelihood is a pseudo-likelihood.
    """
    facts = summary.tables[0].copy()
    for place in np.argwhere(facts.to_numpy() == "Method:"):
        facts.iat[place[0], place[1] + 1] = dict(content.left)["Method:"]
    summary.tables[0] = facts.replace(PSEUDO_LABELS) if pseudo else facts
    for note in content.notes:
        summary.add_text(note)
    return summary


def _escaped(table: Any, escape: Callable[[str], str]) -> Any:
    """A copy of a table whose names and titles are escaped."""
    safe = deepcopy(table)
    safe.title = escape(str(safe.title)) if safe.title else safe.title
    for row in safe:
        for cell in row:
            if isinstance(cell.data, str):
                cell.data = escape(cell.data)
    return safe
