"""Average predictions with variables set to values, and their differences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.errors import DesignError
from wlogit.inference.margins import (
    LINEAR,
    MEAN,
    Effect,
    Estimates,
    Point,
    Prediction,
    average_effects,
    propagated,
    weighted_mean,
)
from wlogit.inference.scales import Transform
from wlogit.keywords import check_choice
from wlogit.margins.columns import offset_of
from wlogit.margins.inference import Averaging
from wlogit.margins.request import Vce
from wlogit.margins.surfaces import ColumnRows, ObservedRows, Surface, TypicalRow
from wlogit.margins.variables import FormulaVariables, Variable, left_out

Others = Literal["observed", "mean"]
Contrasts = Literal["reference", "sequential", "pairwise"]
Which = Literal["calibrated", "mean", "linear"]


@dataclass(frozen=True, slots=True)
class PredictionRequest:
    """The arguments of ``predictions_at``."""

    levels: Mapping[Any, Any]
    others: str = "observed"
    contrast: str | None = None
    which: str = "calibrated"
    prevalence: float | None = None
    vce: str = "delta"

    def check(self) -> None:
        """Refuse unknown names, and options that exclude each other.

        Raises
        ------
        ValueError
        """
        if not isinstance(self.levels, Mapping) or not self.levels:
            raise ValueError(
                'predictions_at needs a dictionary from variables to levels: {"group": None} for '
                'all levels of a factor, {"age": [20, 30]} for some values.'
            )
        check_choice("others", self.others, get_args(Others))
        check_choice("which", self.which, get_args(Which))
        check_choice("vce", self.vce, get_args(Vce))
        if self.contrast is not None:
            check_choice("contrast", self.contrast, get_args(Contrasts))
        if self.prevalence is not None and self.which != "calibrated":
            raise ValueError(f'prevalence= is for which="calibrated", not {self.which!r}.')
        if self.vce == "unconditional" and self.others == "mean":
            raise ValueError(
                'vce="unconditional" is for averages over the sample, others="observed"; '
                'others="mean" is one point.'
            )


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Combinations of levels.

    Attributes
    ----------
    names : list
        Of the variables.
    levels : list of tuple
        A combination for each cell, in which the last variable moves first.
    reference : int
        The cell that others are compared with.
    """

    names: list[Any]
    levels: list[tuple[Any, ...]]
    reference: int

    @property
    def index(self) -> pd.Index:
        """Labels of the cells: levels of one variable, or combinations of levels."""
        if len(self.names) == 1:
            single: pd.Index = pd.Index([level for (level,) in self.levels], name=self.names[0])
            return single
        crossed: pd.Index = pd.MultiIndex.from_tuples(self.levels, names=self.names)
        return crossed

    @property
    def settings(self) -> Iterator[dict[Any, Any]]:
        """The values of the variables in each cell."""
        for combination in self.levels:
            yield dict(zip(self.names, combination, strict=True))

    def pairs(self, contrast: str) -> list[tuple[int, int]]:
        """Which cell is compared with which, the latter subtracted."""
        cells = range(len(self.levels))
        if contrast == "pairwise":
            return [(later, earlier) for earlier, later in combinations(cells, 2)]
        if contrast == "sequential":
            return [(cell, cell - 1) for cell in cells[1:]]
        return [(cell, self.reference) for cell in cells if cell != self.reference]

    def label(self, cell: int) -> str:
        """A cell by its levels."""
        return ", ".join(str(level) for level in self.levels[cell])


class AveragePredictions:
    """Average predictions at levels, or differences between them.

    Attributes
    ----------
    levels : Index
        Levels of one variable, or combinations of levels; "b - a" for differences.
    predicted : ndarray, shape (q,)
        The averages, or the differences.
    se : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
    which, others, vce : str
        As asked for.
    contrast : str or None
    prevalence : float or None
    results : WeightedLogitResults
    """

    def __init__(
        self,
        results: Any,
        request: PredictionRequest,
        levels: pd.Index,
        found: Estimates,
        linear: Estimates | None,
    ) -> None:
        self.results, self.levels, self.inference = results, levels, found
        self.which, self.others, self.vce = request.which, request.others, request.vce
        self.contrast, self.prevalence = request.contrast, request.prevalence
        self._linear = linear

    @property
    def predicted(self) -> Array:
        """Averages, or differences."""
        return self.inference.value

    @property
    def se(self) -> Array:
        """Standard errors."""
        return self.inference.se

    @property
    def covariance(self) -> Array:
        """Covariance of the averages."""
        return self.inference.covariance

    @property
    def pvalues(self) -> Array:
        """Two-sided p-values of zero differences; for contrasts."""
        if self.contrast is None:
            raise ValueError("a prediction is not tested against zero; ask for a contrast.")
        return self.inference.pvalues

    def conf_int(self, alpha: float = 0.05) -> Array:
        """Confidence intervals, shape (q, 2).

        Symmetric for averages and differences; formed for the linear predictor for the
        probabilities of one point (``others="mean"``).

        Parameters
        ----------
        alpha : float
            One minus the level.
        """
        if self._linear is None:
            return self.inference.interval(alpha)
        return likelihood.expit(self._linear.interval(alpha))

    def summary_frame(self, alpha: float = 0.05) -> pd.DataFrame:
        """The predictions, or the differences, as a table.

        Parameters
        ----------
        alpha : float

        Returns
        -------
        DataFrame
            Columns predicted, se, ci_lower, ci_upper by level; for differences estimate, se, z (t
            with ``use_t``), pvalue, ci_lower, ci_upper.
        """
        found, limits = self.inference, self.conf_int(alpha)
        if self.contrast is None:
            columns: dict[str, Any] = {"predicted": found.value, "se": found.se}
        else:
            columns = {"estimate": found.value, "se": found.se}
            columns["t" if self.results.use_t else "z"] = found.statistics
            columns["pvalue"] = found.pvalues
        columns |= {"ci_lower": limits[:, 0], "ci_upper": limits[:, 1]}
        return pd.DataFrame(columns, index=self.levels)

    def __repr__(self) -> str:
        return repr(self.summary_frame())


def predictions_at(results: Any, request: PredictionRequest) -> AveragePredictions:
    """Average predictions of a fit with variables set to values.

    Parameters
    ----------
    results : WeightedLogitResults
    request : PredictionRequest
    """
    request.check()
    averaging = Averaging.of(results, request.which, request.prevalence)
    scale, mass = averaging.coefficients, averaging.population.row_mass
    surface, cells = _setup(results.model, mass, offset_of(results.model), request)
    if request.contrast is not None and len(cells.levels) < 2:
        raise ValueError(
            f"contrast={request.contrast!r} needs two levels or more to compare, and "
            f"{cells.label(0)} is the only one."
        )

    def effects(curve: Transform) -> Iterator[Effect]:
        for settings in cells.settings:
            yield Prediction(Point(scale, surface.design(settings), surface.offset), curve)

    def inference(curve: Transform) -> Estimates:
        keep = request.vce == "unconditional"
        return averaging.estimates(average_effects(effects(curve), surface.mass, keep_rows=keep))

    found = inference(LINEAR if request.which == "linear" else MEAN)
    if request.contrast is not None:
        pairs = cells.pairs(request.contrast)
        labels = [f"{cells.label(upper)} - {cells.label(lower)}" for upper, lower in pairs]
        names = pd.Index(labels, name=", ".join(map(str, cells.names)))
        found = _differences(found, pairs)
        return AveragePredictions(results, request, names, found, None)
    one_point = request.others == "mean" and request.which != "linear"
    linear = inference(LINEAR) if one_point else None
    return AveragePredictions(results, request, cells.index, found, linear)


def _differences(found: Estimates, pairs: Sequence[tuple[int, int]]) -> Estimates:
    matrix = np.zeros((len(pairs), len(found.value)))
    for row, (upper, lower) in zip(matrix, pairs, strict=True):
        row[upper], row[lower] = 1.0, -1.0
    df = found.df
    if isinstance(df, np.ndarray):
        df = np.array([df[row != 0.0].min() for row in matrix])
    return Estimates(matrix @ found.value, propagated(matrix, found.covariance), df)


# --------------------------------------------------------------------------------------- setup


def _setup(
    model: Any, mass: Array, offset: Array | float, request: PredictionRequest
) -> tuple[Surface, Cells]:
    """Where predictions are taken, and the cells of the grid."""
    if model.design_info is None:
        return _of_columns(model, mass, offset, request)
    variables = FormulaVariables(model, mass)
    axes, references = [], []
    for name, given in request.levels.items():
        variable = variables.asked(name)
        levels = _levels_of(variable, given)
        axes.append(levels)
        references.append(variable.reference)
    cells = _cells(list(request.levels), axes, references)
    if request.others == "mean":
        return TypicalRow(variables, offset, mass, {}, equal_levels=True), cells
    return ObservedRows(variables, offset, mass, {}), cells


def _of_columns(
    model: Any, mass: Array, offset: Array | float, request: PredictionRequest
) -> tuple[Surface, Cells]:
    names = list(model.exog_names)
    design = np.asarray(model.exog, dtype=np.float64)
    rows = ColumnRows(design, names, offset, mass)
    axes = []
    for name, given in request.levels.items():
        if name in model.aliased:
            raise left_out(name, {name: model.aliased[name]})
        values = np.unique(design[mass > 0.0, rows.position(name)])
        binary = values.tolist() == [0.0, 1.0]
        levels = (0, 1) if binary else ()
        variable = Variable(str(name), "binary" if binary else "number", levels, None, ())
        axes.append(_levels_of(variable, given))
    cells = _cells(list(request.levels), axes, [None] * len(axes))
    if request.others == "mean":
        row, usual = weighted_mean(design, mass), np.broadcast_to(offset, mass.shape)
        return ColumnRows(
            row[np.newaxis, :], names, float(weighted_mean(usual, mass)), np.ones(1)
        ), cells
    return rows, cells


def _levels_of(variable: Variable, given: Any) -> list[Any]:
    """The levels asked for, or all that a variable has."""
    if given is None:
        if not variable.levels:
            raise DesignError(
                f"{variable.name!r} is a number without levels of its own; give values: "
                f"{{{variable.name!r}: [...]}}."
            )
        return list(variable.levels)
    if isinstance(given, np.ndarray | pd.Series | pd.Index):
        given = given.tolist()
    levels = [given] if isinstance(given, str) or np.ndim(given) == 0 else list(given)
    if not levels:
        raise DesignError(f"no levels are given for {variable.name!r}.")
    for level in levels:
        variable.check(level)
    return levels


def _cells(names: list[Any], axes: list[list[Any]], references: list[Any]) -> Cells:
    chosen = tuple(
        reference if reference in axis else axis[0]
        for axis, reference in zip(axes, references, strict=True)
    )
    combinations_of_levels = list(product(*axes))
    return Cells(names, combinations_of_levels, combinations_of_levels.index(chosen))
