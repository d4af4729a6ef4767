"""Sums over distinct rows against sums over all rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit, fitting
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import LogitObjective
from wlogit.core.patterns import by_pattern

N = 60_000
ONE = np.ones(())


def categories(seed=0, n=N):
    """A constant, a factor of four levels, a binary one and their products."""
    rng = np.random.default_rng(seed)
    group, side = rng.integers(0, 4, n), rng.integers(0, 2, n)
    levels = (group[:, None] == np.arange(1, 4)).astype(float)
    return np.column_stack([np.ones(n), levels, side, levels * side[:, None]])


def objective_of(X, seed=1, *, layout=np.ascontiguousarray, dtype=np.float64, **options):
    rng = np.random.default_rng(seed)
    weight = options.pop("weight", rng.exponential(size=len(X)))
    response = (rng.random(len(X)) < 0.3).astype(float)
    return LogitObjective(ModelMatrix(layout(X).astype(dtype)), response, weight, **options)


def agree(found, objective, seed=2):
    params = np.random.default_rng(seed).normal(size=objective.n_params)
    here, there = found.derivatives(params), objective.derivatives(params)
    assert here.value == pytest.approx(there.value, rel=1e-13)
    assert_allclose(here.gradient, there.gradient, rtol=1e-11, atol=1e-11 * objective.scale)
    assert_allclose(here.information, there.information, rtol=1e-12)
    assert found.scale == pytest.approx(objective.scale, rel=1e-12)


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_distinct_rows_give_the_same_sums(layout, dtype):
    objective = objective_of(categories(), layout=layout, dtype=dtype)
    found = by_pattern(objective)
    assert found.n_rows == 8
    agree(found, objective)


def test_weights_of_one():
    objective = objective_of(categories(), weight=ONE)
    found = by_pattern(objective)
    assert found.n_rows == 8
    agree(found, objective)


def test_columns_far_apart_in_size():
    objective = objective_of(categories() * [1.0, 1e9, 1e-9, 3.0, 1e6, 1.0, 1e-3, 1e4])
    found = by_pattern(objective)
    assert found.n_rows == 8
    params = np.zeros(8)
    assert found.value(params) == pytest.approx(objective.value(params), rel=1e-13)


def test_a_pattern_of_one_row_is_found():
    X = categories()
    X[12_345, 1:] = 7.0
    X[54_321, 4] = 1.0 + 1e-9
    objective = objective_of(X)
    found = by_pattern(objective)
    # The second differs from its pattern in the last column alone, by a little.
    assert found.n_rows == 10
    assert any((row[1:] == 7.0).all() for row in found.matrix.values)
    agree(found, objective)


@pytest.mark.parametrize("n", [N, 4 * N])
def test_rows_without_weight_may_hold_anything(n):
    X, weight = categories(n=n), np.ones(n)
    X[::3], weight[::3] = np.nan, 0.0
    for row, junk in ((31, np.inf), (n - 2, -np.inf), (n // 2, 1e308)):
        X[row, 1:], weight[row] = [junk, -junk] * 3 + [junk], 0.0
    objective = objective_of(X, weight=weight)
    found = by_pattern(objective)
    assert found.n_rows == 8
    agree(found, objective)


@pytest.mark.parametrize("absent", [slice(0, None, 7), slice(0, 3 * N // 4), slice(1, None)])
def test_rows_with_weight_in_some_places_only(absent):
    weight = np.random.default_rng(6).exponential(size=N)
    weight[absent] = 0.0
    objective = objective_of(categories(), weight=weight)
    found = by_pattern(objective)
    assert found.n_rows == (1 if absent == slice(1, None) else 8)
    agree(found, objective)


@pytest.mark.parametrize(
    ("origin", "unit"), [(0.0, 1e-15), (0.0, 1e-30), (2.0**40, 1.0), (2.0**30, 2.0**-12)]
)
@pytest.mark.parametrize("rare", [1, 500])
def test_a_column_that_few_rows_alone_fill_in_any_unit(origin, unit, rare):
    X = np.column_stack([categories(), np.zeros(N)])
    # None of them among those that are looked at first.
    few = np.arange(1, N, 7)[:: N // 7 // rare][:rare]
    X[few, -1] = 1.0
    plain = by_pattern(objective_of(X))
    X[:, -1] = origin + unit * X[:, -1]
    matrix = ModelMatrix(X, constant=0).standardized(ONE)
    objective = LogitObjective(matrix, plain_response(), ONE)
    found = by_pattern(objective)
    assert found.n_rows == plain.n_rows > 8
    params = np.random.default_rng(2).normal(size=9)
    params[-1] /= unit
    here, there = found.derivatives(params), objective.derivatives(params)
    assert here.value == pytest.approx(there.value, rel=1e-13)
    assert_allclose(here.gradient[-1], there.gradient[-1], rtol=1e-9)
    assert_allclose(here.information[-1], there.information[-1], rtol=1e-9)


def plain_response():
    return (np.random.default_rng(8).random(N) < 0.3).astype(float)


def test_rows_that_all_differ_are_left_as_they_are():
    rng = np.random.default_rng(3)
    X = categories()
    few = X.copy()
    few[:, 4] = rng.normal(size=N)
    rare = X.copy()
    # Few patterns among the rows looked at first, but many in the rest.
    rare[: N // 4, 4] = np.where(np.arange(N // 4) % 117, rng.normal(size=N // 4), 0.0)
    offset = objective_of(X, offset=rng.normal(size=N))
    for objective in (objective_of(few), objective_of(rare), offset, objective_of(X[:10_000])):
        assert by_pattern(objective) is objective


@pytest.mark.parametrize("method", ["newton", "bfgs"])
@pytest.mark.parametrize(
    "weights", [{}, {"class_weight": "balanced"}, {"freq_weights": None}, {"sampling_weights": 1}]
)
def test_a_fit_is_the_same(weights, method, monkeypatch):
    rng = np.random.default_rng(4)
    X = categories()
    y = (rng.random(N) < 1 / (1 + np.exp(1 - X @ np.linspace(-0.5, 0.5, 8)))).astype(int)
    given = {
        "freq_weights": {"freq_weights": rng.integers(0, 4, N)},
        "sampling_weights": {"sampling_weights": rng.exponential(size=N)},
    }.get(next(iter(weights), ""), weights)
    fits = []
    for _ in range(2):
        fits.append(WeightedLogit(y, X, **given).fit(disp=False, method=method, maxiter=500))
        monkeypatch.setattr(fitting, "by_pattern", lambda objective: objective)
    here, there = fits
    assert_allclose(here.params, there.params, rtol=1e-10, atol=1e-11)
    assert_allclose(here.cov_params(), there.cov_params(), rtol=1e-10, atol=1e-16)
    assert here.llf == pytest.approx(there.llf, rel=1e-13)
    assert here.llnull == pytest.approx(there.llnull, rel=1e-13)
    if method == "newton":
        assert_allclose(here.mle_retvals["Hessian"], there.mle_retvals["Hessian"], rtol=1e-10)


def test_separation_is_found_in_all_rows():
    rng = np.random.default_rng(5)
    X = categories()
    y = np.where(X[:, 1] == 1.0, 1, rng.integers(0, 2, N))
    with pytest.warns(match="x1"):
        results = WeightedLogit(y, X[:, :5]).fit(disp=False)
    assert not results.converged
    assert np.isposinf(results.params[1]) or np.isnan(results.bse[1])
