"""Refits of a selection: the fit of the columns alone, brought back to all, and labelled."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit
from wlogit.formula.api import weighted_logit

WEIGHTS = {
    "none": {},
    "balanced": {"class_weight": "balanced"},
    "frequency and sampling": {"freq_weights": "f", "sampling_weights": "a"},
    "prevalence and offset": {"prevalence": 0.2, "offset": "o"},
}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    n = 250
    frame = pd.DataFrame(rng.normal(size=(n, 6)), columns=list("abcdef")).add_prefix("x_")
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(frame["x_b"] - frame["x_a"]))).astype(int)
    frame["g"] = rng.choice(["u", "v", "w"], n)
    frame["f"] = np.arange(n) % 3
    frame["a"] = 1.0 + np.arange(n) % 4
    frame["o"] = 0.3 * rng.normal(size=n)
    return frame


FORMULA = "y ~ x_a + x_b + x_c + x_d + x_e + x_f + C(g)"


def penalised(data, alpha=0.06, **options):
    model = weighted_logit(FORMULA, data, **options)
    return model.fit_regularized(method="elastic_net", alpha=alpha, disp=False)


def of_selection(data, lasso, **options):
    columns = [name for name in lasso.selected if name != "Intercept"]
    return weighted_logit("y ~ " + " + ".join(columns), data, **options).fit(disp=False)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_refit_is_the_fit_of_the_selected_columns(data, weights):
    lasso = penalised(data, **WEIGHTS[weights])
    refit, alone = lasso.refit(), of_selection(data, lasso, **WEIGHTS[weights])
    names = alone.params.index
    assert_allclose(refit.params[names], alone.params, rtol=1e-10)
    assert_allclose(refit.bse[names], alone.bse, rtol=1e-10)
    assert_allclose(refit.pvalues[names], alone.pvalues, rtol=1e-8)
    assert refit.cov_type == alone.cov_type
    for name in ("llf", "llnull", "aic", "bic", "df_resid", "df_model", "nobs", "prsquared"):
        assert_allclose(getattr(refit, name), getattr(alone, name), rtol=1e-10)
    dropped = refit.params.index.difference(names)
    assert len(dropped) == 9 - len(names)
    assert (refit.params[dropped] == 0.0).all()
    assert (refit.bse[dropped] == 0.0).all()


def test_the_keyword_is_the_method(data):
    model = weighted_logit(FORMULA, data)
    refit = model.fit_regularized(method="elastic_net", alpha=0.06, disp=False, refit=True)
    assert_allclose(refit.params, penalised(data).refit().params)


def test_the_summary_says_that_it_ignores_the_selection(data):
    lasso = penalised(data, class_weight="balanced")
    refit, kept = lasso.refit(), len(lasso.selected) - 1
    note = f"IGNORES THE SELECTION: the lasso (elastic_net, alpha=0.06) kept {kept} of 8 penalised"
    for results in (refit, refit.with_covariance("HC0"), pickle.loads(pickle.dumps(refit))):
        summary = results.summary()
        said = " ".join(summary.as_text().split())
        assert "Refit of Selected Columns (ignores the selection)" in said
        assert note in said
        assert "linear equality constraints" not in said
        assert "IGNORES THE SELECTION" in results.summary2().as_text()


def test_predictions_are_asked_on_whole_designs(data):
    lasso = penalised(data, class_weight="balanced")
    refit, alone = lasso.refit(), of_selection(data, lasso, class_weight="balanced")
    new = data.head(7)
    for which in ("mean", "linear", "calibrated"):
        assert_allclose(refit.predict(new, which=which), alone.predict(new, which=which))
    interval = refit.get_prediction(new).summary_frame()
    assert_allclose(interval, alone.get_prediction(new).summary_frame(), rtol=1e-8)


def test_the_covariance_can_be_chosen_and_changed(data):
    lasso = penalised(data, class_weight="balanced")
    alone = of_selection(data, lasso, class_weight="balanced")
    names = alone.params.index
    clusters = np.arange(len(data)) // 5
    expected = alone.with_covariance("cluster", groups=clusters).bse
    at_once = lasso.refit(cov_type="cluster", cov_kwds={"groups": clusters})
    later = lasso.refit().with_covariance("cluster", groups=clusters)
    assert_allclose(at_once.bse[names], expected, rtol=1e-9)
    assert_allclose(later.bse[names], expected, rtol=1e-9)
    assert later.df_resid == alone.df_resid


def test_columns_without_a_penalty_stay(data):
    model = weighted_logit(FORMULA, data)
    alpha = pd.Series(0.2, index=model.exog_names)
    alpha[["Intercept", "x_f"]] = 0.0
    lasso = model.fit_regularized(method="elastic_net", alpha=alpha, disp=False)
    refit = lasso.refit()
    assert refit.bse["x_f"] > 0.0
    assert f"kept {len(lasso.selected) - 2} of 7" in " ".join(refit.summary().as_text().split())


def test_more_columns_than_rows():
    rng = np.random.default_rng(0)
    X = np.column_stack([np.ones(60), rng.normal(size=(60, 100))])
    y = (rng.random(60) < 1 / (1 + np.exp(-2 * X[:, 1] + X[:, 2]))).astype(int)
    model = WeightedLogit(y, X, aliased="keep")
    lasso = model.fit_regularized(method="elastic_net", alpha=0.13, disp=False)
    refit = lasso.refit()
    chosen = np.flatnonzero(lasso.params)
    alone = WeightedLogit(y, X[:, chosen]).fit(disp=False)
    assert 1 < len(chosen) < 10
    assert_allclose(refit.params[chosen], alone.params, rtol=1e-9)
    assert refit.df_resid == alone.df_resid == 60 - len(chosen)
    assert_allclose(refit.aic, alone.aic)
    again = refit.with_covariance("HC1")
    assert_allclose(again.bse[chosen], alone.with_covariance("HC1").bse, rtol=1e-9)


def test_a_penalty_that_drops_nothing(data):
    lasso = penalised(data, alpha=1e-6)
    refit, whole = lasso.refit(), lasso.model.fit(disp=False)
    assert_allclose(refit.params, whole.params, rtol=1e-9)
    assert_allclose(refit.bse, whole.bse, rtol=1e-9)
    assert "kept 8 of 8" in " ".join(refit.summary().as_text().split())
