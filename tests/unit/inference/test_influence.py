"""Influence measures against refits without the unit, and against their definitions."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit
from wlogit.core.likelihood import expit
from wlogit.errors import InferenceWarning, NotAvailableError

N = 120
RNG = np.random.default_rng(8)
X = np.column_stack([np.ones(N), RNG.normal(size=(N, 2))])
Y = (RNG.random(N) < expit(X @ [-0.5, 0.8, -0.4])).astype(float)
M = RNG.integers(1, 4, N).astype(float)
A = RNG.uniform(0.5, 3.0, N)
OFFSET = RNG.normal(size=N)

FITS = {
    "none": {},
    "frequency": {"freq_weights": M},
    "sampling": {"sampling_weights": A},
    "class": {"class_weight": {0: 1.0, 1: 3.0}},
    "all, with an offset": {
        "freq_weights": M,
        "sampling_weights": A,
        "class_weight": {0: 2.0, 1: 1.0},
        "offset": OFFSET,
    },
}


@pytest.fixture(params=FITS)
def options(request):
    return FITS[request.param]


def plain(results, weight):
    """Leverage and one-step change by the formulas, with full matrices."""
    eta = np.asarray(results.fittedvalues)
    p = expit(eta)
    bread = np.linalg.inv((X.T * results.weights.row_weight * p * (1 - p)) @ X)
    leverage = weight * p * (1 - p) * np.einsum("ij,jk,ik->i", X, bread, X)
    change = (X @ bread) * (weight * (Y - p) / (1 - leverage))[:, None]
    return leverage, change, bread


def test_rows_by_the_formulas(options):
    results = WeightedLogit(Y, X, **options).fit(disp=False)
    weight = np.broadcast_to(results.weights.row_weight, N)
    leverage, change, bread = plain(results, weight)
    influence = results.get_influence()
    assert_allclose(influence.hat_matrix_diag, leverage, rtol=1e-10)
    assert influence.hat_matrix_diag.sum() == pytest.approx(3.0, rel=1e-10)
    assert influence.hat_matrix_exog_diag.sum() == pytest.approx(3.0, rel=1e-10)
    assert_allclose(influence.d_params, change, rtol=1e-9, atol=1e-14)
    assert_allclose(influence.dfbetas, change / np.sqrt(np.diag(bread)), rtol=1e-9, atol=1e-13)
    cook = np.asarray(results.resid_pearson) ** 2 * leverage / (1 - leverage) ** 2 / 3
    assert_allclose(influence.cooks_distance[0], cook, rtol=1e-9)
    studentized = np.asarray(results.resid_pearson) / np.sqrt(1 - leverage)
    assert_allclose(influence.resid_studentized, studentized, rtol=1e-10)
    assert_allclose(influence.resid_score_factor(), studentized, rtol=1e-10)
    joint = influence.resid_score()
    assert_allclose(joint, np.asarray(results.resid_pearson) ** 2 * leverage, rtol=1e-9)


def test_scaled_changes_are_in_units_of_the_curvature(options):
    results = WeightedLogit(Y, X, **options).fit(disp=False)
    robust = results.with_covariance("HC1")
    weight = np.broadcast_to(results.weights.row_weight, N)
    _, change, bread = plain(results, weight)
    spread = np.sqrt(np.einsum("ij,jk,ik->i", X, bread, X))
    expected = np.sum(X * change, axis=1) / spread
    for fit in (results, robust):
        influence = fit.get_influence()
        assert_allclose(influence.d_fittedvalues_scaled, expected, rtol=1e-8, atol=1e-13)
        assert_allclose(influence.dfbetas, change / np.sqrt(np.diag(bread)), rtol=1e-8, atol=1e-13)


def test_one_step_is_near_the_refit_without_the_row(options):
    results = WeightedLogit(Y, X, **options).fit(disp=False)
    influence = results.get_influence()
    rows = np.argsort(-influence.cooks_distance[0])[:3]
    for i in rows:
        kept = np.arange(N) != i
        rest = {
            name: value[kept] if isinstance(value, np.ndarray) else value
            for name, value in options.items()
        }
        without = WeightedLogit(Y[kept], X[kept], **rest).fit(disp=False)
        exact = results.params - without.params
        assert_allclose(influence.d_params[i], exact, rtol=0.2, atol=0.02)
        assert np.linalg.norm(influence.d_params[i] - exact) < 0.15 * np.linalg.norm(exact)


def test_a_case_of_a_repeated_row_is_a_row_of_the_expanded_data():
    grouped = WeightedLogit(Y, X, freq_weights=M, sampling_weights=A).fit(disp=False)
    times = M.astype(int)
    rows = np.repeat(np.arange(N), times)
    expanded = WeightedLogit(Y[rows], X[rows], sampling_weights=A[rows]).fit(disp=False)
    case, row = grouped.get_influence(unit="case"), expanded.get_influence()
    first = np.cumsum(times) - times
    for name in (
        *("hat_matrix_diag", "hat_matrix_exog_diag", "d_params", "dfbetas"),
        *("resid_studentized", "d_fittedvalues", "d_fittedvalues_scaled", "score_obs"),
    ):
        found, expected = getattr(case, name), getattr(row, name)[first]
        assert_allclose(found, expected, rtol=1e-8, atol=1e-12, err_msg=name)
    for found, expected in zip(case.cooks_distance, row.cooks_distance, strict=True):
        assert_allclose(found, expected[first], rtol=1e-8)


def test_a_pseudo_likelihood_has_no_p_values_of_distances():
    weighted = WeightedLogit(Y, X, sampling_weights=A).fit(disp=False).get_influence()
    assert np.isnan(weighted.cooks_distance[1]).all()
    counted = WeightedLogit(Y, X, freq_weights=M).fit(disp=False).get_influence()
    assert np.isfinite(counted.cooks_distance[1]).all()


def test_the_frame_has_the_rows_and_names_of_the_user():
    index = [f"r{i}" for i in range(N)]
    frame = pd.DataFrame({"y": Y, "x": X[:, 1], "w": A}, index=index)
    results = WeightedLogit.from_formula("y ~ x", frame, sampling_weights="w").fit(disp=False)
    summary = results.get_influence().summary_frame()
    assert list(summary.index) == index
    assert list(summary.columns) == [
        *("dfb_Intercept", "dfb_x"),
        *("cooks_d", "standard_resid", "hat_diag", "dffits_internal"),
    ]
    assert np.isfinite(summary.to_numpy()).all()


def test_rows_without_weight_have_no_influence_whatever_they_hold():
    weights, holding = A.copy(), X.copy()
    weights[5] = 0.0
    holding[5, 1] = 1e6
    influence = WeightedLogit(Y, holding, sampling_weights=weights).fit(disp=False).get_influence()
    assert influence.hat_matrix_diag[5] == 0.0
    assert_allclose(influence.d_params[5], 0.0)
    kept = np.arange(N) != 5
    rest = WeightedLogit(Y[kept], X[kept], sampling_weights=A[kept]).fit(disp=False)
    assert_allclose(influence.d_params[kept], rest.get_influence().d_params, rtol=1e-8)


def test_a_row_of_leverage_one_has_no_finite_change():
    alone = np.zeros(N)
    alone[7] = 1.0
    y = Y * 0.8 + 0.1
    with pytest.warns(InferenceWarning, match="leverage is one in row 7"):
        results = WeightedLogit(y, np.column_stack([X, alone])).fit(disp=False)
    influence = results.get_influence()
    assert influence.hat_matrix_diag[7] == pytest.approx(1.0)
    assert np.isnan(influence.d_params[7]).all()
    assert np.isfinite(np.delete(influence.d_params, 7, axis=0)).all()


def test_where_influence_is_not_defined_it_refuses():
    counts = np.column_stack([M, 2.0 * M])
    grouped = WeightedLogit(counts, X).fit(disp=False)
    with pytest.raises(NotAvailableError, match='use unit="row"'):
        grouped.get_influence(unit="case")
    constrained = WeightedLogit(Y, X).fit_constrained("x1 = 0", disp=False)
    with pytest.raises(NotAvailableError, match="constrained"):
        constrained.get_influence()
    with pytest.raises(ValueError, match="unit"):
        grouped.get_influence(unit="cluster")


def test_names_of_columns_need_not_be_strings():
    numbered, named = (pd.DataFrame(X, columns=names) for names in ([0, 1, 2], ["0", "1", "2"]))
    frame, expected = (
        WeightedLogit(Y, exog).fit(disp=False).get_influence().summary_frame()
        for exog in (numbered, named)
    )
    pd.testing.assert_frame_equal(frame, expected)
    assert [*frame.columns[:3]] == ["dfb_0", "dfb_1", "dfb_2"]
