"""Covariances from many refits, as multiples of one cold fit.

200 replicates of 100,000 rows and 10 columns: given replicate weights, a jackknife and bootstraps,
against fits one by one; and against R's ``svyglm`` where it is installed. The cold fit is that of
the full sample without a start, its construction and covariance left out. Processor time of one
thread; the refits would use the others too, which a single fit of this size does not.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.special import expit

from tests.benchmarks.records import Comparison, Options, Target
from tests.benchmarks.turns import take_turns
from wlogit import ReplicateDesign, SurveyDesign, WeightedLogit

N, QUICK_N, K, R = 100_000, 5_000, 10, 200
COLD = "one cold fit"
TARGET = 40.0
# Fits one by one that are timed; the rest is multiplication.
SINGLE = 10
R_SCRIPT = """
suppressPackageStartupMessages(library(survey))
folder <- commandArgs(TRUE)[1]; n <- as.integer(commandArgs(TRUE)[2])
k <- as.integer(commandArgs(TRUE)[3]); r <- as.integer(commandArgs(TRUE)[4])
read <- function(name, size) readBin(file.path(folder, name), "double", size)
D <- as.data.frame(matrix(read("X.bin", n * k), n, k)[, -1]); D$y <- read("y.bin", n)
D$w <- read("w.bin", n)
d <- svrepdesign(weights = ~w, repweights = matrix(read("F.bin", n * r), n, r), data = D,
                 type = "other", scale = 1, rscales = rep(1, r), combined.weights = FALSE)
cat(system.time(svyglm(reformulate(setdiff(names(D), c("y", "w")), "y"), d,
                       family = quasibinomial()))[["user.self"]])
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows in 200 PSUs of 100 strata, with unequal weights and one event in five."""

    X: np.ndarray
    y: np.ndarray
    w: np.ndarray
    psu: np.ndarray

    @classmethod
    def make(cls, n: int, k: int) -> Sample:
        rng = np.random.default_rng(20240511)
        X = rng.standard_normal((n, k))
        X[:, 0] = 1.0
        slopes = np.resize([-1.6, 0.5, -0.4, 0.3], k)
        y = (rng.random(n) < expit(X @ slopes)).astype(float)
        return cls(X, y, rng.gamma(3.0, 10.0, n), rng.integers(0, R, n))

    def design(self) -> SurveyDesign:
        return SurveyDesign(weights=self.w, strata=self.psu // 2, psu=self.psu)

    def half_samples(self, *, combined: bool = False) -> ReplicateDesign:
        """R half samples, balanced or not, as factors or as weights."""
        rng = np.random.default_rng(1)
        chosen = np.repeat(rng.integers(0, 2, (R // 2, R)), 2, axis=0)
        chosen[1::2] = 1 - chosen[1::2]
        given = 2.0 * chosen[self.psu]
        if combined:
            given *= self.w[:, np.newaxis]
        return ReplicateDesign(
            weights=self.w, replicate_weights=given, kind="BRR", combined=combined
        )


def covariances(data: Sample) -> dict[str, Callable[[], object]]:
    """What is timed, by name: covariances of fits that are there."""
    jackknife = data.design().to_replicates("JKn")
    fits = {
        "half samples, given as weights": (
            data.half_samples(combined=True),
            None,
            "replicate",
            {},
        ),
        "half samples, given as factors": (data.half_samples(), None, "replicate", {}),
        "jackknife (JKn) of a survey design": (jackknife, None, "replicate", {}),
        "jackknife, balanced class weights": (jackknife, "balanced", "replicate", {}),
        "bootstrap of PSUs within strata": (data.design(), None, "bootstrap", {"n_boot": R}),
        "bootstrap of cases": (None, None, "bootstrap", {"n_boot": R}),
        "bootstrap of cases, balanced class weights": (
            None,
            "balanced",
            "bootstrap",
            {"n_boot": R},
        ),
    }
    timed: dict[str, Callable[[], object]] = {}
    for name, (design, class_weight, kind, keywords) in fits.items():
        weights = {"sampling_weights": data.w} if design is None else {"design": design}
        model = WeightedLogit(data.y, data.X, class_weight=class_weight, **weights)
        results = model.fit(disp=False, cov_type="HC0")
        seed = {"seed": 1} if kind == "bootstrap" else {}
        timed[name] = partial(results.with_covariance, kind, **keywords, **seed)
    return timed


def cold_fit(data: Sample) -> Callable[[], object]:
    """The fit of a model that is there, from no start."""
    from wlogit.fitting import FitOptions, fit_model

    options = FitOptions(None, "newton", 50, False, None, None, False, {})
    return partial(fit_model, WeightedLogit(data.y, data.X, sampling_weights=data.w), options)


def some_one_by_one(data: Sample) -> None:
    """A few of the fits by hand, each a model of its own."""
    weights = data.half_samples().replicate_weights
    for r in range(SINGLE):
        WeightedLogit(data.y, data.X, sampling_weights=weights[:, r]).fit(disp=False)


def in_r(data: Sample) -> float | None:
    """Seconds of ``svyglm``, or None without R and survey."""
    script = shutil.which("Rscript")
    if script is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        factors = data.half_samples().replicate_weights / data.w[:, np.newaxis]
        for name, values in (("X", data.X), ("F", factors), ("y", data.y), ("w", data.w)):
            values.ravel(order="F").tofile(folder / f"{name}.bin")
        (folder / "fit.R").write_text(R_SCRIPT)
        command = [script, str(folder / "fit.R"), place, str(len(data.y)), str(K), str(R)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        return float(done.stdout) if done.returncode == 0 else None


def measure(options: Options) -> list[Comparison]:
    """All covariances on one sample."""
    n = QUICK_N if options.quick else N
    data = Sample.make(n, K)
    programs = {COLD: cold_fit(data)} | covariances(data)
    singly = f"{R} models one by one (from {SINGLE})"
    programs[singly] = partial(some_one_by_one, data)
    seconds = take_turns(programs, options.rounds, clock=time.process_time)
    seconds[singly] = [taken * R / SINGLE for taken in seconds[singly]]
    theirs = None if options.quick else in_r(data)
    if theirs is not None:
        seconds["R, svyglm of survey"] = [theirs]
    bounded = [name for name in covariances(data) if "cases" not in name]
    return [
        Comparison(
            key="replicates",
            title=f"n = {n:,}, k = {K}, {R} replicates",
            base=COLD,
            seconds=seconds,
            about={"rows": n, "columns": K, "replicates": R},
            unit="seconds of one processor",
            targets=[Target.within(name, TARGET, COLD) for name in bounded],
        )
    ]
