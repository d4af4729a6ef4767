"""The page of benchmarks is made from the data of the last run, and has no number of its own."""

import re
from pathlib import Path

from tests.benchmarks import page
from tests.benchmarks.records import DATA, Comparison, Section, Target
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


def test_ratios_are_those_of_a_round_and_targets_are_judged_by_their_median(tmp_path):
    seconds = {"ours": [1.0, 2.0, 4.0], "slow": [10.0, 40.0, 60.0], "left": [3.0, 10.0]}
    targets = [Target.slower("slow", 16.0, "ours"), Target.within("left", 3.5, "ours")]
    targets.append(Target.memory("ours", 2.0, 100.0, "of X"))
    peaks = {"ours": [150.0, 210.0, 190.0]}
    given = Comparison("key", "n = 3", "ours", seconds, peaks, targets=targets)
    Section("any", {}, [given]).write(tmp_path)
    read = Section.read("any", tmp_path)["key"]
    assert read == given
    judged = [(str(spread), target.met(spread)) for target, spread in read.judged()]
    shown = [(shown.replace("\N{NO-BREAK SPACE}", " "), met) for shown, met in judged]
    assert shown == [
        ("15.0 [10.0, 20.0]", False),
        ("4.00 [3.00, 5.00]", False),
        ("1.90 [1.50, 2.10]", True),
    ]


def test_the_cost_on_a_cluster_is_computed_from_what_was_measured():
    """To the digits that the page has."""
    said = (Path(__file__).parents[2] / "docs" / "distribution.md").read_text(encoding="utf-8")
    section = Section.read("dask")
    seconds = {**section["parts"].seconds, **section["scheduler"].seconds}
    sizes = section["parts"].facts["read and decode"]
    measured = {name: min(values) for name, values in seconds.items()} | sizes
    constants = dict(re.findall(r'^\.\.\.     "([^"]+)": ([\d._]+)', said, re.MULTILINE))
    assert len(constants) == 6
    for name, constant in constants.items():
        assert abs(float(constant) / measured[name] - 1.0) < 0.005, name
