"""Bad inputs of the array interface: types, missing values, shapes, outcomes, weights, designs."""

from decimal import Decimal

import numpy as np
import pandas as pd

from tests.contracts.bad_inputs import (
    LABELS,
    Answer,
    Book,
    Flagged,
    Given,
    N,
    Refused,
    Right,
    RightOrRefused,
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
    ConvergenceWarning,
    DesignError,
    InferenceWarning,
    MissingValueError,
    OutcomeError,
    SeparationWarning,
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

# ------------------------------------------------------------------------------------ E weights

E = "E weights"


@case(E, "one negative weight", Refused(WeightError, ("row 3", "-1", "negative")))
def _():
    return sampled(w_with(-1.0))


case(E, "weights sum to zero", Refused(WeightError, ("row 1", "negative")))(
    lambda: sampled(np.where(np.arange(N) % 2 == 0, 1.0, -1.0))
)
case(E, "all zero weights", Refused(WeightError, ("all zero",)))(lambda: sampled(np.zeros(N)))
GONE = solved(*without(3, X(), y(), w()))
case(E, "zero-weight row holds NaN in X", Refused(MissingValueError, ("column 1", "row 3")))(
    lambda: sampled(w_with(0.0), exog=spoiled(np.nan))
)
case(E, "zero-weight row holds NaN in X", Right(), "dropped")(
    lambda: sampled(w_with(0.0), GONE, exog=spoiled(np.nan), missing="drop")
)
case(
    E, "zero-weight row holds X=1e308", RightOrRefused(1e-9, DesignError, ("column 1", "rescale"))
)(lambda: sampled(w_with(0.0), GONE, exog=spoiled(1e308)))


@case(E, "weight range 1e-10..1e10", Right(1e-7))
def _():
    weights = 10.0 ** np.random.default_rng(3).uniform(-10, 10, N)
    return sampled(weights, exact(X(), y(), weights))


for name, factor in (
    ("weights all 1e-300", 1e-300),
    ("weights scaled by 1e-12", 1e-12),
):
    case(E, name, Right())(lambda factor=factor: sampled(w() * factor, weighted()))
case(E, "weights all 1e-300", Right(), "constant")(
    lambda: sampled(np.full(N, 1e-300), solved(X(), y(), np.ones(N)))
)
case(E, "weights all 1e307 (sum overflows)", Refused(WeightError, ("1.8e308", "divide")))(
    lambda: sampled(np.full(N, 1e307))
)
case(E, "weights numeric strings", Refused(WeightError, ("row 0", "to_numeric")))(
    lambda: sampled([str(v) for v in w()])
)
case(E, "weights non-numeric strings", Refused(WeightError, ("row 0", "'heavy'")))(
    lambda: sampled(["heavy"] * N)
)
counts = np.arange(N) % 20 + 1
for name, values in {
    "weights int": counts,
    "weights uint8 (sum > 255)": counts.astype(np.uint8),
    "weights float32": counts.astype(np.float32),
    "weights Decimal": [Decimal(int(v)) for v in counts],
    "weights pandas Int64": pd.array(counts, dtype="Int64"),
    "weights list": counts.tolist(),
}.items():
    for role in ("sampling_weights", "freq_weights"):
        meaning = {"w" if role == "sampling_weights" else "counts": counts}
        case(E, name, Right(), role)(
            lambda values=values, role=role, meaning=meaning: given(
                solved(X(), y(), **meaning), **{role: values}
            )
        )


@case(E, "weights pandas Int64 with NA", Refused(WeightError, ("row 3", "missing")))
def _():
    values = pd.array(counts, dtype="Int64")
    values[3] = pd.NA
    return sampled(values)


case(E, "weights complex", Refused(WeightError, ("complex",)))(lambda: sampled(w() + 0j))
case(E, "weights datetime", Refused(WeightError, ("dates",)))(
    lambda: sampled(pd.to_datetime(w() * 1e9))
)
case(
    E, "weights dict by class {0:1,1:3}", Refused(WeightError, ("mapping", "class_weight={label"))
)(lambda: sampled({0: 1, 1: 3}))
case(
    E, "fractional freq_weights (0.5)", Refused(WeightError, ("row 0", "0.5", "sampling_weights="))
)(lambda: given(freq_weights=np.full(N, 0.5)))
case(E, "class_weight dict missing a class", Refused(WeightError, ("label 1",)))(
    lambda: given(class_weight={0: 2.0})
)
case(E, "class_weight only unknown class 7", Refused(WeightError, ("key 7", "0, 1")))(
    lambda: given(class_weight={7: 2.0})
)
case(E, "class_weight negative", Refused(WeightError, ("label 1", "-3", "positive")))(
    lambda: given(class_weight={0: 1, 1: -3})
)
case(E, "class_weight zero for one class", Refused(WeightError, ("label 0", "positive", "rows")))(
    lambda: given(class_weight={0: 0, 1: 1})
)
TRIPLED = solved(X(), y(), np.where(y() == 1, 3.0, 1.0))
case(E, "class_weight string labels, y strings", Right())(
    lambda: given(TRIPLED, endog=words.copy(), class_weight={"no": 1, "yes": 3})
)
case(E, "class_weight bool keys, y bool", Right())(
    lambda: given(TRIPLED, endog=y() == 1, class_weight={False: 1, True: 3})
)


@case(E, "class_weight='balanced' with zero sample weights (ignores sample_weight?)", Right())
def _():
    weights = np.where(np.arange(N) % 4 == 0, 0.0, w())
    masses = [weights[y() == label].sum() for label in (0, 1)]
    factors = weights.sum() / (2 * np.where(y() == 1, masses[1], masses[0]))
    coef = solved(X(), y(), weights * factors).coef
    # The weights are estimated, and the standard errors know it: laws and R have those.
    return sampled(weights, Answer(coef, None), class_weight="balanced")


# ------------------------------------------------------------------------------------- F design

F = "F design"


def with_column(column):
    return np.column_stack([X(), column])


REDUNDANT = {
    "duplicate column": (lambda: with_column(X()[:, 1]), ("x3 = 1 x1",)),
    "exact linear combination": (
        lambda: with_column(X()[:, 1] - 2 * X()[:, 2]),
        ("x3 = ", "x1", "x2"),
    ),
    "all-zero column": (lambda: with_column(np.zeros(N)), ("x3 = 0",)),
}
for name, (values, message) in REDUNDANT.items():
    case(F, name, Refused(DesignError, ("rank deficient", *message, 'aliased="drop"')))(
        lambda values=values: given(exog=values())
    )


def close_to_collinear():
    noise = np.random.default_rng(8).choice([-1.0, 1.0], N)
    return with_column(X()[:, 1] + 1e-9 * noise)


case(F, "near collinear 1e-9", Right(1e-4))(
    lambda: design(close_to_collinear(), exact(close_to_collinear(), y()))
)


def separated(direction=None, *, tied=False):
    direction = X()[:, 1] if direction is None else direction
    values = (direction > np.median(direction)).astype(float)
    if tied:
        # One value of the covariate on both sides of the threshold.
        order = np.argsort(direction)
        direction[order[N // 2]] = direction[order[N // 2 - 1]]
    return values


def is_undefined(*columns):
    """NaN exactly for these coefficients, in everything that infers."""

    def holds(results):
        expected = np.isin(np.arange(len(results.params)), columns)
        assert not results.converged
        for part in (results.bse, results.pvalues, results.tvalues, np.diag(results.cov_HC3)):
            assert (np.isnan(np.asarray(part)) == expected).all()

    return holds


case(
    F,
    "perfect separation, weighted",
    Flagged(SeparationWarning, ("complete separation", "x1 to +infinity"), is_undefined(0, 1, 2)),
)(lambda: sampled(w(), endog=separated()))


@case(
    F,
    "quasi separation (one tied point)",
    Flagged(SeparationWarning, ("quasi-complete", "x1 to +infinity"), is_undefined(0, 1)),
)
def _():
    direction = X()[:, 1].copy()
    values = separated(direction, tied=True)
    return sampled(w(), endog=values, exog=np.column_stack([np.ones(N), direction]))


@case(
    F,
    "separation induced by zero weights",
    Flagged(SeparationWarning, ("separation", "x1 to +infinity")),
)
def _():
    agrees = y() == (X()[:, 1] > 0)
    return sampled(np.where(agrees, w(), 0.0))


@case(F, "overlap carried by weight 1e-9 (finite MLE)", Right(1e-9, InferenceWarning))
def _():
    direction = np.sort(X()[:, 1])
    values = (np.arange(N) >= N // 2).astype(float)
    weights = np.ones(N)
    values[0], weights[0] = 1.0, 1e-9
    exog = np.column_stack([np.ones(N), direction])
    # Two rows have leverage one, where HC3 is a matter of definition.
    right = Answer(exact(exog, values, weights).coef, None)
    return sampled(weights, right, endog=values, exog=exog)


for name, factor in {
    "column scaled by 1e-20": 1e-20,
    "column scaled by 1e8": 1e8,
    "column scaled by 1e20": 1e20,
}.items():
    case(F, name, Right())(
        lambda factor=factor: design(X() * [1, factor, 1], plain().rescaled([1, factor, 1]))
    )
# Their variances are beyond the range of floats, though their standard errors are not.
for name, factor in {"column scaled by 1e-160": 1e-160, "column scaled by 1e300": 1e300}.items():
    case(F, name, RightOrRefused(1e-9, DesignError, ("column 1", "rescale")))(
        lambda factor=factor: design(X() * [1, factor, 1], plain().rescaled([1, factor, 1]))
    )
case(F, "columns 1e-8 and 1e8", Right())(
    lambda: design(X() * [1, 1e-8, 1e8], plain().rescaled([1, 1e-8, 1e8]))
)
case(F, "large mean: 1e9 + x", Right(1e-8))(
    lambda: design(X() + np.array([0, 1e9, 0]), exact(X() + np.array([0, 1e9, 0]), y()))
)


@case(F, "year and year^2 (1990..2029)", Right(1e-7))
def _():
    year = 1990.0 + np.arange(N)
    years = np.column_stack([np.ones(N), year, year**2])
    return design(years, exact(years, y()))


def moved(answer, shift):
    """The answer after the constant took up an offset."""
    return Answer(answer.coef + np.array([shift, 0, 0]), answer.bse)


case(F, "offset +-800 (exp overflow)", Flagged(ConvergenceWarning, ("failed to converge",)))(
    lambda: given(offset=np.where(y() == 1, 800.0, -800.0))
)
case(F, "offset -800 for all (finite MLE const=+800)", Right())(
    lambda: given(moved(plain(), 800.0), offset=np.full(N, -800.0))
)


@case(F, "rare events 2 of 40", Right())
def _():
    values = np.zeros(N)
    values[[7, 21]] = 1.0
    return given(solved(X(), values), endog=values)
