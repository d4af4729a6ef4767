"""Marginal effects on the probability of every label, with the members of `DiscreteMargins`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from statsmodels.discrete.discrete_model import MultinomialResults
from statsmodels.iolib.summary import table_extend
from statsmodels.iolib.table import SimpleTable

from wlogit._typing import Array
from wlogit.core.scores import CaseRows
from wlogit.covariance.multinomial import label_influences, label_statistics_covariance
from wlogit.inference.margins import (
    ChangedDesign,
    Effect,
    Estimates,
    RowEffects,
    average_effects,
    propagated,
)
from wlogit.inference.multinomial import LabelPoint, LabelPrediction, LabelScale, LabelSlope
from wlogit.inference.scales import Averages
from wlogit.margins.columns import VaryingColumns
from wlogit.margins.request import MarginRequest
from wlogit.margins.table import Computed, EffectsTable
from wlogit.multinomial import estimation
from wlogit.scales import sandwich_request


class LabelMarginalEffects(EffectsTable):
    """Marginal effects on the probability of every label.

    Attributes
    ----------
    margeff : ndarray, shape (e, J); or (n, e, J) at all rows
        The effects of e columns.
    margeff_se : ndarray, shape (e, J)
    margeff_cov : ndarray, shape (e J, e J)
        One label after the other.
    names : list of str
        Columns of the design that are not constant.
    margeff_options : dict
        "method", "at", "scale" and "vce".
    results : WeightedMNLogitResults
    """

    _options = ("method", "at", "scale", "vce")

    def _find(self, request: MarginRequest) -> Computed:
        return _compute(self.results, request)

    def _shaped(self, values: Array) -> Array:
        return values.reshape(-1, self.results.model.J, order="F")

    @property
    def _index(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_product([self._label_names, self.names], names=["endog", "exog"])

    @property
    def _label_names(self) -> list[str]:
        return list(self.results._get_endog_name(None, None, all=True)[1])

    def _tests(self, columns: Sequence[Array], alpha: float) -> SimpleTable:
        labels = self._label_names
        parts = zip(*(np.split(column, len(labels)) for column in columns), strict=True)
        tables = []
        for name, part in zip(labels, parts, strict=True):
            table = self._table(part, name, alpha)
            table.title = name
            tables.append(table)
        return table_extend(tables, keep_headers=True)


class LabelMarginViews(MultinomialResults):  # type: ignore[misc]
    """Effects at population scale."""

    def get_margeff(
        self,
        at: Literal["overall", "mean", "median", "zero", "all"] = "overall",
        method: Literal["dydx", "eyex", "dyex", "eydx"] = "dydx",
        atexog: Any = None,
        dummy: bool = False,
        count: bool = False,
        *,
        scale: Literal["calibrated", "weighted"] = "calibrated",
        vce: Literal["delta", "unconditional"] = "delta",
    ) -> LabelMarginalEffects:
        """Marginal effects on the probability of every label, at population scale.

        Averages weigh rows by cases times sampling weight, never by class weights.

        Parameters
        ----------
        at : {"overall", "mean", "median", "zero", "all"}
            "overall" averages the effects of the rows; "mean", "median" and "zero" take them at
            one point; "all" gives those of each row, without errors.
        method : {"dydx", "eyex", "dyex", "eydx"}
            Derivative of the probability ("dy") or of its logarithm ("ey") in the column ("dx")
            or in its logarithm ("ex").
        atexog : dict, optional
            Values of columns, by position or name.
        dummy, count : bool
            Take changes of columns of 0/1 from 0 to 1; half the change from one less to one more
            for columns of counts.
        scale : {"calibrated", "weighted"}
            "calibrated" takes class weights out of the probabilities; "weighted" leaves them in.
        vce : {"delta", "unconditional"}
            "delta" is for these covariates; "unconditional" also counts that they are a sample of
            a population, and allows for a misspecified model.

        Returns
        -------
        LabelMarginalEffects
            With the members of statsmodels' `DiscreteMargins`.
        """
        request = MarginRequest(at, method, atexog, dummy, count, scale, vce)
        return LabelMarginalEffects(self, request)

    def margeff(self) -> Any:
        """Refused, as in statsmodels; `get_margeff` gives effects."""
        raise NotImplementedError("Use get_margeff instead")


def _compute(results: Any, request: MarginRequest) -> Computed:
    model = results.model
    model.require_data()
    which = "calibrated" if request.scale == "calibrated" else "mean"
    results._warn_of_slopes(which)
    scale = results._scale(which)
    columns = VaryingColumns.of(model, results.weights.averaging_mass, request)
    moved, constant = _in_the_constant(scale, model.constant_combination)
    effects = _effects(moved, columns)
    found = average_effects(effects, columns.where.mass, keep_rows=request.keeps_rows)
    names, kinds = columns.names, (columns.dummies, columns.counts)
    if request.at_every_row:
        return Computed(names, None, found.rows, *kinds)
    if not names:  # the constant alone has no effects
        return Computed(names, Estimates(np.zeros(0), np.zeros((0, 0))), None)
    found = replace(found, averages=_with_shift(found.averages, constant, scale))
    covariance = _covariance(results, scale, found, request)
    value = found.averages.value.T.ravel()
    return Computed(names, Estimates(value, covariance, results._reference_df), None, *kinds)


def _effects(scale: LabelScale, columns: VaryingColumns) -> Iterator[Effect]:
    """The effect of each column on every label."""
    point, log = LabelPoint(scale, columns.where.design), columns.of_logarithm

    def slope(column: int, factor: Array | float) -> Effect:
        return LabelSlope(point, column, log, factor)

    def prediction(design: ChangedDesign) -> Effect:
        return LabelPrediction(LabelPoint(scale, design), log)

    return columns.effects(slope, prediction)


def _in_the_constant(scale: LabelScale, constant: Array | None) -> tuple[LabelScale, Array | None]:
    """The scale with its shifts in the constant, where columns of the design may change."""
    if constant is None:
        return scale, None
    params = scale.params + constant[:, None] * scale.shift
    return replace(scale, params=params, shift=np.zeros_like(scale.shift)), constant


def _with_shift(averages: Averages, constant: Array | None, scale: LabelScale) -> Averages:
    """Gradients in the shifts where these were moved into the constant."""
    if constant is None:
        return averages
    k, q = scale.params.shape
    gradient = averages.gradient.copy()
    by_equation = gradient[..., : k * q].reshape(*gradient.shape[:-1], q, k)
    gradient[..., k * q :] = by_equation @ constant
    return replace(averages, gradient=gradient)


def _covariance(
    results: Any, scale: LabelScale, found: RowEffects, request: MarginRequest
) -> Array:
    """Covariance of the averages, one label after the other."""
    size = found.averages.value.size
    gradient = found.averages.gradient.transpose(1, 0, 2).reshape(size, -1)
    if request.vce == "delta" or np.isnan(scale.covariance).any():
        return propagated(gradient, scale.covariance)
    if request.scale != "calibrated" or results.weights.factors.source is None:
        gradient = gradient.copy()
        gradient[:, scale.params.size :] = 0.0
    if results.request.keywords.get("sampling") == "case-control":
        raise ValueError(
            'vce="unconditional" is for rows that were sampled at random, not by label; use '
            'vce="delta".'
        )
    model, fit = results.model, results.fit_record
    estimator: Any = estimation.estimator_of(model, sandwich_request(results.request))
    parts = estimation.label_score_parts(model, fit)
    influences = label_influences(parts, estimator)
    own = _unconditional(influences, found, gradient, results.weights)
    return label_statistics_covariance(own, parts, estimator)


def _unconditional(
    influences: CaseRows, found: RowEffects, gradient: Array, weights: Any
) -> CaseRows:
    """Influence of every case on the averages: by coefficients, and as one of the averaged."""
    rows_of = np.asarray(found.rows).transpose(0, 2, 1).reshape(weights.n_rows, -1)
    center = found.averages.value.T.ravel()
    sampling = np.broadcast_to(weights.row_cases.sampling, (weights.n_rows,))
    share = sampling / weights.averaging_mass.sum()

    def own(rows: slice) -> list[tuple[Array, Array]]:
        ((number, influence),) = influences(rows)
        sampled = share[rows, None] * (rows_of[rows] - center)
        return [(number, influence @ gradient.T + sampled)]

    return own
