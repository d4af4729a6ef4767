"""Replicate weights of the rows: a full table, or one for the groups that share them."""

from dataclasses import dataclass, replace

import numpy as np

from wlogit._typing import AnyArray, Array, BoolArray, IntArray

# As R's degf(): a column nearer than this to the span of those before it, relative to its length,
# is one of their combinations.
_DEPENDENT = 1e-5
# To which combinations of factors are compared: published weights are rounded.
_DIGITS = 9


@dataclass(frozen=True, slots=True, eq=False)
class ReplicateWeights:
    """Weight of each row in each replicate: ``base[i] * table[groups[i], r]``.

    Attributes
    ----------
    table : ndarray, shape (g, R)
        One row for each group of rows with the same factors, or for each row.
    groups : ndarray of int, shape (n,), or None
        Group of each row; None if the table has the rows themselves.
    base : ndarray, shape (n,), or None
        What the factors multiply; None if the table has the weights already.
    names : tuple of str
        How messages call the replicates.
    """

    table: AnyArray
    groups: IntArray | None
    base: Array | None
    names: tuple[str, ...]

    @property
    def n_replicates(self) -> int:
        """R."""
        return int(self.table.shape[1])

    @property
    def n_rows(self) -> int:
        """Rows that have weights."""
        return len(self.table if self.groups is None else self.groups)

    def take(self, rows: IntArray) -> "ReplicateWeights":
        """Those of some rows, in this order."""
        base = None if self.base is None else self.base[rows]
        if self.groups is None:
            return replace(self, table=self.table[rows], base=base)
        return replace(self, groups=self.groups[rows], base=base)

    def matrix(self) -> Array:
        """All of them, shape (n, R)."""
        rows = self.table if self.groups is None else self.table[self.groups]
        if self.base is None:
            return np.array(rows, dtype=np.float64)
        return np.asarray(rows * self.base[:, np.newaxis], dtype=np.float64)

    def totals(self, values: Array) -> Array:
        """Weighted sums of some columns in each replicate, shape (R, q).

        Parameters
        ----------
        values : ndarray, shape (n, q)
        """
        weighted = values if self.base is None else values * self.base[:, np.newaxis]
        return np.asarray(self.table.T @ self.by_group(weighted))

    def by_group(self, values: Array) -> Array:
        """Sums over the rows of each group, shape (g, q); the rows where they are the groups."""
        if self.groups is None:
            return values
        count = len(self.table)
        columns = [np.bincount(self.groups, column, minlength=count) for column in values.T]
        return np.column_stack(columns) if columns else np.zeros((count, 0))

    def compressed(self) -> "ReplicateWeights":
        """The same, with one row of the table for all rows that share it, where these are many."""
        if self.groups is not None:
            return self
        combined = self.table @ _coefficients(self.n_replicates, 0)
        _, first, groups = np.unique(combined, return_index=True, return_inverse=True)
        shared = self.table[first]
        if 2 * len(first) > self.n_rows or not np.array_equal(shared[groups.ravel()], self.table):
            return self
        return replace(self, table=shared, groups=groups.ravel().astype(np.intp))

    def moving_together(self, weights: Array) -> IntArray:
        """Groups of rows whose weights change alike from replicate to replicate, shape (n,).

        Parameters
        ----------
        weights : ndarray, shape (n,)
            Sampling weights; rows without are each their own.
        """
        if self.groups is not None:
            return self.groups
        # Rows with the same factors have the same combination of them, whatever its coefficients.
        combined = self.table @ _coefficients(self.n_replicates, 0)
        base = weights if self.base is None else np.ones(self.n_rows)
        there = weights > 0.0
        combined = np.divide(combined, base, out=-1.0 - np.arange(self.n_rows), where=there)
        largest = np.abs(combined[there]).max(initial=1.0)
        _, codes = np.unique(np.round(combined / largest, _DIGITS), return_inverse=True)
        return np.asarray(codes.ravel(), dtype=np.intp)

    def rank(self, rows: BoolArray) -> int:
        """Independent columns among some of the rows.

        Parameters
        ----------
        rows : ndarray of bool, shape (n,)

        Notes
        -----
        As R's ``qr(weights(design, "analysis"), tol = 1e-5)$rank``: columns are taken in order.
        """
        if self.groups is None:
            there = self.table if rows.all() else self.table[rows]
            if self.base is not None:
                there = there * self.base[rows, np.newaxis]
            there = _one_of_each_pattern(there)
            gram = there.T @ there
        else:
            base = np.ones(self.n_rows) if self.base is None else self.base
            squares = self.by_group(np.where(rows, base, 0.0)[:, np.newaxis] ** 2)
            gram = self.table.T @ (self.table * squares)
        return _rank_in_order(np.asarray(gram, dtype=np.float64))


def _one_of_each_pattern(table: AnyArray) -> AnyArray:
    """Rows with the same inner products of columns: one for all that differ by a factor alone."""
    n_replicates = table.shape[1]
    size, other = (table @ _coefficients(n_replicates, seed) for seed in (0, 1))
    there = size > 0.0
    ratio = np.divide(other, size, out=np.zeros(len(table)), where=there)
    _, first, codes = np.unique(ratio.round(_DIGITS + 3), return_index=True, return_inverse=True)
    if 2 * len(first) > len(table):
        return table
    squares = np.bincount(codes.ravel(), size**2, minlength=len(first))
    own = np.where(there[first], size[first], 1.0)
    return np.asarray(table[first] * (np.sqrt(squares) / own)[:, np.newaxis])


def _coefficients(n_replicates: int, seed: int) -> Array:
    """Of combinations that are the same for rows with the same factors only."""
    return np.random.default_rng(seed).uniform(1.0, 2.0, n_replicates)


def _rank_in_order(gram: Array) -> int:
    """Columns that are no combination of those before them, from their inner products."""
    rest, squares, rank = gram.copy(), gram.diagonal().copy(), 0
    for j in range(len(gram)):
        pivot = rest[j, j]
        if pivot <= _DEPENDENT**2 * squares[j]:
            continue
        rank += 1
        row = rest[j, j:] / np.sqrt(pivot)
        rest[j:, j:] -= np.outer(row, row)
    return rank
