"""The profile of the likelihood along each coefficient of a fit, whatever its weights and data."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wlogit import plots
from wlogit._typing import AnyArray, Array
from wlogit._warn import warn_user
from wlogit.core.factors import inverse_root
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import LogitObjective
from wlogit.errors import InferenceWarning, NotAvailableError
from wlogit.fitting import Fit, objective_of
from wlogit.free_coefficients import FreeCoefficients
from wlogit.inference.hypotheses import mixture_weights
from wlogit.inference.printed import Printed, number, table
from wlogit.inference.profile import LikelihoodSurface, Line
from wlogit.inference.profiled import Curve, ProfiledCoefficient
from wlogit.separated import find_separation, rows_and_columns

NO_SCALE = (
    "the drop of a pseudo-likelihood is judged by a standard error, which coefficients that "
    "diverge do not have"
)

ESTIMATED_MOVE = (
    'the intercept was moved by an estimate, whose error no profile knows; use method="wald"'
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Profile(Printed):
    """Profiles of the likelihood along coefficients, with the limits they give.

    Attributes
    ----------
    curves : tuple of Curve
    alpha : float
        One minus the level of the limits.
    root : ndarray, shape (q,)
        The quantile that the signed root of each has at its limits.
    """

    curves: tuple[Curve, ...]
    alpha: float
    root: Array

    @property
    def frame(self) -> pd.DataFrame:
        """Every point: columns name, value, drop, signed_root and quadratic."""
        parts = [
            pd.DataFrame(
                {
                    "name": curve.name,
                    "value": curve.values,
                    "drop": curve.drop,
                    "signed_root": curve.signed_root,
                    "quadratic": curve.quadratic,
                }
            )
            for curve in self.curves
        ]
        return pd.concat(parts, ignore_index=True)

    @property
    def limits(self) -> pd.DataFrame:
        """Columns estimate, lower and upper, by coefficient."""
        rows = [(curve.estimate, *curve.limits) for curve in self.curves]
        names = [curve.name for curve in self.curves]
        return pd.DataFrame(rows, index=names, columns=["estimate", "lower", "upper"])

    def __getitem__(self, name: str) -> Curve:
        """The curve of a coefficient."""
        for curve in self.curves:
            if curve.name == name:
                return curve
        raise KeyError(f"{name!r} was not profiled: {', '.join(map(str, self.names))} were.")

    @property
    def names(self) -> list[Any]:
        """Names of the coefficients."""
        return [curve.name for curve in self.curves]

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw the signed roots; see `wlogit.plots.profile`.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
        **options
            Of the function that draws.

        Returns
        -------
        matplotlib.axes.Axes
        """
        return plots.profile(self, ax=ax, **options)

    def __str__(self) -> str:
        """Estimates with their limits, and what has none."""
        lines = [f"Profile limits, level {number(100.0 * (1.0 - self.alpha))} %"]
        lines.append(table(self.limits))
        for side, word in ((0, "lower"), (1, "upper")):
            open_ended = [str(c.name) for c in self.curves if math.isinf(c.limits[side])]
            if open_ended:
                lines.append(f"The data set no {word} limit to {', '.join(open_ended)}.")
        lines += [f"{c.name}: {c.undefined}." for c in self.curves if c.undefined]
        return "\n".join(lines)


def profiled(results: Any, wanted: AnyArray, inflation: Array) -> list[ProfiledCoefficient]:
    """Some coefficients of a maximum-likelihood fit, to be profiled.

    Parameters
    ----------
    results : WeightedLogitResults
        With its data; constrained and separated fits too.
    wanted : ndarray of int, shape (q,)
    inflation : ndarray, shape (r, r)
        How much the covariance in use exceeds the inverse information, in coordinates in which
        that is the identity.

    Raises
    ------
    NotAvailableError
        A fit that did not converge, for another reason than separation.
    """
    results.model.require_data()
    record: Fit = results.fit_record
    if not (record.converged or record.diverging.any()):
        raise NotAvailableError(
            "the fit did not converge; a profile needs the maximum of the likelihood."
        )
    if results.weights.likelihood and results.cov_type != "nonrobust":
        warn_user(
            f"profile limits are those of the likelihood, which {results.cov_type} standard errors "
            'do not change; for limits that follow these use method="wald".',
            InferenceWarning,
        )
    fitted = _Fitted.of(results)
    return [_coefficient(results, fitted, int(j), inflation) for j in wanted]


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """A fit in the coefficients that are free, ``b = fixed + basis f``."""

    model: Any
    fit: Fit
    basis: Array
    fixed: Array
    unit: float

    @classmethod
    def of(cls, results: Any) -> "_Fitted":
        unit, k = results.log_likelihoods.unit, len(results.params)
        if not hasattr(results, "constraints"):
            return cls(results.model, results.fit_record, np.eye(k), np.zeros(k), unit)
        reduced = results.results_constrained
        names = list(results.model.exog_names)
        positions = np.array(
            [names.index(name) for name in reduced.model.exog_names], dtype=np.intp
        )
        free = FreeCoefficients.at(results.constraints, positions)
        return cls(reduced.model, reduced.fit_record, free.basis, free.fixed, unit)


def _coefficient(results: Any, fitted: _Fitted, j: int, inflation: Array) -> ProfiledCoefficient:
    name, contrast = results.model.exog_names[j], fitted.basis[j]
    estimate, move = float(np.asarray(results.params)[j]), float(fitted.fixed[j])
    if not contrast.any():
        return ProfiledCoefficient(name, None, estimate)
    if not fitted.fit.diverging.any():
        line: Line | None = Line.along(_surface(fitted), contrast, name)
        toward = 0.0
    else:
        part = _Separated.of(fitted, contrast)
        line, toward = part.line(name, fitted.unit), part.toward
    if results.weights.likelihood:
        estimate = estimate if toward == 0.0 else toward
        return ProfiledCoefficient(name, line, estimate, 1.0, toward, move)
    if toward == 0.0:
        scale = _scale(results.fit_record.user_root, inflation, j)
        return ProfiledCoefficient(name, line, estimate, scale, move=move)
    return ProfiledCoefficient(name, line, toward, math.nan, toward, move, NO_SCALE)


def _scale(root: Array, inflation: Array, j: int) -> float:
    """lambda: how much the variance in use exceeds that of the inverse information."""
    return float(mixture_weights(root, inflation, np.eye(len(root))[[j]])[0])


def _surface(fitted: _Fitted) -> LikelihoodSurface:
    objective, fit = objective_of(fitted.model), fitted.fit
    return LikelihoodSurface(objective, fit.working, fit.root, fit.llf, fitted.unit)


@dataclass(frozen=True, slots=True, eq=False)
class _Separated:
    """A combination of the coefficients of a separated fit, as the one column of a design.

    Attributes
    ----------
    exog : ndarray, shape (n, k)
        The design in which the combination is the coefficient of column ``column``.
    objective : LogitObjective
        Of the whole design, for its rows.
    toward : float
        The infinity that the combination goes to, zero if none, NaN if it may go anywhere.
    top : float
        The supremum of the likelihood.
    """

    exog: Array
    column: int
    objective: LogitObjective
    toward: float
    top: float

    @classmethod
    def of(cls, fitted: _Fitted, contrast: Array) -> "_Separated":
        objective, exog = objective_of(fitted.model), fitted.model.exog
        column = int(np.argmax(np.abs(contrast)))
        if np.count_nonzero(contrast) == 1:
            toward = float(np.sign(contrast[column]) * fitted.fit.diverging[column])
        weight, response = objective.weight, objective.response
        if np.count_nonzero(contrast) > 1 or contrast[column] != 1.0:
            change = np.eye(len(contrast))
            change[column] = -contrast / contrast[column]
            change[column, column] = 1.0 / contrast[column]
            exog = exog @ change
        if np.count_nonzero(contrast) > 1:
            verdict = find_separation(ModelMatrix(exog), response, weight)
            toward = float(verdict.directions[column])
        return cls(exog, column, objective, toward, fitted.fit.llf)

    def line(self, name: str, unit: float) -> Line | None:
        """The profile, on the rows and columns where every restricted maximum is finite."""
        if math.isnan(self.toward):
            return None
        part, column = self._reduced()
        diverges = self.toward != 0.0
        point = _without_column(part, column) if diverges else _maximum(part)
        root = inverse_root(part.derivatives(point).information).root
        surface = LikelihoodSurface(part, point, root, self.top, unit)
        return Line.along(surface, np.eye(part.n_params)[column], name, diverges=diverges)

    def _reduced(self) -> tuple[LogitObjective, int]:
        """The likelihood of the rows that overlap when the column is held, and its place there."""
        others = np.arange(self.exog.shape[1])
        if self.toward != 0.0:
            others = np.delete(others, self.column)
        rows = np.broadcast_to(self.objective.weight > 0.0, self.exog.shape[:1])
        kept = others
        if len(others):
            matrix = ModelMatrix(self.exog[:, others])
            verdict = find_separation(matrix, self.objective.response, self.objective.weight)
            rows, kept = verdict.overlap, others[verdict.kept]
        columns = np.union1d(kept, [self.column])
        part = rows_and_columns(self.exog, self.objective, rows, columns)
        return part, int(np.searchsorted(columns, self.column))


def _maximum(objective: LogitObjective) -> Array:
    return maximize(objective, np.zeros(objective.n_params), max_iter=200).params


def _without_column(objective: LogitObjective, column: int) -> Array:
    """The maximum with the coefficient of a column at zero."""
    others = np.delete(np.arange(objective.n_params), column)
    found = np.zeros(objective.n_params)
    if len(others):
        rows = np.ones(len(objective.response), dtype=np.bool_)
        part = rows_and_columns(objective.matrix.values, objective, rows, others)
        found[others] = part.matrix.to_user(_maximum(part))
    return np.asarray(objective.matrix.to_working(found))


def warn_of_undefined(found: list[ProfiledCoefficient]) -> None:
    """Warn of coefficients without limits, by the reason why they have none."""
    for reason in dict.fromkeys(one.undefined for one in found if one.undefined):
        names = ", ".join(str(one.name) for one in found if one.undefined == reason)
        warn_user(f"profile limits of {names} are missing: {reason}.", InferenceWarning)
