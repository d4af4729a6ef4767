"""Profiles of the likelihood: the engine, and what becomes of every kind of fit."""

import pickle
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize, stats

from wlogit import InferenceWarning, NotAvailableError, SurveyDesign, WeightedLogit
from wlogit.core import restricted
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import LogitObjective
from wlogit.core.restricted import restricted_maximum
from wlogit.formula.api import weighted_logit
from wlogit.inference.profile import crossing


def frame(n=80, seed=8):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    data["g"] = np.resize(["a", "b", "c"], n)
    data["w"] = rng.uniform(0.5, 3.0, n)
    data["c"] = np.arange(n) % 20
    eta = 0.7 * data["x"] - 0.4 * data["z"] - 1.0
    return data.assign(y=(rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int))


def fit(formula="y ~ x + z", data=None, **options):
    model = weighted_logit(formula, frame() if data is None else data, **options)
    return model.fit(disp=False, warn_convergence=False)


def profile(results, **options):
    return results.conf_int(method="profile", **options)


# ------------------------------------------------------------------------------ finding a root


@pytest.mark.parametrize(
    ("function", "slope", "root"),
    [
        (lambda t: t - 2.0, lambda t: 1.0, 2.0),
        (lambda t: np.arctan(5.0 * (t - 3.0)), lambda t: 5.0 / (1 + 25.0 * (t - 3.0) ** 2), 3.0),
        (lambda t: np.cbrt(t - 700.0), lambda t: np.nan, 700.0),
        (lambda t: np.expm1(t - 40.0), lambda t: np.exp(t - 40.0), 40.0),
    ],
)
@pytest.mark.parametrize("below", [0.0, -np.inf])
def test_a_crossing_is_found_where_newton_goes_astray(function, slope, root, below):
    found = crossing(lambda t: (float(function(t)), float(slope(t))), 1.0, below)
    assert_allclose(found, root, rtol=1e-8)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_without_a_crossing_the_limit_is_infinite(sign):
    assert crossing(lambda _: (sign, 0.0), 1.0, -np.inf) == -sign * np.inf


# --------------------------------------------------------------------------- restricted maxima


def objective(n=60):
    data = frame(n)
    X = np.column_stack([np.ones(n), data["x"], 3.0 + data["z"]])
    weight = data["w"].to_numpy()
    return LogitObjective(ModelMatrix(X, constant=0), data["y"].to_numpy(float), weight)


@pytest.mark.parametrize("few", [5, 0])
def test_a_restricted_maximum_is_that_of_another_optimizer(few):
    likelihood, basis = objective(), np.array([[1.0, 0.0], [0.5, 0.5], [-1.0, 1.0]])
    origin = np.array([0.3, 1.5, -0.2])
    with patch.object(restricted, "_FEW", few):
        found = restricted_maximum(likelihood, origin, basis)
    other = optimize.minimize(
        lambda z: -likelihood.value(origin + basis @ z), np.zeros(2), options={"gtol": 1e-9}
    )
    assert found.reason == "converged"
    assert_allclose(found.params, origin + basis @ other.x, rtol=1e-5)
    assert_allclose(found.value, likelihood.value(found.params), rtol=1e-12)
    nothing = restricted_maximum(likelihood, origin, np.zeros((3, 0)))
    assert_array_equal(nothing.params, origin)


def test_far_from_the_maximum_it_is_found_with_care():
    likelihood, basis = objective(), np.eye(3)[:, :2]
    near = restricted_maximum(likelihood, np.zeros(3), basis)
    far = restricted_maximum(likelihood, np.array([60.0, -40.0, 0.0]), basis)
    assert_allclose(far.params, near.params, rtol=1e-9)


# ----------------------------------------------------------------------------- what limits mean


@pytest.mark.parametrize("options", [{}, {"sampling_weights": "w"}, {"class_weight": "balanced"}])
def test_refits_without_a_coefficient_agree(options):
    """The test of zero is that of the fit without the column; at a limit it has p = alpha."""
    results = fit(**options)
    ratios = results.odds_ratios(method="profile")
    test = results.lr_test(fit("y ~ z", **options), approximation="satterthwaite")
    assert_allclose(ratios.loc["x", "p"], test.pvalue, rtol=1e-8)
    limits = np.log(ratios[["lower", "upper"]])
    assert_allclose(limits, profile(results), rtol=1e-12)
    for limit in profile(results).loc["x"]:
        data = frame().assign(o=limit * frame()["x"])
        held = fit("y ~ z", data, offset="o", **options)
        likelihoods = results.log_likelihoods
        drop = 2.0 * likelihoods.unit * (results.llf - held.llf)
        scale = results.profile("x")["x"].scale
        assert_allclose(stats.chi2.sf(drop / scale, 1), 0.05, rtol=1e-7)


def test_other_columns_may_be_written_otherwise():
    plain, moved = frame(), frame()
    moved["z"] = 1e6 * (plain["z"] + 50.0) - 3e5 * plain["x"]
    left, right = profile(fit(data=plain)), profile(fit("y ~ x + z", moved))
    # Another combination is held when z has x in it: the profile of z is still that of z.
    assert_allclose(right.loc["z"] * 1e6, left.loc["z"], rtol=1e-7)
    shifted = plain.assign(z=plain["z"] * 40.0 + 2005.0)
    assert_allclose(profile(fit(data=shifted)).loc["x"], left.loc["x"], rtol=1e-8)
    powers = [f"y ~ x + t + I(t**2) + I(t**3){constant}" for constant in ("", " + 0 + C(one)")]
    years = plain.assign(t=np.arange(80.0) % 31 + 1990.0, one="1")
    near = years.assign(t=years["t"] - 2005.0)
    expected = profile(fit(powers[0], near)).loc["x"]
    for formula in powers:
        assert_allclose(profile(fit(formula, years)).loc["x"], expected, rtol=1e-6)


def test_columns_may_be_chosen():
    results = fit()
    everything = np.asarray(profile(results))
    assert_allclose(profile(results, cols=[2, 0]), everything[[2, 0]], rtol=1e-9)
    assert list(profile(results, cols=[2]).index) == ["z"]
    for method in ("wald", "profile"):
        limits = results.conf_int(method=method)
        for cols in (["z", "x"], "z", 2, [False, True, True]):
            found = results.conf_int(cols=cols, method=method)
            assert_allclose(found, limits.loc[found.index], rtol=1e-9)
        assert list(results.conf_int(cols=["z", "x"], method=method).index) == ["z", "x"]
    assert results.profile("z").names == results.profile([False, False, True]).names == ["z"]


def test_a_design_has_its_degrees_of_freedom():
    data = frame()
    results = fit(data=data, design=SurveyDesign(data, psu="c", weights="w"))
    normal = results.with_covariance("survey", use_t=False)
    df = results.df_resid_inference
    alpha = 2.0 * stats.t.sf(stats.norm.isf(0.025), df)
    assert_allclose(profile(results, alpha=alpha), profile(normal), rtol=1e-10)


@pytest.mark.filterwarnings("ignore::wlogit.InferenceWarning")
def test_a_likelihood_has_the_chi_square_whatever_the_covariance():
    results = fit()
    robust = results.with_covariance("cluster", groups="c", use_t=True)
    assert_allclose(profile(robust), profile(results), rtol=1e-12)


def test_it_is_said_where_the_covariance_has_no_say():
    with pytest.warns(InferenceWarning, match="HC3 standard errors do not change"):
        profile(fit().with_covariance("HC3"))


def test_the_work_is_a_few_readings_of_the_rows_for_each_limit():
    data = frame(20_000)
    results = fit(data=data)
    counted, plain = [0], LogitObjective.derivatives

    def derivatives(self, params):
        counted[0] += 1
        return plain(self, params)

    with patch.object(LogitObjective, "derivatives", derivatives):
        profile(results)
    assert counted[0] <= 4 * 2 * len(results.params)


# ------------------------------------------------------------------------------ kinds of fit


def test_a_pickled_fit_has_its_profile_and_one_without_data_says_so():
    results = fit(class_weight="balanced")
    expected = np.asarray(profile(results))
    again = pickle.loads(pickle.dumps(results))
    assert_allclose(profile(again), expected, rtol=1e-12)
    again.remove_data()
    with pytest.raises(NotAvailableError, match="removed"):
        profile(again)


def test_aliased_columns_are_left_out():
    data = frame().assign(twice=2.0 * frame()["x"])
    dropped = fit("y ~ x + twice + z", data, aliased="drop")
    assert_allclose(profile(dropped), profile(fit()), rtol=1e-10)


def test_a_calibrated_intercept_is_moved_where_the_ratio_is_known():
    results = fit(class_weight={0: 1, 1: 5})
    limits, moved = profile(results), profile(results.calibrated())
    assert_allclose(moved.loc["Intercept"], limits.loc["Intercept"] - np.log(5.0), rtol=1e-10)
    assert_allclose(moved.iloc[1:], limits.iloc[1:], rtol=1e-12)
    curve = results.calibrated().profile("Intercept")["Intercept"]
    assert_allclose(curve.signed_root[np.searchsorted(curve.values, curve.estimate)], 0.0)


@pytest.mark.parametrize("how", ["calibrated", "recalibrate"])
def test_an_estimated_ratio_leaves_the_intercept_without_limits(how):
    results = fit(class_weight="balanced")
    with pytest.warns(InferenceWarning, match="limits of Intercept are missing: .* estimate"):
        limits = profile(getattr(results, how)())
    assert np.isnan(limits.loc["Intercept"]).all()
    assert_allclose(limits.iloc[1:], profile(results).iloc[1:], rtol=1e-12)


def test_one_coefficient_alone():
    data = frame()
    events, n = data["y"].sum(), len(data)
    found = profile(fit("y ~ 1", data)).loc["Intercept"]

    def drop(value):
        kernel = events * value - n * np.logaddexp(0.0, value)
        top = events * np.log(events / n) + (n - events) * np.log1p(-events / n)
        return 2.0 * (top - kernel)

    assert_allclose([drop(limit) for limit in found], stats.chi2.isf(0.05, 1), rtol=1e-9)


def test_limits_where_few_rows_leave_the_likelihood_nearly_flat():
    """The upper limit lies so far out that the way there takes several fits."""
    rng = np.random.default_rng(148)
    n, k = int(rng.integers(6, 30)), int(rng.integers(1, 4))
    X = np.c_[np.ones(n), rng.choice([0.0, 1.0], (n, 1)), rng.normal(size=(n, 2))][:, : k + 1]
    y = (rng.random(n) < 1 / (1 + np.exp(-2 * X.sum(1)))).astype(int)
    results = WeightedLogit(y, X, freq_weights=rng.integers(1, 4, n)).fit(disp=False)
    upper = float(profile(results)[0, 1])
    weight = results.model.weights.row_weight

    def loss(others):
        eta = upper + X[:, 1:] @ others
        return float(weight @ (np.logaddexp(0.0, eta) - y * eta))

    held = optimize.minimize(loss, np.zeros(k), options={"gtol": 1e-7, "maxiter": 2000})
    assert_allclose(2.0 * (results.llf + held.fun), stats.chi2.isf(0.05, 1), rtol=1e-4)


# ------------------------------------------------------------------------------- separated


def test_what_may_go_anywhere_has_no_limits():
    data = pd.DataFrame({"x": [-4, -3, -2, -1, 1, 2, 3, 4], "z": [-3, 1, -2, 2, -4, 3, -1, 4]})
    data["y"] = (data["x"] > 0).astype(int)
    limits = profile(fit(data=data))
    assert_array_equal(limits.loc["z"], [-np.inf, np.inf])
    assert limits.loc["x", 1] == np.inf
    assert np.isfinite(limits.loc["x", 0])
    assert fit(data=data).odds_ratios(method="profile").loc["z", "p"] == 1.0


def separated(**options):
    data = frame()
    data["s"] = ((data["x"] > 1.0) & (data["y"] == 1)).astype(int)
    return data, weighted_logit("y ~ x + z + s", data, **options)


def test_limits_of_a_separated_fit_are_those_of_a_large_coefficient():
    """Toward infinity the likelihood is that of a fit with the coefficient held far out."""
    data, model = separated()
    results = model.fit(disp=False, warn_convergence=False)
    held = weighted_logit("y ~ x + z", data, offset=60.0 * data["s"]).fit(disp=False)
    limits = profile(results)
    assert_allclose(limits.loc[["Intercept", "x", "z"]], profile(held), rtol=1e-9)
    assert limits.loc["s", 1] == np.inf
    at_limit = data["s"] * limits.loc["s", 0]
    lower = weighted_logit("y ~ x + z", data, offset=at_limit).fit(disp=False)
    assert_allclose(2.0 * (results.llf - lower.llf), stats.chi2.isf(0.05, 1), rtol=1e-8)


def test_constraints_of_a_separated_fit():
    """The sum of two columns that separate, and a coefficient tied to one that diverges."""
    data, model = separated()
    tied = model.fit_constrained("s = 2 * x", disp=False, warn_convergence=False)
    sums = data.assign(u=data["x"] + 2.0 * data["s"])
    assert_allclose(profile(tied).loc["x"], profile(fit("y ~ u + z", sums)).loc["u"], rtol=1e-8)
    both = model.fit_constrained("x + z = 0.2", disp=False, warn_convergence=False)
    limits = profile(both)
    assert limits.loc["s", 1] == np.inf
    assert_allclose(limits.loc["z"], 0.2 - limits.loc["x"].to_numpy()[::-1], rtol=1e-8)
    three = model.fit_constrained("z = x + s", disp=False, warn_convergence=False)
    for name in three.model.exog_names:
        low, high = profile(three).loc[name]
        assert low < high
    fixed = model.fit_constrained("z = 0.5", disp=False, warn_convergence=False)
    assert_array_equal(profile(fixed).loc["z"], [0.5, 0.5])


def test_a_pseudo_likelihood_has_no_scale_for_what_diverges():
    _, model = separated(class_weight="balanced")
    results = model.fit(disp=False, warn_convergence=False)
    with pytest.warns(InferenceWarning, match="profile limits of s are missing"):
        limits = profile(results)
    assert np.isnan(limits.loc["s", 0])
    assert limits.loc["s", 1] == np.inf
    assert np.isfinite(limits.drop(index="s")).all(axis=None)


# -------------------------------------------------------------------------------- the curves


def test_curves_go_through_the_estimate_and_the_limits():
    results = fit(sampling_weights="w")
    found = results.profile(alpha=0.1)
    assert_allclose(found.limits[["lower", "upper"]], profile(results, alpha=0.1), rtol=1e-9)
    assert list(found.frame.columns) == ["name", "value", "drop", "signed_root", "quadratic"]
    for name, table in found.frame.groupby("name"):
        curve = found[name]
        assert np.all(np.diff(table["signed_root"]) > 0.0)
        at = np.interp(curve.limits, table["value"], table["signed_root"])
        assert_allclose(at, stats.norm.isf(0.05) * np.array([-1.0, 1.0]), rtol=1e-6)
        wald = (curve.values - results.params[name]) / results.bse[name]
        assert_allclose(table["quadratic"], wald, rtol=1e-8, atol=1e-12)


def test_it_prints_what_has_no_limit():
    _, model = separated()
    results = model.fit(disp=False, warn_convergence=False)
    text = str(results.profile())
    assert text.endswith("The data set no upper limit to s.")
    curve = results.profile("s")["s"]
    assert np.isnan(curve.quadratic).all()
    assert np.all(np.diff(curve.signed_root) > 0.0)
    assert curve.signed_root[-1] > -0.5
