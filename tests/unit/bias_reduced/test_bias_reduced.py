"""What bias-reduced fits offer, refuse and say."""

import io
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import optimize
from scipy.special import expit, logit
from scipy.stats import chi2

from wlogit import (
    ConvergenceWarning,
    InferenceWarning,
    NotAvailableError,
    SeparationError,
    WeightedLogit,
)
from wlogit.bias_reduced.results import BiasReducedResults
from wlogit.formula.api import weighted_logit

N = 70
RNG = np.random.default_rng(8)
DATA = pd.DataFrame(
    {
        "x": RNG.normal(size=N),
        "z": RNG.normal(size=N),
        "g": RNG.choice(["a", "b", "c"], N),
        "w": RNG.integers(1, 4, N),
        "a": RNG.lognormal(size=N),
        "o": RNG.normal(scale=0.3, size=N),
        "cluster": np.arange(N) % 14,
    },
    index=[f"r{i}" for i in range(N)],
)
DATA["y"] = (RNG.random(N) < expit(-0.9 + 0.8 * DATA["x"] - 0.4 * DATA["z"])).astype(int)
X = np.column_stack([np.ones(N), DATA["x"], DATA["z"]])
Y = DATA["y"].to_numpy(float)
MOVED = {
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 4}},
    "prevalence": {"prevalence": 0.05},
}


def reduced(formula="y ~ x + z", kind="mean", weights=None, frame=DATA, fitted=None, **options):
    model = weighted_logit(formula, frame, **options)
    return model.fit_bias_reduced(kind, weights, disp=False, **(fitted or {}))


def separated():
    x = np.array([-3.0, -2.2, -1.0, -0.4, 0.9, 1.5, 2.0, 3.3])
    return np.column_stack([np.ones(8), x]), (x > 0).astype(float)


def penalized_value(params, exog, y, w):
    eta = exog @ params
    p = expit(eta)
    information = (exog * (w * p * (1 - p))[:, None]).T @ exog
    return np.sum(w * (y * eta - np.logaddexp(0, eta))) + 0.5 * np.linalg.slogdet(information)[1]


# ------------------------------------------------------------------------------------ estimates


@pytest.mark.parametrize("w", [np.ones(N), DATA["w"].to_numpy(float)])
def test_firth_maximises_the_penalised_likelihood(w):
    results = WeightedLogit(Y, X, freq_weights=w).fit_bias_reduced(disp=False)
    found = optimize.minimize(
        lambda b: -penalized_value(b, X, Y, w), np.zeros(3), method="BFGS", options={"gtol": 1e-7}
    )
    assert_allclose(results.params, found.x, atol=1e-5)
    assert_allclose(results.penalized_llf, -found.fun, rtol=1e-10)


@pytest.mark.parametrize(("events", "others"), [(3, 7), (1, 6000), (40, 2)])
def test_a_constant_alone_has_half_a_case_more_of_each_outcome(events, others):
    exog, m = np.ones((2, 1)), [events, others]
    results = WeightedLogit([1, 0], exog, freq_weights=m).fit_bias_reduced(disp=False)
    assert_allclose(results.params, np.log((events + 0.5) / (others + 0.5)), rtol=1e-10)
    p = (events + 0.5) / (events + others + 1.0)
    assert_allclose(results.bse, 1.0 / np.sqrt((events + others) * p * (1.0 - p)), rtol=1e-10)


@pytest.mark.parametrize("kind", ["mean", "median"])
@pytest.mark.parametrize("cases", [4, 30, 3000])
def test_complete_separation_has_a_finite_estimate(kind, cases):
    x = np.linspace(-1.0, 1.0, cases)
    exog, y = np.column_stack([np.ones(cases), x]), (x > 0.05).astype(float)
    results = WeightedLogit(y, exog).fit_bias_reduced(kind, disp=False)
    assert results.converged
    assert np.all(np.isfinite(results.bse))
    assert results.mle_retvals["iterations"] < 60
    if kind == "mean":
        eta = exog @ results.params
        p = expit(eta)
        root = exog * np.sqrt(p * (1 - p))[:, None]
        h = np.einsum("ij,jk,ik->i", root, np.linalg.inv(root.T @ root), root)
        score = exog.T @ (y - p + h * (0.5 - p))
        assert_allclose(score @ np.linalg.solve(root.T @ root, score), 0.0, atol=1e-14)


@pytest.mark.parametrize("kind", ["mean", "median"])
def test_many_cases_that_are_separated_but_for_a_few(kind):
    """Where the prior decides, its curvature is found by differences; the last digits agree."""
    x = np.arange(26.0)
    exog = np.column_stack([np.ones(26), 0.09 * (x - 12.5), 0.002 * np.cos(x)])
    y, m = (x + 3.0 * np.cos(x) > 12.5).astype(float), 95.0 + 30.0 * x
    results = WeightedLogit(y, exog, freq_weights=m).fit_bias_reduced(kind, disp=False)
    assert results.converged
    assert results.mle_retvals["iterations"] < 60
    again = WeightedLogit(y, exog, freq_weights=m).fit_bias_reduced(
        kind, start_params=0.9 * results.params, disp=False
    )
    assert_allclose(again.params, results.params, rtol=1e-7)


def test_the_median_of_separated_data_may_be_far_from_the_mean():
    x = np.sort(np.random.default_rng(12).normal(size=27))
    y = (x > 0.05).astype(float)
    exog = np.column_stack([np.ones(27), x])
    mean, median = (
        WeightedLogit(y, exog).fit_bias_reduced(k, disp=False) for k in ("mean", "median")
    )
    assert mean.converged
    assert median.converged
    assert median.params[1] > 1.5 * mean.params[1]
    assert np.abs(median.mle_retvals["score"]).max() < 1e-9


def test_the_estimate_does_not_depend_on_the_start():
    expected = reduced().params
    for start in ([4.0, -3.0, 2.0], [-6.0, 5.0, 5.0]):
        for kind in ("mean", "median"):
            one = reduced(kind=kind).params
            other = reduced(kind=kind, fitted={"start_params": start}).params
            assert_allclose(other, one, rtol=1e-8)
    assert_allclose(reduced(fitted={"start_params": expected}).params, expected, rtol=1e-10)


def test_the_bias_of_maximum_likelihood_is_of_order_one_over_n():
    """Mean, empirical and King-Zeng agree with Cordeiro and McCullagh's formula to second order."""
    rng, gaps = np.random.default_rng(4), []
    for n in (200, 3200):
        exog = np.column_stack([np.ones(n), rng.normal(size=n)])
        y = (rng.random(n) < expit(exog @ [-0.5, 0.8])).astype(float)
        model = WeightedLogit(y, exog)
        likely = model.fit(disp=False)
        firth = model.fit_bias_reduced(disp=False).params
        king = model.fit_bias_reduced("king-zeng", disp=False).params
        p = likely.predict()
        root = exog * np.sqrt(p * (1 - p))[:, None]
        h = np.einsum("ij,jk,ik->i", root, likely.cov_params(), root)
        bias = likely.cov_params() @ exog.T @ (h * (p - 0.5))
        assert_allclose(king, likely.params - bias, rtol=1e-10)
        gaps.append(np.abs(firth - king).max() / np.abs(bias).max())
    assert gaps[1] < gaps[0] < 0.1


def test_callback_and_iterations():
    seen = []
    fitted = {"callback": seen.append}
    results = reduced(fitted=fitted, class_weight="balanced")
    assert len(seen) == results.mle_retvals["iterations"]
    assert_allclose(seen[-1], results.params, rtol=1e-12)
    del seen[:]
    results = reduced(kind="king-zeng", fitted={**fitted, "case_control": "prior"}, prevalence=0.1)
    likely = weighted_logit("y ~ x + z", DATA).fit(disp=False).params
    assert_allclose(np.asarray(seen[-1])[1:], likely[1:], rtol=1e-10)
    assert_allclose(seen[-1][0] - likely.iloc[0], logit(0.1) - logit(DATA["y"].mean()))


def test_a_fit_that_stops_early_says_so():
    with pytest.warns(ConvergenceWarning, match=r"maxiter=1 .*raise it"):
        results = reduced(fitted={"maxiter": 1})
    assert not results.converged
    assert np.all(np.isnan(results.bse))
    assert "failed to converge" in results.summary().as_text()
    for kind in ("empirical", "king-zeng"):
        with pytest.warns(ConvergenceWarning, match="maxiter=1"):
            assert np.all(np.isnan(reduced(kind=kind, fitted={"maxiter": 1}).bse))


@pytest.mark.parametrize(("maxiter", "line"), [(100, "successfully"), (1, "exceeded")])
def test_disp(capsys, maxiter, line):
    model = weighted_logit("y ~ x + z", DATA)
    results = model.fit_bias_reduced(maxiter=maxiter, warn_convergence=False)
    printed = capsys.readouterr().out
    assert line in printed
    assert f"Iterations {results.mle_retvals['iterations']}" in printed
    model.fit_bias_reduced(start_params=[0.0, 9e3, 9e3], warn_convergence=False)
    assert "did not converge (singular)" in capsys.readouterr().out


# ----------------------------------------------------------------- class weights are left out


@pytest.mark.parametrize("kind", ["mean", "median"])
@pytest.mark.parametrize("name", MOVED)
def test_class_weights_move_the_intercept_of_the_unweighted_fit(kind, name):
    plain, moved = reduced(kind=kind), reduced(kind=kind, **MOVED[name])
    c0, c1 = moved.weights.class_weights.values()
    shift = np.log(c1 / c0)
    if name == "prevalence":
        shift = logit(0.05) - logit(DATA["y"].mean())
    assert_allclose(moved.params - plain.params, [shift, 0.0, 0.0], rtol=1e-12, atol=1e-12)
    assert_allclose(moved.bse[1:], plain.bse[1:], rtol=1e-12)
    assert moved.cov_type == "nonrobust"
    calibrated = moved.predict(which="calibrated")
    expected = plain.predict() if name != "prevalence" else plain.predict(prevalence=0.05)
    assert_allclose(calibrated, expected, rtol=1e-12)
    assert_allclose(moved.predict(), expit(moved.fittedvalues), rtol=1e-12)
    assert_allclose(moved.llf, moved.model.loglike(moved.params), rtol=1e-12)


def test_the_moved_intercept_has_the_error_of_the_class_weights():
    plain = reduced()
    exact, known = (
        np.asarray(plain.cov_params()),
        np.asarray(reduced(**MOVED["mapping"]).cov_params()),
    )
    assert_allclose(known, exact, rtol=1e-12)
    p = plain.predict().mean()
    for name in ("balanced", "prevalence"):
        moved = reduced(**MOVED[name])
        expected = exact.copy()
        expected[0, 0] -= 1.0 / (N * p * (1.0 - p))
        assert_allclose(moved.cov_params(), expected, rtol=1e-10)
    shift = reduced(**MOVED["balanced"])._results.covariance.shift
    assert_allclose(expected[0, 0] + 2.0 * shift[0] + shift[-1], exact[0, 0], rtol=1e-10)


def influences(plain, exog, y):
    """Influence of every case on the coefficients, and on the log odds of the events."""
    p = plain.predict()
    scores = exog * (y - p)[:, None]
    information = (exog * (p * (1 - p))[:, None]).T @ exog
    return scores @ np.linalg.inv(information), y / y.sum() - (1 - y) / (1 - y).sum()


@pytest.mark.parametrize("name", MOVED)
def test_sandwiches_of_a_moved_fit_have_the_influence_of_each_case(name):
    plain = WeightedLogit(Y, X).fit_bias_reduced(disp=False)
    moved = WeightedLogit(Y, X, **MOVED[name]).fit_bias_reduced(disp=False)
    influence, odds = influences(plain, X, Y)
    if name != "mapping":
        influence[:, 0] -= odds
    hc0 = influence.T @ influence
    assert_allclose(moved.cov_HC0, hc0, rtol=1e-9, atol=1e-12)
    totals = pd.DataFrame(influence).groupby(DATA["cluster"].to_numpy()).sum().to_numpy()
    clustered = moved.with_covariance("cluster", groups=DATA["cluster"].to_numpy(), kind="CR0")
    assert_allclose(clustered.cov_params(), totals.T @ totals, rtol=1e-9, atol=1e-12)
    fixed = moved.with_covariance("HC0", class_weights="fixed")
    assert_allclose(fixed.cov_params(), plain.cov_HC0, rtol=1e-9, atol=1e-12)
    by_design = moved.with_covariance("HC0", sampling="case-control")
    influence, _ = influences(plain, X, Y)
    for label in (0.0, 1.0):
        influence[label == Y] -= influence[label == Y].mean(axis=0)
    assert_allclose(by_design.cov_params(), influence.T @ influence, rtol=1e-9, atol=1e-12)


def test_the_slopes_are_tested_by_the_unweighted_penalised_likelihood():
    plain, moved = reduced(), reduced(**MOVED["mapping"])
    assert_allclose(moved.llr, plain.llr, rtol=1e-9)
    assert_allclose(moved.penalized_llf, plain.penalized_llf, rtol=1e-12)
    left, right = (np.asarray(each.conf_int(method="profile")) for each in (plain, moved))
    assert_allclose(right - left, [[np.log(4.0)] * 2, [0, 0], [0, 0]], atol=1e-8)
    test = moved.penalized_lr_test("Intercept = 0.3")
    assert_allclose(
        test.statistic,
        plain.penalized_lr_test(f"Intercept = {float(0.3 - np.log(4.0))!r}").statistic,
    )


@pytest.mark.parametrize("name", ["balanced", "prevalence"])
def test_an_intercept_with_class_weights_of_the_sample_has_no_profile(name):
    results = reduced(**MOVED[name])
    with pytest.warns(InferenceWarning, match="profile limits of Intercept are missing"):
        limits = results.conf_int(method="profile")
    assert np.isnan(np.asarray(limits)[0]).all()
    assert_allclose(limits.iloc[1:], reduced().conf_int(method="profile").iloc[1:], rtol=1e-9)
    assert np.isnan(results.penalized_lr_tests().loc["Intercept", "pvalue"])
    with pytest.raises(NotAvailableError, match="wald_test"):
        results.penalized_lr_test("Intercept")


# ----------------------------------------------------------------------- tests and profiles


def test_hypotheses_by_name_term_and_matrix():
    results = reduced("y ~ x + C(g)")
    term = results.penalized_lr_test("C(g)")
    assert term.df == 2
    names = ["C(g)[T.b]", "C(g)[T.c]"]
    same = [
        results.penalized_lr_test(names),
        results.penalized_lr_test("C(g)[T.b] = 0, C(g)[T.c] = 0"),
        results.penalized_lr_test(np.eye(4)[1:3]),
        results.penalized_lr_test((np.eye(4)[1:3], [0.0, 0.0])),
    ]
    for other in same:
        assert_allclose(other.statistic, term.statistic, rtol=1e-9)
        assert_allclose(other.pvalue, chi2.sf(term.statistic, 2), rtol=1e-8)
    everything = results.penalized_lr_test()
    assert everything.df == 3
    assert_allclose([results.llr, results.llr_pvalue], [everything.statistic, everything.pvalue])
    unequal = results.penalized_lr_test("x = 0.5")
    assert unequal.statistic != term.statistic
    assert results.penalized_lr_test("x = 1e9").pvalue == 0.0


def test_profile_limits_are_where_the_test_does_not_reject():
    results = reduced("y ~ x + z", offset="o")
    limits = results.conf_int(0.2, method="profile")
    for name, row in limits.iterrows():
        for limit in row:
            test = results.penalized_lr_test(f"{name} = {limit!r}")
            assert_allclose(test.pvalue, 0.2, rtol=1e-7)
    some = results.conf_int(0.2, cols=[2], method="profile")
    assert_allclose(some, limits.iloc[[2]], rtol=1e-9)
    assert list(some.index) == ["z"]


def test_profile_limits_are_finite_under_separation():
    exog, y = separated()
    results = WeightedLogit(y, exog).fit_bias_reduced(disp=False)
    limits = results.conf_int(method="profile")
    assert np.all(np.isfinite(limits))
    assert limits[1, 0] < results.params[1] < limits[1, 1]
    wide = results.conf_int(1e-6, method="profile")
    assert np.all(np.isfinite(wide))
    assert np.all((wide[:, 0] < limits[:, 0]) & (wide[:, 1] > limits[:, 1]))
    # Far from zero the test rejects more and more.
    far = [results.penalized_lr_test(f"x1 = {v}").statistic for v in (5.0, 10.0, 20.0, 40.0, 80.0)]
    assert np.all(np.diff(far) > 0.0)


def test_no_slopes_leave_nothing_to_test():
    results = WeightedLogit(Y, np.ones((N, 1))).fit_bias_reduced(disp=False)
    assert results.llr == 0.0
    assert np.isnan(results.llr_pvalue)


def test_without_a_constant_the_null_model_is_the_offset():
    results = reduced("y ~ 0 + x + z", offset="o")
    at_zero = penalized_value_with_offset(np.zeros(2))
    assert_allclose(results.llr, 2.0 * (results.penalized_llf - at_zero), rtol=1e-10)


def penalized_value_with_offset(params):
    exog, offset = X[:, 1:], DATA["o"].to_numpy()
    eta = exog @ params + offset
    p = expit(eta)
    information = (exog * (p * (1 - p))[:, None]).T @ exog
    return np.sum(Y * eta - np.logaddexp(0, eta)) + 0.5 * np.linalg.slogdet(information)[1]


# ------------------------------------------------------------------------------- predictions


@pytest.mark.parametrize("how", ["flic", "flac"])
@pytest.mark.parametrize("options", [{}, {"offset": "o"}, {"freq_weights": "w"}, *MOVED.values()])
def test_the_mean_prediction_is_the_share_of_events(how, options):
    results = reduced("y ~ x + C(g)", fitted={"prediction": how}, **options)
    m = DATA["w"] if "freq_weights" in options else np.ones(N)
    share = np.average(Y, weights=m)
    if "prevalence" in options:
        plain = results.predict(prevalence=share)  # back to the sample
        assert_allclose(np.average(plain, weights=m), share, rtol=1e-10)
    else:
        assert_allclose(
            np.average(results.predict(which="calibrated"), weights=m), share, rtol=1e-10
        )
    p = np.asarray(results.predict())
    w = np.asarray(results.model.weights.row_weight)
    assert_allclose(results.llf, np.sum(w * (Y * np.log(p) + (1 - Y) * np.log1p(-p))), rtol=1e-10)


def test_flic_keeps_the_slopes():
    plain, corrected = reduced(), reduced(fitted={"prediction": "flic"})
    assert_allclose(corrected.params[1:], plain.params[1:], rtol=1e-12)
    assert corrected.params.iloc[0] != plain.params.iloc[0]


def test_flac_of_nearly_collinear_columns():
    """The factor of data and pseudo-cases is formed without their products."""
    exog = np.column_stack([X[:, :2], X[:, 1] + 3e-5 * X[:, 2]])
    basis = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 3e-5]])
    plain = WeightedLogit(Y, X).fit_bias_reduced(prediction="flac", disp=False)
    skew = WeightedLogit(Y, exog).fit_bias_reduced(prediction="flac", disp=False)
    assert_allclose(basis @ skew.params, plain.params, rtol=1e-6)
    # Columns whose condition number alone asks for it.
    exog[:, 2] = X[:, 1] + 3e-7 * X[:, 2]
    basis[2, 2] = 3e-7
    skew = WeightedLogit(Y, exog).fit_bias_reduced(prediction="flac", disp=False)
    assert_allclose(basis @ skew.params, plain.params, rtol=1e-5)


# ------------------------------------------------------------------------------ refused, said


@pytest.mark.parametrize(
    "options", [{"sampling_weights": "a"}, {"frame": DATA.assign(y=DATA["y"] * 0.9)}]
)
@pytest.mark.parametrize("kind", ["mean", "median"])
def test_pseudo_likelihoods_are_refused_by_name(kind, options):
    with pytest.raises(ValueError, match=r'kind="empirical".*weights="raw"'):
        reduced(kind=kind, **options)
    empirical = reduced(kind="empirical", **options)
    assert empirical.cov_type == "HC3"
    raw = reduced(kind=kind, weights="raw", **options)
    assert "raw" in raw.method
    text = raw.summary().as_text().replace("\n", " ")
    assert 'weights="raw"' in text


def test_raw_weights_that_are_counts_are_counts():
    left, right = (reduced(weights=w, freq_weights="w") for w in (None, "raw"))
    assert_allclose(right.params, left.params, rtol=0)
    assert right.cov_type == "nonrobust"
    assert "raw" not in right.method


def test_separation_is_said_where_the_method_needs_an_estimate():
    exog, y = separated()
    for kind in ("empirical", "king-zeng"):
        with pytest.raises(
            SeparationError, match=r'x1 to \+infinity.*kind="mean".*fit_regularized'
        ):
            WeightedLogit(y, exog).fit_bias_reduced(kind, disp=False)


TITLES = {
    "mean": "Firth",
    "median": "Median bias-reduced",
    "empirical": "Empirically bias-reduced",
    "king-zeng": "King-Zeng",
}


@pytest.mark.parametrize("kind", TITLES)
@pytest.mark.parametrize("options", [{}, {"freq_weights": "w"}, {"prevalence": 0.1}])
def test_the_summary_names_the_method(kind, options):
    results = reduced(kind=kind, **options)
    text = results.summary().as_text()
    assert TITLES[kind] in text.splitlines()[0]
    assert "not available" not in text
    assert "nan" not in text
    for rendered in (results.summary().as_html(), results.summary().as_markdown()):
        assert TITLES[kind] in rendered
    assert "converged" in results.summary2().as_text().lower()


def test_what_only_maximum_likelihood_has_is_refused():
    kinds = [reduced(kind=kind) for kind in TITLES] + [reduced(class_weight="balanced")]
    for results in kinds:
        for call in (lambda r: r.score_test(DATA[["g"]]), lambda r: r.get_influence()):
            with pytest.raises(NotAvailableError, match=r"fit\(\)"):
                call(results)
    for kind in ("median", "empirical", "king-zeng"):
        results = reduced(kind=kind)
        for member in ("llr", "llr_pvalue", "penalized_llf"):
            assert not hasattr(results, member)
        with pytest.raises(NotAvailableError, match="Wald"):
            results.conf_int(method="profile")
    moved = reduced(class_weight="balanced")
    for member in ("aic", "bic", "im_ratio"):
        assert not hasattr(moved, member)
        assert np.all(np.isfinite(getattr(reduced(), member)))
    assert_allclose(reduced().aic, -2.0 * reduced().llf + 6.0)


@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}, {"freq_weights": "w"}])
def test_files_and_removed_data(options):
    results = reduced("y ~ x + C(g)", **options)
    limits = results.conf_int()
    text = results.summary().as_text()
    file = io.BytesIO()
    results.save(file)
    file.seek(0)
    loaded = type(results).load(file)
    assert isinstance(loaded._results, BiasReducedResults)
    assert_allclose(
        loaded.penalized_lr_test("x").statistic, results.penalized_lr_test("x").statistic
    )
    copied = pickle.loads(pickle.dumps(results))
    copied.remove_data()
    assert len(pickle.dumps(copied)) < len(pickle.dumps(results))
    assert copied.summary().as_text().split("Time:")[0] == text.split("Time:")[0]
    assert_allclose(copied.conf_int(), limits, rtol=0)
    assert_allclose(copied.predict(DATA.iloc[:3]), results.predict(DATA.iloc[:3]), rtol=0)
    assert copied.llr == results.llr
    for call in (
        lambda: copied.penalized_lr_test("x"),
        lambda: copied.with_covariance("HC1"),
        lambda: copied.conf_int(method="profile"),
    ):
        with pytest.raises(NotAvailableError, match="removed"):
            call()


def test_another_covariance_keeps_the_estimate_and_its_name():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = reduced(class_weight="balanced")
        other = first.with_covariance("HC3")
        again = other.with_covariance()
    assert isinstance(other._results, BiasReducedResults)
    assert (other.cov_type, again.cov_type) == ("HC3", "nonrobust")
    assert_allclose(again.cov_params(), first.cov_params(), rtol=0)
    assert_allclose(other.params, first.params, rtol=0)
    text = other.summary().as_text()
    assert "Firth" in text
    assert "INVALID" not in text
    assert "INVALID" not in first.summary().as_text()
    with pytest.warns(InferenceWarning, match="nonrobust"):
        raw = reduced(weights="raw", class_weight="balanced", fitted={"cov_type": "nonrobust"})
    assert "INVALID" in raw.summary().as_text()


def test_an_implicit_constant_moves_all_its_columns():
    explicit = reduced("y ~ x + C(g)", class_weight="balanced")
    implicit = reduced("y ~ 0 + C(g) + x", class_weight="balanced")
    assert_allclose(implicit.fittedvalues, explicit.fittedvalues, rtol=1e-9)
    assert_allclose(
        implicit.cov_params().iloc[-1, -1], explicit.cov_params().loc["x", "x"], rtol=1e-9
    )
    assert_allclose(
        implicit.cov_params().iloc[0, 0],
        explicit.cov_params().loc["Intercept", "Intercept"],
        rtol=1e-8,
    )
