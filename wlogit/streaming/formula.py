"""A formula over rows that are read in chunks: first its levels and transforms, then designs."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import patsy

from wlogit._typing import Array
from wlogit.errors import DesignError
from wlogit.formula.building import build_design
from wlogit.formula.columns import widened_columns
from wlogit.formula.design import evaluate_outcome, outcome_name_of
from wlogit.formula.stored import StoredDesign, StoredNames
from wlogit.formula.texts import check_called, names_called, names_in, parsed
from wlogit.streaming.learning import learn_design
from wlogit.streaming.levels import Levels, OutcomeLevels, OutcomeReader
from wlogit.streaming.rowwise import refuse_functions_of_all_rows
from wlogit.streaming.sites import Site
from wlogit.streaming.sources import Piece, refuse_empty
from wlogit.streaming.typed import Typed, with_levels
from wlogit.weights.columns import check_one_kind
from wlogit.weights.outcome import Outcome


@dataclass(frozen=True, slots=True, eq=False)
class LeftSide:
    """The outcome of a formula as it is written; picklable.

    Attributes
    ----------
    formula : str
    env : patsy.EvalEnvironment
    """

    formula: str
    env: patsy.EvalEnvironment

    def __call__(self, frame: pd.DataFrame) -> Any:
        """Its value on rows numbered from 0."""
        left = patsy.ModelDesc(_parsed(self.formula).lhs_termlist, [])
        names = names_in(left, self.env)
        read = frame.loc[:, [name for name in frame.columns if name in names]]
        return evaluate_outcome(left, widened_columns(read, left), self.env)

    def __getstate__(self) -> dict[str, Any]:
        names = names_in(patsy.ModelDesc(_parsed(self.formula).lhs_termlist, []))
        return {"formula": self.formula, "env": StoredNames.of(self.env, names)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        object.__setattr__(self, "formula", state["formula"])
        object.__setattr__(self, "env", state["env"].restore())


@dataclass(frozen=True, slots=True, eq=False)
class FormulaRows:
    """Outcome and design of the rows of a piece, missing values included."""

    outcome: Outcome
    design: Array


@dataclass(frozen=True, slots=True, eq=False)
class FormulaReader:
    """Evaluates a formula on the rows of a piece; picklable.

    Attributes
    ----------
    left : LeftSide
    columns : tuple
        The columns of the source that it reads.
    levels : mapping
        The levels of every column of text or categories.
    outcome : OutcomeReader
    info : patsy.DesignInfo
        Of the right-hand side.
    """

    left: LeftSide
    columns: tuple[Any, ...]
    levels: Mapping[Any, pd.CategoricalDtype]
    outcome: OutcomeReader
    info: patsy.DesignInfo

    @property
    def right(self) -> tuple[Any, ...]:
        """The columns that the right-hand side reads."""
        right = patsy.ModelDesc([], _parsed(self.left.formula).rhs_termlist)
        used = names_in(right, self.left.env)
        return tuple(name for name in self.columns if name in used)

    @property
    def names(self) -> list[str]:
        """Names of the columns of the design."""
        return list(self.info.column_names)

    def __call__(self, frame: pd.DataFrame, places: Any) -> FormulaRows:
        """Evaluate both sides on rows numbered from 0."""
        outcome = self.outcome(self.left(frame), places)
        typed = with_levels(frame, self.right, self.levels, places)
        return FormulaRows(outcome, build_design(self.info, typed, len(frame)))

    def __getstate__(self) -> dict[str, Any]:
        state = {name: getattr(self, name) for name in ("left", "columns", "levels", "outcome")}
        return {**state, "info": StoredDesign.of(self.info)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in {**state, "info": state["info"].restore()}.items():
            object.__setattr__(self, name, value)


@lru_cache(maxsize=8)
def _parsed(formula: str) -> patsy.ModelDesc:
    return patsy.ModelDesc.from_formula(formula)


@dataclass(frozen=True, slots=True, eq=False)
class FirstLook:
    """What one reading of the columns of a formula tells.

    Attributes
    ----------
    levels : dict
    outcome : OutcomeLevels
    n_rows : int
    """

    levels: dict[Any, Levels]
    outcome: OutcomeLevels
    n_rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The task of the first reading.

    Attributes
    ----------
    left : LeftSide
    name : str
        What the outcome is called.
    event : label or None
    coded : set of str
        Columns that are categories, whatever their type.
    """

    left: LeftSide
    name: str
    event: Any
    coded: set[str]

    def __call__(self, piece: Piece) -> FirstLook:
        """What a piece tells."""
        frame, outcome = piece.frame, OutcomeLevels(self.name, self.event)
        levels: dict[Any, Levels] = {}
        for name in frame.columns:
            if _has_levels(frame[name]) or name in self.coded:
                levels.setdefault(name, Levels()).add(frame[name])
        positional = frame.set_axis(pd.RangeIndex(len(frame)), axis=0)
        outcome.add(self.left(positional), piece.places)
        refuse_functions_of_all_rows(self.name, self.left, positional)
        return FirstLook(levels, outcome, len(frame))

    def combine(self, first: FirstLook, second: FirstLook) -> FirstLook:
        """What both tell."""
        levels = {
            name: first.levels.get(name, Levels()) + second.levels.get(name, Levels())
            for name in (*first.levels, *second.levels)
        }
        n_rows = first.n_rows + second.n_rows
        return FirstLook(levels, first.outcome + second.outcome, n_rows)


@dataclass(frozen=True, slots=True)
class Dtypes:
    """Of the columns of the first piece that has rows."""

    def __call__(self, piece: Piece) -> dict[Any, Any]:
        """Those of a piece."""
        return piece.frame.dtypes.to_dict()

    def combine(self, first: Any, second: Any) -> Any:
        """The earlier ones."""
        del second
        return first


def read_formula_in_chunks(
    formula: str, site: Site, size: int, env: patsy.EvalEnvironment, event: Any
) -> tuple[FormulaReader, int]:
    """Learn what a formula needs to know of all rows.

    Parameters
    ----------
    formula : str
    site : Site
    size : int
        Rows of a piece.
    env : patsy.EvalEnvironment
    event : label or None

    Returns
    -------
    reader : FormulaReader
    n_rows : int

    Raises
    ------
    DesignError, OutcomeError, patsy.PatsyError
    """
    description = parsed(formula)
    names = names_in(description, env)
    check_called(names_called(description, env) & names, site.columns)
    columns = tuple(name for name in site.columns if name in names)
    repeated = [name for name in columns if columns.count(name) > 1]
    if repeated:
        raise DesignError(f"the source has several columns named {repeated[0]!r}; rename them.")
    _check_names(description, columns, env)
    env = _outside(description, columns, env)
    left = LeftSide(formula, env)
    look = _first_look(
        description,
        columns,
        site,
        size,
        Look(left, outcome_name_of(description), event, _only_coded(description)),
    )
    levels = {
        name: pd.CategoricalDtype(found.in_order)
        for name, found in look.levels.items()
        if found.found or found.declared is not None
    }
    for name, found in look.levels.items():
        check_one_kind(found.found, f"column {name!r}", DesignError)
    outcome = look.outcome.reader()
    right = patsy.ModelDesc([], description.rhs_termlist)
    used = tuple(name for name in columns if name in names_in(right, env)) or columns[:1]
    info = learn_design(right, site, Typed(used, levels), size, env)
    if not info.column_names:
        raise DesignError("the formula has no columns on its right-hand side.")
    return FormulaReader(left, columns, levels, outcome, info), look.n_rows


def _check_names(
    description: patsy.ModelDesc, columns: tuple[Any, ...], env: patsy.EvalEnvironment
) -> None:
    """Refuse names that are neither columns nor functions or numbers of the caller."""
    names = _variables(description)
    for name in sorted(names - set(columns)):
        try:
            value = env.namespace[name]
        except KeyError:
            if name in _known_to_patsy():
                continue
            raise DesignError(
                f"the source has no column {name!r}, which the formula needs."
            ) from None
        if isinstance(value, np.ndarray | pd.Series | list):
            raise DesignError(
                f"{name!r} is not a column of the source but an array around the call, whose "
                "entries cannot be told from chunk to chunk: put it into the data."
            )


def _outside(
    description: patsy.ModelDesc, columns: tuple[Any, ...], env: patsy.EvalEnvironment
) -> patsy.EvalEnvironment:
    """What the formula takes from around the call; a column hides a variable of its name."""
    names = _variables(description) - set(columns)
    return env.subset([name for name in names if name in env.namespace])


def _known_to_patsy() -> set[str]:
    builtins = vars(patsy.builtins)
    python = __builtins__ if isinstance(__builtins__, dict) else vars(__builtins__)
    return {*builtins, *python}


def _variables(description: patsy.ModelDesc) -> set[str]:
    """Names that the code of the factors reads, without strings."""
    terms = [*description.lhs_termlist, *description.rhs_termlist]
    trees = [ast.parse(factor.code, mode="eval") for term in terms for factor in term.factors]
    return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _first_look(
    description: patsy.ModelDesc, columns: tuple[Any, ...], site: Site, size: int, task: Look
) -> FirstLook:
    """One reading of the outcome and of what has levels."""
    dtypes = site.first(Dtypes(), columns, size)
    if dtypes is None:
        refuse_empty()
    left = names_in(patsy.ModelDesc(description.lhs_termlist, []), task.left.env)
    plain = {
        name
        for name, dtype in dtypes.items()
        if isinstance(dtype, np.dtype) and dtype.kind in "fiub"
    }
    needed = tuple(name for name in columns if name in left | task.coded or name not in plain)
    look = site.total(task, needed or columns[:1], size, "levels", None)
    if look is None:
        refuse_empty()
    return look


def _only_coded(description: patsy.ModelDesc) -> set[str]:
    """Columns that a formula uses as categories alone: first arguments of ``C``."""
    inside, elsewhere = list[str](), list[str]()
    for term in [*description.lhs_termlist, *description.rhs_termlist]:
        for factor in term.factors:
            tree = ast.parse(factor.code, mode="eval")
            own = [
                node.args[0]
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "C"
                and node.args
                and isinstance(node.args[0], ast.Name)
            ]
            inside += [node.id for node in own if isinstance(node, ast.Name)]
            elsewhere += [
                node.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Name) and not any(node is one for one in own)
            ]
    return set(inside) - set(elsewhere)


def _has_levels(column: "pd.Series[Any]") -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return True
    if isinstance(column.dtype, np.dtype) and column.dtype.kind != "O":
        return False
    return pd.api.types.infer_dtype(column, skipna=True) == "string"
