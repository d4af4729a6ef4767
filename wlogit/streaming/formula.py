"""A formula over rows that are read in chunks: first its levels and transforms, then designs."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import patsy

from wlogit._typing import Array
from wlogit.errors import DesignError
from wlogit.formula.design import (
    check_factors,
    check_text,
    converted_column,
    evaluate_outcome,
    names_in,
    outcome_name_of,
)
from wlogit.formula.stored import StoredDesign
from wlogit.streaming.design import build_design
from wlogit.streaming.levels import Levels, OutcomeLevels, OutcomeReader
from wlogit.streaming.sources import Piece, refuse_empty
from wlogit.weights.columns import check_one_kind, shorten
from wlogit.weights.outcome import Outcome

Read = Callable[[tuple[Any, ...]], Iterable[Piece]]


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
    formula : str
    columns : tuple
        The columns of the source that it reads.
    levels : mapping
        The levels of every column of text or categories.
    outcome : OutcomeReader
    info : patsy.DesignInfo
        Of the right-hand side.
    env : patsy.EvalEnvironment
        For the left-hand side.
    """

    formula: str
    columns: tuple[Any, ...]
    levels: Mapping[Any, pd.CategoricalDtype]
    outcome: OutcomeReader
    info: patsy.DesignInfo
    env: patsy.EvalEnvironment

    @property
    def right(self) -> tuple[Any, ...]:
        """The columns that the right-hand side reads."""
        used = names_in(patsy.ModelDesc([], _parsed(self.formula).rhs_termlist))
        return tuple(name for name in self.columns if name in used)

    @property
    def names(self) -> list[str]:
        """Names of the columns of the design."""
        return list(self.info.column_names)

    def __call__(self, frame: pd.DataFrame, places: Any) -> FormulaRows:
        """Evaluate both sides on rows numbered from 0."""
        description = _parsed(self.formula)
        outcome = self.outcome(evaluate_outcome(description, frame, self.env), places)
        typed = with_levels(frame, self.right, self.levels, places)
        return FormulaRows(outcome, build_design(self.info, typed, len(frame)))

    def __getstate__(self) -> dict[str, Any]:
        state = {name: getattr(self, name) for name in ("formula", "columns", "levels", "outcome")}
        return {**state, "info": StoredDesign.of(self.info)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        info = state.pop("info").restore()
        factors = [info_.state for info_ in info.factor_infos.values()]
        env = factors[0]["eval_env"] if factors else patsy.EvalEnvironment([])
        for name, value in {**state, "info": info, "env": env}.items():
            object.__setattr__(self, name, value)


@lru_cache(maxsize=8)
def _parsed(formula: str) -> patsy.ModelDesc:
    return patsy.ModelDesc.from_formula(formula)


@dataclass(frozen=True, slots=True, eq=False)
class FirstLook:
    """What one reading of the columns of a formula tells.

    Attributes
    ----------
    levels : mapping
    outcome : OutcomeReader
    n_rows : int
    """

    levels: dict[Any, pd.CategoricalDtype]
    outcome: OutcomeReader
    n_rows: int


def read_formula_in_chunks(
    formula: str,
    source_columns: tuple[Any, ...],
    read: Read,
    env: patsy.EvalEnvironment,
    event: Any,
) -> tuple[FormulaReader, int]:
    """Learn what a formula needs to know of all rows.

    Parameters
    ----------
    formula : str
    source_columns : tuple
        The columns that there are.
    read : callable
        Reads some columns of all rows, from the first one on.
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
    check_text(formula)
    description = patsy.ModelDesc.from_formula(formula)
    names = names_in(description)
    columns = tuple(name for name in source_columns if name in names)
    repeated = [name for name in columns if columns.count(name) > 1]
    if repeated:
        raise DesignError(f"the source has several columns named {repeated[0]!r}; rename them.")
    _check_names(description, columns, env)
    look = _first_look(description, columns, read, env, event)
    right = patsy.ModelDesc([], description.rhs_termlist)
    used = tuple(name for name in columns if name in names_in(right)) or columns[:1]

    def frames() -> Iterator[dict[Any, "pd.Series[Any]"]]:
        for piece in read(used):
            frame = piece.frame.set_axis(pd.RangeIndex(len(piece.frame)), axis=0)
            check_factors(description, frame)
            yield with_levels(frame, used, look.levels, piece.places)

    info = patsy.incr_dbuilder(right, frames, eval_env=env, NA_action="drop")
    if not info.column_names:
        raise DesignError("the formula has no columns on its right-hand side.")
    return FormulaReader(formula, columns, look.levels, look.outcome, info, env), look.n_rows


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
    description: patsy.ModelDesc,
    columns: tuple[Any, ...],
    read: Read,
    env: patsy.EvalEnvironment,
    event: Any,
) -> FirstLook:
    """One reading of the outcome and of what has levels."""
    left = names_in(patsy.ModelDesc(description.lhs_termlist, []))
    coded = _only_coded(description)
    outcome = OutcomeLevels(outcome_name_of(description), event)
    levels: dict[Any, Levels] = {}
    needed: tuple[Any, ...] | None = None
    for piece in _peeked(read, columns, left, coded):
        frame = piece.frame
        for name in frame.columns:
            if _has_levels(frame[name]) or name in coded:
                levels.setdefault(name, Levels()).add(frame[name])
        positional = frame.set_axis(pd.RangeIndex(len(frame)), axis=0)
        outcome.add(evaluate_outcome(description, positional, env), piece.places)
        needed = columns
        n_rows = piece.start + len(frame)
    if needed is None:
        refuse_empty()
    known = {
        name: pd.CategoricalDtype(found.in_order) for name, found in levels.items() if found.found
    }
    for name, found in levels.items():
        check_one_kind(found.found, f"column {name!r}", DesignError)
    return FirstLook(known, outcome.reader(), n_rows)


def _peeked(
    read: Read, columns: tuple[Any, ...], left: set[str], coded: set[str]
) -> Iterator[Piece]:
    """All pieces, with the columns only that the first one shows to be needed."""
    reading = iter(read(columns))
    first = next(reading, None)
    if first is None:
        return
    dtypes = first.frame.dtypes.to_dict()
    # What is read ahead would stay in memory for as long as the reading is not at its end.
    del reading, first
    plain = {
        name
        for name, dtype in dtypes.items()
        if isinstance(dtype, np.dtype) and dtype.kind in "fiub"
    }
    needed = tuple(name for name in columns if name in left | coded or name not in plain)
    yield from read(needed or columns[:1])


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


def with_levels(
    frame: pd.DataFrame,
    columns: tuple[Any, ...],
    levels: Mapping[Any, pd.CategoricalDtype],
    places: Any,
) -> dict[Any, "pd.Series[Any]"]:
    """The columns of a formula in the types that they have over all rows.

    Raises
    ------
    DesignError
        An entry that is none of the levels, or text in a column of numbers.
    """
    typed = {}
    for name in columns:
        column = frame[name]
        if name in levels:
            typed[name] = _coded(name, column, levels[name], places)
            continue
        dtype = column.dtype
        if not isinstance(dtype, np.dtype) or dtype.kind == "O":
            column = converted_column(column)
            if isinstance(column.dtype, pd.CategoricalDtype):
                _refuse_entry(name, column, column.notna().to_numpy(), places)
        typed[name] = column
    return typed


def _coded(
    name: Any, column: "pd.Series[Any]", levels: pd.CategoricalDtype, places: Any
) -> "pd.Series[Any]":
    """A column as one of categories, those of all rows."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        coded = column.array.set_categories(levels.categories, ordered=False)
    else:
        codes = levels.categories.get_indexer(pd.Index(column))
        coded = pd.Categorical.from_codes(codes, dtype=levels)
    unseen = coded.codes < 0
    if unseen.any():
        _refuse_entry(name, column, unseen & column.notna().to_numpy(), places)
    return pd.Series(coded)


def _refuse_entry(name: Any, column: "pd.Series[Any]", wrong: Any, places: Any) -> None:
    rows = np.flatnonzero(wrong)
    if not rows.size:
        return
    row = int(rows[0])
    raise DesignError(
        f"{name!r} is {shorten(column.iloc[row])} in row {places[row]!r}, which no row was when "
        "its levels were read; a column must be of one kind, and stay the same while it is read."
    )
