"""Optimizers, separation and fits that do not converge: one answer, or a plain word."""

import re
import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose, assert_array_equal

from tests.contracts.weighted_fits import N, X, data, everything, fit, model, y
from wlogit import (
    ConvergenceWarning,
    NotAvailableError,
    SeparationError,
    SeparationWarning,
    WeightedLogit,
)
from wlogit.formula.api import weighted_logit

# -------------------------------------------------------------------------------------- optimizers

METHODS = ("newton", "nm", "bfgs", "lbfgs", "powell", "cg", "ncg", "basinhopping", "minimize")


def options_of(method):
    return {"nm": {"maxiter": 2000}, "basinhopping": {"niter": 2}}.get(method, {"maxiter": 500})


@pytest.mark.parametrize("total", [1.0, 1e9])
@pytest.mark.parametrize("method", METHODS)
def test_every_optimizer_gives_the_same_answer_whatever_the_unit_of_the_weights(method, total):
    weights = data()["sampled"].to_numpy()
    expected = WeightedLogit(y(), X(), sampling_weights=weights).fit(disp=False)
    scaled = WeightedLogit(y(), X(), sampling_weights=weights * total / weights.sum())
    np.random.seed(0)  # noqa: NPY002  what basinhopping draws from
    found = scaled.fit(method=method, disp=False, **options_of(method))
    assert found.converged
    assert found.mle_settings["optimizer"] == method
    assert_allclose(found.params, expected.params, rtol=1e-8)
    assert_allclose(found.bse, expected.bse, rtol=1e-8)


def test_an_optimizer_starts_where_it_is_told():
    results = fit()
    again = results.model.fit(results.params, disp=False)
    assert again.mle_retvals["iterations"] <= 1
    assert_allclose(again.params, results.params, rtol=1e-12)
    seen = []
    results.model.fit(disp=False, callback=seen.append)
    assert len(seen) == results.mle_retvals["iterations"]
    assert_allclose(seen[-1], results.params, rtol=1e-12)


# -------------------------------------------------------------------------------------- separation


def nan_in(results):
    """Names whose inference is undefined, the same in every part of it."""
    parts = [results.bse, results.tvalues, results.pvalues, results.conf_int().iloc[:, 0]]
    undefined = [set(part.index[np.isnan(part)]) for part in parts]
    assert undefined == [undefined[0]] * len(parts)
    return undefined[0]


def separated(endog, formula, **columns):
    return weighted_logit(formula, data().assign(y=endog, **columns), sampling_weights="sampled")


def complete():
    return separated((data()["x"] > 0.1).astype(int), "y ~ x + z")


def quasi():
    """Two rows with one value of x lie on both sides, and nothing else overlaps."""
    rank = data()["x"].rank().to_numpy()
    tied = data()["x"].where(rank != N // 2 + 1, data()["x"][rank == N // 2].iloc[0])
    return separated((rank > N // 2).astype(int), "y ~ tied", tied=tied)


def by_dummy():
    """Every row of the group is an event; the others overlap."""
    endog = data()["y"].where(data()["g"] != "c", 1)
    return separated(endog, "y ~ x + z + C(g)")


SEPARATED = {
    "complete": (complete, ("complete separation", "x to +infinity"), {"Intercept", "x", "z"}),
    "quasi": (quasi, ("quasi-complete", "tied to +infinity"), {"Intercept", "tied"}),
    "dummy": (by_dummy, ("quasi-complete", "C(g)[T.c] to +infinity"), {"C(g)[T.c]"}),
}


@pytest.mark.parametrize("kind", SEPARATED)
def test_separation_names_columns_and_directions(kind):
    build, words, undefined = SEPARATED[kind]
    with pytest.warns(SeparationWarning) as caught:
        results = build().fit(disp=False)
    assert len(caught) == 1
    message = str(caught[0].message)
    assert [word for word in words if word not in message] == [], message
    assert caught[0].filename == __file__
    assert not results.converged
    assert not results.mle_retvals["converged"]
    assert nan_in(results) == undefined
    text = results.summary().as_text()
    assert "separation" in text
    assert "nan" in text


def test_what_separation_leaves_is_inferred_from_the_rows_that_overlap():
    with pytest.warns(SeparationWarning):
        results = by_dummy().fit(disp=False)
    rest = data()[data()["g"] != "c"]
    limit = weighted_logit("y ~ x + z + C(g)", rest, sampling_weights="sampled").fit(disp=False)
    assert_allclose(results.params[limit.params.index], limit.params, rtol=1e-8)
    names = list(limit.params.index)
    ours, theirs = (one.with_covariance("HC0").cov_params() for one in (results, limit))
    assert_allclose(ours.loc[names, names], theirs, rtol=1e-6)


@pytest.mark.parametrize("kind", SEPARATED)
def test_separation_raises_on_request(kind):
    built = SEPARATED[kind][0]()
    built.raise_on_perfect_prediction = True
    with pytest.raises(SeparationError, match="infinity"):
        built.fit(disp=False)
    # As statsmodels' own error
    with pytest.raises(sm.tools.sm_exceptions.PerfectSeparationError):
        built.fit(disp=False)


@pytest.mark.parametrize("method", ["newton", "bfgs", "lbfgs", "nm", "cg", "ncg", "powell"])
def test_no_optimizer_takes_separation_for_an_answer(method):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = by_dummy().fit(method=method, disp=False, maxiter=300)
    assert [one.category for one in caught] == [SeparationWarning]
    assert not results.converged
    assert nan_in(results) == {"C(g)[T.c]"}


def test_without_warnings_separation_is_still_marked():
    results = by_dummy().fit(disp=False, warn_convergence=False)
    assert not results.converged
    assert nan_in(results) == {"C(g)[T.c]"}


def test_every_covariance_of_a_separated_fit_is_undefined_where_it_diverges():
    with pytest.warns(SeparationWarning):
        results = by_dummy().fit(disp=False)
    place = results.model.exog_names.index("C(g)[T.c]")
    for matrix in (results.cov_HC0, results.cov_HC3, np.asarray(results.cov_params())):
        assert np.isnan(matrix[place]).all()
        assert np.isnan(matrix[:, place]).all()
        kept = np.delete(np.delete(matrix, place, axis=0), place, axis=1)
        assert np.isfinite(kept).all()


@pytest.mark.parametrize("trouble", [by_dummy, None])
def test_joint_tests_of_undefined_coefficients_are_undefined(trouble):
    """NaN as in the table of coefficients, or an error that names one."""
    if trouble is None:
        results = model().fit(maxiter=1, disp=False, warn_convergence=False)
    else:
        results = trouble().fit(disp=False, warn_convergence=False)
    hypothesis = "x = 0, C(g)[T.c] = 0"
    try:
        found = results.wald_test(hypothesis, scalar=True)
    except (ValueError, NotAvailableError) as refused:
        assert re.search(r"C\(g\)\[T\.c\]", str(refused)), refused  # noqa: PT017
    else:
        assert np.isnan(found.pvalue)
    assert np.isnan(results.t_test(hypothesis).pvalue[1])


def test_near_separation_is_none():
    """One row of weight 1e-6 on the other side makes the estimate finite."""
    endog = (X()[:, 1] > 0).astype(int)
    weights = np.ones(N)
    row = int(np.argmax(data()["x"]))
    endog[row], weights[row] = 0, 1e-6
    exog = X()[:, :2]
    results = WeightedLogit(endog, exog, sampling_weights=weights).fit(disp=False, cov_type="HC0")
    assert results.converged
    gradient = exog.T @ (weights * (endog - results.predict()))
    assert_allclose(gradient, 0.0, atol=1e-12)


# --------------------------------------------------------------------------------- non-convergence


@pytest.mark.parametrize("method", ["newton", "bfgs", "lbfgs", "nm"])
def test_one_iteration_is_not_enough_and_says_so(method):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = model(class_weight="balanced").fit(method=method, maxiter=1, disp=False)
    assert [one.category for one in caught] == [ConvergenceWarning]
    assert caught[0].filename == __file__
    assert "maxiter" in str(caught[0].message)
    assert not results.converged
    assert not results.mle_retvals["converged"]
    assert nan_in(results) == set(results.model.exog_names)
    assert np.isnan(np.asarray(results.cov_params())).all()
    assert np.isnan(results.cov_HC3).all()
    assert np.isnan(results.t_test("x = 0").pvalue).all()
    assert np.isfinite(results.params).all()
    text = results.summary().as_text()
    assert "False" in text
    assert "failed to converge" in text


def test_one_iteration_without_warning():
    results = model().fit(maxiter=1, disp=False, warn_convergence=False)
    assert not results.converged
    assert nan_in(results) == set(results.model.exog_names)


def test_no_iterations_give_the_start():
    """As statsmodels uses it: derivatives at given coefficients."""
    start = np.array([0.1, 0.5, -0.2, 0.0, 0.0])
    results = model().fit(start, maxiter=0, disp=False, warn_convergence=False)
    assert_array_equal(results.params, start)
    assert_allclose(results.llf, results.model.loglike(start), rtol=1e-14)


@pytest.mark.parametrize("trouble", ["separation", "no convergence"])
def test_nothing_of_statsmodels_warns_in_a_troubled_fit(trouble):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if trouble == "separation":
            results = by_dummy().fit(disp=False)
        else:
            results = model(class_weight="balanced").fit(maxiter=1, disp=False)
        assert len(caught) == 1
        everything(results)
    foreign = [
        str(one.message) for one in caught if not one.category.__module__.startswith("wlogit")
    ]
    assert foreign == []
