"""The rungs: small problems, from easy ones to those at the end of double precision.

Every number in them is rounded, or made by operations that every machine rounds alike: the exact
answers that are stored belong to exactly these numbers.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import numpy as np

Array = np.ndarray
N = 60


@dataclass(frozen=True)
class Problem:
    """A design with a constant in front, an outcome, and weights that count or that weigh.

    Attributes
    ----------
    family, rung : str
        What makes it hard, and how hard.
    X : ndarray, shape (n, k)
    y : ndarray, shape (n,)
        Zeros and ones.
    w : ndarray, shape (n,)
    weights : {"none", "counts", "sampling"}
    copies : int
        How often the programs get every row; their exact answer is that for one, reweighted.
    """

    family: str
    rung: str
    X: Array
    y: Array
    w: Array
    weights: Literal["none", "counts", "sampling"]

    copies: int = 1

    @property
    def fingerprint(self) -> str:
        """Of every bit: whether exact answers belong to these numbers."""
        parts = [self.X, self.y, self.w * self.copies]
        return sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()

    @property
    def condition(self) -> float:
        """Condition number of the weighted design."""
        return float(np.linalg.cond(np.sqrt(self.w)[:, None] * self.X))


def problems() -> dict[str, Problem]:
    """Every rung, by its name."""
    rungs = [
        *(_plain("scaled columns", f"10^{e}", _scaled(power(e))) for e in (0, 2, 4, 8, 12)),
        *(_plain("shifted column", f"10^{e}", _shifted(power(e))) for e in (2, 4, 6, 8, 10, 12)),
        *(_plain("near copies", f"10^-{e}", _near_copies(power(-e))) for e in (1, 2, 4, 6, 8)),
        *(_many_rows(e) for e in (1, 2, 4, 6)),
        *(_plain("powers of a year", f"up to {d}", _powers(d)) for d in (1, 2, 3)),
        *(_near_separation(e) for e in (0, 1, 2, 4)),
        *(_rare_rows(events) for events in (20, 3)),
        *(_rare_counts(e) for e in (2, 4, 6, 8)),
        *(_unequal(e) for e in (2, 4, 6, 8)),
    ]
    return {f"{problem.family}, {problem.rung}": problem for problem in rungs}


def power(exponent: float) -> float:
    """A power of ten, the nearest number to it."""
    return float(f"1e{exponent}")


def _covariates(n: int = N) -> Array:
    return np.round(np.random.default_rng(8).normal(size=(n, 3)), 6)


def _usual() -> Array:
    eta = _covariates() @ [0.8, -0.5, 0.3]
    uniform = np.random.default_rng(80).random(N)
    return (uniform < 1.0 / (1.0 + np.exp(-eta))).astype(float)


def _with_constant(columns: Array) -> Array:
    return np.column_stack([np.ones(len(columns)), columns])


def _plain(family: str, rung: str, columns: Array, copies: int = 1) -> Problem:
    return Problem(family, rung, _with_constant(columns), _usual(), np.ones(N), "none", copies)


def _scaled(ratio: float) -> Array:
    """Covariates in units apart by a ratio."""
    return _covariates() * [np.sqrt(ratio), 1.0 / np.sqrt(ratio), 1.0]


def _shifted(distance: float) -> Array:
    """A covariate far from zero, as a year is or a time stamp."""
    return _covariates() + np.array([distance, 0.0, 0.0])


def _near_copies(distance: float) -> Array:
    """The third covariate is nearly the sum of the others."""
    columns = _covariates()
    columns[:, 2] = columns[:, 0] + columns[:, 1] + distance * columns[:, 2]
    return columns


def _many_rows(exponent: int) -> Problem:
    columns = _near_copies(power(-exponent))
    return _plain("near copies in 60,000 rows", f"10^-{exponent}", columns, copies=1000)


def _powers(degree: int) -> Array:
    """Calendar years and their powers, as they come."""
    years = 1961.0 + np.arange(N)
    return np.column_stack([years, years * years, years * years * years][:degree])


def _near_separation(exponent: int) -> Problem:
    """A covariate that tells the outcome, but for two rows that overlap a little."""
    x = (np.arange(N) - (N - 1) / 2) / 16
    y = (x > 0.0).astype(float)
    x[N // 2 - 1], x[N // 2] = power(-exponent) / 32, -power(-exponent) / 32
    X = _with_constant(x[:, np.newaxis] + 0.5)
    return Problem("near separation", f"10^-{exponent}", X, y, np.ones(N), "none")


def _rare_rows(events: int) -> Problem:
    columns = _covariates(400)[:, :2]
    latent = columns @ [1.0, -0.5] + np.random.default_rng(81).logistic(size=400)
    y = (latent >= np.sort(latent)[-events]).astype(float)
    rung = f"{events} in 400 rows"
    return Problem("rare events", rung, _with_constant(columns), y, np.ones(400), "none")


def _rare_counts(exponent: int) -> Problem:
    """Rows that stand for many cases without the event."""
    y = _usual()
    w = np.where(y == 1.0, 1.0, power(exponent))
    rung = f"1 in 10^{exponent}, counted"
    return Problem("rare events", rung, _with_constant(_covariates()), y, w, "counts")


def _unequal(exponent: int) -> Problem:
    """Sampling weights from 10^-exponent to 10^exponent."""
    exponents = exponent * np.random.default_rng(82).uniform(-1.0, 1.0, N)
    w = np.array([float(f"{10.0**e:.6g}") for e in exponents])
    rung = f"10^-{exponent} to 10^{exponent}"
    return Problem("unequal weights", rung, _with_constant(_covariates()), _usual(), w, "sampling")
