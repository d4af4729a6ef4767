"""A fit and its default covariance, by wlogit and its peers, at four sizes and from a formula."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contenders import (
    FORMULA,
    GLM,
    LBFGS,
    LOGIT,
    LOOSE,
    NEWTON_CHOLESKY,
    SMF,
    contenders,
)
from tests.benchmarks.records import Comparison, Options, Target
from tests.benchmarks.worker import ask

# Rows; below, memory is lost in the noise.
MEASURABLE = 200_000
PEAKS = 3
# Large fits without weights are as those with weights: fewer rounds, and no memory.
PLAIN_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Case:
    rows: int
    columns: int
    scenario: str

    @property
    def key(self) -> str:
        return f"{self.rows}x{self.columns} {self.scenario}"

    @property
    def title(self) -> str:
        if self.scenario == "formula":
            return f"{self.rows:,} rows, from a formula with a string column to the printed summary"
        what = {
            "none": "no weights",
            "fit alone": "no weights, without the construction of the model",
            "balanced": "balanced class weights",
            "sampling": "sampling weights",
        }
        return f"n = {self.rows:,}, k = {self.columns}, {what[self.scenario]}"

    @property
    def design_bytes(self) -> int:
        return 8 * self.rows * self.columns

    def targets(self) -> list[Target]:
        return TARGETS.get((self.rows, self.columns, self.scenario), [])


SIZES = ((500, 5), (100_000, 10), (1_000_000, 20), (200_000, 100))
CASES = [
    *[Case(*size, scenario) for size in SIZES for scenario in ("none", "sampling")],
    Case(1_000_000, 20, "balanced"),
    Case(500, 5, "fit alone"),
    Case(1_000_000, 8, "formula"),
]
QUICK_CASES = [
    Case(500, 5, "sampling"),
    Case(500, 5, "fit alone"),
    Case(200_000, 10, "sampling"),
    Case(100_000, 8, "formula"),
]
LARGE = [
    Target.slower(GLM, 40.0),
    Target.slower("glum", 6.0),
    Target.slower(NEWTON_CHOLESKY, 4.0),
    Target.slower(f"{LBFGS}, {LOOSE}", 1.0),
    Target.memory("wlogit", 8.0, 8 * 1_000_000, "vectors of length n"),
]
TARGETS = {
    (1_000_000, 20, "sampling"): LARGE,
    (1_000_000, 20, "balanced"): LARGE,
    (200_000, 100, "sampling"): [
        Target.slower(GLM, 15.0),
        Target.slower("glum", 4.0),
        Target.slower(NEWTON_CHOLESKY, 2.0),
        Target.memory("wlogit", 0.15, 8 * 200_000 * 100, "of X"),
    ],
    (500, 5, "fit alone"): [Target.slower(LOGIT, 1.0)],
    (1_000_000, 8, "formula"): [Target.within(FORMULA, 0.08, SMF)],
}


def measure(options: Options) -> list[Comparison]:
    """Every case, its data written once for the cases of a size."""
    return [compared(case, options) for case in (QUICK_CASES if options.quick else CASES)]


def compared(case: Case, options: Options) -> Comparison:
    """Times in turns, then the memory of each program in processes of its own."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        ask("write", folder, case.rows, case.columns)
        large = case.rows >= MEASURABLE
        plain = large and case.scenario == "none"
        rounds = min(options.rounds, PLAIN_ROUNDS) if plain else options.rounds
        found = ask("times", folder, case.scenario, rounds, options.budget, [])
        peaks = {}
        if large and not plain:
            peaks = {name: peaks_of(case, folder, name, row) for name, row in found.items()}
    kinds = {c.name: c.covariance for c in contenders(case.scenario)}
    return Comparison(
        key=case.key,
        title=case.title,
        base=next(iter(found)),
        seconds={name: row["seconds"] for name, row in found.items()},
        peaks=peaks,
        facts={name: facts(case, kinds[name], row) for name, row in found.items()},
        about={"rows": case.rows, "columns": case.columns, "scenario": case.scenario},
        targets=case.targets(),
    )


def peaks_of(case: Case, folder: Path, name: str, row: dict) -> list[int]:
    """One peak, or for wlogit several."""
    times = PEAKS if name.startswith("wlogit") else 1
    return [ask("memory", folder, case.scenario, name, row["tolerance"]) for _ in range(times)]


def facts(case: Case, covariance: str, row: dict) -> dict[str, str]:
    """Covariance, tolerance and distance from the optimum."""
    plain = case.scenario in {"none", "fit alone"} and covariance != "none"
    tolerance = "default" if row["tolerance"] is None else f"{row['tolerance']:.0e}"
    return {
        "covariance": "nonrobust" if plain else covariance,
        "tolerance": tolerance,
        "from the optimum": f"{row['gap']:.0e}",
    }
