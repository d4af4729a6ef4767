"""statsmodels' influence measures on weighted rows or on single cases."""

from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.outliers_influence import MLEInfluence

from wlogit import estimation
from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.core.rowblocks import quadratic_forms, weighted_gram
from wlogit.errors import NotAvailableError
from wlogit.exog import require_small
from wlogit.inference import residuals
from wlogit.inference.influence import Deletion, deletion
from wlogit.inference.printed import Printed, beginning


class Influence(Printed, MLEInfluence):  # type: ignore[misc]
    """Influence of each row, or of one case of each row, by one-step deletion.

    ``dfbetas``, Cook's distance and ``dffits_internal`` compare changes with the curvature of the
    likelihood, whatever covariance is in use; class weights are held fixed. Members and figures
    are those of statsmodels' `MLEInfluence`, one entry for each row; `summary_frame` has them by
    the labels of the rows and the names of the coefficients.

    References
    ----------
    Pregibon (1981), Annals of Statistics 9, 705-724.
    """

    def __init__(self, results: Any, unit: Literal["row", "case"]) -> None:
        model, weights = results.model, results.weights
        self.unit = unit
        self.eta = np.asarray(estimation.linear_predictor(model, results.fit_record))
        self.response = weights.row_response
        self.weight = weights.row_weight if unit == "row" else weights.cases[0].importance
        everywhere = np.broadcast_to(self.weight, self.eta.shape)
        pearson = residuals.pearson_residuals(self.eta, self.response, everywhere)
        super().__init__(results, resid=pearson)
        self.score_obs: Array = self._units_of(results.model.score_obs(results.params))

    def __str__(self) -> str:
        """The first rows of `summary_frame`."""
        return f"Influence of each {self.unit}\n{beginning(self.summary_frame())}"

    def summary_frame(self) -> pd.DataFrame:
        """The measures by the labels of the rows.

        Returns
        -------
        DataFrame
            Columns "dfb_" and the name of each coefficient, "cooks_d", "standard_resid",
            "hat_diag" and "dffits_internal".
        """
        data = self.results.model.data
        measures = {
            "cooks_d": self.cooks_distance[0],
            "standard_resid": self.resid_studentized,
            "hat_diag": self.hat_matrix_diag,
            "dffits_internal": self.d_fittedvalues_scaled,
        }
        # Names of columns need not be strings.
        names = [f"dfb_{name}" for name in data.xnames]
        dfbetas = pd.DataFrame(self.dfbetas, columns=names, index=data.row_labels)
        return dfbetas.join(pd.DataFrame(measures, index=data.row_labels))

    def _units_of(self, of_rows: Array) -> Array:
        """Row-wise sums, per unit."""
        if self.unit == "row":
            return of_rows
        multiplicity = self.results.weights.cases[0].multiplicity
        if not multiplicity.ndim:
            return of_rows / float(multiplicity)
        share = np.divide(
            1.0, multiplicity, out=np.zeros_like(multiplicity), where=multiplicity > 0
        )
        return np.asarray(of_rows * share.reshape(-1, *[1] * (of_rows.ndim - 1)))

    @cached_property
    def _deletion(self) -> Deletion:
        record = self.results.fit_record
        return deletion(record.design, record.root, self.eta, self.response, self.weight)

    @property
    def hat_matrix_diag(self) -> Array:
        """Leverage ``w p q x' A^-1 x``; over rows it sums to k; shape (n,)."""
        return self._deletion.leverage

    @cached_property
    def hat_matrix_exog_diag(self) -> Array:
        """Leverage in the design alone, ``w x' (X'WX)^-1 x``; shape (n,)."""
        matrix = self.results.fit_record.design
        weight = np.broadcast_to(self.results.weights.row_weight, self.eta.shape)
        form = np.asarray(np.linalg.pinv(weighted_gram(matrix, weight)), dtype=np.float64)
        return np.asarray(self.weight * quadratic_forms(matrix, form))

    @property
    def d_params(self) -> Array:
        """Coefficients less those without the unit; shape (n, k)."""
        return self._deletion.change

    @cached_property
    def dfbetas(self) -> Array:
        """`d_params` over the model-based standard errors; shape (n, k)."""
        return np.asarray(self.d_params / np.sqrt(np.diag(self.results.cov_nonrobust)))

    @cached_property
    def cooks_distance(self) -> tuple[Array, Array]:
        """Cook's distance and its p-value in the F distribution; shape (n,) each.

        Under a pseudo-likelihood the distance has the unit of the weights, and p-values are NaN.
        """
        distance = self._deletion.distance / self.k_params
        if not self.results.weights.likelihood:
            return distance, np.full_like(distance, np.nan)
        return distance, stats.f.sf(distance, self.k_params, self.results.df_resid)

    @cached_property
    def resid_studentized(self) -> Array:
        """Pearson residuals over ``sqrt(1 - h)``; NaN where the leverage is one; shape (n,)."""
        return np.asarray(self.resid / self._spread)

    @cached_property
    def resid_deviance_studentized(self) -> Array:
        """Deviance residuals over ``sqrt(1 - h)``, R's ``rstandard``; NaN for h = 1; shape (n,)."""
        return np.asarray(self._deviance / self._spread)

    @cached_property
    def resid_likelihood(self) -> Array:
        """Signed root of what the unit adds to the deviance, R's ``rstudent``; shape (n,).

        ``sign(r - p) sqrt(d^2 + h e^2 / (1 - h))`` of the deviance residual d and the Pearson
        residual e; NaN for h = 1.

        References
        ----------
        Williams (1987), Applied Statistics 36, 181-191.
        """
        added = self.hat_matrix_diag * self.resid_studentized**2
        return np.asarray(np.sign(self._deviance) * np.sqrt(self._deviance**2 + added))

    @cached_property
    def _spread(self) -> Array:
        """``sqrt(1 - h)``, NaN where the leverage is one."""
        rest = 1.0 - self.hat_matrix_diag
        return np.sqrt(np.where(rest > 1e-12, rest, np.nan))

    @cached_property
    def _deviance(self) -> Array:
        everywhere = np.broadcast_to(self.weight, self.eta.shape)
        return residuals.deviance_residuals(self.eta, self.response, everywhere)

    def resid_score_factor(self) -> Array:
        """The same as `resid_studentized` for a logit; shape (n,)."""
        return self.resid_studentized

    def resid_score(self, joint: bool = True, index: Any = None, studentize: bool = False) -> Array:
        """Scores of the units over the information.

        Parameters
        ----------
        joint : bool
            One quadratic form for each unit; else one number for each coefficient.
        index : array_like of int, optional
            Which coefficients.
        studentize : bool
            Divide by ``sqrt(1 - h)``.

        Returns
        -------
        ndarray, shape (n,) or (n, k)
        """
        chosen = np.arange(self.k_params) if index is None else np.asarray(index)
        score, information = self.score_obs[:, chosen], -self.hessian[np.ix_(chosen, chosen)]
        root = np.sqrt(1.0 - self.hat_matrix_diag) if studentize else np.ones(len(score))
        if joint:
            return np.asarray((score * np.linalg.solve(information, score.T).T).sum(axis=1) / root)
        return np.asarray(score / np.sqrt(np.diag(information)) / root[:, np.newaxis])

    @cached_property
    def d_fittedvalues(self) -> Array:
        """Change of the probability of the row itself; shape (n,)."""
        slope = likelihood.curvature(self.eta)
        return np.asarray(slope * (self.exog * self.d_params).sum(axis=1))

    @property
    def d_fittedvalues_scaled(self) -> Array:
        """`d_fittedvalues` over their model-based standard errors; shape (n,).

        ``change x'b / sqrt(x' A^-1 x)``, whose squares are k times Cook's distances.
        """
        change = self._deletion
        return np.asarray(np.sign(self.resid) * np.sqrt(change.distance))


def get_influence(results: Any, unit: Literal["row", "case"]) -> Influence:
    """Influence measures of a fit.

    Raises
    ------
    NotAvailableError
        For constrained and separated fits, and for single cases of rows of counts.
    """
    results.model.require_data()
    require_small(results.model.exog)
    if hasattr(results, "constraints"):
        raise NotAvailableError("influence measures are not available for constrained fits.")
    if not np.all(np.isfinite(results.cov_nonrobust)):
        raise NotAvailableError(
            "influence measures need a fit that has converged to finite coefficients."
        )
    if unit == "case" and len(results.weights.cases) > 1:
        raise NotAvailableError(
            'a row of counts holds two sorts of cases; use unit="row", or give one row to each.'
        )
    return Influence(results, unit)
