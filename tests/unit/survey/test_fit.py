"""Fits under a survey design: the laws they obey, and what reaches their rows."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import InferenceWarning, NotAvailableError, SurveyDesign, WeightedLogit, WeightedMNLogit
from wlogit.formula.api import weighted_logit, weighted_mnlogit

FORMULA = "y ~ x + C(g)"


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(12)
    n = 240
    frame = pd.DataFrame({"x": rng.normal(size=n), "g": rng.choice(list("abc"), n)})
    frame["stratum"] = np.repeat(np.arange(4), 60)
    frame["town"] = np.repeat(np.arange(24), 10)
    town = rng.normal(size=24)[frame["town"]]
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(0.3 - frame["x"] - town))).astype(int)
    frame["w"] = rng.uniform(1, 5, n)
    frame["m"] = rng.integers(1, 4, n)
    frame.index = pd.Index([f"r{i}" for i in range(n)])
    return frame


def design_of(data, **options):
    return SurveyDesign(data, **{"weights": "w", "strata": "stratum", "psu": "town", **options})


def fit(data, design=None, formula=FORMULA, **options):
    design = design_of(data) if design is None else design
    return weighted_logit(formula, data, design=design, **options).fit(disp=False)


def same(one, other, rtol=1e-10):
    assert_allclose(one.params, other.params, rtol=rtol, atol=1e-12)
    assert_allclose(one.cov_params(), other.cov_params(), rtol=rtol, atol=1e-14)
    assert one.df_resid_inference == other.df_resid_inference
    assert_allclose(one.pvalues, other.pvalues, rtol=1e-7)


# -------------------------------------------------------------------------------------- laws


@pytest.mark.parametrize("options", [{}, {"class_weight": {0: 1, 1: 3}}])
def test_rows_as_psus_in_one_stratum_are_the_linearized_sandwich(data, options):
    survey = fit(data, SurveyDesign(data, weights="w"), **options)
    plain = weighted_logit(FORMULA, data, sampling_weights="w", **options).fit(disp=False)
    linearized = plain.with_covariance("linearized")
    assert_allclose(survey.cov_params(), linearized.cov_params(), rtol=1e-11)
    assert survey.df_resid_inference == len(data) - 4


def test_strata_by_outcome_are_the_linearized_sandwich_of_balanced_classes(data):
    plain = weighted_logit(FORMULA, data, class_weight="balanced").fit(disp=False)
    design = SurveyDesign(data, weights=np.ones(len(data)), strata="y")
    survey = fit(data, design, class_weight="balanced")
    fixed = survey.with_covariance("survey", class_weights="fixed")
    expected = plain.with_covariance("linearized").cov_params()
    # Strata center the scores as estimated class weights do.
    assert_allclose(survey.cov_params(), expected, rtol=1e-10)
    assert_allclose(fixed.cov_params(), expected, rtol=1e-10)


def test_labels_of_strata_and_psus_do_not_matter(data):
    new = {"stratum": 9 - data["stratum"], "town": data["town"].map(lambda t: f"town {t % 7}{t}")}
    same(fit(data), fit(data.assign(**new)))
    local = data.assign(town=data["town"] % 6)
    same(fit(data), fit(local, design_of(local, nest=True)))


def test_order_of_rows_and_scale_of_weights_do_not_matter(data):
    shuffled = data.sample(frac=1.0, random_state=5)
    same(fit(data), fit(shuffled))
    same(fit(data), fit(data.assign(w=data["w"] * 1e9)))


def test_a_frequency_is_the_row_repeated(data):
    repeated = data.loc[data.index.repeat(data["m"])].reset_index(drop=True)
    for options in ({}, {"class_weight": "balanced"}):
        counted = fit(data, freq_weights="m", **options)
        same(counted, fit(repeated, **options), rtol=1e-9)
        one, other = (
            r.get_margeff(vce="unconditional") for r in (counted, fit(repeated, **options))
        )
        assert_allclose(one.margeff_se, other.margeff_se, rtol=1e-9)
        assert_allclose(counted.auc().se, fit(repeated, **options).auc().se, rtol=1e-9)


def test_a_domain_of_all_rows_is_the_fit(data):
    same(fit(data), fit(data, design_of(data).subset(np.ones(len(data), dtype=bool))))


# ------------------------------------------------------------------------------------ domains


def test_subset_domain_and_missing_values_leave_out_the_same_rows(data):
    inside = data["x"] > -0.5
    by_design = fit(data, design_of(data).subset(inside))
    by_model = fit(data, subset=inside)
    gaps = fit(data.assign(x=data["x"].where(inside)))
    same(by_design, by_model)
    same(by_design, gaps)
    assert by_design.nobs == inside.sum()
    assert len(by_design.fittedvalues) == inside.sum()
    assert list(by_design.fittedvalues.index) == list(data.index[inside])


def test_a_domain_is_not_the_design_of_its_rows(data):
    inside = data["town"] % 6 > 0
    part = data[inside]
    whole, cut = fit(data, design_of(data).subset(inside)), fit(part, design_of(part))
    assert_allclose(whole.params, cut.params)
    assert not np.allclose(whole.bse, cut.bse, rtol=1e-3)
    assert whole.df_resid_inference == cut.df_resid_inference


def test_anything_may_stand_outside_the_domain(data):
    inside = data["stratum"] < 3
    spoiled = data.assign(
        y=data["y"].astype(object).where(inside, "never asked"),
        x=data["x"].where(inside),
        g=data["g"].where(inside, "only here"),
        m=data["m"].where(inside, np.nan),
    )
    design = design_of(spoiled).subset(inside)
    # Outcomes of 0 and 1 that stand in a column of objects.
    expected = fit(data, design_of(data).subset(inside), freq_weights="m")
    found = fit(spoiled, design, freq_weights="m", missing="raise")
    same(found, expected)
    x = np.column_stack([np.ones(len(data)), data["x"]])
    x[~inside] = np.nan
    exog = pd.DataFrame(x, index=data.index, columns=["const", "x"])
    by_array = WeightedLogit(spoiled["y"], exog, design=design).fit(disp=False)
    by_formula = fit(data, design_of(data).subset(inside), "y ~ x")
    assert_allclose(by_array.cov_params(), by_formula.cov_params(), rtol=1e-10)
    by_list = WeightedLogit(
        spoiled["y"].tolist(),
        x,
        design=design_of(spoiled.reset_index(drop=True)).subset(inside.to_numpy()),
    ).fit(disp=False)
    assert_allclose(by_list.bse, by_array.bse, rtol=1e-12)


def test_rows_of_weight_zero_stay_in_the_design(data):
    light = data.assign(w=data["w"].where(data["town"] != 5, 0.0))
    found = fit(light)
    assert found.df_resid_inference == 23 - 4 + 1 - 4
    same(found, fit(data, design_of(data).subset(data["town"] != 5)))


# ------------------------------------------------------------------------- what it is reached by


def test_counts_of_two_columns(data):
    grouped = data.groupby(["stratum", "town"], as_index=False).agg(
        events=("y", "sum"), n=("y", "size"), x=("x", "mean"), w=("w", "first")
    )
    grouped["others"] = grouped["n"] - grouped["events"]
    found = fit(grouped, formula="events + others ~ x")
    tall = pd.concat(
        [grouped.assign(y=1, m=grouped["events"]), grouped.assign(y=0, m=grouped["others"])],
        ignore_index=True,
    )
    same(found, fit(tall, formula="y ~ x", freq_weights="m"))


def test_models_that_are_built_again_keep_the_design(data):
    inside = data["x"] > -1
    results = fit(data, design_of(data).subset(inside), class_weight="balanced")
    short = fit(data, design_of(data).subset(inside), "y ~ C(g)", class_weight="balanced")
    constrained = results.model.fit_constrained("x = 0", disp=False)
    kept = [0, 1, 2]
    assert_allclose(
        np.asarray(constrained.cov_params())[np.ix_(kept, kept)], short.cov_params(), rtol=1e-9
    )
    assert constrained.df_resid_inference == short.df_resid_inference
    assert constrained.use_t
    link = results.link_test()
    assert 0.0 < link.pvalue < 1.0
    results.set_null_options()
    assert_allclose(results.res_null.llf, results.llnull, rtol=1e-9)
    assert results.res_null.cov_type == "survey"


def test_t_tests_come_and_go_with_the_design(data):
    results = fit(data)
    assert (results.cov_type, results.use_t) == ("survey", True)
    robust = results.with_covariance("HC3")
    assert (robust.use_t, robust.with_covariance("survey").use_t) == (False, True)
    assert not results.with_covariance("survey", use_t=False).use_t
    assert "ignores the design" in robust.covariance.description
    assert "ignores the design" in str(robust.summary()).replace("\n    ", " ")
    assert results.with_covariance("survey", df="design").df_resid_inference == 20


def test_the_summary_says_the_design(data):
    text = " ".join(str(fit(data).summary()).split())
    assert "linearized over the design (24 PSUs in 4 strata), t tests with 17 degrees" in text
    assert "(20 of the design, plus 1 less 4 coefficients)" in text


def test_a_score_test_of_too_many_columns_says_so(data):
    extra = np.random.default_rng(3).normal(size=(240, 18))
    with pytest.warns(InferenceWarning, match="too few degrees of freedom.*no p-value"):
        test = fit(data).score_test(extra)
    assert np.isnan(test.pvalue)
    # Eleven leave six: 20 of the design, plus 1 less 15 coefficients.
    assert fit(data).score_test(extra[:, :11]).df_denom == 6.0


@pytest.mark.filterwarnings("ignore::wlogit.InferenceWarning")
def test_without_degrees_of_freedom_there_is_no_interval_and_words_say_why(data):
    extra = [f"e{j}" for j in range(18)]
    more = data.assign(
        **dict(zip(extra, np.random.default_rng(3).normal(size=(18, 240)), strict=True))
    )
    results = fit(more, design_of(more), formula=f"{FORMULA} + {' + '.join(extra)}")
    area, report = results.auc(), results.classification_report()
    assert np.isnan(area.ci).all()
    assert report.frame[["ci_lower", "ci_upper"]].isna().all(axis=None)
    for said in (area, results.brier(), results.lr_test("x")):
        assert "too few" in str(said)
        assert "nan" not in str(said)


def test_results_outlive_the_design(data):
    results = fit(data)
    other = pickle.loads(pickle.dumps(results))
    assert_allclose(other.with_covariance("survey", df="design").bse, results.bse)
    other.remove_data()
    assert other.model.design is None
    assert_allclose(other.bse, results.bse)
    assert str(other.summary())
    with pytest.raises(NotAvailableError):
        other.with_covariance("survey")


def test_held_out_rows_are_whole_psus(data):
    results = fit(data, formula="y ~ x")
    held_out = results.evaluate(cv=4, seed=0)
    expected = results.evaluate(cv=4, seed=0, groups="town")
    assert_allclose(held_out.auc().auc, expected.auc().auc, rtol=1e-12)


def test_evaluations_and_reports_are_there(data):
    results = fit(data, class_weight="balanced")
    assert results.auc().se > 0
    assert results.weighting_report() is not None
    assert results.sensitivity(ratios=[1.0, 2.0]) is not None
    assert results.to_json()
    assert results.recalibrate().cov_type == "survey"
    assert results.calibrated().with_covariance("survey", df="design").use_t


def test_two_labels_of_a_multinomial_fit_are_those_of_a_logit(data):
    inside = data["x"] > -1
    design = design_of(data).subset(inside)
    options = {"class_weight": "balanced", "freq_weights": "m"}
    binary = fit(data, design, "y ~ x", **options)
    labels = weighted_mnlogit("y ~ x", data, design=design, **options).fit(disp=False)
    assert labels.use_t
    assert_allclose(np.ravel(labels.params), binary.params, rtol=1e-9)
    assert_allclose(labels.cov_params(), binary.cov_params(), rtol=1e-8)
    assert labels.df_resid_inference == binary.df_resid_inference
    assert "ignores the design" in labels.with_covariance("HC3").covariance.description
    arrays = WeightedMNLogit(
        data["y"], labels.model.data.orig_exog.reindex(data.index), design=design
    )
    assert_allclose(
        arrays.fit(disp=False).params,
        weighted_mnlogit("y ~ x", data, design=design).fit(disp=False).params,
        rtol=1e-10,
    )


def test_the_design_follows_the_labels_of_the_data(data):
    shuffled = data.sample(frac=1.0, random_state=7)
    inside = data["x"] > -1
    design = design_of(data).subset(inside)
    same(fit(data, design), fit(shuffled, design))
    labels = weighted_mnlogit("y ~ x", shuffled, design=design).fit(disp=False)
    assert_allclose(np.ravel(labels.params), fit(data, design, "y ~ x").params, rtol=1e-9)
    exog = pd.DataFrame({"const": 1.0, "x": shuffled["x"]})
    arrays = WeightedLogit(shuffled["y"], exog, design=design).fit(disp=False)
    assert_allclose(arrays.cov_params(), fit(data, design, "y ~ x").cov_params(), rtol=1e-10)


def test_folds_and_halves_are_of_whole_psus(data):
    model = weighted_logit("y ~ x", data, design=design_of(data))
    options = {"alphas": [0.1, 0.01], "cv": 4, "seed": 2}
    path, grouped = (
        model.fit_regularized_path(**options, **more) for more in ({}, {"groups": "town"})
    )
    assert_allclose(path.validation.mean, grouped.validation.mean, rtol=1e-12)
    rows = weighted_logit("y ~ x", data, design=SurveyDesign(data, weights="w"))
    assert not np.allclose(
        rows.fit_regularized_path(**options).validation.mean, path.validation.mean, rtol=1e-6
    )
    halves = {"alphas": [0.05], "n_pairs": 3, "seed": 3, "threshold": 0.8}
    one, other = (model.stability_selection(**halves, **more) for more in ({}, {"groups": "town"}))
    assert_allclose(one.frequencies, other.frequencies)


def test_psus_in_one_stratum_are_clusters(data):
    survey = fit(data, SurveyDesign(data, weights="w", psu="town"))
    clustered = survey.with_covariance("cluster", groups="town", kind="CR1")
    assert_allclose(survey.cov_params(), clustered.cov_params(), rtol=1e-11)
    assert_allclose(survey.auc().se, clustered.auc().se, rtol=1e-11)


def test_areas_of_penalised_fits_know_the_design(data):
    model = weighted_logit("y ~ x", data, design=design_of(data))
    penalised = model.fit_regularized(method="elastic_net", alpha=1e-9, disp=False)
    assert_allclose(penalised.auc().se, model.fit(disp=False).auc().se, rtol=1e-6)
