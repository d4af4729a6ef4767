"""A survey design beside the rows of a model: which rows it leaves, and whether they match."""

from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import BoolArray, IntArray
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
    refuse_prevalence(prevalence)


def refuse_prevalence(prevalence: Any) -> None:
    """Refuse a prevalence beside a design.

    Raises
    ------
    WeightError
    """
    if prevalence is not None:
        raise WeightError(
            "prevalence= sets the weight of the classes, which a design knows from its sampling "
            "weights: leave one of the two out."
        )


def matched(design: Design, rows: Rows) -> Design:
    """The design in the order of the rows of a model.

    Rows are matched by label where both have some; where the model has columns of the names that
    the design was made from, they must hold what they held there.

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
    order = _order(design.index, rows.index)
    _check_columns(design, rows, order)
    return design if order is None else design.take(order)


def domain_of(design: Design, rows: Rows) -> BoolArray:
    """Rows as passed that belong to the domain of a design, shape (n,).

    Parameters
    ----------
    design : Design
    rows : Rows
    """
    return matched(design, rows).in_domain


def _order(index: pd.Index | None, labels: pd.Index | None) -> IntArray | None:
    """Row of the design of each row of the data; None where they are in step."""
    if index is None or (labels is not None and index.equals(labels)):
        return None
    if labels is None:
        if index.equals(pd.RangeIndex(len(index))):
            return None
        raise DesignError(
            f"the design has row labels ({listed(index, 3)}) and the data have none to match: give "
            "endog and exog with the labels of the design."
        )
    why = "labels that occur twice are in another order"
    if index.is_unique and labels.is_unique:
        order = index.get_indexer(labels)
        if np.all(order >= 0):
            return np.asarray(order, dtype=np.intp)
        why = f"no row {listed(labels[order < 0], 3)} in the design"
    raise DesignError(
        f"the rows of the design are not those of the data: {why}. Make the design from the data "
        "of the model."
    )


def _check_columns(design: Design, rows: Rows, order: IntArray | None) -> None:
    """Refuse rows in another order that labels do not show."""
    own, frame = design.named_columns, rows.frame
    if own is None or frame is None:
        return
    for name in own.columns:
        if name not in frame.columns or max(frame[name].ndim, own[name].ndim) > 1:
            continue
        there, here = own[name].array, frame[name].array
        there = there if order is None else there.take(order)
        if there.equals(here):
            continue
        apart = _apart(there, here)
        if apart.any():
            row = int(np.argmax(apart))
            raise DesignError(
                f"column {name!r} of the data is not that of the design in row {rows.name(row)} "
                f"({int(apart.sum())} rows in all): the rows are in another order, or the column "
                "was changed. Make the design from the data of the model."
            )


def _apart(there: Any, here: Any) -> BoolArray:
    """Rows in which two columns differ, whatever their types."""
    left, right = (np.asarray(column, dtype=object) for column in (there, here))
    missing = pd.isna(left) & pd.isna(right)
    return np.asarray((left != right) & ~missing, dtype=np.bool_)


def design_of_rows(model: Any) -> Design | None:
    """The design of a model as seen from the rows that are fitted; None without one."""
    design: Design | None = model.design
    if design is None:
        return None
    kept = model.rows.kept
    return design.take(np.arange(design.n_rows) if kept is None else kept)


def df_of_rows(model: Any, design: Design) -> float:
    """Degrees of freedom of a design over the rows that are fitted.

    Parameters
    ----------
    model : WeightedLogit
    design : Design
        As `design_of_rows` gives it.
    """
    weight = model.weights.row_weight
    return design.degrees_of_freedom(np.broadcast_to(weight > 0.0, (model.weights.n_rows,)))
