"""Refits under many weights at once, against fits one by one."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import ReplicateDesign, SurveyDesign, WeightedLogit
from wlogit.core.replicated import Affine, maximize_each
from wlogit.covariance import replication
from wlogit.covariance.replicate_masses import ReplicateMasses
from wlogit.covariance.resampling import (
    CaseBootstrap,
    ClusterBootstrap,
    GivenReplicates,
)
from wlogit.estimation import linear_predictor, score_parts
from wlogit.survey.replicate_weights import ReplicateWeights

N, R = 300, 9


def sample():
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"x": rng.normal(size=N), "z": rng.normal(size=N) + 40.0})
    frame["y"] = (rng.random(N) < 1.0 / (1.0 + np.exp(1.0 - 0.6 * frame["x"]))).astype(int)
    frame["w"] = rng.gamma(2.0, 3.0, N)
    frame["m"] = rng.integers(0, 4, N)
    frame["share"] = (frame["y"] + rng.random(N)) / 2.0
    frame["a"], frame["b"] = rng.integers(0, 4, N), rng.integers(0, 4, N)
    frame["town"] = np.arange(N) % 25
    frame["o"] = rng.normal(size=N) / 4.0
    return frame


DATA = sample()
TABLE = np.random.default_rng(8).integers(0, 3, (25, R)).astype(float)
KINDS = {
    "plain": ("y ~ x + z", {}),
    "offset": ("y ~ x + z", {"offset": "o"}),
    "frequency": ("y ~ x + z", {"freq_weights": "m"}),
    "sampling": ("y ~ x + z", {"sampling_weights": "w"}),
    "balanced": ("y ~ x + z", {"sampling_weights": "w", "class_weight": "balanced"}),
    "mapping": ("y ~ x + z", {"class_weight": {0: 1.0, 1: 4.0}}),
    "prevalence": ("y ~ x + z", {"freq_weights": "m", "prevalence": 0.05}),
    "fractions": ("share ~ x + z", {"class_weight": "balanced"}),
    "counts": ("a + b ~ x + z", {"class_weight": "balanced"}),
    "no constant": ("y ~ 0 + x + z", {"sampling_weights": "w"}),
}


def model(kind, **more):
    formula, options = KINDS[kind]
    return WeightedLogit.from_formula(formula, DATA, **options, **more)


def refitted(kind, weights):
    """Coefficients under the weights of one replicate, class weights computed anew."""
    other = model(kind)
    other.weights = weights
    return np.asarray(other.fit(disp=False, cov_type="HC0").params)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("drawn", ["weights", "cases", "clusters"])
def test_optima_are_those_of_single_fits(kind, drawn):
    fitted = model(kind)
    record = fitted.fit(disp=False)._results.fit_record
    parts, towns = score_parts(fitted, record), DATA["town"].to_numpy()
    names = tuple(map(str, range(R)))
    source = {
        "weights": lambda: GivenReplicates(
            fitted.weights,
            ReplicateWeights(TABLE, towns, DATA["w"].to_numpy(), names),
            fitted.weights.cases[0].sampling,
        ),
        "cases": lambda: CaseBootstrap(fitted.weights, R, 3),
        "clusters": lambda: ClusterBootstrap(fitted.weights, R, 3, towns, 25),
    }[drawn]()
    strands = source.strands(slice(0, R))
    masses = ReplicateMasses.of(fitted.weights, strands, parts.unit, anew=True)
    rows = Affine(parts.matrix, parts.root, linear_predictor(fitted, record))
    found = maximize_each(rows, masses)
    assert found.converged.all()
    params = record.params + found.coordinates @ parts.matrix.to_user(parts.root).T
    for r in (0, R - 1):
        assert_allclose(params[r], refitted(kind, masses.weights_of(r)), rtol=1e-9)


def test_a_bootstrap_draws_as_many_cases_as_there_are():
    for kind in ("plain", "frequency", "counts"):
        weights = model(kind).weights
        strands = CaseBootstrap(weights, 5, 11).strands(slice(0, 5))
        drawn = sum(strand.table.astype(float).sum(axis=0) for strand in strands)
        assert_allclose(drawn, weights.nobs)
        for strand, sort in zip(strands, weights.cases, strict=True):
            empty = np.broadcast_to(sort.multiplicity == 0.0, (N,))
            assert not strand.table[empty].any()


def test_within_class_the_sizes_of_classes_stay():
    weights = model("frequency").weights
    (strand,) = CaseBootstrap(weights, 5, 11, within_class=True).strands(slice(0, 5))
    events = DATA["y"].to_numpy() == 1
    assert_allclose(strand.table[events].sum(axis=0), weights.totals.class_sizes[1])
    assert_allclose(strand.table[~events].sum(axis=0), weights.totals.class_sizes[0])


def test_a_replicate_depends_on_the_seed_and_its_number_alone():
    weights = model("plain").weights
    (many,) = CaseBootstrap(weights, 6, 5).strands(slice(0, 6))
    (few,) = CaseBootstrap(weights, 4, 5).strands(slice(2, 4))
    assert np.array_equal(few.table, many.table[:, 2:4])
    (other,) = CaseBootstrap(weights, 6, 6).strands(slice(0, 6))
    assert not np.array_equal(other.table, many.table)


def test_very_many_cases_are_drawn_by_cell(monkeypatch):
    monkeypatch.setattr("wlogit.covariance.resampling._DRAWN_ALONE", 1)
    weights = model("frequency").weights
    (strand,) = CaseBootstrap(weights, 40, 5).strands(slice(0, 40))
    assert_allclose(strand.table.sum(axis=0), weights.nobs)
    expected = np.broadcast_to(weights.cases[0].multiplicity, (N,))
    assert_allclose(strand.table.mean(axis=1), expected, atol=5 * np.sqrt(4 / 40))


def given(table, **options):
    rows = table[DATA["town"].to_numpy()]
    return ReplicateDesign(
        DATA, weights="w", replicate_weights=rows, kind="bootstrap", combined=False, **options
    )


def test_chunks_and_threads_change_nothing(monkeypatch):
    table = np.random.default_rng(9).poisson(1.0, (25, 30)).astype(float)
    whole = model_of(given(table))
    monkeypatch.setattr(replication, "_TOGETHER", 7)
    monkeypatch.setattr(replication, "_FEWEST", 7)
    monkeypatch.setenv("WLOGIT_NUM_THREADS", "1")
    assert_allclose(model_of(given(table)), whole, rtol=1e-12)


def model_of(design):
    model = WeightedLogit.from_formula("y ~ x + z", DATA, design=design, class_weight="balanced")
    return np.asarray(model.fit(disp=False).cov_params())


def test_order_of_replicates_and_scale_of_weights_change_nothing():
    table = np.random.default_rng(9).poisson(1.0, (25, 30)).astype(float)
    plain = model_of(given(table))
    order = np.random.default_rng(1).permutation(30)
    assert_allclose(model_of(given(table[:, order])), plain, rtol=1e-10)
    scaled = ReplicateDesign(
        weights=DATA["w"] * 1e9,
        replicate_weights=given(table).replicate_weights * 1e9,
        kind="bootstrap",
    )
    assert_allclose(model_of(scaled), plain, rtol=1e-9)
    # Of one replicate alone too: only ratios of weights matter in a fit.
    of_each = given(table).replicate_weights * np.linspace(0.1, 1e3, 30)
    own = ReplicateDesign(DATA, weights="w", replicate_weights=of_each, kind="bootstrap")
    assert_allclose(model_of(own), plain, rtol=1e-9)


def test_replicates_that_start_far_away_are_found_one_by_one():
    table = np.ones((25, 4))
    table[:, 0] = 0.0
    table[[0, 1, 2], 0] = 1.0
    table[3, 1] = 60.0
    design = given(table)
    model = WeightedLogit.from_formula("y ~ x", DATA, design=design)
    estimates = model.fit(disp=False)._results.covariance.replicates.params
    for r in range(4):
        alone = WeightedLogit.from_formula(
            "y ~ x", DATA, sampling_weights=design.replicate_weights[:, r]
        ).fit(disp=False)
        assert_allclose(estimates[r], alone.params, rtol=1e-9)


def test_rows_of_weight_zero_may_count_in_replicates():
    frame = DATA.assign(w=DATA["w"].where(DATA["town"] != 3, 0.0))
    weights = np.random.default_rng(2).gamma(3.0, 1.0, (N, 6))
    design = ReplicateDesign(frame, weights="w", replicate_weights=weights, kind="JK2")
    results = WeightedLogit.from_formula("y ~ x", frame, design=design).fit(disp=False)
    alone = WeightedLogit.from_formula("y ~ x", frame, sampling_weights=weights[:, 5])
    found = results._results.covariance.replicates.params[5]
    assert_allclose(found, alone.fit(disp=False).params, rtol=1e-10)


def test_missing_rows_and_domains_are_left_out_of_every_replicate():
    frame = DATA.assign(x=DATA["x"].mask(DATA.index % 7 == 0))
    design = SurveyDesign(frame, weights="w", psu="town").to_replicates("JK1")
    inside = design.subset(frame["z"] > 39.5)
    results = WeightedLogit.from_formula("y ~ x", frame, design=inside).fit(disp=False)
    kept = frame[(frame["z"] > 39.5) & frame["x"].notna()]
    alone = WeightedLogit.from_formula(
        "y ~ x", kept, sampling_weights=design.replicate_weights[kept.index, 4]
    )
    found = results._results.covariance.replicates.params[4]
    assert_allclose(found, alone.fit(disp=False).params, rtol=1e-10)
