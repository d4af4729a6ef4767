"""The hooks of statsmodels' multinomial model, in the weights as given."""

from typing import Any

import numpy as np
from statsmodels.base.model import Model
from statsmodels.discrete.discrete_model import MultinomialModel

from wlogit._statsmodels.hooks import ModelHooks
from wlogit._typing import Array, IntArray
from wlogit.core import softmax
from wlogit.core.linalg import Rank
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.softmax_objective import MultinomialObjective
from wlogit.errors import NotAvailableError
from wlogit.keywords import check_choice
from wlogit.weights.multinomial import MultinomialWeights

SCALES = ("mean", "linear", "calibrated", "var")


class MultinomialLikelihood(ModelHooks, MultinomialModel):  # type: ignore[misc]
    """A multinomial model whose likelihood, score and Hessian carry the weights.

    Subclasses MultinomialModel, not MNLogit: a hook that is forgotten then raises instead of
    returning an unweighted number.
    """

    outcome_kind = "labels"
    _continuous_ok = False
    _formula_max_endog = None
    weights: MultinomialWeights
    rank: Rank
    matrix: ModelMatrix
    endog: Any
    _data_attr: list[str]

    def _handle_data(
        self, endog: Any, exog: Any, missing: str, hasconst: bool | None, **kwargs: Any
    ) -> Any:
        # statsmodels would turn the codes into an indicator for each label, n x J floats.
        data = Model._handle_data(self, endog, exog, missing, hasconst, **kwargs)
        self._ynames_map = {j: str(label) for j, label in enumerate(self.weights.labels)}
        return data

    def initialize(self) -> None:
        """Degrees of freedom in cases, not rows."""
        self.endog = np.asarray(self.endog, dtype=np.intp)
        self.J = len(self.weights.labels)
        self.K = self.exog.shape[1]
        self.df_model = float(self.rank.rank * (self.J - 1))
        self.df_resid = float(self.weights.nobs - self.df_model)

    @property
    def wendog(self) -> Array:
        """Indicators of the labels, shape (n, J); zeros in rows whose label has no weight."""
        return indicators(self.weights.row_cases.codes, self.J)

    @property
    def labels(self) -> tuple[Any, ...]:
        """The user's labels; the first is the reference."""
        return self.weights.labels

    def cdf(self, X: Any) -> Array:
        """Probabilities of all labels from the linear predictors of all but the first.

        Parameters
        ----------
        X : array_like, shape (n, J - 1)

        Returns
        -------
        ndarray, shape (n, J)
        """
        return softmax.probabilities(np.asarray(X, dtype=np.float64))

    def pdf(self, X: Any) -> Array:
        """Not defined for several labels.

        Parameters
        ----------
        X : array_like
        """
        raise NotAvailableError("several labels have no density; use cdf for the probabilities.")

    def by_column(self, params: Any) -> Array:
        """Coefficients with a column for each label but the first, from any shape; (k, J - 1)."""
        params = np.asarray(params, dtype=np.float64)
        by_column: Array = params.reshape(self.K, -1, order="F") if params.ndim == 1 else params
        return by_column

    def linear_predictor(self, params: Any) -> Array:
        """``X B`` on the rows of the model; shape (n, J - 1)."""
        self.require_data()
        return np.asarray(self.exog @ self.by_column(params))

    def _objective(self, *, working: bool = False) -> MultinomialObjective:
        """The log-likelihood as a function, in the user's or in working coordinates."""
        self.require_data()
        matrix = self.matrix if working else ModelMatrix(self.exog)
        cases = self.weights.row_cases
        return MultinomialObjective(matrix, cases.codes_or_first, cases.weight, self.J)

    def loglike(self, params: Any) -> float:
        """``sum w log p_y`` in the weights as given; finite for any finite linear predictor."""
        return self._objective().value(_flat(params))

    def loglikeobs(self, params: Any) -> Array:
        """Contribution of each row, weight included, in the column of its label; shape (n, J)."""
        eta, codes = self.linear_predictor(params), self._codes
        values = self._row_weight * softmax.loglike(eta, codes)
        return np.asarray(self.wendog * values[:, None])

    def score(self, params: Any) -> Array:
        """``sum w (1(y = j) - p_j) x`` of one label after the other; shape (k (J - 1),)."""
        return self._objective().gradient(_flat(params))

    def score_obs(self, params: Any) -> Array:
        """Score of each row, weight included; shape (n, k (J - 1))."""
        factor = self.score_factor(params)
        return np.asarray((factor[:, :, None] * self.exog[:, None, :]).reshape(len(factor), -1))

    def score_factor(self, params: Any) -> Array:
        """``w (1(y = j) - p_j)`` of the labels but the first; shape (n, J - 1)."""
        residual = softmax.residual(self.linear_predictor(params), self._codes)
        return np.asarray(self._row_weight[:, None] * residual)

    def loglike_and_score(self, params: Any) -> tuple[float, Array]:
        """`loglike` and `score` from one reading of the data."""
        return self._objective().value_and_gradient(_flat(params))

    def hessian(self, params: Any) -> Array:
        """``-sum w (diag(p) - p p') kron x x'``; shape (k (J - 1), k (J - 1))."""
        return -self.information(params)

    def hessian_factor(self, params: Any) -> Array:
        """``-w (diag(p) - p p')`` of the labels but the first; shape (n, J - 1, J - 1)."""
        curvature = softmax.curvature(self.linear_predictor(params))
        return np.asarray(-self._row_weight[:, None, None] * curvature)

    def information(self, params: Any) -> Array:
        """Minus the Hessian, observed and expected information alike."""
        return self._objective().derivatives(_flat(params)).information

    def predict(self, params: Any, exog: Any = None, which: str = "mean") -> Array:
        """Predict from given coefficients.

        Parameters
        ----------
        params : array_like, shape (k, J - 1) or (k (J - 1),)
        exog : array_like, shape (n, k), optional
            The design; by default that of the model.
        which : {"mean", "linear", "calibrated", "var"}
            "mean" and "linear" are on the scale of the class weights; "calibrated" takes
            ``log(c_j / c_0)`` off the linear predictors; "var" is ``p (1 - p)`` of each label.

        Returns
        -------
        ndarray, shape (n, J)
            Labels in their order; the linear predictor of the first is zero.
        """
        check_choice("which", which, SCALES)
        if exog is None:
            eta = self.linear_predictor(params)
        else:
            eta = np.atleast_2d(np.asarray(exog, dtype=np.float64)) @ self.by_column(params)
        if which == "linear":
            return np.column_stack([np.zeros(len(eta)), eta])
        if which == "calibrated":
            eta = eta - self.weights.factors.log_ratios
        known = softmax.shares(eta)
        return np.asarray(known.probability * known.rest if which == "var" else known.probability)

    def get_distribution(self, *args: Any, **kwargs: Any) -> Any:
        """Not available; predict gives the probability of every label."""
        raise NotAvailableError(
            "there is no frozen distribution of several labels; predict() gives their "
            "probabilities."
        )

    def fit_constrained(self, *args: Any, **kwargs: Any) -> Any:
        """Not available; wald_test tests linear constraints."""
        raise NotAvailableError(
            "a multinomial fit under constraints is not available; wald_test tests them."
        )

    def cov_params_func_l1(self, *args: Any, **kwargs: Any) -> Any:
        """Not available: a penalised fit has no such covariance."""
        raise NotAvailableError("a penalised multinomial fit has no covariance matrix.")

    def _derivative_exog(self, *args: Any, **kwargs: Any) -> Any:
        raise NotAvailableError("statsmodels' effects of rows count rows; use get_margeff.")

    _derivative_predict = _derivative_exog
    _derivative_exog_helper = _derivative_exog
    _deriv_mean_dparams = _derivative_exog
    _deriv_score_obs_dendog = _derivative_exog
    _check_perfect_pred = _derivative_exog
    _fit_zeros = fit_constrained
    _fit_collinear = fit_constrained

    @property
    def _codes(self) -> IntArray:
        return self.weights.row_cases.codes_or_first

    @property
    def _row_weight(self) -> Array:
        return np.broadcast_to(self.weights.row_weight, (self.weights.n_rows,))


def indicators(codes: IntArray, n_labels: int) -> Array:
    """One column for each label, one in the rows that have it; shape (n, J)."""
    result = np.zeros((len(codes), n_labels))
    rows = np.flatnonzero(codes >= 0)
    result[rows, codes[rows]] = 1.0
    return result


def _flat(params: Any) -> Array:
    return np.asarray(params, dtype=np.float64).ravel(order="F")
