"""The sensitivity path: estimates and bands of the path, against ratio or prevalence."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import wlogit.plots
from tests.unit.plots.fits import covering, fit, legend_words, lines

MEAN = "mean calibrated prediction"


@cache
def path():
    return fit("class").sensitivity(ratios=(0.5, 20.0), prevalences=[0.1, 0.2, 0.3])


def rows(name, kind="ratio"):
    return path().frame.query("name == @name and kind == @kind")


def test_lines_and_bands_are_those_of_the_path():
    ax = wlogit.plots.sensitivity(path(), names=["power", "years"])
    assert legend_words(ax) == ["power", "years", "As fitted"]
    for name, band in zip(["power", "years"], ax.collections, strict=True):
        expected = rows(name)
        assert_allclose(lines(ax)[name].get_data(), expected[["value", "estimate"]].T)
        corners = band.get_paths()[0].vertices
        for value, low, high in expected[["value", "ci_lower", "ci_upper"]].to_numpy():
            heights = corners[corners[:, 0] == value, 1]
            assert_allclose([heights.min(), heights.max()], [low, high])
    ratio = fit("class").weights.class_weights
    assert_allclose(lines(ax)["As fitted"].get_xdata(), ratio[1] / ratio[0])
    assert ax.get_xscale() == "log"
    assert ax.get_ylabel() == "Coefficient, 95% band"
    assert covering(ax) == []


def test_by_default_the_slopes_are_drawn():
    ax = wlogit.plots.sensitivity(path())
    slopes = ["major", "contig", "power", "maxdem", "mindem", "years"]
    assert legend_words(ax) == [*slopes, "As fitted"]


def test_changes_are_in_standard_errors_of_the_fit():
    made = fit("class").sensitivity(ratios=[1.0, 2.0, 4.0])
    made.reference["ratio"] = 2.0
    ax = wlogit.plots.sensitivity(made, unit="se")
    frame = made.frame.query("name == 'years'").set_index("value")
    expected = (frame["estimate"] - frame["estimate"][2.0]) / frame["se"][2.0]
    assert_allclose(lines(ax)["years"].get_ydata(), expected)
    assert len(ax.collections) == 0


def test_the_other_path_and_the_mean_prediction():
    ax = wlogit.plots.sensitivity(path(), names=MEAN, kind="prevalence")
    assert_allclose(lines(ax)[MEAN].get_data(), rows(MEAN, "prevalence")[["value", "estimate"]].T)
    assert ax.get_xlabel() == "Prevalence weighted to"
    assert ax.get_ylabel() == "Mean calibrated prediction, 95% band"


def test_results_are_walked_with_their_defaults():
    ax = wlogit.plots.sensitivity(fit("prevalence"), names="years")
    assert_allclose(lines(ax)["As fitted"].get_xdata(), 1042 / 303772)
    assert fit("prevalence").sensitivity().plot(names="years").get_xlabel() == ax.get_xlabel()


def test_the_seven_that_move_most_are_drawn():
    names = [f"x{j}" for j in range(12)]
    frame = pd.DataFrame(
        [
            {"kind": "ratio", "value": v, "name": n, "estimate": j * v, "se": 1.0}
            for v in (1.0, 2.0)
            for j, n in enumerate(names)
        ]
    ).assign(ci_lower=0.0, ci_upper=1.0)
    frame.loc[frame["name"] == "x11", ["estimate", "ci_lower", "ci_upper"]] = np.nan
    made = type("Path", (), {"frame": frame, "reference": {}, "constant": "x10", "alpha": 0.05})()
    ax = wlogit.plots.sensitivity(made)
    assert legend_words(ax) == [f"x{j}" for j in range(3, 10)]


@pytest.mark.parametrize("names", ["w", ["power", MEAN]])
def test_what_cannot_be_drawn_is_said(names):
    with pytest.raises(ValueError, match=r"the path has no 'w'|is no coefficient"):
        wlogit.plots.sensitivity(path(), names=names)
