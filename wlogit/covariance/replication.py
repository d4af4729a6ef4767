"""Covariance from refits of a model under replicate weights, or in resamples of its cases.

``V = scale * sum of rscales_r (b_r - c)(b_r - c)'``, b_r the estimate in replicate r. Class weights
that were computed from the sample are computed anew in each replicate.

References
----------
Wolter (2007), Introduction to Variance Estimation; Lumley (2010), Complex Surveys, section 2.3, and
``svrVar`` of R's survey; Efron and Tibshirani (1993), An Introduction to the Bootstrap.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from wlogit._typing import Array, BoolArray
from wlogit.core.blocksum import blocks
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.replicated import Affine, maximize_each
from wlogit.core.scores import CaseRows, Inflate, case_scores, class_totals
from wlogit.covariance.base import Covariance, ScoreParts, sandwich
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.hard_replicates import coordinates_of, origin_of, refit_alone
from wlogit.covariance.replicate_masses import ReplicateMasses
from wlogit.covariance.replicates import Refit, ReplicateEstimates
from wlogit.covariance.resampling import Resampling, Strand
from wlogit.covariance.source import CaseSource
from wlogit.covariance.survey import DesignDf
from wlogit.survey.protocol import Design
from wlogit.survey.replicate_rule import ReplicateRule
from wlogit.weights.weights import Weights

# Replicates that are refitted together, and entries of their weights at once.
_TOGETHER, _FEWEST, _ENTRIES = 64, 8, 2**23
# Estimates that have a spread.
_LEAST = 2
ONE_CLASS = "one class is missing"


@dataclass(frozen=True, slots=True, eq=False)
class Replicated:
    """Spread of estimates over replicates.

    Attributes
    ----------
    name : {"replicate", "bootstrap"}
    source : Resampling
    rule : ReplicateRule or None
        None for resamples of cases: ``1 / (R - 1)`` about their mean, R those with an estimate.
    scheme : ClassScheme
        With "estimated", class weights are computed anew in each replicate.
    words : str
        What was done, for the description.
    design : Design or None
        Of the rows of the fit, for the degrees of freedom of t tests.
    df : {"residual", "design"}
    refit : Refit or None
    refits : bool
        Whether replicates are refitted; else the estimates are linearized, as in `covariance_of`.
    advance : callable
        Called for each replicate that is done.
    """

    name: Literal["replicate", "bootstrap"]
    source: Resampling
    rule: ReplicateRule | None
    scheme: ClassScheme
    words: str
    design: Design | None = None
    df: DesignDf = "residual"
    refit: Refit | None = None
    refits: bool = True
    advance: Callable[[], object] = field(default=lambda: None)

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate."""
        return self._of_refits(parts) if self.refits else self._of_influences(parts)

    def _of_refits(self, parts: ScoreParts) -> Covariance:
        found = self._refitted(parts)
        values = np.column_stack([found.coordinates, -found.log_ratio])[found.kept]
        center = np.append(np.zeros(values.shape[1] - 1), -parts.weights.factors.log_ratio)
        meat = self._rule(found.kept).covariance(values, center)
        if len(values) < _LEAST:
            meat = np.full(meat.shape, np.nan)
        matrix, whitened, shift = sandwich(parts, meat, shift=self.scheme.shift_is_random)
        estimates = self._named(parts, found)
        df, description = self.reference(parts, estimates)
        return Covariance(
            matrix=matrix,
            whitened=whitened,
            name=self.name,
            description=description,
            df=df,
            shift=shift,
            replicates=estimates,
        )

    def _of_influences(self, parts: ScoreParts) -> Covariance:
        source, _, _ = self.pieces(parts)
        totals = class_totals(parts.matrix, parts.root, source) if self.scheme.centers else None
        scores = case_scores(parts.matrix, parts.root, source, None, totals)
        meat = self.covariance_of(scores, parts)
        matrix, whitened, shift = sandwich(parts, meat, shift=self.scheme.shift_is_random)
        df, said = self.reference(parts, None)
        return Covariance(matrix, whitened, self.name, said, df, shift)

    def pieces(self, parts: ScoreParts) -> tuple[CaseSource, Inflate | None, float]:
        """Scores of the cases, no multipliers and no factor of single cases."""
        return CaseSource(parts, self.scheme), None, 1.0

    def covariance_of(self, influences: CaseRows, parts: ScoreParts) -> Array:
        """Covariance of statistics with these influences, shape (q, q).

        Nothing is refitted: a replicate is the total of the influences, each times the ratio of
        its weight in the replicate to its weight in the fit, less one; their spread is measured
        as that of the refits.

        Parameters
        ----------
        influences : callable
            From a slice of rows to (multiplicity, influence) of each sort of case.
        parts : ScoreParts
        """
        totals = [
            _linearized(influences, parts, self.source.strands(which)) for which in self.chunks()
        ]
        moved = np.vstack(totals)
        return self._rule(np.ones(len(moved), np.bool_)).covariance(moved, np.zeros(moved.shape[1]))

    def weights_of_each(
        self, weights: Weights, estimates: ReplicateEstimates
    ) -> Iterator[tuple[int, Weights]]:
        """The replicates with an estimate, and the weights of a fit in each, as in its refit.

        Parameters
        ----------
        weights : Weights
        estimates : ReplicateEstimates
        """
        kept = np.asarray(~np.isnan(estimates.params).any(axis=1))
        anew = self.scheme.class_weights == "estimated"
        for which in self.chunks():
            strands = self.source.strands(which)
            masses = ReplicateMasses.of(weights, strands, 1.0, anew=anew)
            for r in np.flatnonzero(kept[which]):
                yield which.start + int(r), masses.weights_of(int(r))

    def spread(self, estimates: Array, center: Array) -> Array:
        """Covariance of estimates, shape (q, q).

        Parameters
        ----------
        estimates : ndarray, shape (R, q)
            In each replicate; rows of NaN are left out.
        center : ndarray, shape (q,)
            In the full sample.
        """
        kept = np.asarray(~np.isnan(estimates).any(axis=1))
        if kept.sum() < _LEAST:
            return np.full((len(center), len(center)), np.nan)
        return self._rule(kept).covariance(estimates[kept], center)

    def reference(
        self, parts: ScoreParts, estimates: ReplicateEstimates | None
    ) -> tuple[float, str]:
        """Degrees of freedom of t tests, and what the covariance rests on, in plain words.

        Parameters
        ----------
        parts : ScoreParts
        estimates : ReplicateEstimates or None
            None where nothing is refitted.
        """
        of_design = self._design_df(parts)
        df = self._degrees_of_freedom(parts, of_design)
        if estimates is None:
            return df, f"{self.words}, linearized"
        return df, self._describe(parts, estimates, df, of_design)

    def _degrees_of_freedom(self, parts: ScoreParts, of_design: float) -> float:
        """Of t tests; NaN where none are left, infinite without a design."""
        df = of_design + 1.0 - parts.n_params if self.df == "residual" else of_design
        if self.design is not None:
            # A variance of few replicates is uncertain, whatever the design is.
            df = min(df, self.source.n_replicates - 1.0)
        return df if df > 0.0 else np.nan

    def _design_df(self, parts: ScoreParts) -> float:
        if self.design is None:
            return np.inf
        positive = np.broadcast_to(parts.weights.row_weight > 0.0, (parts.weights.n_rows,))
        return self.design.degrees_of_freedom(positive)

    def _describe(
        self, parts: ScoreParts, estimates: ReplicateEstimates, df: float, of_design: float
    ) -> str:
        """What it rests on, in plain words."""
        said = self.words
        if self.scheme.class_weights == "estimated":
            said += ", class weights computed anew in each"
        left_out = estimates.describe_left_out()
        if left_out:
            said += f"; {left_out} and are left out"
        if self.design is None:
            return said
        less = f", plus 1 less {parts.n_params} coefficients" if self.df == "residual" else ""
        if df == self.source.n_replicates - 1.0 < of_design:
            less += ", no more than the replicates less one"
        return f"{said}; t tests with {df:g} degrees of freedom ({of_design:g} of the design{less})"

    # -- the refits ------------------------------------------------------------------------------

    def chunks(self) -> Iterator[slice]:
        """Replicates that are looked at together."""
        rows = self.source.n_rows
        size = int(np.clip(_ENTRIES // max(rows, 1), _FEWEST, _TOGETHER))
        count = self.source.n_replicates
        return (slice(start, min(start + size, count)) for start in range(0, count, size))

    def _rule(self, kept: BoolArray) -> ReplicateRule:
        """What makes a variance of the replicates with an estimate."""
        if self.rule is not None:
            return self.rule.only(kept)
        count = int(kept.sum())
        scale = 1.0 / (count - 1.0) if count > 1 else np.nan
        return ReplicateRule("bootstrap", scale, np.ones(count))

    def _refitted(self, parts: ScoreParts) -> "_Found":
        found = _Found.empty(self.source.n_replicates, parts.root.shape[1])
        rows = Affine(parts.matrix, parts.root, origin_of(parts))
        alone: list[tuple[ModelMatrix, Array]] = []
        anew = self.scheme.class_weights == "estimated"
        for which in self.chunks():
            strands = self.source.strands(which)
            masses = ReplicateMasses.of(parts.weights, strands, parts.unit, anew=anew)
            found.log_ratio[which] = masses.log_ratio
            self._refit_chunk(parts, rows, masses, found, which.start, alone)
        return found

    def _refit_chunk(
        self,
        parts: ScoreParts,
        rows: Affine,
        masses: ReplicateMasses,
        found: "_Found",
        first: int,
        alone: list[tuple[ModelMatrix, Array]],
    ) -> None:
        """Refit some replicates: together, and those that are left one by one."""
        present = np.flatnonzero(masses.present)
        for r in np.flatnonzero(~masses.present):
            found.reasons[first + int(r)] = ONE_CLASS
        left = present
        if self.refit is None and present.size:
            optima = maximize_each(rows, masses.select(present))
            found.coordinates[first + present[optima.converged]] = optima.coordinates[
                optima.converged
            ]
            left = present[~optima.converged]
        for r in left:
            result = self._one(parts, masses.weights_of(int(r)), alone)
            if isinstance(result, str):
                found.reasons[first + int(r)] = result
            else:
                found.coordinates[first + int(r)] = result
            self.advance()
        for _ in range(masses.n_replicates - len(left)):
            self.advance()

    def _one(
        self, parts: ScoreParts, weights: Weights, alone: list[tuple[ModelMatrix, Array]]
    ) -> Array | str:
        """Coordinates of one replicate, or why there are none."""
        if self.refit is None:
            if not alone:
                alone.append(coordinates_of(parts))
            return refit_alone(*alone[0], weights)
        params = self.refit.run(weights)
        if isinstance(params, str):
            return params
        root = parts.matrix.to_user(parts.root)
        return np.asarray(np.linalg.lstsq(root, params - self.refit.params, rcond=None)[0])

    def _named(self, parts: ScoreParts, found: "_Found") -> ReplicateEstimates:
        """The estimates as coefficients, and the names of the replicates without one."""
        root = parts.matrix.to_user(parts.root)
        origin = parts.matrix.to_user(parts.params) if self.refit is None else self.refit.params
        params = origin + found.coordinates @ root.T
        params[~found.kept] = np.nan
        left_out = {self.source.name(r): reason for r, reason in sorted(found.reasons.items())}
        return ReplicateEstimates(params, left_out)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Coordinates (R, r) and log ratios of the class weights (R,); reasons why there are none."""

    coordinates: Array
    log_ratio: Array
    reasons: dict[int, str]

    @classmethod
    def empty(cls, count: int, r: int) -> "_Found":
        return cls(np.zeros((count, r)), np.zeros(count), {})

    @property
    def kept(self) -> BoolArray:
        """Replicates with an estimate, shape (R,)."""
        kept = np.ones(len(self.coordinates), dtype=np.bool_)
        kept[list(self.reasons)] = False
        return kept


def _linearized(influences: CaseRows, parts: ScoreParts, strands: tuple[Strand, ...]) -> Array:
    """Totals of influences times the change of their weights, in some replicates; shape (C, q)."""
    n, width = parts.matrix.shape
    total = np.zeros(())
    for rows in blocks(n, width + strands[0].table.shape[1]):
        for (number, psi), strand, sort in zip(
            influences(rows), strands, parts.weights.cases, strict=True
        ):
            ratios = strand.ratios(rows, sort.sampling) - np.reshape(number, (-1, 1))
            total = total + ratios.T @ psi
    return np.asarray(total)
