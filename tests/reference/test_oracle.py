"""Small random problems against a solution in 50 digits."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.reference.oracle import Oracle, oracle
from wlogit import WeightedLogit

# Well conditioned problems: a few units in the last place, times the condition number.
RTOL = 1e-11
SEEDS = range(4)


class Problem:
    """Forty rows, an offset, whole weights and eight clusters."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        n = 40
        self.X = np.column_stack([np.ones(n), rng.normal(size=(n, 2)), rng.integers(0, 2, n)])
        self.offset = rng.normal(scale=0.3, size=n)
        eta = self.X @ [0.2, 0.7, -0.5, 0.4] + self.offset
        self.y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
        self.w = rng.integers(1, 5, n).astype(float)
        self.clusters = rng.integers(0, 8, n)
        self.exact: Oracle = oracle(self.X, self.y, self.w, self.offset, self.clusters)


@pytest.fixture(scope="module", params=SEEDS)
def problem(request):
    return Problem(request.param)


@pytest.fixture(scope="module")
def counted(problem):
    model = WeightedLogit(problem.y, problem.X, freq_weights=problem.w, offset=problem.offset)
    return model.fit(disp=False)


@pytest.fixture(scope="module")
def sampled(problem):
    model = WeightedLogit(problem.y, problem.X, sampling_weights=problem.w, offset=problem.offset)
    return model.fit(disp=False)


def test_coefficients(problem, counted, sampled):
    assert_allclose(counted.params, problem.exact.coef, rtol=RTOL)
    assert_allclose(sampled.params, problem.exact.coef, rtol=RTOL)


def test_log_likelihood(problem, counted):
    assert_allclose(counted.llf, problem.exact.llf, rtol=RTOL)


def test_inverse_information(problem, counted):
    assert_allclose(counted.cov_params(), problem.exact.cov, rtol=RTOL)


def test_robust_covariance_of_counts(problem, counted):
    robust = counted.with_covariance("HC0")
    assert_allclose(robust.cov_params(), problem.exact.cov_counts, rtol=RTOL)


def test_robust_covariance_of_sampling_weights(problem, sampled):
    robust = sampled.with_covariance("HC0")
    assert_allclose(robust.cov_params(), problem.exact.cov_importance, rtol=RTOL)


def test_clustered_covariance(problem, sampled):
    clustered = sampled.with_covariance("cluster", groups=problem.clusters, kind="CR0")
    assert_allclose(clustered.cov_params(), problem.exact.cov_cluster, rtol=RTOL)
