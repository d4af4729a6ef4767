"""statsmodels' tests of linear hypotheses with degrees of freedom of their own."""

from typing import Any

import numpy as np
import patsy
from statsmodels.stats.contrast import ContrastResults

from wlogit._typing import Array
from wlogit.covariance.base import Covariance
from wlogit.inference.degrees import t_degrees


def contrast_of(results: Any, hypotheses: Any) -> Array:
    """The combinations of the coefficients that hypotheses are about, shape (q, k).

    Parameters
    ----------
    results : WeightedLogitResults
    hypotheses : array_like, str or tuple
        As statsmodels takes them.
    """
    parsed = patsy.DesignInfo(list(results.model.data.cov_names)).linear_constraint(hypotheses)
    return np.asarray(parsed.coefs, dtype=np.float64)


def with_own_degrees(results: Any, hypotheses: Any, test: ContrastResults) -> ContrastResults:
    """A t test of each of some combinations, on the degrees of freedom of each.

    Parameters
    ----------
    results : WeightedLogitResults
        With such degrees of freedom.
    hypotheses : array_like, str or tuple
    test : ContrastResults
        On other degrees of freedom.
    """
    degrees = np.asarray(t_degrees(results, contrast_of(results, hypotheses)))
    if len(degrees) == 1:
        degrees = degrees[0]
    return ContrastResults(effect=test.effect, t=test.tvalue, sd=test.sd, df_denom=degrees)


def hotelling(covariance: Covariance, contrast: Array, test: ContrastResults) -> ContrastResults:
    """The F test of Hotelling's statistic in place of the plain one.

    Parameters
    ----------
    covariance : Covariance
    contrast : ndarray, shape (q, k)
    test : ContrastResults
        An F test without adjustment.

    References
    ----------
    Pustejovsky and Tipton (2018), JBES 36, 672-683, section 4 (HTZ).
    """
    factor, degrees = covariance.f_reference(contrast)
    return ContrastResults(F=test.fvalue * factor, df_denom=degrees, df_num=test.df_num)
