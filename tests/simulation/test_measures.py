"""Intervals of AUC, shares, losses and calibration cover what they are about."""

import numpy as np
import pytest
from scipy.special import expit

from wlogit import WeightedLogit
from wlogit.evaluation import Evaluation
from wlogit.inference.scored import CaseSampling, Scored
from wlogit.weights.outcome import read_outcome
from wlogit.weights.resolve import resolve_weights

pytestmark = pytest.mark.slow

SAMPLES = 600
# Three standard errors of a coverage of 0.95 in as many samples, and what asymptotics leave.
COVERAGE = (0.915, 0.98)


def evaluation(y, score, weights, groups=None):
    resolved = resolve_weights(read_outcome(y), sampling_weights=weights)
    codes = () if groups is None else (groups,)
    return Evaluation(Scored.of_rows(resolved, score, 0.0, CaseSampling(codes)))


def intervals(given):
    """Value and limits of every measure, by name."""
    calibration = given.calibration([0.0, 0.1, 0.3, 1.0])
    average = given.precision_recall().average_precision
    found = {
        "auc": (given.auc().auc, *given.auc().ci),
        "average precision": (average.value, *average.ci),
    }
    for name, one in (
        ("brier", given.brier()),
        ("log loss", given.log_loss()),
        ("slope", calibration.slope),
        ("intercept", calibration.intercept),
    ):
        found[name] = (one.value, *one.ci)
    report = given.classification_report(0.15).frame
    for name, row in report.drop(columns="se").iterrows():
        found[name] = tuple(row)
    for name, row in calibration.table[["observed", "ci_lower", "ci_upper"]].iterrows():
        found[f"bin {name}"] = tuple(row)
    return found


def coverage(samples, truth):
    hits = dict.fromkeys(truth, 0)
    for sample in samples:
        for name, (_, low, high) in intervals(sample).items():
            hits[name] += low <= truth[name] <= high
    return {name: count / SAMPLES for name, count in hits.items()}


def assert_covered(found):
    low, high = COVERAGE
    outside = {name: share for name, share in found.items() if not low <= share <= high}
    assert not outside


def test_samples_with_unequal_probabilities():
    """A population of 400,000; events are sampled ten times as often, and large x more often."""
    rng = np.random.default_rng(41)
    x = rng.normal(size=400_000)
    y = (rng.random(len(x)) < expit(-3.0 + 1.2 * x)).astype(float)
    # Not the truth: calibration has something to find.
    score = -2.5 + x
    drawn = 0.002 + 0.02 * y + 0.002 * (x > 1.0)
    truth = {k: v[0] for k, v in intervals(evaluation(y, score, np.ones(len(x)))).items()}

    def samples():
        for _ in range(SAMPLES):
            rows = np.flatnonzero(rng.random(len(x)) < drawn)
            yield evaluation(y[rows], score[rows], 1.0 / drawn[rows])

    assert_covered(coverage(samples(), truth))


def test_samples_of_clusters():
    """Clusters of ten share half of the variance of x and of what is left of the log-odds."""
    rng = np.random.default_rng(42)

    def draw(n_clusters):
        groups = np.repeat(np.arange(n_clusters), 10)
        common = rng.normal(size=(2, n_clusters))[:, groups]
        x, u = (common + rng.normal(size=common.shape)) / np.sqrt(2.0)
        y = (rng.random(len(x)) < expit(-1.5 + x + 1.5 * u)).astype(float)
        return y, -1.2 + 0.8 * x, np.ones(len(x)), groups

    truth = {k: v[0] for k, v in intervals(evaluation(*draw(60_000))).items()}
    assert_covered(coverage((evaluation(*draw(150)) for _ in range(SAMPLES)), truth))


@pytest.mark.parametrize("target", [None, 0.05])
def test_recalibrated_intercepts(target):
    """A balanced fit of a wrong model, made right on average, or for another prevalence."""
    rng = np.random.default_rng(43)

    def draw(n):
        x = rng.normal(size=n)
        y = (rng.random(n) < expit(-2.5 + x + 0.4 * x**2)).astype(float)
        model = WeightedLogit(y, np.column_stack([np.ones(n), x]), class_weight="balanced")
        return model.fit(disp=False).recalibrate(target)

    truth, hits = draw(2_000_000).params, 0
    for _ in range(SAMPLES):
        limits = draw(1500).conf_int()
        hits += (limits[:, 0] <= truth) & (truth <= limits[:, 1])
    assert_covered(dict(zip(("intercept", "slope"), hits / SAMPLES, strict=True)))
