"""What the figures call coefficients, events and scales."""

import pytest

from tests.unit.plots.fits import fit, fit_of_counts, fit_of_fractions
from wlogit.plots.words import (
    class_labels,
    coefficient_label,
    event_label,
    percent,
    probability_label,
    shortened_all,
    with_interval,
)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("years", "years"),
        ("region[T.south]", "region = south"),
        ("region[south]", "region = south"),
        ("C(region)[T.south]", "region = south"),
        ("C(region, Treatment('west'))[T.south]", "region = south"),
        ("C(Q('the region'))[T.a:b]", "the region = a:b"),
        ("major[T.True]", "major = True"),
        ("C(g, Sum)[S.a]", "C(g, Sum)[S.a]"),
        ("years:region[T.south]", "years \N{MULTIPLICATION SIGN} region = south"),
        ("np.log(power + 1)", "np.log(power + 1)"),
        ("bs(years, df=4)[2]", "bs(years, df=4)[2]"),
        ("Q('a:b')", "a:b"),
        ("I(years ** 2)", "I(years ** 2)"),
        (3, "3"),
    ],
)
def test_a_coefficient_is_called_as_the_formula_means_it(name, label):
    assert coefficient_label(name) == label


def test_short_labels_stay_different():
    assert shortened_all(["a" * 40 + "x", "a" * 40 + "y"]) != ["a" * 40] * 2
    short = shortened_all(["b" * 60, "c" * 60])
    assert max(map(len, short)) == 30
    middle = ["k" * 25 + f"{j}" + "k" * 25 for j in range(3)]
    assert len(set(shortened_all(middle))) == 3


def test_the_event_is_named():
    assert class_labels(fit()) == ("conflict = 0", "conflict = 1")
    assert class_labels(fit("class", "outcome ~ years")) == ("peace", "war")
    assert event_label(fit("class", "outcome ~ years")) == "outcome = war"
    assert class_labels(fit_of_counts()) == ("lived", "died")
    assert class_labels(fit_of_fractions()) == ("not share", "share")


@pytest.mark.parametrize(
    ("kind", "which", "prevalence", "scale"),
    [
        ("none", "calibrated", None, ""),
        ("sampling", "calibrated", None, ""),
        ("class", "calibrated", None, "\n(class weights taken out)"),
        ("mapping", "calibrated", None, "\n(population scale)"),
        ("mapping", "mean", None, "\n(scale of the class weights)"),
        ("class", "mean", None, "\n(scale of the class weights)"),
        ("prevalence", "mean", None, "\n(population scale)"),
        ("class", "calibrated", 0.0034, "\n(at a prevalence of 0.0034)"),
    ],
)
def test_the_scale_of_a_probability_is_said(kind, which, prevalence, scale):
    label = probability_label(fit(kind), which, prevalence)
    assert label == f"Probability of conflict = 1{scale}"


def test_a_fraction_is_expected():
    assert probability_label(fit_of_fractions(), "calibrated") == "Expected share"


def test_percents_have_no_needless_digits():
    assert percent(0.95) == "95%"
    assert percent(1 - 0.001) == "99.9%"


def test_zero_has_no_sign():
    assert with_interval(-0.0004, (-0.1, 0.1), ".2f") == "0.00 (\N{MINUS SIGN}0.10 to 0.10)"
