"""Replicate weights made from designs: what holds of them whatever the numbers drawn."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from wlogit import DesignError, InferenceWarning, SurveyDesign
from wlogit.survey.hadamard import hadamard


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 11, 12, 15, 27, 35, 47, 51, 91, 130])
def test_hadamard_matrices_are_orthogonal_and_balanced(n):
    matrix = hadamard(n).astype(int)
    order = len(matrix)
    assert n < order <= n + 8
    assert_array_equal(matrix @ matrix.T, order * np.eye(order))
    assert_array_equal(matrix[0], 1)
    assert_array_equal(matrix[1:].sum(axis=1), 0)


def paired(n_strata, seed=0):
    rng = np.random.default_rng(seed)
    psus = np.repeat(np.arange(2 * n_strata), rng.integers(1, 4, 2 * n_strata))
    frame = pd.DataFrame({"psu": psus, "stratum": psus // 2, "x": rng.normal(size=len(psus))})
    return frame.assign(w=rng.gamma(2.0, 1.0, len(psus)))


def design(frame, **options):
    return SurveyDesign(frame, weights="w", strata="stratum", psu="psu", **options)


@pytest.mark.parametrize("n_strata", [2, 5, 9, 13])
@pytest.mark.parametrize(("kind", "rho"), [("BRR", None), ("Fay", 0.4)])
def test_half_samples_are_balanced(n_strata, kind, rho):
    made = design(paired(n_strata)).to_replicates(kind, rho=rho)
    table = made.replicates.table
    kept, left = 2.0 - (rho or 0.0), rho or 0.0
    assert_allclose(np.unique(table), [left, kept])
    assert_allclose(table[::2] + table[1::2], 2.0)  # one PSU of each pair
    signs = (table[::2] - 1.0) / (1.0 - left)
    assert_allclose(signs @ signs.T, made.n_replicates * np.eye(n_strata), atol=1e-12)
    assert_allclose(signs.sum(axis=1), 0.0, atol=1e-12)


def test_balance_gives_the_linearized_variance_of_totals_and_the_estimate_itself():
    frame = paired(7)
    plain = design(frame)
    for made in (
        plain.to_replicates("BRR"),
        plain.to_replicates("Fay", rho=0.3),
        plain.to_replicates("JKn"),
    ):
        assert_allclose(made.total("x").se, plain.total("x").se, rtol=1e-12)
        totals = made.replicates.totals(frame[["x"]].to_numpy())
        assert_allclose(totals.mean(axis=0), made.total("x").values, rtol=1e-12)


@pytest.mark.parametrize("fpc", [None, "size"])
def test_jackknifes_of_totals_are_linearization(fpc):
    frame = paired(6).assign(size=lambda d: 5.0 + d["stratum"])
    strata = design(frame, fpc=fpc)
    assert_allclose(strata.to_replicates("JKn").total("x").se, strata.total("x").se, rtol=1e-12)
    whole = SurveyDesign(frame, weights="w", psu="psu", fpc=None if fpc is None else 40.0)
    assert_allclose(whole.to_replicates("JK1").total("x").se, whole.total("x").se, rtol=1e-12)


def test_relabelling_and_order_of_rows_change_no_standard_error():
    frame = paired(5)
    expected = design(frame).to_replicates("JKn").mean("x").se
    renamed = frame.assign(psu="p" + (100 - frame["psu"]).astype(str), stratum=-frame["stratum"])
    assert_allclose(design(renamed).to_replicates("JKn").mean("x").se, expected, rtol=1e-12)
    shuffled = frame.sample(frac=1.0, random_state=1)
    assert_allclose(design(shuffled).to_replicates("JKn").mean("x").se, expected, rtol=1e-12)
    again = frame.assign(psu=frame["psu"] % 2)  # labels used again in each stratum
    assert_allclose(
        design(again, nest=True).to_replicates("JKn").mean("x").se, expected, rtol=1e-12
    )


def large_strata():
    rng = np.random.default_rng(4)
    psus = np.repeat(np.arange(60), 2)
    return pd.DataFrame(
        {"psu": psus, "stratum": psus // 20, "w": 2.0, "x": rng.normal(size=120) + psus % 7}
    )


@pytest.mark.parametrize("kind", ["bootstrap", "subbootstrap"])
def test_bootstraps_draw_within_strata_and_estimate_the_linearized_variance(kind):
    plain = design(large_strata())
    made = plain.to_replicates(kind, n_replicates=2000, seed=3)
    table = made.replicates.table.reshape(3, 20, 2000)
    assert_allclose(table.sum(axis=1), 20.0)
    # The standard error of a variance of 2,000 normal replicates is 3 %.
    assert_allclose(made.total("x").covariance, plain.total("x").covariance, rtol=0.12)


def test_a_bootstrap_of_a_finite_population_knows_how_much_of_it_was_seen():
    plain = design(large_strata(), fpc=0.5)
    made = plain.to_replicates("bootstrap", n_replicates=2000, seed=3)
    assert made.replicates.table.max() <= 2.0  # each PSU stands for two
    assert_allclose(made.total("x").covariance, plain.total("x").covariance, rtol=0.15)
    census = design(large_strata(), fpc=1.0).to_replicates("bootstrap", n_replicates=5, seed=3)
    assert_array_equal(census.replicates.table, 1.0)


def test_seeds():
    plain = design(large_strata())
    first, again = (plain.to_replicates("bootstrap", seed=9) for _ in range(2))
    assert_array_equal(first.replicates.table, again.replicates.table)
    other = plain.to_replicates("bootstrap", seed=10)
    assert not np.array_equal(first.replicates.table, other.replicates.table)
    assert first.n_replicates == 200


def test_the_domain_of_the_design_is_that_of_the_replicates():
    frame = paired(6)
    inside = frame["x"] > 0
    made = design(frame).subset(inside).to_replicates("JKn")
    assert_array_equal(made.in_domain, inside)
    expected = design(frame).to_replicates("JKn").subset(inside)
    assert_allclose(made.mean("x").se, expected.mean("x").se)
    assert made.df == expected.df
    assert "domain" in str(made)


def test_what_is_lost_is_said():
    frame = large_strata()
    with pytest.warns(InferenceWarning, match="finite population correction is left out"):
        design(frame, fpc=0.5).to_replicates("BRR")
    two = SurveyDesign(
        frame.assign(house=np.arange(120), f=0.5),
        weights="w",
        strata="stratum",
        psu=["psu", "house"],
        fpc=["f", "f"],
    )
    with pytest.warns(InferenceWarning, match="variance within PSUs"):
        two.to_replicates("JKn")


def test_strata_that_count_as_nothing_have_no_replicates_and_keep_their_weight():
    frame = paired(4)
    lonely = frame[frame["psu"] != 7]
    made = design(lonely, lonely_psu="remove").to_replicates("JKn")
    assert made.n_replicates == 6
    drawn = design(lonely, lonely_psu="remove").to_replicates("subbootstrap", seed=1)
    assert_array_equal(drawn.replicates.table[-1], 1.0)
    with pytest.raises(DesignError, match="one PSU was sampled"):
        design(lonely, lonely_psu="average").to_replicates("BRR")
