"""Error cases of the command line, of vetted formulas and of reports; see ``error_cases.py``."""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from wlogit import (
    DesignError,
    NotAvailableError,
    OutcomeError,
    WeightedLogit,
    WeightError,
    cli,
)
from wlogit.files import read_table
from wlogit.formula.vetting import LONGEST, check_levels, vetted_environment
from wlogit.reporting.report.estimates import global_test
from wlogit.reporting.report.sections import require_fit

COLUMNS = ["y", "x", "a.b"]


def vetted(formula):
    return lambda: vetted_environment(formula, COLUMNS)


def table(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_text(text)
        return read_table(str(path))


def separated():
    exog = np.column_stack([np.ones(6), np.arange(6.0)])
    return WeightedLogit([0, 0, 0, 1, 1, 1], exog, class_weight="balanced").fit(disp=False)


def fitted(formula):
    arguments = cli._parser().parse_args(["fit", "-", formula])
    frame = pd.DataFrame({"y": [0, 1] * 10, "x": np.arange(20.0), "g": list("ab") * 10})
    return cli._model(arguments, frame)


def of_days(formula):
    days = pd.DataFrame({"y": [0, 1] * 40, "day": [f"day {i}" for i in range(80)]})
    return lambda: check_levels(formula, days)


def stopped():
    model = WeightedLogit([0, 1, 0, 1], [[1, 2], [1, 1], [1, 0], [1, 3]])
    return model.fit(disp=False, maxiter=1, warn_convergence=False)


ERRORS = {
    "cli, as many levels as rows": (
        of_days("y ~ day"),
        DesignError,
        ["'day'", "80 levels in 80 rows", "fewer levels"],
    ),
    "report, not converged": (
        lambda: require_fit(stopped()),
        NotAvailableError,
        ["did not converge", "misleads"],
    ),
    "report, separated": (
        lambda: require_fit(separated(), finite=True),
        NotAvailableError,
        ["separation", "no finite estimate", "notes"],
    ),
    "report, test of slopes of a separated fit": (
        lambda: global_test(separated()),
        NotAvailableError,
        ["test of all slopes", "finite coefficients"],
    ),
    "cli, class weights": (
        lambda: cli._class_weight("heavy"),
        argparse.ArgumentTypeError,
        ["'heavy'", "balanced", "0:1,1:10"],
    ),
    "cli, a class weight twice": (
        lambda: cli._class_weight("0:1,1:2, 1:3"),
        argparse.ArgumentTypeError,
        ["'1' is given twice", "'0:1,1:2, 1:3'"],
    ),
    "cli, a label under two names": (
        lambda: cli._with_labels({"1": 2.0, "1.0": 3.0}, "y ~ x", pd.DataFrame({"y": [0, 1]})),
        WeightError,
        ["--class-weight", "two weights", "label 1"],
    ),
    "cli, report in no folder": (
        lambda: cli._check_report("no-such-folder/fit.html"),
        FileNotFoundError,
        ["name of a file", "'no-such-folder/fit.html'"],
    ),
    "cli, function of numbers": (
        lambda: fitted("y ~ cr(g, df=3)"),
        DesignError,
        ["the formula cannot be evaluated on these data"],
    ),
    "table, not text": (lambda: table(""), ValueError, ["t.csv cannot be read as a table"]),
    "table, semicolons": (lambda: table("a;b\n1;2"), DesignError, ["'a;b'", "commas", "tabs"]),
    "vetted, no outcome": (vetted("x"), OutcomeError, ["'x'", "~"]),
    "vetted, unreadable": (vetted("y ~ x +"), DesignError, ["'y ~ x +'", "cannot be read"]),
    "vetted, too long": (vetted("y ~ " + "x" * LONGEST), DesignError, ["characters", "100,000"]),
    "vetted, nested": (
        vetted("y ~ I(" + "x + " * 3_000 + "x)"),
        DesignError,
        ["nested too deeply"],
    ),
    "vetted, no expression": (vetted("y ~ x x"), DesignError, ["'x x'", "Q("]),
    "vetted, unknown column": (vetted("y ~ xx"), DesignError, ["'xx'", "did you mean 'x'"]),
    "vetted, bare function": (vetted("y ~ log"), DesignError, ["log is a function", "log(...)"]),
    "vetted, arguments": (vetted("y ~ log(x, x)"), DesignError, ["log takes 1 argument"]),
    "vetted, dotted": (vetted("y ~ a.b"), DesignError, ["Q('a.b')"]),
    "vetted, code": (vetted("y ~ open('x')"), DesignError, ["open('x')", "only columns"]),
}
