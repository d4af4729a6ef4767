"""Comparisons as text, Markdown, HTML and LaTeX."""

import importlib
import re
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

import wlogit
from tests.unit.reporting.comparisons import cells
from tests.unit.reporting.fits import frame
from wlogit import WeightedLogit, compare

# What would be markup in HTML, LaTeX or Markdown.
NAMES = ["<const>", "a|b*", "x_1 & 50%", "f{g}^h~i\\j$#"]
STYLES = ("text", "markdown", "html", "latex")


@pytest.fixture(scope="module")
def hostile():
    rng = np.random.default_rng(6)
    X = pd.DataFrame(np.column_stack([np.ones(60), rng.normal(size=(60, 3))]), columns=NAMES)
    y = pd.Series(np.where(frame()["y"] == 1, "{yes_&}", "<no>"), name="y_<i>|#")
    model = WeightedLogit(y, X, class_weight="balanced", event="{yes_&}")
    results = model.fit(disp=False)
    names = ["<b>", "A & B_{c}"]
    return compare([results, results.with_covariance("HC0")], names, stars=True, statistic="ci")


@pytest.mark.parametrize("style", STYLES)
def test_the_style_is_what_print_gives(plain, style):
    comparison = compare(plain, style=style)
    assert str(comparison) == repr(comparison) == getattr(comparison, f"as_{style}")()
    assert comparison._repr_html_() == comparison.as_html()


def test_decimals_are_in_line_in_text(strong):
    lines = compare(strong, cov_types=["HC0", "nonrobust"], stars=True).as_text().splitlines()
    top, heading, rule, *rows = lines[: lines.index("-" * len(lines[0]), 3)]
    assert set(top) == {"="}
    assert set(rule) == {"-"}
    assert len({tuple(m.start() for m in re.finditer(r"\.\d", row)) for row in rows}) == 1
    assert max(map(len, rows)) <= len(top)
    assert heading.split() == ["(1)", "(2)"]


def test_text_has_every_cell_and_note(hostile):
    text = " ".join(hostile.as_text().split())
    for label, texts in cells(hostile):
        assert " ".join([label, *texts]).strip() in text
    for i, note in enumerate(hostile.notes, 1):
        assert f"[{i}] {note}" in text
    assert all(line == line.rstrip() for line in hostile.as_text().splitlines())


def split_markdown(line):
    """Cells of a row, at bars that are not escaped, with escapes undone."""
    found = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    return [re.sub(r"\\([\\`*<|])", r"\1", cell) for cell in found]


def test_markdown_has_every_cell_and_note(hostile):
    table, notes = hostile.as_markdown().split("\n\n")
    heading, rule, *rows = map(split_markdown, table.splitlines())
    assert heading == ["", "<b>", "A & B_{c}"]
    assert len(rule) == 3
    assert rows == [[label, *texts] for label, texts in cells(hostile)]
    assert "<no>" not in re.sub(r"\\<", "", notes)
    assert notes.count("\n") == len(hostile.notes)


def test_html_is_well_formed_and_keeps_names_as_text(hostile):
    tree = ET.fromstring(f"<div>{hostile.as_html()}</div>")
    rows = [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]
    assert rows[0] == ["", "<b>", "A & B_{c}"]
    assert rows[1:] == [[label, *texts] for label, texts in cells(hostile)]
    assert ["".join(item.itertext()) for item in tree.iter("li")] == list(hostile.notes)
    scopes = {cell.get("scope") for cell in tree.iter("th")}
    assert scopes == {"row", "col"}


def latex_columns(line):
    """How many columns a row of a tabular fills."""
    return len(re.split(r"(?<!\\)&", row_of(line)))


def row_of(line):
    return line.removesuffix(r" \\")


def test_latex_would_compile(hostile):
    """Braces and environments close, rows fill the columns, nothing special is left over."""
    latex = hostile.as_latex()
    body = re.sub(r"^%.*\n", "", latex)
    bare = re.sub(r"\\[{}\\]", "", body)
    depth = np.cumsum([{"{": 1, "}": -1}.get(character, 0) for character in bare])
    assert depth.min() == 0
    assert depth[-1] == 0
    stack = []
    for what, name in re.findall(r"\\(begin|end){(\w+)}", body):
        if what == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert stack == []
    (inside,) = re.findall(r"\\toprule\n(.*)\\bottomrule", body, re.DOTALL)
    rows = [line for line in inside.splitlines() if line != r"\midrule"]
    assert inside.count(r"\midrule") == 2
    assert all(row.endswith(r" \\") for row in rows)
    assert {latex_columns(row) for row in rows} == {1 + len(hostile.grid.names)}
    columns = re.search(r"\\begin{tabular}{(.*)}\n", body)[1]
    assert columns == "l" + "c" * len(hostile.grid.names)
    plain_text = re.sub(r"\$[^$]*\$", "", re.sub(r"\\[&%#_$]", "", body))
    for line in plain_text.splitlines():
        assert not re.search(r"[%#_$<>|]", line), line
    outside = plain_text.replace(inside, "")
    assert "&" not in re.sub(r"(?s)\\toprule.*\\bottomrule", "", outside)
    assert not re.search(r"\^(?!{)|~", plain_text)


def test_latex_escapes_every_special_character_of_a_name(hostile):
    latex = hostile.as_latex()
    for text in (
        r"\textless{}const\textgreater{}",
        r"a\textbar{}b*",
        r"x\_1 \& 50\%",
        r"f\{g\}\textasciicircum{}h\textasciitilde{}i\textbackslash{}j\$\#",
        r"A \& B\_\{c\}",
    ):
        assert text in latex


def test_latex_has_minus_signs_stars_and_every_note(plain, strong):
    latex = compare(plain).as_latex()
    assert f"[r]{{$-${abs(plain.params['Intercept']):.3f}}}" in latex
    assert f"[r]{{({plain.bse['x']:.3f}}}\\makebox[0.45em][l]{{)}}" in latex
    starred = compare(strong, stars=True).as_latex()
    assert f"[r]{{{strong.params['x']:.3f}}}\\makebox[1.35em][l]{{$^{{***}}$}}" in starred


def test_numbers_of_a_column_stand_in_boxes_of_one_width(strong):
    comparison = compare(strong, cov_types=["HC0", "nonrobust"], stars=True)
    (body,) = re.findall(r"(?s)\\midrule\n(.*?)\\midrule", comparison.as_latex())
    for column in zip(*(row_of(line).split(" & ")[1:] for line in body.splitlines()), strict=True):
        assert len({tuple(re.findall(r"\\makebox\[(\S+?em)\]", cell)) for cell in column}) == 1
    tree = ET.fromstring(f"<div>{comparison.as_html()}</div>")
    rows = [list(row.iter("td"))[-2:] for row in next(tree.iter("tbody")).iter("tr")]
    for cells_ in zip(*rows, strict=True):
        assert len({tuple(box.get("style") for box in cell) for cell in cells_}) == 1


def test_latex_of_intervals_has_minus_signs_and_notes(plain):
    limits = compare(plain, statistic="ci")
    low, high = plain.conf_int().loc["Intercept"]
    assert low < 0 < high or high < 0
    assert f"[$-${abs(low):.3f}, " in limits.as_latex()
    assert limits.as_latex().count(r"\item ") == len(limits.notes)


def test_brackets_are_no_options_of_latex(plain):
    latex = compare(plain, ["[A]"], rename={"x": "[x]", "a": "* a"}).as_latex()
    assert not re.search(r"(?m)^[\[*]", latex)
    assert not re.search(r"\\item\s*\[", latex)
    assert "\n{}[x] & " in latex
    assert "\n{}* a & " in latex


def test_a_comparison_is_exported():
    assert wlogit.compare is compare
    assert importlib.import_module("wlogit.api").compare is compare
