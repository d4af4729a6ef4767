"""The command line: ``wlogit fit DATA FORMULA`` and ``wlogit demo``."""

import argparse
import csv
import os
import sys
import textwrap
import warnings
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd
import patsy

from wlogit._optional import require
from wlogit._version import __version__
from wlogit.cli_design import add_design, check_design_options, weighting_of
from wlogit.cli_messages import Teller, say, sentence
from wlogit.datasets import MID_PREVALENCE, load_mid
from wlogit.errors import DesignError, NotAvailableError, WeightError
from wlogit.files import read_table
from wlogit.formula.api import weighted_logit
from wlogit.formula.vetting import (
    ARGUMENTS,
    KEYWORDS,
    check_levels,
    outcome_column,
    vetted_environment,
)

DONE, REFUSED, MISUSED, NOT_CONVERGED = range(4)
INTERRUPTED, PIPE_CLOSED = 130, 141

COVARIANCES = ("nonrobust", "HC0", "HC1", "HC2", "HC3", "HC4", "linearized", "cluster", "survey")
FORMATS = ("text", "markdown", "latex", "json")
# What the data or the model can be at fault for; anything else is ours, and shows its trace.
REFUSALS = (ValueError, OSError, ImportError, MemoryError, NotAvailableError, patsy.PatsyError)

DEMO_FORMULA = "conflict ~ major + contig + power + maxdem + mindem + years"

EXIT_CODES = """\
exit codes:
  0  done
  1  the data, the formula or the weights cannot be used: one line on stderr says why
  2  the command line cannot be read
  3  fitted and printed, but not converged or separated: a warning says what diverges
"""

EXAMPLES = """\
examples:
  wlogit fit disputes.csv "conflict ~ contig + years" --class-weight balanced
  wlogit fit trial.csv "outcome ~ dose + C(center)" --event died --cluster center
  wlogit fit survey.parquet "voted ~ age + I(age**2)" --sampling-weights w
  wlogit fit survey.csv "voted ~ age" --sampling-weights w --strata region --psu town
  wlogit fit cases.csv "case ~ log(dose)" --prevalence 0.01 --report fit.html
  wlogit fit grouped.csv "successes + failures ~ x" --format json > fit.json
"""

FUNCTIONS = textwrap.fill(
    f"Functions: {', '.join((*KEYWORDS, *ARGUMENTS))}.",
    width=80,
    initial_indent="  ",
    subsequent_indent="  ",
)

FORMULAS = f"""\
formula:
  y ~ a + b          the outcome, and columns that add up; -1 leaves out the constant
  a:b, a*b           an interaction; with the columns themselves
  C(g)               numbers as categories; C(g, Treatment("b")) compares with level b
  I(a + b), I(a**2)  arithmetic
  Q("a name")        a column whose name has spaces or signs
{FUNCTIONS}
  Nothing else is evaluated: a formula from elsewhere cannot run a program.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the name of the program; by default those of the process.

    Returns
    -------
    int
        0 if all went well, 1 if the data or the model cannot be used, 2 for a command that
        cannot be read, 3 for a fit that did not converge or is separated.

    Examples
    --------
    >>> main(["fit", "no-such-file.csv", "y ~ x"])  # and one line on stderr
    1
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.run is None:
        parser.print_help(sys.stderr)
        return MISUSED
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = Teller()
        try:
            code: int = arguments.run(arguments)
            sys.stdout.flush()
        except BrokenPipeError:
            # What is left to be written goes nowhere, or Python complains at its exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED
        except KeyboardInterrupt:
            return INTERRUPTED
        except REFUSALS as error:
            say("error", sentence(error))
            return REFUSED
    return code


# ------------------------------------------------------------------------------------- arguments


class _Once(argparse.Action):
    """Keeps a value; an option that is given again is an error, not a change of mind."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Keep the value, or refuse the second."""
        given: tuple[str, ...] = getattr(namespace, "options_given", ())
        if self.dest in given:
            parser.error(f"{option_string} is given twice")
        namespace.options_given = (*given, self.dest)
        setattr(namespace, self.dest, values)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wlogit",
        description="Valid inference for weighted logistic regression.",
        epilog=f"{EXAMPLES}\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"wlogit {__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_fit(commands)
    demo = commands.add_parser(
        "demo",
        help="fit a bundled data set three ways",
        description="Fit militarized disputes between states (King and Zeng 2001) with balanced "
        "class weights, weighted to the population, and without weights.",
    )
    demo.add_argument("--report", metavar="OUT.html", help="write the first fit as a web page")
    demo.set_defaults(run=_demo)
    return parser


def _add_fit(commands: Any) -> None:
    fit = commands.add_parser(
        "fit",
        help="fit a formula to a table",
        description="Fit a weighted logistic regression to a table and print the result.",
        epilog=f"{EXAMPLES}\n{FORMULAS}\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    fit.set_defaults(run=_fit, usage_error=fit.error)
    fit.register("action", None, _Once)
    fit.add_argument(
        "data",
        metavar="DATA",
        help="a CSV file (also .gz), .tsv, or .parquet (needs the extra streaming); - reads CSV "
        "from standard input",
    )
    fit.add_argument("formula", metavar="FORMULA", help='such as "y ~ x1 + C(group)"; see below')
    _add_weights(fit.add_argument_group("weights"))
    add_design(fit.add_argument_group("survey design"))
    model = fit.add_argument_group("model")
    model.add_argument("--offset", metavar="COL", help="added to the linear predictor")
    model.add_argument("--event", metavar="LABEL", help="which outcome is the event")
    model.add_argument(
        "--aliased",
        choices=("raise", "drop"),
        default="raise",
        help="what to do with columns that repeat others (default: %(default)s)",
    )
    model.add_argument(
        "--cov",
        choices=COVARIANCES,
        help="covariance; by default nonrobust for a likelihood, HC3 under weights, survey for a "
        "design",
    )
    model.add_argument("--cluster", metavar="COL", help="clusters, for --cov cluster")
    output = fit.add_argument_group("output")
    output.add_argument("--format", choices=FORMATS, default="text", help="default: %(default)s")
    output.add_argument(
        "--report", metavar="OUT.html", help="also write a page with figures (extra plots)"
    )


def _add_weights(group: Any) -> None:
    classes = group.add_mutually_exclusive_group()
    classes.add_argument(
        "--class-weight",
        metavar="WEIGHTS",
        type=_class_weight,
        help='balanced, or a weight for each label as in "0:1,1:10"',
    )
    classes.add_argument(
        "--prevalence",
        metavar="T",
        type=float,
        help="share of events in the population of a case-control sample",
    )
    group.add_argument("--freq-weights", metavar="COL", help="how many cases a row stands for")
    group.add_argument("--sampling-weights", metavar="COL", help="inverse sampling probabilities")


def _class_weight(text: str) -> str | dict[str, float]:
    """balanced, or weights by label as written."""
    if text == "balanced":
        return text
    weights: dict[str, float] = {}
    for entry in next(csv.reader([text], skipinitialspace=True), []):
        label, colon, number = entry.rpartition(":")
        if label.strip() in weights:
            raise argparse.ArgumentTypeError(f"{label.strip()!r} is given twice in {text!r}")
        try:
            weights[label.strip()] = float(number)
        except ValueError:
            colon = ""
        if not colon:
            raise argparse.ArgumentTypeError(
                f'{text!r} is neither balanced nor weights by label, as in "0:1,1:10"'
            )
    return weights


# ------------------------------------------------------------------------------------------- fit


def _fit(arguments: argparse.Namespace) -> int:
    """Fit, print and report."""
    if arguments.cluster is not None and arguments.cov not in (None, "cluster"):
        arguments.usage_error(f"--cluster is for --cov cluster, not {arguments.cov}")
    if arguments.cov == "cluster" and arguments.cluster is None:
        arguments.usage_error("--cov cluster needs --cluster COL")
    check_design_options(arguments)
    _check_report(arguments.report)
    data = read_table(arguments.data)
    clusters = {} if arguments.cluster is None else {"groups": arguments.cluster}
    results = _model(arguments, data).fit(
        disp=False,
        cov_type="cluster" if clusters else arguments.cov,
        cov_kwds=clusters,
    )
    _write(results, arguments.format, sys.stdout)
    _report(results, arguments.report)
    return DONE if results.converged else NOT_CONVERGED


def _model(arguments: argparse.Namespace, data: pd.DataFrame) -> Any:
    """The model asked for, of a formula that has been vetted."""
    formula = arguments.formula
    environment = vetted_environment(formula, data.columns)
    check_levels(formula, data)
    try:
        return weighted_logit(
            formula,
            data,
            class_weight=_with_labels(arguments.class_weight, formula, data),
            freq_weights=arguments.freq_weights,
            **weighting_of(arguments, data),
            prevalence=arguments.prevalence,
            offset=arguments.offset,
            event=_label(arguments.event, formula, data),
            aliased=arguments.aliased,
            eval_env=environment,
        )
    except TypeError as error:
        # Functions of a formula meet columns that they are not for.
        raise DesignError(f"the formula cannot be evaluated on these data: {error}.") from error


def _with_labels(weights: Any, formula: str, data: pd.DataFrame) -> Any:
    """Class weights whose labels are those of the data."""
    if not isinstance(weights, dict):
        return weights
    found: dict[Hashable, float] = {}
    for text, weight in weights.items():
        label = _label(text, formula, data)
        if label in found:
            raise WeightError(f"--class-weight gives two weights to the label {label!r}.")
        found[label] = weight
    return found


def _label(text: str | None, formula: str, data: pd.DataFrame) -> Hashable | None:
    """The label of the outcome that a text stands for; the text itself if it is none."""
    if text is None:
        return None
    name = outcome_column(formula)
    observed: list[Hashable] = [0, 1]
    if name is not None:
        observed = data[name].dropna().unique().tolist()
    if text in observed:
        return text
    for label in observed:
        if str(label).lower() == text.lower() or _number(label) == _number(text) is not None:
            return label
    return text


def _number(label: Any) -> float | None:
    if isinstance(label, bool | np.bool_):
        return None
    try:
        return float(label)
    except (TypeError, ValueError):
        return None


def _write(results: Any, style: str, stream: TextIO) -> None:
    text = results.to_json() if style == "json" else getattr(results.summary(), f"as_{style}")()
    print(text.rstrip("\n"), file=stream)


def _check_report(path: str | None) -> None:
    """Refuse what would make a report fail after the fit has been printed."""
    if path is None:
        return
    require("matplotlib", extra="plots")
    if Path(path).is_dir() or not Path(path).parent.is_dir():
        raise FileNotFoundError(f"the report needs the name of a file in a folder, not {path!r}.")


def _report(results: Any, path: str | None) -> None:
    if path is not None:
        results.report(path)
        say("report", path)


# ------------------------------------------------------------------------------------------ demo


def _demo(arguments: argparse.Namespace) -> int:
    """Three fits of one case-control sample, and what naive standard errors would have claimed."""
    _check_report(arguments.report)
    disputes = load_mid()
    fits = {
        "balanced class weights": weighted_logit(DEMO_FORMULA, disputes, class_weight="balanced"),
        "weighted to the population": weighted_logit(
            DEMO_FORMULA, disputes, prevalence=MID_PREVALENCE
        ),
        "no weights": weighted_logit(DEMO_FORMULA, disputes),
    }
    errors: dict[tuple[str, str], Any] = {}
    for name, model in fits.items():
        results = model.fit(disp=False)
        print(f"# {name}\n\n{results.summary()}\n")
        if not results.weights.likelihood:
            naive = np.sqrt(np.diag(results.cov_nonrobust))
            errors[name, "valid"] = results.bse
            errors[name, "naive"] = naive
            errors[name, "ratio"] = naive / results.bse
    print("# Standard errors: valid, and what the inverse weighted Hessian would have claimed\n")
    print(pd.DataFrame(errors).round(3).to_string())
    if arguments.report is not None:
        _report(fits["balanced class weights"].fit(disp=False), arguments.report)
    return DONE
