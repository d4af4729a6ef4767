"""Law 6: class weights are sampling weights that depend on the outcome alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.comparison import assert_same
from tests.laws.studies import EXAMPLES, KINDS, studies
from tests.laws.transformations import as_sampling_weights

CLASSES = {k: kind for k, kind in KINDS.items() if kind.classes and kind.outcome == "binary"}
BALANCED = {k: kind for k, kind in KINDS.items() if kind.classes == "balanced"}


@pytest.mark.parametrize("name", CLASSES)
@EXAMPLES
@given(data=st.data())
def test_fixed_class_weights_are_sampling_weights(name, data):
    study = replace(data.draw(studies(CLASSES[name])), class_weights="fixed")
    left = study.fit()
    right = as_sampling_weights(study, left.results.weights.class_weights).fit()
    # Class weights never enter averages, and are taken out of calibrated predictions; those of a
    # prevalence are sampling weights in meaning (statistics.md 1 and 3).
    exempt = {"class", "printed"}
    exempt |= set() if CLASSES[name].classes == "prevalence" else {"population"}
    # These read off the model that class weights are estimated.
    exempt |= set() if CLASSES[name].classes == "mapping" else {"own scheme"}
    assert_same(left, right, skip=lambda statistic: statistic.tags & exempt)


@pytest.mark.parametrize("name", BALANCED)
@EXAMPLES
@given(data=st.data())
def test_balanced_weights_are_the_mapping_of_their_values_estimated(name, data):
    study = data.draw(studies(BALANCED[name]))
    left = study.fit()
    mapping = study.given(class_weight=left.results.weights.class_weights)
    right = replace(mapping, class_weights="estimated").fit()
    assert_same(left, right, skip=lambda statistic: "own scheme" in statistic.tags)


@pytest.mark.parametrize("name", [k for k, kind in CLASSES.items() if kind.classes == "mapping"])
@EXAMPLES
@given(data=st.data())
def test_equal_class_weights_leave_the_fit_alone(name, data):
    study = data.draw(studies(CLASSES[name])).given(class_weight={0: 1.0, 1: 1.0})
    without = study.of(study.frame.assign(sampling=study.weight("sampling_weights")))
    without = without.given(class_weight=None, sampling_weights="sampling")
    exempt = {"class", "printed"}
    assert_same(study.fit(), without.fit(), skip=lambda statistic: statistic.tags & exempt)
