"""ROC and precision-recall curves over all thresholds, and which threshold to choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit

from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.inference.auc import AreaUnderCurve, area_under_curve
from wlogit.inference.estimates import Estimate, interval_of_share, root_of_variance
from wlogit.inference.printed import Printed, number
from wlogit.inference.scored import Scored, tied_places
from wlogit.keywords import check_choice

COSTS = ("false_positive", "false_negative")


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """Cases added up over the different scores, from the highest score down.

    Attributes
    ----------
    events, rest : ndarray, shape (t + 1,)
        Mass of either class above each threshold, beginning with none.
    thresholds : ndarray, shape (t + 1,)
        Linear predictors halfway between the scores, from infinity to minus infinity.
    places : ndarray of int, shape (n,)
        Position of each case's score, 0 for the highest.
    """

    events: Array
    rest: Array
    thresholds: Array
    places: Any

    @classmethod
    def of(cls, cases: Scored) -> "_Levels":
        """Of calibrated linear predictors."""
        eta = cases.calibrated_eta
        ascending = tied_places(eta)
        places = ascending.max() - ascending
        count = np.bincount(places)
        score = np.bincount(places, eta) / count
        between = (score[:-1] + score[1:]) / 2.0
        above = [
            np.append(0.0, np.cumsum(np.bincount(places, mass)))
            for mass in (cases.events, cases.rest)
        ]
        return cls(above[0], above[1], np.concatenate([[np.inf], between, [-np.inf]]), places)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RocCurve(Printed):
    """True against false positive rate over all thresholds, by mass.

    Attributes
    ----------
    fpr, tpr : ndarray, shape (t,)
        From (0, 0) to (1, 1); one point for each different score.
    thresholds : ndarray, shape (t,)
        Calibrated probability above which a case is predicted to be an event, halfway between
        the scores (of the linear predictor); falling from 1 to 0.
    thresholds_mean : ndarray, shape (t,)
        The same on the scale of the class weights.
    auc : AreaUnderCurve
    """

    fpr: Array
    tpr: Array
    thresholds: Array
    thresholds_mean: Array
    auc: AreaUnderCurve

    def __str__(self) -> str:
        """Number of points, and the area."""
        return f"ROC curve of {len(self.fpr):,} points: {self.auc}"

    @property
    def frame(self) -> pd.DataFrame:
        """Columns fpr, tpr, threshold (calibrated) and threshold_mean."""
        return pd.DataFrame(
            {
                "fpr": self.fpr,
                "tpr": self.tpr,
                "threshold": self.thresholds,
                "threshold_mean": self.thresholds_mean,
            }
        )


def roc_curve(cases: Scored, alpha: float = 0.05) -> RocCurve:
    """ROC curve of the cases by mass.

    Parameters
    ----------
    cases : Scored
    alpha : float
        For the interval of the area.

    Raises
    ------
    OutcomeError
        A class without cases.
    """
    cases.require_both_classes("the ROC curve")
    levels = _Levels.of(cases)
    return RocCurve(
        fpr=levels.rest / levels.rest[-1],
        tpr=levels.events / levels.events[-1],
        thresholds=likelihood.expit(levels.thresholds),
        thresholds_mean=likelihood.expit(levels.thresholds + _one_shift(cases)),
        auc=area_under_curve(cases, alpha),
    )


def _one_shift(cases: Scored) -> float:
    """What class weights add to linear predictors; their mean over folds that differ."""
    return float(np.mean(cases.shift))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PrecisionRecallCurve(Printed):
    """Precision against recall over all thresholds, at one prevalence.

    Attributes
    ----------
    precision, recall : ndarray, shape (t,)
        From recall 0, where the precision is one by convention, to recall 1.
    thresholds : ndarray, shape (t,)
        Calibrated probability above which a case is predicted to be an event; falling from 1.
    prevalence : float
        Share of events that the precision is for.
    average_precision : Estimate
        Precision at the events' own scores on average; the scores are taken as fixed.
    """

    precision: Array
    recall: Array
    thresholds: Array
    prevalence: float
    average_precision: Estimate

    def __str__(self) -> str:
        """Number of points, prevalence and average precision."""
        return (
            f"Precision-recall curve of {len(self.recall):,} points at a prevalence of "
            f"{number(self.prevalence)}: average precision {self.average_precision}"
        )

    @property
    def frame(self) -> pd.DataFrame:
        """Columns recall, precision and threshold (calibrated)."""
        return pd.DataFrame(
            {"recall": self.recall, "precision": self.precision, "threshold": self.thresholds}
        )


def precision_recall_curve(
    cases: Scored, prevalence: float | None = None, alpha: float = 0.05
) -> PrecisionRecallCurve:
    """Precision and recall by mass, in the sample or moved to a prevalence.

    ``precision = tau TPR / (tau TPR + (1 - tau) FPR)``.

    Parameters
    ----------
    cases : Scored
    prevalence : float, optional
        tau; by default the share of events by mass.
    alpha : float

    Raises
    ------
    OutcomeError
        A class without cases.
    ValueError
        A prevalence outside (0, 1).
    """
    cases.require_both_classes("precision and recall")
    if prevalence is not None:
        cases = cases.at_prevalence(prevalence)
    levels = _Levels.of(cases)
    precision = np.ones(len(levels.events))
    precision[1:] = levels.events[1:] / (levels.events[1:] + levels.rest[1:])
    return PrecisionRecallCurve(
        precision=precision,
        recall=levels.events / levels.events[-1],
        thresholds=likelihood.expit(levels.thresholds),
        prevalence=cases.share_of_events,
        average_precision=_average_precision(cases, levels, precision, alpha),
    )


def _average_precision(cases: Scored, levels: _Levels, precision: Array, alpha: float) -> Estimate:
    """``AP = sum_1 m g P / G_1`` with P the precision at the score of an event.

    Its derivatives by the masses of an event and of a non-event are sums over all events that
    score no higher, as these count in their precision.
    """
    events_at = np.diff(levels.events)
    total, at = levels.events[-1], precision[1:]
    value = float(events_at @ at / total)
    everything = levels.events[1:] + levels.rest[1:]
    by_event = np.cumsum((events_at * (1.0 - at) / everything)[::-1])[::-1] / total
    by_rest = -np.cumsum((events_at * at / everything)[::-1])[::-1] / total
    event = cases.weight * cases.outcome * ((at - value) / total + by_event)[levels.places]
    rest = cases.weight * (1.0 - cases.outcome) * by_rest[levels.places]
    variance = cases.covariance(event[:, np.newaxis], rest[:, np.newaxis], "cases")[0, 0]
    se = root_of_variance(float(variance))
    ci = interval_of_share(value, se, cases.quantile(alpha))
    return Estimate(value, se, ci, df=cases.sampling.df, alpha=alpha)


@dataclass(frozen=True, slots=True, repr=False)
class ThresholdChoice(Printed):
    """The threshold that does best on these cases.

    It is chosen by the same cases that it is judged on, which makes it look better than it is.

    Attributes
    ----------
    method : str
        "youden" or "cost".
    calibrated : float
        Predict an event above this calibrated probability.
    mean : float
        The same threshold on the scale of the class weights.
    value : float
        Youden's index, or the expected cost of a case.
    sensitivity, specificity : float
    theoretical : float or None
        For costs, the calibrated probability that would be best were the probabilities right:
        ``c_fp / (c_fp + c_fn)``.
    """

    method: str
    calibrated: float
    mean: float
    value: float
    sensitivity: float
    specificity: float
    theoretical: float | None = None

    def __str__(self) -> str:
        """The threshold on both scales, and what it achieves."""
        best = "Youden's index" if self.method == "youden" else "Expected cost of a case"
        scales = f"{number(self.calibrated)} (calibrated)"
        if self.mean != self.calibrated:
            scales += f", which is {number(self.mean)} on the scale of the class weights"
        return (
            f"Predict an event above {scales}. {best} {number(self.value)}, sensitivity "
            f"{number(self.sensitivity)}, specificity {number(self.specificity)}, in the cases "
            "that it was chosen by."
        )


def choose_threshold(
    cases: Scored, cost: Mapping[str, float] | None = None, method: str | None = None
) -> ThresholdChoice:
    """Threshold with the largest sensitivity plus specificity, or with the smallest cost.

    Parameters
    ----------
    cases : Scored
    cost : mapping, optional
        Costs of a "false_positive" and of a "false_negative".
    method : {"youden", "cost"}, optional
        By default "cost" where costs are given.

    Raises
    ------
    ValueError
        Costs without their method, or the other way round; costs that are not positive.

    References
    ----------
    Youden (1950), Cancer 3, 32-35; Elkan (2001), IJCAI 17, 973-978.
    """
    method = method or ("youden" if cost is None else "cost")
    check_choice("method", method, ("youden", "cost"))
    if (method == "cost") != (cost is not None):
        raise ValueError(
            'cost= and method="cost" belong together: give '
            'cost={"false_positive": ..., "false_negative": ...}, or method="youden" without it.'
        )
    cases.require_both_classes("a choice of threshold")
    levels = _Levels.of(cases)
    tpr, fpr = levels.events / levels.events[-1], levels.rest / levels.rest[-1]
    theoretical = None
    if cost is None:
        gain = tpr - fpr
    else:
        positive, negative = _costs(cost)
        share = cases.share_of_events
        gain = -(positive * (1.0 - share) * fpr + negative * share * (1.0 - tpr))
        theoretical = positive / (positive + negative)
    # Rounding must not choose between equals: the highest threshold is taken.
    best = int(np.argmax(gain >= gain.max() - 1e-12 * np.abs(gain).max()))
    threshold = levels.thresholds[best]
    return ThresholdChoice(
        method=method,
        calibrated=float(likelihood.expit(threshold)),
        mean=float(likelihood.expit(threshold + _one_shift(cases))),
        value=float(gain[best] if cost is None else -gain[best]),
        sensitivity=float(tpr[best]),
        specificity=float(1.0 - fpr[best]),
        theoretical=theoretical,
    )


def _costs(cost: Mapping[str, float]) -> tuple[float, float]:
    if set(cost) != set(COSTS) or not all(np.isfinite(c) and c > 0.0 for c in cost.values()):
        raise ValueError(
            f"cost={dict(cost)!r} must give a positive cost to each of 'false_positive' and "
            "'false_negative'."
        )
    return float(cost[COSTS[0]]), float(cost[COSTS[1]])


def mapped_threshold(threshold: Any, shift: float) -> Any:
    """A threshold, or several, where linear predictors move by ``shift``.

    Parameters
    ----------
    threshold : float or array_like
        Probabilities.
    shift : float
        ``log(c1 / c0)`` from the calibrated scale to that of the class weights.

    Raises
    ------
    ValueError
        Thresholds outside [0, 1].
    """
    given = np.asarray(threshold, dtype=np.float64)
    if not np.all((given >= 0.0) & (given <= 1.0)):
        raise ValueError(f"a threshold is a probability between 0 and 1, not {threshold!r}.")
    moved = likelihood.expit(logit(given) + shift)
    return float(moved) if given.ndim == 0 else moved
