"""Any column-like value as pandas columns: what their entries are, and the entries as floats."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from pandas.api import types as dtypes
from pandas.api.extensions import ExtensionArray

from wlogit._typing import AnyArray, Array, BoolArray, IntArray

WHOLE = 1e-8
ColumnKind = Literal["number", "boolean", "category", "label", "date", "complex"]

# In this order: categories may be booleans, and pandas counts booleans and complex as numeric.
_BY_TYPE: tuple[tuple[Callable[[Any], bool], ColumnKind], ...] = (
    (lambda dtype: isinstance(dtype, pd.CategoricalDtype), "category"),
    (dtypes.is_complex_dtype, "complex"),
    (dtypes.is_bool_dtype, "boolean"),
    (dtypes.is_numeric_dtype, "number"),
)

_INFERRED: dict[str, ColumnKind] = {
    "empty": "number",
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
    "boolean": "boolean",
    "complex": "complex",
    "datetime": "date",
    "datetime64": "date",
    "date": "date",
    "time": "date",
    "timedelta": "date",
    "timedelta64": "date",
    "period": "date",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """One or more columns of equal length.

    Attributes
    ----------
    columns : tuple of Series
        Their own index is meaningful only if `index` is.
    index : Index or None
        Row labels of a Series or DataFrame; None for values that have only an order.
    """

    columns: tuple[pd.Series, ...]
    index: pd.Index | None

    @property
    def n_rows(self) -> int:
        """Length of every column."""
        return len(self.columns[0]) if self.columns else 0


def read_columns(value: object, role: str, error: type[ValueError]) -> Columns:
    """Columns of a Series, DataFrame, list, or one- or two-dimensional array of any library."""
    if isinstance(value, pd.DataFrame):
        columns = tuple(native(value.iloc[:, j]) for j in range(value.shape[1]))
        return Columns(columns, value.index)
    if isinstance(value, pd.Series):
        return Columns((native(value),), value.index)
    if isinstance(value, pd.Index | ExtensionArray):
        return Columns((pd.Series(value),), None)
    if isinstance(value, Mapping):
        hint = " Weights by label are class_weight={label: weight}." * role.endswith("weights")
        raise error(f"{role} is a mapping; it needs one entry per row.{hint}")
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return Columns(_from_sequence(value, role, error), None)
    if isinstance(value, str | bytes) or not hasattr(value, "__array__"):
        raise error(
            f"{role} is {shorten(value)}; it needs one entry per row: a Series, an array or a list."
        )
    return Columns(_from_array(cast("AnyArray", value), role, error), None)


def native(column: pd.Series) -> pd.Series:
    """A column with its bytes in the order of the machine, without which pandas takes no rows."""
    if isinstance(column.dtype, np.dtype) and not column.dtype.isnative:
        return column.astype(column.dtype.newbyteorder("="))
    return column


def column_kind(column: pd.Series) -> ColumnKind:
    """What the entries that are not missing are."""
    for has_kind, kind in _BY_TYPE:
        if has_kind(column.dtype):
            return kind
    if not column.notna().any():
        return "number"
    kind = _INFERRED.get(dtypes.infer_dtype(column, skipna=True), "label")
    if kind != "label" or not dtypes.is_object_dtype(column.dtype):
        return kind
    entries = column.dropna()
    if all(map(is_number, entries)):
        return "number"
    return "complex" if any(isinstance(entry, complex) for entry in entries) else "label"


def as_floats(column: pd.Series) -> Array:
    """The entries of a column of numbers or booleans in memory of their own, NaN where missing."""
    if dtypes.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    values = np.full(len(column), np.nan)
    present = column.notna().to_numpy(dtype=bool)
    values[present] = [_as_float(entry) for entry in column[present]]
    return values


def coded(
    column: pd.Series, role: str, error: type[ValueError]
) -> tuple[IntArray, pd.Index | AnyArray | ExtensionArray]:
    """Position of each label among the distinct ones, -1 if missing; and the distinct labels."""
    try:
        codes, levels = pd.factorize(column)
    except (TypeError, NotImplementedError):
        raise error(f"{role} has entries that cannot serve as labels, such as lists.") from None
    return np.asarray(codes, dtype=np.intp), levels


def check_one_kind(labels: Iterable[object], role: str, error: type[ValueError]) -> None:
    """Refuse labels among which a number and a text look alike: they may be meant to be one."""
    entries = list(map(plain, labels))
    texts = {entry for entry in entries if isinstance(entry, str)}
    if not texts or len(texts) == len(entries):
        return
    for entry in entries:
        whole = int(entry) if isinstance(entry, float) and entry.is_integer() else entry
        if not isinstance(entry, str) and str(whole) in texts:
            raise error(
                f"{role} has the number {entry!r} in some rows and the text {str(whole)!r} in "
                "others, which are different labels; make the labels one kind, by .astype(str) "
                "for instance."
            )


def not_whole(values: Array) -> BoolArray:
    """Which entries are not whole numbers, but for rounding; infinite ones are not, NaN may be."""
    finite = np.where(np.isinf(values), 0.5, values)
    return np.asarray(np.abs(finite - np.rint(finite)) > WHOLE)


def is_number(entry: object) -> bool:
    """Whether an entry is a real number, of Python, numpy or ``decimal``; booleans are."""
    return isinstance(entry, Real | Decimal | np.bool_)


def row_name(index: pd.Index | None, position: int) -> str:
    """How a message names a row: by its label, else by its position from 0."""
    return shorten(position if index is None else plain(index[position]))


def plain(label: object) -> Hashable:
    """A numpy scalar, or a tuple of them, as the Python objects they stand for."""
    if isinstance(label, tuple):
        return tuple(plain(part) for part in label)
    return cast("Hashable", label.item() if isinstance(label, np.generic) else label)


def same(label: object, other: object) -> bool:
    """Python equality, as of dictionary keys; a missing value equals nothing."""
    return label is not pd.NA and other is not pd.NA and bool(label == other)


def listed(labels: Sequence[Hashable] | pd.Index, most: int = 5) -> str:
    """Labels separated by commas, the first few when there are many."""
    shown = ", ".join(shorten(plain(label)) for label in labels[:most])
    return shown + (f", ... ({len(labels)} in all)" if len(labels) > most else "")


def shorten(value: object, width: int = 60) -> str:
    """``repr`` of a value, cut where it would fill the message."""
    text = " ".join(repr(value).split())
    return text if len(text) <= width else text[: width - 3] + "..."


def _as_float(entry: float) -> float:
    try:
        return float(entry)
    except OverflowError:
        return float("inf") if entry > 0 else float("-inf")


def _from_sequence(
    value: Sequence[Any], role: str, error: type[ValueError]
) -> tuple[pd.Series, ...]:
    entries = list(value)
    if not entries or isinstance(entries[0], str | bytes) or not hasattr(entries[0], "__len__"):
        return (_as_series(entries),)
    try:
        table = np.array([list(entry) for entry in entries], dtype=object)
    except (TypeError, ValueError):
        table = np.empty(0, dtype=object)
    if table.ndim != 2:
        raise error(f"{role} is a list of rows that differ in length.")
    return tuple(pd.Series(table[:, j]).infer_objects() for j in range(table.shape[1]))


def _as_series(entries: list[Any]) -> pd.Series:
    try:
        return pd.Series(entries)
    except OverflowError:  # an int beyond the range of floats
        return pd.Series(entries, dtype=object)


def _from_array(value: AnyArray, role: str, error: type[ValueError]) -> tuple[pd.Series, ...]:
    array = value if isinstance(value, np.ma.MaskedArray) else np.asarray(value)
    if array.ndim == 0:
        raise error(
            f"{role} is a single value, {shorten(plain(array[()]))}; it needs one entry per row."
        )
    if array.ndim > 2 or array.dtype.kind == "V":
        raise error(f"{role} is an array of shape {array.shape}; it needs one entry per row.")
    if array.dtype.kind == "f":
        array = array.astype(np.float64, copy=False)
    elif not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array.ndim == 1:
        return (pd.Series(array, copy=False),)
    return tuple(pd.Series(array[:, j], copy=False) for j in range(array.shape[1]))
