"""Average marginal effects of streamed fits: sums of effects and of their gradients over chunks."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.errors import NotAvailableError
from wlogit.inference.margins import ChangedDesign, RowEffects, average_effects
from wlogit.inference.populations import Population
from wlogit.inference.scales import Averages, Scale
from wlogit.margins.columns import ColumnKinds, Place, VaryingColumns, given_columns, ranges
from wlogit.margins.effects import (
    MarginalEffects,
    averaging_of,
    column_effects,
    warn_of_joint_columns,
)
from wlogit.margins.request import MarginRequest
from wlogit.margins.table import Computed
from wlogit.margins.variables import in_several_columns
from wlogit.streaming.building import NO_ROWS
from wlogit.streaming.chunks import Chunk


@dataclass(frozen=True, slots=True, eq=False)
class OfPopulation:
    """What sums over a population know of it.

    Attributes
    ----------
    population : Population
        With weights without cases.
    """

    population: Population

    def mass(self, chunk: Chunk) -> Array:
        """Mass of the rows of a chunk; that of all rows is one."""
        weights = chunk.weights(self.population.weights)
        return replace(self.population, weights=weights).row_mass


@dataclass(frozen=True, slots=True, eq=False)
class Ranges(OfPopulation):
    """Smallest and largest entry of each column, and whether all are whole."""

    def __call__(self, chunk: Chunk) -> tuple[Array, Array, BoolArray]:
        """Those of the rows with mass of a chunk."""
        return ranges(chunk.values, self.mass(chunk))

    def combine(self, first: Any, second: Any) -> tuple[Array, Array, BoolArray]:
        """Those of both."""
        low, high = np.minimum(first[0], second[0]), np.maximum(first[1], second[1])
        return low, high, first[2] & second[2]


@dataclass(frozen=True, slots=True, eq=False)
class SumsOfEffects(OfPopulation):
    """Effects and their gradients, times mass, and the mass.

    Attributes
    ----------
    scale : Scale
    columns : VaryingColumns
        Of no rows in particular.
    replaced : ndarray of int, shape (c,)
        Columns that are set to values.
    values : ndarray, shape (1, c)
    """

    scale: Scale
    columns: VaryingColumns
    replaced: IntArray
    values: Array

    def __call__(self, chunk: Chunk) -> tuple[Array, Array, Array]:
        """Those of a chunk."""
        mass, k = self.mass(chunk), len(self.scale.params)
        total = float(mass.sum())
        if total == 0.0:
            q = len(self.columns.names)
            return np.zeros(q), np.zeros((q, k + 1)), np.zeros(())
        design = ChangedDesign(chunk.values, self.replaced, self.values)
        offset = 0.0 if chunk.offset is None else chunk.offset
        here = replace(self.columns, where=Place(design, offset, mass))
        found = average_effects(column_effects(self.scale, here), mass, keep_rows=False).averages
        return found.value * total, found.gradient * total, np.asarray(total)

    def combine(self, first: Any, second: Any) -> tuple[Array, Array, Array]:
        """Add them."""
        value, gradient, mass = (a + b for a, b in zip(first, second, strict=True))
        return value, gradient, mass


def compute(results: Any, request: MarginRequest) -> Computed:
    """Average marginal effects of the columns of the design, in two readings.

    Parameters
    ----------
    results : StreamedLogitResults
    request : MarginRequest

    Raises
    ------
    NotAvailableError
        For anything else, which needs the rows themselves.
    """
    if request.at != "overall" or request.vce != "delta" or request.variables is not None:
        raise NotAvailableError(
            'a streamed fit has average effects of columns, at="overall" with vce="delta"; of '
            "others, " + NO_ROWS
        )
    averaging, model = averaging_of(results, request), results.model
    names, runner = list(map(str, model.exog_names)), model.runner()
    replaced, values = given_columns(names, 1, request.atexog)
    warn_of_joint_columns(in_several_columns(model.design_info, model.formula_columns))
    kinds = ColumnKinds.between(*runner.run(Ranges(averaging.population), "columns"))
    varying = np.flatnonzero(kinds.varying)
    columns = VaryingColumns(
        names=[names[j] for j in varying],
        columns=varying,
        where=Place(ChangedDesign(np.zeros((0, len(names)))), 0.0, np.zeros(0)),
        method=request.method,
        dummies=kinds.dummies if request.dummy and kinds.dummies.size else None,
        counts=kinds.counts if request.count and kinds.counts.size else None,
    )
    scale = averaging.coefficients
    task = SumsOfEffects(averaging.population, scale, columns, replaced, values)
    value, gradient, mass = runner.run(task, "effects")
    found = RowEffects(Averages(value / mass, gradient / mass), None)
    estimates = averaging.estimates(found)
    return Computed(columns.names, estimates, None, columns.dummies, columns.counts)


class StreamedMarginalEffects(MarginalEffects):
    """Average marginal effects of a streamed fit; see `MarginalEffects`."""

    def _find(self, request: MarginRequest) -> Computed:
        return compute(self.results, request)
