"""Linearized covariance of a survey design: totals of scores over units that span chunks."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core.cluster_scores import cluster_sums
from wlogit.core.scores import case_scores
from wlogit.core.stage_sums import gram_of_stages, squares_of_rows
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.survey import Survey
from wlogit.streaming.chunks import Chunk
from wlogit.streaming.covariance import ClassTotals, ScoreSums, merged
from wlogit.streaming.runner import Runner
from wlogit.streaming.sampled import StreamedDesign
from wlogit.survey.stages import unit_squares


@dataclass(frozen=True, slots=True, eq=False)
class UnitTotals(ScoreSums):
    """The total of the scores of each unit, and how many rows it has.

    Attributes
    ----------
    totals : ndarray, shape (r, 2) or None
        Class totals to center by.
    """

    totals: Array | None

    def __call__(self, chunk: Chunk) -> tuple[IntArray, Array]:
        """The units of a chunk in order, their totals, and three numbers of their rows.

        Of all of them, of those that stand for a case, and of those with a positive weight.
        """
        parts, source, _ = self.pieces(chunk)
        units, own = np.unique(chunk.units, return_inverse=True)
        own = np.asarray(own.ravel(), dtype=np.intp)
        sums = np.zeros((len(units), parts.root.shape[1] + 1))
        if len(units):
            sums = cluster_sums(parts.matrix, parts.root, source, own, len(units), self.totals)
        cases = np.broadcast_to(chunk.frequency * chunk.outcome.trials > 0.0, (len(chunk),))
        counts = [np.bincount(own, rows, len(units)) for rows in (None, cases, chunk.present)]
        return units, np.column_stack([sums, *counts])

    def combine(self, first: Any, second: Any) -> Any:
        """Add the totals of units that both have."""
        return merged(first, second)


@dataclass(frozen=True, slots=True, eq=False)
class SquaresOfRows(ScoreSums):
    """Squares of the scores of rows about the means of their strata.

    Attributes
    ----------
    totals : ndarray, shape (r, 2) or None
        Class totals to center by.
    strata : ndarray of int, shape (G,)
        Stratum of each entry.
    means : ndarray, shape (H, r + 1)
    scale : ndarray, shape (H,)
    """

    totals: Array | None
    strata: IntArray
    means: Array
    scale: Array

    def __call__(self, chunk: Chunk) -> tuple[Array]:
        """Those of a chunk."""
        parts, source, _ = self.pieces(chunk)
        cases = case_scores(parts.matrix, parts.root, source, None, self.totals)
        strata, width = self.strata[chunk.units], parts.matrix.n_params
        return (squares_of_rows(cases, strata, self.means, self.scale, width),)

    def combine(self, first: Any, second: Any) -> Any:
        """Add them."""
        return (first[0] + second[0],)


def streamed_survey(estimator: Survey, parts: ScoreParts, runner: Runner) -> Covariance:
    """The covariance that a design gives for all rows.

    Parameters
    ----------
    estimator : Survey
        Of a `StreamedDesign`.
    parts : ScoreParts
        Of one row, without cases.
    runner : Runner
        Of chunks that know their units.
    """
    design = cast("StreamedDesign", estimator.design)
    totals = None
    if estimator.scheme.centers:
        totals = runner.run(ClassTotals(parts, estimator), "class totals")
    units, found = runner.run(UnitTotals(parts, estimator, totals), "units")
    every = np.zeros((len(design.stages[0].units), found.shape[1]))
    every[units] = found
    sums, (n_rows, with_cases, positive) = every[:, :-3], every[:, -3:].T
    stages = unit_squares(design.stages, design.counted(with_cases), design.policy)
    if design.rows_are_psus:
        (stage,) = stages
        # Every entry is a stratum.
        strata = stage.strata[stage.units]
        order = np.argsort(strata)
        means = stage.means(sums[order])
        task = SquaresOfRows(parts, estimator, totals, strata, means, stage.scale)
        (meat,) = runner.run(task, "squares")
        meat = meat + stage.of_absent(means, n_rows[order])
    else:
        one = np.ones(())
        meat = gram_of_stages(lambda part: [(one, sums[part])], stages, len(sums), sums.shape[1])
    return estimator.finish(parts, meat, design.degrees_of_freedom(positive))
