"""Predictions and effects of a multinomial logit, with gradients for the delta method.

Linear predictors of the labels but the first are ``eta_j = x'b_j + s_j``; the shifts s take class
weights out. With ``p`` their softmax::

    d p_l / d eta_j           = p_l (1(l = j) - p_j)
    d logit(p_l) / d eta_j    = 1(l = j) - 1(l != j) p_j / (1 - p_l)
    slope of p_l in column c  = p_l (b_lc - sum of p_j b_jc)
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlogit._typing import Array
from wlogit.core import softmax
from wlogit.core.blocksum import blocks
from wlogit.inference.margins import ChangedDesign


@dataclass(frozen=True, slots=True, eq=False)
class LabelScale:
    """A scale of linear predictors, with its uncertainty.

    Attributes
    ----------
    params : ndarray, shape (k, q)
    shift : ndarray, shape (q,)
        s.
    covariance : ndarray, shape (k q + q, k q + q)
        Of the coefficients, one label after the other, and of the shifts.
    """

    params: Array
    shift: Array
    covariance: Array

    @classmethod
    def build(
        cls, params: Array, covariance: Array, shift: Array, column: Array | None
    ) -> "LabelScale":
        """Coefficients, their covariance, and shifts that are known or vary (``column``)."""
        size, q = params.size, params.shape[1]
        joint = np.zeros((size + q, size + q))
        joint[:size, :size] = covariance
        if column is not None:
            joint[:, size:] = column
            joint[size:, :size] = column[:size].T
        return cls(params, shift, joint)

    def linear_predictor(self, design: Array) -> Array:
        """``eta`` of some rows, shape (n, q)."""
        return np.asarray(design @ self.params + self.shift)

    def predictor_covariance(self, design: Array) -> Array:
        """Covariance of the linear predictors of each row, shape (n, q, q)."""
        k, q = self.params.shape
        size = k * q
        order = np.concatenate([np.append(np.arange(j * k, j * k + k), size + j) for j in range(q)])
        joint = self.covariance[np.ix_(order, order)].reshape(q, k + 1, q, k + 1)
        rows = np.column_stack([design, np.ones(len(design))])
        half = np.einsum("na,jalb->njlb", rows, joint, optimize=True)
        return np.asarray(np.einsum("njlb,nb->njl", half, rows))


@dataclass(frozen=True, slots=True, eq=False)
class LabelEstimates:
    """Predictions of rows, all labels, with standard errors.

    Attributes
    ----------
    value, se : ndarray, shape (n, J)
    logit_se : ndarray, shape (n, J), or None
        Standard errors of the logits of probabilities, on which intervals are formed.
    """

    value: Array
    se: Array
    logit_se: Array | None

    def interval(self, quantile: float) -> Array:
        """Limits, shape (n, J, 2)."""
        if self.logit_se is None:
            margin = quantile * self.se
            return np.stack([self.value - margin, self.value + margin], axis=-1)
        # The odds of a limit are those of the estimate times a factor.
        with np.errstate(over="ignore"):
            factor = np.exp(quantile * self.logit_se)
        rest = 1.0 - self.value
        lower = self.value / (self.value + rest * factor)
        with np.errstate(invalid="ignore"):
            upper = np.where(self.value > 0.0, self.value / (self.value + rest / factor), 0.0)
        return np.stack([lower, upper], axis=-1)


def label_predictions(scale: LabelScale, design: Array, *, linear: bool) -> LabelEstimates:
    """Linear predictors or probabilities of rows.

    Parameters
    ----------
    scale : LabelScale
    design : ndarray, shape (n, k)
    linear : bool
        Linear predictors, with zeros for the first label, in place of probabilities.
    """
    n, q = len(design), scale.params.shape[1]
    values, errors, logits = (np.zeros((n, q + 1)) for _ in range(3))
    for rows in blocks(n, scale.params.size * q):
        eta = scale.linear_predictor(design[rows])
        spread = scale.predictor_covariance(design[rows])
        if linear:
            values[rows, 1:] = eta
            errors[rows, 1:] = np.sqrt(np.maximum(np.einsum("njj->nj", spread), 0.0))
            continue
        known = softmax.shares(eta)
        gradient = logit_gradient(known)
        variance = np.einsum("nlj,njm,nlm->nl", gradient, spread, gradient, optimize=True)
        logits[rows] = np.sqrt(np.maximum(variance, 0.0))
        values[rows] = known.probability
        errors[rows] = logits[rows] * known.probability * known.rest
    return LabelEstimates(values, errors, None if linear else logits)


def logit_gradient(known: softmax.Shares) -> Array:
    """``d logit(p_l) / d eta_j`` of every row, shape (n, J, q)."""
    p, rest = np.asarray(known.probability), np.asarray(known.rest)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(rest[:, :, None] > 0.0, p[:, None, 1:] / rest[:, :, None], 0.0)
    gradient = -ratio
    equations = np.arange(p.shape[1] - 1)
    gradient[:, equations + 1, equations] = 1.0
    return np.asarray(gradient)


def probability_gradient(known: softmax.Shares) -> Array:
    """``d p_l / d eta_j`` of every row, shape (n, J, q)."""
    p = np.asarray(known.probability)
    gradient = -p[:, :, None] * p[:, None, 1:]
    equations = np.arange(p.shape[1] - 1)
    gradient[:, equations + 1, equations] = p[:, 1:] * np.asarray(known.rest)[:, 1:]
    return np.asarray(gradient)


class LabelPoint:
    """Rows at which an effect is taken, with their probabilities.

    Parameters
    ----------
    scale : LabelScale
    design : ChangedDesign
    """

    def __init__(self, scale: LabelScale, design: ChangedDesign) -> None:
        self.params, self.design = scale.params, design
        eta = np.column_stack([design.dot(column) for column in scale.params.T])
        self.eta: Array = eta + scale.shift
        self.known = softmax.shares(self.eta)

    @property
    def probability(self) -> Array:
        """p, shape (n, J)."""
        return np.asarray(self.known.probability)

    @cached_property
    def slopes(self) -> Array:
        """``d p_l / d eta_j``, shape (n, J, q)."""
        return probability_gradient(self.known)

    @cached_property
    def log_slopes(self) -> Array:
        """``d log(p_l) / d eta_j = 1(l = j) - p_j``, shape (n, J, q)."""
        p = self.probability
        return np.asarray(np.eye(p.shape[1])[None, :, 1:] - p[:, None, 1:])

    def pulled(self, vectors: Array) -> Array:
        """Gradient in (b, s) of ``sum over rows and j of v_lj eta_j``, shape (J, k q + q).

        Parameters
        ----------
        vectors : ndarray, shape (n, J, q)
        """
        n, labels, q = vectors.shape
        flat = vectors.reshape(n, -1)
        base, values = self.design.base, self.design.values
        product = base.T @ flat if len(base) == n else np.outer(base[0], flat.sum(axis=0))
        if len(values) == n:
            product[self.design.columns] = values.T @ flat
        else:
            product[self.design.columns] = np.outer(values[0], flat.sum(axis=0))
        coefficients = product.reshape(-1, labels, q).transpose(1, 2, 0).reshape(labels, -1)
        return np.column_stack([coefficients, vectors.sum(axis=0)])


@dataclass(frozen=True, slots=True, eq=False)
class LabelPrediction:
    """Probabilities, or their logarithms."""

    point: LabelPoint
    log: bool = False

    def values(self) -> Array:
        """The prediction of each row."""
        return softmax.log_probabilities(self.point.eta) if self.log else self.point.probability

    def gradient(self, mass: Array) -> Array:
        """Gradients of the sums of mass times prediction."""
        slopes = self.point.log_slopes if self.log else self.point.slopes
        return self.point.pulled(mass[:, None, None] * slopes)


@dataclass(frozen=True, slots=True, eq=False)
class LabelSlope:
    """The derivative of probabilities, or of their logarithms, in one column.

    Attributes
    ----------
    point : LabelPoint
    column : int
    log : bool
    factor : ndarray, shape (n,) or (1,), or float
        Multiplies the derivative: the column itself, for derivatives in its logarithm.
    """

    point: LabelPoint
    column: int
    log: bool = False
    factor: Array | float = 1.0

    def values(self) -> Array:
        """The slope of each row."""
        rate = self._relative_rate()
        result = rate if self.log else self.point.probability * rate
        return np.asarray(result * self._factor[:, None])

    def gradient(self, mass: Array) -> Array:
        """Gradients of the sums of mass times slope."""
        p, rate, mass = self.point.probability, self._relative_rate(), mass * self._factor
        direct = self.point.log_slopes if self.log else self.point.slopes
        # The mean rate moves with eta_j by p_j times the excess of the rate of j.
        excess = -p[:, 1:] * rate[:, 1:]
        if self.log:
            through = np.broadcast_to(excess[:, None, :], direct.shape)
        else:
            through = direct * rate[:, :, None]
            through += p[:, :, None] * excess[:, None, :]
        gradient = self.point.pulled(mass[:, None, None] * through)
        k, q = self.point.params.shape
        own = np.arange(q) * k + self.column
        gradient[:, own] += np.tensordot(mass, direct, 1)
        return gradient

    @property
    def _factor(self) -> Array:
        return np.broadcast_to(np.asarray(self.factor), (len(self.point.probability),))

    def _relative_rate(self) -> Array:
        """``b_lc - sum of p_j b_jc``, the slope of the logarithm; shape (n, J)."""
        slopes = np.append(0.0, self.point.params[self.column])
        return np.asarray(slopes - (self.point.probability @ slopes)[:, None])
