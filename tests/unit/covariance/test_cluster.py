"""Cluster-robust sandwiches on numbers that can be checked by hand; eta = 0, p = 1/2."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.unit.covariance.parts import gram, parts_of
from wlogit.covariance.cluster import Clustered, negative_eigenvalues
from wlogit.errors import DesignError

X = np.array([[1, 0], [1, 2], [1, 1], [1, 3], [1, 1]])
Y = [0, 0, 1, 1, 0]
# Scores (-1/2, 0), (-1/2, -1), (1/2, 1/2), (1/2, 3/2), (-1/2, -1/2).
ONE = np.array([0, 1, 0, 2, 2])  # totals (0, 1/2), (-1/2, -1), (0, 1)
TWO = np.array([0, 0, 1, 1, 0])  # totals (-3/2, -3/2), (1, 2)
TOTALS_ONE = [[0, 0.5], [-0.5, -1], [0, 1]]
TOTALS_TWO = [[-1.5, -1.5], [1, 2]]
# Every row is a cluster of its own in both groupings together.
TOTALS_BOTH = [[-0.5, 0], [-0.5, -1], [0.5, 0.5], [0.5, 1.5], [-0.5, -0.5]]
N_K = (5 - 1) / (5 - 2)


def parts(**given):
    return parts_of(X, Y, np.eye(2), **given)


@pytest.mark.parametrize(("kind", "factor"), [("CR0", 1), ("CR1", 3 / 2), ("CR1S", 3 / 2 * N_K)])
def test_one_grouping(kind, factor):
    covariance = Clustered((ONE,), kind)(parts())
    assert_allclose(covariance.matrix, factor * gram(*TOTALS_ONE), rtol=1e-14)
    assert covariance.name == "cluster"
    assert covariance.n_clusters == (3,)
    assert covariance.df == 2


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR1S"])
def test_two_groupings_add_and_take_off_the_intersections(kind):
    one, two, both = {"CR0": (1, 1, 1), "CR1": (3 / 2, 2, 5 / 4), "CR1S": (2, 2 * N_K, 5 / 3)}[kind]
    covariance = Clustered((ONE, TWO), kind)(parts())
    expected = one * gram(*TOTALS_ONE) + two * gram(*TOTALS_TWO) - both * gram(*TOTALS_BOTH)
    assert_allclose(covariance.matrix, expected, rtol=1e-14)
    assert covariance.n_clusters == (3, 2)
    assert covariance.df == 1


def test_three_groupings_by_inclusion_and_exclusion():
    rows = np.arange(5)
    # With the rows themselves as third grouping every intersection with it is by rows too.
    covariance = Clustered((ONE, TWO, rows), "CR0")(parts())
    expected = gram(*TOTALS_ONE) + gram(*TOTALS_TWO) - gram(*TOTALS_BOTH)
    assert_allclose(covariance.matrix, expected, rtol=1e-14)


def test_the_same_grouping_twice_is_that_grouping():
    twice = Clustered((ONE, ONE), "CR1S")(parts()).matrix
    assert_allclose(twice, Clustered((ONE,), "CR1S")(parts()).matrix, rtol=1e-14)


def test_multiplicities_total_in_their_cluster():
    m = np.array([2, 1, 1, 3, 1])
    covariance = Clustered((ONE,), "CR1S")(parts(freq_weights=m))
    totals = [[-0.5, 0.5], [-0.5, -1], [1, 4]]
    factor = 3 / 2 * (8 - 1) / (8 - 2)  # N = 8 cases
    assert_allclose(covariance.matrix, factor * gram(*totals), rtol=1e-14)


def test_a_row_of_counts_is_within_one_cluster():
    counts = parts_of([[1, 0], [1, 1]], [[2, 1], [1, 3]], np.eye(2))
    covariance = Clustered((np.array([0, 1]),), "CR1")(counts)
    assert_allclose(covariance.matrix, 2 * gram([0.5, 0], [-1, -1]), rtol=1e-14)


@pytest.mark.parametrize("codes", [[7, 3, 7, 11, 11], [2, 0, 2, 1, 1]])
def test_codes_are_names(codes):
    covariance = Clustered((np.array(codes),), "CR1")(parts())
    assert_allclose(covariance.matrix, 3 / 2 * gram(*TOTALS_ONE), rtol=1e-14)
    assert covariance.n_clusters == (3,)


@pytest.mark.parametrize("given", ["freq_weights", "sampling_weights"])
@pytest.mark.parametrize("stray", [0, 2, 9])
def test_clusters_without_weight_are_not_clusters(given, stray):
    X_more, Y_more = np.vstack([[1, 9], X]), [1, *Y]
    weighted = parts_of(X_more, Y_more, np.eye(2), **{given: [0, 1, 1, 1, 1, 1]})
    for groups, n_clusters in (((ONE,), (3,)), ((ONE, TWO), (3, 2))):
        codes = tuple(np.r_[stray, g] for g in groups)
        covariance = Clustered(codes, "CR1S")(weighted)
        assert covariance.n_clusters == n_clusters
        expected = Clustered(groups, "CR1S")(parts())
        assert_allclose(covariance.matrix, expected.matrix, rtol=1e-14)


def test_one_cluster_is_refused():
    with pytest.raises(DesignError, match=r"in one cluster.*at least two"):
        Clustered((np.zeros(5, dtype=int),))(parts())
    with pytest.raises(DesignError, match="one cluster"):
        Clustered((ONE, np.full(5, 4)))(parts())
    two_but_for_weight = np.array([1, 0, 0, 0, 0, 0])
    X_more, Y_more = np.vstack([[1, 9], X]), [1, *Y]
    weighted = parts_of(X_more, Y_more, np.eye(2), freq_weights=[0, 1, 1, 1, 1, 1])
    with pytest.raises(DesignError, match="one cluster"):
        Clustered((two_but_for_weight,))(weighted)


def test_the_factor_is_undefined_without_residual_cases():
    square = parts_of(X[:2], [0, 1], np.eye(2))
    assert np.all(np.isnan(Clustered((np.array([0, 1]),), "CR1S")(square).matrix))
    assert np.all(np.isfinite(Clustered((np.array([0, 1]),), "CR1")(square).matrix))


def test_the_description_counts_the_clusters_and_names_the_factor():
    description = Clustered((ONE, TWO), "CR1S")(parts()).description
    assert "3 and 2 clusters" in description
    assert "factor G(N-1)/((G-1)(N-k))" in description
    assert "no small-sample factor" in Clustered((ONE,), "CR0")(parts()).description


def test_negative_eigenvalues():
    assert_array_equal(negative_eigenvalues(np.diag([2.0, -0.5])), [-0.5])
    assert negative_eigenvalues(np.diag([2.0, 0.0])).size == 0
    assert negative_eigenvalues(np.diag([1.0, -1e-14])).size == 0  # rounding
    assert negative_eigenvalues(np.full((2, 2), np.nan)).size == 0
