"""Nested streamed fits, and streamed fits at population scale."""

import pickle
from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.unit.streaming.streams import KINDS, chunks, data, in_memory, printed, quietly, streamed
from tests.unit.streaming.test_same_numbers import assert_same_matrix
from wlogit import DesignError, NotAvailableError, OutcomeError, WeightError, compare_nested
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit


@cache
def pair(kind, formula, size=53):
    """A restricted fit of the same kind: streamed, and in memory."""
    _, options = KINDS[kind]
    model = StreamedLogit.from_formula(formula, chunks(size), **options)
    return quietly(model.fit), quietly(weighted_logit(formula, data(), **options).fit)


def assert_same_test(found, expected):
    for name in ("statistic", "df", "ddf", "pvalue", "eigenvalues"):
        ours, theirs = getattr(found, name), getattr(expected, name)
        assert_allclose(ours, theirs, rtol=1e-7, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("kind", ["none", "product", "prevalence", "offset", "fractions"])
def test_terms_are_tested_as_in_memory(kind):
    found, expected = streamed(kind, 47), in_memory(kind)
    assert_same_test(found.lr_test(["far", "g"]), expected.lr_test(["far", "g"]))
    names = list(found.model.exog_names)
    assert_same_test(found.lr_test(names), expected.lr_test(names))
    assert found.model.exog_names == names


@pytest.mark.parametrize(
    ("kind", "formula"), [("interactions", None), ("categories alone", None), ("aliased", None)]
)
def test_anova_refits_as_in_memory(kind, formula):
    found, expected = streamed(kind, 60), in_memory(kind)
    ours, theirs = (fit.anova(2, "lr") for fit in (found, expected))
    assert list(ours.index) == list(theirs.index)
    assert_allclose(ours, theirs, rtol=1e-6)
    ours, theirs = (fit.anova() for fit in (found, expected))
    assert_allclose(ours, theirs, rtol=1e-7)


@pytest.mark.parametrize(
    ("kind", "formula"),
    [
        ("product", "y ~ x + C(g == 'a')"),
        ("offset", "y ~ x"),
        ("transforms", "y ~ far + np.log(u)"),
        ("offset without constant", "y ~ 0 + I(x + 2 * far)"),
    ],
)
def test_nested_fits_are_compared_as_in_memory(kind, formula):
    smaller, smaller_in_memory = pair(kind, formula)
    if kind == "transforms":
        # Rows without x are missing from neither.
        assert smaller.nobs == in_memory(kind).nobs
    larger, expected = streamed(kind, 60), in_memory(kind)
    assert_same_test(larger.lr_test(smaller), expected.lr_test(smaller_in_memory))
    ours = compare_nested(smaller, larger)
    assert_allclose(ours, compare_nested(smaller_in_memory, expected), rtol=1e-7)
    assert smaller.dbic(larger) == pytest.approx(smaller_in_memory.dbic(expected), rel=1e-8)


def fit(formula, frame=None, **options):
    return quietly(StreamedLogit.from_formula(formula, chunks(60, frame), **options).fit)


def test_fits_that_cannot_be_compared():
    larger = fit("y ~ u + far")
    for other, error, words in (
        (fit("y ~ x"), DesignError, r"different rows: 240 here and 231 .* frame 1 is in one only"),
        (fit("y ~ o"), DesignError, "not nested"),
        (fit("flag ~ u"), OutcomeError, "other outcomes"),
        (fit("y ~ u", sampling_weights="a"), WeightError, "other sampling_weights in 240 rows"),
        (fit("y ~ u", freq_weights="m"), DesignError, "different rows"),
        (fit("y ~ u", class_weight="balanced"), WeightError, "other class weights"),
        (fit("y ~ u", data().iloc[::-1].assign(far=0.0)), None, None),
        (fit("y ~ u", data().assign(u=1.0 + data()["u"])), DesignError, "different data"),
        (fit("y ~ new", data().assign(new=data()["u"])), DesignError, "different data"),
        (in_memory("boolean"), TypeError, "StreamedLogit and one by WeightedLogit"),
        (larger, DesignError, "the same model"),
    ):
        if error is None:
            # The same sums: rows in another order are read from the source of the larger fit.
            assert larger.lr_test(other).df == 1
            continue
        with pytest.raises(error, match=words):
            larger.lr_test(other)
    twice = fit("y ~ u", data().assign(a=2.0 * data()["a"]), sampling_weights="a")
    same = fit("y ~ u + far", data().assign(b=data()["a"]), sampling_weights="b")
    with pytest.raises(DesignError, match="different data"):
        same.lr_test(twice)


def test_after_pickling_and_without_the_source(tmp_path):
    pytest.importorskip("pyarrow")
    data().to_parquet(tmp_path / "all.parquet")
    model = StreamedLogit.from_formula("y ~ u + far", tmp_path / "all.parquet")
    found = pickle.loads(pickle.dumps(model.fit(disp=False)))
    expected = weighted_logit("y ~ u + far", data()).fit(disp=False)
    assert_same_test(found.lr_test("far"), expected.lr_test("far"))
    found.remove_data()
    for restricted in ("far", found):
        with pytest.raises(NotAvailableError, match="source of this fit is gone"):
            found.lr_test(restricted)


# ------------------------------------------------------------------------ population scale


@pytest.mark.parametrize("kind", ["balanced", "product", "labels", "counts", "implicit constant"])
def test_calibrated_results_are_those_in_memory(kind):
    found, expected = (fit.calibrated() for fit in (streamed(kind, 47), in_memory(kind)))
    assert_allclose(found.params, expected.params, rtol=1e-10, atol=1e-12)
    assert_same_matrix(found.cov_params(), expected.cov_params())
    ours, theirs = (printed(fit).partition("Notes")[0] for fit in (found, expected))
    assert ours == theirs
    new = data().dropna().iloc[5:40]
    assert_allclose(found.predict(new), expected.predict(new), rtol=1e-9)
    ours, theirs = (fit.get_prediction(new).summary_frame() for fit in (found, expected))
    assert_allclose(ours, theirs, rtol=1e-8)
    ours, theirs = (fit.with_covariance("HC1") for fit in (found, expected))
    assert_same_matrix(ours.cov_params(), theirs.cov_params())
    assert type(ours._results) is type(found._results)
    assert_allclose(found.uncalibrated.params, streamed(kind, 47).params)
    ours, theirs = (fit.get_margeff().summary_frame() for fit in (found, expected))
    assert_allclose(ours, theirs, rtol=1e-7, atol=1e-12)


def test_calibrated_predictions_of_all_rows(tmp_path):
    pytest.importorskip("pyarrow")
    import pandas as pd

    found = streamed("balanced", 47)
    found.calibrated().predict_to_parquet(tmp_path / "a.parquet")
    found.predict_to_parquet(tmp_path / "b.parquet", which="calibrated")
    ours, theirs = (pd.read_parquet(tmp_path / name) for name in ("a.parquet", "b.parquet"))
    assert_allclose(ours, theirs, rtol=1e-12)


def test_what_has_no_class_weights_is_at_population_scale():
    found = streamed("sampling", 60)
    assert found.calibrated()._results is found._results
    without = fit("y ~ 0 + x + far", class_weight="balanced")
    with pytest.raises(NotAvailableError, match="without a free constant"):
        without.calibrated()
    assert np.isfinite(without.llf)
