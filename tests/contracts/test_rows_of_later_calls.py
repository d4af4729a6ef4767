"""What is given after the fit belongs to rows as much as what was given before it."""

import numpy as np
import pandas as pd
import pytest

import wlogit.formula.api as wsmf
from wlogit import (
    DesignError,
    InferenceWarning,
    NotAvailableError,
    SeparationWarning,
    WeightedLogit,
)


@pytest.fixture
def data():
    rng = np.random.default_rng(8)
    n = 240
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    frame["o"], frame["g"] = rng.normal(size=n), rng.integers(0, 30, n)
    chance = 1 / (1 + np.exp(0.5 - frame["x"] - frame["o"]))
    frame["y"] = (rng.random(n) < chance).astype(int)
    frame["e"] = frame["z"] + frame["y"]
    return frame


def fit(data, formula="y ~ x", **options):
    return wsmf.weighted_logit(formula, data, **options).fit(disp=False)


def test_columns_of_a_score_test_are_aligned_by_label(data):
    results = fit(data, class_weight="balanced")
    whole = results.score_test(data["e"])
    shuffled = results.score_test(data["e"].sample(frac=1, random_state=0))
    assert whole.statistic == shuffled.statistic
    frame = results.score_test(data[["e", "z"]].sample(frac=1, random_state=0))
    assert frame.statistic == results.score_test(data[["e", "z"]]).statistic


def test_columns_of_a_score_test_have_the_rows_of_the_data_as_passed(data):
    kept = data.iloc[10:]
    holes = data.copy()
    holes.loc[holes.index[:10], "x"] = np.nan
    expected = fit(kept, class_weight="balanced").score_test(kept["e"]).statistic
    results = fit(holes, class_weight="balanced")
    assert results.score_test(holes["e"]).statistic == pytest.approx(expected, rel=1e-10)
    with pytest.raises(ValueError, match="exog_extra"):
        results.score_test(kept["e"].to_numpy())


def test_keywords_of_the_covariance_of_a_score_test_are_used(data):
    results = fit(data, class_weight="balanced")
    with pytest.raises(ValueError, match="nonsense"):
        results.score_test(data["z"], cov_kwds={"nonsense": 1})
    fixed = results.score_test(data["z"], cov_kwds={"class_weights": "fixed"})
    assert fixed.statistic != results.score_test(data["z"]).statistic


def test_a_naive_score_test_warns(data):
    results = fit(data, class_weight="balanced")
    with pytest.warns(InferenceWarning, match="not valid"):
        results.score_test(data["z"], cov_type="nonrobust")
    with pytest.raises(ValueError, match="separate"):
        results.score_test(data["z"], cov_type="nonrobust", hypothesis="separate")


def test_the_offset_of_new_rows_is_aligned_by_label(data):
    results = fit(data, offset="o")
    new = data.iloc[:20]
    expected = results.predict(new)
    assert results.predict(new, offset=new["o"][::-1]).equals(expected)
    again = results.predict(offset=data["o"][::-1])
    np.testing.assert_allclose(again, results.predict(), rtol=1e-13)
    with pytest.raises(ValueError, match="offset"):
        results.predict(new, offset=data["o"].iloc[5:25])


def test_clusters_are_read_from_the_data_as_they_were(data):
    results = fit(data)
    before = results.with_covariance("cluster", groups="g").bse
    data["x"] = data["x"].sort_values().to_numpy()
    data["g"] = 1
    assert results.with_covariance("cluster", groups="g").bse.equals(before)


def test_removing_the_data_of_one_result_leaves_no_wrong_number_in_another(data):
    results = fit(data, offset="o", class_weight="balanced")
    other = results.with_covariance("HC1")
    results.remove_data()
    for ask in (
        lambda: other.fittedvalues,
        lambda: other.resid_response,
        lambda: other.cov_HC0,
        lambda: other.pseudo_rsquared("tjur"),
    ):
        with pytest.raises(NotAvailableError, match="removed"):
            ask()


def test_removing_the_data_reaches_the_fits_inside(data):
    data["w"] = np.linspace(1, 2, len(data))
    results = fit(data, "y ~ x + z", sampling_weights="w")
    constrained = results.model.fit_constrained("z = 0", disp=False)
    constrained.remove_data()
    assert constrained.results_constrained.model.sampling_weights is None
    results = fit(data, sampling_weights="w")
    results.set_null_options()
    results.remove_data()
    assert results.res_null.model.sampling_weights is None


def test_separation_under_constraints_names_the_columns_of_the_model(data):
    separated = ((data["y"] == 1) & (data["x"] > 0)).astype(float)
    X = np.column_stack([np.ones(len(data)), data["x"] * 0 + data["o"], data["z"], separated])
    model = WeightedLogit(data["y"].to_numpy(), X)
    with pytest.warns(SeparationWarning, match=r"x3 to \+infinity"):
        results = model.fit_constrained("x1 = 0", disp=False)
    assert np.isnan(results.bse).tolist() == [False, False, False, True]
    assert "x3 to +infinity" in " ".join(str(results.summary()).split())


def test_a_constrained_clustered_fit_keeps_its_clusters(data):
    data.loc[data.index[:10], "x"] = np.nan
    model = wsmf.weighted_logit("y ~ x + z", data, class_weight="balanced")
    results = model.fit_constrained(
        "z = 0", disp=False, cov_type="cluster", cov_kwds={"groups": "g"}
    )
    test = results.score_test()
    direct = model.fit(disp=False).wald_test("z = 0", scalar=True)
    assert np.isfinite(test.pvalue)
    assert test.k_constraint == 1
    assert direct.pvalue != test.pvalue


def test_constraints_that_repeat_one_another_are_refused(data):
    model = wsmf.weighted_logit("y ~ x + z", data)
    with pytest.raises(ValueError, match="repeat or contradict"):
        model.fit_constrained("x = 0, 2 * x = 0")


def test_a_fit_that_did_not_converge_has_no_tests_and_criteria(data):
    with pytest.warns(UserWarning, match="maxiter=1"):
        results = wsmf.weighted_logit("y ~ x + z", data).fit(maxiter=1, disp=False)
    values = [results.llr_pvalue, results.aic, results.bic, results.info_criteria("tic")]
    assert np.isnan(values).all()
    with pytest.raises(NotAvailableError, match="converge"):
        results.score_test(data["o"])


def test_calibrated_predictions_without_a_free_constant_warn(data):
    with pytest.warns(InferenceWarning, match="free constant"):
        fit(data, "y ~ 0 + x", class_weight={0: 1, 1: 10}).predict(which="calibrated")


def test_terms_lose_the_df_of_dropped_columns(data):
    data["double"] = 2 * data["x"]
    data["k"] = data["g"] % 3
    results = fit(data, "y ~ x + double + C(k)", aliased="drop")
    table = results.wald_test_terms().table
    assert table["df_constraint"].to_dict() == {"Intercept": 1, "C(k)": 2, "x": 1}


def test_what_a_model_stores_is_no_option_of_its_own(data):
    model = wsmf.weighted_logit("y ~ x", data, class_weight="balanced")
    half = wsmf.weighted_logit("y ~ x", data.iloc[:100], class_weight=model.class_weight)
    assert half.weights.factors.source == "mapping"
    for name in ("n_trials", "rows", "formula", "stored", "check_rank", "missing_idx"):
        with pytest.raises(TypeError, match=name):
            WeightedLogit([0, 1, 0, 1], np.ones((4, 1)), **{name: 3})


def test_a_new_covariance_keeps_the_distribution(data):
    results = wsmf.weighted_logit("y ~ x", data).fit(disp=False, use_t=True)
    assert results.with_covariance("HC1").use_t
    assert not results.with_covariance("HC1", use_t=False).use_t


def test_a_constrained_fit_has_no_influence_measures(data):
    results = wsmf.weighted_logit("y ~ x + z", data).fit_constrained("z = 0", disp=False)
    with pytest.raises(NotAvailableError, match="constrained"):
        results.get_influence()


def test_a_subset_without_rows_and_a_part_of_a_factor_are_refused(data):
    with pytest.raises(DesignError, match="subset="):
        fit(data, subset=data["x"] > 100)
