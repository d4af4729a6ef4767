"""Blocked sums against plain numpy on whole matrices, in every memory layout."""

import numpy as np
import pytest

from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.rowblocks import (
    ScoreRows,
    cluster_gram,
    leveraged_gram,
    quadratic_forms,
    score_gram,
    weighted_gram,
    weighted_sums,
)

LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "strided": lambda X: np.repeat(X, 2, axis=0)[::2],
    "reversed": lambda X: X[::-1].copy()[::-1],
    "read-only": lambda X: np.frombuffer(X.tobytes()).reshape(X.shape),
}
ONE = np.ones(())


@pytest.fixture(params=LAYOUTS)
def layout(request):
    return LAYOUTS[request.param]


def sample(n=9_001, k=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng, np.column_stack([np.ones(n), rng.normal(size=(n, k - 1))])


@pytest.mark.parametrize("k", [1, 5, 40, 90])
def test_weighted_gram_is_the_plain_product(layout, k):
    rng, X = sample(k=k)
    weight = rng.exponential(size=len(X))
    matrix = ModelMatrix(layout(X))
    gram = weighted_gram(matrix, weight)
    np.testing.assert_allclose(gram, (X.T * weight) @ X, rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(gram, gram.T)
    np.testing.assert_allclose(weighted_gram(matrix, ONE), X.T @ X, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("k", [5, 40])
@pytest.mark.parametrize("factor", [2.0, 2.0**-41])
def test_powers_of_two_in_the_weights_pass_through_exactly(k, factor):
    rng, X = sample(k=k)
    weight = rng.exponential(size=len(X))
    gram = weighted_gram(ModelMatrix(X), weight)
    np.testing.assert_array_equal(weighted_gram(ModelMatrix(X), weight * factor), gram * factor)


def test_weighted_sums_are_the_plain_product(layout):
    rng, X = sample()
    vectors = rng.normal(size=(len(X), 3))
    matrix = ModelMatrix(layout(X))
    np.testing.assert_allclose(weighted_sums(matrix, vectors), X.T @ vectors, atol=1e-10)
    np.testing.assert_allclose(
        weighted_sums(matrix, vectors[:, 0]), X.T @ vectors[:, 0], atol=1e-10
    )


@pytest.mark.parametrize("rank", [5, 2])
def test_quadratic_forms_are_the_plain_ones(layout, rank):
    rng, X = sample()
    root = rng.normal(size=(5, rank)) * np.logspace(-6, 6, 5)[:, None]
    form = root @ root.T
    expected = ((X @ root) ** 2).sum(axis=1)
    result = quadratic_forms(ModelMatrix(layout(X)), form)
    np.testing.assert_allclose(result, expected, rtol=1e-6)


def plain_scores(X, sort, centre):
    """z of every case, from the definition."""
    scores = sort.factor[:, None] * X
    if sort.shares is not None:
        scores = scores - sort.shares @ centre
    if sort.scale is not None:
        scores = sort.scale[:, None] * scores
    return scores if sort.extra is None else np.column_stack([scores, sort.extra])


def sorts_of_case(rng, n, *, full):
    """Two sorts of case, with every optional part or none."""
    parts = [
        {
            "shares": rng.random((n, 2)),
            "scale": 1.0 + rng.random(n),
            "extra": rng.normal(size=(n, 2)),
        }
        if full
        else {}
        for _ in range(2)
    ]
    counts = [rng.integers(0, 4, n).astype(float), ONE]
    return [
        ScoreRows(rng.normal(size=n), count, **part)
        for count, part in zip(counts, parts, strict=True)
    ]


@pytest.mark.parametrize("full", [True, False])
def test_score_gram_sums_over_cases(layout, full):
    rng, X = sample()
    sorts, centre = sorts_of_case(rng, len(X), full=full), rng.normal(size=(2, 5))
    scores = [plain_scores(X, sort, centre) for sort in sorts]
    expected = sum((z.T * sort.multiplicity) @ z for z, sort in zip(scores, sorts, strict=True))
    gram = score_gram(ModelMatrix(layout(X)), sorts, centre)
    np.testing.assert_allclose(gram, expected, rtol=1e-11, atol=1e-8)


@pytest.mark.parametrize("full", [True, False])
def test_leveraged_gram_scales_scores_by_what_their_leverage_says(layout, full):
    rng, X = sample()
    matrix, centre = ModelMatrix(layout(X)), rng.normal(size=(2, 5))
    sorts = sorts_of_case(rng, len(X), full=full)
    curvatures = [rng.random(len(X)), rng.random(len(X))]
    bread = np.linalg.inv(X.T @ X)
    meat, leverages = leveraged_gram(
        matrix, sorts, curvatures, bread, lambda h: 1.0 / (1.0 - h), centre
    )
    expected = 0.0
    for sort, curvature, leverage in zip(sorts, curvatures, leverages, strict=True):
        h = curvature * np.einsum("ij,jk,ik->i", X, bread, X)
        np.testing.assert_allclose(leverage, h, rtol=1e-11)
        scale = (1.0 if sort.scale is None else sort.scale) / (1.0 - h)
        inflated = ScoreRows(sort.factor, sort.multiplicity, sort.shares, scale, sort.extra)
        z = plain_scores(X, inflated, centre)
        expected = expected + (z.T * sort.multiplicity) @ z
    np.testing.assert_allclose(meat, expected, rtol=1e-11, atol=1e-8)


CODES = {
    "few": lambda rng, n: rng.integers(0, 7, n),
    "one": lambda _, n: np.zeros(n, dtype=int),
    "longer than a block, in order": lambda _, n: np.arange(n) // 4500,
    "many": lambda rng, n: rng.integers(0, n // 2, n),
    "many, in order": lambda rng, n: np.sort(rng.integers(0, n // 2, n)),
    "some huge among many": lambda rng, n: np.where(rng.random(n) < 0.6, 17, np.arange(n)),
    "singletons": lambda rng, n: rng.permutation(n),
}


@pytest.mark.parametrize("codes", CODES)
@pytest.mark.parametrize("full", [True, False])
def test_cluster_gram_squares_the_sums_of_clusters(layout, codes, full):
    rng, X = sample()
    sorts, centre = sorts_of_case(rng, len(X), full=full), rng.normal(size=(2, 5))
    codes = CODES[codes](rng, len(X))
    total = sum(
        plain_scores(X, sort, centre) * np.broadcast_to(sort.multiplicity, len(X))[:, None]
        for sort in sorts
    )
    sums = np.zeros((codes.max() + 1, total.shape[1]))
    np.add.at(sums, codes, total)
    gram = cluster_gram(ModelMatrix(layout(X)), sorts, codes, len(sums), centre)
    np.testing.assert_allclose(gram, sums.T @ sums, rtol=1e-10, atol=1e-7)


def test_clusters_of_one_row_give_the_gram_of_the_scores():
    rng, X = sample()
    sorts = [ScoreRows(rng.normal(size=len(X)), ONE)]
    matrix, codes = ModelMatrix(X), rng.permutation(len(X))
    np.testing.assert_allclose(
        cluster_gram(matrix, sorts, codes, len(X)),
        score_gram(matrix, sorts),
        rtol=1e-12,
        atol=1e-10,
    )


@pytest.mark.parametrize("constant", [0, None])
def test_sums_are_taken_in_working_coordinates(constant):
    rng, X = sample()
    X[:, 2] += 1e6
    matrix = ModelMatrix(X, constant=constant).standardized(ONE)
    block, weight = matrix.block(slice(None)), rng.random(len(X))
    np.testing.assert_allclose(
        weighted_gram(matrix, weight), (block.T * weight) @ block, rtol=1e-12, atol=1e-9
    )
    assert (matrix.shift is None) == (constant is None)


def test_threads_change_no_digit(monkeypatch):
    rng, X = sample(n=250_000, k=12)
    matrix, weight = ModelMatrix(X), rng.random(250_000)
    results = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("WLOGIT_NUM_THREADS", threads)
        results.append(weighted_gram(matrix, weight))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
