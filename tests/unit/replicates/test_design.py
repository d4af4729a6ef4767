"""ReplicateDesign: how it reads weights, what it says, and means by replicates."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from wlogit import DataWarning, ReplicateDesign, SurveyDesign
from wlogit.survey.replicate_weights import ReplicateWeights

LABELS = [f"r{i}" for i in range(12)]


def table():
    rng = np.random.default_rng(12)
    frame = pd.DataFrame({"x": rng.normal(size=12), "g": list("aabbccaabbcc")}, index=LABELS)
    frame["w"] = rng.uniform(5.0, 9.0, 12)
    frame["town"] = np.repeat(np.arange(4), 3)
    for r in range(4):
        frame[f"rw_{r}"] = frame["w"] * np.where(frame["town"] == r, 0.0, 4.0 / 3.0)
    return frame


def made(frame=None, **options):
    frame = table() if frame is None else frame
    return ReplicateDesign(
        frame, **{"weights": "w", "replicate_weights": "^rw_", "kind": "JK1", **options}
    )


def test_all_ways_to_give_replicate_weights_agree():
    frame, expected = table(), made().replicate_weights
    names = [f"rw_{r}" for r in range(4)]
    ways = {
        "names": made(replicate_weights=names),
        "table": made(replicate_weights=frame[names]),
        "another order of rows": made(replicate_weights=frame[names].iloc[::-1]),
        "array": made(replicate_weights=frame[names].to_numpy()),
        "rows": made(replicate_weights=frame[names].to_numpy().tolist()),
        "no table": ReplicateDesign(weights=frame["w"], replicate_weights=frame[names], kind="JK1"),
        "arrays": ReplicateDesign(
            weights=frame["w"].to_numpy(), replicate_weights=frame[names].to_numpy(), kind="JK1"
        ),
    }
    for design in ways.values():
        assert_array_equal(design.replicate_weights, expected)
        assert_allclose(design.scale, 0.75)
    factors = expected / frame["w"].to_numpy()[:, None]
    by_factors = made(replicate_weights=factors, combined=False)
    assert_allclose(by_factors.replicate_weights, expected)
    assert_allclose(by_factors.rscales, 1.0)


def test_the_same_sample_made_here():
    frame = table()
    other = SurveyDesign(frame, weights="w", psu="town").to_replicates("JK1")
    given = made()
    assert_allclose(other.replicate_weights, given.replicate_weights)
    assert given.df == other.df == 3.0
    for kind in ("mean", "total"):
        ours, theirs = (getattr(one, kind)("x") for one in (given, other))
        assert_allclose(ours.se, theirs.se)
    levels = given.proportion("g")
    assert levels.names == ("a", "b", "c")
    assert_allclose(levels.values.sum(), 1.0)
    assert_allclose(levels.covariance.sum(axis=1), 0.0, atol=1e-15)


def test_missing_values_are_outside_the_domain():
    frame = table()
    holed = frame.assign(x=frame["x"].mask(frame["town"] == 1))
    inside = made().subset(frame["town"] != 1)
    assert_allclose(made(holed).mean("x").se, inside.mean("x").se)
    assert made(holed).mean("x").n_missing == 3
    # One replicate leaves out a whole town, of which nothing is known.
    assert made(holed).mean("x").df == inside.df == 2.0


def test_a_replicate_without_the_domain_is_left_out_of_means():
    frame = table()
    one = made().subset(frame["town"] == 2)
    found = one.replicates.totals(one.in_domain[:, None].astype(float))
    assert found[2] == 0.0
    assert np.isfinite(one.mean("x").se).all()


def test_mse_is_about_the_estimate():
    frame = table()
    weights = frame[[f"rw_{r}" for r in range(4)]].to_numpy()
    plain, mse = made(), made(mse=True)
    means = weights.T @ frame["x"].to_numpy() / weights.sum(axis=0)
    whole = np.average(frame["x"], weights=frame["w"])
    assert_allclose(plain.mean("x").se ** 2, 0.75 * np.sum((means - means.mean()) ** 2))
    assert_allclose(mse.mean("x").se ** 2, 0.75 * np.sum((means - whole) ** 2))


def test_rscales_of_zero_leave_a_replicate_out_of_the_mean_too():
    rscales = [1.0, 1.0, 0.0, 1.0]
    design = made(rscales=rscales, scale=1.0)
    others = made(replicate_weights=["rw_0", "rw_1", "rw_3"], scale=1.0)
    assert_allclose(design.mean("x").se, others.mean("x").se)


def test_words():
    text = str(made())
    for words in (
        "Replicate design: 12 rows",
        "jackknife without strata (JK1)",
        "4, kept as weights",
        "0.75, rscales 1",
        "3 (rank of the replicate weights less one)",
        "(w)",
        "(Kish)",
    ):
        assert words in text
    assert repr(made()) == text
    assert made(kind="Fay", rho=0.3).describe() == (
        "4 replicates, balanced repeated replication by Fay with rho = 0.3"
    )
    assert "about the estimate" in made(mse=True).describe()
    assert "domain      6 rows" in str(made().subset(table()["town"] < 2))


def test_copies_are_equal():
    design = made().subset(table()["town"] != 3)
    for other in (copy.deepcopy(design), pickle.loads(pickle.dumps(design))):
        assert_allclose(other.mean("x").se, design.mean("x").se)


def test_what_looks_like_something_else_is_said():
    ones = np.full((12, 4), 1.1)
    with pytest.warns(DataWarning, match="look like factors"):
        made(replicate_weights=ones)
    with pytest.warns(DataWarning, match="look like weights, not factors"):
        made(combined=False)


def test_rows_that_were_drawn_together_are_known_by_their_factors():
    frame = table()
    towns = frame["town"].to_numpy()
    assert_array_equal(_partition(made().psu), _partition(towns))
    factors = frame.filter(regex="^rw_").div(frame["w"], axis=0)
    by_factors = made(replicate_weights=factors, combined=False)
    assert_array_equal(_partition(by_factors.psu), _partition(towns))
    survey = SurveyDesign(frame, weights="w", psu="town")
    assert_array_equal(_partition(survey.to_replicates("JK1").psu), _partition(towns))


def _partition(codes):
    """Which rows are in the same group."""
    return codes[:, None] == codes


def test_the_covariance_of_totals_is_that_of_weighted_values():
    frame, design = table(), made()
    weighted = (frame["w"] * frame["x"]).to_numpy()[:, None]
    assert_allclose(design.covariance_of_totals(weighted), design.total("x").covariance)


def test_rows_that_share_their_factors_share_a_row_of_the_table():
    frame = table()
    factors = np.where(frame["town"].to_numpy()[:, None] == np.arange(4), 0.0, 4.0 / 3.0)
    given = made(replicate_weights=factors, combined=False)
    assert given.replicates.table.shape == (4, 4)
    assert_allclose(given.replicate_weights, made().replicate_weights)
    assert_allclose(given.mean("x").se, made().mean("x").se)
    assert given.df == made().df == 3.0
    of_each = factors * (1.0 + np.arange(12) / 100.0)[:, None]
    assert made(replicate_weights=of_each, combined=False).replicates.groups is None


def test_rank_is_that_of_the_matrix():
    rng = np.random.default_rng(1)
    base = rng.normal(size=(40, 5))
    columns = np.column_stack([base, base @ rng.normal(size=(5, 3)), np.zeros(40)])
    weights = ReplicateWeights(columns, None, None, tuple("abcdefghi"))
    everywhere = np.ones(40, dtype=bool)
    assert weights.rank(everywhere) == np.linalg.matrix_rank(columns) == 5
    few = everywhere & (np.arange(40) < 3)
    assert weights.rank(few) == 3
    scaled = ReplicateWeights(columns, None, rng.uniform(1.0, 2.0, 40), weights.names)
    assert scaled.rank(everywhere) == 5
    repeated = np.repeat(np.abs(columns), 5, axis=0) * rng.uniform(1.0, 2.0, (200, 1))
    positive = ReplicateWeights(repeated, None, None, weights.names)
    assert positive.rank(np.ones(200, dtype=bool)) == np.linalg.matrix_rank(repeated)
