"""Fill statsmodels' Summary, so that the layout is the one that readers know."""

import html
import textwrap
from copy import deepcopy
from typing import Any

from statsmodels.iolib.summary import Summary as StatsmodelsSummary
from tabulate import tabulate

from wlogit.reporting.document import SummaryData

WIDTH = 78
LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "$": r"\$"}
LATEX |= {"{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


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
        plain, self.tables = self.tables, [_escaped(table) for table in self.tables]
        try:
            return self._render("as_html", f"<p>Notes:</p><ol>{items}</ol>" if items else "")
        finally:
            self.tables = plain

    def as_latex(self) -> str:
        """LaTeX tables and an enumeration of notes."""
        items = "".join(f"\n\\item {_latex(note)}" for note in self.content.notes)
        listed = f"\n\n\\begin{{enumerate}}{items}\n\\end{{enumerate}}" if items else ""
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


def fill_summary(
    results: Any,
    content: SummaryData,
    yname: Any,
    xname: list[str] | None,
    title: str | None,
    alpha: float,
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
    """
    summary = Summary(content)
    left: list[tuple[str, list[str] | None]] = [("Dep. Variable:", None)]
    for label, text in content.left:
        if label == "converged:":
            left += [("Date:", None), ("Time:", None)]
        left.append((label, [text]))
    right: list[tuple[str, list[str] | None]] = [
        ("No. Observations:", None),
        ("Df Residuals:", None),
        ("Df Model:", None),
    ]
    right += [(label, [text]) for label, text in content.right]
    yname = results.model.endog_names if yname is None else yname
    summary.add_table_2cols(
        results, gleft=left, gright=right, yname=yname, xname=xname, title=title or content.title
    )
    summary.add_table_params(results, yname=yname, xname=xname, alpha=alpha, use_t=results.use_t)
    _small_pvalues(summary.tables[-1])
    return summary


def _small_pvalues(table: Any) -> None:
    """Print <0.001 in place of 0.000 in the column of p-values."""
    for row in table[1:]:
        cell = row[4]
        if str(cell.data).strip() == "0.000":
            cell.data = "<0.001"


def _escaped(table: Any) -> Any:
    """A copy of a table whose names and titles are safe in HTML."""
    safe = deepcopy(table)
    safe.title = html.escape(str(safe.title)) if safe.title else safe.title
    for row in safe:
        for cell in row:
            if isinstance(cell.data, str):
                cell.data = html.escape(cell.data)
    return safe


def _latex(text: str) -> str:
    return "".join(LATEX.get(character, character) for character in text)
