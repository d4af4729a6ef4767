"""A factor of many levels: wlogit's index against glum with tabmat's categorical matrix.

A million rows, five numbers and a factor of 1,000 levels. wlogit starts from a table with a string
column, or from a sparse matrix of scipy's, and ends with its default covariance; glum is given its
matrix ready, at the loosest tolerance that brings it to the optimum, with and without covariance.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import expit

from tests.benchmarks.records import Comparison, Options, Target
from tests.benchmarks.turns import peak_of, take_turns
from wlogit import WeightedLogit
from wlogit.formula.api import weighted_logit

ROWS, LEVELS, NUMBERS = 1_000_000, 1_000, 5
QUICK_ROWS, QUICK_LEVELS = 100_000, 200
FORMULA, MATRIX = "wlogit, formula with a string column", "wlogit, sparse matrix"
HC3 = "wlogit, formula, balanced weights, HC3"
GLUM, GLUM_COVARIANCE = "glum, categorical matrix, no covariance", "glum, with covariance"
AGREEMENT, TOLERANCES = 1e-6, (1e-4, 1e-6, 1e-8, 1e-10)


@dataclass(frozen=True, slots=True)
class Problem:
    """A table and the same design as matrices, no weights."""

    frame: pd.DataFrame
    codes: np.ndarray
    levels: int

    @classmethod
    def make(cls, rows: int, levels: int) -> Problem:
        rng = np.random.default_rng(20250311)
        frame = pd.DataFrame(rng.standard_normal((rows, NUMBERS)), columns=list("abcde"))
        codes, effects = rng.integers(0, levels, rows), 0.7 * rng.standard_normal(levels)
        eta = frame.to_numpy() @ [0.5, -0.3, 0.2, 0.1, 0.0] + effects[codes] - 1.0
        names = np.array([f"level {j:05d}" for j in range(levels)])
        return cls(frame.assign(g=names[codes], y=(rng.random(rows) < expit(eta))), codes, levels)

    @property
    def y(self) -> np.ndarray:
        return self.frame["y"].to_numpy(dtype=float)

    @property
    def numbers(self) -> np.ndarray:
        return np.ascontiguousarray(self.frame[list("abcde")].to_numpy())

    def matrix(self) -> sparse.csr_array:
        """A constant, the numbers, and an indicator for all levels but the first."""
        n = len(self.codes)
        all_levels = sparse.csr_array(
            (np.ones(n), self.codes, np.arange(n + 1)), shape=(n, self.levels)
        )
        whole = sparse.csr_array(np.column_stack([np.ones(n), self.numbers]))
        return sparse.hstack([whole, all_levels[:, 1:]], format="csr")

    def split_matrix(self) -> object:
        """The same for glum, which adds the constant."""
        import tabmat

        factor = tabmat.CategoricalMatrix(pd.Categorical(self.frame["g"]), drop_first=True)
        return tabmat.SplitMatrix([tabmat.DenseMatrix(self.numbers), factor])


def fit_formula(problem: Problem, **options: object) -> np.ndarray:
    results = weighted_logit("y ~ a + b + c + d + e + g", problem.frame, **options).fit(disp=False)
    assert np.isfinite(results.bse).all()
    names = [name for name in results.params.index if name not in "abcde"]
    ordered = [names[0], *"abcde", *names[1:]]
    return results.params[ordered].to_numpy()


def fit_matrix(matrix: object, y: np.ndarray) -> np.ndarray:
    results = WeightedLogit(y, matrix).fit(disp=False)
    assert np.isfinite(results.bse).all()
    return results.params


def fit_glum(
    split: object, y: np.ndarray, tolerance: float, *, covariance: bool = False
) -> np.ndarray:
    from glum import GeneralizedLinearRegressor

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = GeneralizedLinearRegressor(
            family="binomial", alpha=0, gradient_tol=tolerance, max_iter=100
        ).fit(split, y)
        if covariance:
            fit.covariance_matrix(split, y, robust=False)
    return np.append(fit.intercept_, fit.coef_)


def tolerance_of(split: object, y: np.ndarray, optimum: np.ndarray) -> tuple[float, float]:
    """The loosest at which glum is at the optimum, and its distance there."""
    for tolerance in TOLERANCES:
        distance = gap(fit_glum(split, y, tolerance), optimum)
        if distance <= AGREEMENT:
            return tolerance, distance
    raise AssertionError(f"glum stays {distance:.1e} from the optimum")


def gap(params: np.ndarray, optimum: np.ndarray) -> float:
    """Largest difference, relative to max(1, |b|)."""
    return float(np.max(np.abs(params - optimum) / np.maximum(1.0, np.abs(optimum))))


def measure(options: Options) -> list[Comparison]:
    """All programs on one problem, in turns."""
    rows, levels = (QUICK_ROWS, QUICK_LEVELS) if options.quick else (ROWS, LEVELS)
    problem = Problem.make(rows, levels)
    matrix, split, y = problem.matrix(), problem.split_matrix(), problem.y
    optimum = fit_formula(problem)
    assert gap(fit_matrix(matrix, y), optimum) <= AGREEMENT
    tolerance, distance = tolerance_of(split, y, optimum)
    programs: dict[str, Callable[[], object]] = {
        FORMULA: partial(fit_formula, problem),
        MATRIX: partial(fit_matrix, matrix, y),
        HC3: partial(fit_formula, problem, class_weight="balanced"),
        GLUM: partial(fit_glum, split, y, tolerance),
        GLUM_COVARIANCE: partial(fit_glum, split, y, tolerance, covariance=True),
    }
    seconds = take_turns(programs, options.rounds, budget=options.budget)
    said = f"{tolerance:.0e}, {distance:.0e} from the optimum"
    return [
        Comparison(
            key="factor",
            title=f"n = {rows:,}, {NUMBERS} numbers and a factor of {levels:,} levels",
            base=FORMULA,
            seconds=seconds,
            peaks={name: [float(peak_of(program))] for name, program in programs.items()},
            facts={name: {"tolerance": said} for name in (GLUM, GLUM_COVARIANCE)},
            about={"rows": rows, "columns": NUMBERS + levels, "levels": levels},
            targets=[
                Target.within(FORMULA, 2.0, GLUM),
                Target.within(MATRIX, 2.0, GLUM),
                Target.memory(FORMULA, 0.1, 8.0 * rows * (NUMBERS + levels), "of the dense design"),
            ],
        )
    ]
