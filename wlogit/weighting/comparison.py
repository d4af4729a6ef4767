"""Whether the weights matter: slopes with and without them, from the same cases."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from wlogit import estimation
from wlogit._typing import Array
from wlogit.core.scores import CaseRows
from wlogit.covariance.base import ScoreParts
from wlogit.covariance.cluster_adjusted import AdjustedClusters
from wlogit.covariance.influence import (
    SandwichEstimator,
    case_influences,
    influence_covariance,
)
from wlogit.covariance.robust import Robust
from wlogit.errors import NotAvailableError
from wlogit.inference.degrees import t_degrees
from wlogit.inference.hypotheses import TestResult
from wlogit.inference.weighting import difference_test, singular, untestable
from wlogit.reporting.simulated import sampling_tested
from wlogit.scales import influences_of, sandwich_request
from wlogit.weighting.refits import Refit, refit, require_plain_fit, same_covariance, start_at
from wlogit.weights.altered import most_precise_without, without_weights


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WeightingTest(TestResult):
    """Outcome of the test that weights do not change the slopes.

    Attributes
    ----------
    statistic, df, ddf, pvalue, eigenvalues, method
        As in `TestResult`; p is NaN where weights cannot change the estimates, and where the
        covariance in use has too few degrees of freedom.
    differences : DataFrame
        By slope: ``weighted``, ``unweighted``, ``difference``, its ``se``, ``z`` (``t`` where the
        tests of the fit are) and ``pvalue``.
    conclusion : str
        What it says, in words.
    """

    differences: pd.DataFrame
    conclusion: str

    def __str__(self) -> str:
        """Table and conclusion as text."""
        table = self.differences.to_string(float_format="{:.4g}".format, na_rep="-")
        return f"Do the weights matter?\n{table}\n{self.conclusion}"


def weighting_test(results: Any) -> WeightingTest:
    """Test the difference of the slopes with and without weights.

    Parameters
    ----------
    results : WeightedLogitResults

    Raises
    ------
    NotAvailableError
        Where there is nothing to compare.
    """
    require_plain_fit(results, "weighting_test")
    other = _without_weights(results)
    names, contrast = slopes(results)
    weighted, unweighted = contrast @ np.asarray(results.params), contrast @ other.params
    difference = weighted - unweighted
    spread = _covariances(results, other, contrast)
    covariance, plain, unit = spread.difference, spread.plain, spread.unit

    def reference(directions: Array) -> tuple[float, float]:
        found: tuple[float, float] = results._reference(directions @ contrast)
        return found

    test = untestable(len(contrast))
    if not singular(spread.weighted):
        test = difference_test(difference, covariance, plain, unit, reference)
    # What rounding leaves of a difference that is none has no standard error either.
    same = np.diag(plain) <= 1e-10 * unit**2
    error = np.sqrt(np.where(same, np.nan, np.diag(covariance)))
    statistic = difference / error
    columns = {
        "weighted": weighted,
        "unweighted": unweighted,
        "difference": difference,
        "se": error,
        "t" if results.use_t else "z": statistic,
        "pvalue": 2.0 * stats.t.sf(np.abs(statistic), t_degrees(results, contrast)),
    }
    frame = pd.DataFrame(columns, index=names)
    known = {field.name: getattr(test, field.name) for field in fields(TestResult)}
    return WeightingTest(**known, differences=frame, conclusion=_conclusion(test, results))


def _without_weights(results: Any) -> Refit:
    weights = without_weights(results.weights)
    if weights is None:
        raise NotAvailableError(
            "there is nothing to test: weighting_test compares a fit with sampling weights, class "
            "weights or a prevalence with the one without; frequency weights are the data."
        )
    if results.weights.factors.source is not None and results.model.constant_combination is None:
        raise NotAvailableError(
            "without a constant, class weights change the slopes of a right model too, so that "
            "their difference tests nothing; add a constant."
        )
    request = same_covariance(results.request, weights)
    other = refit(results.model, weights, start_at(results, 0.0), sandwich_request(request))
    if not np.all(np.isfinite(other.covariance.matrix)):
        raise NotAvailableError(
            f"the fit without the weights did not converge: {other.fit.message}"
        )
    return other


def slopes(results: Any) -> tuple[list[str], Array]:
    """Names and combinations of the coefficients that weights leave alone in a right model.

    Where several columns add up to the constant, their differences from the first of them.
    """
    names = [str(name) for name in results.model.exog_names]
    constant, identity = results.model.constant_combination, np.eye(len(names))
    if constant is None:
        return names, identity
    first, *others = np.flatnonzero(constant)
    share = constant / constant[first]
    contrast = np.delete(identity - np.outer(share, identity[first]), first, axis=0)
    titles = list(names)
    for j in others:
        times = "" if share[j] == 1.0 else f"{share[j]:.4g} "
        titles[j] = f"{names[j]} - {times}{names[first]}"
    return titles[:first] + titles[first + 1 :], contrast


@dataclass(frozen=True, slots=True, eq=False)
class _Spread:
    """Covariance of the difference of q slopes, and what it is judged by.

    Attributes
    ----------
    difference, plain : ndarray, shape (q, q)
        With and without factors of leverages.
    weighted : ndarray, shape (q, q)
        Of the weighted slopes.
    unit : ndarray, shape (q,)
        Root of the sum of the variances of both slopes.
    """

    difference: Array
    plain: Array
    weighted: Array
    unit: Array


def _covariances(results: Any, other: Refit, contrast: Array) -> _Spread:
    weighted = influences_of(results)
    unweighted = _influences(other)
    joint = _joint(weighted, unweighted, contrast)
    q = len(contrast)
    unit = np.sqrt(np.diag(joint)[q : 2 * q] + np.diag(joint)[2 * q :])
    plain = joint
    if isinstance(weighted[2], Robust | AdjustedClusters):
        plain = _joint(_plain(weighted), _plain(unweighted), contrast)
    return _Spread(joint[:q, :q], plain[:q, :q], joint[q : 2 * q, q : 2 * q], unit)


Influences = tuple[CaseRows, ScoreParts, SandwichEstimator]


def _influences(other: Refit) -> Influences:
    estimator: Any = estimation.estimator_of(other.model, other.request)
    parts = estimation.score_parts(other.model, other.fit)
    return case_influences(parts, estimator), parts, estimator


def _plain(found: Influences) -> Influences:
    """The same without small-sample factors."""
    _, parts, estimator = found
    plain: Any
    if isinstance(estimator, AdjustedClusters):
        plain = estimator.plain
    else:
        plain = replace(estimator, kind="HC0")  # type: ignore[type-var]
    return case_influences(parts, plain), parts, plain


def _joint(weighted: Influences, unweighted: Influences, contrast: Array) -> Array:
    """Covariance of the difference of the slopes, the weighted and the unweighted slopes."""
    of_weighted, parts, estimator = weighted
    of_unweighted = unweighted[0]

    def together(rows: slice) -> list[tuple[Array, Array]]:
        found = []
        for (number, left), (_, right) in zip(of_weighted(rows), of_unweighted(rows), strict=True):
            ours, theirs = left[:, :-1] @ contrast.T, right[:, :-1] @ contrast.T
            found.append((number, np.column_stack([ours - theirs, ours, theirs])))
        return found

    return influence_covariance(together, parts, estimator)


def _conclusion(test: TestResult, results: Any) -> str:
    if test.df and np.isnan(test.pvalue):
        return (
            "Whether the weights change the slopes cannot be tested: there are too few clusters, "
            "sampling units or degrees of freedom for so many of them."
        )
    if np.isnan(test.pvalue):
        return (
            "Weights cannot matter here: the model leaves them no slope to change (it is "
            "saturated, or all weights are alike)."
        )
    said = f"chi-square = {test.statistic:.4g} on {test.df:g} df, p = {test.pvalue:.3g}"
    if np.isfinite(test.ddf):
        freedom = f"{test.df:g} and {test.ddf:.4g} df"
        said = f"F = {test.statistic:.4g} on {freedom}, p = {test.pvalue:.3g}"
    # Class weights, where there are any, are what is tested.
    few = () if results.weights.factors.source else sampling_tested(results.weights)
    return " ".join([_outcome(test, results, said), *few])


def _outcome(test: TestResult, results: Any, said: str) -> str:
    by_sampling = results.weights.has_sampling
    if test.pvalue < 0.05:
        sampled = " or that they were sampled by their outcome in other ways at other covariates,"
        return (
            f"The slopes with and without the weights differ by more than chance ({said}). That is "
            f"evidence that the model is not right for these cases,{sampled * by_sampling} and "
            "that the two fits describe different mixtures of them."
        )
    none = f"No sign that the weights change the slopes ({said})"
    if most_precise_without(results.weights) and not results.covariance.n_clusters:
        return f"{none}: the fit without them is the more precise one, if the model is right."
    return f"{none}; weighting_report() compares the standard errors with and without them."
