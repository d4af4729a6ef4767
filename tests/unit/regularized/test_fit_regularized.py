"""fit_regularized: statsmodels' objective and glmnet's, what its results say and refuse."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from statsmodels.discrete.discrete_model import Logit
from statsmodels.tools.sm_exceptions import ConvergenceWarning as TheirConvergenceWarning

from tests.unit.regularized.penalised import DATA, TEXT, net
from wlogit import WeightedLogit
from wlogit.errors import ConvergenceWarning, DesignError
from wlogit.formula.api import weighted_logit
from wlogit.regularized.fit import penalty_for

# ------------------------------------------------------------------------------- statsmodels


@pytest.mark.parametrize("alpha", [0.5, 8.0, 40.0, [0.0, 5.0, 5.0, 20.0, 0.0, 5.0]])
@pytest.mark.parametrize("trim", ["auto", "off", "size"])
def test_the_optimum_of_statsmodels_without_weights(alpha, trim):
    design = np.column_stack([np.ones(len(DATA)), DATA[list("abcde")]])
    alpha = np.asarray(alpha)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TheirConvergenceWarning)
        theirs = Logit(DATA.y, design).fit_regularized(
            alpha=alpha, trim_mode=trim, disp=False, maxiter=5000, acc=1e-13
        )
    ours = WeightedLogit(DATA.y, design).fit_regularized(alpha=alpha, trim_mode=trim, disp=False)
    penalty = np.broadcast_to(alpha, 6)
    loss = -theirs.llf + penalty @ np.abs(np.asarray(theirs.params))
    # Theirs stops at 1e-13 of the loss; sizes below their trimming may remain.
    assert -ours.penalized_llf <= loss + 1e-9
    assert -ours.penalized_llf == pytest.approx(loss, rel=1e-8)
    assert_allclose(ours.params, theirs.params, atol=1e-4)
    if trim == "auto":
        assert_array_equal(np.asarray(ours.trimmed), theirs.trimmed)


def test_positions_of_arguments_are_those_of_statsmodels():
    model = weighted_logit(TEXT, DATA)
    steps = []
    results = model.fit_regularized(
        np.zeros(6), "l1", 50, 1, 0, steps.append, 8.0, "size", 0.02, 0.3, 0.05
    )
    assert len(steps) == results.mle_retvals["iterations"]
    assert np.all(np.abs(results.params[results.params != 0.0]) >= 0.3)
    assert results.mle_settings["maxiter"] == 50


def test_trimming_by_size_leaves_the_optimum_and_says_so():
    model = weighted_logit(TEXT, DATA)
    exact = model.fit_regularized(alpha=4.0, disp=False)
    sized = model.fit_regularized(alpha=4.0, trim_mode="size", size_trim_tol=0.2, disp=False)
    small = exact.params.abs() < 0.2
    assert_array_equal(sized.trimmed, small)
    assert np.all(sized.params[small] == 0.0)
    assert np.any(exact.params[small] != 0.0)
    assert exact.kkt_residual < 1e-10
    assert sized.kkt_residual > 1e-4
    assert sized.penalized_llf < exact.penalized_llf


def test_automatic_trimming_acts_before_the_optimum_unless_it_is_far():
    model = weighted_logit(TEXT, DATA)
    start = model.fit_regularized(alpha=8.0, disp=False).params + 1e-6
    with pytest.warns(ConvergenceWarning, match="maxiter=0"):
        near = model.fit_regularized(start, maxiter=0, alpha=8.0, disp=False)
    assert np.all(near.params[near.trimmed] == 0.0)
    assert near.trimmed.any()
    with (
        pytest.warns(ConvergenceWarning, match="not trimmed"),
        pytest.warns(ConvergenceWarning, match="maxiter=0"),
    ):
        far = model.fit_regularized(maxiter=0, alpha=8.0, disp=False)
    assert not far.trimmed.any()
    with pytest.warns(ConvergenceWarning, match="maxiter=0"):
        off = model.fit_regularized(start, maxiter=0, alpha=8.0, trim_mode="off", disp=False)
    assert not off.trimmed.any()
    assert_array_equal(off.params, start)


# ---------------------------------------------------------------------------------- the laws


@pytest.mark.parametrize("fit", [{}, {"L1_wt": 0.5}, {"L1_wt": 0.0}, {"standardize": True}])
@pytest.mark.parametrize("weights", [{}, {"class_weight": "balanced"}, {"sampling_weights": "s"}])
def test_a_frequency_of_three_is_the_row_three_times(weights, fit):
    counted = net(**weights, fit=fit, freq_weights="f")
    repeated = net(DATA.loc[DATA.index.repeat(DATA.f)].reset_index(drop=True), fit=fit, **weights)
    assert_allclose(counted.params, repeated.params, rtol=1e-8, atol=1e-10)
    assert counted.nobs == repeated.nobs
    assert counted.deviance == pytest.approx(repeated.deviance, rel=1e-9)


@pytest.mark.parametrize("fit", [{}, {"L1_wt": 0.5, "standardize": True}])
def test_the_unit_of_sampling_weights_does_not_matter_to_the_elastic_net(fit):
    plain, scaled = (
        net(DATA.assign(s=DATA.s * unit), fit=fit, sampling_weights="s") for unit in (1.0, 3e5)
    )
    assert_allclose(plain.params, scaled.params, rtol=1e-9)


def test_alpha_of_l1_is_in_the_unit_of_the_weights():
    plain, scaled = (
        weighted_logit(TEXT, DATA.assign(s=DATA.s * unit), sampling_weights="s").fit_regularized(
            alpha=5.0 * unit, disp=False
        )
        for unit in (1.0, 64.0)
    )
    assert_array_equal(plain.params, scaled.params)


def test_the_unit_of_a_column_does_not_matter_once_standardized():
    fit = {"standardize": True, "L1_wt": 0.6}
    plain = net(fit=fit)
    scaled = net(DATA.assign(d=DATA.d * 1e4, a=DATA.a / 50.0 + 3.0), fit=fit)
    ratio = np.array([1.0, 50.0, 1.0, 1.0, 1e-4, 1.0])
    assert_allclose(scaled.params[1:], (plain.params * ratio)[1:], rtol=1e-8, atol=1e-14)
    assert_allclose(scaled.predict(), plain.predict(), rtol=1e-8)


def test_the_order_of_rows_and_of_columns_does_not_matter():
    plain = net()
    rows = net(DATA.sample(frac=1.0, random_state=1))
    assert_allclose(rows.params, plain.params, rtol=1e-9)
    names = ["e", "const", "b", "d", "a", "c"]
    design = DATA.assign(const=1.0)[names]
    columns = WeightedLogit(DATA.y, design).fit_regularized(
        method="elastic_net", alpha=0.03, disp=False
    )
    renamed = plain.params.rename({"Intercept": "const"})
    assert_allclose(columns.params, renamed[names], rtol=1e-8, atol=1e-12)


def test_rows_of_weight_zero_are_not_there():
    weights = DATA.s.where(DATA.index % 3 > 0, 0.0)
    there = net(DATA.assign(s=weights), sampling_weights="s", fit={"standardize": True})
    gone = net(DATA[weights > 0], sampling_weights="s", fit={"standardize": True})
    assert_allclose(there.params, gone.params, rtol=1e-8, atol=1e-12)


def test_a_constant_is_one_on_the_rows_with_weight():
    design = DATA[["a", "b"]].assign(const=1.0)
    there = design.copy()
    there.loc[3, "const"] = 5.0
    weights = np.where(DATA.index == 3, 0.0, 1.0)
    odd, plain = (
        WeightedLogit(DATA.y, x, freq_weights=weights).fit_regularized(
            method="elastic_net", alpha=0.1, disp=False
        )
        for x in (there, design)
    )
    assert_allclose(odd.params, plain.params, rtol=1e-8)


def test_counts_are_their_cases_and_offsets_are_taken_off():
    cases = DATA.assign(a=DATA.a.round(), b=(DATA.b > 0) * 1.0)
    grouped = cases.groupby(["a", "b"]).y.agg(["sum", "count"]).reset_index()
    counts = np.column_stack([grouped["sum"], grouped["count"] - grouped["sum"]])
    options = {"method": "elastic_net", "alpha": 0.02, "disp": False}
    by_counts, by_cases = (
        WeightedLogit(y, np.column_stack([np.ones(len(x)), x])).fit_regularized(**options)
        for y, x in ((counts, grouped[["a", "b"]]), (cases.y, cases[["a", "b"]]))
    )
    assert_allclose(by_counts.params, by_cases.params, rtol=1e-9)
    shifted = net(offset=np.full(len(DATA), 0.7))
    assert shifted.params["Intercept"] == pytest.approx(net().params["Intercept"] - 0.7, rel=1e-8)
    assert_allclose(shifted.params[1:], net().params[1:], rtol=1e-7, atol=1e-10)


def test_class_weights_and_prevalence_enter_the_likelihood():
    c1, c0 = 1.8, 0.7
    by_class = net(class_weight={0: c0, 1: c1})
    by_row = net(DATA.assign(s=np.where(DATA.y == 1, c1, c0)), sampling_weights="s")
    assert_allclose(by_class.params, by_row.params, rtol=1e-9)
    population = net(prevalence=0.05)
    share = DATA.y.mean()
    rows = np.where(DATA.y == 1, 0.05 / share, 0.95 / (1.0 - share))
    assert_allclose(
        population.params, net(DATA.assign(s=rows), sampling_weights="s").params, rtol=1e-9
    )


# ------------------------------------------------------------------------------ which columns


def test_one_alpha_leaves_the_constant_out_of_the_elastic_net_only():
    model = weighted_logit(TEXT, DATA)
    assert_array_equal(penalty_for(model, 2.0, 1.0).l1, 2.0 * 250 * (np.arange(6) > 0))
    assert_array_equal(penalty_for(model, 2.0, method="l1").l1, np.full(6, 2.0))
    assert_array_equal(penalty_for(model, np.full(6, 2.0), 0.0).l2, np.full(6, 500.0))
    large = model.fit_regularized(method="elastic_net", alpha=10.0, disp=False)
    assert large.params["Intercept"] == pytest.approx(
        np.log(DATA.y.mean() / (1.0 - DATA.y.mean())), rel=1e-10
    )
    assert large.nnz_params == large.df == 1
    assert model.fit_regularized(alpha=1e4, disp=False).selected == []


def test_alpha_by_name_and_columns_that_are_never_penalised():
    alpha = pd.Series({"b": 0.05, "a": 9.0, "c": 0.05, "d": 9.0, "e": 0.0, "Intercept": 0.0})
    results = net(alpha=alpha)
    assert results.selected == ["Intercept", "b", "c", "e"]
    in_order = net(alpha=alpha[["Intercept", *"abcde"]].to_numpy())
    assert_array_equal(results.params, in_order.params)


def test_standard_deviations_are_weighted_and_columns_without_any_keep_their_unit():
    design = DATA[list("abcd")].assign(one=1.0, two=2.0)
    model = WeightedLogit(DATA.y, design, sampling_weights=DATA.s, aliased="keep")
    total = DATA.s.sum()
    mean = (DATA.s @ design) / total
    spread = np.sqrt((DATA.s @ (design - mean) ** 2) / total)
    alpha = np.arange(1.0, 7.0)
    penalty = penalty_for(model, alpha, 0.25, standardize=True)
    spread[["one", "two"]] = 1.0
    assert_allclose(penalty.l1, 0.25 * total * alpha * spread, rtol=1e-10)
    assert_allclose(penalty.l2, 0.75 * total * alpha * spread**2, rtol=1e-10)


def test_no_penalty_is_maximum_likelihood():
    for method in ("l1", "elastic_net"):
        model = weighted_logit(TEXT, DATA, class_weight="balanced")
        results = model.fit_regularized(method=method, disp=False)
        plain = model.fit(disp=False)
        assert_allclose(results.params, plain.params, rtol=1e-9)
        assert results.llf == pytest.approx(plain.llf, rel=1e-12)


# ---------------------------------------------------------------------- more columns than rows


def test_more_columns_than_rows():
    rng = np.random.default_rng(0)
    X = np.column_stack([np.ones(40), rng.normal(size=(40, 120))])
    y = (rng.random(40) < expit(2.0 * X[:, 1])).astype(float)
    with pytest.raises(DesignError, match="rank"):
        WeightedLogit(y, X)
    model = WeightedLogit(y, X, aliased="keep")
    results = model.fit_regularized(method="elastic_net", alpha=0.08, disp=False)
    assert results.converged
    assert results.kkt_residual < 1e-10
    assert 1 < results.nnz_params <= 40
    assert "x1" in results.selected
    for refused in (
        lambda: model.fit(disp=False),
        lambda: model.fit_constrained("x1 = 0", disp=False),
        lambda: model.fit_bias_reduced(disp=False),
    ):
        with pytest.raises(DesignError, match="fit_regularized"):
            refused()
    assert results.predict(X[:2]).shape == (2,)


def test_aliased_columns_can_be_kept_for_a_penalty_and_name_themselves_elsewhere():
    data = DATA.assign(twice=2.0 * DATA.a)
    model = weighted_logit("y ~ a + b + twice", data, aliased="keep")
    results = model.fit_regularized(method="elastic_net", alpha=0.01, L1_wt=0.5, disp=False)
    assert results.converged
    assert len(results.params) == 4
    with pytest.raises(DesignError, match=r"twice = 2 a"):
        model.fit(disp=False)
    full = weighted_logit("y ~ a + b", data, aliased="keep")
    assert_array_equal(
        full.fit(disp=False).params, weighted_logit("y ~ a + b", data).fit(disp=False).params
    )
