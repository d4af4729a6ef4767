"""Whether two fits are of the same rows, outcomes and weights."""

from dataclasses import fields
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from wlogit._typing import Array, BoolArray
from wlogit.errors import (
    DesignError,
    OutcomeError,
    WeightError,
)

_SHOWN = 3


def check_same_cases(results: Any, other: Any) -> None:
    """Refuse fits of other rows, outcomes or weights, by naming the difference.

    Raises
    ------
    TypeError, DesignError, OutcomeError, WeightError
    """
    model, second = results.model, other.model
    if type(model) is not type(second):
        raise TypeError(
            f"a fit by {type(model).__name__} and one by {type(second).__name__} cannot be "
            "compared: fit both alike."
        )
    _check_rows(model, second)
    labels = counted(model)[1]
    ours, theirs = (_cases(each.model) for each in (results, other))
    if model.weights.labels != second.weights.labels or len(ours) != len(theirs):
        raise OutcomeError(
            f"the fits have other outcomes: {list(model.weights.labels)} here, "
            f"{list(second.weights.labels)} in the restricted fit."
        )
    for sort, same in zip(ours, theirs, strict=True):
        for name in sort:
            _check_equal(name, sort[name], same[name], labels)
    check_class_weights(model.weights, second.weights)


def counted(model: Any) -> tuple[BoolArray, pd.Index]:
    """Which rows have weight, and their labels."""
    weights = model.weights
    active = np.broadcast_to(np.asarray(weights.row_weight) > 0.0, (weights.n_rows,))
    return active, model.rows.labels[active]


def _check_rows(model: Any, other: Any) -> None:
    ours, theirs = counted(model)[1], counted(other)[1]
    named = model.rows.index is not None and other.rows.index is not None
    same = ours.equals(theirs) if named else len(ours) == len(theirs)
    if same:
        return
    where = ""
    for rows, of in (
        (theirs.difference(ours), "the restricted fit"),
        (ours.difference(theirs), "this fit"),
    ):
        if named and len(rows):
            more = ", ..." if len(rows) > _SHOWN else ""
            where += f"; only in {of}: {', '.join(map(str, rows[:_SHOWN]))}{more}"
    if named and not where:
        where = "; the same rows, in another order"
    raise DesignError(
        f"the fits are of different rows: {len(ours)} here and {len(theirs)} in the restricted fit"
        f"{where}. Fit both on the same rows, such as data.dropna(subset=[...])."
    )


def _cases(model: Any) -> list[dict[str, Array]]:
    """Outcome, multiplicity and sampling weight of the rows with weight, by sort of case."""
    active, _ = counted(model)
    wanted = ("outcome", "codes", "multiplicity", "sampling")
    return [
        {
            field.name: np.broadcast_to(getattr(sort, field.name), active.shape)[active]
            for field in fields(sort)
            if field.name in wanted
        }
        for sort in model.weights.cases
    ]


def _check_equal(name: str, ours: Array, theirs: Array, labels: pd.Index) -> None:
    if name == "sampling":
        ours, theirs = ours / ours.mean(), theirs / theirs.mean()
    differ = np.flatnonzero(~np.isclose(ours, theirs, rtol=1e-9, atol=0.0))
    if differ.size:
        refuse_other(name, differ.size, labels[differ[0]])


def refuse_other(name: str, n_rows: int, row: object) -> NoReturn:
    """Refuse fits in which some rows have another outcome or weight.

    Parameters
    ----------
    name : {"outcome", "codes", "multiplicity", "sampling"}
    n_rows : int
    row : object
        One of them.
    """
    count = f"{n_rows} row{'s' * (n_rows > 1)}"
    if name in ("outcome", "codes"):
        raise OutcomeError(
            f"the fits have other outcomes in {count}, such as row {row}; compare fits of one "
            "outcome."
        )
    kind = "freq_weights" if name == "multiplicity" else "sampling_weights"
    raise WeightError(
        f"the fits have other {kind} in {count}, such as row {row}: their likelihoods cannot be "
        "compared."
    )


def check_class_weights(ours: Any, theirs: Any) -> None:
    """Refuse weights with other class weights, but for their unit."""
    first, second = (np.asarray(w.factors.values) / w.factors.values[0] for w in (ours, theirs))
    if not np.allclose(first, second, rtol=1e-9, atol=0.0):
        raise WeightError(
            f"the fits have other class weights: {ours.class_weights} here, "
            f"{theirs.class_weights} in the restricted fit."
        )
