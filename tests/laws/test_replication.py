"""Laws 1 and 5: a frequency weight of three is the row three times; counts are their cases."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.comparison import assert_same
from tests.laws.studies import EXAMPLES, KINDS, SOME, Kind, make, studies
from tests.laws.transformations import is_of_rows, reordered, repeated, split, ungrouped
from wlogit import WeightedLogit
from wlogit.core.blocksum import BLOCK_ROWS

COUNTED = {
    name: replace(kind, frequency=True)
    for name, kind in KINDS.items()
    if replace(kind, frequency=False) not in KINDS.values() or not kind.frequency
}
COUNTS = {name: kind for name, kind in KINDS.items() if kind.outcome == "counts"}


@pytest.mark.parametrize("name", COUNTED)
@EXAMPLES
@given(data=st.data())
def test_a_frequency_weight_of_three_is_the_row_three_times(name, data):
    study = data.draw(studies(COUNTED[name]))
    expanded, options = repeated(study)
    assert_same(study.fit(), expanded.fit(), **options)


def test_so_it_is_over_many_blocks_of_rows():
    study = make(KINDS["frequency x sampling x balanced"], seed=6, n=80, offset=True)
    times = 1 + 2 * BLOCK_ROWS // study.frame["frequency"].sum()
    study = study.of(study.frame.assign(frequency=times * study.frame["frequency"]))
    expanded, options = repeated(study)
    shuffled, _ = reordered(expanded, 6)
    assert len(shuffled.frame) > 2 * BLOCK_ROWS
    assert_same(study.fit(), shuffled.fit(), skip=is_of_rows, **options)


@pytest.mark.parametrize("seed", range(5))
def test_so_it_is_when_sorted_rows_are_too_many_for_a_sample_to_speak_for_them(seed):
    rng = np.random.default_rng(seed)
    rows = 40
    X = np.column_stack([np.ones(rows), rng.normal(5.0, 3.0, rows), rng.gamma(2.0, 0.7, rows)])
    y = np.arange(rows) % 3 == 0
    m = rng.integers(0, 4000, rows)
    few = WeightedLogit(y, X, freq_weights=m).fit(disp=False)
    many = WeightedLogit(np.repeat(y, m), np.repeat(X, m, axis=0)).fit(disp=False)
    for statistic in ("nobs", "params", "bse", "llf", "llnull", "cov_HC3"):
        expected, found = (getattr(results, statistic) for results in (few, many))
        np.testing.assert_allclose(found, expected, rtol=1e-9, err_msg=statistic)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.frequency])
def test_frequency_weights_may_be_divided_among_equal_rows(name):
    study = make(KINDS[name], seed=7)
    divided, options = split(study)
    assert_same(study.fit(), divided.fit(), **options)


@pytest.mark.parametrize("name", SOME)
def test_frequency_weights_of_one_change_no_digit(name):
    study = make(KINDS[name], seed=3)
    if KINDS[name].frequency:
        study = study.of(study.frame.assign(frequency=1))
    ones = study.of(study.frame.assign(frequency=1)).given(freq_weights="frequency")
    without = study.given(freq_weights=None)
    assert_same(without.fit(), ones.fit(), rtol=0.0, atol=0.0)


@pytest.mark.parametrize("name", COUNTS)
@EXAMPLES
@given(data=st.data())
def test_counts_are_one_row_for_each_case(name, data):
    study = data.draw(studies(COUNTS[name]))
    cases, options = ungrouped(study)
    assert_same(study.fit(), cases.fit(), **options)


def test_fractions_of_trials_have_the_estimate_and_the_measures_of_the_counts():
    """Not their covariance: fractions are a quasi-likelihood of rows, counts a likelihood."""
    counts = make(Kind("counts"), seed=5)
    trials = counts.frame["successes"] + counts.frame["failures"]
    frame = counts.frame.assign(share=counts.frame["successes"] / trials, frequency=trials)
    fractions = replace(counts.of(frame), outcome="fraction").given(freq_weights="frequency")
    left, right = counts.fit().results, fractions.fit().results
    np.testing.assert_allclose(right.params, left.params, rtol=1e-12)
    np.testing.assert_allclose(right.cov_nonrobust, left.cov_nonrobust, rtol=1e-12)
    np.testing.assert_allclose(right.llf, left.llf, rtol=1e-13)
    for measure in ("brier", "log_loss", "auc"):
        found, expected = (float(getattr(fit, measure)()) for fit in (right, left))
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=measure)
    assert left.weights.likelihood
    assert not right.weights.likelihood
