"""The same data give the same bits, and are left alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from tests.laws.comparison import assert_same
from tests.laws.studies import KINDS, Study, make

BITWISE = {"rtol": 0.0, "atol": 0.0}


def copied(study):
    return Study(study.frame.copy(), study.outcome, study.right, dict(study.options))


@pytest.mark.parametrize("name", KINDS)
def test_refitting_changes_no_digit(name):
    study = make(KINDS[name], seed=103, offset=True)
    assert_same(study.fit(), copied(study).fit(), **BITWISE)


@pytest.mark.parametrize("name", ["none", "frequency x sampling x balanced"])
def test_a_model_may_be_fitted_again(name):
    study = make(KINDS[name], seed=107)
    first = study.fit()
    second = study.fit()
    second.model = first.model
    second.results = first.model.fit(disp=False)
    assert_same(first, second, **BITWISE)


@pytest.mark.parametrize("name", KINDS)
def test_asking_for_every_statistic_changes_none(name):
    study = make(KINDS[name], seed=109)
    fit = study.fit()
    assert_same(study.fit(), fit, **BITWISE)
    assert_same(study.fit(), fit, **BITWISE)


@pytest.mark.parametrize("name", KINDS)
def test_the_data_are_left_alone(name):
    study = make(KINDS[name], seed=113, offset=True)
    before = study.frame.copy()
    options = {key: dict(v) if isinstance(v, dict) else v for key, v in study.options.items()}
    fit = study.fit()
    assert_same(fit, fit)
    pd.testing.assert_frame_equal(study.frame, before)
    assert study.options == options


def test_fits_in_threads_are_the_fits_one_after_the_other():
    studies = [make(KINDS["frequency x sampling x balanced"], seed=seed) for seed in range(4)]
    alone = [np.asarray(study.fit().results.cov_params()) for study in studies]
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(lambda study: np.asarray(study.fit().results.cov_params()), studies)
    for expected, found in zip(alone, together, strict=True):
        np.testing.assert_array_equal(found, expected)
