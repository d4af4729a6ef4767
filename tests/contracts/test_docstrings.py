"""Docstrings of everything public are numpydoc and explain what users call."""

import importlib
import inspect
import pkgutil
import re

import pytest

import wlogit
from wlogit import WeightedLogit, WeightedMNLogit
from wlogit.bias_reduced.results import BiasReducedResults
from wlogit.multinomial.results import WeightedMNLogitResults
from wlogit.results import WeightedLogitResults
from wlogit.streaming import StreamedLogit, StreamedLogitResults


def public_objects():
    """Every public class, function, method and property that the package defines."""
    modules = [wlogit, *(importlib.import_module(name) for name in module_names())]
    for module in modules:
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(value) or inspect.isclass(value):
                yield f"{module.__name__}.{name}"
            if inspect.isclass(value):
                for member, kind in vars(value).items():
                    documented = inspect.isfunction(kind) or isinstance(
                        kind, property | classmethod | staticmethod
                    )
                    if documented and not member.startswith("_"):
                        yield f"{module.__name__}.{name}.{member}"


def module_names():
    return [info.name for info in pkgutil.walk_packages(wlogit.__path__, "wlogit.")]


OBJECTS = sorted(set(public_objects()))
# numpydoc's codes: no docstring, no summary, no period, sections out of order, a parameter that
# does not exist, parameters out of order, no space before a colon.
REQUIRED = {
    *("GL05", "GL06", "GL07", "GL08", "GL09", "SS01", "SS03", "SS04", "PR02", "PR03", "PR10"),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_docstring_is_a_numpydoc_docstring(name):
    from numpydoc.validate import validate

    assert [error for error in validate(name)["errors"] if error[0] in REQUIRED] == []


USED = (
    *(WeightedLogit, WeightedLogitResults, BiasReducedResults),
    *(WeightedMNLogit, WeightedMNLogitResults),
    *(StreamedLogit, StreamedLogitResults),
)


def methods_of_users():
    """What users call on a model and on its results, and the class that defines it."""
    for cls in USED:
        for name in dir(cls):
            base = next(base for base in cls.__mro__ if name in base.__dict__)
            if not name.startswith("_") and base.__module__.split(".")[0] == "wlogit":
                member = inspect.unwrap(
                    getattr(base.__dict__[name], "__func__", base.__dict__[name])
                )
                if inspect.isfunction(member):
                    yield pytest.param(member, id=f"{cls.__name__}.{name}")


@pytest.mark.parametrize("method", [*methods_of_users(), pytest.param(WeightedLogit, id="class")])
def test_what_users_call_explains_every_parameter(method):
    """The hooks, whose one parameter is the coefficients, say what they compute instead."""
    parameters = inspect.signature(method).parameters.values()
    catching = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    named = {p.name for p in parameters if p.kind not in catching}
    missing = named - {"self", "cls", "params", "X"} - explained(inspect.getdoc(method))
    assert not missing


def explained(documentation):
    """Names that the section of parameters has headings for."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^[A-Z]\w+\n-+\n|\Z)", documentation, SECTION)
    headings = re.findall(r"^(\w[\w, ]*)(?: :|$)", section[1] if section else "", re.MULTILINE)
    return set(re.findall(r"\w+", " ".join(headings)))


SECTION = re.MULTILINE | re.DOTALL


@pytest.mark.parametrize("name", ["wlogit", *module_names()])
def test_a_module_says_in_one_sentence_what_it_is(name):
    documentation = importlib.import_module(name).__doc__
    assert documentation
    assert re.split(r"\n\s*\n", documentation.strip())[0].endswith((".", ":"))
