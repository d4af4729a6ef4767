"""SurveyDesign: how columns are read, what it counts, domains, and what it prints."""

import pickle
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from wlogit import SurveyDesign
from wlogit.errors import DataWarning


@pytest.fixture
def data():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"stratum": np.repeat(["a", "b", "c"], 20)}, index=np.arange(60) + 100)
    frame["town"] = np.repeat(np.arange(15), 4)
    frame["local"] = frame["town"] % 5
    frame["w"] = rng.uniform(1, 4, 60)
    frame["x"] = rng.normal(size=60)
    frame["y"] = rng.integers(0, 2, 60)
    return frame


def named(data, **options):
    return SurveyDesign(data, **{"weights": "w", "strata": "stratum", "psu": "town", **options})


def test_columns_by_name_as_series_and_as_arrays_are_the_same(data):
    by_name = named(data)
    shuffled = data.sample(frac=1.0, random_state=1)
    others = {
        "series": SurveyDesign(
            data, weights=shuffled["w"], strata=shuffled["stratum"], psu=shuffled["town"]
        ),
        "arrays": SurveyDesign(
            weights=data["w"].to_numpy(),
            strata=data["stratum"].tolist(),
            psu=data["town"].to_numpy(),
        ),
        "mapping": SurveyDesign(
            {name: data[name].tolist() for name in data}, weights="w", strata="stratum", psu="town"
        ),
        "a list of one stage": named(data, psu=["town"], strata=["stratum"]),
        "a table of one stage": named(data, psu=data[["town"]]),
        "categories": named(data.astype({"stratum": "category", "town": "category"})),
        "nested": named(data, psu="local", nest=True),
    }
    values = data[["x"]].to_numpy()
    for name, other in others.items():
        assert (other.n_psu, other.n_strata, other.df) == (15, 3, 12.0), name
        found = other.covariance_of_totals(values)
        assert_allclose(found, by_name.covariance_of_totals(values), rtol=1e-13, err_msg=name)


def test_a_correction_may_be_a_number_a_column_or_a_fraction(data):
    # Five towns were sampled from each stratum.
    sizes = [named(data, fpc=20), named(data, fpc=0.25), named(data, fpc=np.full(60, 20.0))]
    plain = named(data).mean("x").se
    for design in sizes:
        assert_allclose(design.mean("x").se, plain * np.sqrt(0.75), rtol=1e-12)
    for none in (np.inf, 0.0):
        assert_allclose(named(data, fpc=none).mean("x").se, plain, rtol=1e-12)
    assert named(data, fpc=5).mean("x").se[0] == 0.0  # a census of towns


def test_fractions_and_sizes_may_stand_side_by_side(data):
    mixed = named(data, psu=["town", np.arange(60)], fpc=[20, 0.5])
    sizes = named(data, psu=["town", np.arange(60)], fpc=[20, 8])
    assert_allclose(mixed.mean("x").se, sizes.mean("x").se, rtol=1e-13)
    assert mixed.stages[1].n_units == 60


def test_weights_follow_from_corrections(data):
    design = SurveyDesign(data, strata="stratum", psu=["town", "x"], fpc=[20, 8])
    assert_allclose(design.sampling_weights, 4.0 * 2.0)
    with pytest.warns(DataWarning, match="neither weights nor fpc"):
        equal = SurveyDesign(data, strata="stratum")
    assert_allclose(equal.sampling_weights, 1.0)


def test_what_is_handed_out_does_not_change_with_the_data(data):
    design = named(data)
    before = float(design.mean("x"))
    data["x"] = 0.0
    del data["stratum"]
    assert float(design.mean("x")) == before
    for copy in (pickle.loads(pickle.dumps(design)), deepcopy(design)):
        assert float(copy.mean("x")) == before


# ---------------------------------------------------------------------------------- domains


def test_a_domain_keeps_the_design(data):
    design = named(data)
    part = design.subset(data["x"] > 0)
    assert part.n_rows == 60
    assert part.in_domain.sum() == (data["x"] > 0).sum()
    assert design.in_domain.all()
    mask = (data["x"] > 0).to_numpy()
    w, x = data["w"].to_numpy() * mask, data["x"].to_numpy()
    mean = w @ x / w.sum()
    z = pd.Series(w * (x - mean) / w.sum(), index=data.index)
    totals = z.groupby(data["town"]).sum().to_numpy().reshape(3, 5)
    variance = 5 / 4 * ((totals - totals.mean(axis=1, keepdims=True)) ** 2).sum()
    found = part.mean("x")
    assert_allclose(found.values, mean, rtol=1e-13)
    assert_allclose(found.se**2, variance, rtol=1e-12)


def test_masks(data):
    design, mask = named(data), data["x"] > 0
    for same in (
        mask.to_numpy(),
        mask.tolist(),
        mask.sample(frac=1, random_state=3),
        mask.astype("boolean").where(mask, pd.NA),
    ):
        assert (design.subset(same).in_domain == mask).all()
    assert (named(data.assign(in_it=mask)).subset("in_it").in_domain == mask).all()
    both = design.subset(mask).subset(data["y"] == 1).in_domain
    assert (both == (mask & (data["y"] == 1))).all()


def test_a_domain_of_all_rows_changes_nothing(data):
    design = named(data)
    every = design.subset(np.ones(60, dtype=bool))
    assert every.df == design.df
    assert every.total("x").se == design.total("x").se


def test_degrees_of_freedom_count_units_with_weight_in_the_domain(data):
    assert named(data).subset(data["stratum"] != "a").df == 8
    assert named(data).subset(data["town"] > 2).df == 9
    light = named(data.assign(w=data["w"].where(data["town"] > 2, 0.0)))
    assert (light.n_psu, light.n_strata, light.df) == (12, 3, 9.0)
    # Its strata keep their five towns.
    assert light.stages[0].sizes.tolist() == [5.0, 5.0, 5.0]


def test_missing_values_are_outside_the_domain(data):
    gaps = data.assign(x=data["x"].where(data["y"] == 1))
    found, domain = named(gaps).mean("x"), named(data).subset(data["y"] == 1).mean("x")
    assert found.n_missing == (data["y"] == 0).sum()
    assert_allclose([found.values, found.se], [domain.values, domain.se], rtol=1e-13)
    assert found.df == domain.df
    assert "rows with missing values are left out" in str(found)


# ------------------------------------------------------------------------------ lonely units


def lonely(data, policy):
    frame = data.assign(stratum=data["stratum"].where(data["town"] != 14, "d"))
    return named(frame, lonely_psu=policy)


def test_what_a_stratum_with_one_psu_counts(data):
    w, x = data["w"], data["x"]
    z = (w * (x - (w * x).sum() / w.sum()) / w.sum()).groupby(data["town"]).sum().to_numpy()
    pairs = (z[:5], z[5:10], z[10:14])
    parts = [len(t) / (len(t) - 1) * ((t - t.mean()) ** 2).sum() for t in pairs]
    expected = {
        "remove": sum(parts),
        "certainty": sum(parts),
        "adjust": sum(parts) + z[14] ** 2,
        "average": sum(parts) * 4 / 3,
    }
    for policy, variance in expected.items():
        assert_allclose(lonely(data, policy).mean("x").se ** 2, variance, rtol=1e-12)
    assert lonely(data, "adjust").df == 11


def test_a_census_of_one_unit_is_not_lonely(data):
    frame = data.assign(stratum=data["stratum"].where(data["town"] != 14, "d"))
    size = np.where(frame["stratum"] == "d", 1, 20)
    assert SurveyDesign(frame, weights="w", strata="stratum", psu="town", fpc=size).n_strata == 4


# ---------------------------------------------------------------------------------- estimates


def test_proportions_of_levels_sum_to_one_and_stay_inside(data):
    found = named(data).proportion("stratum")
    assert found.names == ("a", "b", "c")
    assert_allclose(found.values.sum(), 1.0)
    assert_allclose(found.covariance.sum(), 0.0, atol=1e-15)
    frame = found.summary_frame(alpha=1e-6)
    assert ((frame["ci_lower"] > 0) & (frame["ci_upper"] < 1)).all()
    share = named(data).proportion("y")
    assert float(share) == float(named(data).mean("y"))
    assert_allclose(float(named(data).proportion(data["y"] == 1)), float(share))
    every = named(data.assign(y=1)).proportion("y")
    assert_allclose(every.se, 0.0, atol=1e-15)


def test_a_share_of_none_or_all_is_not_certain(data):
    few = named(data.assign(y=1)).subset(data["town"] < 5)
    every, none = few.proportion("y"), few.proportion(np.zeros(len(data)))
    inside = data[data["town"] < 5]
    units = inside.groupby("town")["w"].sum()
    size = units.sum() ** 2 / (units**2).sum()
    square = stats.t.isf(0.025, every.df) ** 2
    assert_allclose(every.ci(), [[size / (size + square), 1.0]], rtol=1e-12)
    assert_allclose(none.ci(), [[0.0, square / (size + square)]], rtol=1e-12)
    # The other levels keep the interval of the logit.
    levels = named(data).subset(data["stratum"] != "c").proportion("stratum")
    assert levels.ci()[2, 0] == 0.0
    assert 0.0 < levels.ci()[2, 1] < 1.0


def test_several_columns_have_a_joint_covariance(data):
    both = named(data).mean(["x", "y"])
    assert both.names == ("x", "y")
    assert_allclose(both.se[0], named(data).mean("x").se[0], rtol=1e-13)
    assert both.covariance[0, 1] != 0.0


# -------------------------------------------------------------------------------------- words


def test_printing_a_design(data):
    staged = named(data.assign(house=np.arange(60)), psu=["town", "house"], fpc=[20, 8])
    text = str(staged.subset(data["y"] == 1))
    for line in (
        "Survey design: 60 rows",
        "strata   3 (stratum)",
        "PSUs     15 (town)",
        "stage 2  60 units (house)",
        "sampled fraction stage 1 0.25, stage 2 0.5",
        "domain",
        "df       11 (PSUs less strata)",
        "weights  1.0",
        "effective size",
    ):
        assert line in text, line
    assert "lonely   1 stratum of one unit" in str(lonely(data, "adjust"))
    assert "as if sampled with replacement" in str(named(data))
    assert named(data).describe() == "15 PSUs in 3 strata"
    assert repr(named(data)) == str(named(data))
