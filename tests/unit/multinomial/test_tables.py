"""Results of several labels as tables, archives, columns of a comparison and a figure."""

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from numpy.testing import assert_allclose

from tests.unit.multinomial.studies import WEIGHTS, survey
from wlogit import InferenceWarning, NotAvailableError, compare, plots
from wlogit.formula.api import weighted_logit, weighted_mnlogit

FORMULA = "mode ~ age + income + town"
QUANTITIES = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]


@pytest.fixture(scope="module")
def frame():
    return survey()


def fit(frame, kind="none", formula=FORMULA, **options):
    return weighted_mnlogit(formula, frame, **WEIGHTS[kind]).fit(disp=False, **options)


def two_labels(frame):
    return frame.assign(mode=np.where(frame["mode"].isin(["car", "walk"]), "own", "bus"))


# -- tidy and glance -----------------------------------------------------------------------------


@pytest.mark.parametrize("use_t", [False, True])
def test_tidy_has_the_numbers_of_statsmodels(frame, use_t):
    ours = fit(frame, use_t=use_t)
    codes = frame.assign(mode=frame["mode"].astype("category").cat.codes)
    theirs = smf.mnlogit(FORMULA, codes).fit(disp=False, use_t=use_t)
    table = ours.tidy(conf_level=0.9)
    assert list(table.columns) == ["label", "term", *QUANTITIES]
    assert table["label"].tolist() == np.repeat(["car", "train", "walk"], 4).tolist()
    assert table["term"].tolist() == ["Intercept", "town[T.b]", "age", "income"] * 3
    for name, values in {
        "estimate": theirs.params,
        "std_error": theirs.bse,
        "statistic": theirs.tvalues,
        "p_value": theirs.pvalues,
    }.items():
        assert_allclose(table[name], np.ravel(values, order="F"), rtol=1e-6, err_msg=name)
    limits = np.asarray(theirs.conf_int(0.1)).reshape(-1, 2)
    assert_allclose(table[["conf_low", "conf_high"]], limits, rtol=1e-6)
    ratios = ours.tidy(exponentiate=True)
    assert_allclose(ratios["estimate"], np.exp(table["estimate"]), rtol=1e-12)
    assert_allclose(ratios["std_error"], table["std_error"])
    assert_allclose(ratios["conf_low"], ours.risk_ratios()["lower"], rtol=1e-12)


@pytest.mark.parametrize("kind", WEIGHTS)
def test_with_two_labels_tables_are_those_of_the_logit(frame, kind):
    data = two_labels(frame)
    ours = fit(data, kind if kind != "mapping" else "balanced")
    weights = WEIGHTS[kind if kind != "mapping" else "balanced"]
    logit = weighted_logit(FORMULA, data, **weights).fit(disp=False)
    one, other = ours.tidy(), logit.tidy()
    assert one["term"].tolist() == other["term"].tolist()
    assert_allclose(one[QUANTITIES], other[QUANTITIES], rtol=1e-7)
    one, other = ours.glance(), logit.glance()
    assert list(one.columns) == list(other.columns)
    words = ["cov_type", "weights", "converged", "pseudo_likelihood"]
    assert one[words].to_dict() == other[words].to_dict()
    numbers = one.columns.drop(words)
    assert_allclose(one[numbers].astype(float), other[numbers].astype(float), rtol=1e-7)


# -- archives ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WEIGHTS)
def test_an_archive_has_what_the_summary_prints(frame, kind):
    results = fit(frame, kind)
    archived = results.to_dict()
    # Strict JSON has no infinite degrees of freedom.
    read = json.loads(results.to_json())
    assert read["covariance"].pop("df") == "inf"
    assert archived["covariance"].pop("df") == np.inf
    assert read == archived
    assert archived["model"]["labels"] == ["bus", "car", "train", "walk"]
    assert archived["model"]["reference"] == "bus"
    assert archived["model"]["reference_levels"] == {"town": "a"}
    table = pd.DataFrame(archived["coefficients"])
    pd.testing.assert_frame_equal(table, results.tidy(), check_exact=True)
    assert_allclose(archived["covariance"]["matrix"], results.cov_params())
    assert archived["covariance"]["valid"] is True
    sizes = {entry["label"]: entry["cases"] for entry in archived["data"]["labels"]}
    counted = frame.groupby("mode")["count"].sum() if "freq_weights" in WEIGHTS[kind] else None
    expected = frame["mode"].value_counts() if counted is None else counted
    assert sizes == expected.astype(float).to_dict()
    assert archived["notes"] == list(results.summary().content.notes)
    moved = archived["calibration"]
    assert (moved is None) == (kind not in ("balanced", "mapping", "product"))


@pytest.mark.parametrize("kind", ["balanced", "product"])
def test_calibrated_intercepts_are_those_of_the_logit(frame, kind):
    data = two_labels(frame)
    (ours,) = fit(data, kind).to_dict()["calibration"]
    logit = weighted_logit(FORMULA, data, **WEIGHTS[kind]).fit(disp=False).to_dict()["calibration"]
    assert ours.pop("label") == "own"
    assert ours == pytest.approx(logit, rel=1e-7)


def test_an_invalid_covariance_is_marked(frame):
    with pytest.warns(InferenceWarning):
        naive = fit(frame, "balanced").with_covariance("nonrobust")
    archived = naive.to_dict()
    assert archived["covariance"]["valid"] is False
    assert all(np.isnan(entry["std_error"]) for entry in archived["calibration"])


# -- comparisons ---------------------------------------------------------------------------------


def test_fits_are_compared_label_by_label(frame):
    plain, balanced = fit(frame), fit(frame, "balanced", "mode ~ age")
    table = compare([plain, balanced], cov_types=["nonrobust", "HC1"], footer=["aic", "llr_pvalue"])
    assert table.frame.index[:2].tolist() == ["car: Intercept", "car: town[T.b]"]
    column = table.frame["(1)"]
    tidied = plain.with_covariance("nonrobust").tidy()
    assert column.index.tolist() == (tidied["label"] + ": " + tidied["term"]).tolist()
    assert_allclose(column[QUANTITIES], tidied[QUANTITIES])
    said = " ".join(table.notes)
    assert "Coefficients compare each label with 'bus'." in said
    assert "(3): INVALID standard errors" in said
    assert "Reference levels: town = a." in said
    text = table.as_text()
    assert "nonrobust (not valid)" in text
    assert "Event" not in text


def test_the_summary_prints_another_covariance(frame):
    results = fit(frame)
    told = results.summary(cov_type="HC1").as_text()
    expected = results.with_covariance("HC1").summary().as_text()
    drop = [line for line in told.splitlines() if "Time:" not in line]
    assert drop == [line for line in expected.splitlines() if "Time:" not in line]


# -- what a nonrobust score test is --------------------------------------------------------------


def test_a_nonrobust_score_test_under_class_weights_is_warned_about(frame):
    results = fit(frame, "balanced", "mode ~ age")
    with pytest.warns(InferenceWarning, match="nonrobust score test ignores what the class"):
        results.score_test(frame["income"], cov_type="nonrobust")
    results.score_test(frame["income"])
    fit(frame, formula="mode ~ age").score_test(frame["income"])


def test_a_page_is_refused_by_name(frame):
    with pytest.raises(NotAvailableError, match=r"two labels.*summary\(\)"):
        fit(frame).report("fit.html")


# -- the confusion matrix as a figure ------------------------------------------------------------


@pytest.mark.parametrize("which", ["calibrated", "mean"])
@pytest.mark.parametrize("kind", ["none", "product"])
def test_the_heat_map_has_the_cases_of_every_pair_of_labels(frame, kind, which):
    pytest.importorskip("matplotlib")
    results = fit(frame, kind)
    ax = plots.confusion(results, which=which)
    counts = results.pred_table(which=which).to_numpy()
    mass = results.pred_table(which=which, weighted=True).to_numpy()
    shares = mass / mass.sum(axis=1, keepdims=True)
    told = {text.get_position(): text.get_text() for text in ax.texts}
    for i in range(4):
        for j in range(4):
            assert told[j, i] == f"{counts[i, j]:,.0f}\n{100 * shares[i, j]:.1f}%"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["bus", "car", "train", "walk"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["bus", "car", "train", "walk"]
    assert_allclose(ax.images[0].get_array(), shares)
    assert ax.get_xlabel().startswith("Predicted: likeliest mode")


def test_the_heat_map_of_a_penalised_fit(frame):
    pytest.importorskip("matplotlib")
    model = weighted_mnlogit(FORMULA, frame)
    results = model.fit_regularized(alpha=0.01, L1_wt=0.0, disp=False)
    told = [text.get_text().split("\n")[0] for text in plots.confusion(results).texts]
    assert told == [f"{cases:,.0f}" for cases in results.pred_table().to_numpy().ravel()]


# -- columns that are combinations of others -----------------------------------------------------


def test_a_ridge_of_columns_that_repeat_others_is_that_of_scikit_learn(frame):
    linear_model = pytest.importorskip("sklearn.linear_model")
    data = frame.assign(again=2.0 * frame["age"] - frame["income"])
    model = weighted_mnlogit("mode ~ age + income + again", data, aliased="keep")
    ridge = model.fit_regularized(alpha=0.02, L1_wt=0.0, disp=False)
    theirs = linear_model.LogisticRegression(C=1.0 / (0.02 * len(data)), tol=1e-12, max_iter=10000)
    theirs.fit(data[["age", "income", "again"]], data["mode"])
    assert_allclose(ridge.coefs_by_label.iloc[:, 1:], theirs.coef_, rtol=1e-5, atol=1e-8)
    assert_allclose(
        ridge.predict(data.head(4)),
        theirs.predict_proba(data[["age", "income", "again"]].head(4)),
        rtol=1e-6,
    )
    assert model.aliased == {}
    with pytest.raises(ValueError, match="again = 2 age"):
        model.fit(disp=False)
    again = type(model)(model.endog, model.exog, aliased="keep", **model._get_init_kwds())
    other = again.fit_regularized(alpha=0.02, L1_wt=0.0, disp=False)
    assert_allclose(other.coefs_by_label, ridge.coefs_by_label, rtol=1e-8)


def test_a_penalised_fit_stands_beside_others_with_every_label(frame):
    model = weighted_mnlogit(FORMULA, frame, **WEIGHTS["product"])
    lasso = model.fit_regularized(alpha=0.02, L1_wt=1.0, disp=False)
    table = compare(
        [lasso, model.fit(disp=False), weighted_logit("town ~ age", frame).fit(disp=False)]
    )
    labels = lasso.coefs_by_label
    for label in labels.index:
        for term in labels.columns:
            found = table.frame.loc[f"{label}: {term}", ("(1)", "estimate")]
            assert found == labels.loc[label, term]
    assert np.isnan(table.frame.loc["bus: age", ("(2)", "estimate")])
    assert table.frame["(1)"]["std_error"].isna().all()
    said = " ".join(table.notes)
    assert "(1): Penalised (lasso, alpha = 0.02)" in said
    assert "(1): Every label has coefficients" in said
    assert "Event" in table.as_text()
