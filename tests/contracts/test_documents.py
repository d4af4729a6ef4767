"""The code in README.md and docs/*.md runs, and prints what the page says it prints."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?:python|pycon)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLANK = re.compile(r"\n(?=\n)(?!\n(?:>>>|\Z))")
CLOCK = re.compile(r"\w{3}, \d\d \w{3} \d{4}|\d\d:\d\d:\d\d")
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


class Checker(doctest.OutputChecker):
    """Compares output but for the date and time at which it was printed."""

    def check_output(self, want, got, optionflags):
        return super().check_output(CLOCK.sub("", want), CLOCK.sub("", got), optionflags)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_code_of_the_page_runs(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for block in BLOCK.finditer(document.read_text(encoding="utf-8")):
        run(block[1], document, namespace)


def run(code, document, namespace):
    if not code.startswith(">>>"):
        exec(compile(code, str(document), "exec"), namespace)  # noqa: S102  our own page
        return
    code = BLANK.sub("\n<BLANKLINE>", code)
    page = doctest.DocTestParser().get_doctest(code, namespace, document.name, str(document), 0)
    said = []
    runner = doctest.DocTestRunner(Checker(), optionflags=FLAGS)
    runner.run(page, out=said.append, clear_globs=False)
    assert not said, "".join(said)
    namespace.update(page.globs)


def test_the_readme_shows_the_summary_that_its_code_prints(capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[1]
    exec(compile(BLOCK.search(text)[1], "README.md", "exec"), {})  # noqa: S102  our own page
    printed = capsys.readouterr().out
    assert without_date(shown) == without_date(printed)


def without_date(text):
    text = re.sub(r"Date:.*?\d{4}|Time:\s+[\d:]+", "", text)
    return [line.strip() for line in text.strip().splitlines()]
