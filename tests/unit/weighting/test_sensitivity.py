"""Paths over class-weight ratios and prevalences against fits of their own."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from tests.unit.weighting.fits import WEIGHTED, data, fit
from wlogit import ConvergenceWarning
from wlogit.weighting import refits

MEAN = "mean calibrated prediction"


def row_by_name(path, kind, value):
    frame = path.frame[(path.frame["kind"] == kind) & np.isclose(path.frame["value"], value)]
    return frame.set_index("name")


@pytest.mark.parametrize("name", [*WEIGHTED, "none"])
def test_ratios_are_fits_with_that_mapping(name):
    options = dict(WEIGHTED.get(name, {}))
    path = fit(**options).sensitivity(ratios=[0.5, 1.0, 6.0])
    rest = {key: value for key, value in options.items() if "eights" in key or key == "offset"}
    for ratio in (0.5, 1.0, 6.0):
        other = fit(**rest, class_weight={0: 1.0, 1: ratio})
        check(row_by_name(path, "ratio", ratio), other)


@pytest.mark.parametrize("name", [*WEIGHTED, "none"])
def test_prevalences_are_fits_with_that_prevalence(name):
    options = dict(WEIGHTED.get(name, {}))
    path = fit(**options).sensitivity(prevalences=[0.02, 0.3])
    rest = {key: value for key, value in options.items() if "eights" in key or key == "offset"}
    for prevalence in (0.02, 0.3):
        check(row_by_name(path, "prevalence", prevalence), fit(**rest, prevalence=prevalence))


def check(rows, other):
    coefficients = rows.loc[list(other.params.index)]
    assert_allclose(coefficients["estimate"], other.params, rtol=1e-9)
    assert_allclose(coefficients["se"], other.bse, rtol=1e-8)
    assert_allclose(coefficients[["ci_lower", "ci_upper"]], other.conf_int(), rtol=1e-7)
    average = other.get_prediction(which="calibrated", average=True).summary_frame()
    assert_allclose(rows.loc[MEAN, "estimate":"ci_upper"].astype(float), average.iloc[0], rtol=1e-7)


def test_the_covariance_in_use_and_its_reference_distribution():
    keywords = {"cov_type": "cluster", "cov_kwds": {"groups": "c"}, "use_t": True}
    path = fit(fitted=keywords, class_weight="balanced").sensitivity(ratios=[3.0], alpha=0.2)
    other = fit(fitted=keywords, class_weight={0: 1, 1: 3})
    rows = row_by_name(path, "ratio", 3.0).loc[list(other.params.index)]
    assert_allclose(rows["se"], other.bse, rtol=1e-8)
    assert_allclose(rows[["ci_lower", "ci_upper"]], other.conf_int(0.2), rtol=1e-7)


def test_the_default_grids():
    balanced = fit(class_weight="balanced").sensitivity()
    ratio = (300 - data()["y"].sum()) / data()["y"].sum()
    values = balanced.frame["value"].unique()
    assert {1.0, balanced.reference["ratio"]} <= set(values)
    assert_allclose(balanced.reference["ratio"], ratio, rtol=1e-12)
    assert values.max() / values.min() >= 4.0 - 1e-9
    prevalence = fit(prevalence=0.05).sensitivity()
    assert set(prevalence.frame["kind"]) == {"prevalence"}
    assert 0.05 in prevalence.frame["value"].to_numpy()
    assert prevalence.reference == {"prevalence": 0.05}
    both = fit().sensitivity(ratios=(1.0, 4.0), prevalences=(0.1, 0.2))
    assert list(both.frame["kind"].unique()) == ["ratio", "prevalence"]
    assert both.frame.groupby("kind")["value"].nunique().tolist() == [9, 9]
    assert both.reference == {"ratio": 1.0}


def test_a_right_model_moves_its_constant_only():
    path = fit("y ~ C(g)", class_weight="balanced").sensitivity(ratios=[1.0, 5.0])
    wide = path.wide()
    assert path.constant == "Intercept"
    assert_allclose(wide["Intercept"].diff().iloc[1], np.log(5.0), rtol=1e-9)
    for column in (MEAN, "C(g)[T.b]"):
        assert_allclose(wide[column], wide[column].iloc[0], rtol=1e-9)
    assert isinstance(path.wide("ratio"), pd.DataFrame)
    assert str(path).splitlines()[0].split() == [
        "Intercept",
        "C(g)[T.b]",
        "C(g)[T.c]",
        *MEAN.split(),
    ]


def test_without_a_constant_there_is_no_calibrated_prediction():
    path = fit("y ~ 0 + x", class_weight="balanced").sensitivity(ratios=[2.0])
    assert list(path.frame["name"]) == ["x"]
    assert path.constant is None


def test_values_out_of_range_are_named():
    results = fit(class_weight="balanced")
    with pytest.raises(ValueError, match="ratios= takes positive numbers, c1 / c0; -2 is not one"):
        results.sensitivity(ratios=[1.0, -2.0])
    with pytest.raises(ValueError, match="prevalences= takes shares between 0 and 1"):
        results.sensitivity(prevalences=(0.1, 1.5))
    with pytest.raises(ValueError, match="there are none"):
        results.sensitivity(ratios=[])


def test_fits_that_fail_are_missing(monkeypatch):
    results = fit(class_weight="balanced")
    monkeypatch.setattr(refits, "_MOST_STEPS", 1)
    with pytest.warns(ConvergenceWarning, match="1 of 1 fits of the path did not converge"):
        path = results.sensitivity(ratios=[500.0])
    assert path.frame.loc[:, "estimate":].isna().all().all()


def test_a_path_draws_itself():
    ax = Figure().add_subplot()
    assert fit(class_weight="balanced").sensitivity(ratios=[1.0, 3.0]).plot(ax=ax) is ax
