"""One step in a process of its own: a task, a folder and the task's arguments as JSON.

What is asked is in `ask`; the data are written here too, so that the process that asks stays small.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from tests.benchmarks import contenders, problems
from tests.benchmarks.records import ROOT
from tests.benchmarks.turns import peak_of, take_turns

AGREEMENT = 1e-6


def ask(task: str, folder: Path, *arguments: object) -> dict:
    """The answer of a fresh process to a task."""
    command = [sys.executable, "-m", "tests.benchmarks.worker", task, str(folder)]
    command += [json.dumps(argument) for argument in arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"worker {' '.join(command[3:])} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.rsplit("ANSWER", 1)[1])


def gap(params: np.ndarray, target: np.ndarray) -> float:
    """Largest difference from the optimum, relative to max(1, |b|)."""
    return float(np.max(np.abs(params - target) / np.maximum(1.0, np.abs(target))))


def settle(contender, problem, target) -> dict:
    """First tolerance at which the program reaches the optimum, its gap, and its default's gap."""
    default_gap = None
    for tolerance in contender.tolerances:
        distance = gap(contenders.quiet_fit(contender, problem, tolerance), target)
        default_gap = distance if default_gap is None else default_gap
        if distance <= AGREEMENT or not contender.exact:
            return {"tolerance": tolerance, "gap": distance, "default_gap": default_gap}
    raise AssertionError(f"{contender.name} stays {distance:.1e} from the optimum")


def times(folder: Path, scenario: str, rounds: int, budget: float, only: list[str]) -> dict:
    """Seconds of every program in every round, and what it took to reach the optimum."""
    problem = problems.read(folder, scenario)
    target = problems.reference(problem)
    chosen = [c for c in contenders.contenders(scenario) if not only or c.name in only]
    settled = {c.name: settle(c, problem, target) for c in chosen}
    fits = {
        c.name: partial(contenders.quiet_fit, c, problem, settled[c.name]["tolerance"])
        for c in chosen
    }
    seconds = take_turns(fits, rounds, budget=budget)
    return {name: settled[name] | {"seconds": seconds[name]} for name in seconds}


def memory(folder: Path, scenario: str, name: str, tolerance: float | None) -> int:
    """Peak resident memory of one fit, in bytes above libraries and data."""
    contender = next(c for c in contenders.contenders(scenario) if c.name == name)
    with tempfile.TemporaryDirectory() as small:
        problems.write(Path(small), 500, 8)
        contenders.quiet_fit(contender, problems.read(Path(small), scenario), tolerance)
    problem = problems.read(folder, scenario)
    if scenario == "formula":
        # Its X is for the reference only.
        problem = replace(problem, X=None)
    return peak_of(partial(contenders.quiet_fit, contender, problem, tolerance))


def threads(folder: Path, counts: list[int], rounds: int, only: list[str]) -> dict:
    """Seconds of every program in every round, by the number of threads of everything."""
    problem = problems.read(folder, "sampling")
    target = problems.reference(problem)
    fits = {}
    for c in contenders.contenders("sampling"):
        if c.name in only:
            fit = partial(contenders.quiet_fit, c, problem, settle(c, problem, target)["tolerance"])
            fits |= {f"{c.name}|{count}": partial(limited, count, fit) for count in counts}
    return take_turns(fits, rounds)


def limited(count: int, fit: Callable[[], object]) -> None:
    """A fit on so many threads."""
    os.environ["WLOGIT_NUM_THREADS"] = str(count)
    with threadpool_limits(count):
        fit()


if __name__ == "__main__":
    task, folder, *rest = sys.argv[1:]
    place, given = Path(folder), [json.loads(argument) for argument in rest]
    answer = {"write": problems.write, "times": times, "memory": memory, "threads": threads}[task](
        place, *given
    )
    sys.stdout.write("ANSWER" + json.dumps(answer))
