"""What other code does with the results: statsmodels' own, and packages that build on it."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula
from numpy.testing import assert_allclose
from statsmodels.base.model import LikelihoodModel
from statsmodels.discrete.discrete_model import (
    BinaryModel,
    BinaryResultsWrapper,
    DiscreteResults,
    LogitResults,
)
from statsmodels.imputation.mice import MICE, MICEData
from statsmodels.iolib.summary2 import summary_col, summary_model, summary_params
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.sandwich_covariance import cov_white_simple
from statsmodels.tools import _testing as checks

from tests.contracts.weighted_fits import WEIGHTS, N, X, data, everything, fit, model, y
from wlogit import WeightedLogit
from wlogit.formula.api import weighted_logit

# -------------------------------------------------------------------------------------- what it is


def test_it_is_what_other_packages_ask_for():
    results = fit(class_weight="balanced")
    assert isinstance(results, BinaryResultsWrapper)
    assert isinstance(results._results, LogitResults)
    assert isinstance(results._results, DiscreteResults)
    assert isinstance(results.model, BinaryModel)
    assert isinstance(results.model, LikelihoodModel)
    assert "statsmodels" in str(type(results))
    assert type(results.model).__name__ == "WeightedLogit"


def test_what_marginaleffects_reads():
    """Its adapter of statsmodels: formula, frame, labels, covariances, predictions by params."""
    results = fit(sampling_weights="sampled")
    assert results.model.formula == "y ~ x + z + C(g)"
    frame = results.model.data.frame
    assert {"x", "z", "g"} <= set(frame.columns)
    assert len(frame) == N
    assert not any(pd.api.types.is_string_dtype(dtype) for dtype in frame.dtypes)
    assert list(results.params.index) == results.model.exog_names
    assert list(results.cov_params().index) == results.model.exog_names
    assert np.asarray(results.cov_HC3).shape == (5, 5)
    assert results.df_resid == N - 5
    predicted = results.model.predict(np.asarray(results.params), results.model.exog)
    assert_allclose(predicted, results.predict(), rtol=1e-14)


def test_names_and_labels_are_the_users():
    results = fit(freq_weights="counted")
    labels = list(data().index)
    for part in (results.fittedvalues, results.resid_dev, results.resid_pearson, results.predict()):
        assert list(part.index) == labels
    for part in (results.params, results.bse, results.tvalues, results.pvalues):
        assert list(part.index) == results.model.exog_names
    assert list(results.conf_int().index) == results.model.exog_names
    assert results.model.endog_names == "y"


def test_columns_keep_their_names_when_others_are_dropped():
    exog = np.column_stack([np.ones(N), data()["x"], 2 * data()["x"], data()["z"]])
    results = WeightedLogit(y(), exog, aliased="drop").fit(disp=False)
    assert results.model.exog_names == ["const", "x1", "x3"]
    assert results.model.aliased == {"x2": {"x1": 2.0}}
    assert "x2 is left out: it equals 2 x1" in results.summary().as_text()
    labels = ["one", "x", "twice", "z"]
    results = WeightedLogit(y(), pd.DataFrame(exog, columns=labels), aliased="drop").fit(disp=False)
    assert list(results.params.index) == ["one", "x", "z"]
    assert results.model.aliased == {"twice": {"x": 2.0}}


@pytest.mark.parametrize("dropped", [["z"], ["C(g)[T.b]", "C(g)[T.c]"]])
def test_a_column_left_out_of_the_formula_stays_out(dropped):
    results = fit(drop_cols=dropped, class_weight="balanced")
    assert len(results.params) == 5 - len(dropped)
    assert not set(dropped) & set(results.params.index)
    assert_allclose(results.predict(data().iloc[:5]), results.predict().iloc[:5], rtol=1e-13)
    again = pickle.loads(pickle.dumps(results))
    assert_allclose(again.predict(data().iloc[:5]), results.predict().iloc[:5], rtol=1e-13)


# ------------------------------------------------------------------------- statsmodels' own tools


def test_summary_col_puts_several_side_by_side():
    fits = [fit(), fit(class_weight="balanced"), fit("y ~ x", freq_weights="counted")]
    table = summary_col(
        fits,
        stars=True,
        model_names=["plain", "balanced", "counted"],
        info_dict={"N": lambda r: f"{r.nobs:.0f}", "R2": lambda r: f"{r.prsquared:.3f}"},
    )
    text = table.as_text()
    for results in fits:
        assert f"{results.params['x']:.4f}" in text
        assert f"({results.bse['x']:.4f})" in text
    assert f"{data()['counted'].sum()}" in text


def test_statsmodels_tables_read_the_results():
    results = fit(class_weight="balanced")
    facts = summary_model(results)
    assert facts["Model:"] == "WeightedLogit"
    assert facts["No. Observations:"].strip() == str(N)
    assert float(facts["AIC:"]) == pytest.approx(results.aic, abs=1e-3)
    table = summary_params(results)
    assert_allclose(table["Coef."], results.params)
    assert_allclose(table["Std.Err."], results.bse)
    assert_allclose(table.iloc[:, 3], results.pvalues)
    assert_allclose(table[["[0.025", "0.975]"]], results.conf_int())


def test_statsmodels_checks_of_results_pass():
    for options in WEIGHTS.values():
        results = fit(**options)
        checks.check_ttest_tvalues(results)
        checks.check_ftest_pvalues(results)


def test_statsmodels_checks_of_predictions_pass():
    for options in ({}, {"sampling_weights": data()["sampled"].to_numpy()}):
        results = WeightedLogit(y(), X(), **options).fit(disp=False)
        checks.check_predict_types(results)


def test_anova_of_linear_models_is_not_for_a_logit():
    """As with statsmodels' Logit: it needs sums of squares."""
    for results in (fit(), fit(class_weight="balanced")):
        with pytest.raises(AttributeError):
            anova_lm(results)


def test_terms_of_the_formula_are_tested_together():
    results = fit(class_weight="balanced")
    table = results.wald_test_terms(scalar=True).table
    assert set(table.index) == {"Intercept", "x", "z", "C(g)"}
    together = results.wald_test("C(g)[T.b] = 0, C(g)[T.c] = 0", scalar=True)
    assert_allclose(table.loc["C(g)", "statistic"], together.statistic)
    assert table.loc["C(g)", "df_constraint"] == 2


def test_their_white_covariance_of_counted_rows_is_hc0():
    """`cov_white_simple` divides by the root of freq_weights, and asks whether there are any."""
    for options in ({}, {"freq_weights": "counted"}):
        frame = data()[data()["counted"] > 0]
        results = weighted_logit("y ~ x + z", frame, **options).fit(disp=False)
        found = cov_white_simple(results, use_correction=False)
        assert_allclose(found, results.cov_HC0, rtol=1e-10)


def test_multiple_imputation_fits_ours():
    """It builds the model by from_formula, again and again, and pools what the fits say."""
    rng = np.random.default_rng(5)
    frame = data()[["y", "x", "z"]].astype(float)
    frame.loc[rng.random(N) < 0.2, "x"] = np.nan
    np.random.seed(0)  # noqa: NPY002  what MICE draws from
    imputed = MICE(
        "y ~ x + z",
        WeightedLogit,
        MICEData(frame),
        init_kwds={"class_weight": "balanced"},
        fit_kwds={"disp": False},
    ).fit(n_burnin=1, n_imputations=3)
    complete = weighted_logit("y ~ x + z", frame, class_weight="balanced").fit(disp=False)
    assert_allclose(imputed.params, complete.params, atol=0.5)
    assert (imputed.bse > 0).all()


# --------------------------------------------------------------------------------------- rebuilding


def rebuilt(one):
    return type(one)(one.endog, one.exog, **one._get_init_kwds())


def assert_equal_fits(one, other):
    first, second = one.fit(disp=False), other.fit(disp=False)
    for part in ("params", "bse", "llf", "llnull", "nobs", "df_resid", "df_model", "aic"):
        values = [np.asarray(getattr(results, part)) for results in (first, second)]
        assert_allclose(*values, rtol=1e-13, err_msg=part)
    ours, theirs = first.weights, second.weights
    assert ours.kind == theirs.kind
    assert ours.total == theirs.total
    assert [*ours.class_weights.values()] == [*theirs.class_weights.values()]
    assert first.cov_type == second.cov_type
    # The class weights stay estimated, or fixed, as they were.
    assert first.covariance.description == second.covariance.description


@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_model_is_rebuilt_from_what_it_stores(weights):
    one = model(**WEIGHTS[weights])
    assert_equal_fits(one, rebuilt(one))
    assert_equal_fits(one, rebuilt(rebuilt(one)))


@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_model_of_labels_is_rebuilt(weights):
    """Its endog is stored as 0 and 1, and its class weights with it."""
    frame = data().assign(y=np.where(data()["y"] == 1, "ill", "well"))
    options = dict(WEIGHTS[weights])
    if options.get("class_weight") == {0: 1, 1: 4}:
        options["class_weight"] = {"well": 1, "ill": 4}
    one = weighted_logit("y ~ x + z", frame, event="ill", **options)
    assert_equal_fits(one, rebuilt(one))


COUNTED = {
    "none": {},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 4}},
    "frequency": {"freq_weights": np.arange(N) % 3},
    "sampling": {"sampling_weights": 1.0 + np.arange(N) % 5},
    "prevalence": {"prevalence": 0.1},
    "offset": {"offset": np.linspace(-1, 1, N)},
}


@pytest.mark.parametrize("weights", COUNTED)
def test_a_model_of_counts_is_rebuilt(weights):
    rng = np.random.default_rng(3)
    endog = np.column_stack([rng.integers(0, 5, N), rng.integers(0, 4, N)])
    one = WeightedLogit(endog, X(), **COUNTED[weights])
    assert_equal_fits(one, rebuilt(one))


@pytest.mark.parametrize("weights", COUNTED)
def test_a_model_of_fractions_is_rebuilt(weights):
    one = WeightedLogit(np.linspace(0, 1, N), X(), **COUNTED[weights])
    assert_equal_fits(one, rebuilt(one))


@pytest.mark.parametrize("weights", WEIGHTS)
def test_the_null_model_is_rebuilt_with_the_weights(weights):
    """By a vector of ones of one dimension, as statsmodels does."""
    results = fit(**WEIGHTS[weights])
    expected = results.llnull
    results.set_null_options(attach_results=True)
    assert_allclose(results.llnull, expected, rtol=1e-12)
    assert results.res_null.weights.kind == results.weights.kind
    assert len(results.res_null.params) == 1


@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_constrained_fit_keeps_the_weights(weights):
    """One that holds at the optimum changes nothing but the degrees of freedom."""
    results = fit(**WEIGHTS[weights])
    value = float(results.params["x"])
    held = results.model.fit_constrained(f"x = {value!r}", disp=False)
    assert_allclose(held.params, results.params, rtol=1e-9)
    assert_allclose(held.llf, results.llf, rtol=1e-12)
    assert_allclose(held.bse["x"], 0.0, atol=1e-12)
    assert held.df_resid == results.df_resid + 1


# ------------------------------------------------------------------ no warning of theirs escapes


@pytest.mark.parametrize("weights", WEIGHTS)
def test_nothing_warns_in_a_sound_fit(weights):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        everything(fit(**WEIGHTS[weights]))


def test_the_engine_of_formulas_is_patsy_whatever_statsmodels_uses(monkeypatch):
    # statsmodels 0.14 has no choice of engine.
    options = getattr(statsmodels.formula, "options", None)
    if options is not None:
        monkeypatch.setattr(options, "formula_engine", "formulaic")
    results = fit("y ~ x + C(g, Treatment('b'))", class_weight="balanced")
    new = data().iloc[:3]
    assert_allclose(results.predict(new), results.predict().iloc[:3], rtol=1e-13)
    assert len(results.get_prediction(new).summary_frame()) == 3
    assert "x" in results.wald_test_terms(scalar=True).table.index
    assert results.t_test("x = 0").pvalue < 1
    assert options is None or options.formula_engine == "formulaic"
