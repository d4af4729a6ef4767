"""Sphinx configuration."""

import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from wlogit import __version__
from wlogit.datasets import load_mid
from wlogit.formula.api import weighted_logit

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for tests.benchmarks and tests.studies
sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "wlogit"
author = "The wlogit developers"
copyright = f"2026, {author}"  # noqa: A001  the name that Sphinx reads
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "mathml",
    "internal_links",
]
exclude_patterns = ["_build", "generated", "auto_examples/**.ipynb"]
html_theme = "furo"
html_title = f"wlogit {version}"
html_static_path = ["_static"]
html_css_files = ["equations.css"]
html_math_renderer = "mathml"
math_numfig = False

default_role = "code"
autodoc_typehints = "none"
autosummary_generate = False
numpydoc_show_class_members = False
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 3

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"\.py$",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 3600,
    "write_computation_times": False,
}


def write_example_page(app: Sphinx, exception: Exception | None) -> None:
    """The page of a fit, which ``report.md`` links to."""
    if exception is None and app.builder.format == "html":
        formula = "conflict ~ major + contig + power + maxdem + mindem + years"
        model = weighted_logit(formula, load_mid(), class_weight="balanced")
        model.fit(disp=False).report(Path(app.outdir) / "disputes.html")


def write_benchmarks(app: Sphinx) -> None:
    """What ``benchmarks.md`` includes, from the data of the last run."""
    from tests.benchmarks import page  # noqa: PLC0415  when the path is set

    page.write(Path(app.srcdir) / "generated" / "benchmarks")


def read_coverage(app: Sphinx, config: Config) -> None:
    """The numbers of ``coverage.md``, from the data of the last run, and its figures."""
    from tests.studies.coverage import figures, page  # noqa: PLC0415  as above

    config.myst_substitutions = page.substitutions()
    figures.write_figures(Path(app.srcdir) / "generated" / "coverage")


def setup(app: Sphinx) -> None:
    """Hook into the build."""
    app.connect("config-inited", read_coverage)
    app.connect("builder-inited", write_benchmarks)
    app.connect("build-finished", write_example_page)
