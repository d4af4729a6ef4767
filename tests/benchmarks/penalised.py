"""Penalised fits against statsmodels, scikit-learn, glum and glmnet, to the same KKT residual.

Run ``python -m tests.benchmarks penalised``. A lasso at one alpha: every program's tolerance is
tightened until the violation of the optimality conditions is below 1e-5 of `unit`; programs take
turns, the best of several rounds counts. A path: glmnet's own time in R, by ``system.time``, and
wlogit at the alphas that glmnet visited, to the largest violation that glmnet left on the way.
Construction of the model included.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import expit

from tests.benchmarks.benchmark import machine, versions

HERE = Path(__file__).parent
ENOUGH = 1e-5
LASSO, PATH = (100_000, 100), (10_000, 1_000)
QUICK_LASSO, QUICK_PATH = (20_000, 50), (2_000, 200)
ALPHA = 0.005
R_SCRIPT = """
suppressPackageStartupMessages(library(glmnet))
folder <- commandArgs(TRUE)[1]; n <- as.integer(commandArgs(TRUE)[2])
k <- as.integer(commandArgs(TRUE)[3]); rounds <- as.integer(commandArgs(TRUE)[4])
read <- function(name, size) readBin(file.path(folder, name), "double", size)
X <- matrix(read("X.bin", n * k), n, k); y <- read("y.bin", n)
seconds <- Inf
for (i in seq_len(rounds)) seconds <- min(seconds, system.time(
  f <- glmnet(X, y, family = "binomial", standardize = FALSE, nlambda = 100))[["elapsed"]])
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
TARGETS = {"statsmodels l1": 20.0, "scikit-learn saga": 1.0, "glum": 1.0}


def timed(fit: Fit, data: Data, tolerance: float | None) -> tuple[float, np.ndarray]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        params = fit(data, tolerance)
        return time.perf_counter() - start, params


def settled(name: str, data: Data) -> dict:
    """The first tolerance that suffices, or the tightest, with its violation and its time."""
    fit, tolerances = PROGRAMS[name]
    for tolerance in tolerances:
        seconds, params = timed(fit, data, tolerance)
        violation = data.violation(params, ALPHA)
        if violation <= ENOUGH:
            break
    return {"tolerance": tolerance, "violation": violation, "seconds": [seconds]}


def lasso(size: tuple[int, int], rounds: int, budget: float) -> list[str]:
    data = Data.make(*size, relevant=size[1] // 3, correlation=0.4)
    found = {name: settled(name, data) for name in PROGRAMS}
    for _ in range(rounds - 1):
        for name, row in found.items():
            if sum(row["seconds"]) <= budget:
                row["seconds"].append(timed(PROGRAMS[name][0], data, row["tolerance"])[0])
    best = {name: min(row["seconds"]) for name, row in found.items()}
    lines = [
        f"### Lasso, n = {size[0]:,}, k = {size[1]}, alpha = {ALPHA:g}",
        "",
        "| program | tolerance | KKT residual | seconds | / wlogit | target |",
        "|---|---|---:|---:|---:|---|",
    ]
    for name, row in found.items():
        ratio = best[name] / best["wlogit"]
        verdict = ""
        if name in TARGETS:
            verdict = f"{TARGETS[name]:g}: {'met' if ratio >= TARGETS[name] else 'MISSED'}"
        tolerance = "default" if row["tolerance"] is None else f"{row['tolerance']:.0e}"
        lines.append(
            f"| {name} | {tolerance} | {row['violation']:.1e} | {best[name]:.4g} | {ratio:.2f} "
            f"| {verdict} |"
        )
    return [*lines, ""]


def glmnet(data: Data, rounds: int) -> dict | None:
    """glmnet's time, its alphas and its coefficients; None without R or glmnet."""
    script = shutil.which("Rscript")
    if script is None:
        return None
    n, k = data.X.shape
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        data.X[:, 1:].ravel(order="F").tofile(folder / "X.bin")
        data.y.tofile(folder / "y.bin")
        (folder / "glmnet.R").write_text(R_SCRIPT)
        command = [script, str(folder / "glmnet.R"), place, str(n), str(k - 1), str(rounds)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            return None
        answer = json.loads(done.stdout)
        answer["alphas"] = np.fromfile(folder / "lambda.bin")
        answer["coefs"] = np.fromfile(folder / "coefs.bin").reshape(answer["steps"], k)
    return answer


def path(size: tuple[int, int], rounds: int) -> list[str]:
    from wlogit import WeightedLogit

    title = [f"### Lasso path, n = {size[0]:,}, k = {size[1]:,}, grid of 100 alphas", ""]
    data = Data.make(*size, relevant=min(30, size[1] // 4), correlation=0.0)
    theirs = glmnet(data, rounds)
    if theirs is None:
        return [*title, "Skipped: no Rscript with glmnet.", ""]
    violations = [
        data.violation(params, alpha)
        for params, alpha in zip(theirs["coefs"], theirs["alphas"], strict=True)
    ]
    seconds = np.inf
    for _ in range(rounds):
        start = time.perf_counter()
        model = WeightedLogit(data.y, data.X)
        found = model.fit_regularized_path(theirs["alphas"], tol=max(violations))
        seconds = min(seconds, time.perf_counter() - start)
    own = max(
        data.violation(params, alpha)
        for params, alpha in zip(found.coefs.to_numpy(), theirs["alphas"], strict=True)
    )
    ratio = seconds / theirs["seconds"]
    verdict = "met" if ratio <= 1.5 else "MISSED"
    common = [f"| {theirs['steps']} | {worst:.1e} |" for worst in (max(violations), own)]
    return [
        *title,
        "| program | steps | largest KKT residual | seconds | / glmnet | target |",
        "|---|---:|---:|---:|---:|---|",
        f"| glmnet {theirs['version']} in R {common[0]} {theirs['seconds']:.4g} | 1.00 | |",
        f"| wlogit {common[1]} {seconds:.4g} | {ratio:.2f} | 1.5: {verdict} |",
        "",
    ]


def main(given: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Compare penalised fits with their peers.")
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in which programs take turns")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds per program")
    parser.add_argument("--output", type=Path, default=HERE / "penalised.md")
    options = parser.parse_args(given)
    sizes = (QUICK_LASSO, QUICK_PATH) if options.quick else (LASSO, PATH)
    about = (
        "Written by `python -m tests.benchmarks penalised`: construction and fit, best of several "
        "rounds in one run; every program as accurate as the KKT residual says, measured alike."
    )
    lines = ["# Penalised fits", "", about, "", f"{machine()}. {', '.join(versions())}.", ""]
    for section in (
        lambda: lasso(sizes[0], options.rounds, options.budget),
        lambda: path(sizes[1], options.rounds),
    ):
        found = section()
        lines += found
        sys.stdout.write("\n".join(found) + "\n")
        sys.stdout.flush()
    options.output.write_text("\n".join(lines))
