"""Replicate designs against R's survey; ``generate.R`` beside made the sample and the values."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import ReplicateDesign, SurveyDesign, WeightedLogit
from wlogit.errors import InferenceWarning

FOLDER = Path(__file__).parent
VALUES = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
SAMPLE = pd.read_csv(FOLDER / "sample.csv")
# Converged to the last digits on both sides; covariances of ten numbers or so lose a few.
RTOL = 1e-9


def design(**options):
    given = {"weights": "w", "strata": "stratum", "psu": "psu", "nest": True}
    return SurveyDesign(SAMPLE, **{**given, **options})


def matrix(rows):
    return np.array(list(rows.values()))


def fitted(made):
    return WeightedLogit.from_formula("y ~ x", SAMPLE, design=made).fit(disp=False)


MADE = {
    "JKn": lambda: design().to_replicates("JKn"),
    "JKn_fpc": lambda: design(fpc="fpc").to_replicates("JKn"),
    "JKn_mse": lambda: design().to_replicates("JKn", mse=True),
    "JK1": lambda: design(strata=None, psu=SAMPLE["stratum"] * 10 + SAMPLE["psu"]).to_replicates(
        "JK1"
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_jackknife_weights_scales_and_what_follows_are_those_of_r(name):
    made, values = MADE[name](), VALUES[name]
    assert_allclose(made.replicate_weights, matrix(values["weights"]), rtol=1e-13)
    assert_allclose(made.scale, values["scale"], rtol=1e-13)
    assert_allclose(made.rscales, values["rscales"], rtol=1e-13)
    close_inference(made, values)


@pytest.mark.parametrize("name", ["BRR", "Fay"])
def test_half_samples_that_r_made(name):
    values = VALUES[name]
    given = ReplicateDesign(
        SAMPLE,
        weights="w",
        replicate_weights=matrix(values["weights"]),
        kind=name,
        rho=0.3 if name == "Fay" else None,
    )
    assert_allclose(given.scale, values["scale"], rtol=1e-13)
    close_inference(given, values)


def close_inference(made, values):
    results = fitted(made)
    assert_allclose(results.cov_params(), matrix(values["vcov"]), rtol=RTOL)
    assert made.df == values["df"][0]
    assert results.df_resid_inference == values["df_resid"][0]
    for kind in ("mean", "total"):
        found = getattr(made, kind)(["x", "y"])
        assert_allclose(found.values, values[kind]["value"], rtol=1e-12)
        assert_allclose(found.se, values[kind]["se"], rtol=RTOL)
    domain = made.subset(SAMPLE["x"] > 0)
    assert domain.df == values["domain_df"][0]
    assert_allclose(domain.mean("x").se, values["domain_mean"]["se"], rtol=RTOL)
    inside = fitted(domain)
    assert_allclose(inside.cov_params(), matrix(values["domain_vcov"]), rtol=RTOL)
    assert inside.df_resid_inference == values["domain_df_resid"][0]


@pytest.mark.parametrize("name", ["BRR", "Fay"])
def test_half_samples_made_here_give_the_totals_of_r(name):
    """Balanced half samples agree for what is linear, whatever the Hadamard matrix."""
    made = design().to_replicates(name, rho=0.3 if name == "Fay" else None)
    assert_allclose(made.total(["x", "y"]).se, VALUES[name]["total"]["se"], rtol=1e-12)
    # Each replicate holds what R's do: the same factors, in as many rows.
    factors = np.sort(made.replicate_weights / SAMPLE["w"].to_numpy()[:, None], axis=None)
    r = matrix(VALUES[name]["weights"]) / SAMPLE["w"].to_numpy()[:, None]
    assert_allclose(np.unique(factors.round(10)), np.unique(r.round(10)))


@pytest.mark.parametrize("name", ["bootstrap", "subbootstrap"])
def test_bootstraps_have_the_scale_of_r(name):
    made = design().to_replicates(name, n_replicates=20, seed=1)
    assert_allclose(made.scale, VALUES[name]["scale"], rtol=1e-13)
    assert_allclose(made.rscales, VALUES[name]["rscales"])


@pytest.mark.parametrize("policy", ["remove", "certainty", "adjust", "average"])
def test_strata_of_one_psu(policy):
    lonely = SAMPLE[~((SAMPLE["stratum"] == 2) & (SAMPLE["psu"] == 2))]
    made = SurveyDesign(
        lonely, weights="w", strata="stratum", psu="psu", nest=True, lonely_psu=policy
    ).to_replicates("JKn")
    values = VALUES[f"lonely_{policy}"]
    assert_allclose(made.replicate_weights, matrix(values["weights"]), rtol=1e-13)
    assert_allclose(made.scale, values["scale"], rtol=1e-13)
    assert_allclose(made.rscales, values["rscales"], rtol=1e-13)
    assert_allclose(made.mean("x").se, values["mean"]["se"], rtol=RTOL)


GIVEN = {
    "JK1": {},
    "JK1_factors": {"combined": False},
    "JKn_factors": {"combined": False},
    "BRR": {},
    "Fay": {"rho": 0.25},
    "JK2": {},
    "SDR": {},
    "SDR_mse": {"mse": True},
    "bootstrap": {},
    "other": {"scale": 0.7, "rscales": np.linspace(0.0, 1.0, 14)},
}


@pytest.mark.parametrize("name", GIVEN)
def test_given_replicates_of_each_kind(name):
    made, values, options = design().to_replicates("JKn"), VALUES[f"given_{name}"], GIVEN[name]
    weights = made.replicate_weights
    if not options.get("combined", True):
        weights = weights / SAMPLE["w"].to_numpy()[:, None]
    given = ReplicateDesign(
        SAMPLE, weights="w", replicate_weights=weights, kind=name.split("_")[0], **options
    )
    assert_allclose(given.scale, values["scale"], rtol=1e-12)
    assert_allclose(given.rscales, values["rscales"], rtol=1e-12)
    assert given.df == values["df"][0]
    assert_allclose(given.mean("x").se, values["mean"]["se"], rtol=RTOL)
    assert_allclose(fitted(given).cov_params(), matrix(values["vcov"]), rtol=RTOL)


def test_a_replicate_that_does_not_identify_the_slope_is_left_out():
    long = pd.DataFrame(
        {
            "ambulance": [1, 2, 1, 2, 1, 2] * 2,
            "y": [1] * 6 + [0] * 6,
            "n": [25, 24, 30, 49, 80, 70, 95, 54, 155, 179, 590, 460],
        }
    )
    halves = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 1]])
    halves = 2.0 * np.vstack([halves, [0, 1, 1, 0]])
    given = ReplicateDesign(
        long, weights="n", replicate_weights=np.vstack([halves] * 2), kind="BRR", combined=False
    )
    model = WeightedLogit.from_formula("y ~ ambulance", long, design=given)
    with pytest.warns(InferenceWarning, match="1 of 4 replicates have no estimate .* in 1"):
        results = model.fit(disp=False)
    # glm stops at a relative change of the deviance of 1e-12.
    assert_allclose(results.cov_params(), matrix(VALUES["scd"]["vcov"]), rtol=1e-6)
    assert "left out" in results.summary().as_text().replace("\n", " ")
