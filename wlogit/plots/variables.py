"""New rows that move one or two variables of a fit and hold the others, and where its data lie."""

import ast
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit.inference.prediction import calibration_shift, prevalence_shift
from wlogit.plots.arguments import require_member
from wlogit.weights.weights import Weights


@dataclass(frozen=True, slots=True, eq=False)
class Variables:
    """The variables of a fit: columns of the data of a formula, or of the design.

    Attributes
    ----------
    columns : DataFrame, shape (n, q)
        On the rows of the fit.
    typical : dict
        Where each is held: the mean over cases by sampling weight of a number, the reference
        level of a factor, or its most frequent level.
    as_frame : bool
        Whether new rows go through a formula.
    """

    columns: pd.DataFrame
    typical: dict[Hashable, Any]
    as_frame: bool

    @classmethod
    def of(cls, results: Any) -> "Variables":
        """Read the variables of a fit.

        Parameters
        ----------
        results : WeightedLogitResults

        Raises
        ------
        NotAvailableError
            After ``remove_data``.
        """
        require_member(results, "weights", "this figure")
        model = results.model
        model.require_data()
        mass = row_mass(results.weights)
        if model.design_info is None:
            # Names need not be strings; tuples stay single names.
            labels = pd.Index(model.exog_names, tupleize_cols=False)
            exog = pd.DataFrame(np.asarray(model.exog, dtype=np.float64), columns=labels)
            typical: dict[Hashable, Any] = {name: _mean(exog[name], mass) for name in exog}
            return cls(exog, typical, as_frame=False)
        frame = model.rows.frame
        names = _names_used(model.design_info, frame)
        columns = pd.DataFrame({name: model.rows.take(frame[name].array) for name in names})
        levels = _reference_levels(model, columns)
        typical = {name: _typical(columns[name], levels.get(name), mass) for name in names}
        return cls(columns, typical, as_frame=True)

    def numbers(self, name: Hashable) -> Array:
        """Values of a variable that is a number, shape (n,).

        Raises
        ------
        ValueError
            A variable that the fit does not have, or that is not a number.
        """
        self.check(name)
        column = self.columns[name]
        if not _is_number(column):
            raise ValueError(
                f"{name!r} is not a number: draw predictions at its levels with "
                "wlogit.plots.margins(results.predictions_at(...))."
            )
        return column.to_numpy(dtype=np.float64)

    def check(self, name: Hashable) -> None:
        """Raise ValueError for a variable that the fit does not have."""
        if name not in self.columns:
            raise ValueError(f"the fit has no variable {name!r}; it has {listed(self.free())}.")

    def free(self, constant: int | None = None) -> list[Hashable]:
        """Names of the variables without the constant column of a design, which is at a place."""
        return [name for place, name in enumerate(self.columns) if place != constant]

    def held(self, at: Mapping[Any, Any] | None, moved: Sequence[Hashable]) -> dict[Hashable, Any]:
        """Where the caller holds variables, checked.

        Parameters
        ----------
        at : mapping of names to scalar or None
        moved : sequence of names
            Variables that the figure moves.

        Raises
        ------
        ValueError
            A variable that the fit does not have, or that is moved.
        """
        for name in at or {}:
            self.check(name)
            if name in moved:
                raise ValueError(f"at= holds {name!r}, which the figure moves; leave it out.")
        return dict(at or {})

    def rows(self, moved: Mapping[Hashable, Array], held: Mapping[Hashable, Any]) -> Any:
        """New rows: some variables at values of their own, the others held.

        Parameters
        ----------
        moved : mapping of names to ndarray, shape (m,)
        held : mapping of names to scalar
            Where others are held; those that are in neither are at what is typical.
        """
        n = len(next(iter(moved.values())))
        values = self.typical | dict(held)
        new = {name: moved.get(name, [values[name]] * n) for name in self.free()}
        frame = pd.DataFrame(new)
        return frame if self.as_frame else frame.to_numpy(dtype=np.float64)


def listed(names: Sequence[Hashable]) -> str:
    """Names in a sentence."""
    return ", ".join(map(str, names)) or "none"


def constant_place(results: Any) -> int | None:
    """Where among the variables the constant is, for a fit to a design that has one."""
    if results.model.design_info is not None:
        return None
    place: int | None = getattr(results.model.data, "const_idx", None)
    return place


def mean_offset(results: Any) -> float | None:
    """Mean offset of the cases of a fit; None for a fit without one."""
    offset = getattr(results.model, "offset", None)
    if not results.model.has_offset:
        return None
    mass = row_mass(results.weights)
    return float(mass @ np.asarray(offset) / mass.sum())


def row_mass(weights: Weights) -> Array:
    """Averaging mass of the cases of each row, shape (n,)."""
    total = np.zeros(weights.n_rows)
    for mass in weights.averaging_mass:
        total = total + mass
    return total


def class_masses(
    weights: Weights, which: str, prevalence: float | None = None
) -> tuple[Array, Array]:
    """Mass of the non-events and of the events of each row, as the scale of a probability has it.

    Moving the linear predictor by d multiplies the odds of an event by exp(d): so does multiplying
    the events by it.

    Parameters
    ----------
    weights : Weights
    which : {"calibrated", "mean"}
    prevalence : float or None

    Returns
    -------
    tuple of ndarray, shape (n,) each
    """
    moved = calibration_shift(weights) if which == "mean" else 0.0
    if prevalence is not None:
        moved = prevalence_shift(weights, prevalence)
    rest, events = np.zeros(weights.n_rows), np.zeros(weights.n_rows)
    for sort, mass in zip(weights.cases, weights.averaging_mass, strict=True):
        rest = rest + mass * (1.0 - sort.outcome)
        events = events + mass * sort.outcome
    return rest, events * np.exp(moved)


def _names_used(info: Any, frame: pd.DataFrame) -> list[str]:
    """Columns of the data that the right-hand side reads, in the order of the formula."""
    names = [name for factor in info.factor_infos for name in _names_in(factor.code)]
    return [name for name in dict.fromkeys(names) if name in frame.columns]


def _names_in(code: str) -> list[str]:
    """Names in the code of a factor, and the strings that may be names: Q("name")."""
    found = []
    for node in ast.walk(ast.parse(code, mode="eval")):
        if isinstance(node, ast.Name):
            found.append(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


def _reference_levels(model: Any, columns: pd.DataFrame) -> dict[str, Any]:
    """Reference level of each variable that is a factor as it stands, not cut or combined."""
    levels = {}
    for factor in model.design_info.factor_infos:
        level = model.reference_levels.get(factor.name())
        inside = [name for name in _names_in(factor.code) if name in columns]
        if level is not None and len(inside) == 1 and (columns[inside[0]] == level).any():
            levels[inside[0]] = level
    return levels


def _typical(column: "pd.Series[Any]", reference: Any, mass: Array) -> Any:
    if reference is not None:
        return reference
    if _is_number(column):
        return _mean(column, mass)
    counted = pd.Series(mass).groupby(column, observed=True).sum()
    return counted.idxmax()


def _is_number(column: "pd.Series[Any]") -> bool:
    is_number = pd.api.types.is_numeric_dtype(column.dtype)
    return bool(is_number and not pd.api.types.is_bool_dtype(column.dtype))


def _mean(column: "pd.Series[Any]", mass: Array) -> float:
    values = column.to_numpy(dtype=np.float64)
    return float(mass @ values / mass.sum())
