"""The parts of the search for separation: proofs, searches and null spaces."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.unit.core.separations import ABOVE, EDGES, LAST, LINE, MIXED, ONES
from wlogit.core.cone import best_direction
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import LogitObjective
from wlogit.core.recession import direction_by_newton, null_space, outcome_sign, overlaps


def test_a_proof_of_overlap_needs_overlap():
    X = np.column_stack([ONES, LINE])
    overlap = LogitObjective(ModelMatrix(X), 0.5 + 0.5 * MIXED, np.ones(12))
    optimum = maximize(overlap, np.zeros(2))
    assert overlaps(overlap, optimum.params)
    separated = LogitObjective(ModelMatrix(X), 0.5 + 0.5 * ABOVE, np.ones(12))
    for slope in (0.0, 1.0, 5.0, 40.0, 1000.0):
        assert not overlaps(separated, slope * np.array([-5.5, 1.0]))


@pytest.mark.parametrize("size", [-30.0, -1.0, 1.0, 30.0])
def test_a_proof_of_overlap_is_not_misled_by_an_offset(size):
    X = np.column_stack([ONES, LINE])
    for sign, expected in ((MIXED, True), (ABOVE, False)):
        objective = LogitObjective(ModelMatrix(X), 0.5 + 0.5 * sign, ONES, size * sign)
        optimum = maximize(objective, np.zeros(2))
        assert overlaps(objective, optimum.params) == (expected and optimum.converged)


def test_a_proof_reads_rows_with_weight_alone():
    X = np.column_stack([ONES, LINE])
    X[3] = np.nan
    weight = np.where(LINE == 3.0, 0.0, 1.0)
    objective = LogitObjective(ModelMatrix(X), 0.5 + 0.5 * MIXED, weight)
    assert overlaps(objective, maximize(objective, np.zeros(2)).params)


def test_the_two_searches_agree():
    X = np.column_stack([ONES, LINE, LAST])
    for sign in (ABOVE, MIXED, np.where(LAST == 1.0, 1.0, 0.0), EDGES):
        by_program = best_direction(ModelMatrix(X), sign)
        by_newton = direction_by_newton(ModelMatrix(X), sign)
        assert by_program.any() == by_newton.any()
        for direction in (by_program, by_newton):
            assert np.all(sign * (X @ direction) >= -1e-8)
            assert_allclose((X @ direction)[sign == 0.0], 0.0, atol=1e-8)


def test_the_null_space_of_some_rows():
    X = np.column_stack([ONES, LINE, 2.0 * LINE - 3.0, 0.0 * LINE, LAST])
    kept, basis = null_space(ModelMatrix(X), 0)
    assert 0 in kept
    assert len(kept) == 3
    assert_allclose(X @ basis, 0.0, atol=1e-12)
    assert_array_equal(basis[np.setdiff1d(np.arange(5), kept)], np.eye(2))
    kept, basis = null_space(ModelMatrix(X[:0]), 0)
    assert len(kept) == 0
    assert_array_equal(basis, np.eye(5))


def test_outcomes_of_rows():
    assert_array_equal(outcome_sign(np.array([0.0, 0.2, 0.9, 1.0])), [-1.0, 0.0, 0.0, 1.0])
