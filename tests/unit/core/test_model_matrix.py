"""Working coordinates: exact maps there and back, and standardizing only where it pays."""

import numpy as np
import pytest

from wlogit.core.model_matrix import ModelMatrix

ONE = np.ones(())


@pytest.fixture
def columns():
    rng = np.random.default_rng(3)
    return np.column_stack([np.full(50, 4.0), rng.normal(size=(50, 3))])


def test_ordinary_columns_are_read_in_place(columns):
    matrix = ModelMatrix(columns, constant=0)
    assert matrix.standardized(ONE) is matrix
    assert np.shares_memory(matrix.block(slice(3, 9)), columns)
    params = np.arange(4.0)
    assert matrix.to_user(params) is params
    assert matrix.to_working(params) is params


def test_columns_far_from_zero_are_centered(columns):
    columns[:, 2] += 1e9
    matrix = ModelMatrix(columns, constant=0).standardized(ONE)
    block = matrix.block(slice(None))
    np.testing.assert_array_equal(block[:, [0, 1, 3]], columns[:, [0, 1, 3]])
    assert abs(block[:, 2].mean()) < 1.0
    assert matrix.shift[2] == np.round(matrix.shift[2] * 8) / 8


def test_centering_follows_the_weights(columns):
    columns[:40, 1] += 1e9
    weight = np.where(np.arange(50) < 40, 0.0, 2.0)
    assert ModelMatrix(columns, constant=0).standardized(weight).shift is None
    shifted = ModelMatrix(columns, constant=0).standardized(2.0 - weight)
    assert shifted.shift[1] == pytest.approx(1e9, rel=1e-6)


def test_nothing_is_centered_without_a_constant(columns):
    assert ModelMatrix(columns + 1e9).standardized(ONE).shift is None


def test_columns_beyond_the_range_of_squares_are_scaled_by_powers_of_two(columns):
    columns *= [1.0, 1e-170, 1e290, 1e7]
    matrix = ModelMatrix(columns, constant=0).standardized(ONE)
    assert np.all(np.frexp(matrix.scale)[0] == 0.5)
    sizes = np.abs(matrix.block(slice(None))).max(axis=0)
    assert np.all((sizes[1:3] >= 0.5) & (sizes[1:3] <= 1.0))
    assert matrix.scale[3] == 1.0


def test_maps_invert_each_other_and_keep_the_predictor(columns):
    columns[:, 1:] = columns[:, 1:] * [1e3, 1e-250, 2.0] + [1e7, 0.0, 300.0]
    matrix = ModelMatrix(columns, constant=0).standardized(ONE)
    assert matrix.shift is not None
    assert matrix.scale is not None
    params = np.array([0.25, -1e-3, 2e250, 0.5])
    working = matrix.to_working(params)
    np.testing.assert_allclose(matrix.to_user(working), params, rtol=1e-11)
    np.testing.assert_allclose(matrix.dot(working), columns @ params, rtol=1e-10)
    several = np.column_stack([params, 2.0 * params])
    np.testing.assert_allclose(matrix.to_user(matrix.to_working(several)), several, rtol=1e-11)


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.bool_])
def test_narrow_dtypes_are_widened_by_block(dtype):
    values = np.array([[1, 0], [1, 1], [1, 0]], dtype=dtype)
    block = ModelMatrix(values).block(slice(0, 2))
    assert block.dtype == np.float64
    np.testing.assert_array_equal(block, values[:2])


def test_columns_of_zeros_or_nearly_are_left_alone(columns):
    columns[:, 2] = 0.0
    matrix = ModelMatrix(columns, constant=0)
    assert matrix.standardized(ONE) is matrix
    tall = np.zeros((300_000, 2))
    tall[:, 0] = 1.0
    tall[-1, 1] = 1.0
    matrix = ModelMatrix(tall, constant=0)
    assert matrix.standardized(ONE) is matrix


def test_bounds_are_those_of_working_coordinates():
    rng = np.random.default_rng(2)
    X = np.column_stack([np.ones(50), 2_000.0 + rng.normal(size=50), 1e-90 * rng.normal(size=50)])
    matrix = ModelMatrix(X, constant=0, bounds=(X.min(axis=0), X.max(axis=0)))
    work = matrix.standardized(np.ones(()))
    assert work.shift is not None
    assert work.scale is not None
    np.testing.assert_allclose(work.extent, np.abs(work.block(slice(None))).max(axis=0))
    assert ModelMatrix(X).extent is None
