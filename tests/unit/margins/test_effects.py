"""Effects of columns and of variables, against predictions and closed forms."""

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import expit

from wlogit import (
    DesignError,
    InferenceWarning,
    NotAvailableError,
    SeparationWarning,
    WeightedLogit,
)
from wlogit.formula.api import weighted_logit


@cache
def data():
    rng = np.random.default_rng(6)
    n = 160
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.gamma(2.0, 1.0, n)})
    frame["g"] = np.resize(["a", "b", "c"], n)
    frame["flag"] = rng.random(n) < 0.4
    frame["d"] = rng.integers(0, 2, n)
    frame["w"], frame["m"] = rng.gamma(3.0, 1.0, n), rng.integers(0, 4, n)
    frame["o"] = rng.normal(0.0, 0.4, n)
    eta = -1.0 + 0.6 * frame["x"] + 0.3 * frame["d"] + 0.4 * (frame["g"] == "b")
    frame["y"] = (rng.random(n) < expit(eta)).astype(int)
    return frame


@cache
def fit(right="x + z + d + C(g)", **options):
    return weighted_logit(f"y ~ {right}", data(), **options).fit(disp=False)


WEIGHTED = {"class_weight": "balanced", "sampling_weights": "w", "freq_weights": "m", "offset": "o"}


def mass():
    return data()["w"] * data()["m"]


def average(results, frame, which="calibrated"):
    predicted = results.predict(frame, which=which)
    return np.average(predicted, weights=mass() if results.weights.has_sampling else None)


SMOOTH = {
    "a polynomial": "z + I(z ** 2) + I(z ** 3) + x",
    "an interaction": "z * x + z:C(g) + d",
    "a logarithm": "np.log(z) + x",
    "a spline": "bs(z, df=5) + x",
    "a natural spline": "cr(z, df=4, constraints='center') + x + x:z",
    "a centered square": "center(z) + I(center(z) ** 2) + x",
    "a square root": "np.sqrt(z) + z:d",
}


@pytest.mark.parametrize("options", [{}, WEIGHTED], ids=["no weights", "all weights"])
@pytest.mark.parametrize("right", SMOOTH.values(), ids=SMOOTH)
def test_the_slope_of_a_variable_is_that_of_the_average_prediction(right, options):
    results = fit(right, **options)
    found = results.get_margeff(variables=["z"])
    step = 1e-5
    inside = data()["z"]
    if "bs(" in right:  # which is not defined beyond the data
        inside = np.clip(inside, inside.min() + step, inside.max() - step)
    up, down = (average(results, data().assign(z=inside + s)) for s in (step, -step))
    assert found.names == ["z"]
    assert_allclose(found.margeff[0], (up - down) / (2 * step), rtol=2e-5)


def test_the_slope_of_a_quadratic_is_exact():
    results = fit("x + I(x ** 2) + x:d + z")
    b, x, d = results.params, data()["x"], data()["d"]
    p = results.predict()
    expected = np.mean(p * (1 - p) * (b["x"] + 2 * b["I(x ** 2)"] * x + b["x:d"] * d))
    found = results.get_margeff(variables=["x"])
    assert_allclose(found.margeff, [expected], rtol=1e-10)


def test_at_the_mean_a_square_is_that_of_the_mean():
    results = fit("x + I(x ** 2) + C(g)")
    b, x = results.params, data()["x"].mean()
    shares = data()["g"].value_counts(normalize=True)
    eta = b["Intercept"] + b["x"] * x + b["I(x ** 2)"] * x**2
    eta += b["C(g)[T.b]"] * shares["b"] + b["C(g)[T.c]"] * shares["c"]
    p = expit(eta)
    found = results.get_margeff(variables=["x"], at="mean")
    assert_allclose(found.margeff, [p * (1 - p) * (b["x"] + 2 * b["I(x ** 2)"] * x)], rtol=1e-9)


@pytest.mark.parametrize("options", [{}, WEIGHTED], ids=["no weights", "all weights"])
def test_levels_are_compared_with_the_reference(options):
    results = fit("x + d * z + C(g, Treatment('b')) + flag", **options)
    found = results.get_margeff(variables=["g", "d", "flag"])
    assert found.names == ["g: a - b", "g: c - b", "d: 1 - 0", "flag: True - False"]
    pairs = [("g", "a", "b"), ("g", "c", "b"), ("d", 1, 0), ("flag", True, False)]
    expected = [
        average(results, data().assign(**{name: high}))
        - average(results, data().assign(**{name: low}))
        for name, high, low in pairs
    ]
    assert_allclose(found.margeff, expected, rtol=1e-11)
    logs = results.get_margeff(variables=["d"], method="eydx")
    high, low = (
        np.average(np.log(results.predict(data().assign(d=d), which="calibrated")), weights=w)
        for d, w in ((1, mass() if options else None), (0, mass() if options else None))
    )
    assert_allclose(logs.margeff, [high - low], rtol=1e-11)


def test_a_variable_can_be_held_at_a_value():
    results = fit("x * z + C(g)")
    found = results.get_margeff(variables=["x"], atexog={"z": 9.0, "g": "c"})
    fixed = data().assign(z=9.0, g="c")
    up, down = (average(results, fixed.assign(x=data()["x"] + s)) for s in (1e-5, -1e-5))
    assert_allclose(found.margeff, [(up - down) / 2e-5], rtol=1e-6)
    # Also the variable itself, and outside of its range.
    at_nine = results.get_margeff(variables=["z"], atexog={"z": 90.0})
    up, down = (average(results, data().assign(z=90.0 + s)) for s in (1e-4, -1e-4))
    assert_allclose(at_nine.margeff, [(up - down) / 2e-4], rtol=1e-5, atol=1e-12)


def test_columns_can_be_set_by_name_or_position():
    results = fit("x + z + d")
    by_name = results.get_margeff(at="mean", atexog={"z": 2.0})
    assert_allclose(by_name.margeff, results.get_margeff(at="mean", atexog={2: 2.0}).margeff)
    p = expit(results.params @ [1.0, data()["x"].mean(), 2.0, data()["d"].mean()])
    assert_allclose(by_name.margeff, p * (1 - p) * results.params[1:], rtol=1e-12)
    at_zero = results.get_margeff(at="zero", atexog={"z": 2.0})
    p = expit(results.params @ [1.0, 0.0, 2.0, 0.0])
    assert_allclose(at_zero.margeff, p * (1 - p) * results.params[1:], rtol=1e-12)
    rows = results.model.exog.copy()
    rows[:, 2] = 2.0
    assert_allclose(
        results.get_margeff(atexog=rows).margeff, results.get_margeff(atexog={"z": 2.0}).margeff
    )


def test_single_columns_of_one_variable_are_said_to_be_no_effects():
    for right, names in {
        "x + I(x ** 2)": "x is in several",
        "x * z": "x, z are in several",
        "bs(z, df=4) + x": "z is in several",
    }.items():
        with pytest.warns(InferenceWarning, match=names) as caught:
            fit(right).get_margeff()
        assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit("x + z + d + C(g)").get_margeff()
        fit("np.log(z) + x").get_margeff()


def test_elasticities_of_a_variable():
    results = fit("np.log(z) + x")
    p = results.predict()
    b = results.params["np.log(z)"]
    dyex = results.get_margeff(variables=["z"], method="dyex")
    eyex = results.get_margeff(variables=["z"], method="eyex")
    assert_allclose(dyex.margeff, [np.mean(p * (1 - p)) * b], rtol=1e-9)
    assert_allclose(eyex.margeff, [np.mean(1 - p) * b], rtol=1e-9)


def test_effects_of_all_rows_average_to_the_effect():
    results = fit("x * z + d", **WEIGHTED)
    rows = results.get_margeff(variables="all", at="all")
    assert rows.margeff.shape == (len(data()), 3)
    average_of_rows = np.average(rows.margeff, axis=0, weights=mass())
    assert_allclose(average_of_rows, results.get_margeff(variables="all").margeff, rtol=1e-12)


def test_a_constant_alone_has_no_effects():
    results = fit("1")
    for options in ({}, {"variables": "all"}, {"vce": "unconditional"}, {"at": "mean"}):
        found = results.get_margeff(**options)
        assert found.margeff.shape == (0,)
        assert found.summary_frame().empty
    assert results.get_margeff(at="all").margeff.shape == (160, 0)
    found = results.get_margeff()
    for text in (found.summary().as_text(), str(found), found.summary().as_latex()):
        assert "there are no effects" in text
    assert "no column" in repr(results.get_margeff(at="all"))


def test_small_p_values_print_as_those_of_the_fit():
    weighted = data().assign(m=4)
    found = weighted_logit("y ~ x + z", weighted, freq_weights="m").fit(disp=False).get_margeff()
    printed = found.summary().as_text()
    assert found.pvalues[0] < 5e-4
    assert "<0.001" in printed
    assert " 0.000 " not in printed


def test_offsets_count():
    results = fit("x + z", offset="o")
    p = results.predict()
    expected = np.mean(p * (1 - p)) * results.params[1:]
    assert_allclose(results.get_margeff().margeff, expected, rtol=1e-12)


def test_the_t_distribution_holds_for_effects():
    results = fit("x + z").with_covariance("cluster", groups=np.arange(160) % 12, use_t=True)
    assert list(results.get_margeff().summary_frame())[2:4] == ["t", "Pr(>|t|)"]
    found = results.get_margeff()
    assert_allclose(found.pvalues, 2 * stats.t.sf(np.abs(found.tvalues), 11), rtol=1e-12)
    assert "P>|t|" in found.summary().as_text()


def test_an_effect_can_be_taken_anew_in_place_as_in_statsmodels():
    results = fit("x + z")
    found = results.get_margeff()
    assert found.get_margeff(at="mean") is None
    assert_allclose(found.margeff, results.get_margeff(at="mean").margeff)
    assert found.margeff_options["at"] == "mean"


def test_what_was_left_out_as_aliased_has_no_say():
    frame = data().assign(twice=2 * data()["x"])
    results = weighted_logit("y ~ x + twice + C(g) + z", frame, aliased="drop").fit(disp=False)
    plain = weighted_logit("y ~ x + C(g) + z", frame).fit(disp=False)
    assert_allclose(
        results.get_margeff(variables=["z", "g"]).summary_frame(),
        plain.get_margeff(variables=["z", "g"]).summary_frame(),
        rtol=1e-8,
    )
    assert_allclose(results.get_margeff().margeff, plain.get_margeff().margeff, rtol=1e-9)
    assert "twice" not in results.get_margeff(variables="all").summary_frame().index
    for call in (
        lambda: results.get_margeff(variables=["twice"]),
        lambda: results.get_margeff(variables="all", atexog={"twice": 0.0}),
        lambda: results.predictions_at({"twice": [0, 1]}),
    ):
        with pytest.raises(DesignError, match=r"'twice'.*twice = 2 x"):
            call()


def test_a_factor_within_another_has_no_effect_of_its_own():
    frame = data().assign(part=np.where(data()["g"] == "a", "first", "second"))
    results = weighted_logit("y ~ x + C(g) + C(part)", frame, aliased="drop").fit(disp=False)
    names = results.get_margeff(variables="all").names
    assert names == ["g: b - a", "g: c - a", "x"]
    with pytest.raises(
        DesignError, match=r"part\)\[T.second\] = 1 C\(g\)\[T.b\] \+ 1 C\(g\)\[T.c\]"
    ):
        results.predictions_at({"part": None})
    # Another variable may still be averaged at typical values of the rest.
    plain = weighted_logit("y ~ x + C(g)", frame).fit(disp=False)
    at_zero = [fit.predictions_at({"x": [0]}, others="mean").se[0] for fit in (results, plain)]
    assert np.isfinite(at_zero).all()


def test_a_variable_is_left_out_only_with_all_its_columns():
    frame = data().assign(twice=2 * data()["x"])
    results = weighted_logit("y ~ x + twice + twice:d", frame, aliased="drop").fit(disp=False)
    assert "twice" in results.get_margeff(variables="all").names


def test_without_a_free_constant_class_weights_stay_in():
    results = WeightedLogit(data()["y"], data()[["x", "z"]], class_weight="balanced")
    with pytest.warns(InferenceWarning, match="free constant"):
        results.fit(disp=False).get_margeff()


def test_separated_fits_have_effects_without_errors():
    frame = data().assign(s=(data()["y"] * (data()["x"] > 0)).astype(float))
    with pytest.warns(SeparationWarning):
        results = weighted_logit("y ~ z + s", frame).fit(disp=False)
    assert np.isnan(results.get_margeff().margeff_se).all()
    assert np.isnan(results.get_margeff(vce="unconditional").margeff_se).all()


def test_after_the_data_are_gone_there_are_no_averages():
    results = weighted_logit("y ~ x", data()).fit(disp=False)
    results.remove_data()
    for call in (results.get_margeff, lambda: results.predictions_at({"x": [0]})):
        with pytest.raises(NotAvailableError, match="removed"):
            call()


# ---------------------------------------------------------------------------- predictions at levels


def test_averages_at_levels_are_those_of_predictions():
    results = fit("x * d + C(g)", **WEIGHTED)
    frame = results.predictions_at({"g": None, "d": [1, 0]}).summary_frame()
    assert list(frame.index.names) == ["g", "d"]
    expected = [average(results, data().assign(g=g, d=d)) for g, d in frame.index]
    assert_allclose(frame["predicted"], expected, rtol=1e-12)
    moved = results.predictions_at({"g": None}, which="linear").predicted
    linear = [average(results, data().assign(g=g), "linear") for g in "abc"]
    assert_allclose(moved, linear, rtol=1e-12)


def test_differences_have_the_error_of_differences():
    results = fit("x + z + C(g)", **WEIGHTED)
    levels = results.predictions_at({"g": ["b", "c", "a"]})
    for contrast, labels in {
        "reference": ["b - a", "c - a"],
        "sequential": ["c - b", "a - c"],
        "pairwise": ["c - b", "a - b", "a - c"],
    }.items():
        frame = results.predictions_at({"g": ["b", "c", "a"]}, contrast=contrast).summary_frame()
        assert list(frame.index) == labels
        assert list(frame.columns) == ["estimate", "se", "z", "pvalue", "ci_lower", "ci_upper"]
        value = dict(zip(levels.levels, levels.predicted, strict=True))
        expected = [value[label[0]] - value[label[-1]] for label in labels]
        assert_allclose(frame["estimate"], expected, rtol=1e-10)
    contrasts = results.predictions_at({"g": None}, contrast="reference").summary_frame()
    effects = results.get_margeff(variables=["g"]).summary_frame()
    assert_allclose(contrasts, effects, rtol=1e-10)


def test_columns_of_an_array_are_its_variables():
    exog = np.column_stack([np.ones(160), data()["x"], data()["d"]])
    results = WeightedLogit(data()["y"].to_numpy(), exog, class_weight="balanced").fit(disp=False)
    formula = weighted_logit("y ~ x + d", data(), class_weight="balanced").fit(disp=False)
    for options in ({}, {"others": "mean", "which": "linear"}, {"vce": "unconditional"}):
        found = results.predictions_at({"x1": [-1, 1]}, **options).summary_frame()
        expected = formula.predictions_at({"x": [-1, 1]}, **options).summary_frame()
        if "others" in options:  # the levels of d count equally in a formula, as in emmeans
            middle = np.array([[1.0, x, data()["d"].mean()] for x in (-1, 1)])
            assert_allclose(found["predicted"], middle @ results.params)
        else:
            assert_allclose(found, expected, rtol=1e-9)
    assert list(results.predictions_at({"x2": None}).levels) == [0, 1]
    assert list(results.predictions_at({2: None}).levels) == [0, 1]


def test_a_cut_variable_is_predicted_at_values():
    results = fit("pd.cut(z, [0, 1, 2, 100]) + x")
    frame = results.predictions_at({"z": [0.5, 1.5]}).summary_frame()
    expected = [average(results, data().assign(z=z)) for z in (0.5, 1.5)]
    assert_allclose(frame["predicted"], expected, rtol=1e-12)
    found = results.predictions_at({"z": [0.5]}, prevalence=0.1)
    assert repr(found).strip()
    assert (found.prevalence, found.which, found.contrast) == (0.1, "calibrated", None)
    assert found.results.params.shape == results.params.shape
