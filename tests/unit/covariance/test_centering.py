"""Scores centered within class, on numbers that can be checked by hand; eta = 0, p = 1/2."""

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.unit.covariance.parts import gram, parts_of, weights_of
from wlogit.core.scores import class_totals
from wlogit.covariance.centering import ClassScheme, class_size_factors
from wlogit.covariance.cluster import Clustered
from wlogit.covariance.robust import Linearized, Robust
from wlogit.covariance.source import CaseSource
from wlogit.errors import WeightError

X = np.array([[1, 0], [1, 2], [1, 1], [1, 3]])
Y = [0, 0, 1, 1]
ESTIMATED, FIXED = ClassScheme("estimated"), ClassScheme("fixed")
CASE_CONTROL = ClassScheme("fixed", "case-control")

# Unit weights: scores (-1/2, 0), (-1/2, -1), (1/2, 1/2), (1/2, 3/2); their class means are
# (-1/2, -1/2) and (1/2, 1), so what is left is (0, 1/2), (0, -1/2), (0, -1/2), (0, 1/2).
CENTERED = np.array([[0, 0.5], [0, -0.5], [0, -0.5], [0, 0.5]])


def plain(**given):
    return parts_of(X, Y, np.eye(2), **given)


def unequal(**given):
    """Sampling weights 1, 3, 1, 1: W = (4, 2); balanced class weights 3/4 and 3/2."""
    return plain(sampling_weights=[1, 3, 1, 1], **given)


def totals(parts):
    """T_0 and T_1 in the weights as given."""
    identity = np.eye(parts.root.shape[0])
    return class_totals(parts.matrix, identity, CaseSource(parts, ESTIMATED)).T / parts.unit


def test_class_totals():
    assert_array_equal(totals(plain()), [[-1, -1], [1, 2]])
    weighted = totals(unequal(class_weight="balanced"))
    # v = 3/4, 9/4, 3/2, 3/2: scores (-3/8, 0), (-9/8, -9/4), (3/4, 3/4), (3/4, 9/4).
    assert_array_equal(weighted, [[-1.5, -2.25], [1.5, 3.0]])


def test_class_totals_of_fractions_have_a_part_in_each_class():
    # y = 1/2 and 1/4: e q x = (1/4, 0) + (1/8, 1/8), f p x = (1/4, 0) + (3/8, 3/8).
    parts = parts_of([[1, 0], [1, 1]], [0.5, 0.25], np.eye(2))
    assert_array_equal(totals(parts), [[-0.625, -0.375], [0.375, 0.125]])


def test_class_totals_of_counts():
    parts = parts_of([[1, 0], [1, 1]], [[2, 1], [1, 3]], np.eye(2))
    assert_array_equal(totals(parts), [[-2.0, -1.5], [1.5, 0.5]])


@pytest.mark.parametrize("scheme", [ESTIMATED, CASE_CONTROL])
def test_unit_sampling_weights_center_at_the_class_means(scheme):
    assert_allclose(Robust("HC0", scheme)(plain()).matrix, gram(*CENTERED), atol=1e-15)


def test_estimated_class_weights_center_by_mass():
    covariance = Robust("HC0", ESTIMATED)(unequal(class_weight="balanced"))
    # Shares 1/4 and 3/4 of T_0, 1/2 and 1/2 of T_1.
    centered = [[0, 9 / 16], [0, -9 / 16], [0, -3 / 4], [0, 3 / 4]]
    assert_allclose(covariance.matrix, gram(*centered), atol=1e-15)


def test_fixed_class_sizes_center_at_the_class_means_whatever_the_mass():
    covariance = Robust("HC0", CASE_CONTROL)(unequal(class_weight={0: 0.75, 1: 1.5}))
    # T_0 / N_0 = (-3/4, -9/8), T_1 / N_1 = (3/4, 3/2).
    centered = [[3 / 8, 9 / 8], [-3 / 8, -9 / 8], [0, -3 / 4], [0, 3 / 4]]
    assert_allclose(covariance.matrix, gram(*centered), atol=1e-15)


def test_fixed_class_weights_under_random_sampling_do_not_center():
    scores = [[-0.5, 0], [-0.5, -1], [0.5, 0.5], [0.5, 1.5]]
    assert_allclose(Robust("HC0", FIXED)(plain()).matrix, gram(*scores), atol=1e-15)


def test_fractions_center_in_both_classes():
    parts = parts_of([[1, 0], [1, 1]], [0.5, 0.25], np.eye(2))
    # W = (5/4, 3/4). Row 1: 0 - (2/3)(3/8, 1/8) + (2/5)(5/8, 3/8) = (0, 1/15).
    # Row 2: (-1/4, -1/4) - (1/3)(3/8, 1/8) + (3/5)(5/8, 3/8) = (0, -1/15).
    expected = gram([0, 1 / 15], [0, -1 / 15])
    for scheme in (ESTIMATED, CASE_CONTROL):
        assert_allclose(Robust("HC0", scheme)(parts).matrix, expected, atol=1e-15)


def test_counts_center_their_cases():
    # Two events and a non-event at (1, 0), an event and two at (1, 1): T = (-3/2, -1), (3/2, 1/2).
    parts = parts_of([[1, 0], [1, 1]], [[2, 1], [1, 2]], np.eye(2))
    events = [[0, -1 / 6], [0, -1 / 6], [0, 1 / 3]]
    others = [[0, 1 / 3], [0, -1 / 6], [0, -1 / 6]]
    expected = gram(*events, *others)
    assert_allclose(Robust("HC0", ESTIMATED)(parts).matrix, expected, atol=1e-15)
    assert_allclose(Linearized(ESTIMATED)(parts).matrix, 1.5 * expected, atol=1e-15)


@pytest.mark.parametrize("scheme", [ESTIMATED, CASE_CONTROL])
@pytest.mark.parametrize("absent", [{"sampling_weights": [0, 1, 1, 1, 1]}])
def test_rows_without_weight_have_no_centered_score(scheme, absent):
    parts = parts_of(np.vstack([[1, 7], X]), [1, *Y], np.eye(2), **absent)
    assert_allclose(Robust("HC0", scheme)(parts).matrix, gram(*CENTERED), atol=1e-15)
    clustered = Clustered((np.array([0, 0, 1, 2, 3]),), "CR0", scheme)(parts)
    assert_allclose(clustered.matrix, gram(*CENTERED), atol=1e-15)
    assert clustered.n_clusters == (4,)


@pytest.mark.parametrize(
    ("estimator", "factor"),
    [
        # The first and third case have x'x = 1 and 2, the others 5 and 10; h = x'x / 40.
        (Robust("HC2", ESTIMATED), [80 / 39, 80 / 35, 80 / 38, 80 / 30]),
        (Linearized(ESTIMATED), [2, 2, 2, 2]),
        (Robust("HC1", ESTIMATED), [2, 2, 2, 2]),  # N / (N - k) = 4 / 2; no N_k / (N_k - 1)
        (Robust("HC0", ESTIMATED), [1, 1, 1, 1]),
    ],
)
def test_factors_of_leverage_and_class_size(estimator, factor):
    bread = np.eye(2) / 10
    covariance = estimator(parts_of(X, Y, bread))
    expected = bread @ (CENTERED.T * factor) @ CENTERED @ bread
    assert_allclose(covariance.matrix, expected, rtol=1e-14, atol=1e-18)


def test_hc3_and_hc4_scale_the_centered_score():
    bread, h = np.eye(2) / 10, np.array([1, 5, 2, 10]) / 40
    parts = parts_of(X, Y, bread)
    for kind, power in (("HC3", 2.0), ("HC4", np.minimum(4.0, 2.0 * h))):
        expected = bread @ (CENTERED.T * 2 * (1 - h) ** -power) @ CENTERED @ bread
        assert_allclose(Robust(kind, ESTIMATED)(parts).matrix, expected, rtol=1e-14, atol=1e-18)


# -- the shift -----------------------------------------------------------------------------------


def test_the_shift_is_the_influence_of_the_class_masses():
    covariance = Robust("HC0", ESTIMATED)(unequal(class_weight="balanced"))
    # Influences -1/4, -3/4, 1/2, 1/2 beside (0, 9/16), (0, -9/16), (0, -3/4), (0, 3/4).
    assert_allclose(covariance.shift, [0, 9 / 32, 9 / 8], atol=1e-15)


def test_the_shift_counts_cases():
    given = {"freq_weights": [2, 1, 1, 1], "sampling_weights": [1, 4, 1, 1]}
    parts = parts_of([[1, 0], [2, 2], [1, 1], [2, 3]], Y, np.eye(2), **given)
    # T_0 = 2 (-1/2, 0) + (-4, -4), T_1 = (3/2, 2); shares 1/6, 1/6, 4/6 and 1/2, 1/2.
    others = [[1 / 3, 2 / 3], [1 / 3, 2 / 3], [-2 / 3, -4 / 3]]
    events = [[-1 / 4, -1 / 2], [1 / 4, 1 / 2]]
    covariance = Robust("HC0", ESTIMATED)(parts)
    assert_allclose(covariance.matrix, gram(*others, *events), rtol=1e-14)
    # Influences -1/6, -1/6, -4/6, 1/2, 1/2.
    assert_allclose(covariance.shift, [1 / 3, 2 / 3, 1 / 2 + 1 / 2], rtol=1e-14)


def test_factors_do_not_scale_the_shift_itself():
    bread = np.eye(2) / 10
    given = {"sampling_weights": [1, 3, 1, 1]}
    parts = parts_of(X, Y, bread, **given)
    plain = Robust("HC0", ESTIMATED)(parts).shift
    assert plain[1] > 0.01
    # N_k / (N_k - 1) = 2 in each class, N / (N - k) = 2.
    for estimator in (Linearized(ESTIMATED), Robust("HC1", ESTIMATED)):
        shift = estimator(parts).shift
        assert_allclose(shift[:2], np.sqrt(2) * plain[:2], rtol=1e-14)
        assert shift[2] == plain[2] == 9 / 8


@pytest.mark.parametrize("scheme", [FIXED, CASE_CONTROL, ClassScheme("estimated", "case-control")])
def test_no_shift_where_the_ratio_of_the_class_weights_is_known(scheme):
    assert Robust("HC0", scheme)(plain()).shift is None
    assert not scheme.shift_is_random


def test_clusters_total_the_shift():
    codes = np.array([0, 1, 0, 1])
    covariance = Clustered((codes,), "CR0", ESTIMATED)(unequal(class_weight="balanced"))
    # Cluster totals (0, -3/16), (0, 3/16) of the scores, 1/4 and -1/4 of the influence.
    assert_allclose(covariance.matrix, gram([0, -3 / 16], [0, 3 / 16]), atol=1e-15)
    assert_allclose(covariance.shift, [0, -3 / 32, 1 / 8], atol=1e-15)


# -- class sizes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("y", "given", "factors"),
    [
        ([0, 1, 1, 0, 0], {}, (3 / 2, 2)),
        ([0.5, 1, 1, 0, 0, 0], {}, (7 / 5, 5 / 3)),  # N = (3.5, 2.5)
        ([[2, 1], [1, 3]], {}, (4 / 3, 3 / 2)),
        ([0, 1, 1], {"freq_weights": [5, 2, 1]}, (5 / 4, 3 / 2)),
        ([0, 0, 1, 1, 1], {"sampling_weights": [1, 2, 3, 1, 0]}, (2, 2)),
        ([0, 0, 1, 1, 1], {"class_weight": "balanced"}, (2, 3 / 2)),
    ],
)
def test_class_size_factors_count_cases_with_weight(y, given, factors):
    assert_allclose(class_size_factors(weights_of(y, **given), ESTIMATED), factors, rtol=1e-14)


def test_fractions_mix_the_factors_of_the_classes():
    # N = (3.5, 2.5), factors 7/5 and 5/3; the first row is half of each class.
    X_six = np.column_stack([np.ones(6), [0, 1, 2, 4, 3, 1]])
    parts = parts_of(X_six, [0.5, 1, 1, 0, 0, 0], np.eye(2) / 80)
    scores = (np.array([0.5, 1, 1, 0, 0, 0]) - 0.5)[:, None] * X_six
    y = np.array([0.5, 1, 1, 0, 0, 0])
    events, others = (
        (y[:, None] * X_six).sum(axis=0) / 2,
        -((1 - y)[:, None] * X_six).sum(axis=0) / 2,
    )
    centered = scores - np.outer(y / 2.5, events) - np.outer((1 - y) / 3.5, others)
    factor = y * 5 / 3 + (1 - y) * 7 / 5
    expected = (centered.T * factor) @ centered / 80**2
    assert_allclose(Linearized(ESTIMATED)(parts).matrix, expected, rtol=1e-12, atol=1e-18)


@pytest.mark.parametrize("y", [[0, 0, 1], [1, 1, 0], [0.5, 0.5, 0, 0], [[1, 2], [0, 2]]])
@pytest.mark.parametrize("estimator", [Robust("HC2", ESTIMATED), Linearized(CASE_CONTROL)])
def test_one_case_of_a_class_is_too_few_to_center(y, estimator):
    with pytest.raises(WeightError, match=r'cannot be estimated from one case.*cov_type="HC0"'):
        estimator(parts_of(X[: len(y)], y, np.eye(2) / 40))
    Robust("HC0", estimator.scheme)(parts_of(X[: len(y)], y, np.eye(2) / 40))


def test_the_message_says_why_the_scores_are_centered():
    weights = weights_of([0, 0, 1])
    with pytest.raises(WeightError, match=r"class 1 has 1 cases: with class weights computed.*map"):
        class_size_factors(weights, ESTIMATED)
    with pytest.raises(WeightError, match="with fixed class sizes") as refused:
        class_size_factors(weights, CASE_CONTROL)
    assert "mapping" not in str(refused.value)


# -- which scheme --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "class_weights"),
    [
        ({}, "fixed"),
        ({"class_weight": {0: 1, 1: 2}}, "fixed"),
        ({"class_weight": "balanced"}, "estimated"),
        ({"prevalence": 0.1}, "estimated"),
        ({"sampling_weights": [1, 2, 3, 4]}, "fixed"),
    ],
)
def test_default_scheme(given, class_weights):
    assert ClassScheme.default(weights_of(Y, **given)) == ClassScheme(class_weights, "random")


def test_a_scheme_says_in_words_what_it_does():
    assert FIXED.describe() == ""
    assert "class weights are estimated" in ESTIMATED.describe()
    assert "class sizes are fixed" in CASE_CONTROL.describe()


# -- cancellation --------------------------------------------------------------------------------


@pytest.mark.parametrize("spread", [1.0, 1e-2, 3e-4, 1e-5])
@pytest.mark.parametrize("kind", ["HC0", "HC3"])
def test_scores_that_hardly_differ_within_a_class_keep_their_digits(kind, spread):
    # With p nearly the same for all, the centered scores of the constant are nearly nothing.
    x = spread * np.array([1.0, -0.5, 0.25, -1.0, 0.75, -0.125])
    y = np.array([0, 0, 0, 1, 1, 1])
    covariance = Robust(kind, ESTIMATED)(
        parts_of(np.column_stack([np.ones(6), x]), y, np.eye(2) / 8, params=[0.0, 1.0])
    )
    with mp.workdps(40):
        p = [1 / (1 + mp.exp(-mp.mpf(value))) for value in x]
        factor = [yi - pi for yi, pi in zip(y, p, strict=True)]
        means = [mp.fsum(f for f, yi in zip(factor, y, strict=True) if yi == k) / 3 for k in (0, 1)]
        meat = mp.mpf(0)
        for f, pi, yi, xi in zip(factor, p, y, x, strict=True):
            leverage = pi * (1 - pi) * (1 + mp.mpf(xi) ** 2) / 8
            size = (1 - leverage) ** -2 * mp.mpf(3) / 2 if kind == "HC3" else 1
            meat += size * (f - means[yi]) ** 2
        expected = float(meat / 64)
    # p - 1/2 is known to 1e-16 of 1/2, and is about x / 4.
    assert_allclose(covariance.matrix[0, 0], expected, rtol=1e-8)
