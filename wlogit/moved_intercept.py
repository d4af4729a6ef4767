"""The results of a fit with another intercept; what is about the fit itself is that of the fit."""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
from statsmodels.base.model import LikelihoodModelResults

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array, IntArray
from wlogit.core.scores import CaseRows
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.influence import SandwichEstimator
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import NotAvailableError
from wlogit.estimation import mark_constrained
from wlogit.inference import hypotheses
from wlogit.inference.profiled import ProfiledCoefficient
from wlogit.inference.scales import Scale
from wlogit.profiles import ESTIMATED_MOVE
from wlogit.reporting.document import SummaryData
from wlogit.results import WeightedLogitResults
from wlogit.weights.weights import Weights

SCALE_NOTE = "Class weights change the scale of the intercept"


class MovedInterceptResults(WeightedLogitResults, ABC):
    """A fit whose intercept was moved to population scale.

    Parameters
    ----------
    fit : WeightedLogitResults
    move : ndarray, shape (k,)
        What is added to the coefficients.
    covariance : Covariance
        Of the moved coefficients.
    nonrobust : ndarray, shape (k, k)
        Their inverse information.
    """

    # What the title of a summary adds, and how the notes begin that do not hold any more.
    _adjective: ClassVar[str]
    _superseded: ClassVar[tuple[str, ...]]

    def __init__(
        self, fit: WeightedLogitResults, move: Array, covariance: Covariance, nonrobust: Array
    ) -> None:
        record = fit.fit_record
        params = record.params + move
        working = np.asarray(record.design.to_working(params))
        mlefit = LikelihoodModelResults(fit.model, params, nonrobust, scale=1.0)
        mlefit.mle_retvals, mlefit.mle_settings = record.retvals, record.settings
        super().__init__(
            fit.model,
            mlefit,
            replace(record, params=params, working=working),
            covariance,
            fit.log_likelihoods,
            fit.request,
            fit.use_t,
        )
        self.weights = _without_shift(fit.weights)
        self.method = fit.method
        self._fit, self._move = fit, move
        if hasattr(fit, "constraints"):
            mark_constrained(self, fit.constraints, fit.results_constrained)
        for matrix in (mlefit.normalized_cov_params, covariance.matrix):
            matrix.flags.writeable = False

    @abstractmethod
    def _moved_again(self, fit: WeightedLogitResults) -> WeightedLogitResultsWrapper:
        """The fit with another covariance, its intercept moved as this one."""

    @abstractmethod
    def _evaluate(self, request: CovarianceRequest) -> Covariance:
        """Covariance of the moved coefficients."""

    @abstractmethod
    def _influences(self) -> tuple[CaseRows, ScoreParts, SandwichEstimator]:
        """Influence of every case on the moved coefficients."""

    @abstractmethod
    def _check_prevalence(self, prevalence: float | None) -> None:
        """Refuse a prevalence that predictions cannot be moved to."""

    @property
    @abstractmethod
    def _move_is_known(self) -> bool:
        """Whether how far the intercept was moved has no sampling error."""

    @abstractmethod
    def _own_note(self) -> str:
        """What was done to the intercept."""

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
        return self._moved_again(self._fit.with_covariance(cov_type, **keywords)._results)

    def _score_parts(self) -> ScoreParts:
        return self._fit._score_parts()

    def _scale(self, which: str, prevalence: float | None) -> Scale:
        self._check_prevalence(prevalence)
        return Scale.build(np.asarray(self.params), self.covariance.matrix, 0.0, None)

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
        exog, transform, which, offset
            As in ``WeightedLogitResults.predict``.
        prevalence : float, optional
            As there; refused of recalibrated fits, whose prevalence is that of `recalibrate`.

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
        self._check_prevalence(prevalence)
        # The model knows the class weights of the fit only.
        if which == "calibrated" and prevalence is None:
            which = "mean"
        return super().predict(
            exog, transform, which=which, prevalence=prevalence, offset=offset, **unknown
        )

    # -- about the fit, whatever its intercept is ------------------------------------------------

    @property
    def llr_test(self) -> hypotheses.TestResult:
        """That of the fit."""
        return self._fit.llr_test

    def _at_maximum(self) -> Any:
        return self._fit._at_maximum()

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

    def _profiled(self, wanted: IntArray) -> list[ProfiledCoefficient]:
        """Those of the fit, moved; without limits where how far was estimated."""
        touched = np.asarray(self.model.constant_combination) != 0.0
        found = []
        for one, j in zip(self._fit._profiled(wanted), wanted, strict=True):
            if not touched[j]:
                found.append(one)
                continue
            known = self._move_is_known and not np.isnan(self.covariance.matrix[j, j])
            undefined = one.undefined or ("" if known else ESTIMATED_MOVE)
            found.append(one.moved(float(self._move[j]), undefined))
        return found

    @property
    def _is_likelihood(self) -> bool:
        return self._fit._is_likelihood

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
        kept = (note for note in said.notes if not note.startswith(self._superseded))
        title = f"{said.title}, {self._adjective}"
        return replace(said, title=title, notes=(self._own_note(), *kept))

    def _method_notes(self) -> tuple[str, ...]:
        """What was done to the intercept, and to the fit before."""
        return (self._own_note(), *self._fit._method_notes())

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
        self.weights = _without_shift(self._fit.weights)
        self._forget_move()

    def _forget_move(self) -> None:
        """Drop what is kept of the rows that the intercept was moved by."""


def _of_the_fit(what: str, member: str) -> str:
    return (
        f"{what} are of the fit in its own weights, not of the calibrated intercept; use "
        f"uncalibrated.{member}."
    )


def _without_shift(weights: Weights) -> Weights:
    """The weights of a fit whose intercept class weights no longer move."""
    if weights.factors.source not in ("balanced", "mapping"):
        return weights
    return replace(weights, factors=replace(weights.factors, source="calibrated"))
