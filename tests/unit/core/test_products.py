"""Products of blocks, whatever their size and layout, against plain numpy."""

import numpy as np
import pytest

from wlogit.core.products import (
    block_gram,
    cross,
    gram_and_sums,
    rows_times,
    scaled,
    squared_lengths,
    times,
)

LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "strided": lambda X: np.repeat(X, 2, axis=0)[::2],
    "reversed": lambda X: X[::-1].copy()[::-1],
}
# Rows and columns: one piece, several, several with a rest, wide.
SHAPES = [(7, 3), (4096, 20), (4099, 5), (1500, 64), (1310, 65), (900, 130), (300, 256), (90, 600)]


@pytest.fixture(params=LAYOUTS)
def layout(request):
    return LAYOUTS[request.param]


@pytest.fixture(params=SHAPES, ids=str)
def block(request):
    return np.random.default_rng(0).normal(size=request.param)


def close(result, expected):
    np.testing.assert_allclose(result, expected, rtol=1e-11, atol=1e-10)


def test_gram(block, layout):
    weight = np.random.default_rng(1).random(len(block))
    gram = block_gram(layout(block), weight)
    close(gram, (block.T * weight) @ block)
    close(block_gram(layout(block), np.array(2.0)), 2.0 * block.T @ block)
    np.testing.assert_array_equal(block_gram(layout(block), weight * 2.0**-37), gram * 2.0**-37)


@pytest.mark.parametrize("columns", [1, 3, 70])
def test_cross(block, layout, columns):
    right = np.random.default_rng(2).normal(size=(len(block), columns))
    close(cross(layout(block), right), block.T @ right)
    close(cross(right, layout(block)), right.T @ block)


def test_times_a_triangle(block, layout):
    k = block.shape[1]
    upper = np.triu(np.random.default_rng(3).normal(size=(k, k)))
    for product, right in zip(
        times(layout(block), upper, upper[0]), (upper, upper[0]), strict=True
    ):
        close(product, block @ right)


def test_gram_of_signed_weights(block, layout):
    weight = np.random.default_rng(1).normal(size=len(block))
    close(block_gram(layout(block), weight), (block.T * weight) @ block)


@pytest.mark.parametrize("columns", [1, 3, 70])
def test_times(block, layout, columns):
    right = np.random.default_rng(3).normal(size=(block.shape[1], columns))
    vector = np.random.default_rng(5).normal(size=block.shape[1])
    products = times(layout(block), np.asfortranarray(right), vector)
    for product, expected in zip(products, (block @ right, block @ vector), strict=True):
        close(product, expected)


@pytest.mark.parametrize("count", [1, 5])
def test_rows_times(block, layout, count):
    rows = np.random.default_rng(4).normal(size=(count, len(block)))
    close(rows_times(rows, layout(block)), rows @ block)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_gram_and_sums(block, layout, count):
    rows = np.random.default_rng(6).normal(size=(count, len(block)))
    weight = np.random.default_rng(1).random(len(block))
    gram, sums = gram_and_sums(layout(block), weight, rows)
    close(gram, (block.T * weight) @ block)
    close(sums, rows @ block)


def test_rows_keep_the_memory_order_of_their_block(block, layout):
    part, factor = layout(block), np.arange(1.0, len(block) + 1.0)
    result = scaled(part, factor)
    np.testing.assert_array_equal(result, block * factor[:, None])
    assert (result.strides[0] < result.strides[1]) == (part.strides[0] in range(part.strides[1]))
    np.testing.assert_array_equal(scaled(part, np.array(3.0)), 3.0 * block)
    assert scaled(part, np.array(1.0)) is part


def test_squared_lengths(block, layout):
    close(squared_lengths(layout(block)), (block**2).sum(axis=1))


def test_blocks_without_columns():
    empty = np.zeros((5000, 0))
    assert block_gram(empty, np.ones(5000)).shape == (0, 0)
    assert times(empty, np.zeros((0, 3)))[0].shape == (5000, 3)
