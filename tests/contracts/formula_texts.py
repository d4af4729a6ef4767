"""Formulas from a grammar, formulas with mistakes, and formulas that would run a program."""

import ast

import numpy as np
import pandas as pd
import patsy
from hypothesis import strategies as st

from wlogit.formula.vetting import ARGUMENTS, CONTRASTS, KEYWORDS


def table():
    """Clean data with a name that needs quotes."""
    rng = np.random.default_rng(11)
    n = 60
    frame = pd.DataFrame(np.round(rng.normal(size=(n, 3)), 2), columns=["x", "z", "a b"])
    frame["g"] = np.array(["u", "v", "w"])[np.arange(n) % 3]
    frame["k"] = np.arange(n) % 4
    frame["y"] = (rng.random(n) < 1.0 / (1.0 + np.exp(-0.5 * frame["x"]))).astype(int)
    frame["w"] = 1.0 + rng.integers(0, 8, n) / 4.0
    return frame


TABLE = table()

# ---------------------------------------------------------------------------------------- grammar

NUMBERS = ("x", "z", 'Q("a b")', "Q('x')", "k")


def expressions():
    """Arithmetic with columns, finite on the table."""
    leaf = st.sampled_from(NUMBERS)
    constant = st.sampled_from(["1", "2", "0.5", "-1", "1e-3"])
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
            st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), constant),
            st.builds("-{}".format, inner),
            st.builds("({})**2".format, inner),
            st.builds(
                "np.{}({})".format, st.sampled_from(["tanh", "abs", "sin", "arcsinh"]), inner
            ),
            st.builds("{}({})".format, st.sampled_from(["tanh", "cos", "floor"]), inner),
            st.builds("where({} > 0, {}, {})".format, inner, inner, constant),
            st.builds("maximum({}, {})".format, inner, inner),
        ),
        max_leaves=4,
    )


def terms():
    """A column, a category, or an expression in a function."""
    simple = st.sampled_from([*NUMBERS, "g", "C(k)", "C(g)", "1", "0", "C(g, Treatment('v'))"])
    more = st.sampled_from(
        ["C(k, Sum)", "C(k, Poly)", "center(x)", "standardize(z)", "bs(x, df=4)", "cr(z, df=3)"]
    )
    return st.one_of(simple, simple, more, st.builds("I({})".format, expressions()))


def sums():
    """Right-hand sides."""
    product = st.builds("{}{}{}".format, terms(), st.sampled_from([":", "*", " / "]), terms())
    part = st.one_of(terms(), terms(), product)
    signs = st.sampled_from([" + ", " + ", " - ", "+"])
    joined = st.lists(st.tuples(signs, part), min_size=1, max_size=3)
    return joined.map(lambda parts: "".join(sign + one for sign, one in parts).removeprefix(" + "))


def outcomes():
    return st.sampled_from(["y", "y", "Q('y')", "I(y == 1)", "I(1 - y)", "y == 1", "I(x > 0)"])


def well_formed():
    """Formulas of the grammar."""
    return st.builds("{} ~ {}".format, outcomes(), sums())


# --------------------------------------------------------------------------------------- mistakes

TOKENS = (
    *("~", "+", "-", "*", "**", "/", "//", ":", "(", ")", "[", "]", "{", "}", ",", ".", "=", "=="),
    *(
        "'",
        '"',
        "`",
        "\\",
        "\n",
        "\t",
        "\0",
        "#",
        ";",
        "@",
        "%",
        "^",
        "|",
        "&",
        "!",
        "?",
        "$",
        "->",
    ),
    *("x", "y", "xx", "Q", "Q(", "C(", "np", "np.", "0", "1e999", "1j", "0x", "1_0", "''", "b'x'"),
    *(
        "lambda",
        "if",
        "else",
        "not",
        "in",
        "is",
        "and",
        "None",
        "True",
        "nan",
        "...",
        ":=",
        "f'{x}'",
    ),
    # Letters that Python reads as x, and others.
    *("\uff58", "\U0001d499", "é", "日", "\u200b", "\ud7ff", "\ufeff", "²", "½", " ", ""),
)


@st.composite
def spoiled(draw):
    """A formula of the grammar with some tokens put in, taken out or exchanged."""
    text = draw(well_formed())
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.integers(0, 3)))
        text = text[:start] + draw(st.sampled_from(TOKENS)) + text[stop:]
    return text


def garbage():
    """Text of any kind."""
    tokens = st.lists(st.sampled_from(TOKENS), max_size=12).map("".join)
    return st.one_of(tokens, tokens.map("y ~ {}".format), st.text(max_size=20).map("y ~ {}".format))


# --------------------------------------------------------------------------------------- programs


def programs(path):
    """Expressions that leave a trace when they are evaluated: a file, a module, a line printed."""
    actions = (
        f"open({path!r}, 'w')",
        f"__import__('os').mkdir({path!r})",
        "__import__('wlogit_canary')",
        "print('evaluated')",
        f"x.to_csv({path!r})",
        f"np.save({path!r}, x)",
        f"np.lib.format.open_memmap({path!r}, 'w+', shape=(1,))",
        f"np.__builtins__['open']({path!r}, 'w')",
        f"eval(\"open({path!r}, 'w')\")",
        f"getattr(x, 'to_csv')({path!r})",
        f"\uff4f\uff50\uff45\uff4e({path!r}, 'w')",
        f"x.__class__.__base__.__subclasses__()[0].__init__.__globals__['open']({path!r})",
        f"x.eval(\"@__import__('os').mkdir({path!r})\")",
        f"np.f2py.os.mkdir({path!r})",
        f"EvalEnvironment.capture().eval(\"open({path!r}, 'w')\")",
    )
    return st.sampled_from(actions)


HIDING = (
    *("{}", "I({})", "C({})", "Q({})", "log({})", "np.log({})", "center({})", "bs(x, df={})"),
    *(
        "bs(x, knots=[{}])",
        "C(g, levels=[{}])",
        "C(g, {})",
        "C(g, Treatment({}))",
        "te(cr(x, df={}))",
    ),
    *(
        "(lambda: {})()",
        "[{} for _ in (1,)][0]",
        "sum({} for _ in (1,))",
        "{{1: {}}}[1]",
        "({},)[0]",
    ),
    *("x if {} else z", "x and {}", "not {}", "x[{}]", "x[:{}]", "(n := {})", "f'{{{}}}'", "-{}"),
    *("'{{0.x}}'.format({})", "'%s' % {}", "Q('x' + str({}))", "Q(f'{{{}}}')", "log(*[{}])"),
    *("log(x, **{{'out': {}}})", "log(x, out={})", "x + {}", "x ** {}", "x < {}", "x < z < {}"),
    *("where(x > 0, {}, 1)", "I(I(I(log({}))))", "{}.y", "await {}", "(yield {})", "`{}`", "@{}"),
    *("C({})[T.a]", "I(x)({})", "I(x).clip({})", "np.log.reduce({})", "({}).real", "*{}", "x @ {}"),
    *("standardize(x, center={})", "maximum(x, {})", "I(x); {}", "x\n{}", "x # {}\n + {}"),
)


@st.composite
def hostile(draw, path):
    """A formula that holds a program somewhere."""
    program = draw(programs(path))
    for _ in range(draw(st.integers(0, 2))):
        hiding = draw(st.sampled_from(HIDING))
        program = hiding.format(*[program] * 2)
    other = draw(st.one_of(st.just("x"), sums()))
    place = draw(st.integers(0, 4))
    return (
        f"y ~ {other} + {program}",
        f"y ~ {program}:{other}",
        f"{program} ~ {other}",
        f"y + {program} ~ {other}",
        f"y ~ {other} - {program}",
    )[place]


# ----------------------------------------------------------------------------------- what may run

OPERATORS = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.operator, ast.unaryop, ast.cmpop)


def forbidden(formula, columns):
    """Parts of a formula that are no column, number, operator, setting or listed function."""
    found = []
    description = patsy.ModelDesc.from_formula(formula)
    for term in (*description.lhs_termlist, *description.rhs_termlist):
        for factor in term.factors:
            found += _forbidden(ast.parse(factor.code, mode="eval").body, columns)
    return found


def _forbidden(node, columns):
    match node:
        case ast.Name(id=name):
            return [] if name in columns or name in CONTRASTS else [ast.dump(node)]
        case ast.Constant(value=value):
            return [] if isinstance(value, bool | int | float | str | None) else [ast.dump(node)]
        case ast.Call(func=ast.Name(id="Q"), args=[ast.Constant(value=str(name))], keywords=[]):
            return [] if name in columns else [name]
        case ast.Call(func=ast.Name(id=name)) if name in ARGUMENTS or name in KEYWORDS:
            inside = [*node.args, *(keyword.value for keyword in node.keywords)]
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name)) if name in ARGUMENTS:
            inside = [*node.args, *(keyword.value for keyword in node.keywords)]
        case ast.List() | ast.Tuple():
            inside = node.elts
        case _ if isinstance(node, OPERATORS):
            inside = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        case _:
            return [ast.dump(node)]
    return [part for child in inside for part in _forbidden(child, columns)]
