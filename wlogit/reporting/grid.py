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

    @property
    def room(self) -> list[tuple[int, int]]:
        """Characters that each column needs up to the end of its numbers, and after it."""
        columns = [[row.cells[j] for row in self.rows] for j in range(len(self.names))]
        return [
            (
                max((len(cell.number) for cell in cells), default=0),
                max((len(cell.after) for cell in cells), default=0),
            )
            for cells in columns
        ]


def as_text(grid: Grid) -> str:
    """Plain text, decimals in line.

    Parameters
    ----------
    grid : Grid
    """
    label = max((len(row.label) for row in grid.rows), default=0)
    columns = [
        _place(name, [row.cells[j] for row in grid.rows], room)
        for j, (name, room) in enumerate(zip(grid.names, grid.room, strict=True))
    ]
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


def _line(label: str, width: int, cells: list[str]) -> str:
    return "  ".join([label.ljust(width), *cells])


def _place(name: str, cells: list[Cell], room: tuple[int, int]) -> list[str]:
    """The heading and the cells of one column, all of the same width."""
    left, right = room
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
    names = "".join(f'<th scope="col"{_CELL}>{html.escape(name)}</th>' for name in grid.names)
    sections = "".join(
        f"<tbody{_THIN}>" + "".join(_html_row(row, grid.room) for row in section) + "</tbody>"
        for section in grid.sections
    )
    head = f"<thead><tr><td></td>{names}</tr></thead>"
    items = "".join(f"<li>{html.escape(note)}</li>" for note in grid.notes)
    notes = f"<p>Notes:</p><ol>{items}</ol>" if items else ""
    return f'<table class="wlogit-compare"{_THICK}>{head}{sections}</table>{notes}'


_THICK = (
    ' style="border-collapse: collapse; border-top: 2px solid; border-bottom: 2px solid; '
    'font-variant-numeric: tabular-nums"'
)
_THIN = ' style="border-top: 1px solid"'
_CELL = ' style="text-align: center; padding: 0 0.7em"'
_STUB = ' style="text-align: left; font-weight: normal"'


def _html_row(row: Row, room: list[tuple[int, int]]) -> str:
    label = html.escape(row.label)
    stub = f'<th scope="row"{_STUB}>{label}</th>' if label else "<td></td>"
    cells = "".join(
        f"<td{_CELL}>{_html_cell(cell, *sizes)}</td>"
        for cell, sizes in zip(row.cells, room, strict=True)
    )
    return f"<tr>{stub}{cells}</tr>"


def _html_cell(cell: Cell, left: int, right: int) -> str:
    """Boxes of the same width around every number of a column, so that decimals are in line."""
    if cell.text or not cell.number:
        return html.escape(cell.text)
    number = _html_box(cell.number, left, "right")
    return number + (_html_box(cell.after, right, "left") if right else "")


def _html_box(text: str, width: int, align: str) -> str:
    style = f"display: inline-block; width: {width}ch; text-align: {align}"
    return f'<span style="{style}">{html.escape(text)}</span>'


def as_latex(grid: Grid) -> str:
    r"""A booktabs table and its notes, for the inside of a table environment.

    Decimals are in line without a package: every number stands in boxes of the same width.

    Parameters
    ----------
    grid : Grid
    """
    heading = _latex_line("", [escapes.latex(name) for name in grid.names])
    sections = [
        "\n".join(_latex_row(row, grid.room) for row in section) for section in grid.sections
    ]
    lines = [
        r"% \usepackage{booktabs}",
        rf"\begin{{tabular}}{{l{'c' * len(grid.names)}}}",
        r"\toprule",
        "\n\\midrule\n".join([heading, *sections]),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if grid.notes:
        items = "\n".join(rf"\item {_minus(_guarded(note))}" for note in grid.notes)
        lines += [
            r"\begin{minipage}{\linewidth}\footnotesize",
            f"\\begin{{enumerate}}\n{items}\n\\end{{enumerate}}",
            r"\end{minipage}",
        ]
    return "\n".join(lines) + "\n"


def _latex_line(label: str, cells: list[str]) -> str:
    return " & ".join([_guarded(label), *cells]) + r" \\"


def _guarded(text: str) -> str:
    r"""Escaped text after ``\\`` or ``\item``, which take a bracket for an option of theirs."""
    return ("{}" if text.startswith(("[", "*")) else "") + escapes.latex(text)


def _latex_row(row: Row, room: list[tuple[int, int]]) -> str:
    cells = [_latex_cell(cell, *sizes) for cell, sizes in zip(row.cells, room, strict=True)]
    return _latex_line(row.label, cells)


def _latex_cell(cell: Cell, left: int, right: int) -> str:
    if cell.text or not cell.number:
        return _minus(escapes.latex(cell.text))
    stars = cell.after.lstrip(")")
    closing = cell.after[: len(cell.after) - len(stars)]
    raised = f"$^{{{stars}}}$" if stars else ""
    # A digit is half an em wide, a minus sign wider.
    number = _latex_box(_minus(escapes.latex(cell.number)), 0.5 * left + 0.3, "r")
    return number + (_latex_box(closing + raised, 0.45 * right, "l") if right else "")


def _latex_box(text: str, width: float, align: str) -> str:
    return rf"\makebox[{width:.3g}em][{align}]{{{text}}}"


def _minus(text: str) -> str:
    """Hyphens before digits as minus signs."""
    return _HYPHEN.sub("$-$", text)
