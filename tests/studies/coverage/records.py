"""What the study leaves behind: one record for each cell, as JSON beside the page."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.studies.coverage.cells import Cell
from tests.studies.coverage.measure import Measured
from tests.studies.coverage.population import COLUMNS

ROOT = Path(__file__).parents[3]
DATA = ROOT / "docs" / "_data" / "coverage.json"
LEVEL, DIGITS = 0.05, 5
SLOPES = slice(1, COLUMNS)


@dataclass(frozen=True)
class Intervals:
    """Nominal 95 % intervals of one covariance over the samples whose fit exists.

    Lists are by coefficient: the intercept, four slopes, the calibrated intercept.

    Attributes
    ----------
    coverage : list of float
        Share that hold the truth.
    too_high : list of float
        Share that lie above it.
    width : list of float
        The median.
    relative_width : list of float
        The median over the range of the central 95 % of the estimates.
    """

    coverage: list[float]
    too_high: list[float]
    width: list[float]
    relative_width: list[float]

    @classmethod
    def of(cls, limits: np.ndarray, truth: np.ndarray) -> "Intervals":
        """From estimates and limits, shape (samples, coefficients, 3)."""
        estimates, lower, upper = np.moveaxis(limits[np.isfinite(limits).all(axis=(1, 2))], 2, 0)
        spread = np.subtract(*np.quantile(estimates, [0.975, 0.025], axis=0))
        width = np.median(upper - lower, axis=0)
        held = ((lower <= truth) & (truth <= upper)).mean(axis=0)
        parts = (held, (lower > truth).mean(axis=0), width, width / spread)
        return cls(*(_rounded(part) for part in parts))

    @property
    def intercept(self) -> float:
        """Coverage."""
        return self.coverage[0]

    @property
    def slopes(self) -> list[float]:
        """Coverage."""
        return self.coverage[SLOPES]

    @property
    def calibrated(self) -> float:
        """Coverage of the calibrated intercept."""
        return self.coverage[-1]


@dataclass(frozen=True)
class Record:
    """One cell: its design, and what its samples gave.

    Attributes
    ----------
    mean_events : float
        Cases of the rarer class.
    missing : float
        Share of the samples without a fit: separated.
    tests : dict of float
        Share of samples in which each rejects at 5 %.
    """

    cell: Cell
    n: int
    replications: int
    default: str
    mean_events: float
    missing: float
    truth: list[float]
    intervals: Mapping[str, Intervals]
    tests: Mapping[str, float]

    @classmethod
    def of(cls, cell: Cell, found: list[Measured]) -> "Record":
        truth = cell.truth
        none = np.full((len(truth), 3), np.nan)
        limits = {
            name: np.stack([one.limits.get(name, none) for one in found])
            for name in {name: None for one in found for name in one.limits}
        }
        names = {name for one in found for name in one.pvalues}
        pvalues = {
            name: np.array([one.pvalues.get(name, np.nan) for one in found])
            for name in sorted(names)
        }
        return cls(
            cell=cell,
            n=cell.n,
            replications=len(found),
            default=cell.default,
            mean_events=round(float(np.mean([one.events for one in found])), 2),
            missing=round(float(np.isnan(limits[cell.default]).any(axis=(1, 2)).mean()), DIGITS),
            truth=_rounded(truth),
            intervals={name: Intervals.of(given, truth) for name, given in limits.items()},
            tests={name: _rejected(given) for name, given in pvalues.items()},
        )

    @classmethod
    def read(cls, record: dict[str, Any]) -> "Record":
        cell = dict(record["cell"])
        cell["design"] = tuple(cell["design"]) if cell["design"] else None
        intervals = {name: Intervals(**given) for name, given in record["intervals"].items()}
        return cls(**{**record, "cell": Cell(**cell), "intervals": intervals})

    @property
    def error(self) -> float:
        """Monte Carlo standard error of a coverage of 0.95."""
        return float(np.sqrt(0.95 * 0.05 / (self.replications * (1.0 - self.missing))))

    @property
    def of_default(self) -> Intervals:
        return self.intervals[self.default]


def _rejected(pvalues: np.ndarray) -> float:
    return round(float((pvalues[np.isfinite(pvalues)] < LEVEL).mean()), DIGITS)


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), DIGITS) for value in values]


def read_about(path: Path = DATA) -> dict[str, Any]:
    """What made the records: seed, minutes of processor, versions."""
    found = json.loads(path.read_text(encoding="utf-8"))
    del found["cells"]
    return dict(found)


def read(path: Path = DATA) -> dict[str, Record]:
    """All cells by name."""
    records = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = [Record.read(record) for record in records]
    return {record.cell.name: record for record in found}


def write(records: Iterable[Record], about: Mapping[str, Any], path: Path = DATA) -> None:
    """All cells, with what made them; a line for each."""
    lines = ",\n".join(json.dumps(asdict(record)) for record in records)
    head = json.dumps(dict(about))[1:-1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{{{head},\n"cells": [\n{lines}\n]}}\n', encoding="utf-8")
