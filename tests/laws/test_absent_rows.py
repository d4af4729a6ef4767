"""Law 3: a row of weight zero is as if absent, whatever it holds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.comparison import assert_same
from tests.laws.statistics_registry import STATISTICS
from tests.laws.studies import DESIGNS, EXAMPLES, KINDS, SOME, Kind, make, studies
from tests.laws.transformations import as_shuffled_series, with_absent_rows, with_dropped_rows
from wlogit import SeparationWarning, WeightedLogit


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_a_row_of_weight_zero_is_absent(name, data):
    study = data.draw(studies(KINDS[name]))
    more, options, _ = with_absent_rows(study, seed=data.draw(st.integers(0, 99)))
    assert_same(study.fit(), more.fit(), **options)


@pytest.mark.parametrize("name", SOME)
def test_so_are_its_category_and_its_column(name):
    study = make(KINDS[name], seed=17, offset=True)
    more, options, _ = with_absent_rows(study, seed=17, category=True, column=True)
    right = more.fit()
    assert set(right.model.aliased) == {"own", "C(g)[T.own]"}
    # wald_test_terms is refused: its columns would not be those of the formula.
    assert_same(study.fit(), right, skip=lambda s: "formula" in s.tags, **options)


@EXAMPLES
@given(seed=st.integers(0, 99), implicit=st.booleans())
def test_so_is_a_category_of_an_implicit_constant(seed, implicit):
    study = make(KINDS["frequency x sampling x balanced"], seed=seed, right=DESIGNS[implicit])
    more, options, _ = with_absent_rows(study, seed=seed, category=True)
    assert_same(study.fit(), more.fit(), skip=lambda s: "formula" in s.tags, **options)


@pytest.mark.parametrize("name", SOME)
def test_a_row_that_is_left_out_is_absent(name):
    """Weights, clusters and columns of a score test keep an entry for it."""
    left = make(KINDS[name], seed=21, offset=True).fit(remember=True)
    for subset in (False, True):
        more, options = with_dropped_rows(left.study, seed=21, subset=subset)
        assert_same(left, more.fit(), **options)
        assert_same(left, as_shuffled_series(more, 21)[0].fit(), **options)


@pytest.mark.parametrize("name", SOME)
def test_its_residuals_are_zero(name):
    more, _, absent = with_absent_rows(make(KINDS[name], seed=19), seed=19)
    fit = more.fit()
    for statistic in ("resid_pearson", "resid_dev", "loglikeobs", "score_obs"):
        assert not np.any(STATISTICS[statistic](fit)[absent]), statistic


def test_all_weight_on_a_part_of_the_rows_is_the_fit_of_that_part():
    study = make(Kind(sampling=True), seed=23, n=80)
    half = study.frame["id"] < 50
    whole = study.of(study.frame.assign(sampling=study.frame["sampling"] * half))
    kept = {"found": lambda s, value: value[half] if s.level == "rows" else value}
    assert_same(study.of(study.frame[half].reset_index(drop=True)).fit(), whole.fit(), **kept)


def separated():
    x = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
    return pd.DataFrame({"y": (x > 0).astype(int), "x": x, "w": 1.0})


def test_rows_of_weight_zero_do_not_hide_separation():
    overlap = pd.DataFrame({"y": [1, 0], "x": [-2.5, 2.5], "w": [0.0, 0.0]})
    data = pd.concat([separated(), overlap], ignore_index=True)
    model = WeightedLogit.from_formula("y ~ x", data, sampling_weights="w")
    with pytest.warns(SeparationWarning):
        assert not model.fit(disp=False).converged


def test_nor_do_they_cause_it():
    data = pd.DataFrame({"y": [0, 1, 0, 1, 0, 1], "x": [0.0, 1.0, 2.0, 3.0, 1.0, 0.0], "w": 1.0})
    # Alone, these would be separated by their own column.
    absent = pd.DataFrame({"y": [1, 1], "x": [50.0, 60.0], "w": 0.0})
    both = pd.concat([data, absent], ignore_index=True)
    left = WeightedLogit.from_formula("y ~ x", data, sampling_weights="w").fit(disp=False)
    right = WeightedLogit.from_formula("y ~ x", both, sampling_weights="w").fit(disp=False)
    assert right.converged
    np.testing.assert_allclose(right.params, left.params, rtol=1e-12)


def test_a_column_constant_on_the_rows_that_count_is_a_constant():
    study = make(Kind(sampling=True), seed=29)
    frame = study.frame.assign(one=1.0)
    rows = frame.iloc[:3].assign(one=[5.0, 0.0, -2.0], sampling=0.0)
    data = pd.concat([rows, frame], ignore_index=True)
    left = WeightedLogit.from_formula("y ~ x1", study.frame, sampling_weights="sampling")
    right = WeightedLogit.from_formula("y ~ 0 + one + x1", data, sampling_weights="sampling")
    fits = [model.fit(disp=False) for model in (left, right)]
    for name in ("params", "bse", "llnull", "llr", "llr_pvalue", "df_model", "aic", "bic"):
        expected, found = (np.asarray(getattr(fit, name)) for fit in fits)
        np.testing.assert_allclose(found, expected, rtol=1e-9, err_msg=name)
