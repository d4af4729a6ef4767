"""Times over the number of rows, of columns and of threads, with sampling weights."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.benchmarks.contenders import GLM, NEWTON_CHOLESKY
from tests.benchmarks.records import Comparison, Options
from tests.benchmarks.worker import ask

PROGRAMS = ["wlogit", "glum", NEWTON_CHOLESKY, GLM]
# statsmodels has no threads of its own.
THREADED_PROGRAMS = PROGRAMS[:-1]
ROWS, COLUMNS_OF_ROWS = (1_000, 10_000, 100_000, 300_000, 1_000_000, 2_000_000), 20
COLUMNS, ROWS_OF_COLUMNS = (2, 5, 10, 20, 50, 100, 200, 400), 100_000
QUICK_ROWS, QUICK_COLUMNS = (1_000, 10_000, 50_000), (2, 10, 30)
THREADED, QUICK_THREADED = (1_000_000, 20), (100_000, 20)
# Three rounds show a curve; a program whose fit takes longer than this has no larger size.
ROUNDS, TOO_LONG = 3, 20.0


def measure(options: Options) -> list[Comparison]:
    """The three curves."""
    rounds = min(options.rounds, ROUNDS)
    rows, columns = (QUICK_ROWS, QUICK_COLUMNS) if options.quick else (ROWS, COLUMNS)
    k, n = COLUMNS_OF_ROWS, 10_000 if options.quick else ROWS_OF_COLUMNS
    return [
        *curve("rows", [(size, k) for size in rows], rounds),
        *curve("columns", [(n, size) for size in columns], rounds),
        *over_threads(*(QUICK_THREADED if options.quick else THREADED), rounds),
    ]


def curve(name: str, sizes: list[tuple[int, int]], rounds: int) -> list[Comparison]:
    """A point of the curve for every size; slow programs leave before it ends."""
    programs, points = PROGRAMS, []
    for rows, columns in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            ask("write", folder, rows, columns)
            found = ask("times", folder, "sampling", rounds, TOO_LONG, programs)
        seconds = {name: row["seconds"] for name, row in found.items()}
        programs = [program for program in programs if min(seconds[program]) <= TOO_LONG]
        points.append(point(name, rows, columns, seconds))
    return points


def point(curve: str, rows: int, columns: int, seconds: dict[str, list[float]]) -> Comparison:
    """One size of a curve."""
    return Comparison(
        key=f"{curve} {rows}x{columns}",
        title=f"n = {rows:,}, k = {columns}",
        base="wlogit",
        seconds=seconds,
        about={"curve": curve, "rows": rows, "columns": columns},
    )


def over_threads(rows: int, columns: int, rounds: int) -> list[Comparison]:
    """A comparison of one and more threads for every program."""
    counts = [2**power for power in range((os.cpu_count() or 1).bit_length())]
    counts = [count for count in counts if count <= (os.cpu_count() or 1)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        ask("write", folder, rows, columns)
        seconds = ask("threads", folder, counts, rounds, THREADED_PROGRAMS)
    return [
        Comparison(
            key=f"threads {program}",
            title=f"{program}, n = {rows:,}, k = {columns}",
            base=named(counts[-1]),
            seconds={named(count): seconds[f"{program}|{count}"] for count in counts},
            about={"curve": "threads", "rows": rows, "columns": columns, "program": program},
        )
        for program in THREADED_PROGRAMS
        if f"{program}|{counts[0]}" in seconds
    ]


def named(count: int) -> str:
    return "one thread" if count == 1 else f"{count} threads"
