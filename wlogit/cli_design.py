"""A survey design on the command line: its options, and the design they name."""

import argparse
from typing import Any

import pandas as pd

from wlogit.survey.design import SurveyDesign

COLUMNS = ("strata", "psu", "fpc")


def add_design(group: Any) -> None:
    """Options of the columns that say how the rows were drawn.

    Parameters
    ----------
    group : argparse group
    """
    group.add_argument("--strata", metavar="COL", help="strata that the sample was drawn from")
    group.add_argument("--psu", metavar="COL", help="primary sampling units; by default the rows")
    group.add_argument(
        "--fpc", metavar="COL", help="units in the population of a stratum, or fractions sampled"
    )
    group.add_argument(
        "--nest", action="store_true", help="labels of --psu are used again in other strata"
    )


def has_design(arguments: argparse.Namespace) -> bool:
    """Whether columns of a design are named.

    Parameters
    ----------
    arguments : Namespace
    """
    return any(getattr(arguments, name) is not None for name in COLUMNS)


def check_design_options(arguments: argparse.Namespace) -> None:
    """Stop where options of a design are without one.

    Parameters
    ----------
    arguments : Namespace
        Its ``usage_error`` stops.
    """
    if arguments.cov == "survey" and not has_design(arguments):
        arguments.usage_error("--cov survey needs --strata, --psu or --fpc")
    if arguments.nest and (arguments.strata is None or arguments.psu is None):
        arguments.usage_error("--nest needs --strata COL and --psu COL")


def weighting_of(arguments: argparse.Namespace, data: pd.DataFrame) -> dict[str, Any]:
    """The sampling weights, or the design that has them, as options of the model.

    Parameters
    ----------
    arguments : Namespace
    data : DataFrame

    Raises
    ------
    DesignError, WeightError
        Columns that are no design.
    """
    weights = arguments.sampling_weights
    if not has_design(arguments):
        return {"sampling_weights": weights}
    columns = {name: getattr(arguments, name) for name in COLUMNS}
    return {"design": SurveyDesign(data, weights=weights, nest=arguments.nest, **columns)}
