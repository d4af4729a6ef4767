"""Forest plots: every coefficient with its interval, and no word over another."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import wlogit.formula.api as wsmf
import wlogit.plots
from tests.unit.plots.fits import covering, disputes, fit, legend_words
from wlogit.datasets import load_endometrial
from wlogit.plots.bars import in_words

NAMES = ["major", "contig", "power", "maxdem", "mindem", "years"]


def drawn(ax):
    """Estimates, lower and upper limits by row, of every fit in turn."""
    points = [
        line for line in ax.get_lines() if line.get_marker() in "osD^" and len(line.get_xdata())
    ]
    bars = [one for one in ax.collections if one.get_segments()]
    for line, bar in zip(points, bars, strict=True):
        ends = np.array([segment[:, 0] for segment in bar.get_segments()])
        yield np.column_stack([line.get_xdata(), ends]), line.get_ydata()


@pytest.mark.parametrize("kind", ["none", "class", "prevalence"])
def test_coefficients_are_those_of_the_fit(kind):
    results = fit(kind)
    ax = wlogit.plots.coefficients(results, alpha=0.1)
    ((found, rows),) = drawn(ax)
    expected = pd.concat([results.params, results.conf_int(0.1)], axis=1).loc[NAMES]
    assert_allclose(found, expected, rtol=1e-12)
    assert_allclose(rows, -np.arange(6.0))
    assert [label.get_text() for label in ax.get_yticklabels()] == NAMES
    assert ax.get_xlabel() == "Coefficient, 90% interval"
    assert legend_words(ax) == []


def test_odds_ratios_are_on_a_log_scale_with_their_numbers_beside():
    results = fit("class")
    ax = wlogit.plots.odds_ratios(results)
    ((found, _),) = drawn(ax)
    table = results.odds_ratios().loc[NAMES]
    assert_allclose(found, table[["OR", "lower", "upper"]], rtol=1e-12)
    assert ax.get_xscale() == "log"
    written = [text.get_text() for text in ax.texts]
    ratio, lower, upper = table.iloc[0, :3]
    assert written[0] == f"{ratio:.2f} ({lower:.2f} to {upper:.2f})"
    assert written[-1] == "Odds ratio (95%)"
    assert len(written) == 7


def test_fits_stand_side_by_side_by_the_names_of_their_coefficients():
    short = fit("none", "conflict ~ years + contig")
    ax = wlogit.plots.coefficients({"all": fit("class"), "two": short}, intercept=True)
    (_, first), (found, rows) = drawn(ax)
    assert len(first) == 7
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["Intercept", *NAMES]
    order = [labels[int(np.rint(-row))] for row in rows]
    assert order == ["Intercept", "contig", "years"]
    assert_allclose(found[:, 0], short.params[order])
    assert legend_words(ax) == ["all", "two"]
    assert np.all(first[[0, 2, 6]] > rows)


def test_fits_are_named_by_what_tells_them_apart():
    weights = [fit("none"), fit("class")]
    assert legend_words(wlogit.plots.coefficients(weights)) == ["no weights", "class weights"]
    covariances = [fit("class"), fit("class").with_covariance("HC0")]
    assert legend_words(wlogit.plots.coefficients(covariances)) == ["HC3", "HC0"]
    same = [fit("class"), fit("class")]
    assert legend_words(wlogit.plots.odds_ratios(same)) == ["(1)", "(2)"]
    given = wlogit.plots.odds_ratios(same, names=["a", "b"])
    assert legend_words(given) == ["a", "b"]


def test_coefficients_are_chosen_and_ordered_by_name():
    ax = wlogit.plots.coefficients(fit(), variables=["years", "Intercept"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["years", "Intercept"]


@pytest.mark.filterwarnings("ignore::wlogit.errors.SeparationWarning")
def test_a_separated_coefficient_has_a_row_and_no_point():
    results = wsmf.weighted_logit("HG ~ NV + PI + EH", load_endometrial()).fit(disp=False)
    ax = wlogit.plots.odds_ratios(results)
    ((found, rows),) = drawn(ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["NV", "PI", "EH"]
    assert_allclose(rows, [-1.0, -2.0])
    assert_allclose(found[:, 0], np.exp(results.params[["PI", "EH"]]))
    assert ax.texts[0].get_text() == "no valid interval"
    assert ax.get_xlim()[1] < 10


def test_an_interval_far_longer_than_the_others_ends_in_an_arrow():
    data = disputes().assign(rare=lambda d: (np.arange(len(d)) < 12) * 0.05)
    results = wsmf.weighted_logit("conflict ~ rare + maxdem + mindem + years", data).fit(disp=False)
    ax = wlogit.plots.coefficients(results, variables=["maxdem", "mindem", "years", "rare"])
    low, high = ax.get_xlim()
    width = np.diff(results.conf_int().loc["rare"])[0]
    arrows = [
        line for line in ax.get_lines() if line.get_marker() in "<>" and len(line.get_xdata())
    ]
    assert high - low < width
    assert [line.get_ydata()[0] for line in arrows] == [-3.0] * len(arrows)
    assert len(arrows) >= 1


def thirty():
    rng = np.random.default_rng(2)
    names = [f"indicator of something that takes long to say, number {j:02d}" for j in range(30)]
    data = pd.DataFrame(rng.normal(size=(400, 30)), columns=names)
    data["y"] = rng.integers(0, 2, 400)
    formula = "y ~ " + " + ".join(f'Q("{name}")' for name in names)
    return wsmf.weighted_logit(formula, data).fit(disp=False)


@pytest.mark.parametrize("size", [None, (7, 3), (7, 9)])
@pytest.mark.parametrize("draw", [wlogit.plots.coefficients, wlogit.plots.odds_ratios])
def test_thirty_long_names_are_told_apart_and_cover_nothing(draw, size):
    ax = size and plt.subplots(1, 2, figsize=size, layout="constrained")[1][1]
    ax = draw(thirty(), ax)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(set(labels)) == 30
    assert max(map(len, labels)) < 40
    assert len(ax.texts) == (31 if size is None and draw is wlogit.plots.odds_ratios else 0)
    assert covering(ax) == []


def test_it_draws_on_the_axes_given_and_nowhere_else():
    figure, axes = plt.subplots(1, 2, layout="constrained")
    for draw in (wlogit.plots.coefficients, wlogit.plots.odds_ratios):
        assert draw(fit(), axes[1]) is axes[1]
    assert not axes[0].has_data()
    assert plt.get_fignums() == [figure.number]


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        ((1, 0.5, 2), "1.00 (0.50 to 2.00)"),
        ((-0.5, -1, 0), "-0.50 (-1.00 to 0.00)"),
        ((0.012, 0.0105, 0.0136), "0.0120 (0.0105 to 0.0136)"),
        ((1.05, 1.02, 1.09), "1.050 (1.020 to 1.090)"),
        ((1.2e6, 10, 1e9), "1.20e+06 (1.00e+01 to 1.00e+09)"),
        ((2e-6, 1e-6, 3e-6), "2.00e-06 (1.00e-06 to 3.00e-06)"),
    ],
)
def test_numbers_beside_have_the_decimals_that_their_interval_takes(numbers, written):
    assert in_words(*numbers) == written.replace("-", "\N{MINUS SIGN}")
