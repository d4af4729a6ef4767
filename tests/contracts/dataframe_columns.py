"""Columns, names and row labels of tables, of every type that pandas has."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.util import find_spec

import numpy as np
import pandas as pd

from tests.contracts.dataframe_truth import Weighed

ARROW = find_spec("pyarrow") is not None
MISSING = (np.nan, None, pd.NA)


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes
    ----------
    name : hashable
    clean : ndarray
        Floats with NaN, or labels with None, as they are meant.
    typed : Series
        As it stands in the table.
    levels : tuple or None
        Of a category, in order.
    """

    name: object
    clean: np.ndarray
    typed: pd.Series
    levels: tuple | None = None

    @property
    def missing(self):
        return pd.isna(self.clean)


@dataclass(frozen=True)
class Drawn:
    """A table, a call, and what must come of it.

    Attributes
    ----------
    data : Weighed
        The complete rows, weights included.
    kept : ndarray of bool
        Which rows of the table these are.
    predictable : ndarray of bool
        Rows of the subset without a missing covariate or offset, which have a prediction.
    X : ndarray
        The design on all rows.
    labels : list of str
        Of the columns of the design, each a list of texts in its name.
    faults : list of tuple
        Why the call must be refused: texts of which each refusal has one.
    odd : list of str
        Columns of types that may be refused by name.
    """

    frame: pd.DataFrame
    formula: str
    options: dict
    cov_type: str | None
    data: Weighed
    kept: np.ndarray
    predictable: np.ndarray
    X: np.ndarray
    offset: np.ndarray
    labels: list
    likelihood: bool
    inside: np.ndarray
    faults: list = field(default_factory=list)
    odd: list = field(default_factory=list)

    def __repr__(self):
        types = {name: str(dtype) for name, dtype in self.frame.dtypes.items()}
        return (
            f"<{self.formula}, {types}, index {self.frame.index[:3].tolist()}, "
            f"{self.options}, {self.cov_type}, {self.faults}>"
        )


# ------------------------------------------------------------------------------------------ types

FLOATS = ("float64", "float32", "float16", "longdouble", ">f8", "Float64", "Float32")
INTEGERS = ("int8", "int16", "int32", "int64", ">i4", "Int8", "Int16", "Int64")
UNSIGNED = ("uint8", "uint16", "uint64", "UInt8", "UInt32")
OBJECTS = ("object", "object of integers", "Decimal")
SPARSE = ("Sparse[float64]", "Sparse[int]", "Sparse[float64, 0]")
ARROWS = (
    "double[pyarrow]",
    "float[pyarrow]",
    "int64[pyarrow]",
    "int8[pyarrow]",
    "decimal[pyarrow]",
)
NO_MISSING = {"int8", "int16", "int32", "int64", ">i4", "uint8", "uint16", "uint64", "Sparse[int]"}
NUMBERS = (*FLOATS, *INTEGERS, *UNSIGNED, *OBJECTS, *SPARSE, *(ARROWS if ARROW else ()))
FLAGS = ("bool", "boolean", "object", "category", "Sparse[bool]", *(["bool[pyarrow]"] * ARROW))
TEXTS = ("object", "str", "string", "category", "ordered", *(["string[pyarrow]", "arrow"] * ARROW))
WHOLE = {*INTEGERS, *UNSIGNED, "object of integers", "Sparse[int]", "int64[pyarrow]"}
WHOLE |= {"int8[pyarrow]"}


def as_numbers(values, dtype, marker=np.nan):
    """Floats with NaN as a Series of a type that holds them exactly."""
    missing = np.isnan(values)
    if dtype in ("object", "object of integers", "Decimal"):
        make = {"object": float, "object of integers": int, "Decimal": lambda v: Decimal(str(v))}
        entries = [
            marker if gone else make[dtype](v) for v, gone in zip(values, missing, strict=True)
        ]
        return pd.Series(entries, dtype=object)
    if dtype == "decimal[pyarrow]":
        import pyarrow as pa

        entries = [
            None if gone else Decimal(str(v)) for v, gone in zip(values, missing, strict=True)
        ]
        kind = pd.ArrowDtype(pa.decimal128(12, 4))
        return pd.Series(pd.array(entries, dtype=kind))
    if dtype.startswith("Sparse"):
        fill = {"Sparse[float64]": np.nan, "Sparse[int]": 0, "Sparse[float64, 0]": 0.0}[dtype]
        kind = np.int64 if dtype == "Sparse[int]" else np.float64
        return pd.Series(pd.arrays.SparseArray(values.astype(kind), fill_value=fill))
    if dtype in ("float16", "longdouble", ">f8", ">i4"):
        return pd.Series(values.astype(dtype))
    if missing.any() and dtype not in ("float64", "float32"):
        return pd.Series(pd.array(np.where(missing, None, values), dtype=dtype))
    return pd.Series(values).astype(dtype)


def as_flags(values, dtype, marker=None):
    """True, False and None as a Series of a type."""
    if dtype == "Sparse[bool]":
        return pd.Series(pd.arrays.SparseArray(np.array(values, dtype=bool), fill_value=False))
    if dtype == "object":
        return pd.Series([marker if v is None else v for v in values], dtype=object)
    if dtype == "category":
        return pd.Series(pd.Categorical(list(values), categories=[False, True]))
    return pd.Series(pd.array(list(values), dtype=dtype))


def as_text(values, dtype, levels, marker=None):
    """Labels and None as a Series of a type; `levels` are the categories."""
    if dtype == "object":
        return pd.Series([marker if v is None else v for v in values], dtype=object)
    if dtype in ("category", "ordered"):
        return pd.Series(
            pd.Categorical(list(values), categories=list(levels), ordered=dtype == "ordered")
        )
    if dtype == "arrow":
        import pyarrow as pa

        dtype = pd.ArrowDtype(pa.string())
    return pd.Series(list(values), dtype=dtype)


# ------------------------------------------------------------------------------------------ names

NAMES = (
    *("x", "x1", "age", "Größe", "x_", "np", "C", "Q", "I", "center", "f"),
    *("a b", "1", "1x", "lambda", "class", "a:b", "a*b", "y ~ x", " ", "", "it's", 'say "so"'),
    *("x[T.b]", "%", "{x}", "x.y", "a-b", "`x`", "#", "\\", "é", "日本", "x1:x2", "np.log(x)"),
    *("True", "Intercept ", "intercept", "a\tb", "[", ")", "0"),
)


def written(name):
    """A name in a formula."""
    bare = name.isidentifier() and name not in ("lambda", "class", "True")
    return name if bare else f"Q({name!r})"


def hidden(formula, names):
    """Columns whose names are those of functions that the formula calls."""
    code = re.sub(r"'[^']*'|\"[^\"]*\"", "", formula)
    called = {*re.findall(r"\b(\w+)\(", code), *re.findall(r"\b(np)\.", code)}
    return [name for name in names if name in called]


def indexes(rng, n):
    """Row labels by kind."""
    moment = pd.Timestamp("2020-01-01")
    return {
        "range": pd.RangeIndex(n),
        "steps": pd.RangeIndex(10, 10 + 3 * n, 3),
        "shuffled": pd.Index(rng.permutation(n)),
        "text": pd.Index([f"r{i}" for i in rng.permutation(n)]),
        "repeated": pd.Index(rng.integers(0, 6, n)),
        "one label": pd.Index(["a"] * n),
        "pairs": pd.MultiIndex.from_arrays([np.arange(n) // 4, rng.permutation(n)]),
        "named pairs": pd.MultiIndex.from_arrays(
            [list("ab") * (n // 2), range(n)], names=["y", "x"]
        ),
        "dates": moment + pd.to_timedelta(rng.permutation(n), "D"),
        "zoned": pd.date_range(moment, periods=n, tz="Europe/Berlin"),
        "floats": pd.Index(rng.permutation(n) / 7.0),
        "missing": pd.Index([None, *range(n - 1)], dtype=object),
        "category": pd.CategoricalIndex(rng.permutation(n).astype(str)),
        "named": pd.Index(rng.permutation(n), name="x1"),
        "mixed": pd.Index([f"r{i}" if i % 2 else i for i in range(n)], dtype=object),
        "intervals": pd.interval_range(0, n),
        "boolean": pd.Index(np.arange(n) % 2 == 0),
        "periods": pd.period_range("2020-01", periods=n, freq="M"),
    }


INDEXES = tuple(indexes(np.random.default_rng(0), 4))
UNIQUE = set(INDEXES) - {"repeated", "one label", "boolean"}


# ---------------------------------------------------------------------------------- clean columns


def indicators(column):
    """One column for each level, NaN where missing."""
    values = np.column_stack([column.clean == level for level in column.levels]).astype(float)
    values[column.missing] = np.nan
    return values


def b_splines(x, inside):
    """Cubic B-splines of four columns: one knot, at the median, and none for the constant."""
    from scipy.interpolate import BSpline

    low, high = x[inside].min(), x[inside].max()
    knots = np.r_[[low] * 4, np.quantile(x[inside], 0.5), [high] * 4]
    if not low < knots[4] < high:
        return np.full((len(x), 4), np.nan)
    columns = []
    for j in range(1, 5):
        spline = BSpline(knots, np.eye(5)[j], 3)
        columns.append(spline(x))
    return np.column_stack(columns)
