"""What the factors of a formula learn from all rows: transforms, and categories.

patsy does this in one process, from the first row to the last. Here it is a sum over pieces, which
may be far apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import patsy
from patsy.categorical import CategoricalSniffer, guess_categorical

from wlogit.formula.columns import check_factors, refuse_missing_learned
from wlogit.formula.stored import StoredNames
from wlogit.formula.texts import MISSING
from wlogit.streaming.rowwise import refuse_functions_of_all_rows
from wlogit.streaming.sites import Site
from wlogit.streaming.sources import Piece
from wlogit.streaming.transforms import Learned, added, adds_up, copy_of, found
from wlogit.streaming.typed import Typed

# What transforms know, by factor and by the name of the transform in its code.
Memory = dict[tuple[str, str], Learned]

# Rows that show what a factor is.
_HEAD = 100


@dataclass(slots=True, eq=False)
class Factors:
    """The factors of a formula, and the state that patsy keeps for each; picklable.

    Attributes
    ----------
    states : dict
        By the code of the factor.
    """

    states: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, codes: list[str], env: patsy.EvalEnvironment) -> "Factors":
        """Factors that have learned nothing yet."""
        states: dict[str, dict[str, Any]] = {code: {} for code in codes}
        for code, state in states.items():
            patsy.EvalFactor(code).memorize_passes_needed(state, env)
        return cls(states)

    @property
    def passes(self) -> int:
        """How often the rows have to be read."""
        return max((len(state["pass_bins"]) for state in self.states.values()), default=0)

    def learning(self, which: int) -> list[tuple[str, str]]:
        """The transforms that learn from reading number `which`."""
        return [
            (code, name)
            for code, state in self.states.items()
            if which < len(state["pass_bins"])
            for name in sorted(state["pass_bins"][which])
        ]

    def transform(self, where: tuple[str, str]) -> Any:
        """One of the transforms."""
        return self.states[where[0]]["transforms"][where[1]]

    def value(self, code: str, data: Any) -> Any:
        """A factor on some rows."""
        return patsy.EvalFactor(code).eval(self.states[code], data)

    def learn(self, which: int, memory: Memory) -> None:
        """Take in what a reading has found."""
        for where in self.learning(which):
            transform = self.transform(where)
            vars(transform).update(memory[where])
            transform.memorize_finish()

    def __getstate__(self) -> dict[str, Any]:
        used = [StoredNames.of(state["eval_env"]) for state in self.states.values()]
        learned = {
            (code, name): vars(transform)
            for code, state in self.states.items()
            for name, transform in state["transforms"].items()
        }
        return {"codes": list(self.states), "names": used, "learned": learned}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.states = {}
        for code, names in zip(state["codes"], state["names"], strict=True):
            self.states |= Factors.of([code], names.restore()).states
        for where, learned in state["learned"].items():
            attributes = vars(self.transform(where))
            attributes.clear()
            attributes.update(learned)


@dataclass(frozen=True, slots=True, eq=False)
class Memorize:
    """What transforms find in one reading.

    Attributes
    ----------
    factors : Factors
    typed : Typed
    which : int
        Number of the reading.
    before : dict
        What was found in earlier rows, for transforms that do not add up.
    """

    factors: Factors
    typed: Typed
    which: int
    before: Memory

    def __call__(self, piece: Piece) -> Memory:
        """What they know after a piece."""
        data = self.typed(piece)
        memory = {}
        for where in self.factors.learning(self.which):
            code, name = where
            state = self.factors.states[code]
            transform = copy_of(self.factors.transform(where), self.before.get(where))
            # patsy calls the method of this name, and nothing else, in a reading.
            others = {**state["transforms"], name: transform}
            alone = {**state, "transforms": others, "pass_bins": {self.which: {name}}}
            patsy.EvalFactor(code).memorize_chunk(alone, self.which, data)
            memory[where] = found(transform)
        return memory

    def after(self, before: Memory) -> "Memorize":
        """The same after some rows."""
        return replace(self, before=before)

    def combine(self, first: Memory, second: Memory) -> Memory:
        """What they know after both."""
        return {
            where: added(self.factors.transform(where), learned, second[where])
            for where, learned in first.items()
        }


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The first rows."""

    typed: Typed

    def __call__(self, piece: Piece) -> tuple[pd.DataFrame, dict[Any, "pd.Series[Any]"]]:
        """Those of a piece, as they are read and in the types of all rows."""
        few = replace(piece, frame=piece.frame.head(_HEAD))
        return few.frame.head(0), self.typed(few)

    def combine(self, first: Any, second: Any) -> Any:
        """The earlier ones."""
        del second
        return first


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """The distinct entries of factors that are categories without a list of them."""

    factors: Factors
    typed: Typed
    codes: tuple[str, ...]

    def __call__(self, piece: Piece) -> dict[str, tuple[Any, ...]]:
        """Those of a piece."""
        data = self.typed(piece)
        return {code: _entries(self.factors.value(code, data)) for code in self.codes}

    def combine(self, first: Any, second: Any) -> dict[str, tuple[Any, ...]]:
        """Those of both."""
        return {code: tuple(dict.fromkeys((*first[code], *second[code]))) for code in self.codes}


def _entries(value: Any) -> tuple[Any, ...]:
    sniffer = CategoricalSniffer(MISSING)
    sniffer.sniff(value)
    return tuple(sniffer.levels_contrast()[0])


class _Learned(patsy.EvalFactor):  # type: ignore[misc]
    """A factor that has learned all."""

    def __init__(self, factor: patsy.EvalFactor, factors: Factors) -> None:
        super().__init__(factor.code, factor.origin)
        self._state = factors.states[self.code]

    def memorize_passes_needed(self, state: dict[str, Any], eval_env: Any) -> int:
        """None."""
        del eval_env
        state.update(self._state)
        return 0

    def eval(self, memorize_state: dict[str, Any], data: Any) -> Any:
        """The factor on some rows, or the entries that it has in all."""
        if isinstance(data, _AllEntries):
            return np.array([*data.entries[self.code], None], dtype=object)[:-1]
        return super().eval(memorize_state, data)


@dataclass(frozen=True, slots=True)
class _AllEntries:
    """What a reading for distinct entries has found, in place of rows."""

    entries: dict[str, tuple[Any, ...]]


def learn_design(
    right: patsy.ModelDesc, site: Site, typed: Typed, size: int, env: patsy.EvalEnvironment
) -> patsy.DesignInfo:
    """Learn what the right-hand side of a formula needs to know of all rows.

    Parameters
    ----------
    right : patsy.ModelDesc
        Without an outcome.
    site : Site
    typed : Typed
        The columns of the right-hand side.
    size : int
        Rows of a piece.
    env : patsy.EvalEnvironment

    Raises
    ------
    DesignError, patsy.PatsyError
    """
    head = site.first(Head(typed), typed.columns, size)
    if head is None:
        return patsy.DesignInfo([], {}, {})
    check_factors(right, head[0], env)
    terms = right.rhs_termlist
    codes = list(dict.fromkeys(factor.code for term in terms for factor in term.factors))
    factors = Factors.of(codes, env)
    for which in range(factors.passes):
        factors.learn(which, _memory(factors, site, typed, which, size))
    for code in codes:
        refuse_functions_of_all_rows(code, partial(factors.value, code), head[1])

    def shown() -> Iterator[Any]:
        yield head[1]
        unknown = tuple(code for code in codes if _open(factors.value(code, head[1])))
        task = Entries(factors, typed, unknown)
        yield _AllEntries(site.total(task, typed.columns, size, "categories", None) or {})

    learned = [patsy.Term([_Learned(f, factors) for f in term.factors]) for term in terms]
    info = patsy.incr_dbuilder(patsy.ModelDesc([], learned), shown, eval_env=env, NA_action=MISSING)
    refuse_missing_learned(info)
    return info


def _memory(factors: Factors, site: Site, typed: Typed, which: int, size: int) -> Memory:
    task = Memorize(factors, typed, which, {})
    if all(adds_up(factors.transform(where)) for where in factors.learning(which)):
        return site.total(task, typed.columns, size, "transforms", None) or {}
    return site.fold(task, typed.columns, size, "transforms") or {}


def _open(value: Any) -> bool:
    """Whether the categories of a factor are known only when all rows have been read."""
    return guess_categorical(value) and not CategoricalSniffer(MISSING).sniff(value)
