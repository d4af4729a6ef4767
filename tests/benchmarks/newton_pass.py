"""One Newton pass against the least that it has to do, written with numpy."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.records import Comparison, Options, Target
from tests.benchmarks.turns import take_turns

PASS, PARTS = "one Newton pass", "X @ b, exp and X.T @ X"
SIZES = ((1_000_000, 20), (200_000, 100))
QUICK_SIZES = ((100_000, 10),)


def measure(options: Options) -> list[Comparison]:
    """At both of the large sizes."""
    sizes = QUICK_SIZES if options.quick else SIZES
    return [compared(rows, columns, options) for rows, columns in sizes]


def compared(rows: int, columns: int, options: Options) -> Comparison:
    """Value, gradient and information of wlogit, beside the three products."""
    from wlogit.core.model_matrix import ModelMatrix
    from wlogit.core.objective import LogitObjective

    rng = np.random.default_rng(20240511)
    X = rng.standard_normal((rows, columns))
    y = (rng.random(rows) < 0.15).astype(float)
    params = rng.normal(0.0, 0.2, columns)
    objective = LogitObjective(ModelMatrix(X), y, rng.lognormal(0.0, 0.5, rows))

    def parts() -> None:
        np.exp(X @ params)
        X.T @ X

    programs = {PARTS: parts, PASS: lambda: objective.derivatives(params)}
    for program in programs.values():
        program()
    return Comparison(
        key=f"{rows}x{columns}",
        title=f"n = {rows:,}, k = {columns}, one pass",
        base=PARTS,
        seconds=take_turns(programs, 3 * options.rounds),
        about={"rows": rows, "columns": columns},
        targets=[Target.within(PASS, 2.5, PARTS)],
    )
