"""Data of a given size, on disk so that every process reads the same arrays without temporaries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.contenders import Problem

BLOCK = 16_384
LEVELS = np.array(["east", "north", "south", "west"])
FORMULA = "y ~ x1 + x2 + x3 + x4 + x5 + region"


def write(folder: Path, n: int, k: int) -> None:
    """A constant, k - 1 correlated normal columns, about 15 % events, log-normal weights."""
    rng = np.random.default_rng(20240511)
    X = np.empty((n, k))
    for start in range(0, n, BLOCK):
        block = X[start : start + BLOCK]
        block[:] = rng.standard_normal(block.shape)
        block[:, 1:] += 0.4 * block[:, :1]
        block[:, 0] = 1.0
    slopes = rng.uniform(0.2, 0.8, k) * np.where(np.arange(k) % 2, 1, -1) / np.sqrt(k / 5)
    slopes[0] = -2.2
    y = (rng.random(n) < 1 / (1 + np.exp(-X @ slopes))).astype(float)
    weights = rng.lognormal(0.0, 0.5, n)
    np.save(folder / "X.npy", X)
    np.save(folder / "y.npy", y)
    np.save(folder / "sampling.npy", weights / weights.mean())


def balanced(y: np.ndarray) -> np.ndarray:
    """scikit-learn's balanced class weights, row by row."""
    share = y.mean()
    return np.where(y == 1, 0.5 / share, 0.5 / (1 - share))


def read(folder: Path, scenario: str) -> Problem:
    y = np.load(folder / "y.npy")
    X = np.load(folder / "X.npy")
    if scenario == "formula":
        return formula_problem(y, X, np.load(folder / "sampling.npy"))
    weights = {
        "none": lambda: None,
        "fit alone": lambda: None,
        "balanced": lambda: balanced(y),
        "sampling": lambda: np.load(folder / "sampling.npy"),
    }[scenario]()
    return Problem(scenario, y, X, weights)


def formula_problem(y: np.ndarray, X: np.ndarray, weights: np.ndarray) -> Problem:
    """Five numeric columns and a string column of four regions, as a user's frame."""
    frame = pd.DataFrame({f"x{j}": X[:, j] for j in range(1, 6)})
    codes = np.digitize(X[:, 1] + X[:, 2], [-1.0, 0.0, 1.0])
    frame["region"] = pd.Series(LEVELS[codes].astype(object)).astype("str")
    frame["y"] = y
    frame["weight"] = weights
    design = np.column_stack([X[:, :1], codes[:, None] == np.arange(1, 4), X[:, 1:6]])
    return Problem("formula", y, design, weights, frame, FORMULA)


def reference(problem: Problem) -> np.ndarray:
    """Maximum of the weighted likelihood by plain Newton steps over blocks of rows."""
    X, y, weights = problem.X, problem.y, problem.weights
    assert X is not None
    params = np.zeros(X.shape[1])
    for _ in range(50):
        gradient, information = np.zeros_like(params), np.zeros((params.size, params.size))
        for start in range(0, y.size, BLOCK):
            rows = slice(start, start + BLOCK)
            p = 1 / (1 + np.exp(-X[rows] @ params))
            w = 1.0 if weights is None else weights[rows]
            gradient += X[rows].T @ (w * (y[rows] - p))
            information += X[rows].T @ ((w * p * (1 - p))[:, None] * X[rows])
        step = np.linalg.solve(information, gradient)
        params = params + step
        if np.abs(step).max() < 1e-12:
            return params
    raise RuntimeError("the reference fit did not settle")
