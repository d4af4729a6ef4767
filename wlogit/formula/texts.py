"""The text of a formula: whether it can be read, the names in it, and what counts as missing."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from tokenize import TokenError
from types import ModuleType
from typing import Any

import pandas as pd
import patsy

from wlogit.errors import DesignError, OutcomeError
from wlogit.weights.columns import shorten

_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")


class _Missing(patsy.NAAction):  # type: ignore[misc]
    """Rows with a missing entry are left out; patsy's own takes the text "nan" for missing."""

    def is_categorical_NA(self, obj: Any) -> bool:  # noqa: N802  patsy's name
        """Whether a label is none."""
        return pd.api.types.is_scalar(obj) and bool(pd.isna(obj))


MISSING = _Missing("drop")


def check_text(formula: object) -> None:
    """Refuse a formula without "~", or with quotes that patsy does not know, by saying so."""
    if not isinstance(formula, str):
        return
    if "~" not in formula:
        raise OutcomeError(f'the formula {formula!r} has no "~"; write "y ~ x".')
    if "`" in _QUOTED.sub("", formula):
        raise DesignError('backticks do not quote a name in a formula; write Q("weird name").')


def parsed(formula: Any) -> patsy.ModelDesc:
    """A formula as patsy reads it, of which every factor is an expression of Python.

    Raises
    ------
    DesignError, OutcomeError, patsy.PatsyError
    """
    check_text(formula)
    with reading(formula):
        description = patsy.ModelDesc.from_formula(formula)
        for factor in factors_of(description):
            ast.parse(factor.code, mode="eval")
    return description


@contextmanager
def reading(formula: Any) -> Iterator[None]:
    """Say what is wrong where patsy or Python cannot read a formula.

    Raises
    ------
    DesignError, patsy.PatsyError
    """
    try:
        yield
    except patsy.PatsyError:
        raise
    # What patsy's tokens and Python's parser end with, on text that is no code.
    except (SyntaxError, ValueError, AssertionError, TokenError, RecursionError) as error:
        raise DesignError(
            f"the formula {shorten(formula)} cannot be read: {_told(error)}. A column whose name "
            'has spaces or signs is written Q("the name").'
        ) from error


def _told(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return getattr(error, "msg", "") or str(error) or "it is no code"


def names_in(description: patsy.ModelDesc, env: patsy.EvalEnvironment | None = None) -> set[str]:
    """Names that the code of a formula reads.

    Parameters
    ----------
    description : patsy.ModelDesc
    env : patsy.EvalEnvironment, optional
        As in `names_of_factors`.
    """
    return set(names_of_factors(factors_of(description), env))


def factors_of(description: patsy.ModelDesc) -> Iterator[Any]:
    """Every factor of both sides."""
    for term in (*description.lhs_termlist, *description.rhs_termlist):
        yield from term.factors


def names_of_factors(
    factors: Iterable[Any], env: patsy.EvalEnvironment | None = None
) -> Iterator[str]:
    """Names that the code of factors reads, and the strings in it (Q("name"), d["name"]).

    Parameters
    ----------
    factors : iterable of patsy.EvalFactor
    env : patsy.EvalEnvironment, optional
        The names around the formula. Where it is given, a name that is only called, as C and np
        in ``C(g) + np.log(x)``, is that of a function or module, not of a column.
    """
    trees = [ast.parse(factor.code, mode="eval") for factor in factors]
    called = {} if env is None else _called(trees, env)
    for tree in trees:
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        quoted = {id(call.args[0]) for call in calls if quotes(call)}
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name) if id(node) not in called:
                    yield name
                case ast.Constant(value=str(text)) if id(node) in quoted:
                    yield text
                case ast.Constant(value=str(text)) if text not in called.values():
                    yield text


def names_called(description: patsy.ModelDesc, env: patsy.EvalEnvironment) -> set[str]:
    """Names of the functions that a formula calls, and of the modules that they are in."""
    trees = [ast.parse(factor.code, mode="eval") for factor in factors_of(description)]
    return set(_called(trees, env).values())


def _called(trees: Iterable[ast.AST], env: patsy.EvalEnvironment) -> dict[int, str]:
    """Names, by node, that are called, or that are modules whose functions are."""
    found = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.Call(func=ast.Name(id=name) as function):
                found[id(function)] = name
            case ast.Attribute(value=ast.Name(id=name) as root):
                if isinstance(env.namespace.get(name), ModuleType):
                    found[id(root)] = name
    return found


def quotes(node: ast.AST) -> bool:
    """Whether an expression is Q("name")."""
    match node:
        case ast.Call(func=ast.Name(id="Q"), args=[ast.Constant()]):
            return True
    return False


def check_called(names: Iterable[str], columns: Collection[object]) -> None:
    """Refuse columns with the name of a function that the formula calls, if it reads them too."""
    for name in names:
        if name in columns:
            raise DesignError(
                f"the formula reads the column {name!r}, which hides the function or module of "
                "that name that it uses as well; rename the column."
            )
