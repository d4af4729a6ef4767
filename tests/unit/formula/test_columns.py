"""Columns as the formula reads them."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import patsy
import pytest

from wlogit import DesignError
from wlogit.formula import building
from wlogit.formula.api import weighted_logit

KEPT_AS_OBJECTS = {
    "integers": lambda x: x.astype(object),
    "decimals": lambda x: x.map(lambda value: Decimal(int(value))),
    "mixed numbers": lambda x: x.astype(object).where(x > 1, x.astype(float)),
    "decimals and fractions": lambda x: x.map(Decimal).where(x > 1, x.map(Fraction)),
    "decimals and floats": lambda x: x.map(Decimal).where(x > 1, x.astype(float)),
}


@pytest.mark.parametrize("kept", KEPT_AS_OBJECTS)
def test_numbers_kept_as_objects_are_numbers(kept):
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "x": np.arange(30) % 7})
    objects = data.assign(x=KEPT_AS_OBJECTS[kept](data["x"]))
    expected, found = (weighted_logit("y ~ x", each).fit(disp=False) for each in (data, objects))
    assert list(found.params.index) == ["Intercept", "x"]
    np.testing.assert_array_equal(found.params, expected.params)
    np.testing.assert_array_equal(found.predict(objects), expected.predict(data))
    assert weighted_logit("y ~ C(x)", objects.iloc[:7]).exog_names[1].startswith("C(x)[T.1")


def test_a_missing_number_among_objects_is_a_missing_row():
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "x": np.arange(30) % 7})
    objects = data.assign(x=data["x"].astype(object).where(data.index != 3, None))
    results = weighted_logit("y ~ x", objects).fit(disp=False)
    expected = weighted_logit("y ~ x", data.drop(index=3)).fit(disp=False)
    np.testing.assert_allclose(results.params, expected.params, rtol=1e-12)


@pytest.mark.parametrize("coding", ["C(g)", "C(g, Sum)", "C(g):x", "C(s, Treatment('b'))"])
def test_patsy_does_not_walk_along_categories(coding, monkeypatch):
    rng = np.random.default_rng(0)
    n = 20_000
    data = pd.DataFrame(
        {
            "y": rng.integers(0, 2, n),
            "g": rng.integers(0, 4, n),
            "s": rng.choice(["a", "b"], n),
            "x": rng.normal(size=n),
        }
    )

    def walked(*_given):
        raise AssertionError

    monkeypatch.setattr(building, "categorical_to_int", walked)
    model = weighted_logit(f"y ~ {coding}", data)
    expected = patsy.dmatrix(coding, data)
    assert model.exog_names == expected.design_info.column_names
    np.testing.assert_array_equal(model.exog, expected)


SMALL = ["uint8", "int8", "int16", "uint16", "int32", "uint32", "uint64", "float16", "UInt8"]


@pytest.mark.parametrize("dtype", SMALL)
@pytest.mark.parametrize("term", ["I(x - 3)", "I((20 * x) ** 4)", "np.log(x + 1)", "I(-x)"])
def test_arithmetic_of_small_types_is_that_of_large_ones(dtype, term):
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "x": np.arange(30) % 7})
    expected = weighted_logit(f"y ~ {term}", data).exog[:, 1]
    np.testing.assert_array_equal(
        weighted_logit(f"y ~ {term}", data.astype({"x": dtype})).exog[:, 1], expected
    )
    fitted = weighted_logit(f"y ~ {term}", data).fit(disp=False)
    np.testing.assert_array_equal(fitted.predict(data.astype({"x": dtype})), fitted.predict(data))


@pytest.mark.parametrize("dtype", ["int64", "Int64", "uint64", "UInt64", "object"])
def test_large_labels_are_told_apart(dtype):
    label = 2**60 + np.arange(30) % 3
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "label": label}).astype({"label": dtype})
    names = weighted_logit("y ~ C(label)", data).exog_names
    assert names[1:] == [f"C(label)[T.{2**60 + 1}]", f"C(label)[T.{2**60 + 2}]"]


def test_large_labels_beside_missing_ones_are_refused_if_they_would_collapse():
    label = pd.Series(2**60 + np.arange(30) % 3, dtype="Int64")
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "label": label.mask(label.index == 4)})
    with pytest.raises(DesignError, match="'label' has missing entries beside whole numbers"):
        weighted_logit("y ~ C(label)", data)
    named = data.assign(label=data["label"].astype("string"))
    assert len(weighted_logit("y ~ C(label)", named).exog_names) == 3


@pytest.mark.parametrize("term", ["g", "C(g)"])
@pytest.mark.parametrize("dtype", ["string", "category", "object"])
def test_missing_text_is_a_missing_row(term, dtype):
    text = pd.Series(["a", "b", "c"] * 10, dtype="string")
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "g": text.mask(text.index == 4)})
    model = weighted_logit(f"y ~ {term}", data.astype({"g": dtype}))
    assert model.exog.shape == (29, 3)
    assert [name[-2] for name in model.exog_names[1:]] == ["b", "c"]


DATES = {
    "dates": [dt.date(2020, 1, 1 + day % 3) for day in range(30)],
    "periods": pd.period_range("2020-01", periods=30, freq="M"),
    "times": pd.date_range("2020-01-01", periods=30),
}


@pytest.mark.parametrize("kind", DATES)
def test_dates_of_any_type_are_no_numbers(kind):
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "when": DATES[kind]})
    with pytest.raises(DesignError, match="'when' holds dates or times"):
        weighted_logit("y ~ when", data)


def test_a_difference_of_dates_has_a_unit():
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "when": DATES["times"]})
    start = pd.Timestamp("2020-01-01")
    with pytest.raises(DesignError, match="divide a difference by its unit"):
        weighted_logit("y ~ I(when - start)", data)
    days = weighted_logit("y ~ I((when - start) / np.timedelta64(1, 'D'))", data).exog[:, 1]
    np.testing.assert_array_equal(days, np.arange(30.0))
    assert start in data["when"].to_numpy()


@pytest.mark.parametrize("term", ["center(x)", "standardize(x)", "bs(x, df=4)"])
def test_a_transform_that_saw_missing_values_is_named(term):
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "x": np.arange(30.0) % 7})
    data.loc[3, "x"] = np.nan
    with pytest.raises(DesignError, match="learns from all rows of a column that has missing"):
        weighted_logit(f"y ~ {term}", data)
    complete = weighted_logit(f"y ~ {term}", data.dropna(subset=["x"]))
    assert complete.exog.shape[0] == 29


def table(**columns):
    """Thirty rows with both outcomes in every level of g."""
    g = np.array(["a", "b", "nan"])[np.arange(30) % 3]
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0, 1, 0, 0, 1] * 3, "x": np.arange(30) % 7 + 0.5})
    return data.assign(g=g, **columns)


@pytest.mark.parametrize("written", ["g", "C(g)", "Q('g')", "C(Q('g'))"])
@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_the_text_nan_is_a_label(written, dtype):
    data = table()
    other = data.assign(g=data["g"].replace("nan", "z"))
    expected = weighted_logit("y ~ g + x", other).fit(disp=False)
    results = weighted_logit(f"y ~ {written} + x", data.astype({"g": dtype})).fit(disp=False)
    np.testing.assert_allclose(results.params, expected.params, rtol=1e-12)
    np.testing.assert_allclose(
        results.predict(data.astype({"g": dtype})), expected.predict(other), rtol=1e-12
    )


@pytest.mark.parametrize("written", ["g", "C(g)", "Q('g')"])
@pytest.mark.parametrize("marker", [None, np.nan, pd.NA])
def test_a_missing_label_of_a_new_row_leaves_its_prediction_missing(written, marker):
    data = table()
    results = weighted_logit(f"y ~ {written}", data).fit(disp=False)
    new = data.iloc[:4].assign(g=pd.Series(["a", marker, "b", "nan"], dtype=object))
    predicted = results.predict(new)
    assert list(predicted.isna()) == [False, True, False, False]
    np.testing.assert_array_equal(predicted.iloc[[0, 2, 3]], results.predict(data).iloc[[0, 1, 2]])


@pytest.mark.parametrize("name", ["C", "np", "center"])
def test_a_column_with_the_name_of_a_function_may_be_there(name):
    data = table(k=np.arange(30) % 4)
    formula = "y ~ C(k) + np.exp(x / 4) + center(x)"
    expected = weighted_logit(formula, data).fit(disp=False)
    named = data.assign(**{name: 1.5 * data["x"] ** 2})
    results = weighted_logit(formula, named).fit(disp=False)
    np.testing.assert_array_equal(results.params, expected.params)
    np.testing.assert_array_equal(results.predict(named.iloc[:5]), expected.predict(data.iloc[:5]))
    read = weighted_logit(f"y ~ {name} + x", named).fit(disp=False)
    again = weighted_logit("y ~ I(1.5 * x**2) + x", data).fit(disp=False)
    np.testing.assert_allclose(read.params, again.params, rtol=1e-9)


def test_a_backtick_in_a_name_is_a_sign_like_others():
    data = table().rename(columns={"x": "`x`"})
    results = weighted_logit("y ~ Q('`x`')", data).fit(disp=False)
    expected = weighted_logit("y ~ x", table()).fit(disp=False)
    np.testing.assert_array_equal(results.params, expected.params)


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint8", "uint64", "float16", "float32", ">i2"])
def test_arithmetic_of_a_formula_is_in_64_bits(dtype):
    """100 ** 2 in eight bits is 16, and 3 - 5 without a sign is large."""
    values = (np.arange(30) * 7) % 100
    small = table(z=values.astype(dtype))
    formula = "y ~ I(z ** 2 / 1000) + I(z - 5) + np.exp(z / 200)"
    expected = weighted_logit(formula, table(z=values.astype(np.int64))).fit(disp=False)
    results = weighted_logit(formula, small).fit(disp=False)
    np.testing.assert_allclose(results.model.exog, expected.model.exog, rtol=1e-15)
    np.testing.assert_allclose(results.params, expected.params, rtol=1e-9)
    np.testing.assert_allclose(results.predict(small), expected.predict(), rtol=1e-9)


TYPES = {
    "dates of a zone": lambda k: pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(k, "D"),
    "periods": lambda k: pd.PeriodIndex(
        pd.Timestamp("2020-01-01") + pd.to_timedelta(k, "D"), freq="D"
    ),
    "intervals": lambda k: pd.arrays.IntervalArray.from_arrays(k, k + 1),
    "sparse text": lambda k: pd.arrays.SparseArray(np.array(list("abc"), dtype=object)[k]),
    "sparse numbers": pd.arrays.SparseArray,
}


@pytest.mark.parametrize("name", TYPES)
def test_columns_of_the_types_of_pandas_are_categories(name):
    k = np.arange(30) % 3
    data = table(k=k, t=TYPES[name](k))
    expected = weighted_logit("y ~ C(k)", data).fit(disp=False)
    results = weighted_logit("y ~ C(t)", data).fit(disp=False)
    np.testing.assert_array_equal(results.params, expected.params)
    np.testing.assert_array_equal(results.predict(data), expected.predict(data))


def test_big_endian_columns_may_be_selected_from():
    data = table(w=1.0 + np.arange(30) % 4)
    swapped = data.assign(x=data["x"].astype(">f8"), w=data["w"].astype(">f8"))
    types = list(swapped.dtypes)
    some = data["x"] > 1.0
    weights = {"sampling_weights": swapped["w"].set_axis(swapped.index)}
    expected = weighted_logit("y ~ x", data, subset=some, sampling_weights="w").fit(disp=False)
    results = weighted_logit("y ~ x", swapped, subset=some, **weights).fit(disp=False)
    np.testing.assert_array_equal(results.params, expected.params)
    assert list(swapped.dtypes) == types


def test_fractions_kept_as_objects_are_numbers():
    from fractions import Fraction

    data = table()
    kept = data.assign(x=[Fraction(value) for value in data["x"]])
    expected, found = (weighted_logit("y ~ x", each).fit(disp=False) for each in (data, kept))
    assert list(found.params.index) == ["Intercept", "x"]
    np.testing.assert_array_equal(found.params, expected.params)
