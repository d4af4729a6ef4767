"""What holds for every figure: an Axes in and out, no display, an image in the gallery."""

import inspect
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import wlogit.plots
from tests.unit.plots.fits import fit

ROOT = Path(__file__).parents[3]

CALLS = {
    "coefficients": wlogit.plots.coefficients,
    "odds_ratios": wlogit.plots.odds_ratios,
    "margins": lambda r, ax: wlogit.plots.margins(r.get_margeff(), ax),
    "fitted_curve": lambda r, ax: wlogit.plots.fitted_curve(r, "years", ax),
    "decision_boundary": lambda r, ax: wlogit.plots.decision_boundary(r, ["years", "power"], ax),
    "roc": wlogit.plots.roc,
    "precision_recall": wlogit.plots.precision_recall,
    "confusion": wlogit.plots.confusion,
    "calibration": wlogit.plots.calibration,
    "influence": wlogit.plots.influence,
    "profile": wlogit.plots.profile,
    "weights": wlogit.plots.weights,
    "sensitivity": wlogit.plots.sensitivity,
}
OF_PATHS = {"path", "cross_validation"}


def test_every_figure_is_here():
    assert set(CALLS) | OF_PATHS == set(wlogit.plots.__all__)


@pytest.mark.parametrize("name", CALLS)
def test_it_draws_on_the_axes_given_or_on_one_new_figure(name):
    figure, axes = plt.subplots(1, 2, layout="constrained")
    before = list(figure.axes)
    assert CALLS[name](fit("class"), axes[0]) is axes[0]
    assert plt.get_fignums() == [figure.number]
    assert not axes[1].has_data()
    # A color bar is all that may come with it.
    assert len(figure.axes) - len(before) == (name == "decision_boundary")
    new = CALLS[name](fit("class"), None)
    assert len(plt.get_fignums()) == 2
    width, height = new.figure.get_size_inches()
    assert 2.5 <= width <= 5.2
    assert 1.2 <= height <= 5
    new.figure.draw_without_rendering()


@pytest.mark.parametrize("name", CALLS)
def test_drawing_leaves_the_settings_of_matplotlib_alone(name):
    before = dict(plt.rcParams)
    CALLS[name](fit("class"), None)
    assert dict(plt.rcParams) == before


@pytest.mark.parametrize("name", CALLS)
def test_it_is_printed_as_vectors_too(name, tmp_path):
    ax = CALLS[name](fit("class"), None)
    for kind in ("svg", "pdf"):
        ax.figure.savefig(tmp_path / f"figure.{kind}")
    assert (tmp_path / "figure.svg").stat().st_size < 400_000


@pytest.mark.parametrize("layout", ["constrained", None])
@pytest.mark.parametrize("name", CALLS)
def test_a_title_stands_above_the_legend(name, layout):
    figure, axes = plt.subplots(layout=layout)
    axes.set_title("before")
    ax = CALLS[name](fit("class"), axes)
    ax.set_title("after", loc="left")
    figure.draw_without_rendering()
    title = ax._left_title.get_window_extent()
    legend = ax.get_legend()
    assert title.y0 > ax.get_window_extent().y1
    if legend is not None:
        assert title.y0 > legend.get_window_extent().y1 - 1


@pytest.mark.parametrize("name", sorted(wlogit.plots.__all__))
def test_it_has_an_image_in_the_gallery(name):
    scripts = [path.read_text(encoding="utf-8") for path in (ROOT / "examples").glob("*.py")]
    assert any(f"plots.{name}(" in script for script in scripts)


@pytest.mark.parametrize("name", sorted(wlogit.plots.__all__))
def test_axes_are_called_ax_and_options_are_keywords(name):
    parameters = inspect.signature(getattr(wlogit.plots, name)).parameters
    positional = [p.name for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional[-1] == "ax"
    assert parameters["ax"].default is None
    assert len(positional) <= 3


def test_no_display_is_needed():
    code = """
import os
os.environ.pop("DISPLAY", None); os.environ.pop("MPLBACKEND", None)
import numpy as np, wlogit, wlogit.plots
x = np.arange(20.0)
results = wlogit.WeightedLogit(np.arange(20) % 7 > 2, np.c_[np.ones(20), x]).fit(disp=False)
wlogit.plots.fitted_curve(results).figure.savefig(os.devnull, format="png")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
