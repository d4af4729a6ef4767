"""Marginal effects of a fit, with the members of statsmodels' `DiscreteMargins`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from statsmodels.iolib.table import SimpleTable

from wlogit._statsmodels.summary import finish_tests
from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.errors import InferenceWarning
from wlogit.exog import CompactExog
from wlogit.inference.margins import (
    LOG,
    MEAN,
    ChangedDesign,
    Direction,
    Effect,
    Point,
    Prediction,
    Slope,
    average_effects,
)
from wlogit.inference.scales import Scale
from wlogit.margins.columns import VaryingColumns, offset_of
from wlogit.margins.compact import are_derivatives, derivatives
from wlogit.margins.inference import Averaging
from wlogit.margins.request import MarginRequest
from wlogit.margins.surfaces import ObservedRows, TypicalRow, VariableSurface, variable_effects
from wlogit.margins.table import Computed, EffectsTable
from wlogit.margins.variables import FormulaVariables, in_several_columns


def averaging_of(results: Any, request: MarginRequest) -> Averaging:
    """How the predictions of a fit are formed and averaged for effects."""
    which = "calibrated" if request.scale == "calibrated" else "mean"
    if which == "mean" and results.weights.factors.source == "calibrated":
        raise ValueError(
            'these results are calibrated; use uncalibrated.get_margeff(scale="weighted").'
        )
    return Averaging.of(results, which, request.prevalence)


def compute(results: Any, request: MarginRequest) -> Computed:
    """Marginal effects of columns, or of variables."""
    averaging = averaging_of(results, request)
    if request.variables is None:
        return _of_columns(averaging, request)
    return _of_variables(averaging, request)


def _of_columns(averaging: Averaging, request: MarginRequest) -> Computed:
    model, mass = averaging.results.model, averaging.population.row_mass
    if isinstance(model.exog, CompactExog) and are_derivatives(request):
        if model.design_info is not None:
            warn_of_joint_columns(in_several_columns(model.design_info, model.formula_columns))
        return derivatives(averaging, model.exog)
    _warn_of_joint_columns(model, mass)
    columns = VaryingColumns.of(model, mass, request)
    effects = column_effects(averaging.coefficients, columns)
    found = _averaged(averaging, request, effects, columns.where.mass)
    return replace(found, names=columns.names, dummies=columns.dummies, counts=columns.counts)


def column_effects(scale: Scale, columns: VaryingColumns) -> Iterator[Effect]:
    """The effect of each column that varies.

    Parameters
    ----------
    scale : Scale
    columns : VaryingColumns
    """
    where = columns.where
    point = Point(scale, where.design, where.offset)
    curve = LOG if columns.of_logarithm else MEAN

    def slope(column: int, factor: Array | float) -> Effect:
        return Slope(point, Direction(np.array([column]), np.ones((1, 1))), curve, factor)

    def prediction(design: ChangedDesign) -> Effect:
        return Prediction(Point(scale, design, where.offset), curve)

    return columns.effects(slope, prediction)


def _of_variables(averaging: Averaging, request: MarginRequest) -> Computed:
    model, mass = averaging.results.model, averaging.population.row_mass
    variables = FormulaVariables(model, mass)
    wanted = request.variables
    names = variables.estimated if wanted == "all" else _listed(wanted)
    fixed = dict(request.atexog or {})
    for name, value in fixed.items():
        variables.asked(name).check(value)
    offset = offset_of(model)
    surface: VariableSurface = ObservedRows(variables, offset, mass, fixed)
    if request.at == "mean":
        surface = TypicalRow(variables, offset, mass, fixed, equal_levels=False)
    labels: list[str] = []
    scale = averaging.coefficients

    def effects() -> Iterable[Effect]:
        for name in names:
            variable = variables.asked(name)
            for label, effect in variable_effects(scale, surface, variable, request.method):
                labels.append(label)
                yield effect

    found = _averaged(averaging, request, effects(), surface.mass)
    return replace(found, names=labels)


def _listed(variables: Sequence[str] | str | None) -> list[str]:
    return [variables] if isinstance(variables, str) else list(variables or ())


def _averaged(
    averaging: Averaging, request: MarginRequest, effects: Iterable[Effect], mass: Array
) -> Computed:
    found = average_effects(effects, mass, keep_rows=request.keeps_rows)
    if request.at_every_row:
        return Computed([], None, found.rows)
    return Computed([], averaging.estimates(found), None)


def _warn_of_joint_columns(model: Any, mass: Array) -> None:
    """Say where an effect of one column is the effect of no change of a variable."""
    if model.design_info is None or model.rows.frame is None:
        return
    warn_of_joint_columns(FormulaVariables(model, mass).in_several_terms)


def warn_of_joint_columns(spread: list[str]) -> None:
    """Warn of variables that are in several columns.

    Parameters
    ----------
    spread : list of str
    """
    if spread:
        verb = "is" if len(spread) == 1 else "are"
        warn_user(
            f"{', '.join(spread)} {verb} in several columns of the design: the effect of one "
            "column holds the others fixed, which no change of the variable does. Use "
            'get_margeff(variables="all") for effects of the variables themselves.',
            InferenceWarning,
        )


class MarginalEffects(EffectsTable):
    """Marginal effects with the members of statsmodels' `DiscreteMargins`.

    Attributes
    ----------
    margeff : ndarray, shape (q,); or (n, q) at all rows
        The effects.
    margeff_cov : ndarray, shape (q, q)
    margeff_se : ndarray, shape (q,)
    names : list of str
        Columns of the design that are not constant; or, of variables, their names, with the
        levels compared where these are discrete.
    margeff_options : dict
        "method" and "at", "scale", "vce" and "prevalence".
    results : WeightedLogitResults
    """

    _options = ("method", "at", "scale", "vce", "prevalence")

    def _find(self, request: MarginRequest) -> Computed:
        return compute(self.results, request)

    def _shaped(self, values: Array) -> Array:
        return values

    @property
    def _index(self) -> list[str]:
        return self.names

    def _tests(self, columns: Sequence[Array], alpha: float) -> SimpleTable:
        table = self._table(columns, self.results.model.endog_names, alpha)
        finish_tests(table, columns[1] == 0.0)
        return table

    def get_margeff(
        self,
        at: str = "overall",
        method: str = "dydx",
        atexog: Any = None,
        dummy: bool = False,
        count: bool = False,
    ) -> None:
        """Take the effects anew, in place, as statsmodels does.

        Parameters
        ----------
        at, method, atexog, dummy, count
            As in ``results.get_margeff``; the other options stay.
        """
        self._compute(
            replace(self.request, at=at, method=method, atexog=atexog, dummy=dummy, count=count)
        )
