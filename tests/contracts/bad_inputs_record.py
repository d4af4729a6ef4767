"""``python -m tests.contracts.bad_inputs_record`` gives every bad input and writes what came of it.

The record is docs/_data/bad_inputs.json; the tables of docs/bad-inputs.md are made from it.
"""

import contextlib
import csv
import json
import platform
import warnings
from collections import Counter
from importlib import metadata
from pathlib import Path

import numpy as np
import patsy
from numpy.testing import assert_allclose

from tests.contracts import (
    bad_inputs_arrays,
    bad_inputs_formulas,
    bad_inputs_life,
    bad_inputs_models,
)
from tests.contracts.bad_inputs import TABLE, Flagged, Holds, Refused, Right, RightOrRefused
from wlogit import (
    ConvergenceWarning,
    DataWarning,
    DesignError,
    InferenceWarning,
    MissingValueError,
    OutcomeError,
    WeightError,
    __version__,
)

BOOKS = (
    bad_inputs_arrays.case,
    bad_inputs_models.case,
    bad_inputs_formulas.case,
    bad_inputs_life.case,
)
CASES = [case for book in BOOKS for cases in book.cases.values() for case in cases]

DOCS = Path(__file__).parents[2] / "docs"
RECORD = DOCS / "_data" / "bad_inputs.json"
PAGE = DOCS / "bad-inputs.md"
PEERS = Path(__file__).with_name("bad_inputs_peers.csv")
PACKAGES = ("numpy", "scipy", "pandas", "patsy", "statsmodels")

OUTCOMES = ("right", "clear error", "warned", "cryptic error", "silent")
NAMED_ERRORS = (WeightError, DesignError, OutcomeError, MissingValueError, patsy.PatsyError)
NAMED_WARNINGS = (ConvergenceWarning, DataWarning, InferenceWarning, RuntimeWarning)


# ----------------------------------------------------------------------------- what came of it


def came_of(case):
    """One of `OUTCOMES`, by what the call did and not by what the case says it should do.

    Right are numbers of an independent solver, or a property that was asserted; clear is an error
    of the package's own (or patsy's) with the words that the case asks for. Numbers that are not
    known to be right, with no warning of the package's own, are silent.
    """
    if isinstance(case.outcome, Holds):
        return _property(case)
    given = case.prepare()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            results = given.fit()
        except Exception as error:  # noqa: BLE001  whatever it is, it is judged
            return _of_error(error, case.outcome)
    if _are_right(results, given.answer, case.outcome):
        return "right"
    warned = any(issubclass(one.category, NAMED_WARNINGS) for one in caught)
    return "warned" if warned and _flag_holds(results, case.outcome) else "silent"


def _property(case):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            case.prepare()
        except AssertionError:
            return "silent"
        except Exception:  # noqa: BLE001  whatever it is, it is no answer
            return "cryptic error"
    return "right"


def _of_error(error, outcome):
    asked = outcome.words if isinstance(outcome, Refused | RightOrRefused) else ()
    clear = isinstance(error, NAMED_ERRORS) and all(word in str(error) for word in asked)
    return "clear error" if clear else "cryptic error"


def _are_right(results, answer, outcome):
    if answer is None or not isinstance(outcome, Right | RightOrRefused):
        return False
    with contextlib.suppress(AssertionError):
        assert_right(results, answer, outcome.rtol)
        return True
    return False


def assert_right(results, answer, rtol):
    """Coefficients and standard errors are those of the answer, and a summary prints them."""
    assert results.converged
    assert_allclose(np.asarray(results.params), answer.coef, rtol=rtol)
    bse = np.asarray(results.bse)
    if answer.bse is not None:
        assert_allclose(bse, answer.bse, rtol=10 * rtol)
    assert ((bse > 0) & np.isfinite(bse)).all()
    assert "coef" in results.summary().as_text()


def _flag_holds(results, outcome):
    if not isinstance(outcome, Flagged) or outcome.holds is None:
        return True
    try:
        outcome.holds(results)
    except AssertionError:
        return False
    return True


def outcomes():
    """{id: outcome} of every case."""
    return {case.id: came_of(case) for case in CASES}


# -------------------------------------------------------------------------------------- the page


def marks(name):
    """Lines between which a table of the page stands."""
    command = "python -m tests.contracts.bad_inputs_record"
    return f"<!-- {name}: {command} -->\n\n", f"\n\n<!-- end of {name} -->"


def tables(record):
    """The tables of the page by name."""
    return {"areas": areas(record["cases"]), "totals": totals(record["cases"]), "same": same()}


def areas(recorded):
    """A row for each area of the catalogue, and their sum."""
    head = ["area", "inputs", "ways to give them", *HEADINGS]
    rows = []
    for area in dict.fromkeys(case.group for case in CASES):
        cases = [case for case in CASES if case.group == area]
        rows.append([area[2:], len({case.name for case in cases}), *counts(cases, recorded)])
    sums = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    return markdown(head, [*rows, ["**all**", *(f"**{value}**" for value in sums)]])


HEADINGS = ("right", "clear error", "warned", "cryptic error", "silently wrong")


def counts(cases, recorded):
    """How many cases, and how many of each outcome."""
    found = Counter(recorded[case.id] for case in cases)
    return [len(cases), *(found[outcome] for outcome in OUTCOMES)]


def totals(recorded):
    """wlogit beside the other programs."""
    with PEERS.open(encoding="utf-8") as file:
        peers = [list(row.values()) for row in csv.DictReader(file)]
    ours = ["**wlogit**", *counts(CASES, recorded)]
    return markdown(["program", "runs", *HEADINGS], [ours, *peers])


PROGRAMS = {
    "sm_logit": "statsmodels Logit",
    "sm_glm_freq": "statsmodels GLM, freq_weights",
    "sm_glm_var": "statsmodels GLM, var_weights",
    "sklearn": "scikit-learn",
    "glum": "glum",
    "pyfixest": "pyfixest",
}


def same():
    """On how many inputs of the catalogue another program was silently wrong, by area."""
    with TABLE.open(encoding="utf-8") as file:
        wrong = Counter(
            (program, row["group"])
            for row in csv.DictReader(file)
            for program in row["peers_silently_wrong"].split(";")
        )
    groups = list(dict.fromkeys(case.group for case in CASES))
    rows = [
        [called, *(found := [wrong[program, group] for group in groups]), sum(found)]
        for program, called in PROGRAMS.items()
    ]
    return markdown(["program", *(group[2:] for group in groups), "all"], rows)


def markdown(head, rows):
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def page_with(text, record):
    """The page with its tables between their marks."""
    for name, table in tables(record).items():
        begin, end = marks(name)
        before, _, rest = text.partition(begin.strip())
        text = before + begin + table + end + rest.partition(end.strip())[2]
    return text


def main():
    """Give every input, and write."""
    versions = {"wlogit": __version__, "Python": platform.python_version()}
    versions |= {name: metadata.version(name) for name in PACKAGES}
    record = {"versions": versions, "cases": outcomes()}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), record), encoding="utf-8")
    for outcome, number in Counter(record["cases"].values()).items():
        print(f"{number:4} {outcome}")


if __name__ == "__main__":
    main()
