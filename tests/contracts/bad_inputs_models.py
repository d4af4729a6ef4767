"""Bad inputs of the array interface: weights and designs."""

from decimal import Decimal

import numpy as np
import pandas as pd

from tests.contracts.bad_inputs import (
    Answer,
    Book,
    Flagged,
    N,
    Refused,
    Right,
    RightOrRefused,
    X,
    exact,
    plain,
    solved,
    w,
    weighted,
    without,
    y,
)
from tests.contracts.bad_inputs_arrays import design, given, sampled, spoiled, w_with, words
from wlogit import (
    ConvergenceWarning,
    DesignError,
    InferenceWarning,
    MissingValueError,
    SeparationWarning,
    WeightError,
)

case = Book()

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
