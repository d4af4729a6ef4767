"""What the page of the documentation includes: conclusions and tables made from the data.

The page itself has the explanations and no number; the documentation's build calls `write`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.records import DATA, Comparison, Section, Spread, digits, sections
from tests.benchmarks.run import MODULES
from tests.benchmarks.tables import markdown, place, ratios, share, table, verdict_rows

# Enough rows for times to be those of the sums and not of the calls.
MANY = 100_000
NOT_MEASURED = "No run of this section is in the data."
# A share of the processors that others may have without a word.
UNDISTURBED = 0.1


def write(folder: Path, data: Path = DATA, *, figures: bool = True) -> list[Path]:
    """A file of Markdown for each part of the page, and the figures; unchanged ones stay."""
    found = sections(MODULES, data)
    texts = {name: part(found.get(name)) for name in MODULES}
    texts |= {"targets": targets(found), "runs": runs(found)}
    paths = [folder / f"{name}.md" for name in texts]
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in zip(paths, texts.values(), strict=True):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    if figures:
        from tests.benchmarks import figures as drawn

        paths += drawn.write(found, folder)
    return paths


def part(section: Section | None) -> str:
    """Conclusions as sentences, then the tables."""
    if section is None:
        return NOT_MEASURED + "\n"
    sentences = SENTENCES.get(section.name, of_comparisons)
    lines = [f"- {sentence}" for sentence in sentences(section)]
    return text([*lines, "", *TABLES.get(section.name, every_table)(section)])


def every_table(section: Section) -> list[str]:
    """One for each comparison."""
    lines: list[str] = []
    for comparison in section.comparisons:
        lines += [f"**{comparison.title}** ({rounds_of(comparison)})", "", *table(comparison), ""]
    return lines


def tables_of_peers(section: Section) -> list[str]:
    """Ratios at all sizes side by side; the rest folded."""
    lines: list[str] = []
    for scenario, said in (("sampling", "sampling weights"), ("none", "no weights")):
        cases = [c for c in section.comparisons if c.about["scenario"] == scenario]
        if cases:
            lines += [f"**Fits with {said}, in multiples of the time of wlogit**", ""]
            lines += [*side_by_side(cases), ""]
    folded = ["<details>", "<summary>Seconds, tolerances and memory, case by case</summary>", ""]
    return [*lines, *folded, *every_table(section), "</details>"]


def side_by_side(cases: Sequence[Comparison]) -> list[str]:
    """A column for each problem, a row for each program: seconds of wlogit, the others' ratios."""
    programs = list(dict.fromkeys(p for c in cases for p in c.seconds if p != c.base))
    head = ["", *[f"n = {c.about['rows']:,}, k = {c.about['columns']}" for c in cases]]
    rows = [["wlogit, seconds", *[str(Spread.of(c.seconds[c.base])) for c in cases]]]
    rows += [[p, *[str(c.ratio(p)) if p in c.seconds else "" for c in cases]] for p in programs]
    return markdown(head, rows)


def rounds_of(comparison: Comparison) -> str:
    """``5 rounds``, or ``2 to 5 rounds`` if slow programs left."""
    counts = [len(times) for times in comparison.seconds.values()]
    some, most = min(counts), max(counts)
    return f"{most} rounds" if some == most else f"{some} to {most} rounds"


def text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"


def of_comparison(comparison: Comparison) -> str:
    """How much longer each program takes than the base."""
    base = Spread.of(comparison.seconds[comparison.base])
    said = f"{comparison.title}: {comparison.base} takes {base} {comparison.unit}"
    others = ratios(comparison)
    return f"{said}; in multiples of that: {others}." if others else f"{said}."


def of_comparisons(section: Section) -> list[str]:
    return [of_comparison(comparison) for comparison in section.comparisons]


def of_peers(section: Section) -> list[str]:
    """Over the cases with many rows, the least and the most for each peer; then the others."""
    arrays = [c for c in section.comparisons if c.about["scenario"] != "formula"]
    many = [c for c in arrays if c.about["rows"] >= MANY]
    said = [over_cases(many)] if many else []
    said += [of_comparison(c) for c in section.comparisons if c not in many]
    return said + [of_peaks(c) for c in section.comparisons if c.peaks]


def over_cases(cases: Sequence[Comparison]) -> str:
    """The smallest and the largest of the median ratios of every peer."""
    medians: dict[str, list[float]] = {}
    for case in cases:
        for program in case.seconds:
            if program != case.base:
                medians.setdefault(program, []).append(case.ratio(program).median)
    said = [f"{name} {interval(values)}" for name, values in medians.items()]
    return (
        f"Over the problems with {MANY:,} rows or more ({len(cases)}), in multiples of the time of "
        f"wlogit (medians over rounds, the smallest and the largest): {', '.join(said)}."
    )


def interval(values: Sequence[float]) -> str:
    low, high = digits(min(values)), digits(max(values))
    return low if low == high else f"{low} to {high}"


def of_peaks(comparison: Comparison) -> str:
    """Peak memory in multiples of X."""
    design = 8.0 * comparison.about["rows"] * comparison.about["columns"]
    said = [
        f"{program} {Spread.of([peak / design for peak in peaks])}"
        for program, peaks in comparison.peaks.items()
    ]
    return (
        f"{comparison.title}: peak memory above the data, in multiples of an X of "
        f"{design / 1e6:,.0f} MB: {', '.join(said)}."
    )


def of_scaling(section: Section) -> list[str]:
    """Growth of the time from one end of a curve to the other, and what threads gain."""
    said = []
    for curve, letter in (("rows", "n"), ("columns", "k")):
        points = [c for c in section.comparisons if c.about["curve"] == curve]
        large = [c for c in points if c.about[curve] >= (MANY if curve == "rows" else 10)]
        if len(large) >= 2:
            said.append(growth(large[0], large[-1], curve, letter))
    threaded = [c for c in section.comparisons if c.about["curve"] == "threads"]
    return said + [
        f"{c.title}: {program} takes {c.ratio(program)} times as long as {c.base}."
        for c in threaded
        for program in c.seconds
        if program != c.base
    ]


def growth(first: Comparison, last: Comparison, curve: str, letter: str) -> str:
    """By what the time of every program is multiplied between two points."""
    said = [
        f"{program} {digits(median(last, program) / median(first, program))}"
        for program in first.seconds
        if program in last.seconds
    ]
    start, end = first.about[curve], last.about[curve]
    return (
        f"From {letter} = {start:,} to {letter} = {end:,}, {digits(end / start)} times as much, "
        f"the median time grows by the factor: {', '.join(said)}."
    )


def median(comparison: Comparison, program: str) -> float:
    return Spread.of(comparison.seconds[program]).median


def curves(section: Section) -> list[str]:
    """A table for each curve: a row for each point, a column for each program."""
    lines: list[str] = []
    for curve in ("rows", "columns"):
        points = [c for c in section.comparisons if c.about["curve"] == curve]
        if not points:
            continue
        programs = list(points[0].seconds)
        rows = [
            [c.title, *[str(Spread.of(c.seconds[p])) if p in c.seconds else "" for p in programs]]
            for c in points
        ]
        heading = f"Seconds over {'n' if curve == 'rows' else 'k'}"
        lines += [f"**{heading}**", "", *markdown(["size", *programs], rows), ""]
    return lines


def of_streaming(section: Section) -> list[str]:
    """Overhead for each row, and memory beside that of X."""
    said = of_comparisons(section)
    for comparison in section.comparisons:
        program = list(comparison.seconds)[-1]
        if program in comparison.peaks:
            design = 8.0 * comparison.about["rows"] * comparison.about["columns"] / 1e6
            peak = Spread.of([value / 1e6 for value in comparison.peaks[program]])
            said.append(
                f"{program}: the process takes {peak} MB at its peak, libraries included; X alone "
                f"would take {design:,.0f} MB."
            )
    return said


# Of the other sections a sentence for each comparison is all there is to say.
SENTENCES: dict[str, Callable[[Section], list[str]]] = {
    "peers": of_peers,
    "scaling": of_scaling,
    "streaming": of_streaming,
}
TABLES = {"peers": tables_of_peers, "scaling": curves}


def targets(found: dict[str, Section]) -> str:
    """Every bound that was set, what was measured, and whether it was met."""
    rows = verdict_rows(found.values())
    met = sum(row[0] == "met" for row in rows)
    head = ["", "problem and program", "target", "measured"]
    table_lines = markdown(head, rows, left=3)
    return text([*cautions(found), f"{met} of {len(rows)} are met.", "", *table_lines])


def cautions(found: dict[str, Section]) -> list[str]:
    """A warning for runs at small sizes, or where others kept the machine busy."""
    quick = [name for name, section in found.items() if section.run["quick"]]
    busy = [name for name, s in found.items() if s.run["other work"] > UNDISTURBED]
    said = []
    if quick:
        said += ["Quick runs at small sizes, which only show that the machinery works:"]
        said += [", ".join(quick) + "."]
    if busy:
        said += ["Other work kept the machine busy, and the numbers are provisional:"]
        said += [", ".join(busy) + "."]
    return [":::{warning}", *said, ":::", ""] if said else []


def runs(found: dict[str, Section]) -> str:
    """Where and when, section by section."""
    lines = [f"- {', '.join(names)}: {where}." for where, names in places(found).items()]
    head = ["section", "date", "rounds", "seconds", "processors that other work took, %"]
    rows = []
    for name, section in found.items():
        run = section.run
        rounds = max(len(times) for c in section.comparisons for times in c.seconds.values())
        rows.append([name, run["date"], str(rounds), str(run["seconds"]), share(section)])
    return text([*lines, "", *markdown(head, rows, left=2)])


def places(found: dict[str, Section]) -> dict[str, list[str]]:
    """Sections by the machine and the versions that they ran on."""
    names: dict[str, list[str]] = {}
    for name, section in found.items():
        names.setdefault(place(section), []).append(name)
    return names
