"""One version, and what a release says of itself."""

import re
import tomllib
from pathlib import Path

import wlogit

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_version_is_in_one_place():
    assert PROJECT["project"]["dynamic"] == ["version"]
    source = ROOT / PROJECT["tool"]["hatch"]["version"]["path"]
    assert f'__version__ = "{wlogit.__version__}"' in source.read_text(encoding="utf-8")
    set_elsewhere = [
        path
        for path in (ROOT / "wlogit").rglob("*.py")
        if re.search(r"^__version__ *=", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert set_elsewhere == [source]


def test_the_citation_is_of_this_version_and_has_what_the_format_requires():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^([a-z-]+): *(.*)$", text, re.MULTILINE))
    assert entries["cff-version"] == "1.2.0"
    assert entries["version"] == wlogit.__version__
    assert entries["license"] == PROJECT["project"]["license"]
    assert entries["type"] == "software"
    assert {"authors", "message", "title"} <= entries.keys()
    assert re.findall(r"^  - name: (.*)$", text, re.MULTILINE) == [
        author["name"] for author in PROJECT["project"]["authors"]
    ]


def test_the_oldest_versions_tested_are_the_oldest_allowed():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"'([a-z]+)==([\d.]+?)(?:\.\*)?'", makefile))
    required = dict(requirement.split(">=") for requirement in PROJECT["project"]["dependencies"])
    assert required.items() <= pinned.items()
