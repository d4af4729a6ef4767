"""Fits with several labels, against statsmodels, repeated rows and the logit."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from tests.unit.multinomial.studies import WEIGHTS, arrays, survey
from wlogit import WeightedLogit
from wlogit.multinomial.model import WeightedMNLogit

FORMULA = "mode ~ age + income + town"


@pytest.fixture
def frame():
    return survey()


def fit(frame, formula=FORMULA, **options):
    return WeightedMNLogit.from_formula(formula, frame, **options).fit(disp=False)


def test_unit_weights_give_the_fit_of_statsmodels(frame):
    y, x = arrays(frame)
    ours = WeightedMNLogit(y, x).fit(disp=False)
    theirs = sm.MNLogit(y, x).fit(disp=False, tol=1e-14)
    assert_allclose(ours.params, theirs.params, rtol=1e-10)
    for name in ("bse", "tvalues", "pvalues"):
        assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9)
    for name in ("llf", "llnull", "llr", "llr_pvalue", "prsquared", "aic", "bic"):
        assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-8)
    for name in ("nobs", "df_model", "df_resid"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert_allclose(ours.conf_int(), theirs.conf_int(), rtol=1e-8)
    assert_allclose(ours.cov_params(), theirs.cov_params(), rtol=1e-9)


@pytest.mark.parametrize(
    "hook",
    [
        "loglike",
        "loglikeobs",
        "score",
        "score_obs",
        "score_factor",
        "hessian",
        "hessian_factor",
        "loglike_and_score",
    ],
)
def test_unit_weights_give_the_hooks_of_statsmodels(frame, hook):
    y, x = arrays(frame)
    at = np.random.default_rng(0).normal(size=(4, 3)) / 3.0
    ours, theirs = WeightedMNLogit(y, x), sm.MNLogit(y, x)
    if not hasattr(theirs, hook):
        pytest.skip("statsmodels 0.14 has no such hook")
    found, known = getattr(ours, hook)(at), getattr(theirs, hook)(at.ravel(order="F"))
    if hook == "loglike_and_score":
        found, known = found[1], known[1]
    assert_allclose(found, known, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("kind", WEIGHTS)
def test_a_count_is_so_many_rows(frame, kind):
    options = {**WEIGHTS[kind], "freq_weights": "count"}
    repeated = frame.loc[frame.index.repeat(frame["count"])].reset_index(drop=True)
    counted = fit(frame, **options)
    apart = fit(repeated, **{**options, "freq_weights": None})
    assert_allclose(counted.params, apart.params, rtol=1e-10)
    for name in ("llf", "llnull", "aic", "bic", "llr_pvalue", "nobs", "df_resid"):
        assert_allclose(getattr(counted, name), getattr(apart, name), rtol=1e-9)
    for cov_type in ("HC0", "HC1", "HC2", "HC3", "linearized"):
        one, other = (r.with_covariance(cov_type).cov_params() for r in (counted, apart))
        assert_allclose(one, other, rtol=1e-9)
    one, other = (r.with_covariance("cluster", groups="area") for r in (counted, apart))
    assert_allclose(one.cov_params(), other.cov_params(), rtol=1e-9)


@pytest.mark.parametrize("kind", ["none", "frequency", "sampling", "balanced", "product"])
@pytest.mark.parametrize("cov_type", ["nonrobust", "HC0", "HC1", "HC2", "HC3", "linearized"])
@pytest.mark.filterwarnings("ignore:cov_type nonrobust")
def test_two_labels_are_the_logit(frame, kind, cov_type):
    frame["mode"] = np.where(frame["mode"].isin(["car", "walk"]), "own", "bus")
    ours = fit(frame, **WEIGHTS[kind]).with_covariance(cov_type)
    logit = WeightedLogit.from_formula(FORMULA, frame, **WEIGHTS[kind]).fit(disp=False)
    logit = logit.with_covariance(cov_type)
    assert_allclose(ours.params["own"], logit.params, rtol=1e-10)
    assert_allclose(ours.cov_params(), logit.cov_params(), rtol=1e-9)
    for name in ("llf", "llnull", "llr", "aic", "bic", "prsquared", "llr_pvalue", "df_resid"):
        assert_allclose(getattr(ours, name), getattr(logit, name), rtol=1e-9)


def test_the_scale_of_the_weights_is_no_matter(frame):
    frame["small"] = frame["sampling"] * 1e-11
    one, other = (fit(frame, sampling_weights=name) for name in ("sampling", "small"))
    assert_allclose(one.params, other.params, rtol=1e-12)
    assert_allclose(one.cov_params(), other.cov_params(), rtol=1e-11)
    assert_allclose(one.aic, other.aic, rtol=1e-12)


@pytest.mark.parametrize("cov_type", ["HC0", "HC1", "HC2", "HC3", "linearized"])
def test_renaming_the_labels_only_changes_the_reference(frame, cov_type):
    options = {"class_weight": "balanced", "sampling_weights": "sampling"}
    turned = frame.replace({"mode": {"bus": "d", "car": "c", "train": "a", "walk": "b"}})
    one, other = (fit(f, **options).with_covariance(cov_type) for f in (frame, turned))
    # Coefficients against a in place of bus: differences of those against bus.
    labels = ["bus", "car", "train", "walk"]
    full = np.column_stack([np.zeros(4), one.params])
    moved = full[:, [labels.index(name) for name in ("train", "walk", "car", "bus")]]
    assert_allclose(moved[:, 1:] - moved[:, :1], other.params, rtol=1e-10, atol=1e-12)
    turn = np.array([[0.0, -1.0, 1.0], [1.0, -1.0, 0.0], [0.0, -1.0, 0.0]])
    map_ = np.kron(turn, np.eye(4))
    assert_allclose(map_ @ np.asarray(one.cov_params()) @ map_.T, other.cov_params(), rtol=1e-8)
    assert_allclose(one.llr_pvalue, other.llr_pvalue, rtol=1e-8)


def test_rows_without_weight_are_absent_and_so_is_their_label(frame):
    frame.loc[frame["mode"] == "walk", "count"] = 0
    there = fit(frame, freq_weights="count", class_weight="balanced")
    absent = fit(frame[frame["count"] > 0], freq_weights="count", class_weight="balanced")
    assert there.labels == ("bus", "car", "train")
    assert_allclose(there.params, absent.params, rtol=1e-12)
    assert_allclose(there.cov_params(), absent.cov_params(), rtol=1e-12)
    assert there.weights.class_weights == absent.weights.class_weights


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["bus", "car", "walk"], ("bus", "car", "walk")),
        ([3, 1, 2], (1, 2, 3)),
        ([0.5, 1.5, 0.25], (0.25, 0.5, 1.5)),
        ([False, True, True], (False, True)),
        (pd.Categorical(["x", "z", "y"], categories=["z", "y", "w", "x"]), ("z", "y", "x")),
    ],
)
def test_labels_of_any_kind_are_in_their_own_order(values, labels):
    x = np.column_stack([np.ones(60), np.random.default_rng(0).normal(size=60)])
    y = pd.Series(values)
    model = WeightedMNLogit(pd.concat([y] * 20, ignore_index=True), x)
    assert model.labels == labels
    assert [type(label) for label in model.labels] == [type(label) for label in labels]


def test_class_weights_of_a_mapping_use_the_labels_of_the_user(frame):
    results = fit(frame, class_weight={"bus": 1, "car": 2, "train": 3, "walk": 4})
    assert results.weights.class_weights == {"bus": 1.0, "car": 2.0, "train": 3.0, "walk": 4.0}
    as_sampling = frame.assign(
        w=frame["mode"].map({"bus": 1.0, "car": 2.0, "train": 3.0, "walk": 4.0})
    )
    other = fit(as_sampling, sampling_weights="w")
    assert_allclose(results.params, other.params, rtol=1e-12)
    assert_allclose(results.cov_params(), other.cov_params(), rtol=1e-12)


def test_balanced_weights_make_the_labels_weigh_the_same(frame):
    weights = fit(frame, class_weight="balanced", sampling_weights="sampling").weights
    masses = np.array(weights.totals.class_masses) * list(weights.class_weights.values())
    assert_allclose(masses, masses.sum() / 4.0, rtol=1e-13)
    assert_allclose(masses.sum(), frame["sampling"].sum(), rtol=1e-13)


def test_a_model_rebuilt_from_its_own_options_gives_the_same_fit(frame):
    for options in WEIGHTS.values():
        model = WeightedMNLogit.from_formula(FORMULA, frame, **options)
        again = type(model)(model.endog, model.exog, **model._get_init_kwds())
        one, other = model.fit(disp=False), again.fit(disp=False)
        assert_allclose(one.params, other.params, rtol=1e-12)
        assert_allclose(one.cov_params(), other.cov_params(), rtol=1e-12)
