"""The page of benchmarks is made from the data of the last run, and has no number of its own."""

import re
from pathlib import Path

from tests.benchmarks import page
from tests.benchmarks.records import DATA
from tests.benchmarks.run import MODULES, available

PAGE = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def test_what_the_page_includes_is_written_from_the_data(tmp_path):
    written = {path.name: path.read_text("utf-8") for path in page.write(tmp_path, figures=False)}
    included = re.findall(r"\{include\} generated/benchmarks/(\S+)", PAGE)
    assert sorted(included) == sorted(written)
    measured = [name for name in MODULES if available(name)]
    without = [name for name in measured if not (DATA / f"{name}.json").exists()]
    assert not without, f"no data: run python -m tests.benchmarks {' '.join(without)}"
    assert not [name for name in measured if page.NOT_MEASURED in written[f"{name}.md"]]
    assert "[" in written["targets.md"]


def test_the_prose_has_no_number():
    prose = re.sub(r"\{\w+\} \S+", "", PAGE)
    assert re.findall(r"(?<!\w)\d\S*", prose) == []
