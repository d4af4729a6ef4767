"""How much the columns of a design have in common, by the weighted information of a fit.

Every measure is of ``Z = W^(1/2) X`` with W the curvature ``w p (1 - p)`` of each row at the
estimate, so that ``Z'Z = X'WX`` is the information that standard errors come from.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.core.rowblocks import weighted_gram, weighted_sums
from wlogit.covariance.base import ScoreParts


@dataclass(frozen=True, slots=True, eq=False)
class Information:
    """``X'WX`` at the estimate, and what its columns are without each other.

    Attributes
    ----------
    root : ndarray, shape (k, r)
        H with ``H H' = (X'WX)^-1``, in coordinates near the means of the columns.
    gram : ndarray, shape (k, k)
        ``X'WX`` in these coordinates, about the W-weighted means where there is a constant.
    user_root : ndarray, shape (k, r)
        H in the user's coordinates.
    lengths : ndarray, shape (k,)
        ``sqrt(sum of W x_j^2)`` in the user's coordinates.
    constant : ndarray, shape (k,), or None
        Coefficients c with ``X c = 1``, in the user's coordinates.
    """

    root: Array
    gram: Array
    user_root: Array
    lengths: Array
    constant: Array | None

    @classmethod
    def at(cls, parts: ScoreParts, constant: Array | None) -> "Information":
        """The information of a fit."""
        matrix = parts.matrix
        product = matrix.dot(parts.params)
        eta = product if parts.offset is None else product + parts.offset
        weight = parts.weights.row_weight * parts.unit * likelihood.curvature(eta)
        gram, sums = weighted_gram(matrix, weight), weighted_sums(matrix, weight)
        total = float(weight.sum())
        shift = np.zeros(len(gram)) if matrix.shift is None else matrix.shift
        scale = np.ones(len(gram)) if matrix.scale is None else matrix.scale
        squares = np.diag(gram) / scale**2 + 2.0 * shift * sums / scale + shift**2 * total
        if constant is not None:
            gram = gram - np.outer(sums, sums) / total
        return cls(parts.root, gram, matrix.to_user(parts.root), np.sqrt(squares), constant)


def grouped(terms: dict[str, IntArray], constant: Array | None) -> dict[str, IntArray]:
    """Terms without the constant; those that add up to it are taken together.

    Parameters
    ----------
    terms : dict
        Positions of the columns of each term.
    constant : ndarray, shape (k,), or None
    """
    if constant is None:
        return terms
    inside = {name: where for name, where in terms.items() if np.any(constant[where] != 0.0)}
    rest = {name: where for name, where in terms.items() if name not in inside}
    where = np.concatenate(list(inside.values()))
    if len(where) == 1:
        return rest
    return {" + ".join(inside): where, **rest}


def variance_inflation(information: Information, where: IntArray) -> tuple[float, int]:
    """Generalised variance inflation of some columns by the others, and its degrees of freedom.

    ``det V_TT det C_TT``, with ``V = (X'WX)^-1`` and C the Gram matrix of the columns T about
    their W-weighted means (about zero without a constant): the squared ratio of the volume of
    their confidence ellipsoid to what it were if no other column had anything in common with
    them. It does not depend on how the columns of a term are coded.

    Parameters
    ----------
    information : Information
    where : ndarray of int
        T; where it spans the constant, the contrasts within it are taken.

    References
    ----------
    Fox and Monette (1992), J. Am. Statist. Assoc. 87, 178-183, equation 10.
    """
    constant = information.constant
    root = information.root[where]
    if constant is not None and np.any(constant[where] != 0.0):
        # b_i - (c_i / c_j) b_j are what is left of the coefficients once x_j is the constant.
        share = constant[where]
        last = int(np.argmax(np.abs(share)))
        root = np.delete(root - np.outer(share / share[last], root[last]), last, axis=0)
        where = np.delete(where, last)
    gram = information.gram[np.ix_(where, where)]
    unit = 1.0 / np.sqrt(np.diag(gram))
    volume = np.linalg.slogdet(gram * unit * unit[:, None])[1]
    spread = np.log(linalg.svdvals(root / unit[:, None])).sum() * 2.0
    return max(float(np.exp(volume + spread)), 1.0), len(where)


@dataclass(frozen=True, slots=True, eq=False)
class Decomposition:
    """Condition indices of a scaled design, and where the variances of coefficients come from.

    Attributes
    ----------
    indices : ndarray, shape (r,)
        Largest singular value over each, from one upwards; the last is the condition number.
    proportions : ndarray, shape (r, k)
        Share of the variance of each coefficient that belongs to each singular value; columns
        sum to one.
    """

    indices: Array
    proportions: Array


def decompose(information: Information) -> Decomposition:
    """Belsley's diagnostics of ``W^(1/2) X``, columns scaled to unit length, not centered.

    References
    ----------
    Belsley, Kuh and Welsch (1980), Regression Diagnostics, section 3.2.
    """
    scaled = information.user_root * information.lengths[:, np.newaxis]
    # Singular values of the inverse root are those of the scaled design, inverted: no product is
    # formed that would square the condition number.
    vectors, inverse, _ = np.linalg.svd(scaled, full_matrices=False)
    order = np.argsort(inverse)
    parts = (vectors * inverse) ** 2
    proportions = (parts / parts.sum(axis=1, keepdims=True)).T
    return Decomposition(inverse[order] / inverse[order[0]], proportions[order])
