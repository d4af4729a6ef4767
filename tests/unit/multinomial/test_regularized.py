"""Penalised fits with coefficients of every label: scikit-learn and the optimality conditions."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.unit.multinomial.studies import WEIGHTS, arrays, survey
from wlogit import WeightedLogit
from wlogit.errors import NotAvailableError
from wlogit.multinomial.model import WeightedMNLogit


@pytest.fixture
def frame():
    return survey()


def penalised(frame, formula="mode ~ age + income + town", alpha=0.02, L1_wt=1.0, **options):
    model = WeightedMNLogit.from_formula(formula, frame, **options)
    return model.fit_regularized(alpha=alpha, L1_wt=L1_wt, disp=False)


@pytest.mark.parametrize("kind", WEIGHTS)
@pytest.mark.parametrize("alpha", [1e-3, 0.05, 1.0])
def test_ridge_is_that_of_scikit_learn(frame, kind, alpha):
    linear_model = pytest.importorskip("sklearn.linear_model")
    y, x = arrays(frame)
    options = {
        name: frame[value] if name != "class_weight" else value
        for name, value in WEIGHTS[kind].items()
    }
    model = WeightedMNLogit(y, x, **options)
    ours = model.fit_regularized(alpha=alpha, L1_wt=0.0, disp=False)
    weight = np.broadcast_to(model.weights.row_weight, len(y))
    theirs = linear_model.LogisticRegression(
        C=1.0 / (alpha * weight.sum()), solver="newton-cholesky", tol=1e-13, max_iter=1000
    ).fit(x[:, 1:], y, sample_weight=weight)
    assert_allclose(ours.coefs_by_label.iloc[:, 1:], theirs.coef_, rtol=1e-6, atol=1e-9)
    assert_allclose(ours.coefs_by_label.iloc[:, 0], theirs.intercept_, rtol=1e-6, atol=1e-9)
    assert_allclose(ours.predict(), theirs.predict_proba(x[:, 1:]), rtol=1e-7)
    assert_allclose(
        ours.predict(which="linear"), theirs.decision_function(x[:, 1:]), rtol=1e-6, atol=1e-8
    )


@pytest.mark.parametrize("kind", WEIGHTS)
@pytest.mark.parametrize(("alpha", "L1_wt"), [(0.01, 1.0), (0.05, 1.0), (0.02, 0.5), (0.1, 0.0)])
def test_the_optimum_meets_its_conditions(frame, kind, alpha, L1_wt):
    """By hand: the score of each label and column against the subgradient of the penalty."""
    fit = penalised(frame, alpha=alpha, L1_wt=L1_wt, **WEIGHTS[kind])
    weights, design = fit.weights, fit.model.exog
    weight = np.broadcast_to(weights.row_weight, len(frame))
    observed = fit.model.wendog
    score = ((observed - fit.predict().to_numpy()) * weight[:, None]).T @ design / weight.sum()
    coefs = fit.coefs_by_label.to_numpy()
    assert_allclose(score[:, 0], 0.0, atol=1e-9)
    rest = score[:, 1:] - alpha * (1.0 - L1_wt) * coefs[:, 1:]
    zero = coefs[:, 1:] == 0.0
    assert np.all(np.abs(rest[zero]) <= alpha * L1_wt + 1e-9)
    assert_allclose(rest[~zero], alpha * L1_wt * np.sign(coefs[:, 1:][~zero]), atol=1e-9)
    assert_allclose(coefs[:, 0].sum(), 0.0, atol=1e-12)
    assert fit.converged
    assert fit.kkt_residual < 1e-10
    expected = fit.llf - weight.sum() * alpha * (
        L1_wt * np.abs(coefs[:, 1:]).sum() + 0.5 * (1.0 - L1_wt) * (coefs[:, 1:] ** 2).sum()
    )
    assert fit.penalized_llf == pytest.approx(expected, rel=1e-12)


def test_without_a_penalty_it_is_the_fit(frame):
    fit = penalised(frame, alpha=0.0, class_weight="balanced")
    free = fit.model.fit(disp=False)
    moved = fit.params.sub(fit.params["bus"], axis=0)
    assert_allclose(moved[["car", "train", "walk"]], free.params, rtol=1e-8)
    assert_allclose(fit.params.sum(axis=1), 0.0, atol=1e-12)


def test_two_labels_are_a_logit_with_half_the_ridge(frame):
    """b and -b cost as much as one coefficient of 2 b with half the penalty."""
    frame["mode"] = np.where(frame["mode"] == "car", "car", "other")
    fit = penalised(frame, alpha=0.04, L1_wt=0.0)
    logit = WeightedLogit.from_formula("mode ~ age + income + town", frame)
    other = logit.fit_regularized(method="elastic_net", alpha=0.02, L1_wt=0.0, disp=False)
    assert_allclose(fit.params["other"] - fit.params["car"], other.params, rtol=1e-8)


def test_the_unit_of_the_weights_and_the_order_of_the_rows_are_no_matter(frame):
    first = penalised(frame, sampling_weights="sampling")
    frame["sampling"] *= 1e7
    second = penalised(frame.iloc[::-1], sampling_weights="sampling")
    assert_allclose(first.coefs_by_label, second.coefs_by_label, rtol=1e-9, atol=1e-12)


def test_a_lasso_of_even_labels_is_the_limit_of_elastic_nets(frame):
    lasso = penalised(frame, alpha=0.01, L1_wt=1.0)
    net = penalised(frame, alpha=0.01, L1_wt=1.0 - 1e-7)
    assert_allclose(lasso.coefs_by_label, net.coefs_by_label, atol=1e-5)


def test_a_strong_lasso_leaves_the_constant(frame):
    fit = penalised(frame, alpha=10.0)
    assert fit.selected == ["Intercept"]
    assert fit.nnz_params == 4
    shares = frame["mode"].value_counts(normalize=True).sort_index()
    assert_allclose(fit.predict().iloc[0], shares, rtol=1e-9)


def test_far_columns_and_penalties_of_columns(frame):
    frame["year"] = 2000.0 + np.round(frame["income"], 2)
    near = penalised(frame.assign(year=frame["year"] - 2000.0), "mode ~ age + year", alpha=0.01)
    far = penalised(frame, "mode ~ age + year", alpha=0.01)
    assert_allclose(far.params.loc[["age", "year"]], near.params.loc[["age", "year"]], rtol=1e-6)
    free = penalised(frame, "mode ~ age + income", alpha={"Intercept": 0, "age": 0, "income": 50})
    assert free.selected == ["Intercept", "age"]


def test_rows_and_tables_of_a_penalised_fit(frame, tmp_path):
    fit = penalised(frame, class_weight="balanced")
    mean, calibrated = fit.predict(), fit.predict(which="calibrated")
    divided = mean / np.array(list(fit.weights.class_weights.values()))
    assert_allclose(calibrated, divided.div(divided.sum(axis=1), axis=0), rtol=1e-12)
    table = fit.pred_table()
    assert table.to_numpy().sum() == len(frame)
    summary = fit.summary()
    assert "no standard errors are valid" in summary.content.notes[0]
    assert "lasso" in summary.as_text()
    new, before = frame.head(3), fit.predict(frame.head(3))
    fit.save(tmp_path / "fit.pkl", remove_data=True)
    again = pd.read_pickle(tmp_path / "fit.pkl")
    assert_allclose(again.predict(new), before)
    assert again.summary().tables[1].as_text() == fit.summary().tables[1].as_text()


@pytest.mark.parametrize("name", ["bse", "tvalues", "pvalues", "conf_int", "cov_params"])
def test_a_penalised_fit_has_no_standard_errors(frame, name):
    with pytest.raises(NotAvailableError, match="biased"):
        getattr(penalised(frame), name)


def test_a_fit_cut_short_says_so(frame):
    model = WeightedMNLogit.from_formula("mode ~ age + income", frame)
    with pytest.warns(UserWarning, match="maxiter=1 was not enough"):
        fit = model.fit_regularized(alpha=1e-3, maxiter=1, disp=False)
    assert not fit.converged
