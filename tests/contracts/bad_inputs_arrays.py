"""Bad inputs of the array interface: types, missing values, shapes, outcomes."""

from decimal import Decimal

import numpy as np
import pandas as pd

from tests.contracts.bad_inputs import (
    LABELS,
    Book,
    Given,
    N,
    Refused,
    Right,
    X,
    exact,
    frame,
    plain,
    solved,
    w,
    weighted,
    without,
    y,
)
from wlogit import (
    DesignError,
    MissingValueError,
    OutcomeError,
    WeightError,
)

case = Book()


def given(right=None, *, endog=None, exog=None, **options):
    """The data with these changes."""
    endog = y() if endog is None else endog
    return Given({"endog": endog, "exog": X() if exog is None else exog, **options}, right)


def outcome(values, **options):
    return given(plain(), endog=values, **options)


def design(values, right=None, **options):
    return given(solved(values, y()) if right is None else right, exog=values, **options)


def sampled(weights, right=None, **options):
    return given(right, sampling_weights=weights, **options)


# ------------------------------------------------------------------------------------- A dtypes

A = "A dtypes"
words = np.where(y() == 1, "yes", "no")

case(A, "y strings yes/no", Right())(lambda: outcome(words.copy()))
case(A, "y object strings", Right())(lambda: outcome(words.astype(object)))
case(A, "y bool", Right())(lambda: outcome(y() == 1))
case(A, "y pandas boolean", Right())(lambda: outcome(pd.array(y() == 1, dtype="boolean")))
case(A, "y object ints", Right())(lambda: outcome(y().astype(int).astype(object)))
case(A, "y Decimal", Right())(lambda: outcome([Decimal(int(v)) for v in y()]))
case(A, "y complex (nonzero imag)", Refused(OutcomeError, ("complex", "0/1")))(
    lambda: outcome(y() + 1j)
)
case(A, "y datetime64", Refused(OutcomeError, ("dates",)))(
    lambda: outcome(pd.to_datetime(y() * 1e9).to_numpy())
)


@case(A, "y pyarrow bool", Right())
def _():
    import pyarrow as pa

    return outcome(pa.array(y() == 1))


@case(A, "y pyarrow bool", Right(), "in a Series")
def _():
    return outcome(pd.Series(y() == 1, dtype="bool[pyarrow]"))


def with_missing(dtype):
    values = pd.Series(y(), dtype="Float64")
    values.iloc[3] = pd.NA
    return values.astype(dtype)


for dtype in ("Int64", "boolean"):
    name = f"y pandas {dtype} with NA"
    case(A, name, Refused(MissingValueError, ("outcome", "row 3", 'missing="drop"')))(
        lambda dtype=dtype: outcome(with_missing(dtype))
    )
    case(A, name, Right(), "dropped")(
        lambda dtype=dtype: given(
            solved(*without(3, X(), y())), endog=with_missing(dtype), missing="drop"
        )
    )

case(A, "X object floats", Right())(lambda: design(X().astype(object), plain()))
case(A, "X DataFrame string column", Refused(DesignError, ("'g'", "text", "formula")))(
    lambda: given(exog=frame()[["x1", "g"]])
)
case(A, "X Decimal", Right())(
    lambda: design(np.array([[Decimal(str(v)) for v in row] for row in X()]), plain())
)


@case(A, "X pyarrow double", Right())
def _():
    return design(pd.DataFrame(X()).astype("double[pyarrow]"), plain())


@case(A, "X pyarrow double", Right(), "as a table")
def _():
    import pyarrow as pa

    return design(pa.table({"const": X()[:, 0], "x1": X()[:, 1], "x2": X()[:, 2]}), plain())


@case(A, "X Float64 with NA", Refused(MissingValueError, ("'x1'", "row 3", 'missing="drop"')))
def _():
    table = pd.DataFrame(X(), columns=["const", "x1", "x2"]).astype("Float64")
    table.iloc[3, 1] = pd.NA
    return given(exog=table)


@case(A, "X Float64 with NA", Right(), "dropped")
def _():
    table = pd.DataFrame(X(), columns=["const", "x1", "x2"]).astype("Float64")
    table.iloc[3, 1] = pd.NA
    return given(solved(*without(3, X(), y())), exog=table, missing="drop")


case(A, "X timedelta array", Refused(DesignError, ("timedelta", "numbers")))(
    lambda: given(exog=(X() * 100).astype("timedelta64[s]"))
)
case(A, "X bool array", Right())(lambda: design(np.column_stack([X()[:, 0] > 0, X()[:, 1:] > 0])))
case(A, "X float32", Right())(lambda: design(X().astype(np.float32)))
case(A, "X float16", Right())(lambda: design(X().astype(np.float16)))
case(A, "X longdouble", Right())(lambda: design(X().astype(np.longdouble), plain()))


@case(A, "X int64 above 2**53", Right(1e-6))
def _():
    # Multiples of 1024, which floats hold exactly; the constant takes up the mean.
    integers = np.column_stack([np.ones(N), 2**53 + 1024 * (1000 * X()[:, 1])]).astype(np.int64)
    return design(integers, exact(integers, y()))


def masked():
    values = np.ma.masked_array(X(), mask=np.zeros((N, 3)))
    values[3, 1] = np.ma.masked
    return values


masked_name = "X numpy masked array (mask on row 3)"
case(A, masked_name, Refused(MissingValueError, ("column 1", "row 3")))(
    lambda: given(exog=masked())
)
case(A, masked_name, Right(), "dropped")(
    lambda: given(solved(*without(3, X(), y())), exog=masked(), missing="drop")
)
case(A, "X list of lists, y list", Right())(
    lambda: given(plain(), endog=y().tolist(), exog=X().tolist())
)
case(A, "y (n,1) column", Right())(lambda: outcome(y()[:, None]))


@case(A, "y (n,2) success/failure counts", Right())
def _():
    counts = np.column_stack([np.arange(N) % 4, (np.arange(N) * 7) % 5])
    both = np.vstack([X(), X()])
    ones = np.repeat([1.0, 0.0], N)
    return given(solved(both, ones, counts=counts.T.ravel()), endog=counts)


# -------------------------------------------------------------------------------- B missing/inf

B = "B missing/inf"


def spoiled(values, row=3, column=1):
    table = X().astype(object if values is None else float)
    table[row, column] = values
    return table


def y_with(value):
    values = y()
    values[3] = value
    return values


def w_with(value):
    values = w()
    values[3] = value
    return values


DROPPED = solved(*without(3, X(), y()))

case(B, "NaN in X", Refused(MissingValueError, ("column 1", "row 3", 'missing="drop"')))(
    lambda: given(exog=spoiled(np.nan))
)
case(B, "NaN in X", Right(), "dropped")(
    lambda: given(DROPPED, exog=spoiled(np.nan), missing="drop")
)
case(B, "NaN in y", Refused(MissingValueError, ("outcome", "row 3", 'missing="drop"')))(
    lambda: given(endog=y_with(np.nan))
)
case(B, "NaN in y", Right(), "dropped")(
    lambda: given(DROPPED, endog=y_with(np.nan), missing="drop")
)
case(B, "NaN in weights only, missing='drop'", Refused(WeightError, ("sampling_weights", "row 3")))(
    lambda: sampled(w_with(np.nan), missing="drop")
)
case(B, "NaN in X, missing='drop', weights given", Right())(
    lambda: sampled(w(), solved(*without(3, X(), y(), w())), exog=spoiled(np.nan), missing="drop")
)
case(
    B,
    "NaN in X, missing='drop', weights given",
    Right(),
    "and missing there, where it is no matter",
)(
    lambda: sampled(
        w_with(np.nan), solved(*without(3, X(), y(), w())), exog=spoiled(np.nan), missing="drop"
    )
)
case(B, "inf in X, missing='drop'", Refused(MissingValueError, ("infinite", "column 1", "row 3")))(
    lambda: given(exog=spoiled(np.inf), missing="drop")
)
case(B, "-inf in X where y agrees", Refused(MissingValueError, ("infinite", "column 1", "row")))(
    lambda: given(exog=spoiled(-np.inf, row=int(np.argmin(y()))))
)
case(B, "inf weight", Refused(WeightError, ("infinite", "row 3")))(lambda: sampled(w_with(np.inf)))
case(B, "None in object X", Refused(MissingValueError, ("column 1", "row 3")))(
    lambda: given(exog=spoiled(None))
)


def offset_with(value):
    values = np.linspace(-1, 1, N)
    values[3] = value
    return values


case(B, "NaN in offset", Refused(MissingValueError, ("offset", "row 3")))(
    lambda: given(offset=offset_with(np.nan))
)


@case(B, "NaN in offset", Right(), "dropped")
def _():
    kept_X, kept_y, kept_o = without(3, X(), y(), offset_with(0.0))
    right = solved(kept_X, kept_y, offset=kept_o)
    return given(right, offset=offset_with(np.nan), missing="drop")


case(B, "offset inf", Refused(MissingValueError, ("offset", "infinite", "row 3")))(
    lambda: given(offset=offset_with(np.inf))
)

# -------------------------------------------------------------------------------- C shape/index

C = "C shape/index"
SHUFFLED = np.random.default_rng(0).permutation(N)


def labeled(columns=("const", "x1", "x2"), index=LABELS):
    return pd.DataFrame(X(), columns=columns, index=index)


def shuffled(values):
    return pd.Series(values, index=LABELS).iloc[SHUFFLED]


def labeled_case(right=None, endog=None, **options):
    endog = pd.Series(y(), index=LABELS) if endog is None else endog
    return given(right, endog=endog, exog=labeled(), **options)


case(C, "weights Series, permuted index (aligned by label is the truth)", Right())(
    lambda: labeled_case(weighted(), sampling_weights=shuffled(w()))
)
case(C, "y Series, permuted index", Refused(DesignError, ("not aligned", "reindex")))(
    lambda: labeled_case(endog=shuffled(y()))
)
case(C, "y Series, disjoint index", Refused(DesignError, ("not aligned",)))(
    lambda: labeled_case(endog=pd.Series(y(), index=np.arange(100, 100 + N)))
)
case(C, "offset Series, permuted index", Right())(
    lambda: labeled_case(
        solved(X(), y(), offset=np.linspace(-1, 1, N)), offset=shuffled(np.linspace(-1, 1, N))
    )
)
case(C, "weights shorter by 1", Refused(WeightError, ("39 entries", "40 rows")))(
    lambda: sampled(w()[:-1])
)
case(
    C, "weights scalar 2.0", Refused(WeightError, ("sampling_weights", "2.0", "one entry per row"))
)(lambda: sampled(2.0))
case(C, "weights (n,n)", Refused(WeightError, ("40 columns", "one")))(lambda: sampled(np.eye(N)))
case(C, "weights empty array", Refused(WeightError, ("0 entries", "40 rows")))(
    lambda: sampled(np.array([]))
)
case(C, "X 1-d", Right())(lambda: given(solved(X()[:, [1]], y()), exog=X()[:, 1]))
case(C, "X 3-d", Refused(DesignError, ("3 dimensions", "rows and columns")))(
    lambda: given(exog=X()[:, :, None])
)


@case(C, "MultiIndex rows", Right())
def _():
    index = pd.MultiIndex.from_product([range(N // 2), ["u", "v"]])
    weights = pd.Series(w(), index=index).iloc[SHUFFLED]
    endog = pd.Series(y(), index=index)
    return given(weighted(), endog=endog, exog=labeled(index=index), sampling_weights=weights)


@case(C, "MultiIndex columns", Right())
def _():
    columns = pd.MultiIndex.from_tuples([("const", ""), ("x", "1"), ("x", "2")])
    return given(plain(), endog=pd.Series(y(), index=LABELS), exog=labeled(columns))


@case(C, "mixed int/str column names", Right())
def _():
    return given(plain(), endog=pd.Series(y(), index=LABELS), exog=labeled(("const", 1, "x2")))


case(C, "empty (n=0)", Refused(OutcomeError, ("empty", "rows")))(
    lambda: given(endog=np.array([]), exog=np.empty((0, 3)))
)
case(C, "p=0", Refused(DesignError, ("no columns",)))(lambda: given(exog=np.empty((N, 0))))
case(C, "n < p", Refused(DesignError, ("rank deficient", 'aliased="drop"')))(
    lambda: given(endog=y()[:5], exog=np.random.default_rng(1).normal(size=(5, 8)))
)

# -------------------------------------------------------------------------------------- D endog

D = "D endog"

case(D, "y in {-1,1}", Refused(OutcomeError, ("-1", "event=1")))(lambda: given(endog=2 * y() - 1))
case(D, "y in {-1,1}", Right(), "event named")(lambda: outcome(2 * y() - 1, event=1))
case(D, "y in {0,100}", Refused(OutcomeError, ("event=100",)))(lambda: given(endog=100 * y()))
case(D, "y in {0,100}", Right(), "event named")(lambda: outcome(100 * y(), event=100))


@case(D, "y fractions with trials as weights", Right())
def _():
    trials = 1 + np.arange(N) % 5
    shares = (np.arange(N) * 3 % 7 % (trials + 1)) / trials
    # A quasi-likelihood: robust, over as many cases as there are trials.
    right = solved(X(), shares, np.ones(N), counts=trials)
    return given(right, endog=shares, freq_weights=trials)


case(D, "y = 1+1e-12 noise", Refused(OutcomeError, ("row", "rounding", "numpy.rint")))(
    lambda: given(endog=y() * (1 + 1e-12))
)
case(D, "y all ones", Refused(OutcomeError, ("only the class 1", "both classes")))(
    lambda: given(endog=np.ones(N))
)
case(D, "y three classes 0/1/2", Refused(OutcomeError, ("3 labels", "0, 1, 2")))(
    lambda: given(endog=np.arange(N) % 3)
)
case(
    D, "single class after zero weights", Refused(OutcomeError, ("only the class 1", "weight zero"))
)(lambda: sampled(y()))
