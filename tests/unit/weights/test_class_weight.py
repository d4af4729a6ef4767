"""Class weights by name, by label and by prevalence."""

from collections import OrderedDict
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from wlogit.errors import WeightError
from wlogit.weights.class_weight import class_factors
from wlogit.weights.weights import ClassFactors

MASSES = (90.0, 10.0)


def factors(class_weight=None, prevalence=None, labels=(0, 1), masses=MASSES):
    return class_factors(class_weight, prevalence, labels, masses)


def test_without_class_weights_every_case_counts_one():
    assert factors() == ClassFactors(1.0, 1.0, None)


def test_balanced_classes_have_half_the_mass_each():
    balanced = factors("balanced")
    assert balanced == ClassFactors(100 / 180, 100 / 20, "balanced")
    assert balanced.estimated


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_balanced_keeps_the_total(non_events, events):
    balanced = factors("balanced", masses=(non_events, events))
    total = non_events + events
    assert_allclose(balanced.non_event * non_events, total / 2, rtol=1e-14)
    assert_allclose(balanced.event * events, total / 2, rtol=1e-14)


@given(st.floats(0.001, 0.999), st.floats(1e-3, 1e3))
def test_prevalence_sets_the_share_of_events(prevalence, events):
    known = factors(prevalence=prevalence, masses=(1.0, events))
    assert_allclose(known.event * events / (known.non_event + known.event * events), prevalence)
    assert (known.source, known.prevalence, known.estimated) == ("prevalence", prevalence, True)


@pytest.mark.parametrize("prevalence", [np.float64(0.25), np.float32(0.25), Fraction(1, 4)])
def test_prevalence_is_any_real_number(prevalence):
    assert factors(prevalence=prevalence) == factors(prevalence=0.25)


KEYS = [
    ({0: 1, 1: 3}, (0, 1)),
    ({0.0: 1, 1.0: 3}, (0, 1)),
    ({False: 1, True: 3}, (0, 1)),
    ({np.int64(0): 1, np.float64(1): 3}, (0, 1)),
    ({0: 1, 1: 3}, (False, True)),
    ({"no": 1, "yes": 3}, ("no", "yes")),
    ({np.str_("no"): 1, "yes": 3}, ("no", "yes")),
    ({"yes": 3, "no": 1}, ("no", "yes")),
    ({0: 3, 1: 1}, (1, 0)),
    (OrderedDict([(1, 3), (0, 1)]), (0, 1)),
]


@pytest.mark.parametrize(("mapping", "labels"), KEYS)
def test_keys_match_labels_by_equality(mapping, labels):
    assert factors(mapping, labels=labels) == ClassFactors(1.0, 3.0, "mapping")


@pytest.mark.parametrize("weight", [3, 3.0, np.float32(3), np.uint8(3), Decimal(3), Fraction(3)])
def test_a_weight_is_any_real_number(weight):
    assert factors({0: 1, 1: weight}).event == 3.0


def test_weights_of_a_mapping_are_not_estimated():
    assert not factors({0: 1, 1: 3}).estimated


UNKNOWN = [
    ({0: 1, 1: 3, 7: 2}, (0, 1), r"has the key 7, which is not a label of the outcome; .* 0, 1\."),
    ({7: 2}, (0, 1), r"has the key 7"),
    ({"0": 1, "1": 3}, (0, 1), r"has the key '0', .* the labels are 0, 1 \(as int, not str\)"),
    ({0: 1, 1: 3}, ("0", "1"), r"has the key 0, .* the labels are '0', '1' \(as str, not int\)"),
    ({"No": 1, "yes": 3}, ("no", "yes"), r"has the key 'No'"),
    ({np.nan: 1, 0: 1, 1: 3}, (0, 1), r"has the key nan"),
    ({pd.NA: 1, 0: 1, 1: 3}, (0, 1), r"has the key <NA>"),
    ({0: 1}, (0, 1), r"has no weight for the label 1\."),
    ({"yes": 3}, ("no", "yes"), r"has no weight for the label 'no'"),
    ({}, (0, 1), r"has no weight for the label 0"),
]


@pytest.mark.parametrize(("mapping", "labels", "message"), UNKNOWN)
def test_labels_that_do_not_match_are_named(mapping, labels, message):
    with pytest.raises(WeightError, match=message):
        factors(mapping, labels=labels)


BAD_WEIGHTS = [0, 0.0, -1, np.nan, np.inf, -np.inf, "3", None, 1j, True, [3], pd.NA, 10**400]


@pytest.mark.parametrize("weight", BAD_WEIGHTS, ids=str)
def test_a_weight_that_is_not_positive_names_its_label(weight):
    with pytest.raises(WeightError, match=r"of the label 'yes' is .*; it must be a positive"):
        factors({"no": 1, "yes": weight}, labels=("no", "yes"))


@pytest.mark.parametrize(
    "class_weight",
    ["balance", "Balanced", "auto", 2.0, [1, 3], (1, 3), np.ones(2), pd.Series([1, 3]), True],
    ids=str,
)
def test_anything_else_is_refused(class_weight):
    with pytest.raises(WeightError, match=r"class_weight is .*, 'balanced' or a mapping .* 0, 1"):
        factors(class_weight)


BAD_PREVALENCES = [0, 1, 0.0, 1.0, -0.1, 200, np.nan, np.inf, "0.1", True, 1j, [0.1], pd.NA]


@pytest.mark.parametrize("prevalence", BAD_PREVALENCES, ids=str)
def test_a_prevalence_is_a_share(prevalence):
    with pytest.raises(WeightError, match=r"prevalence is .*; it must be .* between 0 and 1\.$"):
        factors(prevalence=prevalence)


def test_a_percentage_is_recognized():
    with pytest.raises(WeightError, match=r"prevalence is 6; .* between 0 and 1 \(6 % is 0\.06\)"):
        factors(prevalence=6)


def test_class_weight_and_prevalence_exclude_each_other():
    with pytest.raises(WeightError, match=r"class_weight and prevalence both set .*; give one"):
        factors("balanced", 0.1)
