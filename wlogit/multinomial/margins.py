"""Marginal effects on the probability of every label, with the members of `DiscreteMargins`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.discrete.discrete_model import MultinomialResults
from statsmodels.iolib.summary import Summary, summary_params, table_extend
from statsmodels.iolib.table import SimpleTable

from wlogit._typing import Array, IntArray
from wlogit.core.scores import CaseRows
from wlogit.covariance.multinomial import label_influences, label_statistics_covariance
from wlogit.inference.multinomial import (
    LabelAverages,
    LabelContrast,
    LabelEffect,
    LabelPoint,
    LabelPrediction,
    LabelScale,
    LabelSlope,
    average_label_effects,
)
from wlogit.margins.columns import ColumnKinds, Place, changed, place
from wlogit.margins.effects import HEADINGS, MarginRequest
from wlogit.multinomial import estimation
from wlogit.scales import sandwich_request


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Effects with their covariance, one label after the other; or of every row."""

    names: list[str]
    value: Array
    covariance: Array | None
    dummies: Any
    counts: Any


class LabelMarginalEffects:
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

    def __init__(self, results: Any, request: MarginRequest) -> None:
        self.results, self.request = results, request.checked()
        options = ("method", "at", "scale", "vce")
        self.margeff_options = {name: getattr(self.request, name) for name in options}
        found = _compute(results, self.request)
        self.names, self.margeff = found.names, found.value
        self.dummy_idx, self.count_idx = found.dummies, found.counts
        if found.covariance is not None:
            self.margeff_cov = found.covariance
            with np.errstate(invalid="ignore"):
                errors = np.sqrt(np.maximum(np.diag(found.covariance), 0.0))
            self.margeff_se = errors.reshape(self.margeff.shape, order="F")

    def _errors(self) -> Array:
        if not hasattr(self, "margeff_se"):
            raise ValueError(
                "Only margeff are available when `at` is 'all'. Please input specific points if "
                "you would like to do inference."
            )
        return self.margeff_se

    @property
    def tvalues(self) -> Array:
        """Effects over their standard errors, shape (e, J)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.margeff / self._errors())

    @property
    def pvalues(self) -> Array:
        """Two-sided p-values: normal, or t where the fit has ``use_t``; shape (e, J)."""
        df = self.results._reference_df
        return np.asarray(2.0 * stats.t.sf(np.abs(self.tvalues), df))

    def conf_int(self, alpha: float = 0.05) -> Array:
        """Confidence intervals, shape (e, 2, J).

        Parameters
        ----------
        alpha : float
            One minus the level.
        """
        margin = stats.t.isf(alpha / 2.0, self.results._reference_df) * self._errors()
        return np.stack([self.margeff - margin, self.margeff + margin], axis=1)

    def summary_frame(self, alpha: float = 0.05) -> pd.DataFrame:
        """The effects as a table, with statsmodels' names of columns.

        Parameters
        ----------
        alpha : float
        """
        limits = self.conf_int(alpha)
        parts = (self.margeff, self.margeff_se, self.tvalues, self.pvalues)
        columns = [part.ravel(order="F") for part in (*parts, limits[:, 0], limits[:, 1])]
        names = ("Std. Err.", "z", "Pr(>|z|)", "Conf. Int. Low", "Cont. Int. Hi.")
        index = pd.MultiIndex.from_product([self._label_names, self.names], names=["endog", "exog"])
        table = np.column_stack(columns)
        return pd.DataFrame(table, index, [HEADINGS[self.request.method], *names])

    @property
    def _label_names(self) -> list[str]:
        return list(self.results._get_endog_name(None, None, all=True)[1])

    def summary(self, alpha: float = 0.05) -> Summary:
        """The effects as a printed table in statsmodels' layout.

        Parameters
        ----------
        alpha : float
        """
        results, method = self.results, self.request.method
        limits = self.conf_int(alpha)
        summary = Summary()
        left = [
            ("Dep. Variable:", [results.model.endog_names]),
            ("Method:", [method]),
            ("At:", [self.request.at]),
        ]
        title = f"{type(results.model).__name__} Marginal Effects"
        right = self._facts()
        summary.add_table_2cols(results, gleft=left, gright=right, xname=self.names, title=title)
        letter = "t" if results.use_t else "z"
        tables: list[SimpleTable] = []
        for j, name in enumerate(self._label_names):
            parts = (self.margeff, self.margeff_se, self.tvalues, self.pvalues)
            table = summary_params(
                (results, *(part[:, j] for part in parts), limits[:, :, j]),
                yname=name,
                xname=self.names,
                alpha=alpha,
                use_t=False,
                skip_header=True,
            )
            table.title = name
            heading = ["", HEADINGS[method], "std err", letter, f"P>|{letter}|"]
            table.insert_header_row(0, [*heading, "[" + str(alpha / 2), str(1 - alpha / 2) + "]"])
            tables.append(table)
        summary.tables.append(table_extend(tables, keep_headers=True))
        return summary

    def _facts(self) -> list[tuple[str, list[str]]]:
        """What statsmodels' table need not say: scale and kind of standard errors."""
        request, results = self.request, self.results
        facts = []
        if results.weights.factors.source is not None:
            facts.append(("Scale:", [request.scale]))
        if facts or request.vce != "delta" or results.cov_type != "nonrobust":
            facts.append(("Covariance Type:", [results.cov_type]))
            facts.append(("Std. errors:", [request.vce]))
        return facts

    def __repr__(self) -> str:
        if not hasattr(self, "margeff_se"):
            return f"<{type(self).__name__} at all rows of {', '.join(self.names)}>"
        return str(self.summary())


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


def _compute(results: Any, request: MarginRequest) -> _Found:
    model = results.model
    model.require_data()
    which = "calibrated" if request.scale == "calibrated" else "mean"
    results._warn_of_slopes(which)
    scale = results._scale(which)
    mass = results.weights.averaging_mass
    kinds = ColumnKinds.of(model.exog, mass)
    discrete: dict[int, str] = {}
    if request.count:
        discrete |= dict.fromkeys(kinds.counts.tolist(), "count")
    if request.dummy:
        discrete |= dict.fromkeys(kinds.dummies.tolist(), "dummy")
    where = place(model, mass, request.at, request.atexog, ~kinds.varying)
    columns = np.flatnonzero(kinds.varying)
    moved, constant = _in_the_constant(scale, model.constant_combination)
    keep = request.at == "all" or request.vce == "unconditional"
    effects = _effects(moved, where, request.method, discrete, columns)
    averages = average_label_effects(effects, where.mass, keep_rows=keep)
    averages = _with_shift(averages, constant, scale)
    names = [str(model.exog_names[j]) for j in columns]
    dummies = kinds.dummies if request.dummy and kinds.dummies.size else None
    counts = kinds.counts if request.count and kinds.counts.size else None
    if request.at == "all":
        return _Found(names, np.asarray(averages.rows), None, dummies, counts)
    covariance = _covariance(results, scale, averages, request)
    return _Found(names, averages.value, covariance, dummies, counts)


def _effects(
    scale: LabelScale, where: Place, method: str, discrete: Mapping[int, str], columns: IntArray
) -> Iterator[LabelEffect]:
    """The effect of each column on every label."""
    point, log = LabelPoint(scale, where.design), method.startswith("ey")
    for j in columns.tolist():
        if j not in discrete:
            factor = where.design.column(j) if method.endswith("ex") else 1.0
            yield LabelSlope(point, j, log, factor)
            continue
        own = where.design.column(j)
        lower, upper, divisor = np.zeros(1), np.ones(1), 1.0
        if discrete[j] == "count":
            lower, upper, divisor = own - 1.0, own + 1.0, 2.0
        low, high = (
            LabelPrediction(LabelPoint(scale, changed(where.design, j, value)), log)
            for value in (lower, upper)
        )
        yield LabelContrast(high, low, divisor)


def _in_the_constant(scale: LabelScale, constant: Array | None) -> tuple[LabelScale, Array | None]:
    """The scale with its shifts in the constant, where columns of the design may change."""
    if constant is None:
        return scale, None
    params = scale.params + constant[:, None] * scale.shift
    return replace(scale, params=params, shift=np.zeros_like(scale.shift)), constant


def _with_shift(
    averages: LabelAverages, constant: Array | None, scale: LabelScale
) -> LabelAverages:
    """Gradients in the shifts where these were moved into the constant."""
    if constant is None:
        return averages
    k, q = scale.params.shape
    gradient = averages.gradient.copy()
    by_equation = gradient[..., : k * q].reshape(*gradient.shape[:-1], q, k)
    gradient[..., k * q :] = by_equation @ constant
    return replace(averages, gradient=gradient)


def _covariance(
    results: Any, scale: LabelScale, averages: LabelAverages, request: MarginRequest
) -> Array:
    """Covariance of the averages, one label after the other."""
    size = averages.value.size
    gradient = averages.gradient.transpose(1, 0, 2).reshape(size, -1)
    if request.vce == "delta" or np.isnan(scale.covariance).any():
        undefined = np.isnan(np.diag(scale.covariance))
        known = np.where(np.isnan(scale.covariance), 0.0, scale.covariance)
        covariance = gradient @ known @ gradient.T
        touched = np.any(gradient[:, undefined] != 0.0, axis=1)
        covariance[touched, :] = covariance[:, touched] = np.nan
        return np.asarray((covariance + covariance.T) / 2.0)
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
    own = _unconditional(influences, averages, gradient, results.weights)
    return label_statistics_covariance(own, parts, estimator)


def _unconditional(
    influences: CaseRows, averages: LabelAverages, gradient: Array, weights: Any
) -> CaseRows:
    """Influence of every case on the averages: by coefficients, and as one of the averaged."""
    rows_of = np.asarray(averages.rows).transpose(0, 2, 1).reshape(weights.n_rows, -1)
    center = averages.value.T.ravel()
    sampling = np.broadcast_to(weights.row_cases.sampling, (weights.n_rows,))
    share = sampling / weights.averaging_mass.sum()

    def own(rows: slice) -> list[tuple[Array, Array]]:
        ((number, influence),) = influences(rows)
        sampled = share[rows, None] * (rows_of[rows] - center)
        return [(number, influence @ gradient.T + sampled)]

    return own
