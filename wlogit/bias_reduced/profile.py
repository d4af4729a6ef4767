"""Tests and intervals from the profile of the penalised likelihood, as R's logistf defines them.

Whatever is held fixed, the determinant in the penalty is that of the information of all columns.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import patsy
from scipy import stats

from wlogit._typing import Array, IntArray
from wlogit.bias_reduced.fit import likelihood_of
from wlogit.core.adjusted import solve
from wlogit.core.jeffreys import JeffreysPoint, MeanEquations
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.restricted import RestrictedMaximum
from wlogit.errors import DesignError, NotAvailableError
from wlogit.inference.hypotheses import TestResult, slope_contrast
from wlogit.inference.profile import Line, Restriction, drop_of
from wlogit.inference.profiled import ProfiledCoefficient
from wlogit.profiles import ESTIMATED_MOVE

_MOST_STEPS = 300


@dataclass(frozen=True, slots=True, eq=False)
class PenalizedSurface:
    """The log-likelihood plus half the log determinant of the information of all columns.

    Attributes
    ----------
    equations : MeanEquations
    peak : JeffreysPoint
        The estimate.
    """

    equations: MeanEquations
    peak: JeffreysPoint
    unit: float = 1.0

    @classmethod
    def of(cls, results: Any) -> "PenalizedSurface":
        """That of a fit of kind "mean", with its data."""
        model, reduction = results.model, results.bias_reduction
        model.require_data()
        equations = MeanEquations(likelihood_of(model, reduction.plan))
        estimate = model.matrix.to_working(reduction.solution)
        return cls(equations, JeffreysPoint.at(equations.objective, estimate))

    @property
    def name(self) -> str:
        """As messages call it."""
        return "penalised likelihood"

    @property
    def matrix(self) -> ModelMatrix:
        """The design in working coordinates."""
        return self.equations.objective.matrix

    @property
    def origin(self) -> Array:
        """The estimate in working coordinates."""
        return self.peak.params

    @property
    def root(self) -> Array:
        """H with ``H H'`` the inverse information at the estimate."""
        return self.peak.root

    @property
    def top(self) -> float:
        """The penalised log-likelihood at the estimate."""
        return self.peak.value

    def maximum(self, begin: Array, basis: Array) -> RestrictedMaximum:
        """By the root of the adjusted score; minus infinity where the information is singular."""
        root = solve(self.equations, begin, basis=basis, max_iter=_MOST_STEPS)
        value = -math.inf if root.reason == "singular" else root.point.value
        point = root.point
        return RestrictedMaximum(point.params, value, root.score, point.information, root.reason)


def penalized_lr_test(results: Any, hypothesis: Any) -> TestResult:
    """Penalised likelihood-ratio test; see ``BiasReducedResults.penalized_lr_test``."""
    contrast, values = _hypothesis(results, hypothesis)
    _check_constant(results, contrast)
    if not len(contrast):
        return TestResult(0.0, 0.0, np.inf, np.nan, np.zeros(0), "penalized likelihood ratio")
    return _test(results, PenalizedSurface.of(results), contrast, values)


def penalized_lr_tests(results: Any) -> pd.DataFrame:
    """The test of every coefficient."""
    surface, rows = PenalizedSurface.of(results), []
    for contrast, defined in _coefficients(results):
        if not defined:
            rows.append([np.nan, 1.0, np.nan])
            continue
        test = _test(results, surface, contrast, np.zeros(1))
        rows.append([test.statistic, test.df, test.pvalue])
    columns = ["statistic", "df", "pvalue"]
    return pd.DataFrame(rows, index=results.model.exog_names, columns=columns)


def profiled(results: Any, wanted: IntArray) -> list[ProfiledCoefficient]:
    """Some coefficients to be profiled."""
    surface, k = PenalizedSurface.of(results), len(results.params)
    moved = results.bias_reduction.plan.moved_by(np.zeros(k))
    found = []
    for j in wanted:
        name, contrast = results.model.exog_names[j], np.eye(k)[j]
        undefined = ESTIMATED_MOVE if _rests_on_random_constant(results, contrast) else ""
        line = None if undefined else Line.along(surface, contrast, name)
        estimate, move = float(results.params[j]), float(moved[j])
        found.append(ProfiledCoefficient(name, line, estimate, move=move, undefined=undefined))
    return found


def _test(results: Any, surface: PenalizedSurface, contrast: Array, values: Array) -> TestResult:
    moved = results.bias_reduction.plan.moved_by(np.zeros(contrast.shape[1]))
    restriction = Restriction.of(surface, contrast)
    begin = restriction.moved(surface, surface.origin, values - contrast @ moved)
    found = surface.maximum(begin, restriction.basis)
    statistic = drop_of(surface, found, "under the hypothesis")
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
