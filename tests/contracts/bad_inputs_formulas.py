"""Bad inputs of the formula interface."""

from dataclasses import replace

import numpy as np
import pandas as pd
import patsy
from numpy.testing import assert_allclose, assert_array_equal

from tests.contracts.bad_inputs import (
    Book,
    Flagged,
    Given,
    Holds,
    N,
    Refused,
    Right,
    X,
    frame,
    plain,
    refuses,
    solved,
    w,
    weighted,
    without,
    y,
)
from wlogit import (
    DataWarning,
    DesignError,
    MissingValueError,
    OutcomeError,
    SeparationWarning,
    WeightError,
)
from wlogit.formula.api import weighted_logit

case = Book()
I = "I formula"  # noqa: E741  the name of the group
LINEAR = "y ~ x1 + x2"


def given(expected=None, formula=LINEAR, data=None, **options):
    return Given(
        {"formula": formula, "data": frame() if data is None else data, **options}, expected
    )


def with_missing_x(index=None):
    data = frame(index)
    data.iloc[3, 0] = np.nan
    return data


def indicators(rows=slice(None)):
    """Design of ``y ~ g``."""
    levels = frame()["g"].to_numpy()
    return np.column_stack([np.ones(N), levels == "b", levels == "c"]).astype(float)[rows]


GONE = solved(*without(3, X(), y(), w()))

# -------------------------------------------------------------------------------- missing values

case(I, "NA row in x, weights by column", Right())(
    lambda: given(GONE, data=with_missing_x(), sampling_weights="w")
)
case(I, "NA row in x, weights Series full length", Right())(
    lambda: given(
        GONE, data=with_missing_x(), sampling_weights=pd.Series(w()).sample(frac=1, random_state=1)
    )
)
case(
    I,
    "NA row in x, weights array of complete-case length",
    Refused(WeightError, ("39 entries", "40 rows", "before subset and missing rows")),
)(lambda: given(data=with_missing_x(), sampling_weights=w()[:-1]))
FILTERED = range(10, 10 + N)
case(I, "NA row in x, filtered frame index (10..), weights Series", Right())(
    lambda: given(
        GONE, data=with_missing_x(FILTERED), sampling_weights=pd.Series(w(), index=FILTERED)
    )
)
case(
    I,
    "NA row in x, filtered frame index (10..), weights Series",
    Refused(WeightError, ("row labels", "to_numpy()")),
    "labels of another frame",
)(lambda: given(data=with_missing_x(FILTERED), sampling_weights=pd.Series(w())))
case(I, "NA in weights column only", Refused(WeightError, ("sampling_weights", "row 3")))(
    lambda: given(
        data=frame().assign(w=frame()["w"].where(np.arange(N) != 3)), sampling_weights="w"
    )
)
case(I, "weights string column", Refused(WeightError, ("row 0", "'a'", "to_numeric")))(
    lambda: given(sampling_weights="g")
)


def dropped_are_counted(results):
    gone = int((X()[:, 1] <= 0).sum())
    assert results.weights.n_dropped == {"covariates": gone}
    assert f"{gone} covariates" in results.summary().as_text()


case(
    I, "np.log of non-positive drops rows", Flagged(RuntimeWarning, ("log",), dropped_are_counted)
)(lambda: given(formula="y ~ np.log(x1)"))
case(
    I,
    "np.log of non-positive drops rows",
    Refused(MissingValueError, ("np.log(x)", "infinite", "row 3")),
    "zero",
)(lambda: given(formula="y ~ np.log(x)", data=zero_in_row_three()))


def zero_in_row_three():
    data = frame()
    data["x"] = np.where(np.arange(N) == 3, 0.0, np.exp(data["x1"]))
    return data


# ------------------------------------------------------------------------------------- outcomes

case(I, "bool endog", Right())(lambda: given(plain(), data=frame().assign(y=y() == 1)))
case(I, "string endog yes/no", Right())(
    lambda: given(plain(), data=frame().assign(y=np.where(y() == 1, "yes", "no")))
)
case(I, "three-level string endog", Refused(OutcomeError, ("'g'", "3 labels", "'a', 'b', 'c'")))(
    lambda: given(formula="g ~ x1")
)
case(I, "Int64 endog with NA", Right())(
    lambda: given(
        solved(*without(3, X(), y())),
        data=frame().assign(y=pd.Series(y(), dtype="Int64").where(np.arange(N) != 3)),
    )
)

# ---------------------------------------------------------------------------------------- names

case(I, 'Q("weird name %")', Right())(
    lambda: given(
        plain(), 'y ~ Q("weird name %") + x2', frame().rename(columns={"x1": "weird name %"})
    )
)
case(I, "backticked `weird name`", Refused(DesignError, ("backticks", 'Q("weird name")')))(
    lambda: given(formula="y ~ `weird name` + x2", data=frame().assign(**{"weird name": 1.0}))
)
case(I, "column named np", Right())(
    lambda: given(plain(), "y ~ np + x2", frame().rename(columns={"x1": "np"}))
)
case(I, "column named Intercept", Refused(DesignError, ("'Intercept'", "rename")))(
    lambda: given(formula="y ~ Intercept + x2", data=frame().assign(Intercept=X()[:, 1]))
)
case(I, "column named Intercept", Right(), "unused")(
    lambda: given(plain(), data=frame().assign(Intercept=5.0))
)
case(I, "unknown column", Refused(patsy.PatsyError, ("x9",)))(lambda: given(formula="y ~ x1 + x9"))


@case(
    I,
    "variable from caller scope shadows missing column",
    Flagged(DataWarning, ("'outside'", "not a column", "by position")),
)
def _():
    outside = np.linspace(-1.0, 1.0, N)
    around = patsy.EvalEnvironment([{"outside": outside}])
    return replace(given(formula="y ~ x1 + outside"), around=around)


case(I, "empty formula", Refused(OutcomeError, ("~", "y ~ x")))(lambda: given(formula=""))
for variant, formula, words in (
    ("unclosed", "y ~ x1 + (x2", ("Unmatched '('",)),
    ("operators", "y ~ x1 ++* x2", ("expected a noun",)),
    ("nothing after the tilde", "y ~", ("expected a noun",)),
):
    case(I, "syntax error", Refused(patsy.PatsyError, words), variant)(
        lambda formula=formula: given(formula=formula)
    )
case(
    I, "syntax error", Refused((patsy.PatsyError, DesignError, OutcomeError), ("y x1",)), "no tilde"
)(lambda: given(formula="y x1"))

# ----------------------------------------------------------------------------------- predictors

case(I, "unused category level", Refused(DesignError, ("g[T.z] = 0", 'aliased="drop"')))(
    lambda: given(
        formula="y ~ g", data=frame().assign(g=pd.Categorical(frame()["g"], categories=[*"abcz"]))
    )
)
case(I, "unused category level", Right(), "dropped")(
    lambda: given(
        solved(indicators(), y()),
        "y ~ g",
        frame().assign(g=pd.Categorical(frame()["g"], categories=[*"abcz"])),
        aliased="drop",
    )
)
for dtype in ("string", object):
    case(I, "pandas string dtype predictor with NA", Right(), str(dtype))(
        lambda dtype=dtype: given(
            solved(*without(3, indicators(), y())),
            "y ~ g",
            frame().assign(g=frame()["g"].astype(dtype).where(np.arange(N) != 3, None)),
        )
    )
case(I, "pandas boolean predictor", Right())(
    lambda: given(
        solved(np.column_stack([np.ones(N), X()[:, 1] > 0]), y()),
        "y ~ b",
        frame().assign(b=pd.array(X()[:, 1] > 0, dtype="boolean")),
    )
)
for variant, dates in {
    "all different": pd.date_range("2020-01-01", periods=N),
    "four dates": pd.to_datetime(np.arange(N) % 4, unit="D"),
    "durations": pd.to_timedelta(np.arange(N), unit="D"),
}.items():
    case(I, "datetime predictor", Refused(DesignError, ("'t'",)), variant)(
        lambda dates=dates: given(formula="y ~ t", data=frame().assign(t=dates))
    )
case(I, "data is a dict", Right())(
    lambda: given(plain(), data={name: frame()[name].to_numpy() for name in ("y", "x1", "x2")})
)
case(I, "data is a dict", Right(), "of lists, with weights")(
    lambda: given(
        weighted(),
        data={name: frame()[name].tolist() for name in ("y", "x1", "x2", "w")},
        sampling_weights="w",
    )
)
case(I, "duplicate column names in data", Refused(DesignError, ("'x1'", "rename")))(
    lambda: given(data=pd.concat([frame(), frame()[["x1"]]], axis=1))
)


@case(
    I,
    "500-level categorical n=1000",
    Flagged(
        SeparationWarning,
        ("separation", "more (see check_separation())", "merge sparse categories"),
    ),
)
def _():
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        {"g": rng.integers(0, 500, 1000).astype(str), "y": rng.integers(0, 2, 1000)}
    )
    return given(formula="y ~ g", data=data)


# -------------------------------------------------------------------------------------- predict


def fitted(formula="y ~ x1 + g"):
    return weighted_logit(formula, frame(), class_weight="balanced").fit(disp=False)


@case(I, "predict: new data holds an unseen category", Holds())
def _():
    for formula in ("y ~ x1 + g", "y ~ x1 + C(g)", "y ~ x1 + C(g, Treatment('b'))"):
        results = fitted(formula)
        unseen = frame().iloc[:3].assign(g=["a", "never seen", "b"])
        for call in (results.predict, results.get_prediction):
            refuses(DesignError, ("never seen", "not seen"), call, unseen)
        some = frame().iloc[[4, 1]]
        assert_allclose(results.predict(some), results.predict().loc[[4, 1]], rtol=1e-13)


@case(I, "predict: new data has a missing value (row kept as NaN)", Holds())
def _():
    results = fitted()
    for column in ("x1", "g"):
        new = frame().iloc[5:9]
        new.loc[6, column] = None if column == "g" else np.nan
        predicted = results.predict(new)
        assert list(predicted.index) == [5, 6, 7, 8]
        assert list(predicted.isna()) == [False, True, False, False]
        assert_allclose(predicted.dropna(), results.predict().loc[[5, 7, 8]], rtol=1e-13)
        interval = results.get_prediction(new).summary_frame()
        assert list(interval.index) == [5, 6, 7, 8]
        assert_array_equal(interval["predicted"].isna(), predicted.isna())


@case(I, "predict: new data column order/extra columns differ", Holds())
def _():
    results = fitted()
    new = frame().iloc[:5]
    mixed = new.assign(extra="unused")[["extra", "g", "w", "x1"]]
    assert_allclose(results.predict(mixed), results.predict(new), rtol=1e-14)
