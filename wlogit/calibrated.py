"""The results of a fit with its intercept at population scale."""

from dataclasses import replace

import numpy as np

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.core.scores import CaseRows
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.influence import SandwichEstimator
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import NotAvailableError
from wlogit.inference.prediction import calibration_shift
from wlogit.inference.scales import Scale
from wlogit.moved_intercept import SCALE_NOTE, MovedInterceptResults
from wlogit.results import WeightedLogitResults
from wlogit.scales import scale_of

NONROBUST = CovarianceRequest("nonrobust", {})


class CalibratedResults(MovedInterceptResults):
    """A fit whose intercept has the class weights taken out.

    Coefficients, their covariance, tests of them, predictions and effects are at population scale,
    also those that other packages compute from ``params``, ``cov_params()`` and ``model.predict``.
    What is about the fit itself (its log-likelihood, criteria, tests by the likelihood) is that of
    the fit; residuals and influence are refused, for they belong to the fit in its own weights.

    Attributes
    ----------
    uncalibrated : WeightedLogitResults
        The fit itself.
    """

    _adjective = "Calibrated"
    _superseded = (SCALE_NOTE,)

    def __init__(self, fit: WeightedLogitResults) -> None:
        constant = np.asarray(fit.model.constant_combination, dtype=np.float64)
        self._constant = constant
        super().__init__(
            fit,
            -calibration_shift(fit.weights) * constant,
            moved(fit.covariance, constant, fit),
            moved(fit._evaluate(NONROBUST), constant, fit).matrix,
        )

    def _moved_again(self, fit: WeightedLogitResults) -> WeightedLogitResultsWrapper:
        return calibrated(fit, type(self))

    def _evaluate(self, request: CovarianceRequest) -> Covariance:
        return moved(self._fit._evaluate(request), self._constant, self._fit)

    def _influences(self) -> tuple[CaseRows, ScoreParts, SandwichEstimator]:
        influences, parts, estimator = self._fit._influences()

        def calibrated(rows: slice) -> list[tuple[Array, Array]]:
            found = []
            for number, influence in influences(rows):
                own = influence[:, :-1] + influence[:, -1:] * self._constant
                found.append((number, np.column_stack([own, np.zeros(len(own))])))
            return found

        return calibrated, parts, estimator

    def _check_prevalence(self, prevalence: float | None) -> None:
        """Predictions can be moved to any."""

    def _scale(self, which: str, prevalence: float | None) -> Scale:
        if prevalence is None:
            return super()._scale(which, prevalence)
        # The predictor at the prevalence is x'b + t for the fit, x'b* + (t - s) here.
        target = scale_of(self._fit, "calibrated", prevalence, self._fit._score_parts)
        column = np.array(target.covariance[:, -1])
        if self._fit.covariance.shift is not None:
            crossed, variance = self._fit.covariance.shift[:-1], self._fit.covariance.shift[-1]
            column[:-1] -= crossed + variance * self._constant
            column[-1] += variance
        shift = target.shift + calibration_shift(self._fit.weights)
        return Scale.build(np.asarray(self.params), self.covariance.matrix, shift, column)

    @property
    def _move_is_known(self) -> bool:
        return self._fit.covariance.shift is None

    def _own_note(self) -> str:
        shift = calibration_shift(self._fit.weights)
        return (
            f"Calibrated: log(c1/c0) = {shift:.4g}, which the class weights add to the intercept, "
            "is taken out of it, and its standard error has the sampling error of the class "
            "weights where they come from the sample. The likelihood and its tests are those of "
            "the fit."
        )


def moved(covariance: Covariance, constant: Array, fit: WeightedLogitResults) -> Covariance:
    """The covariance of the coefficients with the constant less ``log(c1 / c0)``.

    Parameters
    ----------
    covariance : Covariance
        Of the fit, with that of the estimated log ratio if it varies.
    constant : ndarray, shape (k,)
        The combination of the coefficients that is the constant.
    fit : WeightedLogitResults
    """
    matrix = covariance.matrix
    if covariance.shift is not None:
        crossed, variance = covariance.shift[:-1], covariance.shift[-1]
        border = np.outer(crossed, constant)
        matrix = matrix + border + border.T + variance * np.outer(constant, constant)
        matrix = (matrix + matrix.T) / 2.0
    elif np.isnan(matrix).any() and fit.weights.factors.estimated:
        # How the class weights vary together with what has no covariance is not known.
        touched = constant != 0.0
        matrix = matrix.copy()
        matrix[touched, :] = matrix[:, touched] = np.nan
    else:
        matrix = matrix.copy()
    return replace(covariance, matrix=matrix, shift=None)


def calibrated(
    fit: WeightedLogitResults, made: type[CalibratedResults] = CalibratedResults
) -> WeightedLogitResultsWrapper:
    """The results of a fit at population scale; the fit itself where it is there already.

    Parameters
    ----------
    fit : WeightedLogitResults
    made : type
        Of the results.

    Raises
    ------
    NotAvailableError
        Without a constant that is free to move, class weights change the slopes too; or after
        ``remove_data``.
    """
    if fit.weights.factors.source not in ("balanced", "mapping"):
        return WeightedLogitResultsWrapper(fit)
    fit._require_cases()
    if not fit.has_free_constant:
        raise NotAvailableError(
            "without a free constant, class weights change the slopes too, and no calibration "
            "takes them out; add a constant, or fit without class weights."
        )
    return WeightedLogitResultsWrapper(made(fit))
