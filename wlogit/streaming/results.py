"""Results of a streamed fit: those of a fit in memory, without what is known row by row only."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from statsmodels.base.model import LikelihoodModelResults

from wlogit import cautions
from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array, IntArray
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.registry import REFITTED, CovarianceRequest
from wlogit.covariance.sampled import Sampled
from wlogit.covariance.survey import Survey
from wlogit.errors import NotAvailableError
from wlogit.estimation import beside_design
from wlogit.fitting import Fit
from wlogit.inference.goodness import LogLikelihoods
from wlogit.reporting import notes, simulated
from wlogit.reporting.document import SummaryData
from wlogit.reporting.summary import summarize
from wlogit.results import WeightedLogitResults
from wlogit.streaming import nested
from wlogit.streaming.building import NO_ROWS
from wlogit.streaming.chunks import check_groups
from wlogit.streaming.covariance import ALL_ROWS, streamed_covariance
from wlogit.streaming.fit import streamed_null, streamed_saturated
from wlogit.streaming.margins import StreamedMarginalEffects
from wlogit.streaming.prediction import Predict, predict_to_parquet
from wlogit.streaming.survey import streamed_survey
from wlogit.views.fitted import optimum_of

_NOTES = (
    notes.trouble,
    notes.outcome,
    notes.weight_kinds,
    notes.covariance_in_use,
    notes.intercept,
    simulated.few_cases,
    simulated.few_clusters_streamed,
    simulated.few_units,
    notes.rows,
)


class StreamedLogitResults(WeightedLogitResults):
    """Results of a streamed weighted logit.

    Every member of `WeightedLogitResults` that needs coefficients, their covariance and sums over
    cases is here, and means the same; another covariance reads the rows again. What is known row
    by row only raises NotAvailableError, which says how to get it.
    """

    def __init__(
        self,
        model: Any,
        mlefit: LikelihoodModelResults,
        fit: Fit,
        covariance: Covariance,
        log_likelihoods: LogLikelihoods,
        request: CovarianceRequest,
        use_t: bool | None,
    ) -> None:
        # Past DiscreteResults.__init__, which counts rows in memory.
        self.model, self.method = model, "MLE"
        self._cache: dict[str, Any] = {}
        self.__dict__.update(mlefit.__dict__)
        self._hold(fit, covariance, log_likelihoods, request, use_t=bool(use_t))
        self._separation_etext = []

    _effects = StreamedMarginalEffects

    def _require_cases(self) -> None:
        self.model.runner()

    def _evaluate(self, request: CovarianceRequest) -> Covariance:
        return evaluate(self.model, self.fit_record, request)

    def _score_parts(self) -> ScoreParts:
        raise NotAvailableError(NO_ROWS)

    def _hypothesis_of(self, other: Any) -> tuple[Array, Array]:
        return nested.hypothesis_of(self, other)

    def _value_without(self, columns: IntArray) -> float:
        return nested.value_without(self, columns)

    def _without(self, columns: IntArray) -> Any:
        return nested.without_columns(self, columns)

    def _rebuilt(
        self, covariance: Covariance, request: CovarianceRequest, use_t: bool | None
    ) -> WeightedLogitResultsWrapper:
        cautions.warn_about(self.model, covariance)
        likelihoods = self.log_likelihoods
        return put_together(self.model, self.fit_record, covariance, request, use_t, likelihoods)

    def _document(self) -> SummaryData:
        return summarize(self, lambda fit: notes.sentences(fit, _NOTES))

    def predict_to_parquet(
        self,
        path: Any,
        source: Any = None,
        *,
        which: str | None = None,
        prevalence: float | None = None,
        keep: Any = (),
        chunk_rows: int | None = None,
    ) -> int:
        """Predict for every row of a source, in chunks, into a Parquet file.

        Parameters
        ----------
        path : str or path
            The file to write; one that is there is replaced. Where the rows are read by dask, a
            new folder, in which the workers write a file for each part of the rows.
        source : optional
            New rows, as `StreamedLogit.from_formula` takes them; by default those of the fit.
        which : {"mean", "linear", "calibrated", "var"}, optional
            Scale, as in `predict`.
        prevalence : float, optional
            As in `predict`.
        keep : sequence of str
            Columns of the source that are written beside the predictions.
        chunk_rows : int, optional
            Rows in memory at a time.

        Returns
        -------
        int
            Number of rows written: every row of the source, in its order. The prediction, in the
            column "predicted", is missing where a variable is.

        Examples
        --------
        >>> from wlogit.datasets import load_mid
        >>> from wlogit.streaming import StreamedLogit
        >>> results = StreamedLogit.from_formula(
        ...     "conflict ~ contig + years", lambda: [load_mid()]).fit(disp=False)
        >>> results.predict_to_parquet("p.parquet", keep=["conflict"])  # doctest: +SKIP
        3126
        """
        kept = [keep] if isinstance(keep, str) else list(keep)
        return predict_to_parquet(Predict(self, which, prevalence, kept), path, source, chunk_rows)

    def remove_data(self) -> None:
        """Forget the source and the sample of its rows; other covariances are then refused."""
        self._document()
        self.model.forget_source()


def evaluate(model: Any, fit: Fit, request: CovarianceRequest) -> Covariance:
    """The covariance asked for, from sums over chunks; NaN where the fit allows no inference."""
    if request.cov_type in REFITTED:
        raise NotAvailableError(ALL_ROWS)
    names = group_columns(request.groups)
    check_groups(model.site.columns, names)
    runner = model.runner(names, units=request.cov_type == "survey")
    sizes = {name: len(runner.reader.groups[name]) for name in names}
    parts = ScoreParts.at(fit.design, fit.working, None, model.weights, fit.root, fit.n_free)
    empty = tuple(np.zeros(0, dtype=np.intp) for _ in names)
    estimator = request.estimator(model.weights, Sampled(empty, model.design))
    if isinstance(estimator, Survey):
        covariance = streamed_survey(estimator, parts, runner)
    else:
        covariance, saturated = streamed_covariance(estimator, parts, runner, sizes)
        if saturated:
            model.rows = replace(model.rows, named=saturated)
    matrix = fit.valid_part(covariance.matrix)
    shift = covariance.shift if matrix is covariance.matrix else None
    description = covariance.description + beside_design(model, request)
    return replace(covariance, matrix=matrix, shift=shift, description=description)


def group_columns(groups: Any) -> tuple[Any, ...]:
    """The columns of clusters of a request; whatever is no name is refused later."""
    if groups is None:
        return ()
    return tuple(groups) if isinstance(groups, list | tuple) else (groups,)


def build_streamed_results(
    model: Any,
    fit: Fit,
    cov_type: str | None,
    cov_kwds: Mapping[str, Any] | None,
    use_t: bool | None,
) -> WeightedLogitResultsWrapper:
    """Results of a streamed fit with the covariance asked for."""
    if model.groups and cov_type in (None, "cluster"):
        cov_type, cov_kwds = "cluster", {"groups": list(model.groups), **(cov_kwds or {})}
    request = CovarianceRequest.read(cov_type, cov_kwds, model.weights, model.design)
    covariance = evaluate(model, fit, request)
    cautions.warn_about(model, covariance)
    weights = model.weights
    likelihoods = LogLikelihoods(
        fit.llf, streamed_null(model), weights.nobs, weights.total, streamed_saturated(model)
    )
    return put_together(
        model, fit, covariance, request, request.use_t if use_t is None else use_t, likelihoods
    )


def put_together(
    model: Any,
    fit: Fit,
    covariance: Covariance,
    request: CovarianceRequest,
    use_t: bool | None,
    likelihoods: LogLikelihoods,
) -> WeightedLogitResultsWrapper:
    """A fit and its covariance as wrapped results."""
    mlefit = optimum_of(model, fit, fit.model_covariance, covariance)
    results = StreamedLogitResults(model, mlefit, fit, covariance, likelihoods, request, use_t)
    return WeightedLogitResultsWrapper(results)
