"""The figures of docs/coverage.md, from the records."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from tests.studies.coverage.cells import MAIN
from tests.studies.coverage.records import LEVEL, Record, read

LAW = (0.935, 0.965)
COLORS = {
    "nonrobust": "#c0392b",
    "HC0 centered": "#8e9aaf",
    "HC1 centered": "#5d6d7e",
    "HC2 centered": "#b7950b",
    "HC3 centered": "#1f618d",
    "HC3 fixed": "#e67e22",
    "HC4 centered": "#7d3c98",
    "linearized centered": "#27ae60",
    "bias-reduced": "#16a085",
    "bootstrap": "#000000",
}
OTHERS = ("#c0392b", "#1f618d", "#e67e22", "#27ae60", "#7d3c98", "#5d6d7e")
Value = Callable[[Record, str], float]


def write_figures(folder: Path) -> None:
    """All of them, as SVG files of fixed content."""
    folder.mkdir(parents=True, exist_ok=True)
    records = list(read().values())
    figures = {
        "events": by_events(records),
        "prevalence": by_prevalence(records),
        "clusters": by_clusters(records),
        "tests": of_tests(records),
    }
    with mpl.rc_context({"svg.hashsalt": "wlogit"}):
        for name, figure in figures.items():
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})


def by_events(records: Iterable[Record]) -> Figure:
    """Slopes and intercept of balanced fits at one prevalence, in every covariance."""
    figure, (whole, near, intercept) = _panels(3)
    cells = _balanced(records, MAIN)
    for name, color in COLORS.items():
        kept = [record for record in cells if name in record.intervals]
        for axes in (whole, near):
            _line(axes, kept, name, _slopes, color=color)
        if name in ("nonrobust", "HC3 fixed", "HC3 centered", "bias-reduced"):
            _line(intercept, kept, name, _intercept, color=color)
    whole.set_ylim(0.3, 1.0)
    near.set_ylim(0.845, 0.995)
    intercept.set_ylim(0.55, 1.005)
    titles = ("slopes, mean of four", "the same, near 95 %", "intercept")
    for axes, title in zip((whole, near, intercept), titles, strict=True):
        _dress(axes, title, "expected events")
    near.legend(fontsize=7, frameon=False, loc="lower right", ncols=2)
    return figure


def by_prevalence(records: Iterable[Record]) -> Figure:
    """The lowest slope of balanced fits, by prevalence, nonrobust and by default."""
    figure, (naive, default) = _panels(2)
    for axes, name in ((naive, "nonrobust"), (default, "HC3 centered")):
        for events, color in zip((20, 50, 200), OTHERS, strict=False):
            kept = [
                record
                for record in _events_cells(records)
                if record.cell.events == events and name in record.intervals
            ]
            kept.sort(key=lambda record: record.cell.prevalence)
            shares = [min(record.intervals[name].slopes) for record in kept]
            at = [record.cell.prevalence for record in kept]
            axes.plot(at, shares, "o-", color=color, label=f"{events} events", markersize=4)
        _dress(axes, f"{name}: slope covered least", "prevalence")
        axes.set_xticks([0.01, 0.05, 0.2, 0.5], ["1 %", "5 %", "20 %", "50 %"])
        axes.set_xlim(0.008, 0.62)
    naive.set_ylim(0.1, 1.0)
    default.set_ylim(0.89, 0.985)
    default.legend(fontsize=8, frameon=False, loc="lower right")
    return figure


def by_clusters(records: Iterable[Record]) -> Figure:
    """The mean over slopes that are constant within clusters, by their number."""
    figure, panels = _panels(2)
    of_clusters = [
        r for r in records if r.cell.clusters and not (r.cell.bootstrap or r.cell.skewed)
    ]
    names = ("nonrobust", "HC3", "CR1S", "CR1S, t", "CR2", "CR3")
    for axes, correlation in zip(panels, (0.05, 0.3), strict=True):
        kept = [record for record in of_clusters if record.cell.correlation == correlation]
        axes.set_xlim(17, 240)
        for name, color in zip(names, OTHERS, strict=True):
            shares = [_of_clusters(record, name) for record in kept]
            at = [record.cell.clusters for record in kept]
            axes.plot(at, shares, "o-", color=color, label=name, markersize=4)
        _dress(axes, f"slopes of clusters, correlation {correlation:g}", "clusters")
        axes.set_xticks([20, 50, 200], ["20", "50", "200"])
    panels[0].legend(fontsize=8, frameon=False, loc="lower right", ncols=2)
    return figure


def of_tests(records: list[Record]) -> Figure:
    """Size by events, and power by effect, of tests of two slopes."""
    has_power = any(record.cell.block == "power" for record in records)
    figure, panels = _panels(1 + has_power)
    kept = _balanced(records, MAIN)
    for name, (label, color) in TESTS.items():
        rates = [(r.mean_events, r.tests[name]) for r in kept if name in r.tests]
        if rates:
            panels[0].plot(*zip(*rates, strict=True), "o-", color=color, label=label, ms=4)
        if has_power and name not in NAIVE:
            curve = _power(records, name)
            panels[1].plot(*zip(*curve, strict=True), "o-", color=color, label=label, ms=4)
    panels[0].axhline(LEVEL, color="0.5", lw=0.8)
    panels[0].set_xscale("log")
    _ticks(panels[0], [10, 20, 50, 100, 200])
    panels[0].set(xlabel="expected events", title="rejects a true hypothesis", ylim=(0.0, 0.8))
    if has_power:
        panels[1].set(xlabel="effect of x4 (log odds)", title="rejects a false one, 50 events")
        panels[1].set_ylim(0.0, 1.0)
    for axes in panels:
        axes.legend(fontsize=7, frameon=False)
        axes.title.set_fontsize(10)
        axes.spines[["top", "right"]].set_visible(False)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return figure


TESTS = {
    "Wald, HC3 centered": ("Wald, HC3", "#1f618d"),
    "likelihood ratio": ("likelihood ratio", "#27ae60"),
    "score": ("score", "#e67e22"),
    "likelihood ratio, unweighted": ("likelihood ratio, unweighted", "#5d6d7e"),
    "Wald, nonrobust": ("Wald, nonrobust", "#c0392b"),
    "likelihood ratio, naive": ("likelihood ratio, naive", "#7d3c98"),
}


NAIVE = ("Wald, nonrobust", "likelihood ratio, naive")


def _power(records: Iterable[Record], name: str) -> list[tuple[float, float]]:
    """Rates by the effect of x4 with 50 events."""
    null = [r for r in _balanced(records, MAIN) if r.cell.events == 50]
    found = null + [record for record in records if record.cell.block == "power"]
    return sorted((r.cell.effect, r.tests[name]) for r in found if name in r.tests)


def _events_cells(records: Iterable[Record]) -> list[Record]:
    return [r for r in records if r.cell.block == "events" and not r.cell.bootstrap]


def _balanced(records: Iterable[Record], prevalence: float) -> list[Record]:
    """Those at a prevalence, with the bootstrap of their twins, by events."""
    boots = {r.cell.events: r for r in records if r.cell.block == "events" and r.cell.bootstrap}
    kept = [r for r in _events_cells(records) if r.cell.prevalence == prevalence]
    for record in kept:
        twin: Mapping[str, Any] = (
            boots[record.cell.events].intervals if record.cell.events in boots else {}
        )
        record.intervals.update({name: twin[name] for name in twin if name == "bootstrap"})
    return sorted(kept, key=lambda record: record.cell.events)


def _slopes(record: Record, name: str) -> float:
    return float(np.mean(record.intervals[name].slopes))


def _intercept(record: Record, name: str) -> float:
    return record.intervals[name].intercept


def _of_clusters(record: Record, name: str) -> float:
    """x2 and x4 have one value in a cluster."""
    coverage = record.intervals[name].coverage
    return (coverage[2] + coverage[4]) / 2.0


def _line(axes: Axes, kept: list[Record], name: str, value: Value, color: str) -> None:
    at = [record.cell.events for record in kept]
    style = "s" if name == "bootstrap" else "o-"
    shares = [value(record, name) for record in kept]
    axes.plot(at, shares, style, color=color, label=name, markersize=4, lw=1.4)


def _panels(n: int) -> tuple[Figure, list[Axes]]:
    width = {1: 5.4, 2: 8.6}.get(n, 3.6 * n)
    figure = Figure(figsize=(width, 3.6), layout="constrained")
    return figure, list(figure.subplots(1, n, squeeze=False)[0])


def _dress(axes: Axes, title: str, along: str) -> None:
    axes.axhspan(*LAW, color="0.9", zorder=0)
    axes.axhline(0.95, color="0.5", lw=0.8, zorder=1)
    axes.set_xscale("log")
    if along == "expected events":
        _ticks(axes, [10, 20, 50, 100, 200])
    axes.set_xlabel(along)
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_minor_formatter("")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _ticks(axes: Axes, at: list[int]) -> None:
    axes.set_xticks(at, [str(value) for value in at])
    axes.xaxis.set_minor_formatter("")
