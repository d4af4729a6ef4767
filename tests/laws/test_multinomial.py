"""The laws that weights obey, for every number of a fit with several labels."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.unit.multinomial.studies import WEIGHTS, survey
from wlogit.formula.api import weighted_mnlogit

FORMULA = "mode ~ age + income + town"
COVARIANCES = ("HC0", "HC1", "HC2", "HC3", "linearized", "cluster")


@cache
def data():
    return survey()


def fit(frame, formula=FORMULA, **options):
    return weighted_mnlogit(formula, frame, **options).fit(disp=False)


def with_covariance(results, cov_type):
    groups = {"groups": "area"} if cov_type == "cluster" else {}
    return results.with_covariance(cov_type, **groups)


# Everything that depends on neither the order of the rows nor the unit of the weights.
STATISTICS = {
    "params": lambda r: r.params.to_numpy(),
    "bse": lambda r: r.bse.to_numpy(),
    "pvalues": lambda r: r.pvalues.to_numpy(),
    "conf_int": lambda r: r.conf_int().to_numpy(),
    "cov_params": lambda r: r.cov_params().to_numpy(),
    "risk_ratios": lambda r: r.risk_ratios().to_numpy(),
    "tidy": lambda r: r.tidy().iloc[:, 2:].to_numpy(),
    "shift": lambda r: np.zeros(1) if r.covariance.shift is None else r.covariance.shift,
    "nobs": lambda r: r.nobs,
    "df_model": lambda r: r.df_model,
    "df_resid": lambda r: r.df_resid,
    "effective_size": lambda r: r.weights.effective_size,
    "design_effect": lambda r: r.weights.design_effect,
    "llr": lambda r: r.llr,
    "llr_pvalue": lambda r: r.llr_pvalue,
    "prsquared": lambda r: r.prsquared,
    "cox_snell": lambda r: r.pseudo_rsquared("cox_snell"),
    "nagelkerke": lambda r: r.pseudo_rsquared("nagelkerke"),
    "tic": lambda r: r.info_criteria("tic"),
    "wald_test": lambda r: r.wald_test("ycar_age = ytrain_age", scalar=True).pvalue,
    "f_test": lambda r: r.f_test("ywalk_income = 0").pvalue,
    "t_test": lambda r: r.t_test("ywalk_income = 0").pvalue,
    "wald_test_terms": lambda r: r.wald_test_terms().table.to_numpy(),
    "margeff": lambda r: r.get_margeff().margeff,
    "margeff_se": lambda r: r.get_margeff().margeff_se,
    "unconditional": lambda r: r.get_margeff(vce="unconditional").margeff_se,
    "at_median": lambda r: r.get_margeff(at="median").margeff_se,
    "dummy": lambda r: r.get_margeff(dummy=True, method="eydx").margeff_se,
    "weighted_scale": lambda r: r.get_margeff(scale="weighted").margeff_se,
    "predict": lambda r: r.predict(data().head(5)).to_numpy(),
    "calibrated": lambda r: r.get_prediction(data().head(5), which="calibrated").summary_frame(),
    "linear": lambda r: r.get_prediction(data().head(5), which="linear").se,
}
COUNTS = {
    "pred_table": lambda r: r.pred_table().to_numpy(),
    "im_ratio": lambda r: np.trace(r.im_ratio),
    "bic": lambda r: r.bic,
    "aic": lambda r: r.aic,
}
LIKELIHOODS = {
    "llf": lambda r: r.llf,
    "llnull": lambda r: r.llnull,
    "aic_naive": lambda r: r.info_criteria("aic_naive"),
}


def same(one, other, names, rtol):
    for name, statistic in names.items():
        found, known = np.asarray(statistic(one)), np.asarray(statistic(other))
        size = np.abs(known).max(initial=0.0)
        assert_allclose(found, known, rtol=rtol, atol=rtol * size * 1e-3, err_msg=name)


CASES = [
    pytest.param(kind, cov_type, id=f"{kind}-{cov_type}")
    for kind, cov_type in [
        *((kind, "HC3") for kind in WEIGHTS),
        *(("product", cov_type) for cov_type in COVARIANCES if cov_type != "HC3"),
        ("mapping", "cluster"),
    ]
]


@pytest.mark.parametrize(("kind", "cov_type"), CASES)
def test_a_count_is_so_many_rows(kind, cov_type):
    options = {**WEIGHTS[kind], "freq_weights": "count"}
    repeated = data().loc[data().index.repeat(data()["count"])].reset_index(drop=True)
    one = with_covariance(fit(data(), **options), cov_type)
    other = with_covariance(fit(repeated, **{**options, "freq_weights": None}), cov_type)
    same(one, other, STATISTICS | COUNTS | LIKELIHOODS, 1e-8)


@pytest.mark.parametrize(("kind", "cov_type"), CASES)
@pytest.mark.parametrize("factor", [1e-12, 3.0, 1e12])
def test_the_unit_of_the_weights_is_no_matter(kind, cov_type, factor):
    scaled = data().assign(sampling=factor * data()["sampling"])
    options = {"sampling_weights": "sampling", **WEIGHTS[kind]}
    one, other = (with_covariance(fit(f, **options), cov_type) for f in (data(), scaled))
    same(one, other, STATISTICS | COUNTS, 1e-8)


@pytest.mark.parametrize(("kind", "cov_type"), CASES)
def test_rows_without_weight_are_absent_and_the_order_is_no_matter(kind, cov_type):
    extra = data().head(40).assign(count=0, sampling=0.0, age=1e6, area=999)
    options = {"sampling_weights": "sampling", **WEIGHTS[kind]}
    more = pd.concat([data(), extra], ignore_index=True)
    more = more.sample(frac=1.0, random_state=3)
    one, other = (with_covariance(fit(f, **options), cov_type) for f in (data(), more))
    same(one, other, STATISTICS | COUNTS | LIKELIHOODS, 1e-8)


@pytest.mark.parametrize("cov_type", COVARIANCES)
def test_class_weights_are_sampling_weights_taken_as_fixed(cov_type):
    weights = {"bus": 1.0, "car": 0.5, "train": 2.0, "walk": 6.0}
    frame = data().assign(by_label=data()["mode"].map(weights))
    groups = {"groups": "area"} if cov_type == "cluster" else {}
    one = fit(frame, class_weight=weights).with_covariance(cov_type, **groups)
    other = fit(frame, sampling_weights="by_label").with_covariance(cov_type, **groups)
    names = ("params", "cov_params", "llr_pvalue", "tic", "wald_test", "effective_size")
    same(one, other, {name: STATISTICS[name] for name in names}, 1e-10)


@pytest.mark.parametrize(("kind", "cov_type"), CASES)
def test_an_affine_change_of_the_covariates_maps_the_fit(kind, cov_type):
    moved = data().assign(age=50.0 + 10.0 * data()["age"], income=2.0 * data()["income"] + 3.0)
    one, other = (with_covariance(fit(f, **WEIGHTS[kind]), cov_type) for f in (data(), moved))
    back = np.array(
        [[1.0, 0.0, 50.0, 3.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 10.0, 0.0], [0.0, 0.0, 0.0, 2.0]]
    )
    assert_allclose(back @ other.params, one.params, rtol=1e-8)
    full = np.kron(np.eye(3), back)
    covariance = full @ other.cov_params().to_numpy() @ full.T
    assert_allclose(covariance, one.cov_params(), rtol=1e-6, atol=1e-10)
    names = ("llr_pvalue", "tic", "effective_size")
    same(one, other, {name: STATISTICS[name] for name in names}, 1e-8)


@pytest.mark.parametrize("kind", WEIGHTS)
def test_the_score_is_zero_at_the_optimum(kind):
    results = fit(data(), **WEIGHTS[kind])
    model, scale = results.model, np.abs(results.model.exog).max() * results.weights.total
    assert_allclose(model.score(results.params) / scale, 0.0, atol=1e-14)
    assert_allclose(model.score_obs(results.params).sum(axis=0) / scale, 0.0, atol=1e-14)
    assert model.loglikeobs(results.params).sum() == pytest.approx(results.llf, rel=1e-12)
    assert model.loglike(results.params) == pytest.approx(results.llf, rel=1e-12)
    # With a constant, the weighted shares are fitted exactly.
    weight = np.broadcast_to(results.weights.row_weight, len(data()))
    observed = np.bincount(model.endog, weight)
    assert_allclose(weight @ results.predict().to_numpy(), observed, rtol=1e-10)


def test_threads_and_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(2)
    n = 30_000
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    score = np.column_stack([0 * frame["x"], frame["x"] - 0.5, frame["z"] - 1.0])
    frame["y"] = np.argmax(score + rng.gumbel(size=(n, 3)), axis=1)
    fits = []
    for threads in ("1", "2"):
        monkeypatch.setenv("WLOGIT_NUM_THREADS", threads)
        fits.append(fit(frame, "y ~ x + z", class_weight="balanced"))
    one, other = fits
    assert_allclose(one.params, other.params, rtol=0, atol=0)
    assert_allclose(one.cov_params(), other.cov_params(), rtol=1e-12)
