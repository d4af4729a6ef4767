"""What the rows stand for, given every kind of weight."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from wlogit.errors import OutcomeError, WeightError
from wlogit.weights.outcome import read_outcome
from wlogit.weights.resolve import resolve_weights

Y = np.array([0, 1, 1, 0, 0])
FREQUENCY = np.array([2.0, 1.0, 3.0, 0.0, 4.0])
SAMPLING = np.array([0.5, 2.0, 1.5, 3.0, 1.0])


def resolve(endog=Y, **options):
    return resolve_weights(read_outcome(endog), **options)


def test_without_weights_a_row_is_a_case():
    weights = resolve()
    assert (weights.kind, weights.likelihood, weights.nobs, weights.total) == ("none", True, 5, 5)
    assert (weights.effective_size, weights.design_effect) == (5, 1)
    assert weights.totals.class_sizes == weights.totals.class_masses == (3, 2)
    assert weights.class_weights == {0: 1.0, 1: 1.0}
    assert weights.n_rows == 5
    assert weights.n_dropped == {}


def test_weights_that_are_all_one_take_no_memory():
    ones = np.ones(5)
    (cases,) = resolve(freq_weights=ones, sampling_weights=ones).cases
    assert cases.multiplicity.shape == cases.sampling.shape == cases.importance.shape == ()


@pytest.mark.parametrize("name", ["freq_weights", "sampling_weights"])
def test_weights_of_one_are_none_but_for_their_kind(name):
    given_ones, none = resolve(**{name: np.ones(5)}), resolve()
    assert given_ones.totals == none.totals
    assert given_ones.kind == name.split("_")[0].replace("freq", "frequency")
    assert given_ones.likelihood == (name == "freq_weights")


def test_frequencies_are_cases():
    weights = resolve(freq_weights=FREQUENCY)
    assert (weights.kind, weights.likelihood) == ("frequency", True)
    assert weights.nobs == weights.total == weights.effective_size == 10
    assert weights.totals.class_sizes == weights.totals.class_masses == (6, 4)


def test_sampling_weights_are_importance():
    weights = resolve(sampling_weights=SAMPLING)
    assert (weights.kind, weights.likelihood, weights.nobs, weights.total) == (
        "sampling",
        False,
        5,
        8,
    )
    assert weights.totals.class_masses == (4.5, 3.5)
    assert_allclose(weights.effective_size, 8**2 / np.sum(SAMPLING**2))


def test_all_kinds_multiply():
    weights = resolve(
        freq_weights=FREQUENCY, sampling_weights=SAMPLING, class_weight={0: 1.0, 1: 10.0}
    )
    (cases,) = weights.cases
    assert weights.kind == "frequency x sampling x class"
    assert_array_equal(cases.multiplicity, FREQUENCY)
    assert_array_equal(cases.importance, SAMPLING * np.where(Y == 1, 10.0, 1.0))
    assert weights.nobs == 10
    assert weights.totals.class_masses == (5.0, 6.5)
    assert_allclose(weights.total, 5.0 + 65.0)
    importance = cases.importance
    expected = (FREQUENCY @ importance) ** 2 / (FREQUENCY @ importance**2)
    assert_allclose(weights.effective_size, expected)


def test_balanced_classes_are_those_of_the_weighted_cases():
    weights = resolve(freq_weights=FREQUENCY, sampling_weights=SAMPLING, class_weight="balanced")
    assert_allclose(list(weights.class_weights.values()), [11.5 / 10.0, 11.5 / 13.0])
    assert_allclose(weights.total, 11.5)


@pytest.mark.parametrize("name", ["freq_weights", "sampling_weights"])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_a_row_of_weight_zero_is_as_if_absent(name, class_weight):
    some = np.array([1.0, 2.0, 1.0, 0.0, 0.0])
    weights = resolve(class_weight=class_weight, **{name: some})
    without = resolve(Y[:3], class_weight=class_weight, **{name: some[:3]})
    assert weights.totals == without.totals
    assert weights.factors == without.factors
    assert weights.n_rows == 5


def test_prevalence_reweights_the_classes():
    weights = resolve(prevalence=0.1)
    assert (weights.kind, weights.likelihood) == ("prevalence", False)
    share = weights.cases[0].weight[Y == 1].sum() / weights.total
    assert_allclose(share, 0.1)
    assert_allclose(weights.factors.log_ratio, np.log(0.1 / 0.9) - np.log(0.4 / 0.6))


def test_class_weights_are_keyed_by_the_labels_of_the_user():
    weights = resolve(["no", "yes", "no"], class_weight={"yes": 2, "no": 1})
    assert weights.class_weights == {"no": 1.0, "yes": 2.0}
    assert resolve([True, False], class_weight={0: 1, 1: 2}).class_weights == {False: 1, True: 2}


def test_counts_are_two_sorts_of_cases():
    counts = np.array([[3, 1], [0, 2], [0, 0]])
    weights = resolve(counts, freq_weights=np.array([2.0, 1.0, 5.0]), class_weight={0: 1, 1: 4})
    events, non_events = weights.cases
    assert_array_equal(events.multiplicity, [6, 0, 0])
    assert_array_equal(non_events.multiplicity, [2, 2, 0])
    assert (float(events.outcome), float(non_events.outcome)) == (1.0, 0.0)
    assert (float(events.importance), float(non_events.importance)) == (4.0, 1.0)
    assert (weights.nobs, weights.total) == (10, 28)
    assert weights.totals.class_sizes == (4, 6)
    assert_array_equal(weights.row_weight, [26, 2, 0])
    assert_allclose(weights.row_response, [24 / 26, 0.0, 4 * 0.5 / (4 * 0.5 + 1 * 0.5)])
    assert resolve(counts).likelihood


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=6))
def test_counts_have_the_totals_of_their_cases(pairs):
    counts = np.array([*pairs, (1, 1)])
    rows = np.repeat(np.arange(len(counts)), counts.sum(axis=1))
    cases = np.concatenate([[1] * s + [0] * f for s, f in counts])
    sampling = 1.0 + np.arange(len(counts))
    grouped = resolve(counts, sampling_weights=sampling, class_weight="balanced")
    expanded = resolve(cases, sampling_weights=sampling[rows], class_weight="balanced")
    assert_allclose(grouped.effective_size, expanded.effective_size)
    assert_allclose(grouped.total, expanded.total)
    assert_allclose(grouped.totals.class_masses, expanded.totals.class_masses)
    assert grouped.nobs == expanded.nobs


@given(st.lists(st.integers(0, 4), min_size=5, max_size=5).filter(lambda m: m[0] and m[1]))
def test_a_frequency_is_the_row_repeated(frequency):
    rows = np.repeat(np.arange(5), frequency)
    counted = resolve(
        freq_weights=np.array(frequency, float), sampling_weights=SAMPLING, class_weight="balanced"
    )
    repeated = resolve(Y[rows], sampling_weights=SAMPLING[rows], class_weight="balanced")
    assert counted.nobs == repeated.nobs
    for name in ("weight", "effective_size", "class_sizes", "class_masses"):
        assert_allclose(getattr(counted.totals, name), getattr(repeated.totals, name))
    assert_allclose(counted.factors.event, repeated.factors.event)


def test_fractions_make_a_pseudo_likelihood():
    weights = resolve([0.25, 1.0, 0.0], class_weight={0: 1, 1: 3})
    assert weights.fractional
    assert not weights.likelihood
    assert_allclose(weights.totals.class_masses, (1.75, 1.25))
    assert_allclose(weights.cases[0].importance, [1.5, 3.0, 1.0])
    assert_allclose(weights.row_response, [0.5, 1.0, 0.0])
    assert weights.nobs == 3


def test_a_fraction_without_weight_does_not_count():
    weights = resolve([0.25, 1.0, 0.0], freq_weights=np.array([0.0, 1.0, 1.0]))
    assert not weights.fractional
    assert weights.likelihood


@pytest.mark.parametrize("exponent", [-1000, -900, -30, 30, 900, 1000])
def test_the_scale_of_sampling_weights_is_exactly_irrelevant(exponent):
    scaled = resolve(sampling_weights=np.ldexp(SAMPLING, exponent), class_weight="balanced")
    as_is = resolve(sampling_weights=SAMPLING, class_weight="balanced")
    assert scaled.effective_size == as_is.effective_size
    assert scaled.factors == as_is.factors
    assert scaled.total == np.ldexp(as_is.total, exponent)


def test_a_huge_weight_of_an_absent_row_does_not_set_the_scale():
    sampling = np.array([1e-200, 2e-200, 1e-200, 1e200, 1e-200])
    weights = resolve(freq_weights=np.array([1.0, 1, 1, 0, 1]), sampling_weights=sampling)
    assert_allclose(weights.effective_size, 25 / 7)


def test_frequencies_near_whole_numbers_are_rounded():
    weights = resolve(freq_weights=FREQUENCY + 1e-9)
    assert_array_equal(weights.cases[0].multiplicity, FREQUENCY)


@pytest.mark.parametrize("name", ["freq_weights", "sampling_weights"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, r" in row 'c' is missing; give the row a weight, or leave it out\."),
        (np.inf, r" in row 'c' is infinite; weights must be finite\."),
        (-np.inf, r" in row 'c' is infinite"),
        (-1.0, r" in row 'c' is -1; weights must not be negative\."),
    ],
)
def test_a_bad_weight_names_its_row(name, value, message):
    weights = np.array([1.0, 2.0, value, 1.0, 1.0])
    with pytest.raises(WeightError, match=name + message):
        resolve(**{name: weights}, row_labels=pd.Index(list("abcde")))
    weights[4] = value
    with pytest.raises(WeightError, match=r" in row 2 .* \(2 rows in all\)\.$"):
        resolve(**{name: weights})


def test_a_fractional_frequency_names_its_row():
    message = r"freq_weights must be whole numbers; row 'b' has 0\.5\. For inv.* sampling_weights="
    with pytest.raises(WeightError, match=message):
        resolve(
            freq_weights=np.array([1.0, 0.5, 1.0, 1.0, 1.0]), row_labels=pd.Index(list("abcde"))
        )


@pytest.mark.parametrize("name", ["freq_weights", "sampling_weights"])
def test_weights_that_are_all_zero_are_refused(name):
    with pytest.raises(WeightError, match=f"{name} are all zero; some row must count"):
        resolve(**{name: np.zeros(5)})


def test_weights_that_are_zero_in_turn_are_refused():
    with pytest.raises(WeightError, match="no row has a positive weight: in every row a"):
        resolve(
            freq_weights=np.array([1.0, 0, 1, 0, 1]), sampling_weights=np.array([0.0, 1, 0, 1, 0])
        )
    with pytest.raises(WeightError, match="no row has a positive weight"):
        resolve([[0, 0], [0, 0]])


@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 1, 1: 2}])
def test_weights_beyond_floating_point_are_refused(class_weight):
    message = r"the weights sum to more than floating point can hold \(1\.8e308\); divide them by"
    with pytest.raises(WeightError, match=message):
        resolve(sampling_weights=np.full(5, 1e308), class_weight=class_weight)
    with pytest.raises(WeightError, match=message):
        resolve(sampling_weights=np.full(5, 1e307), class_weight={0: 1, 1: 1e10})


def test_weights_below_floating_point_are_refused():
    with pytest.raises(WeightError, match="class weights make some sampling_weights too small"):
        resolve(sampling_weights=np.full(5, 1e-300), class_weight={0: 1, 1: 1e-30})


def test_a_single_class_is_named_and_explained():
    with pytest.raises(OutcomeError, match=r"^endog has only the class 1 .*: no row has 0\. A"):
        resolve([1, 1])
    with pytest.raises(OutcomeError, match=r"only the class 0 .* every row with 1 has weight zero"):
        resolve(freq_weights=np.array([1.0, 0, 0, 1, 1]))
    ill = pd.Series(["no", "yes"], name="ill")
    with pytest.raises(OutcomeError, match=r"^endog 'ill' has only the class 'yes' .* 'no' has"):
        resolve(ill, sampling_weights=np.array([0.0, 1.0]))
    with pytest.raises(OutcomeError, match=r"only the class 1 .* no row has 0"):
        resolve([[2, 0], [1, 0]])


def test_class_weights_are_checked():
    with pytest.raises(WeightError, match="class_weight and prevalence both set"):
        resolve(class_weight="balanced", prevalence=0.1)
    with pytest.raises(WeightError, match=r"'0', .* the labels are 0, 1 \(as int, not str\)"):
        resolve(class_weight={"0": 1, "1": 2})


def test_the_causes_of_missing_rows_are_kept():
    causes = {"outcome": 2}
    weights = resolve(n_dropped=causes)
    causes["outcome"] = 3
    assert weights.n_dropped == {"outcome": 2}


def test_weights_survive_pickling():
    weights = resolve(freq_weights=FREQUENCY, class_weight="balanced", n_dropped={"outcome": 1})
    again = pickle.loads(pickle.dumps(weights))
    assert (again.totals, again.factors, again.kind) == (
        weights.totals,
        weights.factors,
        weights.kind,
    )


def test_inputs_are_not_changed():
    frequency, sampling = FREQUENCY + 1e-9, SAMPLING.copy()
    frequency.flags.writeable = sampling.flags.writeable = False
    resolve(freq_weights=frequency, sampling_weights=sampling, class_weight="balanced")
    assert_array_equal(sampling, SAMPLING)


def test_averages_weigh_by_prevalence_but_not_by_class_weights():
    by_class = resolve(sampling_weights=SAMPLING, class_weight="balanced").averaging_mass
    assert_array_equal(by_class[0], SAMPLING)
    by_prevalence = resolve(sampling_weights=SAMPLING, prevalence=0.1)
    assert_array_equal(by_prevalence.averaging_mass[0], by_prevalence.cases[0].weight)
