"""What the leverage of a cluster does to its score: the adjustments of CR2 and CR3.

In coordinates in which the information is the identity a cluster has the rows
``Q = sqrt(m v p q) h``, the information ``J = Q'Q``, and ``phi = p q / v``. CR3 multiplies the
total of its scores by ``(I - J)^-1``. CR2 puts ``Q' B^-1/2 Phi^1/2 sqrt(m) (r - p)`` in its place,
with ``B = Phi (I - Q Q') Phi``; where phi is the same in all rows that is ``(I - J)^-1/2`` times
the total. Rows of multiplicity m stand for m equal rows exactly: on what tells these apart B is
diagonal, and residuals and columns have none of it.

Where J has an eigenvalue of one, a combination of the coefficients rests on the cluster alone. Its
total is then zero in that direction, and inverses are taken without it.

References
----------
Bell and McCaffrey (2002), Survey Methodology 28, 169-181; Pustejovsky and Tipton (2018), JBES 36,
672-683, section 2.
"""

from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array, BoolArray
from wlogit.core.cluster_rows import ClusterCases
from wlogit.core.inverse_root import inverse_root_products

# Below this distance from one, one minus an eigenvalue of J is the rounding of one that is one.
SATURATED = 1e-12
# Rows with less leverage leave all others alone, and need no adjustment.
_NO_LEVERAGE = 1e-30


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """b clusters with their scores adjusted, and how the adjustment acts.

    Attributes
    ----------
    scores : ndarray, shape (b, r)
    reach : ndarray, shape (b, r, r)
        R, what the adjustment makes of residuals ``Phi^-1/2 e = Q u``: the score R u.
    expected : ndarray, shape (b, r, r)
        Mean of the square of the score, for residuals with the variances of the model.
    saturated : ndarray of bool, shape (b,)
        Clusters that a combination of the coefficients rests on alone.
    """

    scores: Array
    reach: Array
    expected: Array
    saturated: BoolArray


def by_power(information: Array, scores: Array, power: float) -> Adjusted:
    """Totals of scores times ``(I - J)^-power``: CR3 for one, CR2 of equal phi for a half.

    Parameters
    ----------
    information : ndarray, shape (b, r, r)
        J.
    scores : ndarray, shape (b, r)
    power : float
    """
    inverse = _inverse_complement(information) if power == 1.0 else None
    if inverse is not None:
        reach = inverse @ information
        return Adjusted(_times(inverse, scores), reach, reach, np.zeros(len(scores), np.bool_))
    values, vectors = np.linalg.eigh(information)
    rest = 1.0 - values
    full = rest <= SATURATED
    factor = np.where(full, 0.0, np.where(full, 1.0, rest) ** -power)

    def turned(numbers: Array) -> Array:
        product: Array = (vectors * numbers[:, None, :]) @ vectors.transpose(0, 2, 1)
        return product

    return Adjusted(
        _times(turned(factor), scores),
        turned(factor * values),
        turned(factor * factor * values * rest),
        np.asarray(full.any(axis=1)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class StandardRows:
    """The rows of b clusters, of at most n rows each, with residuals of one variance.

    Attributes
    ----------
    rows : ndarray, shape (b, n, r)
        Q; zero beyond the end of a cluster, and for rows without leverage.
    phi : ndarray, shape (b, n)
        Over the largest of the cluster; one where Q is zero.
    residuals : ndarray, shape (b, n)
        ``Phi^1/2 sqrt(m) (r - p)`` over the largest phi.
    aside : ndarray, shape (b, r)
        Scores of the rows without leverage.
    """

    rows: Array
    phi: Array
    residuals: Array
    aside: Array

    @classmethod
    def of(cls, sorts: list[ClusterCases]) -> "StandardRows":
        """All rows of the clusters, one sort of case after the other."""
        parts = [_standard(sort) for sort in sorts]
        rows, phi, residuals = (
            np.concatenate([part[i] for part in parts], axis=1) for i in range(3)
        )
        aside = sum((part[3] for part in parts[1:]), start=parts[0][3])
        held = rows.any(axis=2)
        largest = np.where(held, phi, 0.0).max(axis=1, keepdims=True)
        largest[largest == 0.0] = 1.0
        return cls(rows, np.where(held, phi / largest, 1.0), residuals / largest, aside)


def _standard(sort: ClusterCases) -> tuple[Array, Array, Array, Array]:
    """Q, phi, ``Phi^1/2 sqrt(m) (r - p)``, and the scores of rows without leverage."""
    cases, number, h = sort.cases, sort.multiplicity, sort.h
    importance = sort.spread(np.asarray(cases.importance, dtype=np.float64))
    curvature = sort.spread(cases.curvature)
    mass = number * curvature
    held = mass * np.einsum("gij,gij->gi", h, h) > _NO_LEVERAGE
    factor = sort.spread(cases.factor)
    aside = np.einsum("gi,gij->gj", np.where(held, 0.0, number * factor), h)
    square = np.where(held, importance, 1.0) ** 2
    return (
        np.sqrt(np.where(held, mass, 0.0))[:, :, None] * h,
        np.where(held, curvature / square, 1.0),
        np.where(held, np.sqrt(mass) * factor / square, 0.0),
        aside,
    )


def by_residual_root(cluster: StandardRows) -> Adjusted:
    """CR2: the residuals of each cluster through ``B^-1/2``, at the cost of k columns a row."""
    rows = cluster.rows
    information = rows.transpose(0, 2, 1) @ rows
    inverse = _inverse_complement(information)
    if inverse is not None:
        excess = np.trace(inverse, axis1=1, axis2=2) - (rows.shape[2] - 1)
        none = np.zeros(len(rows), np.bool_)
        return _rooted(cluster, information, 1.0 / np.maximum(excess, 1.0), None, none)
    values, vectors = np.linalg.eigh(information)
    full = 1.0 - values <= SATURATED
    rest = np.where(full, 1.0, 1.0 - values).min(axis=1)
    counts = full.sum(axis=1)
    found = Adjusted(
        np.empty(rows.shape[::2]),
        np.empty_like(information),
        np.empty_like(information),
        np.asarray(counts > 0),
    )
    # Eigenvalues come in ascending order, so that those of one are the last.
    for count in np.unique(counts):
        those = np.flatnonzero(counts == count)
        directions = vectors[those, :, rows.shape[2] - count :] if count else None
        some = StandardRows(*(part[those] for part in _fields(cluster)))
        part = _rooted(some, information[those], rest[those], directions, found.saturated[those])
        found.scores[those], found.reach[those] = part.scores, part.reach
        found.expected[those] = part.expected
    return found


def _fields(cluster: StandardRows) -> tuple[Array, Array, Array, Array]:
    return cluster.rows, cluster.phi, cluster.residuals, cluster.aside


def _rooted(
    cluster: StandardRows,
    information: Array,
    rest: Array,
    saturated: Array | None,
    flags: BoolArray,
) -> Adjusted:
    """The adjustment for a lower bound of one minus the eigenvalues of J below one.

    The directions with eigenvalue one, shape (b, r, a), make the columns ``Phi^-1 Q u`` that B
    maps to zero. With their projector added, B has an inverse root, of which one on them is too
    much.
    """
    rows, phi = cluster.rows, cluster.phi
    r = rows.shape[2]
    columns, expected, signs = phi[:, :, None] * rows, information, -np.ones(r)
    null = None
    if saturated is not None:
        null = np.linalg.qr(rows @ saturated / phi[:, :, None])[0]
        columns = np.concatenate([columns, null], axis=2)
        signs = np.append(signs, np.ones(null.shape[2]))
    right = np.concatenate([columns, cluster.residuals[:, :, None]], axis=2)
    smallest = float((phi.min(axis=1) ** 2 * rest).min())
    products = inverse_root_products(rows, phi * phi, columns, signs, right, smallest)
    if null is not None:
        turned, along = rows.transpose(0, 2, 1) @ null, null.transpose(0, 2, 1)
        products = products - turned @ (along @ right)
        expected = information - turned @ turned.transpose(0, 2, 1)
    return Adjusted(products[:, :, -1] + cluster.aside, products[:, :, :r], expected, flags)


def _inverse_complement(information: Array) -> Array | None:
    """``(I - J)^-1``; None where a cluster is, or may be, saturated."""
    try:
        inverse = np.linalg.inv(np.eye(information.shape[1]) - information)
    except np.linalg.LinAlgError:
        return None
    spread = np.abs(np.diagonal(inverse, axis1=1, axis2=2)).max(initial=0.0)
    return np.asarray(inverse) if spread < 0.5 / SATURATED else None


def _times(matrices: Array, vectors: Array) -> Array:
    product: Array = (matrices @ vectors[:, :, None])[:, :, 0]
    return product
