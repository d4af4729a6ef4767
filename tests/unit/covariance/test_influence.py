"""Influences of single cases add up to the sandwich, and to that of statistics built on them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.unit.covariance.parts import parts_of
from wlogit.core.blocksum import blocks
from wlogit.core.case_sums import gram_of_cases, gram_of_groups
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.cluster import Clustered
from wlogit.covariance.influence import case_influences, influence_covariance
from wlogit.covariance.robust import Linearized, Robust

rng = np.random.default_rng(3)
N = 40_000
X = np.column_stack([np.ones(N), rng.normal(size=(N, 2))])
Y = (rng.random(N) < 0.3).astype(float)
FREQ = rng.integers(0, 4, N).astype(float)
FIRST, SECOND = rng.integers(0, 40, N), rng.integers(0, 15, N)
ONE, TWO = (FIRST,), (FIRST, SECOND)

ESTIMATORS = [
    *(Robust(kind) for kind in ("HC0", "HC1", "HC2", "HC3", "HC4")),
    Robust("HC3", ClassScheme("estimated")),
    Robust("HC1", ClassScheme("estimated", "case-control")),
    Robust("HC0", ClassScheme(log_odds=True)),
    Linearized(),
    Linearized(ClassScheme("estimated")),
    Clustered(ONE, "CR1S"),
    Clustered(ONE, "CR0", ClassScheme("estimated")),
    Clustered(TWO, "CR1", ClassScheme("estimated")),
]


def parts(kind):
    y = np.column_stack([Y * 2, 3 - Y]) if kind == "counts" else Y
    if kind == "fractions":
        y = np.clip(Y + 0.1 * rng.random(N), 0, 1)
    given = {"freq_weights": FREQ} if kind == "frequency" else {}
    bread = np.linalg.inv(X.T @ X / 4) + 1e-4
    return parts_of(X, y, bread, [-0.8, 0.3, 0.0], class_weight="balanced", **given)


@pytest.mark.parametrize("kind", ["plain", "frequency", "counts", "fractions"])
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: f"{e}"[:60])
def test_squares_of_influences_are_the_sandwich(kind, estimator):
    of_fit = parts(kind)
    covariance = estimator(of_fit)
    joint = influence_covariance(case_influences(of_fit, estimator), of_fit, estimator)
    assert_allclose(joint[:3, :3], covariance.matrix, rtol=1e-9, atol=1e-16)
    if covariance.shift is not None:
        assert_allclose(joint[3], covariance.shift, rtol=1e-9, atol=1e-14)
    else:
        assert np.all(joint[3] == 0.0)


def test_sums_over_cases_and_groups_are_plain_sums():
    psi, number = rng.normal(size=(N, 2)), FREQ
    of_rows = lambda rows: [(number[rows], psi[rows]), (np.ones(()), 2 * psi[rows])]  # noqa: E731
    expected = psi.T @ (number[:, None] * psi) + 4 * psi.T @ psi
    assert_allclose(gram_of_cases(of_rows, N, 3), expected, rtol=1e-12)
    totals = np.zeros((40, 2))
    np.add.at(totals, FIRST, (number + 2)[:, None] * psi)
    assert_allclose(gram_of_groups(of_rows, FIRST, 40, 3), totals.T @ totals, rtol=1e-12)
    assert len(blocks(N, 3)) > 1
