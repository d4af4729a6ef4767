"""Replicates that have no estimate."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.unit.replicates.resampled import DATA, estimates, fit, survey, towns, with_factors
from wlogit import (
    InferenceWarning,
)


def test_replicates_without_an_estimate_are_left_out_and_named():
    frame = towns()
    frame["t"] = (frame["town"] == 3) * 1.0
    frame.loc[frame.index[3], "y"] = 0  # the one non-event of its town
    table = np.ones((5, 5))
    table[1, 4] = 0.0  # nothing is known of the town that `only` indicates
    table[2, :] = [0, 0, 0, 1, 0]  # a town of its own
    table[3:, :3] = [[2, 1, 0.5], [0.5, 2, 1]]
    design = with_factors(table, frame)
    with pytest.warns(InferenceWarning) as caught:
        results = fit("y ~ x + only", frame, design=design)
    text = str(caught[0].message)
    assert "2 of 5 replicates have no estimate" in text
    assert "coefficients are not identified in 2" in text
    kept = [0, 3, 4]
    found = estimates(results)
    assert np.isnan(found[[1, 2]]).all()
    expected = design.rule.only(np.isin(np.arange(5), kept)).covariance(
        found[kept], np.asarray(results.params)
    )
    assert_allclose(results.cov_params(), expected)
    assert "2 of 5 replicates" in " ".join(results.summary().as_text().split())


def test_separated_replicates_and_those_of_one_class():
    frame = towns()
    table = np.ones((4, 5))
    table[1] = [0, 0, 0, 1, 0]  # events only
    table[2] = [1, 0, 0, 0, 0]  # separated: y follows x there
    there = frame["town"] == 0
    frame.loc[there, "y"] = (frame.loc[there, "x"] > 0).astype(int)
    with pytest.warns(InferenceWarning) as caught:
        fit("y ~ x", frame, design=with_factors(table, frame))
    text = str(caught[0].message)
    assert "one class is missing in 2" in text
    assert "the covariates separate the outcome in 3" in text


def test_no_spread_of_one_estimate():
    frame = towns()
    table = np.zeros((3, 5))
    table[0] = 1.0
    table[1:, 3] = 1.0
    with pytest.warns(InferenceWarning, match="2 of 3 replicates"):
        results = fit("y ~ x", frame, design=with_factors(table, frame))
    assert np.isnan(results.bse).all()
    assert np.isfinite(results.params).all()


def test_a_fit_without_finite_estimate_is_not_refitted():
    frame = DATA.assign(y=(DATA["x"] > 0).astype(int))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = fit("y ~ x", frame, design=survey(frame).to_replicates("JKn"))
    assert np.isnan(results.bse).all()
    assert results._results.covariance.replicates is None
