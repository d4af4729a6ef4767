"""The two-by-two table at a threshold, and what is computed from it, with intervals."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wlogit._typing import Array, BoolArray
from wlogit._warn import warn_user
from wlogit.core.shares import wilson
from wlogit.errors import InferenceWarning
from wlogit.inference.estimates import root_of_variance
from wlogit.inference.printed import Printed, number, table
from wlogit.inference.scored import Scored

# Weighted means of cells, which are true positives, false negatives, false positives and true
# negatives: numerator and denominator.
SHARES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "sensitivity": ((1, 0, 0, 0), (1, 1, 0, 0)),
    "specificity": ((0, 0, 0, 1), (0, 0, 1, 1)),
    "precision": ((1, 0, 0, 0), (1, 0, 1, 0)),
    "npv": ((0, 0, 0, 1), (0, 1, 0, 1)),
    "f1": ((2, 0, 0, 0), (2, 1, 1, 0)),
    "accuracy": ((1, 0, 0, 1), (1, 1, 1, 1)),
    "prevalence": ((1, 1, 0, 0), (1, 1, 1, 1)),
}
ORDER = (
    *("sensitivity", "specificity", "precision", "npv", "f1", "accuracy"),
    *("balanced_accuracy", "mcc", "kappa", "prevalence"),
)
# What is between -1 and 1.
SIGNED = ("mcc", "kappa")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClassificationReport(Printed):
    """How well a threshold tells events from the rest, by mass.

    The scores are taken as fixed; for a fit to the same cases the numbers are optimistic.

    Attributes
    ----------
    frame : DataFrame
        Columns value, se, ci_lower and ci_upper, by measure.
    table : DataFrame, shape (2, 2)
        Mass by observed (rows) and predicted (columns) class.
    threshold : float
        An event is predicted above it, on the scale `which`.
    which : {"mean", "calibrated"}
    thresholds : dict
        The threshold on both scales.
    alpha : float
        One minus the level of the intervals.
    in_sample : bool
        Whether the scores come from a fit to these very cases.
    """

    frame: pd.DataFrame
    table: pd.DataFrame
    threshold: float
    which: str
    thresholds: dict[str, float]
    alpha: float
    in_sample: bool

    def __str__(self) -> str:
        """Threshold, table and measures."""
        mean, calibrated = (number(self.thresholds[scale]) for scale in ("mean", "calibrated"))
        scales = f"{calibrated} (calibrated)"
        if mean != calibrated:
            scales += f", {mean} on the scale of the class weights"
        where = "The cases are those of the fit." if self.in_sample else ""
        parts = (f"An event is predicted above {scales}. {where}".rstrip(), table(self.table))
        return "\n\n".join((*parts, table(self.frame)))

    def __getitem__(self, measure: str) -> float:
        """The value of a measure."""
        return float(self.frame["value"][measure])


def classification_report(
    cases: Scored,
    predicted: BoolArray,
    threshold: float,
    which: str,
    thresholds: dict[str, float],
    alpha: float = 0.05,
) -> ClassificationReport:
    """Measures of a two-by-two table with standard errors and intervals.

    A case influences the mass of the cell that it is in; standard errors follow by the delta
    method, and are the multinomial ones at g = 1. Intervals are Wilson's with the effective
    number of cases ``p (1 - p) / se^2``, those of ``[-1, 1]`` by way of ``(1 + x) / 2``. Where
    the standard error is zero, as for a share of none or all, the number is Kish's of the cases
    that the measure is about (``4 / (1/n_1 + 1/n_0)`` of those of the classes for balanced
    accuracy, MCC and kappa). Without such cases the measure is NaN and its interval the whole
    range, with a warning.

    Parameters
    ----------
    cases : Scored
    predicted : ndarray of bool, shape (n,)
    threshold, which, thresholds
        What `predicted` comes from, for the record.
    alpha : float

    References
    ----------
    Wilson (1927), JASA 22, 209-212; Korn and Graubard (1998), Survey Methodology 24, 193-201;
    kappa: Fleiss, Cohen and Everitt (1969), Psychological Bulletin 72, 323-327.
    """
    cells, covariance, sizes = _cells(cases, predicted)
    rows = {name: _measure(name, cells, covariance, sizes, cases.quantile(alpha)) for name in ORDER}
    if cases.sampling.centering is not None:
        share = rows["prevalence"][0]
        rows["prevalence"] = (share, 0.0, share, share)
    frame = pd.DataFrame.from_dict(
        rows, orient="index", columns=["value", "se", "ci_lower", "ci_upper"]
    ).rename_axis("measure")
    _warn_of_undefined(frame, threshold)
    labels = list(cases.labels)
    table = pd.DataFrame(
        cells[[[3, 2], [1, 0]]] * cases.unit,
        pd.Index(labels, name="observed"),
        pd.Index(labels, name="predicted"),
    )
    return ClassificationReport(frame, table, threshold, which, thresholds, alpha, cases.fitted)


def _cells(cases: Scored, predicted: BoolArray) -> tuple[Array, Array, Callable[[Array], float]]:
    """Masses of the cells, their covariance, and the effective size of any choice of them."""
    positive = predicted.astype(np.float64)
    event, rest = cases.weight * cases.outcome, cases.weight * (1.0 - cases.outcome)
    none = np.zeros(len(positive))
    by_event = np.column_stack([event * positive, event * (1.0 - positive), none, none])
    by_rest = np.column_stack([none, none, rest * positive, rest * (1.0 - positive)])

    def size(chosen: Array) -> float:
        return cases.effective_size(by_event @ chosen + by_rest @ chosen)

    cells = cases.multiplicity @ (by_event + by_rest)
    return cells, cases.covariance(by_event, by_rest), size


def _measure(
    name: str, cells: Array, covariance: Array, size: Callable[[Array], float], quantile: float
) -> tuple[float, float, float, float]:
    value, gradient = _value(name, cells)
    low = -1.0 if name in SIGNED else 0.0
    if math.isnan(value):
        return value, math.nan, low, 1.0
    variance = float(gradient @ covariance @ gradient)
    se = root_of_variance(variance)
    share, unit = (value - low) / (1.0 - low), 1.0 - low
    if math.isnan(se):
        effective = 0.0
    elif se > 0.0:
        effective = share * (1.0 - share) * unit**2 / variance
    elif name in SHARES:
        effective = size(np.minimum(SHARES[name][1], 1.0))
    else:
        events, rest = size(np.array([1.0, 1.0, 0, 0])), size(np.array([0, 0, 1.0, 1.0]))
        effective = 4.0 * events * rest / (events + rest)
    lower, upper = wilson(share, effective, quantile)
    return value, se, low + unit * lower, low + unit * upper


def _value(name: str, cells: Array) -> tuple[float, Array]:
    """A measure and its derivatives by the masses of the cells; NaN where it is not defined."""
    if name in SHARES:
        numerator, denominator = SHARES[name]
        return _ratio(np.array(numerator), np.array(denominator), cells)
    if name == "balanced_accuracy":
        (first, by_first), (second, by_second) = (
            _value(half, cells) for half in ("sensitivity", "specificity")
        )
        return (first + second) / 2.0, (by_first + by_second) / 2.0
    tp, fn, fp, tn = cells
    product, by_product = tp * tn - fn * fp, np.array([tn, -fp, -fn, tp])
    if name == "kappa":
        scale = (tp + fp) * (fp + tn) + (tp + fn) * (fn + tn)
        by_scale = np.array(
            [fp + fn + 2 * tn, tp + tn + 2 * fn, tp + tn + 2 * fp, fp + fn + 2 * tp]
        )
        if not scale > 0.0:
            return math.nan, np.zeros(4)
        value = 2.0 * product / scale
        return float(value), (2.0 * by_product - value * by_scale) / scale
    margins = np.array([[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1]], dtype=float)
    sums = margins @ cells
    if not np.all(sums > 0.0):
        return math.nan, np.zeros(4)
    scale = float(np.sqrt(sums[0] * sums[1]) * np.sqrt(sums[2] * sums[3]))
    value = product / scale
    return float(value), by_product / scale - value * (margins.T @ (0.5 / sums))


def _ratio(numerator: Array, denominator: Array, cells: Array) -> tuple[float, Array]:
    total = float(denominator @ cells)
    if not total > 0.0:
        return math.nan, np.zeros(4)
    value = float(numerator @ cells) / total
    return value, (numerator - value * denominator) / total


def _warn_of_undefined(frame: pd.DataFrame, threshold: float) -> None:
    undefined = [str(name) for name in frame.index[frame["value"].isna()]]
    if undefined:
        warn_user(
            f"at the threshold {threshold:g} a class is never observed or never predicted: "
            f"{', '.join(undefined)} cannot be computed and is given as NaN. A threshold on the "
            "scale of the class weights is another one on the calibrated scale: see "
            "map_threshold.",
            InferenceWarning,
        )
