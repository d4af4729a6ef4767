"""A table of several columns of numbers, apart from what they mean: text, Markdown, HTML, LaTeX."""

import html
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from tabulate import tabulate

from wlogit.reporting import escapes

WIDTH = 78
_HYPHEN = re.compile(r"(?<![\w)])-(?=[\d.])")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place.

    Attributes
    ----------
    number : str
        Ends where the numbers of its column end, so that their decimals are in line.
    after : str
        Hangs over that end: stars, a closing parenthesis.
    text : str
        Centered instead, for what has no decimals to line up.
    """

    number: str = ""
    after: str = ""
    text: str = ""

    @property
    def whole(self) -> str:
        """All of it."""
        return self.text or self.number + self.after


@dataclass(frozen=True, slots=True)
class Row:
    """A label and one cell for each column."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Named columns, sections of rows with a rule between them, and sentences below.

    Attributes
    ----------
    names : tuple of str
    sections : tuple of tuple of Row
    notes : tuple of str
    """

    names: tuple[str, ...]
    sections: tuple[tuple[Row, ...], ...]
    notes: tuple[str, ...]

    @property
    def rows(self) -> Iterator[Row]:
        """Every row."""
        return (row for section in self.sections for row in section)


def as_text(grid: Grid) -> str:
    """Plain text, decimals in line.

    Parameters
    ----------
    grid : Grid
    """
    label = max((len(row.label) for row in grid.rows), default=0)
    columns = [_place(name, [row.cells[j] for row in grid.rows]) for j, name in _counted(grid)]
    heading, *cells = ([column[i] for column in columns] for i in range(len(columns[0])))
    lines = iter(
        _line(row.label, label, texts) for row, texts in zip(grid.rows, cells, strict=True)
    )
    first = _line("", label, heading)
    sections = ["\n".join(next(lines) for _ in section) for section in grid.sections]
    width = len(first)
    body = f"\n{'-' * width}\n".join([first, *sections])
    table = f"{'=' * width}\n{body}\n{'=' * width}"
    notes = [
        textwrap.fill(
            f"[{i}] {note}", max(width, WIDTH), subsequent_indent="    ", break_on_hyphens=False
        )
        for i, note in enumerate(grid.notes, 1)
    ]
    tidy = "\n".join(line.rstrip() for line in table.splitlines())
    return tidy + ("\n\nNotes:\n" + "\n".join(notes) if notes else "")


def _counted(grid: Grid) -> Iterator[tuple[int, str]]:
    return iter(enumerate(grid.names))


def _line(label: str, width: int, cells: list[str]) -> str:
    return "  ".join([label.ljust(width), *cells])


def _place(name: str, cells: list[Cell]) -> list[str]:
    """The heading and the cells of one column, all of the same width."""
    left = max((len(cell.number) for cell in cells), default=0)
    right = max((len(cell.after) for cell in cells), default=0)
    width = max([left + right, len(name), *(len(cell.text) for cell in cells)])
    placed = [
        (cell.text or cell.number.rjust(left) + cell.after.ljust(right)).center(width)
        for cell in cells
    ]
    return [name.center(width), *placed]


def as_markdown(grid: Grid) -> str:
    """A Markdown table and a numbered list.

    Parameters
    ----------
    grid : Grid
    """
    body = [
        [escapes.markdown(text) for text in (row.label, *(cell.whole for cell in row.cells))]
        for row in grid.rows
    ]
    table = tabulate(
        body,
        headers=["", *map(escapes.markdown, grid.names)],
        tablefmt="pipe",
        disable_numparse=True,
        colalign=("left", *["right"] * len(grid.names)),
    )
    notes = "\n".join(f"{i}. {escapes.markdown(note)}" for i, note in enumerate(grid.notes, 1))
    return f"{table}\n\n{notes}".rstrip() + "\n"


def as_html(grid: Grid) -> str:
    """An HTML table and an ordered list.

    Parameters
    ----------
    grid : Grid
    """
    names = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in grid.names)
    sections = "".join(
        "<tbody>" + "".join(map(_html_row, section)) + "</tbody>" for section in grid.sections
    )
    table = (
        f'<table class="wlogit-compare"><thead><tr><td></td>{names}</tr></thead>{sections}</table>'
    )
    items = "".join(f"<li>{html.escape(note)}</li>" for note in grid.notes)
    return table + (f"<p>Notes:</p><ol>{items}</ol>" if items else "")


def _html_row(row: Row) -> str:
    label = html.escape(row.label)
    stub = f'<th scope="row">{label}</th>' if label else "<td></td>"
    style = ' style="text-align: center"'
    cells = "".join(f"<td{style}>{html.escape(cell.whole)}</td>" for cell in row.cells)
    return f"<tr>{stub}{cells}</tr>"


def as_latex(grid: Grid) -> str:
    r"""A booktabs table and its notes, for the inside of a table environment.

    Decimals are in line without a package: every column is two, ``r@{}l``.

    Parameters
    ----------
    grid : Grid
    """
    heading = _latex_line("", [_over(escapes.latex(name)) for name in grid.names])
    sections = [
        "\n".join(_latex_line(row.label, list(map(_latex_cell, row.cells))) for row in section)
        for section in grid.sections
    ]
    lines = [
        r"% \usepackage{booktabs}",
        rf"\begin{{tabular}}{{l{'r@{}l' * len(grid.names)}}}",
        r"\toprule",
        "\n\\midrule\n".join([heading, *sections]),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if grid.notes:
        items = "\n".join(rf"\item {_minus(escapes.latex(note))}" for note in grid.notes)
        lines += [
            r"\begin{minipage}{\linewidth}\footnotesize",
            f"\\begin{{enumerate}}\n{items}\n\\end{{enumerate}}",
            r"\end{minipage}",
        ]
    return "\n".join(lines) + "\n"


def _latex_line(label: str, cells: list[str]) -> str:
    return " & ".join([escapes.latex(label), *cells]) + r" \\"


def _over(text: str) -> str:
    return rf"\multicolumn{{2}}{{c}}{{{text}}}"


def _latex_cell(cell: Cell) -> str:
    if cell.text:
        return _over(_minus(escapes.latex(cell.text)))
    stars = cell.after.lstrip(")]")
    closing = cell.after[: len(cell.after) - len(stars)]
    raised = f"$^{{{stars}}}$" if stars else ""
    return f"{_minus(escapes.latex(cell.number))} & {closing}{raised}"


def _minus(text: str) -> str:
    """Hyphens before digits as minus signs."""
    return _HYPHEN.sub("$-$", text)
