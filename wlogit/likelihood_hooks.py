"""The hooks of statsmodels' model classes, in the weights as given."""

from functools import cached_property
from typing import Any

import numpy as np
from statsmodels.discrete.discrete_model import BinaryModel
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import Logit as LogitLink

from wlogit._statsmodels.hooks import ModelHooks
from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.core.linalg import Rank
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.rowblocks import weighted_gram, weighted_sums
from wlogit.errors import NotAvailableError
from wlogit.exog import times
from wlogit.inference.prediction import calibration_shift
from wlogit.weights.weights import Weights


class WeightedLikelihood(ModelHooks, BinaryModel):  # type: ignore[misc]
    """A binary model whose likelihood, score and Hessian carry the weights.

    Subclasses BinaryModel, not Logit: a hook that is forgotten then raises instead of returning
    an unweighted number.
    """

    _continuous_ok = True
    _formula_max_endog = None
    _made_anew = ("link", "family")
    weights: Weights
    rank: Rank

    def initialize(self) -> None:
        """Degrees of freedom in cases, not rows."""
        self.df_model = float(self.rank.rank)
        self.df_resid = float(self.weights.nobs - self.rank.rank)

    @cached_property
    def link(self) -> LogitLink:
        """The logit link."""
        return LogitLink()

    @cached_property
    def family(self) -> Binomial:
        """The binomial family."""
        return Binomial()

    def cdf(self, X: Any) -> Array:
        """``1 / (1 + exp(-X))``, without overflow."""
        return likelihood.expit(np.asarray(X))

    def pdf(self, X: Any) -> Array:
        """``exp(-X) / (1 + exp(-X))^2``, without overflow."""
        return likelihood.curvature(np.asarray(X))

    def linear_predictor(self, params: Any) -> Array:
        """``X b + offset`` on the rows of the model; shape (n,)."""
        self.require_data()
        eta = self.exog @ np.asarray(params)
        offset = getattr(self, "offset", None)
        return np.asarray(eta if offset is None else eta + offset)

    def loglike(self, params: Any) -> float:
        """``sum w [r eta - log(1 + exp(eta))]`` in the weights as given.

        Finite for any finite linear predictor. Binomial coefficients of counts are left out.
        """
        total: float = self.loglikeobs(params).sum()[()]
        return total

    def loglikeobs(self, params: Any) -> Array:
        """Contribution of each row to the log-likelihood, weight included; shape (n,)."""
        eta = self.linear_predictor(params)
        w, r = self.weights.row_weight, self.weights.row_response
        return np.asarray(w * likelihood.loglike(eta, r))

    def score(self, params: Any) -> Array:
        """``sum w (r - p) x``, the gradient of `loglike`; shape (k,)."""
        return weighted_sums(ModelMatrix(self.exog), self.score_factor(params))

    def score_obs(self, params: Any) -> Array:
        """Score of each row, weight included; shape (n, k)."""
        return np.asarray(self.score_factor(params)[:, None] * self.exog)

    def score_factor(self, params: Any) -> Array:
        """``w (r - p)``, the derivative of `loglikeobs` by the linear predictor; shape (n,)."""
        eta = self.linear_predictor(params)
        w, r = self.weights.row_weight, self.weights.row_response
        return np.asarray(w * likelihood.residual(eta, r))

    def hessian(self, params: Any) -> Array:
        """``-sum w p q x x'``; shape (k, k)."""
        return -self.information(params)

    def hessian_factor(self, params: Any) -> Array:
        """``-w p q``, the second derivative by the linear predictor; shape (n,)."""
        eta = self.linear_predictor(params)
        return -self.weights.row_weight * likelihood.curvature(eta)

    def information(self, params: Any) -> Array:
        """``sum w p q x x'``, observed and expected information alike; shape (k, k)."""
        return weighted_gram(ModelMatrix(self.exog), -self.hessian_factor(params))

    def _deriv_score_obs_dendog(self, params: Any) -> Array:
        weight = np.broadcast_to(self.weights.row_weight, (self.weights.n_rows,))
        return np.asarray(weight[:, None] * self.exog)

    def predict(
        self, params: Any, exog: Any = None, which: str = "mean", offset: Any = None
    ) -> Array:
        """Predict from given coefficients.

        Parameters
        ----------
        params : array_like, shape (k,)
        exog : array_like, shape (n, k), optional
            The design; by default that of the model, with its offset.
        which : {"mean", "linear", "var", "calibrated"}
            "mean" and "linear" are on the scale of the class weights; "calibrated" takes
            ``log(c1 / c0)`` off the linear predictor.
        offset : array_like, optional
            Zero for a given `exog`.

        Returns
        -------
        ndarray, shape (n,)
        """
        if exog is None:
            eta = self.linear_predictor(params)
            own = getattr(self, "offset", None)
            if offset is not None:
                eta = eta + np.asarray(offset) - (0.0 if own is None else own)
        else:
            eta = times(exog, params) + (0.0 if offset is None else np.asarray(offset))
        if which == "linear":
            return np.asarray(eta)
        if which == "mean":
            return likelihood.expit(eta)
        if which == "var":
            return likelihood.curvature(eta)
        if which == "calibrated":
            return likelihood.expit(eta - calibration_shift(self.weights))
        raise ValueError('`which` must be one of "mean", "linear", "calibrated" or "var".')

    def _fit_zeros(self, *args: Any, **kwargs: Any) -> Any:
        raise NotAvailableError(
            "statsmodels' fit with coefficients fixed at zero would mix two models; use "
            "fit_constrained."
        )

    def _fit_collinear(self, *args: Any, **kwargs: Any) -> Any:
        raise NotAvailableError(
            'statsmodels\' fit of collinear columns counts rows; use aliased="drop".'
        )
