"""Profiles of coefficients: their limits, their curves, and tests of single values."""

import math
from dataclasses import dataclass, replace

import numpy as np

from wlogit._typing import Array
from wlogit.inference.profile import Line

# Points of a curve between the estimate and either end, how far beyond a limit it goes as a share
# of the way there, and the share of the threshold at which it is as good as flat.
_POINTS, _BEYOND, _FLAT = 10, 0.3, 0.02


@dataclass(frozen=True, slots=True, eq=False)
class ProfiledCoefficient:
    """A coefficient and the profile of the likelihood along it.

    Attributes
    ----------
    name : str
    line : Line or None
        None where the profile is flat, or a single point, or has no meaning.
    estimate : float
        Infinite where it diverges, NaN where it may go anywhere.
    scale : float
        lambda, by which the drop of a pseudo-likelihood is divided; one for a likelihood, NaN
        where it is not defined.
    toward : float
        The infinity that the likelihood rises to, zero if its maximum is finite, NaN where it is
        the same for every value.
    move : float
        What the coefficient has above the value that is profiled.
    undefined : str
        Why limits are missing; empty where none is.
    """

    name: str
    line: Line | None
    estimate: float
    scale: float = 1.0
    toward: float = 0.0
    move: float = 0.0
    undefined: str = ""

    def moved(self, by: float, undefined: str) -> "ProfiledCoefficient":
        """The coefficient after something was added to it, and why it has no limits, if so."""
        estimate, move = self.estimate + by, self.move + by
        return replace(self, estimate=estimate, move=move, undefined=undefined)

    def limits(self, threshold: float) -> tuple[float, float]:
        """Where the drop over the scale reaches a threshold, below and above.

        Parameters
        ----------
        threshold : float
            Quantile of the reference distribution, a squared one of t or the normal.
        """
        if self.line is None and not self.undefined:
            return (-math.inf, math.inf) if math.isnan(self.toward) else (self.estimate,) * 2
        return self._limit(-1.0, threshold), self._limit(1.0, threshold)

    def _limit(self, side: float, threshold: float) -> float:
        if self.toward * side > 0.0:
            return self.toward
        if self.line is None or self.undefined or not self.scale * threshold >= 0.0:
            return math.nan
        return self.line.limit(side, self.scale * threshold) + self.move

    def statistic(self, value: float) -> float:
        """The likelihood-ratio statistic of a value, over the scale."""
        if self.undefined:
            return math.nan
        if self.line is None:
            return 0.0 if math.isnan(self.toward) or value == self.estimate else math.inf
        return self._drop(self.line, value) / self.scale

    def _drop(self, line: Line, value: float) -> float:
        return line.at(value - self.move).drop

    @property
    def se(self) -> float:
        """Standard error in the quadratic approximation; NaN where there is none."""
        if self.line is None or self.toward != 0.0:
            return math.nan
        return self.line.unit * math.sqrt(self.scale)

    def curve(self, threshold: float) -> "Curve":
        """The profile from beyond one limit to beyond the other."""
        limits = self.limits(threshold)
        values = drops = np.zeros(0)
        if self.line is not None and not np.isnan(limits).any():
            ends = self._ends(self.line, limits, threshold)
            inner = [value for value in (*limits, self.estimate) if math.isfinite(value)]
            values = np.unique(np.append(np.linspace(*ends, 2 * _POINTS + 1), inner))
            drops = np.array([self._drop(self.line, float(value)) for value in values])
        given = (self.name, self.estimate, self.se, limits, self.scale)
        return Curve(*given, values, drops, self.undefined)

    def _ends(
        self, line: Line, limits: tuple[float, float], threshold: float
    ) -> tuple[float, float]:
        if self.toward == 0.0:
            center = self.estimate
        else:
            flat = line.limit(-math.copysign(1.0, self.toward), _FLAT * self.scale * threshold)
            center = flat + self.move
        lower, upper = (
            limit + _BEYOND * (limit - center) if math.isfinite(limit) else center
            for limit in limits
        )
        return lower, upper


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The profile of one coefficient.

    Attributes
    ----------
    name : str
    estimate : float
        Infinite or NaN where the maximum of the likelihood is not at a finite value.
    se : float
        Standard error of the quadratic approximation; NaN there.
    limits : tuple of float
    scale : float
        What the drop of a pseudo-likelihood is divided by; one for a likelihood.
    values : ndarray, shape (m,)
        Values of the coefficient, ascending.
    drop : ndarray, shape (m,)
        Twice the drop of the log-likelihood, in weights that sum to the number of cases.
    undefined : str
        Why limits are missing.
    """

    name: str
    estimate: float
    se: float
    limits: tuple[float, float]
    scale: float
    values: Array
    drop: Array
    undefined: str = ""

    @property
    def signed_root(self) -> Array:
        """Root of the drop over the scale, with the sign of the distance from the estimate."""
        sign = -1.0 if self.estimate == math.inf else np.sign(self.values - self.estimate)
        return np.asarray(sign * np.sqrt(self.drop / self.scale))

    @property
    def quadratic(self) -> Array:
        """The same for Wald's interval: the distance in standard errors."""
        if math.isnan(self.se):
            return np.full(len(self.values), np.nan)
        return np.asarray((self.values - self.estimate) / self.se)
