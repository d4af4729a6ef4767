"""A fit as plain values and as JSON."""

import json
import math
import platform

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import wlogit
from tests.unit.reporting.fits import fit, frame
from wlogit import WeightedLogit
from wlogit.errors import InferenceWarning, SeparationWarning
from wlogit.reporting.archive import plain
from wlogit.reporting.versions import REQUIRED, versions

KEYS = {
    "format": (),
    "versions": ("wlogit", "python", *REQUIRED),
    "title": (),
    "model": (
        *("class", "formula", "outcome", "outcome_kind", "event", "non_event"),
        *("reference_levels", "left_out", "offset", "constraints"),
    ),
    "data": ("rows", "cases", "events", "non_events", "rows_left_out"),
    "weights": (
        *("kind", "pseudo_likelihood", "total", "effective_size", "design_effect"),
        *("class_weights", "class_weights_from", "prevalence"),
    ),
    "fit": (
        *("method", "iterations", "message", "df_model", "df_resid", "llf", "llnull", "llr"),
        *("llr_pvalue", "aic", "bic", "pseudo_rsquared", "converged"),
    ),
    "covariance": (
        *("cov_type", "description", "valid", "keywords", "groups", "n_clusters"),
        *("distribution", "df", "df_each", "matrix"),
    ),
    "conf_level": (),
    "coefficients": (),
    "calibration": ("shift", "intercept", "std_error"),
    "notes": (),
}


def balanced():
    return fit("y ~ x + group", class_weight="balanced")


def test_the_keys_are_these():
    """Programs read them: a name that goes or changes its meaning needs a new format number."""
    archived = balanced().to_dict()
    assert archived["format"] == 1
    assert tuple(archived) == tuple(KEYS)
    for key, inner in KEYS.items():
        if inner:
            assert set(archived[key]) == set(inner), key
    assert list(archived["coefficients"][0]) == list(balanced().tidy().columns)


def test_json_gives_every_number_back():
    results = balanced()
    archived = results.to_dict()
    assert json.loads(results.to_json()) == json.loads(results.to_json(indent=None))
    again = json.loads(results.to_json())
    assert again["covariance"].pop("df") == "inf"
    assert archived["covariance"].pop("df") == math.inf
    assert again == archived
    assert [row["estimate"] for row in again["coefficients"]] == list(results.params)
    assert np.array_equal(again["covariance"]["matrix"], np.asarray(results.cov_params()))
    assert again["fit"]["llf"] == results.llf


def test_what_is_printed_is_there():
    results = balanced()
    archived, content = results.to_dict(), results.summary().content
    assert archived["notes"] == list(content.notes)
    assert archived["title"] == content.title
    assert archived["fit"]["method"] == "pseudo-MLE"
    assert archived["model"]["reference_levels"] == {"group": "a"}
    assert archived["weights"]["class_weights"] == [
        {"label": 0, "weight": 0.75},
        {"label": 1, "weight": 1.5},
    ]
    assert archived["data"] == {
        "rows": 60,
        "cases": 60.0,
        "events": 20.0,
        "non_events": 40.0,
        "rows_left_out": {},
    }
    assert archived["versions"] == versions()


def test_the_calibrated_intercept_is_that_of_the_notes():
    results = balanced()
    found = results.to_dict()["calibration"]
    assert_allclose(found["shift"], math.log(2.0), rtol=1e-14)
    assert_allclose(found["intercept"], results.params.iloc[0] - math.log(2.0), rtol=1e-14)
    assert f"{found['intercept']:.4f} ({found['std_error']:.4g})" in " ".join(
        results.summary().content.notes
    )
    assert fit(prevalence=0.1).to_dict()["calibration"] is None
    assert fit("y ~ 0 + group", class_weight="balanced").to_dict()["calibration"] is None


def test_an_invalid_covariance_is_marked():
    assert balanced().to_dict()["covariance"]["valid"] is True
    with pytest.warns(InferenceWarning):
        naive = balanced().with_covariance("nonrobust")
    archived = naive.to_dict()
    assert archived["covariance"]["valid"] is False
    assert math.isnan(archived["calibration"]["std_error"])
    assert json.loads(naive.to_json())["calibration"]["std_error"] is None
    # Fitted without its class weights, the inverse information is a covariance.
    moved = WeightedLogit.from_formula("y ~ x", frame(), class_weight="balanced")
    archived = moved.fit_bias_reduced(disp=False).to_dict()
    assert archived["covariance"]["cov_type"] == "nonrobust"
    assert archived["covariance"]["valid"] is True


def test_missing_and_infinite_numbers_are_valid_json():
    data = frame().assign(flag=((frame()["y"] == 1) & (frame()["x"] > 0)).astype(int))
    with pytest.warns(SeparationWarning):
        results = fit("y ~ x + flag", data)

    def refuse(constant):
        pytest.fail(f"{constant} is not JSON")

    again = json.loads(results.to_json(), parse_constant=refuse)
    (flag,) = [row for row in again["coefficients"] if row["term"] == "flag"]
    assert flag["std_error"] is None
    assert again["covariance"]["df"] == "inf"
    assert float(again["covariance"]["df"]) == math.inf
    assert again["fit"]["converged"] is False
    assert "separation" in again["fit"]["message"]


def test_labels_of_any_type_are_kept_or_become_text():
    data = frame()
    for labels in (("no", "yes"), (False, True), (0, 1)):
        named = data.assign(y=pd.Series(labels, dtype=object).to_numpy()[data["y"].to_numpy()])
        if labels[0] is False:
            named = named.astype({"y": bool})
        archived = fit(data=named.infer_objects()).to_dict()
        assert archived["model"]["event"] == labels[1]
        assert type(archived["model"]["event"]) is type(labels[1])

    assert plain(pd.Timestamp("2020-01-02")) == "2020-01-02 00:00:00"
    assert type(plain(np.int64(3))) is int


def test_clusters_are_named_not_copied():
    archived = fit().with_covariance("cluster", groups="firm", use_t=True).to_dict()
    found = archived["covariance"]
    assert (found["groups"], found["n_clusters"]) == ("firm", [12])
    assert (found["distribution"], found["df"], found["df_each"]) == ("t", 11.0, None)
    adjusted = fit().with_covariance("cluster", groups="firm", kind="CR3")
    found = adjusted.to_dict()["covariance"]
    assert found["df_each"] == adjusted.covariance.df_each.tolist()
    assert found["df"] == min(found["df_each"])
    by_array = fit().with_covariance("cluster", groups=frame()["firm"].to_numpy(), kind="CR1")
    found = by_array.to_dict()["covariance"]
    assert (found["groups"], found["keywords"]) == (None, {"kind": "CR1"})


def test_constraints_and_columns_left_out():
    model = WeightedLogit.from_formula("y ~ x + a", frame())
    archived = model.fit_constrained("x = 0.5", disp=False).to_dict()
    assert archived["model"]["constraints"] == {"matrix": [[0.0, 1.0, 0.0]], "values": [0.5]}
    data = frame().assign(twice=2 * frame()["x"])
    archived = fit("y ~ x + twice", data, aliased="drop").to_dict()
    assert list(archived["model"]["left_out"]) == ["twice"]
    assert_allclose(archived["model"]["left_out"]["twice"]["x"], 2.0, rtol=1e-10)
    json.loads(fit("y ~ x + twice", data, aliased="drop").to_json())


def test_an_archive_outlives_the_data():
    results = balanced()
    before = results.to_dict()
    results.remove_data()
    assert results.to_dict() == before


def test_versions_are_shown(capsys, monkeypatch):
    monkeypatch.setenv("WLOGIT_NUM_THREADS", "3")
    wlogit.show_versions()
    shown = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert shown.items() >= versions().items()
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    assert shown["blas"] == f"{blas['name']} {blas['version']}"
    assert shown["threads"] == "3"
    assert shown["platform"] == platform.platform()
