"""The laws for bias-reduced fits, over the same statistics as those of maximum likelihood."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.comparison import assert_same
from tests.laws.studies import DESIGNS, EXAMPLES, KINDS, SOME, Fit, Kind, make, studies
from tests.laws.test_design import mixing
from tests.laws.transformations import (
    as_array,
    flipped,
    rebased,
    reordered,
    repeated,
    scaled,
    split,
    ungrouped,
    with_absent_rows,
    with_the_other_event,
)
from wlogit.core.blocksum import BLOCK_ROWS

CLASSES = ("balanced", "mapping", "prevalence")
LIKELY = {
    "none": Kind(),
    "frequency": Kind(frequency=True),
    "counts": Kind("counts"),
    **{name: Kind(classes=name) for name in CLASSES},
    **{f"frequency x {name}": Kind(frequency=True, classes=name) for name in CLASSES},
    "counts x balanced": Kind("counts", classes="balanced"),
}
RAW = {
    "sampling": Kind(sampling=True),
    "balanced": LIKELY["balanced"],
    "fraction": Kind("fraction"),
}
RARE = {name: kind for name, kind in LIKELY.items() if kind.classes in (None, "prevalence")}
CASES = [
    *(("mean", {}, name) for name in LIKELY),
    *(("median", {}, name) for name in ("none", "frequency", "counts", "balanced", "prevalence")),
    *(("empirical", {}, name) for name in SOME),
    *(("king-zeng", {}, name) for name in RARE),
    ("king-zeng", {"case_control": "prior"}, "prevalence"),
    *(
        ("mean", {"prediction": how}, name)
        for how in ("flic", "flac")
        for name in ("none", "mapping")
    ),
    *(("mean", {"weights": "raw"}, name) for name in RAW),
]
SYMMETRIC = [case for case in CASES if case[0] != "king-zeng"]
COUNTED = [case for case in CASES if "frequency" in case[2]]
# Not the median, which is that of each coefficient as it is written.
EQUIVARIANT = [case for case in CASES if case[0] != "median"]


def in_turn(cases, turn):
    """A third of the cases, another one for each law; the rest are among the slow tests."""
    return [
        pytest.param(*case, marks=() if number % 3 == turn else pytest.mark.slow)
        for number, case in enumerate(cases)
    ]


class BiasReduced(Fit):
    """A bias-reduced fit in place of maximum likelihood."""

    def __init__(self, study, kind, options):
        self.study, self.answers = study, None
        self._under, self._groups = {}, {}
        self.model = study.model()
        self.results = self.model.fit_bias_reduced(kind, disp=False, **options)
        self.n_params = len(self.results.params)


def kind_of(name):
    return ({**KINDS, **LIKELY, **RAW})[name]


def drawn(data, name):
    """A study whose constant can be moved."""
    return data.draw(studies(kind_of(name), designs=DESIGNS[:2]))


def penalized(results):
    """What only the penalised likelihood offers."""
    table = results.penalized_lr_tests()[["statistic", "pvalue"]]
    limits = results.conf_int(0.1, method="profile")
    return np.column_stack([results.params, table, limits]), results.penalized_llf


@pytest.mark.parametrize(("kind", "given_", "name"), in_turn(COUNTED, 0))
@EXAMPLES
@given(data=st.data())
def test_a_frequency_weight_of_three_is_the_row_three_times(kind, given_, name, data):
    study = drawn(data, name)
    expanded, options = repeated(study)
    one, other = (BiasReduced(each, kind, given_) for each in (study, expanded))
    assert_same(one, other, **options)


@pytest.mark.parametrize("kind", ["mean", "median", "empirical", "king-zeng"])
def test_so_it_is_over_many_blocks_of_rows(kind):
    study = make(Kind(frequency=True), seed=6, n=80, offset=True)
    times = 1 + 2 * BLOCK_ROWS // study.frame["frequency"].sum()
    study = study.of(study.frame.assign(frequency=times * study.frame["frequency"]))
    shuffled, _ = reordered(repeated(study)[0], 6)
    one, other = (BiasReduced(each, kind, {}).results for each in (study, shuffled))
    np.testing.assert_allclose(other.params, one.params, rtol=1e-9)
    np.testing.assert_allclose(other.cov_params(), one.cov_params(), rtol=1e-9)


@pytest.mark.parametrize(("kind", "given_", "name"), in_turn(COUNTED, 1))
def test_frequency_weights_may_be_divided_among_equal_rows(kind, given_, name):
    study = make(kind_of(name), seed=7)
    divided, options = split(study)
    one, other = (BiasReduced(each, kind, given_) for each in (study, divided))
    assert_same(one, other, **options)


@pytest.mark.parametrize("kind", ["mean", "median", "empirical", "king-zeng"])
def test_counts_are_one_row_for_each_case(kind):
    study = make(Kind("counts"), seed=9)
    cases, options = ungrouped(study)
    one, other = (BiasReduced(each, kind, {}) for each in (study, cases))
    assert_same(one, other, **options)


@pytest.mark.parametrize(("kind", "given_", "name"), in_turn(CASES, 2))
def test_the_order_of_the_rows_does_not_matter(kind, given_, name):
    study = make(kind_of(name), seed=21, offset=True)
    other, options = reordered(study, 4)
    one, other = (BiasReduced(each, kind, given_) for each in (study, other))
    assert_same(one, other, **options)


@pytest.mark.parametrize(("kind", "given_", "name"), in_turn(CASES, 0))
def test_rows_without_weight_are_as_if_absent(kind, given_, name):
    study = make(kind_of(name), seed=22)
    other, options, _ = with_absent_rows(study, seed=2)
    one, other = (BiasReduced(each, kind, given_) for each in (study, other))
    assert_same(one, other, **options)


@pytest.mark.parametrize(("kind", "given_", "name"), in_turn(SYMMETRIC, 1))
@EXAMPLES
@given(data=st.data())
def test_one_minus_the_outcome(kind, given_, name, data):
    study = drawn(data, name)
    other, options = flipped(study)
    one, other = (BiasReduced(each, kind, given_) for each in (study, other))
    assert_same(one, other, **options)


def test_the_other_label_as_the_event():
    study = make(Kind(classes="balanced"), seed=75, offset=True)
    other, options = with_the_other_event(study)
    one, other = (BiasReduced(each, "mean", {}) for each in (study, other))
    assert_same(one, other, **options)


def test_king_and_zeng_favour_the_rare_event():
    study = make(Kind(classes="prevalence"), seed=30)
    one, other = (BiasReduced(each, "king-zeng", {}) for each in (study, flipped(study)[0]))
    assert np.abs(one.results.params + other.results.params).max() > 1e-3


@pytest.mark.parametrize(("kind", "given_", "name"), in_turn(EQUIVARIANT, 2))
@EXAMPLES
@given(data=st.data())
def test_an_invertible_map_of_the_columns(kind, given_, name, data):
    study = as_array(drawn(data, name))
    other, options = rebased(study, mixing(study, data.draw(st.integers(0, 99))))
    one, other = (BiasReduced(each, kind, given_) for each in (study, other))
    assert_same(one, other, **options)


def test_the_median_depends_on_how_the_model_is_written():
    study = as_array(make(Kind(), seed=31))
    basis = mixing(study, 1)
    one, other = (BiasReduced(each, "median", {}) for each in (study, replace(study, basis=basis)))
    assert np.abs(basis @ other.results.params - one.results.params).max() > 1e-3


@pytest.mark.parametrize("kind", ["mean", "median"])
def test_the_unit_of_a_column_does_not_matter(kind):
    study = as_array(make(Kind(frequency=True), seed=32, offset=True))
    basis = np.diag(np.resize([1.0, 3e-6, 2e5, 7.0], study.design.shape[1]))
    other, options = rebased(study, basis)
    one, other = (BiasReduced(each, kind, {}) for each in (study, other))
    assert_same(one, other, rtol=1e-8, **options)
    if kind == "mean":
        left, right = (penalized(each.results._results)[0] for each in (one, other))
        np.testing.assert_allclose(right[:, 1:3], left[:, 1:3], rtol=1e-7)
        np.testing.assert_allclose(right[:, 3:] * np.diag(basis)[:, None], left[:, 3:], rtol=1e-7)


@pytest.mark.parametrize("name", [name for name in KINDS if "sampling" in name])
def test_the_unit_of_sampling_weights_does_not_matter_to_the_empirical_kind(name):
    study, _ = scaled(make(KINDS[name], seed=33), 1.0)
    other, options = scaled(study, 3e7)
    one, other = (BiasReduced(each, "empirical", {}) for each in (study, other))
    assert_same(one, other, rtol=1e-10, **options)


@pytest.mark.parametrize("name", ["none", "frequency", "mapping", "frequency x balanced"])
def test_penalised_tests_and_profiles_keep_the_laws(name):
    study = make(LIKELY[name], seed=34)
    expected, top = penalized(BiasReduced(study, "mean", {}).results._results)
    others = {"order": reordered(study, 5)[0], "flip": flipped(study)[0]}
    if LIKELY[name].frequency:
        others["replication"] = repeated(study)[0]
    for law, other in others.items():
        found, value = penalized(BiasReduced(other, "mean", {}).results._results)
        if law == "flip":
            found[:, [0, 3, 4]] = -found[:, [0, 4, 3]]
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9, err_msg=law)
        np.testing.assert_allclose(value, top, rtol=1e-11, err_msg=law)
