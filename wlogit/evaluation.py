"""How well scores tell events from the rest and how far they are right, on given cases."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from wlogit._typing import Array, BoolArray
from wlogit.core import likelihood
from wlogit.designs import design_of_rows, df_of_rows
from wlogit.errors import NotAvailableError, WeightError
from wlogit.estimation import sampled_for
from wlogit.inference import calibration, confusion, losses
from wlogit.inference.auc import AreaUnderCurve, AucComparison, area_under_curve
from wlogit.inference.calibration import Calibration
from wlogit.inference.estimates import Estimate
from wlogit.inference.prediction import calibration_shift
from wlogit.inference.printed import Printed, number
from wlogit.inference.roc import (
    PrecisionRecallCurve,
    RocCurve,
    ThresholdChoice,
    choose_threshold,
    mapped_threshold,
    precision_recall_curve,
    roc_curve,
)
from wlogit.inference.scored import CaseSampling, Centering, Scored
from wlogit.keywords import check_alpha, check_choice, check_threshold
from wlogit.rows import Rows
from wlogit.weights.outcome import read_outcome
from wlogit.weights.resolve import resolve_weights

# Shares of events that differ by less, relative to themselves, are the same.
_SAME_SHARE = 1e-3


class Evaluation(Printed):
    """Scores of cases, and every measure of them.

    Averages are at population scale: of calibrated probabilities, weighed by cases times sampling
    weight (`prevalence` included). Class weights never enter them. The scores are taken as fixed.

    Attributes
    ----------
    cases : Scored
    n_dropped : int
        New rows left out because their outcome or prediction is missing.
    of : str
        What the cases are.
    target : float or None
        Share of events that the intercept was moved to. Where the cases have another one, what
        compares probabilities or precision with their outcomes is refused.
    """

    def __init__(
        self,
        cases: Scored,
        n_dropped: int = 0,
        of: str = "given cases",
        target: float | None = None,
    ) -> None:
        self.cases = cases
        self.n_dropped = n_dropped
        self.of = of
        self.target = target

    def __str__(self) -> str:
        """What was evaluated: number of cases, and their share of events."""
        n, share = self.cases.n_cases, number(self.cases.share_of_events)
        dropped = f", {self.n_dropped:,} rows left out" if self.n_dropped else ""
        return f"Evaluation on {self.of}: {n:,.0f} cases, share of events {share}{dropped}"

    def at_prevalence(self, prevalence: float) -> "Evaluation":
        """The same with events and non-events weighted to this share of events.

        Parameters
        ----------
        prevalence : float
        """
        cases = self.cases.at_prevalence(prevalence)
        return Evaluation(cases, self.n_dropped, self.of, self.target)

    def comparable(self) -> Scored:
        """The cases, where predictions are for a population with their share of events.

        Raises
        ------
        NotAvailableError
            The intercept was moved to another share.
        """
        share, target = self.cases.share_of_events, self.target
        if target is None or math.isclose(share, target, rel_tol=_SAME_SHARE):
            return self.cases
        raise NotAvailableError(
            f"the predictions were recalibrated to a share of events of {number(target)}, and "
            f"these cases have {number(share)}: what compares the two would be wrong. Judge the "
            "fit itself, uncalibrated, or new cases with evaluate(data)."
        )

    def auc(self, alpha: float = 0.05) -> AreaUnderCurve:
        """Area under the ROC curve; see ``WeightedLogitResults.auc``.

        Parameters
        ----------
        alpha : float
        """
        check_alpha(alpha)
        return area_under_curve(self.cases, alpha)

    def roc(self, alpha: float = 0.05) -> RocCurve:
        """ROC curve; see ``WeightedLogitResults.roc``.

        Parameters
        ----------
        alpha : float
        """
        check_alpha(alpha)
        return roc_curve(self.cases, alpha)

    def precision_recall(
        self, prevalence: float | None = None, alpha: float = 0.05
    ) -> PrecisionRecallCurve:
        """Precision and recall; see ``WeightedLogitResults.precision_recall``.

        Parameters
        ----------
        prevalence : float, optional
        alpha : float
        """
        check_alpha(alpha)
        cases = self.comparable() if prevalence is None else self.cases
        return precision_recall_curve(cases, prevalence, alpha)

    def classification_report(
        self,
        threshold: float = 0.5,
        *,
        which: Literal["mean", "calibrated"] = "mean",
        alpha: float = 0.05,
    ) -> confusion.ClassificationReport:
        """Measures at a threshold; see ``WeightedLogitResults.classification_report``.

        Parameters
        ----------
        threshold : float
        which : {"mean", "calibrated"}
        alpha : float
        """
        check_choice("which", which, ("mean", "calibrated"))
        check_alpha(alpha)
        cut, cases = check_threshold(threshold), self.comparable()
        score = cases.eta if which == "mean" else cases.calibrated_eta
        predicted = likelihood.expit(score) > cut
        other: Literal["mean", "calibrated"] = "calibrated" if which == "mean" else "mean"
        thresholds: dict[str, float] = {
            which: cut,
            other: self.map_threshold(cut, other),
        }
        return confusion.classification_report(cases, predicted, cut, which, thresholds, alpha)

    def choose_threshold(
        self,
        cost: Mapping[str, float] | None = None,
        method: Literal["youden", "cost"] | None = None,
    ) -> ThresholdChoice:
        """Best threshold; see ``WeightedLogitResults.choose_threshold``.

        Parameters
        ----------
        cost : mapping, optional
        method : {"youden", "cost"}, optional
        """
        by_rates = cost is None and method != "cost"
        return choose_threshold(self.cases if by_rates else self.comparable(), cost, method)

    def map_threshold(
        self, threshold: Any, to: Literal["calibrated", "mean"] = "calibrated"
    ) -> Any:
        """A threshold on the other scale; see ``WeightedLogitResults.map_threshold``.

        Parameters
        ----------
        threshold : float or array_like
        to : {"calibrated", "mean"}
        """
        check_choice("to", to, ("calibrated", "mean"))
        shift = float(np.mean(self.cases.shift))
        return mapped_threshold(threshold, shift if to == "mean" else -shift)

    def brier(self, alpha: float = 0.05) -> Estimate:
        """Mean squared error of the probabilities; see ``WeightedLogitResults.brier``.

        Parameters
        ----------
        alpha : float
        """
        check_alpha(alpha)
        return losses.brier(self.comparable(), alpha)

    def log_loss(self, alpha: float = 0.05) -> Estimate:
        """Mean log loss of the probabilities; see ``WeightedLogitResults.log_loss``.

        Parameters
        ----------
        alpha : float
        """
        check_alpha(alpha)
        return losses.log_loss(self.comparable(), alpha)

    def calibration(self, bins: int | Sequence[float] = 10, alpha: float = 0.05) -> Calibration:
        """Bins, curve, intercept and slope; see ``WeightedLogitResults.calibration``.

        Parameters
        ----------
        bins : int or sequence of float
        alpha : float
        """
        check_alpha(alpha)
        return calibration.calibration(self.comparable(), bins, alpha)


def compare_auc(
    outcome: Any,
    first: Any,
    second: Any,
    *,
    freq_weights: Any = None,
    sampling_weights: Any = None,
    groups: Any = None,
    alpha: float = 0.05,
) -> AucComparison:
    """Paired test of the areas under the ROC curves of two scores for the same cases.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 and 1, or two labels of which the last in order is the event.
    first, second : array_like, shape (n,)
        Scores: probabilities, linear predictors, or anything that is higher for events.
    freq_weights, sampling_weights : array_like, shape (n,), optional
        Cases that a row stands for, and inverse sampling probabilities.
    groups : array_like, shape (n,), optional
        Clusters; the error is then of their totals.
    alpha : float
        One minus the level of the interval.

    Returns
    -------
    AucComparison
        With ``difference`` (first less second), ``se``, ``ci``, ``statistic`` and ``pvalue``.

    Raises
    ------
    ValueError
        Scores of another length, or an outcome or a score that is missing.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845, section 3.

    Examples
    --------
    >>> import wlogit
    >>> outcome, first = [0, 0, 0, 1, 1, 1], [0.1, 0.3, 0.4, 0.2, 0.6, 0.8]
    >>> test = wlogit.compare_auc(outcome, first, [0.1, 0.6, 0.4, 0.2, 0.3, 0.8])
    >>> print(f"{test.difference:.3f} ({test.se:.3f})")
    0.222 (0.248)
    """
    check_alpha(alpha)
    read = read_outcome(outcome)
    labeled = isinstance(outcome, pd.Series | pd.DataFrame)
    rows = Rows(len(read.values), outcome.index if labeled else None)
    _check_known(rows, "outcome", read.missing, "every case needs one.")
    scores = [_score(rows, *named) for named in (("first", first), ("second", second))]
    weights = resolve_weights(
        read,
        freq_weights=rows.numbers(freq_weights, "freq_weights", WeightError),
        sampling_weights=rows.numbers(sampling_weights, "sampling_weights", WeightError),
        row_labels=rows.labels,
    )
    sampling = CaseSampling(() if groups is None else rows.groupings(groups))
    areas = (
        area_under_curve(Scored.of_rows(weights, score, 0.0, sampling, fitted=False), alpha)
        for score in scores
    )
    return next(areas).compare(next(areas))


def _score(rows: Rows, name: str, value: Any) -> Array:
    score = np.asarray(rows.numbers(value, name, ValueError), dtype=np.float64)
    _check_known(rows, name, np.isnan(score), "both scores are needed for every case.")
    return score


def _check_known(rows: Rows, name: str, missing: BoolArray, needed: str) -> None:
    if missing.any():
        first = rows.name(int(np.argmax(missing)))
        raise ValueError(
            f"{name} is missing in row {first} ({missing.sum()} rows in all); {needed}"
        )


def own_evaluation(results: Any, groups: Any = None) -> Evaluation:
    """Of a fit on its own cases.

    Parameters
    ----------
    results : WeightedLogitResults or RegularizedResults
    groups : column name or array_like, optional
        Clusters; by default those of the covariance.

    Raises
    ------
    NotAvailableError
        After ``remove_data``.
    """
    eta = np.asarray(results.fittedvalues, dtype=np.float64)
    shift = calibration_shift(results.weights)
    sampling = case_sampling(results, groups)
    cases = Scored.of_rows(results.weights, eta, shift, sampling)
    return Evaluation(cases, of="the cases of the fit", target=results._recalibrated_to)


def case_sampling(results: Any, groups: Any = None) -> CaseSampling:
    """How the cases of a fit were sampled, by its weights and its covariance.

    Parameters
    ----------
    results : WeightedLogitResults or RegularizedResults
    groups : column name or array_like, optional
        Clusters, instead of those of the covariance.
    """
    rows, request = results.model.rows, getattr(results, "request", None)
    keywords = {} if request is None else request.keywords
    centering: Centering | None = None
    # A prevalence moves the classes to known shares, unless its weights came from elsewhere.
    estimated = keywords.get("class_weights") != "fixed"
    if results.weights.factors.source == "prevalence" and estimated:
        centering = "mass"
    elif keywords.get("sampling") == "case-control":
        centering = "number"
    design = None
    if groups is None and request is not None:
        groups = request.groups
        design = sampled_for(results.model, request).design
    elif groups is None:
        design = design_of_rows(results.model)
    df = np.inf
    if request is not None and results.use_t:
        df = getattr(results, "df_resid_inference", None) or results.df_resid
        if results.covariance.small_sample is not None:
            # Those are of the coefficients.
            df = min(results.covariance.n_clusters) - 1.0
    elif request is None and design is not None:
        df = df_of_rows(results.model, design)
    groupings = () if groups is None else rows.groupings(groups)
    return CaseSampling(groupings, centering, float(df), design)
