"""Every statistic of a fit under a survey design: repetition, labels, order, scale, domains."""

from dataclasses import dataclass

import pytest

from tests.laws.comparison import assert_same
from tests.laws.studies import KINDS, Study, make
from tests.laws.transformations import is_of_rows, reordered, repeated, scaled
from wlogit import SurveyDesign, WeightedLogit


@dataclass(frozen=True, repr=False)
class Surveyed(Study):
    """A study whose sampling weights are those of a design of sixteen PSUs in four strata."""

    domain: bool = False

    def model(self):
        frame = self.frame
        design = SurveyDesign(frame, weights="sampling", strata="stratum", psu="psu", fpc="size")
        if self.domain:
            design = design.subset(frame["inside"])
        options = {k: v for k, v in self.options.items() if k != "sampling_weights"}
        formula = f"y ~ {self.right}"
        return WeightedLogit.from_formula(formula, frame, design=design, **options)


@pytest.fixture(scope="module")
def study():
    plain = make(KINDS["frequency x sampling x balanced"], seed=9, n=80)
    frame = plain.frame.assign(stratum=plain.frame["id"] % 4, psu=plain.frame["id"] % 16)
    frame = frame.assign(size=30 + frame["stratum"], inside=frame["id"] % 5 > 0)
    return Surveyed(frame, options=plain.options)


def test_a_frequency_weight_of_three_is_the_row_three_times(study):
    expanded, options = repeated(study)
    assert_same(study.fit(), expanded.fit(), **options)


def test_labels_order_and_a_domain_of_all_rows_do_not_matter(study):
    new, options = reordered(study, 3)
    frame = new.frame
    labeled = frame.assign(
        stratum=frame["stratum"].map(lambda s: "dcba"[s]), psu=1000 - 7 * frame["psu"], inside=True
    )
    other = Surveyed(labeled, options=study.options, domain=True)
    assert_same(study.fit(), other.fit(), **options)


def test_the_unit_of_the_weights_does_not_matter(study):
    changed, options = scaled(study, 1e6)
    assert_same(study.fit(), changed.fit(), **options)


def test_a_domain_is_what_is_left_by_missing_values(study):
    x = study.frame["x1"].where(study.frame["inside"])
    gaps = study.of(study.frame.assign(x1=x))
    inside = Surveyed(study.frame, options=study.options, domain=True)
    assert_same(inside.fit(), gaps.fit(), skip=lambda s: is_of_rows(s) or "predict" in s.name)
