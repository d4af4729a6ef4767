"""Comparisons as Markdown: tables, sentences and verdicts, every number from the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.benchmarks.records import Comparison, Section, Spread, Target


def section_lines(section: Section) -> list[str]:
    """A section as the terminal shows it."""
    lines = [f"# {section.name}", "", ran(section), ""]
    for comparison in section.comparisons:
        lines += [f"### {comparison.title}", "", *table(comparison), ""]
    return [*lines, *[f"- {line}" for line in verdicts([section])], ""]


def table(comparison: Comparison) -> list[str]:
    """A row for each program: facts, time, ratio to the base, peak memory."""
    facts = list(dict.fromkeys(f for row in comparison.facts.values() for f in row))
    memory = bool(comparison.peaks)
    head = ["program", *facts, comparison.unit, f"times that of {comparison.base}"]
    head += ["peak memory, MB"] if memory else []
    rows = []
    for program, seconds in comparison.seconds.items():
        said = comparison.facts.get(program, {})
        row = [program, *[str(said.get(fact, "")) for fact in facts], str(Spread.of(seconds))]
        row.append("1" if program == comparison.base else str(comparison.ratio(program)))
        peaks = [peak / 1e6 for peak in comparison.peaks.get(program, [])]
        row += ([str(Spread.of(peaks)) if peaks else ""]) if memory else []
        rows.append(row)
    return markdown(head, rows, left=1 + len(facts))


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> list[str]:
    """A table whose columns from the ``left``-th on are numbers."""
    rule = ["---"] * left + ["---:"] * (len(head) - left)
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def ratios(comparison: Comparison, programs: Iterable[str] = ()) -> str:
    """``glum 4.10 [3.90, 4.30], ...``: of all programs, or of those among these that were there."""
    chosen = [p for p in programs or comparison.seconds if p in comparison.seconds]
    return ", ".join(f"{p} {comparison.ratio(p)}" for p in chosen if p != comparison.base)


def verdict(comparison: Comparison, target: Target, spread: Spread) -> list[str]:
    """The cells of a target: met or not, what, bound, measured."""
    bound = f"{target.sense} {target.limit:g} {target.unit}"
    word = "met" if target.met(spread) else "**MISSED**"
    return [word, f"{comparison.title}: {target.program}", bound, str(spread)]


def verdict_rows(sections: Iterable[Section]) -> list[list[str]]:
    """All targets that were judged."""
    return [
        verdict(comparison, target, spread)
        for section in sections
        for comparison in section.comparisons
        for target, spread in comparison.judged()
    ]


def verdicts(sections: Iterable[Section]) -> list[str]:
    """The same, a line each."""
    return [
        f"{what}: {spread}; target {bound}: {word}"
        for word, what, bound, spread in verdict_rows(sections)
    ]


def place(section: Section) -> str:
    """The machine and the versions."""
    machine = section.run["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in section.run["versions"].items())
    return (
        f"{machine['cores']} cores of {machine['processor']}, {machine['memory, GB']} GB, "
        f"{machine['system']}, Python {machine['python']}, BLAS: {machine['BLAS']}; {packages}"
    )


def share(section: Section) -> str:
    """What other work took of the processors during the run, per cent."""
    return f"{100 * section.run['other work']:.0f}"


def ran(section: Section) -> str:
    """When, where and how undisturbed a section was measured, for the terminal."""
    run = section.run
    return (
        f"{run['date']}, {place(section)}. {run['seconds']} seconds in {run['rounds']} rounds or "
        f"fewer, in which other work took {share(section)} % of the processors."
    )
