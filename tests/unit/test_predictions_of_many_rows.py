"""Predictions with intervals: of new rows, of many rows, and averaged."""

import pickle
import tracemalloc
from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import DataWarning, DesignError, MissingValueError, WeightedLogit
from wlogit.datasets import MID_PREVALENCE, load_mid
from wlogit.formula.api import weighted_logit


@cache
def data():
    rng = np.random.default_rng(4)
    n = 150
    frame = pd.DataFrame({"x": rng.normal(size=n), "o": rng.normal(0.0, 0.2, n)})
    frame["g"], frame["h"] = np.resize(["a", "b", "c"], n), np.resize([1, 2], n)
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(1 - frame["x"]))).astype(int)
    return frame


@cache
def fit(**options):
    return weighted_logit("y ~ x + g + C(h)", data(), **options).fit(disp=False)


ASKED = {
    "predict": lambda rows: fit().predict(rows),
    "get_prediction": lambda rows: fit().get_prediction(rows),
    "average": lambda rows: fit().get_prediction(rows, average=True),
    "calibrated": lambda rows: fit(class_weight="balanced").get_prediction(
        rows, which="calibrated"
    ),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_a_category_that_the_fit_has_not_seen_is_named(ask):
    with pytest.raises(DesignError, match=r"'g' has 'z' in row 'new'.*'a', 'b', 'c'"):
        ask(pd.DataFrame({"x": [0.0], "g": ["z"], "h": [1]}, index=["new"]))
    with pytest.raises(DesignError, match=r"not seen.*3"):
        ask(pd.DataFrame({"x": [0.0], "g": ["a"], "h": [3]}))


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_a_missing_column_is_named(ask):
    for gone in ("x", "g", "h"):
        row = pd.DataFrame({"x": [0.0], "g": ["a"], "h": [1]}).drop(columns=gone)
        with pytest.raises(DesignError, match=f"^the new data have no column '{gone}'"):
            ask(row)


def test_a_missing_column_is_named_by_every_member():
    gone = data().drop(columns="x")
    for member in (fit().predict, fit().get_prediction, fit().evaluate, fit().get_distribution):
        with pytest.raises(DesignError, match=r"^the new data have no column 'x'"):
            member(gone)


def test_a_quoted_column_and_one_in_a_function_are_named():
    frame = data().rename(columns={"x": "the x"})
    results = weighted_logit('y ~ Q("the x") + np.square(o)', frame).fit(disp=False)
    for gone in ("the x", "o"):
        with pytest.raises(DesignError, match=f"^the new data have no column '{gone}'"):
            results.predict(frame.drop(columns=gone))


def test_a_missing_column_is_named_after_the_data_are_gone():
    results = weighted_logit("y ~ x", data()).fit(disp=False)
    results.remove_data()
    with pytest.raises(DesignError, match="no column 'x'"):
        pickle.loads(pickle.dumps(results)).predict(data()[["o"]])


def test_names_of_the_session_are_no_columns():
    def half(values):
        return divisor(values)

    def divisor(values):
        return values / scale["of"]

    scale = {"of": 2.0}
    results = weighted_logit("y ~ half(x) + I(x ** scale['of'])", data()).fit(disp=False)
    assert_allclose(results.predict(data()[["x"]]), results.predict(), rtol=1e-12)
    restored = pickle.loads(pickle.dumps(results))
    with pytest.raises(DesignError, match=r"'half' is not defined.*session"):
        restored.predict(data()[["x"]])


def test_a_missing_column_of_an_array_design_is_named():
    results = WeightedLogit(data()["y"], data()[["x", "o"]]).fit(disp=False)
    with pytest.raises(DesignError, match="'o'"):
        results.get_prediction(data()[["x"]])


def test_a_missing_offset_is_named():
    results = weighted_logit("y ~ x", data(), offset="o").fit(disp=False)
    with pytest.raises(ValueError, match="'o'"):
        results.get_prediction(data()[["x"]])


@pytest.mark.parametrize("which", ["mean", "calibrated", "linear"])
def test_a_million_rows_have_intervals_in_bounded_memory(which):
    rng = np.random.default_rng(9)
    n, k = 1_000_000, 24
    design = np.column_stack([np.ones(n), rng.normal(size=(n, k - 1))])
    small = design[:2000]
    y = (rng.random(2000) < 1 / (1 + np.exp(1 - small[:, 1]))).astype(int)
    results = WeightedLogit(y, small, class_weight="balanced").fit(disp=False)
    tracemalloc.start()
    prediction = results.get_prediction(design, which=which)
    limits = prediction.conf_int()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Vectors of n and blocks of rows, whatever the number of columns: never a second matrix.
    assert peak < 20 * n * 8
    some = [0, 123_456, n - 1]
    few = results.get_prediction(design[some], which=which)
    assert_allclose(prediction.predicted[some], few.predicted, rtol=1e-12)
    assert_allclose(limits[some], few.conf_int(), rtol=1e-10)


@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}], ids=str)
def test_the_mean_at_a_prevalence_is_that_prevalence(options):
    """As it is of a fit that has the prevalence as its weights."""
    model = weighted_logit("conflict ~ major + contig + years", load_mid(), **options)
    results = model.fit(disp=False)
    mean = results.get_prediction(prevalence=MID_PREVALENCE, average=True).predicted[0]
    assert_allclose(mean, MID_PREVALENCE, rtol=0.1)
    weighted = weighted_logit(
        "conflict ~ major + contig + years", load_mid(), prevalence=MID_PREVALENCE
    ).fit(disp=False)
    assert_allclose(weighted.get_prediction(average=True).predicted[0], MID_PREVALENCE, rtol=1e-6)
    levels = results.get_prediction(prevalence=MID_PREVALENCE, average=True, by="contig")
    weighed = weighted.get_prediction(average=True, by="contig")
    assert_allclose(levels.predicted, weighed.predicted, rtol=0.15)


AVERAGES = {
    "plain": {},
    "by level": {"by": "g"},
    "by given numbers": {"agg_weights": "o2"},
    "linear": {"which": "linear"},
}


@pytest.mark.parametrize("asked", AVERAGES.values(), ids=AVERAGES)
def test_rows_with_a_missing_covariate_are_left_out_of_averages(asked):
    """As if they were not there, and that is said."""
    rows = data().assign(o2=data()["o"] ** 2).set_index("o", drop=False)
    holes = rows.copy()
    holes.iloc[[3, 10, 17], 0] = np.nan
    with pytest.warns(DataWarning, match=r"^3 rows are left out of the average, of 150, for miss"):
        found = fit().get_prediction(holes, average=True, **asked).summary_frame()
    expected = fit().get_prediction(holes[holes["x"].notna()], average=True, **asked)
    assert_allclose(found, expected.summary_frame(), rtol=1e-12)
    assert np.isfinite(found).all(axis=None)


def test_rows_that_do_not_count_may_be_incomplete():
    holes, mass = data().copy(), np.ones(150)
    holes.loc[4, "x"], mass[4] = np.nan, 0.0
    found = fit().get_prediction(holes, average=True, agg_weights=mass).predicted
    assert_allclose(found, np.nansum(fit().predict(holes)) / 150, rtol=1e-12)


def test_a_missing_offset_leaves_a_row_out():
    results = weighted_logit("y ~ x", data(), offset="o").fit(disp=False)
    offset = data()["o"].where(data().index != 7)
    with pytest.warns(DataWarning, match="^1 row is left out"):
        found = results.get_prediction(data(), average=True, offset=offset).predicted
    assert_allclose(found, results.predict().drop(7).mean(), rtol=1e-12)


def test_an_average_of_no_rows_is_refused():
    holes = data().assign(x=data()["x"].where(data()["g"] != "b"))
    with pytest.raises(MissingValueError, match="every row at 'b'"):
        fit().get_prediction(holes, average=True, by="g")
    with pytest.raises(MissingValueError, match="every row has a missing value"):
        fit().get_prediction(holes.assign(x=np.nan), average=True)


@pytest.mark.parametrize("seed", range(20))
def test_a_mean_that_is_known_has_no_error(seed):
    """A constant alone, moved to a prevalence: rounding is neither a variance nor a warning."""
    rng = np.random.default_rng(seed)
    results = WeightedLogit(rng.random(70) < 0.3, np.ones(70)).fit(disp=False)
    found = results.get_prediction(average=True, prevalence=0.01 + 0.98 * rng.random())
    assert found.se[0] == 0.0
    assert np.ptp(found.conf_int()) == 0.0
