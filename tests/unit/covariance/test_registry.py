"""Names of covariances and of their keywords."""

import numpy as np
import pytest

from tests.unit.covariance.parts import weights_of
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.cluster import Clustered
from wlogit.covariance.model_based import ModelBased
from wlogit.covariance.registry import KEYWORDS, CovarianceRequest, default_cov_type
from wlogit.covariance.robust import Linearized, Robust
from wlogit.covariance.sampled import Sampled
from wlogit.errors import WeightError

PLAIN = weights_of([0, 1, 1])
BALANCED = weights_of([0, 0, 1, 1], class_weight="balanced")
MAPPING = weights_of([0, 0, 1, 1], class_weight={0: 1, 1: 2})
CODES = (np.array([0, 1, 1]),)


def estimator(name, weights=PLAIN, **keywords):
    groupings = CODES if name == "cluster" else ()
    request = CovarianceRequest.read(name, keywords, weights)
    return request.estimator(weights, Sampled(groupings))


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (PLAIN, "nonrobust"),
        (weights_of([0, 1, 1], freq_weights=[2, 3, 4]), "nonrobust"),
        (weights_of([[2, 1], [3, 3]]), "nonrobust"),
        (weights_of([0, 1, 1], sampling_weights=[1, 2, 1]), "HC3"),
        (weights_of([0, 1, 1], sampling_weights=[1, 1, 1]), "HC3"),
        (BALANCED, "HC3"),
        (MAPPING, "HC3"),
        (weights_of([0, 1, 1], prevalence=0.2), "HC3"),
        (weights_of([0, 0.5, 1]), "HC3"),
        (weights_of([0, 0.5, 1], freq_weights=[1, 0, 1]), "nonrobust"),
    ],
)
def test_default(weights, expected):
    assert default_cov_type(weights) == expected
    assert CovarianceRequest.read(None, None, weights).cov_type == expected


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3", "HC4"])
def test_robust(kind):
    assert estimator(kind) == Robust(kind, ClassScheme("fixed"))
    assert estimator(kind, BALANCED) == Robust(kind, ClassScheme("estimated"))


def test_the_others():
    assert estimator("nonrobust") == ModelBased()
    assert estimator("linearized", MAPPING) == Linearized(ClassScheme("fixed"))
    assert estimator("cluster", groups="g") == Clustered(CODES, "CR1S", ClassScheme("fixed"))


def test_scheme_keywords():
    assert estimator("HC3", BALANCED, class_weights="fixed").scheme == ClassScheme("fixed")
    assert estimator("HC3", MAPPING, class_weights="estimated").scheme == ClassScheme("estimated")
    given = estimator("HC3", BALANCED, sampling="case-control").scheme
    assert given == ClassScheme("estimated", "case-control")
    assert estimator("HC0", PLAIN, sampling="case-control").scheme.centers


@pytest.mark.parametrize(
    ("keywords", "kind"),
    [
        ({}, "CR1S"),
        ({"kind": "CR0"}, "CR0"),
        ({"kind": "CR1"}, "CR1"),
        ({"use_correction": True}, "CR1S"),
        ({"use_correction": False}, "CR0"),
        ({"use_correction": False, "kind": "CR0"}, "CR0"),
        ({"use_correction": None, "kind": None}, "CR1S"),
    ],
)
def test_cluster_kinds(keywords, kind):
    assert estimator("cluster", groups="g", **keywords).kind == kind


def test_keywords_of_none_are_not_given():
    request = CovarianceRequest.read("nonrobust", {"groups": None, "kind": None}, PLAIN)
    assert request.keywords == {}
    assert request.groups is None


@pytest.mark.parametrize("name", ["HC5", "hc3", "robust", "HAC", ""])
def test_unknown_names_list_the_known_ones(name):
    with pytest.raises(ValueError, match=r"is not known; use one of nonrobust, HC0.*cluster"):
        CovarianceRequest.read(name, {}, PLAIN)


@pytest.mark.parametrize(
    ("name", "keywords", "message"),
    [
        ("nonrobust", {"groups": "g"}, "does not use groups; it takes no keywords"),
        ("HC3", {"groups": "g"}, "does not use groups; it takes class_weights, sampling"),
        ("HC1", {"use_correction": True}, "does not use use_correction"),
        ("linearized", {"kind": "CR1"}, "does not use kind"),
        ("nonrobust", {"class_weights": "fixed"}, "does not use class_weights"),
        ("cluster", {}, "needs groups=: a column name or one id per row"),
    ],
)
def test_keywords_that_do_not_belong(name, keywords, message):
    with pytest.raises(ValueError, match=message):
        CovarianceRequest.read(name, keywords, PLAIN)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"kind": "CR9"}, "kind='CR9' is not known; use one of 'CR0', 'CR1', 'CR1S'"),
        ({"use_correction": "yes"}, "use_correction must be True or False, not 'yes'"),
        ({"use_correction": False, "kind": "CR1"}, "means kind='CR0', which conflicts with"),
        ({"class_weights": "known"}, "class_weights='known' is not known"),
        ({"sampling": "cohort"}, "sampling='cohort' is not known; use one of 'random', 'case-con"),
    ],
)
def test_values_that_are_not_known(keywords, message):
    with pytest.raises(ValueError, match=message):
        estimator("cluster", BALANCED, groups="g", **keywords)


def test_estimated_class_weights_need_class_weights():
    with pytest.raises(WeightError, match="this fit has no class weights"):
        estimator("HC3", PLAIN, class_weights="estimated")


def test_every_keyword_is_listed_with_its_covariance():
    assert set(KEYWORDS) == {
        *[f"HC{i}" for i in range(5)],
        "nonrobust",
        "linearized",
        "cluster",
        *("survey", "replicate", "bootstrap"),
    }
