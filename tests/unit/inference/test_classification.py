"""Classification tables by hand; AUC, Brier score and deviance against scikit-learn and sums."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.unit.covariance.parts import weights_of
from wlogit.inference.classification import (
    auc,
    brier_score,
    mean_deviance,
    placements,
    prediction_table,
)
from wlogit.weights.outcome import read_outcome
from wlogit.weights.resolve import resolve_weights

PREDICTED = np.array([False, True, True, False, True])
Y = [0, 0, 1, 1, 1]


def table(y=Y, predicted=PREDICTED, weighted=False, **given):
    return prediction_table(weights_of(y, **given), predicted, weighted=weighted)


@pytest.mark.parametrize(
    ("given", "counted", "weighed"),
    [
        ({}, [[1, 1], [1, 2]], [[1, 1], [1, 2]]),
        ({"freq_weights": [1, 2, 3, 4, 0]}, [[1, 2], [4, 3]], [[1, 2], [4, 3]]),
        ({"sampling_weights": [0.5, 2, 3, 0, 1]}, [[1, 1], [0, 2]], [[0.5, 2], [0, 4]]),
        ({"class_weight": "balanced"}, [[1, 1], [1, 2]], [[1, 1], [1, 2]]),
        ({"class_weight": {0: 1, 1: 50}}, [[1, 1], [1, 2]], [[1, 1], [1, 2]]),
        # Masses of the population: events 0.1 * 5 / 3 each, non-events 0.9 * 5 / 2.
        ({"prevalence": 0.1}, [[1, 1], [1, 2]], [[2.25, 2.25], [1 / 6, 1 / 3]]),
    ],
)
def test_cases_are_counted_and_class_weights_never_weigh(given, counted, weighed):
    np.testing.assert_allclose(table(**given), counted, atol=1e-15)
    np.testing.assert_allclose(table(weighted=True, **given), weighed, atol=1e-15)


def test_counts_and_fractions_split_between_the_rows_of_the_table():
    counts = table([[2, 1], [0, 3]], np.array([True, False]))
    np.testing.assert_array_equal(counts, [[3, 1], [0, 2]])
    fractions = table([0.25, 0.5, 1.0], np.array([True, False, True]))
    np.testing.assert_array_equal(fractions, [[0.5, 0.75], [0.5, 1.25]])


def test_the_labels_are_the_users():
    outcome = read_outcome(pd.Series(["no", "yes", "yes"], name="answer"))
    frame = prediction_table(resolve_weights(outcome), np.array([True] * 3), weighted=False)
    assert list(frame.index) == list(frame.columns) == ["no", "yes"]
    assert (frame.index.name, frame.columns.name) == ("observed", "predicted")
    assert frame.loc["yes", "yes"] == 2


# --------------------------------------------------------------------- how well scores do it


@st.composite
def scored_cases(draw):
    """Outcomes of both classes, scores with many ties, and masses of which some are zero."""
    n = draw(st.integers(4, 60))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    outcome = np.r_[0.0, 1.0, rng.integers(0, 2, n - 2)]
    mass = rng.integers(0, 4, n) * np.exp(draw(st.sampled_from([0, 3])) * rng.normal(size=n))
    mass[:2] = 1.0
    return outcome, np.round(rng.normal(size=n) + outcome, draw(st.integers(0, 3))), mass


@for_all(scored_cases())
@settings(max_examples=60, deadline=None)
def test_auc_is_the_share_of_pairs_in_the_right_order(cases):
    outcome, score, mass = cases
    events, rest = np.flatnonzero(outcome == 1), np.flatnonzero(outcome == 0)
    gap = score[events][:, None] - score[rest]
    won = mass[events] @ (0.5 * (1 + np.sign(gap))) @ mass[rest]
    expected = won / mass[events].sum() / mass[rest].sum()
    assert_allclose(auc(outcome, score, mass), expected, rtol=1e-12, atol=1e-15)
    placed = placements(outcome, score, mass)
    # The mean placement of the non-events is the same number.
    assert_allclose(placed.rest @ placed.among_events / placed.rest.sum(), expected, rtol=1e-12)
    assert_allclose(auc(1 - outcome, -score, 1e-200 * mass), expected, rtol=1e-12)


@for_all(scored_cases())
@settings(max_examples=60, deadline=None)
def test_scikit_learn_agrees(cases):
    from sklearn import metrics

    outcome, eta, mass = cases
    probability = 1 / (1 + np.exp(-eta))
    how = {"sample_weight": mass}
    assert_allclose(auc(outcome, eta, mass), metrics.roc_auc_score(outcome, eta, **how), rtol=1e-12)
    expected = metrics.brier_score_loss(outcome, probability, **how)
    assert_allclose(brier_score(outcome, probability, mass), expected, rtol=1e-12)
    expected = 2 * metrics.log_loss(outcome, probability, **how)
    assert_allclose(mean_deviance(outcome, eta, mass), expected, rtol=1e-12)


def test_closed_forms():
    y, mass = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 2.0, 3.0, 4.0])
    # Events at 1 and 3 among non-events at 1 and 2: (2 (1/2 of 1) + 4 (1 + 3)) / (6 * 4).
    assert auc(y, np.array([1.0, 1.0, 2.0, 3.0]), mass) == pytest.approx(17 / 24, rel=1e-15)
    assert auc(y, np.zeros(4), mass) == 0.5
    assert brier_score(y, np.full(4, 0.25), mass) == pytest.approx(0.4 / 16 + 0.6 * 9 / 16)
    assert mean_deviance(y, np.zeros(4), mass) == pytest.approx(2 * np.log(2))
    # exp(-800) is not a float; the deviance of a miss is nonetheless twice the predictor.
    assert mean_deviance(y, np.full(4, 800.0), mass) == pytest.approx(0.4 * 1600)
    assert mean_deviance(np.array([0.3]), np.log([3 / 7]), np.ones(1)) == pytest.approx(
        0, abs=1e-15
    )


def test_a_fraction_counts_to_both_classes():
    y, score, mass = (
        np.array([0.25, 0.5, 1.0]),
        np.array([0.1, 0.7, 0.4]),
        np.array([1.0, 2.0, 3.0]),
    )
    split = np.repeat([0.0, 1.0], 3)
    masses = np.r_[mass * (1 - y), mass * y]
    expected = auc(split, np.tile(score, 2), masses)
    assert auc(y, score, mass) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("y", [np.zeros(3), np.ones(3)])
def test_a_class_without_mass_has_no_area(y):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(auc(y, np.arange(3.0), np.ones(3)))
