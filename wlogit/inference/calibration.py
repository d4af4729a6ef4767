"""Whether probabilities are right: by bins, as a smooth curve, and by intercept and slope."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import logit

from wlogit._typing import Array, IntArray
from wlogit._warn import warn_user
from wlogit.core import likelihood
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import LogitObjective
from wlogit.core.shares import wilson
from wlogit.core.start import start_values
from wlogit.errors import InferenceWarning
from wlogit.inference import printed
from wlogit.inference.estimates import Estimate, root_of_variance
from wlogit.inference.hypotheses import TestResult
from wlogit.inference.printed import Printed, number
from wlogit.inference.scored import Scored, tied_places

# Shares of the mass below the knots of the smooth curve: Harrell (2015), section 2.4.6.
KNOTS = ((0.05, 0.35, 0.65, 0.95), (0.1, 0.5, 0.9))
GRID = 101
# The curve leaves out this share of the mass at either end, where a few cases would bend it.
_TAIL = 0.005


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Calibration(Printed):
    """Observed shares of events beside the calibrated probabilities, by mass.

    The scores are taken as fixed. In its own sample a fit with a constant and without class
    weights or penalty has intercept 0 and slope 1 whatever the truth; with class weights they are
    near that if the model is right. The bins and the curve say more there, and new or held-out
    cases (``results.evaluate``) say the most.

    Attributes
    ----------
    table : DataFrame
        By bin: predicted, observed, se, ci_lower, ci_upper, mass, cases.
    smooth : DataFrame
        Observed share as a smooth function of the prediction: predicted, observed, ci_lower,
        ci_upper.
    intercept : Estimate
        Constant that the linear predictor lacks, with its slope held at 1; tested against 0.
    slope : Estimate
        Slope of the logit of the outcome on the linear predictor; tested against 1.
    test : TestResult
        Of intercept 0 and slope 1 together.
    ici : float
        Mean distance of the smooth curve from the predictions.
    in_sample : bool
        Whether the scores come from a fit to these very cases.
    alpha : float
        One minus the level of the intervals.
    """

    table: pd.DataFrame
    smooth: pd.DataFrame
    intercept: Estimate
    slope: Estimate
    test: TestResult
    ici: float
    in_sample: bool
    alpha: float

    def __str__(self) -> str:
        """Intercept, slope, their joint test, and the bins."""
        where = "in the cases of the fit" if self.in_sample else "in other cases"
        lines = (
            f"Calibration {where}",
            f"Intercept {self.intercept}",
            f"Slope {self.slope}",
            f"Both: {self.test}",
            f"Mean distance of the smooth curve from the predictions: {number(self.ici)}",
        )
        return "\n".join(lines) + "\n\n" + printed.table(self.table)

    def summary_frame(self) -> pd.DataFrame:
        """Rows intercept and slope; columns value, se, ci_lower, ci_upper, null, pvalue."""
        rows = {
            name: (one.value, one.se, *one.ci, one.null, one.pvalue)
            for name, one in (("intercept", self.intercept), ("slope", self.slope))
        }
        columns = ["value", "se", "ci_lower", "ci_upper", "null", "pvalue"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def calibration(
    cases: Scored, bins: int | Sequence[float] = 10, alpha: float = 0.05
) -> Calibration:
    """Calibration of the probabilities at population scale.

    Parameters
    ----------
    cases : Scored
    bins : int or sequence of float
        Number of bins with about equal masses, or the edges of bins ``(low, high]``.
    alpha : float

    Raises
    ------
    OutcomeError
        A class without cases.
    ValueError
        Bins that are not.

    References
    ----------
    Cox (1958), Biometrika 45, 562-565; Van Calster and others (2016), Journal of Clinical
    Epidemiology 74, 167-176; Austin and Steyerberg (2019), Statistics in Medicine 38, 4051-4065
    (ICI).
    """
    cases.require_both_classes("calibration")
    table = calibration_table(cases, bins, alpha)
    intercept, slope, test = _intercept_and_slope(cases, alpha)
    smooth, ici = _smooth(cases, alpha)
    return Calibration(table, smooth, intercept, slope, test, ici, cases.fitted, alpha)


# ------------------------------------------------------------------------------------------ bins


def calibration_table(
    cases: Scored, bins: int | Sequence[float] = 10, alpha: float = 0.05
) -> pd.DataFrame:
    """Predicted and observed shares of events by bin of the predictions.

    Cases with the same prediction share a bin. Intervals are Wilson's on the effective number of
    cases, Kish's where no case or every case is an event.

    Parameters
    ----------
    cases : Scored
    bins : int or sequence of float
    alpha : float
    """
    places = tied_places(cases.calibrated_eta)
    if isinstance(bins, int | np.integer):
        codes = _equal_masses(cases, places, int(bins))
    else:
        codes = _between(cases.probability, bins)
    used, codes = np.unique(codes, return_inverse=True)
    rows = [_bin(cases, np.asarray(codes == j, dtype=np.float64), alpha) for j in range(len(used))]
    columns = ["predicted", "observed", "se", "ci_lower", "ci_upper", "mass", "cases"]
    index = pd.RangeIndex(1, len(rows) + 1, name="bin")
    return pd.DataFrame(rows, index=index, columns=columns)


def _equal_masses(cases: Scored, places: IntArray, bins: int) -> IntArray:
    if bins < 1:
        raise ValueError(f"bins={bins} must be at least 1.")
    at = np.bincount(places, cases.mass)
    middle = (np.cumsum(at) - at / 2.0) / at.sum()
    # A score in the middle between two bins must not fall by its rounding.
    of_place = np.floor(np.round(bins * middle, 9)).astype(np.intp)
    return np.asarray(np.minimum(of_place, bins - 1)[places])


def _between(probability: Array, edges: Sequence[float]) -> IntArray:
    limits = np.asarray(edges, dtype=np.float64)
    valid = limits.ndim == 1 and len(limits) >= 2 and bool(np.all(np.diff(limits) > 0.0))
    if not valid or limits[0] > probability.min() or limits[-1] < probability.max():
        raise ValueError(
            "bins= must be a number of bins, or edges that rise and hold every prediction, which "
            f"here lie between {probability.min():.3g} and {probability.max():.3g}; 0 and 1 as "
            "the outer edges always do."
        )
    return np.asarray(np.searchsorted(limits[1:-1], probability, side="left"))


def _bin(cases: Scored, inside: Array, alpha: float) -> tuple[float, ...]:
    weight = cases.weight * inside
    mass = cases.multiplicity * weight
    total = float(mass.sum())
    predicted = float(mass @ cases.probability) / total
    observed = float(mass @ cases.outcome) / total
    event = weight * cases.outcome * (1.0 - observed) / total
    rest = -weight * (1.0 - cases.outcome) * observed / total
    variance = float(cases.covariance(event[:, np.newaxis], rest[:, np.newaxis])[0, 0])
    se = root_of_variance(variance)
    size = cases.effective_size(weight) if se == 0.0 else observed * (1.0 - observed) / variance
    lower, upper = wilson(observed, size, cases.quantile(alpha))
    number = float(cases.multiplicity @ inside)
    return predicted, observed, se, lower, upper, total * cases.unit, number


# ---------------------------------------------------------------------------- logits of the outcome


@dataclass(frozen=True, slots=True, eq=False)
class _Logit:
    """A logit of the outcome, by mass: coefficients and their sandwich over cases."""

    params: Array
    covariance: Array


def _logit(cases: Scored, design: Array, offset: Array | None) -> _Logit | None:
    """Fit by mass; None where no finite estimate exists, or none that is unique."""
    matrix = ModelMatrix(design, constant=0)
    objective = LogitObjective(matrix, cases.outcome, cases.mass, offset)
    optimum = maximize(objective, start_values(objective), max_iter=100)
    if not optimum.converged or not np.all(np.isfinite(optimum.root)):
        return None
    eta = design @ optimum.params
    p, q = likelihood.probabilities(eta if offset is None else eta + offset)
    step = (design @ optimum.root) @ optimum.root.T
    event = (cases.weight * cases.outcome * q)[:, np.newaxis] * step
    rest = -(cases.weight * (1.0 - cases.outcome) * p)[:, np.newaxis] * step
    return _Logit(optimum.params, cases.covariance(event, rest, "cases"))


def _intercept_and_slope(cases: Scored, alpha: float) -> tuple[Estimate, Estimate, TestResult]:
    eta = cases.calibrated_eta
    ones = np.ones((len(eta), 1))
    shifted = _logit(cases, ones, eta)
    center, spread = _moments(cases, eta)
    both = None
    if spread > 1e-9:
        both = _logit(cases, np.column_stack([ones[:, 0], (eta - center) / spread]), None)
    if shifted is None or both is None:
        warn_user(
            "the predictions are all alike, or separate the two outcomes: calibration has no "
            "finite slope, which is given as NaN.",
            InferenceWarning,
        )
    intercept = _estimate(cases, shifted, np.array([1.0]), 0.0, alpha)
    slope = _estimate(cases, both, np.array([0.0, 1.0 / spread if spread else 1.0]), 1.0, alpha)
    return intercept, slope, _joint_test(cases, both, center, spread)


def _moments(cases: Scored, eta: Array) -> tuple[float, float]:
    center = cases.mean(eta)
    return center, math.sqrt(cases.mean((eta - center) ** 2))


def _estimate(
    cases: Scored, fit: _Logit | None, contrast: Array, null: float, alpha: float
) -> Estimate:
    df = cases.sampling.df
    if fit is None:
        return Estimate(math.nan, math.nan, (-math.inf, math.inf), null, df, alpha)
    value = float(contrast @ fit.params)
    se = root_of_variance(float(contrast @ fit.covariance @ contrast))
    half = cases.quantile(alpha) * se
    return Estimate(value, se, (value - half, value + half), null, df, alpha)


def _joint_test(cases: Scored, fit: _Logit | None, center: float, spread: float) -> TestResult:
    """Wald test of intercept 0 and slope 1."""
    df, ones = cases.sampling.df, np.ones(2)
    if fit is None:
        return TestResult(math.nan, 2.0, df, math.nan, ones, "wald")
    distance = fit.params - np.array([center, spread])
    statistic = float(distance @ np.linalg.solve(fit.covariance, distance))
    if np.isfinite(df):
        return TestResult(
            statistic / 2.0, 2.0, df, float(stats.f.sf(statistic / 2.0, 2, df)), ones, "wald F"
        )
    return TestResult(statistic, 2.0, df, float(stats.chi2.sf(statistic, 2)), ones, "wald")


# ---------------------------------------------------------------------------------- smooth curve


def _smooth(cases: Scored, alpha: float) -> tuple[pd.DataFrame, float]:
    """Logit of the outcome on a natural cubic spline of the linear predictor, with its interval.

    A regression takes masses and clusters as any other here does, which a local smoother, whose
    neighbourhoods count rows, does not.
    """
    eta = cases.calibrated_eta
    center, spread = _moments(cases, eta)
    low, high = _quantiles(cases, eta, (_TAIL, 1.0 - _TAIL))
    grid = _grid(float(low), float(high))
    for knots in _knots(cases, eta, center, spread):

        def design(points: Array, knots: Array | None = knots) -> Array:
            scaled = (points - center) / spread if spread > 1e-9 else np.zeros(len(points))
            return _spline(scaled, knots)

        fit = _logit(cases, design(eta), None)
        if fit is not None:
            curve = _curve(design(grid), grid, fit, cases.quantile(alpha))
            distance = np.abs(likelihood.expit(design(eta) @ fit.params) - cases.probability)
            return curve, cases.mean(distance)
    empty = pd.DataFrame(columns=["predicted", "observed", "ci_lower", "ci_upper"], dtype=float)
    return empty, math.nan


def _grid(low: float, high: float) -> Array:
    """Linear predictors in equal steps, and in equal steps of the probability."""
    if high - low <= 1e-10 * max(1.0, abs(low)):
        return np.array([low])
    ends = likelihood.expit(np.array([low, high]))
    even = logit(np.linspace(ends[0], ends[1], GRID)[1:-1])
    return np.sort(np.concatenate([np.linspace(low, high, GRID), np.clip(even, low, high)]))


def _knots(cases: Scored, eta: Array, center: float, spread: float) -> list[Any]:
    """Knots to try one after the other; None is a straight line, an empty array a constant."""
    choices: list[Any] = []
    places = tied_places(eta)
    if spread > 1e-9:
        for shares in KNOTS:
            knots = (_quantiles(cases, eta, shares) - center) / spread
            apart = bool(np.all(np.diff(knots) > 1e-3))
            if apart and places.max() >= len(shares):
                choices.append(knots)
        choices.append(None)
    return [*choices, np.zeros(0)]


def _spline(x: Array, knots: Array | None) -> Array:
    """Columns of a natural cubic spline, in Harrell's basis; linear beyond the outer knots.

    References
    ----------
    Harrell (2015), Regression Modeling Strategies, section 2.4.5.
    """
    ones = np.ones(len(x))
    if knots is None:
        return np.column_stack([ones, x])
    if len(knots) == 0:
        return ones[:, np.newaxis]

    def cube(knot: float) -> Array:
        return np.asarray(np.maximum(x - knot, 0.0) ** 3)

    last, before = knots[-1], knots[-2]
    width, scale = last - before, (last - knots[0]) ** 2
    terms = [
        (cube(t) - cube(before) * (last - t) / width + cube(last) * (before - t) / width) / scale
        for t in knots[:-2]
    ]
    return np.column_stack([ones, x, *terms])


def _curve(design: Array, grid: Array, fit: _Logit, quantile: float) -> pd.DataFrame:
    eta = design @ fit.params
    variance = np.einsum("ij,jk,ik->i", design, fit.covariance, design)
    half = quantile * np.sqrt(np.maximum(variance, 0.0))
    return pd.DataFrame(
        {
            "predicted": likelihood.expit(grid),
            "observed": likelihood.expit(eta),
            "ci_lower": likelihood.expit(eta - half),
            "ci_upper": likelihood.expit(eta + half),
        }
    )


def _quantiles(cases: Scored, values: Array, shares: Sequence[float]) -> Array:
    """Quantiles by mass, between neighbouring values where a share falls between them."""
    places = tied_places(values)
    at = np.bincount(places, cases.mass)
    level = np.bincount(places, values) / np.bincount(places)
    middle = (np.cumsum(at) - at / 2.0) / at.sum()
    return np.asarray(np.interp(shares, middle, level))
