"""Compare wlogit with its peers on the same data, to the same optimum, and write a Markdown table.

Run ``python -m tests.benchmarks`` (``--quick`` for the small sizes). Times are the best
of several rounds in which the programs take turns; peak memory is that of one fit in a process of
its own, above the process with libraries and data loaded. Every program must reach the reference
optimum to 1e-6: its tolerance is tightened until it does, and the table says to what.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import scipy.linalg  # noqa: F401  loads scipy's BLAS beside numpy's, for threadpoolctl to see
from threadpoolctl import threadpool_info

from tests.benchmarks.contenders import CONTENDERS, Contender, contenders

HERE = Path(__file__).parent
SIZES = ((500, 5), (100_000, 10), (1_000_000, 20), (200_000, 100))
QUICK = ((500, 5), (100_000, 10))
FORMULA_ROWS, QUICK_FORMULA_ROWS, FORMULA_COLUMNS = 1_000_000, 100_000, 8
PACKAGES = ("wlogit", "statsmodels", "scikit-learn", "glum", "numpy", "scipy", "pandas", "patsy")


@dataclass(frozen=True, slots=True)
class Case:
    rows: int
    columns: int
    scenario: str

    @property
    def title(self) -> str:
        if self.scenario == "formula":
            return f"{self.rows:,} rows, from a formula with a string column to the printed summary"
        what = "" if self.scenario == "fit alone" else "weights: "
        return f"n = {self.rows:,}, k = {self.columns}, {what}{self.scenario}"


@dataclass(frozen=True, slots=True)
class Target:
    """``peer`` takes at least ``factor`` times as long as wlogit in the case."""

    case: Case
    peer: str
    factor: float


LARGE = [Case(1_000_000, 20, scenario) for scenario in ("balanced", "sampling")]
TARGETS = [
    *[Target(case, "statsmodels GLM, var_weights", 20.0) for case in LARGE],
    *[Target(case, "glum", 4.0) for case in LARGE],
    *[Target(case, "scikit-learn newton-cholesky", 2.5) for case in LARGE],
    Target(Case(500, 5, "fit alone"), "statsmodels Logit fit", 1.0),
    Target(Case(FORMULA_ROWS, FORMULA_COLUMNS, "formula"), "statsmodels smf.glm to summary", 10.0),
]
MEMORY_SHARE = 0.5
ABOUT = (
    "Written by `python -m tests.benchmarks`: construction, fit and covariance ('fit alone': "
    "without the construction); best of several rounds in one run, programs taking turns; all at "
    "the same optimum to 1e-6. Peak memory is "
    "above the process with libraries and data loaded."
)
MEASURABLE = 10_000  # rows; below, memory is lost in the noise and times need more rounds


def ask(*arguments: str) -> dict:
    """Run the worker with these arguments in a fresh process and return its answer."""
    command = [sys.executable, "-m", "tests.benchmarks.worker", *arguments]
    done = subprocess.run(command, cwd=HERE.parents[1], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"worker {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.rsplit("ANSWER", 1)[1])


def measure(case: Case, folder: Path, options: argparse.Namespace) -> dict[str, dict]:
    """Times and peaks of every program in the case, by the program's name."""
    only = [c.name for c in chosen(case.scenario, options)]
    rounds = str(options.rounds * (1 if case.rows >= MEASURABLE else 40))
    found = ask("times", str(folder), case.scenario, rounds, str(options.budget), json.dumps(only))
    if case.rows >= MEASURABLE and not options.no_memory:
        for name, row in found.items():
            tolerance = json.dumps(row["tolerance"])
            row.update(ask("memory", str(folder), case.scenario, name, tolerance))
    return found


def chosen(scenario: str, options: argparse.Namespace) -> list[Contender]:
    every = contenders(scenario)
    return [c for c in every if not options.only or any(o in c.name for o in options.only)]


def table(case: Case, found: dict[str, dict]) -> list[str]:
    """The case as Markdown; ratios are multiples of wlogit's time."""
    own = next((row["seconds"] for name, row in found.items() if name.startswith("wlogit")), None)
    design_bytes = 8 * case.rows * case.columns
    columns = "program | covariance | solver tolerance | seconds | / wlogit | peak, MB | peak / X"
    lines = [
        f"### {case.title}",
        "",
        f"| {columns} |",
        "|---|---|---|---:|---:|---:|---:|",
    ]
    for c in CONTENDERS:
        if c.name not in found:
            continue
        row = found[c.name]
        ratio = "" if own is None else f"{row['seconds'] / own:.2f}"
        peak = row.get("peak_bytes")
        memory = " | " if peak is None else f"{peak / 1e6:.0f} | {peak / design_bytes:.2f}"
        kind = c.covariance if case.scenario != "none" or c.covariance == "none" else "nonrobust"
        lines.append(
            f"| {c.name} | {kind} | {stopping(row)} | {row['seconds']:.4g} | {ratio} | {memory} |"
        )
    return [*lines, ""]


def stopping(row: dict) -> str:
    """The tolerance used, and what the default would have left."""
    if row["tolerance"] is None:
        return "default"
    return f"{row['tolerance']:.0e} (default: {row['default_gap']:.0e} off)"


def verdicts(everything: dict[Case, dict[str, dict]]) -> list[str]:
    """One line for every target that this run can judge."""
    lines = []
    for target in TARGETS:
        found = everything.get(target.case, {})
        own = next((row for name, row in found.items() if name.startswith("wlogit")), None)
        if own is None or target.peer not in found:
            continue
        ratio = found[target.peer]["seconds"] / own["seconds"]
        word = "met" if ratio >= target.factor else "MISSED"
        lines.append(
            f"- {target.case.title}: {target.peer} takes {ratio:.2f} times as long "
            f"(target {target.factor:g}): {word}"
        )
    for case in LARGE:
        peak = everything.get(case, {}).get("wlogit", {}).get("peak_bytes")
        if peak is not None:
            share = peak / (8 * case.rows * case.columns)
            word = "met" if share < MEMORY_SHARE else "MISSED"
            lines.append(
                f"- {case.title}: peak memory {share:.2f} of X (target {MEMORY_SHARE:g}): {word}"
            )
    return lines


def versions() -> list[str]:
    lines = []
    for package in PACKAGES:
        try:
            lines.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            lines.append(f"{package} not installed")
    return lines


def machine() -> str:
    """Python, cores and the BLAS kernels in use."""
    pools = {
        f"{pool['internal_api']} {pool['version']} ({pool['architecture']}, "
        f"{pool['num_threads']} threads)"
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    }
    kernels = "; ".join(sorted(pools))
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, BLAS: {kernels}"


def cases(options: argparse.Namespace) -> list[Case]:
    sizes = options.sizes or (QUICK if options.quick else SIZES)
    arrays = [s for s in options.scenarios if s != "formula"]
    every = [Case(n, k, scenario) for n, k in sizes for scenario in arrays]
    if "formula" in options.scenarios and not options.sizes:
        rows = QUICK_FORMULA_ROWS if options.quick else FORMULA_ROWS
        every.append(Case(rows, FORMULA_COLUMNS, "formula"))
    return every


def size(text: str) -> tuple[int, int]:
    """``1e6x20`` or ``500x5``."""
    rows, columns = text.split("x")
    return int(float(rows)), int(columns)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare wlogit with its peers.")
    parser.add_argument("--quick", action="store_true", help="small sizes only, fewer rounds")
    parser.add_argument("--sizes", nargs="+", type=size, metavar="NxK", help="such as 1e6x20")
    parser.add_argument(
        "--scenarios", nargs="+", default=["none", "fit alone", "balanced", "sampling", "formula"]
    )
    parser.add_argument("--only", nargs="+", help="programs whose name contains one of these")
    parser.add_argument("--rounds", type=int, default=5, help="rounds in which programs take turns")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds per program and case")
    parser.add_argument("--no-memory", action="store_true", help="do not measure peak memory")
    parser.add_argument("--output", type=Path, default=HERE / "results.md")
    return parser.parse_args()


def show(lines: list[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main() -> None:
    options = arguments()
    everything: dict[Case, dict[str, dict]] = {}
    body: list[str] = []
    for case in cases(options):
        with tempfile.TemporaryDirectory() as folder:
            ask("write", folder, str(case.rows), str(case.columns))
            everything[case] = measure(case, Path(folder), options)
        body += table(case, everything[case])
        show(table(case, everything[case]))
    judged = verdicts(everything)
    show(judged)
    environment = f"{machine()}. {', '.join(versions())}."
    heading = ["# Benchmarks", "", ABOUT, "", environment, ""]
    targets = ["## Targets", "", *judged, ""] if judged else []
    lines = [*heading, *targets, "## Times and peak memory", "", *body]
    options.output.write_text("\n".join(lines))
