"""The centered sandwich against the stacked estimating equations, differentiated numerically.

Class weights computed from the sample are parameters too: with the class masses pi_k = W_k / N,
every case contributes ``(a y - pi_1, a (1 - y) - pi_0, score(b; pi))``, and the sandwich of all
these equations together has the covariance of b, whatever the formula of the centering says.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit

N = 150
TAU = 0.08
STEP = 1e-5
RTOL = 1e-6  # central differences with this step: 1e-10 of the derivatives, and their inverse


class Problem:
    """A sample with the equations that a class-weighted fit of it solves."""

    def __init__(self, kind: str, outcome: str, *, sampled: bool) -> None:
        rng = np.random.default_rng(8)
        self.kind = kind
        self.X = np.column_stack([np.ones(N), rng.normal(size=N), rng.integers(0, 2, N)])
        p = 1 / (1 + np.exp(-(self.X @ [-1.5, 0.8, 0.5])))
        self.y = (rng.random(N) < p).astype(float)
        if outcome == "fraction":
            self.y = np.clip(p + rng.normal(scale=0.3, size=N), 0.0, 1.0)
        self.a = rng.uniform(0.2, 4.0, N) if sampled else np.ones(N)
        self.groups = rng.integers(0, 20, N)
        weights = {"sampling_weights": self.a} if sampled else {}
        how = {"prevalence": TAU} if kind == "prevalence" else {"class_weight": "balanced"}
        self.results = WeightedLogit(self.y, self.X, **weights, **how).fit(disp=False)
        masses = np.array([np.mean(self.a * (1 - self.y)), np.mean(self.a * self.y)])
        self.estimate = np.concatenate([self.results.params, masses])

    def class_weights(self, masses):
        share = masses[1] / masses.sum()
        if self.kind == "prevalence":
            return (1 - TAU) / (1 - share), TAU / share
        return 0.5 / (1 - share), 0.5 / share

    def equations(self, theta):
        """Contribution of each case, shape (N, k + 2)."""
        c0, c1 = self.class_weights(theta[-2:])
        p = 1 / (1 + np.exp(-self.X @ theta[:-2]))
        score = self.a * (c1 * self.y * (1 - p) - c0 * (1 - self.y) * p)
        masses = self.a[:, None] * np.column_stack([1 - self.y, self.y]) - theta[-2:]
        return np.column_stack([score[:, None] * self.X, masses])

    def reported(self, theta):
        """Coefficients with the intercept at population scale."""
        c0, c1 = self.class_weights(theta[-2:])
        shift = np.log(c1 / c0) if self.kind == "balanced" else 0.0
        return theta[:-2] - shift * np.eye(len(theta) - 2)[0]

    def joint_covariance(self, groups):
        """Sandwich of all equations, contributions totaled over groups."""
        jacobian = differences(lambda theta: self.equations(theta).sum(axis=0), self.estimate)
        contributions = self.equations(self.estimate)
        totals = np.array([contributions[groups == g].sum(axis=0) for g in np.unique(groups)])
        bread = np.linalg.inv(jacobian)
        return bread @ (totals.T @ totals) @ bread.T


def differences(function, at):
    """Central differences, one column per argument."""
    columns = []
    for j in range(len(at)):
        step = np.zeros(len(at))
        step[j] = STEP
        columns.append((function(at + step) - function(at - step)) / (2 * STEP))
    return np.column_stack(columns)


def in_reported_coordinates(covariance):
    """Covariance of the coefficients with the intercept moved by the estimated shift."""
    matrix, shift = covariance.matrix.copy(), covariance.shift
    matrix[0, :] += shift[:-1]
    matrix[:, 0] += shift[:-1]
    matrix[0, 0] += shift[-1]
    return matrix


@pytest.fixture(
    params=[
        (kind, outcome, sampled)
        for kind in ("balanced", "prevalence")
        for outcome in ("binary", "fraction")
        for sampled in (False, True)
    ],
    ids=str,
)
def problem(request):
    kind, outcome, sampled = request.param
    return Problem(kind, outcome, sampled=sampled)


def test_the_fit_solves_the_equations(problem):
    contributions = problem.equations(problem.estimate)
    assert_allclose(contributions.sum(axis=0), 0.0, atol=1e-10 * np.abs(contributions).sum())


def test_centered_hc0_is_the_stacked_sandwich(problem):
    joint = problem.joint_covariance(np.arange(N))
    covariance = problem.results.with_covariance("HC0").covariance
    assert_allclose(covariance.matrix, joint[:3, :3], rtol=RTOL)
    # Weights taken as known would be another number: the test can fail.
    fixed = problem.results.with_covariance("HC0", class_weights="fixed").cov_params()
    assert abs(fixed[0, 0] / joint[0, 0] - 1.0) > 0.05


def test_centered_clusters_are_the_stacked_sandwich(problem):
    joint = problem.joint_covariance(problem.groups)
    clustered = problem.results.with_covariance("cluster", groups=problem.groups, kind="CR0")
    assert_allclose(clustered.cov_params(), joint[:3, :3], rtol=RTOL)


@pytest.mark.parametrize("clustered", [False, True])
def test_the_calibrated_intercept_has_the_stacked_covariance(problem, clustered):
    groups = problem.groups if clustered else np.arange(N)
    keywords = {"groups": groups, "kind": "CR0"} if clustered else {}
    results = problem.results.with_covariance("cluster" if clustered else "HC0", **keywords)
    gradient = differences(problem.reported, problem.estimate)
    expected = gradient @ problem.joint_covariance(groups) @ gradient.T
    if problem.kind == "balanced":
        actual = in_reported_coordinates(results.covariance)
    else:
        actual = results.covariance.matrix
    assert_allclose(actual, expected, rtol=RTOL)
