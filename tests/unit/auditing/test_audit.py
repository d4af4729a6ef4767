"""What other programs report wrongly, found in fits of theirs; and what is right is left alone."""

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression

import wlogit
from wlogit import SeparationWarning, WeightedLogit
from wlogit.formula.api import weighted_logit

N = 400


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.normal(size=N), "z": rng.normal(size=N)})
    frame["y"] = (rng.random(N) < 1 / (1 + np.exp(1.5 - 0.5 * frame["x"]))).astype(int)
    frame["a"], frame["m"] = rng.lognormal(size=N), rng.integers(1, 6, N)
    frame["c"] = frame["y"].map({0: 1.0, 1: 3.0})
    frame.index = [f"r{i}" for i in range(N)]
    return frame.assign(o=rng.normal(size=N), g=rng.integers(0, 40, N))


def glm(data, formula="y ~ x + z", cov_type="nonrobust", fit_options=None, **options):
    model = smf.glm(formula, data, family=sm.families.Binomial(), **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of statsmodels, for its cov_type under weights
        return model.fit(cov_type=cov_type, **(fit_options or {}))


def about(report, *words):
    """The one finding with these words."""
    (sentence,) = [s for s in report.findings if all(word in s for word in words)]
    return sentence


def column(report, quantity, which="right"):
    return report.frame.loc[quantity, which]


# ------------------------------------------------------------------------------ class weights


def test_class_weights_in_freq_weights(data):
    report = wlogit.audit(glm(data, freq_weights=data["c"]))
    assert "class weights, for it is the same within each class" in report.weights
    ours = weighted_logit("y ~ x + z", data, class_weight={0: 1.0, 1: 3.0}).fit(disp=False)
    assert_allclose(column(report, "coefficient"), ours.params, rtol=1e-12)
    assert_allclose(column(report, "coefficient", "reported"), ours.params, rtol=1e-6)
    assert_allclose(column(report, "standard error"), ours.bse, rtol=1e-10)
    assert_allclose(column(report, "p-value"), ours.pvalues, rtol=1e-8)
    effects = column(report, "marginal effect")
    assert_allclose(effects, ours.get_margeff().margeff, rtol=1e-10)
    assert "too small" in about(report, "Standard errors (nonrobust)")
    calibrated = ours.params["Intercept"] - np.log(3.0)
    assert_allclose(column(report, "calibrated intercept"), calibrated)
    assert f"the intercept is {calibrated:.4g}" in about(report, "scale of the class weights")
    assert "uncalibrated" in about(report, "marginal effects are wrong")
    assert f"{ours.aic:.6g} (of the pseudo-likelihood)" in about(report, "AIC is")
    assert "397 is right" in about(report, "degrees of freedom")
    assert report.results.cov_type == "HC3"


def test_balanced_weights_are_recognised(data):
    n1 = data["y"].sum()
    weights = np.where(data["y"] == 1, N / n1, N / (N - n1))
    report = wlogit.audit(glm(data, var_weights=weights, cov_type="HC0"))
    ours = weighted_logit("y ~ x + z", data, class_weight="balanced").fit(
        disp=False, cov_type="HC0"
    )
    assert_allclose(column(report, "standard error"), ours.bse, rtol=1e-8)
    assert "come from the sample" in about(report, "Standard errors (HC0)")


def test_equal_weights_are_none(data):
    report = wlogit.audit(glm(data, freq_weights=np.full(N, 2.0)))
    assert report.weights == "there are no weights"


# --------------------------------------------------------------------------- sampling weights


def test_sampling_weights_as_counts(data):
    report = wlogit.audit(glm(data, freq_weights=data["a"], cov_type="HC0"))
    assert "sampling weights, for it differs within classes" in report.weights
    # statsmodels' own sandwich is right with var_weights.
    right = glm(data, var_weights=data["a"], cov_type="HC0")
    assert_allclose(column(report, "standard error"), right.bse, rtol=1e-6)
    assert "as counts, not squared" in about(report, "Standard errors (HC0)")
    assert "averaged without the weights" in about(report, "marginal effects")


def test_what_is_right_is_left_alone(data):
    report = wlogit.audit(glm(data, var_weights=data["a"], cov_type="HC0"))
    assert not any("Standard errors" in sentence for sentence in report.findings)
    plain = wlogit.audit(sm.Logit(data["y"], sm.add_constant(data[["x", "z"]])).fit(disp=False))
    assert plain.findings == ()
    assert "What it reports is right." in str(plain)
    assert wlogit.audit(glm(data)).findings == ()
    offset = wlogit.audit(glm(data, offset=data["o"]))
    assert offset.findings == ()
    counts = np.column_stack([data["m"], 2 * data["m"]])
    counts[:, 0] += data["y"]
    grouped = sm.GLM(counts, sm.add_constant(data[["x"]]), family=sm.families.Binomial()).fit()
    report = wlogit.audit(grouped)
    assert_allclose(column(report, "standard error"), grouped.bse, rtol=1e-6)


def test_significance_that_changes_is_named(data):
    report = wlogit.audit(glm(data, freq_weights=data["a"], cov_type="HC0"))
    p = report.frame.loc[("p-value", "z")]
    assert p["reported"] < 0.05 < p["right"]
    assert f"z (p = {p['reported']:.2g} is reported" in about(report, "Significance at 5 %")


# -------------------------------------------------------------------------- frequency weights


def test_counts(data):
    report = wlogit.audit(glm(data, freq_weights=data["m"]), meaning="frequency")
    total = data["m"].sum()
    assert f"reported as {N}; {total} is right" in about(report, "number of observations")
    repeated = data.loc[data.index.repeat(data["m"])]
    expanded = glm(repeated)
    assert_allclose(column(report, "standard error"), expanded.bse, rtol=1e-6)
    r2 = report.frame.loc[("Cox-Snell R2", "")]
    assert_allclose(r2["right"], expanded.pseudo_rsquared(kind="cs"), rtol=1e-8)
    assert f"{r2['right']:.6g} is right" in about(report, "Cox and Snell")
    effects = column(report, "marginal effect")
    assert_allclose(effects, expanded.get_margeff().margeff, rtol=1e-6)
    assert "over rows, not cases" in about(report, "marginal effects")


def test_counts_as_var_weights(data):
    report = wlogit.audit(glm(data, var_weights=data["m"], cov_type="HC0"), meaning="frequency")
    assert "squared, counts do not" in about(report, "Standard errors (HC0)")
    expanded = glm(data.loc[data.index.repeat(data["m"])], cov_type="HC0")
    assert_allclose(column(report, "standard error"), expanded.bse, rtol=1e-6)


def test_both_weights_of_a_glm(data):
    fit = glm(data, freq_weights=data["m"], var_weights=data["a"], cov_type="HC0")
    report = wlogit.audit(fit)
    ours = weighted_logit("y ~ x + z", data, freq_weights="m", sampling_weights="a")
    ours = ours.fit(disp=False, cov_type="HC0")
    assert_allclose(column(report, "standard error"), ours.bse, rtol=1e-8)
    assert report.results.weights.kind == "frequency x sampling"


# ---------------------------------------------------------------------------------- statsmodels


def test_weights_that_logit_ignores(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sm.Logit(data["y"], sm.add_constant(data[["x", "z"]]), freq_weights=data["m"])
        fit = fit.fit(disp=False)
    report = wlogit.audit(fit, meaning="frequency")
    assert "ignores freq_weights" in report.findings[0]
    ours = weighted_logit("y ~ x + z", data, freq_weights="m").fit(disp=False)
    assert_allclose(column(report, "coefficient"), ours.params, rtol=1e-10)
    assert "another fit" in about(report, "Standard errors")


@pytest.mark.parametrize("cov_type", ["HC1", "HC2", "HC3"])
def test_hc_names_that_are_hc0(data, cov_type):
    report = wlogit.audit(glm(data, cov_type=cov_type))
    assert f"HC0 under the name {cov_type}" in about(report, f"Standard errors ({cov_type})")


def test_clusters_are_kept(data):
    options = {"cov_kwds": {"groups": data["g"]}}
    fit = glm(data, var_weights=data["a"], cov_type="cluster", fit_options=options)
    report = wlogit.audit(fit)
    assert_allclose(column(report, "standard error"), fit.bse, rtol=1e-6)
    assert report.results.cov_type == "cluster"


def test_labels_that_turn_the_signs(data):
    labelled = data.assign(b=data["y"].map({0: "no", 1: "yes"}))
    report = wlogit.audit(glm(labelled, "b ~ x + z"))
    assert "made 'no' the event" in report.findings[0]
    assert_allclose(column(report, "coefficient"), glm(data).params, rtol=1e-6)


def test_class_weights_stay_with_their_labels(data):
    labelled = data.assign(b=data["y"].map({0: "no", 1: "yes"}))
    report = wlogit.audit(glm(labelled, "b ~ x + z", freq_weights=data["c"]))
    right = glm(data, freq_weights=data["c"])
    assert_allclose(column(report, "coefficient"), right.params, rtol=1e-6)
    assert list(report.results.weights.class_weights.values()) == [1.0, 3.0]


def test_clusters_of_counts(data):
    options = {"cov_kwds": {"groups": data["g"]}}
    fit = glm(data, freq_weights=data["m"], cov_type="cluster", fit_options=options)
    report = wlogit.audit(fit, meaning="frequency")
    repeated = data.loc[data.index.repeat(data["m"])]
    keywords = {"cov_kwds": {"groups": repeated["g"]}}
    expanded = glm(repeated, cov_type="cluster", fit_options=keywords)
    assert_allclose(column(report, "standard error"), expanded.bse, rtol=1e-6)
    assert "counts rows, not cases" in about(report, "Standard errors (cluster)")
    plain = {"cov_kwds": {"groups": data["g"], "use_correction": False}}
    report = wlogit.audit(glm(data, cov_type="cluster", fit_options=plain))
    assert report.findings == ()


def test_weights_of_rows_that_the_fit_dropped(data):
    data.loc["r3", "x"] = np.nan
    fit = smf.logit("y ~ x", data).fit(disp=False)
    report = wlogit.audit(fit, sample_weight=data["a"].sample(frac=1.0, random_state=1))
    ours = weighted_logit("y ~ x", data, sampling_weights="a").fit(disp=False)
    assert_allclose(column(report, "coefficient"), ours.params, rtol=1e-10)


def test_an_estimated_dispersion(data):
    share = data.assign(y=np.clip(0.1 + 0.8 * data["y"], 0, 1))
    report = wlogit.audit(glm(share, fit_options={"scale": "X2"}))
    assert "estimated dispersion" in about(report, "Standard errors")


def test_a_fit_that_stopped(data):
    fit = glm(data, var_weights=data["a"], fit_options={"maxiter": 1})
    assert "did not converge" in about(wlogit.audit(fit), "off by up to")


def test_tiny_weights_stop_statsmodels_early(data):
    """An absolute tolerance of the deviance: weights of 1e-12 end it after one step."""
    report = wlogit.audit(glm(data, var_weights=1e-12 * data["a"]))
    assert "did not converge" in report.findings[0]


def test_fractions(data):
    share = data.assign(y=np.clip(0.1 + 0.8 * data["y"], 0, 1))
    report = wlogit.audit(glm(share))
    assert "fractions have no likelihood" in about(report, "Standard errors")


def test_separated_data_are_said(data):
    apart = data.assign(y=(data["x"] > 0).astype(int))
    fit = glm(apart, "y ~ x", freq_weights=data["a"])
    with pytest.warns(SeparationWarning):
        report = wlogit.audit(fit)
    assert "separat" in report.findings[0]


# --------------------------------------------------------------------------------- scikit-learn


def test_scikit_learn_by_default_is_a_ridge(data):
    X = data[["x", "z"]]
    estimator = LogisticRegression(class_weight="balanced", tol=1e-10).fit(X, data["y"])
    report = wlogit.audit(estimator, X, data["y"])
    assert "C=1, a ridge penalty, scikit-learn's default" in report.findings[0]
    assert "no standard errors" in about(report, "those beside")
    ours = WeightedLogit(data["y"], sm.add_constant(X), class_weight="balanced").fit(disp=False)
    assert_allclose(column(report, "standard error"), ours.bse, rtol=1e-8)
    assert list(report.frame.loc["coefficient"].index) == ["const", "x", "z"]
    mean = estimator.predict_proba(X)[:, 1].mean()
    assert f"the mean probability is {mean:.4g}" in about(report, "scale of the class weights")
    assert "stopped" not in str(report)


def test_without_a_penalty_it_agrees(data):
    X = data[["x", "z"]].to_numpy()
    estimator = LogisticRegression(C=np.inf, tol=1e-10).fit(X, data["y"], data["a"])
    report = wlogit.audit(estimator, X, data["y"], data["a"])
    assert not any("penal" in sentence or "off by" in sentence for sentence in report.findings)
    assert_allclose(*report.frame.loc["coefficient"].to_numpy().T, rtol=1e-4)
    assert list(report.frame.loc["coefficient"].index) == ["const", "x1", "x2"]
    short = LogisticRegression(C=np.inf, tol=0.05).fit(X, data["y"], data["a"])
    assert "off by up to" in str(wlogit.audit(short, X, data["y"], data["a"]))


def test_balanced_weights_beside_sample_weights(data):
    X, y = data[["x", "z"]], data["y"].map({0: "no", 1: "yes"})
    estimator = LogisticRegression(C=np.inf, tol=1e-10, class_weight="balanced")
    report = wlogit.audit(estimator.fit(X, y, data["a"]), X, y, data["a"])
    assert_allclose(*report.frame.loc["coefficient"].to_numpy().T, rtol=1e-3, atol=1e-4)
    assert report.results.weights.kind == "sampling x class"
    given = {"no": 1.0, "yes": 2.5}
    mapped = LogisticRegression(C=np.inf, tol=1e-10, class_weight=given).fit(X, y)
    report = wlogit.audit(mapped, X, y)
    assert report.weights == "class_weight={'no': 1, 'yes': 2.5}"
    assert_allclose(*report.frame.loc["coefficient"].to_numpy().T, rtol=1e-3, atol=1e-4)


def test_a_penalised_fit_that_stopped_is_said_twice(data):
    X = data[["x", "z"]] * [1.0, 1e-3]
    estimator = LogisticRegression(C=1e6, tol=0.5, max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(X, data["y"])
    assert "before the optimum of that penalty" in str(wlogit.audit(estimator, X, data["y"]))


def test_without_an_intercept(data):
    X = data[["x"]]
    estimator = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10).fit(X, data["y"])
    report = wlogit.audit(estimator, X, data["y"])
    assert list(report.frame.loc["coefficient"].index) == ["x"]
    assert_allclose(*report.frame.loc["coefficient"].to_numpy().T, rtol=1e-4)


@pytest.mark.parametrize("C", [np.inf, 1.0])
@pytest.mark.parametrize("other", ["weights", "labels", "columns"])
def test_data_that_are_not_those_of_the_fit(data, C, other):
    X, y, weights = data[["x", "z"]].to_numpy(), data["y"], data["c"]
    estimator = LogisticRegression(C=C).fit(X, y, weights)
    passed = {
        "weights": (X, y),
        "labels": (X, 1 - y, weights),
        "columns": (X[:, ::-1], y, weights),
    }
    report = wlogit.audit(estimator, *passed[other])
    assert len(report.findings) == 1
    assert "not the data, labels or weights that the estimator was fitted with" in str(report)
    assert "sample_weight=" in str(report)
    assert "did not converge" not in str(report)
    assert "not the data" not in str(wlogit.audit(estimator, X, y, weights))


def test_a_loose_tolerance_is_not_taken_for_other_data(data):
    X = data[["x", "z"]]
    loose = LogisticRegression(C=np.inf, tol=0.2).fit(X, data["y"], data["c"])
    assert loose.n_iter_ < loose.max_iter
    report = wlogit.audit(loose, X, data["y"], data["c"])
    assert "lower" in about(report, "off by up to")
    assert "not the data" not in str(report)


def test_without_a_constant_class_weights_leave_no_right_effect(data):
    report = wlogit.audit(glm(data, "y ~ 0 + x + z", freq_weights=data["c"]))
    assert column(report, "marginal effect").isna().all()
    assert column(report, "marginal effect", "reported").notna().all()
    assert "not at population scale" in about(report, "No right marginal effects")
    assert "calibrated intercept" not in report.frame.index


def test_labels_in_another_order_are_said(data):
    X, shuffled = data[["x", "z"]], data["a"].sample(frac=1.0, random_state=1)
    estimator = LogisticRegression(C=np.inf, tol=1e-10).fit(X, data["y"], shuffled)
    report = wlogit.audit(estimator, X, data["y"], shuffled)
    assert report.findings[0].startswith("sample_weight and X have different row labels")
    # It is about the fit as it was made.
    assert_allclose(*report.frame.loc["coefficient"].to_numpy().T, rtol=1e-3, atol=1e-4)


def test_the_fit_is_handed_on(data):
    report = wlogit.audit(glm(data, freq_weights=data["a"]))
    assert list(report.results.params.index) == ["Intercept", "x", "z"]
    assert list(report.results.resid_pearson.index[:2]) == ["r0", "r1"]
    assert "1. " in str(report)
    assert str(report).startswith("Audit of a fit by statsmodels GLM: freq_weights is taken for")
