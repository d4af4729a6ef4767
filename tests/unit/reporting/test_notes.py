"""What a summary says of a fit, and what it leaves unsaid."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.unit.reporting.fits import N, fit, frame, notes_of
from wlogit import WeightedLogit
from wlogit.errors import ConvergenceWarning, InferenceWarning, SeparationWarning


def test_a_plain_fit_has_nothing_to_explain():
    assert notes_of(fit()) == ""


# -- outcome -------------------------------------------------------------------------------------


def test_the_event_is_named_unless_it_is_one():
    data = frame().assign(y=np.where(frame()["y"] == 1, "sick", "healthy"))
    assert "The event is 'sick'; the other outcome is 'healthy'." in notes_of(fit(data=data))
    other = notes_of(fit(data=data, event="healthy"))
    assert "The event is 'healthy'; the other outcome is 'sick'." in other


def test_reference_levels_are_named():
    notes = notes_of(fit("y ~ x + group"))
    assert "group = a" in notes
    assert "Reference levels" not in notes_of(fit())


def test_fractions_and_counts_are_named():
    assert "The outcome is a fraction" in notes_of(fit("share ~ x"))
    assert "The outcome is counts" in notes_of(fit("events + others ~ x"))


# -- weights -------------------------------------------------------------------------------------


def test_frequency_weights_say_cases_and_rows():
    assert "60 cases in 60 rows (frequency weights)." in notes_of(fit(freq_weights="m"))


def test_sampling_weights_say_the_effective_size():
    # (60 * 1)^2 / (30 * (0.25 + 2.25)) = 48
    notes = notes_of(fit(sampling_weights="a"))
    assert "effective size (Kish, for a mean) is 48.0 of 60 cases" in notes


def test_class_weights_are_listed_with_their_origin():
    assert 'Class weights ("balanced"): 0: 0.75, 1: 1.5.' in notes_of(fit(class_weight="balanced"))
    assert "Class weights: 0: 1, 1: 10." in notes_of(fit(class_weight={0: 1, 1: 10}))


def test_prevalence_is_stated_with_its_scale():
    notes = notes_of(fit(prevalence=0.1))
    assert "a share of events of 0.1" in notes
    assert "0: 1.35, 1: 0.3" in notes
    assert "coefficients are at population scale" in notes
    assert "log(c1/c0)" not in notes


# -- covariance ----------------------------------------------------------------------------------


def test_the_default_of_a_pseudo_likelihood_is_explained():
    notes = notes_of(fit(class_weight="balanced"))
    assert "Covariance HC3" in notes
    assert "factor 1/(1-h)^2 and N_k/(N_k-1)" in notes
    assert "scores centered within class because the class weights are estimated" in notes
    assert "pseudo-likelihood" in notes
    assert "AIC and BIC are the pseudo-likelihood forms" in notes
    assert "Rao and Scott" in notes


def test_a_fixed_mapping_is_not_said_to_be_centered():
    notes = notes_of(fit(class_weight={0: 1, 1: 10}))
    assert "Covariance HC3" in notes
    assert "centered" not in notes


def test_case_control_sampling_is_said():
    results = fit(class_weight={0: 1, 1: 10}).with_covariance("HC3", sampling="case-control")
    assert "class sizes are fixed by design" in notes_of(results)


def test_clusters_are_counted():
    results = fit(fitting={"cov_type": "cluster", "cov_kwds": {"groups": "firm"}})
    notes = notes_of(results)
    assert "12 clusters (factor G(N-1)/((G-1)(N-k)))" in notes
    assert "pseudo" not in notes


def test_robust_standard_errors_of_a_likelihood_leave_its_criteria_alone():
    notes = notes_of(fit(fitting={"cov_type": "HC1"}))
    assert "factor N/(N-k)" in notes
    assert "pseudo" not in notes


@pytest.mark.parametrize("options", [{"class_weight": "balanced"}, {"sampling_weights": "a"}])
def test_the_inverse_hessian_of_a_pseudo_likelihood_is_called_invalid(options):
    with pytest.warns(InferenceWarning, match="not valid"):
        results = fit(**options).with_covariance("nonrobust")
    notes = notes_of(results)
    assert "INVALID standard errors" in notes
    assert re.search(r"calibrated intercept -?\d+\.\d+\.", notes) or "class_weight" not in options


def test_invalid_standard_errors_come_with_no_claim_of_coverage():
    data = frame().iloc[8:]
    with pytest.warns(InferenceWarning):
        results = fit(data=data.iloc[:30], class_weight="balanced").with_covariance("nonrobust")
    assert "intervals have covered" not in notes_of(results)


def test_a_saturated_row_is_named_by_its_label():
    data = frame().assign(only=0.0)
    data.loc["r25", "only"] = 1.0
    # One row with a coefficient of its own: fractions keep that coefficient finite.
    with pytest.warns(InferenceWarning, match=r"leverage.*'r25'"):
        results = fit("share ~ x + only", data=data)
    assert "Row 'r25' has leverage one" in notes_of(results)


# -- intercept -----------------------------------------------------------------------------------


def calibrated(results):
    """Intercept at population scale and its standard error, as printed."""
    found = re.search(r"calibrated intercept (-?[\d.]+) \(([\d.]+)\)\.", notes_of(results))
    return [float(number) for number in found.groups()]


@pytest.mark.parametrize("constant", [1.0, 2.0, -0.5])
def test_calibrated_intercept_without_covariates_is_the_log_odds(constant):
    X = np.full((N, 1), constant)
    results = WeightedLogit(frame()["y"].to_numpy(), X, class_weight="balanced").fit(disp=False)
    # Twenty events and forty others: log(1/2), with variance 1/20 + 1/40.
    expected = [np.log(0.5) / constant, np.sqrt(1 / 20 + 1 / 40) / abs(constant)]
    assert_allclose(calibrated(results), expected, rtol=5e-4)  # the digits that are printed


def test_calibrated_intercept_is_per_unit_of_its_column():
    data = frame()
    y, x, a = (data[name].to_numpy(dtype=float) for name in ("y", "x", "a"))
    one, four = (
        calibrated(
            WeightedLogit(
                y, np.column_stack([np.full(N, c), x]), class_weight="balanced", sampling_weights=a
            ).fit(disp=False)
        )
        for c in (1.0, 4.0)
    )
    assert_allclose(np.multiply(4, four), one, rtol=1e-3)  # the digits that are printed


def test_calibrated_intercept_of_a_mapping_has_the_error_of_the_intercept():
    results = fit("y ~ x", class_weight={0: 2, 1: 10})
    value, error = calibrated(results)
    assert_allclose(value, results.params["Intercept"] - np.log(5), atol=5e-5)
    assert_allclose(error, results.bse["Intercept"], rtol=1e-3)
    assert "log(c1/c0) = 1.609" in notes_of(results)


def test_calibrated_means_are_those_of_the_sample_in_sampling_weights():
    data = frame()
    results = fit("y ~ 1", class_weight="balanced", sampling_weights="a")
    share = np.average(data["y"], weights=data["a"])
    assert f"their mean is {share:.4g}, the share of events {share:.4g}." in notes_of(results)


def test_without_an_intercept_nothing_is_said_to_be_taken_out_again():
    results = fit("y ~ 0 + x", class_weight="balanced")
    notes = notes_of(results)
    assert "class weights change the slopes too" in notes
    assert "calibrated intercept" not in notes
    assert "same slopes" not in notes


def test_only_class_weights_alone_cost_precision_for_certain():
    same = "the fit without class weights estimates the same slopes"
    alone, beside = fit(class_weight="balanced"), fit(class_weight="balanced", sampling_weights="a")
    assert f"{same} with smaller standard errors" in notes_of(alone)
    clustered = alone.with_covariance("cluster", groups=np.arange(N) // 4)
    for results in (beside, clustered):
        said = notes_of(results)
        assert f"{same}; weighting_report() compares" in said
        assert "smaller standard errors" not in said


def test_equal_class_weights_say_nothing_of_the_intercept():
    assert "log(c1/c0)" not in notes_of(fit(class_weight={0: 3, 1: 3}))


# -- few events ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("n_events", "said"), [(19, True), (20, False)])
def test_few_events(n_events, said):
    data = frame().assign(y=(np.arange(N) < n_events).astype(int))
    few = f"Only {n_events} cases of 1"
    assert (few in notes_of(fit(data=data, class_weight="balanced"))) is said
    flipped = notes_of(fit(data=data.assign(y=1 - data["y"]), class_weight="balanced"))
    assert (f"Only {n_events} cases of 0" in flipped) is said


def test_few_events_are_counted_in_cases():
    data = frame().assign(y=(np.arange(N) < 10).astype(int), m=2)
    assert "Only 10 cases" in notes_of(fit(data=data))
    assert "Only" not in notes_of(fit(data=data, freq_weights="m"))


# -- rows and columns ----------------------------------------------------------------------------


def test_dropped_rows_are_counted_by_cause():
    data = frame()
    data.loc["r3", "x"] = np.nan
    data["y"] = data["y"].astype(float)
    data.loc[["r5", "r7"], "y"] = np.nan
    notes = notes_of(fit(data=data))
    assert "3 rows left out for missing values" in notes
    assert "2 outcome" in notes
    assert "1 covariates" in notes


def test_aliased_columns_say_what_they_equal():
    data = frame().assign(twice=2 * frame()["x"])
    assert "twice is left out: it equals 2 x." in notes_of(
        fit("y ~ x + twice", data=data, aliased="drop")
    )


def test_constraints_are_said():
    model = WeightedLogit.from_formula("y ~ x + a", frame())
    results = model.fit_constrained("x = 0", disp=False)
    assert "subject to linear equality constraints" in notes_of(results)


# -- trouble -------------------------------------------------------------------------------------


def test_trouble_comes_first():
    model = WeightedLogit.from_formula("y ~ x", frame(), class_weight="balanced")
    with pytest.warns(ConvergenceWarning):
        results = model.fit(maxiter=0, disp=False)
    first = results.summary().content.notes[0]
    assert "failed to converge" in first
    assert "No standard errors" in first
    assert "calibrated intercept" not in notes_of(results)


def test_separation_names_what_diverges():
    data = pd.DataFrame({"y": [0, 0, 0, 1, 1, 1], "x": [1, 2, 3, 4, 5, 6]})
    with pytest.warns(SeparationWarning):
        results = fit(data=data)
    first = results.summary().content.notes[0]
    assert "separation" in first
    assert "x to +infinity" in first
