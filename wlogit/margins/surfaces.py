"""Where effects of variables are taken: at the rows as observed, or at typical values."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.errors import DesignError
from wlogit.inference.margins import (
    LOG,
    MEAN,
    ChangedDesign,
    Contrast,
    Direction,
    Effect,
    Point,
    Prediction,
    Slope,
    weighted_mean,
)
from wlogit.inference.scales import Scale
from wlogit.margins.variables import FormulaVariables, LevelWeights, Settings, Variable

# Steps of derivatives, in units of the variable's value or of a hundredth of its spread: near the
# cube root of the precision, where rounding and curvature disturb least.
STEP = 2.0**-17


class Surface(Protocol):
    """Designs in which variables can be set to values."""

    @property
    def offset(self) -> Array | float:
        """Of the rows."""
        ...

    @property
    def mass(self) -> Array:
        """What the rows are weighed by."""
        ...

    def design(self, settings: Mapping[Any, Any]) -> ChangedDesign:
        """The rows with some variables set."""
        ...


class ObservedRows:
    """The rows of the model, their other variables as observed.

    Parameters
    ----------
    variables : FormulaVariables
    offset : ndarray, shape (n,), or float
    mass : ndarray, shape (n,)
    fixed : mapping
        Variables that are set to a value throughout.
    """

    def __init__(
        self, variables: FormulaVariables, offset: Array | float, mass: Array, fixed: Settings
    ) -> None:
        self.variables, self.fixed = variables, dict(fixed)
        self.offset, self.mass = offset, mass

    def design(self, settings: Settings) -> ChangedDesign:
        """The rows with some variables set."""
        together = {**self.fixed, **settings}
        return ChangedDesign(self.variables.design, *self.variables.changed(together))

    def numbers(self, name: str) -> Array:
        """Values of a variable, shape (n,) or (1,)."""
        if name in self.fixed:
            return np.array([float(self.fixed[name])])
        return self.variables.numbers(name)


class TypicalRow:
    """One row: numbers at their means, designs averaged over the levels of factors.

    Parameters
    ----------
    variables : FormulaVariables
    offset : ndarray, shape (n,), or float
    mass : ndarray, shape (n,)
    fixed : mapping
        Variables that are set to a value throughout.
    equal_levels : bool
        Whether all levels of a factor, and both values of a number that has two, count the same,
        as in R's emmeans; else levels count by their mass, and every number is at its mean.
    """

    def __init__(
        self,
        variables: FormulaVariables,
        offset: Array | float,
        mass: Array,
        fixed: Settings,
        *,
        equal_levels: bool,
    ) -> None:
        self.variables, self.fixed = variables, dict(fixed)
        self.offset = float(weighted_mean(np.broadcast_to(offset, mass.shape), mass))
        self.mass = np.ones(1)
        self.means: dict[str, float] = {}
        self.levels: dict[str, LevelWeights] = {}
        for name, variable in variables.all.items():
            if variable.kind == "factor":
                shares = np.ones(len(variable.levels))
                if not equal_levels:
                    values = variables.frame[name].to_numpy()
                    shares = np.array([mass[values == v].sum() for v in variable.levels])
                self.levels[name] = (variable.levels, shares)
                continue
            numbers = variables.numbers(name)
            self.means[name] = float(weighted_mean(numbers, mass))
            values = np.unique(numbers[variables.inside]) if equal_levels else numbers
            single = len(values) != 2
            self.levels[name] = (
                ((self.means[name],), np.ones(1))
                if single
                else (tuple(values.tolist()), np.ones(2))
            )

    def design(self, settings: Settings) -> ChangedDesign:
        """The row, or several of them where a variable is set to several values."""
        together = {**self.fixed, **settings}
        row = self.variables.reference_row(together, self.levels)
        return ChangedDesign(row)

    def numbers(self, name: str) -> Array:
        """The value of a variable, shape (1,)."""
        return np.array([float(self.fixed.get(name, self.means[name]))])


VariableSurface = ObservedRows | TypicalRow


class ColumnRows:
    """Rows of a design that was passed as an array: its columns are the variables.

    Parameters
    ----------
    design : ndarray, shape (n, k)
    names : list
        Of the columns.
    offset : ndarray, shape (n,), or float
    mass : ndarray, shape (n,)
    """

    def __init__(self, design: Array, names: list[Any], offset: Array | float, mass: Array) -> None:
        self.base, self.names = design, names
        self.offset, self.mass = offset, mass

    def position(self, name: Hashable) -> int:
        """The column of a name, or of a position."""
        if name in self.names:
            return self.names.index(name)
        if isinstance(name, int) and -len(self.names) <= name < len(self.names):
            return name % len(self.names)
        raise DesignError(f"{name!r} is no column of the design: {self.names}.")

    def design(self, settings: Mapping[Any, float]) -> ChangedDesign:
        """The rows with some columns set."""
        columns = np.array([self.position(name) for name in settings], dtype=np.intp)
        values = np.array([list(settings.values())], dtype=np.float64)
        return ChangedDesign(self.base, columns, values)


# ------------------------------------------------------------------------------------- effects


def variable_effects(
    scale: Scale, surface: VariableSurface, variable: Variable, method: str
) -> Iterator[tuple[str, Effect]]:
    """Effects of a variable, with their names: a slope, or contrasts with the reference level.

    Parameters
    ----------
    scale : Scale
    surface : ObservedRows or TypicalRow
    variable : Variable
    method : {"dydx", "eyex", "dyex", "eydx"}

    Raises
    ------
    ValueError
        An elasticity in a variable that is not a number.
    DesignError
        No slope: the formula makes categories of the variable, or is not smooth in it.
    """
    name, curve = variable.name, LOG if method.startswith("ey") else MEAN
    if not variable.discrete:
        point = Point(scale, surface.design({}), surface.offset)
        factor = surface.numbers(name) if method.endswith("ex") else 1.0
        yield name, Slope(point, direction(surface, variable), curve, factor)
        return
    if method.endswith("ex"):
        raise ValueError(
            f"method={method!r} is a derivative in the logarithm of {name!r}, which has levels; "
            'use "dydx" or "eydx", or name other variables.'
        )
    lower = _prediction(scale, surface, {name: variable.reference}, curve)
    for level in variable.contrasts:
        upper = _prediction(scale, surface, {name: level}, curve)
        yield f"{name}: {level} - {variable.reference}", Contrast(upper, lower)


def _prediction(scale: Scale, surface: Surface, settings: Settings, curve: Any) -> Prediction:
    return Prediction(Point(scale, surface.design(settings), surface.offset), curve)


def direction(surface: VariableSurface, variable: Variable) -> Direction:
    """Derivative of the rows of the design in a variable, by central differences.

    Differences stay inside the range of the data, where the formula is known to be defined; at its
    ends they are those of the parabola through three points. Exact for terms that are linear or
    quadratic, but for rounding.
    """
    name = variable.name
    if variable.kind == "grouped":
        raise DesignError(
            f"the formula makes categories of {name!r}, so that it has no slope; use "
            f"predictions_at({{{name!r}: [...]}}) at values of your choice."
        )
    variables, at = surface.variables, surface.numbers(name)
    center, step = _nodes(at, variables.numbers(name)[variables.inside])
    up, down = center + step, center - step
    columns = variables.columns(name)
    high: Array = _columns_of(surface, name, up, columns)
    low: Array = _columns_of(surface, name, down, columns)
    slope = (high - low) / (up - down)[:, np.newaxis]
    edge = (at - center) / step
    if edge.any():
        bend = high - 2.0 * _columns_of(surface, name, center, columns) + low
        bend[np.abs(bend) <= 1e-15 * np.abs(high)] = 0.0
        slope += (edge / step)[:, np.newaxis] * bend
    _require_smooth(variable, slope, surface)
    return Direction(columns, slope)


def _nodes(at: Array, observed: Array) -> tuple[Array, Array]:
    """Centers and steps of differences, within the range of the observed values."""
    # A value that was asked for may lie outside; rows without mass do not matter.
    asked = at if len(at) == 1 else observed
    low, high = min(observed.min(), asked.min()), max(observed.max(), asked.max())
    step = STEP * np.maximum(np.abs(at), 0.01 * (float(observed.std()) or 1.0))
    if low == high:
        return at, step
    step = np.minimum(step, 0.25 * (high - low))
    return np.clip(at, low + step, high - step), step


def _columns_of(surface: VariableSurface, name: str, values: Array, columns: IntArray) -> Array:
    """Some columns of the design with a variable set to a value for each row, shape (n, c)."""
    if isinstance(surface, TypicalRow):
        return surface.design({name: float(values[0])}).base[:, columns]
    design = surface.design({name: np.broadcast_to(values, surface.mass.shape)})
    where = [int(np.flatnonzero(design.columns == j)[0]) for j in columns]
    return design.values[:, where]


def _require_smooth(variable: Variable, slope: Array, surface: VariableSurface) -> None:
    if not np.all(np.isfinite(slope)):
        raise DesignError(
            f"the formula has no finite slope in {variable.name!r} at some of the rows; use "
            "predictions_at at values of your choice."
        )
    if slope.size and not slope.any() and isinstance(surface, ObservedRows):
        raise DesignError(
            f"the formula is a step function of {variable.name!r}, so that it has no slope; use "
            f"predictions_at({{{variable.name!r}: [...]}}) at values of your choice."
        )
