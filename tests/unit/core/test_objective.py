"""The objective against complex steps, whole-matrix formulas and its own samples."""

import numpy as np
import pytest

from wlogit.core import likelihood
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import LogitObjective

ONE = np.ones(())


def sample(n=200, seed=2, **options):
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), rng.normal(size=(n, 3))])
    matrix = ModelMatrix(X, constant=0)
    return LogitObjective(matrix, rng.random(n), rng.exponential(size=n), **options), rng


def stepped_value(objective, params):
    """The log-likelihood at complex parameters."""
    eta = objective.matrix.values @ params
    if objective.offset is not None:
        eta = eta + objective.offset
    return (objective.weight * likelihood.loglike(eta, objective.response)).sum()


@pytest.mark.parametrize("with_offset", [True, False])
def test_derivatives_agree_with_complex_steps(with_offset):
    offset = np.linspace(-2.0, 2.0, 200) if with_offset else None
    objective, rng = sample(offset=offset)
    params = rng.normal(size=4)
    point = objective.derivatives(params)
    steps = [params + 1e-100j * unit for unit in np.eye(4)]
    slopes = [stepped_value(objective, step).imag * 1e100 for step in steps]
    np.testing.assert_allclose(point.gradient, slopes, rtol=1e-12, atol=1e-12)
    assert point.value == pytest.approx(stepped_value(objective, params), rel=1e-14)

    X = objective.matrix.values
    for row, step in zip(point.information, steps, strict=True):
        eta = X @ step if offset is None else X @ step + offset
        residual = objective.weight * likelihood.residual(eta, objective.response)
        np.testing.assert_allclose(row, -(X.T @ residual).imag * 1e100, rtol=1e-11, atol=1e-12)


def test_its_parts_agree_with_each_other():
    objective, rng = sample(n=9_000)
    params = rng.normal(size=4)
    point = objective.derivatives(params)
    assert objective.value(params) == pytest.approx(point.value, rel=1e-14)
    value, gradient = objective.value_and_gradient(params)
    assert value == pytest.approx(point.value, rel=1e-14)
    for alone in (gradient, objective.gradient(params)):
        np.testing.assert_allclose(alone, point.gradient, rtol=1e-11)
    upper = objective.triangular(params)
    np.testing.assert_allclose(upper.T @ upper, point.information, rtol=1e-11, atol=1e-10)
    np.testing.assert_allclose(
        objective.linear_predictor(params), objective.matrix.values @ params, rtol=1e-13
    )


def test_the_scale_is_the_weight_of_the_rarer_outcome():
    matrix = ModelMatrix(np.ones((4, 1)), constant=0)
    response, weight = np.array([1.0, 0.0, 0.5, 0.0]), np.array([1.0, 2.0, 4.0, 8.0])
    assert LogitObjective(matrix, response, weight).scale == 3.0
    assert LogitObjective(matrix, 1.0 - response, weight).scale == 3.0
    assert LogitObjective(matrix, response, ONE).scale == 1.5


@pytest.mark.parametrize("factor", [2.0, 2.0**-300, 2.0**100])
def test_powers_of_two_in_the_weights_change_no_digit(factor):
    objective, rng = sample()
    scaled = LogitObjective(objective.matrix, objective.response, objective.weight * factor)
    params = rng.normal(size=4)
    here, there = objective.derivatives(params), scaled.derivatives(params)
    assert there.value == here.value * factor
    np.testing.assert_array_equal(there.gradient, here.gradient * factor)
    np.testing.assert_array_equal(there.information, here.information * factor)


def test_reach_is_the_largest_change_among_rows_with_weight():
    X = np.array([[1.0, 2.0], [1.0, -50.0], [1.0, 3.0]])
    objective = LogitObjective(ModelMatrix(X), np.array([0, 1, 1.0]), np.array([1.0, 0.0, 2.0]))
    assert objective.reach(np.array([1.0, -2.0])) == 5.0


def test_samples_are_runs_of_rows_spread_over_the_data():
    objective, rng = sample(n=5_000)
    params = rng.normal(size=4)
    terms = objective.weight * likelihood.loglike(
        objective.linear_predictor(params), objective.response
    )
    expected = terms.reshape(-1, 100)[2::5].sum()
    assert objective.sampled(5, size=100).value(params) == pytest.approx(expected, rel=1e-13)


def test_runs_of_rows_are_summed_where_they_lie():
    objective, rng = sample(n=5_000)
    params = rng.normal(size=4)
    runs = objective.on_runs(5)
    # Sixteenths of the rows that a fifth of the runs are to have.
    rows = np.concatenate([np.arange(i, min(i + 62, 5_000)) for i in range(124, 5_000, 310)])
    assert runs.n_rows == len(rows)
    copied = LogitObjective(
        ModelMatrix(objective.matrix.values[rows]), objective.response[rows], objective.weight[rows]
    )
    assert runs.total_weight == pytest.approx(copied.total_weight, rel=1e-13)
    assert runs.scale == pytest.approx(copied.scale, rel=1e-13)
    here, there = runs.derivatives(params), copied.derivatives(params)
    assert here.value == pytest.approx(there.value, rel=1e-13)
    np.testing.assert_allclose(here.gradient, there.gradient, rtol=1e-11)
    np.testing.assert_allclose(here.information, there.information, rtol=1e-12)
    upper = runs.triangular(params, 0.25)
    np.testing.assert_allclose(upper.T @ upper, 0.25 * there.information, rtol=1e-11)


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray])
def test_threads_change_no_digit(monkeypatch, layout):
    rng = np.random.default_rng(0)
    X, response = rng.normal(size=(200_000, 12)), rng.random(200_000)
    objective = LogitObjective(ModelMatrix(layout(X)), response, ONE)
    points = []
    for threads in ("1", "2"):
        monkeypatch.setenv("WLOGIT_NUM_THREADS", threads)
        points.append(objective.derivatives(np.full(12, 0.1)))
    assert points[0].value == points[1].value
    np.testing.assert_array_equal(points[0].gradient, points[1].gradient)
    np.testing.assert_array_equal(points[0].information, points[1].information)
