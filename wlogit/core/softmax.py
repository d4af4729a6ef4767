"""The multinomial likelihood, as functions of the linear predictors of the labels but the first.

A row has J labels, the first with the linear predictor zero and the others with ``eta``, of shape
(n, J - 1). With ``a`` the likeliest label and ``m`` its linear predictor::

    tail    = sum over j != a of exp(eta_j - m)
    log p_j = (eta_j - m) - log1p(tail)
    1 - p_a = tail / (1 + tail)

so that no probability is formed by subtraction from one, and everything is finite for any finite
linear predictor.
"""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from wlogit._typing import AnyArray, Array, IntArray

Scalar = TypeVar("Scalar", np.float64, np.complex128)


class Terms(NamedTuple):
    """What one row adds to the log-likelihood and its derivatives in eta.

    Attributes
    ----------
    loglike : ndarray, shape (n,)
    residual : ndarray, shape (n, J - 1)
    curvature : ndarray, shape (n, J - 1, J - 1)
    """

    loglike: Array
    residual: Array
    curvature: Array


class Shares(NamedTuple):
    """Probabilities of all J labels, and of the others than each; both of shape (n, J)."""

    probability: AnyArray
    rest: AnyArray


def probabilities(eta: NDArray[Scalar]) -> NDArray[Scalar]:
    """Probability of each label, shape (n, J); complex ``eta`` continues it."""
    return shares(eta).probability


def shares(eta: AnyArray) -> Shares:
    """``p`` and ``1 - p`` of every label, each without cancellation."""
    tails, tail, _, likeliest = _tails(eta)
    return _shares_of(tails, tail, likeliest)


def log_probabilities(eta: NDArray[Scalar]) -> NDArray[Scalar]:
    """Logarithms of the probabilities of all J labels, shape (n, J)."""
    _, tail, relative, _ = _tails(eta)
    result: NDArray[Scalar] = relative - np.log1p(tail)[:, None]
    return result


def loglike(eta: NDArray[Scalar], codes: IntArray) -> NDArray[Scalar]:
    """Log-probability of the label of each row.

    Parameters
    ----------
    eta : ndarray, shape (n, J - 1)
        Real; or complex, for differentiation by complex steps (the likeliest label is then
        chosen by the real parts).
    codes : ndarray of int, shape (n,)
        Position of the label, from 0 to J - 1.
    """
    _, tail, relative, _ = _tails(eta)
    own = np.take_along_axis(relative, codes[:, None], axis=1)[:, 0]
    result: NDArray[Scalar] = own - np.log1p(tail)
    return result


def residual(eta: AnyArray, codes: IntArray) -> AnyArray:
    """First derivatives of `loglike`, ``1(y = j) - p_j`` of the labels but the first."""
    return residual_of(shares(eta), codes)


def residual_of(known: Shares, codes: IntArray, first: int = 1) -> AnyArray:
    """`residual` from the shares, of the labels from ``first`` on."""
    result, rows = -known.probability, np.arange(len(codes))
    result[rows, codes] = known.rest[rows, codes]
    return result[:, first:]


def curvature(eta: AnyArray) -> AnyArray:
    """Minus the second derivatives of `loglike`, ``diag(p) - p p'`` of the labels but the first."""
    return curvature_of(shares(eta))


def curvature_of(known: Shares, first: int = 1) -> AnyArray:
    """`curvature` from the shares, of the labels from ``first`` on."""
    p = known.probability[:, first:]
    result = -p[:, :, None] * p[:, None, :]
    diagonal = np.arange(p.shape[1])
    result[:, diagonal, diagonal] = p * known.rest[:, first:]
    return result


def curvature_root(probability: Array) -> Array:
    """Lower triangular L with ``L L' = curvature``, shape (n, J - 1, J - 1), without subtraction.

    The labels are drawn one after the other: with ``S_j`` the probability of the first label and
    of those after j, ``L_jj^2 = p_j S_j / S_{j-1}`` and ``L_lj = -p_l sqrt(p_j / (S_j S_{j-1}))``.

    Parameters
    ----------
    probability : ndarray, shape (n, J)

    References
    ----------
    Tanabe and Sagae (1992), J. Royal Statistical Society B 54, 211-219.
    """
    p = probability[:, 1:]
    n, q = p.shape
    after = np.empty((n, q + 1))
    after[:, q] = probability[:, 0]
    for j in range(q - 1, -1, -1):
        after[:, j] = after[:, j + 1] + p[:, j]
    before, left = after[:, :-1], after[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(left > 0.0, np.sqrt(p / before) / np.sqrt(left), 0.0)
    root = np.tril(-p[:, :, None] * ratio[:, None, :], -1)
    root[:, np.arange(q), np.arange(q)] = ratio * left
    return root


def terms(eta: Array, codes: IntArray, first: int = 1) -> Terms:
    """`loglike`, `residual` and `curvature` of a real ``eta`` from the same exponentials.

    The derivatives are those in the linear predictors of the labels from ``first`` on.
    """
    tails, tail, relative, likeliest = _tails(eta)
    value = relative[np.arange(len(eta)), codes] - np.log1p(tail)
    known = _shares_of(tails, tail, likeliest)
    return Terms(value, residual_of(known, codes, first), curvature_of(known, first))


def _tails(eta: AnyArray) -> tuple[AnyArray, AnyArray, AnyArray, IntArray]:
    """Odds against the likeliest label, whose own is zero, and their sum.

    And the logarithms of these odds, and the position of the likeliest label.
    """
    full = np.zeros((eta.shape[0], eta.shape[1] + 1), dtype=eta.dtype)
    full[:, 1:] = eta
    likeliest = np.argmax(full.real, axis=1)
    rows = np.arange(len(full))
    relative = full - full[rows, likeliest][:, None]
    tails = np.exp(relative)
    tails[rows, likeliest] = 0.0
    return tails, tails.sum(axis=1), relative, likeliest


def _shares_of(tails: AnyArray, tail: AnyArray, likeliest: IntArray) -> Shares:
    rows, likely = np.arange(len(tail)), 1.0 / (1.0 + tail)
    probability = tails * likely[:, None]
    rest = 1.0 - probability
    probability[rows, likeliest] = likely
    rest[rows, likeliest] = tail * likely
    return Shares(probability, rest)
