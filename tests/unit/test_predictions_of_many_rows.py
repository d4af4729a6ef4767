"""Predictions with intervals: of new rows, of many rows, and averaged."""

import tracemalloc
from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import DesignError, WeightedLogit
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
    with pytest.raises(DesignError, match="g"):
        ask(pd.DataFrame({"x": [0.0], "h": [1]}))
    with pytest.raises(DesignError, match="x"):
        ask(pd.DataFrame({"g": ["a"], "h": [1]}))


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
