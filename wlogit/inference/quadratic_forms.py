"""Tails of weighted sums of chi-squares, and of their ratios to an independent chi-square.

With ``lambda_j > 0`` and ``K`` the cumulant generating function of
``Q = sum lambda_j chi2_1 - (x / ddf) chi2_ddf`` (without the last term for infinite ddf):

* saddlepoint: ``1 - Phi(w + log(v / w) / w)``, ``w^2 = 2 (s x - K(s))``, ``v^2 = s^2 K''(s)``, at
  ``K'(s) = x`` (Kuonen 1999), or ``K'(s) = 0`` for the ratio;
* exact: ``1 / (2 pi i)`` times the integral of ``exp(K(s) - s x) / s`` along a path through the
  saddlepoint of the integrand, so that relative accuracy holds however far out the tail is
  (Helstrom and Rice 1984);
* Satterthwaite: a scaled chi-square, or F, with the first two moments.

References
----------
Kuonen (1999), Biometrika 86, 929-935; Helstrom and Rice (1984), IEEE Trans. Commun. 32, 1053-1060;
Imhof (1961), Biometrika 48, 419-426; Satterthwaite (1946), Biometrics Bulletin 2, 110-114.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from wlogit._typing import Array

ComplexArray = NDArray[np.complex128]
Approximation = Literal["saddlepoint", "satterthwaite", "exact"]

# Eigenvalues below this share of the largest are zeros of a singular covariance.
NEGLIGIBLE = 1e-10
# Relative change at which the halving of steps ends, and halvings after which it gives up.
SETTLED, HALVINGS = 1e-11, 12


def tail(
    x: float,
    eigenvalues: Array,
    ddf: float = np.inf,
    method: Approximation = "saddlepoint",
) -> float:
    """``P(sum lambda_j chi2_1 > x)``, or ``P(sum lambda_j chi2_1 > x chi2_ddf / ddf)``.

    Parameters
    ----------
    x : float
    eigenvalues : ndarray, shape (q,)
        Weights of the mixture; zeros add nothing.
    ddf : float
        Denominator degrees of freedom; infinite for the sum itself.
    method : {"saddlepoint", "satterthwaite", "exact"}

    Returns
    -------
    float
        A survival function, not one minus a distribution function. NaN without a positive
        eigenvalue, or with a negative one: what they come from is then no covariance.
    """
    positive = _positive(eigenvalues)
    if positive is None or np.isnan(x) or not ddf > 0.0:
        return np.nan
    if x <= 0.0 or np.isinf(x):
        return float(x <= 0.0)
    if method == "satterthwaite":
        return _satterthwaite_tail(x, positive, ddf)
    form = _Form.of(x, positive, ddf)
    return form.saddlepoint_tail() if method == "saddlepoint" else form.exact_tail()


def satterthwaite(eigenvalues: Array) -> tuple[float, float]:
    """Scale a and degrees of freedom of ``a chi2``, with mean and variance of the mixture.

    Parameters
    ----------
    eigenvalues : ndarray, shape (q,)
        Weights of the mixture ``sum lambda_j chi2_1``.

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2, 110-114.
    """
    scale = float(eigenvalues @ eigenvalues / eigenvalues.sum())
    return scale, float(eigenvalues.sum() / scale)


def _positive(eigenvalues: Array) -> Array | None:
    """The eigenvalues that matter; None where there is no distribution."""
    if eigenvalues.size == 0 or not np.all(np.isfinite(eigenvalues)):
        return None
    largest = float(eigenvalues.max())
    if largest <= 0.0 or eigenvalues.min() < -NEGLIGIBLE * largest:
        return None
    return np.asarray(eigenvalues[eigenvalues > NEGLIGIBLE * largest])


def _satterthwaite_tail(x: float, eigenvalues: Array, ddf: float) -> float:
    scale, df = satterthwaite(eigenvalues)
    if np.isinf(ddf):
        return float(stats.chi2.sf(x / scale, df))
    return float(stats.f.sf(x / (scale * df), df, ddf))


@dataclass(frozen=True, slots=True)
class _Form:
    """``P(sum a_j chi2_(n_j) > x)``, in units of the largest weight.

    The argument s of the generating function is ``(1 - gap) / 2``: the gap is the distance from
    its singularity, which far tails need to full precision.

    Attributes
    ----------
    weights : ndarray, shape (r,)
        a, at most one; positive, but for that of the denominator.
    counts : ndarray, shape (r,)
        n, their degrees of freedom.
    threshold : float
        x; zero for a ratio.
    """

    weights: Array
    counts: Array
    threshold: float

    @classmethod
    def of(cls, x: float, eigenvalues: Array, ddf: float) -> "_Form":
        """The sum, or the difference of the sum and the denominator."""
        largest = float(eigenvalues.max())
        weights, counts = eigenvalues / largest, np.ones(eigenvalues.size)
        if np.isinf(ddf):
            return cls(weights, counts, x / largest)
        return cls(np.append(weights, -x / largest / ddf), np.append(counts, ddf), 0.0)

    def _distances(self, gap: float) -> Array:
        """``1 - 2 s a``, positive where the generating function exists."""
        return (1.0 - self.weights) + gap * self.weights

    def _imbalance(self, gap: float, excess: float) -> float:
        """Logarithm of the positive over the negative terms of ``K'(s) - x - excess``."""
        terms = self.counts * self.weights / self._distances(gap)
        upward = terms[self.weights > 0.0].sum()
        downward = self.threshold + excess - terms[self.weights < 0.0].sum()
        return float(np.log(upward) - np.log(downward))

    def _widest_gap(self) -> float:
        """A gap at which ``K'(s) < x``: every ``a / (1 - 2 s a)`` is at most ``1 / gap``."""
        total = float(self.counts[self.weights > 0.0].sum())
        denominator = self.weights < 0.0
        if not denominator.any():
            return 2.0 * total / self.threshold
        limit = 1.0 - 1.0 / float(self.weights[denominator][0])
        df = float(self.counts[denominator][0])
        return limit * total / (total + df) * (1.0 + 1e-10)

    # -- saddlepoint -------------------------------------------------------------------------------

    def saddlepoint_tail(self) -> float:
        """Kuonen's approximation, in terms that do not cancel however close x is to the mean."""
        gap = np.exp(
            _root(lambda u: self._imbalance(np.exp(u), 0.0), -700.0, np.log(self._widest_gap()))
        )
        ratio = (1.0 - gap) * self.weights / self._distances(gap)
        squared, excess = _entropy(ratio)
        w = np.sign(1.0 - gap) * np.sqrt(self.counts @ squared)
        if abs(w) < 1e-100:
            skewness = 8.0 * self._moment(3) / (2.0 * self._moment(2)) ** 1.5
            return float(stats.norm.sf(skewness / 6.0))
        correction = 0.5 * np.log1p((self.counts @ excess) / (w * w)) / w
        return float(stats.norm.sf(w + correction))

    def _moment(self, power: int) -> float:
        return float(self.counts @ self.weights**power)

    # -- exact -------------------------------------------------------------------------------------

    def exact_tail(self) -> float:
        """The inversion integral, its step halved until it settles; NaN if it never does."""
        path = self._path()
        if path.height == 0.0:
            return 0.0
        value, step = path.trapezoid(0.5), 0.5
        for _ in range(HALVINGS):
            step /= 2.0
            before, value = value, path.trapezoid(step)
            if abs(value - before) <= SETTLED * abs(value):
                return float(min(max(value * path.height, 0.0), 1.0))
        return np.nan

    def _path(self) -> "_Path":
        """The path through the saddlepoint of the integrand, which is right of the pole at zero."""

        def imbalance(u: float) -> float:
            return self._imbalance(special.expit(u), 2.0 / special.expit(-u))

        at = _root(imbalance, -700.0, 700.0)
        gap, start = special.expit(at), special.expit(-at) / 2.0
        slopes = self.weights / self._distances(gap)
        return _Path(self, start, slopes, self._log_height(gap, start))

    def _log_height(self, gap: float, start: float) -> float:
        below = -(1.0 - gap) * self.weights
        logs = np.where(
            np.abs(below) < 0.5, np.log1p(np.maximum(below, -0.5)), np.log(self._distances(gap))
        )
        return float(-0.5 * self.counts @ logs - start * self.threshold - np.log(start))


@dataclass(frozen=True, slots=True)
class _Path:
    """``s(v) = c + A (cosh(v) - 1) + i B sinh(v)``, which leaves c along the steepest descent.

    A hyperbola keeps its distance from the singularities, all on the real axis, at any scale.

    Attributes
    ----------
    form : _Form
    start : float
        c, where the integrand has its saddlepoint.
    slopes : ndarray, shape (r,)
        ``a / (1 - 2 c a)``.
    log_height : float
        Logarithm of the integrand at c.
    """

    form: _Form
    start: float
    slopes: Array
    log_height: float

    @property
    def height(self) -> float:
        """The integrand at c."""
        return float(np.exp(self.log_height))

    def _shape(self) -> tuple[float, float]:
        """A and B, from the second and third derivative of the logarithm of the integrand."""
        counts, slopes = self.form.counts, self.slopes
        curvature = 2.0 * (counts @ slopes**2) + 1.0 / self.start**2
        width = 1.0 / np.sqrt(curvature)
        third = 8.0 * (counts @ slopes**3) - 2.0 / self.start**3
        # To the right, where the integrand of a sum vanishes, even where its skewness is negative.
        bend = max(third / 3.0 * width**4, 0.1 * width)
        return float(bend), float(width)

    def trapezoid(self, step: float) -> float:
        """The integral over the height, by the trapezoidal rule in v."""
        total, first, chunk = 0.0, 0, 64
        while first < 1_000_000:
            values = self._integrand(step * np.arange(first, first + chunk, dtype=np.float64))
            if first == 0:
                values[0] /= 2.0
            total += float(values.real.sum())
            if np.abs(values[-1]) <= 1e-17 * abs(total):
                break
            first, chunk = first + chunk, 2 * chunk
        return total * step / np.pi

    def _integrand(self, v: Array) -> Array:
        bend, width = self._shape()
        # Beyond, the integrand has vanished, and the hyperbolic functions would overflow.
        sinh, cosh = np.sinh(np.minimum(v, 300.0)), np.cosh(np.minimum(v, 300.0))
        moved: ComplexArray = bend * (cosh - 1.0) + 1j * width * sinh
        logs = _log1p(np.asarray(-2.0 * np.multiply.outer(moved, self.slopes), np.complex128))
        exponent = -0.5 * (logs @ self.form.counts) - self.form.threshold * moved
        exponent -= _log1p(moved / self.start)
        direction = width * cosh - 1j * bend * sinh
        return np.asarray(np.exp(exponent) * direction)


def _root(function: Callable[[float], float], lower: float, upper: float) -> float:
    return float(optimize.brentq(function, lower, upper, xtol=1e-300, rtol=1e-15, maxiter=500))


def _log1p(z: ComplexArray) -> ComplexArray:
    """``log(1 + z)`` to relative precision: numpy's is not for small complex z."""
    modulus = np.log1p(2.0 * z.real + z.real**2 + z.imag**2)
    return np.asarray(0.5 * modulus + 1j * np.arctan2(z.imag, 1.0 + z.real))


def _entropy(ratio: Array) -> tuple[Array, Array]:
    """``r - log(1 + r)``, and by how much ``r^2 / 2`` exceeds it, without cancellation.

    By ``log(1 + r) = 2 atanh(z)``, ``z = r / (2 + r)``.
    """
    z = ratio / (2.0 + ratio)
    square = z * z
    series = z * square * np.polyval([1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3], square)
    small = np.abs(z) < 0.1
    rest = np.where(small, series, 0.5 * np.log1p(ratio) - z)
    return ratio**2 / (2.0 + ratio) - 2.0 * rest, ratio**3 / (2.0 * (2.0 + ratio)) + 2.0 * rest
