"""Log-likelihoods of a fit, of its null model and of the saturated one, and pseudo R-squared."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import LogitObjective
from wlogit.core.start import start_values
from wlogit.weights.weights import Weights

PseudoRSquared = Literal["mcfadden", "cox_snell", "nagelkerke", "tjur", "efron", "mckelvey_zavoina"]
BY_ROWS = ("tjur", "efron", "mckelvey_zavoina")


@dataclass(frozen=True, slots=True)
class LogLikelihoods:
    """The log-likelihood of a fit and of its null model, in the weights as given.

    Attributes
    ----------
    model, null : float
    nobs : float
        N, the number of cases.
    total : float
        Sum of the weights.
    saturated : float
        Of a model that predicts every case; zero but for fractions.
    """

    model: float
    null: float
    nobs: float
    total: float
    saturated: float = 0.0

    @classmethod
    def of(cls, weights: Weights, model: float, null: float) -> "LogLikelihoods":
        """Log-likelihoods under the weights of a model of two labels."""
        return cls(model, null, weights.nobs, weights.total, saturated_loglike(weights))

    @property
    def unit(self) -> float:
        """N / sum(w), which brings the log-likelihoods to the scale of cases."""
        return self.nobs / self.total

    @property
    def deviance(self) -> float:
        """``2 (l~_saturated - l~)``."""
        return 2.0 * self.unit * (self.saturated - self.model)

    @property
    def ratio(self) -> float:
        """``2 (l~ - l~_0)``."""
        return 2.0 * self.unit * (self.model - self.null)


def null_loglike(weights: Weights, offset: Array | None, constant: bool) -> float:
    """Log-likelihood of the model without covariates, in the weights as given.

    Parameters
    ----------
    weights : Weights
    offset : ndarray, shape (n,) or None
    constant : bool
        Whether the design spans the constant. If not, the null model is ``eta = offset``.
    """
    if constant and offset is None:
        # The weights of a class sum to its mass times its class weight.
        w0, w1 = weights.totals.class_masses
        return _entropy(w1 * weights.factors.event, w0 * weights.factors.non_event)
    response, weight = weights.row_response, weights.row_weight
    if not constant:
        eta = np.zeros(weights.n_rows) if offset is None else offset
        return float(np.sum(weight * likelihood.loglike(eta, response)))
    matrix = ModelMatrix(np.ones((weights.n_rows, 1)), constant=0)
    objective = LogitObjective(matrix, response, weight, offset)
    return maximize(objective, start_values(objective), max_iter=200).value


def saturated_loglike(weights: Weights) -> float:
    """Log-likelihood of a model that predicts every case; not zero only for fractions."""
    total = 0.0
    for sort in weights.cases if weights.fractional else ():
        response, weight = np.broadcast_arrays(sort.response, sort.weight)
        inner = (response > 0.0) & (response < 1.0)
        r = response[inner]
        total += float(weight[inner] @ (r * np.log(r) + (1.0 - r) * np.log1p(-r)))
    return total


def _entropy(events: float, rest: float) -> float:
    total = events + rest
    return sum(part * math.log(part / total) for part in (events, rest) if part > 0.0)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Cases with their calibrated probabilities, for averages at population scale.

    Attributes
    ----------
    outcome, mass, probability : ndarray
        y, m g and calibrated p, concatenated over the sorts of case.
    eta : ndarray
        Linear predictor.
    """

    outcome: Array
    mass: Array
    probability: Array
    eta: Array

    @classmethod
    def build(cls, weights: Weights, eta: Array, shift: float) -> "Fitted":
        """Line up the cases of every row."""
        n = eta.shape[0]
        probability = likelihood.expit(eta - shift)
        sorts = len(weights.cases)
        return cls(
            outcome=np.concatenate([np.broadcast_to(c.outcome, (n,)) for c in weights.cases]),
            mass=np.concatenate([np.broadcast_to(g, (n,)) for g in weights.averaging_mass]),
            probability=np.tile(probability, sorts),
            eta=np.tile(eta, sorts),
        )

    def mean(self, values: Array, mass: Array | None = None) -> float:
        """Weighted mean."""
        mass = self.mass if mass is None else mass
        return float(mass @ values / mass.sum())


def pseudo_rsquared(kind: PseudoRSquared, ll: LogLikelihoods, fitted: Fitted | None) -> float:
    """A pseudo R-squared that does not depend on the unit of the weights.

    Parameters
    ----------
    kind : {"mcfadden", "cox_snell", "nagelkerke", "tjur", "efron", "mckelvey_zavoina"}
    ll : LogLikelihoods
    fitted : Fitted or None
        Needed by the last three, at population scale.

    References
    ----------
    Menard (2000), The American Statistician 54, 17-24; Tjur (2009), ibid. 63, 366-372.
    """
    if kind == "mcfadden":
        return 1.0 - ll.model / ll.null
    if kind == "cox_snell":
        return float(-np.expm1(-ll.ratio / ll.nobs))
    if kind == "nagelkerke":
        return float(np.expm1(-ll.ratio / ll.nobs) / np.expm1(2.0 * ll.unit * ll.null / ll.nobs))
    if kind not in BY_ROWS or fitted is None:
        options = ", ".join(repr(option) for option in get_args(PseudoRSquared))
        raise ValueError(f"kind={kind!r} is not known; use one of {options}.")
    y, p = fitted.outcome, fitted.probability
    if kind == "tjur":
        events, rest = fitted.mass * y, fitted.mass * (1.0 - y)
        return fitted.mean(p, events) - fitted.mean(p, rest)
    if kind == "efron":
        spread = fitted.mean((y - fitted.mean(y)) ** 2)
        return 1.0 - fitted.mean((y - p) ** 2) / spread
    variance = fitted.mean((fitted.eta - fitted.mean(fitted.eta)) ** 2)
    return float(variance / (variance + np.pi**2 / 3.0))
