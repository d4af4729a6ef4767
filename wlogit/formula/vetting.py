"""Formulas from outside a program: column names, arithmetic and listed functions, nothing else."""

import ast
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import patsy

from wlogit.errors import DesignError
from wlogit.formula.texts import check_text, factors_of, reading
from wlogit.weights.columns import listed, shorten

_ONE = ("abs", "arcsinh", "ceil", "cos", "exp", "expm1", "floor", "log", "log10", "log1p", "log2")
ARGUMENTS = dict.fromkeys((*_ONE, "sign", "sin", "sqrt", "square", "tanh"), 1)
ARGUMENTS |= {"maximum": 2, "minimum": 2, "where": 3}
"""Functions of numpy, as ``log(x)`` or ``np.log(x)``, and how many arguments each takes."""

_SPLINE = ("df", "knots", "lower_bound", "upper_bound")
KEYWORDS: dict[str, tuple[str, ...]] = {
    "I": (),
    "C": ("contrast", "levels"),
    "Treatment": ("reference",),
    "Sum": ("omit",),
    "Poly": ("scores",),
    "Helmert": (),
    "Diff": (),
    "center": (),
    "standardize": ("center", "rescale", "ddof"),
    "scale": ("center", "rescale", "ddof"),
    "bs": (*_SPLINE, "degree", "include_intercept"),
    "cr": (*_SPLINE, "constraints"),
    "cc": (*_SPLINE, "constraints"),
    "te": ("constraints",),
}
"""Functions of patsy, and the keywords each takes."""

CONTRASTS = ("Treatment", "Sum", "Poly", "Helmert", "Diff")
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
LOGIC = (ast.BitAnd, ast.BitOr, ast.BitXor)
SIGNS = (ast.UAdd, ast.USub, ast.Invert)
ORDER = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
LONGEST = 100_000
MANY_LEVELS = 50


def vetted_environment(formula: str, columns: Collection[object]) -> patsy.EvalEnvironment:
    """Where a formula may be evaluated, once nothing in it can do harm.

    Parameters
    ----------
    formula : str
    columns : collection of str
        Names of the data.

    Returns
    -------
    patsy.EvalEnvironment
        With the functions of `ARGUMENTS`; patsy adds its own.

    Raises
    ------
    DesignError, OutcomeError
        The formula cannot be read, names no column, or holds something that is not listed.

    Examples
    --------
    >>> vetted_environment("y ~ log(x) + C(g, Treatment('b'))", ["y", "x", "g"]).namespace["log"]
    <ufunc 'log'>
    >>> vetted_environment("y ~ __import__('os').system('ls')", ["y"])
    Traceback (most recent call last):
    wlogit.errors.DesignError: the formula holds "__import__('os').system('ls')", and here...
    """
    check_text(formula)
    if len(formula) > LONGEST:
        raise DesignError(f"the formula has {len(formula):,} characters; at most {LONGEST:,} do.")
    names = {str(column) for column in columns}
    try:
        for factor in _factors(formula):
            _check(_parsed(factor.code, names), names)
    except (RecursionError, MemoryError):
        raise DesignError("the formula is nested too deeply to be read.") from None
    functions = {name: getattr(np, name) for name in ARGUMENTS}
    return patsy.EvalEnvironment([{"np": np, **functions}])


def outcome_column(formula: str) -> str | None:
    """The column that is the outcome of a formula; None for an expression or two columns."""
    terms = patsy.ModelDesc.from_formula(formula).lhs_termlist
    if len(terms) != 1 or len(terms[0].factors) != 1:
        return None
    return _column(ast.parse(terms[0].factors[0].code, mode="eval").body)


def _column(node: ast.expr) -> str | None:
    """The column that an expression is, if it is one."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Call(func=ast.Name(id="Q"), args=[ast.Constant(value=str(name))]):
            return name
    return None


def check_levels(formula: str, data: pd.DataFrame) -> None:
    """Refuse categories that name the rows, as dates and identifiers do.

    Parameters
    ----------
    formula : str
        Once it has been vetted.
    data : DataFrame

    Raises
    ------
    DesignError
        A category with more than `MANY_LEVELS` levels that is different in more than half of the
        rows.

    Examples
    --------
    >>> import pandas as pd
    >>> check_levels("y ~ when", pd.DataFrame({"when": [f"day {i}" for i in range(90)]}))
    Traceback (most recent call last):
    wlogit.errors.DesignError: the column 'when' is a category of 90 levels in 90 rows, and each...
    """
    for term in patsy.ModelDesc.from_formula(formula).rhs_termlist:
        for factor in term.factors:
            name = _category(ast.parse(factor.code, mode="eval").body, data)
            levels = 0 if name is None else data[name].nunique()
            if levels > max(MANY_LEVELS, len(data) / 2):
                raise DesignError(
                    f"the column {name!r} is a category of {levels:,} levels in {len(data):,} "
                    "rows, and each level would have a coefficient; leave it out of the formula, "
                    "or make numbers or fewer levels of it."
                )


def _category(node: ast.expr, data: pd.DataFrame) -> str | None:
    """The column that a factor makes a category of: text as it is, anything in C()."""
    match node:
        case ast.Call(func=ast.Name(id="C"), args=[inner, *_]):
            return _column(inner)
    name = _column(node)
    text = name is not None and not pd.api.types.is_numeric_dtype(data[name])
    return name if text else None


def _factors(formula: str) -> Iterator[Any]:
    """Every factor of a formula: what patsy would hand to Python."""
    try:
        with reading(formula):
            description = patsy.ModelDesc.from_formula(formula)
    except patsy.PatsyError as error:
        raise DesignError(
            f"the formula {shorten(formula)} cannot be read: {error.message}."
        ) from None
    yield from factors_of(description)


def _parsed(code: str, columns: Collection[str]) -> ast.expr:
    try:
        return ast.parse(code, mode="eval").body
    except SyntaxError:
        quoted = f"Q({code!r})" if code in columns else 'Q("the name")'
        raise DesignError(
            f"{shorten(code)} is no expression. A column whose name has spaces or signs, or is a "
            f"word of Python, is written {quoted}."
        ) from None


def _check(node: ast.expr, columns: Collection[str]) -> None:
    """Raise DesignError unless an expression is made of columns, numbers and listed functions."""
    match node:
        case ast.Name(id=name):
            _check_name(name, columns)
        case ast.Constant(value=bool() | int() | float()):
            pass
        case ast.UnaryOp(op=op, operand=operand) if isinstance(op, SIGNS):
            _check(operand, columns)
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, ARITHMETIC + LOGIC):
            _check_power(node)
            _check(left, columns)
            _check(right, columns)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if isinstance(op, ORDER):
            for operand in (left, right):
                _check_compared(operand, columns)
        case ast.Call():
            _check_call(node, columns)
        case _:
            _refuse(node, columns)


def _check_name(name: str, columns: Collection[str]) -> None:
    if name in columns:
        return
    if name in ARGUMENTS or name in KEYWORDS or name == "Q":
        raise DesignError(f"{name} is a function; write {name}(...) around a column.")
    near = get_close_matches(name, columns, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"the columns are {listed(sorted(columns))}."
    raise DesignError(f"{shorten(name)} is not a column of the data; {hint}")


def _check_power(node: ast.BinOp) -> None:
    """A column to a written power: powers of numbers may have more digits than memory has room."""
    if not isinstance(node.op, ast.Pow):
        return
    exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
    has_column = any(isinstance(part, ast.Name) for part in ast.walk(node.left))
    if not (has_column and isinstance(exponent, ast.Constant)):
        _refuse(node)


def _check_compared(node: ast.expr, columns: Collection[str]) -> None:
    """A side of a comparison, which may be a text."""
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        _check(node, columns)


def _check_call(node: ast.Call, columns: Collection[str]) -> None:
    match node.func:
        case ast.Name(id="Q"):
            _check_quoted(node, columns)
        case ast.Name(id=name) if name in KEYWORDS:
            _check_patsy(node, name, columns)
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="np"), attr=name) if (
            name in ARGUMENTS
        ):
            if node.keywords or len(node.args) != ARGUMENTS[name]:
                plural = "s" * (ARGUMENTS[name] > 1)
                raise DesignError(
                    f"{name} takes {ARGUMENTS[name]} argument{plural} and no keywords in a "
                    f"formula; found {shorten(ast.unparse(node))}."
                )
            for argument in node.args:
                _check(argument, columns)
        case _:
            _refuse(node)


def _check_quoted(node: ast.Call, columns: Collection[str]) -> None:
    match node:
        case ast.Call(args=[ast.Constant(value=str(name))], keywords=[]):
            _check_name(name, columns)
        case _:
            _refuse(node)


def _check_patsy(node: ast.Call, name: str, columns: Collection[str]) -> None:
    for keyword in node.keywords:
        if keyword.arg not in KEYWORDS[name]:
            _refuse(node)
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        is_contrast = isinstance(argument, ast.Name) and argument.id in CONTRASTS
        is_setting = bool(KEYWORDS[name]) and _is_setting(argument)
        if not (is_setting or (name == "C" and is_contrast)):
            _check(argument, columns)


def _is_setting(node: ast.expr) -> bool:
    """Whether a node is a text, None, a truth value, or a list of texts and numbers."""
    if isinstance(node, ast.List | ast.Tuple):
        return all(_is_setting(entry) or _is_number(entry) for entry in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bool | None)


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _refuse(node: ast.expr, columns: Collection[str] = ()) -> NoReturn:
    code = ast.unparse(node)
    if code in columns:
        raise DesignError(f"{code} is a column; write Q({code!r}).")
    raise DesignError(
        f"the formula holds {shorten(code)}, and here it may hold only columns, numbers, operators "
        f"and the functions {', '.join((*KEYWORDS, 'Q', *ARGUMENTS))}."
    )
