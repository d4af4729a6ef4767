"""Designs and data of every shape: constants, aliased columns, missing rows, alignment, use_t."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.unit.multinomial.studies import WEIGHTS, arrays, survey
from wlogit import DesignError, MissingValueError, WeightedMNLogit, WeightError
from wlogit.errors import InferenceWarning

FORMULA = "mode ~ age + income + town"


@pytest.fixture
def frame():
    return survey()


def fit(frame, formula=FORMULA, **options):
    return WeightedMNLogit.from_formula(formula, frame, **options).fit(disp=False)


@pytest.mark.parametrize("kind", WEIGHTS)
def test_an_implicit_constant_is_a_constant(frame, kind):
    one = fit(frame, "mode ~ town + age", **WEIGHTS[kind])
    other = fit(frame, "mode ~ 0 + town + age", **WEIGHTS[kind])
    assert other.k_constant == 1
    for name in ("llnull", "llf", "df_model", "df_resid", "llr_pvalue", "aic", "bic"):
        assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9)
    assert_allclose(one.predict(which="calibrated"), other.predict(which="calibrated"), rtol=1e-9)
    first, second = (r.get_prediction(frame.head(4), which="calibrated") for r in (one, other))
    assert_allclose(first.se, second.se, rtol=1e-8)
    first, second = (r.get_margeff(atexog=None) for r in (one, other))
    at = first.names.index("age"), second.names.index("age")
    assert_allclose(first.margeff[at[0]], second.margeff[at[1]], rtol=1e-9)
    assert_allclose(first.margeff_se[at[0]], second.margeff_se[at[1]], rtol=1e-8)


def test_without_a_constant_the_null_model_has_equal_probabilities(frame):
    results = fit(frame, "mode ~ 0 + age + income", freq_weights="count")
    assert results.df_model == 6.0
    assert_allclose(results.llnull, -frame["count"].sum() * np.log(4.0), rtol=1e-12)
    results.set_null_options()
    assert results.res_null is None
    weighted = fit(frame, "mode ~ 0 + age", class_weight="balanced")
    with pytest.warns(InferenceWarning, match="free constant"):
        weighted.predict(which="calibrated")
    assert any("Without a free constant" in note for note in weighted.summary().content.notes)


def test_the_null_model_can_be_fitted(frame):
    for kind in WEIGHTS:
        results = fit(frame, **WEIGHTS[kind])
        before = results.llnull
        results.set_null_options()
        assert_allclose(results.llnull, before, rtol=1e-10)
        assert_allclose(results.res_null.llf, before, rtol=1e-10)


def test_aliased_columns_are_named_or_left_out(frame):
    frame["months"] = 12.0 * frame["age"] + 3.0
    with pytest.raises(DesignError, match="months"):
        fit(frame, "mode ~ age + months + income")
    dropped = fit(frame, "mode ~ age + months + income", aliased="drop")
    plain = fit(frame, "mode ~ age + income")
    assert list(dropped.model.aliased) == ["months"]
    assert_allclose(dropped.params, plain.params, rtol=1e-9)
    assert_allclose(dropped.predict(frame.head(3)), plain.predict(frame.head(3)), rtol=1e-9)
    table, other = dropped.wald_test_terms().table, plain.wald_test_terms().table
    assert_allclose(table.loc["age"].astype(float), other.loc["age"].astype(float), rtol=1e-8)


def test_missing_rows_go_with_their_weights(frame):
    frame.loc[[3, 7], "age"] = np.nan
    frame.loc[11, "mode"] = None
    results = fit(frame, freq_weights="count", sampling_weights="sampling")
    complete = frame.dropna()
    other = fit(complete, freq_weights="count", sampling_weights="sampling")
    assert_allclose(results.params, other.params, rtol=1e-12)
    assert results.weights.n_dropped == {"outcome": 1, "covariates": 2}
    assert list(results.predict().index) == list(complete.index)
    clustered, known = (r.with_covariance("cluster", groups="area") for r in (results, other))
    assert_allclose(clustered.cov_params(), known.cov_params(), rtol=1e-10)
    with pytest.raises(MissingValueError, match="row 11"):
        WeightedMNLogit.from_formula(FORMULA, frame.drop(index=[3, 7]), missing="raise")


def test_weights_are_matched_by_their_index(frame):
    shuffled = frame["sampling"].sample(frac=1.0, random_state=1)
    one, other = (fit(frame, sampling_weights=w) for w in (frame["sampling"], shuffled))
    assert_allclose(one.params, other.params, rtol=1e-13)
    with pytest.raises(WeightError):
        fit(frame, sampling_weights=frame["sampling"].head(10))
    half = frame.index < 150
    subset = fit(frame, subset=half, sampling_weights=frame["sampling"].to_numpy())
    assert_allclose(subset.params, fit(frame[half], sampling_weights="sampling").params, rtol=1e-12)


def test_arrays_give_arrays_and_tables_give_tables(frame):
    y, x = arrays(frame)
    plain = WeightedMNLogit(y, x).fit(disp=False)
    table = pd.DataFrame(x, columns=["one", "age", "income", "b"], index=frame.index + 100)
    named = WeightedMNLogit(pd.Series(y, frame.index + 100, name="mode"), table).fit(disp=False)
    for name in ("params", "bse", "pvalues", "fittedvalues", "resid_response", "resid_pearson"):
        assert isinstance(getattr(plain, name), np.ndarray)
        assert isinstance(getattr(named, name), pd.DataFrame)
        assert_allclose(getattr(plain, name), getattr(named, name), rtol=1e-12)
    assert isinstance(plain.predict(), np.ndarray)
    assert list(named.fittedvalues.index) == list(table.index)
    assert named.predict(table.head(2)[["b", "income", "age", "one"]]).shape == (2, 4)


def test_the_t_distribution_is_used_throughout(frame):
    results = fit(frame).with_covariance("cluster", groups="area", use_t=True)
    plain = results.with_covariance("cluster", groups="area", use_t=False)
    df = frame["area"].nunique() - 1.0
    assert results.df_resid_inference == df
    expected = 2.0 * stats.t.sf(np.abs(results.tvalues), df)
    assert_allclose(results.pvalues, expected, rtol=1e-12)
    width, other = (np.ptp(r.conf_int().to_numpy(), axis=1) for r in (results, plain))
    ratio = stats.t.isf(0.025, df) / stats.norm.isf(0.025)
    assert_allclose(width / other, ratio, rtol=1e-12)
    effects = results.get_margeff()
    assert_allclose(effects.pvalues, 2.0 * stats.t.sf(np.abs(effects.tvalues), df), rtol=1e-12)
    assert list(results.wald_test_terms().table.columns)[-1] == "df_denom"
    assert "P>|t|" in results.summary().as_text()


def test_columns_far_from_zero_lose_no_digits(frame):
    frame["year"] = 1e6 + np.round(frame["age"], 2)
    frame["near"] = np.round(frame["age"], 2)
    far, near = (fit(frame, f"mode ~ {name} + income") for name in ("year", "near"))
    assert_allclose(far.params.loc["year"], near.params.loc["near"], rtol=1e-9)
    assert_allclose(far.bse.loc["year"], near.bse.loc["near"], rtol=1e-9)
    one, other = (r.with_covariance("HC3") for r in (far, near))
    assert_allclose(one.bse.loc["year"], other.bse.loc["near"], rtol=1e-9)


def test_a_row_alone_in_its_cell_has_leverage_one(frame):
    frame["alone"] = 0.0
    chosen = frame.index[frame["mode"] == "car"][0]
    frame.loc[chosen, "alone"] = 1.0
    model = WeightedMNLogit.from_formula("mode ~ alone + income", frame)
    with pytest.warns(UserWarning, match="separation"):
        results = model.fit(disp=False)
    assert np.isnan(results.bse.loc["alone"]).all()


@pytest.mark.parametrize("vce", ["delta", "unconditional"])
def test_a_constant_alone_has_no_effects(frame, vce):
    results = fit(frame, "mode ~ 1")
    effects = results.get_margeff(vce=vce)
    assert effects.margeff.shape == effects.margeff_se.shape == (0, results.model.J)
    assert effects.summary_frame().empty
    assert "no effects" in str(effects.summary())
    assert results.get_margeff(at="all").margeff.size == 0
