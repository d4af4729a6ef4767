"""The plain tables: what is in them, on which rows, and what is missing."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.unit.reporting.fits import fit, frame
from wlogit import NotAvailableError, WeightedLogit
from wlogit.errors import ConvergenceWarning, InferenceWarning, SeparationWarning

FITS = {
    "none": {},
    "frequency": {"freq_weights": "m"},
    "sampling": {"sampling_weights": "a"},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 3}},
    "prevalence": {"prevalence": 0.1},
    "product": {"freq_weights": "m", "sampling_weights": "a", "class_weight": "balanced"},
}


@pytest.fixture(params=FITS)
def results(request):
    return fit("y ~ x + a", **FITS[request.param])


# -- tidy ----------------------------------------------------------------------------------------


def test_tidy_has_the_members_of_the_results(results):
    table = results.tidy(conf_level=0.8)
    assert list(table["term"]) == list(results.params.index)
    members = {"estimate": "params", "std_error": "bse", "statistic": "tvalues"}
    for column, name in {**members, "p_value": "pvalues"}.items():
        assert_array_equal(table[column], getattr(results, name))
    limits = np.asarray(results.conf_int(0.2))
    assert_allclose(table[["conf_low", "conf_high"]], limits, rtol=1e-14)


def test_odds_ratios_leave_errors_and_tests_alone(results):
    plain, odds = results.tidy(), results.tidy(exponentiate=True)
    expected = results.odds_ratios()
    assert_allclose(odds["estimate"], expected["OR"], rtol=1e-14)
    assert_allclose(odds[["conf_low", "conf_high"]], expected[["lower", "upper"]], rtol=1e-12)
    same = ["std_error", "statistic", "p_value"]
    pd.testing.assert_frame_equal(plain[same], odds[same])


def test_tidy_reads_the_covariance_and_the_distribution_in_use():
    results = fit("y ~ x + group").with_covariance("cluster", groups="firm", use_t=True)
    table = results.tidy()
    assert_array_equal(table["std_error"], results.bse)
    # Twelve clusters, eleven degrees of freedom: 2.20099 is t's quantile.
    assert_allclose(
        (table["conf_high"] - table["estimate"]) / table["std_error"], 2.200985160, rtol=1e-9
    )


def test_a_ratio_beyond_floating_point_is_infinite_without_noise():
    X = np.column_stack([np.ones(60), frame()["x"] / 1e6])
    table = WeightedLogit(frame()["y"].to_numpy(), X).fit(disp=False).tidy(exponentiate=True)
    assert np.isinf(table["conf_high"][1])


# -- glance --------------------------------------------------------------------------------------


def test_glance_has_the_members_of_the_results(results):
    (row,) = results.glance().to_dict("records")
    for name in ("nobs", "df_model", "df_resid", "llf", "llnull", "llr", "aic", "bic", "cov_type"):
        assert row[name] == getattr(results, name)
    assert row["llr_pvalue"] == results.llr_pvalue
    assert row["pseudo_rsquared"] == results.prsquared
    assert row["pseudo_likelihood"] == (not results.weights.likelihood)
    assert row["weights"] == results.weights.kind
    assert row["effective_size"] == results.weights.effective_size
    assert row["n_rows"] == 60
    assert row["converged"] is True


def test_what_a_fit_refuses_is_missing_at_a_glance():
    constrained = WeightedLogit.from_formula("y ~ x + a", frame(), class_weight="balanced")
    row = constrained.fit_constrained("x = 0.5", disp=False).glance().iloc[0]
    assert np.isnan(row["llr_pvalue"])
    moved = WeightedLogit.from_formula("y ~ x", frame(), class_weight="balanced")
    row = moved.fit_bias_reduced(disp=False).glance().iloc[0]
    assert np.isnan(row["aic"])
    assert row["llr"] > 0


# -- augment -------------------------------------------------------------------------------------


def test_augment_has_the_members_of_the_results_on_the_users_rows(results):
    table = results.augment()
    assert list(table.index) == [f"r{i}" for i in range(60)]
    assert_array_equal(table["fitted"], results.predict())
    assert_allclose(table["fitted_calibrated"], results.predict(which="calibrated"), rtol=1e-13)
    for name in ("resid_response", "resid_pearson", "resid_dev"):
        assert_array_equal(table[name], getattr(results, name))
    linear = results.get_prediction(which="linear")
    assert_array_equal(table["linear_predictor"], linear.predicted)
    assert_array_equal(table["linear_predictor_se"], linear.se)
    assert_array_equal(table["row_weight"], np.broadcast_to(results.weights.row_weight, 60))
    influence = results.get_influence()
    assert_array_equal(table["leverage"], influence.hat_matrix_diag)
    assert_array_equal(table["cooks_distance"], influence.cooks_distance[0])
    assert_allclose(table["leverage"].sum(), 3.0, rtol=1e-10)


def test_rows_left_out_are_absent():
    data = frame()
    data.loc[["r3", "r50"], "x"] = np.nan
    results = fit(data=data)
    table = results.augment()
    assert len(table) == 58
    assert not {"r3", "r50"} & set(table.index)
    beside = results.augment(data)
    assert list(beside.columns[: data.shape[1]]) == list(data.columns)
    pd.testing.assert_frame_equal(beside[data.columns], data.drop(index=["r3", "r50"]))
    pd.testing.assert_frame_equal(beside[table.columns], table)


@pytest.mark.parametrize("chosen", ["complete", "shuffled", "superset"])
def test_data_are_matched_by_label(chosen):
    data = frame()
    data.loc["r3", "x"] = np.nan
    results = fit(data=data)
    given = {
        "complete": data.dropna(),
        "shuffled": data.sample(frac=1.0, random_state=1),
        "superset": pd.concat([data, data.set_axis([f"s{i}" for i in range(60)])]),
    }[chosen]
    pd.testing.assert_frame_equal(results.augment(given), results.augment(data))


def test_data_of_arrays_are_matched_by_position():
    y, X = frame()["y"].to_numpy(), np.column_stack([np.ones(60), frame()["x"]])
    results = WeightedLogit(y, X).fit(disp=False)
    assert list(results.augment().index) == list(range(60))
    beside = results.augment(frame()[["firm"]])
    assert list(beside.index) == list(frame().index)
    assert_array_equal(beside["fitted"], results.predict())


def test_duplicate_labels_are_matched_in_order():
    data = frame().set_axis(np.arange(60) % 7)
    results = fit(data=data)
    beside = results.augment(data)
    assert_array_equal(beside["x"], data["x"])
    assert_array_equal(beside["fitted"], results.predict())
    with pytest.raises(ValueError, match="do not match"):
        results.augment(data.iloc[::-1])


def test_other_rows_are_refused_with_the_way_to_predict_them():
    with pytest.raises(ValueError, match=r"get_prediction\(data\)"):
        fit().augment(frame().iloc[:10])


def test_no_column_is_overwritten():
    with pytest.raises(ValueError, match="fitted already; rename"):
        fit().augment(frame().assign(fitted=1.0))


def test_fractions_counts_and_rows_without_weight():
    for formula in ("share ~ x", "events + others ~ x"):
        table = fit(formula).augment()
        assert len(table) == 60
        assert np.isfinite(table.to_numpy()).all()
    table = fit(freq_weights="m").augment()
    nothing = frame()["m"] == 0
    assert (table.loc[nothing, ["row_weight", "leverage", "cooks_distance"]] == 0).all(axis=None)


# -- what is missing -----------------------------------------------------------------------------

INFLUENCE = ["resid_studentized", "leverage", "cooks_distance"]


def test_constrained_and_bias_reduced_fits_have_no_influence():
    model = WeightedLogit.from_formula("y ~ x + a", frame(), class_weight="balanced")
    for results in (
        model.fit_constrained("x = 0", disp=False),
        model.fit_bias_reduced(disp=False),
    ):
        table = results.augment()
        assert table[INFLUENCE].isna().all(axis=None)
        assert table.drop(columns=INFLUENCE).notna().all(axis=None)


def test_a_calibrated_fit_has_its_tables():
    fitted = fit("y ~ x + a", class_weight="balanced")
    calibrated = fitted.calibrated()
    table, own = calibrated.augment(), fitted.augment()
    assert_allclose(table["fitted"], own["fitted_calibrated"], rtol=1e-12)
    assert_allclose(table["fitted_calibrated"], own["fitted_calibrated"], rtol=1e-12)
    assert table[[*INFLUENCE, "resid_response", "resid_dev"]].isna().all(axis=None)
    assert_array_equal(calibrated.tidy()["estimate"], calibrated.params)
    archived = calibrated.to_dict()
    assert archived["title"].endswith("Calibrated")
    assert archived["calibration"] is None


def test_what_a_constraint_has_fixed_has_no_test():
    model = WeightedLogit.from_formula("y ~ x + a", frame())
    results = model.fit_constrained("x = 0.5", disp=False)
    fixed = results.tidy().set_index("term").loc["x"]
    assert fixed[["estimate", "std_error", "conf_low", "conf_high"]].tolist() == [0.5, 0, 0.5, 0.5]
    assert fixed[["statistic", "p_value"]].isna().all()
    for exponentiate in (False, True):
        table = results.summary(exponentiate=exponentiate).tables[1]
        (row,) = [[str(cell).strip() for cell in row] for row in table if str(row[0]) == "x"]
        assert row[-4:-2] == ["", ""]


def test_separated_fits_have_no_errors_where_coefficients_diverge():
    data = frame().assign(flag=(frame()["y"] == 1) & (frame()["x"] > 0))
    with pytest.warns(SeparationWarning):
        results = fit("y ~ x + flag", data.astype({"flag": int}))
    tidied = results.tidy()
    assert np.isnan(tidied.set_index("term").loc["flag", "std_error"])
    table = results.augment()
    assert table[INFLUENCE].isna().all(axis=None)
    assert table["fitted"].notna().all()


def test_a_fit_that_did_not_converge_has_no_errors():
    with pytest.warns(ConvergenceWarning):
        results = fit(fitting={"maxiter": 1})
    assert results.tidy()[["std_error", "p_value", "conf_low"]].isna().all(axis=None)
    assert results.glance()["converged"].iloc[0] is np.False_


def test_without_a_free_constant_calibration_takes_out_the_ratio_and_says_so():
    with pytest.warns(InferenceWarning, match="not at population scale"):
        table = fit("y ~ 0 + x", class_weight={0: 1, 1: 3}).augment()
    odds = table["fitted"] / (1 - table["fitted"])
    assert_allclose(table["fitted_calibrated"], odds / 3 / (1 + odds / 3))
    assert_array_equal(fit("y ~ 0 + x").augment()["fitted_calibrated"], fit("y ~ 0 + x").predict())


def test_the_tables_of_coefficients_and_of_the_fit_outlive_the_data(results):
    before = results.tidy(), results.glance()
    results.remove_data()
    for table, again in zip(before, (results.tidy(), results.glance()), strict=True):
        pd.testing.assert_frame_equal(table, again)
    with pytest.raises(NotAvailableError):
        results.augment()


def test_a_naive_covariance_is_given_and_named():
    with pytest.warns(InferenceWarning):
        naive = fit(class_weight="balanced", fitting={"cov_type": "nonrobust"})
    assert naive.glance()["cov_type"].iloc[0] == "nonrobust"


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_a_level_is_between_zero_and_one(level):
    with pytest.raises(ValueError, match="between 0 and 1"):
        fit().tidy(conf_level=level)
