"""The same data give the same bits, and are left alone."""

import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.laws.comparison import assert_same
from tests.laws.studies import KINDS, SOME, make

BITWISE = {"rtol": 0.0, "atol": 0.0}


def copied(study):
    options = {key: copy.copy(value) for key, value in study.options.items()}
    return replace(study, frame=study.frame.copy(), options=options)


@pytest.mark.parametrize("name", ["none", "frequency x sampling x balanced"])
def test_a_model_may_be_fitted_again(name):
    study = make(KINDS[name], seed=107)
    first = study.fit()
    second = study.fit()
    second.model = first.model
    second.results = first.model.fit(disp=False)
    assert_same(first, second, **BITWISE)


@pytest.mark.parametrize("name", SOME)
def test_refitting_changes_no_digit_and_leaves_the_data_alone(name):
    study = make(KINDS[name], seed=109, offset=True)
    before = copied(study)
    assert_same(study.fit(), study.fit(), **BITWISE)
    pd.testing.assert_frame_equal(study.frame, before.frame)
    assert study.options == before.options


def test_asking_for_every_statistic_changes_none():
    study = make(KINDS["frequency x sampling x balanced"], seed=113)
    fit = study.fit()
    for _ in range(2):
        assert_same(study.fit(), fit, **BITWISE)


def test_fits_in_threads_are_the_fits_one_after_the_other():
    studies = [make(KINDS["frequency x sampling x balanced"], seed=seed) for seed in range(4)]
    alone = [np.asarray(study.fit().results.cov_params()) for study in studies]
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(lambda study: np.asarray(study.fit().results.cov_params()), studies)
    for expected, found in zip(alone, together, strict=True):
        np.testing.assert_array_equal(found, expected)
