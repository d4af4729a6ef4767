"""How a bad input is written down: what is given, and what must come of it."""

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit

from tests.reference.oracle import oracle
from wlogit import WeightedLogit
from wlogit.formula.api import weighted_logit

TABLE = Path(__file__).with_name("bad_inputs.csv")


@dataclass(frozen=True)
class Right:
    """The numbers are those of an independent solver; ``says`` is all that the fit warns of."""

    rtol: float = 1e-9
    says: type | None = None


@dataclass(frozen=True)
class Refused:
    """An error of this class whose message has all these words."""

    error: type
    words: tuple = ()


@dataclass(frozen=True)
class RightOrRefused:
    """Either of the two, where the table leaves the choice."""

    rtol: float
    error: type
    words: tuple = ()


@dataclass(frozen=True)
class Flagged:
    """The fit warns in these words; ``holds`` says what must be true of the results."""

    warning: type
    words: tuple = ()
    holds: object = None


@dataclass(frozen=True)
class Holds:
    """The function itself asserts the property."""


ALLOWED = {
    "value": (Right,),
    "either": (Right, Refused, RightOrRefused),
    "error": (Refused,),
    "flag": (Refused, Flagged),
    "audit": (Holds, Right, Refused),
}


@dataclass(frozen=True)
class Given:
    """Arguments of the model, the right answer, and where a formula finds other variables."""

    inputs: dict
    answer: object = None
    around: object = None

    def fit(self):
        build = weighted_logit if "formula" in self.inputs else WeightedLogit
        options = {} if self.around is None else {"eval_env": self.around}
        return build(**self.inputs, **options).fit(disp=False)


@dataclass(frozen=True)
class Case:
    """One way to give one bad input."""

    group: str
    name: str
    outcome: object
    prepare: object
    variant: str = ""

    @property
    def id(self):
        return ", ".join(part for part in (self.group, self.name, self.variant) if part)


@dataclass
class Book:
    """The cases written down for each row of the table."""

    cases: dict = field(default_factory=lambda: defaultdict(list))

    def __call__(self, group, name, outcome, variant=""):
        def write(prepare):
            self.cases[group, name].append(Case(group, name, outcome, prepare, variant))
            return prepare

        return write


def refuses(error, words, call, *arguments):
    """Assert that a call is refused in these words."""
    with pytest.raises(error) as refused:
        call(*arguments)
    message = str(refused.value)
    assert [word for word in words if word not in message] == [], message


def required():
    """{(group, input): required outcome} of the table."""
    with TABLE.open(encoding="utf-8") as file:
        return {(row["group"], row["input"]): row["required"] for row in csv.DictReader(file)}


# ---------------------------------------------------------------------------- the data spoiled

N = 40


@cache
def _base():
    rng = np.random.default_rng(2026)
    x = np.round(rng.normal(size=(N, 2)), 3)
    eta = 0.4 + x @ [0.9, -0.6]
    y = (rng.random(N) < 1 / (1 + np.exp(-eta))).astype(float)
    weights = np.round(rng.uniform(0.5, 3.0, N), 2)
    return y, np.column_stack([np.ones(N), x]), weights


def y():
    return _base()[0].copy()


def X():  # noqa: N802  a matrix
    return _base()[1].copy()


def w():
    return _base()[2].copy()


@dataclass(frozen=True)
class Answer:
    """Coefficients, and their standard errors by the default covariance."""

    coef: np.ndarray
    bse: np.ndarray

    def rescaled(self, factors):
        """The answer for columns multiplied by these factors."""
        return Answer(self.coef / factors, self.bse / factors)


def solved(X, y, w=None, offset=None, counts=None, solve=None):
    """Coefficients of statsmodels' GLM; inverse information, or HC3 where there are importances w.

    Parameters
    ----------
    solve : callable, optional
        Another independent solver: `in_fifty_digits` where a GLM does not get there.
    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    n = len(y)
    v = np.ones(n) if w is None else np.asarray(w, dtype=np.float64)
    m = np.ones(n) if counts is None else np.asarray(counts, dtype=np.float64)
    offset = np.zeros(n) if offset is None else np.asarray(offset, dtype=np.float64)
    rows = m * v > 0
    X, y, v, m, offset = X[rows], y[rows], v[rows], m[rows], offset[rows]
    v = v / v.mean()
    coef = (solve or by_glm)(X, y, m * v, offset)
    bread, meat = bread_and_meat(X, y, v, m, offset, coef)
    covariance = bread if w is None else bread @ meat @ bread
    return Answer(coef, np.sqrt(np.diag(covariance)))


def exact(X, y, w=None, offset=None):
    """As `solved`, in fifty digits."""
    return solved(X, y, w, offset, solve=in_fifty_digits)


def by_glm(X, y, w, offset):
    model = sm.GLM(y, X, family=sm.families.Binomial(), var_weights=w, offset=offset)
    return np.asarray(model.fit(maxiter=300, tol=1e-15).params)


def in_fifty_digits(X, y, w, offset):
    return oracle(X, y, w, offset, range(len(y))).coef


def bread_and_meat(X, y, v, m, offset, coef):
    """A^-1 and ``sum m u u' / (1 - h)^2`` over cases, u = v (y - p) x, h = v p q x'A^-1 x."""
    p = expit(X @ coef + offset)
    # Columns of any size: the root of the information is that of scaled columns.
    size = np.abs(X).max(axis=0)
    root = np.linalg.qr(np.sqrt(m * v * p * (1 - p))[:, None] * X / size, mode="r")
    inverse = np.linalg.inv(root) / size[:, None]
    bread = inverse @ inverse.T
    h = v * p * (1 - p) * np.sum((X @ inverse) ** 2, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # where h is one
        scores = X * (v * (y - p) / (1 - h))[:, None]
    return bread, (scores.T * m) @ scores


@cache
def plain():
    """The answer for the data as they are."""
    return solved(X(), y())


@cache
def weighted():
    """The answer with the sampling weights."""
    return solved(X(), y(), w())


LABELS = [f"r{i}" for i in range(N)]


def frame(index=None):
    """The data as a table, with text and a category of three levels."""
    data = pd.DataFrame(X()[:, 1:], columns=["x1", "x2"], index=index)
    data["y"] = y()
    data["w"] = w()
    data["g"] = np.array(["a", "b", "c"])[np.arange(N) % 3]
    return data


def without(row, *arrays):
    """The arrays without one row."""
    return tuple(np.delete(array, row, axis=0) for array in arrays)
