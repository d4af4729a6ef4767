"""Covariances of bootstraps, by cases and by clusters."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.unit.replicates.resampled import DATA, booted, estimates, fit, sample, survey


def test_a_seed_makes_a_bootstrap_reproducible():
    first, again = booted(), booted()
    assert_array_equal(first.cov_params(), again.cov_params())
    other = booted(cov_kwds={"seed": 6})
    assert not np.allclose(first.cov_params(), other.cov_params())
    # Without a seed one is drawn, kept and told.
    drawn = fit(cov_type="bootstrap", cov_kwds={"n_boot": 20})
    seed = drawn.cov_kwds["seed"]
    assert f"seed {seed}" in drawn.cov_kwds["description"]
    same = drawn.with_covariance("bootstrap", n_boot=20, seed=seed)
    assert_array_equal(same.cov_params(), drawn.cov_params())
    assert drawn.with_covariance("bootstrap", n_boot=20).cov_kwds["seed"] != seed


def test_the_first_resamples_are_those_of_fewer():
    assert_allclose(estimates(booted())[:20], estimates(booted(cov_kwds={"n_boot": 20})))


@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}, {"prevalence": 0.01}])
def test_a_frequency_weight_is_so_many_cases(options):
    counted = booted(freq_weights="m", **options)
    repeated = DATA.loc[DATA.index.repeat(DATA["m"])].reset_index(drop=True)
    expected = booted(frame=repeated, **options)
    assert_allclose(counted.cov_params(), expected.cov_params(), rtol=1e-8)
    assert_allclose(
        counted.get_margeff(vce="unconditional").margeff_se,
        expected.get_margeff(vce="unconditional").margeff_se,
        rtol=1e-8,
    )


@pytest.mark.parametrize(
    ("options", "keywords", "other"),
    [
        ({}, {}, ("HC1", {})),
        ({"sampling_weights": "w"}, {}, ("HC1", {})),
        ({"class_weight": "balanced"}, {}, ("HC2", {})),
        (
            {"class_weight": {0: 1, 1: 3}},
            {"sampling": "case-control"},
            ("HC2", {"sampling": "case-control"}),
        ),
        ({}, {"groups": "town"}, ("cluster", {"groups": "town", "kind": "CR1"})),
        ({"design": "survey"}, {}, ("survey", {})),
    ],
)
def test_many_resamples_have_the_spread_of_a_sandwich(options, keywords, other):
    frame = sample(1500, 11)
    if "design" in options:
        options = {"design": survey(frame)}
    results = booted(frame=frame, cov_kwds={"n_boot": 800, **keywords}, **options)
    sandwich = results.with_covariance(other[0], **other[1])
    # 800 normal draws know a standard error to 2.5 %.
    assert_allclose(results.bse, sandwich.bse, rtol=0.08)
    assert results.use_t == ("design" in options)


def test_rows_without_weight_are_as_if_absent():
    some = DATA.assign(w=DATA["w"].where(DATA.index % 5 != 0, 0.0))
    absent = some[some["w"] > 0.0]
    ours, theirs = (booted(frame=frame, sampling_weights="w") for frame in (some, absent))
    assert_allclose(ours.cov_params(), theirs.cov_params(), rtol=1e-9)
    ours, theirs = (
        booted(frame=frame, sampling_weights="w", cov_kwds={"groups": "town"})
        for frame in (some, absent)
    )
    assert_allclose(ours.cov_params(), theirs.cov_params(), rtol=1e-9)


def test_units_of_weights_do_not_matter():
    one = booted(sampling_weights="w", class_weight="balanced")
    other = booted(
        frame=DATA.assign(w=DATA["w"] * 1e-11), sampling_weights="w", class_weight="balanced"
    )
    assert_allclose(other.cov_params(), one.cov_params(), rtol=1e-9)
