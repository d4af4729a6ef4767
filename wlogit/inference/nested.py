"""Which hypothesis about the coefficients of a model another model is."""

import numpy as np
from scipy import linalg

from wlogit._typing import Array, IntArray

# Share of a column beyond which it does not lie in the span of others.
OUTSIDE = 1e-7


def outside(columns: Array, others: Array) -> IntArray:
    """Positions of columns that are no combinations of others.

    Parameters
    ----------
    columns : ndarray, shape (n, r)
    others : ndarray, shape (n, k)
        Of full rank.
    """
    basis, _ = linalg.qr(others / _lengths(others), mode="economic")
    rest = columns - basis @ (basis.T @ columns)
    return np.flatnonzero(np.linalg.norm(rest, axis=0) > OUTSIDE * _lengths(columns))


def restriction(columns: Array, restricted: Array) -> Array:
    """Combinations L of coefficients that vanish where ``columns b`` is in a smaller span.

    Parameters
    ----------
    columns : ndarray, shape (n, k)
        Of full rank.
    restricted : ndarray, shape (n, r)
        Of any rank, in the span of the columns.

    Returns
    -------
    ndarray, shape (k - rank, k)
    """
    lengths = _lengths(columns)
    basis, upper = linalg.qr(columns / lengths, mode="economic")
    inside = basis.T @ (restricted / _lengths(restricted))
    return np.asarray(_complement(inside).T @ upper * lengths)


def tangent_restriction(free: Array, tangent: Array) -> Array:
    """Combinations L of coefficients that move along `free` and not along `tangent`.

    Parameters
    ----------
    free : ndarray, shape (k, f)
        Directions that the coefficients may move in; of full rank.
    tangent : ndarray, shape (k, t)
        Directions among them that the hypothesis leaves.

    Returns
    -------
    ndarray, shape (f - t, k)
    """
    basis, _ = linalg.qr(free, mode="economic")
    return np.asarray((basis @ _complement(basis.T @ tangent)).T)


def conditional_contrast(covariance: Array, tested: IntArray, others: IntArray) -> Array:
    """Combinations that estimate some coefficients where others are zero.

    ``L b = b_t - V_to V_oo^-1 b_o``, which is uncorrelated with ``b_o``: its Wald statistic is
    what that of both sets exceeds the one of the others by.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)
        V.
    tested, others : ndarray of int
        t and o.

    Returns
    -------
    ndarray, shape (q, k)

    References
    ----------
    Fox (2016), Applied Regression Analysis and Generalized Linear Models, 3rd ed., section 9.3;
    R's ``car::Anova(type = 2, vcov. = )``.
    """
    contrast = np.eye(len(covariance))[tested]
    if len(others):
        scale = 1.0 / np.sqrt(np.diag(covariance)[others])
        spread = covariance[np.ix_(others, others)] * scale * scale[:, None]
        shared = covariance[np.ix_(others, tested)] * scale[:, None]
        contrast[:, others] = -(linalg.lstsq(spread, shared)[0].T * scale)
    return contrast


def _complement(directions: Array) -> Array:
    """Orthonormal basis of what is orthogonal to directions of any rank."""
    if directions.shape[1] == 0:
        return np.eye(len(directions))
    return np.asarray(linalg.null_space(directions.T, rcond=OUTSIDE))


def _lengths(columns: Array) -> Array:
    """Length of each column; one for columns of zeros."""
    lengths = np.linalg.norm(columns, axis=0)
    return np.where(lengths > 0.0, lengths, 1.0)
