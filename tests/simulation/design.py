"""Coverage of intervals over repeated samples; fits by wlogit, truth by construction."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, logit

from wlogit import WeightedLogit
from wlogit.errors import InferenceWarning

QUANTILE = 1.959963984540054


@dataclass(frozen=True)
class Sample:
    """One sample with what its fit estimates.

    Attributes
    ----------
    truth : ndarray, shape (k,)
        Intercept and slopes at population scale.
    moved : float
        Limit of log(c1 / c0), by which class weights move the intercept.
    covariance : mapping
        Keywords of the covariance that belong to how the sample was drawn.
    """

    y: np.ndarray
    X: np.ndarray
    options: Mapping[str, Any]
    truth: np.ndarray
    moved: float = 0.0
    covariance: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Coverage:
    """Share of the intervals that hold the truth.

    Attributes
    ----------
    intercept : float
        As reported, against its limit under the class weights.
    calibrated : float
        The intercept at population scale.
    slopes : ndarray
    events : float
        Mean number of events, or of non-events if these are rarer.
    """

    intercept: float
    calibrated: float
    slopes: np.ndarray
    events: float


Draw = Callable[[np.random.Generator], Sample]


def coverages(
    draw: Draw, covariances: Sequence[Mapping[str, Any]], *, seed: int, repetitions: int
) -> list[Coverage]:
    """Coverage of 95 % intervals of the same fits in several covariances; {} is the default."""
    rng = np.random.default_rng(seed)
    held, events = [], []
    for _ in range(repetitions):
        sample = draw(rng)
        results = WeightedLogit(sample.y, sample.X, **sample.options).fit(disp=False)
        held.append([_held(_with(results, sample, given), sample) for given in covariances])
        events.append(min(sample.y.sum(), len(sample.y) - sample.y.sum()))
    return [
        Coverage(share[0], share[-1], share[1:-1], float(np.mean(events)))
        for share in np.mean(held, axis=0)
    ]


def coverage(draw: Draw, *, seed: int, repetitions: int, **covariance: Any) -> Coverage:
    """Coverage in one covariance, by default that which a fit has by default."""
    return coverages(draw, [covariance], seed=seed, repetitions=repetitions)[0]


def _with(results: Any, sample: Sample, given: Mapping[str, Any]) -> Any:
    given = given or sample.covariance or {}
    if not given:
        return results
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InferenceWarning)
        return results.with_covariance(**given)


def _held(results: Any, sample: Sample) -> np.ndarray:
    matrix, shift = results.covariance.matrix, results.covariance.shift
    c0, c1 = results.weights.class_weights.values()
    moved = 0.0 if "prevalence" in sample.options else np.log(c1 / c0)
    variance = np.append(np.diag(matrix), matrix[0, 0])
    if moved and shift is not None:
        variance[-1] += 2.0 * shift[0] + shift[-1]
    estimate = np.append(results.params, results.params[0] - moved)
    truth = np.append(sample.truth, sample.truth[0])
    truth[0] += sample.moved
    return np.abs(estimate - truth) <= QUANTILE * np.sqrt(variance)


def normal_covariates(n: int, intercept: float, slopes: tuple[float, ...], **options: Any) -> Draw:
    """A simple random sample with independent standard normal covariates."""
    truth = np.array([intercept, *slopes])
    moved = 0.0
    if options.get("class_weight") == "balanced":
        nodes, mass = np.polynomial.hermite_e.hermegauss(80)
        eta = intercept + np.linalg.norm(slopes) * nodes
        moved = -logit(np.average(expit(eta), weights=mass))
    elif "class_weight" in options:
        moved = np.log(options["class_weight"][1] / options["class_weight"][0])

    def draw(rng: np.random.Generator) -> Sample:
        X = np.column_stack([np.ones(n), rng.normal(size=(n, len(slopes)))])
        y = (rng.random(n) < expit(X @ truth)).astype(float)
        return Sample(y, X, options, truth, moved)

    return draw
