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


COVARIANCES = {
    **{kind: (kind, {}) for kind in ("nonrobust", "HC0", "HC1", "HC2", "HC3", "HC4", "linearized")},
    "case-control": ("HC3", {"sampling": "case-control"}),
    "fixed": ("HC2", {"class_weights": "fixed"}),
    "CR0": ("cluster", {"groups": ("c1",), "kind": "CR0"}),
    "two-way": ("cluster", {"groups": ("c1", "c2")}),
}


@pytest.mark.parametrize("use_t", [False, True])
@pytest.mark.parametrize("how", COVARIANCES)
def test_a_covariance_is_the_same_at_the_fit_and_later(how, use_t):
    """Of a constrained fit too."""
    fit = make(KINDS["frequency x sampling x balanced"], seed=117, offset=True).fit()
    cov_type, options = COVARIANCES[how]
    keywords = fit.keywords(options)
    asked = {"cov_type": cov_type, "cov_kwds": keywords, "use_t": use_t, "disp": False}
    constraint = (fit.contrast([1.0, -1.0]), [0.0])
    for early, late in (
        (fit.model.fit(**asked), fit.results),
        (fit.model.fit_constrained(constraint, **asked), fit.constrained()),
    ):
        again = late.with_covariance(cov_type, use_t=use_t, **keywords)
        for name in ("bse", "pvalues", "aic", "bic", "df_model", "df_resid"):
            expected, found = (np.asarray(getattr(results, name)) for results in (early, again))
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(again.conf_int(), early.conf_int(), rtol=1e-9, atol=1e-12)
        assert again.cov_type == early.cov_type
        assert again.use_t == early.use_t
        assert again.covariance.description == early.covariance.description
