"""Functions of the coefficients: values, standard errors and tests by the delta method."""

import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from wlogit._typing import Array
from wlogit.errors import DesignError
from wlogit.inference.hypotheses import TestResult, wald_test
from wlogit.inference.printed import Printed, table
from wlogit.keywords import check_alpha

# Relative difference of derivatives beyond which one of them is wrong.
_AGREES = 1e-4


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class DeltaMethod(Printed):
    """Functions of the coefficients with their covariance ``J V J'``.

    Attributes
    ----------
    values : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
    labels : tuple
        What the functions are called.
    df_each : ndarray, shape (q,)
        Degrees of freedom of the t test of each; infinite for the normal distribution.
    reference : tuple of float
        What the joint Wald statistic over q is multiplied by to be F, and the degrees of freedom
        of its denominator; one and infinity for chi-square.
    """

    values: Array
    covariance: Array
    labels: tuple[Hashable, ...]
    df_each: Array
    reference: tuple[float, float] = (1.0, np.inf)

    @property
    def se(self) -> Array:
        """Standard errors, shape (q,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def conf_int(self, alpha: float = 0.05) -> Array:
        """Intervals, shape (q, 2).

        Parameters
        ----------
        alpha : float
            One minus the level.
        """
        check_alpha(alpha)
        margin = stats.t.isf(alpha / 2.0, self.df_each) * self.se
        return np.column_stack([self.values - margin, self.values + margin])

    def test(self, null: Any = 0.0) -> TestResult:
        """Wald test that the functions have given values, jointly.

        Parameters
        ----------
        null : float or array_like, shape (q,)

        Returns
        -------
        TestResult
            Chi-square, or F where its reference has finite degrees of freedom.

        Raises
        ------
        ValueError
            Another number of values than of functions.
        DesignError
            Functions that follow from one another.
        """
        given = np.asarray(null, np.float64)
        if given.shape not in ((), (1,), self.values.shape):
            raise ValueError(
                f"null= has shape {given.shape}, and there are {len(self.values)} functions: give "
                "one number, or one for each."
            )
        away = self.values - given
        test = wald_test(away, self.covariance, self.reference)
        if np.isnan(test.statistic) and np.all(np.isfinite(self.covariance)):
            raise DesignError(
                "the covariance of the functions is singular: one is constant or follows from the "
                "others; test fewer of them."
            )
        return test

    def summary_frame(self, alpha: float = 0.05) -> pd.DataFrame:
        """One row for each function.

        Parameters
        ----------
        alpha : float
            One minus the level of the intervals.

        Returns
        -------
        DataFrame
            Columns "value", "se", "statistic" and "pvalue" (that the value is zero), "ci_lower"
            and "ci_upper".
        """
        limits = self.conf_int(alpha)
        statistic = np.divide(
            self.values, self.se, out=np.full_like(self.values, np.nan), where=self.se > 0.0
        )
        columns = {
            "value": self.values,
            "se": self.se,
            "statistic": statistic,
            "pvalue": 2.0 * stats.t.sf(np.abs(statistic), self.df_each),
            "ci_lower": limits[:, 0],
            "ci_upper": limits[:, 1],
        }
        return pd.DataFrame(columns, index=pd.Index(self.labels))

    def __str__(self) -> str:
        """The table."""
        return table(self.summary_frame())


def read_values(found: Any, names: Sequence[Hashable] | None) -> tuple[Any, tuple[Hashable, ...]]:
    """Values of a function of the coefficients as a vector, and their labels.

    Parameters
    ----------
    found : float, array_like, Series or mapping
        What the function returned.
    names : sequence or None
        What to call the values.

    Raises
    ------
    ValueError
        Values that are no vector of numbers, or names for another number of them.
    """
    labels: tuple[Hashable, ...] | None = None
    if isinstance(found, Mapping):
        labels, found = tuple(found), list(found.values())
    elif isinstance(found, pd.Series):
        labels, found = tuple(found.index), found.to_numpy()
    values = np.atleast_1d(np.asarray(found))
    if values.ndim != 1 or values.dtype.kind not in "buifc" or not values.size:
        raise ValueError(
            "the function must return a number, or a one-dimensional array, Series or dict of "
            f"numbers; it returned {type(found).__name__}."
        )
    if names is not None:
        labels = tuple(names)
    elif labels is None:
        labels = tuple(f"g{j}" for j in range(1, len(values) + 1))
    if len(labels) != len(values):
        raise ValueError(f"names= has {len(labels)} names for {len(values)} values.")
    return values, labels


def jacobian(function: Callable[[Array], Array], params: Array, se: Array) -> Array:
    """Derivatives of a function of the coefficients, shape (q, k).

    By complex step, which is exact to rounding, where the function takes complex numbers and
    differences confirm it; else by central differences over two steps, extrapolated.

    Parameters
    ----------
    function : callable
        From shape (k,), real or complex, to shape (q,).
    params : ndarray, shape (k,)
    se : ndarray, shape (k,)
        Standard errors, the scale on which the function is taken to be smooth.

    Raises
    ------
    ValueError
        A function that is not smooth at the estimate.

    References
    ----------
    Squire and Trapp (1998), SIAM Review 40, 110-112.
    """
    usual = np.where(np.isfinite(se) & (se > 0.0), se, np.maximum(np.abs(params), 1.0))
    steps = np.maximum(1e-3 * usual, 1e-7 * np.abs(params))
    coarse, bent = _central(function, params, steps)
    fine, less_bent = _central(function, params, steps / 2.0)
    difference = (4.0 * fine - coarse) / 3.0
    scale = np.max(np.abs(difference) * usual, axis=1, keepdims=True)
    # Second differences of a smooth function shrink to a quarter, at a kink to a half or less.
    size = np.abs(function(params))[:, None]
    rounding = 1e-11 * size + 1e-8 * np.max(np.abs(bent), axis=1, keepdims=True)
    scale = np.maximum(scale, rounding / _AGREES)
    visible = np.abs(bent) > np.maximum(1e-3 * np.abs(difference) * steps, 1e-12 * size)
    smooth = not np.any(visible & (np.abs(less_bent) > 0.35 * np.abs(bent)))
    exact = _complex(function, params)
    if smooth and exact is not None and _agree(exact, difference, usual, scale):
        return exact
    if not (smooth and _agree(coarse, fine, usual, scale)):
        raise ValueError(
            "the function is not smooth at the estimates (its differences over two steps "
            "disagree), so the delta method does not hold for it."
        )
    return difference


def _central(
    function: Callable[[Array], Array], params: Array, steps: Array
) -> tuple[Array, Array]:
    """First differences over the steps, and second differences, shapes (q, k)."""
    slopes, bends = [], []
    middle = function(params)
    for j, step in enumerate(steps):
        above, below = params.copy(), params.copy()
        above[j], below[j] = params[j] + step, params[j] - step
        up, down = function(above), function(below)
        if not (np.all(np.isfinite(up)) and np.all(np.isfinite(down))):
            raise ValueError("the function is not finite around the estimates.")
        slopes.append((up - down) / (above[j] - below[j]))
        bends.append(up + down - 2.0 * middle)
    return np.column_stack(slopes), np.column_stack(bends)


def _complex(function: Callable[[Array], Array], params: Array) -> Array | None:
    columns = []
    for j, value in enumerate(params):
        step = 1e-20 * max(1.0, abs(value))
        moved: Any = params.astype(np.complex128)
        moved[j] += 1j * step
        try:
            with warnings.catch_warnings():
                # Such as of an imaginary part that is thrown away.
                warnings.simplefilter("error")
                columns.append(np.asarray(function(moved)).imag / step)
        except (TypeError, ValueError, AttributeError, Warning):
            return None
    return np.column_stack(columns)


def _agree(first: Array, second: Array, usual: Array, scale: Array) -> bool:
    return bool(np.all(np.abs(first - second) * usual <= _AGREES * scale))
