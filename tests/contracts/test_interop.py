"""What other code does with the results: statsmodels' own, and packages that build on it."""

import contextlib
import pickle
import re
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.base.model import LikelihoodModel
from statsmodels.discrete.discrete_model import (
    BinaryModel,
    BinaryResultsWrapper,
    DiscreteResults,
    LogitResults,
)
from statsmodels.imputation.mice import MICE, MICEData
from statsmodels.iolib.summary2 import summary_col, summary_model, summary_params
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.sandwich_covariance import cov_white_simple
from statsmodels.tools import _testing as checks

from wlogit import (
    ConvergenceWarning,
    DesignError,
    NotAvailableError,
    SeparationError,
    SeparationWarning,
    WeightedLogit,
)
from wlogit.formula.api import weighted_logit

N = 160


@cache
def _data():
    rng = np.random.default_rng(33)
    data = pd.DataFrame(
        {
            "x": rng.normal(size=N),
            "z": rng.normal(size=N),
            "g": rng.choice(["a", "b", "c"], N),
            "counted": rng.integers(0, 4, N),
            "sampled": rng.uniform(0.5, 3.0, N),
            "o": rng.normal(size=N) / 4,
        }
    )
    eta = 0.2 + 0.9 * data["x"] - 0.5 * data["z"] + data["o"]
    data["y"] = (rng.random(N) < 1 / (1 + np.exp(-eta))).astype(int)
    return data


def data():
    return _data().copy()


WEIGHTS = {
    "none": {},
    "frequency": {"freq_weights": "counted"},
    "sampling": {"sampling_weights": "sampled"},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 4}},
    "prevalence": {"prevalence": 0.1},
    "frequency, sampling, balanced": {
        "freq_weights": "counted",
        "sampling_weights": "sampled",
        "class_weight": "balanced",
    },
    "frequency, prevalence": {"freq_weights": "counted", "prevalence": 0.2},
    "offset": {"offset": "o"},
    "offset, balanced": {"offset": "o", "class_weight": "balanced"},
}


def model(formula="y ~ x + z + C(g)", **options):
    return weighted_logit(formula, data(), **options)


def fit(formula="y ~ x + z + C(g)", **options):
    return model(formula, **options).fit(disp=False)


def X():  # noqa: N802  a matrix
    return np.column_stack([np.ones(N), data()["x"], data()["z"]])


def y():
    return data()["y"].to_numpy()


# -------------------------------------------------------------------------------------- what it is


def test_it_is_what_other_packages_ask_for():
    results = fit(class_weight="balanced")
    assert isinstance(results, BinaryResultsWrapper)
    assert isinstance(results._results, LogitResults)
    assert isinstance(results._results, DiscreteResults)
    assert isinstance(results.model, BinaryModel)
    assert isinstance(results.model, LikelihoodModel)
    assert "statsmodels" in str(type(results))
    assert type(results.model).__name__ == "WeightedLogit"


def test_what_marginaleffects_reads():
    """Its adapter of statsmodels: formula, frame, labels, covariances, predictions by params."""
    results = fit(sampling_weights="sampled")
    assert results.model.formula == "y ~ x + z + C(g)"
    frame = results.model.data.frame
    assert {"x", "z", "g"} <= set(frame.columns)
    assert len(frame) == N
    assert not any(pd.api.types.is_string_dtype(dtype) for dtype in frame.dtypes)
    assert list(results.params.index) == results.model.exog_names
    assert list(results.cov_params().index) == results.model.exog_names
    assert np.asarray(results.cov_HC3).shape == (5, 5)
    assert results.df_resid == N - 5
    predicted = results.model.predict(np.asarray(results.params), results.model.exog)
    assert_allclose(predicted, results.predict(), rtol=1e-14)


def test_names_and_labels_are_the_users():
    results = fit(freq_weights="counted")
    labels = list(data().index)
    for part in (results.fittedvalues, results.resid_dev, results.resid_pearson, results.predict()):
        assert list(part.index) == labels
    for part in (results.params, results.bse, results.tvalues, results.pvalues):
        assert list(part.index) == results.model.exog_names
    assert list(results.conf_int().index) == results.model.exog_names
    assert results.model.endog_names == "y"


def test_columns_keep_their_names_when_others_are_dropped():
    exog = np.column_stack([np.ones(N), data()["x"], 2 * data()["x"], data()["z"]])
    results = WeightedLogit(y(), exog, aliased="drop").fit(disp=False)
    assert results.model.exog_names == ["const", "x1", "x3"]
    assert results.model.aliased == {"x2": {"x1": 2.0}}
    assert "x2 is left out: it equals 2 x1" in results.summary().as_text()
    labels = ["one", "x", "twice", "z"]
    results = WeightedLogit(y(), pd.DataFrame(exog, columns=labels), aliased="drop").fit(disp=False)
    assert list(results.params.index) == ["one", "x", "z"]
    assert results.model.aliased == {"twice": {"x": 2.0}}


@pytest.mark.parametrize("dropped", ["z", "C(g)[T.b]"])
def test_a_column_left_out_of_the_formula_stays_out(dropped):
    results = fit(drop_cols=[dropped], class_weight="balanced")
    assert dropped not in results.params.index
    assert_allclose(results.predict(data().iloc[:5]), results.predict().iloc[:5], rtol=1e-13)
    again = pickle.loads(pickle.dumps(results))
    assert_allclose(again.predict(data().iloc[:5]), results.predict().iloc[:5], rtol=1e-13)


# ------------------------------------------------------------------------- statsmodels' own tools


def test_summary_col_puts_several_side_by_side():
    fits = [fit(), fit(class_weight="balanced"), fit("y ~ x", freq_weights="counted")]
    table = summary_col(
        fits,
        stars=True,
        model_names=["plain", "balanced", "counted"],
        info_dict={"N": lambda r: f"{r.nobs:.0f}", "R2": lambda r: f"{r.prsquared:.3f}"},
    )
    text = table.as_text()
    for results in fits:
        assert f"{results.params['x']:.4f}" in text
        assert f"({results.bse['x']:.4f})" in text
    assert f"{data()['counted'].sum()}" in text


def test_statsmodels_tables_read_the_results():
    results = fit(class_weight="balanced")
    facts = summary_model(results)
    assert facts["Model:"] == "WeightedLogit"
    assert facts["No. Observations:"].strip() == str(N)
    assert float(facts["AIC:"]) == pytest.approx(results.aic, abs=1e-3)
    table = summary_params(results)
    assert_allclose(table["Coef."], results.params)
    assert_allclose(table["Std.Err."], results.bse)
    assert_allclose(table.iloc[:, 3], results.pvalues)
    assert_allclose(table[["[0.025", "0.975]"]], results.conf_int())


def test_statsmodels_checks_of_results_pass():
    for options in WEIGHTS.values():
        results = fit(**options)
        checks.check_ttest_tvalues(results)
        checks.check_ftest_pvalues(results)


def test_statsmodels_checks_of_predictions_pass():
    for options in ({}, {"sampling_weights": data()["sampled"].to_numpy()}):
        results = WeightedLogit(y(), X(), **options).fit(disp=False)
        checks.check_predict_types(results)


def test_anova_of_linear_models_is_not_for_a_logit():
    """As with statsmodels' Logit: it needs sums of squares."""
    for results in (fit(), fit(class_weight="balanced")):
        with pytest.raises(AttributeError):
            anova_lm(results)


def test_terms_of_the_formula_are_tested_together():
    results = fit(class_weight="balanced")
    table = results.wald_test_terms(scalar=True).table
    assert set(table.index) == {"Intercept", "x", "z", "C(g)"}
    together = results.wald_test("C(g)[T.b] = 0, C(g)[T.c] = 0", scalar=True)
    assert_allclose(table.loc["C(g)", "statistic"], together.statistic)
    assert table.loc["C(g)", "df_constraint"] == 2


def test_their_white_covariance_of_counted_rows_is_hc0():
    """`cov_white_simple` divides by the root of freq_weights, and asks whether there are any."""
    for options in ({}, {"freq_weights": "counted"}):
        frame = data()[data()["counted"] > 0]
        results = weighted_logit("y ~ x + z", frame, **options).fit(disp=False)
        found = cov_white_simple(results, use_correction=False)
        assert_allclose(found, results.cov_HC0, rtol=1e-10)


def test_multiple_imputation_fits_ours():
    """It builds the model by from_formula, again and again, and pools what the fits say."""
    rng = np.random.default_rng(5)
    frame = data()[["y", "x", "z"]].astype(float)
    frame.loc[rng.random(N) < 0.2, "x"] = np.nan
    np.random.seed(0)  # noqa: NPY002  what MICE draws from
    imputed = MICE(
        "y ~ x + z",
        WeightedLogit,
        MICEData(frame),
        init_kwds={"class_weight": "balanced"},
        fit_kwds={"disp": False},
    ).fit(n_burnin=1, n_imputations=3)
    complete = weighted_logit("y ~ x + z", frame, class_weight="balanced").fit(disp=False)
    assert_allclose(imputed.params, complete.params, atol=0.5)
    assert (imputed.bse > 0).all()


# --------------------------------------------------------------------------------------- rebuilding


def rebuilt(one):
    return type(one)(one.endog, one.exog, **one._get_init_kwds())


def assert_equal_fits(one, other):
    first, second = one.fit(disp=False), other.fit(disp=False)
    for part in ("params", "bse", "llf", "llnull", "nobs", "df_resid", "df_model", "aic"):
        values = [np.asarray(getattr(results, part)) for results in (first, second)]
        assert_allclose(*values, rtol=1e-13, err_msg=part)
    ours, theirs = first.weights, second.weights
    assert ours.kind == theirs.kind
    assert ours.total == theirs.total
    assert [*ours.class_weights.values()] == [*theirs.class_weights.values()]
    assert first.cov_type == second.cov_type
    # The class weights stay estimated, or fixed, as they were.
    assert first.covariance.description == second.covariance.description


@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_model_is_rebuilt_from_what_it_stores(weights):
    one = model(**WEIGHTS[weights])
    assert_equal_fits(one, rebuilt(one))
    assert_equal_fits(one, rebuilt(rebuilt(one)))


@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_model_of_labels_is_rebuilt(weights):
    """Its endog is stored as 0 and 1, and its class weights with it."""
    frame = data().assign(y=np.where(data()["y"] == 1, "ill", "well"))
    options = dict(WEIGHTS[weights])
    if options.get("class_weight") == {0: 1, 1: 4}:
        options["class_weight"] = {"well": 1, "ill": 4}
    one = weighted_logit("y ~ x + z", frame, event="ill", **options)
    assert_equal_fits(one, rebuilt(one))


COUNTED = {
    "none": {},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 4}},
    "frequency": {"freq_weights": np.arange(N) % 3},
    "sampling": {"sampling_weights": 1.0 + np.arange(N) % 5},
    "prevalence": {"prevalence": 0.1},
    "offset": {"offset": np.linspace(-1, 1, N)},
}


@pytest.mark.parametrize("weights", COUNTED)
def test_a_model_of_counts_is_rebuilt(weights):
    rng = np.random.default_rng(3)
    endog = np.column_stack([rng.integers(0, 5, N), rng.integers(0, 4, N)])
    one = WeightedLogit(endog, X(), **COUNTED[weights])
    assert_equal_fits(one, rebuilt(one))


@pytest.mark.parametrize("weights", COUNTED)
def test_a_model_of_fractions_is_rebuilt(weights):
    one = WeightedLogit(np.linspace(0, 1, N), X(), **COUNTED[weights])
    assert_equal_fits(one, rebuilt(one))


@pytest.mark.parametrize("weights", WEIGHTS)
def test_the_null_model_is_rebuilt_with_the_weights(weights):
    """By a vector of ones of one dimension, as statsmodels does."""
    results = fit(**WEIGHTS[weights])
    expected = results.llnull
    results.set_null_options(attach_results=True)
    assert_allclose(results.llnull, expected, rtol=1e-12)
    assert results.res_null.weights.kind == results.weights.kind
    assert len(results.res_null.params) == 1


@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_constrained_fit_keeps_the_weights(weights):
    """One that holds at the optimum changes nothing but the degrees of freedom."""
    results = fit(**WEIGHTS[weights])
    value = float(results.params["x"])
    held = results.model.fit_constrained(f"x = {value!r}", disp=False)
    assert_allclose(held.params, results.params, rtol=1e-9)
    assert_allclose(held.llf, results.llf, rtol=1e-12)
    assert_allclose(held.bse["x"], 0.0, atol=1e-12)
    assert held.df_resid == results.df_resid + 1


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


# ------------------------------------------------------------------ no warning of theirs escapes


def everything(results):
    """Read every member that takes no argument, and call what other code calls."""
    inner = results._results
    for name in dir(inner):
        if not name.startswith("_") and name not in ("load", "save", "remove_data", "initialize"):
            with contextlib.suppress(NotAvailableError):
                getattr(results, name)
    calls = (
        results.summary,
        results.summary2,
        results.predict,
        results.pred_table,
        results.get_prediction,
        results.odds_ratios,
        results.get_distribution,
        lambda: results.get_prediction().summary_frame(),
        lambda: results.t_test(np.eye(len(results.params))),
        lambda: results.wald_test(np.eye(len(results.params))[1:], scalar=True),
        lambda: results.info_criteria("tic"),
        lambda: results.info_criteria("gbic"),
        lambda: results.score_test(exog_extra=data()["x"] ** 3),
        lambda: results.get_margeff().summary_frame(),
        lambda: results.get_influence().summary_frame(),
    )
    for call in calls:
        with contextlib.suppress(NotAvailableError, NotImplementedError, DesignError, ValueError):
            call()


@pytest.mark.parametrize("weights", WEIGHTS)
def test_nothing_warns_in_a_sound_fit(weights):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        everything(fit(**WEIGHTS[weights]))


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


def test_the_engine_of_formulas_is_patsy_whatever_statsmodels_uses(monkeypatch):
    # statsmodels 0.14 has no choice of engine.
    options = getattr(statsmodels.formula, "options", None)
    if options is not None:
        monkeypatch.setattr(options, "formula_engine", "formulaic")
    results = fit("y ~ x + C(g, Treatment('b'))", class_weight="balanced")
    new = data().iloc[:3]
    assert_allclose(results.predict(new), results.predict().iloc[:3], rtol=1e-13)
    assert len(results.get_prediction(new).summary_frame()) == 3
    assert "x" in results.wald_test_terms(scalar=True).table.index
    assert results.t_test("x = 0").pvalue < 1
    assert options is None or options.formula_engine == "formulaic"
