"""The code in README.md and docs/ runs, and prints what the page says; links lead somewhere."""

import ast
import doctest
import pydoc
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

from wlogit import __version__
from wlogit.cli import main
from wlogit.datasets import load_mid

ROOT = Path(__file__).parents[2]
BUILT = {"_build", "auto_examples", "generated"}
DOCUMENTS = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if not BUILT & set(page.parts)),
]
BLOCK = re.compile(r"^```(?:python|pycon|py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
BLANK = re.compile(r"\n(?=\n)(?!\n(?:>>>|\Z))")
CLOCK = re.compile(r"\w{3}, \d\d \w{3} \d{4}|\d\d:\d\d:\d\d")
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


class Checker(doctest.OutputChecker):
    """Compares output but for the date and time at which it was printed."""

    def check_output(self, want, got, optionflags):
        return super().check_output(CLOCK.sub("", want), CLOCK.sub("", got), optionflags)


of_each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix()
)


@of_each_document
def test_the_code_of_the_page_runs(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for block in BLOCK.finditer(document.read_text(encoding="utf-8")):
        # "py" marks what needs a package that no extra for users brings.
        if not block[0].startswith("```py\n") or all(map(find_spec, packages(block[1]))):
            run(block[1], document, namespace)


def packages(code):
    """The packages that some code imports."""
    imports = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import)]
    return {name.name.partition(".")[0] for node in imports for name in node.names}


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


# Run here; R by tests/reference/extra/docs, console by tests/contracts/test_cli.py.
RUN = {"python", "pycon", "py", "r", "console", "sh"}
SHOWN = {"text", "bibtex", "stata", "sas"}
NOT_RUN = "not run"


@of_each_document
def test_code_that_is_not_run_is_said_to_be_so(document):
    text = document.read_text(encoding="utf-8")
    opened = re.findall(r"^ *```+(\S*).*$", text, re.MULTILINE)[::2]
    fences = {language for language in opened if not language.startswith("{")}
    assert fences <= RUN | SHOWN
    assert not fences & {"stata", "sas"} or NOT_RUN in text


def test_commands_run(tmp_path, monkeypatch, capsys):
    """Those of wlogit; for others that there is such a target of make, or they install."""
    monkeypatch.chdir(tmp_path)
    load_mid().to_csv("disputes.csv", index=False)
    targets = re.search(
        r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )[1]
    texts = [document.read_text(encoding="utf-8") for document in DOCUMENTS]
    blocks = re.findall(r"^```sh\n(.*?)^```$", "\n".join(texts), re.MULTILINE | re.DOTALL)
    lines = [shlex.split(line, comments=True) for line in "".join(blocks).splitlines()]
    commands = [line for line in lines if line]
    assert {command[0] for command in commands} == {"make", "python", "wlogit"}
    for program, *arguments in commands:
        if program == "make":
            assert set(arguments) <= set(targets.split()), arguments
        elif program == "python":
            assert arguments[:3] == ["-m", "pip", "install"]
        else:
            assert main(arguments) == 0, capsys.readouterr().err


@of_each_document
def test_links_lead_somewhere(document):
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    made = {"disputes.html"}
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", text)):
        path, _, place = target.partition("#")
        if "://" in path or path in made or path.startswith("auto_examples/"):
            continue
        page = document.parent / path if path else document
        assert page.exists(), target
        assert not place or place in places(page), target


def places(page):
    """Anchors of the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@of_each_document
def test_names_of_the_package_are_there(document):
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    names = set(re.findall(r"`(wlogit(?:\.\w+)+)(?:\(.*?\))?`", text))
    assert not [name for name in names if pydoc.locate(name) is None]


def test_every_page_is_in_the_table_of_contents():
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^[\w/-]+$", text, re.MULTILINE))
    pages = {
        page.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for page in DOCUMENTS
        if page.is_relative_to(ROOT / "docs")
    }
    assert pages - listed == {"index"}


def test_the_citations_are_of_this_version():
    page = (ROOT / "docs" / "citing.md").read_text(encoding="utf-8")
    assert f"version = {{{__version__}}}" in page
    assert f"wlogit {__version__};" in page
    if (ROOT / "CITATION.cff").exists():  # not part of an installed copy
        cff = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
        assert re.search(rf'^version: "?{re.escape(__version__)}"?$', cff, re.MULTILINE)
        assert re.search(r'^title: "?wlogit', cff, re.MULTILINE)


def test_what_the_page_for_contributors_points_to_exists():
    text = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:docs|tests|wlogit)/[\w/.-]+)`", text))
    assert len(paths) > 15
    assert not [path for path in paths if not (ROOT / path).exists()]
    for path, name in {
        "wlogit/_typing.py": "RobustKind",
        "wlogit/covariance/robust.py": "def inflation",
        "tests/laws/statistic.py": "def _covariances",
        "tests/reference/extra/generate.R": "by_hand",
    }.items():
        assert name in (ROOT / path).read_text(encoding="utf-8")
