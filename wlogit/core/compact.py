"""Designs with many columns, of which a row fills few: a dense part beside a sparse one."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import sparse

from wlogit._typing import AnyArray, Array, IntArray
from wlogit.core.sides import Coded, CodedColumns, LooseColumns, Side, side_of

# A column with entries in more than this share of the rows is stored whole.
_MOSTLY_FILLED = 0.3
_BLOCK_ROWS = 2**15


class CompactDesign:
    """A design X that is never held as a dense array; it becomes one by ``toarray()``.

    ``X @ b``, ``v @ X``, rows ``X[rows]`` and columns ``X[:, j]`` are those of an array.

    Parameters
    ----------
    dense : ndarray, shape (n, d)
        Best one column after the other.
    dense_columns : ndarray of int, shape (d,)
        Their positions in X.
    side : CodedColumns or LooseColumns, shape (n, k - d)
        The other columns.
    side_columns : ndarray of int, shape (k - d,), optional
        Their positions; by default they are in order.
    """

    __slots__ = ("__weakref__", "dense", "dense_columns", "side", "side_columns")
    # Products with arrays are ours, as they are scipy's for its matrices.
    __array_priority__ = 10.1
    ndim = 2
    dtype = np.dtype(np.float64)

    def __init__(
        self,
        dense: Array,
        dense_columns: AnyArray,
        side: Side,
        side_columns: AnyArray | None = None,
    ) -> None:
        self.dense, self.side = dense, side
        self.dense_columns: IntArray = np.asarray(dense_columns, dtype=np.intp)
        if side_columns is None:
            own = np.zeros(dense.shape[1] + side.shape[1], dtype=np.bool_)
            own[self.dense_columns] = True
            side_columns = np.flatnonzero(~own)
        self.side_columns: IntArray = np.asarray(side_columns, dtype=np.intp)

    @classmethod
    def from_sparse(cls, values: Any) -> Self:
        """A matrix of scipy's, in any of its formats; its memory is not written to."""
        given = sparse.csr_array(values, dtype=np.float64)
        if not given.has_canonical_format:
            given = given.copy()
            given.sum_duplicates()
        n, k = given.shape
        counts = np.bincount(given.indices, minlength=k)
        filled = np.flatnonzero(counts > _MOSTLY_FILLED * n)
        if not len(filled):
            return cls(np.empty((n, 0)), filled, side_of(given))
        dense = given[:, filled].toarray(order="F")
        return cls(dense, filled, side_of(given[:, np.flatnonzero(counts <= _MOSTLY_FILLED * n)]))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        n, d = self.dense.shape
        return int(n), int(d) + self.side.shape[1]

    @property
    def size(self) -> int:
        """Entries of the dense array that it stands for."""
        n, k = self.shape
        return int(n * k)

    @property
    def width(self) -> int:
        """Entries that a row has, at most or on average."""
        return int(self.dense.shape[1]) + self.side.entries

    @property
    def block_rows(self) -> int:
        """Rows to be taken at a time."""
        return max(_BLOCK_ROWS, self.side.block_rows)

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> AnyArray:
        self.check_size(self.size)
        return self.toarray().astype(dtype or np.float64, copy=False)

    def check_size(self, entries: int) -> None:
        """Refuse to become a dense array of so many entries, where that is not wanted."""

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, tuple):
            return self.take(key) if np.ndim(key) or isinstance(key, slice) else self._row(key)
        rows, columns = key
        if isinstance(columns, int | np.integer):
            return self.column(int(columns))[rows]
        if isinstance(rows, slice) and rows == slice(None):
            return self.select(columns)
        rows = rows.ravel() if isinstance(rows, np.ndarray) and rows.ndim == 2 else rows
        columns = columns.ravel() if isinstance(columns, np.ndarray) else columns
        return np.asarray(self[rows])[..., columns]

    def __matmul__(self, other: Any) -> Array:
        values = np.asarray(other, dtype=np.float64)
        if values.ndim == 2:
            self.check_size(len(self) * values.shape[1])
        return self.dot(values)

    def __rmatmul__(self, other: Any) -> Array:
        values = np.asarray(other, dtype=np.float64)
        if values.ndim == 1:
            return self.sums(values)
        return np.stack([self.sums(row) for row in values])

    def __mul__(self, other: Any) -> Array:
        return np.asarray(np.asarray(self) * np.asarray(other))

    __rmul__ = __mul__

    def take(self, rows: "slice | AnyArray") -> "Self":
        """Some of the rows, by a slice, positions or a mask."""
        side = self.side.take(rows)
        return type(self)(self.dense[rows], self.dense_columns, side, self.side_columns)

    def select(self, columns: Any) -> "CompactDesign":
        """Some of the columns, in the order given."""
        positions = np.arange(self.shape[1])[columns]
        return type(self).from_sparse(self.tocsr()[:, positions])

    def column(self, position: int) -> Array:
        """One column, shape (n,)."""
        position = range(self.shape[1])[position]
        whole = np.flatnonzero(self.dense_columns == position)
        if len(whole):
            return np.array(self.dense[:, whole[0]], dtype=np.float64)
        return self.side.column(int(np.flatnonzero(self.side_columns == position)[0]))

    def dot(self, params: Array) -> Array:
        """``X b``, for b of shape (k,) or (k, q)."""
        product: Array = np.dot(self.dense, params[self.dense_columns])
        product += self.side.dot(params[self.side_columns])
        return product

    def sums(self, weight: Array) -> Array:
        """``X'v``, shape (k,), for v of shape (n,)."""
        total = np.empty(self.shape[1])
        total[self.dense_columns] = weight @ self.dense
        total[self.side_columns] = self.side.sums(weight)
        return total

    def toarray(self) -> Array:
        """The dense array, shape (n, k)."""
        full = np.empty(self.shape)
        full[:, self.dense_columns] = self.dense
        full[:, self.side_columns] = self.side.tocsr().toarray()
        return full

    def tocsr(self) -> Any:
        """The same design as a sparse matrix of scipy's."""
        n, k = self.shape
        side = self.side.tocsr().tocoo()
        rows, columns = np.nonzero(self.dense)
        entries = np.concatenate([self.dense[rows, columns], side.data])
        at = np.concatenate([rows, side.row])
        of = np.concatenate([self.dense_columns[columns], self.side_columns[side.col]])
        return sparse.csr_array((entries, (at, of)), shape=(n, k))

    def _row(self, position: int) -> Array:
        here = int(np.arange(len(self))[position])
        return np.asarray(self.take(slice(here, here + 1)).toarray()[0])

    def __getstate__(self) -> tuple[Any, ...]:
        return self.dense, self.dense_columns, self.side, self.side_columns

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        CompactDesign.__init__(self, *state)


@dataclass(frozen=True, slots=True, eq=False)
class CompactBlock:
    """Some rows of a `CompactDesign` in working coordinates.

    Parameters
    ----------
    design : CompactDesign
        Of which the rows are.
    dense : ndarray, shape (b, d)
        The dense columns, in working coordinates.
    side : CodedColumns or LooseColumns
    scale : ndarray, shape (k - d,), or None
        Of the other columns.
    """

    design: CompactDesign
    dense: Array
    side: Side
    scale: Array | None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.dense), self.design.shape[1]

    def __len__(self) -> int:
        return len(self.dense)

    def dot(self, params: Array) -> Array:
        """``x'b`` of every row, for ``params`` of shape (k,) or (k, q)."""
        product: Array = np.dot(self.dense, params[self.design.dense_columns])
        sparse_params = params[self.design.side_columns]
        if self.scale is not None:
            sparse_params = (sparse_params.T * self.scale).T
        product += self.side.dot(sparse_params)
        return product

    def sums(self, weights: Array) -> Array:
        """``V X``, shape (q, k), for long rows V of shape (q, b)."""
        total = np.empty((len(weights), self.design.shape[1]))
        total[:, self.design.dense_columns] = np.dot(weights, self.dense)
        for row, weight in zip(total, weights, strict=True):
            row[self.design.side_columns] = self._scaled(self.side.sums(weight))
        return total

    def gram_and_sums(self, weight: Array, rows: Array) -> tuple["CompactGram", Array]:
        """``sum of w x x'``, in parts that add up, and ``V X``."""
        weight = np.broadcast_to(weight, (len(self),))
        weighted = (self.dense.T * weight).T
        crossed = np.empty((self.side.shape[1], weighted.shape[1]))
        for j in range(weighted.shape[1]):
            crossed[:, j] = self._scaled(self.side.sums(weighted[:, j]))
        own = np.dot(self.dense.T, weighted)
        gram = CompactGram(self.design, self.scale, own, crossed, self.side.gram(weight))
        return gram, self.sums(rows)

    def quadratic(self, form: "CompactForm") -> Array:
        """``x'Bx`` of every row."""
        beside = np.dot(self.dense, form.own)
        for j in range(beside.shape[1]):
            beside[:, j] += self.side.dot(form.crossed[:, j])
        total: Array = np.einsum("ij,ij->i", beside, self.dense)
        # Rounding must not make a length negative.
        return np.maximum(total + self.side.quadratic(form.inner), 0.0)

    def tocsr(self) -> Any:
        """The rows in working coordinates as a sparse matrix of scipy's."""
        side = self.side.tocsr()
        if self.scale is not None:
            side = side @ sparse.diags_array(self.scale)
        order = np.argsort(np.concatenate([self.design.dense_columns, self.design.side_columns]))
        return sparse.hstack([sparse.csr_array(self.dense), side], format="csr")[:, order]

    def _scaled(self, sums: Array) -> Array:
        return sums if self.scale is None else sums * self.scale


@dataclass(frozen=True, slots=True, eq=False)
class CompactForm:
    """A symmetric B of shape (k, k), by the kinds of columns that it multiplies.

    Attributes
    ----------
    own : ndarray, shape (d, d)
        Of the dense columns.
    crossed : ndarray, shape (k - d, d)
        Twice that of the others with these.
    inner : ndarray, shape (k - d, k - d)
    """

    own: Array
    crossed: Array
    inner: Array

    @classmethod
    def of(cls, design: CompactDesign, form: Array, scale: Array | None) -> "CompactForm":
        """Divide B, and let it multiply entries before they are scaled."""
        d, s = design.dense_columns, design.side_columns
        crossed, inner = 2.0 * form[np.ix_(s, d)], form[np.ix_(s, s)]
        if scale is not None:
            crossed = crossed * scale[s, np.newaxis]
            inner = inner * scale[s] * scale[s, np.newaxis]
        return cls(form[np.ix_(d, d)], np.asfortranarray(crossed), inner)


@dataclass(frozen=True, slots=True, eq=False)
class CompactGram:
    """``sum of w x x'`` over some rows, in parts that add up."""

    design: CompactDesign
    scale: Array | None
    own: Array
    crossed: Array
    side: Any

    def __add__(self, other: "CompactGram") -> "CompactGram":
        return CompactGram(
            self.design,
            self.scale,
            self.own + other.own,
            self.crossed + other.crossed,
            self.side + other.side,
        )

    def toarray(self) -> Array:
        """The symmetric matrix, shape (k, k)."""
        k = self.design.shape[1]
        d, s = self.design.dense_columns, self.design.side_columns
        square, inner = np.empty((k, k)), self.side.toarray()
        if self.scale is not None:
            inner = inner * self.scale * self.scale[:, np.newaxis]
        square[np.ix_(d, d)] = 0.5 * (self.own + self.own.T)
        square[np.ix_(s, d)] = self.crossed
        square[np.ix_(d, s)] = self.crossed.T
        square[np.ix_(s, s)] = 0.5 * (inner + inner.T)
        return square


__all__ = ["Coded", "CodedColumns", "CompactBlock", "CompactDesign", "CompactForm", "LooseColumns"]
