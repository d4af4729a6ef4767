"""What a benchmark leaves behind: times by round, peaks, targets; as JSON beside the page."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parents[2]
DATA = ROOT / "docs" / "benchmarks"
QUICK_DATA = ROOT / "build" / "benchmarks"
DIGITS = 5


@dataclass(frozen=True, slots=True)
class Options:
    """How much to measure; a quick run shows that the machinery works, and no more.

    Programs take turns in ``rounds``; a slow one leaves when it has had ``budget`` seconds.
    """

    rounds: int = 5
    budget: float = 60.0
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """The median over rounds and the extremes."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        low, high = digits(self.low), digits(self.high)
        return (
            digits(self.median)
            if low == high
            else f"{digits(self.median)} [{low},\N{NO-BREAK SPACE}{high}]"
        )


def digits(value: float) -> str:
    """Three significant digits, never an exponent."""
    if value == 0.0:
        return "0"
    rounded = float(f"{value:.3g}")
    decimals = max(0, 2 - math.floor(math.log10(abs(rounded))))
    return f"{value:,.{decimals}f}"


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on the median of a ratio over rounds.

    ``program`` is divided by ``over``, another program, or a number of bytes if it is a peak;
    ``unit`` is what the ratio is called.
    """

    program: str
    over: str | float
    limit: float
    sense: Literal["at least", "at most"]
    unit: str
    of: Literal["seconds", "peaks"] = "seconds"

    @classmethod
    def slower(cls, program: str, limit: float, base: str = "wlogit") -> Target:
        """``program`` takes at least ``limit`` times as long as ``base``."""
        return cls(program, base, limit, "at least", f"times {base}")

    @classmethod
    def within(cls, program: str, limit: float, base: str) -> Target:
        """``program`` takes at most ``limit`` times as long as ``base``."""
        return cls(program, base, limit, "at most", f"times {base}")

    @classmethod
    def memory(cls, program: str, limit: float, of_bytes: float, unit: str) -> Target:
        """The peak of ``program`` is at most ``limit`` times so many bytes."""
        return cls(program, float(of_bytes), limit, "at most", unit, "peaks")

    def met(self, spread: Spread) -> bool:
        """Whether the median keeps to the bound."""
        if self.sense == "at least":
            return spread.median >= self.limit
        return spread.median <= self.limit


@dataclass(frozen=True, slots=True)
class Comparison:
    """Programs on one problem, in turns.

    Parameters
    ----------
    key : str
        By which the page finds it in its section.
    title : str
        The problem, as a heading.
    base : str
        The program by whose times those of the others are divided, round by round.
    seconds : dict of list of float
        Time of every program in every round; a slow one may have had fewer rounds.
    peaks : dict of list of float, optional
        Peak memory in bytes.
    facts : dict of dict, optional
        More to say of a program: further columns of its row in the table.
    about : dict, optional
        Numbers of the problem: rows, columns, threads.
    unit : str
        What the times are.
    targets : list of Target
    """

    key: str
    title: str
    base: str
    seconds: dict[str, list[float]]
    peaks: dict[str, list[float]] = field(default_factory=dict)
    facts: dict[str, dict[str, str | float]] = field(default_factory=dict)
    about: dict[str, str | float] = field(default_factory=dict)
    unit: str = "seconds"
    targets: list[Target] = field(default_factory=list)

    def ratio(self, program: str, over: str | None = None) -> Spread:
        """Time of a program divided by that of another in the same round."""
        pairs = zip(self.seconds[program], self.seconds[over or self.base], strict=False)
        return Spread.of([one / other for one, other in pairs])

    def judged(self) -> list[tuple[Target, Spread]]:
        """The targets whose programs were there, with the ratios that they bound."""
        found = []
        for target in self.targets:
            if isinstance(target.over, str):
                if {target.program, target.over} <= self.seconds.keys():
                    found.append((target, self.ratio(target.program, target.over)))
            elif target.program in self.peaks:
                shares = [peak / target.over for peak in self.peaks[target.program]]
                found.append((target, Spread.of(shares)))
        return found

    def as_dict(self) -> dict:
        """For JSON, with as many digits as mean something."""
        plain = asdict(self)
        for name in ("seconds", "peaks"):
            plain[name] = {
                program: [float(f"{value:.{DIGITS}g}") for value in values]
                for program, values in plain[name].items()
            }
        return plain

    @classmethod
    def from_dict(cls, plain: dict) -> Comparison:
        return cls(**(plain | {"targets": [Target(**target) for target in plain["targets"]]}))


@dataclass(frozen=True, slots=True)
class Section:
    """The comparisons of one run, where, when and with what they were made."""

    name: str
    run: dict
    comparisons: list[Comparison]

    def __getitem__(self, key: str) -> Comparison:
        return next(c for c in self.comparisons if c.key == key)

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        comparisons = [comparison.as_dict() for comparison in self.comparisons]
        path = folder / f"{self.name}.json"
        text = json.dumps({"run": self.run, "comparisons": comparisons}, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
        return path

    @classmethod
    def read(cls, name: str, folder: Path = DATA) -> Section:
        plain = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        return cls(name, plain["run"], [Comparison.from_dict(c) for c in plain["comparisons"]])


def sections(names: Iterable[str], folder: Path = DATA) -> dict[str, Section]:
    """Those that are there."""
    return {n: Section.read(n, folder) for n in names if (folder / f"{n}.json").exists()}
