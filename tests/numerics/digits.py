"""How many digits of a number are right, and the table of them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.numerics.problems import Array

# More is not to be had in double precision.
MOST = 15.9
# glum's UserWarning is that a covariance is stored.
HARMLESS = {"", "UserWarning"}
KINDS = ("params", "bse", "hc3")
PROGRAMS = ("wlogit", "statsmodels Logit", "statsmodels GLM", "scikit-learn", "glum", "R glm")


def digits(found: Array, exact: Array) -> float:
    """Digits that agree in the worst of several numbers, from 0 to 15.9."""
    with np.errstate(all="ignore"):
        worst = np.max(np.abs(np.asarray(found) - exact) / np.abs(exact))
        right = -np.log10(max(worst, 10.0**-MOST))
    return round(float(max(0.0, right)), 1) if np.isfinite(right) else 0.0


def digits_of(found: dict[str, Any], exact: dict[str, Any]) -> dict[str, float]:
    """Of everything that a program found."""
    kinds = [kind for kind in KINDS if found.get(kind) is not None]
    return {kind: digits(np.asarray(found[kind]), np.asarray(exact[kind])) for kind in kinds}


def table(values: dict[str, Any]) -> str:
    """Markdown: a line for each rung, a column for each program."""
    lines = ["| rung | condition | " + " | ".join(PROGRAMS) + " |"]
    lines += ["|---|---|" + "---|" * len(PROGRAMS)]
    family = ""
    for name, rung in values["rungs"].items():
        if name.partition(", ")[0] != family:
            family = name.partition(", ")[0]
            lines.append(f"| **{family}** |" + " |" * (len(PROGRAMS) + 1))
        lines.append(
            f"| {name.partition(', ')[2]} | {_condition(rung)} | {' | '.join(_cells(rung))} |"
        )
    return "\n".join(lines)


def _condition(rung: dict[str, Any]) -> str:
    mantissa, exponent = f"{rung['condition']:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _cells(rung: dict[str, Any]) -> Iterator[str]:
    for program in PROGRAMS:
        entry = rung["programs"].get(program)
        if entry is None:
            yield "n/a"
        elif "params" not in entry["digits"]:
            yield "error"
        else:
            mark = "*" if set(entry["says"].split(", ")) - HARMLESS else ""
            yield (
                " / ".join(f"{entry['digits'][k]:.1f}" for k in KINDS if k in entry["digits"])
                + mark
            )
