"""What the page about a fit says in words, and what it does not."""

import re

import numpy as np
import pytest

from tests.unit.reporting.pages import FITS, data, report, text_of
from wlogit import WeightedLogit
from wlogit.errors import InferenceWarning
from wlogit.formula.api import weighted_logit
from wlogit.inference.quadratic_forms import tail
from wlogit.reporting.report import estimates
from wlogit.reporting.report.page import page
from wlogit.reporting.report.sections import Part, Section, Writer

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.filterwarnings("ignore::wlogit.errors.ConvergenceWarning")


def test_separation_is_said_first_and_no_number_stands_for_infinity():
    said = text_of(report("separated"))
    assert "The covariates predict some outcomes perfectly (separation)" in said
    assert "NV ∞ n/a n/a n/a n/a ∞ n/a" in said
    assert "A joint test cannot include NV" in said


@pytest.mark.parametrize("name", ["separated", "all separated", "separated classes"])
def test_under_separation_nothing_is_shown_that_follows_from_infinite_coefficients(name):
    said = text_of(report(name))
    for title in ("Effects", "Calibration", "ROC and classification"):
        assert f"{title} Not shown. Under separation coefficients have no finite estimate" in said
    assert "Collinearity needs a fit that has converged to finite coefficients" in said
    # A likelihood has its ratio at the limit; its distribution under weights needs a covariance.
    refused = "Test of all slopes: not shown. The test of all slopes under weights needs" in said
    assert refused == (name == "separated classes")
    for nonsense in ("e\N{MINUS SIGN}", "area under the ROC curve", "p = n/a", "counts 1 times"):
        assert nonsense not in said
    assert ("An event counts as much as a non-event" in said) == (name == "separated classes")


@pytest.mark.parametrize("name", ["class", "prevalence", "product", "clusters, t", "sampling"])
def test_the_p_value_of_all_slopes_follows_from_what_is_printed(name):
    said = text_of(report(name))
    shown = re.search(
        r"by saddlepoint\): statistic ([\d.,]+), df (\d+), p (\S+ \S+)\. .*? weighted by "
        r"([\d., ]+)\.",
        said,
    )
    test = FITS[name]().llr_test
    if name == "clusters, t":
        assert shown is None
        return
    statistic = float(shown.group(1).replace(",", ""))
    weights = np.array([float(weight) for weight in shown.group(4).split(", ")])
    assert statistic == pytest.approx(test.statistic, rel=1e-3)
    assert len(weights) == int(shown.group(2)) == test.df
    assert tail(statistic, weights) == pytest.approx(test.pvalue, rel=0.03)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *((name, None) for name in ("none", "frequency", "class", "counts", "weighted counts")),
        ("sampling", "by their sampling weights"),
        ("product", "by their sampling weights"),
        ("prevalence", "to the prevalence"),
    ],
)
@pytest.mark.filterwarnings("ignore::wlogit.errors.InferenceWarning")
def test_a_table_that_counts_says_so_where_measures_do_not(name, how):
    text = "This table counts cases; the measures above weigh them"
    said = text_of(report(name))
    assert (text in said) == (how is not None)
    assert how is None or f"{text} {how}, and differ" in said
    found = FITS[name]()
    if how is None:
        counts = found.pred_table(0.5, which="calibrated").to_numpy()
        measured = found.classification_report(0.5, which="calibrated")["sensitivity"]
        assert measured == pytest.approx(counts[1, 1] / counts[1].sum(), rel=1e-12)


def test_effects_are_of_variables():
    said = text_of(report("interaction"))
    assert "With the other variables held fixed, and on average" in said
    assert "A variable with several columns, as in products and powers, moves them all" in said


def test_a_fit_that_did_not_converge_shows_no_inference():
    said = text_of(report("stopped"))
    assert "none of the numbers below can be relied on" in said
    assert said.count("Not shown. The fit did not converge") == 6
    assert "area under the ROC curve" not in said


def test_standard_errors_that_are_not_valid_are_said_first():
    with pytest.warns(InferenceWarning):
        results = weighted_logit("y ~ x", data(), sampling_weights="w").fit(
            disp=False, cov_type="nonrobust"
        )
    assert "The standard errors below are not valid" in text_of(page(results._results))
    assert "not valid" not in text_of(report("Firth of classes"))


def test_what_the_statistics_warn_of_is_in_the_page_and_not_said_twice():
    said = text_of(report("no constant"))
    cautions = said.partition("Said while the sections were computed")[2]
    assert cautions.count("without a free constant, class weights change the slopes") == 1


@pytest.mark.parametrize(
    ("options", "words_of_it"),
    [
        ({}, "on the scale of these cases, with 44.0 % events; that is the population unless"),
        ({"class_weight": "balanced"}, "44.0 % events, and class weights are taken out"),
        ({"prevalence": 0.01}, "those of a population with 1.0 % events, as stated"),
        ({"sampling_weights": "w"}, "those of the population sampled, with 44.4 % events."),
    ],
)
def test_the_population_of_the_probabilities_is_said(options, words_of_it):
    results = weighted_logit("y ~ x", data(), **options).fit(disp=False)
    assert f"{data()['y'].mean():.3f}" == "0.440"
    assert words_of_it in text_of(page(results._results))


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ({}, False),
        ({"class_weight": "balanced"}, False),
        ({"freq_weights": "n"}, False),
        ({"prevalence": 0.01}, True),
        ({"sampling_weights": "w"}, True),
    ],
    ids=str,
)
def test_plain_words_say_of_which_cases_effects_are(options, known):
    frame = data()
    results = weighted_logit("y ~ x", frame, **options).fit(disp=False)
    said = text_of(page(results._results))
    plain = said.partition("In plain words")[2].partition("Coefficients and odds ratios")[0]
    counts = frame["n"] if "freq_weights" in options else np.ones(len(frame))
    share = 100.0 * np.average(frame["y"], weights=counts)
    told = f"on the scale of these cases, of which {share:.1f} % are events:"
    assert (told in plain) is not known
    assert "these cases" in plain or known


def test_new_cases_are_likely_to_be_predicted_less_well():
    assert "new ones are likely to be predicted less well" in text_of(report("none"))


def test_a_recalibrated_fit_is_of_its_prevalence():
    results = weighted_logit("y ~ x", data(), class_weight="balanced").fit(disp=False)
    said = text_of(page(results.recalibrate(0.05)._results))
    assert "solved anew for a mean prediction of 5.0 %" in said
    assert "on the scale of these cases" not in said
    assert "recalibrated to a share of events of 0.05, and these cases have 0.44" in said
    assert "calibration intercept" not in said
    assert "sensitivity: events called events" not in said
    assert "area under the ROC curve" in said
    assert "on the scale of these cases" in text_of(page(results.calibrated()._results))


def test_a_link_test_without_an_answer_says_so():
    exog = np.column_stack([np.ones(6), [1, 2, 2, 1, 3, 1]])
    results = WeightedLogit([0, 1, 0, 1, 1, 0], exog).fit(disp=False)
    section = Section("tests", "Tests", (Part("Link test", estimates.link_test),))
    writer = Writer(results)
    assert "no finite optimum" in text_of(writer.write(section))
    assert set(writer.cautions.values()) <= {"Tests"}
