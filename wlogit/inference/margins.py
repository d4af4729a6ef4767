"""Effects at rows, and their averages over a population.

An effect of a row is a prediction, a difference of two predictions, or a slope. Each is a function
of the linear predictors ``x'b + s`` of one scale, for observed or for changed rows x. Averages are
``sum m g effect / sum m g``, with the averaging mass g in which class weights have no part.

References
----------
Bartus (2005), Stata Journal 5, 309-329 (average effects by the delta method); Stata 18 Base
Reference Manual, ``margins``, Methods and formulas (unconditional standard errors).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from scipy import stats

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.inference.scales import IDENTITY, PROBABILITY, VARIANCE, Averages, Scale, Transform
from wlogit.keywords import check_alpha


@dataclass(frozen=True, slots=True)
class Curve(Transform):
    """A function of the linear predictor with two derivatives."""

    curvature: Callable[[Array], Array]


def _log_probability(eta: Array) -> Array:
    return likelihood.loglike(eta, np.ones_like(eta))


LINEAR = Curve(IDENTITY.value, IDENTITY.slope, np.zeros_like)
MEAN = Curve(PROBABILITY.value, PROBABILITY.slope, VARIANCE.slope)
LOG = Curve(
    _log_probability,
    lambda eta: likelihood.expit(-eta),
    lambda eta: -likelihood.curvature(eta),
)


@dataclass(frozen=True, slots=True, eq=False)
class ChangedDesign:
    """A design with some of its columns replaced.

    Attributes
    ----------
    base : ndarray, shape (n, k)
    columns : ndarray of int, shape (c,)
        Which columns are replaced.
    values : ndarray, shape (n, c) or (1, c)
        By what; one row stands for all.
    """

    base: Array
    columns: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    values: Array = field(default_factory=lambda: np.zeros((1, 0)))

    def dot(self, params: Array) -> Array:
        """``X b``, shape (n,)."""
        kept = np.array(params, dtype=np.float64)
        kept[self.columns] = 0.0
        return np.asarray(self.base @ kept + self.values @ params[self.columns])

    def pulled(self, vector: Array) -> Array:
        """``X' v``, shape (k,)."""
        product = self.base.T @ vector
        product[self.columns] = _transposed(self.values, vector)
        return np.asarray(product)

    def column(self, j: int) -> Array:
        """One column, shape (n,) or (1,)."""
        where = np.flatnonzero(self.columns == j)
        return self.values[:, where[0]] if where.size else self.base[:, j]


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """How rows of the design change with a variable: zero but for some columns.

    Attributes
    ----------
    columns : ndarray of int, shape (c,)
    values : ndarray, shape (n, c) or (1, c)
    """

    columns: IntArray
    values: Array

    def dot(self, params: Array) -> Array:
        """Change of ``x'b``, shape (n,) or (1,)."""
        return np.asarray(self.values @ params[self.columns])

    def pulled(self, vector: Array, k: int) -> Array:
        """``D' v``, shape (k,)."""
        product = np.zeros(k)
        product[self.columns] = _transposed(self.values, vector)
        return product


def _transposed(values: Array, vector: Array) -> Array:
    if len(values) == 1:
        return np.asarray(values[0] * vector.sum())
    return np.asarray(values.T @ vector)


class Point:
    """Rows at which an effect is taken, with their linear predictors.

    Parameters
    ----------
    scale : Scale
    design : ChangedDesign
    offset : ndarray, shape (n,), or float
    """

    def __init__(self, scale: Scale, design: ChangedDesign, offset: Array | float = 0.0) -> None:
        self.params, self.design = scale.params, design
        self.eta: Array = design.dot(scale.params) + offset + scale.shift

    def pulled(self, vector: Array) -> Array:
        """Gradient in (b, s) of ``sum of v eta``, shape (k + 1,)."""
        return np.append(self.design.pulled(vector), vector.sum())


class Effect(Protocol):
    """Something that every row has: a number, or one for each of J labels."""

    def values(self) -> Array:
        """The effect of each row, shape (n,) or (n, J)."""
        ...

    def gradient(self, mass: Array) -> Array:
        """Gradient in (b, s) of the sum of mass times effect, shape (d,) or (J, d)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """A function of the linear predictor."""

    point: Point
    curve: Transform = MEAN

    def values(self) -> Array:
        """The prediction of each row."""
        return self.curve.value(self.point.eta)

    def gradient(self, mass: Array) -> Array:
        """Gradient in (b, s) of the sum of mass times prediction."""
        return self.point.pulled(mass * self.curve.slope(self.point.eta))


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """The difference of two effects, as a rule of predictions, divided by a number."""

    upper: Effect
    lower: Effect
    divisor: float = 1.0

    def values(self) -> Array:
        """The difference of each row."""
        return (self.upper.values() - self.lower.values()) / self.divisor

    def gradient(self, mass: Array) -> Array:
        """Gradient in (b, s) of the sum of mass times difference."""
        return (self.upper.gradient(mass) - self.lower.gradient(mass)) / self.divisor


@dataclass(frozen=True, slots=True, eq=False)
class Slope:
    """The derivative ``f'(eta) d'b`` of a prediction along a direction d of the design.

    Attributes
    ----------
    point : Point
    direction : Direction
    curve : Curve
        f.
    factor : ndarray, shape (n,) or (1,), or float
        Multiplies the derivative: the variable itself, for derivatives in its logarithm.
    """

    point: Point
    direction: Direction
    curve: Curve = MEAN
    factor: Array | float = 1.0

    def values(self) -> Array:
        """The slope of each row."""
        rate = self.direction.dot(self.point.params)
        return np.asarray(self.curve.slope(self.point.eta) * rate * self.factor)

    def gradient(self, mass: Array) -> Array:
        """Gradient in (b, s) of the sum of mass times slope."""
        eta, mass = self.point.eta, np.asarray(mass * self.factor)
        rate = self.direction.dot(self.point.params)
        gradient = self.point.pulled(mass * self.curve.curvature(eta) * rate)
        k = len(self.point.params)
        gradient[:k] += self.direction.pulled(mass * self.curve.slope(eta), k)
        return gradient


@dataclass(frozen=True, slots=True, eq=False)
class RowEffects:
    """Averages of effects, with the effects of each row where they are wanted.

    Attributes
    ----------
    averages : Averages
        Of q effects; of effects on J labels value has shape (q, J), gradient (q, J, d).
    rows : ndarray, shape (n, q) or (n, q, J), or None
    """

    averages: Averages
    rows: Array | None


def average_effects(effects: Iterable[Effect], mass: Array, *, keep_rows: bool) -> RowEffects:
    """Averages over rows.

    Parameters
    ----------
    effects : iterable of Effect
        One after the other, so that no more than one is held.
    mass : ndarray, shape (n,)
        What the rows are weighed by, in any unit.
    keep_rows : bool
        Whether the effects of the rows are kept.
    """
    total = mass.sum()
    means, gradients, kept = [], [], []
    for effect in effects:
        values = effect.values()
        means.append(mass @ values / total)
        gradients.append(effect.gradient(mass) / total)
        if keep_rows:
            kept.append(values)
    averages = Averages(np.array(means), np.array(gradients))
    rows = np.moveaxis(np.array(kept), 0, 1) if kept else np.zeros((len(mass), 0))
    return RowEffects(averages, rows if keep_rows else None)


def delta_covariance(averages: Averages, scale: Scale) -> Array:
    """Covariance of averages by that of b and s together.

    Parameters
    ----------
    averages : Averages
    scale : Scale
    """
    return propagated(averages.gradient, scale.covariance)


def propagated(gradient: Array, covariance: Array) -> Array:
    """``G V G'``; NaN for what depends on something without a covariance.

    Parameters
    ----------
    gradient : ndarray, shape (q, d)
        G.
    covariance : ndarray, shape (d, d)
        V, with rows and columns of NaN where it is not known.
    """
    undefined = np.isnan(np.diag(covariance))
    known = np.where(np.isnan(covariance), 0.0, covariance)
    found = gradient @ known @ gradient.T
    touched = np.any(gradient[:, undefined] != 0.0, axis=1)
    found[touched, :] = found[:, touched] = np.nan
    return np.asarray((found + found.T) / 2.0)


def weighted_mean(values: Array, mass: Array) -> Array:
    """Mean of each column of `values`, shape (n, k) or (n,)."""
    return np.asarray(mass @ values / mass.sum())


def weighted_median(values: Array, mass: Array) -> float:
    """Median of the values when each stands for `mass` cases.

    Whole masses give the median of the repeated values; where exactly half of the mass lies below,
    the two values in the middle are averaged.

    Parameters
    ----------
    values, mass : ndarray, shape (n,)
    """
    inside = mass > 0.0
    order = np.argsort(values[inside], kind="stable")
    sorted_values, cumulated = values[inside][order], np.cumsum(mass[inside][order])
    half = 0.5 * cumulated[-1]
    tie = 1e-12 * half
    lower = sorted_values[np.searchsorted(cumulated, half - tie)]
    upper = sorted_values[np.searchsorted(cumulated, half + tie, side="right")]
    return float(0.5 * (lower + upper))


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Estimates with their covariance and reference distribution.

    Attributes
    ----------
    value : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
    df : float or ndarray, shape (q,)
        Degrees of freedom of t tests; infinite for the normal distribution. Of a difference of
        estimates with degrees of freedom of their own, the fewer.
    """

    value: Array
    covariance: Array
    df: float | Array = np.inf

    @property
    def se(self) -> Array:
        """Standard errors."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    @property
    def statistics(self) -> Array:
        """Estimates over standard errors; NaN where both are zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.value / self.se)

    @property
    def pvalues(self) -> Array:
        """Two-sided p-values of zero effects."""
        return np.asarray(2.0 * stats.t.sf(np.abs(self.statistics), self.df))

    def interval(self, alpha: float) -> Array:
        """Limits at level ``1 - alpha``, shape (q, 2)."""
        check_alpha(alpha)
        margin = stats.t.isf(alpha / 2.0, self.df) * self.se
        return np.column_stack([self.value - margin, self.value + margin])
