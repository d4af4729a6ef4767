"""Linearized covariance of a survey design: totals of scores over sampling units.

``M = sum over strata (1 - f_h) n_h / (n_h - 1) sum_j (z_hj - zbar_h)(z_hj - zbar_h)'``, z_hj the
total of the (centered) scores of a PSU, and so on within PSUs where finite population corrections
are known. Rows outside the domain have the score zero and stay in n_h.

References
----------
Binder (1983), Int. Statist. Rev. 51, 279-292; Lumley (2010), Complex Surveys, appendix A, and
``svyrecvar`` of R's survey.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlogit._typing import Array, BoolArray
from wlogit.core.scores import (
    CaseRows,
    Inflate,
    case_scores,
    class_totals,
    plain_scores,
    turned,
)
from wlogit.core.stage_sums import gram_of_stages
from wlogit.covariance.base import Covariance, ScoreParts, sandwich
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.source import CaseSource
from wlogit.survey.design import SurveyDesign

DesignDf = Literal["residual", "design"]


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Taylor linearization over a survey design.

    Attributes
    ----------
    design : SurveyDesign
        Of the rows of the fit.
    scheme : ClassScheme
    df : {"residual", "design"}
        Degrees of freedom of t tests: PSUs less strata, plus one less the coefficients; or
        without these.
    """

    design: SurveyDesign
    scheme: ClassScheme = ClassScheme()
    df: DesignDf = "residual"

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate."""
        source, _, _ = self.pieces(parts)
        compact = parts.matrix.compact is not None
        # Rows that are mostly zero are turned to the coordinates of the root as totals.
        root = np.eye(parts.matrix.n_params) if compact else parts.root
        totals = class_totals(parts.matrix, root, source) if self.scheme.centers else None
        if compact:
            scores = plain_scores(parts.matrix, source, totals)
            meat = turned(self.covariance_of(scores, parts), parts.root)
        else:
            scores = case_scores(parts.matrix, parts.root, source, None, totals)
            meat = self.covariance_of(scores, parts)
        return self.finish(parts, meat, self._design_df(parts))

    def finish(self, parts: ScoreParts, meat: Array, of_design: float) -> Covariance:
        """The covariance from that of the totals; of `parts` it needs no rows.

        Parameters
        ----------
        parts : ScoreParts
        meat : ndarray, shape (r + 1, r + 1)
        of_design : float
            Degrees of freedom of the design over the rows of the fit.
        """
        matrix, whitened, shift = sandwich(parts, meat, shift=self.scheme.shift_is_random)
        df = self._df(of_design, parts.n_params)
        described = self._describe(of_design, df, parts.n_params)
        return Covariance(matrix, whitened, "survey", described, df, shift)

    def pieces(self, parts: ScoreParts) -> tuple[CaseSource, Inflate | None, float]:
        """Scores of the cases, no multipliers and no factor of single cases."""
        return CaseSource(parts, self.scheme), None, 1.0

    def covariance_of(self, influences: CaseRows, parts: ScoreParts) -> Array:
        """Covariance of statistics with these influences, shape (q, q).

        Parameters
        ----------
        influences : callable
            From a slice of rows to (multiplicity, influence) of each sort of case.
        parts : ScoreParts
        """
        n, width = parts.matrix.shape
        stages = self.design.unit_squares(rows_with_cases(parts))
        return gram_of_stages(influences, stages, n, width)

    def degrees_of_freedom(self, parts: ScoreParts) -> float:
        """Of t tests; NaN where none are left."""
        return self._df(self._design_df(parts), parts.n_params)

    def _df(self, of_design: float, n_params: int) -> float:
        df = of_design + 1.0 - n_params if self.df == "residual" else of_design
        return df if df > 0.0 else np.nan

    def _design_df(self, parts: ScoreParts) -> float:
        positive = np.broadcast_to(parts.weights.row_weight > 0.0, (parts.weights.n_rows,))
        return self.design.degrees_of_freedom(positive)

    def describe(self, parts: ScoreParts) -> str:
        """What it rests on, in plain words."""
        return self._describe(
            self._design_df(parts), self.degrees_of_freedom(parts), parts.n_params
        )

    def _describe(self, of_design: float, df: float, n_params: int) -> str:
        less = f", plus 1 less {n_params} coefficients" if self.df == "residual" else ""
        return (
            f"linearized over the design ({self.design.describe()}), t tests with "
            f"{df:g} degrees of freedom ({of_design:g} of the design{less})"
            f"{self.scheme.describe()}"
        )


def rows_with_cases(parts: ScoreParts) -> BoolArray:
    """Rows that stand for at least one case, of weight zero or not; shape (n,)."""
    counts = sum(sort.multiplicity for sort in parts.weights.cases)
    return np.broadcast_to(np.asarray(counts) > 0.0, (parts.weights.n_rows,))
