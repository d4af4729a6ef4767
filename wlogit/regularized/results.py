"""Results of a penalised fit: what is right for one, and no more."""

import warnings
from collections.abc import Hashable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from wlogit._statsmodels.summary import Summary
from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.errors import ConvergenceWarning
from wlogit.regularized import summary as summaries
from wlogit.regularized.debiased import DebiasedResults, debias
from wlogit.regularized.fit import PenalizedFit, SolverOptions, fit_penalized
from wlogit.regularized.penalised import PenalisedResults
from wlogit.regularized.selection import refit_selected
from wlogit.reporting.document import SummaryData
from wlogit.views.calibration import CalibrationViews
from wlogit.views.classification import ClassificationViews
from wlogit.views.point_predictions import Predictions


class RegularizedResults(PenalisedResults, Predictions, ClassificationViews, CalibrationViews):
    """Results of ``fit_regularized``.

    No member pretends that the penalty is not there: there are no standard errors, tests or
    intervals. `refit` and `debiased` lead to some.

    Attributes
    ----------
    model : WeightedLogit
    weights : Weights
        Kind, number of cases, effective size and class weights.
    method : {"l1", "elastic_net"}
    alpha : float or ndarray, shape (k,)
        Strength of the penalty, as given.
    L1_wt : float
        Share of the lasso.
    standardize : bool
        Whether columns were penalised per standard deviation.
    converged : bool
    mle_retvals, mle_settings : dict
        How the optimisation went, and what it was asked to do.
    """

    _instead = (
        "Use debiased() for valid ones, or refit=True for a refit of the selection that ignores "
        "the selection."
    )

    def __init__(self, model: Any, fit: PenalizedFit, solver: SolverOptions) -> None:
        super().__init__(model, fit)
        options, optimum = fit.options, fit.optimum
        self.standardize = options.standardize
        self.mle_retvals |= {
            "score": -optimum.gradient / self.weights.total,
            "trimmed": fit.trimmed,
        }
        self.mle_settings = {
            "optimizer": options.method,
            "alpha": options.alpha,
            "start_params": solver.start_params,
            "maxiter": solver.maxiter,
            "disp": solver.disp,
            "callback": solver.callback,
            "tol": solver.tol,
        }
        self._deviance: float | None = None

    # -- the estimate --------------------------------------------------------------------------

    @property
    def params(self) -> Any:
        """Coefficients, exact zeros included; a Series where the columns have names."""
        return self.model.data.wrap_output(self.fit_record.optimum.params.copy(), "columns")

    @property
    def df(self) -> int:
        """Degrees of freedom: for a lasso, the number of coefficients that are not zero.

        References
        ----------
        Zou, Hastie and Tibshirani (2007), Annals of Statistics 35, 2173-2192.
        """
        return self.nnz_params

    @property
    def trimmed(self) -> Any:
        """Which coefficients the trimming rules set to zero; see ``fit_regularized``."""
        trimmed = self.fit_record.trimmed
        names = self._column_names
        return trimmed.copy() if names is None else pd.Series(trimmed, index=names)

    @property
    def deviance(self) -> float:
        """Deviance against the saturated rows, in the weights as given."""
        if self._deviance is None:
            self._deviance = float(np.sum(np.asarray(self.resid_dev) ** 2))
        return self._deviance

    # -- rows ----------------------------------------------------------------------------------

    def _by_row(self, values: Array) -> Any:
        labels = getattr(self.model.data, "row_labels", None)
        return values if labels is None else pd.Series(values, index=labels)

    def _refitted(self, model: Any) -> tuple[Array, bool]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fit = fit_penalized(model, self.fit_record.options, SolverOptions())
        return fit.optimum.params, fit.optimum.converged

    @property
    def _column_names(self) -> list[Hashable] | None:
        return list(self.model.exog_names) if isinstance(self.params, pd.Series) else None

    # -- inference that is right, or says that it is not ---------------------------------------

    def debiased(
        self,
        columns: Any = None,
        cov_type: str | None = None,
        alpha: float = 0.05,
        *,
        cov_kwds: Mapping[str, Any] | None = None,
        start: Literal["strong", "penalized"] = "strong",
    ) -> DebiasedResults:
        """Valid standard errors, tests and intervals, whatever the penalty selected.

        Parameters
        ----------
        columns : list of names or positions, optional
            Which coefficients; by default all. Fewer save time where columns are many.
        cov_type : {"nonrobust", "HC0", "HC1", "HC2", "HC3", "linearized", "cluster"}, optional
            By default "nonrobust" for a true likelihood. Under other weights "HC2" with the exact
            inverse and "HC1" with nodewise lassos, for which no leverages exist; centered within
            class where class weights are computed from the sample. N/(N-k) counts the coefficients
            that are not zero.
        alpha : float
            One minus the level of the intervals.
        cov_kwds : dict, optional
            Keywords of the covariance: see ``WeightedLogitResults.with_covariance``.
        start : {"strong", "penalized"}
            Where the Newton step starts: from the penalised fit after its strong coefficients
            were estimated again without a penalty, or from the penalised fit itself, as in the
            paper, from which the step falls short for strong coefficients.

        Returns
        -------
        DebiasedResults

        Raises
        ------
        NotAvailableError
            For a ridge fit, and for one that did not converge.

        Notes
        -----
        The estimate of ``c'b`` is ``c'b + Theta U(b)``, with the score U of the weighted
        likelihood and a row Theta that approximates ``c'A^-1``, for the information A. With at
        most a fifth as many columns as effective cases the inverse is exact; otherwise Theta
        comes from nodewise lassos with the penalty ``sqrt(log k / n) / 4`` on correlations, n
        being Kish's effective size of the curvatures. Its variance is ``Theta M Theta'``, with
        the sum M of squared scores of the cases, or with A for M under a true likelihood.

        Nodewise lassos give no interval for the intercept: it takes every column from its mean, and
        the errors of many means add up.

        It is valid where few columns matter, beside the many, and alpha is not far from the
        order ``sqrt(log k / n)``: much smaller alphas overfit, much larger ones miss too much.

        References
        ----------
        van de Geer, Buhlmann, Ritov and Dezeure (2014), Annals of Statistics 42, 1166-1202. Xia,
        Nan and Li (2023), Biometrics 79, 344-357, on the exact inverse.
        """
        return debias(self, columns, cov_type, alpha, cov_kwds=cov_kwds, start=start)

    def refit(self, **fit_kwds: Any) -> WeightedLogitResultsWrapper:
        """Maximum likelihood for the selected columns; ignores that they were selected.

        Parameters
        ----------
        **fit_kwds
            Arguments of ``fit``, the covariance included.

        Returns
        -------
        WeightedLogitResults
            Over all columns; those not selected have a coefficient of zero without error. Standard
            errors, tests and intervals are those of a model chosen before the data were seen, and
            too optimistic; the summary says so.
        """
        return refit_selected(self, **fit_kwds)

    # -- words ---------------------------------------------------------------------------------

    def summary(
        self,
        yname: str | None = None,
        xname: list[str] | None = None,
        title: str | None = None,
    ) -> Summary:
        """Summary in statsmodels' layout: coefficients and penalties, no standard errors.

        Parameters
        ----------
        yname, xname, title : optional
            Names to print.

        Returns
        -------
        Summary
            With ``as_text``, ``as_html``, ``as_latex``, ``as_markdown`` and ``as_csv``.
        """
        return summaries.summary(self, yname, xname, title)

    def _document(self) -> SummaryData:
        return summaries.document(self)

    # -- keeping -------------------------------------------------------------------------------

    def remove_data(self) -> None:
        """Drop everything of the length of the data: rows, weights and labels."""
        _ = self.deviance
        super().remove_data()
