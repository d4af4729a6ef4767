"""The results of a fit with its intercept solved anew for the mean of its predictions."""

from dataclasses import replace
from typing import Any, cast

import numpy as np

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.core.scores import CaseRows
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.influence import SandwichEstimator, influence_covariance
from wlogit.covariance.registry import CovarianceRequest
from wlogit.covariance.replicates import ReplicateEstimates
from wlogit.covariance.replication import Replicated
from wlogit.errors import NotAvailableError
from wlogit.estimation import estimator_of
from wlogit.evaluation import case_sampling
from wlogit.inference.prediction import calibration_shift
from wlogit.inference.recalibration import MeanEquation, recalibrated_influences, solve_shift
from wlogit.moved_intercept import SCALE_NOTE, MovedInterceptResults
from wlogit.results import WeightedLogitResults
from wlogit.scales import influences_of
from wlogit.weights.weights import Weights

CALIBRATED_NOTE = "Calibrated probabilities are"
# A shift below is the rounding of an intercept that solves the equation already.
_SOLVED = 1e-8


class RecalibratedResults(MovedInterceptResults):
    """A fit whose intercept makes the mean prediction the share of events, or a prevalence.

    Coefficients, their covariance, predictions and effects are of that intercept. What is about
    the fit itself (its log-likelihood, criteria, tests by the likelihood) is that of the fit.

    Attributes
    ----------
    uncalibrated : WeightedLogitResults
        The fit itself.
    target : float
        The mean prediction, by mass.
    shift : float
        What was added to the calibrated linear predictor.

    Examples
    --------
    >>> from wlogit import WeightedLogit
    >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
    >>> model = WeightedLogit([0, 0, 1, 0, 0, 1], design, class_weight={0: 1, 1: 2})
    >>> results = model.fit(disp=False).recalibrate(0.2)
    >>> print(f"{results.predict().mean():.3f}")
    0.200
    >>> results.with_covariance("HC1").cov_type
    'HC1'
    """

    _adjective = "Recalibrated"
    _superseded = (SCALE_NOTE, CALIBRATED_NOTE)

    def __init__(self, fit: WeightedLogitResults, prevalence: float | None) -> None:
        solution = _Solution(fit, prevalence)
        move = solution.move * solution.constant
        super().__init__(fit, move, solution.covariance(), solution.nonrobust())
        self.target, self.shift = solution.target, solution.shift
        self._prevalence = prevalence
        self._solution: _Solution | None = solution

    def _moved_again(self, fit: WeightedLogitResults) -> WeightedLogitResultsWrapper:
        return recalibrated(fit, self._prevalence)

    def _evaluate(self, request: CovarianceRequest) -> Covariance:
        other = self._fit.with_covariance(request.cov_type, **request.keywords)
        return _Solution(other._results, self._prevalence).covariance()

    def _influences(self) -> tuple[CaseRows, ScoreParts, SandwichEstimator]:
        if self._solution is None:
            raise NotAvailableError("the data of this fit were removed (remove_data).")
        return self._solution.influences()

    def _check_prevalence(self, prevalence: float | None) -> None:
        if prevalence is not None:
            raise NotAvailableError(
                "recalibrated predictions have their prevalence; use recalibrate(prevalence=...) "
                "of the fit for another one."
            )

    @property
    def _recalibrated_to(self) -> float | None:
        return self.target

    def _refitted(self, _model: Any) -> tuple[Array, bool]:
        raise NotAvailableError(
            "cv= refits without a new intercept; evaluate new data, or cross-validate uncalibrated."
        )

    @property
    def _move_is_known(self) -> bool:
        return False

    def _own_note(self) -> str:
        what = "the share of events" if self._prevalence is None else "the prevalence"
        return (
            f"Recalibrated: {self.shift:.4g} is added to the calibrated intercept, so that the "
            f"mean prediction is {what}, {self.target:.4g}; its standard error has the sampling "
            "error of that mean. The likelihood and its tests are those of the fit."
        )

    def _forget_move(self) -> None:
        self._solution = None


class _Solution:
    """The intercept that solves the mean equation of a fit, and its sampling error."""

    def __init__(self, fit: WeightedLogitResults, prevalence: float | None) -> None:
        self.fit, self.prevalence = fit, prevalence
        self.constant = np.asarray(fit.model.constant_combination, dtype=np.float64)
        weights = fit.weights
        eta = np.asarray(fit.fittedvalues)
        mass = np.sum([np.broadcast_to(g, eta.shape) for g in weights.averaging_mass], axis=0)
        self.target = _share(weights) if prevalence is None else float(prevalence)
        self.move = solve_shift(eta, mass, self.target)
        # The class weights' own shift is part of the move.
        self.shift = self.move + calibration_shift(weights)
        probability = likelihood.expit(eta + self.move)
        self.equation = MeanEquation(weights, probability, prevalence, case_sampling(fit).centering)

    @property
    def solved(self) -> bool:
        """Whether the fit solves the equation by itself, as unweighted maximum likelihood does."""
        own = self.prevalence is None and self.fit.weights.likelihood
        return own and not hasattr(self.fit, "bias_reduction") and abs(self.move) < _SOLVED

    def influences(self) -> tuple[CaseRows, ScoreParts, SandwichEstimator]:
        """Of every case on the coefficients with the new constant."""
        coefficients, parts, estimator = influences_of(self.fit)
        design = np.asarray(self.fit.model.exog, dtype=np.float64)
        found = recalibrated_influences(self.equation, coefficients, self.constant, design)
        return found, parts, estimator

    def covariance(self) -> Covariance:
        """Of the coefficients with the new constant, by the covariance in use."""
        given = self.fit.covariance
        if self.solved:
            return replace(given, matrix=np.array(given.matrix), shift=None)
        if given.replicates is not None:
            return self._of_replicates(given, given.replicates)
        influences, parts, estimator = self.influences()
        matrix = influence_covariance(influences, parts, estimator)[:-1, :-1]
        description = f"{given.description}, with the sampling error of the mean prediction"
        return replace(given, matrix=np.array(matrix), description=description, shift=None)

    def _of_replicates(self, given: Covariance, estimates: ReplicateEstimates) -> Covariance:
        """Of the coefficients whose constant solves the equation of each replicate."""
        fit, params = self.fit, estimates.params.copy()
        estimator = cast(Replicated, estimator_of(fit.model, fit.request, fit.weights))
        design, offset = (
            np.asarray(fit.model.exog, dtype=np.float64),
            getattr(fit.model, "offset", None),
        )
        for r, weights in estimator.weights_of_each(fit.weights, estimates):
            eta = design @ params[r] if offset is None else design @ params[r] + offset
            params[r] += _move_in(weights, eta, self.prevalence) * self.constant
        center = np.asarray(fit.params) + self.move * self.constant
        description = f"{given.description}, with the constant solved in each"
        return replace(
            given,
            matrix=fit.fit_record.valid_part(estimator.spread(params, center)),
            description=description,
            shift=None,
            replicates=replace(estimates, params=params),
        )

    def nonrobust(self) -> Array:
        """The inverse information of the fit, with the constant following the slopes."""
        inverse = np.array(self.fit.cov_nonrobust)
        if self.solved:
            return inverse
        slope = self.equation.slope
        direction = slope @ np.asarray(self.fit.model.exog, dtype=np.float64) / slope.sum()
        turn = np.eye(len(inverse)) - np.outer(self.constant, direction)
        return np.asarray(turn @ inverse @ turn.T)


def _move_in(weights: Weights, eta: Array, prevalence: float | None) -> float:
    """What solves the equation in one replicate; without a prevalence for its own outcomes."""
    masses = [np.broadcast_to(g, eta.shape) for g in weights.averaging_mass]
    mass = np.sum(masses, axis=0)
    if prevalence is None:
        outcomes = [
            sort.response if weights.factors.source == "prevalence" else sort.outcome
            for sort in weights.cases
        ]
        events = [float(np.sum(g * y)) for g, y in zip(masses, outcomes, strict=True)]
        prevalence = sum(events) / float(mass.sum())
    return solve_shift(eta, mass, prevalence)


def _share(weights: Weights) -> float:
    known = weights.factors.prevalence
    if known is not None:
        return known
    w0, w1 = weights.totals.class_masses
    return w1 / (w0 + w1)


def recalibrated(
    fit: WeightedLogitResults, prevalence: float | None = None
) -> WeightedLogitResultsWrapper:
    """The results of a fit with its intercept solved anew.

    Parameters
    ----------
    fit : WeightedLogitResults
    prevalence : float, optional
        The mean prediction; by default the share of events.

    Raises
    ------
    ValueError
        A prevalence outside (0, 1).
    NotAvailableError
        Fits without a constant that is free to move, not converged, or without data.
    """
    if prevalence is not None and not 0.0 < prevalence < 1.0:
        raise ValueError(f"prevalence={prevalence!r} must lie between 0 and 1.")
    if isinstance(fit, MovedInterceptResults):
        return recalibrated(fit.uncalibrated._results, prevalence)
    fit.model.require_data()
    constant = fit.model.constant_combination
    fixed = hasattr(fit, "constraints") and constant is not None
    if constant is None or (fixed and np.any(np.abs(fit.constraints.coefs @ constant) > 1e-10)):
        raise NotAvailableError(
            "recalibration moves the constant, and this fit has none that is free to move; add a "
            "constant to the model."
        )
    if not fit.converged:
        raise NotAvailableError(
            "the fit did not converge, so that no intercept makes its predictions right; "
            "recalibrate a converged fit, a bias-reduced one for instance."
        )
    if fit.request.cov_type == "nonrobust" and not _Solution(fit, prevalence).solved:
        # Without a sandwich there is no sampling error of the mean.
        fit = fit.with_covariance("HC0")._results
    return WeightedLogitResultsWrapper(RecalibratedResults(fit, prevalence))
