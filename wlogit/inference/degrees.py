"""Degrees of freedom of the t tests of a fit, which may differ between coefficients."""

from typing import Protocol

import numpy as np

from wlogit._typing import Array
from wlogit.covariance.base import Covariance


class TestedFit(Protocol):
    """What the degrees of freedom of a fit follow from."""

    use_t: bool
    df_resid: float

    @property
    def covariance(self) -> Covariance:
        """The covariance in use."""
        ...


def t_degrees(fit: TestedFit, contrasts: Array | None = None) -> Array | float:
    """Degrees of freedom of t tests of combinations of the coefficients.

    Parameters
    ----------
    fit : WeightedLogitResults or WeightedMNLogitResults
    contrasts : ndarray, shape (m, k), optional
        The combinations; by default each coefficient.

    Returns
    -------
    float or ndarray
        Infinite where tests are by the normal distribution. An array of shape (m,) or (k,) where
        each combination has degrees of freedom of its own.
    """
    if not fit.use_t:
        return np.inf
    small_sample = fit.covariance.small_sample
    if small_sample is None:
        return smallest_degrees(fit)
    each = fit.covariance.df_each
    return np.asarray(each if contrasts is None else small_sample.of_each(contrasts))


def smallest_degrees(fit: TestedFit) -> float:
    """One number for all t tests, the smallest where coefficients differ; infinite without t.

    Parameters
    ----------
    fit : WeightedLogitResults or WeightedMNLogitResults
    """
    if not fit.use_t:
        return np.inf
    return float(getattr(fit, "df_resid_inference", None) or fit.df_resid)
