"""ROC, precision-recall and calibration: the curves of the results, marked and named."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn import metrics

import wlogit.plots
from tests.unit.plots.fits import (
    collections,
    covering,
    disputes,
    fit,
    fit_of_counts,
    fit_of_fractions,
    legend_words,
    lines,
)

KINDS = ["none", "frequency", "sampling", "class", "mapping", "prevalence"]


def mass_of(kind):
    mass = fit(kind).weights.averaging_mass[0]
    return np.broadcast_to(mass, len(disputes()))


@pytest.mark.parametrize("kind", KINDS)
def test_the_roc_curve_is_that_of_the_cases_by_mass(kind):
    results = fit(kind)
    ax = wlogit.plots.roc(results, alpha=0.1)
    (word,) = legend_words(ax)
    curve = lines(ax)[word]
    y, p = disputes()["conflict"], results.predict(which="calibrated")
    theirs = metrics.roc_curve(y, p, sample_weight=mass_of(kind), drop_intermediate=False)
    assert points(curve.get_data()) == points(theirs[:2])
    area = results.auc(0.1)
    assert word == f"AUC {area.auc:.3f} ({area.ci[0]:.3f} to {area.ci[1]:.3f})"


def points(pairs):
    return {
        (round(float(x), 9) + 0.0, round(float(y), 9) + 0.0) for x, y in zip(*pairs, strict=True)
    }


@pytest.mark.parametrize("which", ["calibrated", "mean"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_threshold_is_marked_where_the_cases_above_it_are(kind, which):
    results = fit(kind)
    y, mass = disputes()["conflict"].to_numpy(), mass_of(kind)
    above = np.asarray(results.predict(which=which)) > 0.3
    tpr = mass[above & (y == 1)].sum() / mass[y == 1].sum()
    fpr = mass[above & (y == 0)].sum() / mass[y == 0].sum()
    precision = mass[above & (y == 1)].sum() / mass[above].sum()
    ax = wlogit.plots.roc(results, threshold=0.3, which=which)
    assert_allclose(np.ravel(lines(ax)["_threshold"].get_data()), [fpr, tpr])
    ax = wlogit.plots.precision_recall(results, threshold=0.3, which=which)
    assert_allclose(np.ravel(lines(ax)["_threshold"].get_data()), [tpr, precision])
    assert "Threshold 0.3" in legend_words(ax)


@pytest.mark.parametrize("kind", KINDS)
def test_precision_and_recall_are_those_of_the_cases_by_mass(kind):
    results = fit(kind)
    ax = wlogit.plots.precision_recall(results)
    found = results.precision_recall()
    y, p = disputes()["conflict"], results.predict(which="calibrated")
    precision, recall, _ = metrics.precision_recall_curve(y, p, sample_weight=mass_of(kind))
    (word, guess) = legend_words(ax)
    curve = lines(ax)[word]
    assert curve.get_drawstyle() == "steps-pre"
    # scikit-learn leaves out thresholds beyond full recall.
    assert points((recall, precision)) <= points(curve.get_data())
    full = [(x, y) for x, y in points(curve.get_data()) if x < 1]
    assert set(full) <= points((recall, precision))
    average = found.average_precision
    assert word == (
        f"Average precision {average.value:.3f} ({average.ci[0]:.3f} to {average.ci[1]:.3f})"
    )
    share = np.average(y, weights=mass_of(kind))
    assert guess == f"Prevalence {share:.3g}"
    assert_allclose(lines(ax)[guess].get_ydata(), share)


def test_precision_is_moved_to_a_prevalence():
    ax = wlogit.plots.precision_recall(fit("class"), prevalence=0.01, threshold=0.5)
    found = fit("class").precision_recall(prevalence=0.01)
    assert_allclose(lines(ax)[legend_words(ax)[0]].get_ydata(), found.precision)
    tpr, precision = np.ravel(lines(ax)["_threshold"].get_data())
    (at,) = np.flatnonzero(np.isclose(found.recall, tpr) & np.isclose(found.precision, precision))[
        :1
    ]
    assert found.thresholds[at] == pytest.approx(0.5, abs=0.02)


def test_several_fits_have_their_names_and_each_prevalence_once():
    fits = {"a": fit("none"), "b": fit("class"), "c": fit("prevalence")}
    ax = wlogit.plots.precision_recall(fits)
    words = legend_words(ax)
    assert [word[:3] for word in words[:3]] == ["a: ", "b: ", "c: "]
    assert len(words) == 5
    ax = wlogit.plots.roc(fits, threshold=0.5)
    styles = {lines(ax)[word].get_linestyle() for word in legend_words(ax)[:3]}
    assert len(styles) == 3
    assert len([line for line in ax.get_lines() if line.get_label() == "_threshold"]) == 3


def test_a_long_curve_is_drawn_with_the_points_that_a_page_can_show():
    from wlogit.plots.receiver import _seen

    rng = np.random.default_rng(3)
    x, y = np.sort(rng.random(200_000)), np.sort(rng.random(200_000))
    kept = _seen(x, y)
    assert len(kept) < 8000
    assert_allclose(np.interp(x, x[kept], y[kept]), y, atol=2e-3)
    assert (kept[0], kept[-1]) == (0, 199_999)


# ----------------------------------------------------------------------------------- calibration


@pytest.mark.parametrize("kind", KINDS)
def test_bins_and_curve_are_those_of_the_results(kind):
    results = fit(kind)
    ax = wlogit.plots.calibration(results, bins=6, alpha=0.1)
    found = results.calibration(6, 0.1)
    (container,) = ax.containers
    points, _, (bars,) = container
    assert_allclose(points.get_xdata(), found.table["predicted"])
    assert_allclose(points.get_ydata(), found.table["observed"])
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    assert_allclose(ends, found.table[["ci_lower", "ci_upper"]], atol=1e-12)
    smooth = lines(ax)["Smooth, 90% band"]
    assert_allclose(smooth.get_xdata(), found.smooth["predicted"])
    assert_allclose(smooth.get_ydata(), found.smooth["observed"])
    assert_allclose(*np.array(lines(ax)["Ideal"].get_data()))
    said = ax.get_legend().get_title().get_text().replace("\N{MINUS SIGN}", "-")
    assert said.startswith(
        f"Intercept {found.intercept.value + 0.0:.2f} (".replace("-0.00", "0.00")
    )
    assert f"slope {found.slope.value:.2f} (" in said.lower()
    assert covering(ax) == []


def test_cases_lie_at_their_probabilities_on_the_side_of_their_class():
    results = fit("class")
    ax = wlogit.plots.calibration(results)
    p = np.asarray(results.predict(which="calibrated"))
    for k, label in enumerate(["conflict = 0", "conflict = 1"]):
        corners = collections(ax)[label].get_paths()[0].vertices
        members = p[disputes()["conflict"] == k]
        bars, edges = np.histogram(members, bins=40, range=ax.get_xlim())
        heights = np.abs(corners[:, 1] - k)
        for start, bar in zip(edges, bars, strict=False):
            inside = heights[np.isclose(corners[:, 0], start)]
            assert np.isclose(inside, 0.09 * bar / bars.max()).any()


def test_small_probabilities_fill_the_axes():
    ax = wlogit.plots.calibration(fit("prevalence"))
    assert ax.get_xlim()[1] < 0.3
    assert "population scale" in ax.get_xlabel()


def test_parts_may_be_left_out():
    ax = wlogit.plots.calibration(fit(), smooth=False, distribution=False, bins=[0, 0.2, 0.5, 1])
    assert legend_words(ax) == ["Ideal", "Bins, 95% interval"]
    assert len(ax.containers[0][0].get_xdata()) == 3


@pytest.mark.parametrize("which", ["calibrated", "mean"])
def test_other_cases_have_these_figures_too(which):
    results, new = fit("class"), disputes().iloc[::3]
    held_out = results.evaluate(new)
    y, p = new["conflict"].to_numpy(), np.asarray(results.predict(new, which=which))
    ax = wlogit.plots.confusion(held_out, threshold=0.4, which=which)
    counts = metrics.confusion_matrix(y, p > 0.4)
    for text in ax.texts:
        column, row = text.get_position()
        share = counts[row, column] / counts[row].sum()
        assert text.get_text() == f"{counts[row, column]}\n{100 * share:.1f}%"
    ax = wlogit.plots.roc({"fitted": results, "new": held_out}, threshold=0.4, which=which)
    marks = [line.get_data() for line in ax.get_lines() if line.get_label() == "_threshold"]
    assert_allclose(np.ravel(marks[1]), counts[:, 1] / counts.sum(axis=1))
    assert f"{metrics.roc_auc_score(y, p):.3f}" in legend_words(ax)[1]
    ax = wlogit.plots.precision_recall(held_out, threshold=0.4, which=which)
    recall = metrics.recall_score(y, p > 0.4), metrics.precision_score(y, p > 0.4)
    assert_allclose(np.ravel(lines(ax)["_threshold"].get_data()), recall)
    ax = wlogit.plots.calibration(held_out)
    assert_allclose(ax.containers[0][0].get_xdata(), held_out.calibration().table["predicted"])
    assert ax.get_xlabel() == "Predicted probability"


@pytest.mark.parametrize("made", [fit_of_counts, fit_of_fractions])
@pytest.mark.parametrize("draw", ["roc", "precision_recall", "calibration"])
def test_counts_and_fractions_have_these_figures_too(made, draw):
    options = {"bins": 4} if draw == "calibration" else {"threshold": 0.5}
    ax = getattr(wlogit.plots, draw)(made(), **options)
    assert covering(ax) == []


@pytest.mark.parametrize("size", [(7, 3.5), (10, 8)])
@pytest.mark.parametrize("draw", ["roc", "precision_recall", "calibration"])
def test_in_a_grid_nothing_covers_anything(draw, size):
    _, axes = plt.subplots(1, 2, figsize=size, layout="constrained")
    ax = getattr(wlogit.plots, draw)(fit("class"), axes[1])
    assert ax is axes[1]
    assert covering(ax) == []


def test_the_band_of_rare_events_is_cut_by_the_axes_and_not_at_its_points():
    from wlogit.formula.api import weighted_logit

    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(4000, 2)), columns=["x1", "x2"])
    chance = 1 / (1 + np.exp(6.5 - 2.0 * frame["x1"] - frame["x2"]))
    results = weighted_logit(
        "event ~ x1 + x2", frame.assign(event=(rng.random(4000) < chance).astype(int))
    ).fit(disp=False)
    found = results.calibration()
    ax = wlogit.plots.calibration(results)
    (band,) = [patch for patch in ax.collections if patch.get_alpha() == 0.18]
    drawn = band.get_paths()[0].vertices
    assert found.smooth["ci_upper"].max() > ax.get_ylim()[1]
    assert np.isclose(drawn[:, 1].max(), found.smooth["ci_upper"].max())
    # Close together where the cases are, in probability as well.
    steps = np.diff(found.smooth["predicted"])
    assert steps.max() <= 0.011 * (found.smooth["predicted"].max())
