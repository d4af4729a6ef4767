"""The debiased lasso: what it estimates, how its errors come about, and the laws it keeps."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from statsmodels.stats.multitest import multipletests

from wlogit import InferenceWarning, NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit


def sample(n=300, k=12, seed=0, slope=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, k)) + 0.5 * rng.normal(size=(n, 1))
    eta = slope * X[:, 0] - slope * X[:, 1] - 0.5
    y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    frame = pd.DataFrame(X, columns=[f"x{j}" for j in range(k)])
    frame.insert(0, "const", 1.0)
    return y, frame


def lasso(y, X, alpha=0.05, **options):
    penalty = {name: options.pop(name) for name in ("L1_wt", "standardize") if name in options}
    model = WeightedLogit(y, X, **options)
    return model.fit_regularized(method="elastic_net", alpha=alpha, disp=False, **penalty)


WEIGHTS = {
    "none": {},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 3}},
    "prevalence": {"prevalence": 0.1},
    "frequency": {"freq_weights": np.arange(300) % 3},
    "sampling": {"sampling_weights": 1.0 + np.arange(300) % 4},
}


# ------------------------------------------------------------------------ what it estimates


@pytest.mark.parametrize("weights", WEIGHTS)
def test_from_a_faint_penalty_it_is_maximum_likelihood(weights):
    y, X = sample()
    fit = WeightedLogit(y, X, **WEIGHTS[weights]).fit(disp=False)
    debiased = lasso(y, X, alpha=1e-5, **WEIGHTS[weights]).debiased()
    assert debiased.step.exact
    assert_allclose(debiased.params, fit.params, atol=1e-5)
    errors = fit if weights in ("none", "frequency") else fit.with_covariance("HC2")
    assert_allclose(debiased.bse, errors.bse, rtol=1e-3)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_from_a_lasso_it_is_near_maximum_likelihood(weights):
    y, X = sample(n=3000)
    given = {name: np.resize(w, 3000) if np.ndim(w) else w for name, w in WEIGHTS[weights].items()}
    fit = WeightedLogit(y, X, **given).fit(disp=False)
    penalised = lasso(y, X, alpha=0.02, **given)
    off = np.abs(penalised.params - fit.params).max()
    moved = np.abs(penalised.debiased().params - fit.params).max()
    assert moved < 0.25 * fit.bse.median()
    assert off > 5 * moved


def test_one_step_is_newtons_where_the_inverse_is_exact():
    y, X = sample()
    penalised = lasso(y, X)
    b, model = penalised.params, penalised.model
    step = np.linalg.solve(model.information(b), model.score(b))
    assert_allclose(penalised.debiased(start="penalized").params, b + step, rtol=1e-9)


def test_strong_columns_start_from_their_refit():
    y, X = sample()
    penalised = lasso(y, X, alpha=0.1)
    debiased = penalised.debiased()
    assert debiased.strong == ["x0", "x1"]
    model = penalised.model
    b = penalised.params.copy()
    columns = ["const", "x0", "x1"]
    offset = X.drop(columns=columns) @ b.drop(columns)
    b[columns] = WeightedLogit(y, X[columns], offset=offset).fit(disp=False).params
    expected = b + np.linalg.solve(model.information(b), model.score(b))
    assert_allclose(debiased.params, expected, rtol=1e-8)


def test_strong_columns_that_separate_start_from_the_lasso():
    y, X = sample(n=40, k=30)
    X["x0"] = np.where(y == 1.0, 1.0, -1.0) * (1.0 + X["x0"] ** 2)
    penalised = lasso(y, X, alpha=0.02)
    debiased = penalised.debiased(["x0", "x1"])
    assert debiased.separated
    assert debiased.strong == []
    assert_allclose(debiased.params, penalised.debiased(["x0", "x1"], start="penalized").params)
    assert "separate the outcome" in str(debiased.summary())


def test_an_offset_is_part_of_the_predictor():
    y, X = sample()
    offset = 0.7 * X["x3"]
    without = X.drop(columns="x3")
    debiased = lasso(y, without, alpha=1e-6, offset=offset).debiased()
    fit = WeightedLogit(y, without, offset=offset).fit(disp=False)
    assert_allclose(debiased.params, fit.params, atol=1e-6)


def test_columns_without_a_penalty_are_debiased_too():
    y, X = sample(n=60, k=30)
    alpha = pd.Series(0.05, index=X.columns)
    alpha[["const", "x0"]] = 0.0
    debiased = lasso(y, X, alpha=alpha).debiased()
    assert not debiased.step.exact
    assert debiased.source["columns"] == 29
    assert np.isfinite(debiased.table.drop(index="const")).all(axis=None)
    # Their scores vanish after the step, in the directions of all other columns.
    product = debiased.step.rows @ debiased.step.information
    unit = np.sqrt(np.diag(debiased.step.information))
    assert_allclose(product[2:, [0, 1]] / unit[[0, 1]] * unit[2:, None], 0.0, atol=1e-8)


# ------------------------------------------------------------------------------ its errors


def by_hand(debiased, scores, multiplicity):
    rows = debiased.step.rows
    return np.sqrt(np.diag(rows @ (scores.T @ (multiplicity[:, None] * scores)) @ rows.T))


@pytest.mark.parametrize("n", [300, 60])
def test_sandwich_of_the_scores_of_cases(n):
    y, X = sample(n=n, k=24)
    m, v = 1.0 + np.arange(n) % 2, 1.0 + np.arange(n) % 3
    penalised = lasso(y, X, freq_weights=m, sampling_weights=v)
    debiased = penalised.debiased(cov_type="HC0")
    p = penalised.model.predict(debiased.step.params)
    scores = (v * (y - p))[:, None] * X.to_numpy()
    assert_allclose(debiased.bse, by_hand(debiased, scores, m), rtol=1e-9)
    factor = m.sum() / (m.sum() - np.count_nonzero(debiased.step.params))
    hc1 = penalised.debiased(cov_type="HC1").bse
    assert_allclose(hc1, debiased.bse * np.sqrt(factor), rtol=1e-9)


def test_scores_are_centered_within_class_where_class_weights_are_estimated():
    y, X = sample(n=60, k=24)
    penalised = lasso(y, X, class_weight="balanced")
    debiased = penalised.debiased(cov_type="HC0")
    p = penalised.model.predict(debiased.step.params)
    v = np.where(y == 1.0, 0.5 / y.mean(), 0.5 / (1.0 - y.mean()))
    scores = (v * (y - p))[:, None] * X.to_numpy()
    for label in (0.0, 1.0):
        scores[y == label] -= scores[y == label].mean(axis=0)
    assert_allclose(debiased.bse, by_hand(debiased, scores, np.ones(60)), rtol=1e-9)
    fixed = penalised.debiased(cov_type="HC0", cov_kwds={"class_weights": "fixed"})
    assert not np.allclose(fixed.bse[1:], debiased.bse[1:])


def test_the_default_covariance_follows_from_weights_and_inverse():
    y, X = sample()
    assert lasso(y, X).debiased().cov_type == "nonrobust"
    assert lasso(y, X, freq_weights=np.ones(300)).debiased().cov_type == "nonrobust"
    assert lasso(y, X, class_weight="balanced").debiased().cov_type == "HC2"
    y, X = sample(n=60, k=24)
    assert lasso(y, X, class_weight="balanced").debiased().cov_type == "HC1"


def test_errors_of_the_model_are_those_of_theta():
    y, X = sample(n=60, k=24)
    debiased = lasso(y, X).debiased()
    step = debiased.step
    expected = step.rows @ step.information @ step.rows.T
    assert_allclose(debiased.cov_params(), expected, rtol=1e-9, atol=1e-12)


def test_clusters_of_one_row_are_no_clusters():
    y, X = sample()
    penalised = lasso(y, X, class_weight="balanced")
    clusters = {"groups": np.arange(300), "kind": "CR0"}
    alone = penalised.debiased(cov_type="cluster", cov_kwds=clusters)
    assert_allclose(alone.bse, penalised.debiased(cov_type="HC0").bse, rtol=1e-9)
    pairs = penalised.debiased(cov_type="cluster", cov_kwds={"groups": np.arange(300) // 2})
    assert not np.allclose(pairs.bse, alone.bse)


def test_the_inverse_hessian_under_class_weights_is_flagged():
    y, X = sample()
    with pytest.warns(InferenceWarning, match="not valid"):
        results = lasso(y, X, class_weight="balanced").debiased(cov_type="nonrobust")
    assert "INVALID standard errors" in results.summary().as_text()
    assert "INVALID" not in lasso(y, X).debiased().summary().as_text()


# ----------------------------------------------------------------------------------- laws


def same(one, other, rtol=1e-8):
    assert_allclose(one.params, other.params, rtol=rtol, atol=1e-9)
    assert_allclose(one.bse, other.bse, rtol=rtol)


@pytest.mark.parametrize("n", [300, 60])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_a_frequency_weight_is_the_row_repeated(n, class_weight):
    y, X = sample(n=n, k=30)
    m = np.arange(n) % 3
    counted = lasso(y, X, freq_weights=m, class_weight=class_weight)
    repeated = lasso(
        np.repeat(y, m), X.loc[X.index.repeat(m)].reset_index(drop=True), class_weight=class_weight
    )
    same(counted.debiased(), repeated.debiased())


def test_the_unit_of_sampling_weights_does_not_matter():
    y, X = sample()
    a = 1.0 + np.arange(300) % 4
    plain = lasso(y, X, sampling_weights=a).debiased()
    for unit in (2.0**-40, 1e12):
        same(lasso(y, X, sampling_weights=unit * a).debiased(), plain)


@pytest.mark.parametrize("n", [300, 60])
def test_units_and_places_of_columns_do_not_matter(n):
    y, X = sample(n=n, k=24)
    plain = lasso(y, X, alpha=0.08, standardize=True).debiased()
    moved = X.copy()
    moved["x0"] = 4.0 * X["x0"]
    moved["x5"] = X["x5"] + 1000.0
    other = lasso(y, moved, alpha=0.08, standardize=True).debiased()
    unit = pd.Series(1.0, index=X.columns)
    unit["x0"] = 4.0
    slopes = X.columns[1:]
    assert_allclose((other.params * unit)[slopes], plain.params[slopes], rtol=1e-6, atol=1e-8)
    assert_allclose((other.bse * unit)[slopes], plain.bse[slopes], rtol=1e-6)


@pytest.mark.parametrize("n", [300, 60])
def test_other_labels_turn_the_signs(n):
    y, X = sample(n=n, k=24)
    plain = lasso(y, X, class_weight="balanced").debiased()
    other = lasso(1.0 - y, X, class_weight="balanced").debiased()
    assert_allclose(other.params, -plain.params, rtol=1e-8, atol=1e-9)
    assert_allclose(other.bse, plain.bse, rtol=1e-8)


def test_some_columns_are_as_in_the_whole():
    y, X = sample(n=60, k=24)
    penalised = lasso(y, X, class_weight="balanced")
    whole = penalised.debiased()
    for columns in (["x3", "const"], [4, 0], "x3", pd.Index(["x3"])):
        part = penalised.debiased(columns)
        assert_allclose(part.params, whole.params[part.params.index], rtol=1e-9)
        assert_allclose(part.bse, whole.bse[part.params.index], rtol=1e-9)
    assert_allclose(penalised.debiased(["x3"]).pvalues_holm, whole.pvalues[["x3"]], rtol=1e-9)


def test_more_columns_than_rows():
    y, X = sample(n=80, k=120, slope=2.0)
    penalised = lasso(y, X, alpha=0.12, aliased="keep", class_weight="balanced")
    debiased = penalised.debiased(["const", "x0", "x1", "x2"])
    assert not debiased.step.exact
    assert np.isfinite(debiased.bse[1:]).all()
    assert debiased.pvalues["x0"] < 0.01


def test_a_column_that_does_not_vary_has_no_estimate():
    y, X = sample(n=60, k=24)
    X["again"] = 2.0
    debiased = lasso(y, X, aliased="keep").debiased()
    assert np.isnan(debiased.params["again"])
    assert np.isnan(debiased.bse["again"])
    assert np.isfinite(debiased.bse.drop(["again", "const"])).all()


def test_the_intercept_has_no_interval_among_many_columns():
    y, X = sample(n=60, k=24)
    debiased = lasso(y, X).debiased()
    assert np.isnan(debiased.conf_int().loc["const"]).all()
    assert "no interval for the intercept" in " ".join(str(debiased.summary()).split())


# ------------------------------------------------------------------------- what is reported


def test_tests_and_intervals():
    y, X = sample()
    debiased = lasso(y, X).debiased(alpha=0.1)
    limits = debiased.conf_int()
    assert_allclose(limits[1] - limits[0], 2 * 1.6448536269514722 * debiased.bse)
    assert_allclose(debiased.conf_int(0.05)[1], debiased.params + 1.959963984540054 * debiased.bse)
    inside = (limits[0] < 0.0) & (limits[1] > 0.0)
    assert ((debiased.pvalues > 0.1) == inside).all()
    assert debiased.table.shape == (13, 7)
    huge = lasso(*sample(n=5000, slope=3.0)).debiased().pvalues["x0"]
    assert 0.0 < huge < 1e-100


def test_adjusted_p_values_are_holms():
    y, X = sample()
    debiased = lasso(y, X).debiased()
    slopes = debiased.pvalues.drop("const")
    expected = multipletests(slopes, method="holm")[1]
    assert_allclose(debiased.pvalues_holm.drop("const"), expected, rtol=1e-12)
    assert np.isnan(debiased.pvalues_holm["const"])


def test_the_summary_says_what_was_done():
    y, X = sample()
    penalised = lasso(y, X, class_weight="balanced")
    selected = np.count_nonzero(penalised.params.drop("const"))
    text = str(penalised.debiased(alpha=0.1).summary())
    for words in ("Debiased Lasso", "std err", "Holm", "[0.05", "0.95]", "x11", "HC2"):
        assert words in text
    said = " ".join(text.split())
    assert f"selects {selected} of 12 columns" in said
    assert "inverse information is exact" in said
    assert "[0.005" in str(lasso(y, X).debiased().summary(alpha=0.01))
    y, X = sample(n=60, k=24)
    summary = lasso(y, X, alpha=0.5, class_weight="balanced").debiased().summary(title="Mine")
    said = " ".join(summary.as_text().split())
    assert "Mine" in said
    assert "nodewise lassos" in said
    assert "starts from the penalised fit itself" in said
    assert "k = 1 coefficients" in said
    for render in (summary.as_html, summary.as_latex, summary.as_markdown, summary.as_csv):
        assert "x23" in render()


def test_a_debiased_fit_outlives_its_data():
    y, X = sample()
    X["o"] = 0.3 * X["x1"]
    penalised = weighted_logit("y ~ x0 + x1 + x2", X.assign(y=y), offset="o").fit_regularized(
        method="elastic_net", alpha=0.05, disp=False
    )
    debiased = penalised.debiased()
    again = pickle.loads(pickle.dumps(debiased))
    assert str(again.summary()) == str(debiased.summary())
    penalised.remove_data()
    with pytest.raises(NotAvailableError, match="remove_data"):
        penalised.debiased()
    assert_allclose(debiased.table["coef"], again.table["coef"])
