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
from wlogit.core.rowblocks import ScoreRows, leveraged_gram, score_gram
from wlogit.covariance.base import Covariance, ScoreParts, sandwich, score_rows
from wlogit.covariance.centering import ClassScheme, class_size_factors

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
        by_leverage = self.kind in ("HC2", "HC3", "HC4")
        scale = _no_scale(parts)
        if self.scheme.centers and by_leverage:
            scale = class_scale(parts, self.scheme)
        rows, centre = _rows(parts, self.scheme, scale)
        if not by_leverage:
            meat = score_gram(parts.matrix, rows, centre)
            return _finish(parts, self.kind, self.scheme, meat, _total_factor(self.kind, parts))
        inflate = partial(inflation, self.kind, parts.weights.nobs / parts.n_params)
        meat, leverages = leveraged_gram(
            parts.matrix, rows, parts.curvatures(), parts.bread, inflate, centre
        )
        full = {
            int(i)
            for h, sort in zip(leverages, parts.weights.cases, strict=True)
            for i in np.flatnonzero((1.0 - h <= SATURATED) & (sort.weight > 0))
        }
        return _finish(parts, self.kind, self.scheme, meat, 1.0, tuple(sorted(full)))


@dataclass(frozen=True, slots=True)
class Linearized:
    """HC0 times N / (N - 1): R's ``svyglm`` with ``ids = ~1``, Stata's pweights.

    Centered scores take ``N_k / (N_k - 1)`` of their class instead, which is ``strata = ~y``.
    """

    scheme: ClassScheme = ClassScheme()

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate."""
        scale, n = _no_scale(parts), parts.weights.nobs
        total = n / (n - 1.0) if n > 1.0 else np.nan
        if self.scheme.centers:
            scale = class_scale(parts, self.scheme)
            total = 1.0
        rows, centre = _rows(parts, self.scheme, scale)
        meat = score_gram(parts.matrix, rows, centre)
        return _finish(parts, "linearized", self.scheme, meat, total)


def inflation(kind: RobustKind, n_over_k: float, leverage: Array) -> Array:
    """Square root of d for these leverages; zero where the leverage is one (0/0 counts as 0)."""
    rest = 1.0 - leverage
    full = rest <= SATURATED
    rest[full] = 1.0
    if kind == "HC2":
        root = 1.0 / np.sqrt(rest)
    elif kind == "HC3":
        root = 1.0 / rest
    else:
        root = rest ** (-0.5 * np.minimum(4.0, n_over_k * leverage))
    root[full] = 0.0
    return np.asarray(root)


def class_scale(parts: ScoreParts, scheme: ClassScheme) -> tuple[Array, ...]:
    """Root of ``N_k / (N_k - 1)`` of the class of each case."""
    return tuple(np.sqrt(factor) for factor in class_size_factors(parts.weights, scheme))


def _no_scale(parts: ScoreParts) -> tuple[Array | None, ...]:
    return (None,) * len(parts.weights.cases)


def _rows(
    parts: ScoreParts, scheme: ClassScheme, scale: tuple[Array | None, ...]
) -> tuple[tuple[ScoreRows, ...], Array | None]:
    centering = scheme.centering(parts)
    rows = score_rows(parts, centering, scale, scheme.shift_is_random)
    return rows, None if centering is None else centering.centre


def _finish(
    parts: ScoreParts,
    name: str,
    scheme: ClassScheme,
    meat: Array,
    total: float,
    saturated: tuple[int, ...] = (),
) -> Covariance:
    k = parts.bread.shape[0]
    meat[:k, :k] *= total
    meat[:k, k:] *= np.sqrt(total)
    matrix, shift = sandwich(parts, meat)
    description = f"robust to a misspecified variance ({_factor(name, scheme)}){scheme.describe()}"
    return Covariance(matrix, name, description, shift=shift, saturated_rows=saturated)


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
