"""Each law notices the faults it is there for: wrong statistics that were seen in other packages.

A fault is added to the registry as a statistic, written down from the data; the law has to name it.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.laws import comparison
from tests.laws.statistic import Statistic
from tests.laws.studies import Kind, make
from tests.laws.test_optimum import probability, weight
from tests.laws.transformations import (
    as_array,
    as_sampling_weights,
    as_shuffled_series,
    flipped,
    rebased,
    reordered,
    repeated,
    scaled,
    with_absent_rows,
)

STUDY = make(Kind(frequency=True, sampling=True, classes="mapping"), seed=127)


def sandwich(fit, power, leverage=0.0):
    """A^-1 X' diag(w^power (r - p)^2) X A^-1, over 1 - leverage."""
    w, r = weight(fit)
    X, gap = fit.study.design, r - probability(fit)
    bread = fit.results.cov_nonrobust
    meat = X.T @ (X * (w**power * gap**2 / (1.0 - leverage) ** 2)[:, None])
    return bread @ meat @ bread


def row_leverage(fit):
    w, _ = weight(fit)
    p, X = probability(fit), fit.study.design
    return w * p * (1.0 - p) * np.einsum("ij,jk,ik->i", X, fit.results.cov_nonrobust, X)


def null_of_rows(fit):
    share = fit.study.frame["y"].mean()
    n = len(fit.study.frame)
    return n * (share * np.log(share) + (1.0 - share) * np.log(1.0 - share))


FAULTS = {
    "cases are rows": lambda fit: len(fit.study.frame),
    "cases are weights": lambda fit: fit.results.weights.total,
    "llnull without weights": null_of_rows,
    "bic by the sum of weights": lambda fit: np.log(fit.results.weights.total),
    "aic of the pseudo-likelihood": lambda fit: fit.results.info_criteria("aic_naive"),
    "inverse information": lambda fit: fit.results.cov_nonrobust,
    "meat with w": lambda fit: sandwich(fit, 1),
    "meat with w^2": lambda fit: sandwich(fit, 2),
    "leverage of rows": lambda fit: sandwich(fit, 1, row_leverage(fit)),
    "average over rows": lambda fit: probability(fit).mean(),
    "effective size of rows": lambda fit: weight(fit)[0].sum() ** 2 / (weight(fit)[0] ** 2).sum(),
    "categories of all rows": lambda fit: fit.study.frame["g"].nunique(),
    "clusters of all rows": lambda fit: fit.study.frame["c1"].nunique(),
    "weights by position": lambda fit: np.average(fit.study.design[:, -1], weights=weight(fit)[0]),
    "first row": lambda fit: probability(fit)[0],
    "probability of the first label": lambda fit: probability(fit).max(),
    "distance from the origin": lambda fit: np.linalg.norm(fit.results.params),
}


def law_of(name):
    """Two studies that the law calls equal, and how to compare them."""
    laws = {
        "replication": lambda: repeated(STUDY),
        "scale": lambda: scaled(STUDY, 1e3),
        "absent rows": lambda: with_absent_rows(STUDY, seed=1, category=True)[:2],
        "order": lambda: reordered(STUDY, 1),
        "outcome": lambda: flipped(STUDY),
        "columns": lambda: rebased(as_array(STUDY), np.diag(np.arange(1.0, 6.0))),
    }
    other, options = laws[name]()
    return (as_array(STUDY) if name == "columns" else STUDY), other, options


NOTICED = [
    ("replication", "cases are rows"),
    ("replication", "llnull without weights"),
    ("replication", "meat with w^2"),
    ("replication", "leverage of rows"),
    ("replication", "average over rows"),
    ("replication", "effective size of rows"),
    ("scale", "cases are weights"),
    ("scale", "bic by the sum of weights"),
    ("scale", "aic of the pseudo-likelihood"),
    ("scale", "inverse information"),
    ("scale", "meat with w"),
    ("absent rows", "cases are rows"),
    ("absent rows", "average over rows"),
    ("absent rows", "categories of all rows"),
    ("absent rows", "clusters of all rows"),
    ("order", "first row"),
    ("outcome", "probability of the first label"),
    ("columns", "distance from the origin"),
]


@pytest.mark.parametrize(("law", "fault"), NOTICED)
def test_a_fault_breaks_its_law(law, fault, monkeypatch):
    study, other, options = law_of(law)
    monkeypatch.setattr(comparison, "STATISTICS", {fault: Statistic(fault, FAULTS[fault])})
    assert comparison.differences(study.fit(), other.fit(), **options)


@pytest.mark.parametrize("law", sorted({law for law, _ in NOTICED}))
def test_what_is_right_breaks_no_law(law, monkeypatch):
    """The canaries above sing because of their faults, not because of how they are held."""
    study, other, options = law_of(law)

    def right(fit):
        w, _ = weight(fit)
        return np.average(probability(fit), weights=w), fit.results.nobs

    def expected(statistic, value):
        return np.array([1.0 - value[0], value[1]]) if law == "outcome" else value

    options = {**options, "expected": expected}
    monkeypatch.setattr(comparison, "STATISTICS", {"mean": Statistic("mean", right)})
    assert not comparison.differences(study.fit(), other.fit(), **options)


def test_weights_matched_by_position_break_the_law_of_order():
    """As in statsmodels, scikit-learn and glum, which take a Series for its values."""
    shuffled = as_shuffled_series(STUDY, 1)[0]
    positional = replace(STUDY, passed=lambda *given: shuffled.passed(*given).to_numpy())
    wrong = comparison.differences(STUDY.fit(), positional.fit())
    assert {"params", "llf", "cov_params [CR0]", "score_test [HC3]"} <= names(wrong)


def test_class_weights_in_an_average_break_the_law_of_class_weights():
    """Averages by g: class weights as sampling weights change those, and only those."""
    study = replace(STUDY, class_weights="fixed")
    left = study.fit()
    right = as_sampling_weights(study, left.results.weights.class_weights).fit()
    wrong = names(comparison.differences(left, right, skip=lambda s: "printed" in s.tags))
    assert {"pseudo_rsquared tjur", "pseudo_rsquared efron", "predict calibrated"} <= wrong


def names(sentences):
    return {sentence.split(":")[0] for sentence in sentences}
