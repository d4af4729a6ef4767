"""How well scores tell events from the rest and how far they are right, on given cases."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from wlogit.core import likelihood
from wlogit.inference import calibration, confusion, losses
from wlogit.inference.auc import AreaUnderCurve, area_under_curve
from wlogit.inference.calibration import Calibration
from wlogit.inference.estimates import Estimate
from wlogit.inference.prediction import calibration_shift
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
from wlogit.keywords import check_choice


class Evaluation:
    """Scores of cases, and every measure of them.

    Averages are at population scale: of calibrated probabilities, weighed by cases times sampling
    weight (`prevalence` included). Class weights never enter them. The scores are taken as fixed.

    Attributes
    ----------
    cases : Scored
    """

    def __init__(self, cases: Scored) -> None:
        self.cases = cases

    def auc(self, alpha: float = 0.05) -> AreaUnderCurve:
        """Area under the ROC curve; see ``WeightedLogitResults.auc``.

        Parameters
        ----------
        alpha : float
        """
        return area_under_curve(self.cases, alpha)

    def roc(self, alpha: float = 0.05) -> RocCurve:
        """ROC curve; see ``WeightedLogitResults.roc``.

        Parameters
        ----------
        alpha : float
        """
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
        return precision_recall_curve(self.cases, prevalence, alpha)

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
        cases = self.cases
        score = cases.eta if which == "mean" else cases.calibrated_eta
        predicted = likelihood.expit(score) > threshold
        other: Literal["mean", "calibrated"] = "calibrated" if which == "mean" else "mean"
        thresholds: dict[str, float] = {
            which: float(threshold),
            other: self.map_threshold(threshold, other),
        }
        return confusion.classification_report(
            cases, predicted, threshold, which, thresholds, alpha
        )

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
        return choose_threshold(self.cases, cost, method)

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
        return losses.brier(self.cases, alpha)

    def log_loss(self, alpha: float = 0.05) -> Estimate:
        """Mean log loss of the probabilities; see ``WeightedLogitResults.log_loss``.

        Parameters
        ----------
        alpha : float
        """
        return losses.log_loss(self.cases, alpha)

    def calibration(self, bins: int | Sequence[float] = 10, alpha: float = 0.05) -> Calibration:
        """Bins, curve, intercept and slope; see ``WeightedLogitResults.calibration``.

        Parameters
        ----------
        bins : int or sequence of float
        alpha : float
        """
        return calibration.calibration(self.cases, bins, alpha)


def own_evaluation(results: Any) -> Evaluation:
    """Of a fit on its own cases.

    Parameters
    ----------
    results : WeightedLogitResults or RegularizedResults

    Raises
    ------
    NotAvailableError
        After ``remove_data``.
    """
    eta = np.asarray(results.fittedvalues, dtype=np.float64)
    shift = calibration_shift(results.weights)
    return Evaluation(Scored.of_rows(results.weights, eta, shift, case_sampling(results)))


def case_sampling(results: Any) -> CaseSampling:
    """How the cases of a fit were sampled, by its weights and its covariance."""
    centering: Centering | None = None
    if results.weights.factors.source == "prevalence":
        centering = "mass"
    request = results.request
    if request is None:
        return CaseSampling(centering=centering)
    if centering is None and request.keywords.get("sampling") == "case-control":
        centering = "number"
    groupings = () if request.groups is None else results.model.rows.groupings(request.groups)
    df = np.inf
    if results.use_t:
        df = getattr(results, "df_resid_inference", None) or results.df_resid
    return CaseSampling(groupings, centering, float(df))
