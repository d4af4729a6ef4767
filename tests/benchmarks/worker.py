"""One step in a process of its own: ``write``, ``times`` or ``memory`` with their arguments.

The data are written here too: on Linux a process starts with the peak memory of the one that
spawned it, so the parent must never hold them.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks import contenders, problems

AGREEMENT = 1e-6
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def gap(params: np.ndarray, target: np.ndarray) -> float:
    """Largest difference from the optimum, relative to max(1, |b|)."""
    return float(np.max(np.abs(params - target) / np.maximum(1.0, np.abs(target))))


def settle(contender, problem, target) -> tuple[float | None, float, float]:
    """First tolerance at which the program reaches the optimum, its gap, and its default's gap."""
    default_gap = None
    for tolerance in contender.tolerances:
        distance = gap(contenders.quiet_fit(contender, problem, tolerance), target)
        default_gap = distance if default_gap is None else default_gap
        if distance <= AGREEMENT:
            return tolerance, distance, default_gap
    raise AssertionError(f"{contender.name} stays {distance:.1e} from the optimum")


def times(folder: Path, scenario: str, rounds: int, budget: float, only: list[str]) -> dict:
    """Best time of each program, programs taking turns; slow ones stop at the budget."""
    problem = problems.read(folder, scenario)
    target = problems.reference(problem)
    chosen = [c for c in contenders.contenders(scenario) if not only or c.name in only]
    found, seconds = {}, {}
    for c in chosen:
        tolerance, distance, default_gap = settle(c, problem, target)
        found[c.name] = {"tolerance": tolerance, "gap": distance, "default_gap": default_gap}
        seconds[c.name] = []
    for _ in range(rounds):
        for c in chosen:
            spent = seconds[c.name]
            if len(spent) >= 2 and sum(spent) > budget:
                continue
            start = time.perf_counter()
            contenders.quiet_fit(c, problem, found[c.name]["tolerance"])
            spent.append(time.perf_counter() - start)
    for name, spent in seconds.items():
        found[name] |= {"seconds": min(spent), "runs": len(spent)}
    return found


def memory(folder: Path, scenario: str, name: str, tolerance: float | None) -> dict:
    """Peak resident memory of one fit above the state with libraries and data loaded."""
    contender = next(c for c in contenders.CONTENDERS if c.name == name)
    with tempfile.TemporaryDirectory() as small:
        problems.write(Path(small), 500, 8)
        contenders.quiet_fit(contender, problems.read(Path(small), scenario), tolerance)
    problem = problems.read(folder, scenario)
    if scenario == "formula":
        assert problem.frame is not None
        problem = contenders.Problem(
            scenario, problem.y, None, None, problem.frame, problem.formula
        )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    contenders.quiet_fit(contender, problem, tolerance)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"peak_bytes": (after - before) * PEAK_UNIT}


if __name__ == "__main__":
    task, folder, *rest = sys.argv[1:]
    if task == "write":
        answer = problems.write(Path(folder), int(rest[0]), int(rest[1]))
    elif task == "times":
        answer = times(Path(folder), rest[0], int(rest[1]), float(rest[2]), json.loads(rest[3]))
    else:
        answer = memory(Path(folder), rest[0], rest[1], json.loads(rest[2]))
    sys.stdout.write("ANSWER" + json.dumps(answer))
