"""Heteroskedasticity-robust sandwiches HC0 to HC4, and the linearized one.

``M = sum m d u u'`` with d = 1 (HC0), N / (N - k) (HC1), 1 / (1 - h) (HC2), 1 / (1 - h)^2 (HC3),
(1 - h)^-min(4, N h / k) (HC4); h is the leverage of one case.

References
----------
MacKinnon and White (1985), J. Econometrics 29, 305-325; Cribari-Neto (2004), CSDA 45, 215-233;
Binder (1983), Int. Statist. Rev. 51, 279-292 (linearized).
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from wlogit._typing import Array, RobustKind
from wlogit.core.case_sums import gram_of_cases
from wlogit.core.scores import CaseRows, Inflate, score_gram
from wlogit.covariance.base import Covariance, ScoreParts, sandwich
from wlogit.covariance.centering import ClassScheme, class_size_factors
from wlogit.covariance.source import CaseSource

# Below this distance from one, 1 - h is rounding error of a leverage that is one.
SATURATED = 1e-12

FACTORS = {
    "HC0": "no small-sample factor",
    "HC1": "factor N/(N-k)",
    "HC2": "factor 1/(1-h)",
    "HC3": "factor 1/(1-h)^2",
    "HC4": "factor (1-h)^-min(4, Nh/k)",
    "linearized": "factor N/(N-1)",
}


@dataclass(frozen=True, slots=True)
class Robust:
    """HC0 to HC4 on cases, scores centered within class where the scheme asks for it."""

    kind: RobustKind = "HC3"
    scheme: ClassScheme = ClassScheme()

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate."""
        source, inflate, _ = self.pieces(parts)
        return self.finish(parts, *score_gram(parts.matrix, parts.root, source, inflate))

    def finish(self, parts: ScoreParts, meat: Array, saturated: tuple[int, ...]) -> Covariance:
        """The covariance from the sum of squares of the scores, of which `parts` needs no rows."""
        total = _total_factor(self.kind, parts)
        return _finish(parts, self.kind, self.scheme, meat, total, saturated)

    def pieces(self, parts: ScoreParts) -> tuple[CaseSource, Inflate | None, float]:
        """Scores of the cases, what their leverages multiply them by, and the factor of squares."""
        by_leverage = self.kind in ("HC2", "HC3", "HC4")
        factors = None
        if self.scheme.centers and by_leverage:
            factors = class_size_factors(parts.weights, self.scheme)
        inflate = None
        if by_leverage:
            n_over_k = parts.weights.nobs / parts.n_params
            inflate = partial(inflation, self.kind, n_over_k)
        return CaseSource(parts, self.scheme, factors), inflate, _total_factor(self.kind, parts)

    def covariance_of(self, influences: CaseRows, parts: ScoreParts) -> Array:
        """Covariance of statistics with these influences, shape (q, q).

        Parameters
        ----------
        influences : callable
            From a slice of rows to (multiplicity, influence) of each sort of case.
        parts : ScoreParts
        """
        n, width = parts.matrix.shape
        return gram_of_cases(influences, n, width)


@dataclass(frozen=True, slots=True)
class Linearized:
    """HC0 times N / (N - 1): R's ``svyglm`` with ``ids = ~1``, Stata's pweights.

    Centered scores take ``N_k / (N_k - 1)`` of their class instead, which is ``strata = ~y``.
    """

    scheme: ClassScheme = ClassScheme()

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate."""
        source, _, _ = self.pieces(parts)
        return self.finish(parts, *score_gram(parts.matrix, parts.root, source))

    def finish(self, parts: ScoreParts, meat: Array, saturated: tuple[int, ...]) -> Covariance:
        """The covariance from the sum of squares of the scores, of which `parts` needs no rows."""
        _, _, total = self.pieces(parts)
        return _finish(parts, "linearized", self.scheme, meat, total, saturated)

    def pieces(self, parts: ScoreParts) -> tuple[CaseSource, Inflate | None, float]:
        """Scores of the cases, no multipliers, and the factor of squares."""
        n = parts.weights.nobs
        total, factors = n / (n - 1.0) if n > 1.0 else np.nan, None
        if self.scheme.centers:
            total, factors = 1.0, class_size_factors(parts.weights, self.scheme)
        return CaseSource(parts, self.scheme, factors), None, total

    def covariance_of(self, influences: CaseRows, parts: ScoreParts) -> Array:
        """Covariance of statistics with these influences, shape (q, q).

        Parameters
        ----------
        influences : callable
            From a slice of rows to (multiplicity, influence) of each sort of case.
        parts : ScoreParts
        """
        n, width = parts.matrix.shape
        return gram_of_cases(influences, n, width)


def inflation(kind: RobustKind, n_over_k: float, leverage: Array) -> Array:
    """Square root of d for these leverages; zero where the leverage is one (0/0 counts as 0)."""
    rest = 1.0 - leverage
    full = rest <= SATURATED
    any_full = bool(full.any())
    if any_full:
        rest[full] = 1.0
    if kind == "HC2":
        root = 1.0 / np.sqrt(rest)
    elif kind == "HC3":
        root = 1.0 / rest
    else:
        root = rest ** (-0.5 * np.minimum(4.0, n_over_k * leverage))
    if any_full:
        root[full] = 0.0
    return np.asarray(root)


def _finish(
    parts: ScoreParts,
    name: str,
    scheme: ClassScheme,
    meat: Array,
    total: float,
    saturated: tuple[int, ...] = (),
) -> Covariance:
    k = parts.root.shape[1]
    meat[:k, :k] *= total
    meat[:k, k:] *= np.sqrt(total)
    matrix, whitened, shift = sandwich(parts, meat, shift=scheme.shift_is_random)
    factor = _factor(name, scheme)
    description = f"sandwich of the weighted scores ({factor}){scheme.describe()}"
    return Covariance(matrix, whitened, name, description, shift=shift, saturated_rows=saturated)


def _factor(name: str, scheme: ClassScheme) -> str:
    if scheme.centers and name == "linearized":
        return "factor N_k/(N_k-1)"
    if scheme.centers and name in ("HC2", "HC3", "HC4"):
        return FACTORS[name] + " and N_k/(N_k-1)"
    return FACTORS[name]


def _total_factor(kind: RobustKind, parts: ScoreParts) -> float:
    if kind != "HC1":
        return 1.0
    n, k = parts.weights.nobs, parts.n_params
    return n / (n - k) if n > k else np.nan
