"""Confusion matrix, weights and influence: the numbers of the fit, whatever its weights."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit

import wlogit.formula.api as wsmf
import wlogit.plots
from tests.unit.plots.fits import (
    collections,
    covering,
    disputes,
    fit,
    fit_of_arrays,
    fit_of_counts,
    fit_of_fractions,
    legend_words,
    lines,
)

KINDS = ["none", "frequency", "sampling", "class", "mapping", "prevalence", "offset"]


@pytest.mark.parametrize("which", ["calibrated", "mean"])
@pytest.mark.parametrize("kind", KINDS)
def test_cells_hold_cases_and_weighted_shares_of_their_class(kind, which):
    results = fit(kind)
    ax = wlogit.plots.confusion(results, threshold=0.3, which=which)
    counts = results.pred_table(0.3, which=which).to_numpy()
    mass = results.pred_table(0.3, which=which, weighted=True).to_numpy()
    shares = mass / mass.sum(axis=1, keepdims=True)
    (image,) = ax.get_images()
    assert_allclose(image.get_array(), shares)
    for text in ax.texts:
        x, y = text.get_position()
        assert text.get_text() == f"{counts[y, x]:,.0f}\n{100 * shares[y, x]:.1f}%"
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0", "1"]
    assert ax.get_xlabel().startswith("Predicted: probability above 0.3")
    assert ax.get_ylabel() == "Observed conflict"


def test_classes_have_the_labels_of_the_outcome():
    ax = wlogit.plots.confusion(fit("class", "outcome ~ years"))
    for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
        assert [label.get_text() for label in labels] == ["peace", "war"]


def test_words_are_legible_on_every_shade():
    ax = wlogit.plots.confusion(fit("class"))
    (image,) = ax.get_images()
    shades = image.cmap(image.norm(image.get_array()))[..., :3] @ [0.2126, 0.7152, 0.0722]
    for text in ax.texts:
        x, y = text.get_position()
        assert abs(shades[y, x] - (text.get_color() == "white")) > 0.45


def test_a_class_without_cases_is_said():
    data = disputes().assign(m=lambda d: (d["conflict"] == 0) * 1.0)
    model = wsmf.weighted_logit("conflict ~ years", data)
    results = model.fit(disp=False)
    table = results.pred_table(0.5) * 0.0
    fake = type(
        "Results",
        (),
        {
            "pred_table": lambda self, *args, **kwargs: table,
            "weights": results.weights,
            "model": model,
        },
    )()
    ax = wlogit.plots.confusion(fake)
    assert {text.get_text() for text in ax.texts} == {"0\nno cases"}


# --------------------------------------------------------------------------------------- weights


def test_weights_of_two_classes_are_two_bars():
    results = fit("class")
    ax = wlogit.plots.weights(results)
    weights = results.weights
    for label in (0, 1):
        name = next(word for word in legend_words(ax) if word.startswith(f"conflict = {label}"))
        x, height = lines(ax)[name].get_data()
        assert_allclose(x, weights.class_weights[label] * weights.nobs / weights.total)
        assert_allclose(height, 1.0)
    title = ax.get_legend().get_title().get_text()
    assert title.startswith(f"Effective size: {weights.effective_size:,.1f}"[:18])


def test_sizes_by_class_are_those_of_kish():
    results = fit("mapping")
    words = legend_words(wlogit.plots.weights(results))
    for label, word in zip((0, 1), words, strict=True):
        w = disputes().query("conflict == @label")["w"]
        effective, cases = word.removeprefix(f"conflict = {label}: ").split(" of ")
        assert float(effective) == pytest.approx(w.sum() ** 2 / (w**2).sum(), abs=0.05)
        assert cases == str(len(w))


def test_many_weights_are_a_histogram_that_sums_to_one_in_each_class():
    results = fit("sampling")
    ax = wlogit.plots.weights(results)
    assert ax.get_xscale() == "log"
    w = disputes()["w"] / disputes()["w"].mean()
    outlines = [patch for patch in ax.patches if not patch.get_fill()]
    for label, stairs in zip((0, 1), outlines, strict=True):
        heights, edges, _ = stairs.get_data()
        assert_allclose(heights.sum(), 1.0)
        members = w[disputes()["conflict"] == label]
        expected = np.histogram(members, bins=edges * (1 + 1e-12 * np.r_[-1, np.zeros(29), 1]))[0]
        assert_allclose(heights, expected / len(members))


def test_frequency_weights_count_cases_of_weight_one():
    ax = wlogit.plots.weights(fit("frequency"))
    m = disputes().groupby("conflict")["m"].sum()
    assert legend_words(ax) == [f"conflict = {k}: {m[k]:,} of {m[k]:,}" for k in (0, 1)]
    assert_allclose([line.get_xdata() for line in ax.get_lines()], 1.0)


@pytest.mark.parametrize("made", [fit_of_counts, fit_of_fractions])
def test_counts_and_fractions_share_their_rows(made):
    results = made()
    ax = wlogit.plots.weights(results)
    assert_allclose([line.get_ydata() for line in ax.get_lines()], 1.0)
    assert covering(ax) == []


def test_a_dark_huge_weight_is_seen():
    w = disputes()["w"].to_numpy().copy()
    w[7] = 1e6
    results = wsmf.weighted_logit("conflict ~ years", disputes(), sampling_weights=w).fit(
        disp=False
    )
    ax = wlogit.plots.weights(results)
    heights = [patch.get_data()[0] for patch in ax.patches if not patch.get_fill()]
    assert sum(h[-1] for h in heights) > 0


# ------------------------------------------------------------------------------------- influence


@pytest.mark.parametrize("kind", KINDS)
def test_bubbles_are_the_influence_of_the_rows(kind):
    results = fit(kind)
    ax = wlogit.plots.influence(results, labels=0)
    found = results.get_influence()
    mass = np.broadcast_to(np.asarray(results.weights.row_weight), len(disputes()))
    event = disputes()["conflict"].to_numpy()
    cook = np.asarray(found.cooks_distance[0])
    present = np.flatnonzero(mass > 0)
    largest = present[np.argsort(-cook[present], kind="stable")][:60]
    for label in (0, 1):
        rows = largest[event[largest] == label]
        drawn = collections(ax)[f"conflict = {label}"]
        residual = found.resid_studentized
        if not results.weights.likelihood:
            residual = residual / np.sqrt(mass.sum() / results.nobs)
        points = np.column_stack([found.hat_matrix_diag, residual])[rows]
        assert_allclose(drawn.get_offsets(), points)
        assert_allclose(drawn.get_sizes(), 4 + 250 * cook[rows] / cook[present].max())
    assert ax.collections[0].get_array().sum() == len(present)
    mean = np.asarray(found.hat_matrix_diag)[present].mean()
    assert_allclose(lines(ax)["Mean leverage"].get_xdata(), mean)


def test_all_rows_of_a_small_fit_are_bubbles():
    results = fit_of_arrays()
    ax = wlogit.plots.influence(results)
    drawn = np.concatenate([collections(ax)[f"y = {k}"].get_offsets()[:, 0] for k in (0, 1)])
    assert_allclose(np.sort(drawn), np.sort(results.get_influence().hat_matrix_diag))


@pytest.mark.parametrize("labels", [3, 8])
def test_the_most_influential_rows_are_named_beside_their_points(labels):
    results = fit("class")
    ax = wlogit.plots.influence(results, labels=labels)
    cook = pd.Series(results.get_influence().cooks_distance[0], disputes().index)
    largest = [str(label) for label in cook.sort_values(ascending=False).index[:labels]]
    written = [text.get_text() for text in ax.texts]
    assert len(written) >= labels - 1
    assert written == [name for name in largest if name in written]
    assert covering(ax) == []


def test_more_rows_than_points_are_counted_in_cells():
    rng = np.random.default_rng(4)
    x = rng.normal(size=20_000)
    data = pd.DataFrame({"x": x, "y": (rng.random(20_000) < expit(x - 3)).astype(int)})
    results = wsmf.weighted_logit("y ~ x", data).fit(disp=False)
    ax = wlogit.plots.influence(results)
    cells, rest, events, *_ = ax.collections
    assert cells.get_array().sum() == 20_000
    assert len(rest.get_offsets()) + len(events.get_offsets()) == 60


def test_a_single_case_of_a_row_may_be_deleted():
    results = fit("frequency")
    ax = wlogit.plots.influence(results, unit="case", labels=0)
    found = results.get_influence("case")
    assert ax.get_xlabel() == "Leverage of one case"
    drawn = np.concatenate([collections(ax)[f"conflict = {k}"].get_offsets()[:, 0] for k in (0, 1)])
    # Rows without cases are left out.
    cook = np.where(disputes()["m"] > 0, found.cooks_distance[0], -1.0)
    largest = np.argsort(-cook)[:60]
    assert_allclose(np.sort(drawn), np.sort(np.asarray(found.hat_matrix_diag)[largest]))


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: wlogit.plots.influence(fit("class"), ax),
        lambda ax: wlogit.plots.weights(fit("mapping"), ax),
        lambda ax: wlogit.plots.confusion(fit("class"), ax),
        lambda ax: wlogit.plots.coefficients([fit("class"), fit("none")], ax),
    ],
)
@pytest.mark.parametrize("size", [(7, 3), (10, 8)])
def test_in_a_grid_nothing_covers_anything(draw, size):
    _, axes = plt.subplots(1, 2, figsize=size, layout="constrained")
    assert draw(axes[1]) is axes[1]
    assert covering(axes[1]) == []
