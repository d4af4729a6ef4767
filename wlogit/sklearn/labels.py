"""Rows of features, outcome and weights that carry labels: whether these say the same rows."""

from typing import Any, NoReturn

import pandas as pd

from wlogit.weights.columns import row_name


def check_row_labels(**given: Any) -> None:
    """Refuse data whose row labels pair them otherwise than their order does.

    scikit-learn pairs rows by position. Where two of the data carry labels, these must agree, or
    one of them must be counted 0, 1, ... without the other having the same numbers in another
    order: it then has no labels of its own.

    Parameters
    ----------
    **given
        Data by the names of their arguments; those without labels go by position.

    Raises
    ------
    ValueError
        Naming the argument and the first row that is paired with another.
    """
    labelled = [
        (name, data.index)
        for name, data in given.items()
        if isinstance(data, pd.DataFrame | pd.Series)
    ]
    for at, (name, index) in enumerate(labelled):
        for other, theirs in labelled[:at]:
            row = _first_at_odds(index, theirs)
            if row is not None:
                _refuse(row, (name, index), (other, theirs))


def _first_at_odds(one: pd.Index, other: pd.Index) -> int | None:
    """Position of the first row whose labels differ, where these mean something."""
    if len(one) != len(other) or one.equals(other):
        return None
    counted = pd.RangeIndex(len(one))
    if one.equals(counted) and not _permutes(other, counted):
        return None
    if other.equals(counted) and not _permutes(one, counted):
        return None
    return next((row for row in range(len(one)) if one[row] != other[row]), None)


def _permutes(index: pd.Index, counted: pd.RangeIndex) -> bool:
    return index.is_unique and bool(index.isin(counted).all())


def _refuse(row: int, one: tuple[str, pd.Index], other: tuple[str, pd.Index]) -> NoReturn:
    (name, index), (whose, theirs) = one, other
    same = index.is_unique and bool(index.isin(theirs).all())
    advice = f"{name}.loc[{whose}.index]" if same else "their common labels"
    raise ValueError(
        f"{name} and {whose} have other row labels: row {row} is {row_name(index, row)} in {name} "
        f"and {row_name(theirs, row)} in {whose}, and scikit-learn would pair them by position. "
        f"Pair them by label, with {advice}, or give {name}.to_numpy() if the order is right."
    )
