"""The Bernoulli likelihood with a logit link, as functions of the linear predictor.

Every function is elementwise and finite for any finite linear predictor. With
``a = exp(-|eta|)``::

    log expit(eta)         = min(eta, 0) - log1p(a)
    expit(|eta|)           = 1 / (1 + a)
    expit(-|eta|)          = a / (1 + a)
    expit(eta) expit(-eta) = a / (1 + a)^2

so that no probability is ever formed by subtraction from one.
"""

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from wlogit._typing import AnyArray, Array, BoolArray

Scalar = TypeVar("Scalar", np.float64, np.complex128)


class Terms(NamedTuple):
    """What one row adds to the log-likelihood and its derivatives in eta; each shape (n,)."""

    loglike: Array
    residual: Array
    curvature: Array


def expit(eta: NDArray[Scalar]) -> NDArray[Scalar]:
    """Probability of an event, ``1 / (1 + exp(-eta))``; complex ``eta`` continues it."""
    return probabilities(eta)[0]


def expected(negated: Array, weight: Array) -> Array:
    """``w p`` from minus ``eta``, in its memory and in few operations: for sums, not for tails."""
    with np.errstate(over="ignore"):
        np.exp(negated, out=negated)
    negated += 1.0
    return np.divide(weight, negated, out=negated)


def loglike(eta: NDArray[Scalar], response: Array) -> NDArray[Scalar]:
    """Log-probability of each response, ``r log(p) + (1 - r) log(1 - p)``.

    Parameters
    ----------
    eta : ndarray
        Linear predictor, real; or complex, for differentiation by complex steps (the branch
        is then chosen by the real part).
    response : ndarray
        r, in [0, 1].
    """
    positive, magnitude = _folded(eta)
    missed = np.where(positive, 1.0 - response, response)
    result: NDArray[Scalar] = -missed * magnitude - np.log1p(np.exp(-magnitude))
    return result


def residual(eta: NDArray[Scalar], response: Array) -> NDArray[Scalar]:
    """First derivative of `loglike` in eta, ``r - p``, without cancellation."""
    event, non_event = probabilities(eta)
    result: NDArray[Scalar] = response * non_event - (1.0 - response) * event
    return result


def curvature(eta: NDArray[Scalar]) -> NDArray[Scalar]:
    """Minus the second derivative of `loglike` in eta, ``p (1 - p)``."""
    event, non_event = probabilities(eta)
    return event * non_event


def terms(eta: Array, response: Array) -> Terms:
    """`loglike`, `residual` and `curvature` of a real ``eta`` for the price of one exponential."""
    side = np.copysign(1.0, eta)
    nearer = np.copysign(eta, -1.0)
    missed = np.subtract(side > 0.0, response)
    np.abs(missed, out=missed)
    tail = np.exp(nearer)
    loglike = np.multiply(nearer, missed, out=nearer)
    likely = np.log1p(tail)
    loglike -= likely
    np.add(tail, 1.0, out=likely)
    np.reciprocal(likely, out=likely)
    unlikely = np.multiply(tail, likely, out=tail)
    curvature = np.multiply(unlikely, likely, out=likely)
    unlikely -= missed
    unlikely *= side
    return Terms(loglike, unlikely, curvature)


def _folded(eta: AnyArray) -> tuple[BoolArray, AnyArray]:
    positive = eta.real >= 0.0
    if eta.dtype.kind == "f":
        return positive, np.abs(eta)
    return positive, np.where(positive, eta, -eta)


def probabilities(eta: NDArray[Scalar]) -> tuple[NDArray[Scalar], NDArray[Scalar]]:
    """``p`` and ``1 - p``, each without cancellation; both of the shape of ``eta``."""
    positive, magnitude = _folded(eta)
    tail = np.asarray(np.exp(-magnitude))
    likely: Any = np.asarray(1.0 / (1.0 + tail))
    unlikely: Any = np.multiply(tail, likely, out=tail)
    if likely.dtype != np.float64:
        return np.where(positive, likely, unlikely), np.where(positive, unlikely, likely)
    # They change places where eta is negative: bit by bit, as selecting one by one takes longer.
    event, non_event = likely.view(np.int64), unlikely.view(np.int64)
    swapped = event ^ non_event
    swapped &= positive.astype(np.int64) - 1
    event ^= swapped
    non_event ^= swapped
    return likely, unlikely
