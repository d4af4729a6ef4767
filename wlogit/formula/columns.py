"""Columns of a table in the types that a formula reads right."""

import ast
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from numbers import Real
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import patsy

from wlogit.errors import DesignError
from wlogit.formula.texts import factors_of, names_of_factors, quotes
from wlogit.weights.columns import check_one_kind, native

# What pandas calls columns of objects that are numbers, and those that are dates.
_NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal")
_DATES = ("date", "datetime", "datetime64", "period", "time", "timedelta", "timedelta64")
# The largest whole numbers of 64 bits, and up to where fractions hold them all.
_LARGEST, _EXACT = 2**63 - 1, 2**53


def check_factors(
    description: patsy.ModelDesc, frame: pd.DataFrame, env: patsy.EvalEnvironment
) -> None:
    """Refuse columns that a formula would read as something else, and functions without a column.

    Parameters
    ----------
    description : patsy.ModelDesc
    frame : DataFrame
    env : patsy.EvalEnvironment
        Where names that are no columns are looked up.
    """
    for factor in factors_of(description):
        _check_no_function(factor, frame, env)
    for term in description.rhs_termlist:
        for factor in term.factors:
            name = factor.name()
            if name not in frame.columns:
                continue
            if name == "Intercept":
                raise DesignError(
                    "a column named 'Intercept' collides with the constant; rename it."
                )
            if _holds_dates(frame[name]):
                raise DesignError(
                    f"{name!r} holds dates or times: use a number such as days since a date, or "
                    f"C({name}) for a category per value."
                )


def _check_no_function(factor: Any, frame: pd.DataFrame, env: patsy.EvalEnvironment) -> None:
    """Refuse a name that is no column but a function or a module, as ``log`` or ``np.log``."""
    code = factor.code
    root = ast.parse(code, mode="eval").body
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name) or root.id in frame.columns:
        return
    try:
        value = env.eval(code, inner_namespace=vars(patsy.builtins))
    except (NameError, AttributeError):
        return
    if isinstance(value, ModuleType):
        raise DesignError(f"{code} is a module and no column of the data.")
    if callable(value):
        raise DesignError(
            f"{code} is a function and no column of the data; write {code}(...) around a column."
        )


def _holds_dates(column: "pd.Series[Any]") -> bool:
    if pd.api.types.is_object_dtype(column.dtype):
        return pd.api.types.infer_dtype(column, skipna=True) in _DATES
    return isinstance(column.dtype, pd.PeriodDtype) or column.dtype.kind in "mM"


def refuse_missing_learned(info: patsy.DesignInfo) -> None:
    """Refuse transforms of patsy's that missing values have left without a mean or knots."""
    for factor, described in info.factor_infos.items():
        for transform in described.state["transforms"].values():
            own = type(transform).__module__.partition(".")[0] == "patsy"
            if own and any(_is_missing(learned) for learned in vars(transform).values()):
                raise DesignError(
                    f"{factor.name()!r} learns from all rows of a column that has missing values, "
                    "and is missing everywhere: take these rows out first, as by "
                    "data.dropna(subset=[...])."
                )


def _is_missing(learned: object) -> bool:
    if isinstance(learned, float | np.ndarray) and np.asarray(learned).dtype.kind == "f":
        return bool(np.isnan(learned).any())
    return False


def convert_columns(frame: pd.DataFrame, names: set[str]) -> pd.DataFrame:
    """The columns with these names, in types patsy reads fast: text becomes categorical."""
    used = frame.loc[:, [name for name in frame.columns if name in names]]
    return _with(used, converted_column, used.columns)


def widened_columns(frame: pd.DataFrame, description: patsy.ModelDesc) -> pd.DataFrame:
    """The columns that a formula computes with, in types whose results are not cut off."""
    computed = [factor for factor in factors_of(description) if not _is_column(factor.code)]
    names = set(names_of_factors(computed))
    return _with(frame, widened, [name for name in frame.columns if name in names])


def _with(frame: pd.DataFrame, convert: Any, names: Iterable[Any]) -> pd.DataFrame:
    converted = {name: convert(frame[name]) for name in names}
    changed = {name: column for name, column in converted.items() if column is not frame[name]}
    return frame.assign(**changed) if changed else frame


def _is_column(code: str) -> bool:
    """Whether a factor is a column as it is, or its entries as categories."""
    match ast.parse(code, mode="eval").body:
        case ast.Call(func=ast.Name(id="C"), args=[inner, *_]):
            return isinstance(inner, ast.Name) or quotes(inner)
        case node:
            return isinstance(node, ast.Name) or quotes(node)


def widened(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of numbers in 64 bits, fractions too: smaller ones lose digits in arithmetic."""
    dtype: Any = column.dtype
    if not isinstance(dtype, np.dtype) or dtype.kind not in "iuf":
        return column
    if dtype.kind == "f" and dtype != np.float64:
        return column.astype(np.float64)
    return _widened(column)


def in_native_order(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with its bytes in the order of the machine, without which pandas takes no rows."""
    columns = [frame.iloc[:, j] for j in range(frame.shape[1])]
    changed = {j: found for j, one in enumerate(columns) if (found := native(one)) is not one}
    if changed:
        frame = frame.copy(deep=False)
    for j, column in changed.items():
        frame.isetitem(j, column.array)
    return frame


def converted_column(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column in a type that patsy reads fast and right: text is categorical, numbers numeric.

    Raises
    ------
    DesignError
        Complex numbers; labels among which a number and a text look alike; whole numbers that are
        too large to be told apart beside missing ones.
    """
    if isinstance(column.dtype, pd.SparseDtype):
        column = pd.Series(np.asarray(column), column.index, name=column.name)
    dtype = column.dtype
    objects = pd.api.types.is_object_dtype(dtype)
    kind = pd.api.types.infer_dtype(column, skipna=True) if objects else ""
    if kind == "complex" or (isinstance(dtype, np.dtype) and dtype.kind == "c"):
        raise DesignError(f"column {column.name!r} holds complex numbers; give their real part.")
    if isinstance(dtype, pd.CategoricalDtype):
        return _with_plain_categories(column)
    if objects:
        return _of_objects(column, kind)
    if isinstance(dtype, np.dtype):
        return _widened(column)
    if pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype):
        return _without_mask(column)
    if dtype.kind in "mM":
        return column.astype(object)
    try:
        labels = column if isinstance(dtype, pd.StringDtype) else column.astype(object)
        return _with_plain_categories(labels.astype("category"))
    except (TypeError, ValueError, NotImplementedError) as error:
        raise DesignError(
            f"column {column.name!r} is of the type {dtype}, which is neither numbers nor labels; "
            "convert it."
        ) from error


def _with_plain_categories(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Categories beside which NaN is missing: patsy does not know pandas' own NA."""
    categories = column.cat.categories
    if getattr(categories.dtype, "na_value", None) is not pd.NA:
        return column
    return column.cat.rename_categories(categories.astype(object).tolist())


def _of_objects(column: "pd.Series[Any]", kind: str) -> "pd.Series[Any]":
    if kind in _NUMBERS or (kind.startswith("mixed") and _all_numbers(column)):
        return _numeric(column, kind)
    if kind.startswith("mixed"):
        check_one_kind(column.dropna(), f"column {column.name!r}", DesignError)
    return column.astype("category") if kind == "string" else column


def _numeric(column: "pd.Series[Any]", kind: str) -> "pd.Series[Any]":
    """Numbers kept as objects, as numbers; whole ones stay whole where none is missing."""
    present = column.notna()
    if kind == "integer" and present.all():
        with suppress(OverflowError):
            return column.astype(np.int64)
    return column.where(present, np.nan).astype(np.float64)


def _all_numbers(column: "pd.Series[Any]") -> bool:
    return all(
        isinstance(entry, Real | Decimal) and not isinstance(entry, bool)
        for entry in column.dropna()
    )


def _widened(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Numbers in 64 bits, as small types wrap around or lose digits in arithmetic."""
    dtype: Any = column.dtype
    if dtype.kind == "u" and dtype.itemsize == 8:
        # Labels, such as hashes, may need every bit.
        return column.astype(np.int64) if column.max() <= _LARGEST else column
    if dtype.kind in "iu" and dtype.itemsize < 8:
        return column.astype(np.int64)
    return column.astype(np.float64) if dtype == np.float16 else column


def _without_mask(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Entries of pandas' nullable types as those of numpy; whole ones stay whole if they can."""
    if pd.api.types.is_bool_dtype(column.dtype):
        whole = not column.isna().any()
        return column.astype(bool) if whole else column.astype(object).where(column.notna(), None)
    if pd.api.types.is_integer_dtype(column.dtype):
        if not column.isna().any():
            unsigned = pd.api.types.is_unsigned_integer_dtype(column.dtype)
            return _widened(column.astype(np.uint64 if unsigned else np.int64))
        if column.abs().max() > _EXACT and column.nunique() > column.astype(float).nunique():
            raise DesignError(
                f"column {column.name!r} has missing entries beside whole numbers that are too "
                "large to be told apart as fractions; make labels of them by .astype('string')."
            )
    return pd.Series(column.to_numpy(np.float64, na_value=np.nan), column.index, name=column.name)
