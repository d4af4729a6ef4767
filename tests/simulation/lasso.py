"""Coverage of intervals after a lasso over repeated samples; truth by construction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from wlogit import WeightedLogit

QUANTILE = 1.959963984540054


@dataclass(frozen=True)
class HighDimensional:
    """Normal covariates with correlations ``rho^|i - j|``, a few of which matter.

    Attributes
    ----------
    size : float
        Effects are size, -size, size and size / 2, at the columns of `signals`.
    alpha_factor : float
        Of ``sqrt(log(k) / (2 n))``, the alpha of the fits.
    weights : str
        "none", "balanced", "mapping" or "frequency".
    """

    n: int
    k: int
    intercept: float = 0.0
    size: float = 1.0
    rho: float = 0.5
    alpha_factor: float = 0.7
    weights: str = "none"
    signals: tuple[int, ...] = (0, 5, 10, 15)
    zeros: tuple[int, ...] = (1, 4, 20, 25, 30, 35)

    @property
    def slopes(self) -> np.ndarray:
        beta = np.zeros(self.k)
        beta[list(self.signals)] = self.size * np.array([1.0, -1.0, 1.0, 0.5])
        return beta

    @property
    def watched(self) -> list[int]:
        return [*self.signals, *self.zeros]

    def fit(self, rng: np.random.Generator) -> Any:
        """A penalised fit of one sample."""
        X = rng.normal(size=(self.n, self.k))
        for j in range(1, self.k):
            X[:, j] = self.rho * X[:, j - 1] + np.sqrt(1.0 - self.rho**2) * X[:, j]
        design = pd.DataFrame(X, columns=[f"x{j}" for j in range(self.k)])
        design.insert(0, "const", 1.0)
        p = expit(self.intercept + X @ self.slopes)
        y = (rng.random(self.n) < p).astype(float)
        options: dict[str, Any] = {"aliased": "keep"} if self.k >= self.n else {}
        if self.weights == "balanced":
            options["class_weight"] = "balanced"
        elif self.weights == "mapping":
            options["class_weight"] = {0: 1, 1: 4}
        elif self.weights == "frequency":
            design, y, options["freq_weights"] = _with_twins(design, y, p, rng)
        model = WeightedLogit(y, design, **options)
        alpha = self.alpha_factor * np.sqrt(np.log(self.k) / (2.0 * self.n))
        return model.fit_regularized(method="elastic_net", alpha=alpha, disp=False)


def _with_twins(
    design: pd.DataFrame, y: np.ndarray, p: np.ndarray, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Two cases for every row of covariates, counted where their outcomes agree."""
    twin = (rng.random(len(y)) < p).astype(float)
    apart = twin != y
    design = pd.concat([design, design[apart]], ignore_index=True)
    counts = np.where(apart, 1, 2)
    return design, np.append(y, twin[apart]), np.append(counts, np.ones(apart.sum(), int))


@dataclass(frozen=True)
class Covered:
    """Share of the 95 % intervals that hold the truth, for each effect and each zero.

    Attributes
    ----------
    of_signals, of_zeros : float
        Over the intervals of all effects, and of all zeros.
    """

    signals: np.ndarray
    zeros: np.ndarray
    of_signals: float
    of_zeros: float
    bias: np.ndarray


Intervals = Callable[[Any, list[str]], tuple[np.ndarray, np.ndarray]]


def debiased(results: Any, columns: list[str], **options: Any) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and standard errors of the debiased lasso."""
    found = results.debiased(columns, **options)
    return found.params.to_numpy(), found.bse.to_numpy()


def refitted(results: Any, columns: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and standard errors of a refit of the selection; NaN for what was dropped."""
    fit = results.refit()
    dropped = results.params[columns].to_numpy() == 0.0
    params, errors = fit.params[columns].to_numpy(), fit.bse[columns].to_numpy()
    return np.where(dropped, np.nan, params), np.where(dropped, np.nan, errors)


def covered(
    design: HighDimensional, intervals: Intervals, *, seed: int, repetitions: int
) -> Covered:
    """Coverage over samples; intervals that are not given (NaN) do not count."""
    rng = np.random.default_rng(seed)
    columns = [f"x{j}" for j in design.watched]
    truth = design.slopes[design.watched]
    found = np.array([intervals(design.fit(rng), columns) for _ in range(repetitions)])
    off = np.ma.masked_invalid(found[:, 0] - truth)
    held = np.ma.array(np.abs(off) <= QUANTILE * found[:, 1], mask=np.ma.getmaskarray(off))
    shares = held.mean(axis=0).filled(np.nan)
    cut = len(design.signals)
    return Covered(
        signals=shares[:cut],
        zeros=shares[cut:],
        of_signals=float(held[:, :cut].mean()),
        of_zeros=float(held[:, cut:].mean()),
        bias=off.mean(axis=0).filled(np.nan),
    )
