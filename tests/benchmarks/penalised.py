"""Penalised fits against statsmodels, scikit-learn, glum and glmnet, to the same KKT residual.

A lasso at one alpha: every program's tolerance is tightened until the violation of the optimality
conditions is below 1e-5 of `unit`. A path: glmnet's own time in R, by ``system.time``, and wlogit
at the alphas that glmnet visited, to the largest violation that glmnet left on the way.
Construction of the model included.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.special import expit

from tests.benchmarks.records import Comparison, Options, Target
from tests.benchmarks.turns import take_turns

ENOUGH = 1e-5
LASSO, PATH = (100_000, 100), (10_000, 1_000)
QUICK_LASSO, QUICK_PATH = (20_000, 50), (2_000, 200)
ALPHA = 0.005
R_SCRIPT = """
suppressPackageStartupMessages(library(glmnet))
folder <- commandArgs(TRUE)[1]; n <- as.integer(commandArgs(TRUE)[2])
k <- as.integer(commandArgs(TRUE)[3])
read <- function(name, size) readBin(file.path(folder, name), "double", size)
X <- matrix(read("X.bin", n * k), n, k); y <- read("y.bin", n)
seconds <- system.time(
  f <- glmnet(X, y, family = "binomial", standardize = FALSE, nlambda = 100))[["elapsed"]]
coefs <- rbind(f$a0, as.matrix(f$beta))
writeBin(as.vector(coefs), file.path(folder, "coefs.bin"))
writeBin(f$lambda, file.path(folder, "lambda.bin"))
cat(sprintf('{"seconds": %.6f, "steps": %d, "version": "%s"}', seconds, length(f$lambda),
            packageVersion("glmnet")))
"""


@dataclass(frozen=True, slots=True)
class Data:
    """A constant and correlated normal columns of which a few matter."""

    X: np.ndarray
    y: np.ndarray

    @classmethod
    def make(cls, n: int, k: int, relevant: int, correlation: float) -> Data:
        rng = np.random.default_rng(20240511)
        X = rng.standard_normal((n, k))
        X[:, 1:] += correlation * X[:, :1]
        X[:, 0] = 1.0
        slopes = np.zeros(k)
        slopes[0] = -1.0
        chosen = 1 + rng.choice(k - 1, relevant, replace=False)
        slopes[chosen] = np.resize([0.5, -0.4, 0.3], relevant)
        return cls(X, (rng.random(n) < expit(X @ slopes)).astype(float))

    @property
    def unit(self) -> np.ndarray:
        """Rows of the rarer outcome times the root mean square of every column."""
        rarer = min(self.y.sum(), (1.0 - self.y).sum())
        return rarer * np.sqrt(np.mean(self.X**2, axis=0))

    def violation(self, params: np.ndarray, alpha: float) -> float:
        """Largest violation of the conditions of a lasso, in `unit`; the constant is free.

        A coefficient that a program has left within rounding of zero is taken as zero.
        """
        penalty = np.full(len(params), alpha * len(self.y))
        penalty[0] = 0.0
        gradient = (self.y - expit(self.X @ params)) @ self.X
        at_zero = np.maximum(np.abs(gradient) - penalty, 0.0)
        zero = np.abs(params) <= 1e-9 * np.abs(params).max()
        away = np.abs(gradient - penalty * np.sign(params))
        return float((np.where(zero, at_zero, away) / self.unit).max())


Fit = Callable[[Data, float | None], np.ndarray]


def wlogit_lasso(data: Data, tolerance: float | None) -> np.ndarray:
    from wlogit import WeightedLogit

    model = WeightedLogit(data.y, data.X)
    results = model.fit_regularized(method="elastic_net", alpha=ALPHA, disp=False, tol=tolerance)
    return np.asarray(results.params)


def statsmodels_lasso(data: Data, tolerance: float | None) -> np.ndarray:
    from statsmodels.discrete.discrete_model import Logit

    alpha = np.full(data.X.shape[1], ALPHA * len(data.y))
    alpha[0] = 0.0
    stop = {} if tolerance is None else {"acc": tolerance}
    fitted = Logit(data.y, data.X).fit_regularized(alpha=alpha, disp=False, maxiter=1000, **stop)
    return np.asarray(fitted.params)


def saga(data: Data, tolerance: float | None) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    stop = {} if tolerance is None else {"tol": tolerance}
    model = LogisticRegression(
        C=1.0 / (ALPHA * len(data.y)), l1_ratio=1.0, solver="saga", max_iter=5000, **stop
    )
    model.fit(data.X[:, 1:], data.y)
    return np.append(model.intercept_, model.coef_)


def glum_lasso(data: Data, tolerance: float | None) -> np.ndarray:
    from glum import GeneralizedLinearRegressor

    model = GeneralizedLinearRegressor(
        family="binomial", alpha=ALPHA, l1_ratio=1.0, gradient_tol=tolerance
    )
    model.fit(data.X[:, 1:], data.y)
    return np.append(model.intercept_, model.coef_)


TIGHTER = (None, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10)
PROGRAMS: dict[str, tuple[Fit, tuple[float | None, ...]]] = {
    "wlogit": (wlogit_lasso, (ENOUGH,)),
    "wlogit, to its default of 1e-10": (wlogit_lasso, (None,)),
    "statsmodels l1": (statsmodels_lasso, (None, 1e-9, 1e-12, 1e-14)),
    "scikit-learn saga": (saga, TIGHTER),
    "glum": (glum_lasso, TIGHTER),
}
TARGETS = [
    Target.slower("statsmodels l1", 20.0),
    Target.slower("scikit-learn saga", 1.0),
    Target.slower("glum", 1.0),
]


def quiet(fit: Fit, data: Data, tolerance: float | None) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(data, tolerance)


def settled(name: str, data: Data) -> tuple[float | None, float]:
    """The first tolerance that suffices, or the tightest, with its violation."""
    fit, tolerances = PROGRAMS[name]
    for tolerance in tolerances:
        violation = data.violation(quiet(fit, data, tolerance), ALPHA)
        if violation <= ENOUGH:
            break
    return tolerance, violation


def lasso(size: tuple[int, int], options: Options) -> Comparison:
    """One alpha."""
    data = Data.make(*size, relevant=size[1] // 3, correlation=0.4)
    found = {name: settled(name, data) for name in PROGRAMS}
    fits = {name: partial(quiet, PROGRAMS[name][0], data, found[name][0]) for name in PROGRAMS}
    return Comparison(
        key="lasso",
        title=f"Lasso, n = {size[0]:,}, k = {size[1]}, alpha = {ALPHA:g}",
        base="wlogit",
        seconds=take_turns(fits, options.rounds, budget=options.budget),
        facts={
            name: {
                "tolerance": "default" if tolerance is None else f"{tolerance:.0e}",
                "KKT residual": f"{violation:.1e}",
            }
            for name, (tolerance, violation) in found.items()
        },
        about={"rows": size[0], "columns": size[1]},
        targets=TARGETS,
    )


@dataclass(frozen=True, slots=True)
class GlmnetPath:
    """A path of glmnet: its time, its alphas and its coefficients, the constant first."""

    seconds: float
    version: str
    alphas: np.ndarray
    coefs: np.ndarray

    def violation(self, data: Data, coefs: np.ndarray) -> float:
        """The largest on the way."""
        return max(data.violation(b, alpha) for b, alpha in zip(coefs, self.alphas, strict=True))


def glmnet(data: Data) -> GlmnetPath | None:
    """None without R or glmnet."""
    script = shutil.which("Rscript")
    if script is None:
        return None
    n, k = data.X.shape
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        data.X[:, 1:].ravel(order="F").tofile(folder / "X.bin")
        data.y.tofile(folder / "y.bin")
        (folder / "glmnet.R").write_text(R_SCRIPT)
        command = [script, str(folder / "glmnet.R"), place, str(n), str(k - 1)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            return None
        answer = json.loads(done.stdout)
        coefs = np.fromfile(folder / "coefs.bin").reshape(answer["steps"], k)
        alphas = np.fromfile(folder / "lambda.bin")
        return GlmnetPath(answer["seconds"], answer["version"], alphas, coefs)


def path(size: tuple[int, int], options: Options) -> list[Comparison]:
    """A grid of 100 alphas in turns with R; nothing without it."""
    from wlogit import WeightedLogit

    data = Data.make(*size, relevant=min(30, size[1] // 4), correlation=0.0)
    theirs = glmnet(data)
    if theirs is None:
        return []
    name, worst = f"glmnet {theirs.version} in R", theirs.violation(data, theirs.coefs)
    seconds: dict[str, list[float]] = {"wlogit": [], name: []}
    for number in range(options.rounds):
        start = time.perf_counter()
        found = WeightedLogit(data.y, data.X).fit_regularized_path(theirs.alphas, tol=worst)
        seconds["wlogit"].append(time.perf_counter() - start)
        again = theirs if number == 0 else glmnet(data)
        seconds[name].append(again.seconds)
    own = theirs.violation(data, found.coefs.to_numpy())
    return [
        Comparison(
            key="path",
            title=f"Lasso path, n = {size[0]:,}, k = {size[1]:,}, grid of 100 alphas",
            base="wlogit",
            seconds=seconds,
            facts={
                "wlogit": {"steps": len(theirs.alphas), "KKT residual": f"{own:.1e}"},
                name: {"steps": len(theirs.alphas), "KKT residual": f"{worst:.1e}"},
            },
            about={"rows": size[0], "columns": size[1]},
            targets=[Target.within("wlogit", 1.5, name)],
        )
    ]


def measure(options: Options) -> list[Comparison]:
    """A lasso, and a path where R has glmnet."""
    sizes = (QUICK_LASSO, QUICK_PATH) if options.quick else (LASSO, PATH)
    return [lasso(sizes[0], options), *path(sizes[1], options)]
