"""The population that every cell samples, and what a fit of it estimates, by quadrature.

Four covariates: x1 normal with slope 0.7, x2 one for 30 % with slope -0.5, x3 exponential and
without effect, x4 normal, correlated 0.5 with x1, without effect but where power is studied. A
misspecified cell has a square of x1 that the fitted model leaves out.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

NAMES = ("intercept", "x1 normal", "x2 binary", "x3 skewed", "x4 normal", "calibrated intercept")
SLOPE_NORMAL, SLOPE_BINARY, SHARE_BINARY, CORRELATION = 0.7, -0.5, 0.3, 0.5
# Columns of a design: constant, x1, x2, x3, x4; those without effect under the null are last.
COLUMNS, NULL = 5, (3, 4)


@dataclass(frozen=True)
class Population:
    """Share of events, square of x1, effect of x4."""

    prevalence: float
    square: float = 0.0
    effect: float = 0.0

    def eta(self, X: np.ndarray) -> np.ndarray:
        """True linear predictor of rows of a design."""
        return self.intercept + self._rest(X)

    def _rest(self, X: np.ndarray) -> np.ndarray:
        slopes = [0.0, SLOPE_NORMAL, SLOPE_BINARY, 0.0, self.effect]
        return X @ slopes + self.square * X[:, 1] ** 2

    @cached_property
    def intercept(self) -> float:
        """That which gives the prevalence."""
        X, mass = grid()
        rest = self._rest(X)
        return brentq(lambda a: mass @ expit(a + rest) - self.prevalence, -20.0, 20.0, xtol=1e-12)

    def share(self, chance: np.ndarray | None = None) -> float:
        """Share of events in a sample; ``chance[y]`` are chances of selection on the grid."""
        X, mass = grid()
        p = expit(self.eta(X))
        if chance is None:
            return self.prevalence
        events, others = mass @ (p * chance[1]), mass @ ((1.0 - p) * chance[0])
        return float(events / (events + others))

    def limits(self, log_ratio: float) -> np.ndarray:
        """What the coefficients of a fit with class weights c1, c0 tend to, and the calibrated
        intercept; shape (COLUMNS + 1,).

        x3 is independent of what the model leaves out and has no effect, so its limit is zero.
        """
        X, mass = grid()
        truth = expit(self.eta(X))
        w1, w0 = mass * truth * np.exp(log_ratio / 2), mass * (1.0 - truth) * np.exp(-log_ratio / 2)
        free = [0, 1, 2, 4]
        Z, b = X[:, free], np.zeros(4)
        b[0] = self.intercept + log_ratio
        for _ in range(60):
            p = expit(Z @ b)
            step = np.linalg.solve(
                (Z.T * ((w1 + w0) * p * (1.0 - p))) @ Z, Z.T @ (w1 * (1.0 - p) - w0 * p)
            )
            b = b + step
            if np.abs(step).max() < 1e-13:
                break
        limits = np.zeros(COLUMNS + 1)
        limits[free], limits[-1] = b, b[0] - log_ratio
        return limits

    def balanced(self) -> float:
        """``log(c1 / c0)`` of balanced weights in the whole population."""
        return float(-logit(self.prevalence))


def grid() -> tuple[np.ndarray, np.ndarray]:
    """Nodes, shape (n, COLUMNS), and their mass; x3 is at its mean."""
    (a, mass_a), (z, mass_z) = _normal(60), _normal(30)
    first, second, binary = np.meshgrid(a, z, [0.0, 1.0], indexing="ij")
    mass = mass_a[:, None, None] * mass_z[:, None] * [1.0 - SHARE_BINARY, SHARE_BINARY]
    fourth = _correlated(first, second)
    columns = [np.ones_like(first), first, binary, np.zeros_like(first), fourth]
    return np.column_stack([column.ravel() for column in columns]), mass.ravel()


def _normal(n: int) -> tuple[np.ndarray, np.ndarray]:
    nodes, mass = np.polynomial.hermite_e.hermegauss(n)
    return nodes, mass / mass.sum()


def _correlated(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return CORRELATION * first + np.sqrt(1.0 - CORRELATION**2) * second


def covariates(rng: np.random.Generator, n: int) -> np.ndarray:
    """Rows of a design, shape (n, COLUMNS)."""
    X = np.ones((n, COLUMNS))
    X[:, 1], other = rng.normal(size=(2, n))
    X[:, 2] = rng.random(n) < SHARE_BINARY
    X[:, 3] = rng.exponential(size=n) - 1.0
    X[:, 4] = _correlated(X[:, 1], other)
    return X
