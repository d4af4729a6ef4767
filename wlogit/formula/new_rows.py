"""The design of new rows, in the levels and types that a formula had when it was fitted."""

import re
from collections.abc import Collection, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import patsy

from wlogit._typing import Array
from wlogit.errors import DesignError
from wlogit.exog import CompactExog
from wlogit.formula.columns import converted_column, widened
from wlogit.formula.compact import LARGE_DESIGN, compact_design, with_categories
from wlogit.formula.design import as_frame
from wlogit.formula.texts import MISSING, names_of_factors
from wlogit.weights.columns import row_name


def new_design(
    design_info: patsy.DesignInfo, data: Any, columns: Collection[Hashable] = ()
) -> pd.DataFrame:
    """Design of new rows; a row with a missing value stays, as missing.

    Parameters
    ----------
    design_info : patsy.DesignInfo
    data : DataFrame, Series, mapping, or anything ``DataFrame`` accepts
    columns : collection
        Names that were columns of the data of the fit, not variables of its session.

    Raises
    ------
    DesignError
        A category that the fit has not seen, or a missing column, by name.
    """
    return _built(design_info, _new_frame(design_info, data), columns)


def new_rows(
    design_info: patsy.DesignInfo, data: Any, columns: Collection[Hashable] = ()
) -> tuple[Array | CompactExog, pd.Index]:
    """As `new_design`, large factors by index; and the labels of the rows.

    Parameters
    ----------
    design_info, data, columns
        As in `new_design`.
    """
    frame = _new_frame(design_info, data)
    if 8 * len(frame) * len(design_info.column_names) > LARGE_DESIGN:
        levels = {factor: i.categories for factor, i in design_info.factor_infos.items()}
        positional = frame.set_axis(pd.RangeIndex(len(frame)), axis=0)
        typed = with_categories(positional, design_info.terms, levels)
        with _explained(columns):
            design = compact_design(design_info, typed, len(frame))
        if design is not None:
            return design, frame.index
    return np.asarray(_built(design_info, frame, columns)), frame.index


def _new_frame(design_info: patsy.DesignInfo, data: Any) -> pd.DataFrame:
    """New rows with the columns that the formula reads, in the types of the fit."""
    infos = design_info.factor_infos
    names = {
        name
        for factor, described in infos.items()
        for name in names_of_factors([factor], described.state.get("eval_env"))
    }
    if isinstance(data, pd.Series):
        data = data.to_frame() if data.name in names else data.to_frame().T.infer_objects()
    return _with_known_levels(as_frame(data), names, design_info)


def _built(
    design_info: patsy.DesignInfo, frame: pd.DataFrame, columns: Collection[Hashable]
) -> pd.DataFrame:
    positional = frame.set_axis(pd.RangeIndex(len(frame)), axis=0)
    with _explained(columns):
        (design,) = patsy.build_design_matrices(
            [design_info], positional, NA_action=MISSING, return_type="dataframe"
        )
    if len(design) != len(positional):
        design = design.reindex(positional.index)
    result: pd.DataFrame = design.set_axis(frame.index, axis=0)
    return result


def _with_known_levels(
    frame: pd.DataFrame, names: set[str], info: patsy.DesignInfo
) -> pd.DataFrame:
    """New columns in the types of the fit: categories are those that the fit has seen."""
    used = frame.loc[:, [name for name in frame.columns if name in names]]
    plain = {
        factor.name(): described.categories
        for factor, described in info.factor_infos.items()
        if described.type == "categorical" and factor.name() in used.columns
    }
    columns = {}
    for name in used.columns:
        column = used[name]
        if name in plain:
            columns[name] = _coded(column, list(plain[name]))
        elif isinstance(column.dtype, pd.CategoricalDtype):
            columns[name] = column.astype(object)
        else:
            converted = converted_column(column)
            is_text = isinstance(converted.dtype, pd.CategoricalDtype)
            columns[name] = column.astype(object) if is_text else widened(converted)
    return used.assign(**columns)


def _coded(column: "pd.Series[Any]", levels: list[Any]) -> "pd.Series[Any]":
    values = column.astype(object)
    unseen = np.flatnonzero(values.notna() & ~values.isin(levels))
    if unseen.size:
        row = row_name(column.index, int(unseen[0]))
        raise DesignError(
            f"{column.name!r} has {values.iloc[unseen[0]]!r} in row {row}, a category that the fit "
            f"has not seen; it knows {', '.join(map(repr, levels))}."
        )
    return pd.Series(pd.Categorical(values, categories=levels), index=column.index)


@contextmanager
def _explained(columns: Collection[Hashable]) -> Iterator[None]:
    """Errors of patsy in words about new rows."""
    try:
        yield
    except patsy.PatsyError as error:
        raise DesignError(_explain(error, columns)) from error


def _explain(error: patsy.PatsyError, columns: Collection[Hashable]) -> str:
    message = error.message.strip().replace("\n", " ")
    unnamed = re.search("NameError: (?:name|no data named) '(.+?)'", message)
    if unnamed and unnamed[1] in columns:
        return f"the new data have no column {unnamed[1]!r}, which the formula needs."
    if "mismatch between levels" in message or "observation with value" in message:
        return f"new data have a category that the fit has not seen: {message}"
    return (
        f"the formula cannot be evaluated on the new data: {message}. Functions and variables of "
        "the session that made the fit must be defined, or give columns of the design and "
        "transform=False."
    )
