"""Imports point downwards, the core is numpy and scipy, and importing wlogit is cheap."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "wlogit"

# Lowest first. An entry covers the module and everything below it, unless a longer entry does.
LAYERS = (
    ("errors", "_typing", "_optional", "_compat", "_version", "_warn", "keywords"),
    ("core",),
    ("weights", "survey"),
    ("covariance",),
    ("inference",),
    ("reporting", "plots"),
    (
        *("rows", "inputs", "construction", "files", "formula", "datasets", "_statsmodels"),
        *(
            "exog",
            "separated",
            "fitting",
            "designs",
            "mean_residuals",
            "estimation",
            "cautions",
            "evaluation",
            "held_out",
            "link_test",
            "recalibrated",
            "moved_intercept",
            "score_tests",
            "scales",
            "likelihood_hooks",
            "constrained",
            "free_coefficients",
            "profiles",
            "criteria",
            "terms",
            "same_cases",
            "nested",
            "nested_table",
            "anova",
            "comparison",
            "margins",
            "calibrated",
            "weighting",
            "auditing",
            "views",
            "results",
            "model",
        ),
        *("multinomial", "regularized", "bias_reduced"),
    ),
    (
        *("", "api", "formula.api", "sklearn", "streaming"),
        *("cli", "cli_design", "cli_messages", "__main__"),
    ),
)

# What the core may use beside itself.
CORE_MAY = {"numpy", "scipy", "wlogit._typing", "wlogit.core"}

LAZY = ("matplotlib", "sklearn", "pyarrow", "dask", "tqdm", "threadpoolctl", "pytest", "IPython")

# What wlogit builds on; whatever these import themselves is not ours to answer for.
FOUNDATIONS = (
    *("numpy", "scipy.optimize", "scipy.special", "scipy.stats", "pandas", "patsy", "tabulate"),
    *("statsmodels.discrete.discrete_model", "statsmodels.iolib.summary"),
    *("statsmodels.stats.outliers_influence",),
)


# Of lines: what is longer holds more than one thing.
LONGEST = 400


@cache
def modules():
    """Every module of the package and its parsed source, by name below ``wlogit``."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def layer(module):
    """Height of the longest entry of the table that the module lies in."""
    heights = {entry: height for height, entries in enumerate(LAYERS) for entry in entries}
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        entry = ".".join(parts[:end])
        if entry in heights:
            return heights[entry]
    pytest.fail(f"{module!r} has no layer: give it one in LAYERS")


def imports(module):
    """(line, dotted name) of each import, wherever it stands: in functions, in TYPE_CHECKING."""
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}, line {node.lineno}: write the import out in full"
            base = node.module
            submodules = [f"{base}.{alias.name}" for alias in node.names]
            inner = [name for name in submodules if name.removeprefix("wlogit.") in modules()]
            yield from ((node.lineno, name) for name in inner)
            if len(inner) < len(submodules):
                yield node.lineno, base


def own_imports(module):
    """(line, module below ``wlogit``) of the imports from this package."""
    for line, name in imports(module):
        if name == "wlogit" or name.startswith("wlogit."):
            yield line, name.removeprefix("wlogit").removeprefix(".")


@pytest.mark.parametrize("module", modules(), ids=lambda name: name or "wlogit")
def test_imports_point_downwards(module):
    upwards = [
        f"line {line} imports wlogit.{imported}"
        for line, imported in own_imports(module)
        if layer(imported) > layer(module)
    ]
    assert not upwards, f"wlogit.{module} is in layer {layer(module)}: {upwards}"


def test_no_two_modules_import_each_other():
    """Not even by way of others, nor by an import hidden in a function."""
    graph = {m: {i for _, i in own_imports(m) if i != m and i in modules()} for m in modules()}
    cycles = {frozenset(cycle) for cycle in strongly_connected(graph) if len(cycle) > 1}
    assert not cycles, [sorted(cycle) for cycle in cycles]


def strongly_connected(graph):
    """Tarjan's components of a graph given as {node: successors}."""
    number, low, stack, components = {}, {}, [], []

    def visit(node):
        number[node] = low[node] = len(number)
        stack.append(node)
        for successor in graph[node]:
            if successor not in number:
                visit(successor)
            if successor in stack:
                low[node] = min(low[node], low[successor])
        if low[node] == number[node]:
            start = stack.index(node)
            components.append(stack[start:])
            del stack[start:]

    for node in graph:
        if node not in number:
            visit(node)
    return components


@pytest.mark.parametrize("module", [m for m in modules() if m.split(".")[0] == "core"])
def test_the_core_knows_numpy_and_scipy_only(module):
    foreign = [
        f"line {line} imports {name}"
        for line, name in imports(module)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(name == allowed or name.startswith(f"{allowed}.") for allowed in CORE_MAY)
    ]
    assert not foreign


@pytest.mark.parametrize("module", [m for m in modules() if m.split(".")[0] == "core"])
def test_the_core_neither_warns_nor_prints(module):
    loud = [
        f"line {node.lineno}: {ast.unparse(node.func)}"
        for node in ast.walk(modules()[module])
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("warnings.warn", "print")
    ]
    assert not loud


def test_every_entry_of_the_table_that_is_built_is_reached():
    """A typing error in the table would leave a module to the entry of its folder."""
    assert {layer(module) for module in modules()} == set(range(len(LAYERS)))


def in_a_fresh_process(code):
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_wlogit_brings_nothing_optional():
    report = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    below = in_a_fresh_process("\n".join([*(f"import {name}" for name in FOUNDATIONS), report]))
    ours = in_a_fresh_process(f"import wlogit, wlogit.formula.api, wlogit.datasets\n{report}")
    brought = set(json.loads(ours)) - set(json.loads(below))
    assert not sorted(name for name in brought if name.split(".")[0] in LAZY)


def test_import_wlogit_does_without_anything_optional():
    """Each is refused when asked for, as where it is not installed."""
    in_a_fresh_process(f"""
import sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {LAZY!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refused())
import wlogit
model = wlogit.WeightedLogit([0, 1, 0, 1], [[1, 2], [1, 1], [1, 0], [1, 3]])
assert "const" in model.fit(disp=False).summary().as_text()
""")


def test_import_wlogit_has_no_side_effects():
    """Neither warning filters nor printed words nor changed options of numpy and pandas."""
    in_a_fresh_process("""
import warnings, numpy, pandas
import statsmodels.discrete.discrete_model, statsmodels.stats.outliers_influence, patsy, tabulate
before = list(warnings.filters), numpy.geterr(), numpy.get_printoptions()
import wlogit
assert (list(warnings.filters), numpy.geterr(), numpy.get_printoptions()) == before
""")


def test_optional_packages_are_asked_for_by_require():
    """So that their absence names the extra that installs them."""
    asked = [
        f"wlogit.{module}, line {line}"
        for module in modules()
        for line, name in imports(module)
        if name.split(".")[0] in LAZY
    ]
    assert not asked, f"use wlogit._optional.require: {asked}"


def test_statsmodels_classes_are_known_to_the_seam_alone():
    """Layers 1 to 5 do without statsmodels, patsy and its frames of results."""
    knowing = [
        f"wlogit.{module}, line {line} imports {name}"
        for module in modules()
        if 1 <= layer(module) <= 5
        for line, name in imports(module)
        if name.split(".")[0] in ("statsmodels", "patsy")
    ]
    assert not knowing


def test_no_file_is_too_long():
    sources = [
        path for folder in (PACKAGE, Path(__file__).parents[1]) for path in folder.rglob("*.py")
    ]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources}
    assert len(lines) > 600
    too_long = {str(path): number for path, number in lines.items() if number > LONGEST}
    assert not too_long, f"cut along their sections: {too_long}"
