"""The results of a fit with its intercept at population scale."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from statsmodels.base.model import LikelihoodModelResults

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.core.scores import CaseRows
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.influence import SandwichEstimator
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import NotAvailableError
from wlogit.estimation import mark_constrained
from wlogit.inference import hypotheses
from wlogit.inference.prediction import calibration_shift
from wlogit.inference.scales import Scale
from wlogit.reporting.document import SummaryData
from wlogit.results import WeightedLogitResults
from wlogit.scales import scale_of
from wlogit.weights.weights import Weights

# How the note on the intercept that was moved begins; it does not hold any more.
MOVED = "Class weights change the scale of the intercept"


class CalibratedResults(WeightedLogitResults):
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

    def __init__(self, fit: WeightedLogitResults) -> None:
        constant = np.asarray(fit.model.constant_combination, dtype=np.float64)
        shift = calibration_shift(fit.weights)
        record = fit.fit_record
        params = record.params - shift * constant
        covariance = moved(fit.covariance, constant, fit)
        inverse = moved(fit._evaluate(NONROBUST), constant, fit).matrix
        mlefit = LikelihoodModelResults(fit.model, params, inverse, scale=1.0)
        mlefit.mle_retvals, mlefit.mle_settings = record.retvals, record.settings
        super().__init__(
            fit.model,
            mlefit,
            replace(record, params=params, working=record.design.to_working(params)),
            covariance,
            fit.log_likelihoods,
            fit.request,
            fit.use_t,
        )
        self.weights = without_shift(fit.weights)
        self.method = fit.method
        self._fit, self._constant = fit, constant
        if hasattr(fit, "constraints"):
            mark_constrained(self, fit.constraints, fit.results_constrained)
        for matrix in (mlefit.normalized_cov_params, covariance.matrix):
            matrix.flags.writeable = False

    @property
    def uncalibrated(self) -> WeightedLogitResultsWrapper:
        """The fit itself, with the intercept that its class weights gave it."""
        return WeightedLogitResultsWrapper(self._fit)

    def calibrated(self) -> WeightedLogitResultsWrapper:
        """These results: they are calibrated.

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> model = WeightedLogit([0, 0, 1, 0, 0, 1], design, class_weight={0: 1, 1: 2})
        >>> results = model.fit(disp=False).calibrated()
        >>> bool((results.calibrated().params == results.params).all())
        True
        """
        return WeightedLogitResultsWrapper(self)

    # -- the covariance ----------------------------------------------------------------------------

    def with_covariance(
        self, cov_type: str | None = None, **keywords: Any
    ) -> WeightedLogitResultsWrapper:
        """The same with another covariance, without refitting.

        Parameters
        ----------
        cov_type : str, optional
        **keywords
            As in ``WeightedLogitResults.with_covariance``.

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> model = WeightedLogit([0, 0, 1, 0, 0, 1], design, class_weight={0: 1, 1: 2})
        >>> results = model.fit(disp=False).calibrated()
        >>> results.with_covariance("HC1").cov_type
        'HC1'
        """
        fit: WeightedLogitResults = self._fit.with_covariance(cov_type, **keywords)._results
        return calibrated(fit)

    def _evaluate(self, request: CovarianceRequest) -> Covariance:
        return moved(self._fit._evaluate(request), self._constant, self._fit)

    def _score_parts(self) -> ScoreParts:
        return self._fit._score_parts()

    def _influences(self) -> tuple[CaseRows, ScoreParts, SandwichEstimator]:
        influences, parts, estimator = self._fit._influences()

        def calibrated(rows: slice) -> list[tuple[Array, Array]]:
            found = []
            for number, influence in influences(rows):
                own = influence[:, :-1] + influence[:, -1:] * self._constant
                found.append((number, np.column_stack([own, np.zeros(len(own))])))
            return found

        return calibrated, parts, estimator

    def _scale(self, which: str, prevalence: float | None) -> Scale:
        params, covariance = np.asarray(self.params), self.covariance
        if prevalence is None:
            return Scale.build(params, covariance.matrix, 0.0, None)
        # The predictor at the prevalence is x'b + t for the fit, x'b* + (t - s) here.
        target = scale_of(self._fit, "calibrated", prevalence, self._fit._score_parts)
        column = np.array(target.covariance[:, -1])
        if self._fit.covariance.shift is not None:
            crossed, variance = self._fit.covariance.shift[:-1], self._fit.covariance.shift[-1]
            column[:-1] -= crossed + variance * self._constant
            column[-1] += variance
        shift = target.shift + calibration_shift(self._fit.weights)
        return Scale.build(params, covariance.matrix, shift, column)

    def predict(
        self,
        exog: Any = None,
        transform: bool = True,
        *,
        which: Literal["mean", "linear", "calibrated", "var"] | None = None,
        prevalence: float | None = None,
        offset: Any = None,
        **unknown: Any,
    ) -> Any:
        """Predict at population scale: "mean" and "calibrated" are the same here.

        Parameters
        ----------
        exog, transform, which, prevalence, offset
            As in ``WeightedLogitResults.predict``.

        Returns
        -------
        ndarray or Series

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> model = WeightedLogit([0, 0, 1, 0, 0, 1], design, class_weight={0: 1, 1: 2})
        >>> results = model.fit(disp=False)
        >>> bool(results.calibrated().predict()[0] == results.predict(which="calibrated")[0])
        True
        """
        if which == "calibrated" and prevalence is None:
            which = "mean"
        return super().predict(
            exog, transform, which=which, prevalence=prevalence, offset=offset, **unknown
        )

    # -- about the fit, whatever its intercept is called ---------------------------------------

    @property
    def llr_test(self) -> hypotheses.TestResult:
        """That of the fit."""
        return self._fit.llr_test

    @property
    def llr(self) -> float:
        """That of the fit."""
        return self._fit.llr

    @property
    def im_ratio(self) -> Array:
        """That of the fit."""
        return self._fit.im_ratio

    @property
    def maximized(self) -> bool:
        """Whether the log-likelihood of the fit is its maximum."""
        return self._fit.maximized

    def info_criteria(self, crit: str, dk_params: float = 0) -> Any:
        """Those of the fit.

        Parameters
        ----------
        crit, dk_params
            As in ``WeightedLogitResults.info_criteria``.

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> model = WeightedLogit([0, 0, 1, 0, 0, 1], design, class_weight={0: 1, 1: 2})
        >>> results = model.fit(disp=False)
        >>> results.calibrated().info_criteria("bic") == results.info_criteria("bic")
        True
        """
        return self._fit.info_criteria(crit, dk_params)

    def weighting_test(self) -> Any:
        """That of the fit; slopes are the same."""
        return self._fit.weighting_test()

    def weighting_report(self) -> Any:
        """That of the fit; slopes are the same."""
        return self._fit.weighting_report()

    def sensitivity(self, *args: Any, **keywords: Any) -> Any:
        """That of the fit.

        Parameters
        ----------
        *args, **keywords
            As in ``WeightedLogitResults.sensitivity``.
        """
        return self._fit.sensitivity(*args, **keywords)

    def score_test(self, *args: Any, **keywords: Any) -> hypotheses.ScoreTest:
        """That of the fit: what is tested does not concern the intercept.

        Parameters
        ----------
        *args, **keywords
            As in ``WeightedLogitResults.score_test``.
        """
        return self._fit.score_test(*args, **keywords)

    # -- refused -----------------------------------------------------------------------------------

    def get_influence(self, unit: Literal["row", "case"] = "row") -> Any:
        """Refuse: influence is of the fit in its own weights.

        Parameters
        ----------
        unit : {"row", "case"}
        """
        raise NotAvailableError(_of_the_fit("influence measures", "get_influence()"))

    @property
    def resid_response(self) -> Array:
        """Refused: residuals are of the fit in its own weights."""
        raise NotAvailableError(_of_the_fit("residuals", "resid_response"))

    @property
    def resid_pearson(self) -> Array:
        """Refused: residuals are of the fit in its own weights."""
        raise NotAvailableError(_of_the_fit("residuals", "resid_pearson"))

    @property
    def resid_dev(self) -> Array:
        """Refused: residuals are of the fit in its own weights."""
        raise NotAvailableError(_of_the_fit("residuals", "resid_dev"))

    # -- words and data ----------------------------------------------------------------------------

    def _document(self) -> SummaryData:
        said = self._fit._document()
        shift = calibration_shift(self._fit.weights)
        own = (
            f"Calibrated: log(c1/c0) = {shift:.4g}, which the class weights add to the intercept, "
            "is taken out of it, and its standard error has the sampling error of the class "
            "weights where they come from the sample. The likelihood and its tests are those of "
            "the fit."
        )
        notes = (own, *(note for note in said.notes if not note.startswith(MOVED)))
        return replace(said, title=f"{said.title}, Calibrated", notes=notes)

    def _method_notes(self) -> tuple[str, ...]:
        """What was done to the intercept, and to the fit before."""
        return (*self._document().notes[:1], *self._fit._method_notes())

    @property
    def _covariance_holds(self) -> bool:
        return self._fit._covariance_holds

    def remove_data(self) -> None:
        """Drop everything of the length of the data, of the fit as well.

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> model = WeightedLogit([0, 0, 1, 0, 0, 1], design, class_weight={0: 1, 1: 2})
        >>> results = model.fit(disp=False).calibrated()
        >>> results.remove_data()
        >>> results.predict([[1, 2]]).round(2)
        array([0.24])
        """
        self._fit.remove_data()
        super().remove_data()
        self.weights = without_shift(self._fit.weights)


NONROBUST = CovarianceRequest("nonrobust", {})


def _of_the_fit(what: str, member: str) -> str:
    return (
        f"{what} are of the fit in its own weights, not of the calibrated intercept; use "
        f"uncalibrated.{member}."
    )


def without_shift(weights: Weights) -> Weights:
    """The weights of a fit whose intercept they no longer move."""
    return replace(weights, factors=replace(weights.factors, source="calibrated"))


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


def calibrated(fit: WeightedLogitResults) -> WeightedLogitResultsWrapper:
    """The results of a fit at population scale; the fit itself where it is there already.

    Parameters
    ----------
    fit : WeightedLogitResults

    Raises
    ------
    NotAvailableError
        Without a constant that is free to move, class weights change the slopes too; or after
        ``remove_data``.
    """
    if fit.weights.factors.source not in ("balanced", "mapping"):
        return WeightedLogitResultsWrapper(fit)
    fit.model.require_data()
    if not fit.has_free_constant:
        raise NotAvailableError(
            "without a free constant, class weights change the slopes too, and no calibration "
            "takes them out; add a constant, or fit without class weights."
        )
    return WeightedLogitResultsWrapper(CalibratedResults(fit))
