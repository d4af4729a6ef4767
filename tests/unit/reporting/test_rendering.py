"""One content in five formats."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from tests.unit.reporting.fits import N, fit, frame
from wlogit import WeightedLogit

# What would be markup in HTML, LaTeX or Markdown.
NAMES = ["<const>", "a|b", "x_1 & 50%"]


@pytest.fixture(scope="module")
def summary():
    rng = np.random.default_rng(6)
    X = pd.DataFrame(np.column_stack([np.ones(N), rng.normal(size=(N, 2))]), columns=NAMES)
    y = pd.Series(np.where(frame()["y"] == 1, "{yes_&}", "<no>"), name="y_<i>|#")
    model = WeightedLogit(y, X, class_weight="balanced", event="{yes_&}")
    return model.fit(disp=False).summary()


def flat(text):
    return " ".join(text.split())


# -- text ----------------------------------------------------------------------------------------


def test_text_has_numbered_notes_within_the_width_of_the_tables(summary):
    text = summary.as_text()
    assert str(summary) == text
    head, _, notes = text.partition("\n\nNotes:\n")
    assert all(len(line) <= 80 for line in text.splitlines())
    numbers = [int(number) for number in re.findall(r"^\[(\d+)\]", notes, re.MULTILINE)]
    assert numbers == list(range(1, len(summary.content.notes) + 1))
    for i, note in enumerate(summary.content.notes, 1):
        assert f"[{i}] {note}" in flat(notes)
    for name in NAMES:
        assert name in head


def test_every_fact_is_printed(summary):
    text = summary.as_text()
    for label, value in (*summary.content.left, *summary.content.right):
        assert re.search(rf"{re.escape(label)}\s+{re.escape(value.strip())}", text), label


def test_a_summary_without_notes_has_no_heading_for_them():
    plain = fit().summary()
    assert "Notes" not in plain.as_text()
    assert "<ol>" not in plain.as_html()
    assert "enumerate" not in plain.as_latex()


def test_names_and_title_can_be_given():
    text = fit().summary(yname="ill", xname=["base", "dose"], title="A title").as_text()
    assert "A title" in text
    assert re.search(r"Dep. Variable:\s+ill", text)
    assert "dose" in text
    assert "Intercept" not in text


def test_the_level_of_the_intervals_is_printed():
    text = fit().summary(alpha=0.1).as_text()
    assert "[0.05" in text
    assert "0.95]" in text


# -- p-values ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny():
    """A slope with a tiny p-value, and one whose numbers all round to 0.000."""
    rng = np.random.default_rng(9)
    x, z = rng.normal(size=(2, 2000))
    y = (rng.random(2000) < 1 / (1 + np.exp(-2 * x))).astype(float)
    X = pd.DataFrame({"const": 1.0, "x": x, "z": z * 800})
    return WeightedLogit(y, X, class_weight="balanced").fit(disp=False)


def test_small_p_values_are_bounded_never_zero(tiny):
    assert tiny.pvalues["x"] < 1e-10
    header, *rows = [[str(cell).strip() for cell in row] for row in tiny.summary().tables[1]]
    column = header.index("P>|z|")
    assert rows[1][column] == "<0.001"
    assert "0.000" not in [row[column] for row in rows]


def test_only_p_values_are_bounded(tiny):
    header, *rows = [[str(cell).strip() for cell in row] for row in tiny.summary().tables[1]]
    others = [i for i in range(1, len(header)) if header[i] != "P>|z|"]
    assert not [row[i] for row in rows for i in others if "<" in row[i]]


# -- HTML ----------------------------------------------------------------------------------------


def test_html_is_well_formed_and_keeps_names_as_text(summary):
    # Every character that is markup must be escaped for this to parse at all.
    tree = ET.fromstring(f"<div>{summary.as_html()}</div>")
    cells = ["".join(cell.itertext()).strip() for cell in tree.iter("th")]
    assert set(NAMES) <= set(cells)
    assert "y_<i>|#" in ["".join(cell.itertext()).strip() for cell in tree.iter("td")]
    items = ["".join(item.itertext()) for item in tree.iter("li")]
    assert items == list(summary.content.notes)


def test_html_escapes_what_is_markup_in_notes(summary):
    notes = summary.as_html().partition("<ol>")[2]
    assert "&lt;no&gt;" in notes
    assert "{yes_&amp;}" in notes
    assert "<no>" not in notes


def test_a_name_cannot_inject_a_script():
    X = pd.DataFrame({"<script>alert(1)</script>": np.ones(N), "x": frame()["x"].to_numpy()})
    results = WeightedLogit(frame()["y"].to_numpy(), X, class_weight="balanced").fit(disp=False)
    summary = results.summary()
    assert "<script" not in summary.as_html()
    assert "<script" not in summary._repr_html_()


# -- LaTeX ---------------------------------------------------------------------------------------


def test_latex_escapes_what_is_markup_in_notes(summary):
    latex = summary.as_latex()
    assert latex.count(r"\item ") == len(summary.content.notes)
    notes = latex.partition(r"\begin{enumerate}")[2]
    assert r"\{yes\_\&\}" in notes
    assert not re.search(r"(?<!\\)[&%#_$]", notes)


def test_latex_escapes_what_is_markup_in_names(summary):
    latex = summary.as_latex()
    assert r"x\_1 \& 50\%" in latex
    assert latex.count(r"\begin{") == latex.count(r"\end{")


# -- Markdown ------------------------------------------------------------------------------------


def cells(line):
    """Cells of a row of a Markdown table, at bars that are not escaped."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_markdown_tables_have_as_many_cells_in_every_row(summary):
    markdown = summary.as_markdown()
    tables = [block for block in markdown.split("\n\n") if block.startswith("|")]
    assert len(tables) == 2
    for table in tables:
        assert len({len(cells(line)) for line in table.splitlines()}) == 1


def test_markdown_has_title_facts_coefficients_and_notes(summary):
    markdown = summary.as_markdown()
    assert markdown.startswith(f"**{summary.content.title}**\n")
    names = [cells(line)[0] for line in markdown.splitlines() if line.startswith("|")]
    assert [name.replace("\\|", "|") for name in names[-3:]] == NAMES
    for i, note in enumerate(summary.content.notes, 1):
        assert f"\n{i}. {note}" in markdown


def test_markdown_coefficients_are_those_of_the_fit():
    results = fit()
    rows = [cells(line) for line in results.summary().as_markdown().splitlines() if "|" in line]
    (row,) = [row for row in rows if row[0] == "x"]
    assert float(row[1]) == pytest.approx(results.params["x"], abs=5e-5)
    assert float(row[2]) == pytest.approx(results.bse["x"], abs=5e-4)


# -- CSV and summary2 ----------------------------------------------------------------------------


def test_csv_ends_with_the_notes(summary):
    lines = summary.as_csv().splitlines()
    assert lines[-len(summary.content.notes) :] == list(summary.content.notes)


def test_summary2_has_the_notes_too():
    results = fit(class_weight="balanced")
    text = flat(str(results.summary2()))
    for note in results.summary().content.notes:
        assert flat(note) in text


@pytest.mark.parametrize(
    ("options", "method"), [({"class_weight": "balanced"}, "pseudo-MLE"), ({}, "MLE")]
)
def test_summary2_has_the_method_of_summary(options, method):
    results = fit(**options)
    heading = results.summary2().tables[0].to_numpy()
    ((row, column),) = np.argwhere(heading == "Method:")
    assert heading[row, column + 1] == method == dict(results.summary().content.left)["Method:"]


def test_rendering_twice_gives_the_same(summary):
    for render in ("as_text", "as_html", "as_latex", "as_csv", "as_markdown"):
        assert getattr(summary, render)() == getattr(summary, render)()
