"""Replicate weights and bootstraps of fits with several labels."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.unit.multinomial.studies import survey
from wlogit import ReplicateDesign, SurveyDesign, WeightedLogit, WeightedMNLogit
from wlogit.errors import InferenceWarning

FORMULA = "mode ~ age + income + town"


@pytest.fixture(scope="module")
def frame():
    return survey()


def drawn(frame, **options):
    return SurveyDesign(frame, weights="sampling", psu="area", **options)


def fit(frame, formula=FORMULA, **options):
    covariance = {key: options.pop(key) for key in ("cov_type", "cov_kwds") if key in options}
    return WeightedMNLogit.from_formula(formula, frame, **options).fit(disp=False, **covariance)


BOTH = {
    "replicates": ("replicate", {"design": "JK1"}, {}),
    "replicates, balanced": ("replicate", {"design": "JK1", "class_weight": "balanced"}, {}),
    "replicates, fixed": (
        "replicate",
        {"design": "JK1", "class_weight": "balanced"},
        {"class_weights": "fixed", "df": "design"},
    ),
    "cases": ("bootstrap", {"freq_weights": "count", "sampling_weights": "sampling"}, {}),
    "within class": (
        "bootstrap",
        {"freq_weights": "count", "class_weight": "balanced"},
        {"sampling": "case-control"},
    ),
    "clusters": ("bootstrap", {"class_weight": "balanced"}, {"groups": "area"}),
    "units": ("bootstrap", {"design": "survey", "class_weight": "balanced"}, {}),
}


@pytest.mark.parametrize("case", BOTH)
def test_two_labels_are_those_of_weighted_logit(case):
    cov_type, options, keywords = BOTH[case]
    frame = survey(labels=2)
    keywords = dict(keywords, **({"n_boot": 40, "seed": 7} if cov_type == "bootstrap" else {}))
    if "design" in options:
        design = drawn(frame)
        known = design.to_replicates("JK1") if options["design"] == "JK1" else design
        options = {**options, "design": known}
    asked = {"cov_type": cov_type, "cov_kwds": keywords}
    several = fit(frame, **options, **asked)
    two = WeightedLogit.from_formula(FORMULA, frame, **options).fit(disp=False, **asked)
    assert_allclose(several.cov_params(), two.cov_params(), rtol=1e-8, atol=1e-12)
    assert_allclose(several.covariance.replicates.params, two.covariance.replicates.params, 1e-8)
    assert_allclose(several.covariance.whitened, two.covariance.whitened, rtol=1e-7, atol=1e-9)
    assert (several.use_t, several.covariance.df) == (two.use_t, two.covariance.df)
    assert several.covariance.description == two.covariance.description
    assert_allclose(several.pvalues.to_numpy()[:, 0], two.pvalues, rtol=1e-7)
    mine, other = (r.get_prediction(frame.head(3), which="calibrated") for r in (several, two))
    assert_allclose(mine.se[:, 1], other.se, rtol=1e-8)
    for vce in ("delta", "unconditional"):
        if "sampling" not in keywords or vce == "delta":
            mine, other = (r.get_margeff(vce=vce).margeff_se for r in (several, two))
            assert_allclose(mine[:, 1], other, rtol=1e-7)


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("kind", ["JK1", "bootstrap"])
def test_the_covariance_is_the_spread_of_fits_one_by_one(frame, kind, class_weight):
    extra = {"n_replicates": 25, "seed": 3} if kind == "bootstrap" else {}
    made = drawn(frame).to_replicates(kind, **extra)
    factors = np.linspace(0.5, 1.5, made.n_replicates)
    design = ReplicateDesign(
        frame,
        weights="sampling",
        replicate_weights=made.replicate_weights,
        kind="other",
        scale=0.7,
        rscales=factors,
        mse=True,
    )
    results = fit(frame, design=design, class_weight=class_weight)
    estimates, shifts = [], []
    for column in design.replicate_weights.T:
        alone = fit(frame, sampling_weights=column, class_weight=class_weight)
        estimates.append(alone.params.to_numpy().ravel(order="F"))
        shifts.append(-alone.weights.factors.log_ratios)
    moved = np.column_stack([estimates, shifts])
    center = [*results.params.to_numpy().ravel(order="F"), *-results.weights.factors.log_ratios]
    spread = 0.7 * ((moved - center).T * factors) @ (moved - center)
    size = results.params.size
    assert_allclose(results.cov_params(), spread[:size, :size], rtol=1e-7, atol=1e-11)
    if class_weight:
        assert_allclose(results.covariance.shift, spread[:, size:], rtol=1e-7, atol=1e-11)
    assert f"{design.n_replicates} replicates" in results.covariance.description


def test_the_jackknife_is_near_the_linearized_covariance(frame):
    frame = frame.assign(stratum=np.where(frame["area"] < 15, "low", "high"))
    design = drawn(frame, strata="stratum")
    linearized = fit(frame, design=design, class_weight="balanced")
    replicated = fit(frame, design=design.to_replicates("JKn"), class_weight="balanced")
    assert replicated.cov_type == "replicate"
    assert replicated.use_t
    assert replicated.covariance.df == linearized.covariance.df
    assert_allclose(replicated.bse, linearized.bse, rtol=0.2)
    added = np.sin(np.arange(len(frame)))
    tests = [r.score_test(added).pvalue for r in (linearized, replicated)]
    assert_allclose(*tests, rtol=1e-6)
    assert "linearized" not in replicated.covariance.description
    assert "30 replicates" in replicated.summary().as_text()


def test_frequencies_are_repeated_rows(frame):
    grouped = fit(frame, freq_weights="count")
    repeated = fit(frame.loc[frame.index.repeat(frame["count"])].reset_index(drop=True))
    keywords = {"n_boot": 20, "seed": 11}
    known = repeated.with_covariance("bootstrap", **keywords)
    own = grouped.with_covariance("bootstrap", **keywords)
    assert_allclose(own.cov_params(), known.cov_params(), rtol=1e-8, atol=1e-12)
    assert_allclose(own.bse, grouped.with_covariance("bootstrap", **keywords).bse, rtol=0)


def test_replicates_without_an_estimate_are_named(frame):
    # Without unit 2 nobody walks; without unit 4 no flag is on a bus or car.
    unit = np.arange(len(frame)) % 6
    mode, flag = frame["mode"].to_numpy(), np.zeros(len(frame))
    unit[mode == "walk"] = 2
    flag[np.isin(mode, ("bus", "car")) & (unit == 4)] = 1.0
    for label in ("train", "walk"):
        flag[np.flatnonzero(mode == label)[:8]] = 1.0
    rare = frame.assign(flag=flag)
    weights = pd.DataFrame(
        {f"r{u}": np.where(unit == u, 0.0, 1.2) for u in range(6)}, index=rare.index
    )
    design = ReplicateDesign(
        weights=np.ones(len(rare)),
        replicate_weights=weights,
        kind="other",
        scale=1.0,
        rscales=np.arange(1.0, 7.0),
    )
    with pytest.warns(InferenceWarning) as caught:
        results = fit(rare, "mode ~ flag", design=design, cov_kwds={"df": "design"})
    said = "\n".join(str(one.message) for one in caught)
    assert "2 of 6 replicates have no estimate" in said
    assert "the label 'walk' is missing in r2" in said
    assert "the covariates separate the outcome in r4" in said
    kept = [0, 1, 3, 5]
    params = results.covariance.replicates.params
    assert np.isnan(params[[2, 4]]).all()
    moved = params[kept] - params[kept].mean(axis=0)
    spread = (moved.T * (np.array(kept) + 1.0)) @ moved
    assert_allclose(results.cov_params(), spread, rtol=1e-8, atol=1e-12)


def test_a_label_without_weight_in_the_sample_is_none_in_a_replicate(frame):
    weights = frame["sampling"].where(frame["mode"] != "walk", 0.0)
    factors = np.random.default_rng(4).uniform(0.5, 1.5, (len(frame), 8))
    table = weights.to_numpy()[:, None] * factors
    table[:, 2] = frame["sampling"]
    design = ReplicateDesign(weights=weights, replicate_weights=table, kind="bootstrap")
    with pytest.warns(InferenceWarning, match=r"none in the full sample in .*3"):
        results = fit(frame, "mode ~ age", design=design)
    assert results.labels == ("bus", "car", "train")
    alone = fit(frame, "mode ~ age", sampling_weights=table[:, 7])
    params = results.covariance.replicates.params
    assert np.isnan(params[2]).all()
    assert_allclose(params[7], alone.params.to_numpy().ravel(order="F"), rtol=1e-8)


def test_a_fit_without_finite_estimate_is_not_refitted(frame):
    frame = frame.assign(sure=(frame["mode"] == "walk") * 1.0)
    model = WeightedMNLogit.from_formula("mode ~ sure", frame)
    with pytest.warns(Warning, match="walk"):
        results = model.fit(disp=False, cov_type="bootstrap", cov_kwds={"n_boot": 5, "seed": 1})
    assert np.isnan(results.bse.to_numpy()).all()
    assert "no refits" in results.covariance.description
