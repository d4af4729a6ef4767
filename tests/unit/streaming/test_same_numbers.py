"""A streamed fit has the numbers of a fit in memory, whatever the chunks are."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.unit.streaming.streams import (
    CUTS,
    KINDS,
    N,
    chunks,
    cut,
    data,
    in_memory,
    quietly,
    streamed,
)
from wlogit import InferenceWarning
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit, building

COVARIANCES = ("nonrobust", "HC0", "HC1", "HC2", "HC3", "HC4", "linearized")
SCALARS = (
    "llf",
    "llnull",
    "llr",
    "llr_pvalue",
    "aic",
    "bic",
    "tic",
    "nobs",
    "df_model",
    "df_resid",
)


CLUSTERED = [("cluster", {"groups": "firm"}), ("cluster", {"groups": "firm", "kind": "CR0"})]


@pytest.fixture(autouse=True)
def few_rows_in_memory(monkeypatch):
    """So that the steps to the optimum are those of the sums over chunks."""
    monkeypatch.setattr(building, "SAMPLE_ENTRIES", 100)
    monkeypatch.setattr(building, "SAMPLE_ROWS", 40)


def assert_same_matrix(found, expected):
    """Relative to the variances: a covariance may be zero but for rounding."""
    root = np.sqrt(np.abs(np.diag(expected)))
    root[root == 0.0] = 1.0
    scaled = np.asarray(found) / root / root[:, None]
    assert_allclose(scaled, np.asarray(expected) / root / root[:, None], rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("kind", "size"),
    [*((kind, 60) for kind in KINDS), ("balanced", N), ("categories alone", N), ("product", 7)],
)
def test_every_kind_of_fit(kind, size):
    expected, found = in_memory(kind), streamed(kind, size)
    assert list(found.params.index) == list(expected.params.index)
    assert_allclose(found.params, expected.params, rtol=1e-10, atol=1e-12)
    for name in SCALARS:
        assert_allclose(
            getattr(found, name), getattr(expected, name), rtol=1e-9, atol=1e-12, err_msg=name
        )
    assert found.cov_type == expected.cov_type
    assert_same_matrix(found.cov_params(), expected.cov_params())
    assert found.weights.kind == expected.weights.kind
    assert found.weights.labels == expected.weights.labels
    assert found.weights.n_dropped == expected.weights.n_dropped
    assert found.weights.class_weights == pytest.approx(expected.weights.class_weights, rel=1e-13)
    assert found.weights.effective_size == pytest.approx(expected.weights.effective_size)
    assert found.model.aliased == {
        name: pytest.approx(equal) for name, equal in expected.model.aliased.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_covariance(kind):
    expected, found = in_memory(kind), streamed(kind, 80)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in COVARIANCES:
            assert_same_matrix(
                found.with_covariance(name).cov_params(),
                expected.with_covariance(name).cov_params(),
            )
        for groups in ("firm", ["firm", "town"]):
            theirs = expected.with_covariance("cluster", groups=groups)
            ours = found.with_covariance("cluster", groups=groups)
            assert_same_matrix(ours.cov_params(), theirs.cov_params())
            assert ours.covariance.n_clusters == theirs.covariance.n_clusters
            assert ours.df_resid_inference == theirs.df_resid_inference


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    cuts=CUTS,
    covariance=st.sampled_from([(name, {}) for name in COVARIANCES] + CLUSTERED),
)
def test_any_way_to_cut_the_rows(kind, cuts, covariance):
    """Chunks of any sizes, none of the rows, and one row, among them."""
    formula, options = KINDS[kind]
    cov_type, keywords = covariance
    model = StreamedLogit.from_formula(formula, cut(data(), cuts), **options)
    found = quietly(model.fit, cov_type=cov_type, cov_kwds=keywords)
    expected = in_memory(kind)
    assert_allclose(found.params, expected.params, rtol=1e-10, atol=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = expected.with_covariance(cov_type, **keywords).cov_params()
    assert_same_matrix(found.cov_params(), theirs)


@pytest.mark.parametrize("threads", ["1", "3"])
@pytest.mark.parametrize("options", [{"class_weight": "balanced"}, {"sampling_weights": "a"}])
def test_any_number_of_threads(threads, options, monkeypatch):
    """Of enough rows that a chunk is summed on several."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(60_000, 12)), columns=[f"x{j}" for j in range(12)])
    frame["y"] = (rng.random(60_000) < 1.0 / (1.0 + np.exp(1.0 - frame["x0"]))).astype(int)
    frame["a"], frame["firm"] = rng.uniform(0.5, 2.0, 60_000), rng.integers(0, 900, 60_000)
    formula = "y ~ " + " + ".join(f"x{j}" for j in range(12))
    monkeypatch.setenv("WLOGIT_NUM_THREADS", "1")
    expected = weighted_logit(formula, frame, **options).fit(disp=False)
    monkeypatch.setenv("WLOGIT_NUM_THREADS", threads)
    found = StreamedLogit.from_formula(formula, chunks(25_000, frame), **options).fit(disp=False)
    assert_allclose(found.params, expected.params, rtol=1e-10)
    for cov_type, keywords in [("HC3", {}), *CLUSTERED]:
        ours, theirs = (fit.with_covariance(cov_type, **keywords) for fit in (found, expected))
        assert_same_matrix(ours.cov_params(), theirs.cov_params())


@pytest.mark.parametrize("kind", ["balanced", "prevalence", "mapping", "counts"])
@pytest.mark.parametrize("keywords", [{"class_weights": "fixed"}, {"sampling": "case-control"}])
def test_every_scheme_of_centering(kind, keywords):
    expected, found = in_memory(kind), streamed(kind, 31)
    for name in ("HC0", "HC3", "linearized"):
        theirs = expected.with_covariance(name, **keywords)
        ours = found.with_covariance(name, **keywords)
        assert_same_matrix(ours.cov_params(), theirs.cov_params())
    for kind_of in ("CR0", "CR1"):
        theirs = expected.with_covariance("cluster", groups="firm", kind=kind_of, **keywords)
        ours = found.with_covariance("cluster", groups="firm", kind=kind_of, **keywords)
        assert_same_matrix(ours.cov_params(), theirs.cov_params())


def test_scores_that_centering_cancels_are_formed_one_by_one():
    # With one category per outcome the centered scores of its coefficient are zero.
    frame = data().assign(y=lambda d: d["x"].notna() & (d["x"] > 0))
    frame["k"] = np.where(np.arange(N) % 9 == 0, "odd", frame["y"].map({True: "t", False: "f"}))
    frame["twin"] = frame["y"] * 1e8 + np.arange(N) % 5
    formula, options = "y ~ u + I(twin % 5)", {"class_weight": "balanced"}
    expected = quietly(weighted_logit(formula, frame, **options).fit)
    found = quietly(StreamedLogit.from_formula(formula, chunks(17, frame), **options).fit)
    assert_same_matrix(found.cov_params(), expected.cov_params())


def test_clusters_of_the_model_are_its_default():
    formula, options = KINDS["balanced"]
    model = StreamedLogit.from_formula(formula, chunks(50), **options, cluster="firm")
    found = model.fit(disp=False)
    expected = in_memory("balanced").with_covariance("cluster", groups="firm")
    assert found.cov_type == "cluster"
    assert_same_matrix(found.cov_params(), expected.cov_params())
    named = model.fit(disp=False, cov_kwds={"kind": "CR0"})
    expected = in_memory("balanced").with_covariance("cluster", groups="firm", kind="CR0")
    assert_same_matrix(named.cov_params(), expected.cov_params())
    assert model.fit(disp=False, cov_type="HC3").cov_type == "HC3"


@pytest.mark.parametrize("kind", ["balanced", "offset", "transforms", "implicit constant"])
def test_the_likelihood_at_any_coefficients(kind):
    expected, found = in_memory(kind).model, streamed(kind, 23).model
    params = np.linspace(-0.5, 0.5, len(found.exog_names)) / 100.0
    assert found.loglike(params) == pytest.approx(expected.loglike(params), rel=1e-12)
    assert_allclose(found.score(params), expected.score(params), rtol=1e-9, atol=1e-9)
    assert_allclose(found.hessian(params), expected.hessian(params), rtol=1e-10)
    assert_allclose(found.information(params), expected.information(params), rtol=1e-10)


@pytest.mark.parametrize("kind", ["balanced", "offset"])
def test_no_row_in_memory(kind, monkeypatch):
    """As where nearly all rows are missing."""
    monkeypatch.setattr(building, "SAMPLE_ENTRIES", 0)
    monkeypatch.setattr(building, "SAMPLE_ROWS", 0)
    found, expected = streamed(kind, 60), in_memory(kind)
    assert found.model.sample == ()
    assert_allclose(found.params, expected.params, rtol=1e-10)
    assert found.llnull == pytest.approx(expected.llnull, rel=1e-12)
    assert not found.model.check_separation().separated


def test_start_values_and_callback():
    formula, options = KINDS["balanced"]
    model = StreamedLogit.from_formula(formula, chunks(60), **options)
    seen = []
    start = np.asarray(in_memory("balanced").params) + 0.01
    found = model.fit(start, disp=False, callback=seen.append)
    assert_allclose(found.params, in_memory("balanced").params, rtol=1e-10)
    assert_allclose(seen[-1], found.params)
    with pytest.raises(ValueError, match="one value for each of the 6 columns"):
        model.fit([0.0], disp=False)
    with pytest.raises(ValueError, match="finite"):
        model.fit(np.full(6, np.nan), disp=False)


def test_disp_prints_as_in_memory(capsys):
    formula, _ = KINDS["boolean"]
    StreamedLogit.from_formula(formula, chunks(60)).fit()
    assert "Optimization terminated successfully" in capsys.readouterr().out


def test_a_row_of_leverage_one_is_named():
    formula, options = KINDS["saturated row"]
    model = StreamedLogit.from_formula(formula, chunks(50), **options)
    with pytest.warns(InferenceWarning, match="leverage is one in row 30 of frame 1"):
        found = model.fit(disp=False)
    assert "Row 30 of frame 1 has leverage one" in found.summary().as_text()


def test_badly_scaled_columns_are_as_accurate_as_in_memory():
    rng = np.random.default_rng(0)
    frame = data().assign(big=1e9 + rng.normal(size=N) * 3, tiny=rng.normal(size=N) * 1e-120)
    formula = "y ~ big + tiny + x"
    expected = weighted_logit(formula, frame).fit(disp=False)
    found = StreamedLogit.from_formula(formula, chunks(19, frame)).fit(disp=False)
    assert_allclose(found.params.iloc[1:], expected.params.iloc[1:], rtol=1e-6)
    assert_allclose(found.bse.iloc[1:], expected.bse.iloc[1:], rtol=1e-6)
