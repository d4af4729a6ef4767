"""Marginal effects and predictions at levels: the numbers of the results with their intervals."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose

import wlogit.plots
from tests.unit.plots.fits import covering, fit, legend_words
from tests.unit.plots.test_forest import drawn

FORMULA = "conflict ~ years * contig + region + major"
SCALES = {
    "none": "",
    "class": "\n(class weights taken out)",
    "prevalence": "\n(population scale)",
}


def bars(ax):
    """Points with the ends of their intervals, of every line in turn."""
    for points, _, (lines,) in ax.containers:
        ends = np.array([segment[:, 1] for segment in lines.get_segments()])
        yield np.column_stack([points.get_xdata(), points.get_ydata(), ends])


def frame_of(predictions, alpha=0.05):
    return predictions.summary_frame(alpha)[["predicted", "ci_lower", "ci_upper"]]


@pytest.mark.parametrize("kind", ["none", "class", "prevalence"])
@pytest.mark.parametrize("variables", [None, "all"])
@pytest.mark.filterwarnings("ignore::wlogit.errors.InferenceWarning")
def test_effects_are_bars(kind, variables):
    effects = fit(kind, FORMULA).get_margeff(variables=variables)
    ax = wlogit.plots.margins(effects, alpha=0.1)
    ((found, _),) = drawn(ax)
    assert_allclose(found, np.column_stack([effects.margeff, effects.conf_int(0.1)]))
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(labels) == len(effects.names)
    assert ("region: south \N{MINUS SIGN} north" in labels) == (variables == "all")
    scale = SCALES[kind]
    assert ax.get_xlabel() == (
        f"Average effect, 90% interval\non the probability of conflict = 1{scale}"
    )


def test_effects_side_by_side_say_the_scale_only_where_they_share_it():
    results = fit("class")
    both = {scale: results.get_margeff(scale=scale) for scale in ("calibrated", "weighted")}
    ax = wlogit.plots.margins(both)
    assert legend_words(ax) == ["calibrated", "weighted"]
    assert ax.get_xlabel().endswith("of conflict = 1")
    assert len(list(drawn(ax))) == 2


def test_methods_and_places_are_named():
    results = fit("class")
    at = wlogit.plots.margins(results.get_margeff(at="mean", method="eyex"))
    assert at.get_xlabel().startswith("Effect at the means (elasticity), 95% interval\non the ")
    moved = wlogit.plots.margins(results.get_margeff(prevalence=0.01))
    assert moved.get_xlabel().endswith("(at a prevalence of 0.01)")


@pytest.mark.parametrize("contrast", ["reference", "pairwise"])
def test_differences_are_bars(contrast):
    found = fit("class", FORMULA).predictions_at({"region": None}, contrast=contrast)
    ax = wlogit.plots.margins(found)
    ((points, _),) = drawn(ax)
    assert_allclose(points, found.summary_frame()[["estimate", "ci_lower", "ci_upper"]])
    label = ax.get_yticklabels()[0].get_text()
    assert label == found.levels[0].replace(" - ", " \N{MINUS SIGN} ")
    assert ax.get_xlabel() == (
        "Difference, 95% interval\nin the probability of conflict = 1\n(class weights taken out)"
    )


def test_levels_of_a_factor_are_points_side_by_side():
    found = fit("class", FORMULA).predictions_at({"region": None, "contig": None})
    ax = wlogit.plots.margins(found)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["north", "south", "west"]
    assert legend_words(ax) == ["contig = 0", "contig = 1"]
    lines = list(bars(ax))
    for level, line in enumerate(lines):
        expected = frame_of(found).xs(level, level="contig")
        assert_allclose(line[:, 1:], expected)
        assert_allclose(np.round(line[:, 0]), [0, 1, 2])
    assert np.all(lines[0][:, 0] < lines[1][:, 0])
    assert all(points.get_linestyle() == "None" for points, _, _ in ax.containers)


def test_values_of_a_number_are_joined_by_a_line():
    found = fit("class", FORMULA).predictions_at({"years": [0, 5, 30]})
    ax = wlogit.plots.margins(found, alpha=0.2)
    ((line,)) = bars(ax)
    assert_allclose(line, np.column_stack([[0, 5, 30], frame_of(found, 0.2)]))
    assert ax.containers[0][0].get_linestyle() == "-"
    assert_allclose(ax.get_xticks(), [0, 5, 30])
    assert ax.get_xlabel() == "years"
    assert ax.get_ylabel() == (
        "Average probability of conflict = 1,\nclass weights taken out, 80% interval"
    )
    assert legend_words(ax) == []


@pytest.mark.parametrize(
    ("options", "label"),
    [
        ({"others": "mean"}, "Probability of conflict = 1,\nclass weights taken out, 95% interval"),
        (
            {"which": "mean"},
            "Average probability of conflict = 1,\nscale of the class weights, 95% interval",
        ),
        ({"which": "linear"}, "Average prediction of the log odds,\n95% interval"),
        (
            {"prevalence": 0.02},
            "Average probability of conflict = 1,\nat a prevalence of 0.02, 95% interval",
        ),
    ],
)
def test_predictions_say_of_what_and_at_which_scale(options, label):
    found = fit("class", FORMULA).predictions_at({"region": None}, **options)
    assert wlogit.plots.margins(found).get_ylabel() == label


def test_many_values_have_a_band():
    found = fit("none", FORMULA).predictions_at({"years": list(range(20)), "major": None})
    ax = wlogit.plots.margins(found)
    assert not ax.containers
    curves = [line for line in ax.get_lines() if len(line.get_xdata()) == 20]
    for level, (line, band) in enumerate(zip(curves, ax.collections, strict=True)):
        expected = frame_of(found).xs(level, level="major")
        assert_allclose(line.get_ydata(), expected["predicted"])
        corners = band.get_paths()[0].vertices
        for value, lower, upper in expected[["ci_lower", "ci_upper"]].itertuples():
            heights = corners[corners[:, 0] == value, 1]
            assert_allclose([heights.min(), heights.max()], [lower, upper])


def test_several_further_variables_make_lines_together():
    found = fit("none", FORMULA).predictions_at({"region": None, "contig": None, "major": None})
    ax = wlogit.plots.margins(found)
    words = legend_words(ax)
    assert len(words) == 4
    for word, line in zip(words, bars(ax), strict=True):
        contig, major = (int(part[-1]) for part in word.split(", "))
        expected = frame_of(found).xs((contig, major), level=("contig", "major"))
        assert_allclose(line[:, 1:], expected)


@pytest.mark.parametrize("size", [(7, 3), (10, 8)])
@pytest.mark.parametrize("levels", [{"region": None, "contig": None}, {"years": [0, 10, 20]}])
def test_in_a_grid_nothing_covers_anything(levels, size):
    _, axes = plt.subplots(1, 2, figsize=size, layout="constrained")
    ax = wlogit.plots.margins(fit("class", FORMULA).predictions_at(levels), axes[1])
    assert ax is axes[1]
    assert covering(ax) == []
