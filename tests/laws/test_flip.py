"""Law 8: calling the other outcome the event turns signs around."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.comparison import assert_same
from tests.laws.studies import EXAMPLES, KINDS, make, studies
from tests.laws.transformations import flipped, with_the_other_event


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_one_minus_the_outcome(name, data):
    study = data.draw(studies(KINDS[name]))
    other, options = flipped(study)
    assert_same(study.fit(), other.fit(), **options)


@pytest.mark.parametrize("name", [k for k, kind in KINDS.items() if kind.outcome == "binary"])
def test_the_other_label_as_the_event(name):
    study = make(KINDS[name], seed=75, offset=True)
    other, options = with_the_other_event(study)
    assert_same(study.fit(), other.fit(), **options)
