"""Profiles of a likelihood: restricted maxima, and where their drop reaches a threshold.

For a combination ``c'b`` of the coefficients the profile is the maximum of the likelihood with the
combination held at a value; twice its drop below the maximum of all, against chi-square, is the
likelihood-ratio test of that value, and the values that are not rejected are its interval.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from scipy import linalg

from wlogit._typing import Array
from wlogit.core.factors import inverse_root
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import LogitObjective
from wlogit.core.restricted import RestrictedMaximum, restricted_maximum
from wlogit.errors import NotAvailableError

# Drops below zero that are rounding, as a share of the log-likelihood.
_NOTHING = 1e-8
# Change of a value, in units of the line, that is not worth another restricted fit.
_PRECISE = 1e-8
# Farthest from the start, in the same units; the longest step as a multiple of the way so far.
_WIDEST, _GROWTH = 1e8, 3.0
# Drops that are not told apart.
_LARGEST = 1e8
_MOST_VALUES = 200
# How often the way to a value that is not reached at once is halved.
_HALVINGS = 6


class Surface(Protocol):
    """A function of the coefficients, as a profile sees it; parameters in working coordinates.

    ``top`` is its supremum, ``unit`` brings twice a drop to the scale of a chi-square, and the
    columns of ``root`` are axes along which the function falls about equally fast.
    """

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    @property
    def matrix(self) -> ModelMatrix:
        """The design in working coordinates, shape (n, k)."""
        ...

    @property
    def origin(self) -> Array:
        """Where to begin: the estimate, if there is one; shape (k,)."""
        ...

    @property
    def root(self) -> Array:
        """Shape (k, k)."""
        ...

    @property
    def top(self) -> float:
        """The largest value."""
        ...

    @property
    def unit(self) -> float:
        """N / sum(w)."""
        ...

    def maximum(self, begin: Array, basis: Array) -> RestrictedMaximum:
        """The maximum over ``begin + basis z``; minus infinity where it is not defined."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class LikelihoodSurface:
    """The weighted log-likelihood, on rows and columns where every restricted maximum is finite.

    Attributes
    ----------
    objective : LogitObjective
        In the weights as given.
    origin : ndarray, shape (k,)
    root : ndarray, shape (k, k)
    top : float
        In the weights as given; the supremum, if no finite coefficients reach it.
    unit : float
        N / sum(w).
    """

    objective: LogitObjective
    origin: Array
    root: Array
    top: float
    unit: float

    @property
    def name(self) -> str:
        """As messages call it."""
        return "likelihood"

    @property
    def matrix(self) -> ModelMatrix:
        """The design in working coordinates."""
        return self.objective.matrix

    def maximum(self, begin: Array, basis: Array) -> RestrictedMaximum:
        """By Newton's method."""
        return restricted_maximum(self.objective, begin, basis, self.unit)


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """The subspaces ``R b = q`` of one R, in coordinates in which the surface is round.

    Attributes
    ----------
    contrast : ndarray, shape (q, k)
        R, of full rank, in the user's coordinates.
    rows : ndarray, shape (q, k)
        The same in working coordinates.
    basis : ndarray, shape (k, k - q)
        N with ``R N = 0``.
    across : ndarray, shape (k, q)
        Steps T with ``R T = I``.
    """

    contrast: Array
    rows: Array
    basis: Array
    across: Array

    @classmethod
    def of(cls, surface: Surface, contrast: Array) -> "Restriction":
        """Split the coordinates of a surface into those that R holds and the others."""
        # x'b in the user's coordinates is R T c for the working ones c.
        rows = contrast @ surface.matrix.to_user(np.eye(contrast.shape[1]))
        whitened = rows @ surface.root
        size = np.linalg.norm(whitened, axis=1)
        axes, upper = linalg.qr((whitened / size[:, None]).T)
        q = len(contrast)
        held = axes[:, :q] @ linalg.solve_triangular(upper[:q], np.diag(1.0 / size), trans=1)
        return cls(contrast, rows, surface.root @ axes[:, q:], surface.root @ held)

    def moved(self, surface: Surface, params: Array, values: Array) -> Array:
        """The point with ``R b = values`` that is nearest to others, shape (k,)."""
        gap = values - self.contrast @ surface.matrix.to_user(params)
        result: Array = params + self.across @ gap
        return result

    def tangent(self, there: RestrictedMaximum) -> Array:
        """How restricted maxima move with the values, shape (k, q)."""
        if not self.basis.shape[1]:
            return self.across
        square = self.basis.T @ there.information @ self.basis
        crossed = self.basis.T @ there.information @ self.across
        # Never raises: far out the likelihood may be flat in some direction.
        result: Array = self.across - self.basis @ inverse_root(square).solve(crossed)
        return result


def drop_of(surface: Surface, found: RestrictedMaximum, where: str) -> float:
    """Twice the drop of a restricted maximum; infinite where the function is not defined.

    Parameters
    ----------
    surface : Surface
    found : RestrictedMaximum
    where : str
        How a message says what is held.

    Raises
    ------
    NotAvailableError
        The maximum was not reached, or it is higher than at the estimate.
    """
    if found.value == -math.inf:
        return math.inf
    if found.reason != "converged":
        raise NotAvailableError(
            f"the {surface.name} could not be maximised {where} ({found.reason}); rescale or "
            "center the covariates."
        )
    drop = 2.0 * surface.unit * (surface.top - found.value)
    if drop < -_NOTHING * (1.0 + surface.unit * abs(surface.top)):
        raise NotAvailableError(
            f"the {surface.name} is higher {where} than at the estimate: it has several maxima, or "
            "the fit stopped early; fit again with start_params="
            f"{np.asarray(surface.matrix.to_user(found.params)).tolist()}."
        )
    return max(drop, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Height:
    """A point of a profile.

    Attributes
    ----------
    value : float
        Of the combination.
    drop : float
        Twice the drop of the log-likelihood, on the scale of cases.
    slope : float
        Derivative of the drop with respect to the value.
    params : ndarray, shape (k,)
        The restricted maximum, in working coordinates.
    tangent : ndarray, shape (k,)
        How it moves with the value.
    """

    value: float
    drop: float
    slope: float
    params: Array
    tangent: Array


@dataclass(slots=True, eq=False)
class Line:
    """The profile along one combination ``c'b``, each value fitted from the nearest known one.

    Attributes
    ----------
    surface : Surface
    restriction : Restriction
        Of the one combination.
    name : str
        What messages call it.
    peak : Height or None
        The estimate; None where the combination diverges.
    """

    surface: Surface
    restriction: Restriction
    name: str
    peak: Height | None
    _known: list[Height] = field(default_factory=list)

    @classmethod
    def along(
        cls, surface: Surface, contrast: Array, name: str, *, diverges: bool = False
    ) -> "Line":
        """The profile of ``c'b`` for a contrast of shape (k,)."""
        restriction = Restriction.of(surface, contrast[None])
        line = cls(surface, restriction, name, None)
        if not diverges:
            line.peak = Height(line.start, 0.0, 0.0, surface.origin, restriction.across[:, 0])
            line._known.append(line.peak)
        return line

    @property
    def start(self) -> float:
        """The value at the origin: the estimate, if there is one."""
        origin = self.surface.matrix.to_user(self.surface.origin)
        return float(self.restriction.contrast[0] @ origin)

    @property
    def unit(self) -> float:
        """Distance over which the drop is one, by the quadratic approximation at the origin."""
        whitened = self.restriction.rows[0] @ self.surface.root
        return float(np.linalg.norm(whitened)) / math.sqrt(self.surface.unit)

    def at(self, value: float, halvings: int = _HALVINGS) -> Height:
        """The restricted maximum at a value; by way of values in between, where it is far."""
        known = min(self._known, key=lambda height: abs(height.value - value), default=None)
        if known is not None and known.value == value:
            return known
        begin = self.surface.origin
        if known is not None:
            begin = known.params + (value - known.value) * known.tangent
        begin = self.restriction.moved(self.surface, begin, np.array([value]))
        found = self.surface.maximum(begin, self.restriction.basis)
        failed = found.reason != "converged" and found.value > -math.inf
        if failed and known is not None and halvings:
            self.at(0.5 * (known.value + value), halvings - 1)
            return self.at(value, halvings - 1)
        drop = drop_of(self.surface, found, f"with {self.name} held at {value:.6g}")
        if math.isinf(drop):
            return Height(value, drop, math.nan, found.params, found.params)
        tangent = self.restriction.tangent(found)[:, 0]
        slope = -2.0 * self.surface.unit * float(tangent @ found.gradient)
        height = Height(value, drop, slope, found.params, tangent)
        self._known.append(height)
        return height

    def limit(self, side: float, threshold: float) -> float:
        """Where the drop reaches a threshold, above (side 1) or below (side -1) the estimate.

        Infinite if it never does, or only farther away than numbers go.
        """
        target, start, unit = math.sqrt(threshold), self.start, self.unit

        def excess(distance: float) -> tuple[float, float]:
            height = self.at(start + side * distance * unit)
            root = math.sqrt(min(height.drop, _LARGEST))
            slope = side * unit * height.slope / (2.0 * root) if root > 0.0 else 1.0
            return root - target, slope

        if self.peak is None:
            return start + side * crossing(excess, 0.0, -math.inf) * unit
        return start + side * crossing(excess, self._guess(side, target), 0.0) * unit

    def _guess(self, side: float, target: float) -> float:
        """The distance of a limit: of the quadratic, with the skewness seen on the other side."""
        start, unit = self.start, self.unit
        other = [h for h in self._known if side * (h.value - start) < 0.0 and h.drop > 0.0]
        if not other:
            return target
        nearest = min(other, key=lambda height: abs(math.sqrt(height.drop) - target))
        there = abs(nearest.value - start) / unit
        # The signed root is z = d + a d^2 in the distance d; a changes sign with the side.
        skew = (math.sqrt(nearest.drop) - there) / there**2
        inside = 1.0 - 4.0 * skew * target
        return 2.0 * target / (1.0 + math.sqrt(inside)) if 0.25 < inside < 4.0 else target


def crossing(excess: Callable[[float], tuple[float, float]], guess: float, below: float) -> float:
    """Where an increasing function is zero: Newton's method inside of a bracket.

    Parameters
    ----------
    excess : callable
        Value and derivative at a distance; the derivative is NaN where there is none.
    guess : float
    below : float
        A distance where the function is negative, or minus infinity.

    Returns
    -------
    float
        Plus infinity if the function is negative wherever it was looked at, minus infinity if it
        is positive there; NaN if it takes too long to tell.
    """
    low, high, distance, before = below, math.inf, guess, math.inf
    for _ in range(_MOST_VALUES):
        value, slope = excess(distance)
        low, high = (distance, high) if value < 0.0 else (low, distance)
        if value == 0.0:
            return distance
        step = -value / slope if slope > 0.0 else math.copysign(math.inf, -value)
        if abs(step) <= _PRECISE:
            return distance + step
        target = distance + step
        if math.isinf(low) or math.isinf(high):
            longest = _GROWTH * max(1.0, abs(distance - guess), abs(guess))
            target = distance + math.copysign(min(abs(step), longest), step)
        # Steps that do not halve are those of a function that Newton's method does not follow.
        elif not low < target < high or abs(step) > 0.5 * before:
            target = 0.5 * (low + high)
        if abs(target) > _WIDEST:
            return math.copysign(math.inf, target)
        if target in (low, high):
            return target
        before, distance = abs(target - distance), target
    return math.nan
