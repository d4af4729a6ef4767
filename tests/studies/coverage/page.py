"""What docs/coverage.md shows of the records: named numbers, and one table."""

from collections.abc import Mapping
from typing import Any

from tests.studies.coverage.cells import CELLS, Cell
from tests.studies.coverage.law import failures, holds, reason
from tests.studies.coverage.records import Intervals, Record, read, read_about

BLOCKS = ("events", "weights", "misspecified", "clusters", "survey")
SHORT = {
    "none": "none",
    "balanced": "balanced",
    "1:10": "mapping",
    "prevalence": "prevalence",
    "sampling, by covariate": "by_covariate",
    "sampling, by outcome": "by_outcome",
    "sampling x balanced": "both",
}
HEAD = (
    "| weights | prevalence | events | cases | separated | default | nonrobust: slopes "
    "| default: slopes | intercept | calibrated | width | Wald | LR | score |"
)


def substitutions() -> dict[str, Any]:
    """All that the page takes from the data, as text."""
    records, about = read(), read_about()
    numbers: dict[str, Any] = {_key(record.cell): _numbers(record) for record in records.values()}
    return {
        **numbers,
        "coverage_table": table(records),
        "coverage_failures": failure_table(records),
        "coverage_about": {name: str(value) for name, value in about.items()},
        "coverage_cells": str(len(records)),
        "coverage_planned": str(len(CELLS)),
    }


def _key(cell: Cell) -> str:
    """``balanced_05_20`` for 20 events at 5 %, ``clusters_50_30`` for a correlation of 0.3."""
    if cell.clusters:
        key = f"clusters_{cell.clusters}_{100 * cell.correlation:02.0f}{'_skewed' * cell.skewed}"
    elif cell.design:
        key = f"survey_{cell.design[0]}_{cell.design[1]}"
    else:
        key = f"{SHORT[cell.weights]}_{100 * cell.prevalence:02.0f}_{cell.events}"
    key += "_square" * bool(cell.square) + f"_effect_{100 * cell.effect:02.0f}" * bool(cell.effect)
    return key + "_bootstrap" * cell.bootstrap


def _numbers(record: Record) -> dict[str, Any]:
    of_intervals = {_word(name): _shares(given) for name, given in record.intervals.items()}
    tests = {_word(name): _percent(rate) for name, rate in record.tests.items()}
    return {
        "n": f"{record.n:,}",
        "missing": _percent(record.missing),
        "default": _shares(record.of_default),
        **of_intervals,
        "tests": tests,
    }


def _shares(given: Intervals) -> dict[str, str]:
    return {
        "slopes": span(given.slopes),
        "worst": _percent(min(given.slopes)),
        "intercept": _percent(given.intercept),
        "calibrated": _percent(given.calibrated),
        "normal": _percent(given.coverage[1]),
        "binary": _percent(given.coverage[2]),
        "skewed": _percent(given.coverage[3]),
        "skewed_high": _percent(given.too_high[3]),
        "skewed_low": _percent(1.0 - given.coverage[3] - given.too_high[3]),
        "width": _width(given),
    }


def _word(name: str) -> str:
    return name.replace(", ", "_").replace(" ", "_").replace("-", "_")


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f}"


def span(shares: list[float]) -> str:
    """The lowest and the highest, in percent."""
    low, high = _percent(min(shares)), _percent(max(shares))
    return low if low == high else f"{low} to {high}"


def _width(given: Intervals) -> str:
    slopes = given.relative_width[1:-1]
    low, high = f"{min(slopes):.2f}", f"{max(slopes):.2f}"
    return low if low == high else f"{low} to {high}"


def table(records: Mapping[str, Record]) -> str:
    """A row for each cell but those of power and of the bootstrap, in markdown."""
    shown = [r for r in records.values() if r.cell.block in BLOCKS and not r.cell.bootstrap]
    rows = ["| " + " | ".join(_row(record)) + " |" for record in shown]
    return "\n".join([HEAD, "|---" * (HEAD.count("|") - 1) + "|", *rows])


def failure_table(records: Mapping[str, Record]) -> str:
    """A row for each cell whose default breaks its promise: what, how, and why."""
    broken: dict[str, dict[str, list[float]]] = {}
    for record, what, share in failures(records):
        broken.setdefault(record.cell.name, {}).setdefault(what, []).append(share)
    rows = [
        f"| {_what(records[name].cell)}, {records[name].cell.events} events "
        f"| {'; '.join(f'{what} {span(shares)} %' for what, shares in found.items())} "
        f"| {reason(records[name])} |"
        for name, found in broken.items()
    ]
    return "\n".join(["| design | out of bounds | why |", "|---|---|---|", *rows])


def _row(record: Record) -> list[str]:
    cell, own, tests = record.cell, record.of_default, record.tests
    naive = record.intervals["nonrobust"]
    return [
        _what(cell),
        f"{100 * cell.prevalence:g} %",
        f"{cell.events:,}",
        f"{record.n:,}",
        _percent(record.missing) if record.missing else "",
        record.default,
        span(naive.slopes) if record.default != "nonrobust" else "",
        _marked(record, own.slopes, "slopes"),
        _marked(record, [own.intercept], "intercept"),
        _percent(own.calibrated)
        if cell.weights != "none" and own.calibrated != own.intercept
        else "",
        _width(own),
        _percent(tests[f"Wald, {record.default}"]),
        _percent(tests["likelihood ratio"]),
        _percent(tests["score"]),
    ]


def _what(cell: Cell) -> str:
    if cell.clusters:
        of_sizes = "very unequal " * cell.skewed
        return f"balanced; {cell.clusters} {of_sizes}clusters, correlation {cell.correlation:g}"
    if cell.design:
        return f"design; {cell.design[0]} strata of {cell.design[1]} PSUs"
    return f"{cell.weights}{'; square left out' * bool(cell.square)}"


def _marked(record: Record, shares: list[float], what: str) -> str:
    """Bold where the law of `law.holds` is broken."""
    bold = "**" * (not all(holds(record, what, share) for share in shares))
    return f"{bold}{span(shares)}{bold}"
