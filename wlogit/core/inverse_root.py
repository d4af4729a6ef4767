"""Inverse square roots of matrices that are a diagonal and a few columns, of any size.

``B^-1/2 = (2 / pi) int_0^inf (t^2 + B)^-1 dt``, and of ``t^2 + B`` the inverse needs products of
those columns only (Woodbury). The midpoint rule after the substitution t = sc(u | 1 - k^2), sc a
Jacobi function and k^2 the ratio of the smallest and largest eigenvalue, converges geometrically:
the error is below rounding with a few dozen nodes, and small eigenvalues have as many digits as
large ones, which no decomposition of B gives.

References
----------
Hale, Higham and Trefethen (2008), SIAM J. Numer. Anal. 46, 2505-2523, section 4 (method 3);
Whittaker and Watson (1927), A Course of Modern Analysis, 21.1 and 22.11 (theta functions).
"""

from collections.abc import Iterator

import numpy as np
from scipy import special

from wlogit._typing import Array

# exp(-2 pi^2 N / (log ratio + 3)) bounds the relative error of N nodes; here it is 2e-15.
_DIGITS = 34.0
_MOST_TERMS = 6


def root_nodes(ratio: float) -> tuple[Array, Array]:
    """Nodes t and weights w with ``x^-1/2 = sum of w / (t^2 + x)`` for x from `ratio` to one.

    Parameters
    ----------
    ratio : float
        Smallest over largest eigenvalue, in (0, 1].

    Returns
    -------
    nodes, weights : ndarray, shape (N,)
        N grows with the logarithm of the ratio: 14 for 1e-2, 45 for 1e-10.
    """
    n = int(np.ceil(_DIGITS * (3.0 - np.log(ratio)) / (2.0 * np.pi**2)))
    other_period = float(special.ellipkm1(ratio))
    log_nome = -np.pi * other_period / float(special.ellipk(ratio))
    sc, slope = _tangents(log_nome, (np.arange(n) + 0.5) / n)
    # The substitution is for eigenvalues from one to 1 / ratio.
    scale = np.sqrt(ratio)
    return scale * sc, scale * 2.0 * other_period / (np.pi * n) * slope


def _tangents(log_nome: float, where: Array) -> tuple[Array, Array]:
    """sc(u | 1 - k^2) and its derivative at these parts of the period, by theta functions.

    ``sc(u | 1 - k^2) = -i sn(i u | k^2)``, whose theta series end after a few terms where k is
    small; there the usual recursions for 1 - k^2 lose their digits.
    """
    y = -0.5 * log_nome * where
    n, m = np.arange(_MOST_TERMS)[:, None], np.arange(1, _MOST_TERMS + 1)[:, None]
    sign_n, sign_m = (-1.0) ** n, (-1.0) ** m
    odd = np.exp(log_nome * n * (n + 1) + (2 * n + 1) * y)
    falling = np.exp(-2.0 * (2 * n + 1) * y)
    even = np.exp(log_nome * m * m + 2 * m * y) + np.exp(log_nome * m * m - 2 * m * y)
    theta1, theta2 = np.sum(sign_n * odd * (1.0 - falling), 0), np.sum(odd * (1.0 + falling), 0)
    theta3, theta4 = 1.0 + np.sum(even, 0), 1.0 + np.sum(sign_m * even, 0)
    at_zero = np.exp(log_nome * m * m)
    zero2 = 2.0 * np.sum(np.exp(log_nome * n * (n + 1)))
    zero3, zero4 = 1.0 + 2.0 * at_zero.sum(), 1.0 + 2.0 * (sign_m * at_zero).sum()
    sn = zero3 / zero2 * theta1 / theta4
    cn_dn = (zero4 / zero2 * theta2 / theta4) * (zero4 / zero3 * theta3 / theta4)
    return sn, cn_dn


def inverse_root_products(
    left: Array, diagonal: Array, columns: Array, signs: Array, right: Array, smallest: float
) -> Array:
    """``left' (D + F C F')^-1/2 right`` of a batch of matrices, shape (b, l, m).

    Parameters
    ----------
    left : ndarray, shape (b, n, l)
    diagonal : ndarray, shape (b, n)
        D, positive.
    columns : ndarray, shape (b, n, f)
        F.
    signs : ndarray, shape (f,)
        The diagonal of C, ones and minus ones.
    right : ndarray, shape (b, n, m)
        Its first f columns are F.
    smallest : float
        A lower bound of the eigenvalues, of which one is an upper bound.
    """
    if columns.shape[1] <= len(signs):
        return left.transpose(0, 2, 1) @ _whole_root(diagonal, columns, signs, smallest) @ right
    f = len(signs)
    both = np.concatenate([left, columns], axis=2).transpose(0, 2, 1)
    total = np.zeros((*left.shape[::2], right.shape[2]))
    for weight, square in _terms(smallest):
        products = both @ (right / (square + diagonal)[:, :, None])
        outer, inner = products[:, : left.shape[2]], products[:, left.shape[2] :]
        capacity = inner[:, :, :f] + np.diag(signs)
        total += weight * (outer - outer[:, :, :f] @ np.linalg.solve(capacity, inner))
    return total


def _whole_root(diagonal: Array, columns: Array, signs: Array, smallest: float) -> Array:
    """``(D + F C F')^-1/2`` itself, of matrices with no more rows than columns in F."""
    total: Array = np.zeros((*diagonal.shape, diagonal.shape[1]))
    for weight, square in _terms(smallest):
        unit = 1.0 / np.sqrt(square + diagonal)
        scaled = unit[:, :, None] * columns
        inner = (scaled * signs) @ scaled.transpose(0, 2, 1) + np.eye(diagonal.shape[1])
        total += weight * unit[:, :, None] * np.linalg.inv(inner) * unit[:, None, :]
    return total


def _terms(smallest: float) -> Iterator[tuple[float, float]]:
    nodes, weights = root_nodes(smallest)
    return zip(weights.tolist(), (nodes * nodes).tolist(), strict=True)
