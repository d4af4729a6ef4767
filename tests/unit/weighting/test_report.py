"""What weights cost, by their definitions and by fits of their own."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.unit.weighting.fits import WEIGHTED, data, fit
from tests.unit.weighting.test_comparison import WITHOUT
from wlogit import InferenceWarning, WeightedLogit


@pytest.mark.parametrize("name", WEIGHTED)
def test_precision_by_two_fits(name):
    results, other = fit(**WEIGHTED[name]), fit(**WITHOUT[name])
    frame = results.weighting_report().frame
    variance = np.diag(results.cov_params())
    unit = results.weights.total / results.nobs
    assert_allclose(frame["se"], results.bse, rtol=1e-12)
    assert_allclose(frame["se_model"], np.sqrt(unit * np.diag(results.cov_nonrobust)), rtol=1e-12)
    expected = variance / np.diag(results.cov_nonrobust) / unit
    assert_allclose(frame["misspecification_effect"], expected, rtol=1e-12)
    # Its own default: model-based for a likelihood, else HC3.
    errors = other.bse.to_numpy().copy()
    if name != "sampling":
        errors[0] = np.nan  # the weights move the constant
    assert_allclose(frame["se_unweighted"], errors, rtol=1e-9)
    assert_allclose(frame["relative_efficiency"], errors**2 / variance, rtol=1e-9)


def test_sizes_by_class():
    report = fit(class_weight="balanced").weighting_report()
    n1 = data()["y"].sum()
    n0 = 300 - n1
    assert_allclose(report.effective_size, 4.0 * n1 * n0 / 300, rtol=1e-12)
    assert_allclose(report.design_effect, 300.0**2 / (4.0 * n1 * n0), rtol=1e-12)
    assert_allclose(report.classes["cases"], [n0, n1])
    assert_allclose(report.classes["effective_size"], [n0, n1])
    assert_allclose(report.classes["share"], 0.5)
    assert_allclose(report.classes["weight"], [150 / n0, 150 / n1])


def test_kish_sizes_by_class_under_sampling_weights():
    report = fit(**WEIGHTED["everything"]).weighting_report()
    frame = data()
    for label in (0, 1):
        a = np.repeat(frame["a"], frame["m"])[np.repeat(frame["y"], frame["m"]) == label]
        row = report.classes.loc[label]
        assert_allclose(row["effective_size"], a.sum() ** 2 / (a @ a), rtol=1e-12)
        assert row["cases"] == len(a)
    assert_allclose(report.classes["share"], 0.5, rtol=1e-12)


def test_the_heaviest_rows_have_their_labels():
    frame = data().set_index(np.char.add("row ", np.arange(300).astype(str)))
    frame.loc["row 17", "a"] = 90.0
    frame.loc["row 4", ["a", "y"]] = [70.0, 1]
    report = fit(frame=frame, sampling_weights="a").weighting_report()
    assert list(report.heaviest.index[:2]) == ["row 17", "row 4"]
    assert report.heaviest.loc["row 4", "events"] == 1.0
    assert report.largest_share == report.heaviest["share"].iloc[0]
    assert_allclose(report.largest_share, 90.0 / frame["a"].sum(), rtol=1e-12)
    assert f"The heaviest row, 'row 17', has {100 * report.largest_share:.3g} %" in str(report)
    assert "Heaviest rows" in str(report)
    assert len(report.heaviest) == 5
    assert "eaviest" not in str(fit().weighting_report())


def test_rows_of_counts():
    frame = data()
    counts = np.column_stack([frame["m"] * frame["y"] + 1, frame["m"]])
    exog = np.column_stack([np.ones(300), frame["x"]])
    report = WeightedLogit(counts, exog, class_weight="balanced").fit(disp=False).weighting_report()
    assert_allclose(report.classes["effective_size"], counts.sum(axis=0)[::-1])
    heaviest = report.heaviest
    position = heaviest.index[0]
    assert heaviest["cases"].iloc[0] == counts[position].sum()
    assert_allclose(heaviest["events"].iloc[0], counts[position, 0] / counts[position].sum())


def test_fractions_count_as_the_parts_they_are():
    report = fit("share ~ x").weighting_report()
    n1 = data()["share"].sum()
    assert_allclose(report.classes["cases"], [300 - n1, n1])
    assert_allclose(report.classes["effective_size"], [300 - n1, n1])


def test_what_it_says():
    said = fit(**WEIGHTED["balanced"]).weighting_report().sentences[-1]
    assert said.startswith("If the model is right, the fit without class weights estimates")
    assert said.endswith(" % smaller.")
    assert "prevalence weights" in fit(**WEIGHTED["prevalence"]).weighting_report().sentences[-1]
    assert "no weights but counts" in fit(freq_weights="m").weighting_report().sentences[-1]
    said = fit("y ~ 0 + x + z", class_weight="balanced").weighting_report().sentences[-1]
    assert "Without a constant" in said
    assert len(fit("y ~ 1", class_weight="balanced").weighting_report().sentences) == 1


def test_clusters_are_those_of_either_fit():
    keywords = {"cov_type": "cluster", "cov_kwds": {"groups": "c"}}
    frame = fit(fitted=keywords, class_weight="balanced").weighting_report().frame
    assert_allclose(frame["se_unweighted"].iloc[1:], fit(fitted=keywords).bse.iloc[1:], rtol=1e-9)


def test_standard_errors_that_are_not_valid_are_not_used():
    with pytest.warns(InferenceWarning):
        naive = fit(**WEIGHTED["everything"], fitted={"cov_type": "nonrobust"})
    report, usual = naive.weighting_report(), fit(**WEIGHTED["everything"]).weighting_report()
    assert_allclose(report.frame, usual.frame, rtol=1e-12)
    assert "Standard errors here are HC3" in str(report)
    assert "Standard errors here" not in str(usual)
