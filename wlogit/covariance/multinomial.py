"""Sandwiches of a multinomial logit, with the leverage of a case as a small matrix.

A case has the score ``u = v (1(y = j) - p_j)_j kron x`` and adds ``B = v V kron x x'`` to the
information A, with ``V = diag(p) - p p'`` of the labels but the first. Its leverage is the matrix
``v V G``, ``G = (I kron x') A^-1 (I kron x)``, of order J - 1: HC3 multiplies the score by
``(I - v V G)^-1`` (so that a residual v r becomes what deleting the case would leave), HC2 by the
root of that. With two labels these are the numbers 1 / (1 - h) and 1 / sqrt(1 - h).

References
----------
MacKinnon and White (1985), J. Econometrics 29, 305-325; Bell and McCaffrey (2002), Survey
Methodology 28, 169-181 (the same with clusters in place of the equations of a case).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, cast

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core import softmax
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.scores import CaseRows
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.centering import ClassScheme, size_factors
from wlogit.covariance.cluster import Clustered
from wlogit.covariance.label_parts import LabelScoreParts, label_sandwich
from wlogit.covariance.label_replicates import label_spread
from wlogit.covariance.model_based import ModelBased
from wlogit.covariance.replication import Replicated
from wlogit.covariance.robust import FACTORS as SINGLE
from wlogit.covariance.robust import SATURATED, Linearized, Robust
from wlogit.covariance.survey import Survey

Sandwich = Robust | Linearized | Clustered | Survey | Replicated
LabelEstimator = ModelBased | Sandwich

# How often (I - v V G)^-1 multiplies the score of a case.
BY_LEVERAGE: Final = {"HC2": 0.5, "HC3": 1.0}
FACTORS = {
    **SINGLE,
    "HC2": "factor (I-H)^-1/2 of each case",
    "HC3": "factor (I-H)^-1 of each case",
}


@dataclass(frozen=True, slots=True, eq=False)
class _Cases:
    """The scores of the cases, block by block, as a sandwich wants them."""

    parts: LabelScoreParts
    scheme: ClassScheme
    power: float | None = None
    factors: Array | None = None
    totals: Array | None = None
    saturated: list[int] = field(default_factory=list)

    def scores(self, rows: slice) -> tuple[Array, Array, IntArray]:
        """Multiplicity, score of one case and label of some rows; shapes (b,), (b, k q), (b,)."""
        parts, cases = self.parts, self.parts.weights.row_cases
        x, codes = parts.matrix.block(rows), cases.codes_or_first[rows]
        b, q = len(x), parts.n_equations
        number = np.broadcast_to(cases.multiplicity, (parts.weights.n_rows,))[rows]
        importance = np.broadcast_to(cases.importance, (parts.weights.n_rows,))[rows] * parts.unit
        absent = number * importance == 0.0
        if absent.any():
            x = np.where(absent[:, None], 0.0, x)
        known = softmax.shares(x @ parts.params.reshape(q, -1).T)
        residual = importance[:, None] * softmax.residual_of(known, codes)
        adjustment = None
        if self.power is not None:
            adjustment = self._adjustment(x, known.probability, importance, rows, number)
            residual = np.matmul(adjustment, residual[:, :, None])[:, :, 0]
        scores = (residual[:, :, None] * x[:, None, :]).reshape(b, -1)
        if self.totals is not None:
            scores -= self._centers(rows, codes, absent, adjustment)
        if self.factors is not None:
            scores *= np.sqrt(self.factors)[codes][:, None]
        scores[absent] = 0.0
        return number, scores, codes

    def _centers(
        self, rows: slice, codes: IntArray, absent: Array, adjustment: Array | None
    ) -> Array:
        """The share of each case in the total of the scores of its label, inflated as it is."""
        share = self._share(rows, codes, absent)
        center = np.asarray(self.totals).T[codes] * share[:, None]
        if adjustment is None:
            return center
        equations = center.reshape(len(center), self.parts.n_equations, -1)
        return np.asarray(np.matmul(adjustment, equations).reshape(center.shape))

    def _share(self, rows: slice, codes: IntArray, absent: Array) -> Array:
        """Share of each case in its label, by sampling weight or by number."""
        weights = self.parts.weights
        mass = np.broadcast_to(weights.row_cases.sampling, (weights.n_rows,))[rows]
        if not self.scheme.by_mass:
            mass = np.asarray(mass > 0.0, dtype=np.float64)
        sums = np.asarray(self.scheme.class_sums(weights))
        return np.where(absent, 0.0, mass / sums[codes])

    def _adjustment(
        self, x: Array, probability: Array, importance: Array, rows: slice, number: Array
    ) -> Array:
        """``(I - v V G)^-power`` of each case; zero in directions of leverage one; (b, q, q)."""
        parts, q = self.parts, self.parts.n_equations
        k, r = parts.matrix.n_params, parts.root.shape[1]
        sides = parts.root.reshape(q, k, r).transpose(1, 0, 2).reshape(k, q * r)
        projected = np.dot(x, sides).reshape(-1, q, r)
        between = np.matmul(projected, projected.transpose(0, 2, 1))
        root = softmax.curvature_root(probability) * np.sqrt(importance)[:, None, None]
        right = np.matmul(root.transpose(0, 2, 1), between)
        values, vectors = np.linalg.eigh(np.matmul(right, root))
        full = (values >= 1.0 - SATURATED).any(axis=1) & (number > 0.0)
        self.saturated.extend((np.flatnonzero(full) + rows.start).tolist())
        left = np.matmul(root, vectors) * self._gain(values)[:, None, :]
        return np.asarray(np.eye(q) + np.matmul(left, np.matmul(vectors.transpose(0, 2, 1), right)))

    def _gain(self, leverage: Array) -> Array:
        """``((1 - h)^-power - 1) / h``, without cancellation; -1 / h where h is one."""
        full = leverage >= 1.0 - SATURATED
        rest = np.where(full, 1.0, 1.0 - leverage)
        gain = 1.0 / rest if self.power == 1.0 else 1.0 / (np.sqrt(rest) * (1.0 + np.sqrt(rest)))
        return np.where(full, -1.0, gain)

    def label_totals(self) -> Array:
        """The total of the scores of each label, shape (k q, J)."""
        n_labels = len(self.parts.weights.labels)

        def kernel(rows: slice) -> tuple[Array]:
            number, scores, codes = self.scores(rows)
            member = np.zeros((len(codes), n_labels))
            member[np.arange(len(codes)), codes] = number
            return (scores.T @ member,)

        return sum_over_blocks(kernel, self.parts.weights.n_rows, width=self.parts.width)[0]

    def rows_of(self, turn: Array) -> CaseRows:
        """Scores turned by a matrix, beside what each case adds to minus ``log(c_j / c_0)``."""

        def rows_of(rows: slice) -> list[tuple[Array, Array]]:
            number, scores, codes = self.scores(rows)
            shifts = np.zeros((len(codes), self.parts.n_equations))
            if self.scheme.shift_is_random:
                share = self._share(rows, codes, number == 0.0)
                own = codes > 0
                shifts[own, codes[own] - 1] = share[own]
                shifts[~own] = -share[~own, None]
            return [(number, np.column_stack([scores @ turn, shifts]))]

        return rows_of


def label_covariance(parts: LabelScoreParts, estimator: LabelEstimator) -> Covariance:
    """Covariance of the coefficients of all labels, one label after the other.

    Parameters
    ----------
    parts : LabelScoreParts
    estimator : ModelBased, Robust, Linearized, Clustered, Survey or Replicated
        What is asked for, with its scheme of centering; HC4 has no form for several labels.

    Returns
    -------
    Covariance
        Its ``shift``, shape (k q + q, q), holds the covariances of the coefficients with, and among
        one another of, the estimated minus ``log(c_j / c_0)``.
    """
    if isinstance(estimator, ModelBased):
        return _model_based(parts, parts.user_root)
    if isinstance(estimator, Replicated) and estimator.refits:
        return label_spread(parts, estimator)
    cases, factor = _cases(parts, estimator)
    meat = np.array(label_statistics_covariance(cases.rows_of(parts.root), parts, estimator))
    r = parts.root.shape[1]
    meat[:r, :r] *= factor
    meat[:r, r:] *= np.sqrt(factor)
    matrix, whitened, shift = label_sandwich(parts, meat, shift=estimator.scheme.shift_is_random)
    counts: tuple[int, ...] = ()
    if isinstance(estimator, Clustered):
        sizes = tuple(size for _, size, _ in _terms(parts, estimator))
        counts = sizes[: len(estimator.groupings)]
        name, df, text = "cluster", min(counts) - 1.0, estimator.describe(counts)
    else:
        name, df, text = _reference(parts, estimator)
    return Covariance(
        matrix,
        whitened,
        name,
        text,
        df,
        shift,
        counts,
        tuple(sorted(set(cases.saturated))),
    )


def label_influences(parts: LabelScoreParts, estimator: Sandwich) -> CaseRows:
    """Influence of every case on the coefficients in the user's coordinates, block by block.

    With the factors of the estimator that belong to single cases, and beside them the influences
    on minus ``log(c_j / c_0)`` where that is estimated, else zeros; shape (b, k q + q).
    """
    cases, factor = _cases(parts, estimator)
    return cases.rows_of(np.sqrt(factor) * parts.root @ parts.user_root.T)


def label_statistics_covariance(
    influences: CaseRows, parts: LabelScoreParts, estimator: Sandwich
) -> Array:
    """Covariance of statistics with these influences, over cases, clusters or sampled units."""
    # Of the parts it needs rows, and cases and coefficients counted, only.
    return estimator.covariance_of(influences, cast("ScoreParts", parts))


def _terms(parts: LabelScoreParts, estimator: Clustered) -> Iterator[tuple[IntArray, int, float]]:
    """The terms of the sandwich, which needs rows, cases and coefficients counted only."""
    return estimator.terms(cast("ScoreParts", parts))


def _cases(parts: LabelScoreParts, estimator: Sandwich) -> tuple[_Cases, float]:
    """The scores that an estimator squares, and the factor of all squares."""
    scheme, n = estimator.scheme, parts.weights.nobs
    by_case = isinstance(estimator, Linearized)
    power, factor = None, 1.0
    if isinstance(estimator, Robust):
        power = BY_LEVERAGE.get(estimator.kind)
        by_case = power is not None
        if estimator.kind == "HC1":
            factor = n / (n - parts.n_params) if n > parts.n_params else np.nan
    elif isinstance(estimator, Linearized) and not scheme.centers:
        factor = n / (n - 1.0) if n > 1.0 else np.nan
    plain = _Cases(parts, scheme)
    if not scheme.centers:
        return _Cases(parts, scheme, power), factor
    factors = np.asarray(size_factors(parts.weights, scheme)) if by_case else None
    return _Cases(parts, scheme, power, factors, plain.label_totals()), factor


def _reference(
    parts: LabelScoreParts, estimator: Robust | Linearized | Survey | Replicated
) -> tuple[str, float, str]:
    """Name of a covariance, its degrees of freedom, and what it rests on."""
    plain = cast("ScoreParts", parts)
    if isinstance(estimator, Survey):
        return "survey", estimator.degrees_of_freedom(plain), estimator.describe(plain)
    if isinstance(estimator, Replicated):
        return estimator.name, *estimator.reference(plain, None)
    name = estimator.kind if isinstance(estimator, Robust) else "linearized"
    return name, np.inf, _described(estimator)


def _model_based(parts: LabelScoreParts, root: Array) -> Covariance:
    matrix = root @ root.T * parts.unit
    description = "inverse of the observed information, valid for a correct likelihood"
    if not parts.weights.likelihood:
        description = "inverse weighted information: not a covariance under these weights"
    matrix = (matrix + matrix.T) / 2.0
    return Covariance(matrix, np.eye(root.shape[1]), "nonrobust", description)


def _described(estimator: Robust | Linearized) -> str:
    scheme = estimator.scheme
    name = estimator.kind if isinstance(estimator, Robust) else "linearized"
    factor = FACTORS[name]
    if scheme.centers and name == "linearized":
        factor = "factor N_k/(N_k-1)"
    elif scheme.centers and name in BY_LEVERAGE:
        factor += " and N_k/(N_k-1)"
    return f"sandwich of the weighted scores ({factor}){scheme.describe()}"
