"""The sparse columns of a design: indicators stored by index, or rows of any few entries.

Both kinds know the same few products, for some rows at a time. The squares of their columns add up
over blocks of rows as what they are, and become a square matrix at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Self

import numpy as np
from scipy import sparse

from wlogit._typing import AnyArray, Array, IntArray

# Tables of two factors with more entries than this are kept sparse.
_LARGEST_TABLE = 2**22
# Entries of what is formed at a time where rows of few entries are multiplied.
_AT_A_TIME = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Columns of which every row has at most one entry, such as the indicators of a factor.

    Attributes
    ----------
    codes : ndarray of int32, shape (n,)
        Column of the entry of each row; `size` for a row without one.
    size : int
        Number of columns.
    values : ndarray, shape (n,), or None
        The entries; None for ones.
    """

    codes: AnyArray
    size: int
    values: Array | None = None

    def take(self, rows: "slice | AnyArray") -> "Coded":
        """Some of the rows."""
        return Coded(
            self.codes[rows], self.size, None if self.values is None else self.values[rows]
        )

    def times(self, weight: Array) -> Array:
        """The entries times a weight each."""
        return weight if self.values is None else weight * self.values

    def lookup(self, table: Array) -> Array:
        """``x't`` of every row, for numbers t of the columns, shape (size,) or (size, q)."""
        padded = np.concatenate([table, np.zeros((1, *table.shape[1:]))])
        found: Array = padded.take(self.codes, axis=0)
        if self.values is None:
            return found
        return found * self.values.reshape(-1, *[1] * (found.ndim - 1))

    def sums(self, weight: Array) -> Array:
        """``sum of w x`` over the rows, shape (size,)."""
        total = np.bincount(self.codes, weights=self.times(weight), minlength=self.size + 1)
        return np.asarray(total[: self.size])


class CodedColumns:
    """Several `Coded`, one beside the other.

    Parameters
    ----------
    parts : sequence of Coded
        Of the same rows.
    """

    __slots__ = ("parts", "starts")

    def __init__(self, parts: Sequence[Coded]) -> None:
        # Positions as large as pointers: numpy would convert narrower ones in every product.
        self.parts = tuple(parts)
        self.starts = np.cumsum([0, *(part.size for part in parts)])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.parts[0].codes), int(self.starts[-1])

    @property
    def entries(self) -> int:
        """Most entries of a row."""
        return len(self.parts)

    @property
    def block_rows(self) -> int:
        """Rows that repay the tables of pairs of factors."""
        sizes = [a.size * b.size for a, b in combinations(self.parts, 2)]
        return min(max(sizes, default=0), _LARGEST_TABLE)

    def take(self, rows: "slice | AnyArray") -> "CodedColumns":
        """Some of the rows."""
        return CodedColumns([part.take(rows) for part in self.parts])

    def ready(self, rows: "slice | AnyArray") -> "CodedColumns":
        """Some of the rows, for many products."""
        parts = [part.take(rows) for part in self.parts]
        return CodedColumns(
            [Coded(part.codes.astype(np.intp), part.size, part.values) for part in parts]
        )

    def dot(self, params: Array) -> Array:
        """``x'b`` of every row, for ``params`` of shape (k,) or (k, q)."""
        tables = np.split(params, self.starts[1:-1])
        products = [part.lookup(table) for part, table in zip(self.parts, tables, strict=True)]
        return np.asarray(sum(products[1:], start=products[0]))

    def sums(self, weight: Array) -> Array:
        """``sum of w x`` over the rows, shape (k,)."""
        return np.concatenate([part.sums(weight) for part in self.parts])

    def gram(self, weight: Array) -> "CodedGram":
        """``sum of w x x'``."""
        diagonals = tuple(part.sums(part.times(weight)) for part in self.parts)
        pairs = combinations(self.parts, 2)
        return CodedGram(diagonals, tuple(_table(a, b, weight) for a, b in pairs))

    def quadratic(self, form: Array) -> Array:
        """``x'Bx`` of every row, for a symmetric B."""
        total = np.zeros(self.shape[0])
        for i, a in enumerate(self.parts):
            own = slice(self.starts[i], self.starts[i + 1])
            total += a.times(a.lookup(form.diagonal()[own]))
            for j in range(i):
                b, other = self.parts[j], slice(self.starts[j], self.starts[j + 1])
                padded = np.zeros((a.size + 1, b.size + 1))
                padded[:-1, :-1] = form[own, other]
                total += b.times(a.times(2.0 * padded[a.codes, b.codes]))
        return total

    def entry_values(self) -> list[Array]:
        """Entries that may be other than one."""
        return [part.values for part in self.parts if part.values is not None]

    def column(self, position: int) -> Array:
        """One column, shape (n,)."""
        which = int(np.searchsorted(self.starts, position, side="right")) - 1
        part = self.parts[which]
        here = part.codes == position - self.starts[which]
        return np.where(here, 1.0 if part.values is None else part.values, 0.0)

    def tocsr(self) -> Any:
        """The same columns as a matrix of scipy, zeros left out."""
        n, k = self.shape
        there = np.column_stack([part.codes < part.size for part in self.parts])
        columns = np.column_stack(
            [part.codes + start for part, start in zip(self.parts, self.starts, strict=False)]
        )
        values = np.column_stack(
            [np.ones(n) if part.values is None else part.values for part in self.parts]
        )
        ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
        return sparse.csr_array((values[there], columns[there], ends), shape=(n, k))


@dataclass(frozen=True, slots=True, eq=False)
class CodedGram:
    """Squares of `CodedColumns`: a diagonal for each part, and a table for each pair of parts."""

    diagonals: tuple[Array, ...]
    tables: tuple[Any, ...]

    def __add__(self, other: "CodedGram") -> "CodedGram":
        return CodedGram(
            tuple(a + b for a, b in zip(self.diagonals, other.diagonals, strict=True)),
            tuple(a + b for a, b in zip(self.tables, other.tables, strict=True)),
        )

    def toarray(self) -> Array:
        """The symmetric matrix, shape (k, k)."""
        square = np.diag(np.concatenate(self.diagonals))
        starts = np.cumsum([0, *(len(diagonal) for diagonal in self.diagonals)])
        places = [slice(*ends) for ends in pairwise(starts)]
        for (a, b), table in zip(combinations(places, 2), self.tables, strict=True):
            square[a, b] = table if isinstance(table, np.ndarray) else table.toarray()
            square[b, a] = square[a, b].T
        return square


def _table(a: Coded, b: Coded, weight: Array) -> Any:
    """``sum of w x_a x_b'``, an array or a sparse matrix by its size alone."""
    weight = b.times(a.times(weight))
    if a.size * b.size <= _LARGEST_TABLE:
        code = a.codes * (b.size + 1) + b.codes
        table = np.bincount(code, weights=weight, minlength=(a.size + 1) * (b.size + 1))
        return table.reshape(a.size + 1, b.size + 1)[:-1, :-1]
    shape = (a.size + 1, b.size + 1)
    return sparse.csr_array((weight, (a.codes, b.codes)), shape=shape)[:-1, :-1]


class LooseColumns:
    """Sparse columns of any pattern.

    Parameters
    ----------
    values : scipy.sparse.csr_array
    """

    __slots__ = ("values",)

    def __init__(self, values: Any) -> None:
        self.values = values

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        n, k = self.values.shape
        return int(n), int(k)

    @property
    def entries(self) -> int:
        """Entries of a row, on average."""
        return int(-(-self.values.nnz // max(self.shape[0], 1)))

    @property
    def block_rows(self) -> int:
        """Rows that repay the sparse products of a block."""
        return 2**17

    def take(self, rows: "slice | AnyArray") -> "LooseColumns":
        """Some of the rows."""
        return LooseColumns(self.values[rows])

    def ready(self, rows: "slice | AnyArray") -> Self | "LooseColumns":
        """Some of the rows, for many products."""
        return self.take(rows)

    def dot(self, params: Array) -> Array:
        """``x'b`` of every row, for ``params`` of shape (k,) or (k, q)."""
        return np.asarray(self.values @ params)

    def sums(self, weight: Array) -> Array:
        """``sum of w x`` over the rows, shape (k,)."""
        return np.asarray(self.values.T @ weight)

    def gram(self, weight: Array) -> Any:
        """``sum of w x x'``, a sparse matrix."""
        return self.values.T @ self._scaled(weight)

    def quadratic(self, form: Array) -> Array:
        """``x'Bx`` of every row, for a symmetric B."""
        n, k = self.shape
        counts = np.diff(self.values.indptr).astype(np.int64)
        pairs = counts * counts
        by_pairs = pairs.sum() < counts.sum() * max(k // 4, 1)
        work = np.cumsum(pairs if by_pairs else np.full(n, k))
        found, start = np.zeros(n), 0
        while start < n:
            done = work[start - 1] if start else 0
            stop = max(int(np.searchsorted(work, done + _AT_A_TIME, side="right")), start + 1)
            rows = self.values[start:stop]
            found[start:stop] = _by_pairs(rows, form) if by_pairs else _by_rows(rows, form)
            start = stop
        return found

    def entry_values(self) -> list[Array]:
        """Entries that may be other than one."""
        return [self.values.data]

    def column(self, position: int) -> Array:
        """One column, shape (n,)."""
        return np.asarray(self.values[:, [position]].toarray()[:, 0])

    def tocsr(self) -> Any:
        """The columns themselves."""
        return self.values

    def _scaled(self, weight: Array) -> Any:
        counts = np.diff(self.values.indptr)
        data = self.values.data * np.repeat(weight, counts)
        return sparse.csr_array(
            (data, self.values.indices, self.values.indptr), shape=self.values.shape
        )


Side = CodedColumns | LooseColumns


def _by_rows(rows: Any, form: Array) -> Array:
    return np.asarray(rows.multiply(rows @ form).sum(axis=1)).ravel()


def _by_pairs(rows: Any, form: Array) -> Array:
    """``x'Bx`` as the sum over pairs of entries of a row."""
    counts = np.diff(rows.indptr)
    # Every entry meets each entry of its row.
    per_entry = np.repeat(counts, counts)
    left = np.repeat(np.arange(len(rows.data)), per_entry)
    first = np.repeat(np.repeat(rows.indptr[:-1], counts), per_entry)
    ends = np.cumsum(per_entry)
    right = first + np.arange(len(left)) - np.repeat(ends - per_entry, per_entry)
    terms = rows.data[left] * rows.data[right] * form[rows.indices[left], rows.indices[right]]
    row_of = np.repeat(np.arange(rows.shape[0]), counts * counts)
    return np.asarray(np.bincount(row_of, weights=terms, minlength=rows.shape[0]), dtype=np.float64)


def side_of(values: Any, most_parts: int = 8) -> Side:
    """The sparse columns of a matrix, by index where a few runs of them allow it.

    Parameters
    ----------
    values : scipy.sparse.csr_array, shape (n, k)
        With sorted indices.
    most_parts : int
        Runs of columns, with at most one entry in a row each, that are worth their indices.
    """
    starts = _runs(values)
    if len(starts) > most_parts:
        return LooseColumns(values)
    n, k = values.shape
    row_of = np.repeat(np.arange(n), np.diff(values.indptr))
    run_of = np.searchsorted(starts, values.indices, side="right") - 1
    parts = []
    for i, (start, stop) in enumerate(zip(starts, [*starts[1:], k], strict=True)):
        mine = run_of == i
        codes = np.full(n, stop - start, dtype=np.int32)
        codes[row_of[mine]] = values.indices[mine] - start
        entries = None
        if np.any(values.data[mine] != 1.0):
            entries = np.zeros(n)
            entries[row_of[mine]] = values.data[mine]
        parts.append(Coded(codes, stop - start, entries))
    return CodedColumns(parts)


def _runs(values: Any) -> list[int]:
    """Where runs of columns begin of which no row has two entries."""
    _, k = values.shape
    indices: IntArray = values.indices
    nearest = np.full(k, -1)
    follows = np.ones(len(indices), dtype=np.bool_)
    follows[values.indptr[:-1][np.diff(values.indptr) > 0]] = False
    later = np.flatnonzero(follows)
    np.maximum.at(nearest, indices[later], indices[later - 1])
    starts = [0]
    for column in np.flatnonzero(nearest >= 0).tolist():
        if nearest[column] >= starts[-1]:
            starts.append(column)
    return starts
