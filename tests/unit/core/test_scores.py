"""Sums of squared scores against plain numpy on whole matrices, in every memory layout."""

from dataclasses import dataclass

import numpy as np
import pytest

from wlogit.core.cluster_scores import cluster_gram
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.scores import CaseBlock, class_totals, score_gram

LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "strided": lambda X: np.repeat(X, 2, axis=0)[::2],
}
ONE = np.ones(())
K = 5
ROOT = np.triu(np.linspace(0.5, 2.0, K * K).reshape(K, K))


@pytest.fixture(params=LAYOUTS)
def layout(request):
    return LAYOUTS[request.param]


def sample(n=9_001, seed=0):
    rng = np.random.default_rng(seed)
    return rng, np.column_stack([np.ones(n), rng.normal(size=(n, K - 1))])


def sorts_of_case(rng, n, *, full):
    """Two sorts of case over all rows, with every optional part or none."""
    sorts = []
    for count in (rng.integers(0, 4, n).astype(float), ONE):
        part = {"factor": rng.normal(size=n), "multiplicity": count, "curvature": rng.random(n)}
        if full:
            part["scale"] = 1.0 + rng.random(n)
            part["shares"] = rng.random((2, n)) / n
            part["by_class"] = rng.normal(size=(2, n))
            part["extra"] = rng.normal(size=n)
        sorts.append(part)
    return sorts


@dataclass
class Sorts:
    """The cases of a block, cut from those of all rows."""

    sorts: list
    params: np.ndarray

    def __call__(self, rows, product):
        def cut(values):
            return values[..., rows] if values.ndim else values

        return [CaseBlock(**{name: cut(v) for name, v in sort.items()}) for sort in self.sorts]


def source_of(sorts, k=K):
    return Sorts(sorts, np.zeros(k))


def plain_totals(X, sorts):
    return sum((X @ ROOT).T @ (sort["by_class"] * sort["multiplicity"]).T for sort in sorts)


def plain_rows(X, sort, totals, multiplier=1.0):
    """z of every case, from the definition."""
    scores = sort["factor"][:, None] * (X @ ROOT)
    if "shares" in sort:
        scores = scores - sort["shares"].T @ totals.T
    scores = np.broadcast_to(multiplier, len(X))[:, None] * scores
    return np.column_stack([scores, sort["extra"]]) if "extra" in sort else scores


@pytest.mark.parametrize("full", [True, False])
def test_score_gram_sums_over_cases(layout, full):
    rng, X = sample()
    sorts = sorts_of_case(rng, len(X), full=full)
    totals = plain_totals(X, sorts) if full else None
    expected = 0.0
    for sort in sorts:
        z = plain_rows(X, sort, totals, sort.get("scale", 1.0))
        expected = expected + (z.T * sort["multiplicity"]) @ z
    gram, saturated = score_gram(ModelMatrix(layout(X)), ROOT, source_of(sorts))
    np.testing.assert_allclose(gram, expected, rtol=1e-11, atol=1e-7)
    assert saturated == ()


@pytest.mark.parametrize("full", [True, False])
def test_scores_are_inflated_by_what_their_leverage_says(layout, full):
    rng, X = sample()
    sorts = sorts_of_case(rng, len(X), full=full)
    totals = plain_totals(X, sorts) if full else None
    expected = 0.0
    for sort in sorts:
        leverage = sort["curvature"] * ((X @ ROOT) ** 2).sum(axis=1)
        z = plain_rows(X, sort, totals, sort.get("scale", 1.0) / (1.0 + leverage))
        expected = expected + (z.T * sort["multiplicity"]) @ z
    gram, _ = score_gram(ModelMatrix(layout(X)), ROOT, source_of(sorts), lambda h: 1.0 / (1.0 + h))
    np.testing.assert_allclose(gram, expected, rtol=1e-11, atol=1e-7)


def test_a_case_whose_multiplier_is_zero_is_reported_if_it_is_there():
    rng, X = sample(n=5_000)
    (sort, _) = sorts_of_case(rng, len(X), full=False)
    sort["multiplicity"][4_500], sort["multiplicity"][4_600] = 1.0, 0.0
    calls = np.zeros(len(X))
    calls[[4_500, 4_600]] = 1.0
    sort["curvature"] = calls
    _, saturated = score_gram(
        ModelMatrix(X), ROOT, source_of([sort]), lambda h: np.where(h > 0.0, 0.0, 1.0)
    )
    assert saturated == (4_500,)


def test_scores_that_centering_takes_away_entirely_leave_no_negative_squares():
    _, X = sample(n=6_000)
    X = X[:, :1]
    y = np.arange(6_000) % 3 == 0
    factor = np.where(y, 1 / 3, -1 / 6)
    shares = np.stack([~y / np.sum(~y), y / y.sum()])
    sort = {
        "factor": factor,
        "multiplicity": ONE,
        "curvature": np.ones(6_000),
        "shares": shares,
        "by_class": np.stack([~y * factor, y * factor]),
    }
    gram, _ = score_gram(ModelMatrix(X), np.eye(1), source_of([sort], 1))
    assert 0.0 <= gram[0, 0] < 1e-24


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
    sorts = sorts_of_case(rng, len(X), full=full)
    for sort in sorts:
        sort.pop("scale", None)
    totals = plain_totals(X, sorts) if full else None
    codes = CODES[codes](rng, len(X))
    total = sum(
        plain_rows(X, sort, totals) * np.broadcast_to(sort["multiplicity"], len(X))[:, None]
        for sort in sorts
    )
    sums = np.zeros((codes.max() + 1, total.shape[1]))
    np.add.at(sums, codes, total)
    matrix, source = ModelMatrix(layout(X)), source_of(sorts)
    if full:
        np.testing.assert_allclose(class_totals(matrix, ROOT, source), totals, atol=1e-9)
    gram = cluster_gram(matrix, ROOT, source, codes, len(sums), totals)
    size = total.shape[1]
    np.testing.assert_allclose(gram[:size, :size], sums.T @ sums, rtol=1e-10, atol=1e-7)


def test_clusters_of_one_row_give_the_gram_of_the_scores():
    rng, X = sample()
    sorts = sorts_of_case(rng, len(X), full=False)[1:]
    matrix, codes, source = ModelMatrix(X), rng.permutation(len(X)), source_of(sorts)
    np.testing.assert_allclose(
        cluster_gram(matrix, ROOT, source, codes, len(X), None)[:K, :K],
        score_gram(matrix, ROOT, source)[0],
        rtol=1e-12,
        atol=1e-10,
    )
