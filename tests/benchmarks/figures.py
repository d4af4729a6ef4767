"""The figures of the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.contenders import GLM, LBFGS, LOGIT, NEWTON_CHOLESKY
from tests.benchmarks.records import Comparison, Section, Spread

COLORS = {
    "wlogit": "#0b3c5d",
    "glum": "#d9822b",
    NEWTON_CHOLESKY: "#328f62",
    LBFGS: "#7fb08f",
    GLM: "#b2313d",
    LOGIT: "#8a5a9e",
}
OTHER = "#888888"


def write(found: dict[str, Section], folder: Path) -> list[Path]:
    """SVG files that are the same whenever the data are."""
    import matplotlib as mpl

    mpl.use("Agg")
    drawn = {}
    if "peers" in found:
        weighted = [c for c in found["peers"].comparisons if c.about["scenario"] == "sampling"]
        drawn |= {"peers": ratios(weighted), "memory": memory([c for c in weighted if c.peaks])}
    if "scaling" in found:
        drawn["scaling"] = scaling(found["scaling"])
    paths = []
    for name, figure in drawn.items():
        paths.append(folder / f"{name}.svg")
        with mpl.rc_context({"svg.hashsalt": name}):
            figure.savefig(paths[-1], metadata={"Date": None}, bbox_inches="tight")
    return paths


def panels(count: int, width: float, height: float):
    """A figure with panels side by side, plain."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, count, squeeze=False)[0]
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=8)
    return figure, axes


def ratios(cases: Sequence[Comparison]):
    """Times of the peers as multiples of wlogit's, with the extremes over rounds."""
    programs = list(dict.fromkeys(p for c in cases for p in c.seconds if p != c.base))[::-1]
    figure, axes = panels(len(cases), 10.0, 0.4 + 0.35 * len(programs))
    for ax, case in zip(axes, cases, strict=True):
        for height, program in enumerate(programs):
            if program in case.seconds:
                at = case.ratio(program)
                color = COLORS.get(program.split(",")[0], OTHER)
                ax.plot([at.low, at.high], [height, height], color=color, lw=2.0)
                ax.plot(at.median, height, "o", color=color, ms=5.0)
        ax.axvline(1.0, color="black", lw=0.8)
        ax.set(xscale="log", ylim=(-0.6, len(programs) - 0.4))
        plain_ticks(ax)
        ax.set_yticks(range(len(programs)), programs if ax is axes[0] else [""] * len(programs))
        ax.set_title(size(case), fontsize=9)
    figure.supxlabel("time in multiples of that of wlogit (median and extremes)", fontsize=9)
    return figure


def memory(cases: Sequence[Comparison]):
    """Peak memory above the data, in multiples of X."""
    programs = list(dict.fromkeys(p for c in cases for p in c.peaks))[::-1]
    figure, axes = panels(len(cases), 9.0, 0.4 + 0.3 * len(programs))
    for ax, case in zip(axes, cases, strict=True):
        design = 8.0 * case.about["rows"] * case.about["columns"]
        for height, program in enumerate(programs):
            if program in case.peaks:
                color = COLORS.get(program.split(",")[0], OTHER)
                share = Spread.of([peak / design for peak in case.peaks[program]]).median
                ax.plot(share, height, "o", color=color, ms=6.0)
        ax.set(xscale="log", ylim=(-0.6, len(programs) - 0.4))
        ax.grid(axis="x", color="#dddddd")
        plain_ticks(ax)
        ax.set_yticks(range(len(programs)), programs if ax is axes[0] else [""] * len(programs))
        ax.set_title(size(case), fontsize=9)
    figure.supxlabel("peak memory above the data, in multiples of X", fontsize=9)
    return figure


def plain_ticks(ax) -> None:
    """Numbers without exponents on a logarithmic axis, as many as fit."""
    low, high = ax.get_xlim()
    steps = (1, 2, 5) if high < 30 * low else (1,)
    ticks = [step * 10.0**power for power in range(-3, 5) for step in steps]
    ticks = [tick for tick in ticks if low <= tick <= high]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()


def size(case: Comparison) -> str:
    return f"n = {case.about['rows']:,}, k = {case.about['columns']}"


def scaling(section: Section):
    """Seconds over n, over k and over threads."""
    figure, axes = panels(3, 11.0, 3.6)
    for ax, curve in zip(axes, ("rows", "columns"), strict=False):
        points = [c for c in section.comparisons if c.about["curve"] == curve]
        other = "columns" if curve == "rows" else "rows"
        for program in points[0].seconds:
            line(ax, program, [(c.about[curve], c.seconds.get(program)) for c in points])
        ax.set(xscale="log", xlabel="n" if curve == "rows" else "k", ylabel="seconds")
        ax.set_title(f"{'k' if curve == 'rows' else 'n'} = {points[0].about[other]:,}", fontsize=9)
    threaded = [c for c in section.comparisons if c.about["curve"] == "threads"]
    for case in threaded:
        counts = [2**power for power in range(len(case.seconds))]
        times = zip(counts, case.seconds.values(), strict=True)
        line(axes[2], case.about["program"], list(times))
    axes[2].set(xscale="log", xlabel="threads", ylabel="seconds")
    axes[1].set_xticks(ks := [c.about["columns"] for c in points], [str(k) for k in ks])
    axes[1].minorticks_off()
    axes[2].set_xticks(counts, [str(count) for count in counts])
    axes[2].minorticks_off()
    axes[2].set_title(size(threaded[0]), fontsize=9)
    axes[0].legend(fontsize=7, frameon=False)
    return figure


def line(ax, program: str, points: Sequence[tuple[float, list[float] | None]]) -> None:
    """Medians joined, extremes shaded."""
    there = [(x, Spread.of(seconds)) for x, seconds in points if seconds]
    xs, color = [x for x, _ in there], COLORS.get(program, OTHER)
    ax.plot(xs, [s.median for _, s in there], "o-", color=color, ms=3.5, lw=1.4, label=program)
    ax.fill_between(
        xs, [s.low for _, s in there], [s.high for _, s in there], color=color, alpha=0.2, lw=0
    )
    ax.set_yscale("log")
