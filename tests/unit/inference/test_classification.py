"""Classification tables by hand."""

import numpy as np
import pandas as pd
import pytest

from tests.unit.covariance.parts import weights_of
from wlogit.inference.classification import prediction_table
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
