"""A picklable copy of patsy's DesignInfo, which refuses to be pickled.

It holds codes, levels, contrasts and the state of transforms such as ``center`` and ``bs``, but no
data: a fit whose data were removed still predicts.
"""

import pickle
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import patsy
from patsy.contrasts import ContrastMatrix
from patsy.design_info import FactorInfo, SubtermInfo
from patsy.eval import EvalEnvironment, EvalFactor

from wlogit._typing import Array


@dataclass(frozen=True, slots=True)
class StoredNames:
    """What names around a formula stand for: modules, and functions that can be pickled."""

    modules: dict[str, str]
    values: dict[str, Any]

    @classmethod
    def of(cls, env: EvalEnvironment, names: Iterable[str] | None = None) -> "StoredNames":
        """Store those of these names that the environment has; by default all that it has."""
        there = env.namespace
        if names is None:
            names = [name for namespace in there._dicts for name in namespace]
        values = {name: there[name] for name in names if name in there}
        keep = _keep.get()
        return cls(
            {n: v.__name__ for n, v in values.items() if isinstance(v, ModuleType)},
            {n: v for n, v in values.items() if not isinstance(v, ModuleType) and keep(v)},
        )

    def restore(self) -> EvalEnvironment:
        """Make an environment of them."""
        modules = {name: import_module(module) for name, module in self.modules.items()}
        return EvalEnvironment([{**self.values, **modules}])


@contextmanager
def every_name_kept() -> Iterator[None]:
    """Store numbers and any function too, for a pickler that reads functions by value."""
    token = _keep.set(lambda value: True)  # noqa: ARG005
    try:
        yield
    finally:
        _keep.reset(token)


@dataclass(frozen=True, slots=True)
class StoredFactor:
    """One factor: its code, what its transforms have learned, and the names it needs."""

    code: str
    kind: str
    eval_code: str
    transforms: dict[str, tuple[type, dict[str, Any]]]
    names: StoredNames
    num_columns: int | None
    categories: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class StoredSubterm:
    """One block of columns: its factors, by position, and their contrasts."""

    factors: tuple[int, ...]
    contrasts: dict[int, tuple[Array, list[str]]]
    num_columns: int


@dataclass(frozen=True, slots=True)
class StoredDesign:
    """Everything that a DesignInfo needs to be made again."""

    column_names: tuple[str, ...]
    factors: tuple[StoredFactor, ...]
    terms: tuple[tuple[tuple[int, ...], tuple[StoredSubterm, ...]], ...]

    @classmethod
    def of(cls, info: patsy.DesignInfo) -> "StoredDesign":
        """Copy a DesignInfo."""
        order = list(info.factor_infos)
        terms = tuple(
            (
                tuple(order.index(factor) for factor in term.factors),
                tuple(_store_subterm(subterm, order) for subterm in subterms),
            )
            for term, subterms in info.term_codings.items()
        )
        factors = tuple(_store_factor(factor, info.factor_infos[factor]) for factor in order)
        return cls(tuple(info.column_names), factors, terms)

    def restore(self) -> patsy.DesignInfo:
        """Make the DesignInfo again."""
        factors = [EvalFactor(stored.code) for stored in self.factors]
        infos = {
            factor: _restore_factor(factor, stored)
            for factor, stored in zip(factors, self.factors, strict=True)
        }
        codings = OrderedDict(
            (
                patsy.Term([factors[i] for i in members]),
                [_restore_subterm(subterm, factors) for subterm in subterms],
            )
            for members, subterms in self.terms
        )
        return patsy.DesignInfo(list(self.column_names), infos, codings)


def _store_factor(factor: EvalFactor, info: FactorInfo) -> StoredFactor:
    state = info.state
    return StoredFactor(
        code=factor.code,
        kind=info.type,
        eval_code=state["eval_code"],
        transforms={
            name: (type(transform), dict(vars(transform)))
            for name, transform in state["transforms"].items()
        },
        names=StoredNames.of(state["eval_env"]),
        num_columns=info.num_columns,
        categories=info.categories,
    )


def _function_that_can_be_pickled(value: object) -> bool:
    if not callable(value):
        return False
    try:
        pickle.dumps(value)
    except (pickle.PicklingError, AttributeError, TypeError, NotImplementedError):
        return False
    return True


# What is kept of the names around a formula, beside modules.
_keep: ContextVar[Callable[[object], bool]] = ContextVar(
    "_keep", default=_function_that_can_be_pickled
)


def _restore_factor(factor: EvalFactor, stored: StoredFactor) -> FactorInfo:
    transforms = {}
    for name, (kind, learned) in stored.transforms.items():
        transform: Any = object.__new__(kind)
        transform.__dict__.update(learned)
        transforms[name] = transform
    state = {
        "transforms": transforms,
        "eval_code": stored.eval_code,
        "eval_env": stored.names.restore(),
    }
    return FactorInfo(
        factor, stored.kind, state, num_columns=stored.num_columns, categories=stored.categories
    )


def _store_subterm(subterm: SubtermInfo, order: list[EvalFactor]) -> StoredSubterm:
    return StoredSubterm(
        tuple(order.index(factor) for factor in subterm.factors),
        {
            order.index(factor): (contrast.matrix, list(contrast.column_suffixes))
            for factor, contrast in subterm.contrast_matrices.items()
        },
        subterm.num_columns,
    )


def _restore_subterm(stored: StoredSubterm, factors: list[EvalFactor]) -> SubtermInfo:
    contrasts = {
        factors[i]: ContrastMatrix(matrix, suffixes)
        for i, (matrix, suffixes) in stored.contrasts.items()
    }
    return SubtermInfo([factors[i] for i in stored.factors], contrasts, stored.num_columns)
