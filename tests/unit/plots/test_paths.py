"""Figures of a path: what is drawn, where the names stand, and that none covers another."""

from itertools import pairwise
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import wlogit.plots
from wlogit.plots.labels import spread

ALPHAS = np.geomspace(0.3, 0.003, 25)
NAMES = ["const", "age", "dose", "sex", "weight", "height", "idle"]
# Ends within a hair of each other, so that their names have to move; "idle" never moves.
SLOPES = np.array([0.5, 1.0, 1.001, -0.4, 0.999, 1.002, 0.0])


def results(slopes=SLOPES, names=NAMES, **changes):
    grown = np.linspace(0, 1, len(ALPHAS))[:, None] * slopes
    grown[:, 0] = -40.0
    frame = pd.DataFrame({"alpha": ALPHAS, "mean": 1 + 0.1 * np.cos(np.arange(25.0)), "se": 0.05})
    frame["n_nonzero"] = np.count_nonzero(grown[:, 1:], axis=1)
    made = {
        "alphas": ALPHAS,
        "coefs": pd.DataFrame(grown, pd.Index(ALPHAS, name="alpha"), names),
        "constant": "const",
        "chosen": {"best": ALPHAS[18], "one standard error": ALPHAS[11]},
        "cv": frame,
        "criterion": "deviance",
    }
    return SimpleNamespace(**(made | changes))


def texts(ax):
    return {text.get_text(): text for text in ax.texts}


def boxes(ax):
    ax.figure.draw_without_rendering()
    renderer = ax.figure.canvas.get_renderer()
    return {text.get_text(): mpl.text.Text.get_window_extent(text, renderer) for text in ax.texts}


def test_every_coefficient_that_moves_has_a_line_and_a_name_in_its_color():
    ax = wlogit.plots.path(results())
    lines = {line.get_label(): line for line in ax.get_lines() if line.get_label() in NAMES}
    assert set(lines) == {"age", "dose", "sex", "weight", "height"}
    assert set(texts(ax)) == set(lines)
    for name, line in lines.items():
        assert_allclose(line.get_xdata(), ALPHAS)
        assert_allclose(line.get_ydata(), results().coefs[name])
        assert texts(ax)[name].get_color() == line.get_color()
        assert texts(ax)[name].xy == (1.0, line.get_ydata()[-1])


@pytest.mark.parametrize("size", [(6, 4), (5, 2.2), (9, 7)])
@pytest.mark.parametrize("count", [6, 30])
def test_no_name_covers_another_and_all_stand_right_of_the_axes(size, count):
    slopes = np.r_[0.0, 1.0 + 1e-3 * np.arange(count), -0.4]
    names = ["const", *(f"covariate {j}" for j in range(count + 1))]
    _, ax = plt.subplots(figsize=size, layout="constrained")
    assert wlogit.plots.path(results(slopes, names), ax) is ax
    placed, frame = boxes(ax), ax.get_window_extent()
    tops = sorted(placed.values(), key=lambda box: box.y0)
    assert len(tops) >= 6
    assert all(lower.y1 <= upper.y0 + 0.5 for lower, upper in pairwise(tops))
    assert all(box.x0 > frame.x1 for box in tops)
    assert tops[0].y0 > frame.y0 - 4
    assert tops[-1].y1 < frame.y1 + 4
    assert max(box.x1 for box in tops) <= ax.figure.bbox.x1 + 1
    # In the order of the ends of the lines.
    ends = results(slopes, names).coefs.iloc[-1]
    assert np.all(np.diff([ends[name] for name in sorted(placed, key=lambda n: placed[n].y0)]) >= 0)


def test_the_largest_coefficients_are_named_when_not_all_can_be():
    ax = wlogit.plots.path(results(), max_labels=2)
    assert set(texts(ax)) == {"height", "dose"}
    gray = {line.get_label() for line in ax.get_lines() if line.get_color() == "0.8"}
    assert gray == {"age", "weight", "sex"}
    bare = wlogit.plots.path(results(), max_labels=0)
    assert texts(bare) == {}
    assert len({line.get_color() for line in bare.get_lines() if line.get_label() in NAMES}) == 5


def test_the_penalty_falls_to_the_right_on_a_log_scale():
    ax = wlogit.plots.path(results())
    assert ax.get_xscale() == "log"
    assert ax.get_xlim() == pytest.approx((ALPHAS[0], ALPHAS[-1]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Penalty (alpha)", "Coefficient")
    ax.figure.draw_without_rendering()
    ticks = {text.get_text() for text in ax.get_xticklabels(which="both")}
    assert {"0.2", "0.1", "0.05", "0.02", "0.01", "0.005"} <= ticks
    assert not any("times" in tick for tick in ticks)


def test_the_norm_leaves_the_constant_out():
    ax = wlogit.plots.path(results(), x="l1")
    norms = np.abs(results().coefs.drop(columns="const")).sum(axis=1)
    line = next(line for line in ax.get_lines() if line.get_label() == "age")
    assert_allclose(line.get_xdata(), norms)
    marked = [line.get_xdata()[0] for line in ax.get_lines() if line.get_label() == "best"]
    assert_allclose(marked, norms.iloc[18])


@pytest.mark.parametrize("draw", [wlogit.plots.path, wlogit.plots.cross_validation])
def test_what_cross_validation_chose_is_marked_and_in_the_legend(draw):
    ax = draw(results())
    marks = {line.get_label(): line.get_xdata() for line in ax.get_lines()}
    assert_allclose(marks["best"], ALPHAS[18])
    assert_allclose(marks["one standard error"], ALPHAS[11])
    shown = [text.get_text() for text in ax.get_legend().get_texts()]
    assert shown == ["best", "one standard error"]
    assert draw(results(chosen={})).get_legend() is None


def test_cross_validation_has_bars_of_one_standard_error_and_counts_above():
    ax = wlogit.plots.cross_validation(results())
    (container,) = ax.containers
    points, _, (bars,) = container
    assert_allclose(points.get_xdata(), ALPHAS)
    assert_allclose(points.get_ydata(orig=False), results().cv["mean"])
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    assert_allclose(ends.mean(axis=1), results().cv["mean"])
    assert_allclose(np.diff(ends)[:, 0], 0.1)
    assert ax.get_ylabel() == "Deviance of a case, held out"
    (above,) = ax.child_axes
    ax.figure.draw_without_rendering()
    counts = dict(
        zip(above.get_xticks(), (t.get_text() for t in above.get_xticklabels()), strict=True)
    )
    assert counts[ALPHAS[0]] == "0"
    assert counts[ALPHAS[-1]] == "5"


def test_an_alpha_of_zero_is_left_out_of_a_log_scale():
    alphas = np.r_[ALPHAS[:-1], 0.0]
    made = results(alphas=alphas)
    ax = wlogit.plots.path(made)
    assert ax.get_xlim() == pytest.approx((ALPHAS[0], ALPHAS[-2]))


def test_unknown_axes_are_refused():
    with pytest.raises(ValueError, match="'alpha', 'l1'"):
        wlogit.plots.path(results(), x="lambda")


def test_it_draws_on_an_axes_of_a_subfigure():
    sub = plt.figure().subfigures(1, 2)
    assert set(texts(wlogit.plots.path(results(), sub[0].subplots()))) >= {"age", "sex"}


@given(st.lists(st.floats(-100, 100), min_size=0, max_size=12), st.floats(0.01, 20))
@settings(max_examples=80, deadline=None)
def test_spread_keeps_order_and_distance_and_moves_no_further_than_needed(positions, gap):
    from scipy.optimize import lsq_linear

    positions = np.array(positions)
    placed = spread(positions, gap)
    order = np.argsort(positions, kind="stable")
    assert np.all(np.diff(placed[order]) >= gap * (1 - 1e-9))
    if len(positions) < 2:
        assert_allclose(placed, positions)
        return
    # Least squares under the same constraints, by another algorithm.
    steps = np.tril(np.ones((len(positions), len(positions))))
    target = positions[order] - gap * np.arange(len(positions))
    bounds = (np.r_[-np.inf, np.zeros(len(positions) - 1)], np.inf)
    found = lsq_linear(steps, target, bounds, method="bvls")
    best = steps @ found.x + gap * np.arange(len(positions))
    assert_allclose(placed[order], best, atol=1e-7)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=12))
@settings(max_examples=60, deadline=None)
def test_spread_within_bounds_is_the_nearest_that_fits(positions):
    from scipy.optimize import minimize

    positions, gap, low, high = np.sort(positions), 3.0, -20.0, 30.0
    placed = spread(positions, gap, low, high)
    assert placed[0] >= low - 1e-9
    assert placed[-1] <= high + 1e-9
    assert np.all(np.diff(placed) >= gap * (1 - 1e-9))
    apart = [
        {"type": "ineq", "fun": lambda p, i=i: p[i + 1] - p[i] - gap}
        for i in range(len(placed) - 1)
    ]
    best = minimize(
        lambda p: np.sum((p - positions) ** 2),
        np.linspace(low, high, len(placed)),
        jac=lambda p: 2 * (p - positions),
        bounds=[(low, high)] * len(placed),
        constraints=apart,
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert np.sum((placed - positions) ** 2) <= best.fun * (1 + 1e-6) + 1e-6
