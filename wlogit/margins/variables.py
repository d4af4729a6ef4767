"""The variables of a formula: which columns of the design each moves, and how."""

import ast
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import patsy

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.construction import equalities
from wlogit.errors import DesignError
from wlogit.formula.design import reference_levels
from wlogit.formula.new_rows import new_design

VariableKind = Literal["number", "binary", "factor", "grouped"]
Settings = Mapping[str, Any]
LevelWeights = tuple[Sequence[Any], Array]


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of the data of a formula.

    Attributes
    ----------
    name : str
    kind : {"number", "binary", "factor", "grouped"}
        "binary" is a number that is 0 or 1; "grouped" a number of which the formula makes
        categories.
    levels : tuple
        Of a factor, in the order of its coding; (0, 1) of a binary number.
    reference : object
        The level that others are compared with.
    terms : tuple of str
        Terms of the formula that it is in.
    """

    name: str
    kind: VariableKind
    levels: tuple[Any, ...]
    reference: Any
    terms: tuple[str, ...]

    @property
    def discrete(self) -> bool:
        """Whether its effects are differences between levels."""
        return self.kind in ("binary", "factor")

    @property
    def contrasts(self) -> tuple[Any, ...]:
        """The levels other than the reference."""
        return tuple(level for level in self.levels if level != self.reference)

    def check(self, level: Any) -> None:
        """Refuse a level that it does not have.

        Raises
        ------
        DesignError
        """
        if self.kind == "factor":
            if not any(level == known for known in self.levels):
                listed = ", ".join(repr(known) for known in self.levels)
                raise DesignError(f"{self.name!r} has no level {level!r}; it has {listed}.")
        elif not _is_number(level):
            raise DesignError(f"{self.name!r} is a number, and {level!r} is not a finite one.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))


def left_out(name: Any, aliased: Mapping[Any, Mapping[Any, float]]) -> DesignError:
    """What is said of a variable whose columns the fit has dropped as aliased."""
    return DesignError(
        f"{name!r} has no effect of its own, since the fit left out what it adds to the design: "
        f"{equalities(aliased)}."
    )


def _users_of_names(info: patsy.DesignInfo) -> dict[str, list[Any]]:
    users: dict[str, list[Any]] = {}
    for term in info.terms:
        for factor in term.factors:
            for name in _names(factor.code):
                users.setdefault(name, []).append(factor)
    return users


def in_several_columns(info: patsy.DesignInfo, names: Container[Any]) -> list[str]:
    """Variables among some names whose columns do not move one at a time.

    Parameters
    ----------
    info : patsy.DesignInfo
    names : container of str
    """
    return [
        name
        for name, factors in _users_of_names(info).items()
        if name in names and _is_spread(info, factors)
    ]


def _is_spread(info: patsy.DesignInfo, factors: list[Any]) -> bool:
    if sum(any(factor in factors for factor in term.factors) for term in info.terms) > 1:
        return True
    infos = [info.factor_infos[factor] for factor in factors]
    return any(one.type == "numerical" and one.num_columns > 1 for one in infos)


class FormulaVariables:
    """The variables of a fitted formula.

    Parameters
    ----------
    model : WeightedLogit
        From a formula, with its data.
    mass : ndarray, shape (n,)
        Weight of the rows; those without any have no say.

    Raises
    ------
    DesignError
        The model does not come from a formula.
    """

    def __init__(self, model: Any, mass: Array) -> None:
        if model.design_info is None or model.rows.frame is None:
            raise DesignError(
                "the model was built from arrays, whose columns may be functions of each other: "
                "effects of variables need a model from a formula."
            )
        self.info: patsy.DesignInfo = model.design_info
        self.design: Array = np.asarray(model.exog, dtype=np.float64)
        self.kept = tuple(model.kept)
        self.aliased: Mapping[Any, Mapping[Any, float]] = model.aliased
        self.inside: BoolArray = mass > 0.0
        names = [name for name in model.rows.frame.columns if name in self._users]
        frame: pd.DataFrame = model.rows.frame[names]
        kept = model.rows.kept
        self.frame = frame if kept is None else frame.iloc[kept]

    @cached_property
    def _users(self) -> dict[str, list[Any]]:
        """Factors that use a name, in the order of the terms."""
        return _users_of_names(self.info)

    @cached_property
    def all(self) -> dict[str, Variable]:
        """Every variable, in the order of the formula."""
        return {name: self._read(name) for name in self._users if name in self.frame.columns}

    def __getitem__(self, name: Any) -> Variable:
        """A variable by its name.

        Raises
        ------
        DesignError
            There is none of this name.
        """
        if name not in self.all:
            known = ", ".join(self.all) or "none"
            raise DesignError(f"{name!r} is no variable of the formula; its variables are {known}.")
        return self.all[name]

    def asked(self, name: Any) -> Variable:
        """A variable by its name, which must have a coefficient.

        Raises
        ------
        DesignError
            There is none of this name, or its columns were dropped as aliased.
        """
        variable = self[name]
        if not self._is_left_out(variable):
            return variable
        columns = [self.info.column_names[j] for j in self._full_columns(variable.terms)]
        raise left_out(name, {column: self.aliased[column] for column in columns})

    @property
    def estimated(self) -> list[str]:
        """Names of the variables that have a coefficient, in the order of the formula."""
        return [name for name, variable in self.all.items() if not self._is_left_out(variable)]

    def _is_left_out(self, variable: Variable) -> bool:
        return not set(self._full_columns(variable.terms)) & set(self.kept)

    def _full_columns(self, terms: Iterable[str]) -> list[int]:
        """Columns of terms in the design before any were dropped."""
        return [j for term in terms for j in _columns(self.info.term_name_slices[term])]

    def _read(self, name: str) -> Variable:
        factors = self._users[name]
        terms = tuple(
            term.name() for term in self.info.terms if any(f in factors for f in term.factors)
        )
        coded = [f for f in factors if self.info.factor_infos[f].type == "categorical"]
        plain = [f for f in coded if _is_plain(f.code, name)]
        column = self.frame[name]
        if plain:
            known = set(column[self.inside].unique())
            categories = self.info.factor_infos[plain[0]].categories
            levels = tuple(level for level in categories if level in known)
            reference = reference_levels(self.info).get(plain[0].name(), levels[0])
            return Variable(name, "factor", levels, reference, terms)
        if not pd.api.types.is_numeric_dtype(column.dtype) or column.dtype.kind == "b":
            levels = tuple(sorted(column[self.inside].unique().tolist()))
            return Variable(name, "factor", levels, levels[0], terms)
        if coded:
            return Variable(name, "grouped", (), None, terms)
        used = column[self.inside]
        if set(used.unique()) == {0, 1}:
            return Variable(name, "binary", (0, 1), 0, terms)
        return Variable(name, "number", (), None, terms)

    @property
    def in_several_terms(self) -> list[str]:
        """Variables whose columns do not move one at a time."""
        return in_several_columns(self.info, self.frame.columns)

    def numbers(self, name: str) -> Array:
        """The values of a numeric variable, shape (n,)."""
        return np.asarray(self.frame[name].to_numpy(dtype=np.float64, na_value=np.nan))

    # -- designs ---------------------------------------------------------------------------------

    def positions(self, names: Iterable[str]) -> tuple[list[str], IntArray, IntArray]:
        """Terms that the variables are in, their kept columns, and which of theirs these are."""
        wanted = {term for name in names for term in self[name].terms}
        terms = [term for term in self.info.term_names if term in wanted]
        full = self._full_columns(terms)
        kept = {column: position for position, column in enumerate(self.kept)}
        own = [i for i, column in enumerate(full) if column in kept]
        columns = [kept[full[i]] for i in own]
        return terms, np.array(columns, dtype=np.intp), np.array(own, dtype=np.intp)

    def columns(self, name: str) -> IntArray:
        """Kept columns of the design that a variable is in."""
        return self.positions([name])[1]

    def changed(self, settings: Settings) -> tuple[IntArray, Array]:
        """Columns that move when variables are set to values, and what they become.

        Parameters
        ----------
        settings : mapping
            One value, or one for each row, by variable.

        Returns
        -------
        columns : ndarray of int, shape (c,)
        values : ndarray, shape (n, c) or (1, c)
        """
        terms, columns, own = self.positions(settings)
        if not terms:
            return columns, np.zeros((1, 0))
        info = self.info.subset(terms)
        used = [
            name
            for name in self.frame.columns
            if any(term in self.all[name].terms for term in terms)
        ]
        single = all(name in settings for name in used) and not any(
            isinstance(value, np.ndarray) for value in settings.values()
        )
        frame = self.frame[used].iloc[:1] if single else self.frame[used]
        return columns, self.evaluate(info, frame, settings)[:, own]

    def evaluate(self, info: patsy.DesignInfo, frame: pd.DataFrame, settings: Settings) -> Array:
        """Columns of a design with variables set to values, shape (n, c)."""
        n = len(frame)
        values = {name: _repeated(self[name], value, n) for name, value in settings.items()}
        columns = {name: pd.Series(v, index=frame.index) for name, v in values.items()}
        return np.asarray(new_design(info, frame.assign(**columns)), dtype=np.float64)

    def reference_row(self, settings: Settings, levels: Mapping[str, LevelWeights]) -> Array:
        """One row of the design with all other variables at typical values, shape (1, k).

        Parameters
        ----------
        settings : mapping
            One value by variable.
        levels : mapping
            Values of the other variables with their weights: designs are averaged over them.
        """
        grid, weight = _grid(
            [
                (name, (settings[name],), np.ones(1)) if name in settings else (name, *levels[name])
                for name in self.all
            ]
        )
        rows = self.evaluate(self.info, grid, {})
        return np.asarray(weight @ rows[:, list(self.kept)])[np.newaxis, :]


def _grid(axes: Sequence[tuple[str, Sequence[Any], Array]]) -> tuple[pd.DataFrame, Array]:
    """All combinations of levels, and the products of their weights."""
    sizes = [len(levels) for _, levels, _ in axes]
    total = int(np.prod(sizes, dtype=np.float64)) if sizes else 1
    if total > 100_000:
        raise DesignError(
            f"the other factors have {total:,} combinations of levels, too many to average over; "
            'use others="observed".'
        )
    codes = np.indices(sizes).reshape(len(sizes), -1)
    columns: dict[Hashable, Any] = {}
    weight = np.ones(total)
    for (name, levels, weights), code in zip(axes, codes, strict=True):
        columns[name] = pd.Series([levels[i] for i in code])
        weight = weight * weights[code]
    return pd.DataFrame(columns), weight / weight.sum()


def _repeated(variable: Variable, value: Any, n: int) -> Any:
    if isinstance(value, np.ndarray):
        return value
    if variable.kind == "factor":
        return pd.Categorical.from_codes([0] * n, dtype=pd.CategoricalDtype([value]))
    return np.full(n, float(value))


def _columns(where: slice) -> range:
    return range(where.start, where.stop)


def _names(code: str) -> Iterable[str]:
    """Names that a piece of code reads, and those that it quotes as Q("name")."""
    for node in ast.walk(ast.parse(code, mode="eval")):
        if isinstance(node, ast.Name):
            yield node.id
        quoted = _quoted(node)
        if quoted is not None:
            yield quoted


def _quoted(node: ast.AST) -> str | None:
    """The name in Q("name"), for such a call."""
    if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Q" and node.args):
        return None
    constant = node.args[0]
    return str(constant.value) if isinstance(constant, ast.Constant) else None


def _is_plain(code: str, name: str) -> bool:
    """Whether a factor is the variable itself, as ``g`` or ``C(g, ...)``."""
    node: ast.AST = ast.parse(code, mode="eval").body
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "C" and node.args:
        node = node.args[0]
    return _quoted(node) == name or (isinstance(node, ast.Name) and node.id == name)
