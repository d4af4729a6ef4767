"""Covariances of streamed fits: the sums of `wlogit.core.scores`, one chunk at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from wlogit._typing import AnyArray, Array, IntArray
from wlogit.core.cluster_scores import cluster_sums
from wlogit.core.scores import (
    Inflate,
    centered_gram,
    class_totals,
    combined,
    score_sums,
)
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.cluster import Clustered, cluster_weights
from wlogit.covariance.model_based import ModelBased
from wlogit.covariance.robust import Linearized, Robust
from wlogit.covariance.source import CaseSource
from wlogit.covariance.survey import Survey
from wlogit.errors import DesignError, NotAvailableError
from wlogit.streaming.chunks import Chunk
from wlogit.streaming.runner import Runner
from wlogit.streaming.sources import Place

Sandwich = Robust | Linearized | Clustered | Survey
ALL_ROWS = (
    "this covariance needs all rows of a cluster, or of the data, at once, and a streamed fit "
    'reads them in chunks. It has "nonrobust", "HC0" to "HC4", "linearized", "cluster" with kind '
    '"CR0", "CR1" or "CR1S", and "survey".'
)
# Rows of leverage one that are named.
_NAMED = 100


@dataclass(frozen=True, slots=True, eq=False)
class ScoreSums:
    """What every sum over scores knows of a fit.

    Attributes
    ----------
    parts : ScoreParts
        Of one row, without cases.
    estimator : Robust, Linearized, Clustered or Survey
    """

    parts: ScoreParts
    estimator: Sandwich

    def pieces(self, chunk: Chunk) -> tuple[ScoreParts, CaseSource, Inflate | None]:
        """A chunk as the estimators see it: its parts, its cases, and what they are multiplied by.

        The totals of the weights, and so every factor, are those of all rows.
        """
        parts = replace(
            self.parts,
            matrix=replace(self.parts.matrix, values=chunk.values),
            offset=chunk.offset,
            weights=chunk.weights(self.parts.weights),
        )
        source, inflate, _ = self.estimator.pieces(parts)
        return parts, source, inflate


Saturated = tuple[Place, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Squares(ScoreSums):
    """Sums of squared scores, and those that center them."""

    def __call__(self, chunk: Chunk) -> tuple[tuple[AnyArray, ...], Saturated]:
        """Those of a chunk, and its rows of leverage one."""
        parts, source, inflate = self.pieces(chunk)
        sums, rows = score_sums(parts.matrix, parts.root, source, inflate)
        return sums, tuple(chunk.places[row] for row in rows[:_NAMED])

    def combine(self, first: Any, second: Any) -> tuple[tuple[AnyArray, ...], Saturated]:
        """Add sums."""
        sums = tuple(a + b for a, b in zip(first[0], second[0], strict=True))
        return sums, (*first[1], *second[1])[:_NAMED]


@dataclass(frozen=True, slots=True, eq=False)
class CenteredSquares(Squares):
    """Sums of squared scores, each row being centered first."""

    totals: Array

    def __call__(self, chunk: Chunk) -> tuple[tuple[AnyArray, ...], Saturated]:
        """Those of a chunk, and its rows of leverage one."""
        parts, source, inflate = self.pieces(chunk)
        gram, rows = centered_gram(parts.matrix, parts.root, source, inflate, self.totals)
        return (gram,), tuple(chunk.places[row] for row in rows[:_NAMED])


@dataclass(frozen=True, slots=True, eq=False)
class ClassTotals(ScoreSums):
    """The class totals of the scores."""

    def __call__(self, chunk: Chunk) -> Array:
        """Those of a chunk."""
        parts, source, _ = self.pieces(chunk)
        totals = class_totals(parts.matrix, parts.root, source)
        return np.zeros((parts.root.shape[1], 2)) if totals is None else totals

    def combine(self, first: Array, second: Array) -> Array:
        """Add them."""
        return first + second


@dataclass(frozen=True, slots=True, eq=False)
class ClusterTotals(ScoreSums):
    """The total of the scores of each cluster, for every intersection of the groupings.

    Attributes
    ----------
    groups : tuple
        Columns of clusters.
    sizes : tuple of int
        Number of labels of each.
    totals : ndarray, shape (r, 2) or None
        Class totals to center by.
    """

    groups: tuple[Any, ...]
    sizes: tuple[int, ...]
    totals: Array | None

    def __call__(self, chunk: Chunk) -> tuple[tuple[IntArray, Array], ...]:
        """For each intersection, the clusters of a chunk in order, their totals and weights."""
        parts, source, _ = self.pieces(chunk)
        weights = np.broadcast_to(parts.weights.row_weight, (len(chunk),))
        present = chunk.present > 0.0
        found = []
        for chosen in self.terms:
            codes = np.zeros(len(chunk), dtype=np.intp)
            for j in chosen:
                codes = codes * self.sizes[j] + chunk.groups[self.groups[j]]
            clusters, own = np.unique(codes[present], return_inverse=True)
            local = np.zeros(len(chunk), dtype=np.intp)
            local[present] = own.ravel()
            sums = np.zeros((0, parts.root.shape[1] + 2))
            if len(clusters):
                scores = cluster_sums(
                    parts.matrix, parts.root, source, local, len(clusters), self.totals
                )
                sums = np.column_stack([scores, cluster_weights(local, weights, len(clusters))])
            found.append((clusters, sums))
        return tuple(found)

    @property
    def terms(self) -> list[tuple[int, ...]]:
        """Which groupings each intersection is of; the groupings themselves come first."""
        n = len(self.groups)
        return [chosen for size in range(1, n + 1) for chosen in combinations(range(n), size)]

    def combine(self, first: Any, second: Any) -> Any:
        """Add the totals of clusters that both have."""
        return tuple(merged(a, b) for a, b in zip(first, second, strict=True))


def merged(first: tuple[IntArray, Array], second: tuple[IntArray, Array]) -> Any:
    """The totals of clusters, by number in order, of two parts of the rows."""
    clusters = np.union1d(first[0], second[0])
    sums = np.zeros((len(clusters), first[1].shape[1]))
    for own, partial in (first, second):
        sums[np.searchsorted(clusters, own)] += partial
    return clusters, sums


def streamed_covariance(
    estimator: Any, parts: ScoreParts, runner: Runner, groups: Mapping[Any, int]
) -> tuple[Covariance, Saturated]:
    """The covariance that an estimator gives for all rows.

    Parameters
    ----------
    estimator : ModelBased, Robust, Linearized or Clustered
    parts : ScoreParts
        Of one row, without cases.
    runner : Runner
    groups : mapping
        From the columns of clusters to their numbers of labels.

    Returns
    -------
    covariance : Covariance
    saturated : tuple of Place
        Rows with leverage one, of which ``covariance.saturated_rows`` are the positions here.

    Raises
    ------
    NotAvailableError
        For estimators that need all rows at once.
    """
    if isinstance(estimator, ModelBased):
        return estimator(parts), ()
    if isinstance(estimator, Clustered):
        return _clustered(estimator, parts, runner, groups), ()
    if isinstance(estimator, Robust | Linearized):
        meat, saturated = _meat(Squares(parts, estimator), runner)
        return estimator.finish(parts, meat, tuple(range(len(saturated)))), saturated
    raise NotAvailableError(ALL_ROWS)


def _meat(task: Squares, runner: Runner) -> tuple[Array, Saturated]:
    sums, saturated = runner.run(task, "covariance")
    meat = combined(sums)
    if meat is None:
        centered = CenteredSquares(task.parts, task.estimator, np.asarray(sums[3]))
        (meat,), saturated = runner.run(centered, "covariance, centered")
    return np.asarray(meat), saturated


def _clustered(
    estimator: Clustered, parts: ScoreParts, runner: Runner, groups: Mapping[Any, int]
) -> Covariance:
    totals = None
    if estimator.scheme.centers:
        totals = runner.run(ClassTotals(parts, estimator), "class totals")
    task = ClusterTotals(parts, estimator, tuple(groups), tuple(groups.values()), totals)
    terms = runner.run(task, "clusters")
    sizes = tuple(sums[:, -1] for _, sums in terms)[: len(groups)]
    if min(map(len, sizes)) < 2:
        raise DesignError(
            "all rows with a positive weight are in one cluster; cluster-robust standard "
            "errors need at least two."
        )
    meat = np.zeros(())
    for chosen, (clusters, sums) in zip(task.terms, terms, strict=True):
        factor = -((-1.0) ** len(chosen)) * estimator.factor(len(clusters), parts)
        meat = meat + factor * (sums[:, :-1].T @ sums[:, :-1])
    return estimator.finish(parts, meat, sizes)
