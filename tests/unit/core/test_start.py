"""Where Newton's method starts, and how few readings of many rows follow."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from wlogit.core.likelihood import expit
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import LogitObjective
from wlogit.core.start import start_values

ONE = np.ones(())
N = 60
RNG = np.random.default_rng(11)
ONES, A = np.ones(N), RNG.normal(size=N)
Y = (RNG.random(N) < expit(0.3 + A)).astype(float)


@pytest.mark.parametrize("arranged", ["as drawn", "by outcome", "by covariate"])
def test_a_start_from_a_sample_saves_iterations_and_changes_nothing(arranged):
    rng = np.random.default_rng(1)
    X = np.column_stack([np.ones(60_000), rng.normal(size=(60_000, 3))])
    y = (rng.random(60_000) < expit(X @ [-1.0, 1.0, 0.5, 0.0])).astype(float)
    order = {
        "as drawn": slice(None),
        "by outcome": np.argsort(y),
        "by covariate": X[:, 1].argsort(),
    }
    rows = order[arranged]
    objective = LogitObjective(ModelMatrix(X[rows], constant=0), y[rows], ONE)
    cold = maximize(objective, np.zeros(4))
    warm = maximize(objective, start_values(objective))
    errors = np.sqrt(np.diag(cold.bread))
    assert_allclose(warm.params / errors, cold.params / errors, atol=1e-11)
    unit = np.outer(errors, errors)
    assert_allclose(warm.bread / unit, cold.bread / unit, atol=1e-10)
    assert warm.iterations <= cold.iterations
    assert warm.iterations < cold.iterations or arranged != "as drawn"


def test_many_rows_are_read_a_few_times_and_lose_no_digit(monkeypatch):
    rng = np.random.default_rng(1)
    X = np.column_stack([np.ones(60_000), 2_000.0 + rng.normal(size=(60_000, 3))])
    y = (rng.random(60_000) < expit((X - [0, 2_000, 2_000, 2_000]) @ [-1, 1, 0.5, 0])).astype(float)
    weight = rng.random(60_000)
    passes = []
    for name in ("value", "gradient", "derivatives", "reach"):
        plain = getattr(LogitObjective, name)

        def counted(self, *given, name=name, plain=plain):
            if self.n_rows == 60_000:
                passes.append(name)
            return plain(self, *given)

        monkeypatch.setattr(LogitObjective, name, counted)
    bounds = X.min(axis=0), X.max(axis=0)
    matrix = ModelMatrix(X, constant=0, bounds=bounds).standardized(weight)
    objective = LogitObjective(matrix, y, weight)
    optimum = maximize(objective, start_values(objective))
    assert optimum.converged
    assert passes.count("derivatives") == 2
    assert len(passes) <= 6
    exact = maximize(objective, optimum.params, max_iter=0)
    errors = np.sqrt(np.diag(exact.bread))
    assert np.abs(exact.gradient * errors).max() < 1e-10
    assert_allclose(np.sqrt(np.diag(optimum.bread)), errors, rtol=2e-10)


def test_rare_events_start_at_their_share():
    y = np.r_[np.ones(2), np.zeros(N - 2)]
    objective = LogitObjective(ModelMatrix(np.column_stack([ONES, A]), constant=0), y, ONE)
    assert_allclose(start_values(objective), [np.log(2 / 58), 0.0])
    without = LogitObjective(ModelMatrix(A[:, None]), y, ONE)
    assert_array_equal(start_values(without), [0.0])


@pytest.mark.parametrize("arranged", ["as drawn", "by outcome", "by covariate"])
@pytest.mark.parametrize("weights", ["heavy tail", "with the covariate"])
def test_a_sample_that_does_not_speak_for_the_rest_is_not_followed(weights, arranged):
    rng = np.random.default_rng(3)
    X = np.column_stack([np.ones(50_000), rng.normal(size=50_000), rng.lognormal(0, 2, 50_000)])
    y = (rng.random(50_000) < expit(X @ [-2.0, 1.0, -0.1])).astype(float)
    weight = rng.random(50_000) ** -2.0 if weights == "heavy tail" else np.exp(3.0 * X[:, 1])
    order = {
        "as drawn": slice(None),
        "by outcome": np.argsort(y),
        "by covariate": X[:, 2].argsort(),
    }
    rows = order[arranged]
    objective = LogitObjective(ModelMatrix(X[rows], constant=0), y[rows], weight[rows])
    cold = maximize(objective, np.zeros(3))
    warm = maximize(objective, start_values(objective))
    assert warm.converged
    assert_allclose(warm.params, cold.params, rtol=1e-10)
    assert warm.iterations <= cold.iterations + 15


def test_a_share_that_promises_too_much_is_no_start():
    weight = np.where(np.arange(N) == 30, 1e9, 1.0)
    y = np.where(np.arange(N) == 30, 0.0, Y)
    objective = LogitObjective(ModelMatrix(np.column_stack([ONES, A]), constant=0), y, weight)
    start = start_values(objective)
    optimum = maximize(objective, start)
    assert optimum.converged
    assert_allclose(optimum.params, maximize(objective, np.zeros(2)).params, rtol=1e-9)


@pytest.mark.parametrize("n", [100_000, 400_000])
def test_a_column_that_three_rows_alone_vary_far_from_zero(n):
    rng = np.random.default_rng(4)
    X = np.column_stack([np.ones(n), rng.normal(size=(n, 2)), np.full(n, 3.0)])
    y = (rng.random(n) < expit(X[:, :3] @ [-1.0, 0.5, -0.5])).astype(float)
    few = rng.choice(n, 3, replace=False)
    X[few, 3], y[few] = [1.0, 5.0, 4.0], [1.0, 0.0, 1.0]
    fits = []
    for origin in (0.0, 2.0**27):
        moved = np.add(X, [0.0, 0.0, 0.0, origin])
        matrix = ModelMatrix(moved, constant=0).standardized(ONE)
        objective = LogitObjective(matrix, y, ONE)
        optimum = maximize(objective, start_values(objective))
        assert optimum.converged
        fits.append(matrix.to_user(optimum.params)[1:])
    assert_allclose(fits[1], fits[0], rtol=1e-8)
