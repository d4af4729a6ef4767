"""Average derivatives in the columns of designs that are held sparse, from two sums over the rows.

The effect of column j is ``b_j mean(p q)``; its gradient in b is the j-th unit vector times
``mean(p q)``, plus ``b_j mean(p q (q - p) x)``.
"""

import numpy as np

from wlogit._typing import Array, BoolArray
from wlogit.core.sides import CodedColumns
from wlogit.exog import CompactExog
from wlogit.inference.margins import RowEffects
from wlogit.inference.scales import VARIANCE, Averages, averages
from wlogit.margins.columns import offset_of
from wlogit.margins.inference import Averaging
from wlogit.margins.request import MarginRequest
from wlogit.margins.table import Computed


def are_derivatives(request: MarginRequest) -> bool:
    """Whether average derivatives with delta-method errors are asked for, and nothing else."""
    return (
        (request.at, request.method, request.vce) == ("overall", "dydx", "delta")
        and request.variables is None
        and request.atexog is None
        and not (request.dummy or request.count)
    )


def derivatives(averaging: Averaging, design: CompactExog) -> Computed:
    """Average derivatives in every column that varies.

    Parameters
    ----------
    averaging : Averaging
    design : CompactExog
    """
    scale, mass = averaging.coefficients, averaging.population.row_mass
    model = averaging.results.model
    everyone = np.zeros(len(design), dtype=np.intp)
    found = averages(scale, VARIANCE, design, offset_of(model), mass, everyone, 1)  # type: ignore[arg-type]
    varying = np.flatnonzero(_varying(design, mass))
    slopes = scale.params[varying]
    gradient = np.outer(slopes, found.gradient[0])
    gradient[np.arange(len(varying)), varying] += found.value[0]
    names = [str(model.exog_names[j]) for j in varying.tolist()]
    effects = RowEffects(Averages(slopes * found.value[0], gradient), None)
    return Computed(names, averaging.estimates(effects), None, None, None)


def _varying(design: CompactExog, mass: Array) -> BoolArray:
    """Columns with different entries among the rows with mass, shape (k,)."""
    rows = np.flatnonzero(mass > 0.0)
    varies = np.ones(design.shape[1], dtype=np.bool_)
    inside = design.dense[rows]
    varies[design.dense_columns] = inside.min(axis=0) < inside.max(axis=0)
    if isinstance(design.side, CodedColumns):
        side = design.side.take(rows)
        filled = np.concatenate(
            [np.bincount(part.codes, minlength=part.size + 1)[:-1] for part in side.parts]
        )
        plain = np.concatenate([np.full(part.size, part.values is None) for part in side.parts])
        varies[design.side_columns] = (filled > 0) & ((filled < len(rows)) | ~plain)
    return varies
