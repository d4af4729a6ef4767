"""Bias-reduced fits have t tests where other fits with the same covariance have them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.contracts import weighted_fits as fits
from wlogit import SurveyDesign
from wlogit.formula.api import weighted_logit

FORMULA = "y ~ x + z"


def data():
    return fits.data().assign(unit=lambda data: np.arange(len(data)) % 12)


def of_replicates(**options):
    design = SurveyDesign(data(), weights="sampled", psu="unit").to_replicates("JK1")
    model = weighted_logit(FORMULA, data(), design=design)
    return model.fit_bias_reduced(kind="empirical", disp=False, **options)


def of_clusters(**options):
    keywords = {"cov_type": "cluster", "cov_kwds": {"groups": "unit", "kind": "CR2"}}
    return weighted_logit(FORMULA, data()).fit_bias_reduced(disp=False, **keywords, **options)


@pytest.mark.parametrize("fit", [of_replicates, of_clusters])
def test_bias_reduced_fits_have_the_degrees_of_freedom_of_their_covariance(fit):
    results = fit()
    each = results.covariance.df_each
    df = np.full(3, results.covariance.df) if each is None else each
    assert np.all(df < 12)
    t = results.params / results.bse
    assert_allclose(results.pvalues, 2.0 * stats.t.sf(np.abs(t), df), rtol=1e-9)
    half = (results.conf_int()[1] - results.conf_int()[0]) / 2.0
    assert_allclose(half, results.bse * stats.t.ppf(0.975, df), rtol=1e-9)


def test_normal_tests_are_those_asked_for_and_the_summary_says_so():
    results = of_replicates(use_t=False)
    z = results.params / results.bse
    assert_allclose(results.pvalues, 2.0 * stats.norm.sf(np.abs(z)), rtol=1e-9)
    said = " ".join(results.summary().as_text().split())
    assert "Tests and intervals are normal (use_t=False)" in said
    assert "use_t=False" not in of_replicates().summary().as_text()
