"""The fitted curve and the decision boundary: what is drawn is what the fit predicts."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, logit

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
from wlogit import WeightedLogit
from wlogit.plots.variables import class_masses

OTHERS = ["major", "contig", "power", "maxdem", "mindem"]


def held(kind):
    """Where the other variables are held: means over the cases in the population."""
    results = fit(kind)
    (mass,) = results.weights.averaging_mass
    mass = np.broadcast_to(mass, len(disputes()))
    return {name: np.average(disputes()[name], weights=mass) for name in OTHERS}


@pytest.mark.parametrize("names", [[0, 1, 2], [("a", 0), ("a", 1), ("b", 2)]])
def test_names_of_columns_need_not_be_strings(names):
    rng = np.random.default_rng(11)
    exog = np.column_stack([np.ones(90), rng.normal(size=(90, 2))])
    y = (rng.random(90) < expit(exog[:, 1])).astype(int)
    labels = pd.Index(names, tupleize_cols=False)
    results = WeightedLogit(y, pd.DataFrame(exog, columns=labels)).fit(disp=False)
    first, second = results.model.exog_names[1:]
    for options in ({}, {"at": {second: 0.5}}):
        ax = wlogit.plots.fitted_curve(results, first, **options)
        x, p = lines(ax)["Fitted"].get_data()
        other = options.get("at", {}).get(second, exog[:, 2].mean())
        b = np.asarray(results.params)
        assert_allclose(p, expit(b[0] + b[1] * x + b[2] * other), rtol=1e-10)
        assert ax.get_xlabel() == str(first)
    ax = wlogit.plots.decision_boundary(results, [second, first])
    assert (ax.get_xlabel(), ax.get_ylabel()) == (str(second), str(first))
    assert wlogit.plots.decision_boundary(results).get_ylabel() == str(second)
    with pytest.raises(ValueError, match="has no variable 'x'; it has"):
        wlogit.plots.fitted_curve(results, "x")


@pytest.mark.parametrize("which", ["calibrated", "mean"])
@pytest.mark.parametrize(
    "kind", ["none", "frequency", "sampling", "class", "mapping", "prevalence"]
)
def test_the_curve_is_what_the_fit_predicts_with_the_others_held(kind, which):
    results = fit(kind)
    ax = wlogit.plots.fitted_curve(results, "years", which=which, alpha=0.2)
    curve = lines(ax)["Fitted"]
    years = curve.get_xdata()
    assert_allclose([years[0], years[-1]], [disputes()["years"].min(), disputes()["years"].max()])
    new = pd.DataFrame(held(kind), index=range(len(years))).assign(years=years)
    expected = results.get_prediction(new, which=which).summary_frame(0.2)
    assert_allclose(curve.get_ydata(), expected["predicted"])
    lower, upper = (line for line in ax.get_lines() if line.get_label() == "_limit")
    assert_allclose(lower.get_ydata(), expected["ci_lower"])
    assert_allclose(upper.get_ydata(), expected["ci_upper"])
    assert legend_words(ax)[:2] == ["Fitted", "80% interval"]


def test_the_curve_moves_to_a_prevalence():
    results = fit("class")
    ax = wlogit.plots.fitted_curve(results, "years", prevalence=0.1, at={"contig": 1})
    new = pd.DataFrame({**held("class"), "contig": 1}, index=[0]).assign(years=0.0)
    expected = results.predict(new, prevalence=0.1)
    assert_allclose(lines(ax)["Fitted"].get_ydata()[0], expected)
    assert "at a prevalence of 0.1" in ax.get_ylabel()


@pytest.mark.parametrize("kind", ["sampling", "class"])
def test_the_curve_may_average_over_the_other_variables(kind):
    results = fit(kind)
    options = {"others": "observed", "at": {"contig": 1}}
    curve = lines(wlogit.plots.fitted_curve(results, "years", **options))["Fitted"]
    mass = np.broadcast_to(results.weights.averaging_mass[0], len(disputes()))
    for years, value in zip(curve.get_xdata()[::20], curve.get_ydata()[::20], strict=True):
        rows = results.predict(disputes().assign(contig=1, years=years), which="calibrated")
        assert value == pytest.approx(np.average(rows, weights=mass))


def test_an_offset_is_at_its_mean():
    results = fit("offset", "conflict ~ years")
    curve = lines(wlogit.plots.fitted_curve(results))["Fitted"]
    a, b = results.params
    weight = results.weights.class_weights
    eta = a + disputes()["o"].mean() - np.log(weight[1] / weight[0])
    assert_allclose(curve.get_ydata(), expit(eta + b * curve.get_xdata()))


def test_factors_are_at_their_reference_and_transforms_are_followed():
    formula = "conflict ~ np.log(power + 1) * region + C(major)"
    results = fit("none", formula)
    curve = lines(wlogit.plots.fitted_curve(results, "power"))["Fitted"]
    params = results.params
    eta = params["Intercept"] + params["np.log(power + 1)"] * np.log(curve.get_xdata() + 1)
    assert_allclose(curve.get_ydata(), expit(eta))
    west = lines(wlogit.plots.fitted_curve(results, "power", at={"region": "west"}))["Fitted"]
    slope = params["np.log(power + 1):region[T.west]"]
    eta = eta + params["region[T.west]"] + slope * np.log(curve.get_xdata() + 1)
    assert_allclose(west.get_ydata(), expit(eta))


def test_a_factor_without_a_reference_is_at_its_most_frequent_level():
    results = fit("none", "conflict ~ 0 + region + years")
    curve = lines(wlogit.plots.fitted_curve(results, "years"))["Fitted"]
    level = disputes()["region"].value_counts().idxmax()
    eta = results.params[f"region[{level}]"] + results.params["years"] * curve.get_xdata()
    assert_allclose(curve.get_ydata(), expit(eta))


def test_the_only_column_of_an_array_is_found():
    results = fit_of_arrays()
    ax = wlogit.plots.fitted_curve(results, threshold=0.5)
    curve = lines(ax)["Fitted"]
    assert_allclose(curve.get_ydata(), expit(results.params @ [np.ones(200), curve.get_xdata()]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x1", "Probability of y = 1")
    assert_allclose(lines(ax)["Threshold 0.5"].get_ydata(), 0.5)


def test_each_row_is_drawn_on_its_side_and_errors_are_crossed_out():
    results = fit_of_arrays()
    ax = wlogit.plots.fitted_curve(results, threshold=0.5)
    drawn = collections(ax)
    y, p = results.model.endog, results.predict()
    for label, of_class in (("y = 1", y == 1), ("y = 0", y == 0)):
        assert_allclose(drawn[label].get_offsets()[:, 0], np.flatnonzero(of_class))
    assert np.all(drawn["y = 1"].get_offsets()[:, 1] > 0.9)
    assert np.all(drawn["y = 0"].get_offsets()[:, 1] < 0.1)
    crossed = [one.get_offsets()[:, 0] for one in ax.collections if "wrongly" in one.get_label()]
    assert_allclose(np.sort(np.concatenate(crossed)), np.flatnonzero((p > 0.5) != y))
    words = ["Fitted", "95% interval", "Threshold 0.5", "y = 1", "y = 0", "Classified wrongly"]
    assert legend_words(ax) == words


def test_many_rows_are_bars_whose_heights_are_their_mass():
    results = fit("sampling")
    ax = wlogit.plots.fitted_curve(results, "years")
    for place, label in enumerate(["conflict = 0", "conflict = 1"]):
        corners = collections(ax)[label].get_paths()[0].vertices
        heights = np.abs(corners[:, 1] - place)
        mass = class_masses(results.weights, "calibrated")[place]
        bars, edges = np.histogram(disputes()["years"], bins=40, range=ax.get_xlim(), weights=mass)
        for start, bar in zip(edges, bars, strict=False):
            inside = heights[np.isclose(corners[:, 0], start)]
            assert np.isclose(inside, 0.09 * bar / bars.max()).any()


@pytest.mark.parametrize("which", ["calibrated", "mean"])
def test_shares_are_on_the_scale_of_the_curve(which):
    results = fit("class", "conflict ~ contig")
    ax = wlogit.plots.fitted_curve(results, which=which, data="shares")
    found = collections(ax)["Observed share"].get_offsets()
    share = disputes().groupby("contig")["conflict"].mean()
    if which == "mean":
        weight = results.weights.class_weights
        share = expit(logit(share) + np.log(weight[1] / weight[0]))
    # A fit with a parameter for each group meets their shares.
    assert_allclose(found, np.column_stack([[0.0, 1.0], share]))
    curve = lines(ax)["Fitted"].get_ydata()
    assert_allclose(curve[[0, -1]], share, rtol=1e-6)


def test_tenths_hold_equal_mass_and_average_to_the_share_of_events():
    results = fit("sampling", "conflict ~ power")
    ax = wlogit.plots.fitted_curve(results, data="shares")
    found = collections(ax)["Observed share"]
    assert len(found.get_offsets()) == 10
    weight = disputes()["w"]
    prevalence = np.average(disputes()["conflict"], weights=weight)
    mean = found.get_offsets()[:, 1].mean()
    assert mean == pytest.approx(prevalence, abs=0.02)
    assert found.get_offsets()[:, 0].mean() == pytest.approx(
        np.average(disputes()["power"], weights=weight), abs=0.02
    )


@pytest.mark.parametrize("made", [fit_of_counts, fit_of_fractions])
def test_counts_and_fractions_have_mass_on_both_sides(made):
    results = made()
    ax = wlogit.plots.fitted_curve(results, data="shares")
    words = legend_words(ax)
    assert len(words) == 5
    masses = class_masses(results.weights, "calibrated")
    for label, mass in zip(words[2:4], masses[::-1], strict=True):
        assert len(collections(ax)[label].get_offsets()) == np.count_nonzero(mass)
    assert covering(ax) == []


def test_small_probabilities_fill_the_axes():
    ax = wlogit.plots.fitted_curve(fit("prevalence"), "years")
    top = max(line.get_ydata().max() for line in ax.get_lines())
    assert top < 0.1
    assert ax.get_ylim()[1] < 1.5 * top
    assert min(ax.get_yticks()) >= 0


@pytest.mark.filterwarnings("ignore::wlogit.errors.SeparationWarning")
def test_a_separated_fit_has_a_curve_without_a_band():
    x = np.arange(12.0)
    results = WeightedLogit((x > 5).astype(int), np.c_[np.ones(12), x]).fit(disp=False)
    ax = wlogit.plots.fitted_curve(results)
    assert legend_words(ax) == ["Fitted", "y = 1", "y = 0"]


def test_a_hundred_thousand_rows_are_few_artists():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(100_000, 2))
    y = (rng.random(100_000) < expit(x @ [1.0, -1.0] - 2)).astype(int)
    data = pd.DataFrame(x, columns=["a", "b"]).assign(y=y)
    results = wsmf.weighted_logit("y ~ a + b", data, class_weight="balanced").fit(disp=False)
    ax = wlogit.plots.fitted_curve(results, "a", data="shares")
    assert sum(len(path.vertices) for one in ax.collections for path in one.get_paths()) < 3000
    ax = wlogit.plots.decision_boundary(results)
    assert sum(len(one.get_offsets()) for one in ax.collections) < 600


# ------------------------------------------------------------------------------------- boundary


@pytest.mark.parametrize("which", ["calibrated", "mean"])
def test_the_boundary_is_where_the_fit_predicts_the_threshold(which):
    results = fit("class", "conflict ~ power + years")
    ax = wlogit.plots.decision_boundary(results, threshold=0.4, which=which)
    (contour,) = [one for one in ax.collections if np.size(one.get_linewidths()) and _is_line(one)]
    points = contour.get_paths()[0].vertices
    new = pd.DataFrame(points, columns=["power", "years"])
    assert_allclose(results.predict(new, which=which), 0.4, atol=2e-4)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("power", "years")
    assert legend_words(ax)[0] == "Threshold 0.4"


def _is_line(collection):
    return collection.get_edgecolor().shape == (1, 4) and np.all(
        collection.get_edgecolor() == [0, 0, 0, 1]
    )


def test_the_other_variables_are_held_on_the_surface():
    results = fit("none")
    ax = wlogit.plots.decision_boundary(results, ["years", "power"], at={"contig": 1})
    (contour,) = [one for one in ax.collections if _is_line(one)]
    points = contour.get_paths()[0].vertices
    new = pd.DataFrame({**held("none"), "contig": 1}, index=range(len(points)))
    new = new.assign(years=points[:, 0], power=points[:, 1])
    assert_allclose(results.predict(new), 0.5, atol=2e-4)


def test_a_threshold_that_is_never_reached_is_said():
    ax = wlogit.plots.decision_boundary(fit("prevalence"), ["years", "power"])
    assert legend_words(ax)[0] == "Threshold 0.5 (not reached)"


def test_rows_are_drawn_by_class_and_samples_say_so():
    results = fit("none", "conflict ~ power + years")
    ax = wlogit.plots.decision_boundary(results)
    rows = disputes().groupby("conflict").size()
    assert legend_words(ax)[1:] == [f"conflict = {k} (250 of {rows[k]})" for k in (0, 1)]
    for k in (0, 1):
        points = collections(ax)[legend_words(ax)[1 + k]].get_offsets()
        members = disputes().query("conflict == @k")[["power", "years"]].to_numpy()
        assert len(np.unique(points, axis=0)) > 100
        assert {tuple(p) for p in np.asarray(points)} <= {tuple(m) for m in members}
    bare = wlogit.plots.decision_boundary(results, data=False)
    assert legend_words(bare) == ["Threshold 0.5"]


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: wlogit.plots.fitted_curve(fit("class"), "years", ax, threshold=0.5),
        lambda ax: wlogit.plots.decision_boundary(fit("class"), ["years", "power"], ax),
    ],
)
@pytest.mark.parametrize("size", [(7, 3), (10, 8)])
def test_in_a_grid_nothing_covers_anything(draw, size):
    _, axes = plt.subplots(1, 2, figsize=size, layout="constrained")
    assert draw(axes[1]) is axes[1]
    assert covering(axes[1]) == []
