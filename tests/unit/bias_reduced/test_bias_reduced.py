"""What bias-reduced fits offer, refuse and say."""

import io
import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import optimize
from scipy.special import expit, logit

from tests.unit.bias_reduced.reductions import (
    DATA,
    MOVED,
    N,
    X,
    Y,
    penalized_value,
    reduced,
    separated,
)
from wlogit import (
    ConvergenceWarning,
    InferenceWarning,
    NotAvailableError,
    SeparationError,
    WeightedLogit,
)
from wlogit.bias_reduced.results import BiasReducedResults
from wlogit.formula.api import weighted_logit

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
