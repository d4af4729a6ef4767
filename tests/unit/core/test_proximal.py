"""Penalised optima against closed forms, general optimisers and their own optimality conditions."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize
from scipy.special import expit, log_expit, logit

from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import LogitObjective
from wlogit.core.penalties import ElasticNet
from wlogit.core.proximal import kkt_units, minimize, path
from wlogit.core.quadratic import Quadratic


def sample(n=150, k=6, seed=1, *, constant=True, order="C", offset=False):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, k))
    if constant:
        X[:, 0] = 1.0
    eta = X[:, : min(3, k)].sum(axis=1) - 0.5
    response = (rng.random(n) < expit(eta)).astype(float)
    matrix = ModelMatrix(np.asarray(X, order=order), constant=0 if constant else None)
    shift = rng.normal(size=n) if offset else None
    return LogitObjective(matrix, response, rng.exponential(size=n), shift)


def net(k, l1, l2=0.0, *, free=(0,)):
    l1, l2 = np.full(k, float(l1)), np.full(k, float(l2))
    l1[list(free)] = l2[list(free)] = 0.0
    return ElasticNet(l1, l2)


def loss(objective, penalty, params):
    eta = objective.matrix.values @ params
    if objective.offset is not None:
        eta = eta + objective.offset
    r = objective.response
    value = objective.weight * (r * log_expit(eta) + (1.0 - r) * log_expit(-eta))
    return -value.sum() + penalty.l1 @ np.abs(params) + penalty.l2 @ params**2 / 2.0


def violations(objective, penalty, params):
    """The optimality conditions, written out coefficient by coefficient."""
    eta = objective.matrix.values @ params
    if objective.offset is not None:
        eta = eta + objective.offset
    weight = np.broadcast_to(objective.weight, eta.shape)
    gradient = (weight * (objective.response - expit(eta))) @ objective.matrix.values
    found = []
    for b, g, l1, l2 in zip(params, gradient, penalty.l1, penalty.l2, strict=True):
        found.append(max(abs(g) - l1, 0.0) if b == 0 else abs(g - l2 * b - l1 * np.sign(b)))
    return np.array(found)


def indicators(sizes, events):
    """A design of disjoint groups, in which the likelihood is a sum over coefficients."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    X = (group[:, None] == np.arange(len(sizes))).astype(float)
    r = np.concatenate([np.arange(n) < s for n, s in zip(sizes, events, strict=True)])
    return LogitObjective(ModelMatrix(X), r.astype(float), np.ones(()))


def test_disjoint_groups_are_soft_thresholded_by_themselves():
    sizes, events, l1 = np.array([40, 30, 20, 50]), np.array([30, 14, 2, 25]), 3.0
    optimum = minimize(indicators(sizes, events), net(4, l1, free=()), np.zeros(4), tol=1e-12)
    excess = events - sizes / 2.0
    kept = np.sign(excess) * np.maximum(np.abs(excess) - l1, 0.0)
    # The score of a group is s - n p, which equals l1 sign(b) where b is not zero.
    expected = np.where(kept != 0.0, logit((events - l1 * np.sign(excess)) / sizes), 0.0)
    assert_allclose(optimum.params, expected, rtol=1e-11)
    assert_array_equal(optimum.params == 0.0, [False, True, False, True])


def test_ridge_in_disjoint_groups_solves_one_equation_each():
    sizes, events, l2 = np.array([40, 30, 20]), np.array([30, 14, 2]), 2.5
    penalty = ElasticNet(np.zeros(3), np.full(3, l2))
    optimum = minimize(indicators(sizes, events), penalty, np.zeros(3), tol=1e-12)
    for b, n, s in zip(optimum.params, sizes, events, strict=True):
        root = optimize.brentq(lambda b, n=n, s=s: s - n * expit(b) - l2 * b, -9, 9, xtol=1e-14)
        assert b == pytest.approx(root, abs=1e-12)


@pytest.mark.parametrize("offset", [False, True])
@pytest.mark.parametrize(("l1", "l2"), [(4.0, 0.0), (2.0, 3.0), (0.0, 5.0), (200.0, 0.0)])
def test_a_general_optimiser_finds_the_same(l1, l2, offset):
    objective = sample(offset=offset)
    penalty = net(6, l1, l2)
    optimum = minimize(objective, penalty, np.zeros(6), tol=1e-11)

    def split(z):
        return loss(objective, penalty, z[:6] - z[6:]) + penalty.l1 @ (
            z[:6] + z[6:] - np.abs(z[:6] - z[6:])
        )

    # The lasso as a smooth problem in the positive and the negative part of each coefficient.
    found = optimize.minimize(
        split,
        np.zeros(12),
        method="L-BFGS-B",
        bounds=[(0.0, None)] * 12,
        options={"maxiter": 5000, "maxfun": 10**6, "ftol": 1e-15, "gtol": 1e-9},
    )
    assert optimum.converged
    assert optimum.value == pytest.approx(found.fun, rel=1e-8)
    assert optimum.value <= found.fun + 1e-10
    assert_allclose(optimum.params, found.x[:6] - found.x[6:], atol=2e-4)


@pytest.mark.parametrize(
    ("n", "k", "l1", "l2", "order"),
    [
        (200, 8, 3.0, 0.0, "C"),
        (200, 8, 3.0, 0.0, "F"),
        (200, 8, 1.0, 2.0, "C"),
        (60, 150, 1.0, 0.0, "C"),
        (60, 150, 0.3, 0.3, "F"),
        (60, 150, 0.0, 1.0, "C"),
        (4000, 40, 5.0, 0.0, "C"),
        (300, 400, 0.2, 0.0, "C"),
        (30, 700, 0.05, 0.01, "C"),
    ],
)
def test_the_kkt_residual_is_what_it_says(n, k, l1, l2, order):
    objective, penalty = sample(n, k, order=order), net(k, l1, l2)
    optimum = minimize(objective, penalty, np.zeros(k), tol=1e-10)
    weight = objective.weight
    rarer = min(weight @ objective.response, weight @ (1.0 - objective.response))
    size = np.sqrt(weight @ objective.matrix.values**2 / weight.sum())
    assert_allclose(kkt_units(objective), rarer * size, rtol=1e-12)
    residual = (violations(objective, penalty, optimum.params) / (rarer * size)).max()
    assert optimum.converged
    assert residual <= 1e-10
    assert abs(residual - optimum.kkt) < 1e-13
    assert optimum.value == pytest.approx(loss(objective, penalty, optimum.params), rel=1e-13)
    assert optimum.loglike == pytest.approx(
        -loss(objective, net(k, 0.0), optimum.params), rel=1e-13
    )


def test_a_path_is_its_points_one_by_one():
    objective = sample(300, 80)
    penalties = [net(80, 60.0 * 0.8**i) for i in range(25)]
    for penalty, along in zip(
        penalties, path(objective, penalties, np.zeros(80), tol=1e-11), strict=True
    ):
        alone = minimize(objective, penalty, np.zeros(80), tol=1e-11)
        assert_allclose(along.params, alone.params, atol=1e-9)
        assert_array_equal(along.params == 0.0, alone.params == 0.0)
        assert_allclose(along.gradient, alone.gradient, atol=1e-7)


def test_a_path_may_rise_and_pass_through_no_penalty():
    objective = sample(300, 10)
    penalties = [net(10, size) for size in (2.0, 30.0, 0.0, 5.0)]
    for penalty, optimum in zip(penalties, path(objective, penalties, np.zeros(10)), strict=True):
        assert optimum.converged
        alone = minimize(objective, penalty, np.zeros(10))
        assert_allclose(optimum.params, alone.params, atol=1e-8)


def test_the_gradient_before_chooses_where_to_start_and_not_where_to_end():
    objective, k = sample(200, 60), 60
    first = minimize(objective, net(k, 20.0), np.zeros(k))
    there = minimize(objective, net(k, 15.0), first.params, previous=(first.gradient, net(k, 20.0)))
    misled = minimize(objective, net(k, 2.0), np.zeros(k), previous=(np.zeros(k), net(k, 1.0)))
    assert_allclose(there.params, minimize(objective, net(k, 15.0), np.zeros(k)).params, atol=1e-8)
    assert_allclose(misled.params, minimize(objective, net(k, 2.0), np.zeros(k)).params, atol=1e-8)


@pytest.mark.parametrize("constant_penalty", [0.0, 1.0])
def test_columns_far_from_zero_have_the_optimum_of_their_centered_selves(constant_penalty):
    """With a free constant a shift of a column moves the constant only."""
    near = sample(400, 5)
    values = near.matrix.values.copy()
    values[:, 2] += 2000.0
    values[:, 3] *= 1e-170
    far = LogitObjective(ModelMatrix(values, constant=0), near.response, near.weight)
    l1, l2 = np.array([constant_penalty, 5.0, 5.0, 5e-170, 5.0]), np.zeros(5)
    optimum = minimize(far, ElasticNet(l1, l2), np.zeros(5), tol=1e-9)
    assert optimum.converged
    if not constant_penalty:
        plain = minimize(near, net(5, 5.0), np.zeros(5), tol=1e-11)
        assert_allclose(optimum.params[[1, 2, 4]], plain.params[[1, 2, 4]], atol=1e-8)
        assert optimum.params[3] * 1e-170 == pytest.approx(plain.params[3], abs=1e-8)
        assert_allclose(optimum.gradient[2], plain.gradient[2], atol=1e-5)


def test_scale_of_weights_and_penalty_together_changes_no_digit():
    objective = sample()
    for factor in (2.0**-40, 2.0**30):
        scaled = LogitObjective(objective.matrix, objective.response, objective.weight * factor)
        optimum = minimize(scaled, net(6, 3.0 * factor, factor), np.zeros(6))
        plain = minimize(objective, net(6, 3.0, 1.0), np.zeros(6))
        assert_array_equal(optimum.params, plain.params)
        assert optimum.kkt == plain.kkt


def test_rows_without_weight_may_hold_anything():
    objective = sample(120, 30)
    weight = objective.weight.copy()
    weight[::3] = 0.0
    values = objective.matrix.values.copy()
    values[::3] = np.nan
    holes = LogitObjective(ModelMatrix(values, constant=0), objective.response, weight)
    keep = weight > 0.0
    rows = LogitObjective(
        ModelMatrix(values[keep], constant=0), objective.response[keep], weight[keep]
    )
    for penalty in (net(30, 2.0), net(30, 0.0, 1.0)):
        there = minimize(holes, penalty, np.zeros(30))
        assert_allclose(there.params, minimize(rows, penalty, np.zeros(30)).params, atol=1e-9)


def test_columns_of_zeros_have_zero_coefficients():
    objective = sample(100, 5)
    values = np.column_stack([objective.matrix.values, np.zeros(100)])
    wide = LogitObjective(ModelMatrix(values, constant=0), objective.response, objective.weight)
    start = np.full(6, 0.5)
    for penalty in (net(6, 2.0), net(6, 0.0, 2.0), net(6, 2.0, free=(0, 5))):
        optimum = minimize(wide, penalty, start)
        assert optimum.converged
        assert optimum.params[5] == 0.0
        short = ElasticNet(penalty.l1[:5], penalty.l2[:5])
        assert_allclose(
            optimum.params[:5], minimize(objective, short, np.zeros(5)).params, atol=1e-8
        )


def test_equal_columns_share_a_coefficient_under_ridge_and_its_sum_under_lasso():
    objective = sample(200, 4)
    values = np.column_stack([objective.matrix.values, objective.matrix.values[:, 1]])
    twice = LogitObjective(ModelMatrix(values, constant=0), objective.response, objective.weight)
    lasso = minimize(twice, net(5, 4.0), np.zeros(5))
    alone = minimize(objective, net(4, 4.0), np.zeros(4))
    assert lasso.converged
    assert lasso.params[1] + lasso.params[4] == pytest.approx(alone.params[1], abs=1e-7)
    ridge = minimize(twice, net(5, 0.0, 4.0), np.zeros(5))
    assert ridge.params[1] == pytest.approx(ridge.params[4], rel=1e-7)


def test_more_columns_than_rows_under_ridge_agree_with_newton_on_all_of_them():
    objective, k = sample(25, 60, offset=True), 60
    l2 = np.linspace(0.5, 3.0, k)
    l2[[0, 7]] = 0.0
    penalty = ElasticNet(np.zeros(k), l2)
    seen = []
    optimum = minimize(objective, penalty, np.zeros(k), callback=seen.append)
    b, X = np.zeros(k), objective.matrix.values
    for _ in range(40):
        p = expit(X @ b + objective.offset)
        gradient = (objective.weight * (objective.response - p)) @ X - l2 * b
        b = b + np.linalg.solve(
            (X.T * (objective.weight * p * (1 - p))) @ X + np.diag(l2), gradient
        )
    assert_allclose(optimum.params, b, atol=1e-9)
    assert_array_equal(seen[-1], optimum.params)
    nothing = minimize(objective, penalty, np.zeros(k), max_iter=1)
    assert (nothing.converged, nothing.reason) == (False, "max_iter")


def test_separated_outcomes_have_an_optimum_where_what_separates_is_penalised():
    rng = np.random.default_rng(4)
    X = np.column_stack([np.ones(80), rng.normal(size=(80, 2))])
    objective = LogitObjective(ModelMatrix(X, constant=0), (X[:, 1] > 0).astype(float), np.ones(()))
    optimum = minimize(objective, net(3, 1e-3), np.zeros(3))
    assert optimum.converged
    assert np.abs(X @ optimum.params).max() > 8.0
    for free in ((0, 1), (0, 1, 2)):
        away = minimize(objective, net(3, 1.0, free=free), np.zeros(3))
        assert (away.converged, away.reason) == (False, "diverging")


def test_large_predictors_are_not_taken_for_separation():
    objective = sample(200, 4)
    values = objective.matrix.values.copy()
    values[0, 1] = 1e4
    far = LogitObjective(ModelMatrix(values, constant=0), objective.response, objective.weight)
    optimum = minimize(far, net(4, 3.0, free=(0, 1)), np.zeros(4), tol=1e-9)
    assert optimum.converged
    assert np.abs(values @ optimum.params).max() > 100.0


def test_no_penalty_is_maximum_likelihood_and_a_bad_start_does_no_harm():
    objective = sample()
    plain = minimize(objective, net(6, 0.0), np.zeros(6))
    assert plain.converged
    assert plain.kkt < 1e-10
    start = np.array([40.0, -90.0, 300.0, -5.0, 700.0, 1e3])
    for penalty in (net(6, 3.0), net(6, 1.0, 2.0), net(6, 3.0, free=range(6))):
        away = minimize(objective, penalty, start)
        assert_allclose(away.params, minimize(objective, penalty, np.zeros(6)).params, atol=1e-8)


def test_steps_are_counted_limited_and_shown():
    objective, seen = sample(), []
    optimum = minimize(
        objective, net(6, 1.0), np.zeros(6), callback=lambda b: seen.append(b.copy())
    )
    assert len(seen) == optimum.iterations
    assert_array_equal(seen[-1], optimum.params)
    losses = [loss(objective, net(6, 1.0), b) for b in seen]
    assert all(later <= earlier + 1e-12 for earlier, later in itertools.pairwise(losses))
    short = minimize(objective, net(6, 1.0), np.zeros(6), max_iter=2)
    assert (short.iterations, short.converged, short.reason) == (2, False, "max_iter")


def enumerated(square, linear, l1):
    """The minimum of the quadratic by trying every support and every sign."""
    a, best = len(linear), (0.0, np.zeros(len(linear)))
    for signs in itertools.product((-1.0, 0.0, 1.0), repeat=a):
        support = np.flatnonzero(signs)
        if not support.size:
            continue
        z = np.zeros(a)
        right = linear[support] - l1[support] * np.array(signs)[support]
        z[support] = np.linalg.solve(square[np.ix_(support, support)], right)
        value = z @ square @ z / 2.0 - linear @ z + l1 @ np.abs(z)
        best = min(best, (value, z), key=lambda pair: pair[0])
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_quadratic_is_minimised_over_all_supports_and_signs(seed):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(8, 5))
    square, linear = root.T @ root, 3.0 * rng.normal(size=5)
    l1 = rng.choice([0.0, 0.5, 2.0], size=5)
    value, z = enumerated(square, linear, l1)
    slack = np.full(5, 1e-12)
    for start in (np.zeros(5), rng.normal(size=5), -5.0 * z):
        assert_allclose(Quadratic(square).minimize(linear, l1, start, slack), z, atol=1e-9)
        swept = Quadratic(square)._sweep(linear, l1, start, slack)
        assert swept @ square @ swept / 2 - linear @ swept + l1 @ np.abs(swept) == pytest.approx(
            value, abs=1e-6
        )


def test_a_factor_is_carried_from_one_support_to_the_next():
    rng = np.random.default_rng(2)
    root = rng.normal(size=(300, 120))
    square, l1, slack = root.T @ root, np.full(120, 30.0), np.full(120, 1e-10)
    kept = Quadratic(square)
    linear = 40.0 * rng.normal(size=120)
    z = np.zeros(120)
    for _ in range(8):
        linear = linear + 2.0 * rng.normal(size=120)
        z = kept.minimize(linear, l1, z, slack)
        assert_allclose(z, Quadratic(square).minimize(linear, l1, np.zeros(120), slack), atol=1e-10)
        slope = linear - square @ z
        assert np.all(np.abs(slope[z == 0.0]) <= 30.0 + 1e-9)
        assert_allclose(slope[z != 0.0], 30.0 * np.sign(z[z != 0.0]), atol=1e-9)


def test_a_large_problem_starts_from_a_sample_and_ends_where_it_would_without():
    rng = np.random.default_rng(6)
    n = 60_000
    X = np.column_stack([np.ones(n), rng.normal(size=(n, 6))])
    response = (rng.random(n) < expit(X[:, 1] - 0.3 * X[:, 2] - 2.0)).astype(float)
    weight = rng.exponential(size=n)
    penalty = net(7, 0.01 * n)
    for events in (response, response * (np.arange(n) < 900)):
        objective = LogitObjective(ModelMatrix(X, constant=0), events, weight)
        found = minimize(objective, penalty, np.zeros(7), tol=1e-10)
        assert found.converged
        elsewhere = minimize(objective, penalty, np.full(7, 0.1), tol=1e-10)
        assert_allclose(found.params, elsewhere.params, atol=1e-9)
