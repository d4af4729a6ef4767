"""How often, or how much, every case counts in each replicate: given weights, or a bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlogit._typing import AnyArray, Array, IntArray
from wlogit.core.blocksum import blocks
from wlogit.survey.replicate_weights import ReplicateWeights
from wlogit.weights.multinomial import LabelledCases
from wlogit.weights.weights import Cases, Weights, is_binary

# Cases that are drawn one by one; more of them are drawn by cell.
_DRAWN_ALONE = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class Strand:
    """One sort of case in some replicates.

    Case i has the mass ``multiplicity[i] sampling[i] table[groups[i], r]`` in replicate r.

    Attributes
    ----------
    table : ndarray, shape (g, C)
    groups : ndarray of int, shape (n,), or None
        Row of the table for each row; None if they are the same.
    multiplicity, sampling : ndarray, shape (n,) or ()
    counted : bool
        Whether the table multiplies numbers of cases; else it multiplies sampling weights.
    """

    table: AnyArray
    groups: IntArray | None
    multiplicity: Array
    sampling: Array
    counted: bool

    def block(self, rows: slice) -> AnyArray:
        """What the table says of some rows, shape (b, C)."""
        if self.groups is None:
            return self.table[rows]
        return np.take(self.table, self.groups[rows], axis=0)

    def in_replicate(self, r: int) -> tuple[Array, Array]:
        """Multiplicity and sampling weight of the cases in one replicate, shape (n,) each."""
        column = self.table[:, r] if self.groups is None else self.table[self.groups, r]
        if self.counted:
            return np.asarray(column * self.multiplicity, dtype=np.float64), self.sampling
        return self.multiplicity, np.asarray(column * self.sampling, dtype=np.float64)

    def ratios(self, rows: slice, sampling: Array) -> Array:
        """Mass of some rows in each replicate over a sampling weight, shape (b, C); 0/0 is zero.

        Parameters
        ----------
        rows : slice
        sampling : ndarray, shape (n,) or ()
            That of the cases in the fit.
        """
        own = column_of(self.multiplicity, rows) * column_of(self.sampling, rows)
        base = column_of(sampling, rows)
        shape = np.broadcast_shapes(own.shape, base.shape, (1, 1))
        unit = np.divide(own, base, out=np.zeros(shape), where=np.broadcast_to(base > 0.0, shape))
        return np.asarray(self.block(rows) * unit)

    def totals(self, values: Array) -> Array:
        """Sums over the rows in each replicate, shape (C, q), of values (n, q) by mass."""
        unit = np.broadcast_to(self.multiplicity * self.sampling, (len(values),))
        weighted = values * unit[:, np.newaxis]
        if self.groups is not None:
            count = len(self.table)
            sums = [np.bincount(self.groups, column, minlength=count) for column in weighted.T]
            weighted = np.column_stack(sums)
        # Block by block: counts become floats on the way.
        parts = blocks(*self.table.shape)
        total = sum(self.table[rows].T @ weighted[rows] for rows in parts)
        return np.asarray(total, dtype=np.float64)


class Resampling(Protocol):
    """Replicates of the cases of a fit."""

    @property
    def n_replicates(self) -> int:
        """R."""
        ...

    @property
    def n_rows(self) -> int:
        """Rows of the fit."""
        ...

    def name(self, r: int) -> str:
        """How messages call a replicate."""
        ...

    def strands(self, which: slice) -> tuple[Strand, ...]:
        """Each sort of case in some of the replicates."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class GivenReplicates:
    """Replicates by weights of the rows.

    Attributes
    ----------
    weights : Weights
        Of the fit. Where its sampling weights are not those of the design, as in a fit that leaves
        them out, they are multiplied by what the replicates multiply those of the design by.
    replicates : ReplicateWeights
        Of its rows.
    design_weights : ndarray, shape (n,)
        Sampling weights of its rows in the design.
    """

    weights: Weights
    replicates: ReplicateWeights
    design_weights: Array

    @property
    def n_replicates(self) -> int:
        """R."""
        return self.replicates.n_replicates

    @property
    def n_rows(self) -> int:
        """Rows of the fit."""
        return self.weights.n_rows

    def name(self, r: int) -> str:
        """How messages call a replicate."""
        return self.replicates.names[r]

    def strands(self, which: slice) -> tuple[Strand, ...]:
        """Each sort of case in some of the replicates."""
        own = self.replicates
        base = np.ones(()) if own.base is None else own.base
        table = own.table[:, which]
        return tuple(
            Strand(table, own.groups, sort.multiplicity, base * self._times(sort), counted=False)
            for sort in self.weights.cases
        )

    def _times(self, sort: Cases) -> Array:
        """Sampling weights of the fit over those of the design, shape (n,) or ()."""
        if np.all(sort.sampling == self.design_weights):
            return np.ones(())
        times = np.zeros(self.design_weights.shape)
        return np.divide(sort.sampling, self.design_weights, times, where=self.design_weights > 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class CaseBootstrap:
    """As many cases as there are, drawn with replacement; a row of m cases holds m of them.

    Rows without sampling weight are not drawn.

    Attributes
    ----------
    weights : Weights
    n_replicates : int
    seed : int
        Replicate r is drawn from it alone, whatever others are.
    within_class : bool
        Draw as many cases of each class as there are.
    """

    weights: Weights
    n_replicates: int
    seed: int
    within_class: bool = False

    @property
    def n_rows(self) -> int:
        """Rows of the fit."""
        return self.weights.n_rows

    def name(self, r: int) -> str:
        """How messages call a replicate."""
        return str(r + 1)

    def strands(self, which: slice) -> tuple[Strand, ...]:
        """Each sort of case in some of the replicates."""
        n, sorts = self.weights.n_rows, self.weights.cases
        drawers = [_drawer(cells) for cells in _cells(self.weights, self.within_class)]
        wanted = range(*which.indices(self.n_replicates))
        counts = np.empty((len(wanted), len(sorts) * n), dtype=np.uint32)
        for place, r in enumerate(wanted):
            rng = _generator(self.seed, r)
            counts[place] = sum(draw(rng) for draw in drawers)
        tables = (np.ascontiguousarray(counts[:, s * n : (s + 1) * n].T) for s in range(len(sorts)))
        return tuple(
            Strand(table, None, np.ones(()), sort.sampling, counted=True)
            for table, sort in zip(tables, sorts, strict=True)
        )


@dataclass(frozen=True, slots=True, eq=False)
class ClusterBootstrap:
    """As many clusters as there are, drawn with replacement.

    Attributes
    ----------
    weights : Weights
    n_replicates : int
    seed : int
    codes : ndarray of int, shape (n,)
        Cluster of each row, from 0 to G - 1; rows without weight may have any.
    n_clusters : int
        G, clusters with weight.
    """

    weights: Weights
    n_replicates: int
    seed: int
    codes: IntArray
    n_clusters: int

    @property
    def n_rows(self) -> int:
        """Rows of the fit."""
        return self.weights.n_rows

    def name(self, r: int) -> str:
        """How messages call a replicate."""
        return str(r + 1)

    def strands(self, which: slice) -> tuple[Strand, ...]:
        """Each sort of case in some of the replicates."""
        count = self.n_clusters
        wanted = range(*which.indices(self.n_replicates))
        table = np.empty((count, len(wanted)), dtype=np.uint32)
        for place, r in enumerate(wanted):
            drawn = _generator(self.seed, r).integers(0, count, count)
            table[:, place] = np.bincount(drawn, minlength=count)
        return tuple(
            Strand(table, self.codes, sort.multiplicity, sort.sampling, counted=True)
            for sort in self.weights.cases
        )


def column_of(values: Array, rows: slice) -> Array:
    """Values of some rows as a column, or the one that they share."""
    return values[rows, np.newaxis] if values.ndim else values


def _generator(seed: int, r: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(r,)))


def _cells(weights: Weights, within_class: bool) -> list[IntArray]:
    """Cases in each cell (sort by sort, the rows), for each class that is drawn from."""
    n = weights.n_rows
    counts = np.concatenate([_counted(sort, n) for sort in weights.cases])
    if not within_class:
        return [counts]
    classes = np.concatenate([_classes(sort, n) for sort in weights.cases])
    return [np.where(classes == k, counts, 0) for k in range(len(weights.labels))]


def _classes(sort: Cases | LabelledCases, n: int) -> IntArray:
    """Class of each row's cases, shape (n,)."""
    if isinstance(sort, LabelledCases):
        return sort.codes_or_first
    return np.broadcast_to(sort.outcome == 1.0, (n,)).astype(np.int64)


def _counted(sort: Cases, n: int) -> IntArray:
    counted = np.where(sort.sampling > 0.0, sort.multiplicity, 0.0)
    return np.broadcast_to(counted, (n,)).astype(np.int64)


def _drawer(counts: IntArray) -> Callable[[np.random.Generator], IntArray]:
    """Draws of all cases of some cells, with replacement; the numbers from each cell."""
    total = int(counts.sum())
    if total > _DRAWN_ALONE:
        shares = counts / total
        return lambda rng: rng.multinomial(total, shares)
    cells = np.repeat(np.arange(len(counts)), counts)
    return lambda rng: np.bincount(cells[rng.integers(0, total, total)], minlength=len(counts))


def has_classes(weights: Weights) -> bool:
    """Whether every case is of one class."""
    cases: tuple[Cases | LabelledCases, ...] = weights.cases
    return all(
        isinstance(sort, LabelledCases) or is_binary(np.asarray(sort.outcome)) for sort in cases
    )
