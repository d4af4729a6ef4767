"""Marginal effects of a fit, with the members of statsmodels' `DiscreteMargins`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from statsmodels.iolib.summary import Summary, summary_params

from wlogit._statsmodels.summary import finish_tests
from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.errors import InferenceWarning
from wlogit.inference.margins import Effect, Estimates, average_effects
from wlogit.keywords import check_choice
from wlogit.margins.columns import At, ColumnKinds, Method, column_effects, place
from wlogit.margins.inference import Averaging
from wlogit.margins.surfaces import ObservedRows, TypicalRow, VariableSurface, variable_effects
from wlogit.margins.variables import FormulaVariables

ScaleName = Literal["calibrated", "weighted"]
Vce = Literal["delta", "unconditional"]
HEADINGS = {
    "dydx": "dy/dx",
    "eyex": "d(lny)/d(lnx)",
    "dyex": "dy/d(lnx)",
    "eydx": "d(lny)/dx",
}


@dataclass(frozen=True, slots=True)
class MarginRequest:
    """The arguments of ``get_margeff``."""

    at: str = "overall"
    method: str = "dydx"
    atexog: Any = None
    dummy: bool = False
    count: bool = False
    scale: str = "calibrated"
    vce: str = "delta"
    variables: Sequence[str] | str | None = None
    prevalence: float | None = None

    def checked(self) -> "MarginRequest":
        """With names in lower case, after checks that need no data.

        Raises
        ------
        ValueError
            Unknown names, or options that exclude each other.
        """
        request = replace(self, at=self.at.lower(), method=self.method.lower())
        check_choice("at", request.at, get_args(At))
        check_choice("method", request.method, get_args(Method))
        check_choice("scale", request.scale, get_args(ScaleName))
        check_choice("vce", request.vce, get_args(Vce))
        if request.prevalence is not None and request.scale != "calibrated":
            raise ValueError('prevalence= is for scale="calibrated", not "weighted".')
        if request.vce == "unconditional" and request.at not in ("overall", "all"):
            raise ValueError(
                f'vce="unconditional" is for averages over the sample, at="overall"; at='
                f"{request.at!r} is one point."
            )
        if request.variables is not None:
            request.check_variables()
        elif request.dummy or request.count:
            request.check_discrete()
        return request

    def check_discrete(self) -> None:
        """Refuse what statsmodels refuses for discrete changes."""
        if self.method in ("dyex", "eyex"):
            raise ValueError(f"{self.method} not allowed for discrete variables")
        if self.at in ("median", "zero"):
            raise ValueError(f"{self.at} not allowed for discrete variables")

    def check_variables(self) -> None:
        """Refuse what has no meaning for variables of a formula."""
        if self.at in ("median", "zero"):
            raise ValueError(
                f"at={self.at!r} is for columns of the design; effects of variables are taken at "
                '"overall", "mean" or "all", and atexog= sets variables to values.'
            )
        if self.dummy or self.count:
            raise ValueError(
                "dummy= and count= are for columns of the design; variables= takes discrete "
                "changes of factors and 0/1 variables by itself."
            )
        if self.atexog is not None and not isinstance(self.atexog, dict):
            raise ValueError(
                "with variables=, atexog must be a dictionary from names of variables to values."
            )


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """What ``get_margeff`` finds.

    Attributes
    ----------
    names : list of str
    estimates : Estimates or None
        None at all rows.
    rows : ndarray, shape (n, q), or None
        Effects at all rows.
    dummies, counts : ndarray of int or None
        Columns whose changes are discrete.
    """

    names: list[str]
    estimates: Estimates | None
    rows: Array | None
    dummies: Any = None
    counts: Any = None


def compute(results: Any, request: MarginRequest) -> Computed:
    """Marginal effects of columns, or of variables."""
    which = "calibrated" if request.scale == "calibrated" else "mean"
    if which == "mean" and results.weights.factors.source == "calibrated":
        raise ValueError(
            'these results are calibrated; use uncalibrated.get_margeff(scale="weighted").'
        )
    averaging = Averaging.of(results, which, request.prevalence)
    if request.variables is None:
        return _of_columns(averaging, request)
    return _of_variables(averaging, request)


def _of_columns(averaging: Averaging, request: MarginRequest) -> Computed:
    model, mass = averaging.results.model, averaging.population.row_mass
    _warn_of_joint_columns(model, mass)
    kinds = ColumnKinds.of(model.exog, mass)
    discrete: dict[int, str] = {}
    if request.count:
        discrete |= dict.fromkeys(kinds.counts.tolist(), "count")
    if request.dummy:
        discrete |= dict.fromkeys(kinds.dummies.tolist(), "dummy")
    where = place(model, mass, request.at, request.atexog, ~kinds.varying)
    columns = np.flatnonzero(kinds.varying)
    effects = column_effects(averaging.coefficients, where, request.method, discrete, columns)
    names = [str(model.exog_names[j]) for j in columns]
    found = _averaged(averaging, request, effects, where.mass)
    return replace(
        found,
        names=names,
        dummies=kinds.dummies if request.dummy and kinds.dummies.size else None,
        counts=kinds.counts if request.count and kinds.counts.size else None,
    )


def _of_variables(averaging: Averaging, request: MarginRequest) -> Computed:
    model, mass = averaging.results.model, averaging.population.row_mass
    variables = FormulaVariables(model, mass)
    wanted = request.variables
    names = variables.estimated if wanted == "all" else _listed(wanted)
    fixed = dict(request.atexog or {})
    for name, value in fixed.items():
        variables.asked(name).check(value)
    offset = getattr(model, "offset", None)
    offset = 0.0 if offset is None else offset
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
    everywhere = request.at == "all"
    keep = everywhere or request.vce == "unconditional"
    found = average_effects(effects, mass, keep_rows=keep)
    if everywhere:
        return Computed([], None, found.rows)
    return Computed([], averaging.estimates(found), None)


def _warn_of_joint_columns(model: Any, mass: Array) -> None:
    """Say where an effect of one column is the effect of no change of a variable."""
    if model.design_info is None or model.rows.frame is None:
        return
    spread = FormulaVariables(model, mass).in_several_terms
    if spread:
        verb = "is" if len(spread) == 1 else "are"
        warn_user(
            f"{', '.join(spread)} {verb} in several columns of the design: the effect of one "
            "column holds the others fixed, which no change of the variable does. Use "
            'get_margeff(variables="all") for effects of the variables themselves.',
            InferenceWarning,
        )


class MarginalEffects:
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

    def __init__(self, results: Any, request: MarginRequest) -> None:
        self.results = results
        self._compute(request)

    def _compute(self, request: MarginRequest) -> None:
        request = request.checked()
        found = compute(self.results, request)
        self.request, self.names, self.inference = request, found.names, found.estimates
        self.dummy_idx, self.count_idx = found.dummies, found.counts
        options = ("method", "at", "scale", "vce", "prevalence")
        self.margeff_options = {name: getattr(request, name) for name in options}
        if found.estimates is None:
            self.margeff = found.rows
            return
        self.margeff = found.estimates.value
        self.margeff_cov, self.margeff_se = found.estimates.covariance, found.estimates.se

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

    def _inference(self) -> Estimates:
        if self.inference is None:
            raise ValueError(
                "Only margeff are available when `at` is 'all'. Please input specific points if "
                "you would like to do inference."
            )
        return self.inference

    @property
    def tvalues(self) -> Array:
        """Effects over their standard errors."""
        return self._inference().statistics

    @property
    def pvalues(self) -> Array:
        """Two-sided p-values: normal, or t where the fit has ``use_t``."""
        return self._inference().pvalues

    def conf_int(self, alpha: float = 0.05) -> Array:
        """Confidence intervals, shape (q, 2).

        Parameters
        ----------
        alpha : float
            One minus the level.
        """
        return self._inference().interval(alpha)

    def summary_frame(self, alpha: float = 0.05) -> pd.DataFrame:
        """The effects as a table, with statsmodels' names of columns; "z" also with ``use_t``.

        Parameters
        ----------
        alpha : float
        """
        found = self._inference()
        columns = [
            HEADINGS[self.request.method],
            *("Std. Err.", "z", "Pr(>|z|)", "Conf. Int. Low", "Cont. Int. Hi."),
        ]
        parts = (found.value, found.se, found.statistics, found.pvalues, found.interval(alpha))
        return pd.DataFrame(np.column_stack(parts), columns=columns, index=self.names)

    def summary(self, alpha: float = 0.05) -> Summary:
        """The effects as a printed table in statsmodels' layout.

        Parameters
        ----------
        alpha : float
        """
        found, results = self._inference(), self.results
        model, method = results.model, self.request.method
        title = f"{type(model).__name__} Marginal Effects"
        left = [("Method:", [method]), ("At:", [self.request.at])]
        left.insert(0, ("Dep. Variable:", [model.endog_names]))
        summary = Summary()
        summary.add_table_2cols(
            results, gleft=left, gright=self._facts(), xname=self.names, title=title
        )
        interval = found.interval(alpha)
        if not self.names:
            summary.add_extra_txt(["No column of the design varies: there are no effects."])
            return summary
        table = summary_params(
            (results, found.value, found.se, found.statistics, found.pvalues, interval),
            yname=model.endog_names,
            xname=self.names,
            alpha=alpha,
            use_t=False,
            skip_header=True,
        )
        letter = "t" if results.use_t else "z"
        heading = ["", HEADINGS[method], "std err", letter, f"P>|{letter}|"]
        table.insert_header_row(0, [*heading, "[" + str(alpha / 2), str(1 - alpha / 2) + "]"])
        finish_tests(table, found.se == 0.0)
        summary.tables.append(table)
        return summary

    def _facts(self) -> list[tuple[str, list[str]]]:
        """What statsmodels' table need not say: scale and kind of standard errors."""
        request, results = self.request, self.results
        facts = []
        if request.prevalence is not None:
            facts.append(("Prevalence:", [f"{request.prevalence:.6g}"]))
        elif results.weights.factors.source in ("balanced", "mapping"):
            facts.append(("Scale:", [request.scale]))
        if facts or request.vce != "delta" or results.cov_type != "nonrobust":
            facts.append(("Covariance Type:", [results.cov_type]))
            facts.append(("Std. errors:", [request.vce]))
        return facts

    def __repr__(self) -> str:
        if self.inference is None:
            names = ", ".join(self.names) or "no column"
            return f"<{type(self).__name__} at all rows of {names}>"
        return str(self.summary())
