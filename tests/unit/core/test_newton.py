"""Newton on hard problems, against optima in 50 digits and in closed form."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.reference.oracle import oracle
from wlogit.core.likelihood import expit
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import Optimum, maximize
from wlogit.core.objective import Derivatives, LogitObjective
from wlogit.core.start import start_values

ONE = np.ones(())
N = 60
RNG = np.random.default_rng(11)
ONES, A, B = np.ones(N), *RNG.normal(size=(2, N))
Y = (RNG.random(N) < expit(0.3 + A - B)).astype(float)
YEAR = RNG.integers(1990, 2021, N).astype(float)
GROUP = RNG.integers(0, 3, N)
LATE, MIDDLE = (GROUP == 2).astype(float), (GROUP == 1).astype(float)
SORTED = np.linspace(-3.0, 3.0, N)
OVERLAPPING = np.where(np.arange(N) == 27, 1.0, (SORTED > 0.0).astype(float))


@dataclass
class Fit:
    """A fit in the user's coordinates."""

    params: np.ndarray
    errors: np.ndarray
    optimum: Optimum
    objective: LogitObjective


def fit(columns, y, weight=ONE, offset=None, constant=0, **options):
    """Standardize, start and maximize, as a model does."""
    matrix = ModelMatrix(np.column_stack(columns), constant=constant).standardized(weight)
    objective = LogitObjective(matrix, y, weight, offset)
    optimum = maximize(objective, start_values(objective), **options)
    covariance = matrix.to_user(matrix.to_user(optimum.bread).T)
    return Fit(matrix.to_user(optimum.params), np.sqrt(np.diag(covariance)), optimum, objective)


HARD = {
    "plain": {"columns": [ONES, A, B]},
    "no constant": {"columns": [A, B], "constant": None},
    "far from zero": {"columns": [ONES, 1e9 + A, B]},
    "far from zero without a constant": {"columns": [1e9 + A, B], "constant": None},
    "a constant of seven, last": {"columns": [1e6 + A, B, 7.0 * ONES], "constant": 2},
    "scales of 1e-6 and 1e6": {"columns": [ONES, A * 1e-6, B * 1e6]},
    "nearly collinear": {"columns": [ONES, A, A + 1e-4 * B], "rtol": 1e-8},
    "year and its square": {"columns": [ONES, YEAR, YEAR**2]},
    "year to the third": {"columns": [ONES, YEAR, YEAR**2, YEAR**3], "rtol": 1e-7},
    "weights of 1e-8 to 1e6": {"columns": [ONES, A, B], "weight": 10.0 ** RNG.uniform(-8, 6, N)},
    "a group of tiny weights": {
        "columns": [ONES, MIDDLE, LATE, A],
        "weight": np.where(GROUP == 2, 1e-8, 1e6) * RNG.uniform(0.5, 2.0, N),
    },
    "an offset": {"columns": [ONES, A], "offset": 3.0 * B},
    "a huge offset": {"columns": [ONES, A], "offset": np.where(B > 0.0, 30.0, -30.0)},
    "fractions": {"columns": [ONES, A, B], "y": RNG.random(N) ** 5},
    "one event": {"columns": [ONES, A], "y": (np.argsort(A) == 30).astype(float)},
    "an overlap of weight 1e-9": {
        "columns": [ONES, SORTED],
        "y": OVERLAPPING,
        "weight": np.where(np.arange(N) == 27, 1e-9, 1.0),
        "rtol": 1e-8,
    },
}


@pytest.mark.parametrize("name", HARD)
def test_optimum_and_errors_agree_with_50_digits(name):
    case = {"y": Y, "weight": ONE, "offset": None, "constant": 0, "rtol": 1e-10} | HARD[name]
    rtol = case.pop("rtol")
    result = fit(**case)
    exact = oracle(
        np.column_stack(case["columns"]),
        case["y"],
        np.broadcast_to(case["weight"], N),
        np.zeros(N) if case["offset"] is None else case["offset"],
        range(N),
    )
    assert result.optimum.reason == "converged"
    assert_allclose(result.params, exact.coef, rtol=rtol)
    assert_allclose(result.errors, np.sqrt(np.diag(exact.cov)), rtol=rtol)
    assert result.optimum.value == pytest.approx(exact.llf, rel=1e-10)


PUBLISHED = sorted((Path(__file__).parents[2] / "reference" / "r" / "cases").glob("T14_*.json"))


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_hard_reference_cases_agree_with_50_digits(path):
    case = json.loads(path.read_text())
    exact = case["expected_mp50"]
    data = np.genfromtxt(path.parents[1] / "data" / case["data"], delimiter=",", names=True)
    y = data["y"]
    terms = case["formula"].split("~")[1].split("+")
    columns = [np.ones(len(y)), *(data[term.strip()] for term in terms)]
    kind = case["weights"]["kind"]
    if kind == "class":
        weight = np.where(y == 1.0, len(y) / (2 * y.sum()), len(y) / (2 * (1.0 - y).sum()))
    else:
        weight = ONE if kind == "none" else data[case["weights"]["column"]]
    result = fit(columns, y, weight)
    rtol = 1e-8 if case["id"] == "T14_collinear" else 1e-10
    assert_allclose(result.params, list(exact["coef"].values()), rtol=rtol)
    assert_allclose(result.errors, list(exact["se"].values()), rtol=rtol)
    assert result.optimum.value == pytest.approx(exact["loglik_kernel"], rel=1e-12)


def test_columns_whose_squares_overflow():
    here = fit([ONES, A, B], Y)
    there = fit([ONES, A * 1e-120, B * 1e130], Y)
    scale = np.array([1.0, 1e-120, 1e130])
    assert_allclose(there.params * scale, here.params, rtol=1e-12)
    assert_allclose(there.errors * scale, here.errors, rtol=1e-12)


def test_few_events_in_ten_billion_cases():
    cells = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    counts = np.array([1e10 - 5.0, 5.0, 4e9, 6.0])
    result = fit(cells.T, np.array([0.0, 1.0, 0.0, 1.0]), counts)
    # A saturated table: log odds, and the sums of reciprocal counts.
    base, other = np.log(counts[1::2] / counts[::2])
    assert_allclose(result.params, [base, other - base], rtol=1e-12)
    variances = [(1.0 / counts[:2]).sum(), (1.0 / counts).sum()]
    assert_allclose(result.errors, np.sqrt(variances), rtol=1e-12)


def test_five_events_in_twenty_thousand_rows():
    covariate = np.repeat([0.0, 1.0], 10_000)
    y = np.zeros(20_000)
    y[[0, 1, 12_000, 13_000, 14_000]] = 1.0
    result = fit([np.ones(20_000), covariate], y)
    base = np.log(2 / 9_998)
    assert_allclose(result.params, [base, np.log(3 / 9_997) - base], rtol=1e-12)


def test_only_a_constant_is_solved_before_the_first_step():
    y = np.r_[np.ones(3), np.zeros(57)]
    result = fit([ONES], y)
    assert result.optimum.converged
    assert_allclose(result.params, np.log(3 / 57), rtol=1e-14)


@pytest.mark.parametrize("exponent", [1, -37, 60])
@pytest.mark.parametrize("name", ["plain", "weights of 1e-8 to 1e6", "nearly collinear"])
def test_powers_of_two_in_the_weights_change_no_digit(name, exponent):
    case = HARD[name]
    weight = np.broadcast_to(case.get("weight", RNG.random(N)), N)
    factor = 2.0**exponent
    here, there = fit(case["columns"], Y, weight), fit(case["columns"], Y, weight * factor)
    assert_array_equal(there.params, here.params)
    assert_array_equal(there.optimum.bread * factor, here.optimum.bread)
    assert there.optimum.value == here.optimum.value * factor


@pytest.mark.parametrize("factor", [1e-12, 1e-300, 3e7, 1e12])
def test_the_scale_of_the_weights_is_irrelevant(factor):
    weight = np.random.default_rng(3).exponential(size=N)
    here, there = fit([ONES, A, B], Y, weight), fit([ONES, A, B], Y, weight * factor)
    assert_allclose(there.params, here.params, rtol=1e-12)
    assert_allclose(there.errors * np.sqrt(factor), here.errors, rtol=1e-12)
    assert there.optimum.iterations == here.optimum.iterations


def test_powers_of_two_in_the_columns_change_no_digit():
    scale = 2.0 ** np.array([0, -18, 25])
    here = fit([ONES, 1e6 + A, B], Y)
    there = fit(np.transpose([ONES, 1e6 + A, B]).T * scale[:, None], Y)
    assert_array_equal(there.params * scale, here.params)
    assert_array_equal(there.errors * scale, here.errors)


def test_layouts_change_nothing_that_matters():
    X, weight = np.column_stack([ONES, A, B]), RNG.exponential(size=N)
    results = []
    for layout in (np.ascontiguousarray, np.asfortranarray, lambda X: np.repeat(X, 2, 0)[::2]):
        objective = LogitObjective(ModelMatrix(layout(X), constant=0), Y, weight)
        results.append(maximize(objective, np.zeros(3)).params)
    assert_allclose(results[1], results[0], rtol=1e-14)
    assert_allclose(results[2], results[0], rtol=1e-14)


def test_iterations_are_counted_as_statsmodels_counts_them():
    y = np.array([0, 1, 0, 0, 1, 1, 1, 1, 1, 1.0])
    result = fit([np.ones(10), np.arange(10.0)], y)
    # What statsmodels.api.Logit(y, X).fit() prints for these data.
    assert result.optimum.iterations == 7
    assert len(result.optimum.trace) == 7


def test_the_trace_rises_and_the_callback_sees_every_step():
    seen = []
    result = fit([ONES, A, B], Y, callback=seen.append)
    values = [value for value, _ in result.optimum.trace]
    # But for rounding, which the slopes do not share with the sums.
    assert np.all(np.diff(values) > -1e-14 * np.abs(values[-1]))
    assert len(seen) == result.optimum.iterations
    assert_array_equal(seen[-1], result.optimum.params)


def test_derivatives_are_those_at_the_final_parameters():
    result = fit([ONES, A, B], Y)
    point = result.objective.derivatives(result.optimum.params)
    assert result.optimum.value == point.value
    assert_array_equal(result.optimum.gradient, point.gradient)
    assert_array_equal(result.optimum.information, point.information)
    size = np.abs(np.column_stack([ONES, A, B])).sum(axis=0)
    assert np.all(np.abs(point.gradient) <= 1e-13 * size)


def test_no_iterations_return_the_start():
    objective = LogitObjective(ModelMatrix(np.column_stack([ONES, A]), constant=0), Y, ONE)
    start = np.array([0.5, -0.5])
    optimum = maximize(objective, start, max_iter=0)
    assert_array_equal(optimum.params, start)
    assert optimum.value == objective.value(start)
    assert (optimum.reason, optimum.iterations, optimum.trace) == ("max_iter", 0, ())


def test_a_limit_on_iterations_is_said():
    result = fit([ONES, A, B], Y, max_iter=2)
    assert not result.optimum.converged
    assert (result.optimum.reason, result.optimum.iterations) == ("max_iter", 2)


def test_a_start_too_far_for_full_steps():
    objective = LogitObjective(ModelMatrix(np.column_stack([ONES, A]), constant=0), Y, ONE)
    far = maximize(objective, np.array([8.0, -8.0]))
    near = maximize(objective, np.zeros(2))
    assert far.converged
    assert_allclose(far.params, near.params, rtol=1e-12)


SEPARATED = {
    "complete": {"columns": [ONES, SORTED], "y": (SORTED > 0.5).astype(float)},
    "one row": {"columns": [ONES, A, (np.arange(N) == 0).astype(float)]},
    "a group": {"columns": [ONES, A, LATE], "y": np.where(LATE == 1.0, 1.0, Y)},
    "a group of tiny weights": {
        "columns": [ONES, A, LATE],
        "y": np.where(LATE == 1.0, 1.0, Y),
        "weight": np.where(LATE == 1.0, 1e-9, 1e6),
    },
}


@pytest.mark.parametrize("name", SEPARATED)
def test_parameters_that_run_away_never_count_as_converged(name):
    result = fit(**({"y": Y} | SEPARATED[name]))
    assert not result.optimum.converged
    assert result.optimum.reason == "diverging"


def test_a_singular_problem_is_said_to_be_one():
    result = fit([ONES, A, A], Y)
    assert result.optimum.reason == "singular"
    assert result.optimum.condition == np.inf


class Deceptive:
    """A function whose gradient promises what its value does not keep."""

    n_params, scale, large = 1, 1.0, False

    def value(self, params):
        return -1.0 - abs(float(params[0]))

    def derivatives(self, params):
        return Derivatives(self.value(params), np.ones(1), np.eye(1))

    def triangular(self, params, unit):
        raise NotImplementedError

    def reach(self, direction):
        return float(np.abs(direction).max())


class Still(Deceptive):
    """The same of rows whose linear predictors do not move."""

    def reach(self, direction):
        return 0.0 * float(direction.max())


@pytest.mark.parametrize("objective", [Deceptive(), Still()], ids=["moving", "still"])
def test_a_step_that_never_helps_is_not_taken(objective):
    optimum = maximize(objective, np.zeros(1))
    assert optimum.reason == "no_increase"
    assert_array_equal(optimum.params, [0.0])


class Flat:
    """``-1000 log cosh(b)``, among so many rows that steps share an information matrix."""

    n_params, scale, large = 1, 1e9, True

    def value(self, params):
        return -1e3 * float(np.logaddexp(params[0], -params[0]))

    def gradient(self, params):
        return -1e3 * np.tanh(params)

    def derivatives(self, params):
        information = np.diag(1e3 / np.cosh(params) ** 2)
        return Derivatives(self.value(params), self.gradient(params), information)

    def triangular(self, params, unit):
        raise NotImplementedError

    def reach(self, direction):
        return float(np.abs(direction).max())


def test_a_step_with_shared_information_that_overshoots_is_halved():
    objective = Flat()
    # Newton's step from 3 leads to -97, from where the function is steeper than on the way there.
    optimum = maximize(objective, np.full(1, 3.0))
    assert optimum.converged
    assert abs(optimum.params[0]) < 1e-8
    values = [value for value, _ in optimum.trace]
    # But for rounding, which the slopes do not share with the sums.
    assert np.all(np.diff(values) > -1e-14 * np.abs(values[-1]))


@pytest.mark.parametrize("junk", [1e308, np.inf, np.nan])
def test_rows_without_weight_may_hold_anything(junk):
    weight = np.r_[np.ones(N - 2), 0.0, 0.0]
    columns = np.column_stack([ONES, A, 1e6 + B])
    expected = fit(columns[:-2].T, Y[:-2], weight[:-2])
    columns[-2:, 1:] = [[junk, 1.0], [1.0, -junk]]
    result = fit(columns.T, Y, weight)
    assert_allclose(result.params, expected.params, rtol=1e-12)
    assert_allclose(result.errors, expected.errors, rtol=1e-12)
