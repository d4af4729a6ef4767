"""Sphinx configuration."""

from pathlib import Path

from sphinx.application import Sphinx

from wlogit import __version__
from wlogit.datasets import load_mid
from wlogit.formula.api import weighted_logit

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
]
exclude_patterns = ["_build", "auto_examples/**.ipynb"]
html_theme = "furo"
html_title = f"wlogit {version}"

default_role = "code"
autodoc_typehints = "none"
autosummary_generate = False
numpydoc_show_class_members = False
myst_enable_extensions = ["colon_fence", "deflist"]
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


def setup(app: Sphinx) -> None:
    """Hook into the build."""
    app.connect("build-finished", write_example_page)
