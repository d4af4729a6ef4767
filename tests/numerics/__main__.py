"""``python -m tests.numerics`` measures all anew, and writes values.json and the page's table.

R's part needs Rscript; without it, R's numbers of the last run are kept. Exact answers are computed
for rungs that are new or changed: delete values.json to have all of them again.
"""

import json
import platform
import shutil
import subprocess
import tempfile
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from tests.numerics.contenders import PROGRAMS, attempt
from tests.numerics.digits import digits_of, table
from tests.numerics.problems import Problem, problems
from tests.reference.oracle import oracle

HERE = Path(__file__).parent
VALUES = HERE / "values.json"
PAGE = HERE.parents[1] / "docs" / "numerics.md"
BEGIN, END = "<!-- table: python -m tests.numerics -->\n\n", "\n\n<!-- end of table -->"
# So that 50 are left where conditioning costs the most.
WORKING = 120
PACKAGES = ("numpy", "scipy", "statsmodels", "scikit-learn", "glum", "mpmath")


def exact(problem: Problem) -> dict[str, Any]:
    """Coefficients and standard errors in 50 digits, rounded once."""
    n = len(problem.y)
    w = problem.w * problem.copies
    found = oracle(problem.X, problem.y, w, np.zeros(n), [0] * n, digits=WORKING)
    values = {"params": found.coef, "bse": np.sqrt(np.diag(found.cov))}
    if problem.weights == "sampling":
        values["hc3"] = np.sqrt(np.diag(found.cov_hc3))
    return {name: value.tolist() for name, value in values.items()}


def given(problem: Problem) -> Problem:
    """What the programs get: every row as often as it is to be there."""
    times = problem.copies
    X, y, w = np.tile(problem.X, (times, 1)), np.tile(problem.y, times), np.tile(problem.w, times)
    return replace(problem, X=X, y=y, w=w)


def in_r(rungs: dict[str, Problem], rscript: str) -> None:
    """Run ladder.R, and keep what it found beside it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "names.txt").write_text("\n".join(rungs) + "\n", encoding="utf-8")
        for number, problem in enumerate(rungs.values(), start=1):
            part = given(problem)
            rows = np.column_stack([part.y, part.w, part.X]).tolist()
            lines = [" ".join(float(value).hex() for value in row) for row in rows]
            (folder / f"{number:03d}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        subprocess.run([rscript, HERE / "ladder.R", folder], check=True)
        for made in ("r.json", "session_info.txt"):
            shutil.copy(folder / made, HERE / made)


def measure(problem: Problem, right: dict[str, Any], r: dict[str, Any]) -> dict[str, Any]:
    """Digits of every program on a rung."""
    programs = {}
    for program in PROGRAMS:
        found, says = attempt(program, given(problem))
        if found is not None or says:
            parts = {} if found is None else asdict(found)
            programs[program] = {"digits": digits_of(parts, right), "says": says}
    programs["R glm"] = {"digits": digits_of(r, right), "says": r["says"]}
    found = {"condition": problem.condition, "data": problem.fingerprint}
    return found | {"exact": right, "programs": programs}


def page_with(text: str, rows: str) -> str:
    """The page, with the table between its marks."""
    before, _, rest = text.partition(BEGIN.strip())
    return before + BEGIN + rows + END + rest.partition(END.strip())[2]


def main() -> None:
    """Measure, and write."""
    rungs = problems()
    rscript = shutil.which("Rscript")
    if rscript:
        in_r(rungs, rscript)
    r = json.loads((HERE / "r.json").read_text(encoding="utf-8"))
    versions = {name: metadata.version(name) for name in PACKAGES}
    versions["Python"] = platform.python_version()
    versions["R"] = (HERE / "session_info.txt").read_text(encoding="utf-8").split()[2]
    before = json.loads(VALUES.read_text(encoding="utf-8"))["rungs"] if VALUES.exists() else {}
    measured = {}
    for name, problem in rungs.items():
        known = before.get(name, {})
        right = known["exact"] if known.get("data") == problem.fingerprint else exact(problem)
        measured[name] = measure(problem, right, r[name])
        print(name, {p: entry["digits"] for p, entry in measured[name]["programs"].items()})
    values = {"versions": versions, "rungs": measured}
    VALUES.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page_with(page, table(values)), encoding="utf-8")


if __name__ == "__main__":
    main()
