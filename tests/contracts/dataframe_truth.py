"""A weighted logit of clean numbers: Newton's method and sandwiches written out in numpy."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit

# Rows with a larger leverage have standard errors by HC3 that are a matter of rounding.
NEARLY_ONE = 1.0 - 1e-6


@dataclass(frozen=True)
class Weighed:
    """Clean rows with what each counts.

    Attributes
    ----------
    X, y, offset : ndarray
        Complete rows; y are shares of events.
    m, a : ndarray
        Cases that a row stands for, and their sampling weight.
    scheme : None, "balanced", (c0, c1) or float
        Class weights, or a prevalence.
    """

    X: np.ndarray
    y: np.ndarray
    offset: np.ndarray
    m: np.ndarray
    a: np.ndarray
    scheme: object = None

    @property
    def masses(self):
        """W_0 and W_1."""
        mass = self.m * self.a
        return np.array([mass @ (1.0 - self.y), mass @ self.y])

    @property
    def sizes(self):
        """N_0 and N_1."""
        cases = self.m * (self.a > 0.0)
        return np.array([cases @ (1.0 - self.y), cases @ self.y])

    @property
    def factors(self):
        """c_0 and c_1."""
        if self.scheme is None:
            return np.ones(2)
        if isinstance(self.scheme, tuple):
            return np.array(self.scheme)
        shares = (0.5, 0.5) if self.scheme == "balanced" else (1.0 - self.scheme, self.scheme)
        return np.array(shares) * self.masses.sum() / self.masses

    @property
    def estimated(self):
        """Whether the class weights are computed from the sample."""
        return self.scheme is not None and not isinstance(self.scheme, tuple)

    @property
    def importance(self):
        """v and r of a case."""
        c0, c1 = self.factors
        factor = c1 * self.y + c0 * (1.0 - self.y)
        return self.a * factor, c1 * self.y / factor

    def counted(self):
        """The rows that count."""
        rows = self.m * self.a > 0.0
        return Weighed(*(part[rows] for part in self._rows), self.scheme)

    @property
    def _rows(self):
        return self.X, self.y, self.offset, self.m, self.a


def rank(X):
    """Of the columns in a scale of their own."""
    size = np.abs(X).max(axis=0, initial=0.0)
    X = X[:, size > 0.0] / size[size > 0.0]
    return int(np.linalg.matrix_rank(X, tol=1e-8)) if X.size else 0


def separated(data):
    """Whether some direction has no row on its wrong side and some on its right one."""
    X, y = data.X, data.y
    sides = [X[y > 0.0], -X[y < 1.0]]
    signed = np.vstack(sides) / np.abs(X).max(axis=0)
    found = linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1.0, 1.0)
    )
    return found.status != 0 or -found.fun > 1e-7


def newton(data):
    """Coefficients, by Newton steps that are halved until the likelihood does not fall."""
    v, r = data.importance
    w = data.m * v / (data.m * v).mean()
    size = np.abs(data.X).max(axis=0)
    X = data.X / size

    def loglike(b):
        eta = X @ b + data.offset
        return w @ (r * eta - np.logaddexp(0.0, eta))

    b = np.zeros(X.shape[1])
    for _ in range(200):
        p = expit(X @ b + data.offset)
        step = np.linalg.solve(X.T @ (X * (w * p * (1.0 - p))[:, None]), X.T @ (w * (r - p)))
        fraction = 1.0
        while loglike(b + fraction * step) < loglike(b) - 1e-9 * abs(loglike(b)) - 1e-12:
            fraction /= 2.0
        b = b + fraction * step
        if np.abs(step).max() < 1e-13 * (1.0 + np.abs(b).max()):
            break
    return b / size


def covariance(data, coef, kind):
    """The inverse information, or a sandwich; and the largest leverage of a case."""
    X, m, a, y = data.X, data.m, data.a, data.y
    v, r = data.importance
    p = expit(X @ coef + data.offset)
    n, k = data.sizes.sum(), X.shape[1]
    bread = np.linalg.inv(X.T @ (X * (m * v * p * (1.0 - p))[:, None]))
    h = v * p * (1.0 - p) * np.einsum("ij,jk,ik->i", X, bread, X)
    if kind == "nonrobust":
        return bread, h.max()
    scores = X * (v * (r - p))[:, None]
    inflation = np.ones(len(y))
    if kind in ("HC2", "HC3"):
        inflation = (1.0 - h) ** (-0.5 if kind == "HC2" else -1.0)
    if data.estimated:
        c0, c1 = data.factors
        events, others = a * y, a * (1.0 - y)
        total_1 = X.T @ (m * events * c1 * (1.0 - p))
        total_0 = -X.T @ (m * others * c0 * p)
        w0, w1 = data.masses
        scores = scores - np.outer(events / w1, total_1) - np.outer(others / w0, total_0)
        if kind in ("HC2", "HC3"):
            n0, n1 = data.sizes
            inflation = inflation * np.sqrt(y * n1 / (n1 - 1.0) + (1.0 - y) * n0 / (n0 - 1.0))
    scores = scores * inflation[:, None]
    meat = (scores.T * m) @ scores * (n / (n - k) if kind == "HC1" else 1.0)
    return bread @ meat @ bread, h.max()
