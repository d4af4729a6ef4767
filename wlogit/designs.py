"""A survey design beside the rows of a model: which rows it leaves, and whether they match."""

from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import BoolArray
from wlogit.errors import DesignError, WeightError
from wlogit.rows import Rows
from wlogit.survey.design import SurveyDesign
from wlogit.survey.protocol import Design
from wlogit.survey.replicates import ReplicateDesign
from wlogit.weights.columns import listed

DESIGNS = (SurveyDesign, ReplicateDesign)


def check_design(design: Any, sampling_weights: Any, prevalence: Any) -> None:
    """Refuse what is no design, and what a design has already.

    Raises
    ------
    TypeError
        Another object.
    WeightError
        Sampling weights or a prevalence beside a design.
    """
    if design is None:
        return
    if not isinstance(design, DESIGNS):
        known = " or ".join(one.__name__ for one in DESIGNS)
        raise TypeError(f"design= must be a {known}, not {type(design).__name__}.")
    if sampling_weights is not None:
        raise WeightError(
            "a design has the sampling weights of its own: leave sampling_weights= out, or make "
            "the design with them, SurveyDesign(data, weights=...)."
        )
    if prevalence is not None:
        raise WeightError(
            "prevalence= sets the weight of the classes, which a design knows from its sampling "
            "weights: leave one of the two out."
        )


def domain_of(design: Design, rows: Rows) -> BoolArray:
    """Rows as passed that belong to the domain of a design, shape (n,).

    Parameters
    ----------
    design : Design
    rows : Rows

    Raises
    ------
    DesignError
        The design is of other rows.
    """
    if design.n_rows != rows.n_rows:
        raise DesignError(
            f"the design has {design.n_rows:,} rows and the data {rows.n_rows:,}: both need the "
            "same. For a subpopulation, give the model all rows and design.subset(mask)."
        )
    _check_labels(design.index, rows.index)
    return design.in_domain


def _check_labels(index: pd.Index | None, labels: pd.Index | None) -> None:
    if index is None or (labels is not None and index.equals(labels)):
        return
    if labels is None:
        if index.equals(pd.RangeIndex(len(index))):
            return
        raise DesignError(
            f"the design has row labels ({listed(index, 3)}) and the data have none to match: give "
            "endog and exog with the labels of the design."
        )
    lacking = labels[index.get_indexer_for(labels) < 0] if index.is_unique else labels[:0]
    why = f"no row {listed(lacking, 3)} in the design" if len(lacking) else "in another order"
    raise DesignError(
        f"the rows of the design are not those of the data: {why}. Make the design from the data "
        "of the model."
    )


def design_of_rows(model: Any) -> Design | None:
    """The design of a model as seen from the rows that are fitted; None without one."""
    design: Design | None = model.design
    if design is None:
        return None
    kept = model.rows.kept
    return design.take(np.arange(design.n_rows) if kept is None else kept)
