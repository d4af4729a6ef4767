"""Tests and intervals from the profile of the penalised likelihood, as R's logistf defines them.

Whatever is held fixed, the determinant in the penalty is that of the information of all columns.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import patsy
from scipy import linalg, optimize, stats

from wlogit._typing import AnyArray, Array
from wlogit._warn import warn_user
from wlogit.bias_reduced.fit import likelihood_of
from wlogit.core.adjusted import Root, solve
from wlogit.core.jeffreys import JeffreysPoint, MeanEquations
from wlogit.errors import DesignError, InferenceWarning, NotAvailableError
from wlogit.inference.hypotheses import TestResult, slope_contrast

# Drops below zero that are rounding, as a share of the log-likelihood.
_NOTHING = 1e-8
_MOST_STEPS = 300
# Widest bracket for a limit, in standard errors, and the largest drop that is told apart.
_WIDEST, _LARGEST = 1e8, 1e8


class Profile:
    """The penalised likelihood of a fit, maximised under linear constraints ``R b = q``.

    Parameters
    ----------
    results : BiasReducedResults
        Of kind "mean", with its data.
    """

    def __init__(self, results: Any) -> None:
        model = results.model
        model.require_data()
        self.plan = results.bias_reduction.plan
        self.matrix = model.matrix
        self.equations = MeanEquations(likelihood_of(model, self.plan))
        self.estimate = self.matrix.to_working(results.bias_reduction.solution)
        self.top = JeffreysPoint.at(self.equations.objective, self.estimate)

    def drop(
        self, contrast: Array, values: Array, start: Array | None = None
    ) -> tuple[float, Root]:
        """Twice the drop of the penalised log-likelihood under ``R b = q``, and where it is.

        Parameters
        ----------
        contrast : ndarray, shape (q, k)
            R, of full rank, in the user's coordinates.
        values : ndarray, shape (q,)
        start : ndarray, shape (k,), optional
            In working coordinates, near the restricted maximum.
        """
        # x'b in the user's coordinates is R T c for the working ones c.
        rows = contrast @ self.matrix.to_user(np.eye(contrast.shape[1]))
        begin = self.estimate if start is None else start
        # In coordinates in which the information is the identity, whatever the units of X.
        whitened = rows @ self.top.root
        size = np.linalg.norm(whitened, axis=1)
        axes, upper = linalg.qr((whitened / size[:, None]).T)
        q = len(values)
        gap = (values - contrast @ self.matrix.to_user(begin)) / size
        nearest = axes[:, :q] @ linalg.solve_triangular(upper[:q], gap, trans=1)
        begin = begin + self.top.root @ nearest
        basis = self.top.root @ axes[:, q:]
        root = solve(self.equations, begin, basis=basis, max_iter=_MOST_STEPS)
        if root.reason == "singular":
            return math.inf, root
        if not root.converged:
            raise NotAvailableError(
                "the penalised likelihood could not be maximised under the hypothesis "
                f"({root.reason}); rescale or center the covariates."
            )
        drop = 2.0 * (self.top.value - root.point.value)
        if drop < -_NOTHING * (1.0 + abs(self.top.loglike)):
            raise NotAvailableError(
                "the penalised likelihood has several maxima, and one higher than at the estimate: "
                "fit again with start_params="
                f"{np.asarray(self.matrix.to_user(root.point.params)).tolist()}."
            )
        return max(drop, 0.0), root

    def limit(self, j: int, side: float, quantile: float) -> float:
        """Where the drop along coefficient ``j`` reaches the quantile, above or below."""
        estimate = float(self.matrix.to_user(self.estimate)[j])
        step = float(np.linalg.norm(self.matrix.to_user(self.top.root)[j]))
        contrast = np.eye(len(self.estimate))[[j]]
        starts = {0.0: self.estimate}
        values = {0.0: -math.sqrt(quantile)}

        def signed_root(distance: float) -> float:
            """Root of the drop, nearly linear in the distance; from the nearest point so far."""
            if distance not in values:
                value = np.array([estimate + side * distance * step])
                nearest = min(starts, key=lambda known: abs(known - distance))
                drop, root = self.drop(contrast, value, starts[nearest])
                if root.converged:
                    starts[distance] = root.point.params
                values[distance] = math.sqrt(min(drop, _LARGEST)) - math.sqrt(quantile)
            return values[distance]

        inner, outer = 0.0, math.sqrt(quantile)
        while signed_root(outer) < 0.0:
            inner, outer = outer, 1.5 * outer
            if outer > _WIDEST:
                return side * math.inf
        distance = optimize.brentq(signed_root, inner, outer, xtol=1e-10, rtol=1e-12)
        return estimate + side * distance * step


def penalized_lr_test(results: Any, hypothesis: Any) -> TestResult:
    """Penalised likelihood-ratio test; see ``BiasReducedResults.penalized_lr_test``."""
    contrast, values = _hypothesis(results, hypothesis)
    _check_constant(results, contrast)
    profile = Profile(results)
    df = contrast.shape[0]
    if df == 0:
        return TestResult(0.0, 0.0, np.inf, np.nan, np.zeros(0), "penalized likelihood ratio")
    return _test(profile, contrast, values)


def penalized_lr_tests(results: Any) -> pd.DataFrame:
    """The test of every coefficient."""
    profile, rows = Profile(results), []
    for contrast, defined in _coefficients(results):
        if not defined:
            rows.append([np.nan, 1.0, np.nan])
            continue
        test = _test(profile, contrast, np.zeros(1))
        rows.append([test.statistic, test.df, test.pvalue])
    columns = ["statistic", "df", "pvalue"]
    return pd.DataFrame(rows, index=results.model.exog_names, columns=columns)


def profile_intervals(results: Any, alpha: float, wanted: AnyArray) -> Array:
    """Profile limits of some coefficients, shape (q, 2)."""
    profile, quantile = Profile(results), float(stats.chi2.isf(alpha, 1))
    defined = [ok for _, ok in _coefficients(results)]
    limits = np.full((len(wanted), 2), np.nan)
    moved = profile.plan.moved_by(np.zeros(len(results.params)))
    for row, j in enumerate(wanted):
        if defined[j]:
            limits[row] = [profile.limit(int(j), side, quantile) + moved[j] for side in (-1.0, 1.0)]
    if not all(defined[j] for j in wanted):
        names = [str(results.model.exog_names[j]) for j in wanted if not defined[j]]
        warn_user(
            f"{', '.join(names)} has no profile limits: it was moved by a ratio of class weights "
            'that comes from the sample, whose error no profile knows; use method="wald".',
            InferenceWarning,
        )
    return limits


def _test(profile: Profile, contrast: Array, values: Array) -> TestResult:
    plan = profile.plan
    moved = contrast @ plan.moved_by(np.zeros(contrast.shape[1]))
    statistic, _ = profile.drop(contrast, values - moved)
    df = contrast.shape[0]
    pvalue = float(stats.chi2.sf(statistic, df))
    method = "penalized likelihood ratio"
    return TestResult(statistic, float(df), np.inf, pvalue, np.ones(df), method)


def _coefficients(results: Any) -> Iterator[tuple[Array, bool]]:
    """The contrast of each coefficient, and whether a profile of it is defined."""
    for row in np.eye(len(results.params)):
        contrast = row[None]
        yield contrast, not _rests_on_random_constant(results, contrast)


def _rests_on_random_constant(results: Any, contrast: Array) -> bool:
    plan = results.bias_reduction.plan
    if not (plan.moved and results.weights.factors.estimated):
        return False
    return bool(np.any(np.abs(contrast @ plan.constant) > 1e-10))


def _check_constant(results: Any, contrast: Array) -> None:
    if _rests_on_random_constant(results, contrast):
        raise NotAvailableError(
            "the hypothesis is about an intercept that was moved by a ratio of class weights that "
            "comes from the sample, whose error no profile knows; use wald_test."
        )


def _hypothesis(results: Any, hypothesis: Any) -> tuple[Array, Array]:
    """R and q of ``R b = q``."""
    model, k = results.model, len(results.params)
    if hypothesis is None:
        contrast = slope_contrast(k, model.constant_combination)
        return contrast, np.zeros(len(contrast))
    names = list(model.exog_names)
    words = [hypothesis] if isinstance(hypothesis, str) else hypothesis
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        columns = [_columns(model, word) for word in words]
        if all(found is not None for found in columns):
            chosen = sorted({column for found in columns for column in found or ()})
            return np.eye(k)[chosen], np.zeros(len(chosen))
        constraint = patsy.DesignInfo(names).linear_constraint(hypothesis)
        contrast, values = constraint.coefs, np.ravel(constraint.constants)
    elif isinstance(hypothesis, tuple):
        contrast, values = hypothesis
    else:
        contrast, values = hypothesis, None
    contrast = np.atleast_2d(np.asarray(contrast, dtype=np.float64))
    q = len(contrast)
    values = np.zeros(q) if values is None else np.asarray(values, dtype=np.float64).reshape(-1)
    if contrast.shape[1] != k or values.shape != (q,) or np.linalg.matrix_rank(contrast) < q:
        raise DesignError(
            f"the hypothesis needs rows of {k} numbers, none a combination of the others, and one "
            f"value each; it has shape {contrast.shape}."
        )
    return contrast, values


def _columns(model: Any, word: str) -> list[int] | None:
    """Columns of a coefficient or of a term, or None if the word is neither."""
    names = list(model.exog_names)
    if word in names:
        return [names.index(word)]
    info = model.design_info
    if info is None or word not in info.term_name_slices:
        return None
    where = info.term_name_slices[word]
    return [i for i, column in enumerate(model.kept) if where.start <= column < where.stop]
