"""Degrees of freedom of a cluster-robust covariance, for coefficients, contrasts and joint tests.

With working variances of the residuals those of the model, the covariance estimate of ``L b`` is a
sum of squares of jointly normal scores with covariances ``P_gh = 1(g = h) T_g - R_g R_h'`` (T_g of
the cluster alone, R_g its reach; in coordinates in which the information is the identity). Its mean
``Omega = sum of P_gg`` and the squares of its entries give the degrees of freedom of the
chi-square, or Wishart, distribution with the same mean and total variance.

References
----------
Pustejovsky and Tipton (2018), JBES 36, 672-683, sections 3 and 4 (HTZ); Bell and McCaffrey (2002),
Survey Methodology 28, 169-181; Satterthwaite (1946), Biometrics Bulletin 2, 110-114.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from wlogit._typing import Array, BoolArray
from wlogit.core.cluster_leverage import Adjusted

# Beyond this many coefficients the degrees of freedom of each are kept, not those of all contrasts.
MOST_FOR_CONTRASTS = 48
# A contrast whose variance estimate has this small a part of its model-based mean has none.
_NO_SPREAD = 1e-9
_ENTRIES = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Satterthwaite:
    """Degrees of freedom under one grouping.

    Attributes
    ----------
    root : ndarray, shape (k, r)
        H with ``H H'`` the inverse information, in the user's coordinates.
    each : ndarray, shape (k,)
        Of the coefficients; NaN where none can be estimated.
    mean : ndarray, shape (r, r)
        Omega of all combinations.
    spread : ndarray, shape (r (r + 1) / 2, r (r + 1) / 2), or None
        Half the sum of the variances, as a quadratic form of the symmetric matrix ``Omega^-1``;
        None for many coefficients.
    """

    root: Array
    each: Array
    mean: Array
    spread: Array | None

    def of_each(self, contrasts: Array) -> Array:
        """Degrees of freedom of t tests of single combinations, shape (m,).

        Parameters
        ----------
        contrasts : ndarray, shape (m, k)
        """
        if self.spread is None:
            return np.array([self._least(row[None, :]) for row in contrasts])
        found = np.empty(len(contrasts))
        step = max(_ENTRIES // len(self.spread), 1)
        for start in range(0, len(contrasts), step):
            part = slice(start, start + step)
            found[part] = self._of_rows(contrasts[part] @ self.root, self.spread)
        return found

    def _of_rows(self, rows: Array, spread: Array) -> Array:
        fixed = np.asarray(~rows.any(axis=1))
        rows = rows / _lengths(rows)[:, None]
        mean = np.einsum("mi,mi->m", rows @ self.mean, rows)
        squares = _vectors(rows[:, :, None] * rows[:, None, :])
        variance = np.einsum("mi,mi->m", squares @ spread, squares)
        return _ratio(mean, variance, mean > _NO_SPREAD, fixed)

    def of(self, contrast: Array) -> float:
        """Degrees of freedom of the Wishart distribution that the covariance of L b follows.

        Parameters
        ----------
        contrast : ndarray, shape (q, k)
            L; combinations of others among them do not count.
        """
        if self.spread is None:
            return self._least(contrast)
        rows = contrast @ self.root
        if not np.isfinite(rows).all():
            return np.nan
        _, sizes, basis = np.linalg.svd(rows / _lengths(rows)[:, None], full_matrices=False)
        basis = basis[sizes > _NO_SPREAD]
        if not len(basis):
            return np.inf
        mean = basis @ self.mean @ basis.T
        if not np.linalg.eigvalsh(mean).min(initial=np.inf) > _NO_SPREAD:
            return np.nan
        whole = _vectors(basis.T @ np.linalg.solve(mean, basis))
        q = len(basis)
        return float(q * (q + 1) / (2.0 * whole @ self.spread @ whole))

    def _least(self, contrast: Array) -> float:
        involved = self.each[np.any(contrast != 0.0, axis=0)]
        return float(np.min(involved, initial=np.inf))

    def turned(self, turn: Array) -> "Satterthwaite":
        """Of the coefficients ``turn @ b``.

        Parameters
        ----------
        turn : ndarray, shape (j, k)
        """
        moved = replace(self, root=turn @ self.root)
        return replace(moved, each=self.of_each(turn))


@dataclass(slots=True)
class Moments:
    """Sums over clusters from which degrees of freedom follow.

    Parameters
    ----------
    root : ndarray, shape (k, r)
        H in the user's coordinates.
    """

    root: Array
    _mean: Array = field(init=False)
    _squares: Array = field(init=False)
    _reach: Array = field(init=False)
    _each: Array = field(init=False)

    def __post_init__(self) -> None:
        k, r = self.root.shape
        self._mean = np.zeros((r, r))
        pairs = r * (r + 1) // 2
        self._squares = np.zeros((0, 0) if self._many else (pairs, pairs))
        self._reach = np.zeros((0, 0) if self._many else (r * r, r * r))
        self._each = np.zeros((k, r, r)) if self._many else np.zeros((0, r, r))
        self._diagonal = np.zeros((2, k))

    _diagonal: Array = field(init=False)

    @property
    def _many(self) -> bool:
        return int(self.root.shape[1]) > MOST_FOR_CONTRASTS

    def add(self, part: Adjusted) -> None:
        """Add the clusters of a batch."""
        own = part.reach @ part.reach.transpose(0, 2, 1)
        self._mean += part.expected.sum(axis=0)
        if self._many:
            self._add_coefficients(part, own)
            return
        expected, own = _vectors(part.expected), _vectors(own)
        self._squares += expected.T @ expected - own.T @ own
        reach = part.reach.reshape(len(own), -1)
        self._reach += reach.T @ reach

    def _add_coefficients(self, part: Adjusted, own: Array) -> None:
        root = self.root
        mean, square = (
            np.einsum("ki,gij,kj->gk", root, m, root, optimize=True) for m in (part.expected, own)
        )
        self._diagonal += [mean.sum(axis=0), (mean**2 - square**2).sum(axis=0)]
        reach = np.einsum("ki,gij->kgj", root, part.reach, optimize=True)
        self._each += reach.transpose(0, 2, 1) @ reach

    def degrees_of_freedom(self) -> Satterthwaite:
        """After all clusters were added."""
        root, k = self.root, len(self.root)
        if self._many:
            mean, variance = self._diagonal
            variance = variance + np.einsum("kij,kij->k", self._each, self._each)
            valid = mean > _NO_SPREAD * np.einsum("ki,ki->k", root, root)
            each = _ratio(mean, variance, valid, np.asarray(~root.any(axis=1)))
            return Satterthwaite(root, each, self._mean, None)
        found = Satterthwaite(root, np.empty(0), self._mean, self._spread())
        return replace(found, each=found.of_each(np.eye(k)))

    def _spread(self) -> Array:
        """Half of ``W_abcd + W_acdb``, W the second moments of ``P_gh``, on symmetric matrices."""
        r = self.root.shape[1]
        crossed = self._reach.reshape(r, r, r, r).transpose(0, 2, 1, 3).reshape(r * r, r * r)
        paired = (crossed @ crossed.T).reshape(r, r, r, r)
        squares = _matrices(_matrices(self._squares, r).transpose(1, 2, 0), r)
        # W_abcd, then W_acdb.
        total = squares + paired.transpose(0, 2, 1, 3)
        total = total + squares.transpose(0, 3, 1, 2) + paired.transpose(0, 3, 2, 1)
        total = total + total.transpose(1, 0, 2, 3)
        total = total + total.transpose(0, 1, 3, 2)
        return 0.125 * _vectors(_vectors(total).T)


def _lengths(rows: Array) -> Array:
    """Lengths of some rows, one for those of zeros."""
    length: Array = np.linalg.norm(rows, axis=1)
    return np.where(length > 0.0, length, 1.0)


def _ratio(mean: Array, variance: Array, valid: BoolArray, fixed: BoolArray) -> Array:
    """``mean^2 / variance``; NaN where nothing can be estimated, infinite for what is fixed."""
    degrees = np.where(valid, mean, np.nan) ** 2 / np.where(valid, variance, 1.0)
    return np.where(fixed, np.inf, degrees)


def _vectors(matrices: Array) -> Array:
    """Symmetric matrices in the last two axes as vectors with the same inner products."""
    first, second = np.triu_indices(matrices.shape[-1])
    weights = np.where(first == second, 1.0, np.sqrt(2.0))
    return np.asarray(matrices[..., first, second] * weights)


def _matrices(vectors: Array, r: int) -> Array:
    """The inverse of `_vectors`, in the last axis."""
    first, second = np.triu_indices(r)
    matrices = np.empty((*vectors.shape[:-1], r, r))
    matrices[..., first, second] = vectors / np.where(first == second, 1.0, np.sqrt(2.0))
    matrices[..., second, first] = matrices[..., first, second]
    return matrices


@dataclass(frozen=True, slots=True, eq=False)
class SmallestOf:
    """Degrees of freedom under several groupings: for each question the fewest.

    The sum and difference of the covariances of several groupings is no sum of squares, and no
    approximation of its distribution is established; fewer degrees of freedom than under any of
    the groupings alone cannot be argued for.
    """

    groupings: Sequence[Satterthwaite]

    @property
    def each(self) -> Array:
        """Of the coefficients, shape (k,)."""
        return np.asarray(np.min([grouping.each for grouping in self.groupings], axis=0))

    def of_each(self, contrasts: Array) -> Array:
        """Of single combinations; see `Satterthwaite.of_each`."""
        return np.asarray(np.min([one.of_each(contrasts) for one in self.groupings], axis=0))

    def of(self, contrast: Array) -> float:
        """Of several combinations together; see `Satterthwaite.of`."""
        return float(np.min([one.of(contrast) for one in self.groupings]))

    def turned(self, turn: Array) -> "SmallestOf":
        """Of the coefficients ``turn @ b``."""
        return SmallestOf([one.turned(turn) for one in self.groupings])
